"""The score by hand (DESIGN §2): tiny accounts whose numbers anybody can check with pen and paper."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from healthscore.scoring import score_frame
from parity.books import model_of

AS_OF = dt.date(2026, 6, 30)
NAN = float("nan")


def scores_of(metrics: list[dict[str, Any]], frame: dict[str, list[Any]], **parts: Any):
    """Score a few accounts under a model of these metrics."""
    columns = {name: pd.Series(values) for name, values in frame.items()}
    return score_frame(pd.DataFrame(columns), model_of(metrics=metrics, **parts), AS_OF)


def points(metric: dict[str, Any], values: list[Any]) -> list[float]:
    """Return the points of one metric `M` on the column `x`."""
    return scores_of([{"name": "M", "column": "x", **metric}], {"x": values}).points["M"].tolist()


def same(found: list[float], wanted: list[float]) -> None:
    """Compare numbers, missing ones with missing ones."""
    np.testing.assert_allclose(found, wanted, atol=1e-12)


# --- values (§2.1) -------------------------------------------------------------------------------------------------


def values(metric: dict[str, Any], frame: dict[str, list[Any]]) -> list[float]:
    """Return the values of one metric."""
    return scores_of([{"name": "M", "ramp": [0, 1], **metric}], frame).values["M"].tolist()


def test_a_column_as_it_stands():
    """A number is its own value; blank is missing."""
    same(values({"column": "x"}, {"x": [3.0, NAN, -1.0]}), [3, NAN, -1])


def test_change():
    """120 after 100 is +0.2; from 0 to 0 no change, from 0 to anything +1 (100 %); a missing part is missing."""
    frame = {"now": [120.0, 0.0, 7.0, NAN, 7.0, 50.0], "before": [100.0, 0.0, 0.0, 5.0, NAN, 100.0]}
    same(values({"change": ["now", "before"]}, frame), [0.2, 0, 1, NAN, NAN, -0.5])


def test_change_meets_a_limit_that_a_person_writes():
    """90 after 100 is −0.1 to a person, so a rule `<= -0.1` holds, though binary arithmetic gives −0.0999…98."""
    rule = {"name": "Fell", "when": [{"metric": "M", "op": "<=", "value": -0.1}]}
    metric = {"name": "M", "change": ["now", "before"], "steps": [[-0.1, 40], [0.1, 90]]}
    found = scores_of([metric], {"now": [90.0, 110.0, 90.1], "before": [100.0] * 3}, rules=[rule])
    assert found.rules["Fell"].tolist() == [True, False, False]
    same(found.points["M"].tolist(), [40, 90, 40])


def test_ratio():
    """12 of 20 seats are 0.6; of 0 seats nothing can be said."""
    same(values({"ratio": ["used", "seats"]}, {"used": [12.0, 3.0, NAN], "seats": [20.0, 0.0, 5.0]}), [0.6, NAN, NAN])


def test_days():
    """From 20 June to the as-of date 30 June are 10 days since, and −10 days until."""
    dates = {"day": pd.to_datetime(["2026-06-20", "2026-07-02", None]).astype("datetime64[s]")}
    same(values({"days_since": "day"}, dates), [10, -2, NAN])
    same(values({"days_until": "day"}, dates), [-10, 2, NAN])


def test_stale_values_are_missing():
    """A rating of 31 days ago is out after 30 days; one of 30 days ago and one without a date count."""
    dated = pd.to_datetime(["2026-05-30", "2026-05-31", None]).astype("datetime64[s]")
    metric = {"column": "x", "as_of_column": "dated", "stale_after_days": 30}
    same(values(metric, {"x": [1.0, 1.0, 1.0], "dated": dated}), [NAN, 1, 1])


# --- points (§2.2) -------------------------------------------------------------------------------------------------


def test_ramp():
    """From 20 to 60: 30 is a quarter of the way. Falling from 30 to 0: 6 left of 30 is 80."""
    same(points({"ramp": [20, 60]}, [10.0, 20.0, 30.0, 60.0, 99.0, NAN]), [0, 0, 25, 100, 100, NAN])
    same(points({"ramp": [30, 0]}, [40.0, 30.0, 6.0, 0.0, -5.0]), [0, 0, 80, 100, 100])


def test_plateau():
    """Rising from 0 to 2, full until 8, falling to 12: 1 is half-way up, 11 is a quarter before the end."""
    same(points({"plateau": [0, 2, 8, 12]}, [-1.0, 1.0, 2.0, 8.0, 11.0, 12.0, 20.0]), [0, 50, 100, 100, 25, 0, 0])


def test_peers():
    """The median of 0, 10, 20, 30 is 15, so 10 earns two thirds; missing accounts do not count as peers."""
    same(points({"peers": 0.5}, [0.0, 10.0, 20.0, 30.0, NAN]), [0, 200 / 3, 100, 100, NAN])


def test_peers_that_are_all_zero():
    """Where the quantile is not above zero, the ramp goes from zero to zero + 1: nobody gets points for nothing."""
    same(points({"peers": 0.95}, [0.0, 0.0, 0.0]), [0, 0, 0])
    same(points({"peers": 0.5, "zero": 5}, [5.0, 5.0, 5.5]), [0, 0, 50])


def test_peers_are_those_of_the_segment():
    """10 hours are the most among the small (100 points), and half of the most among the large."""
    metric = {"name": "M", "column": "x", "peers": 1}
    found = scores_of([metric], {"x": [10.0, 5.0, 10.0, 20.0], "segment": ["S", "S", "L", "L"]})
    same(found.points["M"].tolist(), [100, 50, 50, 100])


def test_steps():
    """From 0: 20, from 5: 60, from 9: 100; below the first step nothing."""
    steps = [[0, 20], [5, 60], [9, 100]]
    same(points({"steps": steps}, [-1.0, 0.0, 4.99, 5.0, 9.0, 50.0, NAN]), [0, 20, 20, 60, 100, 100, NAN])


def test_choices():
    """Words without regard to case and outer spaces; an unknown one is missing, not 0."""
    choices = {"Paid": 100, "In dispute": 20, "Overdue": 0}
    given = ["PAID", " in  dispute ", "overdue", "Lost", None]
    same(points({"choices": choices}, given), [100, 20, 0, NAN, NAN])


def test_rating():
    """On a scale to 5, 3 is half-way from 1 to 5; 0 and 6 are no ratings."""
    same(points({"rating": 5}, [1.0, 3.0, 4.5, 5.0, 0.0, 6.0]), [0, 50, 87.5, 100, NAN, NAN])


# --- shares, coverage, base, points lost (§2.3, §2.4) --------------------------------------------------------------

PRODUCT = {"name": "Product", "weight": 60}
RELATION = {"name": "Relationship", "weight": 40}
THREE = [
    {"name": "Use", "dimension": "Product", "column": "use", "ramp": [0, 100], "weight": 2},
    {"name": "Breadth", "dimension": "Product", "column": "breadth", "ramp": [0, 100], "weight": 1},
    {"name": "View", "dimension": "Relationship", "column": "view", "ramp": [0, 100], "weight": 5},
]


def three(use: float, breadth: float, view: float, **parts: Any):
    """Score one account of three metrics in two dimensions."""
    frame = {"use": [use], "breadth": [breadth], "view": [view]}
    return scores_of(THREE, frame, dimensions=[PRODUCT, RELATION], **parts)


def test_shares():
    """Product has 60 %, of which Use two thirds: 0.4, and Breadth 0.2; View has all of Relationship: 0.4."""
    same(three(1, 1, 1).shares.iloc[0].tolist(), [0.4, 0.2, 0.4])


def test_base_and_points_lost():
    """50·0.4 + 100·0.2 + 25·0.4 = 50. Use loses 0.4·50 = 20, View 0.4·75 = 30; together 100 − 50."""
    found = three(50, 100, 25)
    assert found.table["base"].iloc[0] == pytest.approx(50)
    same(found.lost.iloc[0].tolist(), [20, 0, 30])
    assert (found.table["drag_1"].iloc[0], found.table["drag_2"].iloc[0]) == ("View", "Use")


def test_a_missing_metric_is_left_out():
    """Without View 0.6 of the score is covered: (50·0.4 + 100·0.2)/0.6 = 66.67; Use loses 0.4·50/0.6 = 33.33."""
    found = three(50, 100, NAN, minimum_coverage=0.6)
    assert found.table["coverage"].iloc[0] == pytest.approx(0.6)
    assert found.table["base"].iloc[0] == pytest.approx(200 / 3)
    same(found.lost.iloc[0].tolist(), [100 / 3, 0, 0])
    assert found.table["score"].iloc[0] == 67


def test_too_little_coverage_has_no_score():
    """0.6 of 0.7 that are needed: no score, the band Unscored, no grade, what to do instead."""
    found = three(50, 100, NAN, unscored_action="Find out").table.iloc[0]
    assert np.isnan(found["score"])
    assert np.isnan(found["priority"])
    assert (found["band"], found["grade"], found["outlook"], found["next_action"]) == (
        "Unscored",
        "",
        "Unknown",
        "Find out",
    )


def test_coverage_that_is_just_enough_is_enough():
    """0.4 + 0.2 is 0.6000000000000001 in binary and 0.6 to the model; it meets a minimum of 0.6 either way."""
    assert three(50, 50, NAN, minimum_coverage=0.6).table["score"].iloc[0] == 50


# --- rules, caps, score (§2.5, §2.6) -------------------------------------------------------------------------------

RULES = [
    {"name": "Quiet", "when": [{"metric": "M", "op": "<", "value": 50}, {"column": "calls", "op": "=", "value": 0}]},
    {"name": "Late", "text": "Pays late", "when": [{"column": "pays", "op": "=", "value": "late"}], "cap": 70},
    {"name": "Both", "at_least": 2, "of": ["Quiet", "Late"], "cap": 30.5},
]
ONE = {"name": "M", "column": "x", "ramp": [0, 100]}


def test_rules_and_caps():
    """The smallest cap of the rules that hold; a missing value makes a condition false."""
    frame = {
        "x": [90.0, 40.0, 40.0, 90.0],
        "calls": [0.0, 0.0, NAN, 0.0],
        "pays": ["Late", "LATE", "late", None],
    }
    found = scores_of([ONE], frame, rules=RULES)
    # 1: late, so at most 70. 2: quiet and late, so both, at most 30.5, which is 31.
    # 3: calls unknown, so not quiet; late, and 40 is under 70. 4: nothing holds.
    assert found.rules.astype(int).to_numpy().tolist() == [[0, 1, 0], [1, 1, 1], [0, 1, 0], [0, 0, 0]]
    assert found.table["cap"].tolist() == [70, 30.5, 70, 100]
    assert found.table["score"].tolist() == [70, 31, 40, 90]
    assert found.table["risk_signals"].tolist() == ["Pays late", "Quiet; Pays late; Both", "Pays late", ""]


def test_halves_are_rounded_away_from_zero():
    """64.5 is 65 and 0.5 is 1 (not to the even number); 64.4999 is 64."""
    found = scores_of([ONE], {"x": [64.5, 0.5, 1.5, 64.4999, 99.5]}).table
    assert found["score"].tolist() == [65, 1, 2, 64, 100]


def test_what_is_banded_is_what_is_shown():
    """49.5 shows as 50 and is yellow from 50; 49.4 is red. Grades likewise."""
    found = scores_of([ONE], {"x": [49.4, 49.5, 74.5, 100.0, 0.0]}).table
    assert found["band"].tolist() == ["Red", "Yellow", "Green", "Green", "Red"]
    assert found["grade"].tolist() == ["D", "C", "B", "A", "D"]
    assert found["outlook"].tolist() == ["Churn risk", "Renew", "Renew and expand", "Renew and expand", "Churn risk"]


def test_overrides():
    """Active only with a score from 0 to 100, a reason, an author and an end not before 30 June 2026."""
    until = ["2026-06-30", "2026-06-29", None, "2027-01-01", "2027-01-01", "2027-01-01", "2027-01-01"]
    frame = {
        "x": [10.0] * 7,
        "override_score": [80.0, 80.0, 80.0, 80.0, 80.0, 100.5, 79.5],
        "override_reason": ["New sponsor"] * 3 + [" "] + ["New sponsor"] * 3,
        "override_by": ["Ann"] * 4 + [None, "Ann", "Ann"],
        "override_until": pd.to_datetime(until).astype("datetime64[s]"),
    }
    found = scores_of([ONE], frame).table
    assert found["override_active"].astype(bool).tolist() == [True, False, False, False, False, False, True]
    assert found["score"].tolist() == [80, 10, 10, 10, 10, 10, 80]
    assert found["calculated"].tolist() == [10] * 7


def test_an_override_scores_an_account_without_data():
    """A person may know what no data shows: an active override gives a score where coverage does not."""
    frame = {
        "x": [NAN],
        "override_score": [30.0],
        "override_reason": ["Told us they leave"],
        "override_by": ["Ann"],
        "override_until": pd.to_datetime(["2026-07-31"]).astype("datetime64[s]"),
    }
    assert scores_of([ONE], frame).table["band"].tolist() == ["Red"]


# --- what follows from the score (§2.7, §2.8) ----------------------------------------------------------------------


def test_next_action():
    """The best band keeps its own action; below it the biggest drag's counts, or the band's where that has none."""
    metrics = [
        {"name": "A", "column": "a", "ramp": [0, 100], "action": "Mend A"},
        {"name": "B", "column": "b", "ramp": [0, 100]},
    ]
    found = scores_of(metrics, {"a": [60.0, 80.0, 90.0, 0.0], "b": [80.0, 20.0, 60.0, 0.0]}).table
    # 70: A loses 20, B 10. 50: B loses 40 and has no action. 75: green. 0: both lose 50, the first counts.
    assert found["score"].tolist() == [70, 50, 75, 0]
    assert found["next_action"].tolist() == ["Mend A", "Watch", "Grow", "Mend A"]


def test_priority_and_change():
    """60,000 a year at a score of 70 weighs 18,000; 70 after 75 is a change of −5."""
    found = scores_of([ONE], {"x": [70.0, 70.0], "value": [60000.0, NAN], "previous_score": [75.0, NAN]}).table
    same(found["priority"].tolist(), [18000, NAN])
    same(found["change"].tolist(), [-5, NAN])


def test_segments_differ():
    """A segment's own weights, thresholds, bands and minimum coverage hold for its accounts only."""
    segment = {
        "name": "Small",
        "weights": {"View": 0},
        "dimension_weights": {"Relationship": 0},
        "metrics": {"Use": {"ramp": [0, 50]}},
        "bands": {"Green": 90},
    }
    frame = {"use": [25.0, 25.0], "breadth": [100.0, 100.0], "view": [0.0, 0.0], "segment": ["Small", "Large"]}
    found = scores_of(THREE, frame, dimensions=[PRODUCT, RELATION], segments=[segment])
    # Small: Use earns 50 of two thirds, Breadth 100 of one third: 66.67. Large: 25·0.4 + 100·0.2 + 0 = 30.
    same(found.shares.loc["Small"].tolist(), [2 / 3, 1 / 3, 0])
    assert found.table["score"].tolist() == [67, 30]
    assert found.table["band"].tolist() == ["Yellow", "Red"]


def test_a_criterion_switched_off_leaves_the_score():
    """Switched off, View weighs nothing and Product is all there is: (50·2 + 100·1)/3 = 66.67."""
    metrics = [*THREE[:2], THREE[2] | {"criterion": "Relations"}]
    frame = {"use": [50.0], "breadth": [100.0], "view": [0.0]}
    for on, wanted in ((True, 40), (False, 67)):
        parts = {"dimensions": [PRODUCT, RELATION], "criteria": [{"name": "Relations", "on": on}]}
        assert scores_of(metrics, frame, **parts).table["score"].tolist() == [wanted]
