"""Whatever happens, the old file is intact, there is no half file, and the message is one clear line."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from healthscore.errors import HealthscoreError, OutputError, WorkbookError
from healthscore.refresh import safely
from healthscore.workbook.reading.workbook import read_workbook
from refresh.conftest import FIRST, again, export

SCRIPT = """
import sys
from healthscore.cli import main
sys.argv = ["healthscore", "refresh", sys.argv[1], "--accounts", sys.argv[2], "--as-of", "2026-07-06", "--in-place"]
main()
"""


def start(book: Path, accounts: Path) -> subprocess.Popen[str]:
    """Start a refresh in a process of its own."""
    command = [sys.executable, "-c", SCRIPT, str(book), str(accounts)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    """The next export as a file."""
    path = tmp_path / "next.csv"
    export(FIRST).to_csv(path, index=False)
    return path


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_at_any_moment(book: Path, accounts: Path) -> None:
    """Killed at random points, the workbook is either the old one or the whole new one, and so is every .xlsx here."""
    old = book.read_bytes()
    begun = time.monotonic()
    start(book, accounts).communicate()
    whole = time.monotonic() - begun
    for copy in book.parent.glob("*backup*"):
        copy.unlink()
    dice = random.Random(7)
    for _ in range(12):
        book.write_bytes(old)
        child = start(book, accounts)
        time.sleep(whole * dice.uniform(0.4, 1.0))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        assert len(read_workbook(book).accounts.frame) == 4
        for copy in book.parent.glob("*.xlsx"):
            assert zipfile.ZipFile(copy).testzip() is None
        for copy in book.parent.glob("*backup*"):
            assert copy.read_bytes() == old
            copy.unlink()


def test_leftovers_of_a_killed_run_are_swept(book: Path) -> None:
    """What a killed run left beside the workbook goes with the next refresh; what is being written now stays."""
    stale, fresh = (book.parent / f".{book.stem}-{name}{safely.PART_SUFFIX}" for name in ("old", "new"))
    for part in (stale, fresh):
        part.write_bytes(b"half")
    os.utime(stale, (0, 0))
    again(book, FIRST)
    assert (stale.exists(), fresh.exists()) == (False, True)


def test_a_full_disk(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No space left while the file is finished: one line, the old file as it was, nothing left behind."""
    old, files = book.read_bytes(), sorted(book.parent.iterdir())

    def full(_part: Path, _path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("healthscore.refresh.run.put_in_place", full)
    with pytest.raises(OutputError, match=r"No space left on device.*nothing was changed"):
        again(book, FIRST, in_place=False)
    assert book.read_bytes() == old
    assert sorted(book.parent.iterdir()) == files


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_disk_that_fills_up_while_writing(book: Path, accounts: Path) -> None:
    """The system refuses to let the new file grow: exit code 2, one line, the old file as it was."""
    old = book.read_bytes()
    limits = (
        "import resource, signal",
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))",
    )
    limited = "\n".join((*limits, SCRIPT))
    done = subprocess.run(
        [sys.executable, "-c", limited, str(book), str(accounts)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "nothing was changed" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert book.read_bytes() == old
    assert [path.name for path in book.parent.iterdir() if path.suffix == ".part"] == []


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_one_may_not_write_in(book: Path) -> None:
    """A read-only folder: one line that says so."""
    book.parent.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="cannot write into"):
            again(book, FIRST)
    finally:
        book.parent.chmod(0o700)


def test_open_in_excel(book: Path) -> None:
    """Excel's lock file beside the workbook: not in place; into a new file it goes."""
    (book.parent / f"~${book.name}").write_bytes(b"")
    with pytest.raises(WorkbookError, match="open in Excel or LibreOffice; close it"):
        again(book, FIRST)
    assert again(book, FIRST, in_place=False).written


def test_windows_sharing_violation(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace a file that a program holds open: one line, the old file as it was."""
    old, replace = book.read_bytes(), Path.replace

    def held(self: Path, target: Path) -> Path:
        if Path(target) != book:
            return replace(self, target)
        raise PermissionError(13, "The process cannot access the file because it is being used by another process")

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(OutputError, match="close it in Excel"):
        again(book, FIRST)
    monkeypatch.undo()
    assert book.read_bytes() == old


def test_two_refreshes_at_once(book: Path) -> None:
    """While one runs, the other is refused in one line; afterwards it may."""
    with safely.only_one(book), pytest.raises(WorkbookError, match="being refreshed by another program"):
        again(book, FIRST)
    assert again(book, FIRST).written


@pytest.mark.parametrize("seed", range(25))
def test_truncated_and_corrupt_workbooks(book: Path, seed: int) -> None:
    """Cut short or with bytes overturned, a workbook gives one line or its accounts; never a traceback."""
    dice, data = random.Random(seed), bytearray(book.read_bytes())
    if seed % 2:
        data = data[: dice.randrange(len(data))]
    else:
        for _ in range(20):
            data[dice.randrange(len(data))] = dice.randrange(256)
    book.write_bytes(data)
    try:
        again(book, FIRST, in_place=False)
    except HealthscoreError as error:
        assert "Traceback" not in str(error)
    assert book.read_bytes() == bytes(data)
