"""What a person sees: sheets printed by LibreOffice show no error and no number that its column has no room for.

Everything is looked at, folded columns, hidden sheets and what stands behind a page included.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from healthscore.workbook import write_book
from parity.books import ROOT
from workbook.test_look import long_names_and_large_values

SAMPLES = sorted((ROOT / "sample_workbooks").glob("*/*.xlsx"))
SMALLEST = min(SAMPLES, key=lambda path: path.stat().st_size)

pytestmark = pytest.mark.libreoffice


@pytest.fixture(scope="module")
def render() -> Any:
    """The script in tools/, as a module; skips where one of the programs that it calls is absent."""
    missing = [program for program in ("soffice", "pdftotext", "pdftoppm") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed on this machine: {', '.join(missing)}")
    spec = importlib.util.spec_from_file_location("render", ROOT / "tools" / "render.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_samples():
    """The glob finds every sample workbook: one per model, and the one with a year behind it."""
    assert len(SAMPLES) == len(list((ROOT / "templates" / "models").glob("*.toml"))) + 1


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_no_sample_shows_an_error(path: Path, render):
    """No sheet of a sample shows ###, #REF!, #NAME?, #VALUE!, #DIV/0! or Err:, wherever one looks."""
    assert render.alarming(path) == []


def test_every_sheet_is_looked_at(render, tmp_path):
    """The pages of the whole workbook name every sheet, the hidden ones too, and show what is folded away."""
    whole = render.pages(render.pdf(render.reveal(SMALLEST, tmp_path / "whole.xlsx"), tmp_path))
    assert {sheet for sheet, _ in whole} == set(render.sheet_names(SMALLEST))
    workings = [text for _, text in whole if "Workings: points" in text]
    assert workings, "the folded columns are not among what is looked at"


#: Sheet, cell -> an error and how it shows: on sheets that people see, on a hidden one, and behind a page.
PLANTED = {
    ("Checks", "C1"): ("=1/0", {"#DIV/0!"}),
    ("Dashboard", "H2"): ("=nobody_knows_this(1)", {"#NAME?"}),
    ("Model", "H2"): ('="a"+1', {"#VALUE!"}),
    ("Imported", "B2"): ("=1/0", {"#DIV/0!"}),
    ("Dashboard", "AJ60"): ("=INDEX(A1:A2,9)", {"#REF!", "Err:502"}),
}


def test_planted_errors_are_seen(render, tmp_path):
    """Errors in cells are found wherever they stand, so a sample without a finding has none."""
    workbook = openpyxl.load_workbook(SMALLEST)
    for (sheet, place), (content, _) in PLANTED.items():
        assert workbook[sheet][place].value is None
        workbook[sheet][place] = content
    workbook.save(tmp_path / "planted.xlsx")
    found = set(render.alarming(tmp_path / "planted.xlsx"))
    for (sheet, place), (_, words) in PLANTED.items():
        assert {f"{sheet}: {word}" for word in words} & found, (place, found)


def test_a_narrow_column_is_seen(render, tmp_path):
    """A number whose column is too narrow is found, also in the folded workings."""
    workbook = openpyxl.load_workbook(SMALLEST)
    sheet = next(sheet for sheet in workbook.worksheets if "Base" in _headers(sheet))
    column = sheet.cell(1, 1 + list(_headers(sheet)).index("Base")).column_letter
    for letters, width in sheet.column_dimensions.items():
        if letters == column:
            width.width = 1.5
    if column not in sheet.column_dimensions:
        sheet.column_dimensions[column].width = 1.5
    workbook.save(tmp_path / "narrow.xlsx")
    assert f"{sheet.title}: ###" in render.alarming(tmp_path / "narrow.xlsx")


def _headers(sheet: Any) -> list[str]:
    """Return the headers of a sheet's first table."""
    for table in sheet.tables.values():
        (row,) = sheet[table.ref][:1]
        return [str(cell.value) for cell in row]
    return []


def test_pictures_are_named_after_their_sheets(render, tmp_path):
    """Each chosen sheet gives a PNG of its own name."""
    made = list(render.render(SMALLEST, tmp_path, ["Start", "Dashboard"], dpi=40, most=1))
    assert [path.name for path in made] == ["start-1.png", "dashboard-1.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in made)


def test_dashboard_prints_on_one_landscape_page(render, demo_path, tmp_path):
    """All that leadership looks at stands on the first page, the forecast alone on a second; Start takes one page."""
    printed = render.pages(render.pdf(demo_path, tmp_path))
    first, second = (text for sheet, text in printed if sheet == "Dashboard")
    titles = (
        "Accounts by segment",
        "Renewals ahead",
        "What drags the book",
        "Watch list",
        "Moved up most",
        "By region",
    )
    assert all(title in first for title in titles)
    assert "Forecast" not in first
    assert "Forecast" in second
    assert [sheet for sheet, _ in printed].count("Start") == 1


def test_nothing_alarming_in_a_book_of_large_values_and_long_names(render, tmp_path):
    """Values of ten digits with their currency and names of 80 characters: still no number without room."""
    book = long_names_and_large_values()
    assert render.alarming(write_book(book, tmp_path / "large.xlsx")) == []
