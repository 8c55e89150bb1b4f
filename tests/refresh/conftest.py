"""A small book of accounts to refresh: every test edits a copy as people do, and refreshes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from healthscore import Accounts, ScoreModel, build
from healthscore.accounts import accounts_from_frame
from healthscore.refresh import Refreshed, refresh
from healthscore.workbook.reading.cells import read_sheet, shared_strings
from healthscore.workbook.reading.package import open_package
from healthscore.workbook.reading.segment import key_row
from parity.books import model_of

MONDAY, NEXT = dt.date(2026, 6, 29), dt.date(2026, 7, 6)


def small_model(**more: Any) -> ScoreModel:
    """Two metrics from the export, one that people rate, a rule that caps."""
    return model_of(
        segment_by=["size"],
        metrics=[
            {"name": "Use", "column": "use", "ramp": [0, 100], "weight": 2, "action": "Train"},
            {"name": "Tickets", "column": "tickets", "ramp": [10, 0]},
            {"name": "Feeling", "column": "feeling", "rating": 5},
        ],
        rules=[{"name": "Silent", "when": [{"metric": "Use", "op": "<", "value": 10}], "cap": 40}],
        **more,
    )


def export(rows: Mapping[str, tuple[Any, ...]]) -> pd.DataFrame:
    """An export: {id: (name, size, value, use, tickets)}."""
    columns = ["id", "account", "size", "value", "use", "tickets"]
    return pd.DataFrame([(name, *row) for name, row in rows.items()], columns=columns)


FIRST = {
    "C1": ("Acme", "Small", 1000, 50, 2),
    "C2": ("Bolt", "Small", 2000, 80, 0),
    "C3": ("Core", "Large", 9000, 5, 4),
    "C4": ("Dune", "Large", 7000, 95, 1),
}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The workbook of Monday."""
    model = small_model()
    return build(accounts_from_frame(export(FIRST), model), model, tmp_path / "health.xlsx", MONDAY, currency="EUR")


def again(book: Path, rows: Mapping[str, tuple[Any, ...]], day: dt.date = NEXT, **options: Any) -> Refreshed:
    """Refresh a workbook with an export, in place unless told otherwise."""

    def read(model: ScoreModel) -> Accounts:
        frame = rows if isinstance(rows, pd.DataFrame) else export(rows)
        return accounts_from_frame(frame, model, source="export.csv")

    return refresh(book, read, as_of=day, **({"in_place": True} | options))


class Editor:
    """Edits a workbook as a person does in a spreadsheet, by account and column."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)

    def sheet(self, name: str) -> Any:
        """Return a sheet."""
        return self.book[name]

    def cell(self, sheet: str, account: str, header: str) -> Any:
        """Return a cell of an account's row, found by its name and the column's header."""
        content = self.book[sheet]
        table = next(iter(content.tables.values()))
        head = int(table.ref.split(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        col = next(cell.column for cell in content[head] if cell.value == header)
        row = next(cell.row for cell in content["A"] if cell.value == account and cell.row > head)
        return content.cell(row, col)

    def type(self, sheet: str, account: str, header: str, value: object) -> None:
        """Put a value into a cell of an account's row."""
        self.cell(sheet, account, header).value = value

    def save(self) -> Path:
        """Write the file."""
        self.book.save(self.path)
        return self.path


def keys_of(path: Path, sheet: str) -> list[object]:
    """The keys above a segment's columns."""
    with open_package(path) as package:
        entry = next(one for one in package.sheets if one.name == sheet)
        stored = read_sheet(package, sheet, entry.part, shared_strings(package))
    row = key_row(stored)
    assert row is not None
    return [stored.value(row, col) for col in range(stored.width)]


Edit = Callable[[Editor], None]
