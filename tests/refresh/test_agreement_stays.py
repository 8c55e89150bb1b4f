"""Who agreed to the scorecard is kept by every refresh, wherever the table moves to on `Start`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries

from refresh.conftest import FIRST, NEXT, again

PEOPLE = [("Ann Lee", "VP Customer Success", dt.date(2026, 6, 1)), ("Bo Roth", "CFO", dt.date(2026, 6, 2))]


def agreed(path: Path) -> tuple[str, list[tuple[Any, ...]]]:
    """Return where the table of who agreed stands, and its lines with the head."""
    sheet = openpyxl.load_workbook(path)["Start"]
    ref = sheet.tables["Agreed"].ref
    lines = [tuple(cell.value for cell in row) for row in sheet[ref]]
    days = [tuple(value.date() if isinstance(value, dt.datetime) else value for value in line) for line in lines]
    return ref, [line for line in days if any(line)]


def sign(path: Path, people: list[tuple[Any, ...]], ref: str | None = None) -> None:
    """Type people into the table; `ref` is what the table covers afterwards, when it grew."""
    workbook = openpyxl.load_workbook(path)
    table = workbook["Start"].tables["Agreed"]
    left, top, *_ = range_boundaries(table.ref)
    for row, line in enumerate(people, start=top + 1):
        for col, value in enumerate(line, start=left):
            workbook["Start"].cell(row, col).value = value
    if ref:
        table.ref = ref
    workbook.save(path)


def test_who_agreed_stays(book: Path) -> None:
    """Names, roles and dates are there after a refresh moved the table down, and after the next one."""
    sign(book, PEOPLE)
    before, _ = agreed(book)
    for days in (0, 7, 14):
        again(book, FIRST, NEXT + dt.timedelta(days=days))
        after, lines = agreed(book)
        assert lines == [("Name", "Role", "Date"), *PEOPLE]
    assert after != before


def test_more_people_than_lines(book: Path) -> None:
    """A table that people made longer comes along whole and has lines to spare again."""
    people = [(f"Person {number}", "Owner", dt.date(2026, 6, number)) for number in range(1, 10)]
    ref, _ = agreed(book)
    left, top, right, _ = range_boundaries(ref)
    sign(book, people, f"A{top}:C{top + len(people)}")
    assert (left, right) == (1, 3)
    again(book, FIRST)
    ref, lines = agreed(book)
    assert lines[1:] == people
    _, top, _, bottom = range_boundaries(ref)
    assert bottom - top > len(people)


def test_without_anybody_the_table_is_as_it_was(book: Path) -> None:
    """Nobody agreed yet: the table is empty before and after."""
    again(book, FIRST)
    assert agreed(book)[1] == [("Name", "Role", "Date")]
