"""Accounts of three service models with usage, support, renewal and money, for the model `four_components`."""

from __future__ import annotations

from makers.common import Ranges, Row, Sample, count, identity, signals, size_of, with_gaps
from makers.customers import Customer, some_customers
from makers.draw import Draw

SEED = "four components sample 1"
HEADERS = (
    "Account ID", "Account", "Owner", "Service model", "Stage", "Region", "ARR", "Renewal date",
    "Active days 30d", "Features used", "Features licensed", "Hours 30d", "Active users",
    "Tickets 90d", "Severe tickets 90d", "Most frequent kind",
    "Renewal likelihood", "Likelihood set on", "Notice given", "ARR a year ago", "Days paid late", "Discount",
)  # fmt: skip
SERVICE = {"Enterprise": "High touch", "Medium": "Pooled", "Small": "Self-service"}
FEATURES = {"High touch": 24, "Pooled": 18, "Self-service": 12}
KINDS = ("Request", "Question", "Defect", "Complaint")
STATES: dict[str, Ranges] = {
    "strong": {
        "days": (15, 24), "depth": (0.5, 0.85), "hours": (9, 18), "used": (0.74, 0.95), "tickets": (0.6, 1.4),
        "severe": (0, 0.1), "kind": (0, 1.8), "likely": (0.84, 0.98), "growth": (0, 0.22), "late": (-6, 8),
        "discount": (0, 0.2),
    },
    "steady": {
        "days": (10, 18), "depth": (0.34, 0.62), "hours": (6, 13), "used": (0.55, 0.78), "tickets": (0.5, 2.2),
        "severe": (0, 0.2), "kind": (0.4, 2.3), "likely": (0.68, 0.92), "growth": (-0.05, 0.1), "late": (0, 18),
        "discount": (0.05, 0.3),
    },
    "slipping": {
        "days": (5, 12), "depth": (0.2, 0.42), "hours": (3, 9), "used": (0.4, 0.62), "tickets": (0.2, 3.2),
        "severe": (0.08, 0.38), "kind": (1, 3.1), "likely": (0.45, 0.78), "growth": (-0.14, 0.03), "late": (8, 36),
        "discount": (0.1, 0.4),
    },
    "poor": {
        "days": (0, 6), "depth": (0.06, 0.26), "hours": (1, 5), "used": (0.12, 0.42), "tickets": (0, 4.6),
        "severe": (0.15, 0.6), "kind": (1.7, 4), "likely": (0.15, 0.55), "growth": (-0.32, -0.04), "late": (20, 62),
        "discount": (0.15, 0.45),
    },
}  # fmt: skip
GAPS = {"Discount": 0.06, "Days paid late": 0.05, "Hours 30d": 0.05, "Features used": 0.03}

#: What differs for single accounts, and why it is in the sample.
STORIES: dict[str, Row] = {
    # all four components shine, and yet: bought by a group that uses something else
    "Tanaka Precision Works": {"Notice given": "Yes"},
    # the owner hopes, the log does not
    "Calder Valley College": {"Active days 30d": "4", "Renewal likelihood": "90%"},
    # works in it daily, with two features out of eighteen
    "Brightwater Foods": {"Active days 30d": "21", "Features used": "2"},
    # every third ticket is a standstill
    "Hôpitaux Réunis du Léman": {"Tickets 90d": "48", "Severe tickets 90d": "19", "Most frequent kind": "Defect"},
    # ten weeks left and no promise
    "Harlow Dental Group": {"Renewal date": "2026-09-08", "Renewal likelihood": "45%"},
    # a trial that the product log does not know
    "Juniper Street Media": {
        "Active days 30d": "", "Features used": "", "Hours 30d": "", "Active users": "", "Renewal likelihood": "",
    },
    # an estimate from January: too old to count
    "Castellan Insurance": {"Renewal likelihood": "95%", "Likelihood set on": "2026-01-10"},
    # a kind that the help desk has made up
    "Ingrid Åkesson Design": {"Most frequent kind": "Praise"},
    # text in a number column
    "Zürcher Holzbau": {"Discount": "ask Carol"},
    # money as people write it
    "Copper Kettle Brewing": {"ARR": "$5,280"},
}  # fmt: skip


def _row(draw: Draw, customer: Customer) -> Row:
    state = signals(draw, STATES, customer.state)
    seats = draw.whole(size_of(customer)["seats"])
    row = identity(draw, customer, seats)
    model = SERVICE[customer.size]
    users = max(1, round(seats * draw.between(state["used"])))
    tickets = round(draw.between(size_of(customer)["tickets"]) * draw.between(state["tickets"]))
    row |= {
        "Service model": model,
        "Active days 30d": str(draw.whole(state["days"])),
        "Features used": str(round(FEATURES[model] * draw.between(state["depth"]))),
        "Features licensed": str(FEATURES[model]),
        "Hours 30d": str(round(users * draw.between(state["hours"]))),
        "Active users": str(users),
        "Tickets 90d": count(tickets),
        "Severe tickets 90d": str(round(tickets * draw.between(state["severe"]))) if tickets else "",
        "Most frequent kind": KINDS[min(3, int(draw.between(state["kind"])))] if tickets else "",
        "Renewal likelihood": f"{5 * round(20 * draw.between(state['likely']))}%",
        "Likelihood set on": draw.before((2, 80)),
        "ARR a year ago": str(round(float(row["ARR"]) / (1 + draw.between(state["growth"])) / 10) * 10),
        "Days paid late": str(draw.whole(state["late"])),
        "Notice given": "No",
        "Discount": f"{round(100 * draw.between(state['discount']))}%",
    }
    del row["Size"]
    if model == "Self-service":  # nobody estimates them
        row |= {"Renewal likelihood": "", "Likelihood set on": ""}
    if customer.stage == "Trial":  # no contract of a year ago, and nothing invoiced yet
        row |= {"ARR a year ago": "", "Days paid late": ""}
    return with_gaps(draw, row, GAPS)


SAMPLE = Sample(
    model="four_components",
    seed=SEED,
    headers=HEADERS,
    customers=tuple(some_customers(SEED, {"Enterprise": 10, "Medium": 14, "Small": 14})),
    row=_row,
    stories=STORIES,
    first_id=6005,
)
