"""The sheet `Left`: accounts that the export no longer lists, with their last verdict and everything in their row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence

from healthscore.history import LeftAccount, Value
from healthscore.workbook.history import text
from healthscore.workbook.keyed import put_keyed_table
from healthscore.workbook.plan import Height, Sheet, Width

SHEET = "Left"
TABLE = "LeftAccounts"
_ROW = 3
_FORMULAS = "formulas"


def plan_left(left: Sequence[LeftAccount]) -> Sheet:
    """Plan the sheet; without such accounts it says so."""
    sheet = Sheet(SHEET, "output", freeze=(_ROW + 2, 2))
    sheet.heights[0] = Height(28)
    sheet.put(0, 0, "Left", "title")
    sheet.put(
        1,
        0,
        "Accounts that the last export did not list, with the score they had. They return, with all that was typed for "
        "them, when an export lists them again.",
        "note",
    )
    sheet.widths = {0: Width(16), 1: Width(30), **{col: Width(14) for col in range(2, 40)}}
    if not left:
        sheet.put(_ROW, 0, "Nobody has left.", "text")
        return sheet
    columns: dict[str, tuple[str, Sequence[Value]]] = {
        "id": ("Account ID", [one.id for one in left]),
        "account": ("Account", [one.account for one in left]),
        "segment": ("Segment", [one.segment for one in left]),
        "left_on": ("Left on", [one.left_on for one in left]),
        "score": ("Last score", [one.score for one in left]),
        "band": ("Last band", [one.band for one in left]),
        "scored_on": ("Scored on", [one.scored_on for one in left]),
    }
    for part in dict.fromkeys(part for one in left for part in one.row):
        columns[f"row:{part}"] = (_header(part), [one.row.get(part) for one in left])
    if any(one.formulas for one in left):
        columns[_FORMULAS] = ("Formulas", [json.dumps(dict(one.formulas)) if one.formulas else None for one in left])
    put_keyed_table(sheet, TABLE, _ROW, columns, {"score": "score"})
    sheet.heights[_ROW + 1] = Height(48)
    sheet.pages, sheet.repeat_cols, sheet.repeat_rows = (2, 0), (0, 1), (_ROW + 1, _ROW + 1)
    return sheet


def _header(part: str) -> str:
    kind, _, name = part.partition(":")
    if kind == "last":
        return f"{name.partition(':')[2] or name} in its last export"
    if kind == "comment":
        return f"Comment on {name.partition(':')[2] or name}"
    return name or part.capitalize()


def left_of(lines: Sequence[Mapping[str, Value]]) -> tuple[LeftAccount, ...]:
    """Return the accounts from the lines of the table."""
    return tuple(_one(line) for line in lines if line.get("id") is not None)


def _one(line: Mapping[str, Value]) -> LeftAccount:
    score = line.get("score")
    return LeftAccount(
        id=text(line.get("id")),
        account=text(line.get("account")),
        segment=text(line.get("segment")),
        left_on=_day(line.get("left_on")),
        scored_on=_day(line.get("scored_on")),
        score=score if isinstance(score, float) else None,
        band=text(line.get("band")),
        row={name.removeprefix("row:"): value for name, value in line.items() if name.startswith("row:")},
        formulas=json.loads(text(line.get(_FORMULAS)) or "{}"),
    )


def _day(value: Value) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date(1900, 3, 1)
