"""What all samples have in common: states with their ranges, the columns that say who an account is, and the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from makers.customers import OWNERS, Customer
from makers.draw import Draw, before

Row = dict[str, str]
#: (low, high) of each signal.
Ranges = Mapping[str, tuple[float, float]]

#: How often a single signal looks one state better or worse than the account: no real account is all of a piece.
MIXED = 0.3
#: Per size: seats, value of a seat per year, hours per active user in 90 days, usual tickets.
SIZES: dict[str, dict[str, tuple[float, float]]] = {
    "Small": {"seats": (3, 28), "price": (300, 420), "hours": (14, 46), "tickets": (1, 4)},
    "Medium": {"seats": (40, 210), "price": (250, 360), "hours": (12, 38), "tickets": (2, 9)},
    "Enterprise": {"seats": (320, 1900), "price": (170, 260), "hours": (9, 24), "tickets": (8, 36)},
}


@dataclass(frozen=True)
class Sample:
    """One model's sample: how each customer becomes a row, and what differs for single accounts.

    `row` makes a customer's row without its id; `stories` are laid over it, by account. Ids count up from `first_id`.
    """

    model: str
    seed: str
    headers: tuple[str, ...]
    customers: tuple[Customer, ...]
    row: Callable[[Draw, Customer], Row]
    stories: Mapping[str, Row] = field(default_factory=dict)
    first_id: int = 1001

    def accounts(self) -> list[Row]:
        """Return every account as header -> text, in the order of the export.

        Raises:
            ValueError: a story is told about an account that is not in the sample, or of a column that is not.
        """
        strangers = set(self.stories) - {customer.name for customer in self.customers}
        strangers |= {header for story in self.stories.values() for header in story} - set(self.headers)
        if strangers:
            raise ValueError(f"{self.model}: stories about what is not in the sample: {', '.join(sorted(strangers))}")
        rows = [
            {"Account": customer.name}
            | self.row(Draw(self.seed, customer.name), customer)
            | self.stories.get(customer.name, {})
            for customer in self.customers
        ]
        rows.sort(key=lambda row: Draw(self.seed, "order of " + row["Account"]).between((0, 1)))
        return [{"Account ID": f"C-{self.first_id + 7 * place}"} | row for place, row in enumerate(rows)]

    def csv_text(self) -> str:
        """Return the whole file as text."""
        text = io.StringIO()
        writer = csv.DictWriter(text, self.headers, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.accounts())
        return text.getvalue()


def signals(draw: Draw, states: Mapping[str, Ranges], state: str) -> dict[str, tuple[float, float]]:
    """Return the range of each signal for an account in this state, some from the state next to it."""
    names = list(states)
    found = {}
    for signal in states[state]:
        step = draw.pick((-1, 1)) if draw.chance(MIXED) else 0
        found[signal] = states[names[max(0, min(len(names) - 1, names.index(state) + step))]][signal]
    return found


def size_of(customer: Customer) -> dict[str, tuple[float, float]]:
    """Return the ranges of the customer's size; those of Medium where the size is unknown."""
    return SIZES[customer.size or "Medium"]


def identity(draw: Draw, customer: Customer, seats: int) -> Row:
    """Return who the account is: owner, size, stage, region, value and renewal."""
    price = draw.between(size_of(customer)["price"])
    value = round(seats * price / 100) * 100 if seats * price >= 10_000 else round(seats * price / 12) * 12
    renewal = before(-draw.whole((4, 364)))
    return {
        "Owner": draw.pick(OWNERS[customer.region]),
        "Size": customer.size,
        "Stage": customer.stage,
        "Region": customer.region,
        "ARR": str(value),
        "Renewal date": "" if customer.stage == "Prospect" else renewal,
    }


def rating(draw: Draw, ends: tuple[float, float]) -> str:
    """Return a mark from 1 to 5."""
    return str(max(1, min(5, draw.whole(ends))))


def count(number: float) -> str:
    """Return a count as systems export it that list only what happened: nothing for 0."""
    return str(round(number)) if round(number) else ""


def with_gaps(draw: Draw, row: Row, gaps: Mapping[str, float]) -> Row:
    """Return the row with some cells blank: column -> how often."""
    blank = {header for header, chance in gaps.items() if draw.chance(chance)}
    return {header: "" if header in blank else text for header, text in row.items()}
