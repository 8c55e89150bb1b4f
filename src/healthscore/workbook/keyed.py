"""Tables that our own reader reads back: each column has its machine name in the row above the header.

People may rename, sort, filter and widen such a table; the names above it still say which column is which.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from healthscore import names
from healthscore.history import Value
from healthscore.workbook.plan import Column, Sheet, Table
from healthscore.workbook.reading.cells import StoredSheet
from healthscore.workbook.reading.segment import date_of

LABEL = "Column"
_DATE = "date:"
_STYLES: dict[type, str] = {float: "number", int: "number", dt.date: "date"}


def put_keyed_table(
    sheet: Sheet, table: str, row: int, columns: Mapping[str, tuple[str, Sequence[Value]]], styles: Mapping[str, str]
) -> None:
    """Add a table below its row of names.

    Args:
        sheet: the sheet being planned.
        table: the table's name.
        row: the row of the names; the header stands below it.
        columns: name -> (header, values); all of one length, at least one row.
        styles: format words by name, where the kind of the values does not say enough.
    """
    titles = names.unique([names.header(title) or "Column" for title, _ in columns.values()])
    planned = []
    for number, ((name, (_, values)), title) in enumerate(zip(columns.items(), titles, strict=True)):
        style = styles.get(name) or _style(values)
        sheet.put(row, number, f"{LABEL} {name}", "strip_key")
        shown = [_as_text(value) if style != "date" else value for value in values]
        planned.append(Column(title, shown, style))
    count = len(next(iter(columns.values()))[1])
    sheet.tables.append(Table(table, row + 1, 0, tuple(planned), count))


def _style(values: Sequence[Value]) -> str:
    kinds = {float if isinstance(value, int) else type(value) for value in values if value is not None}
    return _STYLES.get(kinds.pop(), "text_top") if len(kinds) == 1 else "text_top"


def _as_text(value: Value) -> Value:
    """Mark a date among other values, which has no format to tell it by."""
    return f"{_DATE}{value.isoformat()}" if isinstance(value, dt.date) else value


def read_keyed_table(sheet: StoredSheet, dates: set[int], epoch: int) -> list[dict[str, Value]]:
    """Return the rows of the sheet's first table with names above it, as {name: value}; blanks are left out."""
    row, names_above = _names_above(sheet)
    return [line for line in _lines(sheet, row + 2, names_above, dates, epoch) if line]


def keyed_columns(sheet: StoredSheet) -> list[str]:
    """Return the names above the sheet's first table that has any."""
    return list(_names_above(sheet)[1].values())


def _names_above(sheet: StoredSheet) -> tuple[int, dict[int, str]]:
    prefix = f"{LABEL} "
    for row in sorted(sheet.cells):
        found = {
            col: cell.value.removeprefix(prefix)
            for col, cell in sheet.cells[row].items()
            if isinstance(cell.value, str) and cell.value.startswith(prefix)
        }
        if len(found) > 1:
            return row, found
    return sheet.last_row, {}


def _lines(
    sheet: StoredSheet, first: int, columns: Mapping[int, str], dates: set[int], epoch: int
) -> list[dict[str, Value]]:
    lines: list[dict[str, Value]] = []
    for row in range(first, sheet.last_row + 1):
        cells = {name: sheet.at(row, col) for col, name in columns.items()}
        if not any(cell.value is not None for cell in cells.values()):
            break
        line: dict[str, Value] = {}
        for name, cell in cells.items():
            value: Value = cell.value
            if isinstance(value, float) and cell.style in dates:
                value = date_of(value + epoch)
            elif isinstance(value, str) and value.startswith(_DATE):
                value = dt.date.fromisoformat(value.removeprefix(_DATE))
            if value is not None:
                line[name] = value
        lines.append(line)
    return lines
