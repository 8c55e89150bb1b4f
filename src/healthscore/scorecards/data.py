"""The four scorecards as plain data: what a template needs, and nothing that it would have to compute.

`portfolio`, `segment`, `owner` and `account` each return a frozen `Scorecard`; rendering adds words and colours only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthscore.errors import HealthscoreError
from healthscore.model.vocabulary import EVERYONE
from healthscore.names import key
from healthscore.scorecards.book import ScoredBook
from healthscore.scorecards.cards import Card, HistoryPoint, Part, cards, history, parts
from healthscore.scorecards.figures import (
    Band,
    Change,
    Drag,
    Rows,
    Totals,
    band_numbers,
    bands_of,
    change,
    drags,
    previous_scores,
    totals,
    values_of,
)
from healthscore.scorecards.words import NAME_LIMIT, plain

KINDS = ("portfolio", "segment", "owner", "account")
#: How far ahead renewals are shown, and how near one must be to ask leadership for a decision.
RENEWAL_DAYS = 90
DECISION_DAYS = 30
#: Coverage from which data confidence is called high, and fair.
HIGH_CONFIDENCE, FAIR_CONFIDENCE = 0.9, 0.75


@dataclass(frozen=True)
class Group:
    """A segment, or an owner, of the group that the scorecard is about."""

    name: str
    totals: Totals
    change: Change | None


@dataclass(frozen=True)
class Shown:
    """Accounts that a list shows, and how many and what value it leaves for the workbook."""

    cards: tuple[Card, ...]
    accounts: int
    value: float

    @property
    def more(self) -> int:
        """How many accounts the list does not show."""
        return self.accounts - len(self.cards)


@dataclass(frozen=True)
class Gap:
    """A metric that many accounts have no value for; `filled` is the share of accounts that have one."""

    metric: str
    filled: float
    missing: int


@dataclass(frozen=True)
class Confidence:
    """How far the scores can be trusted: the mean share of the weight that has data, and where data is missing."""

    coverage: float
    word: str
    symbol: str
    unscored: int
    gaps: tuple[Gap, ...]
    unreadable: int
    findings: int


@dataclass(frozen=True)
class Ask:
    """Something that the reader is asked to do; `_words.j2` has a sentence for every `kind`.

    `accounts` and `value` count all accounts concerned, `names` are the first three of them.

    Kinds: decide (accounts of the lowest band renew soon), confirm (renewal dates have passed), name_owner, back
    (the metric that costs most), complete (accounts without a score), renew_override (set scores that end soon).
    """

    kind: str
    accounts: int
    value: float
    names: tuple[str, ...]
    metric: str = ""
    points: float = 0.0
    action: str = ""


@dataclass(frozen=True)
class Scorecard:
    """One scorecard of any kind. Lists hold what is shown; what does not apply to a kind is empty.

    `account`, `parts_lost`, `parts_earned` and `history` belong to the kind account.
    """

    kind: str
    name: str
    as_of: dt.date
    model: str
    currency: str
    totals: Totals
    bands: tuple[Band, ...]
    groups: tuple[Group, ...]
    change: Change | None
    drags: tuple[Drag, ...]
    worse: Shown
    better: Shown
    renewals: Shown
    watch: Shown
    everyone: Shown
    confidence: Confidence
    asks: tuple[Ask, ...]
    left: tuple[str, ...] = ()
    account: Card | None = None
    parts_lost: tuple[Part, ...] = ()
    parts_earned: tuple[Part, ...] = ()
    history: tuple[HistoryPoint, ...] = ()


@dataclass(frozen=True)
class Lengths:
    """How many accounts each list shows at most; `fewer` gives the lengths to try where a message grows too big."""

    watch: int = 8
    renewals: int = 8
    movers: int = 3
    everyone: int = 30
    groups: int = 20

    def fewer(self) -> Lengths:
        """Return shorter lists, at least one account each."""
        return Lengths(*(max(1, length * 2 // 3) for length in vars(self).values()))


# --- which accounts ------------------------------------------------------------------------------------------------


def segments(book: ScoredBook) -> tuple[str, ...]:
    """Return the names of the segments, in the model's order and then in order of appearance."""
    present = list(dict.fromkeys(str(name) for name in book.scores.table["segment"]))
    wanted = [key(segment.name) for segment in book.scores.model.segments]
    return tuple(sorted(present, key=lambda name: wanted.index(key(name)) if key(name) in wanted else len(wanted)))


def owners(book: ScoredBook) -> tuple[str, ...]:
    """Return the names of the owners, in alphabetical order."""
    return tuple(sorted({str(name).strip() for name in book.frame["owner"].dropna()} - {""}, key=str.casefold))


def rows_of(book: ScoredBook, kind: str, name: str) -> Rows:
    """Return the places of the accounts that a scorecard of that kind and name speaks of.

    Raises:
        HealthscoreError: nothing in the workbook has that name, or several accounts have it.
    """
    if kind == "portfolio":
        return np.arange(len(book.frame))
    if kind == "segment":
        column, known = book.scores.table["segment"], segments(book)
    elif kind == "owner":
        column, known = book.frame["owner"], owners(book)
    else:
        return _one_account(book, name)
    found = _named(column, name)
    if not len(found):
        raise HealthscoreError(f"no account has the {kind} {name!r}; the workbook has: {', '.join(known) or 'none'}")
    spellings = {_folded(one): str(one) for one in column.iloc[found]}
    if len(spellings) > 1:
        raise HealthscoreError(
            f"the {kind} {name!r} may be {' or '.join(map(repr, spellings.values()))}; write it as the workbook does"
        )
    return found


def _named(column: pd.Series, name: str) -> Rows:
    """Return where a column has a name: spelled so, but for capitals and spaces; else as a header would match.

    Two people may be called Ann Lee and Ann-Lee: whoever is asked for by an exact name gets nobody else's accounts.
    """
    exact = np.flatnonzero([not pd.isna(one) and _folded(one) == _folded(name) for one in column])
    return exact if len(exact) else np.flatnonzero([not pd.isna(one) and key(one) == key(name) for one in column])


def _folded(name: object) -> str:
    return " ".join(str(name).split()).casefold()


def _one_account(book: ScoredBook, name: str) -> Rows:
    for column in ("id", "account"):
        found = _named(book.frame[column], name)
        if len(found) == 1:
            return found
        if len(found) > 1:
            ids = ", ".join(str(one) for one in book.frame["id"].iloc[found[:5]])
            raise HealthscoreError(f"{len(found)} accounts are called {name!r}; name one by its id: {ids}")
    raise HealthscoreError(f"no account has the id or name {name!r}; names stand in the workbook's first columns")


# --- the scorecards ------------------------------------------------------------------------------------------------


def scorecard(book: ScoredBook, kind: str, name: str = "", lengths: Lengths | None = None) -> Scorecard:
    """Return a scorecard of one of `KINDS`; `name` says which segment, owner or account.

    Raises:
        HealthscoreError: nothing in the workbook has that name.
    """
    rows, most = rows_of(book, kind, name), lengths or Lengths()
    if not len(rows):
        raise HealthscoreError("the workbook has no accounts yet; fill some in, then make scorecards of them")
    order = _by_priority(book, rows)
    risky = np.array([band.at_risk for band in bands_of(book.scores.model)])[band_numbers(book)]
    soon = _renewing(book, order, 0, RENEWAL_DAYS)
    moved = _moved(book, rows)
    card = cards(book, rows, drags=3)[0] if kind == "account" else None
    model = book.scores.model
    return Scorecard(
        kind=kind,
        name=_name(book, kind, rows, card),
        as_of=book.scores.as_of,
        model=plain(model.title or model.name),
        currency=plain(book.currency, 8),
        totals=totals(book, rows),
        bands=bands_of(model),
        groups=_groups(book, kind, rows, most.groups),
        change=change(book, rows),
        drags=drags(book, rows, 5),
        worse=_shown(book, moved[moved[:, 1] < 0][:, 0], most.movers),
        better=_shown(book, moved[moved[:, 1] > 0][::-1][:, 0], most.movers),
        renewals=_shown(book, _by_renewal(book, soon[risky[soon]]), most.renewals),
        watch=_shown(book, order[risky[order]], most.watch),
        everyone=_shown(book, order, most.everyone),
        confidence=_confidence(book, rows),
        asks=_asks(book, kind, rows),
        left=tuple(plain(name, NAME_LIMIT) for name in book.left) if kind == "portfolio" else (),
        account=card,
        parts_lost=_ranked(book, rows[0], "lost") if card else (),
        parts_earned=_ranked(book, rows[0], "earned") if card else (),
        history=history(book, card) if card else (),
    )


def _name(book: ScoredBook, kind: str, rows: Rows, card: Card | None) -> str:
    """Return the group's name as the workbook spells it, not as the recipients file does."""
    if card is not None:
        return card.account
    if kind == "portfolio":
        return EVERYONE
    column = book.scores.table["segment"] if kind == "segment" else book.frame["owner"]
    return plain(column.iloc[rows[0]], NAME_LIMIT)


def _groups(book: ScoredBook, kind: str, rows: Rows, most: int) -> tuple[Group, ...]:
    """Return the segments of a portfolio, or the owners of a segment, those with most value first."""
    if kind == "portfolio":
        column, names = book.scores.table["segment"].astype(object), segments(book)
    elif kind == "segment":
        column, names = book.frame["owner"], owners(book)
    else:
        return ()
    mine = np.array(["" if pd.isna(one) else str(one).strip() for one in column], dtype=object)[rows]
    groups = [
        Group(plain(name, NAME_LIMIT), totals(book, part), change(book, part))
        for name in names
        if len(part := rows[mine == name])
    ]
    return tuple(sorted(groups, key=lambda group: -group.totals.value)[:most]) if len(groups) > 1 else ()


def _shown(book: ScoredBook, rows: Sequence[int] | Rows, most: int) -> Shown:
    places = np.asarray(rows, dtype=np.intp)
    return Shown(cards(book, places[:most]), len(places), float(values_of(book)[places].sum()))


def _by_priority(book: ScoredBook, rows: Rows) -> Rows:
    """Order accounts by how much value is at stake; without any value by score; those without a score last."""
    table = book.scores.table
    priority = np.nan_to_num(table["priority"].to_numpy(dtype=float)[rows], nan=-1.0)
    score = np.nan_to_num(table["score"].to_numpy(dtype=float)[rows], nan=101.0)
    return rows[np.lexsort((score, -priority))]


def _days_to_renewal(book: ScoredBook, rows: Rows) -> np.ndarray:
    renewal = pd.to_datetime(book.frame["renewal"], errors="coerce").iloc[rows]
    return (renewal - pd.Timestamp(book.scores.as_of)).dt.days.to_numpy(dtype=float)


def _renewing(book: ScoredBook, rows: Rows, start: int, end: int) -> Rows:
    days = _days_to_renewal(book, rows)
    return rows[(days >= start) & (days <= end)]


def _by_renewal(book: ScoredBook, rows: Rows) -> Rows:
    return rows[np.argsort(_days_to_renewal(book, rows), kind="stable")]


def _moved(book: ScoredBook, rows: Rows) -> np.ndarray:
    """Return (row, change) of accounts that moved, biggest falls first; of equal falls the larger account first."""
    moved = book.scores.table["score"].to_numpy(dtype=float)[rows] - previous_scores(book)[rows]
    real = np.isfinite(moved) & (moved != 0)
    rows, moved = rows[real], moved[real]
    order = np.lexsort((-values_of(book)[rows] * -np.sign(moved), moved))
    return np.column_stack((rows[order], moved[order])).astype(int)


def _ranked(book: ScoredBook, row: int, by: str) -> tuple[Part, ...]:
    found = sorted(parts(book, int(row)), key=lambda part: -float(getattr(part, by)))
    return tuple(part for part in found if getattr(part, by) >= 0.05)


# --- can it be trusted, and what is needed -------------------------------------------------------------------------


def _confidence(book: ScoredBook, rows: Rows) -> Confidence:
    model, points = book.scores.model, book.scores.points.to_numpy(dtype=float)[rows]
    shares = np.array([[term.share for term in part.metrics] for part in book.scores.resolved.segments])
    counts = shares[book.scores.resolved.index[rows]] > 0
    missing = (np.isnan(points) & counts).sum(axis=0)
    asked = np.maximum(counts.sum(axis=0), 1)
    gaps = [
        Gap(plain(metric.name), float(1 - missing[place] / asked[place]), int(missing[place]))
        for place, metric in enumerate(model.metrics)
        if missing[place]
    ]
    coverage = round(float(book.scores.table["coverage"].to_numpy(dtype=float)[rows].mean()), 9)
    word = "high" if coverage >= HIGH_CONFIDENCE else "fair" if coverage >= FAIR_CONFIDENCE else "low"
    whole = len(rows) == len(book.frame)
    return Confidence(
        coverage,
        word,
        {"high": "●", "fair": "▲", "low": "■"}[word],
        int(np.isnan(book.scores.table["score"].to_numpy(dtype=float)[rows]).sum()),
        tuple(sorted(gaps, key=lambda gap: gap.filled)[:3]),
        sum(len(set(cells) & set(rows.tolist())) for cells in book.accounts.unusable.values()),
        sum(found.severity != "note" for found in (*book.accounts.findings, *book.findings)) if whole else 0,
    )


def _asks(book: ScoredBook, kind: str, rows: Rows) -> tuple[Ask, ...]:
    """Return what the reader is asked for, most pressing first; leadership is asked for backing as well."""
    order = _by_priority(book, rows)
    numbers = band_numbers(book)
    lowest = order[numbers[order] == 0]
    owner = book.frame["owner"]
    nobody = order[[pd.isna(owner.iloc[row]) or not str(owner.iloc[row]).strip() for row in order]]
    unscored = order[numbers[order] == len(book.scores.model.bands)]
    found = [
        _ask(book, "decide", _renewing(book, lowest, 0, DECISION_DAYS)),
        _ask(book, "confirm", _renewing(book, order, -10_000, -1)),
        _ask(book, "name_owner", nobody),
        _ask(book, "renew_override", _ending_overrides(book, order)),
        _ask(book, "complete", unscored),
    ]
    if kind in ("portfolio", "segment"):
        found += [
            Ask("back", drag.accounts, 0.0, (), drag.metric, drag.points, drag.action)
            for drag in drags(book, rows, 1)
            if drag.points >= 1
        ]
    return tuple(ask for ask in found if ask is not None)


def _ask(book: ScoredBook, kind: str, rows: Rows) -> Ask | None:
    if not len(rows):
        return None
    names = tuple(card.account for card in cards(book, rows[:3]))
    return Ask(kind, len(rows), float(values_of(book)[rows].sum()), names)


def _ending_overrides(book: ScoredBook, rows: Rows) -> Rows:
    active = book.scores.table["override_active"].to_numpy(dtype=bool)[rows]
    last = book.scores.as_of + dt.timedelta(days=DECISION_DAYS)
    return np.array(
        [
            card.row
            for card in cards(book, rows[active])
            if card.override is not None and card.override.until is not None and card.override.until <= last
        ],
        dtype=np.intp,
    )
