"""Thirty-odd accounts rated by hand for the model `traffic_light`: who rated what, and when."""

from __future__ import annotations

from makers.common import Ranges, Row, Sample, identity, rating, signals, size_of, with_gaps
from makers.customers import Customer, some_customers
from makers.draw import Draw

SEED = "traffic light sample 1"
RATINGS = (
    "Product use", "Goals", "Relationship", "Executive sponsor", "Support experience", "Commercial standing",
)  # fmt: skip
HEADERS = (
    "Account ID", "Account", "Owner", "Size", "Stage", "Region", "ARR", "Renewal date",
    *(f"{name}{part}" for name in RATINGS for part in ("", " rated on", " rated by")),
)  # fmt: skip
#: Who gives a rating, where it is not the account's owner.
RATERS = {
    "Support experience": ("Tom Nakamura", "Ewa Zielińska"),
    "Commercial standing": ("Luis Ortega", "Carol Finch"),
}
#: Marks per state of the account: (low, high); rounded, and kept between 1 and 5.
STATES: dict[str, Ranges] = {
    "strong": dict.fromkeys(RATINGS, (3.6, 5.4)),
    "steady": dict.fromkeys(RATINGS, (2.9, 4.5)),
    "slipping": dict.fromkeys(RATINGS, (2, 3.8)),
    "poor": dict.fromkeys(RATINGS, (0.6, 2.8)),
}
GAPS = {"Executive sponsor": 0.08, "Support experience": 0.08, "Goals": 0.05}

#: What differs for single accounts, and why it is in the sample.
STORIES: dict[str, Row] = {
    # everybody likes them, nobody uses it: the average alone would be a yellow
    "Calder Valley College": {"Product use": "1", "Relationship": "5"},
    # the sponsor has left, all else is well
    "Sørensen Vinduer A/S": {"Executive sponsor": "1", "Executive sponsor rated on": "2026-06-18"},
    # six weeks to the renewal, and nothing to show yet
    "Ridge & Rowe Architects": {"Renewal date": "2026-08-14", "Goals": "2"},
    # one rating that nobody has renewed since last autumn: too old to count
    "Castellan Insurance": {"Product use": "5", "Product use rated on": "2025-11-14"},
    "Hammond Freight": {"Goals": "4", "Goals rated on": "2026-03-02"},
    # three old ratings: too little is left to score
    "Silva Instruments": {
        "Product use rated on": "2026-02-09", "Goals rated on": "2026-02-09", "Relationship rated on": "2026-02-10",
    },
    # a rating without a date is taken as it stands
    "Peakline Outdoor": {"Commercial standing rated on": "", "Commercial standing rated by": ""},
    # off the scale
    "Tidewater Credit Union": {"Relationship": "6"},
    # text where a mark belongs
    "Tandem Cycles": {"Support experience": "fine"},
    # money as people write it
    "Zürcher Holzbau": {"ARR": "$21,400"},
}  # fmt: skip


def _row(draw: Draw, customer: Customer) -> Row:
    state = signals(draw, STATES, customer.state)
    row = identity(draw, customer, draw.whole(size_of(customer)["seats"]))
    for name in RATINGS:
        mark = rating(draw, state[name])
        rated = draw.before((5, 100) if name == "Executive sponsor" else (3, 52))
        author = draw.pick(RATERS[name]) if name in RATERS else row["Owner"]
        row |= {name: mark, f"{name} rated on": rated, f"{name} rated by": author}
    if customer.stage == "Prospect":  # nobody knows them yet
        row |= {f"{name}{part}": "" for name in RATINGS for part in ("", " rated on", " rated by")}
    row = with_gaps(draw, row, GAPS)
    for name in RATINGS:
        if not row[name]:  # no mark, no date, no author
            row |= {f"{name} rated on": "", f"{name} rated by": ""}
    return row


SAMPLE = Sample(
    model="traffic_light",
    seed=SEED,
    headers=HEADERS,
    customers=tuple(some_customers(SEED, {"Enterprise": 9, "Medium": 17, "Small": 12}, prospects=1)),
    row=_row,
    stories=STORIES,
    first_id=2003,
)
