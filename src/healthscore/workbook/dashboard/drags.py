"""What drags the book most, on `Dashboard`: the points that each metric costs, weighted by value."""

from __future__ import annotations

import numpy as np

from healthscore.formula import formula
from healthscore.workbook.board import Canvas, Ground, part, total
from healthscore.workbook.dashboard.grid import BINS, Grid
from healthscore.workbook.plan import Bars, Formula, area, cell

DRAGS = 8


def plan_drags(canvas: Canvas, ground: Ground, grid: Grid, row: int) -> int:
    """Plan the metrics by the points they cost the book; the sums per segment stand behind the page."""
    col = grid.middle
    amounts, lost = _plan_lost(canvas, ground, grid)
    canvas.heading(row, col, "What drags the book")
    canvas.put(row, col + 3, "Weighted by value; accounts that it drags most", "small")
    head = row + 1
    titles = [
        ("Metric", 3, "dash_head"),
        ("Points lost", 1, "dash_head_number"),
        ("Of all lost", 1, "dash_head_number"),
        ("Accounts", 1, "dash_head_number"),
    ]
    canvas.heads(head, col, titles)
    order = sorted((number for number in range(len(lost)) if lost[number] > 0), key=lambda number: -lost[number])
    whole = float(sum(lost))
    canvas.put(head, grid.behind, "Order", "small")
    canvas.put(head, grid.behind + 1, "Metric", "small")
    for rank in range(min(DRAGS, len(lost))):
        line = head + 1 + rank
        chosen = order[rank] if rank < len(order) else None
        number = canvas.put(line, grid.behind, rank + 1, "small")
        points = cell(line, col + 3, "$", "$")
        amount = "" if chosen is None else lost[chosen]
        text = formula("nth_largest", rank=number, numbers=amounts["points"])
        canvas.put(line, col + 3, Formula(text, amount), "dash_points")
        place = formula(
            "place_of",
            amount=points,
            above=cell(line - 1, col + 3),
            place_above=cell(line - 1, grid.behind + 1),
            numbers=amounts["points"],
            places=amounts["places"],
        )
        canvas.put(line, grid.behind + 1, Formula(place, "" if chosen is None else chosen + 1), "small")
        at = cell(line, grid.behind + 1, "$", "$")
        name = "" if chosen is None else ground.model.metrics[chosen].name
        metric = canvas.text(
            line, col, 3, Formula(formula("at_place", place=at, column=amounts["names"]), name), "dash_text"
        )
        share = formula("drag_part", amount=points, amounts=amounts["points"])
        canvas.put(line, col + 4, Formula(share, part(float(amount or 0), whole) if name else ""), "dash_percent")
        biggest = formula("drag_accounts", metric=metric, drags="AllDrags")
        mine = int((ground.listed.drag == name).sum()) if name else ""
        canvas.put(line, col + 5, Formula(biggest, mine), "dash_whole")
    last = head + min(DRAGS, len(lost))
    canvas.sheet.bars.append(Bars(head + 1, col + 3, last, col + 3, "#D9B8B3"))
    return head + 1 + DRAGS


def _plan_lost(canvas: Canvas, ground: Ground, grid: Grid) -> tuple[dict[str, str], list[float]]:
    """Plan the points lost per metric and segment behind the page; return the ranges and the points per metric."""
    listed, model = ground.listed, ground.model
    row, col = len(BINS) + 6, grid.charts
    scored = ~np.isnan(listed.score)
    by_value = round(total(listed.weight[scored]), 6) > 0
    weights = listed.weight if by_value else np.ones(len(listed))
    flag = canvas.put(
        row,
        col + 2,
        Formula(formula("weighed_by_value", scores="AllScores", values="AllValues"), int(by_value)),
        "small",
    )
    whole = total(weights[scored])
    weight_text = formula("weights_of_scored", by_value=flag, scores="AllScores", values="AllValues")
    canvas.put(row, col, "Points lost: weighed by value", "small")
    canvas.put(row + 1, col, "Weight of the scored accounts", "small")
    weight = canvas.put(row + 1, col + 2, Formula(weight_text, whole), "small")
    head = row + 2
    for offset, title in enumerate(("Number", "Metric", "Points lost", *(plan.name for plan in ground.segments))):
        canvas.put(head, col + offset, title, "small")
    lost = ground.scores.lost.to_numpy()[listed.rows]
    found: list[float] = []
    last_segment = col + 2 + len(ground.segments)
    for number, metric in enumerate(model.metrics):
        line = head + 1 + number
        canvas.put(line, col, number + 1, "small")
        name = formula("linked_text", cell=ground.cells.address("Metrics", "Metric", number))
        canvas.put(line, col + 1, Formula(name, metric.name), "small")
        sums = []
        for offset, plan in enumerate(ground.segments, start=col + 3):
            places = plan.places
            text = formula(
                "lost_in_segment",
                by_value=flag,
                scores=places.whole("score"),
                values=places.whole("role:value"),
                lost=places.whole(f"lost:{metric.name}"),
            )
            mine = scored & (listed.segment == plan.name)
            sums.append(total(weights[mine] * lost[mine, number]))
            canvas.put(line, offset, Formula(text, sums[-1]), "small")
        points = round(sum(sums) / whole, 9) if whole else 0.0
        text = formula("lost_on_average", weight=weight, lost=f"{cell(line, col + 3)}:{cell(line, last_segment)}")
        canvas.put(line, col + 2, Formula(text, points), "small")
        found.append(points)
    last = head + len(model.metrics)
    ranges = {
        name: area(head + 1, col + offset, last, col + offset)
        for offset, name in enumerate(("places", "names", "points"))
    }
    return ranges, found
