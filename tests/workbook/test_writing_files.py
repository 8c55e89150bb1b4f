"""How the file comes about: the same bytes every time, whole or not at all, never over an existing file by accident."""

from __future__ import annotations

import errno
import os
import stat

import pytest
import xlsxwriter

from healthscore import build
from healthscore.errors import OutputError
from healthscore.output import check_output
from healthscore.workbook import write_book
from parity.books import AS_OF

OLD = b"an older file"


def fail_with(error: BaseException):
    def close(self):
        raise error

    return close


def test_same_input_same_bytes(demo_plan, demo_path, tmp_path):
    """Two builds of the same input are byte for byte the same, so a comparison shows every change."""
    assert write_book(demo_plan, tmp_path / "again.xlsx").read_bytes() == demo_path.read_bytes()


def test_build_from_python(demo_accounts, journey, tmp_path):
    """The public `build` writes the workbook and returns its path."""
    path = build(demo_accounts, journey, str(tmp_path / "scores.xlsx"), AS_OF)
    assert path == tmp_path / "scores.xlsx"
    assert path.stat().st_size > 10_000


def test_existing_file_stays_without_force(demo_plan, tmp_path):
    """A file of that name is not touched unless force says so; the refusal names the way out."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(OLD)
    with pytest.raises(OutputError, match="exists already; give --force to replace it or --out another name"):
        write_book(demo_plan, path)
    assert path.read_bytes() == OLD
    assert write_book(demo_plan, path, force=True).read_bytes() != OLD


FAILURES = [
    (OSError(errno.ENOSPC, "No space left on device"), OutputError),
    (xlsxwriter.exceptions.FileCreateError("No space left on device"), OutputError),
    (RuntimeError("a bug"), RuntimeError),
    (KeyboardInterrupt(), KeyboardInterrupt),
]


@pytest.mark.parametrize(("error", "raised"), FAILURES, ids=lambda item: getattr(item, "__name__", None))
@pytest.mark.parametrize("existing", [True, False])
def test_failure_leaves_what_was_there(demo_plan, tmp_path, monkeypatch, error, raised, existing):
    """When writing fails half-way, an existing file is as it was, and no part of a new one is left in the folder."""
    path = tmp_path / "book.xlsx"
    if existing:
        path.write_bytes(OLD)
    monkeypatch.setattr(xlsxwriter.Workbook, "close", fail_with(error))
    with pytest.raises(raised) as caught:
        write_book(demo_plan, path, force=True)
    assert raised is not OutputError or "No space left on device" in str(caught.value)
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == ({"book.xlsx": OLD} if existing else {})


def test_failure_on_renaming(demo_plan, tmp_path, monkeypatch):
    """A file that Excel holds open (Windows) cannot be replaced: it stays, and the reason is named."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(OLD)

    def replace(self, target):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pathlib.Path.replace", replace)
    with pytest.raises(OutputError, match=r"book\.xlsx: cannot be written \(Permission denied\); nothing was changed"):
        write_book(demo_plan, path, force=True)
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == {"book.xlsx": OLD}


def test_nothing_beside_the_file(demo_path):
    """After writing, the folder holds the workbook and nothing else."""
    assert [item.name for item in demo_path.parent.iterdir()] == [demo_path.name]


def test_others_may_read_the_file(demo_path):
    """The file has the rights of an ordinary file, not those of a temporary one."""
    if os.name != "posix":
        pytest.skip("rights of files are those of POSIX")
    assert stat.S_IMODE(demo_path.stat().st_mode) == 0o644


def test_missing_folder(demo_plan, tmp_path):
    """A folder that is not there is named, and not made."""
    with pytest.raises(OutputError, match=r"there is no folder .*none; create it or choose another with --out"):
        write_book(demo_plan, tmp_path / "none" / "book.xlsx")
    assert not (tmp_path / "none").exists()


def test_folder_for_a_file(tmp_path):
    """A folder given as the file is refused, with force too."""
    with pytest.raises(OutputError, match="is a folder; give the name of a file"):
        check_output(tmp_path, force=True)


def test_read_only_folder(demo_plan, tmp_path):
    """A folder that cannot be written into is refused in one line that says what to do."""
    if os.name != "posix" or os.geteuid() == 0:
        pytest.skip("rights of folders do not bind this user")
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    try:
        with pytest.raises(OutputError, match=r"cannot write into this folder .*choose another with --out"):
            write_book(demo_plan, folder / "book.xlsx")
        assert not list(folder.iterdir())
    finally:
        folder.chmod(0o755)


def test_folder_that_refuses(demo_plan, tmp_path, monkeypatch):
    """The same where no rights bind: the system's refusal becomes the same line."""

    def mkstemp(*args, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", mkstemp)
    with pytest.raises(OutputError, match=r"cannot write into this folder \(Permission denied\); choose another"):
        write_book(demo_plan, tmp_path / "book.xlsx")


def test_long_and_odd_file_names(demo_plan, tmp_path):
    """Spaces, quotes, accents and 200 characters in the file's name are no trouble."""
    for name in ('it\'s "ours" – größer.xlsx', "n" * 200 + ".xlsx", "=1+1.xlsx", "-rf.xlsx"):
        assert write_book(demo_plan, tmp_path / name).is_file()
