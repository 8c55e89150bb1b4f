"""`build --functions native`: the functions as LAMBDA names, recalculated in an engine, against Python's answers."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from native_calls import answers, inputs_of
from typer.testing import CliRunner

from healthscore import Scores, load_model, read_accounts, score
from healthscore.cli import app
from healthscore.errors import OutputError
from healthscore.model import preset_names
from healthscore.workbook import Book, plan_book
from healthscore.workbook.functions import with_functions
from healthscore.workbook.model_sheet import ModelCells
from healthscore.workbook.native import FUNCTIONS, native_names
from parity.books import AS_OF, ROOT, book_of, model_of, scored
from parity.compare import assert_parity
from parity.engines import EVERY_ENGINE
from parity.strategies import Case, cases

COLUMNS = {"HEALTHSCORE": "calculated", "HEALTHCOVERAGE": "coverage", "HEALTHBAND": "band", "HEALTHGRADE": "grade"}


def native(model, frame) -> tuple[Book, Scores]:
    """Plan the workbook of a frame with native functions."""
    _, scores = scored(model, frame)
    return with_functions(book_of(model, frame), scores, "native"), scores


def sample(name: str) -> tuple[Book, Scores]:
    """Plan the sample workbook of a built-in model with native functions."""
    model = load_model(name)
    folder = {"journey": "templates/demo"}.get(name, f"sample_workbooks/{name}")
    accounts = read_accounts(ROOT / folder / "accounts.csv", model)
    scores = score(accounts, model, AS_OF)
    return with_functions(plan_book(accounts, scores), scores, "native"), scores


def assert_same(book: Book, scores: Scores, folder: Path) -> int:
    """Call all four functions on every segment's table and compare with Python; return how many cells were compared."""
    segments = [sheet for sheet in book.sheets if sheet.kind == "segment"]
    titles = [next(cell.value for cell in sheet.cells if (cell.row, cell.col) == (0, 0)) for sheet in segments]
    calls, hoped = [], []
    for sheet, title in zip(segments, titles, strict=True):
        table = next(part for part in sheet.tables if part.name)
        values, headers = inputs_of(table)
        rows = scores.table[scores.table["segment"] == title]
        for name, column in COLUMNS.items():
            calls.append(f"{name}({values},{headers},{sheet.place(0, 0)},HealthModel,)")
            hoped.append(rows[column].astype(object).tolist())
    compared = 0
    for call, got, wanted in zip(calls, answers(book, calls, folder), hoped, strict=True):
        if not wanted:  # a segment without accounts has one empty row
            continue
        assert len(got) == len(wanted), call
        for number, (one, other) in enumerate(zip(got, wanted, strict=True)):
            assert agrees(one, other), f"{call}, row {number}: engine {one!r}, Python {other!r}"
            compared += 1
    return compared


def agrees(got: str, wanted: object) -> bool:
    """Say whether a cell's text is what Python computed."""
    if isinstance(wanted, str):
        return got == wanted
    if wanted is None or np.isnan(float(wanted)):  # type: ignore[arg-type]
        return got == ""
    return got != "" and abs(float(got) - float(wanted)) < 1e-9  # type: ignore[arg-type]


@pytest.mark.parametrize("name", preset_names())
def test_every_built_in_model_on_its_sample(name, tmp_path):
    """On each model's sample workbook the four functions say in every row what Python says."""
    book, scores = sample(name)
    assert assert_same(book, scores, tmp_path) == 4 * len(scores.table)


@given(case=cases())
@settings(max_examples=15)
def test_any_model(case: Case):
    """Whatever the model and the accounts, the names of which look like formulas: the same answers."""
    book, scores = native(case.model, case.frame)
    with tempfile.TemporaryDirectory() as folder:
        assert_same(book, scores, Path(folder))


# --- arguments -----------------------------------------------------------------------------------------------------

USAGE = model_of(
    metrics=[
        {"name": "Usage", "column": "usage", "ramp": [0, 100]},
        {"name": "Paid", "column": "paid", "choices": {"Yes": 100, "Late": 20}},
        {"name": "Login", "days_since": "last login", "ramp": [30, 0]},
    ],
    columns={"usage": ["Usage points"]},
    segments=[{"name": "Small", "weights": {"Usage": 4}}],
    minimum_coverage=0.5,
)


@pytest.fixture(scope="module")
def usage() -> Book:
    frame = pd.DataFrame({"id": ["1"], "usage": [50.0], "paid": ["Yes"], "last login": ["2026-06-30"]})
    return native(USAGE, frame)[0]


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        # 50, 100 and 100 points at equal weights; the last login is on the as-of date, 30 June 2026.
        ('HEALTHSCORE({50,"Yes",46203},{"usage","paid","last login"},,,)', ["83"]),
        ('HEALTHSCORE({50,"Yes",46203},,,,)', ["83"]),  # without headers: the model's order
        ('HEALTHSCORE({50;"Yes";46203},{"usage";"paid";"last login"},,,)', ["83"]),  # written downwards
        ('HEALTHSCORE({46203," yes ",50,7},{"LAST-LOGIN","paid","Usage_points","note"},,,)', ["83"]),  # any order
        ('HEALTHSCORE({50,"Yes",46203},,"Small",,)', ["67"]),  # Usage weighs 4: (200 + 100 + 100) / 6
        ('HEALTHSCORE({50,"Yes",46203,"small"},{"usage","paid","last login","Segment"},,,)', ["67"]),
        ('HEALTHSCORE({50,"Yes",46203;50,"Yes",46203},,{"Small";"Other"},,)', ["67", "83"]),
        ('HEALTHSCORE({50,"Yes",46203},,,,46218)', ["67"]),  # fifteen days later
        ('HEALTHSCORE({50,"Yes",46203},,,,"2026-07-15")', ["67"]),
        ('HEALTHSCORE({50,"",""},,,,)', [""]),  # too little data
        ('HEALTHBAND({50,"",""},,,,)', ["Unscored"]),
        ('HEALTHCOVERAGE({"","Late",46203},,,,)', ["0.666666666666667"]),
        ('HEALTHBAND({"","",""},,,,)', [""]),  # a blank row
        ('HEALTHGRADE({50,"Yes",46203},,,,)', ["A"]),
        (
            'HEALTHSCORE({50,"Yes"},,,,)',
            ["HEALTHSCORE: 2 values without headers, but the model reads 3 columns; give the headers"],
        ),
        ('HEALTHBAND({50,"Yes"},{"usage","paid","x"},,,)', ["HEALTHBAND: 3 headers for 2 columns of values"]),
        (
            'HEALTHGRADE({50,"Yes",46203},,,"journey",)',
            ["HEALTHGRADE: only this workbook's own model; leave it out or give HealthModel"],
        ),
        (
            'HEALTHSCORE({50,"Yes",46203},,{"a";"b"},,)',
            ["HEALTHSCORE: give one segment for all, or one for each account"],
        ),
    ],
)
def test_arguments(usage, call, answer, tmp_path):
    """Arguments mean what they mean to the add-in; what cannot be used is one short text."""
    assert answers(usage, [call], tmp_path) == [answer]


# --- the workbook around them --------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_other_formulas_are_untouched(engine, tmp_path):
    """A workbook with native functions opens in every engine, those without LAMBDA too: every cell as without them."""
    book, _ = sample("traffic_light")
    assert assert_parity(book, tmp_path, engine) > 1000


def test_names_as_excel_wants_them():
    """Prefixes of the file format, optional arguments, no variable that could be a cell, nothing too long."""
    model = load_model("ten_signals")
    names = native_names(model, ModelCells(model), ["Small"])
    assert set(FUNCTIONS) <= set(names)
    assert all(name in FUNCTIONS or name.startswith("_hs.") for name in names)
    for name, text in names.items():
        assert len(text) <= 8192, name
        for variable in set(re.findall(r"_xlpm\.([A-Za-z_0-9]+)", text)):
            assert not re.fullmatch(r"(?i)[a-z]{1,3}\d+|r|c|r\d*c\d*", variable), f"{variable} in {name}"
        for function in re.findall(
            r"(?<![\w.])(LET|LAMBDA|FILTER|XLOOKUP|XMATCH|MAP|UNIQUE|HSTACK|CHOOSECOLS|SWITCH)\(", text
        ):
            raise AssertionError(f"{function} without its prefix in {name}")
    for name in FUNCTIONS:
        head = "_xlfn.LAMBDA(_xlpm.values,_xlop.metrics,_xlop.segment,_xlop.model,_xlop.as_of,"
        assert names[name].startswith(head)


def test_a_model_too_large_says_so():
    """A model whose formula Excel would not take is refused with what to do instead."""
    metrics = [
        {"name": f"A metric with a long name, number {number}", "column": f"c{number}", "ramp": [0, 1]}
        for number in range(60)
    ]
    model = model_of(metrics=metrics)
    with pytest.raises(OutputError, match="use --functions xlwings"):
        native_names(model, ModelCells(model), [])


def test_command(tmp_path):
    """`build --functions native` writes the names, the parts of them hidden; an unknown kind is refused."""
    import openpyxl

    export = str(ROOT / "templates" / "demo" / "accounts.csv")
    out = tmp_path / "native.xlsx"
    runner = CliRunner()
    assert runner.invoke(app, ["build", export, "--functions", "native", "--out", str(out)]).exit_code == 0
    names = openpyxl.load_workbook(out).defined_names
    assert not names["HEALTHSCORE"].hidden
    assert names["_hs.result"].hidden
    refused = runner.invoke(app, ["build", export, "--functions", "vba", "--out", str(out), "--force"])
    assert "--functions vba: give one of none, native, xlwings" in str(refused.exception)
