"""The strip above a segment's table: every parameter of the model as it stands in this segment, linked to `Model`."""

from __future__ import annotations

from collections.abc import Iterator

from healthscore.formula import formula
from healthscore.model.parts import Journey, Metric, Rule
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import UNSCORED, UNSCORED_SYMBOL
from healthscore.names import key
from healthscore.scoring.resolve import MetricTerms, SegmentTerms
from healthscore.scoring.verdict import UNKNOWN_OUTLOOK
from healthscore.workbook.model_sheet import ModelCells
from healthscore.workbook.plan import Cell, Formula, Scalar, cell
from healthscore.workbook.segment.columns import STRIP_ROWS, Places, first_last


class Strip:
    """Plans the strip of one segment: each cell a live formula with the value it has in this segment."""

    def __init__(self, model: ScoreModel, cells: ModelCells, places: Places, terms: SegmentTerms) -> None:
        self.model, self.model_cells, self.places, self.terms = model, cells, places, terms

    def cells(self) -> Iterator[Cell]:
        """Yield every cell of the strip."""
        yield from self._labels()
        for position, (metric, terms) in enumerate(zip(self.model.metrics, self.terms.metrics, strict=True)):
            yield from self._weighing(position, metric, terms)
            yield from self._thresholds(position, metric, terms)
            yield from self._lists(metric, terms)
            yield from self._beside(position, metric, terms)
        yield from self._bands()
        yield from self._grades()
        for position, rule in enumerate(self.model.rules):
            yield from self._rule(position, rule)
        if self.model.journey is not None:
            yield from self._journey(self.model.journey)
        for position, criterion in enumerate(self.model.criteria):
            address = self.model_cells.address("Criteria", "Criterion", position)
            yield self._text(self.places.strip_row("criterion"), f"criterion:{criterion.name}", address, criterion.name)
        yield from self._single_parameters()

    # --- the ways a cell is made -----------------------------------------------------------------------------------

    def _cell(self, row: int, column: str, text: str, value: Scalar, style: str = "strip") -> Cell:
        return Cell(row, self.places.col(column), Formula(text, value), style)

    def _text(self, row: int, column: str, address: str, value: str) -> Cell:
        return self._cell(row, column, formula("linked_text", cell=address), value, "strip_name")

    def _setting(self, row: int, column: str, item: str, setting: str, otherwise: str, value: Scalar) -> Cell:
        """A number that the segment may have for itself, else the model's."""
        text = formula("setting", segment=self.places.settings_cell, item=item, setting=setting, otherwise=otherwise)
        return self._cell(row, column, text, value)

    def _row_setting(self, name: str, column: str, item: str, otherwise: str, value: Scalar) -> Cell:
        """A setting whose name is the label of its strip row."""
        row = self.places.strip_row(name)
        return self._setting(row, column, item, cell(row, 0, "$", "$"), otherwise, value)

    def _labels(self) -> Iterator[Cell]:
        own = self.model.segment(self.terms.name)
        yield Cell(self.places.strip_row("settings"), 1, self.terms.name if own is None else own.name, "input_text")
        for name, label in STRIP_ROWS.items():
            yield Cell(self.places.strip_row(name), 0, label, "strip_label")
        for position in range(self.places.list_rows):
            yield Cell(self.places.list_top + position, 0, position + 1, "strip_label")
        for number, spec in enumerate(self.places.columns):
            if number:
                yield Cell(self.places.strip_row("key"), number, spec.key, "strip_key")

    # --- metrics ---------------------------------------------------------------------------------------------------

    def _weighing(self, position: int, metric: Metric, terms: MetricTerms) -> Iterator[Cell]:
        mine, at, places = f"points:{metric.name}", self.model_cells.address, self.places
        row = places.strip_row

        def strip(name: str) -> str:
            return places.strip(name, mine)

        dimension = next(n for n, part in enumerate(self.model.dimensions) if key(part.name) == key(metric.dimension))
        yield self._text(row("metric"), mine, at("Metrics", "Metric", position), metric.name)
        name = self.model.dimensions[dimension].name
        yield self._text(row("dimension"), mine, at("Dimensions", "Dimension", dimension), name)
        yield self._row_setting("weight", mine, strip("metric"), at("Metrics", "Weight", position), terms.weight)
        in_force = strip("weight")
        if metric.criterion is not None:
            criterion = next(n for n, part in enumerate(self.model.criteria) if key(part.name) == key(metric.criterion))
            own = self.model.criteria[criterion]
            yield self._text(row("criterion"), mine, at("Criteria", "Criterion", criterion), own.name)
            yield self._text(row("switch"), mine, at("Criteria", "Switch", criterion), "On" if own.on else "Off")
            in_force = formula("criterion_weight", switch=strip("switch"), weight=strip("weight"))
        yield self._cell(row("in_force"), mine, in_force, terms.weight_in_force)
        weight = at("Dimensions", "Weight", dimension)
        yield self._row_setting("dimension_weight", mine, strip("dimension"), weight, terms.dimension_weight)
        block = first_last(self.model, "points")
        weights = formula(
            "weights_in_dimension",
            dimensions=places.strip_span("dimension", *block),
            dimension=strip("dimension"),
            weights=places.strip_span("in_force", *block),
        )
        yield self._cell(row("in_dimension"), mine, weights, terms.in_dimension)
        part = formula(
            "part",
            weights_in_dimension=strip("in_dimension"),
            dimension_weight=strip("dimension_weight"),
            weight=strip("in_force"),
        )
        yield self._cell(row("part"), mine, part, terms.part)
        share = formula("share", part=strip("part"), parts=places.strip_span("part", *block))
        yield self._cell(row("share"), mine, share, terms.share, "strip_percent")

    def _thresholds(self, position: int, metric: Metric, terms: MetricTerms) -> Iterator[Cell]:
        mine, places = f"points:{metric.name}", self.places
        name = places.strip("metric", mine)

        def at(header: str) -> str:
            return self.model_cells.address("Metrics", header, position)

        if metric.peers is not None:
            yield self._row_setting("zero", mine, name, at("Zero"), terms.ends[0])
            yield self._row_setting("quantile", mine, name, at("Quantile"), terms.quantile)
            values, zero = places.whole(f"value:{metric.name}"), places.strip("zero", mine)
            full = formula("peers_full", values=values, zero=zero, quantile=places.strip("quantile", mine))
            yield self._cell(places.strip_row("full"), mine, full, terms.ends[1])
            return
        for end, value in zip(("zero", "full", "full_until", "zero_again"), terms.ends, strict=False):
            yield self._row_setting(end, mine, name, at(STRIP_ROWS[end]), value)

    def _lists(self, metric: Metric, terms: MetricTerms) -> Iterator[Cell]:
        """Steps and choices: where they start stands above the values, what they earn above the points."""
        if metric.steps is None and metric.choices is None:
            return
        values, points = f"value:{metric.name}", f"points:{metric.name}"
        name = self.places.strip("metric", points)
        first = self.model_cells.line("Steps and choices", metric.name)
        for number, earned in enumerate(terms.points):
            row = self.places.list_top + number
            label = cell(row, 0, "$", "$")
            at_start = self.model_cells.address("Steps and choices", "From or choice", first + number)
            at_points = self.model_cells.address("Steps and choices", "Points", first + number)
            if metric.choices is not None:
                yield self._text(row, values, at_start, list(metric.choices)[number])
            else:
                yield self._setting(row, values, name, f'"From "&{label}', at_start, terms.starts[number])
            yield self._setting(row, points, name, f'"Points "&{label}', at_points, earned)

    def _beside(self, position: int, metric: Metric, terms: MetricTerms) -> Iterator[Cell]:
        """Above the value how old it may be; above the points lost the metric's number and action."""
        row, at = self.places.strip_row, self.model_cells.address
        if metric.as_of_column is not None:
            general = at("Settings", "Value", self.model_cells.line("Settings", "Stale after days"))
            text = formula("stale_after", own=at("Metrics", "Stale after", position), general=general)
            yield self._cell(row("stale"), f"value:{metric.name}", text, self.model.stale_after(metric))
        lost = f"lost:{metric.name}"
        yield Cell(row("parameter"), self.places.col(lost), position + 1, "strip")
        texts = self.model_cells.text_row("Metric", metric.name, "Action")
        otherwise = formula("linked_text", cell=at("Texts", "Text", texts))
        action = self._setting(
            row("metric"),
            lost,
            self.places.strip("metric", f"points:{metric.name}"),
            '"Action"',
            otherwise,
            terms.action,
        )
        yield Cell(action.row, action.col, action.value, "strip_name")

    # --- bands, grades, rules, the rest ----------------------------------------------------------------------------

    def _bands(self) -> Iterator[Cell]:
        at = self.model_cells.address
        for number, band in enumerate(self.model.bands):
            row = self.places.list_top + number
            name = self.places.list_cell("band", number)
            start = self.terms.bands[number]
            yield self._setting(row, "score", name, '"Band from"', at("Bands", "From", number), start)
            yield self._text(row, "symbol", at("Bands", "Symbol", number), band.sign)
            yield self._text(row, "band", at("Bands", "Band", number), band.name)
            for column, what in (("outlook", "Outlook"), ("band_action", "Action")):
                line = self.model_cells.text_row("Band", band.name, what)
                value = str(getattr(band, what.lower()))
                yield self._text(row, column, at("Texts", "Text", line), value)

    def _grades(self) -> Iterator[Cell]:
        at = self.model_cells.address
        for number, grade in enumerate(self.model.grades):
            row, name = self.places.list_top + number, self.places.list_cell("grade", number)
            yield self._text(row, "grade", at("Grades", "Grade", number), grade.name)
            start = self.terms.grades[number]
            yield self._setting(row, "change", name, '"Grade from"', at("Grades", "From", number), start)

    def _rule(self, position: int, rule: Rule) -> Iterator[Cell]:
        mine, at = f"rule:{rule.name}", self.model_cells.address
        line = self.model_cells.text_row("Rule", rule.name, "Text")
        own_text, name = at("Texts", "Text", line), at("Rules", "Rule", position)
        text = formula("text_or_name", text=own_text, name=name)
        yield self._cell(self.places.strip_row("metric"), mine, text, rule.text or rule.name, "strip_name")
        if rule.cap is not None:
            limit = formula("cap_limit", cell=at("Rules", "Cap", position))
            yield self._cell(self.places.strip_row("parameter"), mine, limit, rule.cap)
        if rule.of:
            yield self._cell(self.places.list_top, mine, at("Rules", "At least", position), rule.at_least)
            return
        first = self.model_cells.line("Conditions", rule.name)
        for number, condition in enumerate(rule.when):
            row = self.places.list_top + number
            yield self._cell(row, mine, at("Conditions", "Limit", first + number), condition.value)

    def _journey(self, journey: Journey) -> Iterator[Cell]:
        at, row = self.model_cells.address, self.places.strip_row
        for position, milestone in enumerate(journey.milestones):
            mine = f"milestone:{milestone.name}"
            yield self._text(row("metric"), mine, at("Milestones", "Milestone", position), milestone.name)
            for number, condition in enumerate(milestone.when):
                line = self.model_cells.line("Milestone conditions", milestone.name) + number
                limit = at("Milestone conditions", "Limit", line)
                yield self._cell(self.places.list_top + number, mine, limit, condition.value)
        limit = at("Journey", "Value", self.model_cells.line("Journey", "Stalled after days"))
        text = formula("limit_or_nothing", cell=limit)
        yield self._cell(row("parameter"), "stalled", text, journey.stalled_after_days)

    def _single_parameters(self) -> Iterator[Cell]:
        at, row = self.model_cells.address, self.places.strip_row
        coverage = at("Settings", "Value", self.model_cells.line("Settings", "Minimum coverage"))
        minimum = self.terms.minimum_coverage
        setting = '"Minimum coverage"'
        found = self._setting(row("parameter"), "coverage", '"All"', setting, coverage, minimum)
        yield Cell(found.row, found.col, found.value, "strip_percent")
        for column, word in (("symbol", UNSCORED_SYMBOL), ("band", UNSCORED), ("outlook", UNKNOWN_OUTLOOK)):
            yield Cell(row("unscored"), self.places.col(column), word, "strip")
        action = self.model_cells.text_row("Model", self.model.name, "Unscored action")
        yield self._text(row("unscored"), "next_action", at("Texts", "Text", action), self.model.unscored_action)
