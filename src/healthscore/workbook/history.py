"""The sheet `Score history`: the portfolio's trend, and every account's score of each earlier day.

Excel keeps the plain name History for itself (it refuses a sheet of that name), hence the longer one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from healthscore.formula import formula
from healthscore.history import History, Value
from healthscore.workbook.keyed import put_keyed_table
from healthscore.workbook.plan import Formula, Height, Sheet, Width

SHEET = "Score history"
TABLE = "ScoreHistory"
#: Row of the first line of the portfolio's trend; dates in the first column, mean scores in `MEAN_COL`.
TREND_ROW = 5
ACCOUNTS_COL, MEAN_COL = 1, 2


def plan_history(history: History) -> Sheet:
    """Plan the sheet; a history without days gives the title and one sentence."""
    sheet = Sheet(SHEET, "output", freeze=(TREND_ROW, 2))
    sheet.heights[0] = Height(28)
    sheet.put(0, 0, "Score history", "title")
    sheet.put(1, 0, "The scores of earlier days, as they were. A refresh adds the day before it.", "note")
    sheet.widths = {0: Width(16), 1: Width(30), **{col: Width(11.5) for col in range(2, 2 + len(history.days))}}
    if not history.days:
        sheet.put(3, 0, "Nothing yet: the first refresh puts the scores of this day here.", "text")
        return sheet
    sheet.put(TREND_ROW - 2, 0, "The portfolio", "heading")
    for col, title in enumerate(("Day", "Accounts with a score", "Mean score")):
        sheet.put(TREND_ROW - 1, col, title, "header_right" if col else "header")
    for number, day in enumerate(history.days):
        scores = [line[day] for line in history.scores.values() if day in line]
        whole = f"{TABLE}[[{day.isoformat()}]]"
        mean = sum(scores) / len(scores) if scores else ""
        sheet.put(TREND_ROW + number, 0, day, "date")
        sheet.put(
            TREND_ROW + number,
            ACCOUNTS_COL,
            Formula(formula("count_numbers", values=whole), len(scores)),
            "figure_plain",
        )
        sheet.put(
            TREND_ROW + number, MEAN_COL, Formula(formula("mean_score", scores=whole), mean), "figure_plain_points"
        )
    row = TREND_ROW + len(history.days) + 1
    sheet.put(row, 0, "Every account", "heading")
    accounts = list(history.names)
    columns: dict[str, tuple[str, Sequence[Value]]] = {
        "id": ("Account ID", accounts),
        "account": ("Account", list(history.names.values())),
    }
    for day in history.days:
        columns[day.isoformat()] = (day.isoformat(), [history.scores.get(name, {}).get(day) for name in accounts])
    put_keyed_table(sheet, TABLE, row + 1, columns, {day.isoformat(): "score" for day in history.days})
    return sheet


def history_of(columns: Sequence[str], lines: Sequence[Mapping[str, Value]]) -> History:
    """Return the history from the columns and lines of its table; a day on which nobody had a score is a day too."""
    found: dict[str, dict[dt.date, float]] = {}
    names: dict[str, str] = {}
    days = {dt.date.fromisoformat(name) for name in columns if name not in ("id", "account")}
    for line in lines:
        name = text(line.get("id") or line.get("account"))
        names[name] = text(line.get("account") or name)
        for key, value in line.items():
            if key not in ("id", "account") and isinstance(value, float):
                found.setdefault(name, {})[dt.date.fromisoformat(key)] = value
    return History(tuple(sorted(days)), names, found)


def text(value: Value) -> str:
    """Return a cell of a table of ours as text."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
