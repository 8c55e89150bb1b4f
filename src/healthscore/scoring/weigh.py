"""Coverage, base and points lost: the weighted mean of the points that there are (DESIGN §2.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthscore.scoring.points import Floats
from healthscore.scoring.resolve import Resolved, per_account


@dataclass(frozen=True)
class Weighed:
    """Coverage and base of shape (accounts,), points lost of shape (accounts, metrics)."""

    coverage: Floats
    base: Floats
    lost: Floats


def weigh(points: list[Floats], resolved: Resolved) -> Weighed:
    """Weigh the points of each metric, arrays of shape (accounts,), by the shares of each account's segment."""
    count = len(resolved.index)
    coverage, earned = np.zeros(count), np.zeros(count)
    lost = np.empty((len(points), count))
    for position, given in enumerate(points):
        share = per_account([terms.metrics[position].share for terms in resolved.segments], resolved.index)
        present = ~np.isnan(given)
        weight = present * share
        coverage += weight
        np.multiply(weight, 100.0 - given, out=lost[position], where=present)
        lost[position][~present] = 0.0
        earned += np.where(present, given, 0.0) * share
    with np.errstate(divide="ignore", invalid="ignore"):
        base = earned / coverage
        lost /= coverage
    base[coverage == 0] = np.nan
    lost[:, coverage == 0] = 0.0
    return Weighed(coverage, base, lost.T)
