"""What the sheets that sum up share: the ground they stand on, and small ways to put a row of cells.

Texts run over into the empty cells on their right, so that tables of different shapes share one grid of columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from healthscore.formula import formula
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import UNSCORED, UNSCORED_SYMBOL
from healthscore.scoring import Scores
from healthscore.scoring.points import round_half_away
from healthscore.workbook.listing import AccountList, Floats
from healthscore.workbook.model_sheet import ModelCells
from healthscore.workbook.plan import Formula, Link, Scalar, Sheet, area, cell
from healthscore.workbook.segment.sheet import SegmentPlan

Value = Scalar | Formula | Link


@dataclass(frozen=True, slots=True)
class Signal:
    """A band as the summaries show it: unscored accounts are the last one."""

    name: str
    symbol: str
    color: str

    @property
    def shown(self) -> str:
        """Symbol and name, as on screen."""
        return f"{self.symbol} {self.name}"


@dataclass(frozen=True)
class Ground:
    """What a sheet that sums up is made of."""

    scores: Scores
    cells: ModelCells
    segments: Sequence[SegmentPlan]
    listed: AccountList
    currency: str = ""

    def money(self, title: str) -> str:
        """Return the title of something in money, with the currency where one was chosen."""
        return f"{title}, {self.currency}" if self.currency else title

    @property
    def model(self) -> ScoreModel:
        """The scoring model."""
        return self.scores.model

    @property
    def signals(self) -> list[Signal]:
        """The bands from the lowest up, then the unscored."""
        found = [Signal(band.name, band.sign, band.color) for band in self.model.bands]
        return [*found, Signal(UNSCORED, UNSCORED_SYMBOL, "grey")]

    def band_name(self, number: int) -> Formula | str:
        """Return the cell that names a band: a link to Model, a plain word for the unscored."""
        if number == len(self.model.bands):
            return UNSCORED
        return Formula(
            formula("linked_text", cell=self.cells.address("Bands", "Band", number)), self.model.bands[number].name
        )

    def band_sign(self, number: int) -> Formula | str:
        """Return the cell with a band's symbol."""
        if number == len(self.model.bands):
            return UNSCORED_SYMBOL
        return Formula(
            formula("linked_text", cell=self.cells.address("Bands", "Symbol", number)), self.model.bands[number].sign
        )


class Canvas:
    """A sheet being filled row by row; it knows what was put where, so that later cells can use the values."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def put(self, row: int, col: int, value: Value, style: str = "dash_text") -> str:
        """Put one cell; return its absolute address."""
        self.sheet.put(row, col, value, style)
        return cell(row, col, "$", "$")

    def text(self, row: int, col: int, span: int, value: Value, style: str = "dash_text") -> str:
        """Put a text that may run over `span` columns."""
        for more in range(1, span):
            self.sheet.put(row, col + more, None, style)
        return self.put(row, col, value, style)

    def heading(self, row: int, col: int, title: str, hint: str = "") -> None:
        """Put the heading of a block, with a word about it underneath where there is one."""
        self.sheet.put(row, col, title, "dash_heading")
        if hint:
            self.sheet.put(row, col + 2, hint, "small")

    def heads(self, row: int, col: int, titles: Sequence[tuple[Value, int, str]]) -> None:
        """Put column heads: (title, columns it takes, style)."""
        for title, span, style in titles:
            self.text(row, col, span, title, style)
            col += span

    def place(self, first_row: int, first_col: int, last_row: int, last_col: int) -> str:
        """Return a range of this sheet as charts name it."""
        return f"'{self.sheet.name}'!{area(first_row, first_col, last_row, last_col)}"


def total(numbers: Floats) -> float:
    """Add up, blanks as 0."""
    return float(np.nansum(numbers)) if len(numbers) else 0.0


def part(some: float, whole: float) -> Scalar:
    """Twin of part_of_whole."""
    return "" if round(whole, 6) == 0 else some / whole


def mean(numbers: Floats) -> Scalar:
    """Twin of mean_of."""
    present = numbers[~np.isnan(numbers)]
    return float(present.mean()) if len(present) else ""


def weighted(numbers: Floats, weights: Floats) -> Scalar:
    """Twin of weighted_mean."""
    present = ~np.isnan(numbers)
    whole = total(weights[present])
    return "" if round(whole, 6) == 0 else total(numbers[present] * weights[present]) / whole


def whole_text(number: Scalar) -> str:
    """Twin of whole_text."""
    if not isinstance(number, (int, float)):
        return "–"
    return f"{int(round_half_away(np.array([float(number)]))[0])}"


def percent_text(some: Scalar) -> str:
    """Twin of percent_text."""
    return f"{whole_text(100 * some)} %" if isinstance(some, (int, float)) else "–"


def same(texts: np.ndarray, wanted: str) -> np.ndarray:
    """Return where a text equals `wanted` as a spreadsheet compares: without regard to case."""
    lowered = wanted.lower()
    return np.array([text.lower() == lowered for text in texts], dtype=bool)


def frequent(texts: np.ndarray, most: int) -> list[str]:
    """Return the most frequent texts, at most so many, blanks left out; equal but for case counts as one."""
    counts: dict[str, int] = {}
    spelled: dict[str, str] = {}
    for text in texts:
        if text != "":
            counts[text.lower()] = counts.get(text.lower(), 0) + 1
            spelled.setdefault(text.lower(), text)
    return [spelled[low] for low in sorted(counts, key=lambda low: (-counts[low], low))[:most]]
