"""Makes the sample book of business: about sixty invented accounts, as a CRM would export them.

Run `python sample_workbooks/make_accounts.py`; it rewrites both copies of the file (see TARGETS). The same file comes
out every time: each account draws from a generator seeded with its own name, so that changing one leaves the others
alone. All names are invented. The oddities that the sample is there to show stand in STORIES, one line each.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

HERE = Path(__file__).resolve().parent
TARGETS = (HERE / "journey" / "accounts.csv", HERE.parent / "templates" / "demo" / "accounts.csv")
AS_OF = date(2026, 6, 30)
SEED = "journey sample 1"

HEADERS = (
    "Account ID", "Account", "Owner", "Size", "Stage", "Region", "ARR", "Renewal date",
    "Seats", "Active users", "Usage hours 90d", "Usage hours prior 90d", "Last login",
    "Last executive contact", "Sponsor named", "CSM rating", "Rated on",
    "Tickets 90d", "NPS", "Goals reached", "Invoice status",
)  # fmt: skip

OWNERS = {
    "North America": ("Grace Adeyemi", "Marcus Bell"),
    "UK & Ireland": ("Hannah Weiss", "Marcus Bell"),
    "Europe": ("Hannah Weiss", "Jonas Lindqvist"),
    "Asia-Pacific": ("Priya Raman",),
    "Latin America": ("Grace Adeyemi", "Priya Raman"),
}

#: Exactly as long as the model allows a name to be: 80 characters.
LONGEST_NAME = "Gesellschaft für angewandte Prozessüberwachung und Qualitätssicherung Trier GmbH"
#: Size, how the account is doing, stage, region, names.
BOOK: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("Enterprise", "strong", "Deployed", "Europe", ("Nordvik Shipping Group", "Straßburger Maschinenbau AG")),
    ("Enterprise", "strong", "Deployed", "North America", ("Castellan Insurance", "Pacific Crest Utilities")),
    ("Enterprise", "strong", "Deployed", "Asia-Pacific", ("Tanaka Precision Works",)),
    ("Enterprise", "strong", "Deployed", "UK & Ireland", ("Fairholm Water",)),
    ("Enterprise", "steady", "Deployed", "UK & Ireland", ("Kestrel & Hale Logistics", "Wexford National Bank")),
    ("Enterprise", "steady", "Deployed", "Europe", (LONGEST_NAME,)),
    ("Enterprise", "steady", "Deployed", "Europe", ("Hôpitaux Réunis du Léman",)),
    ("Enterprise", "slipping", "Deployed", "Latin America", ("Banco Ribeira",)),
    ("Enterprise", "poor", "Deployed", "UK & Ireland", ("Meridian Rail Services",)),
    ("Enterprise", "steady", "Prospect", "Asia-Pacific", ("Okafor Energy Holdings",)),
    ("Medium", "strong", "Deployed", "North America", ("Brightwater Foods", "Peakline Outdoor")),
    ("Medium", "strong", "Deployed", "North America", ("Tidewater Credit Union",)),
    ("Medium", "strong", "Deployed", "Europe", ("Sørensen Vinduer A/S", "Zürcher Holzbau")),
    ("Medium", "strong", "Deployed", "UK & Ireland", ("O'Malley Building Supplies",)),
    ("Medium", "strong", "Trial", "North America", ("Juniper Street Media",)),
    ("Medium", "steady", "Deployed", "UK & Ireland", ("Calder Valley College", "Greyfriars Legal")),
    ("Medium", "steady", "Deployed", "Latin America", ("Ferreira & Filhos", "Café Mexicali Franquicias")),
    ("Medium", "steady", "Deployed", "Asia-Pacific", ("Harlow Dental Group", "Silva Instruments")),
    ("Medium", "slipping", "Deployed", "Europe", ("Atelier Cœur de Ville", "Łódź Textile Partners")),
    ("Medium", "slipping", "Deployed", "North America", ("Hammond Freight",)),
    ("Medium", "slipping", "Trial", "UK & Ireland", ("Vantage Point Surveyors",)),
    ("Medium", "poor", "Deployed", "Europe", ("Délices de l'Ouest",)),
    ("Medium", "poor", "Deployed", "North America", ("Rosewood Hotels Trust",)),
    ("Medium", "steady", "Prospect", "Asia-Pacific", ("Mbeki & Daughters",)),
    ("Small", "strong", "Deployed", "UK & Ireland", ("Nine Elms Physio", "Marsh Lane Vets", "Hedgerow Florists")),
    ("Small", "strong", "Deployed", "North America", ("Copper Kettle Brewing", "Bluefinch Accounting")),
    ("Small", "strong", "Deployed", "Europe", ("Müller Zahntechnik", "Ingrid Åkesson Design", "Novák Servis s.r.o.")),
    ("Small", "strong", "Trial", "Asia-Pacific", ("Kapoor Opticians",)),
    ("Small", "steady", "Deployed", "North America", ("Pixel Orchard", "Three Rivers Surveying", "Sparrow Payroll")),
    ("Small", "steady", "Deployed", "Europe", ("D'Angelo Coffee Imports", "Le Petit Atelier")),
    ("Small", "steady", "Deployed", "UK & Ireland", ("Ridge & Rowe Architects", "Stonebridge Lettings")),
    ("Small", "slipping", "Deployed", "UK & Ireland", ("Eastgate Print", "Tandem Cycles")),
    ("Small", "steady", "Deployed", "Latin America", ("Señal Radio",)),
    ("Small", "steady", "Trial", "Europe", ("Björk Keramik",)),
    ("Small", "poor", "Deployed", "North America", ("Halcyon Yoga", "Osprey Roofing")),
    ("Small", "poor", "Deployed", "UK & Ireland", ("Fenwick Tutors",)),
    ("Small", "poor", "Trial", "Asia-Pacific", ("Windmill Nursery",)),
    ("Small", "steady", "Prospect", "Europe", ("Quill Translations",)),
    ("", "steady", "Deployed", "North America", ("Arbor Analytics",)),
    ("", "steady", "Deployed", "UK & Ireland", ("Thistle & Co.",)),
)  # fmt: skip

#: What differs for single accounts, and why it is in the sample.
STORIES: dict[str, dict[str, str]] = {
    # uses the product far more than its peers: a screen runs on the brewing floor all day
    "Copper Kettle Brewing": {"Usage hours 90d": "6480", "Usage hours prior 90d": "6105"},
    # a good account with one unpaid invoice
    "Peakline Outdoor": {"Invoice status": "Overdue", "Goals reached": "75%"},
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
STATES: dict[str, dict[str, tuple[float, float]]] = {
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

#: How often a single signal looks one state better or worse than the account: no real account is all of a piece.
MIXED = 0.3
#: Per size: seats, value of a seat per year, hours per active user in 90 days, usual tickets.
SIZES: dict[str, dict[str, tuple[float, float]]] = {
    "Small": {"seats": (3, 28), "price": (300, 420), "hours": (14, 46), "tickets": (1, 4)},
    "Medium": {"seats": (40, 210), "price": (250, 360), "hours": (12, 38), "tickets": (2, 9)},
    "Enterprise": {"seats": (320, 1900), "price": (170, 260), "hours": (9, 24), "tickets": (8, 36)},
}
GAP_IN_SURVEY = 0.2
#: What can be known of customers only.
AFTER_PURCHASE = {
    "Seats", "Active users", "Usage hours 90d", "Usage hours prior 90d", "Last login",
    "Tickets 90d", "NPS", "Goals reached", "Invoice status",
}  # fmt: skip
Choice = TypeVar("Choice")


class Draw:
    """Random values of one account; only `random()` is used, which is the same in every version of Python."""

    def __init__(self, name: str) -> None:
        self._random = random.Random(f"{SEED}: {name}")

    def chance(self, probability: float) -> bool:
        """Return true with this probability."""
        return self._random.random() < probability

    def between(self, ends: tuple[float, float]) -> float:
        """Return a number between both ends."""
        return ends[0] + (ends[1] - ends[0]) * self._random.random()

    def whole(self, ends: tuple[float, float]) -> int:
        """Return a whole number between both ends."""
        return int(self.between(ends) + 0.5)

    def pick(self, options: Sequence[Choice]) -> Choice:
        """Return one of the options."""
        return options[int(self._random.random() * len(options))]


def _before(days: int) -> str:
    return (AS_OF - timedelta(days=days)).isoformat()


def _signals(draw: Draw, state: str) -> dict[str, tuple[float, float]]:
    """Return the range of each signal for an account in this state, some from the state next to it."""
    states = list(STATES)
    found = {}
    for signal in STATES[state]:
        step = draw.pick((-1, 1)) if draw.chance(MIXED) else 0
        found[signal] = STATES[states[max(0, min(len(states) - 1, states.index(state) + step))]][signal]
    return found


def _identity(draw: Draw, size: str, stage: str, region: str, seats: int) -> dict[str, str]:
    price = draw.between(SIZES[size or "Medium"]["price"])
    value = round(seats * price / 100) * 100 if seats * price >= 10_000 else round(seats * price / 12) * 12
    renewal = AS_OF + timedelta(days=draw.whole((4, 364)))
    return {
        "Owner": draw.pick(OWNERS[region]),
        "Size": size,
        "Stage": stage,
        "Region": region,
        "ARR": str(value),
        "Renewal date": "" if stage == "Prospect" else renewal.isoformat(),
    }


def _usage(draw: Draw, size: str, state: dict[str, tuple[float, float]], seats: int) -> dict[str, str]:
    active = max(1, min(seats, round(seats * draw.between(state["used"]))))
    before = max(2.0, active * draw.between(SIZES[size or "Medium"]["hours"]))
    return {
        "Seats": str(seats),
        "Active users": str(active),
        "Usage hours 90d": str(round(before * (1 + draw.between(state["trend"])))),
        "Usage hours prior 90d": str(round(before)),
        "Last login": _before(draw.whole(state["login"])),
    }


def _relationship(draw: Draw, size: str, state: dict[str, tuple[float, float]]) -> dict[str, str]:
    met, sponsored = _before(draw.whole(state["executive"])), draw.chance(draw.between(state["sponsor"]))
    known = size != "Small" or draw.chance(0.25)
    rating = max(1, min(5, draw.whole(state["rating"])))
    rated = _before(draw.whole((2, 80)))
    return {
        "Last executive contact": met if known else "",
        "Sponsor named": ("Yes" if sponsored else "No") if known else "",
        "CSM rating": str(rating),
        "Rated on": rated,
    }


def _support(draw: Draw, size: str, state: dict[str, tuple[float, float]]) -> dict[str, str]:
    tickets = round(draw.between(SIZES[size or "Medium"]["tickets"]) * draw.between(state["tickets"]))
    answer = max(0, min(10, draw.whole(state["nps"])))
    goals = 5 * round(20 * draw.between(state["goals"]))
    status = ("Paid", "Due", "In dispute", "Overdue")
    level = draw.between(state["invoice"])
    return {
        "Tickets 90d": str(tickets) if tickets else "",  # the help desk lists only accounts that wrote
        "NPS": "" if draw.chance(GAP_IN_SURVEY) else str(answer),
        "Goals reached": f"{goals}%",
        "Invoice status": status[sum(level > limit for limit in (0.7, 1.2, 1.5))],
    }


def _account(name: str, size: str, state: str, stage: str, region: str) -> dict[str, str]:
    draw = Draw(name)
    signals = _signals(draw, state)
    seats = draw.whole(SIZES[size or "Medium"]["seats"])
    row = {"Account": name}
    row |= _identity(draw, size, stage, region, seats)
    row |= _usage(draw, size, signals, seats)
    row |= _relationship(draw, size, signals)
    row |= _support(draw, size, signals)
    if stage == "Trial":  # nothing invoiced yet
        row["Invoice status"] = ""
    if stage == "Prospect":  # nothing used yet: too little to score, and it should say so
        row = {header: text for header, text in row.items() if header not in AFTER_PURCHASE}
    return row | STORIES.get(name, {})


def make_accounts() -> list[dict[str, str]]:
    """Return every account as header -> text, in the order of the export."""
    rows = [_account(name, size, state, stage, region) for size, state, stage, region, names in BOOK for name in names]
    rows.sort(key=lambda row: Draw("order of " + row["Account"]).between((0, 1)))
    return [{"Account ID": f"C-{1001 + 7 * place}"} | row for place, row in enumerate(rows)]


def csv_text() -> str:
    """Return the whole file as text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADERS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(make_accounts())
    return text.getvalue()


def main() -> None:
    """Write both copies, as UTF-8 with the mark that lets Excel show the accents on a double click."""
    for target in TARGETS:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(csv_text().encode("utf-8-sig"))


if __name__ == "__main__":
    main()
