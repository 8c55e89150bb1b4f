"""Accounts in their first year, established and strategic ones, for the model `success_criteria`."""

from __future__ import annotations

from makers.common import Ranges, Row, Sample, count, identity, rating, signals, size_of, with_gaps
from makers.customers import Customer, some_customers
from makers.draw import Draw

SEED = "success criteria sample 1"
HEADERS = (
    "Account ID", "Account", "Owner", "Customer group", "Stage", "Region", "ARR", "Renewal date",
    "Seats", "Active users", "People who could use it", "Departments using it", "Departments", "Core functions used",
    "ARR a year ago", "Open opportunities", "Budget outlook",
    "Survey answer", "References 12m", "May be named", "Sponsor rating", "Rated on", "Service hours 90d", "Last reply",
)  # fmt: skip
BUDGETS = ("Growing", "Stable", "Shrinking")
STATES: dict[str, Ranges] = {
    "strong": {
        "used": (0.74, 0.95), "departments": (0.5, 0.85), "functions": (3.6, 6.3), "room": (0.2, 0.7),
        "growth": (0.02, 0.25), "open": (0.4, 2.6), "budget": (0, 1.5), "survey": (7.6, 10.4), "references": (0.3, 2.6),
        "named": (0.7, 1), "rating": (3.7, 5.4), "service": (0.1, 0.7), "reply": (0, 12),
    },
    "steady": {
        "used": (0.55, 0.78), "departments": (0.3, 0.6), "functions": (2.4, 4.6), "room": (0.3, 0.8),
        "growth": (-0.04, 0.12), "open": (0, 1.6), "budget": (0.2, 2), "survey": (6.4, 9.2), "references": (0, 1.4),
        "named": (0.3, 0.9), "rating": (2.8, 4.4), "service": (0.2, 1), "reply": (2, 22),
    },
    "slipping": {
        "used": (0.36, 0.6), "departments": (0.15, 0.4), "functions": (1.4, 3.3), "room": (0.4, 0.95),
        "growth": (-0.14, 0.03), "open": (0, 0.8), "budget": (0.8, 2.6), "survey": (4.6, 8), "references": (0, 0.8),
        "named": (0.1, 0.6), "rating": (2, 3.5), "service": (0.4, 1.5), "reply": (6, 42),
    },
    "poor": {
        "used": (0.1, 0.4), "departments": (0.05, 0.25), "functions": (0, 2.2), "room": (0.5, 1),
        "growth": (-0.32, -0.04), "open": (0, 0.5), "budget": (1.2, 3), "survey": (1, 6.3), "references": (0, 0.5),
        "named": (0, 0.3), "rating": (0.7, 2.6), "service": (0.2, 2), "reply": (20, 80),
    },
}  # fmt: skip
#: How far a customer in the first year has got, of what it will once use.
FIRST_YEAR = 0.6
GAPS = {"Survey answer": 0.15, "Budget outlook": 0.1, "People who could use it": 0.05, "Sponsor rating": 0.04}

#: What differs for single accounts, and why it is in the sample.
STORIES: dict[str, Row] = {
    # a success by every criterion, and nobody has answered since April: the kind of green that ends all of a sudden
    "Fairholm Water": {"Last reply": "2026-04-29"},
    # the budget shrinks, the sponsor is lukewarm, nobody answers
    "Hôpitaux Réunis du Léman": {
        "Budget outlook": "Shrinking", "Sponsor rating": "2", "Rated on": "2026-05-11", "Last reply": "2026-05-06",
    },
    # everybody who could use it has a seat
    "Marsh Lane Vets": {"Seats": "18", "Active users": "16", "People who could use it": "18"},
    # gives references, and has just marked us down
    "Greyfriars Legal": {"References 12m": "2", "Survey answer": "5"},
    # a trial that the product log does not know
    "Kapoor Opticians": {
        "Active users": "", "Departments using it": "", "Core functions used": "", "People who could use it": "",
    },
    # an opinion from last autumn: too old to count
    "Castellan Insurance": {"Sponsor rating": "5", "Rated on": "2025-11-14"},
    # neither growing nor shrinking, in somebody's own word
    "Ridge & Rowe Architects": {"Budget outlook": "Unclear"},
    # text in a number column
    "Müller Zahntechnik": {"Survey answer": "n.a. (asked)"},
    # money as people write it
    "Brightwater Foods": {"ARR": "$21,400", "ARR a year ago": "$19,950"},
}  # fmt: skip


def _group(customer: Customer) -> str:
    if customer.stage == "Trial" or Draw(SEED, "first year " + customer.name).chance(0.22):
        return "First year"
    return "Strategic" if customer.size == "Enterprise" else "Established"


def _use(draw: Draw, group: str, state: Ranges, seats: int) -> Row:
    so_far = FIRST_YEAR if group == "First year" else 1.0
    departments = {"Strategic": (8, 20)}.get(group, (3, 8))
    planned = draw.whole(departments)
    return {
        "Seats": str(seats),
        "Active users": str(max(1, round(seats * draw.between(state["used"]) * so_far))),
        "People who could use it": str(round(seats / draw.between(state["room"]))),
        "Departments using it": str(round(planned * draw.between(state["departments"]) * so_far)),
        "Departments": str(planned),
        "Core functions used": str(min(6, round(draw.between(state["functions"]) * so_far))),
        "Service hours 90d": str(round(seats * draw.between(state["service"]))),
    }


def _row(draw: Draw, customer: Customer) -> Row:
    state = signals(draw, STATES, customer.state)
    seats = draw.whole(size_of(customer)["seats"])
    row = identity(draw, customer, seats)
    group = _group(customer)
    row |= {"Customer group": group} | _use(draw, group, state, seats)
    row |= {
        "ARR a year ago": str(round(float(row["ARR"]) / (1 + draw.between(state["growth"])) / 10) * 10),
        "Open opportunities": count(draw.between(state["open"])),
        "Budget outlook": BUDGETS[min(2, int(draw.between(state["budget"])))],
        "Survey answer": str(max(0, min(10, draw.whole(state["survey"])))),
        "References 12m": count(draw.between(state["references"])),
        "May be named": "Yes" if draw.chance(draw.between(state["named"])) else "No",
        "Sponsor rating": rating(draw, state["rating"]),
        "Rated on": draw.before((4, 105)),
        "Last reply": draw.before(state["reply"]),
    }
    del row["Size"]
    if group == "First year":  # a year ago they were no customers; nothing to refer to yet
        row |= {"ARR a year ago": "", "References 12m": ""}
    return with_gaps(draw, row, GAPS)


SAMPLE = Sample(
    model="success_criteria",
    seed=SEED,
    headers=HEADERS,
    customers=tuple(some_customers(SEED, {"Enterprise": 12, "Medium": 17, "Small": 13})),
    row=_row,
    stories=STORIES,
    first_id=7004,
)
