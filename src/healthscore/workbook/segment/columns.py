"""Which columns a segment sheet has, in which order, and how formulas refer to them and to the strip above them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from healthscore import names
from healthscore.model.parts import Metric, Rule
from healthscore.model.schema import ScoreModel
from healthscore.workbook.plan import area, cell

ROLE_HEADERS = {
    "account": "Account",
    "id": "Account ID",
    "owner": "Owner",
    "stage": "Stage",
    "region": "Region",
    "value": "Value",
    "renewal": "Renewal date",
}
_ROLE_STYLES = {"account": "input_wrapped", "value": "input_money", "renewal": "input_date"}
_ROLE_WIDTHS = {"account": 34.0, "id": 14.0, "owner": 18.0, "value": 13.0, "renewal": 12.5}


@dataclass(frozen=True, slots=True)
class Spec:
    """One column before its formula is known. `key` names it for formulas and for the reader: `points:NPS`."""

    key: str
    header: str
    group: str
    style: str
    width: float
    folded: bool = False


#: Groups of columns in order: key -> (title, style of the title).
GROUPS = {
    "who": ("Account", "group_who"),
    "verdict": ("Verdict", "group_verdict"),
    "journey": ("Journey", "group_verdict"),
    "input": ("Inputs: fill in what the export lacks", "group_input"),
    "carried": ("Carried along from the export", "group_carried"),
    "override": ("Override: score, reason, author and end date", "group_input"),
    "milestones": ("Workings: milestones reached", "group_working"),
    "values": ("Workings: values", "group_working"),
    "points": ("Workings: points, 0 to 100", "group_working"),
    "lost": ("Workings: points lost", "group_working"),
    "rules": ("Workings: rules", "group_working"),
    "steps": ("Workings: from points to score", "group_working"),
}


def specs(
    model: ScoreModel,
    inputs: Iterable[str],
    extras: dict[str, str],
    input_styles: dict[str, str],
    with_segment: bool = False,
) -> list[Spec]:
    """Return the columns of a segment sheet in order.

    Args:
        model: the scoring model.
        inputs: input columns that are not bound to a role, in order.
        extras: columns carried along, in order -> their style.
        input_styles: the format word of each input column.
        with_segment: whether the segment needs a column, because a metric or rule reads it.
    """
    found = [
        Spec(f"role:{role}", title, "who", _ROLE_STYLES.get(role, "input_text"), _ROLE_WIDTHS.get(role, 14.0))
        for role, title in ROLE_HEADERS.items()
    ]
    if with_segment:
        found.append(Spec("role:segment", "Segment", "who", "input_text", 14.0))
    found += _verdict(model)
    found += _journey(model)
    found += [Spec(f"input:{name}", name, "input", input_styles[name], _input_width(name)) for name in inputs]
    found += [Spec(f"extra:{name}", name, "carried", style, _input_width(name)) for name, style in extras.items()]
    found += [
        Spec("override:score", "Override score", "override", "input_score", 10.0),
        Spec("override:reason", "Override reason", "override", "input_text", 28.0),
        Spec("override:by", "Override by", "override", "input_text", 16.0),
        Spec("override:until", "Override until", "override", "input_date", 12.5),
        Spec("note", "Note", "override", "input_text", 30.0),
    ]
    found += _workings(model)
    titles = names.unique([names.header(spec.header) or "Column" for spec in found])
    return [
        Spec(spec.key, title, spec.group, spec.style, spec.width, spec.folded)
        for spec, title in zip(found, titles, strict=True)
    ]


def _input_width(name: str) -> float:
    longest = max((len(word) for word in name.split()), default=8)
    return float(min(max(11, longest + 3, len(name) / 2 + 3), 24))


def _verdict(model: ScoreModel) -> list[Spec]:
    found = [
        Spec("score", "Score", "verdict", "score", 8.0),
        Spec("symbol", "Signal", "verdict", "symbol", 8.0),
        Spec("band", "Band", "verdict", "band", 11.0),
        Spec("grade", "Grade", "verdict", "symbol", 8.0),
        *([Spec("out_of", f"Out of {model.rating_top}", "verdict", "points", 8.0)] if model.rating_top else []),
        Spec("change", "Change", "verdict", "signed", 9.0),
        Spec("outlook", "Outlook", "verdict", "text", 17.0),
        Spec("drag:1", "Biggest drag", "verdict", "text", 24.0),
        Spec("drag_points:1", "Points lost to it", "verdict", "points", 11.0),
    ]
    if len(model.metrics) > 1:
        found += [
            Spec("drag:2", "Second drag", "verdict", "text", 24.0),
            Spec("drag_points:2", "Points lost to second", "verdict", "points", 11.0),
        ]
    if model.rules:
        found.append(Spec("risk_signals", "Risk signals", "verdict", "text_wrapped", 40.0))
    return [
        *found,
        Spec("next_action", "Next action", "verdict", "text_wrapped", 52.0),
        Spec("priority", "Priority", "verdict", "money", 12.0),
        Spec("coverage", "Coverage", "verdict", "percent", 10.0),
        *(Spec(f"criterion:{part.name}", part.name, "verdict", "points", 13.0) for part in model.criteria),
    ]


def _journey(model: ScoreModel) -> list[Spec]:
    if model.journey is None:
        return []
    return [
        Spec("milestone", "Furthest milestone", "journey", "text", 24.0),
        Spec("completed", "Journey completed", "journey", "percent", 11.0),
        Spec("last_milestone", "Last milestone on", "journey", "date", 12.5),
        Spec("days_since_milestone", "Days since milestone", "journey", "days", 11.0),
        Spec("stalled", "Stalled", "journey", "yes", 9.0),
        *([Spec("roi", "ROI", "journey", "percent", 9.0)] if model.journey.achieved else []),
    ]


def _workings(model: ScoreModel) -> list[Spec]:
    found = []
    if model.journey is not None:
        steps_reached = [part.name for part in model.journey.milestones]
        found += [
            Spec(f"milestone:{name}", f"{name} (reached)", "milestones", "yes", 13.0, True) for name in steps_reached
        ]
        found.append(Spec("milestone_day", "Milestone day", "milestones", "days", 13.0, True))
    found += [Spec(f"stale:{m.name}", f"{m.name} (stale)", "values", "flag", 13.0, True) for m in ageing(model)]
    found += [Spec(f"value:{m.name}", f"{m.name} (value)", "values", value_style(m), 13.0, True) for m in model.metrics]
    found += [Spec(f"points:{m.name}", f"{m.name} (points)", "points", "points", 13.0, True) for m in model.metrics]
    found += [Spec(f"lost:{m.name}", f"{m.name} (lost)", "lost", "points", 13.0, True) for m in model.metrics]
    found += [Spec(f"rule:{rule.name}", f"{rule.name} (rule)", "rules", "flag", 13.0, True) for rule in model.rules]
    steps = [("base", "Base", "points"), ("calculated", "Calculated", "score"), ("active", "Override active", "flag")]
    if any(rule.cap is not None for rule in model.rules):
        steps.insert(1, ("cap", "Cap", "score"))
    steps += [
        ("previous", "Previous score", "score"),
        ("band_number", "Band number", "flag"),
        ("band_action", "Band action", "text"),
        ("drag_number:1", "Drag number", "flag"),
        ("drag_action", "Drag action", "text"),
    ]
    if len(model.metrics) > 1:
        steps.append(("drag_number:2", "Second drag number", "flag"))
    return found + [Spec(name, title, "steps", style, 14.0, True) for name, title, style in steps]


_VALUE_STYLES = {"days_since": "days", "days_until": "days", "change": "signed_percent"}
_JOURNEY_STYLES = {"days_since_last": "days", "completed": "percent", "roi": "percent"}


def value_style(metric: Metric) -> str:
    """Return the format word for a metric's values."""
    if metric.journey is not None:
        return _JOURNEY_STYLES[metric.journey]
    if metric.choices is not None:
        return "text"
    if metric.unit.startswith("%"):
        return "percent"
    by_type = "date" if metric.input_type == "date" else "number"
    return _VALUE_STYLES.get(metric.value_kind, by_type)


#: Rows of the strip in order: key -> label in column A. The label is also the name of the setting.
STRIP_ROWS = {
    "key": "Column",
    "settings": "Segment settings of",
    "metric": "Name",
    "dimension": "Dimension",
    "weight": "Weight",
    "criterion": "Criterion",
    "switch": "Criterion switch",
    "in_force": "Weight in force",
    "dimension_weight": "Dimension weight",
    "in_dimension": "Weights in dimension",
    "part": "Part",
    "share": "Share",
    "zero": "Zero",
    "full": "Full",
    "full_until": "Full until",
    "zero_again": "Zero again",
    "quantile": "Quantile",
    "stale": "Stale after",
    "parameter": "Parameter",
    "unscored": "Without a score",
}


class Places:
    """Where everything of one segment sheet stands, and how formulas write it."""

    #: Rows above the strip: the title and the figures at a glance.
    STRIP_TOP = 3

    def __init__(self, model: ScoreModel, table: str, columns: list[Spec], rows: int) -> None:
        self.table, self.columns, self.rows = table, columns, rows
        self.list_rows = max(2, *(self.list_lengths(model)))
        self._col = {spec.key: number for number, spec in enumerate(columns)}
        self._header = {spec.key: spec.header for spec in columns}
        self._row = {name: self.STRIP_TOP + number for number, name in enumerate(STRIP_ROWS)}
        self.list_top = self.STRIP_TOP + len(STRIP_ROWS)
        self.group_row = self.list_top + self.list_rows
        self.header_row = self.group_row + 1
        self.first_row = self.header_row + 1
        self.last_row = self.header_row + rows

    @staticmethod
    def list_lengths(model: ScoreModel) -> list[int]:
        """Return how long each list in the strip is: bands, grades, steps, choices, conditions."""
        lengths = [len(model.bands), len(model.grades)]
        lengths += [len(metric.steps or metric.choices or ()) for metric in model.metrics]
        lengths += [len(milestone.when) for milestone in (model.journey.milestones if model.journey else ())]
        return lengths + [len(rule.when) for rule in model.rules]

    @property
    def settings_cell(self) -> str:
        """The cell that names the segment whose lines of Segment settings apply here."""
        return cell(self._row["settings"], 1, "$", "$")

    def has(self, key: str) -> bool:
        """Return whether the sheet has a column of that key."""
        return key in self._col

    def col(self, key: str) -> int:
        """Return the column's number."""
        return self._col[key]

    def this(self, key: str) -> str:
        """Return the reference to a column in the same row, in the file's long form."""
        return f"{self.table}[[#This Row],[{self._header[key]}]]"

    def span(self, first: str, last: str) -> str:
        """Return the reference to several columns of the same row."""
        if first == last:
            return self.this(first)
        return f"{self.table}[[#This Row],[{self._header[first]}]:[{self._header[last]}]]"

    def whole(self, key: str) -> str:
        """Return the reference to a whole column of the table, in the brackets that any punctuation in it asks for."""
        return f"{self.table}[[{self._header[key]}]]"

    def strip_row(self, name: str) -> int:
        """Return the row number of a strip row."""
        return self._row[name]

    def strip(self, name: str, key: str) -> str:
        """Return the absolute address of a strip cell."""
        return cell(self._row[name], self._col[key], "$", "$")

    def strip_span(self, name: str, first: str, last: str) -> str:
        """Return the absolute address of a strip row over several columns."""
        return area(self._row[name], self._col[first], self._row[name], self._col[last])

    def listed(self, key: str, count: int) -> str:
        """Return the absolute address of the list above a column."""
        return area(self.list_top, self._col[key], self.list_top + count - 1, self._col[key])

    def list_array(self, key: str, count: int) -> str:
        """Return the list above a column as an array: never one cell alone, which LOOKUP would not take for one."""
        return self.listed(key, max(count, 2))

    def list_cell(self, key: str, position: int) -> str:
        """Return the absolute address of one entry of the list above a column, counted from 0."""
        return cell(self.list_top + position, self._col[key], "$", "$")


def first_last(model: ScoreModel, prefix: str) -> tuple[str, str]:
    """Return the keys of the first and last column of a block of metrics."""
    return f"{prefix}:{model.metrics[0].name}", f"{prefix}:{model.metrics[-1].name}"


def ageing(model: ScoreModel) -> list[Metric]:
    """Return the metrics whose values can become too old."""
    return [metric for metric in model.metrics if metric.as_of_column is not None]


def capping(model: ScoreModel) -> list[Rule]:
    """Return the rules that cap the score."""
    return [rule for rule in model.rules if rule.cap is not None]
