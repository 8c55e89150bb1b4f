"""Running the command line inside the test's process, as `python -m healthscore` would."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

import pytest

from healthscore.cli import main

#: Sixty accounts would do; six make the tests fast.
EXPORT = """Account ID,Account,Size,Owner,ARR,Renewal date,Active users,Seats,Last login,NPS,Invoice status,Remark
C1,Osprey,Small,Ann,1200,2026-11-20,2,10,2026-06-24,4,Overdue,=1+1
C2,Nordvik,Large,Ben,"116,900",2027-05-03,503,651,2026-06-26,8,Paid,fine
C3,Novak,Small,Ann,6312,2026-10-26,13,16,2026-06-30,10,Paid,
C4,Lodz,Large,Ben,23300,2027-04-27,47,92,2026-06-14,8,Paid,
C5,Ridge,Small,Cai,1572,2027-02-09,3,5,2026-06-20,6,Paid,
C6,Silent,,Cai,800,,,,,,,
"""
MODEL = """
name = "Own"
minimum_coverage = 0.5
segment_by = ["size"]
dimensions = [{ name = "All" }]
bands = [{ name = "Red", from = 0, color = "red" }, { name = "Green", from = 60, color = "green" }]

[[metrics]]
name = "Use"
dimension = "All"
ratio = ["active users", "seats"]
ramp = [0, 1]
action = "Train them"

[[metrics]]
name = "Recency"
dimension = "All"
days_since = "last login"
ramp = [30, 0]
"""


@dataclass(frozen=True)
class Result:
    """What a command left behind: exit code and both streams."""

    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Work in an empty folder with a small export and a model of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "accounts.csv").write_text(EXPORT, encoding="utf-8")
    (tmp_path / "own.toml").write_text(MODEL, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(capsys, monkeypatch):
    """Run `healthscore` with arguments; anything but a clean exit would be a traceback for the user, and fails."""

    def running(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["healthscore", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        streams = capsys.readouterr()
        return Result(code, streams.out, streams.err)

    return running


@pytest.fixture
def refuse(run):
    """Run a command that must be refused: exit code 2 and one line on stderr, which is returned."""

    def refusing(*arguments: object) -> str:
        result = run(*arguments)
        assert (result.code, result.out) == (2, ""), result
        assert result.err.startswith("healthscore: ")
        assert result.err.count("\n") == 1, result.err
        assert "Traceback" not in result.err
        return result.err

    return refusing


def files(folder) -> set[str]:
    """Return the names of everything in a folder, hidden files included."""
    return set(os.listdir(folder))  # noqa: PTH208 (names are wanted)
