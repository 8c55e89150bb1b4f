"""Scoring: resolved numbers and values become scores, bands, drags and next actions. Vectorised over accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from healthscore.model.schema import UNSCORED, UNSCORED_SYMBOL, UNSEGMENTED, Condition, Metric, Rule, ScoreModel
from healthscore.names import key
from healthscore.scoring.points import points_choices, points_plateau, points_ramp, points_steps, round_half_away
from healthscore.scoring.resolve import Resolved, resolve
from healthscore.scoring.values import AccountColumns, Floats, metric_values, serial

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]

#: What people put in beside the export: column of the frame -> what it is.
PEOPLE_COLUMNS = ("override_score", "override_reason", "override_by", "override_until", "previous_score")
UNKNOWN_OUTLOOK = "Unknown"


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
        table: one column per verdict: segment, coverage, base, cap, calculated, override_active, score, symbol, band,
            grade, outlook, drag_1, drag_1_points, drag_2, drag_2_points, risk_signals, next_action, priority, change.
    """

    model: ScoreModel
    as_of: dt.date
    resolved: Resolved
    values: pd.DataFrame
    points: pd.DataFrame
    lost: pd.DataFrame
    rules: pd.DataFrame
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
    columns = AccountColumns(frame, bound or {})
    values = metric_values(model, columns, as_of)
    segment = frame["segment"] if "segment" in frame else pd.Series(None, index=frame.index, dtype=object)
    resolved = resolve(model, segment, values, more_segments)
    points = {
        metric.name: _metric_points(metric, values[metric.name], resolved, position)
        for position, metric in enumerate(model.metrics)
    }
    weighed = _weigh(list(points.values()), resolved)
    holding = rules_holding(model, columns, values)
    lost = pd.DataFrame(weighed.lost, index=frame.index, columns=[metric.name for metric in model.metrics], copy=False)
    return Scores(
        model,
        as_of,
        resolved,
        _readable_values(model, values, frame.index),
        pd.DataFrame(points, index=frame.index, copy=False),
        lost,
        pd.DataFrame(holding, index=frame.index, columns=[rule.name for rule in model.rules], copy=False),
        _verdicts(model, frame, columns, resolved, weighed, holding, as_of),
    )


# --- points, coverage, base, points lost ---------------------------------------------------------------------------


def _metric_points(metric: Metric, values: Floats, resolved: Resolved, position: int) -> Floats:
    terms = [segment.metrics[position] for segment in resolved.segments]
    if metric.points_kind in ("ramp", "rating", "peers"):
        return points_ramp(
            values, *(_per_account([term.ends[end] for term in terms], resolved.index) for end in (0, 1))
        )
    if metric.points_kind == "plateau":
        return points_plateau(
            values, *(_per_account([term.ends[end] for term in terms], resolved.index) for end in range(4))
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


def _per_account(numbers: Sequence[float], index: Codes) -> Floats | float:
    """Return a segment's number for every account: one number where all segments agree."""
    if len(set(numbers)) <= 1:
        return numbers[0] if numbers else 0.0
    return np.array(numbers)[index]


@dataclass(frozen=True)
class _Weighed:
    """Coverage and base of shape (accounts,), points lost of shape (accounts, metrics)."""

    coverage: Floats
    base: Floats
    lost: Floats


def _weigh(points: list[Floats], resolved: Resolved) -> _Weighed:
    count = len(resolved.index)
    coverage, earned = np.zeros(count), np.zeros(count)
    lost = np.empty((len(points), count))
    for position, given in enumerate(points):
        share = _per_account([terms.metrics[position].share for terms in resolved.segments], resolved.index)
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
    return _Weighed(coverage, base, lost.T)


# --- rules ---------------------------------------------------------------------------------------------------------

_COMPARE: dict[str, Callable[[Floats, float], Bools]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.equal,
    "<>": np.not_equal,
}


def rules_holding(model: ScoreModel, columns: AccountColumns, values: Mapping[str, Floats]) -> Bools:
    """Return whether each rule holds, shape (accounts, rules); a missing value makes a condition false."""
    result = np.zeros((len(model.rules), len(columns)), dtype=bool)
    place = {key(rule.name): number for number, rule in enumerate(model.rules)}
    for number, rule in enumerate(model.rules):
        if rule.of:
            result[number] = result[[place[key(name)] for name in rule.of]].sum(axis=0) >= (rule.at_least or 0)
        else:
            result[number] = _all_hold(model, rule, columns, values)
    return result.T


def _all_hold(model: ScoreModel, rule: Rule, columns: AccountColumns, values: Mapping[str, Floats]) -> Bools:
    holds = np.ones(len(columns), dtype=bool)
    for condition in rule.when:
        holds &= _condition_holds(model, condition, columns, values)
    return holds


def _condition_holds(
    model: ScoreModel, condition: Condition, columns: AccountColumns, values: Mapping[str, Floats]
) -> Bools:
    if condition.metric is not None:
        metric = model.metric(condition.metric)
        numbers = values[metric.name]
        if metric.choices is not None:
            wanted = next(
                (n for n, choice in enumerate(metric.choices) if key(choice) == key(str(condition.value))), -1
            )
            there = ~np.isnan(numbers)
            found: Bools = there & ((numbers == wanted) == (condition.op == "="))
            return found
    elif isinstance(condition.value, str):
        same, there = columns.equals(condition.subject, condition.value)
        agree: Bools = there & (same == (condition.op == "="))
        return agree
    else:
        numbers = columns.numbers(condition.subject)
    holds: Bools = _COMPARE[condition.op](numbers, float(condition.value)) & ~np.isnan(numbers)
    return holds


# --- verdicts ------------------------------------------------------------------------------------------------------


def _verdicts(
    model: ScoreModel,
    frame: pd.DataFrame,
    columns: AccountColumns,
    resolved: Resolved,
    weighed: _Weighed,
    holding: Bools,
    as_of: dt.date,
) -> pd.DataFrame:
    minimum = _per_account([terms.minimum_coverage for terms in resolved.segments], resolved.index)
    cap = rule_cap(model, holding)
    calculated = round_half_away(np.minimum(weighed.base, cap))
    calculated[np.round(weighed.coverage, 9) < np.round(minimum, 9)] = np.nan
    active = override_active(frame, as_of)
    final = np.where(active, round_half_away(_people_numbers(frame, "override_score")), calculated)
    band = _rung(final, [terms.bands for terms in resolved.segments], resolved.index)
    grade = _rung(final, [terms.grades for terms in resolved.segments], resolved.index)
    first, second = _two_drags(weighed.lost)
    names = [metric.name for metric in model.metrics]
    outlooks = [part.outlook for part in model.bands]
    actions = [terms.action for segment in resolved.segments for terms in segment.metrics]
    return pd.DataFrame(
        {
            "segment": _words(resolved.index, [terms.name for terms in resolved.segments], UNSEGMENTED),
            "coverage": weighed.coverage,
            "base": weighed.base,
            "cap": cap,
            "calculated": calculated,
            "override_active": active,
            "score": final,
            "symbol": _words(band, [part.sign for part in model.bands], UNSCORED_SYMBOL),
            "band": _words(band, [part.name for part in model.bands], UNSCORED),
            "grade": _words(grade, [part.name for part in model.grades], ""),
            "outlook": _words(band, outlooks, UNKNOWN_OUTLOOK),
            "drag_1": _words(first, names, ""),
            "drag_1_points": _points_of(weighed.lost, first),
            "drag_2": _words(second, names, ""),
            "drag_2_points": _points_of(weighed.lost, second),
            "risk_signals": _signals(model, holding),
            "next_action": _next_actions(model, resolved, band, first),
            "priority": columns.numbers("value") * (100 - final) / 100,
            "change": final - _people_numbers(frame, "previous_score"),
            "band_number": _numbers(band),
            "band_action": _words(band, [part.action for part in model.bands], ""),
            "drag_1_number": _numbers(first),
            "drag_2_number": _numbers(second),
            "drag_action": _words(np.where(first < 0, -1, resolved.index * len(names) + first), actions, ""),
        },
        index=frame.index,
        copy=False,
    )


def rule_cap(model: ScoreModel, holding: Bools) -> Floats:
    """Return the smallest cap of the rules that hold, 100 where none does; shape (accounts,)."""
    cap = np.full(len(holding), 100.0)
    for number, rule in enumerate(model.rules):
        if rule.cap is not None:
            np.minimum(cap, np.where(holding[:, number], rule.cap, 100.0), out=cap)
    return cap


def override_active(frame: pd.DataFrame, as_of: dt.date) -> Bools:
    """Return where a person's score counts: 0–100, with reason, author and an end not before the as-of date."""
    given = _people_numbers(frame, "override_score")
    until = _people_numbers(frame, "override_until")
    active = (given >= 0) & (given <= 100) & (np.floor(until) >= serial(as_of))
    for name in ("override_reason", "override_by"):
        if not active.any():
            return active
        texts = frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=object)
        active &= (texts.notna() & texts.astype(str).str.strip(" ").ne("")).to_numpy(dtype=bool)
    return active


def _people_numbers(frame: pd.DataFrame, name: str) -> Floats:
    return AccountColumns(frame, {}).numbers(name)


def _rung(scores: Floats, starts: list[tuple[float, ...]], index: Codes) -> Codes:
    """Return the last rung whose start is not above the score, −1 where there is no score."""
    result = np.full(len(scores), -1, dtype=np.intp)
    scored = ~np.isnan(scores)
    for number in range(len(starts[0]) if starts else 0):
        result[scored & (scores >= _per_account([rungs[number] for rungs in starts], index))] = number
    return result


def _words(codes: Codes, words: Sequence[str], otherwise: str) -> pd.Categorical[str]:
    """Return a word per code as a categorical, `otherwise` for −1; equal words share a category."""
    choices = list(dict.fromkeys([*words, otherwise]))
    place = np.array([choices.index(word) for word in [*words, otherwise]], dtype=np.int64)
    return pd.Categorical.from_codes(place[codes], pd.Index(choices))


def _numbers(codes: Codes) -> Floats:
    """Return codes as people count, from 1; NaN for −1."""
    return np.where(codes < 0, np.nan, codes + 1.0)


def _two_drags(lost: Floats) -> tuple[Codes, Codes]:
    """Return the metrics that lose most and second most, −1 where none does; ties go to the first in the model's order.

    Compared at the ninth decimal, so that two engines that add up in another order name the same metric.
    """
    most, next_most = np.zeros(len(lost)), np.zeros(len(lost))
    first, second = np.full(len(lost), -1, dtype=np.intp), np.full(len(lost), -1, dtype=np.intp)
    for number in range(lost.shape[1]):
        given = np.round(lost[:, number], 9)
        beats_first, beats_second = given > most, given > next_most
        np.copyto(next_most, np.where(beats_first, most, given), where=beats_second)
        np.copyto(second, np.where(beats_first, first, number), where=beats_second)
        np.copyto(most, given, where=beats_first)
        np.copyto(first, number, where=beats_first)
    return first, second


def _points_of(lost: Floats, place: Codes) -> Floats:
    points = np.take_along_axis(lost, np.maximum(place, 0)[:, None], axis=1)[:, 0]
    points[place < 0] = np.nan
    return points


def _signals(model: ScoreModel, holding: Bools) -> pd.Categorical[str]:
    """Return the texts of the rules that hold, joined by semicolons, as a categorical."""
    codes, joined = np.zeros(len(holding), dtype=np.intp), [""]
    for number, rule in enumerate(model.rules):
        # One rule at a time, keeping only the combinations that occur, so that fifty rules are as cheap as five.
        codes, found = pd.factorize(codes * 2 + holding[:, number])
        text = rule.text or rule.name
        joined = [joined[pair // 2] + ("; " + text if joined[pair // 2] else text) * (pair % 2) for pair in found]
    return _words(codes, joined, "")


def _next_actions(model: ScoreModel, resolved: Resolved, band: Codes, drag: Codes) -> pd.Categorical[str]:
    """Return what to do: the best band keeps its own action, else the biggest drag's, else the band's."""
    drags, bands = len(model.metrics), len(model.bands)
    words = [terms.action for segment in resolved.segments for terms in segment.metrics]
    words += [part.action for part in model.bands]
    of_band = len(resolved.segments) * drags + band
    of_drag = resolved.index * drags + drag
    has_action = np.array([word != "" for word in words] or [False])
    use_drag = (drag >= 0) & (band < bands - 1) & has_action[np.maximum(of_drag, 0)]
    return _words(np.where(band < 0, -1, np.where(use_drag, of_drag, of_band)), words, model.unscored_action)


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
