"""Accounts with last month's use of a screen-sharing product, for the model `usage_rank`."""

from __future__ import annotations

from makers.common import Ranges, Row, Sample, identity, signals, with_gaps
from makers.customers import Customer, some_customers
from makers.draw import Draw

SEED = "usage rank sample 1"
HEADERS = (
    "Account ID", "Account", "Owner", "Plan", "Stage", "Region", "ARR", "Renewal date",
    "Agents", "Hours used", "Customers screen-shared with", "Seconds used", "Monthly spend",
)  # fmt: skip
#: Per plan: agents paid for, price of one each month.
PLANS: dict[str, Ranges] = {
    "Team": {"agents": (9, 22), "price": (32, 40)},
    "Enterprise": {"agents": (110, 300), "price": (22, 30)},
}
#: Per state: part of the agents who use it, hours and customers for each of them, seconds for each customer.
STATES: dict[str, Ranges] = {
    "strong": {"used": (0.8, 1), "hours": (48, 80), "customers": (14, 24), "seconds": (240, 420)},
    "steady": {"used": (0.55, 0.85), "hours": (30, 60), "customers": (9, 18), "seconds": (200, 360)},
    "slipping": {"used": (0.3, 0.6), "hours": (18, 40), "customers": (5, 12), "seconds": (150, 300)},
    "poor": {"used": (0.08, 0.25), "hours": (6, 20), "customers": (2, 6), "seconds": (90, 200)},
}
GAPS = {"Hours used": 0.06, "Customers screen-shared with": 0.05, "Monthly spend": 0.06}

#: What differs for single accounts, and why it is in the sample.
STORIES: dict[str, Row] = {
    # runs day and night on a screen in the shop: one such account would push all others to 0, were it the yardstick
    "Bluefinch Accounting": {"Hours used": "5900", "Seconds used": "1284000"},
    # one person logged in, and did nothing
    "Windmill Nursery": {"Agents": "1", "Hours used": "3", "Customers screen-shared with": "0", "Seconds used": "0"},
    # hangs on a single agent
    "Sparrow Payroll": {"Agents": "1"},
    # pays for a large team, of which a handful tries it out
    "Délices de l'Ouest": {"Agents": "9", "Customers screen-shared with": "14", "Seconds used": "2310"},
    # open all day, hardly ever shared
    "Pixel Orchard": {"Hours used": "214", "Customers screen-shared with": "6", "Seconds used": "1090"},
    # a trial the usage log does not know
    "Kapoor Opticians": {
        "Agents": "", "Hours used": "", "Customers screen-shared with": "", "Seconds used": "",
    },
    # text in a number column
    "Stonebridge Lettings": {"Hours used": "log lost"},
    # money as people write it
    "Hedgerow Florists": {"Monthly spend": "$540", "ARR": "$6,480"},
}  # fmt: skip


def _row(draw: Draw, customer: Customer) -> Row:
    state = signals(draw, STATES, customer.state)
    plan = "Team" if customer.size == "Small" else "Enterprise"
    licensed = draw.whole(PLANS[plan]["agents"])
    spend = round(licensed * draw.between(PLANS[plan]["price"]))
    agents = max(1, round(licensed * draw.between(state["used"])))
    shared = max(1, round(agents * draw.between(state["customers"])))
    row = identity(draw, customer, licensed)
    row |= {
        "Plan": plan,
        "ARR": str(12 * spend),
        "Agents": str(agents),
        "Hours used": str(round(agents * draw.between(state["hours"]))),
        "Customers screen-shared with": str(shared),
        "Seconds used": str(round(shared * draw.between(state["seconds"]))),
        "Monthly spend": str(spend),
    }
    del row["Size"]
    return with_gaps(draw, row, GAPS)


SAMPLE = Sample(
    model="usage_rank",
    seed=SEED,
    headers=HEADERS,
    customers=tuple(some_customers(SEED, {"Small": 23, "Medium": 11, "Enterprise": 11})),
    row=_row,
    stories=STORIES,
    first_id=3011,
)
