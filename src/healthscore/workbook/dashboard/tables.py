"""The tables of `Dashboard`: bands by segment, renewals, what drags the book, stages and regions, distribution."""

from __future__ import annotations

import numpy as np

from healthscore.formula import formula
from healthscore.scoring.values import serial
from healthscore.workbook.board import Canvas, Ground, Value, frequent, part, same, total
from healthscore.workbook.dashboard.drags import DRAGS, plan_drags
from healthscore.workbook.dashboard.grid import Grid
from healthscore.workbook.listing import Texts
from healthscore.workbook.plan import Chart, Formula, Scalar, Series, cell
from healthscore.workbook.segment.formulas import AS_OF
from healthscore.workbook.styles import CHART_COLORS

#: Days ahead that the renewals are counted in, from the first to the last.
WINDOWS = ((0, 30), (31, 60), (61, 90))
GROUPS = 12
_ROW = 20  # pixels of a row


def band_heads(ground: Ground) -> list[tuple[Value, int, str]]:
    """Return one head per band, in its colour."""
    return [(ground.band_name(number), 1, f"dash_band_{signal.color}") for number, signal in enumerate(ground.signals)]


# --- bands by segment ----------------------------------------------------------------------------------------------


def plan_segments(canvas: Canvas, ground: Ground, grid: Grid, row: int) -> int:
    """Plan accounts and value by band and segment, with its chart; return the next free row."""
    signals, count = ground.signals, len(ground.signals)
    counts, values = grid.left + 2, grid.middle
    canvas.heading(row, grid.left, "Accounts by segment")
    canvas.heading(row, values, ground.money("Value by segment"))
    head = row + 1
    titles = [*band_heads(ground), ("All", 1, "dash_head_number")]
    canvas.heads(head, grid.left, [("Segment", 2, "dash_head"), *titles])
    canvas.heads(head, grid.middle, titles)
    first = head + 1
    for number, plan in enumerate(ground.segments):
        line = first + number
        canvas.text(line, grid.left, 2, Formula(plan.sheet.place(0, 0), plan.name))
        mine = ground.listed.segment == plan.name
        bands, weights = ground.listed.band[mine], ground.listed.weight[mine]
        for position, signal in enumerate(signals):
            asked = {"bands": plan.places.whole("band"), "band": cell(head, counts + position, "$", "")}
            own = bands == signal.name
            canvas.put(line, counts + position, Formula(formula("count_band", **asked), int(own.sum())), "dash_whole")
            asked |= {"values": plan.places.whole("role:value")}
            worth = Formula(formula("value_of_band", **asked), total(weights[own]))
            canvas.put(line, values + position, worth, "dash_short")
        _put_sum(canvas, line, counts, count, len(bands), "dash_whole")
        _put_sum(canvas, line, values, count, total(weights), "dash_short")
    last = first + len(ground.segments) - 1
    canvas.text(last + 1, grid.left, 2, "All", "dash_total_text")
    bands, weights = ground.listed.band, ground.listed.weight
    for start, style in ((counts, "dash_total_whole"), (values, "dash_total_short")):
        for position in range(count + 1):
            col = start + position
            own = bands == signals[position].name if position < count else np.ones(len(bands), dtype=bool)
            whole = int(own.sum()) if start == counts else total(weights[own])
            sums = formula("sum_of", cells=f"{cell(first, col)}:{cell(last, col)}")
            canvas.put(last + 1, col, Formula(sums, whole), style)
    end = max(last + 2, row + 9)
    series = _band_series(canvas, ground, head, first, last, grid.left, values)
    alt = "Stacked bars, one per segment: the value in each band, from the lowest band to the unscored accounts."
    height = (end - row) * _ROW - 4
    canvas.sheet.charts.append(
        Chart(row, grid.wide, "bar", "Value by band and segment", alt, series, (540, height), number="short")
    )
    return end


def _put_sum(canvas: Canvas, row: int, col: int, count: int, value: Scalar, style: str) -> None:
    text = formula("sum_of", cells=f"{cell(row, col)}:{cell(row, col + count - 1)}")
    canvas.put(row, col + count, Formula(text, value), style)


def _band_series(
    canvas: Canvas, ground: Ground, head: int, first: int, last: int, names: int, values: int
) -> tuple[Series, ...]:
    return tuple(
        Series(
            canvas.place(head, values + number, head, values + number),
            canvas.place(first, names, last, names),
            canvas.place(first, values + number, last, values + number),
            CHART_COLORS[signal.color],
        )
        for number, signal in enumerate(ground.signals)
    )


# --- renewals, and what drags the book -----------------------------------------------------------------------------


def plan_renewals_and_drags(canvas: Canvas, ground: Ground, grid: Grid, row: int) -> int:
    """Plan the renewals of the next 90 days by band beside the metrics that cost most; return the next free row."""
    return max(_plan_renewals(canvas, ground, grid, row), plan_drags(canvas, ground, grid, row))


def _plan_renewals(canvas: Canvas, ground: Ground, grid: Grid, row: int) -> int:
    canvas.heading(row, grid.left, ground.money("Renewals ahead, value by band"))
    head, listed = row + 1, ground.listed
    titles: list[tuple[Value, int, str]] = [
        ("From day", 1, "dash_head_number"),
        ("To day", 1, "dash_head_number"),
        ("Accounts", 1, "dash_head_number"),
    ]
    canvas.heads(head, grid.left, [*titles, *band_heads(ground)])
    first, values = head + 1, grid.left + 3
    as_of = serial(ground.scores.as_of)
    for number, days in enumerate(WINDOWS):
        line = first + number
        for col, day in enumerate(days, start=grid.left):
            canvas.put(line, col, day, "dash_whole")
        asked = {
            "dates": "AllRenewals",
            "as_of": AS_OF,
            "first": cell(line, grid.left, "", "$"),
            "last": cell(line, grid.left + 1, "", "$"),
        }
        due = (listed.renewal >= as_of + days[0]) & (listed.renewal <= as_of + days[1])
        canvas.put(line, grid.left + 2, Formula(formula("renewals_count", **asked), int(due.sum())), "dash_whole")
        for position, signal in enumerate(ground.signals):
            band = cell(head, values + position, "$", "")
            text = formula("renewals_value", **asked, bands="AllBands", band=band, values="AllValues")
            worth = total(listed.weight[due & (listed.band == signal.name)])
            canvas.put(line, values + position, Formula(text, worth), "dash_short")
    last = first + len(WINDOWS) - 1
    canvas.text(last + 1, grid.left, 2, "All", "dash_total_text")
    due = np.zeros(len(listed), dtype=bool)
    for start, stop in WINDOWS:
        due |= (listed.renewal >= as_of + start) & (listed.renewal <= as_of + stop)
    sums = [(grid.left + 2, float(due.sum()), "dash_total_whole")]
    sums += [
        (values + number, total(listed.weight[due & (listed.band == signal.name)]), "dash_total_short")
        for number, signal in enumerate(ground.signals)
    ]
    for col, worth, style in sums:
        text = formula("sum_of", cells=f"{cell(first, col)}:{cell(last, col)}")
        canvas.put(last + 1, col, Formula(text, worth), style)
    series = _band_series(canvas, ground, head, first, last, grid.left + 1, values)
    alt = "Stacked columns for the days until renewal: the value that renews, by band."
    size = (540, (DRAGS + 2) * _ROW - 4)
    title = "Value that renews, by days ahead and band"
    canvas.sheet.charts.append(Chart(row, grid.wide, "column", title, alt, series, size, number="short"))
    return last + 2


# --- by stage and region -------------------------------------------------------------------------------------------


def plan_groups(canvas: Canvas, ground: Ground, grid: Grid, row: int) -> int:
    """Plan the book by stage and, beside it, by region; return the next free row."""
    listed = ground.listed
    ends = [
        _plan_group(canvas, ground, grid, (row, grid.left), ("Stage", "AllStages", listed.stage)),
        _plan_group(canvas, ground, grid, (row, grid.middle), ("Region", "AllRegions", listed.region)),
    ]
    return max(ends)


def _plan_group(canvas: Canvas, ground: Ground, grid: Grid, at: tuple[int, int], group: tuple[str, str, Texts]) -> int:
    """Plan one line per value of the group, the most frequent first, and one for the others."""
    (row, col), (title, column, texts) = at, group
    listed, worst = ground.listed, ground.signals[0]
    canvas.heading(row, col, f"By {title.lower()}")
    head = row + 1
    name = ground.band_name(0)
    canvas.heads(
        head,
        col,
        [
            (title, 2, "dash_head"),
            ("Accounts", 1, "dash_head_number"),
            ("Value", 1, "dash_head_number"),
            ("Mean score", 1, "dash_head_number"),
            (name, 1, f"dash_band_{worst.color}"),
            ("Part of value", 1, "dash_head_number"),
        ],
    )
    names = frequent(texts, GROUPS)
    first = head + 1
    helper = grid.behind if column == "AllStages" else grid.behind + 2
    canvas.put(head, helper, "Scored", "small")
    canvas.put(head, helper + 1, "Sum of scores", "small")
    band = cell(head, col + 5, "$", "$")
    masks = [same(texts, group_name) for group_name in names]
    for number, (group_name, mine) in enumerate(zip(names, masks, strict=True)):
        line = first + number
        label = canvas.text(line, col, 2, group_name)
        asked = {"groups": column, "group": label}
        texts_of = {
            col + 2: formula("group_count", **asked),
            col + 3: formula("group_value", **asked, values="AllValues"),
            col + 5: formula("group_value_band", **asked, bands="AllBands", band=band, values="AllValues"),
            helper: formula("group_numbers", **asked, numbers="AllScores"),
            helper + 1: formula("group_value", **asked, values="AllScores"),
        }
        _put_group(canvas, ground, line, (col, helper), texts_of, mine)
    line, last = first + len(names), first + len(names) - 1
    rest = ~np.any(masks, axis=0) if masks else np.ones(len(listed), dtype=bool)
    canvas.text(line, col, 2, "Other or none")
    wholes = {
        col + 2: "COUNT(AllRows)",
        col + 3: "SUM(AllValues)",
        col + 5: formula("value_of_band", bands="AllBands", band=band, values="AllValues"),
        helper: "COUNT(AllScores)",
        helper + 1: "SUM(AllScores)",
    }
    rests = {
        offset: formula("rest_of", whole=whole, parts=f"{cell(first, offset)}:{cell(last, offset)}") if names else whole
        for offset, whole in wholes.items()
    }
    _put_group(canvas, ground, line, (col, helper), rests, rest)
    return line + 1


def _put_group(
    canvas: Canvas, ground: Ground, line: int, cols: tuple[int, int], texts: dict[int, str], mine: np.ndarray
) -> None:
    (col, helper), listed = cols, ground.listed
    scores = listed.score[mine]
    scored, summed = int((~np.isnan(scores)).sum()), total(scores)
    value = round(total(listed.weight[mine]), 6)
    worst = round(total(listed.weight[mine & (listed.band == ground.signals[0].name)]), 6)
    found: dict[int, tuple[Scalar, str]] = {
        col + 2: (int(mine.sum()), "dash_whole"),
        col + 3: (value, "dash_short"),
        col + 5: (worst, "dash_short"),
        helper: (scored, "small"),
        helper + 1: (summed, "small"),
    }
    for offset, (number, style) in found.items():
        canvas.put(line, offset, Formula(texts[offset], number), style)
    text = formula("mean_of_sum", count=cell(line, helper), sum=cell(line, helper + 1))
    canvas.put(line, col + 4, Formula(text, summed / scored if scored else ""), "dash_points")
    text = formula("part_of_whole", part=cell(line, col + 5), whole=cell(line, col + 3))
    canvas.put(line, col + 6, Formula(text, part(worst, value)), "dash_percent")
