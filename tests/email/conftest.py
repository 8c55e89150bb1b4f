"""What the e-mail tests share: the sample accounts scored, with and without earlier snapshots, and a browser."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from email_browser import Browser, browser, executable

import healthscore
from healthscore.scorecards import ScoredBook, Snapshot

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_workbooks" / "journey" / "accounts.csv"
AS_OF = dt.date(2026, 6, 30)
AXE_VERSION = "4.10.3"


@pytest.fixture(scope="session")
def book() -> ScoredBook:
    """The sample accounts, scored; no earlier snapshot."""
    model = healthscore.load_model("journey")
    accounts = healthscore.read_accounts(SAMPLE, model)
    return ScoredBook(accounts, healthscore.score(accounts, model, AS_OF), currency="€")


@pytest.fixture(scope="session")
def moved(book: ScoredBook) -> ScoredBook:
    """The same with two earlier snapshots: every third account was 8 points better a week ago, every fifth 5 worse."""
    scores = book.scores.table["score"].astype(float)
    last, before, causes = {}, {}, {}
    for row, (one, now) in enumerate(zip(book.keys, scores, strict=True)):
        if now != now:  # noqa: PLR0124 (NaN)
            continue
        step = -8.0 if row % 3 == 0 else 5.0 if row % 5 == 0 else 0.0
        last[one], before[one] = now - step, now - step - 1
        if step:
            causes[one] = {"Usage trend": step * 0.75, "Login recency": step * 0.25}
    days = (AS_OF - dt.timedelta(days=14), AS_OF - dt.timedelta(days=7))
    return replace(book, earlier=(Snapshot(days[0], before), Snapshot(days[1], last)), causes=causes)


@pytest.fixture(scope="session")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook as `healthscore build` makes it."""
    path = tmp_path_factory.mktemp("book") / "health.xlsx"
    model = healthscore.load_model("journey")
    return healthscore.build(healthscore.read_accounts(SAMPLE, model), model, path, AS_OF, currency="EUR")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium with an empty profile."""
    if executable() is None:
        pytest.skip("no Chromium here")
    with browser(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core's script, from npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm here to get axe-core with")
    folder = tmp_path_factory.mktemp("axe")
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", f"axe-core@{AXE_VERSION}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=180, check=False)
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if done.returncode or not script.is_file():
        pytest.skip("axe-core cannot be had from npm here")
    return script.read_text(encoding="utf-8")
