"""Files that break readers, given as ACCOUNTS: a workbook or one clear line, never a traceback, never half a file."""

from __future__ import annotations

import pytest

from cli.conftest import files
from parity.books import SHARED_DATA

MESSY = SHARED_DATA / "messy"
FILES = sorted(path for path in MESSY.rglob("*") if path.is_file()) if MESSY.is_dir() else []
WITHOUT = pytest.param(None, marks=pytest.mark.skip(reason="../shared/data/messy is not here"))


@pytest.mark.parametrize(
    "path", FILES or [WITHOUT], ids=lambda path: path.relative_to(MESSY).as_posix() if path else "none"
)
def test_messy_file(path, folder, run):
    """The build ends with a whole workbook, or with exit code 2, one line that names the file, and nothing made."""
    before = files(folder)
    arguments = ("build", path, "--model", "own.toml", "--as-of", "2026-06-30", "--out", "x.xlsx")
    result = run(*arguments)
    if result.code == 2 and "--duplicates" in result.err:
        assert files(folder) == before
        result = run(*arguments, "--duplicates", "first")
    if result.code == 0:
        assert files(folder) - before == {"x.xlsx"}
        assert (folder / "x.xlsx").read_bytes()[:2] == b"PK"
        assert result.err == ""
    else:
        assert (result.code, result.out) == (2, "")
        assert result.err.count("\n") == 1, result.err
        assert path.name in result.err
        assert len(result.err) < 600
        assert files(folder) == before
