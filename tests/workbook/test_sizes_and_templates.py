"""Workbooks of every size, from one account to many segments, and templates without any."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from healthscore import pipeline
from healthscore.errors import HealthscoreError
from healthscore.model.vocabulary import EVERYONE, UNSEGMENTED
from healthscore.workbook import write_book
from parity.books import AS_OF, book_of, model_of, scored
from workbook.package import Package

MODEL = model_of(metrics=[{"name": "Usage", "column": "usage", "ramp": [0, 10]}])


def package_of(frame: pd.DataFrame, tmp_path, **options) -> Package:
    return Package(write_book(book_of(MODEL, frame, **options), tmp_path / "book.xlsx"))


# --- sizes ---------------------------------------------------------------------------------------------------------


def test_one_account(tmp_path):
    """A single account makes a complete workbook with a table of one row."""
    package = package_of(pd.DataFrame({"id": ["a"], "usage": [5]}), tmp_path)
    assert package.segment_sheets() == [EVERYONE]
    assert len(package.accounts_table(EVERYONE).rows) == 1
    assert [cell.value for cell in package.column(EVERYONE, "Score")] == ["50.0"]


def test_twelve_segments(tmp_path):
    """Each of twelve segments has its sheet, its table and its line on Start; accounts without one come last."""
    segments = [f"Team {number:02}" for number in range(11)] + [None]
    package = package_of(pd.DataFrame({"id": range(12), "segment": segments, "usage": range(12)}), tmp_path)
    assert package.segment_sheets() == [*segments[:-1], UNSEGMENTED]
    assert len({package.accounts_table(name).name for name in package.segment_sheets()}) == 12
    listed = {cell.value for cell in package.cells("Start")}
    assert set(package.segment_sheets()) <= listed


def test_segment_without_accounts(tmp_path):
    """A segment that nobody is in has a sheet with one empty row to fill in."""
    frame = pd.DataFrame({"id": ["a"], "segment": ["Full"], "usage": [5]})
    package = package_of(frame, tmp_path, more=["Empty"])
    assert len(package.accounts_table("Empty").rows) == 1
    assert [cell.value for cell in package.column("Empty", "Score")] == [""]


def test_all_values_missing(tmp_path):
    """Accounts about which nothing is known are there, unscored."""
    package = package_of(pd.DataFrame({"id": ["a", "b"], "usage": [None, None]}), tmp_path)
    assert [cell.value for cell in package.column(EVERYONE, "Band")] == ["Unscored"] * 2
    assert [cell.value for cell in package.column(EVERYONE, "Score")] == [""] * 2


def test_columns_of_the_export_are_carried_along(tmp_path):
    """Columns that the model does not know stand beside the inputs with their values, as texts, numbers and dates."""
    frame = pd.DataFrame({"id": ["a"], "usage": [5], "Remark": ["good"], "Users": [12], "Since": ["2024-05-01"]})
    write_book(book_of(MODEL, frame), tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")[EVERYONE]
    table = next(iter(sheet.tables.values()))
    top = sheet[table.ref.split(":")[0]].row
    row = {cell.value: sheet.cell(top + 1, cell.column).value for cell in sheet[top]}
    assert (row["Remark"], row["Users"]) == ("good", 12)
    assert str(row["Since"]).startswith("2024-05-01")


def test_names_at_their_limit(tmp_path):
    """Names of 80 characters for segment, metric, rule and band: unique legal headers, and the whole name on Model."""
    long = {kind: f"{kind} " + "n" * (79 - len(kind)) for kind in ("metric", "rule", "band", "dimension")}
    model = model_of(
        dimensions=[{"name": long["dimension"]}],
        bands=[{"name": long["band"], "from": 0, "color": "red"}],
        metrics=[{"name": long["metric"], "column": "usage", "ramp": [0, 10]}],
        rules=[{"name": long["rule"], "when": [{"metric": long["metric"], "op": "<", "value": 9}], "cap": 9}],
    )
    frame = pd.DataFrame({"id": ["a", "b"], "usage": [5, 6], "segment": ["s" * 80, "s" * 79 + "t"]})
    package = Package(write_book(book_of(model, frame), tmp_path / "book.xlsx"))
    first, second = package.segment_sheets()
    assert (first, second) == ("s" * 31, "s" * 27 + " (2)")
    assert f"{long['metric']} (points)" in package.accounts_table(first).headers
    assert [cell.value for cell in package.column(second, "Band")] == [long["band"]]
    assert [cell.value for cell in package.column(second, "Score")] == ["9.0"]
    assert set(long.values()) <= {cell.value for cell in package.cells("Model")}


@pytest.mark.parametrize("currency", ["EUR", "$", "kr.", '"', 'a"b', "US$ ", ""])
def test_any_currency(currency: str, tmp_path):
    """Whatever is given as currency, the number format is one that Excel reads."""
    accounts, scores = scored(MODEL, pd.DataFrame({"id": ["a"], "usage": [5], "value": [1000]}))
    path = write_book(pipeline.plan_book(accounts, scores, currency=currency), tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(path)[EVERYONE]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == 1000)
    sign = currency.replace('"', "").strip()
    assert cell.number_format == (f'"{sign}" #,##0' if sign else "#,##0")


# --- templates -----------------------------------------------------------------------------------------------------


def test_template_has_the_segments_asked_for(blank: Package):
    """One sheet per segment, known to the model or not, each with as many empty rows as asked for."""
    assert set(blank.segment_sheets()) == {"Small", "Enterprise", "Public sector"}
    assert all(len(blank.accounts_table(name).rows) == 7 for name in blank.segment_sheets())


def test_template_rows_are_empty(blank: Package):
    """No input holds anything, and every formula shows nothing until a row is typed."""
    for name in blank.segment_sheets():
        table = blank.accounts_table(name)
        for cell in blank.cells(name):
            if cell.row in table.rows:
                assert not cell.value, (name, cell)


def test_template_has_every_column_to_fill_in(blank: Package, journey):
    """All inputs of the model stand in the template, though no export brought them."""
    headers = {header.lower() for header in blank.accounts_table("Small").headers}
    roles = {"renewal": "renewal date"}
    assert {roles.get(name.lower(), name.lower()) for name in journey.input_columns()} <= headers


def test_template_counts_no_accounts(blank: Package):
    """The figures at the top of an empty sheet say nothing or 0, never an error."""
    grid = blank.grid("Small")
    assert (grid[1, 2].value, grid[2, 2].value) == ("Accounts", "0")
    assert (grid[1, 3].value, grid[2, 3].value) == ("Mean score", "")


def test_template_has_no_findings(blank: Package):
    """Nothing was imported, so nothing was noticed."""
    assert not [table for table in blank.tables("Checks") if "Found" in table.headers]


def test_template_without_segments(tmp_path):
    """Without segments in the model or asked for, the template has one sheet for all accounts."""
    package = Package(write_book(pipeline.template(MODEL, rows=3, as_of=AS_OF), tmp_path / "book.xlsx"))
    assert package.segment_sheets() == [EVERYONE]


def test_template_of_the_models_own_segments(journey, tmp_path):
    """Without a wish, the template has a sheet for each segment of the model."""
    package = Package(write_book(pipeline.template(journey, rows=3, as_of=AS_OF), tmp_path / "book.xlsx"))
    assert package.segment_sheets() == [segment.name for segment in journey.segments]


def test_scoring_a_bad_frame_is_one_error():
    """A frame that cannot be used is refused with the family of errors, not with pandas' own."""
    with pytest.raises(HealthscoreError):
        pipeline.score(pd.DataFrame(), MODEL, AS_OF)
