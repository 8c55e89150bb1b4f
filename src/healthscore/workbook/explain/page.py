"""What the blocks of `Explain` share: where they stand, which account is shown, and how its cells are fetched.

An account's numbers stand in its segment's table. Behind the page each is fetched by one cell per segment, of which
only the account's own is filled; a cell on the page picks that one. So no formula grows with the number of segments,
and none but the account's own row is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from healthscore.accounts import Accounts
from healthscore.formula import formula
from healthscore.history import Explained
from healthscore.scoring.trial import Trial, try_values
from healthscore.workbook.board import Canvas, Ground
from healthscore.workbook.explain.then import Then
from healthscore.workbook.plan import Formula, Scalar, Sheet, area, cell
from healthscore.workbook.segment.formulas import Inputs, column_formulas
from healthscore.workbook.segment.sheet import SegmentPlan

SHEET = "Explain"
#: Rows: the cell to choose in, heads and line of the account's facts, heads of the metrics.
CHOICE, FACTS, HEAD = 3, 5, 9
#: Columns of the page.
METRIC, DIMENSION, SHARE, VALUE, PEER_VALUE, POINTS, PEER_POINTS, LOST, LEFT = range(1, 10)
TRY, THEN_POINTS, THEN_LOST, THEN_LEFT = range(11, 15)
CHART, BEHIND = 16, 18
#: Lines below the metrics, counted from the first.
COVERAGE, BASE, CAP, CALCULATED, OVERRIDE, SCORE, BAND, GRADE, NOTE = range(9)
#: What the cells behind the page fetch, each in a column per segment.
FIELDS = ("value", "peers' value", "points", "peers' points", "share", "lost", "value then", "then")
#: Marks the lines whose tried values are read back: in the first column behind the page.
CHOSEN_KEY, TRIED_KEY = "chosen account", "tried:"


@dataclass(frozen=True)
class Chosen:
    """The account that is shown: its number in the list, its row in the frame, its segment's number, its table row."""

    number: int
    row: int
    segment: int
    position: int


class Page:
    """The sheet while it is planned."""

    def __init__(self, ground: Ground, accounts: Accounts, explained: Explained | None) -> None:
        self.ground, self.accounts, self.model = ground, accounts, ground.model
        self.segments = list(ground.segments)
        self.canvas = Canvas(Sheet(SHEET, "output", zoom=80, active=(CHOICE, METRIC), freeze=(HEAD + 1, 2)))
        self.tried = dict(explained.tried) if explained is not None else {}
        self.chosen = _chosen(ground, explained)
        self.trial = self._trial()
        count = len(self.segments)
        self._columns = {name: BEHIND + 3 + number * count for number, name in enumerate(FIELDS)}
        self.side = BEHIND + 3 + len(FIELDS) * count + 1
        self.full = HEAD + 1
        self.first, self.last = HEAD + 2, HEAD + 1 + len(self.model.metrics)
        self.totals = self.last + 1
        self.rules = self.totals + NOTE + 2
        self.inputs = self.rules + len(self.model.rules) + 3
        #: Cells that tell the account: its place in the list, its segment's number, its row in that segment's table.
        self.place, self.segment, self.row = (cell(row, BEHIND, "$", "$") for row in range(FACTS, FACTS + 3))

    def _trial(self) -> Trial | None:
        if self.chosen is None:
            return None
        return try_values(self.ground.scores, self.accounts.frame, self.chosen.row, self.tried, self.accounts.bound)

    # --- fetching --------------------------------------------------------------------------------------------------

    def col(self, field: str, number: int = 0) -> int:
        """Return the column behind the page that fetches a field for a segment."""
        return self._columns[field] + number

    def number(self, field: str, number: int) -> str:
        """Return the cell that numbers a segment's column of a field."""
        return cell(HEAD, self.col(field, number), "$", "$")

    def put_each(self, line: int, field: str, texts: Sequence[str], value: Scalar) -> str:
        """Put a formula per segment into one line of a field, filled for the account's own; return their range."""
        for number, text in enumerate(texts):
            own = self.chosen is not None and number == self.chosen.segment
            self.canvas.put(line, self.col(field, number), Formula(text, value if own else ""), "small")
        return area(line, self.col(field), line, self.col(field, len(texts) - 1))

    def pick(self, cells: str) -> str:
        """Return the formula that picks the account's own of the cells of a line."""
        return formula("explain_pick", segment=self.segment, cells=cells)

    def fetch(self, line: int, field: str, key: str, value: Scalar) -> str:
        """Fetch a column of the segments' tables in the account's row; return the range of the cells."""
        texts = [
            formula(
                "explain_fetch",
                segment=self.segment,
                number=self.number(field, number),
                column=plan.places.whole(key),
                row=self.row,
            )
            for number, plan in enumerate(self.segments)
        ]
        return self.put_each(line, field, texts, value)

    def own(self, line: int, field: str, cells: Sequence[str], value: Scalar) -> str:
        """Fetch something that each segment has once, or computes for itself; return the range of the cells."""
        texts = [
            formula("explain_own", segment=self.segment, number=self.number(field, number), cell=one)
            for number, one in enumerate(cells)
        ]
        return self.put_each(line, field, texts, value)

    # --- the trial -------------------------------------------------------------------------------------------------

    @cached_property
    def thens(self) -> list[Then]:
        """Where the formulas of each segment find things in the trial."""
        return [self._then(number) for number in range(len(self.segments))]

    def _then(self, number: int) -> Then:
        model = self.model
        inputs = Inputs(model, self.accounts.bound)
        value, then = self.col("value then", number), self.col("then", number)
        here = {f"value:{m.name}": cell(self.first + at, value, "$", "$") for at, m in enumerate(model.metrics)}
        here |= {f"rule:{rule.name}": cell(self.rule_line(at), then, "$", "$") for at, rule in enumerate(model.rules)}
        here |= {inputs.key(name): cell(self.inputs + at, value, "$", "$") for at, name in enumerate(self.read_inputs)}
        here["coverage"] = cell(self.totals + COVERAGE, THEN_LEFT, "$", "$")
        here["score"] = cell(self.totals + CALCULATED, THEN_LEFT, "$", "$")
        return Then(model, self.segments[number], here, self.row)

    @cached_property
    def formulas_then(self) -> list[dict[str, str]]:
        """The formulas of each segment's columns as they read in the trial."""
        inputs = Inputs(self.model, self.accounts.bound)
        return [column_formulas(self.model, places, inputs) for places in self.thens]

    @cached_property
    def read_inputs(self) -> list[str]:
        """The model's input columns that rules read, in order, each once."""
        inputs = Inputs(self.model, self.accounts.bound)
        found: dict[str, str] = {}
        for rule in self.model.rules:
            for condition in rule.when:
                if condition.metric is None:
                    found.setdefault(inputs.key(condition.subject), condition.subject)
        return list(found.values())

    def rule_line(self, number: int) -> int:
        """Return the line of a rule."""
        return self.rules + 1 + number

    # --- values ----------------------------------------------------------------------------------------------------

    def of(self, name: str, frame: str = "table") -> Scalar:
        """Return what a column of a frame of the scores has for the account: missing as an empty text."""
        if self.chosen is None:
            return ""
        return shown(getattr(self.ground.scores, frame)[name].iloc[self.chosen.row])


def shown(value: object) -> Scalar:
    """Return a value of a frame as a cell shows it: missing as an empty text, numbers as plain floats."""
    if value is None or value != value:  # noqa: PLR0124 (NaN)
        return ""
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]


def on_sheet(plan: SegmentPlan, address: str) -> str:
    """Return an address on a segment's sheet as other sheets write it."""
    return f"{plan.sheet.place(0, 0).rpartition('!')[0]}!{address}"


def _chosen(ground: Ground, explained: Explained | None) -> Chosen | None:
    """Return the account that was chosen; unless anything was, the one on top of the watch list."""
    listed = ground.listed
    if not len(listed):
        return None
    if explained is None:
        number = int(np.argmax(listed.priority))
    else:
        found = np.flatnonzero(listed.id == explained.account)
        if not explained.account or not len(found):
            return None
        number = int(found[-1])
    # Where two have one label (an id typed twice), the sheet finds the last.
    number = int(np.flatnonzero(listed.label == listed.label[number])[-1])
    names = [plan.name for plan in ground.segments]
    segment = names.index(str(listed.segment[number]))
    return Chosen(number, int(listed.rows[number]), segment, int(listed.position[number]))
