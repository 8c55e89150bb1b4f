"""The waterfall: from the full score down to the base, then rules and overrides, to the score. Drawn beside the table."""

from __future__ import annotations

from collections.abc import Mapping

from healthscore.formula import formula
from healthscore.workbook.explain.metrics import FULL
from healthscore.workbook.explain.page import (
    BAND,
    BASE,
    CALCULATED,
    CAP,
    CHART,
    HEAD,
    LEFT,
    LOST,
    METRIC,
    OVERRIDE,
    SCORE,
    THEN_LEFT,
    Page,
    shown,
)
from healthscore.workbook.plan import Chart, Formula, Scalar, Series, cell

#: In pixels: a row, the chart, and the room for the names of its steps. The heads above the table take three rows.
_ROW, _WIDTH, _NAMES = 20, 520, 190
#: Characters that the names have room for.
_LONGEST = 32
#: Columns behind the page: title of the step, then what stacks up to its bar.
_HEADS = ("Step", "Below", "Level", "Lost", "Gained", "Tried")
#: The line that the score of the trial is drawn on.
THEN = BAND
#: Light enough to read a number on; what lies below a bar is not drawn.
_COLORS = ("", "#9CC7BC", "#EBA99F", "#B5DBA8", "#A5C6E8")
#: The axis ends where the last number has room.
_AXIS_END = 108


def plan_waterfall(page: Page) -> None:
    """Plan the steps behind the page, each beside its line of the table, and the chart that is drawn from them."""
    canvas, left = page.canvas, page.side + 5
    for offset, title in enumerate(_HEADS):
        canvas.put(HEAD, left + offset, title, "small")
    most = canvas.put(HEAD - 1, left, _LONGEST, "small")
    canvas.put(HEAD - 1, left + 1, "characters of a name", "small")
    _step(page, page.full, "Full score", {"Level": Formula(cell(page.full, LEFT, "$", "$"), FULL)})
    level = float(FULL)
    for number, metric in enumerate(page.model.metrics):
        line = page.first + number
        lost = page.of(metric.name, "lost")
        level -= lost if isinstance(lost, float) else 0.0
        parts = {
            "Below": Formula(cell(line, LEFT, "$", "$"), "" if page.chosen is None else level),
            "Lost": Formula(cell(line, LOST, "$", "$"), lost),
        }
        title = formula("explain_step", name=cell(line, METRIC, "$", "$"), most=most)
        short = metric.name if len(metric.name) <= _LONGEST else f"{metric.name[:_LONGEST]}…"
        _step(page, line, Formula(title, short), parts)
    for offset, (title, parts) in _last_steps(page).items():
        _step(page, page.totals + offset, title, parts)
    _plan_chart(page, page.totals + THEN)


def _step(page: Page, line: int, title: Formula | str, parts: Mapping[str, Formula]) -> None:
    page.canvas.put(line, page.side + 5, title, "small")
    for name, part in parts.items():
        page.canvas.put(line, page.side + 5 + _HEADS.index(name), part, "small")


def _last_steps(page: Page) -> dict[int, tuple[str, dict[str, Formula]]]:
    """Return the steps after the metrics: line of the totals -> title, and what stacks up to its bar."""
    at = {offset: cell(page.totals + offset, LEFT, "$", "$") for offset in (BASE, CAP, CALCULATED, OVERRIDE, SCORE)}
    table = {name: page.of(name) for name in ("base", "cap", "calculated", "score")}
    override = table["score"] if page.of("override_active") == 1 else ""
    then = cell(page.totals + SCORE, THEN_LEFT, "$", "$")
    tried = "" if page.trial is None else shown(page.trial.calculated)
    found = {BASE: ("Base", {"Level": Formula(at[BASE], table["base"])})}
    if page.segments[0].places.has("cap"):
        below = _lower(at[BASE], at[CAP], table["base"], table["cap"])
        lost = _drop(at[BASE], at[CAP], table["base"], table["cap"])
        found[CAP] = ("Cap", {"Below": below, "Lost": lost})
    found[CALCULATED] = ("Calculated", {"Level": Formula(at[CALCULATED], table["calculated"])})
    parts = {
        "Below": _lower(at[CALCULATED], at[OVERRIDE], table["calculated"], override),
        "Lost": _drop(at[CALCULATED], at[OVERRIDE], table["calculated"], override),
        "Gained": _drop(at[OVERRIDE], at[CALCULATED], override, table["calculated"]),
    }
    found[OVERRIDE] = ("Override", parts)
    found[SCORE] = ("Score", {"Level": Formula(at[SCORE], table["score"])})
    found[THEN] = ("Score then", {"Tried": Formula(then, tried)})
    return found


def _lower(first: str, second: str, one: Scalar, other: Scalar) -> Formula:
    text = formula("explain_lower", first=first, second=second)
    return Formula(text, min(one, other) if isinstance(one, float) and isinstance(other, float) else "")


def _drop(before: str, after: str, one: Scalar, other: Scalar) -> Formula:
    text = formula("explain_drop", before=before, after=after)
    return Formula(text, max(0.0, one - other) if isinstance(one, float) and isinstance(other, float) else "")


def _plan_chart(page: Page, last: int) -> None:
    canvas, left, top = page.canvas, page.side + 5, page.full
    series = tuple(
        Series(
            canvas.place(HEAD, left + offset, HEAD, left + offset),
            canvas.place(top, left, last, left),
            canvas.place(top, left + offset, last, left + offset),
            color,
            labels=bool(color),
        )
        for offset, color in enumerate(_COLORS, start=1)
    )
    alt = (
        "A waterfall: from the full score of 100 down by the points that each metric loses to the base, then what rules "
        "and an override change, to the score; below it the score that the tried values would give."
    )
    plot = (_NAMES, 3 * _ROW, _WIDTH - _NAMES - _ROW, (last - top + 1) * _ROW)
    size = (_WIDTH, plot[1] + plot[3] + 2 * _ROW)
    canvas.sheet.charts.append(
        Chart(HEAD - 1, CHART, "bar", "From 100 to the score", alt, series, size, legend=False, number="steps",
              low=0, high=_AXIS_END, gap=25, plot=plot)
    )  # fmt: skip
