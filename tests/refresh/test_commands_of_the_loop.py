"""The commands of the weekly loop, as people type them: `refresh`, `check`, `score` and `models from-workbook`."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from healthscore import load_model
from parity.books import ROOT
from refresh.conftest import FIRST, Editor, export, small_model


def run(*words: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "healthscore", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    """The next export as a file."""
    path = tmp_path / "next.csv"
    export({**FIRST, "C1": ("Acme", "Small", 1000, 20, 2)}).to_csv(path, index=False)
    return path


def test_refresh_says_what_it_does_and_never_overwrites(book: Path, accounts: Path) -> None:
    """A new file with the day in its name; a second time it is refused unless --force is given."""
    words = ("refresh", book, "--accounts", accounts, "--as-of", "2026-07-06")
    assert "It would write" in " ".join(run(*words, "--dry-run").stdout.split())
    first = run(*words)
    assert (first.returncode, (book.parent / "health 2026-07-06.xlsx").is_file()) == (0, True), first.stderr
    assert "1 scores moved" in first.stdout
    again = run(*words)
    assert (again.returncode, "exists already" in again.stderr) == (2, True)
    assert run(*words, "--force").returncode == 0
    assert "backup 2026-06-29" in " ".join(run(*words, "--in-place").stdout.split())


def test_refresh_refuses_in_one_line(book: Path, accounts: Path) -> None:
    """An earlier day, a missing export, a workbook that is none: exit code 2 and one line each."""
    for words in (
        ("refresh", book, "--accounts", accounts, "--as-of", "2026-01-01"),
        ("refresh", book, "--accounts", "none.csv"),
        ("refresh", accounts, "--accounts", accounts),
    ):
        done = run(*words)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1), done.stderr


def test_check_tells_by_exit_code_and_as_json(book: Path) -> None:
    """0 for a sound workbook, 1 with a pasted score, 2 for no workbook; --json has sheet and cell."""
    assert run("check", book).returncode == 0
    edit = Editor(book)
    edit.type("Small", "Acme", "Score", 99)
    at = edit.cell("Small", "Acme", "Score").coordinate
    edit.save()
    done = run("check", book, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["trusted"], told["errors"]) == (1, False, 1)
    assert (told["findings"][0]["sheet"], told["findings"][0]["cell"]) == ("Small", at)
    assert run("check", book.parent / "none.xlsx").returncode == 2


def test_score_reads_a_filled_workbook(book: Path) -> None:
    """The workbook's own model and day count; what people typed is in the scores."""
    edit = Editor(book)
    edit.type("Small", "Acme", "feeling", 1)
    edit.save()
    lines = run("score", book).stdout.splitlines()
    assert len(lines) == 5
    acme = dict(
        zip(lines[0].split(","), next(line for line in lines if line.startswith("C1")).split(","), strict=False)
    )
    assert acme["Feeling (points)"] == "0.0"
    assert run("score", book, "--model", "usage_rank").returncode == 2


def test_the_model_of_a_workbook_as_a_file(book: Path, tmp_path: Path) -> None:
    """`models from-workbook` writes a TOML file that loads to the model that the workbook was made with."""
    target = tmp_path / "model.toml"
    assert run("models", "from-workbook", book, target).returncode == 0
    assert load_model(target) == small_model()
    assert run("models", "from-workbook", book, target).returncode == 2


def test_check_lists_findings_by_weight_with_their_places(book: Path) -> None:
    """A pasted score, a text among numbers, a filter: errors first, then warnings, then notes, each with its sheet."""
    edit = Editor(book)
    edit.type("Small", "Acme", "Score", 99)
    edit.type("Small", "Bolt", "use", "80 %?")
    edit.save()
    loaded = Editor(book)
    next(iter(loaded.sheet("Large").tables.values())).autoFilter.add_filter_column(0, ["Core"])
    loaded.save()
    told = json.loads(run("check", book, "--json").stdout)["findings"]
    weights = [{"error": 0, "warning": 1, "note": 2}[one["severity"]] for one in told]
    assert weights == sorted(weights)
    assert set(weights) == {0, 1, 2}
    assert all(one["sheet"] and one["found"] and one["done"] for one in told)
    places = {(one["severity"], one["sheet"], one["found"].split(";")[0]) for one in told}
    assert ("error", "Small", "Score: a formula was pasted over") in places
    assert ("warning", "Small", "'80 %?', not usable here") in places
    assert ("note", "Large", "a filter is on") in places


def test_the_weekly_loop_of_the_readme(tmp_path: Path) -> None:
    """The commands of its five lines, run on the sample: the file it names appears, and check says it can be trusted."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    loop = text.partition("## The weekly loop")[2].partition("\n## ")[0]
    lines = re.findall(r"^(\d)\. ", loop, re.MULTILINE)
    assert lines == ["1", "2", "3", "4", "5"]
    command = re.findall(r"`healthscore (refresh [^`]*)`", loop)[0]
    named = re.findall(r"writes `([^`]*)`", loop)[0]
    export_file = tmp_path / "export.csv"
    export_file.write_bytes((ROOT / "sample_workbooks" / "journey" / "accounts.csv").read_bytes())
    first = ("build", export_file, "--as-of", "2026-06-29", "--out", tmp_path / "health scores.xlsx")
    for words in (first, (*shlex.split(command), "--as-of", "2026-07-06"), ("check", named)):
        done = run(*words, folder=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / named).is_file()
    assert "The scores can be trusted" in " ".join(done.stdout.split())
