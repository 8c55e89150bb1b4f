"""The files pass the checker against ISO 29500's schemas and Excel's further rules (../shared/tools/xlsx_check)."""

from __future__ import annotations

import importlib.util

import pandas as pd
import pytest

from healthscore.workbook import write_book
from parity.books import ROOT, book_of, model_of
from workbook.test_texts_stay_texts import PAYLOADS

CHECKER = ROOT.parent / "shared" / "tools" / "xlsx_check" / "validate_xlsx.py"


@pytest.fixture(scope="module")
def violations():
    """Return what the checker has against a file."""
    if not CHECKER.is_file():
        pytest.skip("../shared/tools/xlsx_check is not here")
    pytest.importorskip("lxml")
    spec = importlib.util.spec_from_file_location("validate_xlsx", CHECKER)
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)

    def check(path) -> list:
        book = checker.Book(str(path))
        book.xsd()
        book.rules()
        return book.bad

    return check


def test_demo_passes(violations, demo_path):
    """The workbook of the demo has no fault that would make Excel repair it."""
    assert violations(demo_path) == []


def test_template_passes(violations, blank_path):
    """Neither has a template."""
    assert violations(blank_path) == []


def test_poisoned_file_passes(violations, demo_plan, tmp_path):
    """Nor the file for the tests of parity."""
    assert violations(write_book(demo_plan, tmp_path / "book.xlsx", poison=True)) == []


def test_naughty_texts_everywhere_pass(violations, tmp_path):
    """Payloads as names, segments, headers and values, and as names and texts of the model, make a sound file."""
    named = [text for text in PAYLOADS if "|" not in text and len(text) <= 80][::2]
    model = model_of(
        name=named[0],
        title=PAYLOADS[0],
        metrics=[{"name": text, "column": f"in {text}", "ramp": [0, 10], "measures": text} for text in named],
        rules=[
            {"name": text, "text": text * 3, "when": [{"metric": text, "op": "<", "value": 3}], "cap": 9}
            for text in named
        ],
        segments=[{"name": text, "about": text, "bands": {"Green": 80}} for text in named[:5]],
    )
    columns = {"id": PAYLOADS, "owner": PAYLOADS, "segment": (PAYLOADS[:6] * len(PAYLOADS))[: len(PAYLOADS)]}
    columns |= {f"in {text}": PAYLOADS for text in named} | dict.fromkeys(PAYLOADS, PAYLOADS)
    path = write_book(book_of(model, pd.DataFrame(columns, dtype=object)), tmp_path / "book.xlsx")
    assert violations(path) == []


@pytest.mark.parametrize(
    "segments",
    [['say "hi"', "b"], ["b,c", "d"], ["True", "False"], ["R", "C", "A1", "1"], ["x" * 30 + "'y", "'"], ["="]],
)
def test_awkward_segments_pass(violations, segments: list[str], tmp_path):
    """Segments whose names have a meaning in lists, formulas or names make a sound file."""
    model = model_of(metrics=[{"name": "Usage", "column": "usage", "ramp": [0, 10]}])
    frame = pd.DataFrame({"id": range(len(segments)), "segment": segments, "usage": 1})
    path = write_book(book_of(model, frame), tmp_path / "book.xlsx")
    assert violations(path) == []


@pytest.mark.parametrize(("segments", "listed"), [(["a", "b"], '"a,b"'), (["a,b", "c"], None), (['a"b', "c"], None)])
def test_segments_are_offered_where_a_list_can_hold_them(segments: list[str], listed: str | None, tmp_path):
    """The segments are offered in Segment settings, unless a comma or quote in a name would break the list."""
    import openpyxl

    model = model_of(metrics=[{"name": "Usage", "column": "usage", "ramp": [0, 10]}])
    frame = pd.DataFrame({"id": range(len(segments)), "segment": segments, "usage": 1})
    path = write_book(book_of(model, frame), tmp_path / "book.xlsx")
    rules = openpyxl.load_workbook(path)["Model"].data_validations.dataValidation
    lists = [rule.formula1 for rule in rules if rule.type == "list" and "red" not in rule.formula1]
    assert [text for text in lists if text.startswith('"a')] == ([listed] if listed else [])


def test_control_characters_in_a_model_are_refused(tmp_path):
    """A control character in a name cannot stand in a workbook, so the model is refused; in a text it is left out."""
    from healthscore.errors import ModelError
    from healthscore.model import parse_model

    text = """
        name = "Odd"
        title = "a\\u0001b"
        dimensions = [{ name = "All" }]
        bands = [{ name = "Red", from = 0, color = "red", symbol = "\\u0002" }]
        [[metrics]]
        name = "Us\\u0001age"
        dimension = "All"
        column = "usage"
        ramp = [0, 1]
    """
    with pytest.raises(ModelError, match=r"metric 'Us\\x01age', name: .* control character"):
        parse_model(text)
    model = parse_model(text.replace("Us\\u0001age", "Usage"))
    assert (model.title, model.bands[0].sign) == ("a b", "■")
