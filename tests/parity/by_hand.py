"""Doing to a workbook what a person does: finding a cell by what stands around it, and typing into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from parity.cells import Place, Value, place_of
from parity.engines import Recalculated


class ByHand:
    """A workbook open for typing. openpyxl keeps no computed values, so what an engine gives later is its own work."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.workbook = openpyxl.load_workbook(path)

    def type(self, sheet: str, place: Place, value: Any) -> None:
        """Type a value into the cell at (row, column), counted from 0."""
        row, col = place
        self.workbook[sheet].cell(row + 1, col + 1).value = value

    def save(self, path: Path) -> Path:
        """Save under another name."""
        self.workbook.save(path)
        return path

    def columns(self, sheet: str) -> dict[str, int]:
        """Return {header: column from 0} of the sheet's one table."""
        (first_row, first_col), (_, last_col) = self._corners(sheet)
        cells = self.workbook[sheet]
        return {str(cells.cell(first_row + 1, col + 1).value): col for col in range(first_col, last_col + 1)}

    def rows(self, sheet: str) -> range:
        """Return the data rows of the sheet's one table, counted from 0."""
        (first_row, _), (last_row, _) = self._corners(sheet)
        return range(first_row + 1, last_row + 1)

    def _corners(self, sheet: str) -> tuple[Place, Place]:
        (table,) = self.workbook[sheet].tables.values()
        first, last = (place_of(part.replace("$", "")) for part in table.ref.split(":"))
        return first, last

    def segment_sheets(self) -> Iterator[Worksheet]:
        """Yield the sheets of segments: those whose table has a score."""
        for sheet in self.workbook.worksheets:
            if len(sheet.tables) == 1 and "Score" in self.columns(sheet.title):
                yield sheet


def table_rows(book: ByHand, computed: Recalculated, sheet: str) -> list[dict[str, Value]]:
    """Return what an engine computed for each row of a sheet's table: header -> value."""
    columns = book.columns(sheet)
    values = computed[sheet]
    return [{header: values.get((row, col), "") for header, col in columns.items()} for row in book.rows(sheet)]
