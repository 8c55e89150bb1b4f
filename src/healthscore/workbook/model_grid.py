"""The `Model` sheet's rows back into a model: the inverse of `model_sheet.sections` and `segment_settings`.

Pure: rows of plain values in, a `ScoreModel` out, so that the command line and the functions inside Excel read a model
from a sheet by the same rules. Sections are found by their titles, columns by their headers; where they stand does not
matter, nor do blank rows within them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from healthscore.errors import ModelError
from healthscore.model.load import model_from_data
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import BAND_SYMBOLS
from healthscore.names import key

#: Title of each section -> the headers by which it is known.
HEADERS: dict[str, tuple[str, ...]] = {
    "Settings": ("Setting", "Value"),
    "Bands": ("Band", "From", "Color"),
    "Grades": ("Grade", "From"),
    "Dimensions": ("Dimension", "Weight"),
    "Metrics": ("Metric", "Dimension", "Weight", "Value", "Of", "Points"),
    "Steps and choices": ("Metric", "From or choice", "Points"),
    "Rules": ("Rule", "Cap", "At least", "Of rules"),
    "Conditions": ("Rule", "Compares", "Of", "Is", "Limit"),
    "Criteria": ("Criterion", "Switch"),
    "Journey": ("Setting", "Value"),
    "Milestones": ("Milestone", "Date"),
    "Milestone conditions": ("Milestone", "Compares", "Of", "Is", "Limit"),
    "Column names": ("Column", "Also called"),
    "Segments": ("Segment",),
    "Segment settings": ("Segment", "Item", "Setting", "Value"),
    "Texts": ("Kind", "Name", "What", "Text"),
}
_REQUIRED = ("Settings", "Bands", "Dimensions", "Metrics")
_ENDS = ("Zero", "Full", "Full until", "Zero again")
_JOIN = " | "
_PLACE = "the Model sheet"

Row = Mapping[str, Any]


def model_from_rows(rows: Sequence[Sequence[object]]) -> ScoreModel:
    """Read a model from the rows of a `Model` sheet, from its first row on.

    Args:
        rows: the cells' values: text, number or None. Formulas by their value.

    Raises:
        ModelError: a section is missing, or the model has faults; every fault is listed with its place.
    """
    sheet: dict[str, list[Row]] = {title: [] for title in HEADERS} | dict(_sections(rows))
    missing = [title for title in _REQUIRED if not sheet[title]]
    if missing:
        raise ModelError(f"{_PLACE}: there is nothing under {' and '.join(missing)}; was a title or header changed?")
    return model_from_data(_Grid(sheet).model(), _PLACE)


def join_names(names: Sequence[str]) -> str:
    """Return names as one cell holds them. No name holds the sign between them."""
    joined = _JOIN.join(names)
    # A single name with a comma in it would be taken for two.
    return joined + _JOIN.rstrip() if len(names) == 1 and "," in joined else joined


def split_names(text: object) -> list[str]:
    """Return the names in a cell: between vertical bars, or where there is none, between commas."""
    written = word(text)
    parts = written.split(_JOIN.strip()) if _JOIN.strip() in written else written.split(",")
    return [part.strip() for part in parts if part.strip()]


def word(value: object) -> str:
    """Return a cell as text: whole numbers without a point, nothing for a blank one."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _sections(rows: Sequence[Sequence[object]]) -> Iterator[tuple[str, list[Row]]]:
    """Yield each section's rows as {header: value}."""
    starts = []
    for number, row in enumerate(rows[:-1]):
        title = word(row[0]) if row else ""
        if title in HEADERS and {*HEADERS[title]} <= {word(cell) for cell in rows[number + 1]}:
            starts.append((number, title))
    ends = [number for number, _ in starts[1:]] + [len(rows)]
    for (number, title), end in zip(starts, ends, strict=False):
        headers = [word(cell) for cell in rows[number + 1]]
        body = [dict(zip(headers, row, strict=False)) for row in rows[number + 2 : end]]
        yield title, [line for line in body if any(word(line.get(name)) for name in headers if name)]


def _given(value: object) -> bool:
    return word(value) != ""


def _filled(**values: Any) -> dict[str, Any]:
    """Return the values that are not blank."""
    return {name: value for name, value in values.items() if _given(value)}


class _Grid:
    """The sections of one sheet, and the plain data of a model file that they amount to."""

    def __init__(self, sheet: Mapping[str, list[Row]]) -> None:
        self.sheet = sheet
        self.settings = {word(line["Setting"]): line["Value"] for line in sheet["Settings"]}
        self.texts = {
            (word(line["Kind"]), key(word(line["Name"])), word(line["What"])): word(line["Text"])
            for line in sheet["Texts"]
        }

    def model(self) -> dict[str, Any]:
        """Return the whole model as TOML would give it."""
        name = word(self.settings.get("Name"))
        about = _filled(
            version=word(self.settings.get("Version")),
            minimum_coverage=self.settings.get("Minimum coverage"),
            stale_after_days=self.settings.get("Stale after days"),
        )
        texts = {what: text for (kind, _, what), text in self.texts.items() if kind == "Model"}
        metrics = [self._metric(line) for line in self.sheet["Metrics"]]
        made: dict[str, Any] = {
            "name": name,
            **about,
            "title": texts.get("Title", ""),
            "about": texts.get("About", ""),
            "segment_by": split_names(self.settings.get("Segments by")),
            "columns": self._columns(),
            "dimensions": [self._dimension(line) for line in self.sheet["Dimensions"]],
            "metrics": metrics,
            "bands": [self._band(line) for line in self.sheet["Bands"]],
            "rules": [self._rule(line) for line in self.sheet["Rules"]],
            "criteria": [self._criterion(line) for line in self.sheet["Criteria"]],
            "segments": self._segments(metrics),
        }
        if self.sheet["Milestones"]:
            made["journey"] = self._journey()
        if "Unscored action" in texts:
            made["unscored_action"] = texts["Unscored action"]
        if self.sheet["Grades"]:
            made["grades"] = [{"name": word(line["Grade"]), "from": line["From"]} for line in self.sheet["Grades"]]
        return made

    def _text(self, kind: str, name: str, what: str) -> str:
        return self.texts.get((kind, key(name), what), "")

    def _columns(self) -> dict[str, list[str]]:
        columns: dict[str, list[str]] = {}
        for line in self.sheet["Column names"]:
            others = columns.setdefault(word(line["Column"]), [])
            if _given(line["Also called"]):
                others.append(word(line["Also called"]))
        return columns

    def _dimension(self, line: Row) -> dict[str, Any]:
        name = word(line["Dimension"])
        return {"name": name, **_filled(weight=line["Weight"], about=self._text("Dimension", name, "About"))}

    def _band(self, line: Row) -> dict[str, Any]:
        name, color = word(line["Band"]), word(line["Color"])
        symbol = word(line.get("Symbol"))
        texts = {
            what.lower().replace(" ", "_"): self._text("Band", name, what)
            for what in ("Meaning", "Action", "Respond within", "Outlook")
        }
        return {
            "name": name,
            "from": line["From"],
            "color": color,
            **_filled(symbol="" if symbol == BAND_SYMBOLS.get(color.lower()) else symbol),
            **_filled(renewal_rate=line.get("Renewal rate"), **texts),
        }

    def _criterion(self, line: Row) -> dict[str, Any]:
        name, switch = word(line["Criterion"]), word(line["Switch"]).lower()
        if switch not in ("on", "off"):
            raise ModelError(f"{_PLACE}: the switch of criterion {name!r} is {line['Switch']!r}; write On or Off")
        return {"name": name, "on": switch == "on", **_filled(about=self._text("Criterion", name, "About"))}

    # --- metrics -------------------------------------------------------------------------------------------------

    def _metric(self, line: Row) -> dict[str, Any]:
        name, kind, points = word(line["Metric"]), word(line["Value"]), word(line["Points"])
        of = [word(line["Of"]), word(line.get("Against"))]
        plausible = [line.get("Lowest plausible"), line.get("Highest plausible")]
        made: dict[str, Any] = {
            "name": name,
            "dimension": word(line["Dimension"]),
            kind: of if kind in ("change", "ratio") else of[0],
            **_filled(
                weight=line["Weight"],
                type=word(line.get("Type")),
                blank=line.get("Blank counts as"),
                as_of_column=word(line.get("Dated by")),
                stale_after_days=line.get("Stale after"),
                criterion=word(line.get("Criterion")),
            ),
            **self._points(name, points, line),
        }
        if any(map(_given, plausible)):
            made["plausible"] = plausible
        texts = {
            what.lower(): self._text("Metric", name, what) for what in ("Action", "Measures", "Unit", "Why", "Source")
        }
        return made | _filled(**texts)

    def _points(self, name: str, kind: str, line: Row) -> dict[str, Any]:
        place = f"{_PLACE}: metric {name!r}"
        listed = [
            (row["From or choice"], row["Points"])
            for row in self.sheet["Steps and choices"]
            if key(word(row["Metric"])) == key(name)
        ]
        match kind:
            case "ramp":
                return {"ramp": [line.get(end) for end in _ENDS[:2]]}
            case "plateau":
                return {"plateau": [line.get(end) for end in _ENDS]}
            case "peers":
                zero = line.get("Zero")
                return {"peers": line.get("Quantile")} | ({"zero": zero} if _given(zero) and zero != 0 else {})
            case "steps":
                return {"steps": [list(pair) for pair in listed]}
            case "choices":
                return {"choices": {word(choice): points for choice, points in listed}}
            case "rating":
                return {"rating": _top(place, line.get("Zero"), line.get("Full"))}
        raise ModelError(f"{place}: its points are {kind!r}; write ramp, plateau, peers, steps, choices or rating")

    # --- rules ---------------------------------------------------------------------------------------------------

    def _rule(self, line: Row) -> dict[str, Any]:
        name = word(line["Rule"])
        made = {"name": name, **_filled(text=self._text("Rule", name, "Text"), cap=line["Cap"])}
        when = self._conditions("Conditions", "Rule", name)
        of = split_bars(line["Of rules"])
        if of:
            made |= {"of": of, "at_least": line["At least"]}
        return made | ({"when": when} if when else {})

    def _conditions(self, title: str, header: str, name: str) -> list[dict[str, Any]]:
        return [self._condition(part) for part in self.sheet[title] if key(word(part[header])) == key(name)]

    def _journey(self) -> dict[str, Any]:
        settings = {word(line["Setting"]): line["Value"] for line in self.sheet["Journey"]}
        milestones = []
        for line in self.sheet["Milestones"]:
            name = word(line["Milestone"])
            when = self._conditions("Milestone conditions", "Milestone", name)
            given = _filled(date=word(line["Date"]), about=self._text("Milestone", name, "About"))
            milestones.append({"name": name, **given} | ({"when": when} if when else {}))
        return {
            "milestones": milestones,
            **_filled(
                stalled_after_days=settings.get("Stalled after days"),
                achieved=word(settings.get("Value achieved")),
                aimed=word(settings.get("Value aimed at")),
            ),
        }

    def _condition(self, line: Row) -> dict[str, Any]:
        subject, limit = word(line["Of"]), line["Limit"]
        compares = "column" if word(line["Compares"]) == "column" else "metric"
        if not _given(limit) or (compares == "metric" and self._is_category(subject)):
            limit = word(limit)
        return {compares: subject, "op": word(line["Is"]), "value": limit}

    def _is_category(self, metric: str) -> bool:
        return any(
            key(word(line["Metric"])) == key(metric) and word(line["Points"]) == "choices"
            for line in self.sheet["Metrics"]
        )

    # --- segments ------------------------------------------------------------------------------------------------

    def _segments(self, metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
        names = [word(line["Segment"]) for line in self.sheet["Segments"]]
        settings = [
            line for line in self.sheet["Segment settings"] if _given(line["Value"]) and _given(line["Segment"])
        ]
        for line in settings:
            if key(word(line["Segment"])) not in map(key, names):
                names.append(word(line["Segment"]))
        return [
            self._segment(name, [line for line in settings if key(word(line["Segment"])) == key(name)], metrics)
            for name in names
        ]

    def _segment(self, name: str, lines: list[Row], metrics: list[dict[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {"name": name, **_filled(about=self._text("Segment", name, "About"))}
        own: dict[str, dict[str, Any]] = {}
        for line in lines:
            item, setting, value = word(line["Item"]), word(line["Setting"]), line["Value"]
            match setting:
                case "Minimum coverage":
                    made["minimum_coverage"] = value
                case "Dimension weight":
                    made.setdefault("dimension_weights", {})[item] = value
                case "Weight":
                    made.setdefault("weights", {})[item] = value
                case "Band from":
                    made.setdefault("bands", {})[item] = value
                case "Grade from":
                    made.setdefault("grades", {})[item] = value
                case _:
                    own.setdefault(item, {})[setting] = value
        if own:
            made["metrics"] = {item: _thresholds(name, item, given, metrics) for item, given in own.items()}
        return made


def split_bars(text: object) -> list[str]:
    """Return the names between vertical bars; none for a blank cell."""
    return [part.strip() for part in word(text).split(_JOIN.strip()) if part.strip()]


def _top(place: str, zero: Any, full: Any) -> Any:
    if zero not in (1, 1.0, None):
        raise ModelError(
            f"{place}: a rating starts at 1, not at {zero}; for another scale make it a ramp in the model file"
        )
    return int(full) if isinstance(full, float) and full.is_integer() else full


def _thresholds(segment: str, item: str, given: dict[str, Any], metrics: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one metric's own thresholds; what the lines leave open is as the metric has it."""
    place = f"{_PLACE}, Segment settings: {segment}, {item}"
    metric = next((part for part in metrics if key(part["name"]) == key(item)), None)
    if metric is None:
        raise ModelError(
            f"{place}: there is no metric of that name; take one of {', '.join(m['name'] for m in metrics)}"
        )
    given = dict(given)
    made: dict[str, Any] = {"action": word(given.pop("Action"))} if "Action" in given else {}
    if not given:
        return made
    kind = next(name for name in ("ramp", "plateau", "peers", "steps", "choices", "rating") if name in metric)
    taken, points = _own_points(kind, given, metric)
    for setting in given:
        if setting not in taken:
            raise ModelError(f"{place}: {setting!r} is no setting of points by {kind}; take one of {', '.join(taken)}")
    if kind == "rating":
        points = {"rating": _top(place, given.get("Zero"), points["rating"])}
    return made | points


def _own_points(kind: str, given: Mapping[str, Any], metric: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Return the settings that this kind knows, and the points that the given ones amount to."""
    match kind:
        case "ramp" | "plateau":
            ends = list(_ENDS[: len(metric[kind])])
            return ends, {kind: [given.get(end, old) for end, old in zip(ends, metric[kind], strict=True)]}
        case "rating":
            return list(_ENDS[:2]), {"rating": given.get("Full", metric["rating"])}
        case "peers":
            zero = {"zero": given["Zero"]} if "Zero" in given else {}
            return ["Zero", "Quantile"], {"peers": given.get("Quantile", metric["peers"]), **zero}
        case "steps":
            places = range(1, len(metric["steps"]) + 1)
            steps = [
                [given.get(f"From {place}", old[0]), given.get(f"Points {place}", old[1])]
                for place, old in zip(places, metric["steps"], strict=True)
            ]
            return [f"{what} {place}" for place in places for what in ("From", "Points")], {"steps": steps}
    names = {f"Points {place}": choice for place, choice in enumerate(metric["choices"], start=1)}
    return list(names), {"choices": {names[name]: value for name, value in given.items() if name in names}}
