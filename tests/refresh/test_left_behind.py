"""What cannot come along: every kind is named before anything is written, and what comes along is sound without it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from healthscore.check import check
from healthscore.refresh.transplant import LEFT_BEHIND
from healthscore.workbook.reading.package import open_package
from refresh.conftest import FIRST, Editor, again
from refresh.test_additions import VALIDATOR

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office"


def changed(book: Path, more: dict[str, bytes], change: Any) -> None:
    """Add parts to a file, and change others by a function of name and bytes."""
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**parts, **more}.items():
            archive.writestr(name, change(name, data))


def own_sheet(book: Path, cells: dict[str, object]) -> str:
    """Add a sheet of one's own; return its part."""
    edit = Editor(book)
    sheet = edit.book.create_sheet("Mine")
    for at, value in cells.items():
        sheet[at] = value
    edit.save()
    with open_package(book) as package:
        return next(entry.part for entry in package.sheets if entry.name == "Mine")


def refreshed(book: Path) -> tuple[str, ...]:
    """Refresh; return what was announced while the old file was still as it was."""
    before, told = book.read_bytes(), []

    def announce(done: Any) -> None:
        assert book.read_bytes() == before
        told.append(done.not_carried)

    done = again(book, FIRST, announce=announce)
    assert told == [done.not_carried]
    assert done.backup is not None
    assert done.backup.read_bytes() == before
    return told[0]


@pytest.mark.parametrize("kind", sorted(LEFT_BEHIND))
def test_parts_that_stay_behind_are_named(book: Path, kind: str) -> None:
    """A sheet of one's own with such a part: its cells come along, the part is named, the new file opens."""
    part = own_sheet(book, {"A1": "mine", "A2": 2})
    folder, _, base = part.rpartition("/")
    link = f'<Relationship Id="rIdX" Type="{OFFICE}/{kind}" Target="../others/{kind}1.xml"/>'
    rels = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/'
        f'package/2006/relationships">{link}</Relationships>'
    )
    more = {f"{folder}/_rels/{base}.rels": rels.encode(), f"xl/others/{kind}1.xml": b"<x/>"}
    changed(book, more, lambda _, data: data)
    assert refreshed(book) == (f"sheet 'Mine': {LEFT_BEHIND[kind]}",)
    sheet = openpyxl.load_workbook(book)["Mine"]
    assert [sheet["A1"].value, sheet["A2"].value] == ["mine", 2]
    with zipfile.ZipFile(book) as archive:
        assert [name for name in archive.namelist() if "others" in name] == []
    assert check(book).trusted


def test_links_to_other_workbooks_leave_their_values(book: Path) -> None:
    """A formula into another workbook keeps the value it showed; that is said."""
    part = own_sheet(book, {"A1": "=1+1"})

    def link(name: str, data: bytes) -> bytes:
        return data.replace(b"<f>1+1</f><v></v>", b"<f>[1]Prices!A1</f><v>7</v>").replace(
            b"<f>1+1</f><v/>", b"<f>[1]Prices!A1</f><v>7</v>"
        ) if name == part else data  # fmt: skip

    changed(book, {}, link)
    assert refreshed(book) == ("sheet 'Mine': formulas that point into other workbooks (their values stay)",)
    assert openpyxl.load_workbook(book)["Mine"]["A1"].value == 7


def test_macros_stay_in_the_old_file(book: Path) -> None:
    """A workbook with macros refreshes into an .xlsx; that the macros stay is said."""
    macros = book.with_suffix(".xlsm")
    book.rename(macros)
    link = f'<Relationship Id="rIdV" Type="{MICROSOFT}/2006/relationships/vbaProject" Target="vbaProject.bin"/>'

    def with_macros(name: str, data: bytes) -> bytes:
        if name == "xl/_rels/workbook.xml.rels":
            return data.replace(b"</Relationships>", link.encode() + b"</Relationships>")
        return data

    changed(macros, {"xl/vbaProject.bin": b"macros"}, with_macros)
    done = again(macros, FIRST, in_place=False)
    assert done.not_carried == ("the workbook's macros",)
    assert done.path.suffix == ".xlsx"
    assert openpyxl.load_workbook(done.path).sheetnames[0] == "Start"


@pytest.mark.skipif(not VALIDATOR.is_file(), reason="the validator is not on this machine")
def test_without_them_the_file_is_valid(book: Path) -> None:
    """A sheet with several of them gives a file that breaks no rule of the format."""
    part = own_sheet(book, {"A1": "mine"})
    folder, _, base = part.rpartition("/")
    links = "".join(
        f'<Relationship Id="rId{kind}" Type="{OFFICE}/{kind}" Target="../others/{kind}1.xml"/>' for kind in LEFT_BEHIND
    )
    rels = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>'
    )
    more = {f"{folder}/_rels/{base}.rels": rels.encode()} | {f"xl/others/{kind}1.xml": b"<x/>" for kind in LEFT_BEHIND}
    changed(book, more, lambda _, data: data)
    assert len(refreshed(book)) == len(set(LEFT_BEHIND))
    done = subprocess.run([sys.executable, str(VALIDATOR), str(book)], capture_output=True, text=True, check=False)
    assert " 0 violation(s)" in done.stdout, done.stdout + done.stderr
