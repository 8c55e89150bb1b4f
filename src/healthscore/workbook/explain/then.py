"""Where the formulas of a segment sheet find things in a trial on `Explain`: values and rules there, the rest at home."""

from __future__ import annotations

from collections.abc import Mapping

from healthscore.model.schema import ScoreModel
from healthscore.workbook.segment.columns import Places
from healthscore.workbook.segment.sheet import SegmentPlan


class Then(Places):
    """The places of one segment as the trial sees them.

    `here` gives the cells of Explain that stand for columns of the chosen account's row; other columns are fetched from
    the segment's table at `row`; the strip stays where it is, on the segment's sheet.
    """

    def __init__(self, model: ScoreModel, plan: SegmentPlan, here: Mapping[str, str], row: str) -> None:
        home = plan.places
        super().__init__(model, home.table, home.columns, home.rows)
        self._here, self._at, self._sheet = here, row, plan.sheet.place(0, 0).rpartition("!")[0]

    def this(self, key: str) -> str:
        """Return the cell that stands for a column of the chosen account's row."""
        return self._here.get(key) or f"INDEX({self.whole(key)},{self._at})"

    def strip(self, name: str, key: str) -> str:
        """Return the address of a strip cell on the segment's sheet."""
        return f"{self._sheet}!{super().strip(name, key)}"

    def strip_span(self, name: str, first: str, last: str) -> str:
        """Return the address of a strip row over several columns on the segment's sheet."""
        return f"{self._sheet}!{super().strip_span(name, first, last)}"

    def listed(self, key: str, count: int) -> str:
        """Return the address of the list above a column on the segment's sheet."""
        return f"{self._sheet}!{super().listed(key, count)}"

    def list_cell(self, key: str, position: int) -> str:
        """Return the address of one entry of the list above a column on the segment's sheet."""
        return f"{self._sheet}!{super().list_cell(key, position)}"
