"""Finding our tables in an open workbook, by what every home of xlwings can do: tables, names, values of ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xlwings as xw

from healthscore.errors import WorkbookError

MODEL_RANGE, MODEL_SHEET = "HealthModel", "Model"
#: Headers by which a segment's table is known.
_KNOWN_BY = {"Account", "Account ID", "Score", "Calculated"}


@dataclass(frozen=True)
class SegmentTable:
    """One segment's table: headers and rows as values; where its header stands, counted from 1."""

    sheet: Any
    segment: str
    headers: list[str]
    rows: list[list[Any]]
    header_row: int
    first_col: int

    def column(self, header: str) -> list[Any]:
        """Return the values of a column; blanks where the table has none of that name."""
        if header not in self.headers:
            return [None] * len(self.rows)
        place = self.headers.index(header)
        return [row[place] for row in self.rows]

    @property
    def free_col(self) -> int:
        """The first column to write into: right of the table and of whatever stands beside it, one column apart."""
        used = self.sheet.used_range
        last: int = max(self.first_col + len(self.headers) - 1, used.column + used.shape[1] - 1)
        return last + 2


def segment_tables(book: xw.Book) -> list[SegmentTable]:
    """Return every segment's table.

    Raises:
        WorkbookError: the workbook has none.
    """
    found = []
    for sheet in book.sheets:
        for table in sheet.tables:
            place = table.range
            if place is None:
                continue
            values = place.options(ndim=2).value
            headers = ["" if cell is None else str(cell) for cell in values[0]]
            if set(headers) >= _KNOWN_BY:
                segment = str(sheet["A1"].value or sheet.name)
                found.append(SegmentTable(sheet, segment, headers, values[1:], place.row, place.column))
    if not found:
        raise WorkbookError("this workbook has no segment sheets; open one that `healthscore build` made")
    return found


def model_rows(book: xw.Book) -> list[list[Any]]:
    """Return the cells of the model.

    Raises:
        WorkbookError: the workbook has no Model sheet.
    """
    if MODEL_RANGE in [name.name for name in book.names]:
        return _values(book.names[MODEL_RANGE].refers_to_range)
    if MODEL_SHEET in [sheet.name for sheet in book.sheets]:
        return _values(book.sheets[MODEL_SHEET].used_range)
    raise WorkbookError("this workbook has no Model sheet; open one that `healthscore build` made")


def _values(place: Any) -> list[list[Any]]:
    values: list[list[Any]] = place.options(ndim=2).value
    return values
