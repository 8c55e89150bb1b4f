"""A blank workbook filled in by hand: typing a row produces its score, empty rows show nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from healthscore import load_model
from healthscore.pipeline import score, template
from healthscore.workbook import write_book
from parity.books import AS_OF, ROOT, book_of
from parity.by_hand import ByHand, table_rows
from parity.cells import CellError, StoredCell, read_cells
from parity.compare import same
from parity.engines import CELLRUNE, EVERY_ENGINE


def fullest_account(segment: str) -> pd.DataFrame:
    """Return the row of the demo export that has most values in a segment, as a frame of one row."""
    export = pd.read_csv(ROOT / "templates" / "demo" / "accounts.csv", dtype=str)
    mine = export[export["Size"] == segment]
    return mine.loc[[mine.notna().sum(axis=1).idxmax()]]


def built_row(frame: pd.DataFrame, path) -> tuple[ByHand, dict[str, StoredCell]]:
    """Build the workbook of one account; return it and its row: header -> cell with Python's value."""
    write_book(book_of(load_model("journey"), frame), path)
    book, stored = ByHand(path), read_cells(path)["Small"]
    row = book.rows("Small")[0]
    return book, {header: stored.get((row, col), StoredCell(None, "")) for header, col in book.columns("Small").items()}


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_typing_a_row_produces_its_score(engine, tmp_path):
    """A typed row gets in every column what Python gives that account; other rows show nothing, and no errors."""
    built, wanted = built_row(fullest_account("Small"), tmp_path / "built.xlsx")
    blank = template(load_model("journey"), segments=["Small", "Medium"], rows=3, as_of=AS_OF)
    book = ByHand(write_book(blank, tmp_path / "blank.xlsx"))
    columns, first = book.columns("Small"), book.rows("Small")[0]
    inputs = [header for header, cell in wanted.items() if cell.formula is None]
    results = [header for header, cell in wanted.items() if cell.formula is not None]
    for header in inputs:
        value = built.workbook["Small"].cell(built.rows("Small")[0] + 1, built.columns("Small")[header] + 1).value
        if value is not None:
            book.type("Small", (first, columns[header]), value)
    computed = engine.recalculate(book.save(tmp_path / "typed.xlsx"))

    typed, *empty = table_rows(book, computed, "Small")
    assert {header: typed[header] for header in results if not same(wanted[header].value, typed[header])} == {}
    assert isinstance(typed["Score"], float)
    for row in [*empty, *table_rows(book, computed, "Medium")]:
        assert {header: row[header] for header in results} == dict.fromkeys(results, "")
    assert not [value for sheet in computed.values() for value in sheet.values() if isinstance(value, CellError)]


def test_a_row_typed_in_part_is_unscored(tmp_path):
    """A row with a name and one value shows its coverage and the band Unscored, not a score and not nothing."""
    model = load_model("journey")
    book = ByHand(write_book(template(model, segments=["Small"], rows=2, as_of=AS_OF), tmp_path / "blank.xlsx"))
    columns, first = book.columns("Small"), book.rows("Small")[0]
    book.type("Small", (first, columns["Account"]), "Half a row")
    book.type("Small", (first, columns["NPS"]), 9)
    row = table_rows(book, CELLRUNE.recalculate(book.save(tmp_path / "typed.xlsx")), "Small")[0]
    assert (row["Score"], row["Band"], row["Next action"]) == ("", "Unscored", model.unscored_action)
    # Typing does not fill in what `blank` stands for, reading an export does; an unreadable text keeps it out of both.
    same_row = {"account": "Half a row", "NPS": 9, "size": "Small", "Tickets 90d": "some"}
    wanted = score(pd.DataFrame([same_row]), model, AS_OF)
    assert row["Coverage"] == pytest.approx(wanted.table["coverage"].iloc[0])
