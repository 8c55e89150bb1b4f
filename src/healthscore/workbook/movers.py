"""The sheet `Movers`: which scores changed since the last time and why, and everything else that a refresh did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from healthscore import names
from healthscore.formula import formula
from healthscore.history import Event, Mover, Value
from healthscore.workbook.history import text
from healthscore.workbook.keyed import LABEL
from healthscore.workbook.plan import Column, Height, Sheet, Table, Width

SHEET = "Movers"
TABLE = "Movers"
LOG_TABLE = "RefreshLog"
_FIXED = {"id": "Account ID", "account": "Account", "segment": "Segment", "before": "Before", "now": "Now"}
_ROW = 4


def plan_movers(movers: Sequence[Mover], events: Sequence[Event]) -> Sheet:
    """Plan the sheet: biggest falls first, then biggest rises; below it the log of the refresh."""
    sheet = Sheet(SHEET, "output", freeze=(0, 2))
    sheet.heights[0] = Height(28)
    sheet.put(0, 0, "Movers", "title")
    sheet.put(
        1,
        0,
        "What moved since the last refresh. All points of metrics, caps, overrides and rounding add up to the change.",
        "note",
    )
    sheet.put(_ROW - 1, 0, "Scores that changed", "heading")
    row = _ROW + 1
    if movers:
        row = _plan_table(sheet, sorted(movers, key=lambda mover: (mover.change > 0, -abs(mover.change))))
    else:
        sheet.put(_ROW, 0, "None: every score is as it was, or this is the first day.", "text")
    sheet.put(row + 1, 0, "What the refresh did", "heading")
    _plan_log(sheet, events, row + 2)
    sheet.widths = {0: Width(16), 1: Width(30), 2: Width(16), **{col: Width(13) for col in range(3, 40)}}
    return sheet


def _plan_table(sheet: Sheet, movers: Sequence[Mover]) -> int:
    parts = list(dict.fromkeys(part for mover in movers for part in mover.parts))
    titles = names.unique([names.header(title) for title in (*_FIXED.values(), "Change", *parts)])
    for col, name in enumerate((*_FIXED, "change", *(f"part:{part}" for part in parts))):
        sheet.put(_ROW, col, f"{LABEL} {name}", "strip_key")
    columns = [
        Column(title, [getattr(mover, name) for mover in movers], "score" if name in ("before", "now") else "text_top")
        for name, title in zip(_FIXED, titles, strict=False)
    ]
    span = f"{TABLE}[[#This Row],[{titles[len(_FIXED) + 1]}]:[{titles[-1]}]]"
    total = formula("sum_of", cells=span)
    columns.append(Column(titles[len(_FIXED)], [mover.change for mover in movers], "signed_points", total))
    for part, title in zip(parts, titles[len(_FIXED) + 1 :], strict=True):
        columns.append(Column(title, [mover.parts.get(part, 0.0) for mover in movers], "signed_points"))
    sheet.tables.append(Table(TABLE, _ROW + 1, 0, tuple(columns), len(movers)))
    sheet.heights[_ROW + 1] = Height(48)
    return _ROW + 2 + len(movers)


def _plan_log(sheet: Sheet, events: Sequence[Event], row: int) -> None:
    if not events:
        sheet.put(row, 0, "Nothing yet.", "text")
        return
    titles = {
        "id": "Account ID",
        "account": "Account",
        "what": "What",
        "column": "Column",
        "before": "In the workbook",
        "now": "In the export",
        "done": "What was done",
    }
    columns = [Column(title, [getattr(event, name) for event in events], "text_top") for name, title in titles.items()]
    sheet.tables.append(Table(LOG_TABLE, row, 0, tuple(columns), len(events)))
    sheet.heights[row] = Height(32)


def movers_of(lines: Sequence[Mapping[str, Value]]) -> tuple[Mover, ...]:
    """Return the movers from the lines of their table."""
    found = []
    for line in lines:
        before, now = line.get("before"), line.get("now")
        if isinstance(before, float) and isinstance(now, float):
            parts = {
                name.removeprefix("part:"): value
                for name, value in line.items()
                if name.startswith("part:") and isinstance(value, float)
            }
            name, account, segment = (text(line.get(part)) for part in ("id", "account", "segment"))
            found.append(Mover(name, account, segment, before, now, parts))
    return tuple(found)
