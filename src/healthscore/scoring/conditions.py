"""Conditions: comparing a metric's value or an account's column with a fixed value. For rules and milestones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import numpy.typing as npt

from healthscore.model.parts import Condition
from healthscore.model.schema import ScoreModel
from healthscore.names import key
from healthscore.scoring.points import SAME
from healthscore.scoring.values import AccountColumns, Floats

Bools = npt.NDArray[np.bool_]

_COMPARE: dict[str, Callable[[Floats, float], Bools]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.equal,
    "<>": np.not_equal,
}


def all_hold(
    model: ScoreModel, conditions: Iterable[Condition], columns: AccountColumns, values: Mapping[str, Floats]
) -> Bools:
    """Return where every condition holds, shape (accounts,); a missing value makes a condition false (DESIGN §2.5)."""
    holds = np.ones(len(columns), dtype=bool)
    for condition in conditions:
        holds &= _holds(model, condition, columns, values)
    return holds


def _holds(model: ScoreModel, condition: Condition, columns: AccountColumns, values: Mapping[str, Floats]) -> Bools:
    if condition.metric is not None:
        metric = model.metric(condition.metric)
        numbers = values[metric.name]
        if metric.choices is not None:
            wanted = next(
                (n for n, choice in enumerate(metric.choices) if key(choice) == key(str(condition.value))), -1
            )
            found: Bools = ~np.isnan(numbers) & ((numbers == wanted) == (condition.op == "="))
            return found
    elif isinstance(condition.value, str):
        same, there = columns.equals(condition.subject, condition.value)
        agree: Bools = there & (same == (condition.op == "="))
        return agree
    else:
        numbers = columns.numbers(condition.subject)
    limit = float(condition.value)
    met = np.where(np.abs(numbers - limit) <= abs(limit) * SAME, limit, numbers)
    holds: Bools = _COMPARE[condition.op](met, limit) & ~np.isnan(numbers)
    return holds
