"""How the workbook looks (palette, formats, widths, print, first view), for books of every size."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from healthscore import load_model, pipeline
from healthscore.accounts import accounts_from_frame
from healthscore.model.vocabulary import BAND_COLORS
from healthscore.workbook import plan_book, write_book
from healthscore.workbook.plan import Book, Formula, Sheet
from healthscore.workbook.styles import CHART_COLORS, TAB_COLORS
from parity.books import AS_OF, ROOT, model_of
from workbook.package import MAIN, Package

OUTPUTS = ("Start", "Dashboard", "Team", "Checks", "Journey")
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"


def demo_export() -> pd.DataFrame:
    return pd.read_csv(ROOT / "templates" / "demo" / "accounts.csv", dtype=str)


def book_for(frame: pd.DataFrame, model=None, currency: str = "EUR") -> Book:
    chosen = model or load_model("journey")
    accounts = accounts_from_frame(frame, chosen)
    return plan_book(accounts, pipeline.score(accounts, chosen, AS_OF), currency=currency)


def three_accounts() -> Book:
    """Three accounts, three metrics, one segment, no owner, no renewal date."""
    metrics = [{"name": name, "column": name, "ramp": [0, 10]} for name in ("Use", "Love", "Pay")]
    frame = pd.DataFrame({"id": ["a", "b", "c"], "Use": [1, 5, 9], "Love": [3, 4, 10], "Pay": [2, 8, None]})
    return book_for(frame, model_of(metrics=metrics))


def twelve_segments() -> Book:
    """Twelve segments, 25 metrics, 15 owners, 14 stages and regions."""
    metrics = [
        {"name": f"Signal number {number}", "column": f"c{number}", "ramp": [0, 10], "action": "Ask " * 20}
        for number in range(25)
    ]
    count, chance = 300, np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "id": [f"A{number}" for number in range(count)],
            "segment": [f"Segment {number % 12} of the market" for number in range(count)],
            "owner": [f"Owner {number % 15}" for number in range(count)],
            "stage": [f"Stage {number % 14}" for number in range(count)],
            "region": [f"Region {number % 14}" for number in range(count)],
            "value": chance.integers(1000, 90_000, count),
            "renewal": pd.Timestamp("2026-07-01") + pd.to_timedelta(chance.integers(0, 300, count), unit="D"),
            **{f"c{number}": chance.integers(0, 11, count) for number in range(25)},
        }
    )
    return book_for(frame, model_of(metrics=metrics, segment_by=["segment"]))


def long_names_and_large_values() -> Book:
    """Names of 80 characters, and values of up to ten digits."""
    frame = demo_export()
    for column in ("Account", "Owner", "Stage", "Region"):
        frame[column] = [f"{number % 7} {column} of an honourable and very long name {'x' * 80}"[:80]
                         for number in range(len(frame))]  # fmt: skip
    frame["ARR"] = [str(123_456_789 * (number + 1)) for number in range(len(frame))]
    return book_for(frame)


def five_thousand() -> Book:
    """5,000 accounts of the demo's kinds."""
    frame = demo_export().sample(5000, replace=True, random_state=5).reset_index(drop=True)
    frame["Account ID"] = [f"C-{number}" for number in range(len(frame))]
    return book_for(frame)


BOOKS = {
    "demo": lambda: book_for(demo_export()),
    "three accounts": three_accounts,
    "twelve segments": twelve_segments,
    "long names": long_names_and_large_values,
    "5,000 accounts": five_thousand,
}


@pytest.fixture(scope="module", params=BOOKS)
def book(request) -> Book:
    return BOOKS[request.param]()


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    """The smaller books as files."""
    folder = tmp_path_factory.mktemp("look")
    return {
        name: write_book(make(), folder / f"{number}.xlsx")
        for number, (name, make) in enumerate(BOOKS.items())
        if name != "5,000 accounts"
    }


@pytest.fixture(scope="module", params=[name for name in BOOKS if name != "5,000 accounts"])
def path(request, files) -> Path:
    return files[request.param]


@pytest.fixture(scope="module")
def opened(path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


# --- on screen -----------------------------------------------------------------------------------------------------


def test_first_view(opened):
    """The book opens on Start, which alone is selected, at the as-of date; every sheet opens at its top left corner."""
    assert opened.active.title == "Start"
    assert [sheet.title for sheet in opened if sheet.sheet_view.tabSelected] == ["Start"]
    start = opened["Start"].sheet_view
    assert start.selection[0].activeCell == "B4"
    for sheet in opened:
        assert sheet.sheet_view.topLeftCell in (None, "A1")
        assert 70 <= (sheet.sheet_view.zoomScale or 100) <= 100


def test_no_gridlines_and_a_tab_colour_by_kind(opened, path):
    """Sheets have no gridlines, and the colour of a tab tells outputs, segments, inputs and workings apart."""
    assert len(set(TAB_COLORS.values())) == 4
    segments = set(Package(path).segment_sheets())
    kinds = {**dict.fromkeys(OUTPUTS, "output"), **dict.fromkeys(segments, "segment"), "Model": "input"}
    kinds |= {"List": "working", "Imported": "working"}
    for sheet in opened:
        assert not sheet.sheet_view.showGridLines, sheet.title
        if sheet.title in kinds:
            assert sheet.sheet_properties.tabColor.rgb[2:] == TAB_COLORS[kinds[sheet.title]].lstrip("#"), sheet.title


def test_panes_are_frozen_where_one_scrolls(opened, path):
    """Wherever a list goes on below the screen its head stays: segments, Model, Checks, Team and List."""
    scrolled = {*Package(path).segment_sheets(), "Model", "Checks", "Team", "List"}
    assert all(opened[name].freeze_panes for name in scrolled)


def test_every_column_of_a_page_has_a_width(book):
    """No column that is printed is left at the width that a spreadsheet happens to have."""
    for sheet in book.sheets:
        if sheet.print_area is not None:
            _, left, _, right = sheet.print_area
            assert set(range(left, right + 1)) <= set(sheet.widths), sheet.name


_DIGITS = {"money": 0, "whole": 0, "days": 0, "score": 0, "number": 2, "points": 1}


def test_numbers_fit_their_columns(book):
    """The longest number of every column of a table, with its currency, is shorter than the column is wide."""
    seen = 0
    for sheet in book.sheets:
        for table in sheet.tables:
            for col, column in enumerate(table.columns, start=table.col):
                word = column.style.removeprefix("input_")
                numbers = [value for value in column.values if isinstance(value, (int, float)) and not np.isnan(value)]
                if word in _DIGITS and numbers:
                    sign = f"{book.currency} " if word == "money" else ""
                    longest = max(len(f"{sign}{value:,.{_DIGITS[word]}f}") for value in numbers)
                    assert longest < sheet.widths[col].chars, (sheet.name, column.header)
                    seen += 1
    assert seen > 10


def test_heads_wrap_and_words_fit(opened, path):
    """A head wraps between words; no word of a segment's head is longer than its column is wide."""
    package = Package(path)
    for name in package.segment_sheets():
        table = package.accounts_table(name)
        widths = {}
        for col in package.sheet(name).iter(f"{MAIN}col"):
            for number in range(int(col.get("min", 0)), int(col.get("max", 0)) + 1):
                widths[number] = float(col.get("width", 0))
        for header in table.headers:
            cell = opened[name].cell(table.top, table.col(header))
            assert cell.alignment.wrap_text
            assert max(map(len, header.split())) <= widths[table.col(header)], header


def test_heads_stand_where_their_numbers_do(opened, path):
    """The head of a column of numbers stands on the right, of one of dates in the middle, as what is below it."""
    package = Package(path)
    name = package.segment_sheets()[0]
    table = package.accounts_table(name)
    sides = {"Value": "right", "Renewal date": "center", "Score": "center", "Priority": "right", "Owner": "left"}
    for header, side in sides.items():
        assert opened[name].cell(table.top, table.col(header)).alignment.horizontal == side, header


def test_one_way_to_write_dates_and_money(opened):
    """All dates are written year-month-day but for the months of the forecast; all money has the chosen currency."""
    formats = {cell.number_format for sheet in opened for row in sheet.iter_rows() for cell in row}
    dated = {form for form in formats if re.search(r"[ymd]{2}", re.sub(r'"[^"]*"', "", form), re.I)}
    assert {form.replace('"As of "', "") for form in dated} <= {"yyyy-mm-dd", "mmm yy", "d mmm"}
    assert '"EUR" #,##0' in formats
    assert len(formats) < 30


def test_names_of_eighty_characters_wrap_or_are_cut_at_the_next_column(files):
    """A long account's name wraps on its segment sheet, in a row that is high enough for it."""
    package, opened = Package(files["long names"]), openpyxl.load_workbook(files["long names"])
    for name in package.segment_sheets():
        table = package.accounts_table(name)
        for row in table.rows:
            cell = opened[name].cell(row, table.col("Account"))
            assert cell.alignment.wrap_text
            assert opened[name].row_dimensions[row].height >= 3 * 15


# --- in print ------------------------------------------------------------------------------------------------------


def test_every_sheet_prints_with_its_name_and_page_numbers(opened):
    """Each page says which sheet it is of and which page of how many, on landscape A4, readable at any scale."""
    for sheet in opened:
        assert (sheet.oddFooter.left.text or "").endswith("&A"), sheet.title
        assert (sheet.oddFooter.right.text or "").endswith("Page &P of &N"), sheet.title
        assert sheet.page_setup.orientation == "landscape"
        assert str(sheet.page_setup.paperSize) == "9"
        assert sheet.HeaderFooter.scaleWithDoc is False


def test_what_is_printed(opened, path):
    """Outputs print their page without what stands behind it; segments repeat head and account on every page."""
    for name in ("Start", "Dashboard", "Team", "Model", "List"):
        assert opened[name].print_area, name
    for name in Package(path).segment_sheets():
        sheet, table = opened[name], Package(path).accounts_table(name)
        assert sheet.print_title_rows.replace("$", "") == f"{table.top - 1}:{table.top}"
        assert sheet.print_title_cols.replace("$", "") == "A:A"
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (2, 0)
    # One page wide and one tall is what a file says that fits to pages and names no number.
    assert opened["Start"].sheet_properties.pageSetUpPr.fitToPage
    assert (opened["Start"].page_setup.fitToWidth, opened["Start"].page_setup.fitToHeight) == (None, None)


def test_dashboard_breaks_once_before_the_forecast(book):
    """Everything for leadership stands on the first landscape page; only the forecast starts a second one."""
    sheet = sheet_of(book, "Dashboard")
    assert len(sheet.breaks) == 1
    forecast = next(cell.row for cell in sheet.cells if str(cell.value).startswith("Forecast"))
    assert sheet.breaks == (forecast,)
    assert sheet.print_area is not None
    right = sheet.print_area[3]
    wide = sum(7 * sheet.widths[col].chars + 5 for col in range(right + 1)) * sheet.scale / 100
    heights = [sheet.heights[row].points if row in sheet.heights else 15.0 for row in range(forecast)]
    tall = sum(height or 15.0 for height in heights) * 4 / 3 * sheet.scale / 100
    # A4 on its side is 297 × 210 mm; 0.4 inch are kept free at the sides, 0.5 above and 0.6 below.
    assert wide <= (297 / 25.4 - 0.8) * 96
    assert tall <= (210 / 25.4 - 1.1) * 96


def sheet_of(book: Book, name: str) -> Sheet:
    return next(sheet for sheet in book.sheets if sheet.name == name)


# --- charts and colours --------------------------------------------------------------------------------------------


def test_every_chart_has_a_title_and_an_alternative_text(book, path):
    """Who cannot see a chart is told what it shows; the text is in the file, on every chart."""
    for sheet in book.sheets:
        for chart in sheet.charts:
            assert chart.title
            assert len(chart.alt) > 30
    package = Package(path)
    drawings = [part for part in package.parts if re.fullmatch(r"xl/drawings/drawing\d+\.xml", part)]
    frames = [frame for part in drawings for frame in package.xml(part).iter(f"{_DRAWING}graphicFrame")]
    told = [next(frame.iter(f"{_DRAWING}cNvPr")).get("descr") for frame in frames]
    assert len(told) == sum(part.startswith("xl/charts/chart") for part in package.parts) >= 4
    assert all(told)


def test_charts_lie_on_the_page_and_not_on_each_other(book):
    """Charts stand within what is printed, each on cells of its own."""
    for sheet in book.sheets:
        areas = []
        for chart in sheet.charts:
            top = sum(_pixels_tall(sheet, row) for row in range(chart.row)) + chart.offset[1]
            left = sum(_pixels_wide(sheet, col) for col in range(chart.col)) + chart.offset[0]
            areas.append((left, top, left + chart.size[0], top + chart.size[1]))
            if sheet.print_area is not None:
                right = sum(_pixels_wide(sheet, col) for col in range(sheet.print_area[3] + 1))
                assert left + chart.size[0] <= right + 1, (sheet.name, chart.title)
        for one, other in combinations(areas, 2):
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (sheet.name, one, other)


def _pixels_wide(sheet: Sheet, col: int) -> float:
    width = sheet.widths.get(col)
    return 7 * (8.43 if width is None else width.chars) + 5


def _pixels_tall(sheet: Sheet, row: int) -> float:
    height = sheet.heights.get(row)
    return (15.0 if height is None or height.points is None else height.points) * 4 / 3


def luminance(color: str) -> float:
    """Return the relative luminance of a colour, 0 to 1, as WCAG 2 defines it."""
    parts = [int(color.lstrip("#")[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("color", BAND_COLORS)
def test_a_band_can_be_read(color):
    """The word of a band stands out from its colour by 4.5 to 1 and more, which holds in greyscale as well."""
    fill, ink = BAND_COLORS[color]
    assert contrast(fill, ink) >= 4.5


def test_chart_colours_differ_in_greyscale():
    """Red, yellow, green and grey follow each other in a stack; printed without colour, neighbours still differ."""
    stacked = ["red", "yellow", "green", "grey"]
    for one, other in pairwise(stacked):
        assert contrast(CHART_COLORS[one], CHART_COLORS[other]) >= 1.5, (one, other)


#: What the three kinds of cones that fail make of linear red, green and blue (Machado and others, 2009).
_BLIND = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


@pytest.mark.parametrize("kind", _BLIND)
def test_chart_colours_differ_for_the_colour_blind(kind):
    """Seen with one kind of cone missing, the colours of red, yellow and green stay far apart."""
    seen = {}
    for name in ("red", "yellow", "green", "grey"):
        parts = [int(CHART_COLORS[name][place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = np.array([part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts])
        seen[name] = np.clip(np.array(_BLIND[kind]) @ linear, 0, 1) ** (1 / 2.2)
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 0.15, (one, other)


def test_status_is_never_colour_alone(book):
    """Wherever a signal is coloured, its symbol and its word stand there too."""
    for name in ("Dashboard", "Team"):
        sheet = sheet_of(book, name)
        shown = {
            str(cell.value.value)
            for cell in sheet.cells
            if cell.style == "dash_signal" and isinstance(cell.value, Formula) and cell.value.value
        }
        assert all(re.fullmatch(r"[■▲●○◆◇] \S.*", text) for text in shown), shown
