"""Resolving: a model and the accounts' values become plain numbers per segment.

After this step every account is scored by itself; the workbook does the same in the strip above each table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from healthscore.model.parts import Metric, Segment, Thresholds
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import UNSEGMENTED
from healthscore.names import key
from healthscore.scoring.points import peers_full

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MetricTerms:
    """What one metric means in one segment.

    `weight` is as given, `weight_in_force` is 0 while its criterion is switched off; `in_dimension` adds up the weights
    in force of the metric's dimension, `part` is the dimension's weight divided among them, `share` the part of the
    whole. `ends` are the ramp's two or the plateau's four numbers; `starts` and `points` the lists of
    steps and choices.
    """

    weight: float
    weight_in_force: float
    dimension_weight: float
    in_dimension: float
    part: float
    share: float
    ends: tuple[float, ...] = ()
    quantile: float | None = None
    starts: tuple[float, ...] = ()
    points: tuple[float, ...] = ()
    action: str = ""


@dataclass(frozen=True)
class SegmentTerms:
    """The whole model as it stands in one segment: `metrics` in the model's order, starts of bands and grades."""

    name: str
    metrics: tuple[MetricTerms, ...]
    bands: tuple[float, ...]
    grades: tuple[float, ...]
    minimum_coverage: float

    @property
    def shares(self) -> Floats:
        """Shares of the metrics, shape (metrics,); they add up to 1 unless every weight is 0."""
        return np.array([terms.share for terms in self.metrics])


@dataclass(frozen=True)
class Resolved:
    """A model resolved for some accounts: one `SegmentTerms` per segment, and which one each account has."""

    segments: tuple[SegmentTerms, ...]
    index: npt.NDArray[np.intp]

    def term(self, name: str) -> SegmentTerms:
        """Return the terms of a segment by its exact name; KeyError when no account is in it."""
        for terms in self.segments:
            if terms.name == name:
                return terms
        raise KeyError(name)


def resolve(model: ScoreModel, segment: pd.Series, values: Mapping[str, Floats], more: Sequence[str] = ()) -> Resolved:
    """Turn a model into plain numbers for each segment that the accounts are in.

    Args:
        model: the scoring model.
        segment: each account's segment, shape (accounts,); blanks count as `Unsegmented`.
        values: each metric's values of shape (accounts,), as `metric_values` returns them (peers are ranked by these).
        more: further segments to resolve, though no account is in them.

    Returns:
        The terms per segment in order of first appearance, and each account's position among them.
    """
    codes, names = pd.factorize(segment.where(segment.notna(), UNSEGMENTED))
    terms = []
    for number, name in enumerate(names):
        # Only peers look at the other accounts' values.
        ranked = [metric.name for metric in model.metrics if metric.peers is not None]
        own = values if len(names) == 1 else {metric: values[metric][codes == number] for metric in ranked}
        terms.append(segment_terms(model, str(name), own))
    nobody = dict.fromkeys(values, np.array([]))
    terms += [segment_terms(model, name, nobody) for name in more if name not in set(names)]
    return Resolved(tuple(terms), codes.astype(np.intp))


def segment_terms(model: ScoreModel, name: str, values: Mapping[str, Floats]) -> SegmentTerms:
    """Return the model as it stands in one segment, given the values of that segment's accounts for peer quantiles."""
    own = model.segment(name) or Segment(name="none")
    given = [_own(own.weights, metric.name, metric.weight) for metric in model.metrics]
    weights = [weight * _criterion_on(model, metric) for weight, metric in zip(given, model.metrics, strict=True)]
    by_dimension = {key(part.name): _own(own.dimension_weights, part.name, part.weight) for part in model.dimensions}
    dimension_weights = [by_dimension[key(metric.dimension)] for metric in model.metrics]
    in_dimension, parts, shares = metric_shares(model, weights, dimension_weights)
    metrics = []
    for metric, *weighing in zip(
        model.metrics, given, weights, dimension_weights, in_dimension, parts, shares, strict=True
    ):
        thresholds = next((part for other, part in own.metrics.items() if key(other) == key(metric.name)), None)
        action = metric.action if thresholds is None or thresholds.action is None else thresholds.action
        terms = MetricTerms(*weighing)
        metrics.append(replace(_with_points(terms, metric, thresholds or metric, values), action=action))
    return SegmentTerms(
        name,
        tuple(metrics),
        tuple(_own(own.bands, band.name, band.start) for band in model.bands),
        tuple(_own(own.grades, grade.name, grade.start) for grade in model.grades),
        model.minimum_coverage if own.minimum_coverage is None else own.minimum_coverage,
    )


def metric_shares(
    model: ScoreModel, weights: list[float], dimension_weights: list[float]
) -> tuple[list[float], list[float], list[float]]:
    """Return per metric the weights in its dimension, its part and its share of the whole score (DESIGN §2.3).

    A dimension whose metrics all weigh 0 has no part, so that the shares of the others still add up to 1.
    """
    totals: dict[str, float] = {}
    for metric, weight in zip(model.metrics, weights, strict=True):
        totals[key(metric.dimension)] = totals.get(key(metric.dimension), 0.0) + weight
    in_dimension = [totals[key(metric.dimension)] for metric in model.metrics]
    parts = [
        dimension_weight * weight / total if total else 0.0
        for weight, dimension_weight, total in zip(weights, dimension_weights, in_dimension, strict=True)
    ]
    whole = sum(parts)
    return in_dimension, parts, [part / whole if whole else 0.0 for part in parts]


def _own(own: Mapping[str, float], name: str, otherwise: float) -> float:
    return next((value for other, value in own.items() if key(other) == key(name)), otherwise)


def _criterion_on(model: ScoreModel, metric: Metric) -> float:
    if metric.criterion is None:
        return 1.0
    return next(float(part.on) for part in model.criteria if key(part.name) == key(metric.criterion))


def _with_points(terms: MetricTerms, metric: Metric, own: Thresholds, values: Mapping[str, Floats]) -> MetricTerms:
    """Return the terms with the thresholds in force: the segment's own where it has them, else the metric's."""
    given: Thresholds = own if own._given_points() else metric
    match metric.points_kind:
        case "ramp":
            return replace(terms, ends=given.ramp or ())
        case "plateau":
            return replace(terms, ends=given.plateau or ())
        case "rating":
            return replace(terms, ends=(1.0, float(given.rating or 0)))
        case "peers":
            zero, quantile = peers_zero(metric, own), given.peers or 0.0
            return replace(terms, ends=(zero, peers_full(values[metric.name], quantile, zero)), quantile=quantile)
        case "steps":
            starts, points = zip(*(given.steps or ()), strict=True)
            return replace(terms, starts=starts, points=points)
        case _:
            choices = (metric.choices or {}).items()
            return replace(terms, points=tuple(_own(own.choices or {}, name, points) for name, points in choices))


def peers_zero(metric: Metric, own: Thresholds) -> float:
    """Return where the ramp against peers starts: the segment's `zero`, else the metric's, else 0."""
    return next((zero for zero in (own.zero if own.peers else None, metric.zero) if zero is not None), 0.0)


def per_account(numbers: Sequence[float], index: npt.NDArray[np.intp]) -> Floats | float:
    """Return a segment's number for every account: one number where all segments agree."""
    if len(set(numbers)) <= 1:
        return numbers[0] if numbers else 0.0
    return np.array(numbers)[index]
