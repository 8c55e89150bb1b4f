"""Accounts scored 1 to 5 in nine sub-categories, with the figures behind the signs of risk: `product_relationship`."""

from __future__ import annotations

from makers.common import Ranges, Row, Sample, count, identity, rating, signals, size_of, with_gaps
from makers.customers import Customer, some_customers
from makers.draw import Draw

SEED = "product and relationship sample 1"
SCORES = (
    "Usage level", "Major features", "Reach", "Results",
    "Support", "Feedback", "Advocacy", "Decision makers", "Payment",
)  # fmt: skip
HEADERS = (
    "Account ID", "Account", "Owner", "Size", "Stage", "Region", "ARR", "Renewal date",
    *SCORES, "Scored on", "Scored by",
    "Active users", "Usage hours 90d", "Usage hours prior 90d", "Major features used", "Conversations 90d",
    "Survey answer", "Talks and references 180d", "Talks and references prior 180d", "Days overdue",
)  # fmt: skip
#: Per state: marks, part of the seats used, change of use, features, conversations per user, survey answer, talks and
#: references before and now, how likely an overdue invoice is.
STATES: dict[str, Ranges] = {
    "strong": {
        **dict.fromkeys(SCORES, (3.9, 5.4)), "used": (0.74, 0.95), "trend": (-0.03, 0.2), "features": (2.6, 5.3),
        "talk": (0.08, 0.4), "survey": (7.4, 10.4), "before": (0, 2.4), "now": (0.4, 2.6), "overdue": (0, 0.03),
    },
    "steady": {
        **dict.fromkeys(SCORES, (2.8, 4.5)), "used": (0.55, 0.78), "trend": (-0.14, 0.08), "features": (1.8, 4.4),
        "talk": (0.05, 0.6), "survey": (6.5, 9.4), "before": (0, 1.8), "now": (0, 1.8), "overdue": (0, 0.06),
    },
    "slipping": {
        **dict.fromkeys(SCORES, (1.9, 3.7)), "used": (0.4, 0.62), "trend": (-0.32, -0.04), "features": (0.6, 3.2),
        "talk": (0.02, 0.9), "survey": (4.8, 8.2), "before": (0, 1.8), "now": (0, 0.8), "overdue": (0.05, 0.3),
    },
    "poor": {
        **dict.fromkeys(SCORES, (0.7, 2.8)), "used": (0.14, 0.42), "trend": (-0.6, -0.2), "features": (0, 1.7),
        "talk": (0, 1.5), "survey": (1.6, 6.4), "before": (0, 1.6), "now": (0, 0.4), "overdue": (0.3, 0.8),
    },
}  # fmt: skip
GAPS = {"Survey answer": 0.15, "Feedback": 0.06, "Decision makers": 0.05, "Usage hours prior 90d": 0.04}

#: What differs for single accounts, and why it is in the sample.
STORIES: dict[str, Row] = {
    # spoke at four events, then not once
    "Castellan Insurance": {"Talks and references 180d": "", "Talks and references prior 180d": "4"},
    # fine scores, an unpaid invoice
    "Brightwater Foods": {"Days overdue": "38"},
    # fine scores, not one question in a quarter
    "Nine Elms Physio": {"Conversations 90d": "0"},
    # flooded: more conversations than users
    "Silva Instruments": {"Active users": "41", "Conversations 90d": "66"},
    # scored before Christmas: too old to count
    "Greyfriars Legal": {"Scored on": "2025-12-04"},
    "Copper Kettle Brewing": {"Scored on": "2026-02-20"},
    # the survey came back unhappy although the CSM thinks otherwise
    "Kestrel & Hale Logistics": {"Feedback": "4", "Survey answer": "3"},
    # off the scale
    "Señal Radio": {"Feedback": "0"},
    # text in a number column
    "Harlow Dental Group": {"Survey answer": "n.a. (asked)"},
}


def _row(draw: Draw, customer: Customer) -> Row:
    state = signals(draw, STATES, customer.state)
    seats = draw.whole(size_of(customer)["seats"])
    row = identity(draw, customer, seats)
    row |= {name: rating(draw, state[name]) for name in SCORES}
    row |= {"Scored on": draw.before((4, 105)), "Scored by": row["Owner"]}
    users = max(1, round(seats * draw.between(state["used"])))
    hours = max(2.0, users * draw.between(size_of(customer)["hours"]))
    overdue = draw.chance(draw.between(state["overdue"]))
    row |= {
        "Active users": str(users),
        "Usage hours 90d": str(round(hours * (1 + draw.between(state["trend"])))),
        "Usage hours prior 90d": str(round(hours)),
        "Major features used": str(draw.whole(state["features"])),
        "Conversations 90d": str(round(users * draw.between(state["talk"]))),
        "Survey answer": str(max(0, min(10, draw.whole(state["survey"])))),
        "Talks and references 180d": count(draw.between(state["now"])),
        "Talks and references prior 180d": count(draw.between(state["before"])),
        "Days overdue": str(draw.whole((4, 60))) if overdue else "",
    }
    return with_gaps(draw, row, GAPS)


SAMPLE = Sample(
    model="product_relationship",
    seed=SEED,
    headers=HEADERS,
    customers=tuple(some_customers(SEED, {"Enterprise": 10, "Medium": 14, "Small": 14})),
    row=_row,
    stories=STORIES,
    first_id=4002,
)
