"""The customer's journey: milestones reached, how far, how long it has stood still, and the return on investment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from healthscore.model.parts import Journey
from healthscore.model.schema import ScoreModel
from healthscore.scoring.conditions import all_hold
from healthscore.scoring.values import AccountColumns, Floats, value_days_since, value_ratio

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class JourneyStates:
    """Where each account stands.

    Attributes:
        reached: whether each milestone is reached, shape (accounts, milestones).
        furthest: position of the last milestone reached in the model's order, −1 for none, shape (accounts,).
        completed: part of the milestones reached, 0 to 1; NaN where the account has no data on any of them.
        last_date: day number of the latest milestone that has a date, NaN for none.
        days_since_last: days from then to the as-of date.
        stalled: whether the journey is unfinished and has stood still for longer than the model allows.
        roi: value achieved divided by value aimed at, NaN where the account does not have both.
    """

    reached: Bools
    furthest: npt.NDArray[np.intp]
    completed: Floats
    last_date: Floats
    days_since_last: Floats
    stalled: Bools
    roi: Floats


def journey_states(
    model: ScoreModel, journey: Journey, columns: AccountColumns, values: Mapping[str, Floats], as_of: float
) -> JourneyStates:
    """Return where each account stands on the journey on the as-of day (a day number, as Excel counts)."""
    count = len(columns)
    reached = np.zeros((len(journey.milestones), count), dtype=bool)
    last = np.full(count, np.nan)
    known = np.zeros(count, dtype=bool)
    for number, milestone in enumerate(journey.milestones):
        if milestone.when:
            reached[number] = all_hold(model, milestone.when, columns, values)
        for condition in milestone.when:
            known |= _present(model, condition.metric, condition.column, columns, values)
        if milestone.date is not None:
            date = np.floor(columns.numbers(milestone.date))
            come = date <= as_of
            reached[number] |= come
            known |= ~np.isnan(date)
            last = np.fmax(last, np.where(come, date, np.nan))
    done = reached.sum(axis=0)
    completed = np.where(known, done / len(journey.milestones), np.nan)
    furthest = np.where(done > 0, len(reached) - 1 - np.argmax(reached[::-1], axis=0), -1)
    days = value_days_since(last, as_of)
    limit = np.inf if journey.stalled_after_days is None else journey.stalled_after_days
    nothing = np.full(count, np.nan)
    achieved = nothing if journey.achieved is None else columns.numbers(journey.achieved)
    aimed = nothing if journey.aimed is None else columns.numbers(journey.aimed)
    stalled = (completed < 1) & (days > limit)
    return JourneyStates(reached.T, furthest, completed, last, days, stalled, value_ratio(achieved, aimed))


def _present(
    model: ScoreModel, metric: str | None, column: str | None, columns: AccountColumns, values: Mapping[str, Floats]
) -> Bools:
    """Return where the subject of a condition has a value at all."""
    if metric is not None:
        return ~np.isnan(values[model.metric(metric).name])
    return columns.filled(column or "")
