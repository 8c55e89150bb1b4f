"""Changing numbers on the `Model` sheet of a built workbook does what changing the model does."""

from __future__ import annotations

from typing import Any

import pytest

from healthscore import ScoreModel, load_model, read_accounts, score
from healthscore.workbook import plan_book, write_book
from healthscore.workbook.model_sheet import SETTINGS_TABLE, ModelCells
from parity.books import AS_OF, ROOT
from parity.by_hand import ByHand, table_rows
from parity.cells import place_of
from parity.compare import same
from parity.engines import CELLRUNE, EVERY_ENGINE

VERDICT = {
    "Score": "score", "Band": "band", "Grade": "grade", "Outlook": "outlook", "Biggest drag": "drag_1",
    "Points lost to it": "drag_1_points", "Second drag": "drag_2", "Risk signals": "risk_signals",
    "Next action": "next_action", "Priority": "priority", "Coverage": "coverage", "Base": "base", "Cap": "cap",
}  # fmt: skip


def journey_with_a_criterion() -> dict[str, Any]:
    """Return the journey model as plain data, with a criterion to switch."""
    data = load_model("journey").model_dump(by_alias=True, exclude_none=True)
    data["criteria"] = [*data.get("criteria", ()), {"name": "Paid on time"}]
    _metric(data, "Invoices")["criterion"] = "Paid on time"
    return data


def _metric(data: dict[str, Any], name: str) -> dict[str, Any]:
    return next(metric for metric in data["metrics"] if metric["name"] == name)


def _build(data: dict[str, Any], tmp_path):
    model = ScoreModel.model_validate(data)
    accounts = read_accounts(ROOT / "templates" / "demo" / "accounts.csv", model)
    path = write_book(plan_book(accounts, score(accounts, model, AS_OF)), tmp_path / "built.xlsx")
    return model, accounts, ByHand(path), ModelCells(model)


def _assert_scores(book: ByHand, computed, accounts, model: ScoreModel) -> int:
    """Compare the verdict of every account in the recalculated file with Python's under `model`; return how many."""
    table = score(accounts, model, AS_OF).table.set_axis(accounts.frame["id"], axis=0)
    count = 0
    for sheet in book.segment_sheets():
        for row in table_rows(book, computed, sheet.title):
            wanted = table.loc[str(row["Account ID"])]
            for header, column in VERDICT.items():
                value = wanted[column]
                value = "" if value != value else float(value) if not isinstance(value, str) else value  # noqa: PLR0124 (NaN)
                assert same(value, row[header]), f"{row['Account']}, {header}: wanted {value!r}, got {row[header]!r}"
            count += 1
    assert count == len(table)
    return count


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_an_edited_model_scores_as_python_scores_it(engine, tmp_path):
    """A weight, ramp end, band, cap, limit, choice, coverage, criterion and segment line: all change every score."""
    data = journey_with_a_criterion()
    model, accounts, book, cells = _build(data, tmp_path)
    before = score(accounts, model, AS_OF).table["score"]

    def edit(section: str, header: str, value: Any, *start: Any) -> None:
        book.type("Model", cells.find(section, header, cells.line(section, *start)), value)

    edit("Metrics", "Weight", 7, "Survey answer")
    _metric(data, "Survey answer")["weight"] = 7
    edit("Metrics", "Full", 10, "Login recency")
    _metric(data, "Login recency")["ramp"] = [_metric(data, "Login recency")["ramp"][0], 10]
    edit("Bands", "From", 70, "Green")
    next(band for band in data["bands"] if band["name"] == "Green")["from"] = 70
    edit("Rules", "Cap", 20, "Silent churn")
    next(rule for rule in data["rules"] if rule["name"] == "Silent churn")["cap"] = 20
    edit("Conditions", "Limit", -0.05, "Silent churn")
    next(rule for rule in data["rules"] if rule["name"] == "Silent churn")["when"][0]["value"] = -0.05
    edit("Steps and choices", "Points", 15, "Invoices", "Due")
    _metric(data, "Invoices")["choices"]["Due"] = 15
    edit("Settings", "Value", 0.9, "Minimum coverage")
    data["minimum_coverage"] = 0.9
    edit("Criteria", "Switch", "Off", "Paid on time")
    data["criteria"][-1]["on"] = False
    _type_setting(book, ("Medium", "Login recency", "Zero", 45))
    _type_setting(book, ("Medium", "Adoption", "Dimension weight", 90))
    medium = {"name": "Medium", "metrics": {"Login recency": {"ramp": [45, 10]}}, "dimension_weights": {"Adoption": 90}}
    data["segments"] = [*data["segments"], medium]

    changed = ScoreModel.model_validate(data)
    computed = engine.recalculate(book.save(tmp_path / "edited.xlsx"))
    assert _assert_scores(book, computed, accounts, changed) > 50
    after = score(accounts, changed, AS_OF).table["score"]
    assert (before.fillna(-1) != after.fillna(-1)).sum() > 20, "the edits change too few scores to prove anything"


def _type_setting(book: ByHand, line: tuple[str, str, str, float]) -> None:
    """Type a line into the first free row of the Segment settings table."""
    table = book.workbook["Model"].tables[SETTINGS_TABLE]
    first, last = (place_of(part) for part in table.ref.split(":"))
    sheet = book.workbook["Model"]
    free = next(row for row in range(first[0] + 1, last[0] + 1) if sheet.cell(row + 1, 1).value is None)
    for col, value in enumerate(line):
        book.type("Model", (free, col), value)


@pytest.mark.parametrize(
    ("section", "header", "start", "value", "place", "changed"),
    [
        ("Metrics", "Weight", ("Usage trend",), 0, ("metrics", "Usage trend", "weight"), 0),
        ("Metrics", "Quantile", ("Usage among peers",), 0.5, ("metrics", "Usage among peers", "peers"), 0.5),
        ("Metrics", "Stale after", ("CSM's view",), 10, ("metrics", "CSM's view", "stale_after_days"), 10),
        ("Metrics", "Zero again", ("Support load",), 12, ("metrics", "Support load", "plateau"), [-1, 1, 8, 12]),
        ("Dimensions", "Weight", ("Support",), 60, ("dimensions", "Support", "weight"), 60),
        ("Grades", "From", ("A",), 95, ("grades", "A", "from"), 95),
        ("Rules", "At least", ("Several warnings",), 1, ("rules", "Several warnings", "at_least"), 1),
        ("Steps and choices", "Points", ("Survey answer", 9.0), 80, ("metrics", "Survey answer", "steps"), None),
    ],
)
def test_each_number_of_the_model_reaches_the_scores(section, header, start, value, place, changed, tmp_path):
    """One edited cell of each kind gives the scores of the model with that one number changed."""
    data = journey_with_a_criterion()
    _, accounts, book, cells = _build(data, tmp_path)
    book.type("Model", cells.find(section, header, cells.line(section, *start)), value)
    kind, name, setting = place
    part = next(part for part in data[kind] if part["name"] == name)
    part[setting] = [*part["steps"][:-1], (9, 80)] if changed is None else changed
    computed = CELLRUNE.recalculate(book.save(tmp_path / "edited.xlsx"))
    _assert_scores(book, computed, accounts, ScoreModel.model_validate(data))
