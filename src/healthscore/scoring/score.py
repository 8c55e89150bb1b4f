"""Scoring: resolved numbers and values become scores, bands, drags and next actions. Vectorised over accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from healthscore.model.parts import Criterion, Metric
from healthscore.model.schema import ScoreModel
from healthscore.names import key
from healthscore.scoring.conditions import Bools
from healthscore.scoring.journey import JourneyStates, journey_states
from healthscore.scoring.points import points_choices, points_plateau, points_ramp, points_steps
from healthscore.scoring.resolve import Resolved, per_account, resolve
from healthscore.scoring.rules import rules_holding
from healthscore.scoring.values import AccountColumns, Floats, is_stale, metric_values, serial
from healthscore.scoring.verdict import verdicts
from healthscore.scoring.weigh import weigh
from healthscore.scoring.words import words


@dataclass(frozen=True)
class Scores:
    """The result of scoring. All frames have one row per account, in the order and with the index of the accounts.

    Attributes:
        model: the model that was scored with.
        as_of: the day the scores speak of.
        resolved: the model as plain numbers per segment.
        values: each metric's value (number; for choices the choice's name), missing as NaN or None.
        points: each metric's 0–100 points, NaN where missing.
        lost: points of the score that each metric costs; a row adds up to 100 − base.
        rules: whether each rule holds.
        stale: whether each metric that ages has a value too old to count.
        milestones: whether each milestone of the journey is reached; no columns without a journey.
        criteria: each success criterion's own score, 0–100, NaN where none of its metrics has points.
        table: one column per verdict: segment, coverage, base, cap, calculated, override_active, score, symbol, band,
            grade, outlook, drag_1, drag_1_points, drag_2, drag_2_points, risk_signals, next_action, priority, change,
            and for models with a journey: milestone, completed, last_milestone, days_since_milestone, stalled, roi.
    """

    model: ScoreModel
    as_of: dt.date
    resolved: Resolved
    values: pd.DataFrame
    points: pd.DataFrame
    lost: pd.DataFrame
    rules: pd.DataFrame
    stale: pd.DataFrame
    milestones: pd.DataFrame
    criteria: pd.DataFrame
    table: pd.DataFrame

    @property
    def shares(self) -> pd.DataFrame:
        """Each metric's share per segment: rows are segments, columns metrics."""
        return pd.DataFrame(
            [terms.shares for terms in self.resolved.segments],
            index=[terms.name for terms in self.resolved.segments],
            columns=[metric.name for metric in self.model.metrics],
        )

    def wide(self) -> pd.DataFrame:
        """Return everything side by side: the table, then values, points, points lost and rules with their names."""
        return pd.concat(
            [
                self.table,
                self.values.add_suffix(" (value)"),
                self.points.add_suffix(" (points)"),
                self.lost.add_suffix(" (lost)"),
                self.rules.add_suffix(" (rule)"),
            ],
            axis=1,
        )


def score_frame(
    frame: pd.DataFrame,
    model: ScoreModel,
    as_of: dt.date,
    bound: Mapping[str, str] | None = None,
    more_segments: Sequence[str] = (),
) -> Scores:
    """Score accounts whose columns already stand under the model's names (DESIGN §2).

    Args:
        frame: one row per account: the model's input columns, `segment`, `value`, and where people gave them
            `override_score`, `override_reason`, `override_by`, `override_until`, `previous_score`.
        model: the scoring model.
        as_of: the day that dates are measured from and overrides must reach.
        bound: input columns that stand under another name in the frame.
        more_segments: segments to resolve the model for, though no account is in them.

    Returns:
        The scores; an account below the minimum coverage has none (NaN) and the band `Unscored`.
    """
    day = serial(as_of)
    yes_no = [name for name, kind in model.input_columns().items() if kind == "yes_no"]
    columns = AccountColumns(frame, bound or {}, yes_no)
    values = metric_values(model, columns, as_of)
    journey = None if model.journey is None else journey_states(model, model.journey, columns, values, day)
    values = _with_journey(model, values, journey)
    segment = frame["segment"] if "segment" in frame else pd.Series(None, index=frame.index, dtype=object)
    resolved = resolve(model, segment, values, more_segments)
    points = {
        metric.name: metric_points(metric, values[metric.name], resolved, position)
        for position, metric in enumerate(model.metrics)
    }
    weighed = weigh(list(points.values()), resolved)
    holding = rules_holding(model, columns, values)
    table = verdicts(model, frame, columns, resolved, weighed, holding, as_of)
    stale = {metric.name: is_stale(model, metric, columns, day) for metric in model.metrics}

    def framed(data: Any, names: Sequence[str] | None = None) -> pd.DataFrame:
        return pd.DataFrame(data, index=frame.index, columns=None if names is None else pd.Index(names), copy=False)

    return Scores(
        model=model,
        as_of=as_of,
        resolved=resolved,
        values=_readable_values(model, values, frame.index),
        points=framed(points),
        lost=framed(weighed.lost, [metric.name for metric in model.metrics]),
        rules=framed(holding, [rule.name for rule in model.rules]),
        stale=framed({name: old for name, old in stale.items() if old is not None}),
        milestones=framed({} if journey is None else journey.reached, _milestone_names(model)),
        criteria=framed({part.name: criterion_score(model, part, points, resolved) for part in model.criteria}),
        table=table if journey is None else table.assign(**_journey_columns(model, journey)),
    )


# --- journey and criteria ------------------------------------------------------------------------------------------


def _with_journey(model: ScoreModel, values: Mapping[str, Floats], journey: JourneyStates | None) -> dict[str, Floats]:
    """Return the values of all metrics in the model's order, those measured on the journey included."""
    result = dict(values)
    for metric in model.metrics:
        if metric.journey is not None and journey is not None:
            numbers: Floats = getattr(journey, metric.journey)
            if metric.rating is not None:
                numbers = np.where((numbers >= 1) & (numbers <= metric.rating), numbers, np.nan)
            result[metric.name] = numbers
    return {metric.name: result[metric.name] for metric in model.metrics}


def _milestone_names(model: ScoreModel) -> list[str]:
    return [part.name for part in model.journey.milestones] if model.journey is not None else []


def _journey_columns(model: ScoreModel, journey: JourneyStates) -> dict[str, Any]:
    return {
        "milestone": words(journey.furthest, _milestone_names(model), ""),
        "completed": journey.completed,
        "last_milestone": journey.last_date,
        "milestone_day": np.nan_to_num(journey.last_date),
        "days_since_milestone": journey.days_since_last,
        "stalled": np.where(np.isnan(journey.days_since_last) | np.isnan(journey.completed), np.nan, journey.stalled),
        "roi": journey.roi,
    }


def criterion_score(
    model: ScoreModel, criterion: Criterion, points: Mapping[str, Floats], resolved: Resolved
) -> Floats:
    """Return a success criterion's own score per account: the mean of its metrics' points, weighted as they are.

    A metric without points is left out; switching the criterion off does not change its own score.
    """
    earned = weight = np.zeros(len(resolved.index))
    for position, metric in enumerate(model.metrics):
        if metric.criterion is None or key(metric.criterion) != key(criterion.name):
            continue
        mine = per_account([terms.metrics[position].weight for terms in resolved.segments], resolved.index)
        present = ~np.isnan(points[metric.name])
        weight = weight + np.where(present, mine, 0.0)
        earned = earned + np.where(present, points[metric.name] * mine, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weight > 0, earned / weight, np.nan)


# --- points --------------------------------------------------------------------------------------------------------


def metric_points(metric: Metric, values: Floats, resolved: Resolved, position: int) -> Floats:
    """Return the points of one metric, shape (accounts,), as each account's segment gives them."""
    terms = [segment.metrics[position] for segment in resolved.segments]
    if metric.points_kind in ("ramp", "rating", "peers"):
        return points_ramp(values, *(per_account([term.ends[end] for term in terms], resolved.index) for end in (0, 1)))
    if metric.points_kind == "plateau":
        return points_plateau(
            values, *(per_account([term.ends[end] for term in terms], resolved.index) for end in range(4))
        )
    tables: dict[tuple[tuple[float, ...], tuple[float, ...]], list[int]] = {}
    for number, term in enumerate(terms):
        tables.setdefault((term.starts, term.points), []).append(number)
    result = np.full(len(values), np.nan)
    for (starts, points), segments in tables.items():
        mine: Bools | slice = slice(None) if len(tables) == 1 else np.isin(resolved.index, segments)
        if metric.points_kind == "steps":
            result[mine] = points_steps(values[mine], np.array(starts), np.array(points))
        else:
            result[mine] = points_choices(values[mine], np.array(points))
    return result


def _readable_values(model: ScoreModel, values: Mapping[str, Floats], index: pd.Index) -> pd.DataFrame:
    columns: dict[str, Floats | pd.Categorical[str]] = {}
    for metric in model.metrics:
        numbers = values[metric.name]
        if metric.choices is None:
            columns[metric.name] = numbers
        else:
            codes = np.where(np.isnan(numbers), -1, numbers).astype(np.intp)
            columns[metric.name] = pd.Categorical.from_codes(codes, pd.Index(list(metric.choices)))
    return pd.DataFrame(columns, index=index, copy=False)
