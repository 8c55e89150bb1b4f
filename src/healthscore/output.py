"""Output files that appear whole or not at all: written beside their place, then renamed into it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from healthscore.errors import OutputError


def check_output(path: Path, force: bool) -> None:
    """Raise OutputError when `path` cannot become a new file: it exists (and `force` is off) or its folder does not."""
    if not path.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}; create it or choose another with --out")
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; give the name of a file")
    if path.exists() and not force:
        raise OutputError(f"{path}: exists already; give --force to replace it or --out another name")


@contextmanager
def whole_file(path: Path, *, force: bool = False) -> Iterator[Path]:
    """Give a file to write beside `path`; it takes that place when the block ends well, and vanishes when it does not.

    Raises:
        OutputError: the file exists and `force` is off, the folder is missing or not writable, or the disk is full.
    """
    check_output(path, force)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", suffix=f"{path.suffix}.part", dir=path.parent)
    except OSError as error:
        raise OutputError(
            f"{path}: cannot write into this folder ({error.strerror}); choose another with --out"
        ) from error
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error}); nothing was changed") from error
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str, *, force: bool = False, encoding: str = "utf-8") -> Path:
    """Write a text file, whole or not at all; OutputError as `whole_file`."""
    with whole_file(path, force=force) as part:
        part.write_text(text, encoding=encoding, newline="")
    return path
