"""What if: the score that an account would have with other values is the score of an account that has them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from healthscore.scoring import score_frame
from healthscore.scoring.trial import Trial, Typed, tried_value, try_values
from parity.books import AS_OF, model_of, scored

RAMP = {"name": "Use", "column": "use", "ramp": [0, 10]}


def frame(**columns: list[Any]) -> pd.DataFrame:
    """An export with so many accounts."""
    count = max(len(values) for values in columns.values())
    return pd.DataFrame({"id": [f"C-{number}" for number in range(count)], **columns})


def told(trial: Trial) -> tuple[float, float, float, dict[str, bool]]:
    """The parts of a trial that a person looks at first."""
    return trial.base, trial.cap, trial.calculated, dict(trial.rules)


def test_nothing_tried_is_the_score_as_it_is():
    """Without a tried value a trial gives what the account has, missing values included."""
    model = model_of(
        metrics=[RAMP, {"name": "Pay", "column": "pay", "choices": {"Paid": 100, "Late": 40}}],
        rules=[{"name": "Low", "when": [{"metric": "Use", "op": "<", "value": 3}], "cap": 40}],
        minimum_coverage=0.5,
    )
    accounts, scores = scored(model, frame(use=[2, 9, None], pay=["Late", None, None]))
    for row in range(3):
        trial = try_values(scores, accounts.frame, row, {}, accounts.bound)
        table = scores.table.iloc[row]
        for name in ("coverage", "base", "cap", "calculated"):
            assert np.array_equal(getattr(trial, name), table[name], equal_nan=True)
        assert dict(trial.lost) == dict(scores.lost.iloc[row])
        assert trial.band == (-1 if math.isnan(table["band_number"]) else table["band_number"] - 1)


def test_worked_by_hand():
    """Use 2 of 10 and Late: base (20 + 40)/2, held at 25 by a rule; with Use 8 the rule lets go and the base is 60."""
    model = model_of(
        metrics=[RAMP, {"name": "Pay", "column": "pay", "choices": {"Paid": 100, "Late": 40}}],
        rules=[{"name": "Low", "when": [{"metric": "Use", "op": "<", "value": 3}], "cap": 25}],
    )
    accounts, scores = scored(model, frame(use=[2], pay=["Late"]))
    assert told(try_values(scores, accounts.frame, 0, {}, accounts.bound)) == (30, 25, 25, {"Low": True})
    assert told(try_values(scores, accounts.frame, 0, {"Use": 8.0}, accounts.bound)) == (60, 100, 60, {"Low": False})


def test_peers_stay_as_they_are():
    """A value that would be the peers' best is measured against the peers without it."""
    model = model_of(metrics=[{"name": "Hours", "column": "hours", "peers": 1.0}])
    accounts, scores = scored(model, frame(hours=[10, 50, 100]))
    trial = try_values(scores, accounts.frame, 0, {"Hours": 80.0}, accounts.bound)
    assert trial.calculated == 80, "the best of the peers is still 100"


def test_a_missing_value_is_filled():
    """An account without enough data gets a score by the value that it lacks."""
    model = model_of(metrics=[RAMP, {"name": "Two", "column": "two", "ramp": [0, 10]}])
    accounts, scores = scored(model, frame(use=[5], two=[None]))
    assert math.isnan(scores.table["score"].iloc[0])
    trial = try_values(scores, accounts.frame, 0, {"Two": 10.0}, accounts.bound)
    assert (trial.coverage, trial.calculated, trial.band) == (1, 75, 2)


@pytest.mark.parametrize(
    ("metric", "typed", "wanted"),
    [
        (RAMP, 3.5, 3.5),
        (RAMP, "many", math.nan),
        (RAMP, True, math.nan),
        ({"name": "Pay", "column": "pay", "choices": {"007": 1, "TRUE": 2, "In dispute": 3}}, 7.0, math.nan),
        ({"name": "Pay", "column": "pay", "choices": {"007": 1, "TRUE": 2, "In dispute": 3}}, "007", 0),
        ({"name": "Pay", "column": "pay", "choices": {"007": 1, "TRUE": 2, "In dispute": 3}}, True, 1),
        ({"name": "Pay", "column": "pay", "choices": {"007": 1, "TRUE": 2, "In dispute": 3}}, " in  dispute", 2),
        ({"name": "Sponsor", "column": "sponsor", "type": "yes_no", "ramp": [0, 1]}, "yes", 1),
        ({"name": "Sponsor", "column": "sponsor", "type": "yes_no", "ramp": [0, 1]}, 1.0, math.nan),
        ({"name": "View", "column": "view", "rating": 5}, 5.0, 5),
        ({"name": "View", "column": "view", "rating": 5}, 6.0, math.nan),
        ({"name": "Trend", "change": ["now", "before"], "ramp": [-1, 1]}, -0.1, -0.1),
    ],
)
def test_what_counts_as_a_value(metric: dict[str, Any], typed: Typed, wanted: float):
    """A typed value counts as the metric takes it, or is missing."""
    assert tried_value(model_of(metrics=[metric]).metrics[0], typed) == pytest.approx(wanted, nan_ok=True)


def test_rules_see_what_is_tried():
    """A rule on the column that a metric takes as it stands sees the tried value; on a column of a change it does not."""
    model = model_of(
        metrics=[
            {"name": "Sponsor", "column": "sponsor", "type": "yes_no", "ramp": [0, 1]},
            {"name": "Trend", "change": ["now", "before"], "ramp": [-1, 1]},
            {"name": "Pay", "column": "pay", "choices": {"Paid": 100, "Late": 0}},
        ],
        rules=[
            {"name": "No sponsor", "when": [{"column": "sponsor", "op": "=", "value": "No"}]},
            {"name": "Few", "when": [{"column": "now", "op": "<", "value": 60}]},
            {"name": "Argues", "when": [{"column": "pay", "op": "<>", "value": "paid"}]},
        ],
    )
    accounts, scores = scored(model, frame(sponsor=["No"], now=[50], before=[100], pay=["Late"]))
    tried: dict[str, Typed] = {"Sponsor": "Yes", "Trend": 0.5, "Pay": "Paid"}
    before = try_values(scores, accounts.frame, 0, {}, accounts.bound)
    after = try_values(scores, accounts.frame, 0, tried, accounts.bound)
    assert before.rules == {"No sponsor": True, "Few": True, "Argues": True}
    assert after.rules == {"No sponsor": False, "Few": True, "Argues": False}


def test_a_trial_is_the_score_of_an_account_that_has_those_values():
    """Without peers, trying values gives what scoring an export with those values gives, account by account."""
    model = model_of(
        metrics=[
            RAMP,
            {"name": "Days", "days_since": "day", "steps": [[0, 100], [30, 50], [90, 0]]},
            {"name": "Load", "column": "load", "plateau": [0, 2, 5, 9], "weight": 3},
            {"name": "Pay", "column": "pay", "choices": {"Paid": 100, "Late": 40}},
        ],
        rules=[{"name": "Bad", "when": [{"column": "load", "op": ">", "value": 6}], "cap": 30}],
        segments=[{"name": "A", "weights": {"Use": 9}}, {"name": "B", "minimum_coverage": 0.2}],
    )
    given = frame(
        use=[1, 2, None, 7],
        day=["2026-06-01", None, "2026-01-01", "2026-06-29"],
        load=[1, 4, 7, None],
        pay=["Paid", "Late", None, "Paid"],
        segment=["A", "B", "A", "C"],
    )
    accounts, scores = scored(model, given)
    tried: dict[str, Typed] = {"Use": 6.0, "Days": 40.0, "Load": 8.0, "Pay": "Late"}
    for row in range(len(given)):
        edited = given.copy().astype(object)
        edited.loc[row, ["use", "day", "load", "pay"]] = [6, "2026-05-21", 8, "Late"]
        changed, _ = scored(model, edited)
        wanted = score_frame(changed.frame, model, AS_OF, changed.bound)
        trial = try_values(scores, accounts.frame, row, tried, accounts.bound)
        assert (trial.base, trial.cap, trial.calculated) == tuple(
            wanted.table[name].iloc[row] for name in ("base", "cap", "calculated")
        )
        assert dict(trial.lost) == dict(wanted.lost.iloc[row])
