"""The charts at the foot of `Dashboard`: how scores are distributed, and how their mean has moved."""

from __future__ import annotations

from healthscore.formula import formula
from healthscore.history import History
from healthscore.workbook import history as score_history
from healthscore.workbook.board import Canvas, Ground, Value, mean
from healthscore.workbook.dashboard.grid import BINS, Grid
from healthscore.workbook.plan import Chart, Formula, Series, cell
from healthscore.workbook.segment.formulas import AS_OF
from healthscore.workbook.styles import ACCENT, CHART_COLORS

_ROW, _WIDTH = 20, 540  # pixels


def plan_charts(canvas: Canvas, ground: Ground, grid: Grid, rows: tuple[int, int], history: History | None) -> None:
    """Plan the distribution, and beside it the trend once there are earlier days."""
    row, height = rows[0], min(15, max(8, rows[1] - rows[0])) * _ROW
    if history is None or not history.days:
        plan_distribution(canvas, ground, grid, row, (_WIDTH, height))
        return
    plan_distribution(canvas, ground, grid, row, (_WIDTH // 2 - 5, height))
    plan_trend(canvas, ground, grid, (row, height), history)


def plan_distribution(canvas: Canvas, ground: Ground, grid: Grid, row: int, size: tuple[int, int]) -> None:
    """Plan how many accounts have which score, by band: a chart, drawn from a block behind the page."""
    head, col, listed = 1, grid.charts, ground.listed
    canvas.put(head, col, "From", "small")
    canvas.put(head, col + 1, "To", "small")
    signals = ground.signals[:-1]
    for number in range(len(signals)):
        canvas.put(head, col + 2 + number, ground.band_name(number), "small")
    for number, (start, stop) in enumerate(BINS):
        line = head + 1 + number
        first, last = canvas.put(line, col, start, "small"), canvas.put(line, col + 1, stop, "small")
        inside = (listed.score >= start) & (listed.score <= stop)
        for position, signal in enumerate(signals):
            band = cell(head, col + 2 + position, "$", "")
            text = formula("count_between", bands="AllBands", band=band, numbers="AllScores", first=first, last=last)
            count = int((inside & (listed.band == signal.name)).sum())
            canvas.put(line, col + 2 + position, Formula(text, count), "small")
    lines = head + 1, head + len(BINS)
    series = tuple(
        Series(
            canvas.place(head, col + 2 + number, head, col + 2 + number),
            canvas.place(lines[0], col, lines[1], col),
            canvas.place(lines[0], col + 2 + number, lines[1], col + 2 + number),
            CHART_COLORS[signal.color],
        )
        for number, signal in enumerate(signals)
    )
    alt = "Stacked columns: how many accounts have a score from 0, from 10, and so on to 100, by band."
    title = "Accounts by score, in steps of ten"
    canvas.sheet.charts.append(Chart(row, grid.wide, "column", title, alt, series, size, gap=15))


def plan_trend(canvas: Canvas, ground: Ground, grid: Grid, at: tuple[int, int], history: History) -> None:
    """Plan the mean score of every earlier day and of today: a line, drawn from a block behind the page."""
    col = grid.charts
    head = len(BINS) + 12 + len(ground.model.metrics)
    canvas.put(head, col, "Day", "small")
    canvas.put(head, col + 1, "Mean score", "small")
    lines: list[tuple[Value, Value]] = []
    for number, day in enumerate(history.days):
        line = score_history.TREND_ROW + number
        scores = [of[day] for of in history.scores.values() if day in of]
        day_at, mean_at = (
            f"'{score_history.SHEET}'!{cell(line, place, '$', '$')}" for place in (0, score_history.MEAN_COL)
        )
        lines.append((Formula(day_at, day), Formula(mean_at, sum(scores) / len(scores) if scores else "")))
    today = Formula(formula("mean_of", numbers="AllScores"), mean(ground.listed.score))
    lines.append((Formula(AS_OF, ground.scores.as_of), today))
    for number, (day_cell, mean_cell) in enumerate(lines, start=1):
        canvas.put(head + number, col, day_cell, "small_date")
        canvas.put(head + number, col + 1, mean_cell, "small")
    last = head + len(lines)
    series = Series(
        canvas.place(head, col + 1, head, col + 1),
        canvas.place(head + 1, col, last, col),
        canvas.place(head + 1, col + 1, last, col + 1),
        ACCENT,
    )
    alt = "A line: the mean score of every earlier day and of the as-of date, on a scale from 0 to 100."
    size = (_WIDTH // 2 - 5, at[1])
    canvas.sheet.charts.append(
        Chart(at[0], grid.wide, "line", "Mean score over time", alt, (series,), size, legend=False, names="day_month",
              low=0, high=100, offset=(_WIDTH // 2 + 5, 0))
    )  # fmt: skip
