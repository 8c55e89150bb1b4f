"""Where things stand on the segment sheets of a planned workbook, in the same terms as in one that was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from healthscore.workbook.plan import Book, Sheet
from healthscore.workbook.segment.columns import STRIP_ROWS


@dataclass(frozen=True)
class PlannedSegment:
    """A planned segment sheet: rows of accounts by id, columns by key, headers by key."""

    sheet: Sheet
    table: str
    header_row: int
    last_row: int
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    headers: Mapping[str, str]
    strip: Mapping[str, int]
    strip_row: int


def planned_segments(book: Book) -> list[PlannedSegment]:
    """Return the segment sheets of a planned workbook."""
    return [_planned(sheet) for sheet in book.sheets if sheet.kind == "segment"]


def _planned(sheet: Sheet) -> PlannedSegment:
    table = sheet.tables[0]
    labels = {str(cell.value): cell.row for cell in sheet.cells if cell.col == 0 and cell.style == "strip_label"}
    strip_row = labels[STRIP_ROWS["key"]]
    columns = {str(cell.value): cell.col for cell in sheet.cells if cell.row == strip_row and cell.style == "strip_key"}
    columns["role:account"] = 0
    ids = table.columns[columns["role:id"]].values
    rows = {str(name): table.row + 1 + number for number, name in enumerate(ids) if name is not None}
    headers = {part: table.columns[col].header for part, col in columns.items()}
    last = table.row + table.rows
    return PlannedSegment(sheet, table.name, table.row, last, rows, columns, headers, labels, strip_row)
