"""Accounts with the figures of six systems, for the model `ten_signals`."""

from __future__ import annotations

from makers.common import Ranges, Row, Sample, count, identity, rating, signals, size_of, with_gaps
from makers.customers import Customer, some_customers
from makers.draw import Draw

SEED = "ten signals sample 1"
HEADERS = (
    "Account ID", "Account", "Owner", "Size", "Stage", "Region", "ARR", "Renewal date",
    "Days used 30d", "Users licensed", "Active users", "Executives active 90d",
    "Tickets 90d", "CSAT", "NPS",
    "E-mails delivered", "E-mails opened", "E-mails clicked", "Downloads 180d", "Contacts", "Unsubscribed", "Bounced",
    "Forum answers 180d", "Product requests 180d", "Case studies", "Videos", "Talks",
    "ARR a year ago", "Own changes 90d", "All changes 90d", "Trained administrator", "Payment record",
    "Last executive meeting", "Executive rating", "Rated on",
)  # fmt: skip
#: Ranges per state of the account; parts of a whole where the name of the column says so.
STATES: dict[str, Ranges] = {
    "strong": {
        "days": (14, 22), "used": (0.68, 0.94), "executives": (0.6, 2.6), "tickets": (0.7, 1.5), "csat": (4, 4.9),
        "nps": (7.6, 10.4), "opened": (0.28, 0.5), "clicked": (0.05, 0.13), "downloads": (0.6, 5),
        "unsubscribed": (0, 0.05), "bounced": (0, 0.06), "answers": (0, 5), "requests": (0.2, 3),
        "case": (0, 0.9), "video": (0, 0.7), "talk": (0, 1.2), "growth": (0, 0.25), "own": (0.6, 0.95),
        "trained": (0.9, 1), "payment": (0, 1.1), "met": (12, 80), "rating": (3.7, 5.4),
    },
    "steady": {
        "days": (9, 17), "used": (0.48, 0.72), "executives": (0.2, 1.6), "tickets": (0.5, 2.2), "csat": (3.5, 4.5),
        "nps": (6.4, 9.2), "opened": (0.2, 0.4), "clicked": (0.02, 0.09), "downloads": (0, 3.4),
        "unsubscribed": (0, 0.09), "bounced": (0, 0.1), "answers": (0, 2), "requests": (0, 2),
        "case": (0, 0.6), "video": (0, 0.55), "talk": (0, 0.7), "growth": (-0.05, 0.1), "own": (0.4, 0.8),
        "trained": (0.7, 1), "payment": (0, 1.6), "met": (30, 130), "rating": (2.8, 4.4),
    },
    "slipping": {
        "days": (5, 11), "used": (0.28, 0.52), "executives": (0, 0.9), "tickets": (0.2, 3.4), "csat": (2.9, 4.1),
        "nps": (4.6, 8), "opened": (0.1, 0.26), "clicked": (0, 0.05), "downloads": (0, 1.4),
        "unsubscribed": (0.02, 0.16), "bounced": (0.02, 0.16), "answers": (0, 0.8), "requests": (0, 1.2),
        "case": (0, 0.52), "video": (0, 0.5), "talk": (0, 0.52), "growth": (-0.14, 0.03), "own": (0.25, 0.6),
        "trained": (0.4, 0.9), "payment": (0.4, 2.4), "met": (70, 190), "rating": (2, 3.5),
    },
    "poor": {
        "days": (0, 6), "used": (0.06, 0.3), "executives": (0, 0.6), "tickets": (0, 5), "csat": (2, 3.6),
        "nps": (1, 6.2), "opened": (0.03, 0.14), "clicked": (0, 0.02), "downloads": (0, 0.8),
        "unsubscribed": (0.06, 0.3), "bounced": (0.05, 0.25), "answers": (0, 0.5), "requests": (0, 0.7),
        "case": (0, 0.4), "video": (0, 0.4), "talk": (0, 0.4), "growth": (-0.35, -0.04), "own": (0.05, 0.4),
        "trained": (0, 0.5), "payment": (1, 3.4), "met": (130, 320), "rating": (0.7, 2.6),
    },
}  # fmt: skip
PAYMENTS = ("On time", "Late once", "Late often", "Unpaid")
GAPS = {"CSAT": 0.1, "NPS": 0.2, "Trained administrator": 0.06, "ARR a year ago": 0.04, "E-mails delivered": 0.04}

#: What differs for single accounts, and why it is in the sample.
STORIES: dict[str, Row] = {
    # the help desk knows every ward by name
    "Hôpitaux Réunis du Léman": {"Tickets 90d": "96", "CSAT": "2.6"},
    # a good account that does not pay
    "Harlow Dental Group": {"Payment record": "Unpaid"},
    # no executive logs in any more, and the one we met in winter was the last
    "Wexford National Bank": {"Executives active 90d": "", "Last executive meeting": "2026-01-16"},
    # a trial that product, marketing and audit log know under another name
    "Björk Keramik": {
        "Days used 30d": "", "Users licensed": "", "Active users": "", "CSAT": "", "NPS": "",
        "E-mails delivered": "", "Contacts": "", "Own changes 90d": "", "All changes 90d": "",
    },
    # an opinion from last autumn: too old to count
    "Castellan Insurance": {"Executive rating": "5", "Rated on": "2025-11-14"},
    # a word that accounting has made up
    "Ferreira & Filhos": {"Payment record": "Disputed"},
    # text in a number column
    "Sparrow Payroll": {"NPS": "n.a. (asked)"},
    # money as people write it
    "Hedgerow Florists": {"ARR": "$8,640", "ARR a year ago": "$7,920"},
}  # fmt: skip


def _product(draw: Draw, customer: Customer, state: Ranges, seats: int) -> Row:
    executives = draw.between(state["executives"]) * (2 if customer.size == "Enterprise" else 1)
    return {
        "Days used 30d": str(draw.whole(state["days"])),
        "Users licensed": str(seats),
        "Active users": str(max(1, round(seats * draw.between(state["used"])))),
        "Executives active 90d": count(executives),
        "Tickets 90d": count(draw.between(size_of(customer)["tickets"]) * draw.between(state["tickets"])),
        "CSAT": f"{min(5.0, draw.between(state['csat'])):.1f}",
        "NPS": str(max(0, min(10, draw.whole(state["nps"])))),
    }


def _marketing(draw: Draw, customer: Customer, state: Ranges) -> Row:
    contacts = draw.whole({"Small": (4, 12), "Enterprise": (60, 260)}.get(customer.size, (15, 60)))
    delivered = contacts * draw.whole((8, 14))
    return {
        "E-mails delivered": str(delivered),
        "E-mails opened": str(round(delivered * draw.between(state["opened"]))),
        "E-mails clicked": str(round(delivered * draw.between(state["clicked"]))),
        "Downloads 180d": count(draw.between(state["downloads"])),
        "Contacts": str(contacts),
        "Unsubscribed": str(round(contacts * draw.between(state["unsubscribed"]))),
        "Bounced": str(round(contacts * draw.between(state["bounced"]))),
        "Forum answers 180d": count(draw.between(state["answers"])),
        "Product requests 180d": count(draw.between(state["requests"])),
        "Case studies": count(draw.between(state["case"])),
        "Videos": count(draw.between(state["video"])),
        "Talks": count(draw.between(state["talk"])),
    }


def _business(draw: Draw, customer: Customer, state: Ranges, value: float) -> Row:
    changes = draw.whole((6, 40))
    known = customer.size != "Small" or draw.chance(0.2)
    met, mark, rated = draw.before(state["met"]), rating(draw, state["rating"]), draw.before((3, 110))
    return {
        "ARR a year ago": str(round(value / (1 + draw.between(state["growth"])) / 10) * 10),
        "Own changes 90d": str(round(changes * draw.between(state["own"]))),
        "All changes 90d": str(changes),
        "Trained administrator": "Yes" if draw.chance(draw.between(state["trained"])) else "No",
        "Payment record": PAYMENTS[min(3, int(draw.between(state["payment"])))],
        "Last executive meeting": met if known else "",
        "Executive rating": mark if known else "",
        "Rated on": rated if known else "",
    }


def _row(draw: Draw, customer: Customer) -> Row:
    state = signals(draw, STATES, customer.state)
    seats = draw.whole(size_of(customer)["seats"])
    row = identity(draw, customer, seats)
    row |= _product(draw, customer, state, seats)
    row |= _marketing(draw, customer, state)
    row |= _business(draw, customer, state, float(row["ARR"]))
    if customer.stage == "Trial":  # no contract of a year ago, and nothing invoiced yet
        row |= {"ARR a year ago": "", "Payment record": ""}
    return with_gaps(draw, row, GAPS)


SAMPLE = Sample(
    model="ten_signals",
    seed=SEED,
    headers=HEADERS,
    customers=tuple(some_customers(SEED, {"Enterprise": 11, "Medium": 16, "Small": 15})),
    row=_row,
    stories=STORIES,
    first_id=5008,
)
