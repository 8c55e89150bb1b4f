"""What people added: columns with values and formulas, comments, and whole sheets with all that is on them."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableColumn

from healthscore.check import check
from healthscore.workbook.reading.workbook import read_workbook
from refresh.conftest import FIRST, Editor, again

SHIFTED = {"C0": ("Abel", "Small", 10, 10, 1), **FIRST}
VALIDATOR = Path(__file__).resolve().parents[3] / "shared" / "tools" / "xlsx_check" / "validate_xlsx.py"


def add_column(edit: Editor, sheet: str, header: str, values: dict[str, object]) -> None:
    """Put a column at the right end of a segment's table, as typing beside it does in Excel."""
    content: Any = edit.sheet(sheet)
    table = next(iter(content.tables.values()))
    first, last = table.ref.split(":")
    head, bottom = int(re.sub(r"\D", "", first)), int(re.sub(r"\D", "", last))
    col = len(table.tableColumns) + 1
    content.cell(head, col).value = header
    table.tableColumns.append(TableColumn(id=col, name=header))
    table.ref = f"{first}:{content.cell(head, col).column_letter}{bottom}"
    table.autoFilter.ref = table.ref
    for row in range(head + 1, content.max_row + 1):
        content.cell(row, col).value = values.get(content.cell(row, 1).value)


def picture(path: Path) -> Path:
    """A picture of one red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    )
    return path


def full_of_things(book: Path) -> None:
    """A sheet of one's own with a formula, formats, a comment, a rule, a list, a table, a chart and a name."""
    edit = Editor(book)
    row, col = edit.cell("Small", "Bolt", "Value").row, edit.cell("Small", "Bolt", "Value").column_letter
    sheet = edit.book.create_sheet("My notes", 1)
    sheet["A1"] = "Bolt is worth"
    sheet["B1"] = f"=Small!{col}{row}"
    sheet["B2"] = "=SUM(Small[Value])"
    sheet["B3"] = f"=SUM(Small!${col}${row - 1}:${col}${row})"
    sheet["B4"] = '="Small!A1 in a text"&Small!$A$1'
    sheet["A1"].font = Font(bold=True, color="FF0000", name="Georgia")
    sheet["B1"].fill = PatternFill("solid", fgColor="00FF00")
    sheet["B1"].number_format = '#,##0.00 "coins"'
    sheet["A1"].comment = Comment("Check with Ann", "Bob")
    sheet.column_dimensions["A"].width = 41
    sheet.conditional_formatting.add(
        "B1", CellIsRule("greaterThan", ["5"], fill=PatternFill(bgColor="FFFF00", fill_type="solid"))
    )
    choices = DataValidation(type="list", formula1='"a,b"')
    choices.add("C1")
    sheet.add_data_validation(choices)
    for number, line in enumerate([("Week", "Calls"), ("W1", 3), ("W2", 5)]):
        sheet.cell(10 + number, 1).value, sheet.cell(10 + number, 2).value = line
    sheet.add_table(Table(displayName="Calls", ref="A10:B12"))
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=10, max_row=12), titles_from_data=True)
    small = edit.sheet("Small")
    column = edit.cell("Small", "Bolt", "Value").column
    chart.add_data(Reference(small, min_col=column, min_row=row - 1, max_row=row))
    sheet.add_chart(chart, "D2")
    edit.book.defined_names["MyRate"] = DefinedName("MyRate", attr_text="'My notes'!$B$1")
    edit.cell("Small", "Bolt", "Note").comment = Comment("Ask on Friday", "Ann")
    edit.save()


def test_a_sheet_full_of_things_comes_along(book: Path) -> None:
    """Values, formats, widths, comment, rule, list, table, chart and name are on the sheet after the refresh."""
    full_of_things(book)
    again(book, SHIFTED)
    after = openpyxl.load_workbook(book)
    sheet = after["My notes"]
    assert after.sheetnames[:2] == ["Start", "My notes"]
    assert (sheet["A1"].font.name, sheet["A1"].font.color.rgb) == ("Georgia", "00FF0000")
    assert (sheet["B1"].fill.fgColor.rgb, sheet["B1"].number_format) == ("0000FF00", '#,##0.00 "coins"')
    assert sheet.column_dimensions["A"].width == 41
    assert sheet["A1"].comment.text == "Check with Ann"
    assert [rule.operator for rules in sheet.conditional_formatting for rule in rules.rules] == ["greaterThan"]
    assert [rule.formula1 for rule in sheet.data_validations.dataValidation] == ['"a,b"']
    assert sheet.tables["Calls"].ref == "A10:B12"
    assert len(sheet._charts) == 1
    assert after.defined_names["MyRate"].attr_text == "'My notes'!$B$1"
    assert check(book).trusted


def test_formulas_follow_the_accounts_they_point_at(book: Path) -> None:
    """A new account shifts all rows; the formula that pointed at Bolt's value still does, in a cell and in a chart."""
    full_of_things(book)
    again(book, {**SHIFTED, "C1": ("Acme", "Large", 1000, 50, 2)})
    edit = Editor(book)
    cell = edit.cell("Small", "Bolt", "Value")
    sheet = edit.sheet("My notes")
    assert sheet["B1"].value == f"='Small'!{cell.column_letter}{cell.row}"
    assert sheet["B2"].value == "=SUM(Small[Value])"
    assert sheet["B3"].value == f"=SUM('Small'!${cell.column_letter}${cell.row}:${cell.column_letter}${cell.row + 1})"
    assert sheet["B4"].value == "=\"Small!A1 in a text\"&'Small'!$A$1"
    note = edit.cell("Small", "Bolt", "Note")
    assert note.comment.text == "Ask on Friday"


def test_everything_on_a_carried_sheet_survives_a_year(book: Path) -> None:
    """Ten refreshes later the file has not grown, and the sheet is as it was."""
    import datetime as dt

    full_of_things(book)
    sizes = []
    for week in range(1, 11):
        again(book, FIRST, dt.date(2026, 6, 29) + dt.timedelta(weeks=week))
        with zipfile.ZipFile(book) as archive:
            sizes.append(archive.getinfo("xl/styles.xml").file_size)
    assert sizes[0] == sizes[-1]
    assert openpyxl.load_workbook(book)["My notes"]["B1"].number_format == '#,##0.00 "coins"'


@pytest.mark.skipif(not VALIDATOR.is_file(), reason="the validator is not on this machine")
def test_the_result_is_valid(book: Path) -> None:
    """The file with carried sheets breaks no rule of the format."""
    full_of_things(book)
    again(book, SHIFTED)
    done = subprocess.run([sys.executable, str(VALIDATOR), str(book)], capture_output=True, text=True, check=False)
    assert " 0 violation(s)" in done.stdout, done.stdout + done.stderr


def test_own_columns_come_along_with_their_formulas(book: Path) -> None:
    """Two columns beside the table: texts by account, and a formula that reads the row and one cell above."""
    edit = Editor(book)
    add_column(edit, "Small", "Mood", {"Acme": "good", "Bolt": "bad"})
    value = edit.cell("Small", "Acme", "Value")
    add_column(
        edit,
        "Small",
        "Tenth",
        {"Acme": "=Small[[#This Row],[Value]]/10", "Bolt": f"={value.column_letter}{value.row + 1}*2"},
    )
    edit.save()
    again(book, {**SHIFTED, "C2": ("Bolt", "Large", 2000, 80, 0)})
    edit = Editor(book)
    assert edit.cell("Small", "Acme", "Mood").value == "good"
    assert edit.cell("Large", "Bolt", "Mood").value == "bad"
    assert edit.cell("Small", "Acme", "Tenth").value == "=Small[[#This Row],[Value]]/10"
    moved = edit.cell("Large", "Bolt", "Value")
    assert edit.cell("Large", "Bolt", "Tenth").value == f"={moved.column_letter}{moved.row}*2"
    assert check(book).trusted


def test_a_formula_typed_into_an_input_stays_a_formula(book: Path) -> None:
    """Somebody rates by a formula; as long as the export has no such column, the formula stays and follows."""
    edit = Editor(book)
    edit.type("Small", "Acme", "feeling", "=2+2")
    edit.save()
    again(book, SHIFTED)
    assert Editor(book).cell("Small", "Acme", "feeling").value == "=2+2"


def test_own_columns_of_those_who_left_come_back(book: Path) -> None:
    """Acme leaves with its mood and returns with it."""
    import datetime as dt

    edit = Editor(book)
    add_column(edit, "Small", "Mood", {"Acme": "good", "Bolt": "bad"})
    edit.save()
    again(book, {name: row for name, row in FIRST.items() if name != "C1"})
    again(book, FIRST, dt.date(2026, 7, 13))
    own = {
        name: value
        for place in read_workbook(book).segments
        for column in place.own
        for name, value in column.values.items()
    }
    assert own == {"C1": "good", "C2": "bad"}


def test_what_stays_behind_is_told_before_anything_is_written(book: Path) -> None:
    """A chart and a picture on sheets of ours cannot be carried: the announcement says so, and the file is untouched."""
    edit = Editor(book)
    chart = BarChart()
    chart.add_data(Reference(edit.sheet("Small"), min_col=1, min_row=1, max_row=2))
    edit.sheet("Small").add_chart(chart, "A1")
    other = BarChart()
    other.add_data(Reference(edit.sheet("Small"), min_col=1, min_row=1, max_row=2))
    edit.sheet("Model").add_chart(other, "T1")
    before = edit.save().read_bytes()
    told: list[tuple[str, ...]] = []

    def announce(done: Any) -> None:
        told.append(done.not_carried)
        assert book.read_bytes() == before

    again(book, FIRST, announce=announce)
    assert told == [
        tuple(
            f"sheet '{sheet}': 1 charts drawn on it (put them on a sheet of your own)" for sheet in ("Small", "Model")
        )
    ]


def test_pictures_come_along(book: Path, tmp_path: Path) -> None:
    """A picture on a sheet of one's own is there after the refresh, byte for byte."""
    image = pytest.importorskip("openpyxl.drawing.image")
    pytest.importorskip("PIL")
    edit = Editor(book)
    edit.book.create_sheet("Logo").add_image(image.Image(str(picture(tmp_path / "red.png"))), "B2")
    edit.save()

    def pictures() -> list[bytes]:
        with zipfile.ZipFile(book) as archive:
            return [archive.read(name) for name in archive.namelist() if name.endswith(".png")]

    before = pictures()
    again(book, FIRST)
    assert pictures() == before
    assert len(openpyxl.load_workbook(book)["Logo"]._images) == 1


def test_notes_beside_our_cells_stay(book: Path) -> None:
    """A note and a formula typed on Start and above a table stand where they stood."""
    edit = Editor(book)
    cell = edit.cell("Small", "Bolt", "Value")
    edit.sheet("Start")["J3"] = "Agreed with Ann"
    edit.sheet("Start")["J4"] = f"=Small!{cell.coordinate}"
    edit.sheet("Small")["Z1"] = 12.5
    edit.save()
    done = again(book, SHIFTED)
    edit = Editor(book)
    assert edit.sheet("Start")["J3"].value == "Agreed with Ann"
    assert edit.sheet("Start")["J4"].value == f"='Small'!{edit.cell('Small', 'Bolt', 'Value').coordinate}"
    assert edit.sheet("Small")["Z1"].value == 12.5
    assert done.not_carried == ()


def test_a_sheet_with_a_name_that_is_ours(book: Path) -> None:
    """Somebody's own sheet called Movers comes along under another name, and that is said."""
    edit = Editor(book)
    edit.book.create_sheet("Movers")["A1"] = "removal firms"
    edit.save()
    done = again(book, FIRST)
    assert openpyxl.load_workbook(book)["Movers (2)"]["A1"].value == "removal firms"
    assert "is called 'Movers (2)' from now on" in " ".join(done.not_carried)


def test_references_to_who_left_are_said_and_break_openly(book: Path) -> None:
    """A formula that pointed at Acme's value shows #REF! once Acme left, never another account's; that is said first."""
    edit = Editor(book)
    cell, note = edit.cell("Small", "Acme", "Value"), "Small!AZ2"
    mine = edit.book.create_sheet("Mine")
    mine["A1"], mine["A2"], mine["A3"] = f"=Small!{cell.coordinate}*2", f"={note}", "=SUM(Small[Value])"
    edit.sheet("Small")["AZ2"] = 5
    edit.type("Small", "Bolt", "feeling", f"={cell.coordinate}/500")
    edit.book.defined_names["Nowhere"] = DefinedName("Nowhere", attr_text="Mine!#REF!")
    edit.save()
    done = again(book, {name: row for name, row in SHIFTED.items() if name != "C1"})
    assert [openpyxl.load_workbook(book)["Mine"][at].value for at in ("A1", "A2", "A3")] == [
        "=#REF!*2", "='Small'!AZ2", "=SUM(Small[Value])",
    ]  # fmt: skip
    assert done.not_carried == (
        f"a formula points at {cell.coordinate}, which is gone; it becomes #REF!",
        f"sheet 'Mine': a formula points at Small!{cell.coordinate}, which is gone; it becomes #REF!",
        "the name Nowhere: it points at Mine!#REF!",
    )
