"""Whatever happens, the old file is intact, there is no half file, and the message is one clear line."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pytest

import healthscore
from healthscore.errors import HealthscoreError, OutputError, WorkbookError
from healthscore.refresh import safely
from healthscore.workbook.reading.workbook import read_workbook
from refresh.conftest import FIRST, Editor, again, export

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


def nobody_may_read(*places: str) -> bool:
    """Say whether a folder on the way to one of the places is closed to others, as a private folder of root is."""
    folders = {folder for place in places for folder in (Path(place), *Path(place).parents)}
    return any(not folder.stat().st_mode & 0o001 for folder in folders)


@pytest.mark.skipif(sys.platform == "win32", reason="needs folders that are read-only")
def test_a_folder_one_may_not_write_in(book: Path) -> None:
    """A read-only folder: exit code 2 and one line that says so, the workbook as it was."""
    if os.geteuid() == 0 and nobody_may_read(sys.prefix, healthscore.__path__[0]):
        pytest.skip("root may write everywhere, and nobody else may read where Python is installed here")
    # Root may write everywhere, so it becomes nobody once everything is imported.
    script = "import os, healthscore.cli, healthscore.refresh\nif os.geteuid() == 0:\n    os.seteuid(65534)\n" + SCRIPT
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy, accounts = folder / book.name, folder / "next.csv"
        copy.write_bytes(book.read_bytes())
        export(FIRST).to_csv(accounts, index=False)
        folder.chmod(0o555)
        command = [sys.executable, "-c", script, str(copy), str(accounts)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        folder.chmod(0o755)
        assert (done.returncode, "cannot write into its folder" in " ".join(done.stderr.split())) == (2, True), (
            done.stderr
        )
        assert copy.read_bytes() == book.read_bytes()


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


def test_several_refreshes_at_once(book: Path, accounts: Path) -> None:
    """Three programs at the same moment: at least one does it, the others say why not; every file is whole."""
    old = book.read_bytes()
    children = [start(book, accounts) for _ in range(3)]
    ends = [(child.communicate()[1], child.returncode) for child in children]
    assert 0 in [code for _, code in ends]
    for told, code in ends:
        assert code in (0, 2)
        assert code == 0 or "try again" in told or "start again" in told
    assert len(read_workbook(book).accounts.frame) == 4
    copies = list(book.parent.glob("*backup*"))
    assert old in [copy.read_bytes() for copy in copies]
    assert len(copies) == [code for _, code in ends].count(0)


def test_saved_by_somebody_while_the_refresh_ran(book: Path) -> None:
    """What a person saved in the meantime is not replaced: one line, and the file is as they saved it."""

    def save_again(_done: object) -> None:
        Editor(book).save()

    with pytest.raises(WorkbookError, match="was saved by somebody meanwhile; nothing was changed"):
        again(book, FIRST, announce=save_again)
    assert list(book.parent.glob("*backup*")) == []


def test_the_workbook_itself_is_only_replaced_in_place(book: Path) -> None:
    """--out with the workbook's own name, an ending that is no .xlsx, or both ways at once are refused in one line."""
    for options, words in (
        ({"out": book, "force": True, "in_place": False}, "give --in-place to replace it, which keeps a dated copy"),
        ({"out": book.with_suffix(".csv"), "in_place": False}, "the new workbook is an .xlsx"),
        ({"out": book.with_name("b.xlsx"), "in_place": True}, "not both"),
    ):
        with pytest.raises(OutputError, match=words):
            again(book, FIRST, **options)
    macros = book.with_suffix(".xlsm")
    macros.write_bytes(book.read_bytes())
    with pytest.raises(OutputError, match="has macros, which cannot be carried over"):
        again(macros, FIRST)
    assert again(macros, FIRST, in_place=False).path.name == "health 2026-07-06.xlsx"


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


#: What damaged or hostile files put where a number, an address or a name belongs.
NASTY = ["", "-1", "1e999", "nan", "ZZZZZZZZ9", "A1:", "#REF!", "9" * 30, "../../x", "true", "1048577", "x" * 500]


@pytest.mark.parametrize("seed", range(40))
def test_xml_that_makes_no_sense(book: Path, seed: int) -> None:
    """The zip is sound, its XML says nonsense somewhere: one line or the accounts; never a traceback, never a hang."""
    dice, begun = random.Random(seed), time.monotonic()
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(dice.randint(1, 3)):
        name = dice.choice([part for part in parts if part.endswith((".xml", ".rels"))])
        spots = list(re.finditer(dice.choice([rb'="([^"]*)"', rb">([^<]+)<"]), parts[name]))
        if spots:
            spot = dice.choice(spots)
            parts[name] = parts[name][: spot.start(1)] + dice.choice(NASTY).encode() + parts[name][spot.end(1) :]
    with zipfile.ZipFile(book, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    old = book.read_bytes()
    with contextlib.suppress(HealthscoreError):
        again(book, FIRST, in_place=False)
    assert book.read_bytes() == old
    assert time.monotonic() - begun < 30


#: A process's peak memory; the one that `getrusage` gives begins with that of the process it came from.
READ = """
import re, sys
from pathlib import Path
from healthscore.check import check
count = len(check(sys.argv[1]).contents.accounts.frame)
print(count, re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the system's word on peak memory: /proc")
def test_a_sheet_of_300_megabytes(book: Path) -> None:
    """Somebody's own sheet of 300 MB: the workbook is checked, in less memory than the sheet has."""
    edit = Editor(book)
    edit.book.create_sheet("Dump")["A1"] = 1
    edit.save()
    dice, big = random.Random(1), book.with_name("big.xlsx")
    rows = "".join(
        f'<row r="{row}">' + "".join(f'<c r="{col}{row}"><v>{dice.random()}</v></c>' for col in "ABCDEFGHIJ") + "</row>"
        for row in range(1, 20_001)
    ).encode()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        last = max((name for name in old.namelist() if "worksheets/sheet" in name and "rels" not in name),
                   key=lambda name: int(re.sub(r"\D", "", name)))  # fmt: skip
        for name in old.namelist():
            data = old.read(name)
            with new.open(name, "w") as stream:
                if name != last:
                    stream.write(data)
                    continue
                head, _, tail = data.partition(b"<sheetData>")
                stream.write(head + b"<sheetData>")
                for _ in range(300_000_000 // len(rows) + 1):
                    stream.write(rows)
                stream.write(b"</sheetData>" + tail.partition(b"</sheetData>")[2])
        assert new.getinfo(last).file_size > 300_000_000
    command = [sys.executable, "-c", READ, str(big)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    count, kilobytes = done.stdout.split()
    assert (count, int(kilobytes) < 300_000) == ("4", True), done.stdout
