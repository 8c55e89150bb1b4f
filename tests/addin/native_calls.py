"""Calling a workbook's own functions in a spreadsheet engine: formulas on a sheet of their own, answers as lists."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path
from typing import Any

import cellrune

from healthscore.workbook import write_book
from healthscore.workbook.plan import Book, Formula, Sheet, Table

_JOINT = "\u241f"


def inputs_of(table: Table) -> tuple[str, str]:
    """Return the references of a table's values and headers, from the first column to the last that people fill in."""
    styles = ("header_who", "header_input")
    headers = [column.header for column in table.columns]
    last = headers[max(number for number, column in enumerate(table.columns) if column.header_style in styles)]
    return f"{table.name}[[{headers[0]}]:[{last}]]", f"{table.name}[[#Headers],[{headers[0]}]:[{last}]]"


def answers(book: Book, calls: list[str], folder: Path) -> list[list[str]]:
    """Return what each call gives, its cells as texts, row by row.

    cellrune knows no optional parameters of a LAMBDA (`_xlop.`); they are declared as plain ones here, and a call has
    to hold a comma for each. Excel takes both.
    """
    sheet = Sheet("Calls", "working")
    for row, call in enumerate(calls):
        sheet.put(row, 0, Formula(f'_xlfn.TEXTJOIN("{_JOINT}",FALSE,{call})', ""))
    path, plain = folder / "native.xlsx", folder / "plain.xlsx"
    write_book(dataclasses.replace(book, sheets=(*book.sheets, sheet)), path, force=True, poison=True)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(plain, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(b"_xlop.", b"_xlpm.") if name == "xl/workbook.xml" else data)
    with cellrune.Workbook.open_path(str(plain)) as workbook:
        workbook.recalculate()
        cells: list[Any] = [row[0] for row in workbook.read_values("Calls", "A1", f"A{len(calls)}")]
    for call, cell in zip(calls, cells, strict=True):
        assert cell["kind"] == "text", f"{call} gives {cell}"
    return [cell["value"].split(_JOINT) for cell in cells]
