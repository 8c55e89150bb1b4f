"""What is known of earlier days: scores by account and day, accounts that left, and what moved since the last time.

Plain data between the workbook (which keeps it on sheets) and `refresh` (which adds to it).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from healthscore.accounts import Accounts

#: Snapshots that a workbook keeps: a year of weeks and the day itself.
SNAPSHOTS = 53

Value = str | float | bool | dt.date | None


@dataclass(frozen=True)
class History:
    """Scores of earlier days. `scores` gives per account id the score of each day; a day without one is left out."""

    days: tuple[dt.date, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, Mapping[dt.date, float]] = field(default_factory=dict)

    def with_day(self, day: dt.date, names: Mapping[str, str], scores: Mapping[str, float]) -> History:
        """Return the history with one more day, thinned to what a workbook keeps."""
        days = thinned(sorted({*self.days, day}))
        merged = {
            account: {
                when: score
                for when, score in (
                    {**self.scores.get(account, {}), **({day: scores[account]} if account in scores else {})}
                ).items()
                if when in days
            }
            for account in dict.fromkeys([*self.names, *names])
        }
        return History(tuple(days), {**self.names, **names}, merged)


def thinned(days: Sequence[dt.date], most: int = SNAPSHOTS) -> list[dt.date]:
    """Return at most `most` days: the oldest that are not the last of their month go first, then the oldest."""
    kept = list(days)
    while len(kept) > most:
        spare = (day for day, following in pairwise(kept) if (day.year, day.month) == (following.year, following.month))
        kept.remove(next(spare, kept[0]))
    return kept


@dataclass(frozen=True)
class LeftAccount:
    """An account that is no longer in the export: its last verdict, and its whole row, to come back with.

    `row` holds what stood in its input columns by the key of the column (`role:owner`, `input:NPS`, `note`,
    `own:Their column`); `formulas` those of its cells that held a formula.
    """

    id: str
    account: str
    segment: str
    left_on: dt.date
    scored_on: dt.date
    score: float | None
    band: str
    row: Mapping[str, Value]
    formulas: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mover:
    """An account whose score changed, and why.

    `parts` gives the points that each metric, the caps, overrides and the rounding made; they add up to `now − before`.
    """

    id: str
    account: str
    segment: str
    before: float
    now: float
    parts: Mapping[str, float]

    @property
    def change(self) -> float:
        """By how many points the score moved."""
        return self.now - self.before


@dataclass(frozen=True)
class Event:
    """One line of what a refresh did: an account that is new, left, returned or moved, or a cell both sides changed."""

    what: str
    id: str
    account: str
    column: str
    before: str
    now: str
    done: str


@dataclass(frozen=True)
class Agreed:
    """Who agreed to the scorecard, as people filled in the table on `Start`: its headers and its lines."""

    headers: tuple[str, ...] = ()
    lines: tuple[tuple[Value, ...], ...] = ()


@dataclass(frozen=True)
class Explained:
    """What people chose and tried on `Explain`: an account's id (blank for none), and values by metric, as typed."""

    account: str = ""
    tried: Mapping[str, float | str | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """Everything a refreshed workbook keeps beside its accounts.

    `imported` is the last export as it was read, against which the next refresh sees what people changed.
    """

    history: History = History()
    left: tuple[LeftAccount, ...] = ()
    movers: tuple[Mover, ...] = ()
    events: tuple[Event, ...] = ()
    imported: Accounts | None = None
    #: Names that people gave to segments' sheets: segment -> sheet.
    sheets: Mapping[str, str] = field(default_factory=dict)
