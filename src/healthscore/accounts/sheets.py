"""Workbooks and Parquet files as grids of cells.

Compiled readers (python-calamine, pyarrow) are used where they are installed; `.xlsx` also reads without them.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import re
import warnings
import zipfile
from pathlib import Path
from typing import IO, Any

import pandas as pd

from healthscore.accounts.oldbooks import read_old_workbook
from healthscore.errors import AccountsError

_INSTALL = 'pip install "healthscore[fast]"'
_OLE = b"\xd0\xcf\x11\xe0"
#: A stray cell in the last corner of a sheet would make a grid that no memory holds.
CELL_LIMIT = 200_000_000

#: Cells with content beyond column CZ; a cell without content closes itself and takes no room.
_FAR_CELL = re.compile(rb'<c r="([A-Z]{3}|[D-Z][A-Z])[0-9]+"(?:[^<>]*[^/<>])?>')
_ROW = re.compile(rb'<row [^<>]*?\br="([0-9]{1,7})"')

Grid = list[list[Any]]


def read_workbook(file: Path, source: str, start: bytes, sheet: str | None) -> Grid:
    """Return the cells of a workbook's sheet from A1 on: the named one, or the first that holds data.

    Raises:
        AccountsError: the workbook is protected or damaged, the sheet does not exist or no sheet holds data.
    """
    compiled = importlib.util.find_spec("python_calamine") is not None
    if not compiled and start.startswith(_OLE):
        raise AccountsError(f"{source}: old .xls files need python-calamine; {_INSTALL}, or save it as .xlsx")
    try:
        _refuse_vast_sheets(file, source)
        if start.startswith(_OLE):
            return _old(file, source, sheet)
        if compiled:
            return _with_calamine(file, source, sheet)
        return _with_openpyxl(file, source, sheet)
    except AccountsError:
        raise
    # A damaged workbook makes the libraries raise nearly anything, pyo3's panics (BaseException) included.
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise AccountsError(_reason(source, error)) from error


def _reason(source: str, error: BaseException) -> str:
    text = " ".join(str(error).split())[:120] or type(error).__name__
    if "password" in text.lower() or "encrypt" in text.lower():
        return f"{source}: the workbook is protected by a password; save it without one and try again"
    return (
        f"{source}: the workbook is damaged or of a kind we cannot read ({text}); open it, "
        "save it as .xlsx and try again"
    )


def _choose(source: str, names: list[str], sheet: str | None) -> list[str]:
    if sheet is None:
        return names
    for name in names:
        if name.strip().lower() == sheet.strip().lower():
            return [name]
    raise AccountsError(f"{source}: there is no sheet {sheet!r}; the sheets are {', '.join(names)}")


def _old(file: Path, source: str, sheet: str | None) -> Grid:
    grids = read_old_workbook(file, source)
    for name in _choose(source, list(grids), sheet):
        if _has_data(grids[name]):
            return grids[name]
    raise _nothing(source, sheet)


def _with_calamine(file: Path, source: str, sheet: str | None) -> Grid:
    calamine = importlib.import_module("python_calamine")
    with calamine.CalamineWorkbook.from_path(str(file)) as book:
        kinds = calamine.SheetTypeEnum
        names = [item.name for item in book.sheets_metadata if item.typ == kinds.WorkSheet]
        for name in _choose(source, names, sheet):
            content = book.get_sheet_by_name(name)
            grid: Grid = content.to_python(skip_empty_area=False)
            if _has_data(grid):
                return grid
    raise _nothing(source, sheet)


def _refuse_vast_sheets(file: Path, source: str) -> None:
    """Refuse a table with a stray cell in the far corner: readers ask for memory for every cell between, and die."""
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
                with archive.open(member) as stream:
                    rows, columns = _extent(stream)
                if rows * columns > CELL_LIMIT:
                    raise AccountsError(
                        f"{source}: a sheet spans {rows:,} rows and {columns:,} columns; "
                        "delete what stands far outside the table and try again"
                    )


def _extent(stream: IO[bytes]) -> tuple[int, int]:
    """Return roughly how far a sheet's cells reach; up to 103 columns are not told apart, to stay fast."""
    rows, columns, kept = 0, 103, b""
    while chunk := stream.read(1 << 22):
        text = kept + chunk
        if last := text.rfind(b"<row "):
            number = _ROW.search(text, last)
            rows = max(rows, int(number[1])) if number else rows
        for name in set(_FAR_CELL.findall(text)):
            columns = max(columns, functools.reduce(lambda total, letter: total * 26 + letter - 64, name, 0))
        kept = text[-200:]
    return rows, columns


def _with_openpyxl(file: Path, source: str, sheet: str | None) -> Grid:
    openpyxl = importlib.import_module("openpyxl")  # here, because CSV files need not wait for it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that do not touch the values
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            names = [content.title for content in book.worksheets]
            for name in _choose(source, names, sheet):
                content = book[name]
                content.reset_dimensions()  # some writers declare a size of one cell
                grid = [list(row) for row in content.iter_rows(values_only=True)]
                if _has_data(grid):
                    width = max(map(len, grid))  # a row ends with its last cell; that makes it no ragged one
                    return [[*row, *[None] * (width - len(row))] for row in grid]
        finally:
            book.close()
    raise _nothing(source, sheet)


def _has_data(grid: Grid) -> bool:
    return any(cell is not None and cell != "" for row in grid for cell in row)


def _nothing(source: str, sheet: str | None) -> AccountsError:
    where = f"sheet {sheet!r} is empty" if sheet else "no sheet of the workbook holds data"
    return AccountsError(f"{source}: {where}; export the accounts again")


def read_parquet(file: Path, source: str) -> pd.DataFrame:
    """Return a Parquet file as a frame; AccountsError when it is damaged or pyarrow is not installed."""
    if importlib.util.find_spec("pyarrow") is None:
        raise AccountsError(f"{source}: Parquet files need pyarrow; {_INSTALL}, or save the accounts as CSV")
    try:
        return pd.read_parquet(file, engine="pyarrow")
    except Exception as error:
        raise AccountsError(f"{source}: the Parquet file is damaged or cut short; export it again") from error
