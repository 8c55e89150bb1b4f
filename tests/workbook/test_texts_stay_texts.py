"""Whatever an export holds arrives in the workbook as text, never as a formula, and never breaks the file."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from healthscore import read_accounts, settle_duplicates
from healthscore.pipeline import score
from healthscore.workbook import plan_book, write_book
from healthscore.workbook.writing.block import xml_text
from parity.books import AS_OF, SHARED_DATA, book_of, model_of
from workbook.package import Package

MODEL = model_of(
    metrics=[
        {"name": "Usage", "column": "usage", "ramp": [0, 10]},
        {"name": "Plan", "column": "deal", "choices": {"Paid": 100, "=1+1": 50}},
    ],
    rules=[{"name": "=Low", "text": "=cmd|'/C calc'!A0", "when": [{"metric": "Usage", "op": "<", "value": 3}]}],
)
#: OWASP, CSV injection, and names that break readers.
PAYLOADS = [
    "=cmd|'/C calc'!A0",
    "=1+1",
    '=HYPERLINK("http://example.com","click")',
    "+1",
    "+1-2",
    "-1",
    "-cmd|'/C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "{=1}",
    "http://example.com/?a=1&b=2",
    "mailto:someone@example.com",
    "internal:Start!A1",
    'Say "cheese"',
    "O'Brien's",
    "'quoted'",
    "[brackets] #1 @home",
    "<b>&amp;</b> ]]>",
    "<r><t>rich</t></r>",
    "<r>broken</r>",
    "<is><t>x</t></is>",
    "😀👩‍👩‍👧‍👦",
    "مرحبا بالعالم",
    "\u202eevil\u202c",
    "_x0041_",
    "1E5",
    "0012",
    "TRUE",
    "2026-06-30",
    "#REF!",
    "#N/A!",
    "x" * 255,
    "ends with a backslash \\",
    "日本語テキスト",
]


def package_of(frame: pd.DataFrame, tmp_path) -> Package:
    return Package(write_book(book_of(MODEL, frame), tmp_path / "texts.xlsx"))


def formula_places(package: Package, sheet: str) -> set[tuple[int, int]]:
    """Return the formula cells of a sheet's table that stand outside of its calculated columns."""
    table = package.accounts_table(sheet)
    computed = {table.left + number for number, formula in enumerate(table.formulas) if formula is not None}
    return {
        (cell.row, cell.col)
        for cell in package.cells(sheet)
        if cell.formula is not None and cell.row > table.top and cell.col not in computed
    }


@pytest.mark.parametrize("header", ["Account", "Account ID", "Owner", "Remark", "deal"])
def test_payloads_arrive_as_texts(header: str, tmp_path):
    """A text that looks like a formula, a link or a number is a text cell with exactly that text, in every column."""
    column = {"Account ID": "id"}.get(header, header)
    frame = pd.DataFrame({"id": [f"id{n}" for n in range(len(PAYLOADS))], "usage": 5} | {column: PAYLOADS})
    package = package_of(frame, tmp_path)
    sheet = package.segment_sheets()[0]
    cells = package.column(sheet, header)
    assert [cell.value for cell in cells] == PAYLOADS
    assert all(cell.kind == "s" and cell.formula is None for cell in cells)
    assert not formula_places(package, sheet)


def test_payloads_as_headers(tmp_path):
    """A header that looks like a formula is the header of a column, legal in a table and unique."""
    extra = {text: ["x"] for text in PAYLOADS}
    package = package_of(pd.DataFrame({"id": ["a"], "usage": [5], **extra}), tmp_path)
    sheet = package.segment_sheets()[0]
    table = package.accounts_table(sheet)
    assert "=1+1" in table.headers
    assert len({header.lower() for header in table.headers}) == len(table.headers)
    assert all(0 < len(header) <= 255 for header in table.headers)
    assert not formula_places(package, sheet)
    grid = package.grid(sheet)
    assert all(grid[table.top, table.col(header)].kind == "s" for header in table.headers)


def test_payloads_as_segments(tmp_path):
    """A segment of any name gets a sheet with a legal name, and its own name as a text on it."""
    frame = pd.DataFrame({"id": [f"id{n}" for n in range(len(PAYLOADS))], "segment": PAYLOADS, "usage": 5})
    package = package_of(frame, tmp_path)
    titles = {package.grid(sheet)[1, 1].value for sheet in package.segment_sheets()}
    assert len(package.segment_sheets()) == len(set(PAYLOADS))
    assert titles == set(PAYLOADS)
    assert all(package.grid(sheet)[1, 1].kind == "s" for sheet in package.segment_sheets())


def test_texts_of_the_model_are_texts(tmp_path):
    """Texts of the model that look like formulas are shown, not run: as inputs on Model and as values in the rows."""
    package = package_of(pd.DataFrame({"id": ["a"], "usage": [1], "deal": ["=1+1"]}), tmp_path)
    texts = {cell.value: cell for cell in package.cells("Model") if cell.formula is None and cell.kind == "s"}
    assert {"=Low", "=cmd|'/C calc'!A0", "=1+1"} <= set(texts)
    sheet = package.segment_sheets()[0]
    assert package.column(sheet, "Risk signals")[0].value == "=cmd|'/C calc'!A0"
    assert package.column(sheet, "Plan (points)")[0].value == "50.0"
    assert not any(cell.formula and "cmd" in cell.formula for name in package.sheets for cell in package.cells(name))


def test_unusable_value_stays_visible(tmp_path):
    """Text in a number column stays in its cell as it was written, and counts as missing."""
    package = package_of(pd.DataFrame({"id": ["a", "b"], "usage": ["=1+1", "soon"]}), tmp_path)
    sheet = package.segment_sheets()[0]
    assert [(cell.kind, cell.value) for cell in package.column(sheet, "usage")] == [("s", "=1+1"), ("s", "soon")]
    assert [cell.value for cell in package.column(sheet, "Usage (points)")] == ["", ""]


def test_control_characters_do_not_break_the_file(tmp_path):
    """Characters that XML forbids are taken out on reading, and what remains is shown."""
    frame = pd.DataFrame({"id": ["a\x00b", "c"], "usage": [1, 2], "Re\x07mark": ["x\x1b[31my", "\ud800"]}, dtype=object)
    package = package_of(frame, tmp_path)
    sheet = package.segment_sheets()[0]
    assert [cell.value for cell in package.column(sheet, "Account ID")] == ["ab", "c"]
    assert [cell.value for cell in package.column(sheet, "Remark")] == ["x[31my", "\ufffd"]


def test_findings_with_payloads_are_texts(tmp_path):
    """What the import reports on Checks quotes the payload as text."""
    package = package_of(pd.DataFrame({"id": ["=a()"], "usage": ["=cmd|x!A1"]}), tmp_path)
    table = next(table for table in package.tables("Checks") if "Found" in table.headers)
    row = package.grid("Checks")
    cells = [row[line, table.col("Found")] for line in table.rows]
    assert "=cmd|x!A1" in {cell.value for cell in cells}
    assert all(cell.formula is None for cell in cells)


def test_injection_payloads_from_the_field(tmp_path):
    """The payloads that security testers use (csv-injection list, MIT) all arrive as texts."""
    path = SHARED_DATA / "messy" / "csv-injection" / "Intruder" / "csv-payload.txt"
    if not path.is_file():
        pytest.skip("../shared/data/messy is not here")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    package = package_of(pd.DataFrame({"id": range(len(lines)), "usage": 1, "Remark": lines}), tmp_path)
    sheet = package.segment_sheets()[0]
    assert [cell.value for cell in package.column(sheet, "Remark")] == [line.strip() for line in lines]
    assert not formula_places(package, sheet)


def test_big_list_of_naughty_strings(tmp_path):
    """Every string of the Big List of Naughty Strings (MIT) as name and remark: a text cell as reading gave it."""
    path = SHARED_DATA / "messy" / "blns" / "blns.json"
    if not path.is_file():
        pytest.skip("../shared/data/messy is not here")
    strings = json.loads(path.read_text(encoding="utf-8"))
    frame = pd.DataFrame({"id": [f"id{n}" for n in range(len(strings))], "account": strings, "usage": 1})
    frame["Remark"] = strings
    export = tmp_path / "export.parquet"
    pytest.importorskip("pyarrow")
    frame.to_parquet(export)
    accounts = settle_duplicates(read_accounts(export, MODEL), None)
    package = Package(write_book(plan_book(accounts, score(accounts, MODEL, AS_OF)), tmp_path / "blns.xlsx"))
    sheet = package.segment_sheets()[0]
    for header, column in (("Account", "account"), ("Remark", "Remark")):
        cells = package.column(sheet, header)
        shown = [cell.value if cell else None for cell in cells]
        assert [text or None for text in shown] == list(accounts.frame[column])
        assert all(cell.kind == "s" for cell in cells if cell.value is not None)
    assert not formula_places(package, sheet)


@pytest.mark.parametrize(
    ("text", "xml"),
    [
        ("plain", "plain"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("]]>", "]]&gt;"),
        ('"quoted"', '"quoted"'),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\x00", "_x0000_"),
        ("a\x1bb", "a_x001B_b"),
        ("\ufffe\uffff", "_xFFFE__xFFFF_"),
        ("_x0041_", "_x005F_x0041_"),
        ("_x0041", "_x0041"),
        ("_xZZZZ_", "_xZZZZ_"),
        ("_x0041__x0042_", "_x005F_x0041__x005F_x0042_"),
        ("😀", "😀"),
        ("", ""),
    ],
)
def test_xml_text(text: str, xml: str):
    """Texts become XML that reads back as the same text; what XML forbids or would take for an escape is escaped."""
    assert xml_text(text) == xml
