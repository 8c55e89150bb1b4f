"""Opening a workbook stays linear in the number of accounts: no cell that exists once per account scans the book.

What a formula costs is counted by the cells of the ranges that it goes through. `INDEX` and `ROWS` take a range without
going through it; every other function does.
"""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd
import pytest
from openpyxl.formula import Tokenizer

from healthscore import load_model, pipeline
from healthscore.accounts import accounts_from_frame
from healthscore.workbook import plan_book
from healthscore.workbook.plan import Book, Formula, Sheet
from parity.books import AS_OF, ROOT

_NOT_SCANNING = {"INDEX(", "ROWS(", "COLUMNS("}
_AREA = re.compile(r"^(?:.*!)?\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)$")


@pytest.fixture(scope="module")
def books() -> dict[int, Book]:
    """The demo's accounts once and four times over: as many segments, owners, stages and regions."""
    model = load_model("journey")
    export = pd.read_csv(ROOT / "templates" / "demo" / "accounts.csv", dtype=str)
    found = {}
    for times in (1, 4):
        frame = pd.concat([export] * times, ignore_index=True)
        frame["Account ID"] = [f"C-{number}" for number in range(len(frame))]
        accounts = accounts_from_frame(frame, model)
        found[times] = plan_book(accounts, pipeline.score(accounts, model, AS_OF))
    return found


def scanned(text: str) -> list[str]:
    """Return the ranges of many rows that a formula goes through."""
    found, inside = [], []
    tokens = [token for token in Tokenizer(f"={text}").items if token.type != "WHITE-SPACE"]
    for number, token in enumerate(tokens):
        if token.subtype == "OPEN":
            inside.append(token.value.upper())
        elif token.subtype == "CLOSE":
            inside.pop()
        elif token.type == "OPERAND" and token.subtype == "RANGE" and _many_rows(token.value):
            alone = all(
                near.type in ("FUNC", "SEP") for near in (tokens[number - 1], tokens[min(number + 1, len(tokens) - 1)])
            )
            if not (alone and inside and inside[-1] in _NOT_SCANNING):
                found.append(token.value)
    return found


def _many_rows(reference: str) -> bool:
    area = _AREA.match(reference)
    if area:
        return area[2] != area[4]
    return reference.startswith("All") or ("[" in reference and "#This Row" not in reference)


def of_accounts(sheet: Sheet) -> list[str]:
    """Return the formulas that stand once per account: the columns of tables and blocks."""
    return [column.formula for table in sheet.tables for column in table.columns if column.formula]


def once(sheet: Sheet) -> list[str]:
    """Return the formulas that stand once."""
    return [cell.value.text for cell in sheet.cells if isinstance(cell.value, Formula)]


def grows_with(book: Book) -> set[str]:
    """Return the tables and names whose ranges grow with the number of accounts."""
    tables = {table.name for sheet in book.sheets if sheet.kind == "segment" for table in sheet.tables}
    return tables | {name for name in book.names if name.startswith("All")}


def test_what_counts_as_going_through_a_range():
    """A sum, a comparison and a look-up go through their range; picking the n-th of it, or its own row, does not."""
    assert scanned("SUM(T[[a]])") == ["T[[a]]"]
    assert scanned("INDEX((AllScores=3)*1,0)") == ["AllScores"]
    assert scanned("MATCH(1,INDEX(AllScores,0),0)") == []
    assert scanned("IF(INDEX(T[[a]],3)=1,ROWS(T[[a]]),T[[#This Row],[a]])") == []
    assert scanned("SUM(T[[#This Row],[a]:[b]])+SUM($A$1:$A$9)+SUM($A$1:$C$1)") == ["$A$1:$A$9"]


def test_no_formula_of_an_account_goes_through_all_accounts(books):
    """On segment sheets, List and Journey, what stands once per account looks at its own row and the strip."""
    book = books[1]
    growing = grows_with(book)
    count = 0
    for sheet in book.sheets:
        for text in of_accounts(sheet):
            through = {reference.partition("[")[0] for reference in scanned(text)}
            assert not through & growing, (sheet.name, text)
            count += 1
    assert count > 150
    assert {"List", "Journey", "Small"} <= {sheet.name for sheet in book.sheets if of_accounts(sheet)}


def test_formulas_that_sum_up_are_as_many_for_any_number_of_accounts(books):
    """Dashboard, Team, Checks, Start, Explain and the strips have no formula more when there are four times the accounts."""
    counts = [Counter({sheet.name: len(once(sheet)) for sheet in book.sheets}) for book in books.values()]
    assert counts[0] == counts[1]
    assert counts[0]["Dashboard"] > 300


def test_cells_gone_through_grow_as_the_accounts_do(books):
    """With four times the accounts, all formulas together go through at most about four times the cells."""
    costs = []
    for book in books.values():
        rows = {table.name: table.rows for sheet in book.sheets for table in sheet.tables}
        listed = next(sum(table.rows for table in sheet.tables) for sheet in book.sheets if sheet.name == "List")
        cost = 0
        for sheet in book.sheets:
            for text in once(sheet):
                for reference in scanned(text):
                    cost += listed if reference.startswith("All") else rows.get(reference.partition("[")[0], 20)
            for table in sheet.tables:
                cost += sum(table.rows * (1 + 20 * len(scanned(column.formula or "0"))) for column in table.columns)
        costs.append(cost)
    assert costs[0] > 10_000
    assert costs[1] / costs[0] <= 4.0
