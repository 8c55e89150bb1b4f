"""Cells that people typed on our sheets beside what we put there: a note on Start, a sum under a table.

Found by planning the old workbook again: what stands where nothing was planned, somebody typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from healthscore.refresh.carry import OWN_GROUP
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
        if name == opened.model_sheet and name in plans:
            found += [
                Stray(name, row, col, cell, cell.style in opened.dates)
                for row, col, cell in _beside(stored, plans[name])
            ]
        elif name in plans and not plans[name].hidden:
            if not laid_out_alike(stored, plans[name]):
                continue
            areas = [part.ref for part in opened.tables[name]]
            mine = list(_on_sheet(stored, plans[name], areas, segments.get(name)))
            strays = [Stray(name, row, col, cell, cell.style in opened.dates) for row, col, cell in mine]
            found += strays if len(strays) <= _MOST else []
    return found


def laid_out_alike(stored: StoredSheet, plan: Sheet) -> bool:
    """Say whether our texts stand where they are planned: otherwise a program moved them, and nothing can be told."""
    texts = [cell for cell in plan.cells if isinstance(cell.value, str)]
    same = sum(stored.value(cell.row, cell.col) == cell.value for cell in texts)
    return 2 * same >= len(texts)


def _beside(stored: StoredSheet, plan: Sheet) -> Iterator[tuple[int, int, StoredCell]]:
    """Yield what stands right of the model's columns: within them, everything belongs to the model."""
    right = max((cell.col for cell in plan.cells), default=0)
    for row, line in stored.cells.items():
        yield from ((row, col, cell) for col, cell in line.items() if col > right)


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
            if segment is not None and _above_own(cell.value):
                continue
            inside = any(top <= row <= bottom and left <= col <= right for top, left, bottom, right in blocks)
            if (row, col) not in taken and not inside and (cell.value is not None or cell.formula is not None):
                yield row, col, cell


def _above_own(value: object) -> bool:
    """Say whether a text is one that we put above people's own columns."""
    return value == OWN_GROUP or (isinstance(value, str) and value.startswith("own:"))


def strays_into(book: Book, strays: Sequence[Stray], follow: Follower, epoch: int) -> tuple[list[Stray], list[str]]:
    """Put typed cells back where they stood, where that place is still free; return these, and lines about the others."""
    sheets: Mapping[str, Sheet] = {sheet.name: sheet for sheet in book.sheets}
    behind: list[str] = []
    placed: list[Stray] = []
    for stray in strays:
        sheet = sheets.get(follow.sheets[stray.sheet].name if stray.sheet in follow.sheets else stray.sheet)
        if sheet is None or not _free(sheet, stray.row, stray.col):
            behind.append(f"{stray.place}: {stray.cell.value!r}, because something else stands there now")
            continue
        placed.append(stray)
        value = stray.cell.value
        shown = date_of(value + epoch) if stray.date and isinstance(value, float) else value
        style = "input_date" if stray.date else "input_text" if isinstance(value, str) else "input_number"
        content = shown
        if stray.cell.formula is not None:
            text = follow.follow(stray.cell.formula, stray.sheet, sheet.name)
            sheet.cells.append(Cell(stray.row, stray.col, Formula(text, shown), style))
        else:
            sheet.cells.append(Cell(stray.row, stray.col, content, style))
    return placed, behind


def _free(sheet: Sheet, row: int, col: int) -> bool:
    blocks = ((t.row, t.col, t.row + t.rows, t.col + len(t.columns) - 1) for t in sheet.tables)
    inside = any(top <= row <= bottom and left <= col <= right for top, left, bottom, right in blocks)
    return not inside and all((cell.row, cell.col) != (row, col) for cell in sheet.cells)
