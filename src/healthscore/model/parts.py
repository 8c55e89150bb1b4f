"""The parts of a scoring model as frozen, validated data: dimensions, metrics, rules, bands, milestones, segments.

A model file is TOML in exactly this shape. Each part checks itself; `consistency.py` looks at how they go together.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from healthscore.model.vocabulary import (
    BAND_COLORS,
    BAND_SYMBOLS,
    NAME_LIMIT,
    POINTS_KINDS,
    VALUE_KINDS,
    InputType,
    JourneyValue,
    Operator,
)
from healthscore.names import key

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _clean_name(name: str) -> str:
    text = " ".join(name.split())
    if _CONTROL.search(text):
        raise ValueError(f"the name {text!r} holds a control character, which no workbook can; leave it out")
    if not text:
        raise ValueError("a name cannot be blank; give it one")
    if len(text) > NAME_LIMIT:
        raise ValueError(f"the name has {len(text)} characters; {NAME_LIMIT} at most, put the rest into a text")
    if "|" in text:
        raise ValueError(f"the name {text!r} holds a |, which the workbook uses between names; leave it out")
    return text


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number that can be used; give a finite one")
    return value


def _weight(value: float) -> float:
    if value < 0:
        raise ValueError(f"a weight of {value:g} is below 0; give 0 (shown, not scored) or more")
    return value


def _percentage(value: float) -> float:
    if not 0 <= value <= 100:
        raise ValueError(f"{value:g} is outside 0 to 100; scores and points run from 0 to 100")
    return value


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not a number; write 1 or 0")  # noqa: TRY004 (pydantic wants ValueError)
    return value


def _text(value: str) -> str:
    return " ".join(_CONTROL.sub(" ", value).split())


Number = Annotated[float, BeforeValidator(_no_boolean), AfterValidator(_finite)]
Weight = Annotated[Number, AfterValidator(_weight)]
Percentage = Annotated[Number, AfterValidator(_percentage)]
Name = Annotated[str, AfterValidator(_clean_name)]
Text = Annotated[str, AfterValidator(_text)]


class Part(BaseModel):
    """A frozen part of a model that knows no keys but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Dimension(Part):
    """A weighted group of metrics."""

    name: Name
    weight: Weight = 1.0
    about: Text = ""


class Thresholds(Part):
    """How a value becomes 0–100 points (DESIGN §2.2): exactly one of the kinds, with `zero` for peers."""

    ramp: tuple[Number, Number] | None = None
    plateau: tuple[Number, Number, Number, Number] | None = None
    peers: Number | None = None
    zero: Number | None = None
    steps: tuple[tuple[Number, Percentage], ...] | None = None
    choices: dict[Name, Percentage] | None = None
    rating: int | None = None

    @field_validator("ramp")
    @classmethod
    def _ramp_has_two_ends(cls, ramp: tuple[float, float] | None) -> tuple[float, float] | None:
        if ramp and ramp[0] == ramp[1]:
            raise ValueError(f"both ends of the ramp are {ramp[0]:g}; give two different numbers [zero, full]")
        return ramp

    @field_validator("plateau")
    @classmethod
    def _plateau_in_order(cls, ends: tuple[float, float, float, float] | None) -> Any:
        if ends and not ends[0] < ends[1] <= ends[2] < ends[3]:
            raise ValueError(
                f"{list(ends)} is out of order; a plateau is [zero, full, full_until, zero_again] with "
                "zero < full <= full_until < zero_again"
            )
        return ends

    @field_validator("peers")
    @classmethod
    def _peers_is_a_quantile(cls, quantile: float | None) -> float | None:
        if quantile is not None and not 0 < quantile <= 1:
            raise ValueError(f"{quantile:g} is not a quantile; give more than 0 and at most 1, as 0.95 for the top 5 %")
        return quantile

    @field_validator("steps")
    @classmethod
    def _steps_rise(cls, steps: tuple[tuple[float, float], ...] | None) -> Any:
        if steps is None:
            return steps
        if not steps:
            raise ValueError("the list of steps is empty; give at least one [from, points]")
        for (before, _), (after, _) in pairwise(steps):
            if after <= before:
                raise ValueError(f"the step from {after:g} stands after the step from {before:g}; order them upwards")
        return steps

    @field_validator("choices")
    @classmethod
    def _choices_differ(cls, choices: dict[str, float] | None) -> dict[str, float] | None:
        if choices is not None:
            if not choices:
                raise ValueError("the list of choices is empty; give at least one, as {Paid = 100}")
            _require_unique(list(choices), "choice")
        return choices

    @field_validator("rating")
    @classmethod
    def _rating_has_steps(cls, top: int | None) -> int | None:
        if top is not None and top < 2:
            raise ValueError(f"a rating up to {top} has no steps; give the top of the scale, as 5")
        return top

    @property
    def points_kind(self) -> str:
        """Which of the six kinds of points this is."""
        return next(kind for kind in POINTS_KINDS if getattr(self, kind) is not None)

    def _given_points(self) -> list[str]:
        return [kind for kind in POINTS_KINDS if getattr(self, kind) is not None]

    def _check_zero(self) -> None:
        if self.zero is not None and self.peers is None:
            raise ValueError("`zero` goes with `peers` only; a ramp has it as its first number")


class Metric(Thresholds):
    """One measured signal: where its value comes from, how it becomes points, what it weighs, what to do about it."""

    name: Name
    dimension: Name
    weight: Weight = 1.0
    column: Name | None = None
    type: InputType | None = None
    change: tuple[Name, Name] | None = None
    ratio: tuple[Name, Name] | None = None
    days_since: Name | None = None
    days_until: Name | None = None
    journey: JourneyValue | None = None
    blank: Number | None = None
    as_of_column: Name | None = None
    stale_after_days: Annotated[Number, Field(ge=0)] | None = None
    plausible: tuple[Number, Number] | None = None
    criterion: Name | None = None
    unit: Text = ""
    measures: Text = ""
    why: Text = ""
    source: Text = ""
    action: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _no_plain_zero(cls, given: Any) -> Any:
        """Leave out a zero that peers start from anyway, so that a model has one form and returns equal from a sheet."""
        if isinstance(given, dict) and given.get("peers") is not None and given.get("zero", 1) == 0:
            return {name: value for name, value in given.items() if name != "zero"}
        return given

    @model_validator(mode="after")
    def _one_value_one_points(self) -> Self:
        values = [kind for kind in VALUE_KINDS if getattr(self, kind) is not None]
        if len(values) != 1:
            found = " and ".join(values) or "none"
            raise ValueError(f"needs exactly one value, of {', '.join(VALUE_KINDS)}; found {found}")
        points = self._given_points()
        if len(points) != 1:
            found = " and ".join(points) or "none"
            raise ValueError(f"needs exactly one kind of points, of {', '.join(POINTS_KINDS)}; found {found}")
        self._check_zero()
        if self.choices is not None and (self.column is None or self.type not in (None, "category")):
            raise ValueError("choices need a category: name its `column`, and leave `type` out")
        if self.type == "category" and self.choices is None:
            raise ValueError("a category becomes points by `choices` only; give {Name = points, …}")
        if self.type is not None and self.column is None:
            raise ValueError(f"`type` goes with `column` only; {values[0]} already says what its columns are")
        if self.journey is not None and (self.blank is not None or self.as_of_column is not None):
            raise ValueError("`blank` and `as_of_column` speak of columns of the export; a journey value has none")
        if self.blank is not None and self.input_type != "number":
            raise ValueError(f"`blank` fills numbers only; {self.inputs[0]!r} is a {self.input_type}")
        if self.plausible and self.plausible[0] > self.plausible[1]:
            raise ValueError(f"plausible = {list(self.plausible)} is out of order; give [lowest, highest]")
        return self

    @property
    def value_kind(self) -> str:
        """Which of the six kinds of value this is."""
        return next(kind for kind in VALUE_KINDS if getattr(self, kind) is not None)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The account columns that the value is made of, one or two; none for a journey value."""
        given = () if self.journey is not None else getattr(self, self.value_kind)
        return (given,) if isinstance(given, str) else tuple(given)

    @property
    def input_type(self) -> InputType:
        """What the input columns hold: number, date, yes_no or category."""
        if self.value_kind in ("days_since", "days_until"):
            return "date"
        if self.choices is not None:
            return "category"
        return self.type or "number"


class Condition(Part):
    """One comparison of a metric's value or an account's column with a fixed value."""

    metric: Name | None = None
    column: Name | None = None
    op: Operator
    value: Number | Text

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.metric is None) == (self.column is None):
            raise ValueError("name either a `metric` or a `column` to compare, one of the two")
        if self.value == "":
            raise ValueError("compares with a blank text; a missing value makes a condition false by itself")
        if isinstance(self.value, str) and self.op not in ("=", "<>"):
            raise ValueError(f"{self.op} compares numbers; {self.value!r} is text: use = or <>, or give a number")
        return self

    @property
    def subject(self) -> str:
        """The name of the metric or column that is compared."""
        return self.metric or self.column or ""


class Rule(Part):
    """A named combination: every condition of `when`, or `at_least` N of the rules in `of`. It may cap."""

    name: Name
    text: Text = ""
    when: tuple[Condition, ...] = ()
    at_least: Annotated[int, Field(ge=1)] | None = None
    of: tuple[Name, ...] = ()
    cap: Percentage | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if bool(self.when) == bool(self.of):
            raise ValueError("give either `when` (conditions that must all hold) or `at_least` with `of` (other rules)")
        if self.of and self.at_least is None:
            raise ValueError("`of` lists other rules; say with `at_least` how many of them must hold")
        if self.when and self.at_least is not None:
            raise ValueError("`at_least` goes with `of` (a list of rules), not with `when`")
        if self.at_least is not None and self.at_least > len(self.of):
            raise ValueError(f"at_least = {self.at_least} of {len(self.of)} rules can never hold; lower it")
        return self


class Band(Part):
    """A colour that scores fall into, with what it means and what to do."""

    name: Name
    start: Percentage = Field(alias="from")
    color: str
    symbol: Text = ""
    meaning: Text = ""
    action: Text = ""
    respond_within: Text = ""
    outlook: Text = ""
    renewal_rate: Annotated[Number, Field(ge=0, le=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _own_symbol_only(cls, given: Any) -> Any:
        """Leave out a symbol that is the colour's anyway, so that a model has one form and returns equal from a sheet."""
        if isinstance(given, dict) and given.get("symbol") == BAND_SYMBOLS.get(str(given.get("color")).lower(), 0):
            return {name: value for name, value in given.items() if name != "symbol"}
        return given

    @field_validator("color")
    @classmethod
    def _known_color(cls, color: str) -> str:
        if color.lower() not in BAND_COLORS:
            raise ValueError(f"{color!r} is no colour we know; give one of {', '.join(BAND_COLORS)}")
        return color.lower()

    @property
    def sign(self) -> str:
        """The symbol shown beside the word: the band's own, or its colour's."""
        return self.symbol or BAND_SYMBOLS[self.color]


class Grade(Part):
    """A letter that scores fall into."""

    name: Name
    start: Percentage = Field(alias="from")


class Criterion(Part):
    """One thing that success means for this business; switched off, its metrics leave the score."""

    name: Name
    about: Text = ""
    on: bool = True


class Milestone(Part):
    """One step of the customer's journey: reached when its date has come or every condition of `when` holds."""

    name: Name
    about: Text = ""
    date: Name | None = None
    when: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.date is None and not self.when:
            raise ValueError("can never be reached; give it a `date` (a column) or `when` (conditions), or both")
        return self


class Journey(Part):
    """The ordered milestones from the first e-mail opened to the return on what the customer pays."""

    milestones: tuple[Milestone, ...] = Field(min_length=2)
    stalled_after_days: Annotated[Number, Field(ge=0)] | None = None
    achieved: Name | None = None
    aimed: Name | None = None

    @model_validator(mode="after")
    def _both_ends_of_roi(self) -> Self:
        if (self.achieved is None) != (self.aimed is None):
            raise ValueError("ROI is `achieved` divided by `aimed`; name both columns or neither")
        return self


class SegmentThresholds(Thresholds):
    """Thresholds and the action of one metric where a segment differs."""

    action: Text | None = None

    @field_validator("action")
    @classmethod
    def _blank_is_not_given(cls, action: str | None) -> str | None:
        # The workbook looks up what stands in a cell; a blank one says nothing.
        return action or None

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if len(self._given_points()) > 1:
            raise ValueError(f"gives {' and '.join(self._given_points())}; one kind of points at most")
        self._check_zero()
        return self


class Segment(Part):
    """A group of accounts where weights, thresholds or bands differ from the model's."""

    name: Name
    about: Text = ""
    dimension_weights: dict[Name, Weight] = {}
    weights: dict[Name, Weight] = {}
    metrics: dict[Name, SegmentThresholds] = {}
    bands: dict[Name, Percentage] = {}
    grades: dict[Name, Percentage] = {}
    minimum_coverage: Annotated[Number, Field(ge=0, le=1)] | None = None

    @field_validator("metrics")
    @classmethod
    def _only_what_differs(cls, metrics: dict[str, SegmentThresholds]) -> dict[str, SegmentThresholds]:
        return {name: own for name, own in metrics.items() if own != SegmentThresholds()}


DEFAULT_GRADES = (
    Grade(name="D", start=0),
    Grade(name="C", start=50),
    Grade(name="B", start=65),
    Grade(name="A", start=80),
)


def _require_unique(names: list[str], what: str) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if key(name) in seen:
            raise ValueError(f"the {what} {name!r} is there twice; keep one")
        seen[key(name)] = name
