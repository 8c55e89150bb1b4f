"""Accounts of every preset worked out by hand: the arithmetic stands beside the figures, the figures in the assertions.

A share is dimension weight × metric weight ÷ the weights in that dimension, so that all shares add up to 1. The base is
the sum of share × points over what is known, divided by the sum of those shares (the coverage).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd
import pytest

import healthscore
from healthscore.model import ScoreModel, parse_model, preset_text

AS_OF = dt.date(2026, 6, 30)


def ago(days: int) -> str:
    """Return the date so many days before the as-of date, as an export writes it."""
    return (AS_OF - dt.timedelta(days=days)).isoformat()


class Worked:
    """The verdict on one account, with what the tests ask of it."""

    def __init__(self, model: str | ScoreModel, *accounts: Mapping[str, object], number: int = 0) -> None:
        frame = pd.DataFrame([{"Account ID": f"A{place}", **row} for place, row in enumerate(accounts)], dtype=object)
        scores = healthscore.score(frame, model, AS_OF)
        self.row = scores.table.iloc[number]
        self.points = scores.points.iloc[number]
        self.rules = [name for name, holds in scores.rules.iloc[number].items() if holds]
        self.lost = scores.lost.iloc[number]

    @property
    def verdict(self) -> tuple[float, str, str]:
        """Score, band and grade."""
        return (self.row["score"], self.row["band"], self.row["grade"])

    def has(self, *, base: float, coverage: float) -> None:
        """Assert base and coverage, and that the points lost add up to what is missing from 100."""
        assert self.row["base"] == pytest.approx(base, abs=0.005)
        assert self.row["coverage"] == pytest.approx(coverage, abs=0.00005)
        assert self.lost.sum() == pytest.approx(100 - self.row["base"])


# --- journey -------------------------------------------------------------------------------------------------------
# Dimensions 40 / 25 / 15 / 20. Of Commercial (20, weights 1, 2, 1) only the journey's progress (5) is known in these
# three: the milestones that look at users and seats. The share of the rest is spread over the others.


def test_journey_medium_account():
    """A middling account: a metric of each kind of points, the commercial ones missing."""
    account = Worked(
        "journey",
        {
            "Size": "Medium", "Seats": 100, "Active users": 47, "Usage hours 90d": 90, "Usage hours prior 90d": 100,
            "Last login": ago(12), "Last executive contact": ago(90), "Sponsor named": "Yes",
            "CSM rating": 4, "Rated on": ago(20), "Tickets 90d": 16, "NPS": 8,
        },
    )  # fmt: skip
    # Adoption, weights 3, 1, 3:
    #   seats in use  47/100 = 0.47, (0.47 − 0.25)/0.55          =  40
    #   among peers   the only account of its size               = 100
    #   usage trend   90/100 − 1 = −0.1, (−0.1 + 0.4)/0.45        =  66.67
    #   (3·40 + 100 + 3·66.67)/7                                 =  60
    # Engagement, weights 2, 1, 1, 2:
    #   login 12 days (30 − 12)/27 = 66.67; executive 90 days (180 − 90)/150 = 60; sponsor yes = 100; rating 4 = 75
    #   (2·66.67 + 60 + 100 + 2·75)/6                            =  73.89
    # Support, weights 1, 1:
    #   16 tickets (24 − 16)/16 = 50; survey 8 = 65; together    =  57.5
    # Journey: 1 milestone of 6 (colleagues invited), below the 0.3 where points start =  0
    # Base (40·60 + 25·73.89 + 15·57.5 + 5·0)/85 = 5109.7/85     =  60.11
    account.has(base=60.11, coverage=0.85)
    assert account.verdict == (60, "Yellow", "C")
    assert account.rules == []


def test_journey_small_account_gone_silent():
    """A small account that stopped: its friendly rating is too old to count, and the rule caps the score at 35."""
    account = Worked(
        "journey",
        {
            "Size": "Small", "Seats": 10, "Active users": 9, "Usage hours 90d": 60, "Usage hours prior 90d": 100,
            "Last login": ago(30), "CSM rating": 5, "Rated on": ago(180), "Tickets 90d": None, "NPS": 9,
        },
    )  # fmt: skip
    # Small: Adoption 50, Engagement 15 (executives weigh 0), Support 15, Commercial 20.
    # Adoption: seats 9/10 = 100 (from 0.35 to 0.9), peers 100, trend −0.4 = 0; (300 + 100 + 0)/7   = 57.14
    # Engagement: login 30 days = 0 with a share of 15·2/4 = 7.5 %; the rating (7.5 %) is 180 days old: missing
    # Support: no ticket (0 + 1)/2 = 50, survey 9 = 100; together                                   = 75
    # Journey: 2 milestones of 6 (colleagues invited, in regular use), (0.3333 − 0.3)/0.7           = 4.76
    # Coverage 0.5 + 0.075 + 0.15 + 0.05 = 0.775. Base (50·57.14 + 7.5·0 + 15·75 + 5·4.76)/77.5     = 51.69
    account.has(base=51.69, coverage=0.775)
    assert pd.isna(account.points["CSM's view"])
    assert account.rules == ["Silent churn"]
    assert account.verdict == (35, "Red", "D")


def test_journey_enterprise_account():
    """A large account on the thresholds, weights and bands of its segment."""
    account = Worked(
        "journey",
        {
            "Size": "Enterprise", "Seats": 1000, "Active users": 590, "Usage hours 90d": 1050,
            "Usage hours prior 90d": 1000, "Last login": ago(3), "Last executive contact": ago(90),
            "Sponsor named": "Yes", "CSM rating": 5, "Rated on": ago(10), "Tickets 90d": 40, "NPS": 9,
        },
    )  # fmt: skip
    # Enterprise: 30 / 40 / 15 / 20, together 105; of Commercial only the journey (5): 90/105 = 0.8571 is known.
    # Adoption: seats (0.59 − 0.15)/0.55 = 80, peers 100, trend +5 % = 100; (240 + 100 + 300)/7     = 91.43
    # Engagement, weights 2, 2, 1, 2: login 100, executive (150 − 90)/120 = 50, sponsor 100, rating 100
    #   (200 + 100 + 100 + 200)/7                                                                   = 85.71
    # Support: 40 tickets are the last full number here = 100, survey 9 = 100                       = 100
    # Journey: 2 milestones of 6, as above                                                          = 4.76
    # Base (30·91.43 + 40·85.71 + 15·100 + 5·4.76)/90                                               = 85.50
    account.has(base=85.50, coverage=0.85714)
    assert account.verdict == (86, "Green", "B")  # B starts at 78 here, at 75 elsewhere


# --- traffic light -------------------------------------------------------------------------------------------------
# Points of a rating: (rating − 1)/4 · 100. Shares: use 0.25, goals 0.20, relationship 0.20, sponsor 0.15, support 0.10,
# commercial 0.10.


def test_traffic_light_forty_eight():
    """The score everybody asks about: ratings of 2.92 on average are 48, Red and a C."""
    account = Worked(
        "traffic_light",
        {
            "Size": "Medium", "Product use": 3, "Goals": 3, "Relationship": 3, "Executive sponsor": 3,
            "Support experience": 3, "Commercial standing": 2.2,
        },
    )  # fmt: skip
    # 0.9·50 + 0.1·(2.2 − 1)/4·100 = 45 + 3 = 48. On average 0.9·3 + 0.1·2.2 = 2.92 of 5, and 1 + 48/25 = 2.92.
    account.has(base=48, coverage=1)
    assert account.verdict == (48, "Red", "C")


def test_traffic_light_old_ratings():
    """Sixty days are recent enough, sixty-one are not; the sponsor's rating may be 120 days old."""
    account = Worked(
        "traffic_light",
        {
            "Size": "Medium",
            "Product use": 4, "Product use rated on": ago(60),
            "Goals": 5, "Goals rated on": ago(61),
            "Relationship": 5, "Relationship rated on": ago(1),
            "Executive sponsor": 5, "Executive sponsor rated on": ago(120),
            "Support experience": 3, "Support experience rated on": ago(5),
        },
    )  # fmt: skip
    # Goals (0.20) are too old, commercial (0.10) was never rated: coverage 0.25 + 0.20 + 0.15 + 0.10 = 0.70, enough.
    # (0.25·75 + 0.20·100 + 0.15·100 + 0.10·50)/0.70 = 58.75/0.70 = 83.93
    account.has(base=83.93, coverage=0.7)
    assert account.verdict == (84, "Green", "B")


def test_traffic_light_liked_but_not_used():
    """Five best marks and a 1 for use: two rules hold, so the third caps what would be a green at 40."""
    account = Worked(
        "traffic_light",
        {
            "Size": "Enterprise", "Product use": 1, "Goals": 5, "Relationship": 5, "Executive sponsor": 5,
            "Support experience": 5, "Commercial standing": 5,
        },
    )  # fmt: skip
    # Enterprise: Product 35, of which use is 25/45: share 0.1944. All else 100: base 100 − 19.44 = 80.56.
    account.has(base=80.56, coverage=1)
    assert account.rules == ["Danger in use", "Liked but not used", "Several warnings"]
    assert account.verdict == (40, "Red", "C")


def test_traffic_light_unscored():
    """Two ratings are 45 % of the weight: too little for any colour."""
    account = Worked("traffic_light", {"Size": "Small", "Product use": 5, "Goals": 5})
    account.has(base=100, coverage=0.45)
    assert pd.isna(account.row["score"])
    assert account.row[["band", "grade", "outlook"]].tolist() == ["Unscored", "", "Unknown"]
    assert account.row["next_action"].startswith("Rate the account together with a colleague")


# --- usage rank ----------------------------------------------------------------------------------------------------

#: Three teams, each twice the size of the one before, all paying 500.
TEAMS = tuple(
    {
        "Plan": "Team", "Agents": 10 * times, "Hours used": 100 * times, "Customers screen-shared with": 50 * times,
        "Seconds used": 5000 * times, "Monthly spend": 500,
    }
    for times in (1, 2, 4)
)  # fmt: skip


@pytest.mark.parametrize(
    ("number", "base", "verdict"),
    [
        # The top 5 % of 10, 20 and 40 start at position 0.95·2 = 1.9, that is 20 + 0.9·20 = 38; hours, customers and
        # seconds in proportion. 10/38 = 26.32 points, 20/38 = 52.63, 40/38 = 100 at most.
        # Spend per second 0.1, 0.05, 0.025: the top starts at 0.05 + 0.9·0.05 = 0.095; 100, 52.63 and 26.32 points.
        # Four measures share 90 %, spend per second has 10 %.
        (0, 33.68, (34, "Yellow", "C")),  # 0.9·26.32 + 0.1·100
        (1, 52.63, (53, "Yellow", "C")),  # 52.63 in all five
        (2, 92.63, (93, "Green", "A")),  # 0.9·100 + 0.1·26.32
    ],
)
def test_usage_rank_of_three_teams(number: int, base: float, verdict: tuple[float, str, str]):
    """Accounts are ranked against the top 5 % of their plan; the smallest pays most for its seconds."""
    account = Worked("usage_rank", *TEAMS, number=number)
    account.has(base=base, coverage=1)
    assert account.verdict == verdict


def test_usage_rank_of_an_account_that_stopped():
    """No second of use: nothing to divide the spend by, and two warnings at once."""
    account = Worked(
        "usage_rank",
        {
            "Plan": "Enterprise", "Agents": 1, "Hours used": 3, "Customers screen-shared with": 0, "Seconds used": 0,
            "Monthly spend": 700,
        },
    )  # fmt: skip
    # Alone on its plan: agents and hours are their own top = 100. The top of customers and seconds is 0, not above the
    # zero point, so 1 stands there: 0/1 = 0 points. 700/0 is missing.
    # Enterprise, weights 2, 1, 1, 1 of 90 %: (0.36·100 + 0.18·100 + 0 + 0)/0.90 = 60, capped at 10 by "Stopped".
    account.has(base=60, coverage=0.9)
    assert account.rules == ["Stopped", "One person only", "Several warnings"]
    assert account.verdict == (10, "Red", "D")


# --- product and relationship --------------------------------------------------------------------------------------
# Product 0.18, 0.18, 0.12, 0.12; relationship 0.10, 0.10, 0.05, 0.10, 0.05.


def test_product_relationship_without_signals():
    """Nine scores out of five, 60 to 40; figures that are missing raise no alarm."""
    account = Worked(
        "product_relationship",
        {
            "Size": "Medium", "Usage level": 4, "Major features": 3, "Reach": 4, "Results": 5,
            "Support": 4, "Feedback": 3, "Advocacy": 2, "Decision makers": 3, "Payment": 5,
        },
    )  # fmt: skip
    # Product       0.18·75 + 0.18·50 + 0.12·75 + 0.12·100              = 43.5   (72.5 of 100, 3.9 out of five)
    # Relationship  0.10·75 + 0.10·50 + 0.05·25 + 0.10·50 + 0.05·100    = 23.75  (59.4 of 100, 3.4 out of five)
    account.has(base=67.25, coverage=1)
    assert account.verdict == (67, "Yellow", "C")
    assert account.rules == []


#: The best scores everywhere.
FIVES = dict.fromkeys(
    (
        "Usage level",
        "Major features",
        "Reach",
        "Results",
        "Support",
        "Feedback",
        "Advocacy",
        "Decision makers",
        "Payment",
    ),
    5,
)


def test_product_relationship_combined_risk():
    """Perfect scores, but use fades, support is silent and the survey low: three signals cap it at 35."""
    account = Worked(
        "product_relationship",
        {
            **FIVES, "Size": "Small", "Usage hours 90d": 70, "Usage hours prior 90d": 100, "Major features used": 1,
            "Conversations 90d": 0, "Active users": 10, "Survey answer": 6,
        },
    )  # fmt: skip
    # Use 70/100 − 1 = −0.3 with one feature: 55. No conversations, 0/10 = 0, so support is out of balance: 70.
    # Survey 6: 70. Three of five: 35, the smallest.
    account.has(base=100, coverage=1)
    assert account.rules == [
        "Fading use", "No support conversations", "Support out of balance", "Low survey score", "Combined risk",
    ]  # fmt: skip
    assert account.row["cap"] == 35
    assert account.verdict == (35, "Red", "D")


def test_product_relationship_two_signals():
    """Too many conversations and a late invoice are two signals, not three: the lower cap holds."""
    fours = dict.fromkeys(FIVES, 4)
    signals = {"Conversations 90d": 22, "Active users": 20, "Days overdue": 15}
    account = Worked("product_relationship", {**fours, **signals, "Size": "Enterprise"})
    # All fours: 75. 22/20 = 1.1 conversations per user: 70. 15 days overdue, one more than allowed: 65.
    # Enterprise is green from 78, so even the 75 would not have been.
    account.has(base=75, coverage=1)
    assert account.rules == ["Too many support conversations", "Support out of balance", "Invoice overdue"]
    assert account.verdict == (65, "Yellow", "C")


def test_product_relationship_advocacy():
    """Two talks half a year ago and none since are a sudden stop; one was no habit."""
    for before, rules in ((2, ["Advocacy stopped"]), (1, [])):
        counts = {"Talks and references 180d": None, "Talks and references prior 180d": before}
        account = Worked("product_relationship", {**FIVES, **counts, "Size": "Medium"})
        # 0/2 − 1 = −1 and 0/1 − 1 = −1: stopped both times, but the rule wants two or more before.
        assert account.rules == rules


def test_product_relationship_scores_expire():
    """Scores of 121 days ago count no longer, those of 120 days ago do."""
    old = Worked("product_relationship", {**FIVES, "Size": "Medium", "Scored on": ago(121)})
    assert old.row["band"] == "Unscored"
    assert old.row["coverage"] == 0
    assert Worked("product_relationship", {**FIVES, "Size": "Medium", "Scored on": ago(120)}).verdict[0] == 100


# --- ten signals ---------------------------------------------------------------------------------------------------


def test_ten_signals_all_known():
    """Every signal of a medium account, most of them half way."""
    account = Worked(
        "ten_signals",
        {
            "Size": "Medium", "ARR": 97_500, "Days used 30d": 9, "Users licensed": 200, "Active users": 95,
            "Executives active 90d": 1, "Tickets 90d": 10, "CSAT": 4.6, "NPS": 7,
            "E-mails delivered": 400, "E-mails opened": 90, "E-mails clicked": 20, "Downloads 180d": 1,
            "Contacts": 200, "Unsubscribed": 25, "Bounced": 27, "Forum answers 180d": 1, "Product requests 180d": 2,
            "Case studies": None, "Videos": 1, "Talks": 1, "ARR a year ago": 100_000,
            "Own changes 90d": 21, "All changes 90d": 40, "Trained administrator": "Yes", "Payment record": "Late once",
            "Last executive meeting": ago(45), "Executive rating": 3, "Rated on": ago(30),
        },
    )  # fmt: skip
    #  1 adoption 25:  days (9 − 2)/14 = 50, people (0.475 − 0.2)/0.55 = 50, one executive 70; weights 2, 2, 1
    #                  0.10·50 + 0.10·50 + 0.05·70                                                     = 13.5
    #  2 support 10:   10 tickets are the last full number: 0.10·100                                   = 10
    #  3 surveys 10:   CSAT 4.6 = 100, NPS 7 = 65: 0.05·100 + 0.05·65                                  =  8.25
    #  4 marketing 5:  opened (0.225 − 0.05)/0.35 = 50, clicked 0.05/0.1 = 50, one download 60,
    #                  unsubscribed (0.25 − 0.125)/0.25 = 50, bounced (0.25 − 0.135)/0.23 = 50: 0.01·260 = 2.6
    #  5 community 5:  one answer 70, two requests 100: 0.025·170                                      =  4.25
    #  6 participation 5: no case study 30, a video 100, a talk 80; weights 2, 1, 2
    #                  0.02·30 + 0.01·100 + 0.02·80                                                    =  3.2
    #  7 growth 15:    97.5/100 − 1 = −0.025, (−0.025 + 0.2)/0.35 = 50: 0.15·50                        =  7.5
    #  8 self-sufficiency 5: own changes (0.525 − 0.2)/0.65 = 50, administrator 100; weights 2, 1      =  3.33
    #  9 invoices 10:  late once: 0.10·75                                                              =  7.5
    # 10 executives 10: met 45 days ago = 100, rating 3 = 50: 0.05·150                                 =  7.5
    account.has(base=67.63, coverage=1)
    assert account.verdict == (68, "Yellow", "C")
    assert account.rules == []


def test_ten_signals_small_account_ready_for_more():
    """A small account with six signals of ten: executives and marketing participation do not count there."""
    account = Worked(
        "ten_signals",
        {
            "Size": "Small", "ARR": 11_500, "ARR a year ago": 10_000, "Days used 30d": 16, "Users licensed": 30,
            "Active users": 27, "Tickets 90d": 8, "NPS": 9, "Payment record": "On time",
        },
    )  # fmt: skip
    # Small: adoption 40, two metrics of 0.20 each; 16 days = 100, people 0.9 = 100.
    # Tickets (12 − 8)/8 = 50 with 0.10; NPS 100 with 0.05; growth +15 % = 100 with 0.15; invoices 100 with 0.10.
    # Coverage 0.20 + 0.20 + 0.10 + 0.05 + 0.15 + 0.10 = 0.80. Base (20 + 20 + 5 + 5 + 15 + 10)/0.80 = 93.75
    account.has(base=93.75, coverage=0.8)
    assert account.rules == ["Ready for more"]
    assert account.verdict == (94, "Green", "A")


def test_ten_signals_three_warnings():
    """Used daily by everybody, yet no executive, a smaller contract and unpaid invoices: capped at 35."""
    account = Worked(
        "ten_signals",
        {
            "Size": "Enterprise", "ARR": 80_000, "ARR a year ago": 100_000, "Days used 30d": 16, "Users licensed": 1000,
            "Active users": 650, "Executives active 90d": 0, "Tickets 90d": 4, "NPS": 9, "Payment record": "Unpaid",
            "Last executive meeting": ago(200), "Executive rating": 5, "Rated on": ago(10),
        },
    )  # fmt: skip
    # Enterprise: executives weigh 20, so all weights are 110. Known: days 10, people 10, executives 5, tickets 10,
    # NPS 5, growth 15, invoices 10, meeting 10, rating 10, together 85: coverage 85/110 = 0.7727.
    # Full points for days, people (0.65), tickets (4), NPS, rating; 0 for executives, growth −20 %, unpaid, 200 days.
    # Base (10 + 10 + 10 + 5 + 10)·100/85 = 52.94
    account.has(base=52.94, coverage=0.77273)
    assert account.rules == ["Executives gone", "Shrinking contract", "Unpaid", "Several warnings"]
    assert account.verdict == (35, "Red", "D")


# --- four components -----------------------------------------------------------------------------------------------


def test_four_components_pooled_account():
    """Half way in most things: usage, support, renewal and money of a pooled account."""
    account = Worked(
        "four_components",
        {
            "Service model": "Pooled", "ARR": 92_500, "ARR a year ago": 100_000, "Renewal date": ago(-75),
            "Active days 30d": 10, "Features used": 17, "Features licensed": 40, "Hours 30d": 300, "Active users": 50,
            "Tickets 90d": 8, "Severe tickets 90d": 1, "Most frequent kind": "Question",
            "Renewal likelihood": "62.5%", "Likelihood set on": ago(30), "Days paid late": 24, "Discount": "27.5%",
        },
    )  # fmt: skip
    # Usage 40, weights 2, 2, 1: days (10 − 2)/16 = 50, depth (0.425 − 0.15)/0.55 = 50, the only one of its kind 100
    #   0.16·50 + 0.16·50 + 0.08·100                                                        = 24
    # Support 20: 8 tickets = 100, severe (0.4 − 0.125)/0.35 = 78.57, questions 90; (268.57)/15  = 17.90
    # Renewals 20, weights 3, 1: (0.625 − 0.3)/0.65 = 50, 75 days of 150 = 50               = 10
    # Money 20: revenue (−0.075 + 0.25)/0.35 = 50, paid (45 − 24)/42 = 50, discount (0.45 − 0.275)/0.35 = 50  = 10
    account.has(base=61.90, coverage=1)
    assert account.verdict == (62, "Yellow", "C")
    assert account.rules == []


def test_four_components_notice_given():
    """A column that is no metric decides: notice is given, so a fair score is capped at 10."""
    account = Worked(
        "four_components",
        {
            "Service model": "Self-service", "Renewal date": ago(-150), "Active days 30d": 14, "Features used": 3,
            "Features licensed": 10, "Hours 30d": 20, "Active users": 4, "Tickets 90d": None, "Days paid late": 3,
            "Notice given": "yes", "Renewal likelihood": "95%",
        },
    )  # fmt: skip
    # Self-service: usage 55, support 20, renewals 5 (the likelihood weighs 0), money 20.
    # Usage 2, 2, 1: 14 days = 100, depth (0.3 − 0.1)/0.4 = 50, time 100: 0.22·100 + 0.22·50 + 0.11·100  = 44
    # No ticket is fine here = 100 with 0.0667; of its kind and severity nothing is known               =  6.67
    # 150 days to renewal = 100 with 0.05; paid 3 days late = 100 with 0.08                             = 13
    # Coverage 0.55 + 0.0667 + 0.05 + 0.08 = 0.7467. Base 63.67/0.7467                                  = 85.27
    account.has(base=85.27, coverage=0.74667)
    assert account.rules == ["Notice given"]
    assert account.verdict == (10, "Red", "D")


def test_four_components_playbook():
    """A large account that nobody opens: an old estimate gives no hope, and the segment's own action comes up."""
    account = Worked(
        "four_components",
        {
            "Service model": "High touch", "ARR": 110_000, "ARR a year ago": 100_000, "Renewal date": ago(-60),
            "Active days 30d": 2, "Features used": 15, "Features licensed": 25, "Hours 30d": 900, "Active users": 100,
            "Tickets 90d": 40, "Severe tickets 90d": 2, "Most frequent kind": "Request",
            "Renewal likelihood": "95%", "Likelihood set on": ago(91), "Days paid late": 45, "Discount": "10%",
        },
    )  # fmt: skip
    # High touch: 35 / 20 / 25 / 20. Usage 2, 2, 1: 2 days = 0, depth 0.6 = 100, time 100: 0.14·100 + 0.07·100  = 21
    # Support: 40 tickets, 5 % severe, requests: 0.20·100                                                      = 20
    # Renewals 3, 1: the estimate (0.1875) is 91 days old; 60 of 240 days = 25: 0.0625·25                      =  1.56
    # Money 2, 2, 1: revenue +10 % = 100, paid 45 days late = 0, discount 10 % = 100: 0.08·100 + 0.04·100      = 12
    # Coverage 1 − 0.1875 = 0.8125. Base 54.56/0.8125                                                          = 67.15
    account.has(base=67.15, coverage=0.8125)
    assert account.verdict == (67, "Yellow", "C")
    # Lost to frequency 0.14·100/0.8125 = 17.23, to the payment delay 0.08·100/0.8125 = 9.85.
    assert account.row["drag_1"] == "Frequency"
    assert account.row["drag_1_points"] == pytest.approx(17.23, abs=0.005)
    assert account.row["next_action"].startswith("Sit with the users for half a day")
    assert account.rules == []  # "Hope without use" would hold, were the estimate fresh


# --- success criteria ----------------------------------------------------------------------------------------------

#: An established customer; 1.5 service hours per seat are far too many, but that criterion is switched off.
ESTABLISHED = {
    "Customer group": "Established", "ARR": 102_500, "ARR a year ago": 100_000, "Seats": 220, "Active users": 121,
    "People who could use it": 400, "Departments using it": 3, "Departments": 8, "Core functions used": 3,
    "Open opportunities": 1, "Budget outlook": "Stable", "Survey answer": 8, "References 12m": 1, "May be named": "Yes",
    "Sponsor rating": 4, "Rated on": ago(20), "Service hours 90d": 330, "Last reply": ago(5),
}  # fmt: skip


def test_success_criteria_established():
    """Three criteria are on: growth potential, penetration, referenceability."""
    account = Worked("success_criteria", ESTABLISHED)
    # Use 45, weights 3, 2, 2, 2: seats (0.55 − 0.25)/0.6 = 50, departments 0.375/0.75 = 50, three functions 70,
    #   room to grow 220/400: (0.9 − 0.55)/0.7 = 50: 0.15·50 + 0.10·50 + 0.10·70 + 0.10·50            = 24.5
    # Contract 25, weights 2, 1, 1: growth (0.025 + 0.15)/0.35 = 50, one opportunity 70, stable 60
    #   0.125·50 + 0.0625·70 + 0.0625·60                                                             = 14.375
    # People 30, weights 2, 1, 1, 2: survey 8 = 65, one reference 80, named 100, sponsor 4 = 75
    #   0.10·65 + 0.05·80 + 0.05·100 + 0.10·75                                                       = 23
    account.has(base=61.875, coverage=1)
    assert account.verdict == (62, "Yellow", "C")


def test_success_criteria_switched_on():
    """With the fourth criterion on, its two signals take 2 of 8 parts of People, and the score falls."""
    model = parse_model(preset_text("success_criteria").replace("on = false", "on = true"))
    account = Worked(model, ESTABLISHED)
    # People 30, weights 2, 1, 1, 2, 1, 1: 1.5 hours per seat = 0, a reply 5 days ago = 100
    #   0.075·65 + 0.0375·80 + 0.0375·100 + 0.075·75 + 0.0375·0 + 0.0375·100 = 21, instead of 23
    account.has(base=59.875, coverage=1)
    assert account.verdict == (60, "Yellow", "C")


def test_success_criteria_switched_off():
    """Without growth potential the contract says nothing any more; use and people share the whole."""
    text = preset_text("success_criteria").replace(
        'name = "Growth potential"\n', 'name = "Growth potential"\non = false\n'
    )
    account = Worked(parse_model(text), ESTABLISHED)
    # Use 45/75 = 0.6, weights 3, 2, 2:       (3·50 + 2·50 + 2·70)/7 = 55.71, times 0.6  = 33.43
    # People 30/75 = 0.4, weights 2, 1, 1, 2: (130 + 80 + 100 + 150)/6 = 76.67, times 0.4 = 30.67
    account.has(base=64.10, coverage=1)
    assert account.verdict == (64, "Yellow", "C")


def test_success_criteria_strategic_gone_quiet():
    """A perfect strategic customer that has not answered for 60 days: the kind of green that surprises."""
    account = Worked(
        "success_criteria",
        {
            "Customer group": "Strategic", "ARR": 600_000, "ARR a year ago": 500_000, "Seats": 1000,
            "Active users": 850, "People who could use it": 5000, "Departments using it": 9, "Departments": 12,
            "Core functions used": 5, "Open opportunities": 2, "Budget outlook": "Growing", "Survey answer": 9,
            "References 12m": 2, "May be named": "Yes", "Sponsor rating": 5, "Rated on": ago(20), "Last reply": ago(60),
        },
    )  # fmt: skip
    # Every signal of the three criteria is full: 100. "Gone quiet" looks at a signal of the criterion that is off:
    # cap 55, where Yellow begins for strategic customers.
    account.has(base=100, coverage=1)
    assert account.rules == ["Gone quiet"]
    assert account.verdict == (55, "Yellow", "C")


def test_success_criteria_first_year():
    """A first-year customer is read on a scale of its own: 49 is in the middle of yellow, not at its foot."""
    account = Worked(
        "success_criteria",
        {
            "Customer group": "First year", "Seats": 100, "Active users": 40, "People who could use it": 1000,
            "Departments using it": 1, "Departments": 5, "Core functions used": 2, "Open opportunities": None,
            "Survey answer": 7, "May be named": "No", "Sponsor rating": 3, "Rated on": ago(20), "Last reply": ago(9),
        },
    )  # fmt: skip
    # Use: seats (0.4 − 0.1)/0.6 = 50, departments 0.2/0.4 = 50, two functions 45, a tenth of the people seated = 100
    #   0.15·50 + 0.10·50 + 0.10·45 + 0.10·100                                             = 27
    # Contract: growth weighs 0 here, so no opportunity (20) and the budget (unknown) have 0.125 each: 2.5
    # People: references weigh 0, weights 2, 1, 2: survey 65, not named 0, sponsor 50: 0.12·65 + 0 + 0.12·50  = 13.8
    # Coverage 1 − 0.125 = 0.875. Base 43.3/0.875                                         = 49.49
    account.has(base=49.49, coverage=0.875)
    assert account.verdict == (49, "Yellow", "C")
