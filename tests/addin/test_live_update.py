"""Refreshing an open workbook in place, through xlwings' remote engine: a book as JSON in, actions out.

The actions are then carried out on the JSON as Excel would, and the outcome is read and scored again. The engine does
not tell which cells hold formulas, so that one thing is tested on a stand-in for a desktop's cells.
"""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pytest
import xlwings as xw
import xlwings.server
from excel_host import posted
from remote_book import alerts, remote_book, written

from healthscore import load_model, read_accounts, score
from healthscore.addin import commands, scripts
from healthscore.addin.answer import answer
from healthscore.addin.tables import model_rows, segment_tables
from healthscore.addin.update import as_typed, update, update_from_sheet
from healthscore.errors import AccountsError, WorkbookError
from healthscore.workbook import plan_book, write_book
from healthscore.workbook.plan import Book, area
from healthscore.workbook.reading.cells import place_of
from parity.books import AS_OF, ROOT

EXPORT = ROOT / "templates" / "demo" / "accounts.csv"
MODEL = load_model("journey")
LATER = dt.date(2026, 7, 7)


@pytest.fixture(scope="module")
def plan() -> Book:
    accounts = read_accounts(EXPORT, MODEL)
    return plan_book(accounts, score(accounts, MODEL, AS_OF))


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.read_csv(EXPORT, dtype=object)


def accounts_of(frame: pd.DataFrame, folder: Path):
    """Read a frame as an export from a file."""
    frame.to_csv(folder / "new.csv", index=False)
    return read_accounts(folder / "new.csv", MODEL)


def held(value: object) -> object:
    """Return what a cell holds after it was given a value: a day number for a day, a text without its apostrophe."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        return posted(dt.date.fromisoformat(value[:10]))
    return "" if value is None else value[1:] if isinstance(value, str) and value.startswith("'") else value


def carried_out(book: xw.Book) -> xw.Book:
    """Return the book after its actions, as Excel carries them out; an apostrophe marks a text and is not part of it."""
    state = copy.deepcopy(dict(book.api))
    for action in book.json()["actions"]:
        sheet = state["sheets"][action["sheet_position"]]
        if action["func"] == "addTableRow":
            table = sheet["tables"][action["args"][0]]
            (top, left), (bottom, right) = (place_of(part) for part in table["range_address"].split(":"))
            table["range_address"] = area(top, left, bottom + 1, right).replace("$", "")
        elif action["func"] == "setValues":
            for number, line in enumerate(action["values"], start=action["start_row"]):
                while number >= len(sheet["values"]):
                    sheet["values"].append([""] * len(sheet["values"][0]))
                for col, value in enumerate(line, start=action["start_column"]):
                    sheet["values"][number][col] = held(value)
    return xw.Book(json={**state, "client": "Office.js", "version": xw.__version__})


def scores_of(book: xw.Book) -> dict[str, object]:
    """Score an open book's accounts in Python, by id."""
    model, found = model_rows(book), {}
    for table in segment_tables(book):
        given = answer(table.rows, [table.headers], [[table.segment]], model, [[posted(AS_OF)]])
        ids = [one for one, blank in zip(table.column("Account ID"), given.blank, strict=True) if not blank]
        found |= dict(zip(map(str, ids), given.table["calculated"].astype(object), strict=True))
    return {name: None if pd.isna(value) else float(value) for name, value in found.items()}


def cell_of(book: xw.Book, account: str, header: str) -> object:
    """Return a cell of an account's row."""
    for table in segment_tables(book):
        ids = [str(one) for one in table.column("Account ID")]
        if account in ids:
            return table.column(header)[ids.index(account)]
    raise AssertionError(account)


def typed(plan: Book, account: str, header: str, value: object) -> xw.Book:
    """Return the planned book, open, with one cell typed by somebody."""
    book = remote_book(plan)
    state = copy.deepcopy(dict(book.api))
    for sheet in state["sheets"]:
        lines = sheet["values"]
        head = next((line for line in lines if "Account ID" in line and "Calculated" in line), None)
        for line in lines:
            if head is not None and line[head.index("Account ID")] == account:
                line[head.index(header)] = value
    return xw.Book(json={**state, "client": "Office.js", "version": xw.__version__})


def test_the_same_export_changes_nothing(plan, tmp_path, frame):
    """An export that says what the last one said leads to no action at all."""
    book = remote_book(plan)
    done = update(book, accounts_of(frame, tmp_path))
    assert (done.accounts, done.cells, done.new, done.gone, done.kept) == (60, 0, [], [], [])
    assert book.json()["actions"] == []


def test_changed_values_go_into_their_cells_and_nothing_else(plan, tmp_path, frame):
    """Three values changed: three cells are written, under their own headers; the scores are those of a new build."""
    frame.loc[0, "NPS"], frame.loc[1, "Active users"], frame.loc[2, "Renewal date"] = "9", "1", "2027-01-31"
    book = remote_book(plan)
    done = update(book, accounts_of(frame, tmp_path))
    assert done.cells == 3
    assert {action["func"] for action in book.json()["actions"]} == {"setValues"}
    segments = {number for number, sheet in enumerate(plan.sheets) if sheet.kind == "segment"}
    here = [part for part in written(book) if part[0] in segments]
    assert sum(len(values) for *_, values in here) == 3
    after = carried_out(book)
    assert cell_of(after, frame.loc[0, "Account ID"], "NPS") == 9
    fresh = accounts_of(frame, tmp_path)
    table = score(fresh, MODEL, AS_OF).table["calculated"].astype(object)
    hoped = {
        str(name): None if pd.isna(value) else float(value)
        for name, value in zip(fresh.frame["id"], table, strict=True)
    }
    assert scores_of(after) == hoped


def test_a_second_update_finds_nothing_left_to_do(plan, tmp_path, frame):
    """What an update wrote is what the next one with the same export expects, in the tables and in its memory."""
    frame.loc[0, "NPS"], frame.loc[3, "Owner"] = "9", "New Owner"
    export = accounts_of(frame, tmp_path)
    book = remote_book(plan)
    update(book, export, LATER)
    again = carried_out(book)
    done = update(again, export)
    assert (done.cells, done.kept, done.replaced) == (0, [], [])
    assert again.json()["actions"] == []


def test_inputs_that_the_export_lacks_are_untouched(plan, tmp_path, frame):
    """Overrides, notes and columns that the export does not have are never written."""
    smaller = frame[["Account ID", "Account", "Size", "NPS"]].copy()
    smaller["NPS"] = "3"
    book = remote_book(plan)
    update(book, accounts_of(smaller, tmp_path))
    for sheet, _row, col, _values in written(book):
        planned = plan.sheets[sheet]
        if planned.kind == "segment":
            assert planned.tables[0].columns[col].header == "NPS"
        else:
            assert planned.name == "Imported"


def test_a_typed_value_stays_while_the_export_says_what_it_said(plan, tmp_path, frame):
    """Somebody corrected a cell by hand; the export has not changed: the correction stays and is told."""
    account = frame.loc[0, "Account ID"]
    book = typed(plan, account, "Seats", 77)
    done = update(book, accounts_of(frame, tmp_path))
    assert [(part[1], part[2]) for part in done.kept] == [("Seats", 77.0)]
    assert written(book) == []
    assert "typed by hand and kept: Osprey Roofing, Seats: 77, export 10" in done.told()


def test_where_both_changed_the_export_stands_and_it_is_told(plan, tmp_path, frame):
    """The cell was typed over, and the export has news too: the export's value is written, both are told."""
    account = frame.loc[0, "Account ID"]
    frame.loc[0, "Seats"] = "12"
    book = typed(plan, account, "Seats", 77)
    done = update(book, accounts_of(frame, tmp_path))
    assert [(part[1], part[2], part[3]) for part in done.replaced] == [("Seats", 77.0, 12.0)]
    assert cell_of(carried_out(book), account, "Seats") == 12


def test_new_accounts_become_rows_that_excel_adds(plan, tmp_path, frame):
    """A new account: Excel is asked for a row (it fills the formulas), and its cells are written into that row."""
    fresh = {**frame.iloc[0].to_dict(), "Account ID": "C-9999", "Account": "Brand New", "Size": "Small"}
    export = accounts_of(pd.concat([frame, pd.DataFrame([fresh])], ignore_index=True), tmp_path)
    book = remote_book(plan)
    done = update(book, export)
    assert done.new == ["Brand New"]
    added = [action for action in book.json()["actions"] if action["func"] == "addTableRow"]
    assert {plan.sheets[action["sheet_position"]].name for action in added} == {"Small", "Imported"}
    assert all(action["args"][2] is None for action in added)
    after = carried_out(book)
    assert cell_of(after, "C-9999", "Account") == "Brand New"
    assert scores_of(after)["C-9999"] == scores_of(after)[frame.loc[0, "Account ID"]]
    assert update(after, export).cells == 0


def test_gone_and_homeless_accounts_are_named_and_nothing_is_deleted(plan, tmp_path, frame):
    """An account that the export lacks keeps its row; one of a segment without a sheet is left out; both are told."""
    gone = frame.loc[0, "Account"]
    odd = {**frame.iloc[1].to_dict(), "Account ID": "C-9998", "Account": "Elsewhere", "Size": "Galactic"}
    export = accounts_of(pd.concat([frame.iloc[1:], pd.DataFrame([odd])], ignore_index=True), tmp_path)
    book = remote_book(plan)
    done = update(book, export)
    assert (done.gone, done.homeless, done.new) == ([gone], ["Elsewhere"], [])
    assert f"not in the export; their rows stay as they are: {gone}" in done.told()


def test_another_segment_is_told_and_the_row_stays(plan, tmp_path, frame):
    """The export moves an account: its row stays where the formulas are, and that is told."""
    frame.loc[0, "Size"] = "Enterprise"
    done = update(remote_book(plan), accounts_of(frame, tmp_path))
    assert done.moved == ["Osprey Roofing"]


@pytest.mark.parametrize(
    "evil", ['=HYPERLINK("http://evil.example","x")', "+1", "-1+1", "@SUM(1)", "007", "1-2", "TRUE", "#REF!", "'x"]
)
def test_texts_stay_texts(plan, tmp_path, frame, evil):
    """A name that Excel would take for a formula, a number or a day is written as a text."""
    frame.loc[0, "Account"] = evil
    book = remote_book(plan)
    update(book, accounts_of(frame, tmp_path))
    values = [cell for *_, lines in written(book) for line in lines for cell in line]
    assert f"'{evil}" in values
    assert evil not in values or evil.startswith("'")


def test_what_recompute_writes_is_text_too():
    """Bands and the like go the same way."""
    assert as_typed("=1+1") == "'=1+1"
    assert as_typed("Green") == "Green"
    assert as_typed(5.0) == 5.0


def test_the_as_of_date_moves_along(plan, tmp_path, frame):
    """The as-of date on Start becomes the day of the refresh, so that days since are counted to it."""
    book = remote_book(plan)
    done = update(book, accounts_of(frame, tmp_path), LATER)
    sheet, row, col, values = next(part for part in written(book) if plan.sheets[part[0]].name == "Start")
    assert (plan.sheets[sheet].name, row, col) == ("Start", 3, 1)
    assert str(values[0][0]).startswith("2026-07-07")
    assert "as-of date is 2026-07-07" in done.told()


def test_accounts_are_told_by_their_names_where_there_are_no_ids(plan, tmp_path, frame):
    """An export without ids: each account is found by its name, where only one has it."""
    frame.loc[0, "NPS"] = "9"
    done = update(remote_book(plan), accounts_of(frame.drop(columns="Account ID"), tmp_path))
    assert (done.accounts, done.cells, done.new) == (60, 1, [])


def test_an_account_that_stands_twice_is_refused(plan, tmp_path, frame):
    """In the export or in the workbook: one clear line, nothing written."""
    double = pd.concat([frame, frame.iloc[:1]], ignore_index=True)
    book = remote_book(plan)
    with pytest.raises(AccountsError, match="C-1001"):
        update(book, accounts_of(double, tmp_path))
    twice = typed(plan, frame.loc[1, "Account ID"], "Account ID", frame.loc[0, "Account ID"])
    with pytest.raises(WorkbookError, match="delete all but one"):
        update(twice, accounts_of(frame, tmp_path))
    assert not written(book)
    assert not written(twice)


def test_a_column_put_into_the_table_alone_is_stepped_around(plan, tmp_path, frame):
    """People insert a column into a table: the row of names above no longer fits, so the headers tell the columns."""
    frame.loc[0, "NPS"] = "9"
    state = copy.deepcopy(dict(remote_book(plan).api))
    for sheet in state["sheets"]:
        head = next((row for row, line in enumerate(sheet["values"]) if "Account ID" in line and "NPS" in line), None)
        if head is None or sheet["name"] == "Imported":
            continue
        for row, line in enumerate(sheet["values"]):
            line.insert(2 if row >= head else len(line), "Mine" if row == head else "")
        table = sheet["tables"][0]
        (top, left), (bottom, right) = (place_of(part) for part in table["range_address"].split(":"))
        table["range_address"] = area(top, left, bottom, right + 1).replace("$", "")
    book = xw.Book(json={**state, "client": "Office.js", "version": xw.__version__})
    done = update(book, accounts_of(frame, tmp_path))
    assert done.cells == 1
    assert cell_of(carried_out(book), frame.loc[0, "Account ID"], "NPS") == 9


# --- from a sheet, as in xlwings Lite ------------------------------------------------------------------------------


def with_export_sheet(plan: Book, frame: pd.DataFrame) -> xw.Book:
    """Return the open book with an export pasted into the sheet Export, below a line of its own."""
    state = copy.deepcopy(dict(remote_book(plan).api))
    lines = [[str(name) for name in frame.columns], *[[posted(cell) for cell in row] for row in frame.to_numpy()]]
    state["sheets"].append({"name": "Export", "values": lines, "pictures": [], "tables": []})
    return xw.Book(json={**state, "client": "Office.js", "version": xw.__version__})


def test_an_export_pasted_into_a_sheet(plan, frame):
    """The cells of the sheet Export are read as a file's: the changed one goes into the table."""
    frame.loc[0, "NPS"] = "9"
    book = with_export_sheet(plan, frame)
    done = update_from_sheet(book, LATER)
    assert (done.accounts, done.cells) == (60, 1)
    assert cell_of(carried_out(book), frame.loc[0, "Account ID"], "NPS") == 9
    assert "from the sheet Export" in done.told()


def test_the_script_of_xlwings_lite(plan, frame):
    """As a button: the outcome is a message; without the sheet the message says what to paste where."""

    def run(book: xw.Book) -> str:
        asyncio.run(xlwings.server.custom_scripts_call(scripts, "refresh_scores", typehint_to_value={xw.Book: book}))
        return alerts(book)[0]

    frame.loc[0, "NPS"] = "9"
    assert run(with_export_sheet(plan, frame)).startswith("Updated in place from the sheet Export: 60 accounts, ")
    assert "paste the export into a new sheet called Export" in run(remote_book(plan))
    foreign = dataclasses.replace(plan, sheets=plan.sheets[:1], names={})
    assert "no Model sheet" in run(remote_book(foreign))


# --- on a desktop --------------------------------------------------------------------------------------------------


def test_a_formula_that_somebody_typed_stays(plan, tmp_path, frame, monkeypatch):
    """Where the host tells formulas, a cell that holds one is not written over."""
    frame.loc[0, "NPS"] = "9"
    book = remote_book(plan)
    monkeypatch.setattr(
        "healthscore.addin.update._formulas",
        lambda table: [["=A1" if header == "NPS" else "" for header in table.headers] for _ in table.rows],
    )
    done = update(book, accounts_of(frame, tmp_path))
    assert done.cells == 0
    assert done.kept[0][1:] == ("NPS", "formula =A1", 9.0)


def test_the_ribbon_takes_this_way_where_a_file_could_not_carry_everything(plan, tmp_path, frame, monkeypatch):
    """A chart on one of our sheets would stay behind in a rebuilt file: the open book's cells are filled instead."""
    frame.loc[0, "NPS"] = "9"
    frame.to_csv(tmp_path / "new.csv", index=False)
    path = write_book(plan, tmp_path / "scores.xlsx")
    before, book = path.read_bytes(), remote_book(plan)
    asked: list[dict[str, object]] = []

    def run(*_args: object, **options: object) -> object:
        asked.append(options)
        return type("Planned", (), {"not_carried": ("a chart on Small",)})()

    saved: list[int] = []
    monkeypatch.setattr(commands, "_function", lambda *_: run)
    monkeypatch.setattr(commands, "_file_of", lambda _: path)
    monkeypatch.setattr(type(book), "save", lambda _self: saved.append(1))
    same, told = commands.refresh(book, tmp_path / "new.csv")
    assert same is book
    assert [options.get("dry_run") for options in asked] == [True]
    assert "left behind: a chart on Small" in told
    assert path.read_bytes() == before
    assert cell_of(carried_out(book), frame.loc[0, "Account ID"], "NPS") == 9


def test_without_a_file_the_open_book_is_filled(plan, tmp_path, frame):
    """A workbook on the web has no file to rebuild; its cells are filled."""
    frame.loc[0, "NPS"] = "9"
    frame.to_csv(tmp_path / "new.csv", index=False)
    book = remote_book(plan)
    same, told = commands.refresh(book, tmp_path / "new.csv")
    assert same is book
    assert told.startswith("Updated in place from new.csv: 60 accounts, ")
