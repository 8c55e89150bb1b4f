"""Checks that look at a whole model: does every name that is used stand somewhere, are bands in order.

Each problem is one line that names the place and the mend.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from healthscore.model.vocabulary import UNSCORED
from healthscore.names import header, key

if TYPE_CHECKING:
    from healthscore.model.parts import Metric, Segment, SegmentThresholds
    from healthscore.model.schema import ScoreModel


def problems(model: ScoreModel) -> Iterator[str]:
    """Yield every inconsistency of the model as one line of text."""
    for what, parts in (
        ("dimensions", model.dimensions),
        ("metrics", model.metrics),
        ("bands", model.bands),
        ("grades", model.grades),
        ("rules", model.rules),
        ("criteria", model.criteria),
        ("milestones", model.journey.milestones if model.journey is not None else ()),
        ("segments", model.segments),
    ):
        yield from _duplicates(what, [part.name for part in parts])
    if any(key(band.name) == key(UNSCORED) for band in model.bands):
        yield f"bands: {UNSCORED!r} is what accounts without a score are called; give the band another name"
    yield from _ladder("bands", [(band.name, band.start) for band in model.bands])
    yield from _ladder("grades", [(grade.name, grade.start) for grade in model.grades])
    yield from _metrics(model)
    yield from _rules(model)
    yield from _journey(model)
    yield from _columns_compared(model)
    for segment in model.segments:
        yield from _segment(model, segment)
    if not any(metric.weight > 0 for metric in model.metrics):
        yield "metrics: every weight is 0, so nothing is scored; give at least one metric a weight above 0"
    elif not any(dimension.weight > 0 for dimension in model.dimensions):
        yield "dimensions: every weight is 0, so nothing is scored; give at least one dimension a weight above 0"


def unknown(place: str, what: str, name: str, known: Iterable[str]) -> str:
    """Say that a name stands nowhere, and which one may have been meant."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    mend = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(names) or 'none'}"
    return f"{place}: there is no {what} {name!r}; {mend}"


def _duplicates(what: str, names: Sequence[str]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name in names:
        form = key(header(name))
        if form in seen:
            yield f"{what}: the name {name!r} is there twice (also as {seen[form]!r}); rename one"
        seen[form] = name


def _ladder(what: str, rungs: Sequence[tuple[str, float]]) -> Iterator[str]:
    if rungs and rungs[0][1] != 0:
        yield f"{what}: the first, {rungs[0][0]!r}, is from {rungs[0][1]:g}; the first must be from 0"
    for (before, low), (after, high) in pairwise(rungs):
        if high <= low:
            yield f"{what}: {after!r} from {high:g} stands after {before!r} from {low:g}; order them upwards from 0"


def _metrics(model: ScoreModel) -> Iterator[str]:
    dimensions = {key(dimension.name) for dimension in model.dimensions}
    criteria = {key(criterion.name) for criterion in model.criteria}
    types: dict[str, tuple[str, str]] = {}
    for metric in model.metrics:
        place = f"metric {metric.name!r}"
        if key(metric.dimension) not in dimensions:
            yield unknown(place, "dimension", metric.dimension, [part.name for part in model.dimensions])
        if metric.criterion is not None and key(metric.criterion) not in criteria:
            yield unknown(place, "criterion", metric.criterion, [part.name for part in model.criteria])
        if metric.stale_after_days is not None and metric.as_of_column is None:
            yield f"{place}: stale_after_days needs `as_of_column`, the column with the value's date"
        if metric.journey is not None and model.journey is None:
            yield f"{place}: speaks of the journey, but the model has no [journey]; add one with its milestones"
        elif metric.journey == "roi" and model.journey is not None and model.journey.achieved is None:
            yield f"{place}: ROI needs `achieved` and `aimed` in [journey], the two columns it divides"
        columns = [(name, metric.input_type) for name in metric.inputs]
        if metric.as_of_column is not None:
            columns.append((metric.as_of_column, "date"))
        for name, kind in columns:
            first, other = types.setdefault(key(name), (metric.name, kind))
            if other != kind:
                yield f"{place}: reads {name!r} as a {kind}, but {first!r} reads it as a {other}; make them agree"
    used = {key(metric.dimension) for metric in model.metrics}
    for dimension in model.dimensions:
        if key(dimension.name) not in used:
            yield f"dimension {dimension.name!r}: has no metrics; give it one or leave it out"


def _rules(model: ScoreModel) -> Iterator[str]:
    metrics = {key(metric.name): metric for metric in model.metrics}
    earlier: list[str] = []
    for rule in model.rules:
        place = f"rule {rule.name!r}"
        for condition in rule.when:
            if condition.metric is None:
                continue
            metric = metrics.get(key(condition.metric))
            if metric is None:
                yield unknown(place, "metric", condition.metric, [part.name for part in model.metrics])
            elif metric.choices is not None and not isinstance(condition.value, str):
                yield f'{place}: {metric.name!r} is a category; compare it with a text, as value = "Paid"'
            elif metric.choices is None and isinstance(condition.value, str):
                yield f"{place}: {metric.name!r} is a number; compare it with a number, not {condition.value!r}"
            elif metric.choices is not None and str(condition.value).lower() not in map(str.lower, metric.choices):
                yield unknown(place, "choice", str(condition.value), metric.choices)
        for name in rule.of:
            if key(name) not in {key(other) for other in earlier}:
                yield unknown(place, "earlier rule", name, earlier)
        earlier.append(rule.name)


def _journey(model: ScoreModel) -> Iterator[str]:
    """A milestone may look at metrics, but not at those that look at milestones."""
    metrics = {key(metric.name): metric for metric in model.metrics}
    for milestone in model.journey.milestones if model.journey is not None else ():
        place = f"milestone {milestone.name!r}"
        for condition in milestone.when:
            if condition.metric is None:
                continue
            metric = metrics.get(key(condition.metric))
            if metric is None:
                yield unknown(place, "metric", condition.metric, [part.name for part in model.metrics])
            elif metric.journey is not None:
                yield f"{place}: {metric.name!r} is measured on the journey itself; compare something else"
            elif isinstance(condition.value, str) != (metric.choices is not None):
                yield f"{place}: {metric.name!r} and {condition.value!r} are not of one kind; compare like with like"


#: What may be compared with a column, by what the column holds.
_COMPARED = {
    "number": "a number",
    "category": 'a text, as value = "Paid"',
    "yes_no": 'value = "Yes" or value = "No"',
    "date": "nothing; make a metric with days_since or days_until of it and compare that",
}


def _columns_compared(model: ScoreModel) -> Iterator[str]:
    kinds = {key(name): kind for name, kind in model.input_columns().items()}
    for condition in model.conditions():
        if condition.column is None:
            continue
        kind = kinds[key(condition.column)]
        fits = {
            "number": not isinstance(condition.value, str),
            "category": isinstance(condition.value, str),
            "yes_no": isinstance(condition.value, str) and key(condition.value) in ("yes", "no"),
        }
        if not fits.get(kind, False):
            yield f"condition on {condition.column!r}: the column is a {kind}; compare it with {_COMPARED[kind]}"


def _segment(model: ScoreModel, segment: Segment) -> Iterator[str]:
    place = f"segment {segment.name!r}"
    for what, given, known in (
        ("metric", segment.weights, [part.name for part in model.metrics]),
        ("metric", segment.metrics, [part.name for part in model.metrics]),
        ("dimension", segment.dimension_weights, [part.name for part in model.dimensions]),
        ("band", segment.bands, [part.name for part in model.bands]),
        ("grade", segment.grades, [part.name for part in model.grades]),
    ):
        yield from _duplicates(f"{place}, {what}s", list(given))
        for name in given:
            if key(name) not in {key(other) for other in known}:
                yield unknown(place, what, name, known)
    for what, parts, own in (("bands", model.bands, segment.bands), ("grades", model.grades, segment.grades)):
        moved = {key(name): start for name, start in own.items()}
        yield from _ladder(f"{place}, {what}", [(part.name, moved.get(key(part.name), part.start)) for part in parts])
    for metric in model.metrics:
        for name, thresholds in segment.metrics.items():
            if key(name) == key(metric.name):
                yield from _thresholds(f"{place}, metric {metric.name!r}", metric, thresholds)


def _thresholds(place: str, metric: Metric, own: SegmentThresholds) -> Iterator[str]:
    given = own._given_points()
    if given and given[0] != metric.points_kind:
        yield f"{place}: gives {given[0]}, but the metric's points are {metric.points_kind}; give that kind"
    elif own.rating is not None and own.rating != metric.rating:
        yield f"{place}: rates to {own.rating}, the metric to {metric.rating}; a survey has one scale, make them agree"
    elif own.steps is not None and metric.steps is not None and len(own.steps) != len(metric.steps):
        yield f"{place}: has {len(own.steps)} steps, the metric has {len(metric.steps)}; give as many"
    elif own.choices is not None and metric.choices is not None:
        known = {key(choice) for choice in metric.choices}
        for choice in own.choices:
            if key(choice) not in known:
                yield unknown(place, "choice", choice, metric.choices)
