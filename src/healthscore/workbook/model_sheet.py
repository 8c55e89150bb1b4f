"""The `Model` sheet: every parameter of the model as an input, in sections that convert back to the model file.

A section is a title in column A, a row of headers, then rows until a blank one. Texts stand by themselves in the
section `Texts`, one to a line, so that numbers fit narrow columns and no text is cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from healthscore.formula import formula
from healthscore.model.parts import Condition, Metric, Segment, Thresholds
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import BAND_COLORS, OPERATORS
from healthscore.names import key
from healthscore.workbook.model_grid import join_names
from healthscore.workbook.plan import Cell, Column, Formula, Height, Scalar, Sheet, Table, Validation, Width, area, cell
from healthscore.workbook.styles import side

SHEET = "Model"
SETTINGS_TABLE = "SegmentSettings"
RANGE_NAME = "HealthModel"
SPARE_SETTINGS = 12

#: Headers of the Metrics section, in order; the planner of a segment sheet asks for cells by these.
METRIC_HEADERS = (
    "Metric", "Dimension", "Weight", "Value", "Of", "Against", "Type", "Blank counts as", "Dated by", "Stale after",
    "Points", "Zero", "Full", "Full until", "Zero again", "Quantile", "Lowest plausible", "Highest plausible",
    "Criterion",
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """One block of the sheet: rows of plain values under headers, every one an input."""

    title: str
    help: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]


def sections(model: ScoreModel) -> list[Section]:
    """Return the whole model as sections; together they hold everything that the model file holds."""
    milestones = model.journey.milestones if model.journey is not None else ()
    return [
        Section(
            "Settings",
            "What holds for the whole model.",
            ("Setting", "Value"),
            (
                ("Name", model.name),
                ("Version", model.version),
                ("Segments by", join_names(model.segment_by) or None),
                ("Minimum coverage", model.minimum_coverage),
                ("Stale after days", model.stale_after_days),
            ),
        ),
        Section(
            "Bands",
            "The colours. From: the lowest score of the band; the first is from 0.",
            ("Band", "From", "Color", "Symbol", "Renewal rate"),
            tuple((part.name, part.start, part.color, part.sign, part.renewal_rate) for part in model.bands),
        ),
        Section("Grades", "The letters.", ("Grade", "From"), tuple((part.name, part.start) for part in model.grades)),
        Section(
            "Dimensions",
            "Groups of metrics. Only the relation between weights counts: 60 and 40 is the same as 3 and 2.",
            ("Dimension", "Weight"),
            tuple((part.name, part.weight) for part in model.dimensions),
        ),
        Section(
            "Metrics",
            "What is measured. Weight: within its dimension, 0 shows without scoring. Zero and Full: the values that "
            "earn 0 and 100 points.",
            METRIC_HEADERS,
            tuple(_metric_row(metric) for metric in model.metrics),
        ),
        Section(
            "Steps and choices",
            "The points of metrics that go by steps (from which value on) or by choices (which word).",
            ("Metric", "From or choice", "Points"),
            tuple((metric.name, start, points) for metric in model.metrics for start, points in listed(metric)),
        ),
        Section(
            "Rules",
            "Combinations that matter more than an average. Cap: the highest score while the rule holds.",
            ("Rule", "Cap", "At least", "Of rules"),
            tuple((rule.name, rule.cap, rule.at_least, " | ".join(rule.of) or None) for rule in model.rules),
        ),
        Section(
            "Conditions",
            "What must hold for a rule, all of its lines together.",
            ("Rule", "Compares", "Of", "Is", "Limit"),
            tuple((rule.name, *_condition_row(part)) for rule in model.rules for part in rule.when),
        ),
        Section(
            "Criteria",
            "What success means here. Switched off, a criterion's metrics leave the score.",
            ("Criterion", "Switch"),
            tuple((part.name, "On" if part.on else "Off") for part in model.criteria),
        ),
        Section(
            "Journey",
            "The way to a return on what the customer pays. Stalled: unfinished, and no milestone for so many days.",
            ("Setting", "Value"),
            ()
            if model.journey is None
            else (
                ("Stalled after days", model.journey.stalled_after_days),
                ("Value achieved", model.journey.achieved),
                ("Value aimed at", model.journey.aimed),
            ),
        ),
        Section(
            "Milestones",
            "In order. Reached when the date in this column has come, or all conditions below hold.",
            ("Milestone", "Date"),
            tuple((part.name, part.date) for part in milestones),
        ),
        Section(
            "Milestone conditions",
            "What must hold for a milestone, all of its lines together.",
            ("Milestone", "Compares", "Of", "Is", "Limit"),
            tuple((part.name, *_condition_row(condition)) for part in milestones for condition in part.when),
        ),
        Section(
            "Column names",
            "Other headers under which an export may bring a column.",
            ("Column", "Also called"),
            tuple((name, other) for name, others in model.columns.items() for other in others or (None,)),
        ),
        Section(
            "Segments",
            "Segments with settings of their own.",
            ("Segment",),
            tuple((part.name,) for part in model.segments),
        ),
        Section(
            "Texts",
            "What people read: meanings, actions, reasons.",
            ("Kind", "Name", "What", "Text"),
            tuple(_texts(model)),
        ),
    ]


def _condition_row(condition: Condition) -> tuple[Scalar, ...]:
    return ("metric" if condition.metric else "column", condition.subject, condition.op, condition.value)


def listed(metric: Metric) -> Sequence[tuple[Scalar, float]]:
    """Return a metric's steps or choices as pairs of (from or choice, points); nothing for other kinds of points."""
    if metric.steps is not None:
        return metric.steps
    return tuple((metric.choices or {}).items())


def ends(thresholds: Thresholds) -> dict[str, float | None]:
    """Return the numbers of a ramp, plateau, rating or peers by their header."""
    given: dict[str, float | None] = {}
    if thresholds.ramp is not None:
        given = dict(zip(("Zero", "Full"), thresholds.ramp, strict=True))
    elif thresholds.plateau is not None:
        given = dict(zip(("Zero", "Full", "Full until", "Zero again"), thresholds.plateau, strict=True))
    elif thresholds.rating is not None:
        given = {"Zero": 1.0, "Full": float(thresholds.rating)}
    elif thresholds.peers is not None:
        given = {"Zero": thresholds.zero if thresholds.zero is not None else 0.0, "Quantile": thresholds.peers}
    return given


def _metric_row(metric: Metric) -> tuple[Scalar, ...]:
    given = ends(metric)
    row: dict[str, Scalar] = {
        "Metric": metric.name,
        "Dimension": metric.dimension,
        "Weight": metric.weight,
        "Value": metric.value_kind,
        "Of": metric.journey or metric.inputs[0],
        "Against": metric.inputs[1] if len(metric.inputs) > 1 else None,
        "Type": metric.type,
        "Blank counts as": metric.blank,
        "Dated by": metric.as_of_column,
        "Stale after": metric.stale_after_days,
        "Points": metric.points_kind,
        **given,
        "Lowest plausible": metric.plausible[0] if metric.plausible else None,
        "Highest plausible": metric.plausible[1] if metric.plausible else None,
        "Criterion": metric.criterion,
    }
    return tuple(row.get(name) for name in METRIC_HEADERS)


def _texts(model: ScoreModel) -> Iterator[tuple[str, str, str, str]]:
    """Yield (kind, name, what, text) for every text of the model; actions and band texts always, to be filled in."""
    yield ("Model", model.name, "Title", model.title)
    yield ("Model", model.name, "About", model.about)
    yield ("Model", model.name, "Unscored action", model.unscored_action)
    for band in model.bands:
        for what in ("Meaning", "Action", "Respond within", "Outlook"):
            yield ("Band", band.name, what, str(getattr(band, what.lower().replace(" ", "_"))))
    for rule in model.rules:
        yield ("Rule", rule.name, "Text", rule.text)
    for dimension in model.dimensions:
        yield ("Dimension", dimension.name, "About", dimension.about)
    for criterion in model.criteria:
        yield ("Criterion", criterion.name, "About", criterion.about)
    for milestone in model.journey.milestones if model.journey is not None else ():
        yield ("Milestone", milestone.name, "About", milestone.about)
    for segment in model.segments:
        yield ("Segment", segment.name, "About", segment.about)
    for metric in model.metrics:
        for what in ("Action", "Measures", "Unit", "Why", "Source"):
            yield ("Metric", metric.name, what, str(getattr(metric, what.lower())))


def segment_settings(model: ScoreModel) -> list[tuple[str, str, str, Scalar]]:
    """Return where segments differ, as lines of (segment, item, setting, value)."""
    return [line for segment in model.segments for line in _segment_lines(model, segment)]


def _segment_lines(model: ScoreModel, segment: Segment) -> Iterator[tuple[str, str, str, Scalar]]:
    if segment.minimum_coverage is not None:
        yield (segment.name, "All", "Minimum coverage", segment.minimum_coverage)
    for setting, given, parts in (
        ("Dimension weight", segment.dimension_weights, model.dimensions),
        ("Weight", segment.weights, model.metrics),
        ("Band from", segment.bands, model.bands),
        ("Grade from", segment.grades, model.grades),
    ):
        for name, value in given.items():
            # The sheet looks names up letter by letter, so they are written as the model spells them.
            yield (segment.name, next(part.name for part in parts if key(part.name) == key(name)), setting, value)
    for given_name, own in segment.metrics.items():
        name = model.metric(given_name).name
        for setting, number in ends(own).items():
            if number is not None and not (setting == "Zero" and own.peers is not None and own.zero is None):
                yield (segment.name, name, setting, number)
        for position, (start, points) in enumerate(own.steps or (), start=1):
            yield (segment.name, name, f"From {position}", start)
            yield (segment.name, name, f"Points {position}", points)
        places = {choice: place for place, choice in enumerate(model.metric(name).choices or {}, start=1)}
        for choice, points in (own.choices or {}).items():
            yield (segment.name, name, f"Points {_place(places, choice)}", points)
        if own.action is not None:
            yield (segment.name, name, "Action", own.action)


def _place(places: dict[str, int], choice: str) -> int:
    return next(place for other, place in places.items() if key(other) == key(choice))


class ModelCells:
    """Where each parameter stands on the `Model` sheet."""

    def __init__(self, model: ScoreModel) -> None:
        self.sections = sections(model)
        self.settings = segment_settings(model)
        self.first_rows: dict[str, int] = {}
        row = 3
        for section in self.sections[:-1]:
            row = self._take(section.title, row, len(section.rows))
        self.settings_row = row
        row += 3 + len(self.settings) + SPARE_SETTINGS
        self.last_row = self._take(self.sections[-1].title, row, len(self.sections[-1].rows)) - 2

    def _take(self, title: str, row: int, rows: int) -> int:
        self.first_rows[title] = row + 2
        return row + 2 + max(rows, 1) + 1

    def find(self, title: str, header: str, row: int) -> tuple[int, int]:
        """Return the row and column of a parameter: section, header, number of the line within the section."""
        section = next(part for part in self.sections if part.title == title)
        return self.first_rows[title] + row, section.headers.index(header)

    def address(self, title: str, header: str, row: int) -> str:
        """Return the parameter's address as a formula on another sheet writes it."""
        return f"{SHEET}!{cell(*self.find(title, header, row), '$', '$')}"

    def value(self, title: str, header: str, row: int) -> Scalar:
        """Return the parameter itself."""
        section = next(part for part in self.sections if part.title == title)
        return section.rows[row][section.headers.index(header)]

    def text_row(self, kind: str, name: str, what: str) -> int:
        """Return the line of `Texts` that holds a text."""
        rows = self.sections[-1].rows
        return next(number for number, row in enumerate(rows) if row[:3] == (kind, name, what))

    def line(self, title: str, *start: Scalar) -> int:
        """Return the first line of a section that starts with these values."""
        section = next(part for part in self.sections if part.title == title)
        return next(number for number, row in enumerate(section.rows) if row[: len(start)] == start)


_WIDTHS = {0: 30.0, 1: 22.0, 2: 18.0, 3: 15.0, 4: 22.0, 5: 22.0, 8: 15.0, 18: 22.0}
_CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("Bands", "Color"): tuple(BAND_COLORS),
    ("Conditions", "Is"): OPERATORS,
    ("Criteria", "Switch"): ("On", "Off"),
}
#: (section, header) -> lowest, highest number that may be typed.
_LIMITS: dict[tuple[str, str], tuple[float | None, float | None]] = {
    ("Bands", "From"): (0, 100),
    ("Bands", "Renewal rate"): (0, 1),
    ("Grades", "From"): (0, 100),
    ("Dimensions", "Weight"): (0, None),
    ("Metrics", "Weight"): (0, None),
    ("Metrics", "Quantile"): (0, 1),
    ("Steps and choices", "Points"): (0, 100),
    ("Rules", "Cap"): (0, 100),
    **{("Metrics", name): (None, None) for name in ("Zero", "Full", "Full until", "Zero again")},
}
_PERCENT = {("Bands", "Renewal rate"), ("Metrics", "Quantile")}
#: Headers of which a changed value in a cell asks for a rebuild, because columns and formulas hang on it.
_STRUCTURE = {
    "Metrics": {"Metric", "Dimension", "Value", "Of", "Against", "Type", "Dated by", "Points", "Criterion"},
    "Bands": {"Band", "Color", "Symbol"},
    "Grades": {"Grade"},
    "Dimensions": {"Dimension"},
    "Rules": {"Rule", "Of rules"},
    "Conditions": {"Rule", "Compares", "Of", "Is"},
    "Steps and choices": {"Metric"},
    "Criteria": {"Criterion"},
    "Milestones": {"Milestone", "Date"},
    "Milestone conditions": {"Milestone", "Compares", "Of", "Is"},
    "Journey": {"Setting"},
}


def plan_model_sheet(cells: ModelCells, segments: Sequence[str]) -> Sheet:
    """Plan the sheet: title, sections, the table of segment settings, texts."""
    sheet = Sheet(SHEET, "input", gridlines=False, freeze=(2, 1))
    sheet.heights[0] = Height(28)
    sheet.put(0, 0, "Model", "title")
    sheet.put(
        1,
        0,
        "Change a blue number and every score follows. Names in grey shape the sheets: to add or rename, edit the "
        "model file and build again.",
        "note",
    )
    width = max(len(section.headers) for section in cells.sections)
    sheet.widths = {col: Width(_WIDTHS.get(col, 11.0)) for col in range(width)}
    for section in cells.sections:
        _plan_section(sheet, section, cells.first_rows[section.title])
    _plan_settings(sheet, cells, segments)
    sheet.print_area = (0, 0, cells.last_row, width - 1)
    return sheet


def _plan_section(sheet: Sheet, section: Section, first: int) -> None:
    sheet.put(first - 2, 0, section.title, "heading")
    sheet.put(first - 2, 1, section.help, "hint")
    for col, name in enumerate(section.headers):
        sheet.put(first - 1, col, name, f"header{side(_column_style(section, col))}" if col else "header")
    if section.title == "Metrics":
        sheet.heights[first - 1] = Height(32)
    for number, row in enumerate(section.rows):
        for col, value in enumerate(row):
            sheet.put(first + number, col, value, _style(section, section.headers[col], value))
    for col, name in enumerate(section.headers):
        _plan_validation(sheet, section, name, first, col)


def _column_style(section: Section, col: int) -> str:
    """Return the style of most cells of a column."""
    found = [_style(section, section.headers[col], row[col]) for row in section.rows if row[col] is not None]
    return max(found, key=found.count, default=_style(section, section.headers[col], None))


def _style(section: Section, name: str, value: Scalar) -> str:
    if section.title == "Texts":
        return "input_text" if name == "Text" else "label"
    if section.title == "Settings":
        if name == "Setting":
            return "label"
        return "input_number" if isinstance(value, (int, float)) else "input_text"
    if name in _STRUCTURE.get(section.title, ()) or section.title == "Segments":
        return "label" if name == section.headers[0] else "label_next"
    if (section.title, name) in _PERCENT:
        return "input_percent"
    return "input_text" if isinstance(value, str) else "input_number"


def _plan_validation(sheet: Sheet, section: Section, name: str, first: int, col: int) -> None:
    place = (first, col, first + max(len(section.rows), 1) - 1, col)
    if (section.title, name) in _CHOICES:
        sheet.validations.append(Validation(*place, "list", _CHOICES[section.title, name]))
    elif (section.title, name) in _LIMITS:
        low, high = _LIMITS[section.title, name]
        sheet.validations.append(Validation(*place, "decimal", minimum=low, maximum=high, title=name))


def _plan_settings(sheet: Sheet, cells: ModelCells, segments: Sequence[str]) -> None:
    row = cells.settings_row
    sheet.put(row, 0, "Segment settings", "heading")
    sheet.put(
        row,
        1,
        "Where a segment differs: one line per number. Setting is the name of a row of the segment sheet's strip, as "
        "Weight, Dimension weight, Zero, Full, Band from.",
        "hint",
    )
    lines = [*cells.settings, *[(None, None, None, None)] * SPARE_SETTINGS]
    key_values = ["|".join(map(str, line[:3])) if line[3] is not None else "" for line in lines]
    ref = {name: f"{SETTINGS_TABLE}[[#This Row],[{name}]]" for name in ("Segment", "Item", "Setting", "Value")}
    key_formula = formula(
        "setting_key", segment=ref["Segment"], item=ref["Item"], setting=ref["Setting"], value=ref["Value"]
    )
    columns = [
        Column(name, [line[number] for line in lines], "input_text" if number < 3 else "input_number")
        for number, name in enumerate(("Segment", "Item", "Setting", "Value"))
    ]
    columns.append(Column("Key", key_values, "working_text", key_formula))
    sheet.tables.append(Table(SETTINGS_TABLE, row + 1, 0, tuple(columns), len(lines), filter=False))
    if segments:
        sheet.validations.append(
            Validation(row + 2, 0, row + 1 + len(lines), 0, "list", tuple(segments) if _fit_a_list(segments) else ())
        )


def _fit_a_list(names: Sequence[str]) -> bool:
    """Return whether a validation can list these names: short enough, and no mark that parts or ends such a list."""
    joined = ",".join(names)
    return len(joined) < 250 and joined.count(",") == len(names) - 1 and '"' not in joined


def model_range(cells: ModelCells) -> str:
    """Return the reference of the whole model, for the name that the add-in's functions take."""
    return f"{SHEET}!{area(0, 0, cells.last_row, len(METRIC_HEADERS) - 1)}"


__all__ = [
    "Cell",
    "Formula",
    "ModelCells",
    "Section",
    "model_range",
    "plan_model_sheet",
    "sections",
    "segment_settings",
]
