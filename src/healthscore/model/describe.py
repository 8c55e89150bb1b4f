"""Explaining a model in words that a CS person can check against what was agreed."""

from __future__ import annotations

from collections.abc import Iterator

from healthscore.model.parts import Condition, Journey, Metric, Rule, Segment, Thresholds
from healthscore.model.schema import ScoreModel
from healthscore.names import key


def describe(model: ScoreModel) -> str:
    """Return the whole model as plain text: what is measured, how it becomes points, what it weighs, what to do."""
    return "\n".join(_lines(model)) + "\n"


def _lines(model: ScoreModel) -> Iterator[str]:
    yield f"{model.title or model.name} (version {model.version})"
    if model.about:
        yield model.about
    yield ""
    yield (
        f"An account is scored when at least {model.minimum_coverage:.0%} of the weight has data; "
        f"otherwise: {model.unscored_action}."
    )
    weights = sum(part.weight for part in model.dimensions) or 1.0
    for dimension in model.dimensions:
        yield ""
        yield f"{dimension.name}: {dimension.weight / weights:.0%} of the score. {dimension.about}".rstrip()
        mine = [metric for metric in model.metrics if key(metric.dimension) == key(dimension.name)]
        total = sum(metric.weight for metric in mine) or 1.0
        for metric in mine:
            yield from _metric(model, metric, dimension.weight / weights * metric.weight / total)
    yield ""
    yield "Bands"
    for band in reversed(model.bands):
        words = [band.meaning, f"Do: {band.action}" if band.action else "", band.respond_within, band.outlook]
        yield f"  {band.sign} {band.name} from {band.start:g}. " + " · ".join(word for word in words if word)
    yield "  Grades: " + ", ".join(f"{grade.name} from {grade.start:g}" for grade in reversed(model.grades))
    if model.rules:
        yield ""
        yield "Rules"
        for rule in model.rules:
            yield f"  {rule.name}: {_rule(rule)}"
    if model.journey is not None:
        yield ""
        yield from _journey(model.journey)
    for segment in model.segments:
        yield ""
        yield f"Segment {segment.name}. {segment.about}".rstrip()
        yield from _segment(segment)


def _metric(model: ScoreModel, metric: Metric, share: float) -> Iterator[str]:
    weight = f"{share:.1%} of the score" if metric.weight else "shown, not scored"
    yield f"  {metric.name} ({weight}): {value_words(metric)}; {points_words(metric)}."
    limit = model.stale_after(metric)
    if limit is not None:
        yield f"      Older than {limit:g} days by {metric.as_of_column!r}, it counts as missing."
    if metric.criterion:
        yield f"      Speaks for the success criterion {metric.criterion}."
    for label, text in (
        ("Measures", metric.measures),
        ("Why", metric.why),
        ("From", metric.source),
        ("When it drags", metric.action),
    ):
        if text:
            yield f"      {label}: {text}"


def value_words(metric: Metric) -> str:
    """Say where a metric's value comes from."""
    if metric.journey is not None:
        return {
            "completed": "part of the journey's milestones reached",
            "days_since_last": "days since the last milestone",
            "roi": "value achieved divided by value aimed at",
        }[metric.journey]
    first, last = repr(metric.inputs[0]), repr(metric.inputs[-1])
    words = {
        "change": f"change from {last} to {first}",
        "ratio": f"{first} divided by {last}",
        "days_since": f"days since {first}",
        "days_until": f"days until {first}",
    }.get(metric.value_kind, f"{first} as it stands")
    if metric.blank is not None:
        words += f" (blank counts as {metric.blank:g})"
    return words


def points_words(thresholds: Thresholds) -> str:
    """Say how a value becomes points."""
    if thresholds.ramp is not None:
        return f"0 points at {thresholds.ramp[0]:g}, 100 at {thresholds.ramp[1]:g}, straight between"
    if thresholds.plateau is not None:
        zero, full, until, again = thresholds.plateau
        return f"0 points up to {zero:g}, 100 from {full:g} to {until:g}, 0 again from {again:g}"
    if thresholds.peers is not None:
        zero = thresholds.zero or 0
        return f"0 points at {zero:g}, 100 for the top {1 - thresholds.peers:.0%} of the segment, straight between"
    if thresholds.steps is not None:
        return "points by steps: " + ", ".join(f"from {start:g} {points:g}" for start, points in thresholds.steps)
    if thresholds.choices is not None:
        return "points by choice: " + ", ".join(f"{name} {points:g}" for name, points in thresholds.choices.items())
    return f"a rating from 1 (0 points) to {thresholds.rating} (100 points)"


def _rule(rule: Rule) -> str:
    if rule.of:
        words = f"at least {rule.at_least} of: {', '.join(rule.of)}"
    else:
        words = " and ".join(_condition(part) for part in rule.when)
    cap = f"; the score is at most {rule.cap:g}" if rule.cap is not None else ""
    return f"{words}{cap}." + (f" {rule.text}" if rule.text else "")


def _condition(condition: Condition) -> str:
    words = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "=": "is", "<>": "is not"}[condition.op]
    value = condition.value if isinstance(condition.value, str) else f"{condition.value:g}"
    return f"{condition.subject} {words} {value}"


def _journey(journey: Journey) -> Iterator[str]:
    limit = journey.stalled_after_days
    yield "Journey" + (f"; stalled when unfinished and {limit:g} days without a milestone" if limit is not None else "")
    for number, milestone in enumerate(journey.milestones, start=1):
        reached = [f"the date {milestone.date!r} has come"] if milestone.date else []
        if milestone.when:
            reached.append(" and ".join(_condition(part) for part in milestone.when))
        yield f"  {number}. {milestone.name}: {', or '.join(reached)}. {milestone.about}".rstrip()
    if journey.achieved:
        yield f"  ROI: {journey.achieved!r} divided by {journey.aimed!r}"


def _segment(segment: Segment) -> Iterator[str]:
    for label, given in (
        ("weighs dimensions", segment.dimension_weights),
        ("weighs", segment.weights),
        ("bands from", segment.bands),
        ("grades from", segment.grades),
    ):
        if given:
            yield f"  {label}: " + ", ".join(f"{name} {value:g}" for name, value in given.items())
    for name, own in segment.metrics.items():
        if own._given_points():
            yield f"  {name}: {points_words(own)}"
        if own.action:
            yield f"  {name}, when it drags: {own.action}"
    if segment.minimum_coverage is not None:
        yield f"  scored from a coverage of {segment.minimum_coverage:.0%}"
