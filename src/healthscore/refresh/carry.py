"""What people added to our own sheets, put into the planned successor: columns, formulas, comments, notes beside.

The plan is changed before anything is written, so the writer knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from healthscore.history import Value
from healthscore.refresh.layout import PlannedSegment, planned_segments
from healthscore.refresh.references import Follower
from healthscore.workbook.functions import PYTHON_COLUMN
from healthscore.workbook.plan import Book, Column, Formula, Scalar, Sheet, Width
from healthscore.workbook.reading.contents import OwnColumn, WorkbookContents

OWN_GROUP = "Your own columns"


@dataclass(frozen=True)
class OwnCell:
    """What one cell of a column of people's own holds: its value, and its formula with the sheet it was written on."""

    value: Value
    formula: str | None = None
    sheet: str = ""


@dataclass(frozen=True)
class Gathered:
    """A column of people's own over all segments, cells by (new) account id."""

    column: OwnColumn
    cells: Mapping[str, OwnCell]
    segments: frozenset[str]


def gather(
    contents: WorkbookContents,
    returned: Mapping[str, Mapping[str, Value]],
    formulas: Mapping[str, Mapping[str, str]],
    ids: Mapping[str, str],
) -> list[Gathered]:
    """Return people's own columns, told apart by their headers; a column may stand in several segments.

    Args:
        contents: the workbook as read.
        returned: {id: {`own:header`: value}} of accounts that come back.
        formulas: the same for formulas.
        ids: new id -> old id, of accounts whose id changed.
    """
    new_ids = {old: new for new, old in ids.items()}
    columns: dict[str, OwnColumn] = {}
    cells: dict[str, dict[str, OwnCell]] = {}
    segments: dict[str, set[str]] = {}
    for place in contents.segments:
        for column in place.own:
            if contents.functions == "xlwings" and column.header == PYTHON_COLUMN:
                continue
            columns.setdefault(column.header, column)
            segments.setdefault(column.header, set()).add(place.sheet)
            mine = cells.setdefault(column.header, {})
            for name in {**column.values, **column.formulas}:
                value = column.values.get(name)
                mine[new_ids.get(name, name)] = OwnCell(value, column.formulas.get(name), place.sheet)
    for name, parts in returned.items():
        for part, value in parts.items():
            header = part.partition(":")[2]
            columns.setdefault(header, OwnColumn(header, {}, {}, 14.0))
            formula = formulas.get(name, {}).get(part)
            cells.setdefault(header, {})[name] = OwnCell(value, formula)
    return [
        Gathered(column, cells.get(header, {}), frozenset(segments.get(header, ())))
        for header, column in columns.items()
    ]


def with_room(book: Book, gathered: Sequence[Gathered]) -> Book:
    """Return the book with an empty column at the right end of each table that had people's own, or needs it."""
    for place in planned_segments(book):
        for own in gathered:
            if place.sheet.name in own.segments or any(name in place.rows for name in own.cells):
                _make_room(place, own.column)
    return book


def _make_room(place: PlannedSegment, own: OwnColumn) -> None:
    sheet, table = place.sheet, place.sheet.tables[0]
    col, group_row = table.col + len(table.columns), table.row - 1
    empty = Column(own.header, [None] * table.rows, "input_text", header_style="header_carried")
    sheet.tables[0] = replace(table, columns=(*table.columns, empty))
    sheet.put(place.strip_row, col, f"own:{own.header}", "strip_key")
    sheet.put(group_row, col, None if _has_group(sheet, group_row) else OWN_GROUP, "group_carried")
    sheet.widths[col] = Width(own.width, collapsed=sheet.widths.get(col, Width(9)).collapsed)


def with_own_columns(book: Book, gathered: Sequence[Gathered], follow: Follower) -> Book:
    """Return the book with people's own columns filled in; their formulas follow the cells they point at."""
    for place in planned_segments(book):
        table = place.sheet.tables[0]
        columns = list(table.columns)
        for own in gathered:
            col = place.columns.get(f"own:{own.column.header}")
            if col is not None:
                columns[col] = _filled(columns[col], place, own, follow)
        place.sheet.tables[0] = replace(table, columns=tuple(columns))
    return book


def _filled(column: Column, place: PlannedSegment, own: Gathered, follow: Follower) -> Column:
    names = {row: name for name, row in place.rows.items()}
    values: list[Scalar | Formula] = []
    for row in range(place.header_row + 1, place.last_row + 1):
        cell = own.cells.get(names.get(row, ""))
        if cell is None:
            values.append(None)
        elif cell.formula is None:
            values.append(cell.value)
        else:
            text = follow.follow(cell.formula, cell.sheet, place.sheet.name) if cell.sheet else cell.formula
            values.append(Formula(text, cell.value))
    style = "input_date" if own.column.format == "date" else "input_text" if _any_text(values) else "input_number"
    return _as_calculated(replace(column, values=values, style=style))


def _any_text(values: Sequence[Scalar | Formula]) -> bool:
    shown = (value.value if isinstance(value, Formula) else value for value in values)
    return any(isinstance(value, str) for value in shown)


def _as_calculated(column: Column) -> Column:
    """Make a column that holds one formula throughout the table's own, so that new rows get it too."""
    cells = [value for value in column.values if value is not None]
    texts = {cell.text if isinstance(cell, Formula) else None for cell in cells}
    if len(texts) != 1 or None in texts or len(cells) < 2 or "#This Row" not in str(next(iter(texts))):
        return column
    values = [cell.value if isinstance(cell, Formula) else "" for cell in column.values]
    return replace(column, formula=next(iter(texts)), values=["" if value is None else value for value in values])


def _has_group(sheet: Sheet, row: int) -> bool:
    return any(cell.row == row and cell.value == OWN_GROUP for cell in sheet.cells)


def with_formulas(book: Book, formulas: Mapping[str, Mapping[str, tuple[str, str]]], follow: Follower) -> Book:
    """Return the book with formulas that people typed into inputs: {column key: {id: (sheet, formula)}}."""
    for place in planned_segments(book):
        table = place.sheet.tables[0]
        columns = list(table.columns)
        for part, cells in formulas.items():
            mine = {name: cell for name, cell in cells.items() if name in place.rows}
            if part in place.columns and mine:
                col = place.columns[part]
                columns[col] = _typed(columns[col], place, mine, follow)
        place.sheet.tables[0] = replace(table, columns=tuple(columns))
    return book


def _typed(column: Column, place: PlannedSegment, cells: Mapping[str, tuple[str, str]], follow: Follower) -> Column:
    if isinstance(column.values, np.ndarray):
        values: list[Scalar | Formula] = [None if value != value else value for value in column.values.tolist()]  # noqa: PLR0124
    elif isinstance(column.values, pd.Categorical):
        values = list(column.values)
    else:
        values = list(column.values)
    for name, (sheet, formula) in cells.items():
        number = place.rows[name] - place.header_row - 1
        text = follow.follow(formula, sheet, place.sheet.name) if sheet else formula
        shown = values[number]
        values[number] = Formula(text, shown.value if isinstance(shown, Formula) else shown)
    return replace(column, values=values)
