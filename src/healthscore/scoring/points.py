"""From a metric's value to its 0–100 points (DESIGN §2.2).

Every argument but the value may be one number or one per account. A missing value gives missing points.
Each function has its twin of the same name in `formulas/`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
FloatLike = Floats | float

#: Spreadsheets take two numbers for the same that differ by less than this part of them (about the 15th digit).
SAME = 2.0**-48


def points_ramp(value: Floats, zero: FloatLike, full: FloatLike) -> Floats:
    """0 at `zero`, 100 at `full`, straight between and flat outside; falling when `zero` is above `full`."""
    points = value - zero
    points /= np.subtract(full, zero)
    np.minimum(points, 1.0, out=points)
    np.maximum(points, 0.0, out=points)
    points *= 100.0
    return points


def points_plateau(
    value: Floats, zero: FloatLike, full: FloatLike, full_until: FloatLike, zero_again: FloatLike
) -> Floats:
    """The smaller of a rising and a falling ramp: some is healthy, none or too much is not."""
    return np.minimum(points_ramp(value, zero, full), points_ramp(value, zero_again, full_until))


def points_steps(value: Floats, starts: Floats, points: Floats) -> Floats:
    """The points of the last step whose start is not above the value; 0 below the first. Tables of shape (steps,)."""
    table = np.concatenate([[0.0], points])
    result = table[np.searchsorted(starts - np.abs(starts) * SAME, value, side="right")]
    result[np.isnan(value)] = np.nan
    return result


def points_choices(position: Floats, points: Floats) -> Floats:
    """The points of the choice at each position; missing for no choice. Table of shape (choices,)."""
    table = np.concatenate([points, [np.nan]])
    return table[np.where(np.isnan(position), len(points), position).astype(np.intp)]


def peers_full(values: Floats, quantile: float, zero: float) -> float:
    """The `full` end of a ramp against peers: their quantile, or zero + 1 where that is not above `zero`.

    Linear interpolation between order statistics (Hyndman & Fan type 7), as PERCENTILE.INC and numpy's default.
    """
    present = values[~np.isnan(values)]
    if not len(present):
        return zero + 1
    top = float(np.quantile(present, quantile))
    return top if top - zero > abs(zero) * SAME else zero + 1


def round_half_away(values: Floats) -> Floats:
    """Round to whole numbers, halves away from zero as Excel's ROUND does.

    Rounded at the ninth decimal first, so that the order in which an engine adds up never decides a half.
    """
    values = np.round(values, 9)
    return np.copysign(np.floor(np.abs(values) + 0.5), values)
