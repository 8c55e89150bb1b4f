"""`build --functions xlwings`: a folded column that asks the add-in, and a check that counts the differences."""

from __future__ import annotations

import dataclasses

import cellrune
import openpyxl
import pytest

from healthscore import load_model, read_accounts, score
from healthscore.workbook import plan_book, write_book
from healthscore.workbook.functions import PYTHON_COLUMN, PYTHON_SHEET, with_functions
from healthscore.workbook.plan import Book, Cell, Spill
from parity.books import AS_OF, ROOT


@pytest.fixture(scope="module")
def book() -> Book:
    model = load_model("journey")
    accounts = read_accounts(ROOT / "templates" / "demo" / "accounts.csv", model)
    scores = score(accounts, model, AS_OF)
    return with_functions(plan_book(accounts, scores), scores, "xlwings")


def segments(book: Book):
    return [sheet for sheet in book.sheets if sheet.kind == "segment"]


def answering(book: Book, wrong: float = 0.0) -> Book:
    """Return the book with the add-in's answers typed in as numbers, the very first one off by `wrong`."""
    sheet = next(part for part in book.sheets if part.name == PYTHON_SHEET)
    cells = []
    for cell in sheet.cells:
        if isinstance(cell.value, Spill):
            values = list(cell.value.values)
            if cell.col == 0:
                values[0] += wrong
            cells += [Cell(cell.row + number, cell.col, value) for number, value in enumerate(values)]
        else:
            cells.append(cell)
    changed = dataclasses.replace(sheet, cells=cells)
    return dataclasses.replace(book, sheets=tuple(changed if part is sheet else part for part in book.sheets))


def counted(book: Book, folder) -> list[object]:
    """Recalculate and return the counts on Checks: one per segment, then all."""
    path = write_book(book, folder / "book.xlsx", force=True, poison=True)
    sheet = next(part for part in book.sheets if part.name == "Checks")
    head = next(cell.row for cell in sheet.cells if cell.value == "Scores in which the add-in and the formulas differ")
    with cellrune.Workbook.open_path(str(path)) as workbook:
        workbook.recalculate()
        rows = workbook.read_values("Checks", f"B{head + 2}", f"B{head + 2 + len(segments(book))}")
    return [row[0]["value"] for row in rows]


def test_one_call_for_each_segment(book):
    """The add-in is called once per segment with the whole table, its headers, its segment and the model."""
    sheet = next(part for part in book.sheets if part.name == PYTHON_SHEET)
    calls = [cell.value.text for cell in sheet.cells if isinstance(cell.value, Spill)]
    assert len(calls) == len(segments(book))
    assert calls[0].startswith("HEALTHSCORE(Small[[Account]:[")
    assert calls[0].endswith("'Small'!$A$1,HealthModel)")


def test_column_is_last_and_folded(book, tmp_path):
    """Each segment's table ends with the column Python check, folded away with the workings."""
    path = write_book(book, tmp_path / "book.xlsx")
    workbook = openpyxl.load_workbook(path)
    for sheet in segments(book):
        table = next(iter(workbook[sheet.name].tables.values()))
        assert table.tableColumns[-1].name == PYTHON_COLUMN
        width = sheet.widths[len(sheet.tables[0].columns) - 1]
        assert width.hidden
        assert width.level == 1


def test_without_the_add_in(book, tmp_path):
    """Where the add-in is not there, the count says so, and nothing else in the workbook shows an error."""
    assert counted(book, tmp_path) == ["no add-in"] * len(segments(book)) + [0]


def test_agreeing(book, tmp_path):
    """Where the add-in gives the formulas' scores, no difference is counted."""
    assert counted(answering(book), tmp_path) == [0] * (len(segments(book)) + 1)


def test_differing(book, tmp_path):
    """One score that differs is counted, on its segment's line and in all."""
    assert counted(answering(book, wrong=1), tmp_path) == [1, *[0] * (len(segments(book)) - 1), 1]


def test_cached_values_are_pythons(book, tmp_path):
    """Before anything recalculates, the column shows the scores that Python computed."""
    path = write_book(book, tmp_path / "book.xlsx")
    values = openpyxl.load_workbook(path, data_only=True)
    for sheet in segments(book):
        table = sheet.tables[0]
        headers = [column.header for column in table.columns]
        for row in range(table.row + 2, table.row + 2 + table.rows):
            both = [
                values[sheet.name].cell(row, headers.index(name) + 1).value for name in ("Calculated", PYTHON_COLUMN)
            ]
            assert both[0] == both[1]


def test_none_changes_nothing(book):
    """`--functions none` leaves a plan as it is."""
    plain = dataclasses.replace(book)
    assert with_functions(plain, None, "none") is plain
