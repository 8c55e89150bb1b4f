"""The sample book of business: sixty accounts for the model `journey`, also the one that `healthscore demo` scores.

The oddities that the sample is there to show stand in STORIES, one line each.
"""

from __future__ import annotations

from makers.common import Ranges, Row, Sample, identity, rating, signals, size_of
from makers.customers import CUSTOMERS, Customer
from makers.draw import Draw, before

HEADERS = (
    "Account ID", "Account", "Owner", "Size", "Stage", "Region", "ARR", "Renewal date",
    "Seats", "Active users", "Usage hours 90d", "Usage hours prior 90d", "Last login",
    "Last executive contact", "Sponsor named", "CSM rating", "Rated on",
    "Tickets 90d", "NPS", "Invoice status",
    "First e-mail opened on", "Kick-off on", "First goal reached on", "Value achieved", "Value aimed at",
)  # fmt: skip

#: What differs for single accounts, and why it is in the sample.
STORIES: dict[str, Row] = {
    # uses the product far more than its peers: a screen runs on the brewing floor all day
    "Copper Kettle Brewing": {"Usage hours 90d": "6480", "Usage hours prior 90d": "6105"},
    # a good account with one unpaid invoice
    "Peakline Outdoor": {"Invoice status": "Overdue", "Value achieved": "30000", "Value aimed at": "40000"},
    # gone silent: everything said about it is friendly, nobody has logged in
    "Wexford National Bank": {
        "Usage hours 90d": "2240", "Usage hours prior 90d": "7915", "Last login": "2026-05-19",
        "Sponsor named": "Yes", "CSM rating": "4", "Rated on": "2026-06-08", "NPS": "8",
    },
    # text in a number column
    "Calder Valley College": {"NPS": "n.a. (asked)"},
    # money as people write it
    "Hedgerow Florists": {"ARR": "$8,640"},
    "Brightwater Foods": {"ARR": "$21,400"},
    # ratings nobody has renewed for months: too old to count
    "Castellan Insurance": {"CSM rating": "5", "Rated on": "2025-11-14"},
    "Hammond Freight": {"CSM rating": "4", "Rated on": "2026-01-22"},
    "Eastgate Print": {"CSM rating": "4", "Rated on": "2025-09-30"},
    "Ferreira & Filhos": {"CSM rating": "3", "Rated on": "2026-02-17"},
    # the sponsor has left and nobody has met the successor
    "Banco Ribeira": {"Sponsor named": "No", "Last executive contact": "2026-01-12"},
    # many tickets, low survey answer
    "Hôpitaux Réunis du Léman": {"Tickets 90d": "96", "NPS": "4"},
    # a prospect without an expected value yet
    "Quill Translations": {"ARR": ""},
    # contract ended two weeks ago, still talking
    "Rosewood Hotels Trust": {"Renewal date": "2026-06-15"},
    # the product team's export knows nothing about this account
    "Stonebridge Lettings": {"Active users": "", "Usage hours 90d": "", "Usage hours prior 90d": "", "Last login": ""},
}  # fmt: skip

#: Ranges per state of the account: (low, high) of each signal.
STATES: dict[str, Ranges] = {
    "strong": {
        "used": (0.74, 0.95), "trend": (-0.03, 0.22), "login": (0, 4), "executive": (9, 60), "sponsor": (0.95, 1),
        "rating": (3.7, 5.4), "tickets": (0.7, 1.6), "nps": (7.6, 10.4), "goals": (0.6, 0.95), "invoice": (0, 0.9),
    },
    "steady": {
        "used": (0.55, 0.78), "trend": (-0.16, 0.06), "login": (1, 10), "executive": (25, 115), "sponsor": (0.85, 1),
        "rating": (2.8, 4.4), "tickets": (0.5, 2.4), "nps": (6.4, 9.4), "goals": (0.35, 0.7), "invoice": (0, 1.1),
    },
    "slipping": {
        "used": (0.46, 0.66), "trend": (-0.26, -0.02), "login": (5, 19), "executive": (60, 150), "sponsor": (0.6, 1),
        "rating": (2.2, 3.6), "tickets": (0, 3.4), "nps": (4.8, 8.4), "goals": (0.25, 0.55), "invoice": (0.3, 1.4),
    },
    "poor": {
        "used": (0.14, 0.42), "trend": (-0.62, -0.22), "login": (17, 58), "executive": (120, 290), "sponsor": (0.25, 1),
        "rating": (0.6, 2.4), "tickets": (0, 6), "nps": (0.6, 6.4), "goals": (0, 0.22), "invoice": (0.6, 2),
    },
}  # fmt: skip

GAP_IN_SURVEY = 0.2
#: What can be known of customers only.
AFTER_PURCHASE = {
    "Seats", "Active users", "Usage hours 90d", "Usage hours prior 90d", "Last login",
    "Tickets 90d", "NPS", "Invoice status", "Kick-off on", "First goal reached on", "Value achieved", "Value aimed at",
}  # fmt: skip


def _usage(draw: Draw, customer: Customer, state: Ranges, seats: int) -> Row:
    active = max(1, min(seats, round(seats * draw.between(state["used"]))))
    before = max(2.0, active * draw.between(size_of(customer)["hours"]))
    return {
        "Seats": str(seats),
        "Active users": str(active),
        "Usage hours 90d": str(round(before * (1 + draw.between(state["trend"])))),
        "Usage hours prior 90d": str(round(before)),
        "Last login": draw.before(state["login"]),
    }


def _relationship(draw: Draw, customer: Customer, state: Ranges) -> Row:
    met, sponsored = draw.before(state["executive"]), draw.chance(draw.between(state["sponsor"]))
    known = customer.size != "Small" or draw.chance(0.25)
    mark = rating(draw, state["rating"])
    rated = draw.before((2, 80))
    return {
        "Last executive contact": met if known else "",
        "Sponsor named": ("Yes" if sponsored else "No") if known else "",
        "CSM rating": mark,
        "Rated on": rated,
    }


def _milestones(draw: Draw, customer: Customer, state: Ranges) -> Row:
    """How far the customer has come: dates of milestones, and the value they see against what they bought it for."""
    opened = draw.whole((20, 60) if customer.stage == "Trial" else (190, 900))
    kick_off = opened - draw.whole((8, 16))
    goals = draw.between(state["goals"])
    aimed = 500 * max(4, draw.whole(size_of(customer)["seats"]) * draw.whole((2, 5)) // 5)
    reached = goals >= 0.3 and customer.stage != "Trial"
    measured = draw.chance(0.85)
    return {
        "First e-mail opened on": before(opened),
        "Kick-off on": before(kick_off),
        "First goal reached on": before(draw.whole((3, kick_off))) if reached else "",
        "Value achieved": str(50 * round(aimed * goals * 1.3 / 50)) if measured else "",
        "Value aimed at": str(aimed),
    }


def _support(draw: Draw, customer: Customer, state: Ranges) -> Row:
    tickets = round(draw.between(size_of(customer)["tickets"]) * draw.between(state["tickets"]))
    answer = max(0, min(10, draw.whole(state["nps"])))
    status = ("Paid", "Due", "In dispute", "Overdue")
    level = draw.between(state["invoice"])
    return {
        "Tickets 90d": str(tickets) if tickets else "",  # the help desk lists only accounts that wrote
        "NPS": "" if draw.chance(GAP_IN_SURVEY) else str(answer),
        "Invoice status": status[sum(level > limit for limit in (0.7, 1.2, 1.5))],
    }


def _row(draw: Draw, customer: Customer) -> Row:
    state = signals(draw, STATES, customer.state)
    seats = draw.whole(size_of(customer)["seats"])
    row = identity(draw, customer, seats)
    row |= _usage(draw, customer, state, seats)
    row |= _relationship(draw, customer, state)
    row |= _support(draw, customer, state)
    row |= _milestones(draw, customer, state)
    if customer.stage == "Trial":  # nothing invoiced yet
        row["Invoice status"] = ""
    if customer.stage == "Prospect":  # nothing used yet: too little to score, and it should say so
        row = {header: text for header, text in row.items() if header not in AFTER_PURCHASE}
    return row


SAMPLE = Sample("journey", "journey sample 1", HEADERS, CUSTOMERS, _row, STORIES)
