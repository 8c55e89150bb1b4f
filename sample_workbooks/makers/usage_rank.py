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

STORIES: dict[str, Row] = {}


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
    customers=tuple(some_customers(SEED, {"Small": 21, "Medium": 11, "Enterprise": 11})),
    row=_row,
    stories=STORIES,
    first_id=3011,
)
