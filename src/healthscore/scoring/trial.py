"""What if: the score that one account would have with other values, everything else as it is.

The segment's terms stay as they were resolved, so a value is tried against the peers as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthscore.model.parts import Metric
from healthscore.model.schema import ScoreModel
from healthscore.names import key
from healthscore.scoring.resolve import Resolved
from healthscore.scoring.rules import rule_cap, rules_holding
from healthscore.scoring.score import Scores, metric_points
from healthscore.scoring.values import AccountColumns, category
from healthscore.scoring.verdict import calculated_score, rung
from healthscore.scoring.weigh import weigh

#: What a person types: a number (dates as Excel's day numbers), a choice, Yes or No.
Typed = float | str | bool


@dataclass(frozen=True)
class Trial:
    """What one account would have. `values`, `points` and `lost` by metric (choices by position), `rules` by name.

    NaN where something is missing; `band` and `grade` count from 0 and are −1 without a score.
    """

    values: Mapping[str, float]
    points: Mapping[str, float]
    lost: Mapping[str, float]
    rules: Mapping[str, bool]
    coverage: float
    base: float
    cap: float
    calculated: float
    band: int
    grade: int


def try_values(
    scores: Scores, frame: pd.DataFrame, row: int, tried: Mapping[str, Typed], bound: Mapping[str, str] | None = None
) -> Trial:
    """Return what the account in a row of the frame would have with other values of some metrics.

    Args:
        scores: the scores of the frame.
        frame: the accounts, as they were scored.
        row: position of the account.
        tried: name of the metric -> value to try; text that is no value of the metric counts as missing.
        bound: input columns that stand under another name in the frame.

    Returns:
        Points, points lost, rules and score. A rule that reads a column sees what was tried for a metric that is that
        column's value as it stands; every other column stays as it is.
    """
    model = scores.model
    values = {metric.name: np.array([_value(scores, metric, row, tried)]) for metric in model.metrics}
    resolved = Resolved(scores.resolved.segments, scores.resolved.index[[row]])
    points = {
        metric.name: metric_points(metric, values[metric.name].copy(), resolved, position)
        for position, metric in enumerate(model.metrics)
    }
    weighed = weigh(list(points.values()), resolved)
    holding = rules_holding(model, _columns(model, frame, row, tried, bound or {}), values)
    cap, terms = rule_cap(model, holding), resolved.segments[int(resolved.index[0])]
    calculated = calculated_score(weighed, cap, terms.minimum_coverage)
    return Trial(
        values={name: float(numbers[0]) for name, numbers in values.items()},
        points={name: float(numbers[0]) for name, numbers in points.items()},
        lost={metric.name: float(weighed.lost[0, position]) for position, metric in enumerate(model.metrics)},
        rules={rule.name: bool(holding[0, number]) for number, rule in enumerate(model.rules)},
        coverage=float(weighed.coverage[0]),
        base=float(weighed.base[0]),
        cap=float(cap[0]),
        calculated=float(calculated[0]),
        band=int(rung(calculated, [part.bands for part in resolved.segments], resolved.index)[0]),
        grade=int(rung(calculated, [part.grades for part in resolved.segments], resolved.index)[0]),
    )


def as_it_stands(metric: Metric) -> bool:
    """Say whether a metric's value is what was typed, rather than made of it."""
    return metric.value_kind in ("column", "journey")


def is_answer(metric: Metric) -> bool:
    """Say whether a metric's value is a yes or no, rather than made of one."""
    return metric.input_type == "yes_no" and metric.value_kind == "column"


def tried_value(metric: Metric, typed: Typed) -> float:
    """Return what a typed value counts as, the position of a choice; NaN for what the metric cannot use."""
    if metric.choices is not None:
        positions = {category(choice): float(number) for number, choice in enumerate(metric.choices)}
        return positions.get(category(_as_text(typed)), np.nan)
    if is_answer(metric):
        return {"yes": 1.0, "no": 0.0}.get(typed.lower(), np.nan) if isinstance(typed, str) else np.nan
    if isinstance(typed, str | bool):
        return np.nan
    if metric.rating is not None and as_it_stands(metric) and not 1 <= typed <= metric.rating:
        return np.nan
    return float(typed)


def _as_text(typed: Typed) -> str:
    if isinstance(typed, bool):
        return str(typed).upper()
    return f"{typed:.15g}" if isinstance(typed, float | int) else typed


def _value(scores: Scores, metric: Metric, row: int, tried: Mapping[str, Typed]) -> float:
    if metric.name in tried:
        return tried_value(metric, tried[metric.name])
    column = scores.values[metric.name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        code = int(column.cat.codes.iloc[row])
        return float(code) if code >= 0 else np.nan
    return float(column.iloc[row])


def _columns(
    model: ScoreModel, frame: pd.DataFrame, row: int, tried: Mapping[str, Typed], bound: Mapping[str, str]
) -> AccountColumns:
    """Return the account's columns with what was tried in the columns of metrics that take them as they stand."""
    own = frame.iloc[[row]].copy()
    kinds = model.input_columns()
    for metric in reversed(model.metrics):
        if metric.name in tried and metric.value_kind == "column":
            typed = tried[metric.name]
            name = next(name for name in kinds if key(name) == key(metric.inputs[0]))
            value = tried_value(metric, typed) if kinds[name] == "yes_no" else typed
            own[bound.get(name, name)] = pd.Series([value], index=own.index, dtype=object)
    return AccountColumns(own, bound, [name for name, kind in kinds.items() if kind == "yes_no"])
