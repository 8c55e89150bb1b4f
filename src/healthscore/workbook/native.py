"""`HEALTHSCORE` and its sisters as `LAMBDA` names in the workbook: for Microsoft 365, with no add-in at all.

Four names that people type, over hidden ones that each do one thing: a metric's value, its points, its weight, a rule.
They read every number from the `Model` sheet, so a changed weight changes their answers as it changes the table's.
An engine without `LAMBDA` opens the workbook as any other; only a cell that calls one of the four shows #NAME?.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from healthscore.accounts.columns import ROLE_ALIASES, match_columns
from healthscore.errors import OutputError
from healthscore.formula import formula
from healthscore.model.parts import Condition, Metric, Milestone
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import ROLES, UNSCORED
from healthscore.names import header, key
from healthscore.workbook.model_sheet import ModelCells
from healthscore.workbook.segment.formulas import AS_OF, compared_as

#: Names that people type, and the number by which the shared part knows what they ask for.
FUNCTIONS = {"HEALTHSCORE": 1, "HEALTHCOVERAGE": 2, "HEALTHBAND": 3, "HEALTHGRADE": 4}
#: The writer hides names that start with this.
HIDDEN = "_hs."
#: The longest formula that Excel takes.
_LIMIT = 8192
_ENDS = {"zero": "Zero", "full": "Full", "full_until": "Full until", "zero_again": "Zero again"}


def native_names(model: ScoreModel, cells: ModelCells, segments: Iterable[str]) -> dict[str, str]:
    """Return the defined names: name -> formula without the leading `=`.

    Args:
        model: the scoring model.
        cells: where its parameters stand on the `Model` sheet.
        segments: the names of the workbook's segments.

    Raises:
        OutputError: the model is too large for the formulas that Excel takes.
    """
    names = _Names(model, cells).all(list(segments))
    for name, text in names.items():
        if len(text) > _LIMIT:
            raise OutputError(
                f"--functions native: the model is too large for Excel ({name} has {len(text):,} characters, "
                f"{_LIMIT:,} fit); use --functions xlwings"
            )
    return names


class _Names:
    def __init__(self, model: ScoreModel, cells: ModelCells) -> None:
        self.model, self.at = model, cells.address
        self.cells = cells
        self.inputs = list(model.input_columns())

    def all(self, segments: Sequence[str]) -> dict[str, str]:
        """Return every name, those first that others call."""
        found = {
            "setting": formula("native/setting"),
            "header_keys": formula("native/header_keys"),
            "column": formula("native/column"),
            "segment": self._segment(segments),
        }
        found |= {f"milestone{number}": text for number, text in enumerate(self._milestones(), start=1)}
        for number, metric in enumerate(self.model.metrics):
            found[f"value{number + 1}"] = self._value(metric, number)
            found[f"points{number + 1}"] = self._points(metric, number)
            found[f"weight{number + 1}"] = self._weight(metric, number)
        found |= {f"rule{number}": text for number, text in enumerate(self._rules(), start=1)}
        found["band"] = self._rungs("Bands", "Band", [part.name for part in self.model.bands], f'"{UNSCORED}"')
        found["grade"] = self._rungs("Grades", "Grade", [part.name for part in self.model.grades], '""')
        for number in range(len(self.model.dimensions)):
            name = self.at("Dimensions", "Dimension", number)
            weight = self._setting(name, '"Dimension weight"', self.at("Dimensions", "Weight", number))
            found[f"dimension{number + 1}"] = formula("native/weight", weight=weight, switch="")
        found["cap"] = self._cap()
        found["result"] = self._result()
        found["call"] = self._call()
        hidden = {HIDDEN + name: text for name, text in found.items()}
        return hidden | {
            name: formula("native/function", call=f"{HIDDEN}call", what=what) for name, what in FUNCTIONS.items()
        }

    # --- parts of formulas -----------------------------------------------------------------------------------------

    def _setting(self, item: str, setting: str, otherwise: str, segment: str = "_xlpm.s") -> str:
        return f"{HIDDEN}setting({segment},{item},{setting},{otherwise})"

    def _column(self, name: str) -> str:
        """Return the call for one of the model's input columns, by all the headers that an import knows it by."""
        place = next(number for number, other in enumerate(self.inputs, start=1) if key(other) == key(name))
        return f"{HIDDEN}column(_xlpm.t,_xlpm.k,{_listed(self._headers(name))},{place})"

    def _headers(self, name: str) -> list[str]:
        aliases = {key(column): others for column, others in self.model.columns.items()}
        role = key(name)
        known = [name, *aliases.get(role, ())]
        if role in ROLES:
            known += ROLE_ALIASES[role]
            bound = match_columns(self.model, [name]).bound
            known = [*aliases.get(role, ()), *known] if name in bound else known
        return known

    def _condition(self, condition: Condition, limit: str) -> str:
        text = isinstance(condition.value, str)
        subject, there = self._subject(condition), self._there(condition)
        return formula("native/condition", subject=subject, there=there, op=condition.op, text=text, limit=limit)

    def _there(self, condition: Condition) -> str:
        return formula("is_there", kind=compared_as(self.model, condition), cell="_xlpm.y")

    def _subject(self, condition: Condition) -> str:
        if condition.metric is None:
            return self._column(condition.subject)
        number = next(
            place
            for place, metric in enumerate(self.model.metrics, start=1)
            if key(metric.name) == key(condition.metric)
        )
        return f"{HIDDEN}value{number}(_xlpm.t,_xlpm.k,_xlpm.d)"

    def _all_hold(self, conditions: Sequence[Condition], title: str, name: str) -> str:
        first = self.cells.line(title, name)
        limits = [self.at(title, "Limit", first + number) for number in range(len(conditions))]
        return "*".join(self._condition(part, limit) for part, limit in zip(conditions, limits, strict=True))

    # --- names -----------------------------------------------------------------------------------------------------

    def _value(self, metric: Metric, number: int) -> str:
        if metric.journey is not None:
            return self._journey_value(metric.journey)
        dated = self.model.stale_after(metric) is not None and metric.as_of_column is not None
        given: dict[str, Any] = {"dated": "", "limit": ""}
        if dated:
            general = self.at("Settings", "Value", self.cells.line("Settings", "Stale after days"))
            own = self.at("Metrics", "Stale after", number)
            given = {
                "dated": self._column(metric.as_of_column or ""),
                "limit": formula("stale_after", own=own, general=general),
            }
        if metric.choices is not None:
            first = self.cells.line("Steps and choices", metric.name)
            last = first + len(metric.choices) - 1
            given["choices"] = ":".join(
                part.rpartition("!")[2] if place else part
                for place, part in enumerate(
                    self.at("Steps and choices", "From or choice", row) for row in (first, last)
                )
            )
        kind = metric.value_kind
        if kind == "column":
            kind = (
                "choices"
                if metric.choices is not None
                else "rating"
                if metric.rating is not None
                else metric.input_type
            )
        ends = {name: self.at("Metrics", _ENDS[name], number) for name in ("zero", "full")}
        columns = [self._column(name) for name in metric.inputs]
        return formula("native/value", kind=kind, columns=columns, **given, **ends)

    def _points(self, metric: Metric, number: int) -> str:
        item = self.at("Metrics", "Metric", number)

        def end(name: str, segment: str = "_xlpm.s") -> str:
            return self._setting(
                item, f'"{_ENDS.get(name, name)}"', self.at("Metrics", _ENDS.get(name, name), number), segment
            )

        match metric.points_kind:
            case "ramp" | "rating":
                return formula("native/points_ramp", zero=end("zero"), full=end("full"))
            case "plateau":
                return formula("native/points_plateau", **{name: end(name) for name in _ENDS})
            case "peers":
                one = "_xlpm.one"
                return formula(
                    "native/points_peers",
                    zero=end("zero"),
                    zero_of_one=end("zero", one),
                    quantile_of_one=end("Quantile", one),
                )
        first = self.cells.line("Steps and choices", metric.name)
        count = len(metric.steps or metric.choices or ())
        lines = [
            {
                "start": self._setting(item, f'"From {place}"', self.at("Steps and choices", "From or choice", row)),
                "name": self.at("Steps and choices", "From or choice", row),
                "points": self._setting(item, f'"Points {place}"', self.at("Steps and choices", "Points", row)),
            }
            for place, row in enumerate(range(first, first + count), start=1)
        ]
        if metric.steps is not None:
            return formula("native/points_steps", steps=lines)
        return formula("native/points_choices", choices=lines)

    def _weight(self, metric: Metric, number: int) -> str:
        switch = ""
        if metric.criterion is not None:
            place = next(n for n, part in enumerate(self.model.criteria) if key(part.name) == key(metric.criterion))
            switch = self.at("Criteria", "Switch", place)
        weight = self._setting(self.at("Metrics", "Metric", number), '"Weight"', self.at("Metrics", "Weight", number))
        return formula("native/weight", weight=weight, switch=switch)

    def _rules(self) -> Iterable[str]:
        places = {key(rule.name): f"{HIDDEN}rule{number}" for number, rule in enumerate(self.model.rules, start=1)}
        for number, rule in enumerate(self.model.rules):
            if rule.of:
                rules = [places[key(name)] for name in rule.of]
                yield formula("native/rule_at_least", rules=rules, at_least=self.at("Rules", "At least", number))
            else:
                yield formula("native/rule", met=self._all_hold(rule.when, "Conditions", rule.name))

    def _milestones(self) -> Iterable[str]:
        for milestone in self.model.journey.milestones if self.model.journey is not None else ():
            date = self._column(milestone.date) if milestone.date is not None else ""
            met = self._all_hold(milestone.when, "Milestone conditions", milestone.name) if milestone.when else ""
            yield formula("native/milestone", date=date, met=met, known=self._known(milestone))

    def _known(self, milestone: Milestone) -> str:
        """Return the formula that is above 0 where a subject of the milestone's conditions has a value at all."""
        parts = [(self._subject(condition), self._there(condition)) for condition in milestone.when]
        return "+".join(formula("native/known", subject=subject, there=there) for subject, there in parts)

    def _journey_value(self, kind: str) -> str:
        journey = self.model.journey
        if journey is None:
            return formula("native/journey_value", kind="roi", milestones=[], achieved='""', aimed='""')
        names = [f"{HIDDEN}milestone{number}" for number in range(1, len(journey.milestones) + 1)]
        columns = {
            what: self._column(name) if name is not None else '""'
            for what, name in (("achieved", journey.achieved), ("aimed", journey.aimed))
        }
        return formula("native/journey_value", kind=kind, milestones=names if kind != "roi" else [], **columns)

    def _rungs(self, title: str, column: str, names: Sequence[str], unscored: str) -> str:
        rungs = []
        for number in range(len(names)):
            name = self.at(title, column, number)
            start = self._setting(name, f'"{column} from"', self.at(title, "From", number))
            rungs.append({"name": name, "start": start})
        return formula("native/band", rungs=rungs, unscored=unscored)

    def _result(self) -> str:
        dimensions = {key(part.name): number for number, part in enumerate(self.model.dimensions, start=1)}
        metrics = [
            {
                "value": f"{HIDDEN}value{number}",
                "points": f"{HIDDEN}points{number}",
                "weight": f"{HIDDEN}weight{number}",
                "dimension": dimensions[key(metric.dimension)],
            }
            for number, metric in enumerate(self.model.metrics, start=1)
        ]
        parts = []
        for number in dimensions.values():
            mine = [place for place, part in enumerate(metrics, start=1) if part["dimension"] == number]
            parts.append({"metrics": mine, "weight": f"{HIDDEN}dimension{number}"})
        general = self.at("Settings", "Value", self.cells.line("Settings", "Minimum coverage"))
        minimum = self._setting('"All"', '"Minimum coverage"', general)
        return formula("native/result", metrics=metrics, dimensions=parts, cap=f"{HIDDEN}cap", minimum=minimum)

    def _cap(self) -> str:
        caps = [
            {"name": f"{HIDDEN}rule{number}", "cap": formula("cap_limit", cell=self.at("Rules", "Cap", number - 1))}
            for number, rule in enumerate(self.model.rules, start=1)
            if rule.cap is not None
        ]
        return formula("native/cap", caps=caps)

    def _segment(self, segments: Sequence[str]) -> str:
        """Find a row's segment as an import does: the model's `segment_by`, else the column usually called segment."""
        usual = [*dict(self.model.columns).get("segment", ()), "segment", *ROLE_ALIASES["segment"]]
        found = f"{HIDDEN}column(_xlpm.t,_xlpm.k,{_listed(usual)},0)"
        if self.model.segment_by:
            columns = [
                f"{HIDDEN}column(_xlpm.t,_xlpm.k,{_listed(self._headers(name))},0)" for name in self.model.segment_by
            ]
            joined = '&" / "&'.join(f"TRIM({column})" for column in columns)
            there = "*".join(f"(SUM(LEN({column}))>0)" for column in columns)
            found = f"IF({there},{joined},{found})"
        own = {
            name: part.name for name in segments if (part := self.model.segment(name)) is not None and part.name != name
        }
        own |= {part.name: part.name for part in self.model.segments}
        return formula(
            "native/segment", found=found, known=_array(own) if own else "", own=_array(own.values()) if own else ""
        )

    def _call(self) -> str:
        parts: Mapping[str, str] = {
            name: HIDDEN + name for name in ("header_keys", "segment", "result", "band", "grade")
        }
        listed = ",".join(f'"{name}"' for name in FUNCTIONS)
        return formula("native/call", as_of=AS_OF, width=len(self.inputs), name=f"CHOOSE(_xlpm.what,{listed})", **parts)


def _listed(names: Iterable[str]) -> str:
    """Return headers as an array constant, in the form in which they are compared, each once."""
    forms = []
    for name in names:
        for text in (name, header(name)):
            plain = text.replace(" ", "").replace("_", "").replace("-", "").lower()
            forms += [form for form in (plain, key(text)) if form]
    return _array(dict.fromkeys(forms))


def _array(texts: Iterable[str]) -> str:
    return "{" + ",".join('"' + text.replace('"', '""') + '"' for text in texts) + "}"
