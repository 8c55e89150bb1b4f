"""One account as a scorecard shows it: who, verdict, what drags and what helps, what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthscore.model.parts import Metric
from healthscore.scorecards.book import ScoredBook
from healthscore.scorecards.figures import Band, band_numbers, bands_of, previous_scores
from healthscore.scorecards.words import DASH, NAME_LIMIT, plain


@dataclass(frozen=True)
class Part:
    """One metric of one account: its value as people write it, its points, and what it takes from or gives the score.

    `lost` and `earned` are points of the score; over all metrics they add up to 100 − base and to base.
    """

    metric: str
    value: str
    points: float
    lost: float
    earned: float
    action: str


@dataclass(frozen=True)
class Override:
    """A score that a person set, while it counts."""

    reason: str
    by: str
    until: dt.date | None
    calculated: float | None


@dataclass(frozen=True)
class HistoryPoint:
    """A score on an earlier day, with the band it would be in today."""

    day: dt.date
    score: float
    band: Band


@dataclass(frozen=True)
class Cause:
    """How many points one metric moved this account's score since the last snapshot."""

    metric: str
    points: float


@dataclass(frozen=True)
class Card:
    """One account. Texts are harmless lines (see `words.plain`); figures are None where they are missing."""

    row: int
    id: str
    account: str
    owner: str
    segment: str
    stage: str
    region: str
    value: float | None
    renewal: dt.date | None
    renews_in: int | None
    score: float | None
    base: float | None
    cap: float | None
    grade: str
    band: Band
    previous: float | None
    change: float | None
    causes: tuple[Cause, ...] | None
    outlook: str
    drags: tuple[Part, ...]
    rules: tuple[str, ...]
    next_action: str
    coverage: float
    missing: tuple[str, ...]
    priority: float | None
    override: Override | None


def cards(book: ScoredBook, rows: Iterable[int], drags: int = 2) -> tuple[Card, ...]:
    """Return the cards of some accounts, in the order of `rows`, each with its biggest `drags`."""
    table, frame, model = book.scores.table, book.frame, book.scores.model
    bands, numbers, before, keys = bands_of(model), band_numbers(book), previous_scores(book), book.keys
    lost = book.scores.lost.to_numpy(dtype=float)
    points = book.scores.points.to_numpy(dtype=float)
    holding = book.scores.rules.to_numpy(dtype=bool)
    shares_zero = np.array([[term.share == 0 for term in part.metrics] for part in book.scores.resolved.segments])
    result = []
    for row in (int(one) for one in rows):
        verdict, who = table.iloc[row], frame.iloc[row]
        score, previous = _number(verdict["score"]), _number(before[row])
        renewal = _day(who["renewal"])
        unweighted = shares_zero[book.scores.resolved.index[row]]
        missing = [
            plain(metric.name)
            for place, metric in enumerate(model.metrics)
            if np.isnan(points[row, place]) and not unweighted[place]
        ]
        causes = None if book.causes is None else book.causes.get(keys[row], {})
        result.append(
            Card(
                row=row,
                id=plain(who["id"], NAME_LIMIT),
                account=plain(who["account"], NAME_LIMIT) or plain(who["id"], NAME_LIMIT) or "(no name)",
                owner=plain(who["owner"], NAME_LIMIT),
                segment=plain(verdict["segment"], NAME_LIMIT),
                stage=plain(who["stage"], NAME_LIMIT),
                region=plain(who["region"], NAME_LIMIT),
                value=_number(who["value"]),
                renewal=renewal,
                renews_in=None if renewal is None else (renewal - book.scores.as_of).days,
                score=score,
                base=_number(verdict["base"]),
                cap=None if verdict["cap"] >= 100 else _number(verdict["cap"]),
                grade=plain(verdict["grade"], 12),
                band=bands[numbers[row]],
                previous=previous,
                change=None if score is None or previous is None else score - previous,
                causes=None
                if causes is None
                else tuple(
                    Cause(plain(metric), moved)
                    for metric, moved in sorted(causes.items(), key=lambda one: -abs(one[1]))
                    if abs(moved) >= 0.05
                ),
                outlook=plain(verdict["outlook"], 60),
                drags=tuple(
                    part
                    for part in parts(book, row, np.argsort(-lost[row], kind="stable")[:drags])
                    if part.lost >= 0.05
                ),
                rules=tuple(
                    plain(rule.text or rule.name) for place, rule in enumerate(model.rules) if holding[row, place]
                ),
                next_action=plain(verdict["next_action"]),
                coverage=round(float(verdict["coverage"]), 9),
                missing=tuple(missing),
                priority=_number(verdict["priority"]),
                override=_override(verdict, who),
            )
        )
    return tuple(result)


def parts(book: ScoredBook, row: int, places: Iterable[int] | None = None) -> tuple[Part, ...]:
    """Return metrics of one account that have points, in the order of `places` (all, in the model's order)."""
    model, points = book.scores.model, book.scores.points.iloc[row].to_numpy(dtype=float)
    lost = book.scores.lost.iloc[row].to_numpy(dtype=float)
    terms = book.scores.resolved.segments[book.scores.resolved.index[row]].metrics
    coverage = float(book.scores.table["coverage"].iloc[row])
    return tuple(
        Part(
            plain(model.metrics[place].name),
            value_text(model.metrics[place], book.scores.values.iloc[row, place]),
            float(points[place]),
            float(lost[place]),
            float(terms[place].share * points[place] / coverage),
            plain(terms[place].action),
        )
        for place in (range(len(model.metrics)) if places is None else places)
        if np.isfinite(points[place]) and coverage
    )


def history(book: ScoredBook, card: Card, most: int = 8) -> tuple[HistoryPoint, ...]:
    """Return an account's earlier scores, oldest first, the latest `most` of them, and today's at the end."""
    one = book.keys[card.row]
    terms = book.scores.resolved.segments[book.scores.resolved.index[card.row]]
    bands = bands_of(book.scores.model)
    found = [(snapshot.day, snapshot.scores[one]) for snapshot in book.earlier if one in snapshot.scores]
    if card.score is not None:
        found.append((book.scores.as_of, card.score))
    return tuple(
        HistoryPoint(day, score, bands[max(sum(score >= start for start in terms.bands) - 1, 0)])
        for day, score in found[-most:]
        if np.isfinite(score)
    )


def value_text(metric: Metric, value: object) -> str:
    """Return a metric's value as people write it, with its unit: `20% of seats`, `143 days`, `Overdue`."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return DASH
    if metric.choices is not None:
        return plain(value, 40)
    number, unit = float(str(value)), plain(metric.unit, 30)
    if metric.input_type == "yes_no":
        return "yes" if number else "no"
    if unit.startswith("%"):
        return f"{number * 100:.0f}{unit}".replace("-", "−", 1)
    text = (
        f"{number:,.0f}" if abs(number) >= 100 or number == round(number) else f"{number:,.2f}".rstrip("0").rstrip(".")
    )
    return f"{text} ({unit})" if unit[:1].isdigit() else f"{text} {unit}".strip()


def _override(verdict: pd.Series, who: pd.Series) -> Override | None:
    if not bool(verdict["override_active"]):
        return None
    return Override(
        plain(who.get("override_reason")),
        plain(who.get("override_by"), NAME_LIMIT),
        _day(who.get("override_until")),
        _number(verdict["calculated"]),
    )


def _number(value: object) -> float | None:
    number = pd.to_numeric(value, errors="coerce")  # type: ignore[call-overload]
    return float(number) if np.isfinite(number) else None


def _day(value: object) -> dt.date | None:
    """Return a date of whatever a cell held: a timestamp, a date, a text, or the serial number that Excel stores."""
    serial = None if isinstance(value, (pd.Timestamp, dt.date)) else _number(value)
    if serial is not None:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(serial)) if 0 < serial < 2_958_466 else None
    stamp = pd.to_datetime(value, errors="coerce")  # type: ignore[call-overload]
    return None if pd.isna(stamp) else stamp.date()
