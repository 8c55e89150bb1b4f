"""The verdict on each account: score, band, grade, what drags it, what to do (DESIGN §2.6–2.8)."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import UNSCORED, UNSCORED_SYMBOL, UNSEGMENTED
from healthscore.scoring.conditions import Bools
from healthscore.scoring.overrides import override_active, people_numbers
from healthscore.scoring.points import Floats, round_half_away
from healthscore.scoring.resolve import Resolved, per_account
from healthscore.scoring.rules import risk_signals, rule_cap
from healthscore.scoring.values import AccountColumns
from healthscore.scoring.weigh import Weighed, blocks
from healthscore.scoring.words import Codes, counted, words

UNKNOWN_OUTLOOK = "Unknown"


def verdicts(
    model: ScoreModel,
    frame: pd.DataFrame,
    columns: AccountColumns,
    resolved: Resolved,
    weighed: Weighed,
    holding: Bools,
    as_of: dt.date,
) -> pd.DataFrame:
    """Return the verdict on each account, one column per part of it; `Scores.table` says which."""
    minimum = per_account([terms.minimum_coverage for terms in resolved.segments], resolved.index)
    cap = rule_cap(model, holding)
    calculated = calculated_score(weighed, cap, minimum)
    active = override_active(frame, as_of)
    final = np.where(active, round_half_away(people_numbers(frame, "override_score")), calculated)
    band = rung(final, [terms.bands for terms in resolved.segments], resolved.index)
    grade = rung(final, [terms.grades for terms in resolved.segments], resolved.index)
    first, second = _two_drags(weighed.lost)
    names = [metric.name for metric in model.metrics]
    outlooks = [part.outlook for part in model.bands]
    actions = [terms.action for segment in resolved.segments for terms in segment.metrics]
    return pd.DataFrame(
        {
            "segment": words(resolved.index, [terms.name for terms in resolved.segments], UNSEGMENTED),
            "coverage": weighed.coverage,
            "base": weighed.base,
            "cap": cap,
            "calculated": calculated,
            "override_active": active,
            "score": final,
            "symbol": words(band, [part.sign for part in model.bands], UNSCORED_SYMBOL),
            "band": words(band, [part.name for part in model.bands], UNSCORED),
            "grade": words(grade, [part.name for part in model.grades], ""),
            "outlook": words(band, outlooks, UNKNOWN_OUTLOOK),
            "drag_1": words(first, names, ""),
            "drag_1_points": _points_of(weighed.lost, first),
            "drag_2": words(second, names, ""),
            "drag_2_points": _points_of(weighed.lost, second),
            "risk_signals": risk_signals(model, holding),
            "next_action": _next_actions(model, resolved, band, first),
            "priority": columns.numbers("value") * (100 - final) / 100,
            "change": final - people_numbers(frame, "previous_score"),
            "out_of": 1 + final * ((model.rating_top or 5) - 1) / 100,
            "band_number": counted(band),
            "band_action": words(band, [part.action for part in model.bands], ""),
            "drag_1_number": counted(first),
            "drag_2_number": counted(second),
            "drag_action": words(np.where(first < 0, -1, resolved.index * len(names) + first), actions, ""),
        },
        index=frame.index,
        copy=False,
    )


def calculated_score(weighed: Weighed, cap: Floats, minimum: Floats | float) -> Floats:
    """Return the base under the cap as a whole number, NaN where too little of the weight has data."""
    calculated = round_half_away(np.minimum(weighed.base, cap))
    calculated[np.round(weighed.coverage, 9) < np.round(minimum, 9)] = np.nan
    return calculated


def rung(scores: Floats, starts: list[tuple[float, ...]], index: Codes) -> Codes:
    """Return the last rung whose start is not above the score, −1 where there is no score."""
    result = np.full(len(scores), -1, dtype=np.intp)
    scored = ~np.isnan(scores)
    for number in range(len(starts[0]) if starts else 0):
        result[scored & (scores >= per_account([rungs[number] for rungs in starts], index))] = number
    return result


def _two_drags(lost: Floats) -> tuple[Codes, Codes]:
    """Return the metrics that lose most and second most, −1 where none does; ties go to the first in the model's order.

    Compared at the ninth decimal, so that two engines that add up in another order name the same metric.
    """
    first, second = np.empty(len(lost), dtype=np.intp), np.empty(len(lost), dtype=np.intp)
    for rows in blocks(len(lost)):
        block = np.rint(lost[rows].T * 1e9)
        accounts = np.arange(block.shape[1])
        most = block.argmax(axis=0)
        first[rows] = np.where(block[most, accounts] > 0, most, -1)
        block[most, accounts] = 0
        most = block.argmax(axis=0)
        second[rows] = np.where(block[most, accounts] > 0, most, -1)
    return first, second


def _points_of(lost: Floats, place: Codes) -> Floats:
    points = np.empty(len(lost))
    for rows in blocks(len(lost)):
        points[rows] = np.take_along_axis(lost[rows], np.maximum(place[rows], 0)[:, None], axis=1)[:, 0]
    points[place < 0] = np.nan
    return points


def _next_actions(model: ScoreModel, resolved: Resolved, band: Codes, drag: Codes) -> pd.Categorical[str]:
    """Return what to do: the best band keeps its own action, else the biggest drag's, else the band's."""
    drags, bands = len(model.metrics), len(model.bands)
    texts = [terms.action for segment in resolved.segments for terms in segment.metrics]
    texts += [part.action for part in model.bands]
    of_band = len(resolved.segments) * drags + band
    of_drag = resolved.index * drags + drag
    has_action = np.array([text != "" for text in texts])
    use_drag = (drag >= 0) & (band < bands - 1) & has_action[np.maximum(of_drag, 0)]
    return words(np.where(band < 0, -1, np.where(use_drag, of_drag, of_band)), texts, model.unscored_action)
