"""Metric by metric: value, peers, points and points lost as they are, and what a tried value would make of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthscore.formula import formula
from healthscore.model.parts import Metric
from healthscore.scoring.trial import as_it_stands, is_answer
from healthscore.workbook.explain.page import (
    BEHIND,
    COVERAGE,
    DIMENSION,
    HEAD,
    LEFT,
    LOST,
    METRIC,
    PEER_POINTS,
    PEER_VALUE,
    POINTS,
    SHARE,
    THEN_LEFT,
    THEN_LOST,
    THEN_POINTS,
    TRIED_KEY,
    TRY,
    VALUE,
    Page,
    on_sheet,
    shown,
)
from healthscore.workbook.plan import Formula, Height, Scalar, Validation, cell
from healthscore.workbook.segment.columns import value_style
from healthscore.workbook.segment.formulas import plain_value

#: What a score starts from.
FULL = 100
#: Head of the cells to type into.
TRY_TITLE = "Try"
#: The median of whole numbers may lie between two of them.
_MEDIAN_LOOKS = {"whole": "tenth", "days": "tenth"}
_HEADS = {
    METRIC: ("Metric", ""),
    DIMENSION: ("Dimension", "_next"),
    SHARE: ("Share", "_number"),
    VALUE: ("Value", "_number"),
    PEER_VALUE: ("Peers' value", "_number"),
    POINTS: ("Points", "_number"),
    PEER_POINTS: ("Peers' points", "_number"),
    LOST: ("Points lost", "_number"),
    LEFT: ("What is left", "_number"),
    TRY: (TRY_TITLE, "_number"),
    THEN_POINTS: ("Points then", "_number"),
    THEN_LOST: ("Points lost", "_number"),
    THEN_LEFT: ("What is left", "_number"),
}


def plan_metrics(page: Page) -> None:
    """Plan the heads, the full score, and a line per metric."""
    canvas = page.canvas
    for col, (title, kind) in _HEADS.items():
        canvas.put(HEAD, col, title, f"dash_head{kind}")
    canvas.put(HEAD - 1, METRIC, "As it is", "dash_heading")
    canvas.put(HEAD - 1, VALUE, "Peers: the median of its segment", "small")
    canvas.put(HEAD - 1, TRY, "What if", "dash_heading")
    canvas.sheet.heights[HEAD] = Height(30)
    canvas.text(page.full, METRIC, LEFT - METRIC, "Full score")
    canvas.text(page.full, TRY, THEN_LEFT - TRY, None)
    for col in (LEFT, THEN_LEFT):
        canvas.put(page.full, col, FULL, "dash_points")
    now = then = float(FULL)
    for number, metric in enumerate(page.model.metrics):
        line = page.first + number
        _plan_names(page, line, number, metric)
        _plan_now(page, line, metric)
        _plan_try(page, line, metric)
        _plan_then(page, line, metric)
        now -= _number(page.of(metric.name, "lost"))
        then -= 0.0 if page.trial is None else page.trial.lost[metric.name]
        for col, lost, left in ((LEFT, LOST, now), (THEN_LEFT, THEN_LOST, then)):
            text = formula("explain_level", before=cell(line - 1, col), lost=cell(line, lost))
            canvas.put(line, col, Formula(text, "" if page.chosen is None else left), "dash_points")


def _number(value: Scalar) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _plan_names(page: Page, line: int, number: int, metric: Metric) -> None:
    address = page.ground.cells.address
    for col, title, name in ((METRIC, "Metric", metric.name), (DIMENSION, "Dimension", metric.dimension)):
        text = formula("linked_text", cell=address("Metrics", title, number))
        page.canvas.put(line, col, Formula(text, name), "dash_text" if col == METRIC else "dash_text_next")
    chosen = page.chosen
    share = "" if chosen is None else page.segments[chosen.segment].terms.metrics[number].share
    cells = [on_sheet(plan, plan.places.strip("share", f"points:{metric.name}")) for plan in page.segments]
    page.canvas.put(line, SHARE, Formula(page.pick(page.own(line, "share", cells, share)), share), "dash_percent")


def _plan_now(page: Page, line: int, metric: Metric) -> None:
    """Plan value, points and points lost of the account, and the peers' medians."""
    canvas, name, scores = page.canvas, metric.name, page.ground.scores
    look = _look(page, metric)
    middle = _MEDIAN_LOOKS.get(look, look)
    value = page.of(name, "values")
    text = formula("explain_value", segment=page.segment, cells=page.fetch(line, "value", f"value:{name}", value))
    seen = "no data" if value == "" and page.chosen is not None else value
    canvas.put(line, VALUE, Formula(text, seen), f"dash_{look}_right")
    if metric.choices is None:
        _plan_median(page, (line, PEER_VALUE), f"value:{name}", scores.values[name], f"dash_{middle}_right")
    else:
        canvas.put(line, PEER_VALUE, None, "dash_text")
    for col, field in ((POINTS, "points"), (LOST, "lost")):
        given = page.of(name, field)
        cells = page.fetch(line, field, f"{field}:{name}", given)
        canvas.put(line, col, Formula(page.pick(cells), given), "dash_points")
    _plan_median(page, (line, PEER_POINTS), f"points:{name}", scores.points[name], "dash_points")


def _plan_median(page: Page, place: tuple[int, int], key: str, column: pd.Series, style: str) -> None:
    """Plan the median of a column of the account's segment."""
    line, col = place
    field = "peers' value" if col == PEER_VALUE else "peers' points"
    cells = [formula("explain_median", values=plan.places.whole(key)) for plan in page.segments]
    middle: Scalar = ""
    if page.chosen is not None:
        numbers = column.to_numpy(dtype=np.float64)[page.segments[page.chosen.segment].rows]
        present = numbers[~np.isnan(numbers)]
        middle = float(np.median(present)) if len(present) else ""
    page.canvas.put(line, col, Formula(page.pick(page.own(line, field, cells, middle)), middle), style)


# --- the trial -----------------------------------------------------------------------------------------------------


def _plan_try(page: Page, line: int, metric: Metric) -> None:
    """Plan the cell to type a value into, and what may be typed there."""
    page.canvas.put(line, BEHIND, f"{TRIED_KEY}{metric.name}", "strip_key")
    words = metric.choices is not None or is_answer(metric)
    look = "input_literal" if words else f"input_{value_style(metric)}"
    page.canvas.put(line, TRY, page.tried.get(metric.name), look)
    page.canvas.sheet.validations.append(_validation(page, line, metric))


def _validation(page: Page, line: int, metric: Metric) -> Validation:
    place, prompt = (line, TRY, line, TRY), _prompt(metric)
    if metric.choices is not None:
        first = page.segments[0]
        source = on_sheet(first, first.places.listed(f"value:{metric.name}", len(metric.choices)))
        return Validation(*place, "list", source, title=metric.name, prompt=prompt)
    if is_answer(metric):
        return Validation(*place, "list", ("Yes", "No"), title=metric.name, prompt=prompt)
    if metric.rating is not None and as_it_stands(metric):
        return Validation(
            *place, "decimal", minimum=1.0, maximum=float(metric.rating), title=metric.name, prompt=prompt
        )
    kind = "date" if value_style(metric) == "date" else "decimal"
    return Validation(*place, kind, title=metric.name, prompt=prompt)


_ASKED = {
    "change": "The change, as a part of before: -10% for a tenth less.",
    "ratio": "The part of the whole.",
    "days_since": "Days, counted back from the as-of date.",
    "days_until": "Days, counted from the as-of date.",
}


def _prompt(metric: Metric) -> str:
    words = [metric.measures, f"({metric.unit})" if metric.unit else "", _ASKED.get(metric.value_kind, "")]
    return " ".join(word for word in words if word)[:250] or "A value to try."


def _plan_then(page: Page, line: int, metric: Metric) -> None:
    """Plan the value that counts in the trial behind the page, and the points that it would give."""
    canvas, name, trial = page.canvas, metric.name, page.trial
    typed = cell(line, TRY, "$", "$")
    values = []
    for number, places in enumerate(page.thens):
        tried = plain_value(metric, [typed], places) if as_it_stands(metric) else formula("value_column", input=typed)
        now = cell(line, page.col("value", number))
        values.append(formula("explain_value_then", typed=typed, value=now, tried=tried))
    page.own(line, "value then", values, _value_then(page, metric))
    points: Scalar = "" if trial is None else shown(trial.points[name])
    texts = [forms[f"points:{name}"] for forms in page.formulas_then]
    canvas.put(line, THEN_POINTS, Formula(page.pick(page.own(line, "then", texts, points)), points), "dash_points")
    coverage = cell(page.totals + COVERAGE, THEN_LEFT, "$", "$")
    lost = formula("points_lost", coverage=coverage, points=cell(line, THEN_POINTS), share=cell(line, SHARE))
    canvas.put(line, THEN_LOST, Formula(lost, "" if trial is None else trial.lost[name]), "dash_points")


def _value_then(page: Page, metric: Metric) -> Scalar:
    value = "" if page.trial is None else shown(page.trial.values[metric.name])
    if metric.choices is None or value == "":
        return value
    return list(metric.choices)[int(value)]  # type: ignore[arg-type]


def _look(page: Page, metric: Metric) -> str:
    """Return the format word of a metric's values: whole ones without decimals."""
    if is_answer(metric):
        return "answer"
    look = value_style(metric)
    if look != "number":
        return look
    numbers = page.ground.scores.values[metric.name].dropna().to_numpy(dtype=np.float64)
    if not np.all(numbers == np.round(numbers)):
        return look
    return "whole"
