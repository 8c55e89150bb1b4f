"""Comparing what Python computed with what an engine computes, formula by formula."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from healthscore.workbook import Book, write_book
from healthscore.workbook.plan import Formula
from parity.cells import CellError, Place, StoredCell, Value, address, place_of, read_cells
from parity.engines import Engine, Recalculated

TOLERANCE = 1e-9
#: Characters of a formula that Excel takes.
FORMULA_LIMIT = 8192
_SHOWN = 12


@dataclass(frozen=True)
class Difference:
    """One cell in which Python and the engine do not agree."""

    sheet: str
    place: Place
    formula: str
    wanted: Value
    got: Value

    def told(self, header: str) -> str:
        """Say what differs, as a person looks for it in the workbook."""
        where = f"{self.sheet}!{address(self.place)} ({header or 'no header'})"
        return f"{where}\n    formula ={self.formula}\n    wanted  {self.wanted!r}\n    got     {self.got!r}"


def assert_parity(book: Book, folder: Path, engine: Engine) -> int:
    """Write a book twice, let the engine recalculate the poisoned one, and compare every formula cell.

    Returns:
        How many formula cells were compared: all there are, and as many as were planned.
    """
    normal, poisoned = write_pair(book, folder, "book")
    compared = assert_agrees(normal, engine.recalculate(poisoned), engine.name)
    assert compared == planned_formulas(book) > 0
    return compared


def write_pair(book: Book, folder: Path, name: str) -> tuple[Path, Path]:
    """Write a book with Python's values and again with a wrong value beside every formula."""
    normal, poisoned = folder / f"{name}.xlsx", folder / f"{name} poisoned.xlsx"
    write_book(book, normal, force=True)
    write_book(book, poisoned, force=True, poison=True)
    return normal, poisoned


def assert_agrees(normal: Path, computed: Recalculated, engine: str) -> int:
    """Compare the stored value of every formula cell of a file with what an engine computed; return how many."""
    stored = read_cells(normal)
    found = list(differences(stored, computed))
    count = sum(1 for _ in formulas(stored))
    longest = max((formula for _, _, formula, _ in formulas(stored)), key=len, default="")
    assert len(longest) <= FORMULA_LIMIT, f"Excel refuses formulas of {len(longest):,} characters: {longest[:200]}…"
    if found:
        raise AssertionError(f"{len(found)} of {count} formula cells differ in {engine}:\n{_told(normal, found)}")
    return count


def formulas(stored: dict[str, dict[Place, StoredCell]]) -> Iterator[tuple[str, Place, str, Value]]:
    """Yield (sheet, place, formula, stored value) of every formula cell."""
    for sheet, cells in stored.items():
        for place, cell in cells.items():
            if cell.formula is not None:
                yield sheet, place, cell.formula, cell.value


def differences(stored: dict[str, dict[Place, StoredCell]], computed: Recalculated) -> Iterator[Difference]:
    """Yield every formula cell whose stored value is not the computed one."""
    for sheet, place, formula, wanted in formulas(stored):
        got = computed.get(sheet, {}).get(place, "")
        if not same(wanted, got):
            yield Difference(sheet, place, formula, wanted, got)


def same(wanted: Value, got: Value) -> bool:
    """Return whether two values are the same: numbers within 1e-9, texts exactly, kinds never mixed."""
    if isinstance(wanted, CellError) or isinstance(got, CellError):
        return False
    if type(wanted) is not type(got):
        return False
    if isinstance(wanted, float) and isinstance(got, float):
        return math.isclose(wanted, got, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return wanted == got


def planned_formulas(book: Book) -> int:
    """Return how many formula cells a plan holds."""
    return sum(
        sum(isinstance(cell.value, Formula) for cell in sheet.cells)
        + sum(table.rows for table in sheet.tables for column in table.columns if column.formula)
        for sheet in book.sheets
    )


def _told(path: Path, found: list[Difference]) -> str:
    workbook = openpyxl.load_workbook(path)
    lines = [difference.told(_header(workbook, difference)) for difference in found[:_SHOWN]]
    if len(found) > _SHOWN:
        lines.append(f"… and {len(found) - _SHOWN} more")
    return "\n".join(lines)


def _header(workbook: openpyxl.Workbook, difference: Difference) -> str:
    """Return the header above a cell of a table, or the label at the left of any other."""
    sheet = workbook[difference.sheet]
    row, col = difference.place
    for table in sheet.tables.values():
        first, last = (place_of(part.replace("$", "")) for part in table.ref.split(":"))
        if first[0] < row <= last[0] and first[1] <= col <= last[1]:
            return str(sheet.cell(first[0] + 1, col + 1).value)
    return " / ".join(str(value) for value in (sheet.cell(row + 1, 1).value, sheet.cell(4, col + 1).value) if value)
