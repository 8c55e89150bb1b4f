"""The commands of the weekly loop, as people type them: `refresh`, `check`, `score` and `models from-workbook`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from healthscore import load_model
from refresh.conftest import FIRST, Editor, export, small_model


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "healthscore", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


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
