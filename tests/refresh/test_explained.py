"""What people chose and tried on Explain goes on after a refresh, and is told where it cannot."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from healthscore import build
from healthscore.accounts import accounts_from_frame
from healthscore.check import check
from healthscore.history import Explained
from healthscore.workbook.explain.page import CHOICE, HEAD, METRIC, SHEET, TRY
from healthscore.workbook.reading.workbook import read_workbook
from refresh.conftest import FIRST, MONDAY, Editor, again, export, small_model

#: Line of each metric, counted from 1 as openpyxl does.
LINES = {name: HEAD + 3 + number for number, name in enumerate(("Use", "Tickets", "Feeling"))}


def choose(path: Path, label: str | None, **tried: object) -> None:
    """Choose an account and type values under Try."""
    edit = Editor(path)
    sheet = edit.sheet(SHEET)
    sheet.cell(CHOICE + 1, METRIC + 1).value = label
    for name, value in tried.items():
        sheet.cell(LINES[name], TRY + 1).value = value
    edit.save()


def explained(path: Path) -> Explained | None:
    """What the workbook says was chosen and tried."""
    return read_workbook(path).explained


def test_the_choice_and_the_tried_values_are_read(book: Path) -> None:
    """A choice from the list is read as the account's id, the typed values by metric."""
    choose(book, "Bolt · C2", Use=12, Feeling="perhaps")
    assert explained(book) == Explained("C2", {"Use": 12, "Feeling": "perhaps"})


def test_a_fresh_workbook_explains_the_top_of_the_watch_list(book: Path) -> None:
    """Core loses most value, so it is explained first; nothing is tried."""
    assert explained(book) == Explained("C3")


def test_a_refresh_keeps_what_was_chosen_and_tried(book: Path) -> None:
    """The same account stands there with its new score, and what the tried values would make of the new data."""
    choose(book, "Bolt · C2", Use=12, Feeling=3)
    done = again(book, {**FIRST, "C2": ("Bolt Ltd", "Large", 2000, 60, 10)})
    assert explained(book) == Explained("C2", {"Use": 12, "Feeling": 3})
    sheet = openpyxl.load_workbook(book, data_only=True)[SHEET]
    assert sheet.cell(CHOICE + 1, METRIC + 1).value == "Bolt Ltd · C2"
    assert [sheet.cell(LINES["Use"], TRY + 1).value, sheet.cell(LINES["Feeling"], TRY + 1).value] == [12, 3]
    assert not [line for line in done.not_carried if SHEET in line]
    assert [one for one in check(book).findings if one.sheet == SHEET] == []


def test_an_account_that_left_is_no_longer_explained(book: Path) -> None:
    """When the chosen account leaves, another is explained, what was tried for it goes, and the refresh says so."""
    choose(book, "Core · C3", Use=12)
    done = again(book, {name: row for name, row in FIRST.items() if name != "C3"})
    assert explained(book) == Explained("C4"), "Dune now loses most value"
    assert "Explain: the account chosen there, 'C3', has left, and the values tried there: Use" in done.not_carried


@pytest.mark.parametrize("label", [None, "nobody"])
def test_no_choice_stays_no_choice(book: Path, label: str | None) -> None:
    """An emptied cell stays empty; a text that is no account is told and not kept; what was tried stays."""
    choose(book, label, Use=12)
    assert explained(book) == Explained("", {"Use": 12})
    told = [one.found for one in read_workbook(book).findings if one.sheet == SHEET and "stored" not in one.found]
    assert told == ([] if label is None else ["'nobody' is no account"])
    again(book, FIRST)
    assert explained(book) == Explained("", {"Use": 12})


def test_check_knows_what_other_values_would_give(book: Path) -> None:
    """A workbook that shows another account and a trial is as right as a fresh one: nothing on Explain is found wrong."""
    choose(book, "Dune · C4", Use=1, Tickets=9)
    again(book, FIRST, dt.date(2026, 7, 6))
    found = check(book)
    assert found.trusted
    assert [one for one in found.findings if one.sheet == SHEET] == []


def test_moved_rows_and_columns_are_read(book: Path) -> None:
    """Explain is read by what stands on it: rows and columns that were put in do not matter."""
    choose(book, "Bolt · C2", Use=12)
    edit = Editor(book)
    edit.sheet(SHEET).insert_rows(2, 3)
    edit.sheet(SHEET).insert_cols(6)
    edit.save()
    assert explained(book) == Explained("C2", {"Use": 12})


def test_accounts_without_an_id_of_their_own(tmp_path: Path) -> None:
    """Where the names are the ids the label says the segment; a choice is read back all the same."""
    model = small_model()
    frame = export(FIRST).drop(columns="id")
    path = build(accounts_from_frame(frame, model), model, tmp_path / "names.xlsx", MONDAY)
    choose(path, "Acme · Small")
    assert explained(path) == Explained("Acme")
