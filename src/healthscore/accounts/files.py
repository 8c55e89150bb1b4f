"""From a path to a raw table: which kind of file this is, by its content rather than by its name.

People rename `.csv` to `.xls` and export web pages as workbooks, so the first bytes decide; what cannot be read ends in
one clear line that says what it is instead.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from healthscore.accounts.layout import RawTable, table_from_frame, table_from_grid
from healthscore.accounts.sheets import read_parquet, read_workbook
from healthscore.accounts.textfiles import read_text
from healthscore.errors import AccountsError

SIZE_LIMIT = 500_000_000
EXPANSION_LIMIT = 1_000_000_000

_MEND = "save it as .xlsx or CSV and try again"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: First bytes -> what a person would call that file.
_FOREIGN = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"GIF8": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"SQLite format 3": "an SQLite database",
    b"{\\rtf": "a rich-text document",
    b"ARROW1": "an Arrow/Feather file",
}


def read_table(path: str | Path, sheet: str | None = None) -> RawTable:
    """Read a file into a raw table: headers, cells as they stand, row numbers and what was noticed.

    Args:
        path: CSV (any common encoding and dialect), `.xlsx`, `.xlsm`, `.xls`, `.xlsb`, `.ods` or `.parquet`.
        sheet: the workbook's sheet to read; the first one with data when None.

    Raises:
        AccountsError: the file cannot be used; the message is one line with the file, what was found, what to do.
    """
    file = Path(path)
    source = str(path)
    kind, data = _identify(file, source)
    if sheet is not None and kind != "workbook":
        raise AccountsError(f"{source}: sheet {sheet!r} was asked for, but this file has no sheets; leave --sheet out")
    if kind == "workbook":
        return table_from_grid(read_workbook(file, source, data, sheet), source)
    if kind == "parquet":
        return table_from_frame(read_parquet(file, source), source)
    grid, findings = read_text(file.read_bytes(), source)
    return table_from_grid(grid, source, findings)


def _identify(file: Path, source: str) -> tuple[str, bytes]:
    """Return workbook, parquet or text, with the file's first bytes."""
    try:
        if not file.exists():
            raise AccountsError(f"{source}: there is no such file; check the path")
        if not file.is_file():
            raise AccountsError(f"{source}: this is a folder, not a file; name the export inside it")
        size = file.stat().st_size
        with file.open("rb") as stream:
            start = stream.read(4096)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AccountsError(f"{source}: the file cannot be opened ({reason}); check the path and its rights") from error
    if size == 0:
        raise AccountsError(f"{source}: the file is empty; export the accounts again")
    if size > SIZE_LIMIT:
        raise AccountsError(
            f"{source}: the file has {size / 1e6:,.0f} MB; {SIZE_LIMIT / 1e6:,.0f} MB at most, "
            "export fewer columns or rows"
        )
    return _kind(file, source, start), start


def _kind(file: Path, source: str, start: bytes) -> str:
    if start.startswith(_OLE):
        _refuse_encrypted(file, source)
        return "workbook"
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _check_zip(file, source)
        return "workbook"
    for signature, name in _FOREIGN.items():
        if start.startswith(signature):
            raise AccountsError(f"{source}: this is {name}, not a table of accounts; {_MEND}")
    _refuse_markup(file, source, start)
    suffix = file.suffix.lower()
    if suffix in (".xlsx", ".xlsm", ".xlsb", ".ods", ".parquet") and _binary(start):
        raise AccountsError(f"{source}: this is no valid {suffix} file, it is damaged or cut short; export it again")
    return "text"


def _binary(start: bytes) -> bool:
    return sum(byte < 9 or 13 < byte < 32 for byte in start) > len(start) * 0.05


def _refuse_encrypted(file: Path, source: str) -> None:
    """A password turns an .xlsx into an old-style container with a stream of this name."""
    if "EncryptedPackage".encode("utf-16-le") in file.read_bytes():
        raise AccountsError(f"{source}: the workbook is protected by a password; save it without one and try again")


def _check_zip(file: Path, source: str) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise AccountsError(f"{source}: the workbook is damaged or cut short; export or download it again") from error
    names = {member.filename for member in members}
    if not any(name in names for name in ("xl/workbook.xml", "xl/workbook.bin", "content.xml")) and not any(
        name.lower().endswith("workbook.xml") for name in names
    ):
        raise AccountsError(f"{source}: this is a zip archive, not a workbook; unpack it and give the file inside")
    if any(member.flag_bits & 1 for member in members):
        raise AccountsError(f"{source}: the file is protected by a password; save it without one and try again")
    if sum(member.file_size for member in members) > EXPANSION_LIMIT:
        raise AccountsError(
            f"{source}: unpacked, the workbook is larger than {EXPANSION_LIMIT / 1e9:.0f} GB; "
            "export fewer columns or rows"
        )


def _refuse_markup(file: Path, source: str, start: bytes) -> None:
    """Web pages saved as .xls and JSON are text, but no tables of ours."""
    head = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if head.startswith((b"<html", b"<!doctype html", b"<?xml", b"<table", b"<meta")):
        raise AccountsError(
            f"{source}: this is a web page or XML, not a table of accounts; open it in Excel and {_MEND}"
        )
    if head[:1] in (b"{", b"[") and _is_json(file):
        raise AccountsError(f"{source}: this is JSON, not a table of accounts; export it as CSV or .xlsx and try again")


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        return False
    return True
