"""The scorecards as plain data, against figures counted by hand from the sample."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import healthscore
from healthscore.errors import HealthscoreError
from healthscore.scorecards import ScoredBook, open_book
from healthscore.scorecards.data import Lengths, rows_of, scorecard
from healthscore.scorecards.render import Templates

ROOT = Path(__file__).parents[2]

MODEL = """
name = "Two"
minimum_coverage = 0.5
[[bands]]
name = "Red"
from = 0
color = "red"
action = "Call"
[[bands]]
name = "Green"
from = 50
color = "green"
[[dimensions]]
name = "All"
[[metrics]]
name = "Use"
dimension = "All"
weight = 3
column = "use"
ramp = [0, 100]
action = "Train"
[[metrics]]
name = "Care"
dimension = "All"
weight = 1
column = "care"
ramp = [0, 100]
"""


@pytest.fixture
def small(tmp_path) -> ScoredBook:
    """Four accounts scored by hand: (3·use + care) / 4."""
    file = tmp_path / "two.toml"
    file.write_text(MODEL, encoding="utf-8")
    model = healthscore.load_model(file)
    frame = pd.DataFrame(
        {
            "id": ["1", "2", "3", "4"],
            "account": ["Ash", "Birch", "Cedar", "Doum"],
            "owner": ["Kim", "Kim", "Lee", None],
            "value": [100.0, 300.0, 600.0, 1000.0],
            "renewal": ["2026-07-10", "2026-09-20", "2026-12-01", "2026-06-01"],
            "use": [20, 60, 100, None],
            "care": [100, 20, 100, None],
        }
    )
    file = tmp_path / "accounts.csv"
    frame.to_csv(file, index=False)
    accounts = healthscore.read_accounts(file, model)
    return ScoredBook(accounts, healthscore.score(accounts, model, dt.date(2026, 6, 30)))


def test_totals_by_hand(small):
    """Ash 40, Birch 50, Cedar 100, Doum none: weighted by value (100·40 + 300·50 + 600·100) / 1000 = 79."""
    totals = scorecard(small, "portfolio").totals
    assert [totals.accounts, totals.scored, totals.unscored, totals.value] == [4, 3, 1, 2000]
    assert totals.mean == pytest.approx(79)
    assert [(one.band.name, one.accounts, one.value) for one in totals.bands] == [
        ("Red", 1, 100),
        ("Green", 2, 900),
        ("Unscored", 1, 1000),
    ]
    assert totals.lowest.value_share == pytest.approx(0.05)


def test_drags_by_hand_add_up(small):
    """Use loses 60, 30, 0 points and Care 0, 20, 0; by value 0.1·60 + 0.3·30 = 15 and 0.3·20 = 6; 79 = 100 − 21."""
    card = scorecard(small, "portfolio")
    assert [(drag.metric, round(drag.points, 9)) for drag in card.drags] == [("Use", 15.0), ("Care", 6.0)]


def test_renewals_at_risk_are_soon_and_not_in_the_best_band(small):
    """Ash renews in 10 days and is Red; Birch renews in 82 days but is Green; Doum's date has passed."""
    card = scorecard(small, "portfolio")
    assert [one.account for one in card.renewals.cards] == ["Ash"]
    assert card.renewals.cards[0].renews_in == 10


def test_asks_name_what_only_the_reader_can_do(small):
    """A red renewal within 30 days, a date that has passed, an account without owner, one without data, the drag."""
    asks = scorecard(small, "portfolio").asks
    assert [(ask.kind, ask.names) for ask in asks] == [
        ("decide", ("Ash",)),
        ("confirm", ("Doum",)),
        ("name_owner", ("Doum",)),
        ("complete", ("Doum",)),
        ("back", ()),
    ]


def test_change_since_the_last_snapshot_by_hand(small):
    """Before: Ash 60, Birch 50, Cedar 90. Of 1000 value: 100·60 + 300·50 + 600·90 = 75 → 79; Ash fell into Red."""
    frame = small.accounts.frame.assign(previous_score=[60.0, 50.0, 90.0, np.nan])
    card = scorecard(replace(small, accounts=replace(small.accounts, frame=frame)), "portfolio")
    assert card.change is not None
    assert (card.change.compared, card.change.up, card.change.down, card.change.worse_band) == (3, 1, 1, 1)
    assert (card.change.mean_before, card.change.mean) == (pytest.approx(75), pytest.approx(79))
    assert card.change.causes is None
    assert [(one.account, one.change) for one in card.worse.cards] == [("Ash", -20)]
    assert [(one.account, one.change) for one in card.better.cards] == [("Cedar", 10)]


def test_without_an_earlier_snapshot_nothing_is_invented(book):
    """No earlier score: no change, no movers, no causes."""
    card = scorecard(book, "portfolio")
    assert card.change is None
    assert card.worse.accounts == card.better.accounts == 0


def test_causes_are_weighted_as_the_mean_is(moved):
    """The points that moved the accounts, weighted by value, add up to the change of the mean."""
    change = scorecard(moved, "portfolio").change
    assert change is not None
    assert change.causes is not None
    assert sum(cause.points for cause in change.causes) == pytest.approx(change.mean - change.mean_before)


def test_account_parts_add_up_to_the_score(book):
    """What drags adds up to 100 − base, what helps to base, for an account where no rule caps."""
    card = scorecard(book, "account", "C-1015")
    assert card.account is not None
    assert card.account.base is not None
    assert sum(part.earned for part in card.parts_earned) == pytest.approx(card.account.base, abs=0.3)
    assert sum(part.lost for part in card.parts_lost) == pytest.approx(100 - card.account.base, abs=0.3)


def test_owner_and_segment_hold_their_own_accounts_only(book):
    """Every account of an owner's or segment's scorecard belongs to that owner or segment."""
    owner = scorecard(book, "owner", "marcus bell", Lengths(*[1000] * 5))
    assert {one.owner for one in owner.everyone.cards} == {"Marcus Bell"}
    assert owner.totals.accounts == (book.frame["owner"] == "Marcus Bell").sum()
    segment = scorecard(book, "segment", "ENTERPRISE", Lengths(*[1000] * 5))
    assert segment.name == "Enterprise"
    assert {one.segment for one in (*segment.everyone.cards, *segment.watch.cards)} == {"Enterprise"}


def test_unknown_names_are_refused_with_those_that_exist(book):
    """A slip in a name says which names the workbook has."""
    with pytest.raises(HealthscoreError, match="Grace Adeyemi"):
        rows_of(book, "owner", "Marcus Bel")
    with pytest.raises(HealthscoreError, match="no account has the id or name"):
        rows_of(book, "account", "C-9")


def test_more_says_what_a_list_leaves_out(book):
    """A list shows the worst, and counts the rest."""
    card = scorecard(book, "portfolio", lengths=Lengths(watch=3))
    assert len(card.watch.cards) == 3
    assert card.watch.more == card.watch.accounts - 3
    priorities = [one.priority for one in card.watch.cards]
    assert priorities == sorted(priorities, reverse=True)


def test_rounding_is_no_reason_to_give_to_anybody():
    """The points that rounding makes up stand in the workbook's sum, not among a scorecard's reasons."""
    year = open_book(ROOT / "sample_workbooks" / "a_year" / "health scores.xlsx")
    assert year.causes
    assert not [one for one, parts in year.causes.items() if "Rounding" in parts]
    assert "Rounding" not in Templates().fit(year, "portfolio").text
