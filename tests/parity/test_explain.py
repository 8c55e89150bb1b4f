"""Explain in a real engine: choosing an account shows its numbers, and typing a value gives what Python says it would."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from healthscore import Accounts, Scores
from healthscore.history import Explained
from healthscore.pipeline import template
from healthscore.scoring.trial import Trial, Typed, try_values
from healthscore.scoring.values import serial
from healthscore.workbook import plan_book, write_book
from healthscore.workbook.explain.page import (
    BAND,
    BASE,
    CALCULATED,
    CAP,
    CHOICE,
    COVERAGE,
    FACTS,
    GRADE,
    HEAD,
    LEFT,
    METRIC,
    OVERRIDE,
    SCORE,
    SHEET,
    THEN_LEFT,
    TRY,
)
from parity.books import AS_OF, model_of, scored
from parity.by_hand import ByHand
from parity.cells import CellError, Value
from parity.compare import assert_parity, same
from parity.engines import CELLRUNE, EVERY_ENGINE, Recalculated

#: Every kind of value and of points, with a value to try and the export's columns of four accounts.
KINDS: dict[str, tuple[dict[str, Any], Typed, dict[str, list[Any]]]] = {
    "Ramp": ({"column": "ramp", "ramp": [10, 0]}, 2.5, {"ramp": [1, 6, None, 9]}),
    "Plateau": ({"column": "load", "plateau": [0, 2, 5, 9]}, 7.0, {"load": [1, 3, 8, None]}),
    "Peers": ({"column": "hours", "peers": 0.9, "zero": 1}, 25.0, {"hours": [10, 20, 30, 40]}),
    "Steps": ({"column": "steps", "steps": [[0, 0], [0.3, 50], [0.6, 100]]}, 0.1 + 0.2, {"steps": [0.1, 0.7, None, 0]}),
    "Choices": ({"column": "pay", "choices": {"Paid": 100, "007": 40, "TRUE": 10}}, "007", {"pay": ["Paid", None] * 2}),
    "Rating": ({"column": "view", "rating": 5}, 4.0, {"view": [1, 2, 5, None]}),
    "Yes or no": ({"column": "spons", "type": "yes_no", "ramp": [0, 1]}, "Yes", {"spons": ["No", None, "Yes", "No"]}),
    "Date": (
        {"column": "start", "type": "date", "ramp": [45000, 47000]},
        float(serial(dt.date(2026, 1, 2))),
        {"start": ["2026-01-01", None, "2024-05-05", "2025-12-31"]},
    ),
    "Change": ({"change": ["now", "before"], "ramp": [-1, 1]}, -0.1, {"now": [1, 5, 0, 2], "before": [2, 5, 0, None]}),
    "Ratio": ({"ratio": ["part", "all"], "ramp": [0, 1]}, 0.25, {"part": [1, 2, 3, 4], "all": [4, 4, 0, 5]}),
    "Since": ({"days_since": "seen", "ramp": [90, 0]}, 10.0, {"seen": ["2026-06-01", None, "2026-05-05", "2026-06-30"]}),
    "Until": ({"days_until": "ends", "ramp": [0, 90]}, 400.0, {"ends": ["2026-08-01", None, "2026-07-05", "2027-01-01"]}),
    "Stale": (
        {"column": "old", "ramp": [0, 9], "as_of_column": "dated", "stale_after_days": 30},
        5.0,
        {"old": [1, 2, 3, None], "dated": ["2020-01-01", None, "2026-06-29", None]},
    ),
}  # fmt: skip
#: Lines of the totals -> what Python calls them.
STEPS = {COVERAGE: "coverage", BASE: "base", CAP: "cap", CALCULATED: "calculated"}


def every_kind() -> tuple[Accounts, Scores]:
    """Four accounts of two segments with metrics of every kind, rules on values and columns, an override."""
    model = model_of(
        dimensions=[{"name": "All"}, {"name": "Other", "weight": 2}],
        metrics=[
            {"name": name, "weight": 1 + number % 3, "dimension": ("All", "Other")[number % 2], **given}
            for number, (name, (given, _, _)) in enumerate(KINDS.items())
        ],
        rules=[
            {"name": "Bad ramp", "cap": 33, "when": [{"metric": "Ramp", "op": ">=", "value": 2.5}]},
            {"name": "No sponsor", "cap": 66, "when": [{"column": "spons", "op": "<>", "value": "Yes"}]},
            {"name": "Pays", "when": [{"column": "pay", "op": "=", "value": "Paid"}]},
            {"name": "Both", "cap": 20, "at_least": 2, "of": ["Bad ramp", "Pays"]},
        ],
        grades=[{"name": "D", "from": 0}, {"name": "C", "from": 45}, {"name": "B", "from": 60}],
        segments=[
            {"name": "One", "weights": {"Ramp": 9, "Peers": 0}, "metrics": {"Plateau": {"plateau": [0, 1, 2, 20]}}},
            {"name": "Two", "bands": {"Yellow": 30}, "minimum_coverage": 0.1, "metrics": {"Peers": {"peers": 0.5}}},
        ],
        minimum_coverage=0.5,
    )
    columns = {name: values for _, _, given in KINDS.values() for name, values in given.items()}
    names = {"account": ['O"Neil', "=1+1", "شركة 🚀", "x" * 255], "segment": ["One", "Two", "One", "Two"]}
    frame = pd.DataFrame({"id": ["a-1", "A-1", "C [3]", "C*4"], **names, **columns, "value": [5, 6, 7, 8]})
    people = {
        "override_score": np.array([np.nan, 90, np.nan, np.nan]),
        "override_reason": pd.Series([None, "Why", None, None], dtype=object),
        "override_by": pd.Series([None, "Ann", None, None], dtype=object),
        "override_until": pd.to_datetime(pd.Series([None, "2027-01-01", None, None])).astype("datetime64[s]"),
    }
    return scored(model, frame, people)


class OnSheet:
    """Explain as an engine computed it, by what stands on the left of a line."""

    def __init__(self, computed: Recalculated, metrics: int) -> None:
        self.cells, self.totals = computed[SHEET], HEAD + 2 + metrics
        self.first = HEAD + 2

    def at(self, row: int, col: int) -> Value:
        """Return a cell; blank as an empty text."""
        return self.cells.get((row, col), "")

    def total(self, offset: int, col: int = LEFT) -> Value:
        """Return a cell of the lines below the metrics."""
        return self.at(self.totals + offset, col)


def line_of(model: Any, name: str) -> int:
    """Return the line of a metric."""
    return HEAD + 2 + [metric.name for metric in model.metrics].index(name)


def shown(value: float) -> Value:
    """Return a number as a cell shows it: nothing where it is missing."""
    return "" if value != value else float(value)  # noqa: PLR0124 (NaN)


def assert_shows(sheet: OnSheet, scores: Scores, row: int, trial: Trial) -> None:
    """Compare what the sheet shows of an account, as it is and in the trial, with Python."""
    model, table = scores.model, scores.table.iloc[row]
    wanted: dict[tuple[int, int], Value] = {}
    left = then = 100.0
    for number, metric in enumerate(model.metrics):
        line, name = sheet.first + number, metric.name
        left -= float(scores.lost[name].iloc[row])
        then -= trial.lost[name]
        mine = scores.resolved.index == scores.resolved.index[row]
        points = scores.points[name][mine].dropna()
        share = scores.resolved.segments[scores.resolved.index[row]].metrics[number].share
        wanted |= {
            (line, 1): name,
            (line, 3): share,
            (line, 6): shown(scores.points[name].iloc[row]),
            (line, 7): float(np.median(points)) if len(points) else "",
            (line, 8): shown(scores.lost[name].iloc[row]),
            (line, LEFT): left,
            (line, 12): shown(trial.points[name]),
            (line, 13): trial.lost[name],
            (line, THEN_LEFT): then,
        }
    for offset, name in STEPS.items():
        wanted[sheet.totals + offset, LEFT] = shown(table[name])
        wanted[sheet.totals + offset, THEN_LEFT] = shown(getattr(trial, name))
    override = shown(table["score"]) if table["override_active"] else ""
    bands = [f"{band.sign} {band.name}" for band in model.bands] + ["○ Unscored"]
    grades = [*(grade.name for grade in model.grades), ""]
    wanted |= {
        (sheet.totals + OVERRIDE, LEFT): override,
        (sheet.totals + SCORE, LEFT): shown(table["score"]),
        (sheet.totals + SCORE, THEN_LEFT): shown(trial.calculated),
        (sheet.totals + BAND, LEFT): f"{table['symbol']} {table['band']}",
        (sheet.totals + BAND, THEN_LEFT): bands[trial.band],
        (sheet.totals + GRADE, LEFT): str(table["grade"]),
        (sheet.totals + GRADE, THEN_LEFT): grades[trial.grade],
    }
    for number, rule in enumerate(model.rules):
        line = sheet.totals + 11 + number
        wanted[line, LEFT] = "● holds" if scores.rules[rule.name].iloc[row] else "–"
        wanted[line, THEN_LEFT] = "● holds" if trial.rules[rule.name] else "–"
    found = {place: (value, sheet.at(*place)) for place, value in wanted.items() if not same(value, sheet.at(*place))}
    assert found == {}


LABELS = ['O"Neil · a-1', "=1+1 · A-1", "شركة 🚀 · C [3]", f"{'x' * 255} · C*4"]


@pytest.mark.parametrize("engine", EVERY_ENGINE)
@pytest.mark.parametrize("row", range(4))
def test_choosing_an_account_shows_its_numbers(engine, row, tmp_path):
    """Points, lost, shares, peers, rules and score of the chosen account, whatever its name and case of its id."""
    accounts, scores = every_kind()
    book = ByHand(write_book(plan_book(accounts, scores), tmp_path / "built.xlsx"))
    book.type(SHEET, (CHOICE, METRIC), LABELS[row])
    if LABELS[row].startswith("="):
        book.workbook[SHEET].cell(CHOICE + 1, METRIC + 1).data_type = "s"
    computed = engine.recalculate(book.save(tmp_path / "chosen.xlsx"))
    trial = try_values(scores, accounts.frame, row, {}, accounts.bound)
    assert_shows(OnSheet(computed, len(KINDS)), scores, row, trial)


@pytest.mark.parametrize("engine", EVERY_ENGINE)
@pytest.mark.parametrize("row", range(4))
def test_typing_values_gives_what_python_says(engine, row, tmp_path):
    """A value of every kind typed at once gives the points, rules, score, band and grade that Python gives."""
    accounts, scores = every_kind()
    path = write_book(
        plan_book(accounts, scores, explained=Explained(accounts.frame["id"].iloc[row])), tmp_path / "b.xlsx"
    )
    book, tried = ByHand(path), {name: typed for name, (_, typed, _) in KINDS.items()}
    for name, typed in tried.items():
        book.type(SHEET, (line_of(scores.model, name), TRY), typed)
    computed = engine.recalculate(book.save(tmp_path / "tried.xlsx"))
    trial = try_values(scores, accounts.frame, row, tried, accounts.bound)
    assert_shows(OnSheet(computed, len(KINDS)), scores, row, trial)


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_value_by_itself(name, tmp_path):
    """One value typed for one metric changes that metric, the rules that read it and the score; as Python says."""
    accounts, scores = every_kind()
    book = ByHand(write_book(plan_book(accounts, scores, explained=Explained("a-1")), tmp_path / "built.xlsx"))
    typed = KINDS[name][1]
    book.type(SHEET, (line_of(scores.model, name), TRY), typed)
    sheet = OnSheet(CELLRUNE.recalculate(book.save(tmp_path / "tried.xlsx")), len(KINDS))
    trial = try_values(scores, accounts.frame, 0, {name: typed}, accounts.bound)
    assert trial.points != try_values(scores, accounts.frame, 0, {}, accounts.bound).points
    assert_shows(sheet, scores, 0, trial)


@pytest.mark.parametrize(
    ("name", "typed"), [("Ramp", "many"), ("Rating", 7.0), ("Choices", "no such"), ("Yes or no", 1.0)]
)
def test_what_is_no_value_counts_as_missing(name, typed, tmp_path):
    """A typed text among numbers, a rating off its scale, an unknown choice: the metric has no points then."""
    accounts, scores = every_kind()
    book = ByHand(write_book(plan_book(accounts, scores, explained=Explained("a-1")), tmp_path / "built.xlsx"))
    book.type(SHEET, (line_of(scores.model, name), TRY), typed)
    sheet = OnSheet(CELLRUNE.recalculate(book.save(tmp_path / "tried.xlsx")), len(KINDS))
    assert sheet.at(line_of(scores.model, name), 12) == ""
    assert_shows(sheet, scores, 0, try_values(scores, accounts.frame, 0, {name: typed}, accounts.bound))


@pytest.mark.parametrize("engine", EVERY_ENGINE)
@pytest.mark.parametrize("account", ["a-1", "A-1", "C [3]", "C*4", ""])
def test_a_planned_trial_agrees_in_every_cell(engine, account, tmp_path):
    """What Python plans for an account and tried values, or for none, is what the engine computes in every cell."""
    accounts, scores = every_kind()
    tried = {name: typed for name, (_, typed, _) in KINDS.items()} | {"Rating": 9.0}
    assert_parity(plan_book(accounts, scores, explained=Explained(account, tried)), tmp_path, engine)


@pytest.mark.parametrize("text", ["", "nobody · C-9", 'o"NEIL · a-1'])
def test_no_account_shows_nothing(text, tmp_path):
    """Without a choice, or with one that is not on the list letter by letter, no number is shown and no error."""
    accounts, scores = every_kind()
    book = ByHand(write_book(plan_book(accounts, scores), tmp_path / "built.xlsx"))
    book.type(SHEET, (CHOICE, METRIC), text or None)
    computed = CELLRUNE.recalculate(book.save(tmp_path / "chosen.xlsx"))
    sheet = OnSheet(computed, len(KINDS))
    assert not [value for value in computed[SHEET].values() if isinstance(value, CellError)]
    lines = [*range(sheet.first, sheet.first + len(KINDS)), *(sheet.totals + offset for offset in range(9))]
    assert {sheet.at(line, col) for line in lines for col in (4, 6, 8, LEFT, THEN_LEFT)} == {""}
    assert sheet.at(CHOICE + 1, METRIC) != ""


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_a_typed_row_can_be_chosen(engine, tmp_path):
    """In a blank workbook a row is typed and chosen: its score stands there, and a trial of it."""
    _, scores = every_kind()
    book = ByHand(write_book(template(scores.model, rows=3, as_of=AS_OF), tmp_path / "blank.xlsx"))
    row, columns = book.rows("Two")[1], book.columns("Two")
    for header, value in {"Account": "New one", "ramp": 4, "spons": "No", "view": 3, "hours": 7}.items():
        book.type("Two", (row, columns[header]), value)
    book.type(SHEET, (CHOICE, METRIC), "New one · Two 2")
    book.type(SHEET, (line_of(scores.model, "Ramp"), TRY), 1)
    computed = engine.recalculate(book.save(tmp_path / "typed.xlsx"))
    sheet = OnSheet(computed, len(KINDS))
    assert "New one · Two 2" in {value for value in computed["List"].values() if isinstance(value, str)}
    assert (sheet.at(FACTS + 1, 1), sheet.at(line_of(scores.model, "Ramp"), 4)) == ("Two", 4)
    assert sheet.at(line_of(scores.model, "Ramp"), 6) == pytest.approx(60)
    assert sheet.at(line_of(scores.model, "Ramp"), 12) == pytest.approx(90)
    assert isinstance(sheet.total(SCORE), float)
    assert sheet.total(SCORE) == computed["Two"][row, columns["Score"]]


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_the_list_to_choose_from_has_no_gaps(engine, tmp_path):
    """The labels stand one below the other, segment by segment, each once; a row typed later comes in its place."""
    accounts, scores = every_kind()
    book = ByHand(write_book(plan_book(accounts, scores, empty_rows=2), tmp_path / "built.xlsx"))
    row, columns = book.rows("One")[2], book.columns("One")
    book.type("One", (row, columns["Account"]), "Late comer")
    computed = engine.recalculate(book.save(tmp_path / "typed.xlsx"))
    headers = {computed["List"].get((3, col)): col for col in range(40)}
    choices = [computed["List"].get((line, headers["Choices"]), "") for line in range(4, 12)]
    assert choices == [LABELS[0], LABELS[2], "Late comer · One 3", LABELS[1], LABELS[3], "", "", ""]
