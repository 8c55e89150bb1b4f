"""Workbooks as other programs save them: what their exports do to a file, done here to one of ours.

Written from the habits of each program: Google Sheets keeps no Excel tables and writes plain addresses into formulas;
Numbers keeps neither tables nor defined names nor hidden sheets, puts the name of each table above it, renames sheets,
leaves only the values of formulas that it does not know, and begins with a summary.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.utils import get_column_letter

_CELL = re.compile(rb'<c r="([A-Z]+\d+)"([^>]*?)>(<f\b.*?</f>)<v\s*/?>(?:</v>)?</c>', re.DOTALL)


def loaded(path: Path) -> tuple[Any, Any]:
    """Return a workbook twice: with its formulas, and with the values that they have."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)


def as_google(path: Path, target: Path, *, values: bool = True) -> Path:
    """Save a workbook as Google Sheets exports it: no tables, plain addresses, a thousand empty styled rows."""
    book, shown = loaded(path)
    tables = {table.name: (sheet, table) for sheet in book.worksheets for table in sheet.tables.values()}
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.data_type == "f":
                    cell.value = _plain(cell.value, cell.row, tables)
        for number in range(sheet.max_row + 1, 1001):
            sheet.cell(number, 1).number_format = "@"
    for sheet in book.worksheets:
        for name in list(sheet.tables):
            del sheet.tables[name]
    book.save(target)
    if values:
        _put_values(target, shown)
    return target


def as_numbers(path: Path, target: Path) -> Path:
    """Save a workbook as Numbers exports it: a summary first, titles above tables, values where it knows no formula."""
    book, shown = loaded(path)
    for name in list(book.defined_names):
        del book.defined_names[name]
    for sheet in book.worksheets:
        for name in list(sheet.tables):
            del sheet.tables[name]
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.value = shown[sheet.title][cell.coordinate].value
        sheet.merged_cells.ranges.clear()
        sheet.data_validations.dataValidation.clear()
        sheet.conditional_formatting = type(sheet.conditional_formatting)()
        sheet.insert_rows(1)
        sheet["A1"] = "Table 1"
        sheet.sheet_state = "visible"
        sheet.title = f"{sheet.title} - Table 1"[:31]
    summary = book.create_sheet("Export Summary", 0)
    summary["B2"] = "This document was exported from Numbers. Each table was converted to an Excel worksheet."
    book.save(target)
    return target


def _plain(formula: str, row: int, tables: dict[str, Any]) -> str:
    """Return a formula with plain addresses instead of references to tables."""

    def spot(match: re.Match[str]) -> str:
        if match["table"] not in tables:
            return match[0]
        sheet, table = tables[match["table"]]
        start, end = table.ref.split(":")
        head, last = (int(re.sub(r"\D", "", text)) for text in (start, end))
        names = re.findall(r"\[((?:'.|[^\[\]#'])+)\]", f"[{match['inner']}]")
        titles = [column.name for column in table.tableColumns]
        places = [
            titles.index(re.sub(r"'(.)", r"\1", name)) for name in names if re.sub(r"'(.)", r"\1", name) in titles
        ]
        if not places:
            return match[0]
        letters = [get_column_letter(place + 1) for place in (places[0], places[-1])]
        top, bottom = (row, row) if "#This Row" in match["inner"] else (head + 1, last)
        if "#Headers" in match["inner"]:
            top = bottom = head
        quoted = f"'{sheet.title}'!"
        if letters[0] == letters[1] and top == bottom:
            return f"{quoted}{letters[0]}{top}"
        return f"{quoted}{letters[0]}${top}:{letters[1]}${bottom}"

    pattern = r"(?P<table>[A-Za-z_]\w*)\[(?P<inner>(?:\[(?:'.|[^\]])*\]|'.|[^\[\]])*)\]"
    return re.sub(pattern, spot, formula)


def _put_values(path: Path, shown: Any) -> None:
    """Put beside each formula the value that it has; texts stand in their cells already, as openpyxl writes them."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [sheet.title for sheet in shown.worksheets]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            number = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)
            if number is not None:
                sheet = shown[names[int(number[1]) - 1]]
                parts[name] = _CELL.sub(lambda match, sheet=sheet: _formula_cell(match, sheet), data)
            archive.writestr(name, parts[name])


def _formula_cell(match: re.Match[bytes], sheet: Any) -> bytes:
    value = sheet[match[1].decode()].value
    if value is None:
        kind, text = b' t="str"', ""
    elif isinstance(value, bool):
        kind, text = b' t="b"', str(int(value))
    elif isinstance(value, int | float):
        kind, text = b"", repr(value)
    elif isinstance(value, str):
        kind, text = b' t="str"', escape(value)
    else:
        kind, text = b"", repr(openpyxl.utils.datetime.to_excel(value))
    marks = re.sub(rb' t="\w+"', b"", match[2])
    return b'<c r="%b"%b%b>%b<v>%b</v></c>' % (match[1], marks, kind, match[3], text.encode())
