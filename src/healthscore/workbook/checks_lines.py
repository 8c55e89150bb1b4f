"""What `Checks` counts, line by line: each line has a live count per segment, and says what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from healthscore.accounts import Accounts
from healthscore.formula import formula
from healthscore.model.parts import Metric
from healthscore.names import key
from healthscore.scoring.overrides import people_numbers
from healthscore.scoring.resolve import SegmentTerms
from healthscore.scoring.values import AccountColumns, serial
from healthscore.workbook.board import Ground
from healthscore.workbook.pasted import pasted_over, typed_over
from healthscore.workbook.plan import Formula, area
from healthscore.workbook.segment.columns import first_last
from healthscore.workbook.segment.formulas import AS_OF, Inputs
from healthscore.workbook.segment.sheet import SegmentPlan

LOOK, WRONG = "▲ look", "■ wrong"
Count = Callable[[SegmentPlan], Formula]


@dataclass(frozen=True)
class Line:
    """One check: its title, what a find means, what to do, and how to count per segment (None: counted as a whole)."""

    title: str
    found: str
    advice: str
    count: Count | None = None


@dataclass(frozen=True)
class Part:
    """What one metric adds to a check: a live count per segment."""

    metric: Metric
    count: Count
    #: What is counted, where it is not the metric's value itself.
    of: str = ""

    @property
    def title(self) -> str:
        """What the line is called."""
        return f"{self.metric.name}: {self.of}" if self.of else self.metric.name


class Counts:
    """Counts over the accounts of one book, each a formula with the value that Python computes."""

    def __init__(self, ground: Ground, accounts: Accounts) -> None:
        self.ground, self.accounts = ground, accounts
        self.inputs = Inputs(ground.model, accounts.bound)

    # --- per metric ------------------------------------------------------------------------------------------------

    def filled(self, metric: Metric, plan: SegmentPlan) -> Formula:
        """Count the accounts with a value."""
        value = int(self.ground.scores.points[metric.name].notna().to_numpy()[plan.rows].sum())
        return Formula(formula("count_numbers", values=plan.places.whole(f"points:{metric.name}")), value)

    def stale(self) -> Iterator[Part]:
        """Yield the metrics whose values grow old."""
        for metric in self.ground.model.metrics:
            if self.ground.segments and self.ground.segments[0].places.has(f"stale:{metric.name}"):
                yield Part(metric, lambda plan, name=metric.name: self._stale(plan, name))  # type: ignore[misc]

    def _stale(self, plan: SegmentPlan, name: str) -> Formula:
        value = int(self.ground.scores.stale[name].to_numpy()[plan.rows].sum())
        return Formula(formula("sum_of", cells=plan.places.whole(f"stale:{name}")), value)

    def implausible(self) -> Iterator[Part]:
        """Yield the metrics of which the model says what is plausible."""
        for position, metric in enumerate(self.ground.model.metrics):
            if metric.plausible is not None and metric.choices is None:
                yield Part(metric, lambda plan, at=position: self._implausible(plan, at))  # type: ignore[misc]

    def _implausible(self, plan: SegmentPlan, position: int) -> Formula:
        metric = self.ground.model.metrics[position]
        lowest, highest = metric.plausible or (0.0, 0.0)
        ends = [self.ground.cells.address("Metrics", f"{end} plausible", position) for end in ("Lowest", "Highest")]
        text = formula(
            "count_implausible", values=plan.places.whole(f"value:{metric.name}"), lowest=ends[0], highest=ends[1]
        )
        values = self.ground.scores.values[metric.name].to_numpy(dtype=np.float64)[plan.rows]
        return Formula(text, int(((values < lowest) | (values > highest)).sum()))

    def unusable(self) -> Iterator[Part]:
        """Yield every metric with inputs: texts among numbers, unknown choices, ratings off their scale."""
        for metric in self.ground.model.metrics:
            if metric.inputs:
                yield Part(metric, lambda plan, of=metric: self._unusable(plan, of))  # type: ignore[misc]

    def _unusable(self, plan: SegmentPlan, metric: Metric) -> Formula:
        columns = [self.inputs.key(name) for name in metric.inputs]
        names = [key.partition(":")[2] for key in columns]
        unusable = [
            np.isin(np.arange(len(self.accounts.frame)), list(self.accounts.unusable.get(name, ())))[plan.rows]
            for name in names
        ]
        words = metric.choices is not None or metric.rating is not None or metric.input_type == "yes_no"
        if not words:
            texts = [formula("count_texts", inputs=plan.places.whole(column)) for column in columns]
            return Formula("+".join(texts), int(sum(bad.sum() for bad in unusable)))
        given = self.accounts.frame[names[0]].notna().to_numpy()[plan.rows] | unusable[0]
        missing = self.ground.scores.points[metric.name].isna().to_numpy()[plan.rows]
        stale, old = f"stale:{metric.name}", np.zeros(len(plan.rows), dtype=bool)
        if plan.places.has(stale):
            old = self.ground.scores.stale[metric.name].to_numpy(dtype=bool)[plan.rows]
        text = formula(
            "count_not_understood",
            inputs=plan.places.whole(columns[0]),
            values=plan.places.whole(f"value:{metric.name}"),
            stale=plan.places.whole(stale) if plan.places.has(stale) else "",
        )
        return Formula(text, int((given & missing & ~old).sum()))

    def ahead(self) -> Iterator[Part]:
        """Yield the metrics that measure days since a date, and the dates that say how old a value is."""
        seen: set[str] = set()
        for metric in self.ground.model.metrics:
            if metric.days_since is not None:
                yield Part(metric, lambda plan, name=metric.name: self._ahead(plan, name))  # type: ignore[misc]
            dated = metric.as_of_column
            if dated is not None and key(dated) not in seen:
                seen.add(key(dated))
                yield Part(metric, lambda plan, name=dated: self._dated_ahead(plan, name), dated)  # type: ignore[misc]

    def _ahead(self, plan: SegmentPlan, name: str) -> Formula:
        values = self.ground.scores.values[name].to_numpy(dtype=np.float64)[plan.rows]
        text = formula("count_ahead", days_since=plan.places.whole(f"value:{name}"))
        return Formula(text, int((values < 0).sum()))

    def _dated_ahead(self, plan: SegmentPlan, name: str) -> Formula:
        text = formula("count_after", dates=plan.places.whole(self.inputs.key(name)), as_of=AS_OF)
        days = AccountColumns(self.accounts.frame, self.accounts.bound).numbers(name)[plan.rows]
        return Formula(text, int((days >= serial(self.ground.scores.as_of) + 1).sum()))

    # --- per segment -----------------------------------------------------------------------------------------------

    def lines(self) -> list[Line]:
        """Return the checks that are counted per segment without regard to a metric."""
        return [
            Line("Accounts without a score", LOOK, "Fill in what Workings shows as missing; until then they are grey.",
                 self._without_score),
            Line("Accounts without a value", LOOK, "They count, but weigh nothing in what is weighted by value.",
                 lambda plan: self._without_number(plan, "value")),
            Line("Accounts without a renewal date", LOOK, "They are missing from the renewals and the forecast.",
                 lambda plan: self._without_number(plan, "renewal")),
            Line("Accounts without an owner", LOOK, "Nobody finds them on Team.", self._without_owner),
            Line("Overrides that have ended", LOOK, "Take them out, or set a new end date.", self._expired),
            Line("Overrides that do not count", LOOK, "An override needs a score from 0 to 100, a reason, an author, an end.",
                 self._unsigned),
            Line("Segments whose weights add up to 0", WRONG, "On Model, give a metric that is switched on a weight.",
                 self._no_weight),
            Line("Bands or grades out of order", WRONG, "On Model, let each start above the one before.", self._ladders),
            Line("Thresholds that give no points", WRONG, "On Model, put the two ends apart, and steps in rising order.",
                 self._thresholds),
            Line("Formulas pasted over", WRONG, "Copy the formula down again, or let a refresh put it back.", pasted_over),
            Line("Parameters typed over", WRONG, "Above the accounts stand links: change Model instead, and refresh.",
                 typed_over),
        ]  # fmt: skip

    def _without_score(self, plan: SegmentPlan) -> Formula:
        value = int(np.isnan(self.ground.scores.table["score"].to_numpy()[plan.rows]).sum())
        places = plan.places
        return Formula(formula("count_without_score", band=places.whole("band"), score=places.whole("score")), value)

    def _without_number(self, plan: SegmentPlan, role: str) -> Formula:
        listed = self.ground.listed
        numbers = (listed.value if role == "value" else listed.renewal)[listed.segment == plan.name]
        text = formula("count_not_numbers", band=plan.places.whole("band"), numbers=plan.places.whole(f"role:{role}"))
        return Formula(text, int(np.isnan(numbers).sum()))

    def _without_owner(self, plan: SegmentPlan) -> Formula:
        listed = self.ground.listed
        text = formula("count_blanks", band=plan.places.whole("band"), texts=plan.places.whole("role:owner"))
        return Formula(text, int((listed.owner[listed.segment == plan.name] == "").sum()))

    def _overrides(self, plan: SegmentPlan) -> tuple[int, int, int]:
        """Return how many overrides are given, count, and have ended."""
        frame, as_of = self.accounts.frame, serial(self.ground.scores.as_of)
        given = ~np.isnan(people_numbers(frame, "override_score")[plan.rows])
        ended = people_numbers(frame, "override_until")[plan.rows] < as_of
        active = self.ground.scores.table["override_active"].to_numpy(dtype=bool)[plan.rows]
        return int(given.sum()), int(active.sum()), int((given & ended).sum())

    def _expired_text(self, plan: SegmentPlan) -> str:
        places = plan.places
        return formula(
            "count_expired",
            scores=places.whole("override:score"),
            until=places.whole("override:until"),
            as_of=AS_OF,
        )

    def _expired(self, plan: SegmentPlan) -> Formula:
        return Formula(self._expired_text(plan), self._overrides(plan)[2])

    def _unsigned(self, plan: SegmentPlan) -> Formula:
        given, active, ended = self._overrides(plan)
        places = plan.places
        text = formula(
            "count_unsigned",
            scores=places.whole("override:score"),
            active=places.whole("active"),
            expired=self._expired_text(plan),
        )
        return Formula(text, given - active - ended)

    def _no_weight(self, plan: SegmentPlan) -> Formula:
        parts = _on(plan, plan.places.strip_span("part", *first_last(self.ground.model, "points")))
        return Formula(formula("no_weight", parts=parts), int(sum(metric.part for metric in plan.terms.metrics) == 0))

    def _ladders(self, plan: SegmentPlan) -> Formula:
        model, places = self.ground.model, plan.places
        ladders, value = [], 0
        for column, count, starts in (
            ("score", len(model.bands), plan.terms.bands),
            ("change", len(model.grades), plan.terms.grades),
        ):
            if count > 1:
                top, col = places.list_top, places.col(column)
                ladders.append(
                    {
                        "upper": _on(plan, area(top + 1, col, top + count - 1, col)),
                        "lower": _on(plan, area(top, col, top + count - 2, col)),
                    }
                )
                value += sum(after <= before for before, after in pairwise(starts))
        return Formula(formula("not_rising", ladders=ladders) or "0", value)

    def _thresholds(self, plan: SegmentPlan) -> Formula:
        places, model = plan.places, self.ground.model
        points, values = first_last(model, "points"), first_last(model, "value")
        first, last = places.col(values[0]), places.col(values[1])
        top, bottom = places.list_top, places.list_top + places.list_rows - 1
        text = formula(
            "bad_thresholds",
            **{
                name: _on(plan, places.strip_span(name, *points))
                for name in ("zero", "full", "full_until", "zero_again")
            },
            lower=_on(plan, area(top, first, bottom - 1, last)),
            upper=_on(plan, area(top + 1, first, bottom, last)),
        )
        return Formula(text, bad_thresholds(plan.terms))


def bad_thresholds(terms: SegmentTerms) -> int:
    """Twin of bad_thresholds."""
    found = 0
    for metric in terms.metrics:
        ends = metric.ends
        found += int(len(ends) > 1 and ends[0] == ends[1])
        if len(ends) == 4:
            found += int(ends[0] > ends[1] or ends[1] > ends[2] or ends[2] >= ends[3])
        found += sum(after <= before for before, after in pairwise(metric.starts))
    return found


def _on(plan: SegmentPlan, address: str) -> str:
    """Return an address of a segment's sheet as other sheets write it."""
    return f"{plan.sheet.place(0, 0).rpartition('!')[0]}!{address}"


def sums(parts: Sequence[Part], plan: SegmentPlan) -> int:
    """Return what a check's parts add up to in one segment."""
    found = 0
    for part in parts:
        value = part.count(plan).value
        found += value if isinstance(value, int) else 0
    return found
