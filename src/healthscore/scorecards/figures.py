"""Figures of a group of accounts: how many, what they are worth, how they fall into bands, what drags them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import UNSCORED, UNSCORED_SYMBOL
from healthscore.scorecards.book import ScoredBook
from healthscore.scorecards.words import plain

Rows = npt.NDArray[np.intp]

#: Colour of a band -> its light fill, the text on it, the full colour of bars, the text on bars. Contrast ≥ 4.5 : 1.
#: Fills are so light and texts so dark that a mail program which turns a page dark turns both or neither.
COLORS = {
    "red": ("#F9CFC9", "#7A1A10", "#B3321F", "#FFFFFF"),
    "orange": ("#FAD4A6", "#7A3E00", "#E08A1E", "#2E1A00"),
    "yellow": ("#FFE9A3", "#5F4700", "#E8B500", "#3A2C00"),
    "green": ("#C9E6CC", "#15501F", "#2E7D3C", "#FFFFFF"),
    "blue": ("#BFDDF2", "#0F4266", "#1F6FA8", "#FFFFFF"),
    "grey": ("#E3E5E8", "#4A4F57", "#6B737D", "#FFFFFF"),
}
#: Colours of bands whose accounts may leave; the first is where they probably will.
AT_RISK = ("red", "orange", "yellow")


@dataclass(frozen=True)
class Band:
    """A band as it is shown: word, symbol and colour, and what the model says about it."""

    name: str
    symbol: str
    color: str
    meaning: str = ""
    action: str = ""
    respond_within: str = ""

    @property
    def fill(self) -> str:
        """The light background of the band."""
        return COLORS[self.color][0]

    @property
    def ink(self) -> str:
        """The text on the light background."""
        return COLORS[self.color][1]

    @property
    def bar(self) -> str:
        """The full colour, for bars."""
        return COLORS[self.color][2]

    @property
    def bar_ink(self) -> str:
        """The text on the full colour."""
        return COLORS[self.color][3]

    @property
    def at_risk(self) -> bool:
        """Whether accounts of this band may leave."""
        return self.color in AT_RISK


@dataclass(frozen=True)
class BandFigure:
    """One band of a group: its accounts and their value, and both as shares of the group."""

    band: Band
    accounts: int
    value: float
    accounts_share: float
    value_share: float


@dataclass(frozen=True)
class Totals:
    """The headline figures of a group.

    `mean` is the score weighted by account value, or by account where no scored account has a value (`by_value` says
    which); None when nobody is scored. `risk_value` belongs to the lowest band.
    """

    accounts: int
    scored: int
    value: float
    mean: float | None
    by_value: bool
    coverage: float | None
    bands: tuple[BandFigure, ...]
    lowest: BandFigure

    @property
    def unscored(self) -> int:
        """How many accounts have no score."""
        return self.accounts - self.scored


@dataclass(frozen=True)
class Drag:
    """What one metric costs a group: points of its mean score, and what the model says to do."""

    metric: str
    points: float
    action: str
    accounts: int


@dataclass(frozen=True)
class Cause:
    """How many points of a group's mean score one metric moved since the last snapshot."""

    metric: str
    points: float


@dataclass(frozen=True)
class Change:
    """What changed since an earlier day. `since` is None where the book only knows the earlier scores, not their day.

    `mean` compares the accounts that have both scores. `causes` is None where nothing kept the earlier points.
    """

    since: dt.date | None
    compared: int
    mean: float
    mean_before: float
    up: int
    down: int
    worse_band: int
    better_band: int
    causes: tuple[Cause, ...] | None


def bands_of(model: ScoreModel) -> tuple[Band, ...]:
    """Return the model's bands, lowest first, and at the end the one of accounts without a score."""
    known = [
        Band(
            plain(part.name, 40),
            plain(part.sign, 4),
            part.color,
            plain(part.meaning),
            plain(part.action),
            plain(part.respond_within, 60),
        )
        for part in model.bands
    ]
    nobody = Band(UNSCORED, UNSCORED_SYMBOL, "grey", "Too little data for a score", plain(model.unscored_action))
    return (*known, nobody)


def values_of(book: ScoredBook) -> npt.NDArray[np.float64]:
    """Return account values as numbers ≥ 0; missing and negative ones count as nothing in sums and weights."""
    numbers = pd.to_numeric(book.frame["value"], errors="coerce").to_numpy(dtype=float)
    return np.where(np.isfinite(numbers) & (numbers > 0), numbers, 0.0)


def previous_scores(book: ScoredBook) -> npt.NDArray[np.float64]:
    """Return each account's score before this one: the workbook's own column, else the latest earlier snapshot."""
    if "previous_score" in book.frame:
        given = pd.to_numeric(book.frame["previous_score"], errors="coerce").to_numpy(dtype=float)
        if np.isfinite(given).any():
            return given
    if not book.earlier:
        return np.full(len(book.frame), np.nan)
    last = book.earlier[-1].scores
    return np.array([last.get(one, np.nan) for one in book.keys], dtype=float)


def totals(book: ScoredBook, rows: Rows) -> Totals:
    """Return the headline figures of the accounts in `rows`."""
    table, values = book.scores.table, values_of(book)[rows]
    scores = table["score"].to_numpy(dtype=float)[rows]
    numbers = band_numbers(book)[rows]
    known = bands_of(book.scores.model)
    whole = values.sum()
    figures = tuple(
        BandFigure(
            band,
            int((numbers == place).sum()),
            float(values[numbers == place].sum()),
            float((numbers == place).mean()) if len(rows) else 0.0,
            float(values[numbers == place].sum() / whole) if whole else 0.0,
        )
        for place, band in enumerate(known)
    )
    scored = np.isfinite(scores)
    mean, by_value = _mean(scores, values)
    coverage = table["coverage"].to_numpy(dtype=float)[rows]
    return Totals(
        len(rows),
        int(scored.sum()),
        float(whole),
        mean,
        by_value,
        float(coverage.mean()) if len(rows) else None,
        figures,
        figures[0],
    )


def band_numbers(book: ScoredBook) -> Rows:
    """Return each account's place among `bands_of(model)`; the last place is for accounts without a score."""
    numbers = book.scores.table["band_number"].to_numpy(dtype=float)
    return np.where(np.isfinite(numbers), numbers - 1, len(book.scores.model.bands)).astype(np.intp)


def drags(book: ScoredBook, rows: Rows, most: int) -> tuple[Drag, ...]:
    """Return the metrics that cost the group most points of its mean score, worst first.

    Points lost are weighted by account value, as the mean score is; they add up to 100 − the mean base score.
    """
    scored = rows[np.isfinite(book.scores.table["score"].to_numpy(dtype=float)[rows])]
    if not len(scored):
        return ()
    lost = book.scores.lost.to_numpy(dtype=float)[scored]
    mean = weights(values_of(book)[scored]) @ lost
    order = np.argsort(-mean, kind="stable")[:most]
    metrics = book.scores.model.metrics
    return tuple(
        Drag(
            plain(metrics[place].name),
            float(mean[place]),
            plain(metrics[place].action),
            int((lost[:, place] >= 0.5).sum()),
        )
        for place in order
        if mean[place] >= 0.05
    )


def change(book: ScoredBook, rows: Rows) -> Change | None:
    """Return what changed since the last snapshot, or None where no account has an earlier score."""
    before = previous_scores(book)[rows]
    now = book.scores.table["score"].to_numpy(dtype=float)[rows]
    both = np.isfinite(before) & np.isfinite(now)
    if not both.any():
        return None
    weight = weights(values_of(book)[rows][both])
    moved = now[both] - before[both]
    old, new = _bands_at(book, before, rows)[both], band_numbers(book)[rows][both]
    return Change(
        book.earlier[-1].day if book.earlier else None,
        int(both.sum()),
        float(weight @ now[both]),
        float(weight @ before[both]),
        int((moved > 0).sum()),
        int((moved < 0).sum()),
        int((new < old).sum()),
        int((new > old).sum()),
        _causes(book, rows[both], weight),
    )


def weights(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return what each account counts in a mean, adding up to 1: by its value, or alike where none has a value."""
    whole = values.sum()
    return values / whole if whole > 0 else np.full(len(values), 1 / max(len(values), 1))


def _mean(scores: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> tuple[float | None, bool]:
    scored = np.isfinite(scores)
    if not scored.any():
        return None, False
    return float(weights(values[scored]) @ scores[scored]), bool(values[scored].sum() > 0)


def _bands_at(book: ScoredBook, scores: npt.NDArray[np.float64], rows: Rows) -> Rows:
    """Return the band that each score would be in by the account's segment as it stands today."""
    terms, index = book.scores.resolved.segments, book.scores.resolved.index[rows]
    starts = np.array([part.bands for part in terms], dtype=float)[index]
    reached: Rows = (np.where(np.isfinite(scores), scores, -1.0)[:, None] >= starts).sum(axis=1).astype(np.intp)
    return np.maximum(reached - 1, 0)


def _causes(book: ScoredBook, rows: Rows, weight: npt.NDArray[np.float64]) -> tuple[Cause, ...] | None:
    if book.causes is None:
        return None
    keys, sums = book.keys, dict[str, float]()
    for row, part in zip(rows, weight, strict=True):
        for metric, moved in book.causes.get(keys[row], {}).items():
            sums[metric] = sums.get(metric, 0.0) + float(part) * moved
    ranked: Sequence[tuple[str, float]] = sorted(sums.items(), key=lambda one: -abs(one[1]))
    return tuple(Cause(plain(metric), moved) for metric, moved in ranked if abs(moved) >= 0.05)
