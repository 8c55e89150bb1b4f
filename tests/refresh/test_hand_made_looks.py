"""What people add to our own sheets: columns anywhere, cells beside, and how all of it looks."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import TableColumn

from healthscore.check import check
from healthscore.workbook.reading.workbook import read_workbook
from refresh.conftest import FIRST, NEXT, Editor, again
from refresh.test_additions import SHIFTED, VALIDATOR, add_column

BOLT_MOVES = {**SHIFTED, "C2": ("Bolt", "Large", 2000, 80, 0)}
ORANGE, GREEN = (PatternFill("solid", fgColor=color) for color in ("FFFFAA00", "FF00FF00"))


def decorated(book: Path) -> None:
    """Give a sheet a formatted column of one's own, coloured inputs, rules, a list, and cells beside the table."""
    edit = Editor(book)
    sheet = edit.sheet("Small")
    add_column(edit, "Small", "Part", {"Acme": 0.25, "Bolt": 0.5})
    cells = [edit.cell("Small", account, "Part") for account in ("Acme", "Bolt")]
    for cell in cells:
        cell.number_format, cell.fill, cell.font = "0.0%", ORANGE, Font(bold=True, name="Georgia")
    cells[0].comment = Comment("My estimate", "Ann")
    area = f"{cells[0].coordinate}:{cells[1].coordinate}"
    sheet.conditional_formatting.add(
        area, ColorScaleRule("min", None, "FFFFFF", None, None, None, "max", None, "FF0000")
    )
    sheet.conditional_formatting.add(area, FormulaRule([f"{cells[0].coordinate}>0.4"], font=Font(color="FF0000FF")))
    names = f"A{cells[0].row}:A{cells[1].row}"
    sheet.conditional_formatting.add(names, CellIsRule("equal", ['"Acme"'], fill=PatternFill(bgColor="FFFFFF00")))
    limit = DataValidation(type="decimal", operator="between", formula1="0", formula2="1")
    limit.add(area)
    sheet.add_data_validation(limit)
    edit.cell("Small", "Acme", "Note").fill = GREEN
    edit.cell("Small", "Bolt", "Account").fill = GREEN
    sheet["AZ1"], sheet["AZ1"].font = "Seen by Ann", Font(bold=True)
    sheet.cell(cells[0].row, cells[0].column + 3).value = "beside Acme"
    sheet.cell(cells[1].row, cells[1].column + 4).value = f"={edit.cell('Small', 'Bolt', 'Value').coordinate}*2"
    edit.sheet("Model")["Z3"] = "Agreed in May"
    edit.save()


def rules(sheet: Any, area: str) -> list[str]:
    """The kinds of rules on an area."""
    return [rule.type for found in sheet.conditional_formatting if str(found.sqref) == area for rule in found.rules]


def test_looks_follow_the_accounts(book: Path) -> None:
    """Colours, number formats, fonts, rules, limits and comments are on the same accounts' cells after all rows moved."""
    decorated(book)
    done = again(book, SHIFTED)
    edit = Editor(book)
    for account in ("Acme", "Bolt"):
        cell = edit.cell("Small", account, "Part")
        assert (cell.number_format, cell.fill.fgColor.rgb, cell.font.name) == ("0.0%", "FFFFAA00", "Georgia")
    assert edit.cell("Small", "Acme", "Part").comment.text == "My estimate"
    assert edit.cell("Small", "Acme", "Note").fill.fgColor.rgb == "FF00FF00"
    assert edit.cell("Small", "Bolt", "Note").fill.fgColor.rgb != "FF00FF00"
    assert edit.cell("Small", "Bolt", "Account").fill.fgColor.rgb == "FF00FF00"
    first, last = edit.cell("Small", "Abel", "Part"), edit.cell("Small", "Bolt", "Part")
    column = sorted((first.row, last.row, edit.cell("Small", "Acme", "Part").row))
    area = f"{first.column_letter}{column[0]}:{first.column_letter}{column[-1]}"
    assert rules(edit.sheet("Small"), area) == ["colorScale", "expression"]
    assert rules(edit.sheet("Small"), f"A{column[0]}:A{column[-1]}") == ["cellIs"]
    limits = {str(one.sqref): one.type for one in edit.sheet("Small").data_validations.dataValidation}
    assert limits[area] == "decimal"
    assert done.not_carried == ()
    assert check(book).trusted


def test_looks_follow_into_another_segment(book: Path) -> None:
    """Bolt becomes large: its own cells, their format and its colour go with it."""
    decorated(book)
    again(book, BOLT_MOVES)
    edit = Editor(book)
    cell = edit.cell("Large", "Bolt", "Part")
    assert (cell.value, cell.number_format, cell.fill.fgColor.rgb) == (0.5, "0.0%", "FFFFAA00")
    assert edit.cell("Large", "Bolt", "Account").fill.fgColor.rgb == "FF00FF00"


def test_cells_beside_the_table_are_columns_of_their_accounts(book: Path) -> None:
    """What stands right of a row goes with its account, as a column of the table, and so does a formula."""
    decorated(book)
    again(book, BOLT_MOVES)
    own = {
        (name, column.header): value
        for place in read_workbook(book).segments
        for column in place.own
        for name, value in column.values.items()
    }
    assert [value for (name, _), value in own.items() if name == "C1"] == [0.25, "beside Acme"]
    edit = Editor(book)
    value = edit.cell("Large", "Bolt", "Value")
    assert f"={value.coordinate}*2" in [cell.value for cell in edit.sheet("Large")[value.row]]
    small = edit.sheet("Small")
    assert (small["AZ1"].value, small["AZ1"].font.b) == ("Seen by Ann", True)
    assert edit.sheet("Model")["Z3"].value == "Agreed in May"


def test_looks_are_stable_over_weeks(book: Path) -> None:
    """Five weeks later nothing has piled up: the same rules, limits and formats."""
    decorated(book)
    for day in (NEXT, NEXT + dt.timedelta(days=1)):
        again(book, SHIFTED, day)

    def counts() -> tuple[int, ...]:
        sheet = openpyxl.load_workbook(book)["Small"]
        inner = sheet.parent
        return (
            sum(len(found.rules) for found in sheet.conditional_formatting),
            len(sheet.data_validations.dataValidation),
            len(inner._cell_styles),
            sheet.max_column,
        )

    first = counts()
    for week in range(1, 6):
        assert again(book, SHIFTED, NEXT + dt.timedelta(weeks=week)).not_carried == ()
    assert counts() == first


@pytest.mark.skipif(not VALIDATOR.is_file(), reason="the validator is not on this machine")
def test_a_decorated_workbook_is_valid(book: Path) -> None:
    """The file with carried looks breaks no rule of the format."""
    decorated(book)
    again(book, BOLT_MOVES)
    done = subprocess.run([sys.executable, str(VALIDATOR), str(book)], capture_output=True, text=True, check=False)
    assert " 0 violation(s)" in done.stdout, done.stdout + done.stderr


def test_a_column_inserted_between_ours(book: Path) -> None:
    """A column put into the middle of the table, as Excel's Insert does: its cells stay, ours are found behind it."""
    edit = Editor(book)
    sheet: Any = edit.sheet("Small")
    edit.type("Small", "Bolt", "Note", "They grow")
    table = next(iter(sheet.tables.values()))
    at = edit.cell("Small", "Acme", "Owner").column
    row = edit.cell("Small", "Acme", "Owner").row
    sheet.insert_cols(at)
    sheet.cell(row - 1, at).value = "Mood"
    sheet.cell(row, at).value = "good"
    table.tableColumns.insert(at - 1, TableColumn(id=999, name="Mood"))
    first, last = table.ref.split(":")
    end = sheet[last].column + 1
    table.ref = f"{first}:{sheet.cell(sheet[last].row, end).coordinate}"
    table.autoFilter.ref = table.ref
    edit.save()
    again(book, SHIFTED)
    edit = Editor(book)
    assert (edit.cell("Small", "Acme", "Mood").value, edit.cell("Small", "Bolt", "Note").value) == ("good", "They grow")
    assert check(book).trusted


def test_colours_on_our_other_sheets_stay_behind_and_are_said(book: Path) -> None:
    """Two weights coloured on Model: a refresh paints Model anew, and says so before it writes."""
    edit = Editor(book)
    model = edit.sheet("Model")
    row = next(cell.row for cell in model["A"] if cell.value == "Use" and model.cell(cell.row, 2).value == "All")
    for at in (row, row + 1):
        model.cell(at, 3).fill = GREEN
    edit.save()
    assert again(book, FIRST).not_carried == ("sheet 'Model': formats set by hand on 2 of its cells",)


def test_formats_with_other_numbers_are_no_hand_made_ones(book: Path) -> None:
    """A file written anew by another program, with its own list of formats: nothing is taken for a person's work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        openpyxl.load_workbook(book).save(book)
    done = again(book, FIRST)
    assert done.not_carried == ()
