"""The functions that a workbook was built with are in its successor, made anew for its segments."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from healthscore.accounts import accounts_from_frame
from healthscore.check import check
from healthscore.scoring import score_frame
from healthscore.workbook import plan_book
from healthscore.workbook.functions import PYTHON_COLUMN, PYTHON_SHEET, Functions, with_functions
from healthscore.workbook.reading.workbook import read_workbook
from healthscore.workbook.writing.workbook import write_book
from refresh.conftest import FIRST, MONDAY, again, export, small_model

WITH_A_NEW_SEGMENT = {**FIRST, "C9": ("Iris", "Tiny", 10, 50, 1)}


def made_with(kind: Functions, folder: Path) -> Path:
    """Build Monday's workbook with functions."""
    model = small_model()
    accounts = accounts_from_frame(export(FIRST), model)
    scores = score_frame(accounts.frame, model, MONDAY, accounts.bound)
    return write_book(with_functions(plan_book(accounts, scores), scores, kind), folder / "health.xlsx")


def names_of(path: Path) -> dict[str, tuple[bool, str]]:
    """Defined names: whether each is hidden, and what it stands for."""
    with zipfile.ZipFile(path) as archive:
        text = archive.read("xl/workbook.xml").decode()
    found = re.findall(r'<definedName name="([^"]+)"([^>]*)>(.*?)</definedName>', text, re.DOTALL)
    return {name: ('hidden="1"' in marks, body) for name, marks, body in found}


def test_native_functions_stay_and_their_parts_stay_hidden(tmp_path: Path) -> None:
    """HEALTHSCORE and its sisters are there, the names they are made of are hidden, and know the new segment."""
    book = made_with("native", tmp_path)
    before = names_of(book)
    done = again(book, WITH_A_NEW_SEGMENT)
    after = names_of(book)
    assert set(before) == set(after)
    assert [name for name, (hidden, _) in after.items() if name.startswith("_hs.") and not hidden] == []
    assert not after["HEALTHSCORE"][0]
    assert done.not_carried == ()
    assert check(book).trusted


def test_hidden_names_of_people_stay_hidden(tmp_path: Path) -> None:
    """A name that somebody hid is carried over hidden, a visible one visible."""
    book = made_with("none", tmp_path)
    loaded = openpyxl.load_workbook(book)
    for name, hidden in (("Secret", True), ("Open", False)):
        loaded.defined_names[name] = openpyxl.workbook.defined_name.DefinedName(
            name, attr_text="Model!$B$4", hidden=hidden
        )
    loaded.save(book)
    again(book, FIRST)
    names = names_of(book)
    assert (names["Secret"][0], names["Open"][0]) == (True, False)


def test_the_python_check_stays_once(tmp_path: Path) -> None:
    """The column that calls the add-in is made anew, also for a new segment, and is nobody's own column."""
    book = made_with("xlwings", tmp_path)
    for week in (1, 2):
        done = again(book, WITH_A_NEW_SEGMENT, MONDAY + dt.timedelta(weeks=week))
        assert done.not_carried == ()
    after = openpyxl.load_workbook(book)
    assert PYTHON_SHEET in after.sheetnames
    for place in read_workbook(book).segments:
        headers = [column.name for table in after[place.sheet].tables.values() for column in table.tableColumns]
        assert headers.count(PYTHON_COLUMN) == 1
    assert check(book).trusted


@pytest.mark.parametrize("kind", ["none", "native", "xlwings"])
def test_the_kind_is_told_from_the_file(tmp_path: Path, kind: Functions) -> None:
    """Reading says which functions a workbook was made with."""
    assert read_workbook(made_with(kind, tmp_path)).functions == kind
