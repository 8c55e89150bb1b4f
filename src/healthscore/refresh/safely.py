"""Writing so that nothing can be lost: one refresh at a time, the new file whole or not at all, the old one kept.

The new workbook is written beside its place under a name of its own, flushed to the disk, and renamed in one step. At
whatever moment the machine stops, the old file is what it was.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from healthscore.errors import OutputError, WorkbookError

PART_SUFFIX = ".xlsx.part"


def open_in_excel(path: Path) -> bool:
    """Say whether Excel or LibreOffice has a file open, by the lock file that they put beside it."""
    return any((path.parent / name).exists() for name in (f"~${path.name}", f".~lock.{path.name}#"))


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the right to refresh a workbook; the system takes it back when the program dies.

    Raises:
        WorkbookError: somebody else is refreshing it.
        OutputError: no lock can be kept in the folder.
    """
    lock = path.parent / f".{path.name}.refreshing"
    try:
        stream = lock.open("a+b")
    except OSError as error:
        raise OutputError(f"{path}: cannot write into its folder ({error.strerror}); nothing was changed") from error
    with stream:
        if not _take(stream):
            raise WorkbookError(f"{path}: is being refreshed by another program right now; try again when it is done")
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                lock.unlink()


def _take(stream: IO[bytes]) -> bool:
    try:
        import fcntl  # noqa: PLC0415 (not on Windows)
    except ImportError:
        import msvcrt  # noqa: PLC0415

        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    # A lock on a file that its last owner has just removed guards nothing.
    try:
        return os.fstat(stream.fileno()).st_ino == Path(stream.name).stat().st_ino
    except OSError:
        return False


@contextmanager
def part_beside(path: Path) -> Iterator[Path]:
    """Give the name of a file to write beside `path`; it is gone afterwards, whatever happened."""
    with written(path):
        sweep(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", suffix=PART_SUFFIX, dir=path.parent)
        os.close(handle)
    part = Path(name)
    try:
        with written(path):
            yield part
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Turn what the system says while a file is written into one line that says nothing was changed."""
    try:
        yield
    except PermissionError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror}); close it in Excel, or choose another place with --out; "
            "nothing was changed"
        ) from error
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error}); nothing was changed") from error


def sweep(path: Path) -> None:
    """Remove what an earlier run that was killed left beside `path`."""
    stem = glob_safe(path.stem[:40])
    # The second are the parts of parts: the writer, too, writes beside and renames.
    for rest in (*path.parent.glob(f".{stem}-*{PART_SUFFIX}"), *path.parent.glob(f"..{stem}-*.part")):
        with contextlib.suppress(OSError):
            if dt.datetime.now().timestamp() - rest.stat().st_mtime > 60:
                rest.unlink()


def glob_safe(text: str) -> str:
    """Return a text whose brackets and stars mean themselves in a pattern."""
    return "".join(f"[{letter}]" if letter in "[]*?" else letter for letter in text)


def stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what tells one version of a file from another; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def put_in_place(part: Path, path: Path) -> None:
    """Flush a finished file to the disk and give it its name in one step."""
    part.chmod(0o644)
    with part.open("rb+") as stream:
        os.fsync(stream.fileno())
    part.replace(path)
    with contextlib.suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def backup(path: Path, day: dt.date) -> Path:
    """Copy a workbook beside itself under a dated name that is still free, whole or not at all; return the copy."""
    target, number = path.with_name(f"{path.stem} backup {day.isoformat()}{path.suffix}"), 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.stem} backup {day.isoformat()} ({number}){path.suffix}")
    with part_beside(target) as part:
        shutil.copyfile(path, part)
        put_in_place(part, target)
    return target
