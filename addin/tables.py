"""Finding our tables in an open workbook, by what every home of xlwings can do: tables, names, values of ranges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import xlwings as xw

from healthscore.errors import WorkbookError
from healthscore.names import header

MODEL_RANGE, MODEL_SHEET = "HealthModel", "Model"
#: Headers by which a segment's table is known.
_KNOWN_BY = {"Account", "Account ID", "Score", "Calculated"}


#: Kinds of columns that an export fills.
_FILLED = ("role:", "input:", "extra:")
_TITLES = {
    "role:account": "Account",
    "role:id": "Account ID",
    "role:owner": "Owner",
    "role:stage": "Stage",
    "role:region": "Region",
    "role:value": "Value",
    "role:renewal": "Renewal date",
}
#: Columns of formulas; an input of the same name has a number behind it, and is found by the row of names only.
_COMPUTED = frozenset(
    {
        *("Score", "Signal", "Band", "Grade", "Change", "Outlook", "Biggest drag", "Points lost to it"),
        *("Second drag", "Points lost to second", "Risk signals", "Next action", "Priority", "Coverage"),
        *("Base", "Cap", "Calculated", "Override active", "Previous score"),
    }
)


@dataclass(frozen=True)
class SegmentTable:
    """One segment's table: headers and rows as values; where its header stands, counted from 1.

    `table` is xlwings' own, to add rows to. `strip` has the key of each column (`role:owner`, `input:NPS`), as the row of
    names above the table gives it; blank where people added columns.
    """

    sheet: Any
    table: Any
    segment: str
    headers: list[str]
    rows: list[list[Any]]
    header_row: int
    first_col: int
    strip: list[str]

    @cached_property
    def filled(self) -> dict[str, int]:
        """The place of each column that an export may fill, by its key.

        The row of names above the table says it. Where a column was put into the table alone, that row no longer stands
        above its columns, and the headers have to do.
        """
        titles = {part: self.headers[place] for place, part in enumerate(self.strip) if part in _TITLES}
        if titles == _TITLES:
            return {part: place for place, part in enumerate(self.strip) if part.startswith(_FILLED)}
        by_header = {title: place for place, title in reversed(list(enumerate(self.headers)))}
        wanted = _TITLES | {
            part: header(part.partition(":")[2]) for part in self.strip if part.startswith(("input:", "extra:"))
        }
        return {
            part: by_header[title]
            for part, title in wanted.items()
            if title in by_header and (part in _TITLES or title not in _COMPUTED)
        }

    def column(self, title: str) -> list[Any]:
        """Return the values of a column; blanks where the table has none of that name."""
        if title not in self.headers:
            return [None] * len(self.rows)
        place = self.headers.index(title)
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
                strip = _strip(sheet, place.row, place.column, len(headers))
                found.append(SegmentTable(sheet, table, segment, headers, values[1:], place.row, place.column, strip))
    if not found:
        raise WorkbookError("this workbook has no segment sheets; open one that `healthscore build` made")
    return found


def _strip(sheet: Any, header_row: int, first_col: int, width: int) -> list[str]:
    if header_row < 2:
        return [""] * width
    above = sheet.range((1, first_col), (header_row - 1, first_col + width - 1)).options(ndim=2).value
    line = next((row for row in above if "role:id" in row), [""] * width)
    keys = ["" if cell is None else str(cell) for cell in line]
    # The first column carries the row's own label, and is always the account's name.
    return ["role:account", *keys[1:]] if any(keys) else keys


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
