"""What holds for the score whatever the model and the accounts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from healthscore.model.vocabulary import UNSCORED
from healthscore.scoring import Scores, score_frame
from parity.books import AS_OF, scored
from parity.strategies import Case, cases

EXAMPLES = settings(max_examples=40)
_TINY = 1e-9


def _scores(case: Case) -> Scores:
    return scored(case.model, case.frame, case.people, more=case.more)[1]


@given(case=cases())
@EXAMPLES
def test_shares_add_up_to_one(case):
    """The shares of a segment add up to 1, or are all 0 where nothing weighs anything."""
    sums = _scores(case).shares.sum(axis=1)
    assert ((sums - 1).abs() < _TINY).to_numpy()[sums.to_numpy() != 0].all()


@given(case=cases())
@EXAMPLES
def test_points_and_scores_stay_on_their_scale(case):
    """Points and scores lie from 0 to 100; scores are whole numbers; coverage lies from 0 to 1."""
    found = _scores(case)
    for numbers in (found.points.to_numpy(), found.table[["score", "base", "calculated"]].to_numpy()):
        present = numbers[~np.isnan(numbers)]
        assert ((present >= -_TINY) & (present <= 100 + _TINY)).all()
    score = found.table["score"].dropna()
    assert (score == score.round()).all()
    assert found.table["coverage"].between(0, 1 + _TINY).all()


@given(case=cases())
@EXAMPLES
def test_points_lost_add_up_to_what_is_missing(case):
    """The points that metrics cost an account add up to 100 − base, and no metric gives points back."""
    found = _scores(case)
    has_base = found.table["base"].notna().to_numpy()
    lost = found.lost.to_numpy()
    assert (lost >= -_TINY).all()
    np.testing.assert_allclose(lost.sum(axis=1)[has_base], 100 - found.table["base"].to_numpy()[has_base], atol=1e-7)
    assert (lost[~has_base] == 0).all()
    assert (found.lost.where(found.points.isna(), 0) == 0).all().all()


@given(case=cases())
@EXAMPLES
def test_the_score_is_the_override_or_under_the_cap(case):
    """Without an active override the calculated score counts, and it is not above the (rounded) cap."""
    table = _scores(case).table
    plain = table[~table["override_active"].astype(bool)]
    pd.testing.assert_series_equal(plain["score"], plain["calculated"], check_names=False)
    calculated = table["calculated"].dropna()
    assert (calculated <= np.floor(table["cap"].loc[calculated.index] + 0.5)).all()


@given(case=cases())
@EXAMPLES
def test_without_a_score_there_is_no_verdict(case):
    """Unscored accounts have the band Unscored, no grade, no priority; scored ones have a band of the model."""
    table = _scores(case).table
    unscored = table["score"].isna()
    assert (table["band"].astype(str).eq(UNSCORED) == unscored).all()
    assert (table["grade"].astype(str).eq("") == unscored).all()
    assert table["priority"][unscored].isna().all()


@given(case=cases(), order=st.randoms(use_true_random=False))
@EXAMPLES
def test_the_order_of_accounts_does_not_matter(case, order):
    """Accounts in another order get the same scores: no account's row knows of the rows around it."""
    accounts, found = scored(case.model, case.frame, case.people)
    shuffled = list(range(len(accounts.frame)))
    order.shuffle(shuffled)
    again = score_frame(accounts.frame.iloc[shuffled], case.model, AS_OF, accounts.bound)
    for name in ("score", "base", "coverage", "cap", "drag_1_points"):
        np.testing.assert_allclose(again.table[name].to_numpy(), found.table[name].to_numpy()[shuffled], atol=1e-9)
    for name in ("band", "grade", "drag_1", "next_action", "risk_signals"):
        assert again.table[name].astype(str).tolist() == found.table[name].astype(str).iloc[shuffled].tolist()


@given(case=cases())
@EXAMPLES
def test_a_missing_metric_is_neither_good_nor_bad(case):
    """The base is the weighted mean of the points that there are: what is missing changes it by no value of its own."""
    found = _scores(case)
    shares = found.shares.loc[found.table["segment"].astype(str)].to_numpy()
    points = found.points.to_numpy()
    weights = np.where(np.isnan(points), 0.0, shares)
    covered = weights.sum(axis=1)
    base = found.table["base"].to_numpy()
    has_base = ~np.isnan(base)
    means = (weights * np.nan_to_num(points)).sum(axis=1)[has_base] / covered[has_base]
    np.testing.assert_allclose(base[has_base], means, atol=1e-7)
    np.testing.assert_allclose(found.table["coverage"].to_numpy(), covered, atol=1e-9)


@given(case=cases())
@EXAMPLES
def test_switching_a_weight_off_shows_the_metric_without_scoring_it(case):
    """With weight 0 everywhere a metric still has its value and points, and costs nobody anything."""
    assume(len(case.model.metrics) > 1)
    # The first metric keeps the model scoring something; segments could give the second a weight of their own.
    first, second, *rest = case.model.metrics
    plain = case.model.model_copy(update={"segments": ()})
    lighter = plain.model_copy(update={"metrics": (first, second.model_copy(update={"weight": 0.0}), *rest)})
    before, after = _scores(replace(case, model=plain)), _scores(replace(case, model=lighter))
    pd.testing.assert_series_equal(before.points[second.name], after.points[second.name])
    assert (after.lost[second.name] == 0).all()
