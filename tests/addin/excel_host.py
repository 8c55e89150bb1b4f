"""Excel's JavaScript host: it posts function calls as JSON.

Cells as Excel sends them to a function: numbers, texts, TRUE and FALSE; dates as day numbers, blanks as empty texts.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pandas as pd
import xlwings
import xlwings.server

from healthscore.addin import functions
from healthscore.workbook.plan import Book, Formula

NOT_AVAILABLE = {"type": "Error", "errorCode": "NotAvailable", "basicValue": "#N/A", "basicType": "Error"}


def posted(value: Any) -> Any:
    """Return one value as the host sends it."""
    if value is None or value != value or value is pd.NaT:  # noqa: PLR0124 (NaN)
        return ""
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return (value - dt.date(1899, 12, 30)).days
    return value if isinstance(value, (bool, int, float)) else str(value)


def posted_frame(frame: pd.DataFrame) -> tuple[list[list[Any]], list[list[Any]]]:
    """Return a frame as a range of values and a range of headers."""
    values = [[posted(value) for value in row] for row in frame.astype(object).to_numpy().tolist()]
    return values, [[str(name) for name in frame.columns]]


def posted_sheet(book: Book, name: str) -> list[list[Any]]:
    """Return a planned sheet as the rows that Excel sends for its range, formulas by their values."""
    sheet = next(part for part in book.sheets if part.name == name)
    cells: dict[tuple[int, int], Any] = {
        (cell.row, cell.col): cell.value.value if isinstance(cell.value, Formula) else cell.value
        for cell in sheet.cells
    }
    for table in sheet.tables:
        for number, column in enumerate(table.columns, start=table.col):
            cells[table.row, number] = column.header
            for row, value in enumerate(column.values, start=table.row + 1):
                cells[row, number] = value
    rows, cols = max(row for row, _ in cells) + 1, max(col for _, col in cells) + 1
    return [[posted(cells.get((row, col))) for col in range(cols)] for row in range(rows)]


def model_range(book: Book) -> list[list[Any]]:
    """Return what `HealthModel` sends."""
    return posted_sheet(book, "Model")


def wanted(column: pd.Series) -> list[Any]:
    """Return a column of scores as cells: empty where there is none."""
    return [posted(value) for value in column.astype(object)]


class Excel:
    """Excel's JavaScript host: posts a function call as JSON and gives back what would stand in the cells."""

    module = functions

    def call(self, name: str, *cells: Any) -> Any:
        """Call a function with arguments as the host sends them: rows of cells, or None for one that was left out."""
        data = {
            "func_name": name,
            "args": list(cells),
            "version": xlwings.__version__,
            "client": "Office.js",
            "runtime": "1.4",
            "date_format": "m/d/yyyy",
            "culture_info_name": "en-US",
            "caller_address": "Sheet1!A1",
        }
        return asyncio.run(xlwings.server.custom_functions_call(data, self.module))

    def column(self, name: str, *cells: Any) -> list[Any]:
        """Call a function that gives one cell per row."""
        rows = self.call(name, *cells)
        assert all(len(row) == 1 for row in rows), rows
        return [row[0] for row in rows]
