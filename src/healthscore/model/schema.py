"""The scoring model as frozen, validated data; `load.py` reads one from a file and turns pydantic's errors into sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from healthscore.model.parts import (
    DEFAULT_GRADES,
    Band,
    Condition,
    Criterion,
    Dimension,
    Grade,
    Journey,
    Metric,
    Name,
    Number,
    Part,
    Rule,
    Segment,
    Text,
)
from healthscore.model.vocabulary import SEGMENT_JOINT, InputType
from healthscore.names import key


class ScoreModel(Part):
    """A whole scoring model. Names are unique without regard to case within their kind."""

    name: Name
    title: Text = ""
    version: Text = "1"
    about: Text = ""
    segment_by: tuple[Name, ...] = ()
    minimum_coverage: Annotated[Number, Field(ge=0, le=1)] = 0.7
    stale_after_days: Annotated[Number, Field(ge=0)] | None = None
    unscored_action: Text = "Complete the missing data"
    columns: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    dimensions: tuple[Dimension, ...] = Field(min_length=1)
    metrics: tuple[Metric, ...] = Field(min_length=1)
    bands: tuple[Band, ...] = Field(min_length=1)
    grades: tuple[Grade, ...] = Field(default=DEFAULT_GRADES, min_length=1)
    rules: tuple[Rule, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    journey: Journey | None = None
    segments: tuple[Segment, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        from healthscore.model.consistency import problems  # noqa: PLC0415 (the checks speak of ScoreModel)

        found = list(problems(self))
        if found:
            raise ValueError("\n".join(found))
        return self

    def metric(self, name: str) -> Metric:
        """Return the metric of that name, matched as headers are; KeyError when there is none."""
        for metric in self.metrics:
            if key(metric.name) == key(name):
                return metric
        raise KeyError(name)

    def segment(self, name: str) -> Segment | None:
        """Return the settings of a segment, or None where the segment has none of its own.

        A combination as `Small / Trial` takes the settings of that name; else of `Small`, then of `Trial`.
        """
        parts = name.split(SEGMENT_JOINT)
        prefixes = [SEGMENT_JOINT.join(parts[:length]) for length in range(len(parts), 0, -1)]
        for candidate in (*prefixes, *parts[1:]):
            for segment in self.segments:
                if key(segment.name) == key(candidate):
                    return segment
        return None

    @property
    def rating_top(self) -> int | None:
        """The top of the rating scale where every scored metric is a rating on that same scale, else None."""
        tops = {metric.rating for metric in self.metrics if metric.weight > 0}
        return tops.pop() if len(tops) == 1 else None

    def stale_after(self, metric: Metric) -> float | None:
        """Return after how many days a value of this metric counts as missing; None when it has no date."""
        if metric.as_of_column is None:
            return None
        return metric.stale_after_days if metric.stale_after_days is not None else self.stale_after_days

    def input_columns(self) -> dict[str, InputType]:
        """Return every account column that metrics and rules read, in order of first use, with its type."""
        columns: dict[str, InputType] = {}
        known: set[str] = set()

        def note(name: str, kind: InputType) -> None:
            if key(name) not in known:
                known.add(key(name))
                columns[name] = kind

        for metric in self.metrics:
            for name in metric.inputs:
                note(name, metric.input_type)
            if metric.as_of_column is not None:
                note(metric.as_of_column, "date")
        if self.journey is not None:
            for milestone in self.journey.milestones:
                if milestone.date is not None:
                    note(milestone.date, "date")
            for amount in (self.journey.achieved, self.journey.aimed):
                if amount is not None:
                    note(amount, "number")
        for condition in self.conditions():
            if condition.column is not None:
                note(condition.column, "category" if isinstance(condition.value, str) else "number")
        return columns

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition of every rule and milestone."""
        for rule in self.rules:
            yield from rule.when
        for milestone in self.journey.milestones if self.journey is not None else ():
            yield from milestone.when
