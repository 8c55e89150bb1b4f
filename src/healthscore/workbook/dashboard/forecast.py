"""The forecast on the second page of `Dashboard`: what renews month by month, by band and its outlook.

The expected value needs a renewal rate per band, an input on `Model`; it stays empty until every band has one.
"""

from __future__ import annotations

import datetime as dt

from healthscore.formula import formula
from healthscore.scoring.values import serial
from healthscore.workbook.board import Canvas, Ground, Value, total
from healthscore.workbook.dashboard.grid import Grid
from healthscore.workbook.dashboard.tables import band_heads
from healthscore.workbook.plan import Chart, Formula, Height, Scalar, Series, area, cell
from healthscore.workbook.segment.formulas import AS_OF
from healthscore.workbook.styles import CHART_COLORS

MONTHS = 12


def plan_forecast(canvas: Canvas, ground: Ground, grid: Grid, row: int) -> int:
    """Plan twelve months of renewals, the renewal rates and the chart; return the last row."""
    col, count = grid.left, len(ground.signals)
    canvas.heading(row, col, ground.money("Forecast: value that renews, by month"))
    hint = "Expected: value × renewal rate of its band. The rates are inputs on Model, empty until you know yours."
    canvas.put(row + 1, col, hint, "small")
    rates, outlooks, head = row + 2, row + 3, row + 4
    canvas.sheet.heights[outlooks] = Height(26)
    canvas.put(rates, col, "Renewal rate", "dash_text")
    canvas.put(outlooks, col, "Outlook", "dash_text")
    titles: list[tuple[Value, int, str]] = [("Month", 1, "dash_head")]
    end: list[tuple[Value, int, str]] = [("All", 1, "dash_head_number"), ("Expected", 1, "dash_head_number")]
    canvas.heads(head, col, [*titles, *band_heads(ground), *end])
    for number, band in enumerate(ground.model.bands):
        rate = formula("number_or_nothing", cell=ground.cells.address("Bands", "Renewal rate", number))
        known = "" if band.renewal_rate is None else band.renewal_rate
        canvas.put(rates, col + 1 + number, Formula(rate, known), "dash_percent")
        line = ground.cells.text_row("Band", band.name, "Outlook")
        text = formula("linked_text", cell=ground.cells.address("Texts", "Text", line))
        canvas.put(outlooks, col + 1 + number, Formula(text, band.outlook), "dash_outlook")
    for line in (rates, outlooks):
        for more in range(count, count + 3):
            canvas.put(line, col + more, None)
    given = area(rates, col + 1, rates, col + len(ground.model.bands))
    first = head + 1
    days = months(ground.scores.as_of)
    for number, day in enumerate(days):
        _plan_month(canvas, ground, (first + number, head, col), (number, day), given)
    last = first + MONTHS - 1
    _plan_sums(canvas, ground, (first, last, col), days)
    series = tuple(
        Series(
            canvas.place(outlooks, col + 1 + number, outlooks, col + 1 + number)
            if number < len(ground.model.bands) and ground.model.bands[number].outlook
            else canvas.place(head, col + 1 + number, head, col + 1 + number),
            canvas.place(first, col, last, col),
            canvas.place(first, col + 1 + number, last, col + 1 + number),
            CHART_COLORS[signal.color],
        )
        for number, signal in enumerate(ground.signals)
    )
    alt = "Stacked columns, one per month: the value that renews, by the outlook of the account's band."
    size = (80 * grid.half + 540, (last - row + 1) * 20)
    title = "Value that renews, by month and outlook"
    canvas.sheet.charts.append(
        Chart(row, grid.middle, "column", title, alt, series, size, number="short", names="month")
    )
    return last + 1


def months(as_of: dt.date) -> list[tuple[int, int]]:
    """Return the first and last day of the month of the as-of date, from that date on, and of the eleven after it."""
    found = []
    start = as_of
    for _ in range(MONTHS):
        following = dt.date(start.year + start.month // 12, start.month % 12 + 1, 1)
        found.append((serial(start), serial(following) - 1))
        start = following
    return found


def _plan_month(
    canvas: Canvas, ground: Ground, at: tuple[int, int, int], month: tuple[int, tuple[int, int]], rates: str
) -> None:
    (line, head, col), (number, (start, stop)) = at, month
    listed, signals = ground.listed, ground.signals
    text = AS_OF if number == 0 else formula("next_month", day=cell(line - 1, col))
    day = canvas.put(line, col, Formula(text, start), "dash_month")
    due = (listed.renewal >= start) & (listed.renewal <= stop)
    worths = [total(listed.weight[due & (listed.band == signal.name)]) for signal in signals]
    for position, worth in enumerate(worths):
        band = cell(head, col + 1 + position, "$", "")
        asked = formula("month_value", dates="AllRenewals", day=day, bands="AllBands", band=band, values="AllValues")
        canvas.put(line, col + 1 + position, Formula(asked, worth), "dash_short")
    whole = f"{cell(line, col + 1)}:{cell(line, col + len(signals))}"
    canvas.put(line, col + 1 + len(signals), Formula(formula("sum_of", cells=whole), sum(worths)), "dash_short")
    values = f"{cell(line, col + 1)}:{cell(line, col + len(signals) - 1)}"
    expected = formula("expected_value", rates=rates, values=values)
    canvas.put(line, col + 2 + len(signals), Formula(expected, _expected(ground, worths)), "dash_short")


def _expected(ground: Ground, worths: list[float]) -> Scalar:
    """Twin of expected_value."""
    rates = [band.renewal_rate for band in ground.model.bands]
    if any(rate is None for rate in rates):
        return ""
    return sum(rate * worth for rate, worth in zip(rates, worths, strict=False) if rate is not None)


def _plan_sums(canvas: Canvas, ground: Ground, at: tuple[int, int, int], days: list[tuple[int, int]]) -> None:
    (first, last, col), listed = at, ground.listed
    due = (listed.renewal >= days[0][0]) & (listed.renewal <= days[-1][1])
    worths = [total(listed.weight[due & (listed.band == signal.name)]) for signal in ground.signals]
    canvas.put(last + 1, col, "All", "dash_total_text")
    for offset, worth in enumerate([*worths, sum(worths)], start=1):
        text = formula("sum_of", cells=f"{cell(first, col + offset)}:{cell(last, col + offset)}")
        canvas.put(last + 1, col + offset, Formula(text, worth), "dash_total_short")
    offset = len(worths) + 2
    cells = f"{cell(first, col + offset)}:{cell(last, col + offset)}"
    text = formula("sum_or_nothing", cells=cells)
    canvas.put(last + 1, col + offset, Formula(text, _expected(ground, worths)), "dash_total_short")
