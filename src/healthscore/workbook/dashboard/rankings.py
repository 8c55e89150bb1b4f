"""The rankings of `Dashboard`: the watch list, and who moved up and down.

A line asks for its amount (the n-th largest), finds the account's place in `List`, and fetches the rest from there.
Amount and place stand behind the page.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from healthscore.formula import formula
from healthscore.workbook.board import Canvas, Ground
from healthscore.workbook.dashboard.grid import Grid
from healthscore.workbook.listing import Floats
from healthscore.workbook.plan import Formula, Highlight, Scalar, cell

WATCHED, MOVERS = 15, 5
#: First row of the texts of the signals, behind the page.
SIGNALS_ROW = 3


def plan_signals(canvas: Canvas, ground: Ground, grid: Grid) -> None:
    """Plan symbol and name of each band behind the page, as the rankings show them, for their colours."""
    for number, signal in enumerate(ground.signals):
        name, sign = ground.band_name(number), ground.band_sign(number)
        if isinstance(name, Formula) and isinstance(sign, Formula):
            text = formula("symbol_and_band", symbol=sign.text, band=name.text)
            canvas.put(SIGNALS_ROW + number, grid.behind, Formula(text, signal.shown), "small")
        else:
            canvas.put(SIGNALS_ROW + number, grid.behind, signal.shown, "small")
    canvas.put(SIGNALS_ROW - 1, grid.behind, "Bands as shown", "small")


def light_up(canvas: Canvas, ground: Ground, signals: tuple[int, int], place: tuple[int, int, int]) -> None:
    """Colour a column of signals: `signals` is where their texts start, `place` is column, first row, last row."""
    (row, col), (column, first, last) = signals, place
    for number, signal in enumerate(ground.signals):
        same = f"{cell(first, column, '', '$')}={cell(row + number, col, '$', '$')}"
        canvas.sheet.highlights.append(Highlight(first, column, last, column, same, f"band_{signal.color}"))


def ranked(amounts: Floats, count: int, *, down: bool = False) -> list[int]:
    """Return the positions of the largest amounts above 0 (or the smallest below 0); equal ones in their order."""
    signed = -amounts if down else amounts
    chosen = np.flatnonzero(signed > 0)
    order = chosen[np.argsort(-signed[chosen], kind="stable")]
    return [int(position) for position in order[:count]]


class Ranking:
    """One ranking: `count` lines from `row` on, amount and place in two columns from `behind` on."""

    def __init__(self, canvas: Canvas, ground: Ground, row: int, behind: int, numbers: str) -> None:
        self.canvas, self.ground, self.row, self.behind, self.numbers = canvas, ground, row, behind, numbers
        canvas.put(row - 1, behind, "Rank", "small")
        canvas.put(row - 1, behind + 1, "Amount", "small")
        canvas.put(row - 1, behind + 2, "Place", "small")

    def plan(self, amounts: Floats, count: int, *, down: bool = False) -> list[int | None]:
        """Plan rank, amount and place of every line; return the account's position of each, None where there is none."""
        order = ranked(amounts, count, down=down)
        kind = "nth_smallest" if down else "nth_largest"
        found: list[int | None] = []
        for number in range(count):
            line = self.row + number
            chosen = order[number] if number < len(order) else None
            rank = self.canvas.put(line, self.behind, number + 1, "small")
            amount = Formula(
                formula(kind, rank=rank, numbers=self.numbers), "" if chosen is None else float(amounts[chosen])
            )
            at = self.canvas.put(line, self.behind + 1, amount, "small")
            text = formula(
                "place_of",
                amount=at,
                above=cell(line - 1, self.behind + 1),
                place_above=cell(line - 1, self.behind + 2),
                numbers=self.numbers,
                places="AllPlaces",
            )
            place = "" if chosen is None else int(self.ground.listed.places[chosen])
            self.canvas.put(line, self.behind + 2, Formula(text, place), "small")
            found.append(chosen)
        return found

    def fetch(self, line: int, column: str, value: Scalar) -> Formula:
        """Return the cell that fetches a column of the list for the account in this line."""
        place = cell(line, self.behind + 2, "", "$")
        return Formula(formula("at_place", place=place, column=column), value)

    def signal(self, line: int, value: Scalar) -> Formula:
        """Return the cell with symbol and band of the account in this line."""
        place = cell(line, self.behind + 2, "", "$")
        return Formula(formula("signal_at_place", place=place, symbols="AllSignals", bands="AllBands"), value)


#: Columns of the watch list: title, columns taken, name of the list's column, style.
_WATCH = (
    ("Account", 3, "AllAccounts", "text"),
    ("Owner", 2, "AllOwners", "text_next"),
    ("Segment", 2, "AllSegments", "text_next"),
    ("Value", 1, "AllValues", "short"),
    ("Score", 1, "AllScores", "score"),
    ("Signal", 1, "", "signal"),
    ("Change", 1, "AllChanges", "signed"),
    ("Biggest drag", 2, "AllDrags", "text_next"),
    ("Renewal", 1, "AllRenewals", "date"),
    ("Next action", 1, "AllActions", "text"),
)
_MOVED = (
    ("Account", 3, "AllAccounts", "text"),
    ("Segment", 2, "AllSegments", "text_next"),
    ("Score", 1, "AllScores", "score"),
    ("Change", 1, "AllChanges", "signed"),
)


def plan_watch_list(canvas: Canvas, ground: Ground, grid: Grid, row: int) -> int:
    """Plan the accounts where attention pays most: value times the part of the score that is lost."""
    canvas.heading(row, grid.left, "Watch list")
    canvas.put(row, grid.left + 2, "Where attention pays most: value × the part of the score that is lost", "small")
    ranking = Ranking(canvas, ground, row + 2, grid.behind, "AllPriorities")
    found = ranking.plan(ground.listed.priority.astype(np.float64), WATCHED)
    cut = next(number for number, column in enumerate(_WATCH) if column[0] == "Value")
    for start, columns in ((grid.left, _WATCH[:cut]), (grid.middle, _WATCH[cut:-1]), (grid.wide, _WATCH[-1:])):
        _plan_ranking(canvas, ground, (row, start), ranking, columns, found)
    return row + 2 + WATCHED


def plan_movers(canvas: Canvas, ground: Ground, grid: Grid, row: int) -> int:
    """Plan who moved most since the last snapshot: up on the left, down on the right."""
    for col, title, behind, down in (
        (grid.left, "Moved up most", grid.behind, False),
        (grid.middle, "Moved down most", grid.behind + 3, True),
    ):
        canvas.heading(row, col, title)
        canvas.put(row, col + 3, "Since the last snapshot; empty until there is one", "small")
        ranking = Ranking(canvas, ground, row + 2, behind, "AllChanges")
        found = ranking.plan(ground.listed.change, MOVERS, down=down)
        _plan_ranking(canvas, ground, (row, col), ranking, _MOVED, found)
    return row + 2 + MOVERS


def _plan_ranking(
    canvas: Canvas,
    ground: Ground,
    at: tuple[int, int],
    ranking: Ranking,
    columns: Sequence[tuple[str, int, str, str]],
    found: list[int | None],
) -> None:
    row, col = at
    centred = {"score": "dash_head_centre", "signed": "dash_head_centre", "date": "dash_head_centre"}
    heads = {"short": "dash_head_number", "signal": "dash_head_centre", "text_next": "dash_head_next", **centred}
    canvas.heads(row + 1, col, [(title, span, heads.get(style, "dash_head")) for title, span, _, style in columns])
    values = shown_values(ground)
    for number, chosen in enumerate(found):
        line, start = row + 2 + number, col
        for _, span, column, style in columns:
            value = "" if chosen is None else values[column or "Signal"][chosen]
            value = value if isinstance(value, str) or value == value else ""  # noqa: PLR0124 (NaN)
            made = ranking.fetch(line, column, value) if column else ranking.signal(line, value)
            canvas.text(line, start, span, made, f"dash_{style}")
            start += span
    position = next((n for n, column in enumerate(columns) if column[3] == "signal"), None)
    if position is not None:
        start = col + sum(span for _, span, _, _ in columns[:position])
        light_up(canvas, ground, (SIGNALS_ROW, ranking.behind), (start, row + 2, row + 1 + len(found)))


def shown_values(ground: Ground) -> dict[str, np.ndarray]:
    """Return the list's columns that rankings show, by name; `Signal` is symbol and band."""
    listed = ground.listed
    return {
        "AllAccounts": listed.account,
        "AllOwners": listed.owner,
        "AllSegments": listed.segment,
        "AllValues": listed.value,
        "AllScores": listed.score,
        "AllChanges": listed.change,
        "AllDrags": listed.drag,
        "AllRenewals": listed.renewal,
        "AllActions": listed.action,
        "Signal": np.array(
            [f"{sign} {band}" for sign, band in zip(listed.signal, listed.band, strict=True)], dtype=object
        ),
    }
