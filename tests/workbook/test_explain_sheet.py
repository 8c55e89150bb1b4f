"""How the sheet Explain is made: its list, its inputs, its chart, and that it stays small with many accounts."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from healthscore.history import Explained
from healthscore.workbook import Book, plan_book
from healthscore.workbook.explain.page import BEHIND, CHOICE, HEAD, METRIC, SHEET, TRY
from healthscore.workbook.plan import Formula, Sheet, Validation
from parity.books import book_of, model_of, scored
from workbook.package import Package


def explain(book: Book) -> Sheet:
    """Return the sheet of a plan."""
    return next(sheet for sheet in book.sheets if sheet.name == SHEET)


def many_metrics(count: int) -> list[dict[str, Any]]:
    """So many metrics with long names, of several kinds in turn."""
    kinds: list[dict[str, Any]] = [{"ramp": [0, 9]}, {"peers": 0.9}, {"steps": [[0, 0], [5, 90]]}, {"rating": 5}]
    return [{"name": f"{n} {'m' * 70}", "column": f"c{n}", **kinds[n % 4]} for n in range(count)]


def wide_book(accounts: int, metrics: int, segments: int) -> Book:
    """A book of some size: every formula names tables, headers and sheets as long as they get."""
    names = [f"Segment {n} {'s' * 60}" for n in range(segments)]
    rules = [
        {
            "name": f"Rule {n}",
            "cap": n,
            "when": [{"metric": f"{m} {'m' * 70}", "op": "<", "value": 5} for m in range(3)],
        }
        for n in range(8)
    ]
    rng = np.random.default_rng(1)
    columns = {f"c{n}": rng.integers(1, 6, accounts) for n in range(metrics)}
    ids = [f"C{n}" for n in range(accounts)]
    frame = pd.DataFrame({"id": ids, "segment": [names[n % segments] for n in range(accounts)], **columns})
    return book_of(model_of(metrics=many_metrics(metrics), rules=rules), frame)


def formulas_of(sheet: Sheet) -> list[str]:
    """Return the texts of a sheet's formulas."""
    return [cell.value.text for cell in sheet.cells if isinstance(cell.value, Formula)]


def test_an_account_is_chosen_from_a_list(demo: Package, demo_path):
    """The cell takes an account from the list of all of them, and holds one when the workbook is opened."""
    sheet = openpyxl.load_workbook(demo_path)[SHEET]
    cell = sheet.cell(CHOICE + 1, METRIC + 1)
    (found,) = [one for one in sheet.data_validations.dataValidation if cell.coordinate in one.sqref]
    assert (found.type, found.formula1) == ("list", "AllChoices")
    assert cell.number_format == "@", "a name that looks like a number or a formula stays a text"
    listed = openpyxl.load_workbook(demo_path, data_only=True)["List"]
    header = next(one.column for one in listed[4] if one.value == "Choices")
    labels = [listed.cell(row, header).value for row in range(5, listed.max_row + 1)]
    filled = [label for label in labels if label]
    assert cell.value in filled
    assert (
        len(filled) == len(set(filled)) == sum(1 for row in range(5, listed.max_row + 1) if listed.cell(row, 3).value)
    )
    assert labels[: len(filled)] == filled, "no gap between two accounts"


def test_accounts_of_one_name_have_labels_of_their_own():
    """Two accounts called alike, with ids that differ in case only, are told apart."""
    frame = pd.DataFrame({"id": ["a1", "A1", "a2"], "account": ["Same", "same", "Same"], "c0": [1, 2, 3]})
    model = model_of(metrics=many_metrics(1))
    accounts, scores = scored(model, frame)
    shown = []
    for name in ("a1", "A1", "a2"):
        sheet = explain(plan_book(accounts, scores, explained=Explained(name)))
        shown.append(next(one.value for one in sheet.cells if (one.row, one.col) == (CHOICE, METRIC)))
    assert shown == ["Same · a1", "same · A1", "Same · a2"]


def test_each_metric_takes_what_it_can_use(demo_plan, journey):
    """A choice comes from the list, a yes or no from two words, a rating from its scale, other values are numbers."""
    sheet = explain(demo_plan)
    at = {one.first_row: one for one in sheet.validations if one.first_col == TRY}
    found: dict[str, Validation] = {m.name: at[HEAD + 2 + n] for n, m in enumerate(journey.metrics)}
    assert set(at) == set(range(HEAD + 2, HEAD + 2 + len(journey.metrics)))
    for metric in journey.metrics:
        one = found[metric.name]
        if metric.choices is not None:
            assert one.kind == "list"
            assert isinstance(one.source, str)
        elif metric.input_type == "yes_no":
            assert (one.kind, one.source) == ("list", ("Yes", "No"))
        elif metric.rating is not None:
            assert (one.kind, one.minimum, one.maximum) == ("decimal", 1, metric.rating)
        else:
            assert one.kind == "decimal"
        assert one.prompt


def test_the_waterfall_is_a_chart_with_a_text(demo_plan, journey):
    """The chart has a step per metric and those from base to score, and an alternative text."""
    (chart,) = explain(demo_plan).charts
    assert "waterfall" in chart.alt
    first, last = (int(number) for number in re.findall(r"\$(\d+)", chart.series[0].categories))
    assert last - first + 1 >= len(journey.metrics) + 6
    assert [series.color == "" for series in chart.series].count(True) == 1


def test_start_leads_there(demo_plan):
    """The contents on Start link to Explain."""
    start = next(sheet for sheet in demo_plan.sheets if sheet.name == "Start")
    assert f"'{SHEET}'!$A$1" in {getattr(cell.value, "place", "") for cell in start.cells}


def test_formulas_stay_short():
    """With 12 segments, 25 metrics and names as long as they get no formula comes near Excel's limit."""
    longest = max(map(len, formulas_of(explain(wide_book(24, 25, 12)))))
    assert longest < 4096


@pytest.mark.parametrize(("metrics", "segments"), [(3, 1), (25, 12)])
def test_as_many_formulas_whatever_the_number_of_accounts(metrics, segments):
    """Explain has as many formulas for 600 accounts as for 24, and only one of them looks for an account."""
    few, many = (formulas_of(explain(wide_book(count, metrics, segments))) for count in (24, 600))
    assert len(few) == len(many)
    assert len([text for text in many if "AllLabels" in text]) == 1
    assert [re.sub(r"\d+", "0", text) for text in few] == [re.sub(r"\d+", "0", text) for text in many]


def test_workings_are_folded_away(demo_plan):
    """What stands behind the page is grouped and closed, outside the print area."""
    sheet = explain(demo_plan)
    last = max(cell.col for cell in sheet.cells)
    assert sheet.print_area is not None
    assert sheet.print_area[3] < BEHIND
    assert all(sheet.widths[col].hidden and sheet.widths[col].level for col in range(BEHIND, last + 1))
