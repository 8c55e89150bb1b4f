"""Can the scores in a workbook be trusted? Everything is computed anew in Python and compared with the cells.

The workbook is read, scored and planned again; the plan says which cell must hold which formula and which value. What
differs is stale, pasted over or wrong.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from healthscore.replan import replan
from healthscore.scoring import Scores
from healthscore.workbook.plan import Book, Column, Formula, Scalar, Sheet
from healthscore.workbook.reading.cells import StoredCell, StoredSheet, address
from healthscore.workbook.reading.contents import SheetFinding, WorkbookContents
from healthscore.workbook.reading.package import open_package
from healthscore.workbook.reading.segment import SegmentSheet, is_error, is_input
from healthscore.workbook.reading.workbook import OpenBook, contents_of, load
from healthscore.workbook.segment.columns import STRIP_ROWS

#: How many cells of one column are named before the rest is counted.
_NAMED = 3
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Checked:
    """The outcome of a check: how many formula cells were compared, the scores, and everything found."""

    contents: WorkbookContents
    scores: Scores
    compared: int
    findings: tuple[SheetFinding, ...]

    @property
    def trusted(self) -> bool:
        """Whether nothing was found that makes a score wrong."""
        return not any(finding.severity == "error" for finding in self.findings)


def check(path: str | Path) -> Checked:
    """Check a workbook.

    Raises:
        WorkbookError: it cannot be read at all.
    """
    with open_package(path) as package:
        opened = load(package)
        contents = contents_of(opened)
    scores, book = replan(contents)
    comparison = _Comparison(opened, book, scores)
    order = {"error": 0, "warning": 1, "note": 2}
    found = [*contents.findings, *opened.as_called(comparison.findings())]
    return Checked(contents, scores, comparison.compared, tuple(sorted(found, key=lambda one: order[one.severity])))


class _Comparison:
    def __init__(self, opened: OpenBook, book: Book, scores: Scores) -> None:
        self.opened, self.book, self.scores = opened, book, scores
        self.compared = 0

    def findings(self) -> Iterator[SheetFinding]:
        """Yield what differs, sheet by sheet."""
        segments = [sheet for sheet in self.book.sheets if sheet.kind == "segment"]
        planned = {_title(sheet): sheet for sheet in segments}
        for name, sheet in planned.items():
            mine = [one for one in self.opened.segments if one.place.name == name]
            yield from self._segment(sheet, mine)
        for sheet in self.book.sheets:
            if sheet.kind != "segment" and sheet.name in self.opened.sheets:
                yield from self._plain(sheet, self.opened.sheets[sheet.name])

    def _segment(self, sheet: Sheet, mine: Sequence[SegmentSheet]) -> Iterator[SheetFinding]:
        strip = next((cell.row for cell in sheet.cells if cell.col == 0 and cell.value == STRIP_ROWS["key"]), -1)
        parts = {cell.col: str(cell.value) for cell in sheet.cells if cell.row == strip and cell.col}
        start = 0
        for one in mine:
            stored = self.opened.sheets[one.place.sheet]
            if _only_values(one, stored):
                text = "every formula of the table is gone: only values are left"
                done = "saved by a program that does not know them; a refresh puts them back"
                yield SheetFinding("error", stored.name, "", "", text, done)
                start += len(one.ids)
                continue
            for col, column in enumerate(sheet.tables[0].columns):
                part = parts.get(col, "")
                if column.formula is not None and not is_input(part) and part in one.place.columns:
                    yield from self._column(one, stored, (part, column), start)
            start += len(one.ids)
            yield from self._strip(sheet, one, stored, parts)

    def _column(
        self, one: SegmentSheet, stored: StoredSheet, what: tuple[str, Column], start: int
    ) -> Iterator[SheetFinding]:
        part, column = what
        col, values = one.place.columns[part], _listed(column)
        faults: dict[str, list[tuple[int, int]]] = {}
        for number, row in enumerate(one.rows):
            cell, wanted = stored.at(row, col), values[start + number]
            self.compared += 1
            fault = _fault(cell, wanted, bool(stored.uncalculated))
            if fault:
                faults.setdefault(fault, []).append((number, row))
        for fault, places in faults.items():
            for number, row in places[:_NAMED]:
                cell = stored.at(row, col)
                wants = _shown(values[start + number])
                text = f"{column.header}: {fault}; it shows {_shown(cell.value)}, Python computes {wants}"
                yield SheetFinding("error", stored.name, address(row, col), one.ids[number], text, _MENDS[fault])
            if len(places) > _NAMED:
                text = f"{column.header}: {fault} in {len(places) - _NAMED:,} more cells of this column"
                yield SheetFinding("error", stored.name, address(places[_NAMED][1], col), "", text, _MENDS[fault])

    def _strip(
        self, sheet: Sheet, one: SegmentSheet, stored: StoredSheet, parts: dict[int, str]
    ) -> Iterator[SheetFinding]:
        labels = {cell.row: str(cell.value) for cell in sheet.cells if cell.style == "strip_label"}
        for cell in sheet.cells:
            if not isinstance(cell.value, Formula) or cell.row not in labels or cell.col not in parts:
                continue
            row, col = one.place.strip.get(labels[cell.row]), one.place.columns.get(parts[cell.col])
            if row is None or col is None:
                continue
            self.compared += 1
            fault = _fault(stored.at(row, col), cell.value.value, bool(stored.uncalculated))
            if fault:
                text = f"parameter {labels[cell.row]} of {parts[cell.col]}: {fault}"
                yield SheetFinding("error", stored.name, address(row, col), "", text, _MENDS[fault])

    def _plain(self, sheet: Sheet, stored: StoredSheet) -> Iterator[SheetFinding]:
        """Compare a sheet without accounts: only formulas that stand where they were planned."""
        for cell in sheet.cells:
            if not isinstance(cell.value, Formula):
                continue
            found = stored.at(cell.row, cell.col)
            if found.formula is None or _squeezed(found.formula) != _squeezed(cell.value.text):
                continue
            self.compared += 1
            fault = _fault(found, cell.value.value, bool(stored.uncalculated))
            if fault:
                text = f"{fault}; it shows {_shown(found.value)}, Python computes {_shown(cell.value.value)}"
                yield SheetFinding("warning", stored.name, address(cell.row, cell.col), "", text, _MENDS[fault])


def _only_values(one: SegmentSheet, stored: StoredSheet) -> bool:
    """Say whether no computed cell of a table holds a formula."""
    computed = [col for part, col in one.place.columns.items() if not is_input(part)]
    return bool(one.rows) and all(stored.at(row, col).formula is None for row in one.rows for col in computed)


_PASTED, _STALE, _ERROR = "a formula was pasted over", "stale or wrong", "shows an error"
_MENDS = {
    _PASTED: "a refresh puts the formula back; what stands there is not counted",
    _STALE: "open the workbook in Excel, let it calculate, save; or refresh",
    _ERROR: "look at the inputs of this row",
}


def _title(sheet: Sheet) -> str:
    return next(str(cell.value) for cell in sheet.cells if (cell.row, cell.col) == (0, 0))


def _fault(cell: StoredCell, wanted: Scalar, uncalculated: bool) -> str:
    """Return what is wrong with a computed cell; empty when nothing is."""
    if cell.formula is None:
        return _PASTED
    if is_error(cell.value):
        return _ERROR
    if cell.value is None and uncalculated:
        return ""
    return "" if _same(cell.value, wanted) else _STALE


def _same(found: object, wanted: Scalar) -> bool:
    if isinstance(wanted, dt.date):
        wanted = (wanted - dt.date(1899, 12, 30)).days
    if wanted is None or wanted == "" or (isinstance(wanted, float) and math.isnan(wanted)):
        return found is None or found == ""
    if isinstance(wanted, bool | int | float) and isinstance(found, bool | float):
        return math.isclose(float(found), float(wanted), rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return found == wanted


def _listed(column: Column) -> list[Scalar]:
    values = column.values
    if isinstance(values, np.ndarray):
        return list(values.tolist())
    if isinstance(values, pd.Categorical):
        return [None if pd.isna(value) else str(value) for value in values]
    return [value.value if isinstance(value, Formula) else value for value in values]


def _shown(value: object) -> str:
    if value is None or value == "" or value != value:  # noqa: PLR0124 (NaN)
        return "nothing"
    return f"{value:.10g}" if isinstance(value, float) else repr(value)


def _squeezed(formula: str) -> str:
    return formula.replace(" ", "").replace("$", "").replace("'", "").lower()
