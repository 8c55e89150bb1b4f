"""Random weeks: people type, paste, sort, filter, add rows, columns and sheets, change weights, override; exports come.

At the end of every week nothing that a person typed is missing: it is in its cell, or on the sheet Movers with both
values, or with the account on Left. And Python, the engine and the cells agree.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import warnings
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from healthscore import build
from healthscore.accounts import accounts_from_frame
from healthscore.check import check
from healthscore.workbook.reading.workbook import read_workbook
from parity.compare import assert_agrees
from parity.engines import Cellrune
from refresh.conftest import MONDAY, Editor, again, export, small_model
from refresh.test_additions import add_column

NAMES = {f"C{number}": f"Account {number}" for number in range(6)}
TEXTS = ("Call them", "=not a formula", "O'Brien & Co", "ü🚀", "50 %", "a|b", "new", "x0041", "TRUE")

Typed = dict[tuple[str, str], object]
#: Where a text was put -> the text that must stand in some cell or comment from then on.
Kept = dict[str, str]


@st.composite
def exports(draw: st.DrawFn) -> dict[str, tuple[Any, ...]]:
    """An export of some of the accounts, in some segment, with some numbers."""
    ids = draw(st.lists(st.sampled_from([*NAMES]), min_size=1, max_size=6, unique=True))
    numbers = st.sampled_from([0, 5, 20, 50, 80, 100])
    return {
        name: (NAMES[name], draw(st.sampled_from(["Small", "Large"])), draw(numbers) * 10, draw(numbers), draw(numbers))
        for name in sorted(ids)
    }


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """What people do in one week."""
    kind = st.sampled_from(
        [
            "note",
            "note",
            "feeling",
            "use",
            "paste",
            "override",
            "own",
            "beside",
            "sheet",
            "weight",
            "text",
            "hand",
            "sort",
            "filter",
            "over",
            "color",
            "comment",
        ]
    )
    pick = st.integers(0, 5)
    return draw(st.lists(st.tuples(kind, pick, st.sampled_from(TEXTS), st.integers(1, 5)), max_size=5))


def rows(edit: Editor) -> Iterator[tuple[str, str]]:
    """Yield (sheet, account) of every account in the workbook."""
    for sheet in edit.book.worksheets:
        for table in sheet.tables.values():
            if "Override score" in [column.name for column in table.tableColumns]:
                head = int(table.ref.split(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
                for row in range(head + 1, sheet.max_row + 1):
                    if sheet.cell(row, 1).value:
                        yield sheet.title, str(sheet.cell(row, 1).value)


def _reverse(edit: Editor, name: str) -> None:
    """Sort a segment's rows the other way round; formulas of the table stand in every row alike."""
    sheet = edit.sheet(name)
    there = [sheet.cell(row, 1).row for row in _account_rows(edit, name)]
    for one, other in zip(there, reversed(there), strict=True):
        if one < other:
            for col in range(1, sheet.max_column + 1):
                cells = sheet.cell(one, col), sheet.cell(other, col)
                if not any(cell.data_type == "f" for cell in cells):
                    values = [(cell.value, cell.data_type, copy(cell._style), cell.comment) for cell in cells]
                    for cell, (value, kind, style, comment) in zip(cells, reversed(values), strict=True):
                        cell.value, cell._style, cell.comment = value, style, comment and copy(comment)
                        cell.data_type = kind


def _account_rows(edit: Editor, name: str) -> list[int]:
    names = [account for sheet, account in rows(edit) if sheet == name]
    return [edit.cell(name, account, "Account").row for account in names]


def apply(book: Path, week: list[tuple[Any, ...]], number: int) -> tuple[Typed, Kept]:  # noqa: PLR0912, PLR0915 (one per kind of edit)
    """Do a week's edits in the file; return what was typed, and the other texts that must not get lost."""
    edit = Editor(book)
    typed: Typed = {}
    kept: Kept = {}
    for kind, pick, text, mark in week:
        there = list(rows(edit))
        sheet, account = there[pick % len(there)]
        match kind:
            case "note" | "feeling" | "use":
                header = {"note": "Note"}.get(kind, kind)
                # No export says a quarter: what somebody typed that the export said already is nobody's word.
                value: object = {"note": text, "feeling": mark}.get(kind, mark + 0.25)
                cell = edit.cell(sheet, account, header)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
                typed[account, header] = value
            case "paste":
                for number_, (where, who) in enumerate(there):
                    if where == sheet:
                        edit.type(where, who, "feeling", 1 + (mark + number_) % 5)
                        typed[who, "feeling"] = 1 + (mark + number_) % 5
            case "beside":
                column = edit.sheet(sheet).max_column + 2
                edit.sheet(sheet).cell(edit.cell(sheet, account, "Note").row, column).value = f"beside {number} {mark}"
                kept[f"beside {account} {number} {column}"] = f"beside {number} {mark}"
            case "sort":
                _reverse(edit, sheet)
            case "text":
                model = edit.sheet("Model")
                row = next(c.row for c in model["B"] if c.value == "Use" and model.cell(c.row, 3).value == "Action")
                model.cell(row, 4).value = f"Do {number} {mark}"
                kept["action of Use"] = f"Do {number} {mark}"
            case "color":
                edit.cell(sheet, account, "Note").fill = PatternFill("solid", fgColor="FFABCDEF")
            case "comment":
                edit.cell(sheet, account, "Note").comment = Comment(f"said {number} {mark}", "Ann")
                kept[f"comment on {account}"] = f"said {number} {mark}"
            case "override":
                for header, given_value in (
                    ("Override score", mark),
                    ("Override by", "Ann"),
                    ("Override reason", "Because"),
                ):
                    edit.type(sheet, account, header, given_value)
                    typed[account, header] = given_value
                edit.type(sheet, account, "Override until", dt.date(2027, 1, 1))
            case "own":
                header = f"Own {number} {mark} {sheet}"
                titles = [column.name for column in next(iter(edit.sheet(sheet).tables.values())).tableColumns]
                if header not in titles:
                    add_column(edit, sheet, header, {account: mark})
                    typed[account, header] = mark
            case "sheet":
                name = f"Mine {number} {mark}"
                if name not in edit.book.sheetnames:
                    edit.book.create_sheet(name)["B2"] = f"mine {text} {number}"
                    edit.book[name]["B2"].data_type = "s"
                    kept[f"sheet {name}"] = f"mine {text} {number}"
            case "weight":
                model = edit.sheet("Model")
                row = next(c.row for c in model["A"] if c.value == "Use" and model.cell(c.row, 2).value == "All")
                model.cell(row, 3).value = mark
            case "hand":
                keys = {c.value: c.column for c in edit.sheet(sheet)[4]}
                row = edit.sheet(sheet).max_row + 1
                name = f"By hand {number} {mark}"
                if name not in [one for _, one in there]:
                    edit.sheet(sheet).cell(row, 1).value = name
                    edit.sheet(sheet).cell(row, keys["role:id"]).value = name
                    edit.sheet(sheet).cell(row, keys["input:feeling"]).value = mark
                    typed[name, "feeling"] = mark
            case "filter":
                next(iter(edit.sheet(sheet).tables.values())).autoFilter.add_filter_column(0, [account])
            case "over":
                edit.type(sheet, account, "Base", mark)
    edit.save()
    return typed, kept


def everything(book: Path) -> dict[str, set[object]]:
    """All values and comments of all sheets, by sheet."""
    loaded = openpyxl.load_workbook(book)
    cells = {sheet.title: [cell for row in sheet for cell in row] for sheet in loaded.worksheets}
    return {
        title: {cell.value for cell in found} | {cell.comment.text for cell in found if cell.comment}
        for title, found in cells.items()
    }


def lost(book: Path, typed: Typed) -> list[tuple[str, str, object]]:
    """What was typed and is nowhere: not in its cell, not with the account on Left, not told on Movers."""
    contents = read_workbook(book)
    frame = contents.accounts.frame.set_index("account")
    columns = {
        "Note": "note",
        "Override score": "override_score",
        "Override by": "override_by",
        "Override reason": "override_reason",
    }
    own = {
        (name, column.header): value
        for place in contents.segments
        for column in place.own
        for name, value in column.values.items()
    }
    ids = dict(zip(contents.accounts.frame["account"], contents.accounts.frame["id"], strict=True))
    left = {one.account: set(one.row.values()) for one in contents.left}
    movers = everything(book)["Movers"]
    missing = []
    for (account, header), value in typed.items():
        column = columns.get(header, header)
        here = frame.loc[account].get(column) if account in frame.index and column in frame else None
        mine = own.get((str(ids.get(account)), header))
        if value not in (here, mine) and value not in left.get(account, ()) and str(value) not in movers:
            missing.append((account, header, value))
    return missing


@given(first=exports(), weeks=st.lists(st.tuples(edits(), exports()), min_size=1, max_size=3))
@settings(max_examples=40)
def test_nothing_typed_is_lost_and_all_agree(first: dict[str, tuple[Any, ...]], weeks: list[tuple[Any, ...]]) -> None:
    """After each week: what was typed is there, the check trusts every score, and the engine computes the same."""
    warnings.simplefilter("ignore")
    model = small_model()
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "health.xlsx"
        build(accounts_from_frame(export(first), model), model, book, MONDAY)
        kept: Kept = {}
        for number, (week, rows_of_week) in enumerate(weeks, start=1):
            typed, texts_of_week = apply(book, week, number)
            kept |= texts_of_week
            again(book, rows_of_week, MONDAY + dt.timedelta(weeks=number))
            assert lost(book, typed) == []
            assert check(book).trusted
            texts = "\n".join(str(value) for values in everything(book).values() for value in values)
            assert [text for text in kept.values() if text not in texts] == []
        assert_agrees(book, Cellrune().recalculate(book), "cellrune")
