"""A workbook as xlwings' remote engine takes it, JSON in and actions out, made from a plan; no Excel needed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import xlwings as xw
from excel_host import posted_sheet

from healthscore.workbook.plan import Book, area


def remote_book(plan: Book) -> xw.Book:
    """Return a planned workbook, open in the remote engine."""
    names = [sheet.name for sheet in plan.sheets]
    return xw.Book(
        json={
            "client": "Office.js",
            "version": xw.__version__,
            "book": {"name": "scores.xlsx", "active_sheet_index": 0, "selection": "A1"},
            "names": [_name(name, reference, names) for name, reference in plan.names.items()],
            "sheets": [_sheet(plan, sheet) for sheet in plan.sheets],
        }
    )


def _name(name: str, reference: str, sheets: list[str]) -> dict[str, Any]:
    sheet, _, address = reference.partition("!")
    return {
        "name": name,
        "sheet_index": sheets.index(sheet.strip("'")) if sheet.strip("'") in sheets else None,
        "address": address.replace("$", ""),
        "scope_sheet_name": None,
        "scope_sheet_index": None,
        "book_scope": True,
    }


def _sheet(plan: Book, sheet: Any) -> dict[str, Any]:
    values = posted_sheet(plan, sheet.name) if sheet.cells or sheet.tables else []
    dates = {
        (cell.row, cell.col) for cell in sheet.cells if isinstance(getattr(cell.value, "value", cell.value), dt.date)
    }
    for row, col in dates:
        values[row][col] = (dt.date(1899, 12, 30) + dt.timedelta(days=values[row][col])).isoformat() + "T00:00:00.000Z"
    tables = [
        {
            "name": table.name,
            "range_address": area(
                table.row, table.col, table.row + table.rows, table.col + len(table.columns) - 1
            ).replace("$", ""),
        }
        for table in sheet.tables
    ]
    return {"name": sheet.name, "values": values, "pictures": [], "tables": tables}


def written(book: xw.Book) -> list[tuple[int, int, int, list[list[Any]]]]:
    """Return what a command wrote: (sheet, row, column) counted from 0, and the values."""
    return [
        (action["sheet_position"], action["start_row"], action["start_column"], action["values"])
        for action in book.json()["actions"]
        if action["func"] == "setValues"
    ]


def alerts(book: xw.Book) -> list[str]:
    """Return the texts that a command showed."""
    return [action["args"][0] for action in book.json()["actions"] if action["func"] == "alert"]
