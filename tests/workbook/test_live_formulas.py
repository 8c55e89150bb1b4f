"""The formulas in a built file: all with values, none with errors, the same down a column, nothing Excel 2016 lacks."""

from __future__ import annotations

import re

import pytest

from healthscore.workbook import write_book
from healthscore.workbook.writing.workbook import POISON
from parity.books import book_of, model_of
from workbook.package import Package, functions, without_texts

#: Functions without a prefix that Excel 2007 to 365, Excel for the web and LibreOffice have.
PLAIN = frozenset(
    [
        "ABS", "AGGREGATE", "AND", "AVERAGE", "AVERAGEIF", "AVERAGEIFS", "CHAR", "CHOOSE", "COLUMN", "COLUMNS",
        "CORREL", "COUNT", "COUNTA", "COUNTBLANK", "COUNTIF", "COUNTIFS", "DATE", "DAY", "EDATE", "EOMONTH",
        "EXACT", "EXP", "FALSE", "FIND", "HLOOKUP", "HYPERLINK", "IF", "IFERROR", "INDEX", "INT", "ISBLANK",
        "ISERR", "ISERROR", "ISLOGICAL", "ISNA", "ISNONTEXT", "ISNUMBER", "ISTEXT", "LARGE", "LEFT", "LEN", "LN",
        "LOOKUP", "LOWER", "MATCH", "MAX", "MEDIAN", "MID", "MIN", "MOD", "MONTH", "N", "NA", "NOT", "OR",
        "PERCENTILE", "PERCENTRANK", "POWER", "PRODUCT", "PROPER", "QUARTILE", "RANK", "REPT", "RIGHT", "ROUND",
        "ROUNDDOWN", "ROUNDUP", "ROW", "ROWS", "SEARCH", "SIGN", "SMALL", "SQRT", "STDEV", "STDEVP", "SUBSTITUTE",
        "SUBTOTAL", "SUM", "SUMIF", "SUMIFS", "SUMPRODUCT", "T", "TEXT", "TRIM", "TRUE", "TRUNC", "UPPER",
        "VALUE", "VLOOKUP", "WEEKDAY", "YEAR",
    ]
)  # fmt: skip
#: Functions that Excel 2010 to 2016 brought; in a file they carry the prefix.
PREFIXED = frozenset(f"_XLFN.{name}" for name in ("IFNA", "ISFORMULA", "PERCENTILE.INC", "PERCENTRANK.INC", "RANK.EQ"))
VOLATILE = frozenset({"NOW", "TODAY", "RAND", "RANDBETWEEN", "OFFSET", "INDIRECT", "CELL", "INFO"})


def every_formula(package: Package) -> set[str]:
    """Return every distinct formula: cells, calculated columns, validations, conditional formats."""
    found = {cell.formula for sheet in package.sheets for cell in package.cells(sheet) if cell.formula is not None}
    for part in package.parts:
        if part.startswith(("xl/worksheets/sheet", "xl/tables/")):
            for tag in ("formula", "formula1", "formula2", "calculatedColumnFormula"):
                found |= {item.text or "" for item in package.xml(part).iter() if item.tag.endswith(f"}}{tag}")}
    return found


@pytest.mark.parametrize("name", ["demo", "blank"])
def test_every_formula_carries_a_value(name: str, request):
    """Every formula cell holds what Python computed, so Protected View and phones show scores; none holds an error."""
    package = request.getfixturevalue(name)
    count = 0
    for sheet in package.sheets:
        for cell in package.cells(sheet):
            if cell.formula is None:
                continue
            count += 1
            assert cell.value is not None, (sheet, cell)
            assert cell.kind in ("n", "str", "b"), (sheet, cell)
            assert cell.value or cell.kind == "str", (sheet, cell)
            assert not cell.value.startswith("#"), (sheet, cell)
    assert count > 500


@pytest.mark.parametrize("name", ["demo", "blank"])
def test_one_formula_per_column(name: str, request):
    """What a table's column says it computes is what every one of its cells computes: one row, one formula."""
    package = request.getfixturevalue(name)
    seen = 0
    for sheet in package.sheets:
        grid = package.grid(sheet)
        for table in package.tables(sheet):
            for col, formula in enumerate(table.formulas, start=table.left):
                cells = [grid[row, col] for row in table.rows if (row, col) in grid]
                assert {cell.formula for cell in cells} <= {formula}, (sheet, table.headers[col - table.left])
                if formula is not None:
                    assert len(cells) == len(table.rows)
                    seen += 1
    assert seen > 100


def test_a_score_is_shown_as_computed(demo: Package, demo_accounts):
    """The score in the file is a whole number between 0 and 100 or nothing, and is a formula in every row."""
    for name in demo.segment_sheets():
        for cell in demo.column(name, "Score"):
            assert cell.formula
            assert cell.value == "" or (0 <= float(cell.value) <= 100 and float(cell.value).is_integer())


def test_nothing_volatile(demo: Package):
    """Nothing recalculates by itself: the scores of a date stay the scores of that date."""
    for formula in every_formula(demo):
        assert not functions(formula) & VOLATILE, formula


def test_only_functions_that_excel_2016_has(demo: Package):
    """Every function used is one that Excel 2016 and LibreOffice have, newer ones with their prefix in the file."""
    for formula in every_formula(demo):
        assert functions(formula) <= PLAIN | PREFIXED, formula


def test_no_formula_is_too_long(demo: Package):
    """Excel takes 8,192 characters in a formula, 255 in a validation."""
    assert max(map(len, every_formula(demo))) <= 8192
    for part in demo.sheets.values():
        for rule in demo.xml(part).iter():
            if rule.tag.endswith("}formula1"):
                assert len(rule.text or "") <= 255


def test_no_formula_starts_with_an_equals_sign(demo: Package):
    """In a file a formula stands without the sign that people type."""
    assert not [formula for formula in every_formula(demo) if formula.startswith(("=", "{"))]


def test_structured_references_are_written_out(demo: Package):
    """References to a row use the file's long form; the `@` that people type is no part of a file."""
    for formula in every_formula(demo):
        assert "@" not in without_texts(formula), formula
        assert "[@" not in formula


def test_formulas_stay_in_their_row_or_point_at_the_strip(demo: Package):
    """A table's formula uses its own row, fixed cells above the table or names, so sorting and filtering is safe."""
    for name in demo.segment_sheets():
        table = demo.accounts_table(name)
        for formula in filter(None, table.formulas):
            for mark, row in re.findall(r"(?<![A-Za-z0-9_$])\$?[A-Z]{1,3}(\$?)(\d+)(?![\d(])", without_texts(formula)):
                assert mark == "$", formula
                assert int(row) < table.top, formula
            assert "!" not in without_texts(formula), formula


def test_formulas_hold_no_model_numbers(demo: Package):
    """Weights, thresholds, caps and limits stand in cells; a formula holds only small technical numbers and 100."""
    for name in demo.segment_sheets():
        for formula in filter(None, demo.accounts_table(name).formulas):
            numbers = set(re.findall(r"(?<![A-Za-z$\d.])\d+(?:\.\d+)?", without_texts(formula)))
            assert numbers <= {"0", "1", "2", "3", "9", "12", "100", "9999"}, formula


def test_poisoned_file_holds_no_right_value(demo_plan, tmp_path):
    """With the flag for tests every computed value is wrong, so an engine that does not compute is found out."""
    package = Package(write_book(demo_plan, tmp_path / "poisoned.xlsx", poison=True))
    cells = [cell for sheet in package.sheets for cell in package.cells(sheet) if cell.formula is not None]
    assert {cell.value for cell in cells} == {POISON}
    assert {cell.kind for cell in cells} == {"str"}


def test_inputs_are_not_poisoned(demo_plan, demo: Package, tmp_path):
    """The flag falsifies computed values only: what people typed is what it was."""
    package = Package(write_book(demo_plan, tmp_path / "poisoned.xlsx", poison=True))
    for sheet in demo.sheets:
        plain = [cell for cell in demo.cells(sheet) if cell.formula is None]
        assert [cell for cell in package.cells(sheet) if cell.formula is None] == plain


def test_longest_names_and_many_rules_stay_within_limits(tmp_path):
    """Forty metrics and forty rules with names of 80 characters: every formula is short enough for Excel."""
    metrics = [
        {"name": f"{number:02} " + "m" * 77, "column": f"{number:02} " + "c" * 77, "ramp": [0, 10], "weight": 1}
        for number in range(40)
    ]
    rules = [
        {
            "name": f"{number:02} " + "r" * 77,
            "when": [{"metric": metric["name"], "op": "<", "value": 3}],
            "cap": 50,
        }
        for number, metric in enumerate(metrics)
    ]
    model = model_of(metrics=metrics, rules=rules)
    frame = pytest.importorskip("pandas").DataFrame({"id": ["a"], "segment": ["s" * 80], metrics[0]["column"]: [1]})
    package = Package(write_book(book_of(model, frame), tmp_path / "long.xlsx"))
    assert max(map(len, every_formula(package))) <= 8192
    assert all(
        len(header) <= 255 for name in package.segment_sheets() for header in package.accounts_table(name).headers
    )
    assert len(package.segment_sheets()[0]) == 31
