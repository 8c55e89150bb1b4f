"""Cells that people typed on our sheets beside what we put there: a note on Start, a sum under a table.

Found by planning the old workbook again: what stands where nothing was planned, somebody typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from healthscore.refresh.references import Follower
from healthscore.workbook.plan import Book, Cell, Formula, Sheet
from healthscore.workbook.reading.cells import StoredCell, StoredSheet, address
from healthscore.workbook.reading.contents import SegmentContents
from healthscore.workbook.reading.segment import date_of
from healthscore.workbook.reading.workbook import OpenBook

#: More than this on one sheet is no typing: the file was made by another version, whose cells stood elsewhere.
_MOST = 200


@dataclass(frozen=True)
class Stray:
    """A cell that people typed where we plan nothing."""

    sheet: str
    row: int
    col: int
    cell: StoredCell
    date: bool

    @property
    def place(self) -> str:
        """Where it stood, for people."""
        return f"{self.sheet}!{address(self.row, self.col)}"


def strays_of(opened: OpenBook, planned: Book) -> list[Stray]:
    """Return every cell that people typed on our sheets, outside tables of accounts and the Model sheet."""
    found: list[Stray] = []
    segments = {one.place.sheet: one.place for one in opened.segments}
    plans = {sheet.name: sheet for sheet in planned.sheets}
    for name, stored in opened.sheets.items():
        if name in plans and name != opened.model_sheet and not plans[name].hidden:
            areas = [part.ref for part in opened.tables[name]]
            mine = list(_on_sheet(stored, plans[name], areas, segments.get(name)))
            strays = [Stray(name, row, col, cell, cell.style in opened.dates) for row, col, cell in mine]
            found += strays if len(strays) <= _MOST else []
    return found


def _on_sheet(
    stored: StoredSheet,
    plan: Sheet,
    areas: Sequence[tuple[int, int, int, int]],
    segment: SegmentContents | None,
) -> Iterator[tuple[int, int, StoredCell]]:
    taken = {(cell.row, cell.col) for cell in plan.cells}
    blocks = [(t.row, t.col, t.row + t.rows, t.col + len(t.columns) - 1) for t in plan.tables] + list(areas)
    accounts = set(segment.rows.values()) if segment is not None else set()
    for row, line in stored.cells.items():
        if row in accounts or (segment is not None and row == segment.header_row):
            continue
        for col, cell in line.items():
            inside = any(top <= row <= bottom and left <= col <= right for top, left, bottom, right in blocks)
            if (row, col) not in taken and not inside and (cell.value is not None or cell.formula is not None):
                yield row, col, cell


def strays_into(book: Book, strays: Sequence[Stray], follow: Follower, epoch: int) -> list[str]:
    """Put typed cells back where they stood, where that place is still free; return lines about the others."""
    sheets: Mapping[str, Sheet] = {sheet.name: sheet for sheet in book.sheets}
    behind = []
    for stray in strays:
        sheet = sheets.get(follow.sheets[stray.sheet].name if stray.sheet in follow.sheets else stray.sheet)
        if sheet is None or not _free(sheet, stray.row, stray.col):
            behind.append(f"{stray.place}: {stray.cell.value!r}, because something else stands there now")
            continue
        value = stray.cell.value
        shown = date_of(value + epoch) if stray.date and isinstance(value, float) else value
        style = "input_date" if stray.date else "input_text" if isinstance(value, str) else "input_number"
        content = shown
        if stray.cell.formula is not None:
            text = follow.follow(stray.cell.formula, stray.sheet, sheet.name)
            sheet.cells.append(Cell(stray.row, stray.col, Formula(text, shown), style))
        else:
            sheet.cells.append(Cell(stray.row, stray.col, content, style))
    return behind


def _free(sheet: Sheet, row: int, col: int) -> bool:
    blocks = ((t.row, t.col, t.row + t.rows, t.col + len(t.columns) - 1) for t in sheet.tables)
    inside = any(top <= row <= bottom and left <= col <= right for top, left, bottom, right in blocks)
    return not inside and all((cell.row, cell.col) != (row, col) for cell in sheet.cells)
