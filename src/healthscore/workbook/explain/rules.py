"""The rules: which hold, how high they let the score go, and which would hold in the trial."""

from __future__ import annotations

import datetime as dt

import numpy as np

from healthscore.formula import formula
from healthscore.model.parts import Metric
from healthscore.names import key
from healthscore.scoring.trial import is_answer, tried_value
from healthscore.scoring.values import serial
from healthscore.workbook.explain.page import BEHIND, LEFT, LOST, METRIC, THEN_LEFT, TRY, Page, on_sheet, shown
from healthscore.workbook.plan import Formula, Scalar, cell
from healthscore.workbook.segment.formulas import Inputs

HOLDS, NOT = "● holds", "–"


def plan_rules(page: Page) -> None:
    """Plan a line per rule, and behind the page the columns that rules read."""
    canvas, rules, row = page.canvas, page.model.rules, page.rules
    if not rules:
        canvas.put(row, METRIC, "The model has no rules.", "small")
        return
    canvas.text(row, METRIC, LOST - METRIC, "Rules", "dash_head")
    canvas.text(row, TRY, THEN_LEFT - TRY, None, "dash_head")
    for col, title in ((LOST, "Cap"), (LEFT, "As it is"), (THEN_LEFT, "Then")):
        canvas.put(row, col, title, "dash_head_number")
    for at, name in enumerate(page.read_inputs):
        _plan_input(page, page.inputs + at, name)
    first = page.segments[0]
    for number, rule in enumerate(rules):
        line, mine = page.rule_line(number), f"rule:{rule.name}"
        text = on_sheet(first, first.places.strip("metric", mine))
        canvas.text(line, METRIC, LOST - METRIC, Formula(text, rule.text or rule.name))
        canvas.text(line, TRY, THEN_LEFT - TRY, None)
        limit = Formula(on_sheet(first, first.places.strip("parameter", mine)), rule.cap)
        canvas.put(line, LOST, limit if rule.cap is not None else None, "dash_whole")
        holds, then = page.of(rule.name, "rules"), _then(page, rule.name)
        now = page.fetch(line, "value", mine, holds)
        would = page.own(line, "then", [forms[mine] for forms in page.formulas_then], then)
        for col, behind, cells, value in ((LEFT, BEHIND + 1, now, holds), (THEN_LEFT, BEHIND, would, then)):
            at_cell = canvas.put(line, behind, Formula(page.pick(cells), value), "small")
            word = "" if value == "" else HOLDS if value == 1 else NOT
            canvas.put(line, col, Formula(formula("explain_rule", holds=at_cell), word), "dash_right")


def _then(page: Page, rule: str) -> Scalar:
    return "" if page.trial is None else float(page.trial.rules[rule])


def _plan_input(page: Page, line: int, name: str) -> None:
    """Plan a column that rules read behind the page: as it is, and with what is tried for a metric that shows it."""
    column = Inputs(page.model, page.accounts.bound).key(name)
    value = _typed(page, column)
    page.canvas.put(line, BEHIND, name, "small")
    page.fetch(line, "value", column, value)
    readers = [metric for metric in page.model.metrics if _shows(metric, name)]
    tried = [_tried(page, metric) for metric in readers]
    texts = [
        formula("explain_column_then", tried=tried, value=cell(line, page.col("value", number)))
        for number in range(len(page.segments))
    ]
    typed = [(metric, page.tried[metric.name]) for metric in readers if metric.name in page.tried]
    then = value
    if typed and page.chosen is not None:
        metric, then = typed[0]
        if is_answer(metric) and np.isnan(tried_value(metric, typed[0][1])):
            then = ""
    page.own(line, "value then", texts, then)


def _tried(page: Page, metric: Metric) -> dict[str, str]:
    """Return the cell with the metric's tried value, and what a rule reads of it."""
    typed = cell(page.first + page.model.metrics.index(metric), TRY, "$", "$")
    return {"typed": typed, "value": formula("explain_answer", typed=typed) if is_answer(metric) else typed}


def _shows(metric: Metric, name: str) -> bool:
    return metric.value_kind == "column" and key(metric.inputs[0]) == key(name)


def _typed(page: Page, column: str) -> Scalar:
    """Return what stands in the account's cell of an input column."""
    if page.chosen is None:
        return ""
    plan = page.segments[page.chosen.segment]
    value = plan.sheet.tables[0].columns[plan.places.col(column)].values[page.chosen.position - 1]
    return float(serial(value)) if isinstance(value, dt.date) else shown(value)
