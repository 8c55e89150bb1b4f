"""What the buttons do, through xlwings' remote engine: a workbook as JSON in, actions out.

The engine has no files, so what works on the saved file (`draft_emails`, and `refresh` where it rebuilds the file) is
tested against a stand-in for a desktop book that keeps a protocol of what was asked of it. Refreshing an open book in
place is in `test_live_update.py`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
import types
from pathlib import Path

import pandas as pd
import pytest
from remote_book import alerts, remote_book, written

from healthscore import load_model, read_accounts, score
from healthscore.addin import commands, ribbon, scripts
from healthscore.errors import AccountsError, OutputError, WorkbookError
from healthscore.workbook import plan_book, write_book
from healthscore.workbook.plan import Book
from healthscore.workbook.reading.workbook import read_workbook
from parity.books import AS_OF, ROOT, book_of, model_of


@pytest.fixture(scope="module")
def plan() -> Book:
    """Plan the demo workbook."""
    model = load_model("journey")
    accounts = read_accounts(ROOT / "templates" / "demo" / "accounts.csv", model)
    return plan_book(accounts, score(accounts, model, AS_OF))


def changed(plan: Book, sheet: str, header: str, row: int, value: object) -> Book:
    """Return a plan with one cell of a segment's table changed, as if somebody had typed over it."""
    sheets = list(plan.sheets)
    place = next(number for number, part in enumerate(sheets) if part.name == sheet)
    table = sheets[place].tables[0]
    columns = [
        dataclasses.replace(
            column, values=[value if number == row else cell for number, cell in enumerate(column.values)]
        )
        if column.header == header
        else column
        for column in table.columns
    ]
    tables = [dataclasses.replace(table, columns=tuple(columns)), *sheets[place].tables[1:]]
    sheets[place] = dataclasses.replace(sheets[place], tables=tables)
    return dataclasses.replace(plan, sheets=tuple(sheets))


# --- recompute -----------------------------------------------------------------------------------------------------


def test_recompute_agrees_with_the_formulas(plan):
    """On an untouched workbook Python gives every account the score that stands in its Calculated column."""
    found = commands.recompute(remote_book(plan))
    assert found.accounts == 60
    assert found.told() == "60 accounts scored in Python: every formula gives the same score."


def test_recompute_writes_one_group_beside_each_table(plan):
    """Four columns per segment sheet, one column apart from the table: title, headers, a line per row; nothing else."""
    book = remote_book(plan)
    commands.recompute(book)
    actions = book.json()["actions"]
    assert {action["func"] for action in actions} == {"setValues"}
    segments = [number for number, sheet in enumerate(plan.sheets) if sheet.kind == "segment"]
    assert {sheet for sheet, *_ in written(book)} == set(segments)
    for number in segments:
        table = plan.sheets[number].tables[0]
        title, headers, lines = (part for part in written(book) if part[0] == number)
        col = table.col + len(table.columns) + 1
        assert title[1:] == (table.row - 1, col, [["Python"]])
        assert headers[1:] == (table.row, col, [list(commands.HEADERS)])
        assert lines[1:3] == (table.row + 1, col)
        assert len(lines[3]) == table.rows


def test_recompute_reports_a_pasted_over_score(plan):
    """A number typed over a Calculated cell is named with account, formula and Python's score."""
    table = next(sheet for sheet in plan.sheets if sheet.name == "Small").tables[0]
    columns = {column.header: column.values for column in table.columns}
    real, account = float(columns["Calculated"][2]), columns["Account"][2]
    book = remote_book(changed(plan, "Small", "Calculated", 2, real - 7))
    found = commands.recompute(book)
    assert [(part.account, part.formula, part.python) for part in found.differences] == [(account, real - 7, real)]
    assert f"Small, {account}: formula {real - 7:g}, Python {real:g}" in found.told()
    lines = next(
        values for sheet, row, _, values in written(book) if plan.sheets[sheet].name == "Small" and row == table.row + 1
    )
    assert [line[3] for line in lines].count(7) == 1


def test_recompute_replaces_an_earlier_one(plan):
    """A second recompute writes into the columns of the first."""
    first = remote_book(plan)
    commands.recompute(first)
    again = remote_book(plan)
    for sheet, row, col, values in written(first):
        cells = again.api["sheets"][sheet]["values"]
        for number, line in enumerate(values):
            cells[row + number] += [""] * (col + len(line) - len(cells[row + number]))
            cells[row + number][col : col + len(line)] = ["" if cell is None else cell for cell in line]
        width = max(map(len, cells))
        for padded in cells:
            padded.extend([""] * (width - len(padded)))
    commands.recompute(again)
    assert [part[:3] for part in written(again)] == [part[:3] for part in written(first)]


def test_recompute_follows_a_weight_on_the_model_sheet(plan):
    """Python reads the model from the sheet: a changed threshold changes its scores, so the old values differ."""
    book = remote_book(plan)
    model = next(sheet for sheet in book.api["sheets"] if sheet["name"] == "Model")
    row = next(line for line in model["values"] if line[0] == "Seats in use" and line[3] == "ratio")
    row[2] = 0
    assert commands.recompute(book).differences


def test_a_foreign_workbook_is_refused(plan):
    """A workbook without a Model sheet gets one clear sentence, and nothing is written."""
    book = remote_book(dataclasses.replace(plan, sheets=plan.sheets[:1], names={}))
    with pytest.raises(WorkbookError, match="no Model sheet"):
        commands.recompute(book)
    assert not book.json()["actions"]


# --- check ---------------------------------------------------------------------------------------------------------


def test_check_of_an_untouched_workbook(plan):
    """Everything in order: one line says so, the others say what was looked at; nothing is written."""
    book = remote_book(plan)
    found = commands.check(book)
    assert found.in_order, found.told()
    assert found.told().startswith("The scores can be trusted.")
    assert f"as-of date: {AS_OF.isoformat()}" in found.told()
    assert not book.json()["actions"]


def test_check_names_what_is_wrong():
    """Overrides that are incomplete or expired and ids that stand twice are counted."""
    frame_model = model_of(metrics=[{"name": "Use", "column": "use", "ramp": [0, 100]}])
    frame = pd.DataFrame({"id": ["a", "a", "b"], "account": ["A", "A2", "B"], "use": [50.0, 60.0, 70.0]})
    people = {
        "override_score": [80.0, 90.0, 10.0],
        "override_reason": ["knows", "", "knows"],
        "override_by": ["Ann", "Ann", "Bob"],
        "override_until": pd.to_datetime(["2027-01-01", "2027-01-01", "2026-01-01"]).astype("datetime64[s]"),
    }
    plan = book_of(frame_model, frame, people)
    book = remote_book(plan)
    sheet = next(part for part in book.api["sheets"] if part["name"] == "All accounts")
    header = next(line for line in sheet["values"] if "Override until" in line)
    col = header.index("Override until")
    for line in sheet["values"][sheet["values"].index(header) + 1 :]:
        if isinstance(line[col], int):
            line[col] = (dt.date(1899, 12, 30) + dt.timedelta(days=line[col])).isoformat() + "T00:00:00.000Z"
    told = commands.check(book).told()
    assert told.startswith("2 things to look at.")
    assert "1 active, 1 expired, 1 without reason, author or end date" in told
    assert "more than one row for a" in told


def test_scripts_show_what_was_found(plan):
    """As scripts of xlwings Lite the commands end in a message; a foreign workbook's message is the reason."""
    import asyncio

    import xlwings as xw
    import xlwings.server

    def run(name: str, book: xw.Book) -> list[str]:
        asyncio.run(xlwings.server.custom_scripts_call(scripts, name, typehint_to_value={xw.Book: book}))
        return alerts(book)

    assert run("recompute_scores", remote_book(plan)) == [
        "60 accounts scored in Python: every formula gives the same score."
    ]
    assert run("check_scores", remote_book(plan))[0].startswith("The scores can be trusted.")
    foreign = dataclasses.replace(plan, sheets=plan.sheets[:1], names={})
    assert "no Model sheet" in run("check_scores", remote_book(foreign))[0]


# --- refresh and e-mail: a protocol of what is asked of a desktop book ---------------------------------------------


class DesktopBook:
    """Stands in for a book in desktop Excel: notes saving, closing, opening and messages."""

    def __init__(self, path: Path | str, protocol: list[str]) -> None:
        self.fullname, self.protocol, self.app = str(path), protocol, self
        self.books = self

    def save(self) -> None:
        self.protocol.append("save")

    def close(self) -> None:
        self.protocol.append("close")

    def open(self, path: str) -> DesktopBook:
        self.protocol.append(f"open {Path(path).name}")
        return DesktopBook(path, self.protocol)

    def alert(self, text: str, _title: str) -> None:
        self.protocol.append(f"alert {text}")


@pytest.fixture
def desktop(plan, tmp_path) -> DesktopBook:
    return DesktopBook(write_book(plan, tmp_path / "scores.xlsx"), [])


def test_refresh_works_on_the_closed_file(desktop, tmp_path):
    """Save, close, refresh the file in place, open it again; the old one is kept, the new export's values are in it."""
    export = tmp_path / "new.csv"
    frame = pd.read_csv(ROOT / "templates" / "demo" / "accounts.csv", dtype=object)
    frame.loc[0, "ARR"] = 123456
    frame.iloc[:-1].to_csv(export, index=False)
    book, told = commands.refresh(desktop, export)
    assert desktop.protocol == ["save", "close", "open scores.xlsx"]
    assert book.fullname == desktop.fullname
    assert told.startswith("Refreshed from new.csv: 1 left,")
    assert "The old workbook is kept as" in told
    again = read_workbook(desktop.fullname).accounts.frame
    assert len(again) == len(frame) - 1
    assert 123456 in list(again["value"])


def test_an_export_that_is_no_good_leaves_the_workbook_open(desktop, tmp_path):
    """The export is read before the workbook is closed: it is saved, open, and as it was."""
    export = tmp_path / "new.csv"
    export.write_text("")
    with pytest.raises(AccountsError):
        commands.refresh(desktop, export)
    assert desktop.protocol == ["save"]


def test_the_workbook_is_opened_again_whatever_happens(desktop, tmp_path, monkeypatch):
    """A disk that fills up while the file is written: the person has the workbook before them again."""
    real = commands._function("healthscore.refresh", "refresh")

    def full(*args: object, **options: object) -> object:
        if options.get("dry_run"):
            return real(*args, **options)
        raise OutputError("the disk is full")

    monkeypatch.setattr(commands, "_function", lambda *_: full)
    with pytest.raises(OutputError):
        commands.refresh(desktop, ROOT / "templates" / "demo" / "accounts.csv")
    assert desktop.protocol == ["save", "close", "open scores.xlsx"]


def test_a_workbook_that_was_never_saved_has_no_drafts():
    """A new book, or one that lives on the web, has no file to make e-mails of; it says so."""
    for name in ("Book1", "https://contoso.sharepoint.com/scores.xlsx"):
        book = DesktopBook(name, [])
        with pytest.raises(WorkbookError, match="save the workbook"):
            commands.draft_emails(book)
        assert book.protocol == []


def test_what_is_not_installed_is_said(desktop, monkeypatch, tmp_path):
    """Without the part that refreshes, the button says what is missing and touches nothing."""
    monkeypatch.setitem(sys.modules, "healthscore.refresh", types.ModuleType("healthscore.refresh"))
    with pytest.raises(WorkbookError, match=r"healthscore\.refresh is not there"):
        commands.refresh(desktop, tmp_path / "new.csv")
    assert desktop.protocol == []


def test_drafting_emails_sends_nothing(desktop, tmp_path):
    """The saved workbook's scorecards become drafts in a folder beside it."""
    folder, count = commands.draft_emails(desktop)
    assert desktop.protocol == ["save"]
    assert folder.parent == tmp_path
    assert count >= 1
    assert len(list(folder.glob("*.eml"))) == count


def test_ribbon_decodes_the_path_and_shows_the_outcome(desktop, monkeypatch):
    """VBA hands a path over as hexadecimal digits, so that quotes and umlauts survive; the outcome is a message."""
    seen = []

    def refresh(book: object, export: Path) -> tuple[object, str]:
        seen.append(export)
        return book, "done"

    monkeypatch.setattr(ribbon.xw, "Book", types.SimpleNamespace(caller=lambda: desktop))
    monkeypatch.setattr(commands, "refresh", refresh)
    path = "C:\\Users\\Zoë O'Neil\\export – 🚀.csv"
    ribbon.refresh(path.encode("utf-16-be").hex().upper())
    assert [str(one) for one in seen] == [path]
    assert desktop.protocol == ["alert done"]


def test_ribbon_never_shows_a_traceback(desktop, monkeypatch):
    """A fault of ours is one sentence."""
    monkeypatch.setattr(ribbon.xw, "Book", types.SimpleNamespace(caller=lambda: desktop))
    monkeypatch.setattr(commands, "check", lambda _: 1 / 0)
    ribbon.check()
    assert desktop.protocol == [
        "alert That did not work (ZeroDivisionError: division by zero). Nothing is lost; please report it."
    ]
