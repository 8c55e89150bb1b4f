"""Workbooks that Google Sheets, Numbers and LibreOffice exported: read whole, and whole again after a refresh."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from healthscore.check import check
from healthscore.workbook.reading.contents import WorkbookContents
from healthscore.workbook.reading.workbook import is_workbook, read_model, read_workbook
from refresh.conftest import FIRST, Editor, again, book, small_model
from refresh.test_additions import add_column
from workbook_reading.saving_habits import as_google, as_numbers, loaded

LATER = dt.date(2026, 7, 13)


__all__ = ["book"]  # the fixture


@pytest.fixture
def filled(book: Path) -> Path:
    """A workbook that was refreshed and filled in: ratings, notes, an override, a column, a sheet, who agreed."""
    again(book, {name: row for name, row in FIRST.items() if name != "C3"})
    edit = Editor(book)
    for account, header, value in (
        ("Acme", "feeling", 4),
        ("Acme", "Note", "=not a formula"),
        ("Acme", "use", 51),
        ("Bolt", "Override score", 33),
        ("Bolt", "Override reason", "Merger"),
        ("Bolt", "Override by", "Ann"),
        ("Bolt", "Override until", dt.date(2026, 12, 31)),
    ):
        edit.type("Small", account, header, value)
    edit.cell("Small", "Acme", "Note").data_type = "s"
    add_column(edit, "Small", "Mood", {"Acme": "good", "Bolt": 7})
    edit.book.create_sheet("My notes")["B2"] = "Ask Ann"
    start = edit.sheet("Start")
    row = next(cell.row for cell in start["A"] if cell.value == "Name")
    start.cell(row + 1, 1).value, start.cell(row + 1, 2).value = "Marcus Bell", "CS operations"
    edit.save()
    again(book, {name: row for name, row in FIRST.items() if name != "C3"}, dt.date(2026, 7, 7))
    return book


def through_libreoffice(path: Path, target: Path) -> Path:
    """Save a workbook with LibreOffice."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed on this machine")
    command = ["soffice", f"-env:UserInstallation={(target.parent / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(target.parent / "out"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (target.parent / "out" / path.name).replace(target)
    return target


PROGRAMS = [
    pytest.param(through_libreoffice, id="libreoffice", marks=pytest.mark.libreoffice),
    pytest.param(as_google, id="google"),
    pytest.param(as_numbers, id="numbers"),
]
Saving = Callable[[Path, Path], Path]


def people(contents: WorkbookContents) -> dict[tuple[str, str], object]:
    """What people added: their columns' cells."""
    return {
        (name, column.header): value
        for place in contents.segments
        for column in place.own
        for name, value in column.values.items()
    }


@pytest.mark.parametrize("save", PROGRAMS)
def test_everything_is_read_from_what_another_program_saved(filled: Path, tmp_path: Path, save: Saving) -> None:
    """Model, accounts, people's inputs and columns, history, who left, the last export: all as before it was saved."""
    saved = save(filled, tmp_path / "saved.xlsx")
    before, after = read_workbook(filled), read_workbook(saved)
    pd.testing.assert_frame_equal(after.accounts.frame, before.accounts.frame)
    assert people(after) == people(before) == {("C1", "Mood"): "good", ("C2", "Mood"): 7}
    for part in ("model", "as_of", "history", "left", "movers", "imported", "agreed", "currency", "refreshed"):
        assert getattr(after, part) == getattr(before, part), part
    assert is_workbook(saved)
    assert read_model(saved) == small_model()


@pytest.mark.parametrize("save", PROGRAMS)
def test_a_refresh_makes_it_whole_again(filled: Path, tmp_path: Path, save: Saving) -> None:
    """After the next export the tables and formulas are back, nothing typed is missing, and every score is right."""
    saved = save(filled, tmp_path / "saved.xlsx")
    done = again(saved, FIRST, LATER)
    assert done.not_carried == ()
    assert [event.what for event in done.events] == ["Returned", "Changed by hand"]
    checked = check(saved)
    assert checked.trusted
    row = checked.contents.accounts.frame.set_index("id").loc["C1"]
    assert row[["feeling", "note", "use"]].tolist() == [4, "=not a formula", 51]
    bolt = checked.contents.accounts.frame.set_index("id").loc["C2"]
    assert bolt[["override_score", "override_by"]].tolist() == [33, "Ann"]
    assert people(checked.contents) == {("C1", "Mood"): "good", ("C2", "Mood"): 7}
    assert checked.contents.agreed.lines[0][:2] == ("Marcus Bell", "CS operations")
    book = openpyxl.load_workbook(saved)
    assert len([table for sheet in book.worksheets for table in sheet.tables]) >= 5
    assert "Ask Ann" in [cell.value for sheet in book.worksheets for line in sheet for cell in line]


def test_google_keeps_the_formulas_and_so_the_trust(filled: Path, tmp_path: Path) -> None:
    """Plain addresses instead of structured references give the same scores; that the tables are gone is said."""
    checked = check(as_google(filled, tmp_path / "google.xlsx"))
    assert checked.trusted
    assert checked.compared > 300
    assert {one.found for one in checked.findings} == {"the table was turned into plain cells"}


def test_without_values_inputs_are_read_and_the_rest_is_said(filled: Path, tmp_path: Path) -> None:
    """Inline texts, no values, no tables: the inputs are all there, and no score is called wrong."""
    saved = as_google(filled, tmp_path / "google.xlsx", values=False)
    with zipfile.ZipFile(saved) as archive:
        assert "xl/sharedStrings.xml" not in archive.namelist()
    pd.testing.assert_frame_equal(read_workbook(saved).accounts.frame, read_workbook(filled).accounts.frame)
    assert check(saved).trusted


def test_numbers_leaves_no_formulas_and_check_says_so_once_a_sheet(filled: Path, tmp_path: Path) -> None:
    """Only values are left: not to be trusted from here on, in one line for each segment."""
    checked = check(as_numbers(filled, tmp_path / "numbers.xlsx"))
    told = [
        (one.sheet, one.found) for one in checked.findings if one.severity == "error" and "every formula" in one.found
    ]
    assert not checked.trusted
    assert [sheet for sheet, _ in told] == ["Large - Table 1", "Small - Table 1"]


def test_every_sheet_of_ours_may_be_renamed(filled: Path) -> None:
    """All sheets with other names are known by what is on them; formulas that name them follow to the new workbook."""
    edit = Editor(filled)
    wanted = read_workbook(filled)
    names = [name for name in edit.book.sheetnames if name != "My notes"]
    edit.sheet("My notes")["C1"] = "='Our Model'!$A$1&'Our Score history'!$A$1"
    for name in names:
        edit.sheet(name).title = f"Our {name}"
    for defined in edit.book.defined_names.values():
        for name in names:
            for old in (f"'{name}'!", f"{name}!"):
                if defined.attr_text.startswith(old):
                    defined.attr_text = defined.attr_text.replace(old, f"'Our {name}'!")
    edit.save()
    contents = read_workbook(filled)
    assert (contents.foreign, contents.history, contents.left) == (("My notes",), wanted.history, wanted.left)
    told = {one.found for one in contents.findings}
    assert {"the sheet 'Dashboard' is called 'Our Dashboard'", "the sheet of 'Small' is called 'Our Small'"} <= told
    again(filled, FIRST, LATER)
    after = openpyxl.load_workbook(filled)
    assert {"Dashboard", "Model", "Our Small", "My notes"} <= set(after.sheetnames)
    assert "Our Dashboard" not in after.sheetnames
    assert after["My notes"]["C1"].value == "='Model'!$A$1&'Score history'!$A$1"
    assert check(filled).trusted


@pytest.mark.parametrize(
    "sheet", ["Dashboard", "Team", "Checks", "Movers", "Score history", "Left", "List", "Imported"]
)
def test_a_deleted_sheet_is_said_and_made_again(filled: Path, sheet: str) -> None:
    """Each sheet but Start and Model may be deleted: what that costs is said, and a refresh makes it again."""
    edit = Editor(filled)
    del edit.book[sheet]
    edit.save()
    told = [(one.severity, one.found) for one in read_workbook(filled).findings]
    assert ("warning", f"the sheet {sheet!r} is gone") in told
    again(filled, FIRST, LATER)
    after = openpyxl.load_workbook(filled).sheetnames
    assert (after.count(sheet), [name for name in after if name.endswith(")")]) == (1, [])
    assert check(filled).trusted


def test_a_deleted_segment_sheet_is_said(book: Path) -> None:
    """The accounts on it stand in the last export and nowhere else: a warning names them; a refresh adds them anew."""
    edit = Editor(book)
    del edit.book["Large"]
    edit.save()
    told = [one.found for one in read_workbook(book).findings if one.severity == "warning"]
    assert told == ["2 accounts of the last export stand on no sheet: C3, C4"]
    again(book, FIRST)
    assert sorted(read_workbook(book).accounts.frame["id"]) == ["C1", "C2", "C3", "C4"]


def test_a_title_typed_over_is_no_other_segment(book: Path) -> None:
    """The heading of a segment's sheet is changed: its accounts stay in their segment, and the heading is said."""
    edit = Editor(book)
    edit.sheet("Small")["A1"] = "Our small accounts"
    edit.save()
    contents = read_workbook(book)
    assert sorted(set(contents.accounts.frame["segment"])) == ["Large", "Small"]
    assert "the title of the segment 'Small' was changed" in " ".join(one.found for one in contents.findings)
    assert [event.what for event in again(book, FIRST).events] == []


def test_numbers_habits_are_what_they_claim(filled: Path, tmp_path: Path) -> None:
    """The stand-ins do what the programs do: no tables and no names in one, no tables and no `Table[...]` in the other."""
    numbers, _ = loaded(as_numbers(filled, tmp_path / "numbers.xlsx"))
    google, _ = loaded(as_google(filled, tmp_path / "google.xlsx"))
    assert (len(numbers.defined_names), numbers.sheetnames[0]) == (0, "Export Summary")
    assert not [table for book in (numbers, google) for sheet in book.worksheets for table in sheet.tables]
    formulas = [cell.value for row in google["Small"] for cell in row if cell.data_type == "f"]
    assert len(formulas) > 50
    assert not [text for text in formulas if "[" in text]
