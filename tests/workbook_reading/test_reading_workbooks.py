"""Reading workbooks as people and programs leave them: everything is read as far as it can be, and reported."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from healthscore import build, load_model, read_accounts
from healthscore.accounts import accounts_from_frame
from healthscore.check import check
from healthscore.errors import WorkbookError
from healthscore.workbook.reading.package import open_package
from healthscore.workbook.reading.workbook import is_workbook, read_workbook
from parity.books import AS_OF, ROOT
from refresh.conftest import FIRST, MONDAY, Editor, export, small_model


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The workbook of Monday."""
    model = small_model()
    return build(accounts_from_frame(export(FIRST), model), model, tmp_path / "health.xlsx", MONDAY, currency="EUR")


def rewritten(book: Path, part: str, change: Any) -> Path:
    """Change one part of a file."""
    other = book.with_name("changed.xlsx")
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return other


def found(book: Path) -> str:
    """Everything that reading noticed, as text."""
    return "\n".join(f"{one.severity} {one.sheet}!{one.cell} {one.found}" for one in read_workbook(book).findings)


@pytest.mark.parametrize(
    "sample", sorted(path.parent.name for path in (ROOT / "sample_workbooks").glob("*/accounts.csv"))
)
def test_a_fresh_workbook_gives_back_what_went_in(sample: str, tmp_path: Path) -> None:
    """Every sample: the accounts read from the workbook are those of the export, the model is the model."""
    model = load_model(sample)
    accounts = read_accounts(ROOT / "sample_workbooks" / sample / "accounts.csv", model)
    contents = read_workbook(build(accounts, model, tmp_path / "book.xlsx", AS_OF))
    wanted = accounts.frame.set_index("id").sort_index()
    given = contents.accounts.frame.set_index("id").sort_index()[wanted.columns]
    pd.testing.assert_frame_equal(given, wanted)
    assert (contents.model, contents.as_of, contents.accounts.bound) == (model, AS_OF, accounts.bound)
    assert check(tmp_path / "book.xlsx").trusted


@pytest.mark.libreoffice
def test_a_workbook_saved_by_libreoffice(book: Path) -> None:
    """LibreOffice writes everything anew: other parts, other styles; accounts and scores are the same."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed on this machine")
    out = book.parent / "out"
    profile = (book.parent / "profile").as_uri()
    command = [
        "soffice",
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run([*command, "--outdir", str(out), str(book)], check=True, capture_output=True, timeout=300)
    before, after = read_workbook(book), read_workbook(out / book.name)
    pd.testing.assert_frame_equal(after.accounts.frame, before.accounts.frame)
    assert (after.model, after.as_of, after.imported) == (before.model, before.as_of, before.imported)
    assert check(out / book.name).trusted


def test_no_stored_values(book: Path) -> None:
    """Saved by a program that calculates nothing: inputs are there, and the missing values are said."""
    Editor(book).save()
    assert sorted(read_workbook(book).accounts.frame["use"]) == [5, 50, 80, 95]
    assert "formulas without a stored value" in found(book)


def test_text_in_a_number_column(book: Path) -> None:
    """`80 %?` in Use counts as missing, as in the sheet; it is told with its cell and not lost."""
    edit = Editor(book)
    edit.type("Small", "Acme", "use", "80 %?")
    at = edit.cell("Small", "Acme", "use").coordinate
    edit.save()
    contents = read_workbook(book)
    row = contents.accounts.frame["id"].tolist().index("C1")
    assert contents.accounts.unusable == {"use": {row: "80 %?"}}
    assert [(one.cell, one.found) for one in contents.findings if one.severity == "warning"] == [
        (at, "'80 %?', not usable here")
    ]


def test_a_formula_pasted_over(book: Path) -> None:
    """A score typed over its formula: check names the cell and exit code 1 follows from it."""
    edit = Editor(book)
    edit.type("Small", "Acme", "Score", 99)
    at = edit.cell("Small", "Acme", "Score").coordinate
    edit.save()
    done = check(book)
    assert not done.trusted
    assert [(one.cell, one.found.split(";")[0]) for one in done.findings if one.severity == "error"] == [
        (at, "Score: a formula was pasted over")
    ]


def test_stale_values(book: Path) -> None:
    """An input changed without recalculation: the cells still show the old score, and check says what is right."""
    with open_package(book) as package:
        sheet = next(entry.part for entry in package.sheets if entry.name == "Small")
    at = Editor(book).cell("Small", "Bolt", "use").coordinate.encode()
    used = re.compile(rb'(<c r="' + at + rb'"[^>]*><v>)80(?:\.0)?<')
    done = check(rewritten(book, sheet, lambda data: used.sub(rb"\g<1>10<", data)))
    assert not done.trusted
    assert any("stale or wrong" in one.found and one.account == "C2" for one in done.findings)


def test_moved_and_renamed_columns(book: Path) -> None:
    """Two input columns change places by their headers and cells; another header is renamed: each finds its data."""
    edit = Editor(book)
    small = edit.sheet("Small")
    use, tickets = (edit.cell("Small", "Acme", header) for header in ("use", "tickets"))
    head = edit.cell("Small", "Acme", "Account").row - 1
    for row in range(head, small.max_row + 1):
        one, two = small.cell(row, use.column), small.cell(row, tickets.column)
        one.value, two.value = two.value, one.value
    names = next(iter(small.tables.values())).tableColumns
    names[use.column - 1].name, names[tickets.column - 1].name = "tickets", "use"
    note = edit.cell("Small", "Acme", "Note")
    small.cell(head, note.column).value = names[note.column - 1].name = "What we know"
    note.value = "They grow"
    edit.save()
    frame = read_workbook(book).accounts.frame.set_index("id")
    assert frame.loc["C1", ["use", "tickets", "note"]].tolist() == [50, 2, "They grow"]
    assert "was moved without what stands above it" in found(book)
    assert "the header 'Note' was changed to 'What we know'" in found(book)


def test_a_deleted_column_and_a_destroyed_table(book: Path) -> None:
    """A column deleted with everything above it, and a table turned into plain cells: the rest is read and told."""
    edit = Editor(book)
    small = edit.sheet("Small")
    table = next(iter(small.tables))
    del small.tables[table]
    small.delete_cols(edit.cell("Large", "Core", "Note").column)
    edit.save()
    assert len(read_workbook(book).accounts.frame) == 4
    told = found(book)
    assert "the column 'Note' is gone" in told
    assert "the table was turned into plain cells" in told


def test_two_rows_of_one_account_merged_cells_and_protection(book: Path) -> None:
    """Each is told with its place."""
    edit = Editor(book)
    edit.type("Small", "Acme", "Account ID", "C2")
    small = edit.sheet("Small")
    row = edit.cell("Small", "Acme", "Account").row
    small.merge_cells(start_row=row, end_row=row + 1, start_column=3, end_column=3)
    small.protection.sheet = True
    edit.save()
    told = found(book)
    assert "a second row of 'C2'" in told
    assert "are merged" in told
    assert "is protected" in told


def test_a_renamed_and_moved_model_sheet(book: Path) -> None:
    """Model is found by the name of its range, whatever the sheet is called and wherever it stands."""
    edit = Editor(book)
    edit.sheet("Model").title = "Our weights"
    edit.book.move_sheet("Our weights", -3)
    for name in ("HealthModel",):
        defined = edit.book.defined_names[name]
        defined.attr_text = defined.attr_text.replace("Model!", "'Our weights'!")
    edit.save()
    assert read_workbook(book).model == small_model()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("none.xlsx", None, "there is no such file"),
        ("empty.xlsx", b"", "the file is empty"),
        ("text.xlsx", b"id,account\n1,Acme\n", "this is no .xlsx workbook"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an old .xls workbook; save it as .xlsx"),
        (
            "secret.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)
def test_files_that_are_no_workbooks(tmp_path: Path, name: str, data: bytes | None, words: str) -> None:
    """Each gets one line that says what it is and what to do."""
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(WorkbookError, match=words) as caught:
        read_workbook(path)
    assert "\n" not in str(caught.value)
    assert not is_workbook(path)


def test_entities_in_the_xml_are_refused(book: Path) -> None:
    """A part that declares entities (a billion laughs, a file from the disk) is refused before they are expanded."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    for part in ("xl/workbook.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml"):
        changed = rewritten(book, part, lambda data: data.replace(b"?>", b"?>" + bomb, 1))
        with pytest.raises(WorkbookError, match="declares entities"):
            read_workbook(changed)


def test_a_zip_bomb_is_refused_quickly(book: Path) -> None:
    """A sheet of 300 MB of blanks in a small file is refused by its size on paper, before it is unpacked."""
    changed = rewritten(book, "xl/worksheets/sheet2.xml", lambda data: data + b" " * 300_000_000)
    begun = time.monotonic()
    with pytest.raises(WorkbookError, match="unpacks to"):
        read_workbook(changed)
    assert time.monotonic() - begun < 2


def test_a_sheet_of_our_own_size_is_read_in_bounded_memory(tmp_path: Path) -> None:
    """Two thousand accounts: read in seconds, with less than 300 bytes a cell at the peak."""
    import tracemalloc

    model = load_model("journey")
    sample = pd.read_csv(ROOT / "sample_workbooks" / "journey" / "accounts.csv", dtype=str)
    many = pd.concat([sample.assign(**{"Account ID": sample["Account ID"] + f"-{n}"}) for n in range(34)])
    path = build(accounts_from_frame(many, model), model, tmp_path / "big.xlsx", AS_OF)
    tracemalloc.start()
    try:
        contents = read_workbook(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(contents.accounts.frame) == len(many)
    assert peak < 300 * len(many) * 110


def test_workbooks_are_told_from_exports(book: Path, tmp_path: Path) -> None:
    """Only a workbook with the model in it is one of ours."""
    export(FIRST).to_excel(tmp_path / "export.xlsx", index=False)
    assert is_workbook(book)
    assert not is_workbook(tmp_path / "export.xlsx")
    assert read_workbook(book).currency == "EUR"
    assert read_workbook(book).as_of == dt.date(2026, 6, 29)
