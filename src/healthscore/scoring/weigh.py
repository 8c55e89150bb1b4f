"""Coverage, base and points lost: the weighted mean of the points that there are (DESIGN §2.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from healthscore.scoring.points import Floats
from healthscore.scoring.resolve import Resolved, per_account

#: Accounts worked on at a time in steps of many passes: few enough that their numbers stay in the processor's cache.
_BLOCK = 16_384


@dataclass(frozen=True)
class Weighed:
    """Coverage and base of shape (accounts,), points lost of shape (accounts, metrics)."""

    coverage: Floats
    base: Floats
    lost: Floats


def weigh(points: list[Floats], resolved: Resolved) -> Weighed:
    """Weigh the points of each metric, arrays of shape (accounts,), by the shares of each account's segment."""
    count = len(resolved.index)
    shares = [[terms.metrics[position].share for terms in resolved.segments] for position in range(len(points))]
    coverage, base, lost = np.empty(count), np.empty(count), np.empty((len(points), count))
    for rows in blocks(count):
        index = resolved.index[rows]
        covered, earned = np.zeros(len(index)), np.zeros(len(index))
        for position, share in enumerate(shares):
            given, part = points[position][rows], per_account(share, index)
            present = ~np.isnan(given)
            weight = present * part
            there = np.where(present, given, 0.0)
            covered += weight
            earned += there * part
            np.multiply(weight, 100.0 - there, out=lost[position, rows])
        coverage[rows] = covered
        some = covered != 0
        base[rows] = np.divide(earned, covered, out=np.full(len(index), np.nan), where=some)
        np.divide(lost[:, rows], covered, out=lost[:, rows], where=some)
    return Weighed(coverage, base, lost.T)


def blocks(count: int) -> Iterator[slice]:
    """Yield so many accounts block by block, for steps that pass over the same numbers again and again."""
    return (slice(start, start + _BLOCK) for start in range(0, count, _BLOCK))
