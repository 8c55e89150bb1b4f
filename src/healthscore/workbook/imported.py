"""The hidden sheet `Imported`: the last export as it was read.

A refresh tells by it what people changed since: a cell that differs from the last export was typed by somebody, and
stays when the new export says what the last one said. Without it, one could not tell a person's word from old data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from healthscore.accounts import Accounts
from healthscore.history import Value
from healthscore.scoring.overrides import PEOPLE_COLUMNS
from healthscore.workbook.history import text
from healthscore.workbook.keyed import put_keyed_table
from healthscore.workbook.plan import Sheet, Width

SHEET = "Imported"
TABLE = "Imported"
#: Segments are places, not values; what people type is not imported.
_NOT_IMPORTED = ("segment", *PEOPLE_COLUMNS)


def plan_imported(accounts: Accounts) -> Sheet:
    """Plan the sheet from the accounts as the export gave them."""
    sheet = Sheet(SHEET, "working", hidden=True)
    sheet.put(
        0, 0, "The last export as it was read; a refresh tells by it what people changed. Leave it as it is.", "note"
    )
    rows = imported_rows(accounts)
    if rows:
        parts = list(dict.fromkeys(part for row in rows.values() for part in row))
        columns: dict[str, tuple[str, Sequence[Value]]] = {"id": ("id", list(rows))}
        for part in parts:
            columns[f"column:{part}"] = (part, [row.get(part) for row in rows.values()])
        put_keyed_table(sheet, TABLE, 2, columns, {})
        sheet.widths = {col: Width(14) for col in range(len(columns))}
    return sheet


def imported_rows(accounts: Accounts) -> dict[str, dict[str, Value]]:
    """Return what an export says of each account: {id: {column of the frame: value}}; blanks are left out."""
    frame = accounts.frame
    ids = [str(name) for name in frame["id"]]
    found: dict[str, dict[str, Value]] = {name: {} for name in ids}
    for name in frame.columns:
        if name in _NOT_IMPORTED or name == "id":
            continue
        for account, value in zip(ids, plain_values(frame[name], accounts.unusable.get(name, {})), strict=True):
            if value is not None:
                found[account][name] = value
    return found


def plain_values(column: pd.Series, unusable: Mapping[int, str]) -> list[Value]:
    """Return a column of accounts as plain values: unusable texts as they stood."""
    if column.dtype.kind == "M":
        values: list[Value] = [None if pd.isna(value) else value.date() for value in column]
    else:
        values = [None if value is None or value != value else value for value in column.tolist()]  # noqa: PLR0124
    for row, written in unusable.items():
        values[row] = written
    return values


def imported_of(lines: Sequence[Mapping[str, Value]]) -> dict[str, dict[str, Value]]:
    """Return the same from the lines of the table."""
    return {
        text(line["id"]): {
            name.removeprefix("column:"): value for name, value in line.items() if name.startswith("column:")
        }
        for line in lines
        if line.get("id") is not None
    }
