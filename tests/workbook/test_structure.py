"""What a built workbook is made of: sheets, tables, layout, inputs, colours, names (DESIGN §3)."""

from __future__ import annotations

import re

import openpyxl
import pytest

from healthscore.model.vocabulary import UNSCORED, UNSEGMENTED
from workbook.package import MAIN, Package, place

#: The order of DESIGN §3; `*` stands for the segments. Model, Journey and Team may stand in any order.
ORDER = {"Start": 0, "Dashboard": 1, "*": 2, "Model": 3, "Journey": 3, "Team": 3, "Checks": 4, "History": 5}


@pytest.fixture(scope="module")
def opened(demo_path):
    return openpyxl.load_workbook(demo_path)


@pytest.fixture(scope="module")
def values(demo_path):
    return openpyxl.load_workbook(demo_path, data_only=True)


def covered(validations, row: int, col: int):
    """Return the validations that cover a cell."""
    return [
        found
        for found in validations
        for area in found.sqref.ranges
        if area.min_row <= row <= area.max_row and area.min_col <= col <= area.max_col
    ]


# --- sheets and tables ---------------------------------------------------------------------------------------------


def test_sheets_in_order(demo: Package):
    """Sheets stand in the order of DESIGN §3, the segments as the model lists them, those without one last."""
    segments = demo.segment_sheets()
    assert segments == ["Small", "Enterprise", "Medium", UNSEGMENTED]
    names = ["*" if name in segments else name for name in demo.sheets]
    ranks = [ORDER[name] for name in names if name in ORDER]
    assert ranks == sorted(ranks)
    assert {"Start", "Model", "Checks"} <= set(demo.sheets)


def test_workbook_opens_on_start(opened):
    """The first thing seen is Start; no sheet of the design is hidden, and what is hidden stands behind all others."""
    assert opened.active.title == "Start"
    states = [sheet.sheet_state for sheet in opened]
    assert states == sorted(states, key=("visible", "hidden", "veryHidden").index)
    shown = {sheet.title for sheet in opened if sheet.sheet_state == "visible"}
    assert {"Start", "Small", "Enterprise", "Model", "Checks"} <= shown
    assert set(ORDER) & set(opened.sheetnames) <= shown


def test_every_account_stands_in_one_row(demo: Package, demo_accounts):
    """Each segment has one table of accounts; together they hold every account of the export exactly once."""
    found = []
    for name in demo.segment_sheets():
        assert len([table for table in demo.tables(name) if "Account ID" in table.headers]) == 1
        found += [cell.value for cell in demo.column(name, "Account ID") if cell and cell.value]
    assert sorted(found) == sorted(demo_accounts.frame["id"])


def test_accounts_stand_in_their_segment(demo: Package, demo_accounts):
    """An account stands on the sheet of its segment; one without a segment on the sheet for those."""
    segment = dict(zip(demo_accounts.frame["id"], demo_accounts.frame["segment"], strict=True))
    for name in demo.segment_sheets():
        assert {segment[cell.value] for cell in demo.column(name, "Account ID") if cell} == {name}


def test_names_of_tables_are_legal_and_their_own(demo: Package):
    """Table names are unique in the workbook without regard to case, ASCII, and no defined name."""
    names = [table.name for sheet in demo.sheets for table in demo.tables(sheet)]
    assert len({name.lower() for name in [*names, *demo.names]}) == len(names) + len(demo.names)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) for name in names)


def test_columns_come_in_groups(demo: Package):
    """A row says who, then the verdict, then inputs, override and workings (DESIGN §3)."""
    headers = demo.accounts_table("Small").headers
    wanted = [
        "Account", "Account ID", "Owner", "Stage", "Region", "Value", "Renewal date", "Score", "Band", "Grade",
        "Change", "Outlook", "Biggest drag", "Risk signals", "Next action", "Coverage", "Active users",
        "Override score", "Override reason", "Override by", "Override until", "Seats in use (value)",
        "Seats in use (points)", "Seats in use (lost)", "Silent churn (rule)",
    ]  # fmt: skip
    places = [headers.index(name) for name in wanted]
    assert places == sorted(places)


def test_header_cells_equal_the_table_columns(demo: Package):
    """The header in the cell is the name in the table: where they differ, Excel repairs the file."""
    for sheet in demo.sheets:
        grid = demo.grid(sheet)
        for table in demo.tables(sheet):
            assert [grid[table.top, col].value for col in range(table.left, table.right + 1)] == table.headers


# --- layout --------------------------------------------------------------------------------------------------------


def test_panes_are_frozen_below_the_header(demo: Package, opened):
    """Scrolling keeps the header row and the account's name in sight."""
    for name in demo.segment_sheets():
        table = demo.accounts_table(name)
        assert place(opened[name].freeze_panes) == (table.top + 1, 2)


def test_strip_rows_are_grouped_and_collapsed(demo: Package, opened):
    """The parameters above the table are folded away; the rows people read are not."""
    for name in demo.segment_sheets():
        sheet, table = opened[name], demo.accounts_table(name)
        folded = [row for row in range(1, table.top + 2) if sheet.row_dimensions[row].hidden]
        assert len(folded) > 15
        assert folded == list(range(folded[0], folded[-1] + 1))
        assert all(sheet.row_dimensions[row].outlineLevel == 1 for row in folded)
        assert folded[-1] < table.top
        assert sheet.row_dimensions[folded[-1] + 1].collapsed
        assert not any(sheet.row_dimensions[row].hidden for row in table.rows)


def test_workings_are_grouped_and_collapsed(demo: Package):
    """Columns of workings are folded; verdict, inputs and override are in sight."""
    for name in demo.segment_sheets():
        table, folded, levels = demo.accounts_table(name), set(), set()
        for col in demo.sheet(name).iter(f"{MAIN}col"):
            span = range(int(col.get("min", 0)), int(col.get("max", 0)) + 1)
            folded |= set(span) if col.get("hidden") == "1" else set()
            levels |= set(span) if col.get("outlineLevel") == "1" else set()
        hidden = {header for header in table.headers if table.col(header) in folded}
        workings = {header for header in table.headers if re.search(r" \((value|points|lost|rule)\)$", header)}
        assert workings < hidden
        assert folded <= levels
        assert not hidden & {"Account", "Score", "Band", "Next action", "Active users", "Override score", "Coverage"}


def test_headers_repeat_in_print(demo: Package, opened):
    """A printed sheet repeats the header row on each page and fits the page's width."""
    for name in demo.segment_sheets():
        top = demo.accounts_table(name).top
        assert opened[name].print_title_rows.endswith(f"${top}")
        assert opened[name].page_setup.fitToHeight == 0


def test_columns_have_widths(demo: Package, opened):
    """No column is left at the default width: texts and numbers fit."""
    for name in demo.segment_sheets():
        table = demo.accounts_table(name)
        widths = {}
        for col in demo.sheet(name).iter(f"{MAIN}col"):
            for number in range(int(col.get("min", 0)), int(col.get("max", 0)) + 1):
                widths[number] = float(col.get("width", 0))
        assert all(widths[col] >= 7 for col in range(table.left, table.right + 1))
        assert opened[name].sheet_view.showGridLines is False


def test_currency_stands_before_account_values(demo: Package, opened):
    """The currency of the build is in the format of values and of priority; scores have none."""
    table = demo.accounts_table("Small")
    for header in ("Value", "Priority"):
        assert opened["Small"].cell(table.top + 1, table.col(header)).number_format == '"EUR" #,##0'
    assert "EUR" not in opened["Small"].cell(table.top + 1, table.col("Score")).number_format


def test_dates_and_parts_have_their_formats(demo: Package, opened):
    """Dates look like dates, coverage like a percentage, scores like whole numbers."""
    table, sheet = demo.accounts_table("Small"), opened["Small"]
    for header, pattern in (("Renewal date", "yy"), ("Last login", "yy"), ("Coverage", "%"), ("Score", "^0$")):
        assert re.search(pattern, sheet.cell(table.top + 1, table.col(header)).number_format), header


# --- inputs --------------------------------------------------------------------------------------------------------

_TYPES = {"number": {"decimal"}, "date": {"date"}, "yes_no": {"list"}, "category": {"list"}}


def test_every_input_column_is_validated(demo: Package, opened, journey, demo_accounts):
    """Each input of the model takes only what it can use, in every row of the table: number, date, a listed word."""
    for name in demo.segment_sheets():
        table, found = demo.accounts_table(name), opened[name].data_validations.dataValidation
        wanted = {
            header: _TYPES[kind]
            for header, kind in journey.input_columns().items()
            if header not in demo_accounts.bound
        }
        wanted |= {"Value": {"decimal"}, "Renewal date": {"date"}, "Override score": {"decimal"}}
        wanted |= {"Override until": {"date"}}
        for header, types in wanted.items():
            for row in (table.top + 1, table.bottom):
                assert {item.type for item in covered(found, row, table.col(header))} == types, header


def test_inputs_say_what_they_want(demo: Package, opened):
    """An input explains itself when it is selected, and what was typed wrong when it is refused."""
    table, found = demo.accounts_table("Small"), opened["Small"].data_validations.dataValidation
    score = covered(found, table.top + 1, table.col("Override score"))[0]
    assert "reason, an author and an end date" in score.prompt
    assert (score.formula1, score.formula2) == ("0", "100")
    rating = covered(found, table.top + 1, table.col("CSM rating"))[0]
    assert "from 1 to 5" in rating.error


def test_choices_are_listed_from_the_strip(demo: Package, opened, values):
    """The list of a category points at the strip, so that a choice renamed in the model is offered at once."""
    table, sheet = demo.accounts_table("Small"), opened["Small"]
    rule = covered(sheet.data_validations.dataValidation, table.top + 1, table.col("Invoice status"))[0]
    (top, col), (bottom, _) = map(place, rule.formula1.lstrip("=").split(":"))
    listed = [values["Small"].cell(row, col).value for row in range(top, bottom + 1)]
    assert listed == ["Paid", "Due", "In dispute", "Overdue"]
    assert bottom < table.top


def test_as_of_date_is_an_input(demo: Package, opened):
    """The as-of date is a plain date on Start that takes dates only; formulas reach it by the name AsOf."""
    assert demo.names["AsOf"] == "Start!$B$4"
    cell = demo.grid("Start")[place("$B$4")]
    assert (cell.formula, cell.kind) == (None, "n")
    assert [item.type for item in covered(opened["Start"].data_validations.dataValidation, 4, 2)] == ["date"]


def test_weights_and_thresholds_are_inputs_on_model(demo: Package, journey):
    """Every weight and threshold stands on Model as a plain number, not as a formula."""
    numbers = [cell for cell in demo.cells("Model") if cell.kind == "n" and cell.value is not None and cell.row > 3]
    assert len(numbers) > 100
    assert all(cell.formula is None for cell in numbers)
    grid = demo.grid("Model")
    names = {cell.value: row for (row, col), cell in grid.items() if col == 1 and cell.value}
    assert {metric.name for metric in journey.metrics} <= set(names)


def test_name_of_the_whole_model(demo: Package):
    """HealthModel covers the used part of the Model sheet from its first cell, for the add-in's functions."""
    sheet, _, area = demo.names["HealthModel"].partition("!")
    start, end = area.split(":")
    assert (sheet, start) == ("Model", "$A$1")
    assert place(end)[0] >= max(cell.row for cell in demo.cells("Model"))
    assert place(end)[1] >= max(cell.col for cell in demo.cells("Model") if cell.value)


# --- colours -------------------------------------------------------------------------------------------------------


def test_colours_follow_the_strip(demo: Package, opened, values, journey):
    """The verdict is coloured by comparing its band with a cell of the strip: no threshold is written into a format."""
    wanted = [*(band.name for band in journey.bands), UNSCORED]
    for name in demo.segment_sheets():
        table = demo.accounts_table(name)
        found = []
        for area, rules in opened[name].conditional_formatting._cf_rules.items():
            cells = next(iter(area.sqref.ranges))
            if not cells.min_col <= table.col("Band") <= cells.max_col:
                continue
            assert cells.min_col <= table.col("Score")
            assert (cells.min_row, cells.max_row) == (table.top + 1, table.bottom)
            for rule in rules:
                left, right = rule.formula[0].split("=")
                assert place(left) == (table.top + 1, table.col("Band"))
                row, col = place(right)
                assert row < table.top
                found.append(values[name].cell(row, col).value)
                assert rule.dxf.fill.bgColor.rgb != rule.dxf.font.color.rgb
        assert found == wanted


def test_status_is_word_symbol_and_colour(demo: Package, journey):
    """A band can be told without seeing colours: its word and its symbol stand in the row, and they always agree."""
    signs = {band.name: band.sign for band in journey.bands} | {UNSCORED: "○"}
    for name in demo.segment_sheets():
        bands, symbols = demo.column(name, "Band"), demo.column(name, "Signal")
        assert [signs[band.value] for band in bands] == [symbol.value for symbol in symbols]
    assert len(set(signs.values())) == len(signs)


def test_unusable_input_is_marked(demo: Package, opened):
    """An input that is text where a number belongs lights up; the format covers every row."""
    table = demo.accounts_table("Small")
    marks = [
        area
        for area, rules in opened["Small"].conditional_formatting._cf_rules.items()
        for rule in rules
        if "ISTEXT" in rule.formula[0]
    ]
    columns = {next(iter(area.sqref.ranges)).min_col for area in marks}
    assert {table.col(header) for header in ("NPS", "Seats", "Active users", "Last login")} <= columns


# --- what must not be there ----------------------------------------------------------------------------------------


def test_nothing_that_asks_for_trust(demo: Package):
    """No macros, no external links or connections, no embedded objects: nothing that makes Excel show a bar."""
    for part, content in demo.parts.items():
        assert not re.search(r"vba|macro|external|connection|embedding|activex|customXml|queryTable", part, re.I), part
        assert b'TargetMode="External"' not in content, part
    assert b"macroEnabled" not in demo.parts["[Content_Types].xml"]


def test_no_merged_cells(demo: Package):
    """Nothing is merged, so that every column can be sorted, filtered and selected."""
    for name in demo.segment_sheets():
        assert not list(demo.sheet(name).iter(f"{MAIN}mergeCell"))


def test_the_file_says_what_made_it(opened, journey):
    """The properties carry the model's title, this program's name and the model's version."""
    assert opened.properties.title == journey.title
    assert re.search(r"healthscore \d+\.\d+\.\d+, model version 1", opened.properties.description)


def test_findings_are_complete_on_checks(demo: Package, demo_accounts):
    """Everything the import noticed stands on Checks, a line each: row, account, column, found, done."""
    table = next(table for table in demo.tables("Checks") if "Found" in table.headers)
    grid = demo.grid("Checks")
    assert len(table.rows) == len(demo_accounts.findings)
    first = demo_accounts.findings[0]
    shown = {header: grid[table.top + 1, table.col(header)].value for header in table.headers}
    assert shown["Found"] == first.found
    assert shown["Column"] == first.column
    assert shown["What was done"] == first.done
