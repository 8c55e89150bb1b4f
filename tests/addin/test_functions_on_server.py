"""The functions through xlwings' server call: what Excel's JavaScript host posts, and what stands in the cells."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
import xlwings.server
from excel_host import NOT_AVAILABLE, Excel, model_range, posted, posted_frame, wanted
from hypothesis import given, settings

from healthscore import load_model, read_accounts, score
from healthscore.addin import functions
from healthscore.model import preset_names
from healthscore.workbook import plan_book
from parity.books import AS_OF, ROOT, book_of, model_of, scored
from parity.strategies import Case, cases

DAY = [[posted(AS_OF)]]
NAMES = ("HEALTHACTION", "HEALTHBAND", "HEALTHCOVERAGE", "HEALTHDRIVERS", "HEALTHGRADE", "HEALTHSCORE")
COLUMNS = {
    "HEALTHSCORE": "calculated",
    "HEALTHBAND": "band",
    "HEALTHGRADE": "grade",
    "HEALTHACTION": "next_action",
}

USAGE = model_of(
    metrics=[
        {"name": "Usage", "column": "usage", "ramp": [0, 100]},
        {"name": "Paid", "column": "paid", "choices": {"Yes": 100, "Late": 20}},
        {"name": "Login", "days_since": "last login", "ramp": [30, 0]},
    ],
    minimum_coverage=0.5,
)


@pytest.fixture(scope="module")
def demo() -> pd.DataFrame:
    return pd.read_csv(ROOT / "templates" / "demo" / "accounts.csv")


@pytest.fixture(scope="module")
def usage_range() -> list:
    frame = pd.DataFrame({"id": ["1"], "usage": [50.0], "paid": ["Yes"], "last login": ["2026-06-30"]})
    return model_range(book_of(USAGE, frame))


# --- the same answer as score() ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", preset_names())
def test_every_built_in_model_on_its_sample(excel, name):
    """On each model's sample accounts the functions say what score() says, named model and all."""
    folder = {"journey": "templates/demo"}.get(name, f"sample_workbooks/{name}")
    frame = pd.read_csv(ROOT / folder / "accounts.csv")
    values, headers = posted_frame(frame)
    table = score(frame, name, AS_OF).table
    for function, column in COLUMNS.items():
        assert excel.column(function, values, headers, None, [[name]], DAY) == wanted(table[column]), function
    assert excel.column("HEALTHCOVERAGE", values, headers, None, [[name]], DAY) == pytest.approx(
        list(table["coverage"])
    )


@given(case=cases())
@settings(max_examples=40)
def test_any_model_from_its_sheet(case: Case):
    """With `HealthModel` the functions say what the workbook's formulas say: calculated score, coverage, action."""
    excel = Excel()
    accounts, scores = scored(case.model, case.frame)
    book = book_of(case.model, case.frame)
    values, headers = posted_frame(
        accounts.frame[[*dict.fromkeys([*case.model.input_columns(), "region"])]].pipe(_typed, case)
    )
    segments = [[posted(name)] for name in accounts.frame["segment"]]
    blank = [all(cell == "" for cell in row) for row in values]
    model = model_range(book)
    for function, column in [*COLUMNS.items(), ("HEALTHCOVERAGE", "coverage")]:
        got = excel.column(function, values, headers, segments, model)
        hoped = ["" if empty else cell for cell, empty in zip(wanted(scores.table[column]), blank, strict=True)]
        assert got == pytest.approx(hoped, abs=1e-9) if column == "coverage" else got == hoped, function


def _typed(frame: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Return the columns as the sheet holds them: Yes and No for 1 and 0."""
    kinds = case.model.input_columns()
    yes_no = [name for name in frame if kinds.get(name) == "yes_no"]
    return frame.assign(**{name: frame[name].map({1.0: "Yes", 0.0: "No"}) for name in yes_no})


def test_peers_are_the_rows_of_the_call(excel, demo):
    """A metric against peers ranks an account among the rows of its own segment in the same call."""
    model = model_of(metrics=[{"name": "Use", "column": "use", "peers": 0.5}])
    frame = pd.DataFrame({"id": range(4), "use": [1.0, 2.0, 3.0, 100.0], "segment": ["A", "A", "A", "B"]})
    cells = model_range(book_of(model, frame))
    assert excel.column("HEALTHSCORE", [[1], [2], [3], [100]], [["use"]], [["A"], ["A"], ["A"], ["B"]], cells) == [
        50,
        100,
        100,
        100,
    ]
    assert excel.column("HEALTHSCORE", [[1], [2], [3], [100]], [["use"]], [["A"]], cells) == [40, 80, 100, 100]


# --- what Excel posts ----------------------------------------------------------------------------------------------


def test_single_cell(excel, usage_range):
    """One cell arrives as a number, not as a range; it is scored all the same."""
    assert excel.call("HEALTHCOVERAGE", 50, "usage", None, usage_range) == [[pytest.approx(1 / 3)]]


def test_one_row(excel, usage_range):
    """One account's row gives one cell: 50, 100 and 100 points, equal weights."""
    login = posted(AS_OF)
    assert excel.call("HEALTHSCORE", [[50, "yes", login]], [["usage", "paid", "last login"]], None, usage_range) == [
        [83]
    ]


def test_one_account_written_downwards(excel, usage_range):
    """Values and headers below each other are one account, too."""
    login = posted(AS_OF)
    cells = [[50], ["yes"], [login]]
    assert excel.call("HEALTHSCORE", cells, [["usage"], ["paid"], ["last login"]], None, usage_range) == [[83]]


def test_headers_in_any_order_and_spelling(excel, usage_range):
    """Headers match as the importer matches them; unknown ones are ignored."""
    login = posted(AS_OF)
    values, headers = [["x", login, "PAID?", " late ", 50]], [["Who", "LAST-LOGIN", "note", "Paid", "us_age"]]
    assert excel.call("HEALTHSCORE", values, headers, None, usage_range) == [[57]]


def test_omitted_headers_are_the_models_columns(excel, usage_range):
    """Without headers the values stand in the model's order; another number of them says what is expected."""
    assert excel.call("HEALTHSCORE", [[50, "Yes", posted(AS_OF)]], None, None, usage_range) == [[83]]
    told = excel.call("HEALTHSCORE", [[50, "Yes"]], None, None, usage_range)[0][0]
    assert told == "HEALTHSCORE: 2 values without headers, but the model 'Test' reads 3 columns; give the headers"


def test_empty_cells_are_missing(excel, usage_range):
    """A blank cell is left out of the score; below the minimum coverage there is no score; a blank row stays blank."""
    headers = [["usage", "paid", "last login"]]
    values = [[50, "", posted(AS_OF)], [50, "", ""], ["", None, ""]]
    assert excel.column("HEALTHSCORE", values, headers, None, usage_range) == [75, "", ""]
    assert excel.column("HEALTHBAND", values, headers, None, usage_range) == ["Green", "Unscored", ""]
    assert excel.column("HEALTHCOVERAGE", values, headers, None, usage_range) == [
        pytest.approx(2 / 3),
        pytest.approx(1 / 3),
        "",
    ]


def test_error_cells_are_missing(excel, usage_range):
    """A cell with an error counts as missing; the account keeps its score from the rest."""
    headers = [["usage", "paid", "last login"]]
    assert excel.call("HEALTHSCORE", [[50, NOT_AVAILABLE, posted(AS_OF)]], headers, None, usage_range) == [[75]]
    assert excel.call("HEALTHCOVERAGE", NOT_AVAILABLE, "usage", None, usage_range) == [[""]]


def test_text_in_a_number_is_missing_beside_formulas_and_read_in_an_export(excel, usage_range):
    """With HealthModel a text is no number, as in the workbook; with a built-in model "$50" is read as imports do."""
    headers = [["usage", "paid", "last login"]]
    assert excel.call("HEALTHSCORE", [["50", "Yes", posted(AS_OF)]], headers, None, usage_range) == [[100]]
    values, headers = [["A", "80 %", "$9"]], [["id", "nps", "arr"]]
    frame = pd.DataFrame(values, columns=headers[0])
    table = score(frame, "journey", AS_OF).table
    assert excel.column("HEALTHCOVERAGE", values, headers, None, None, DAY) == pytest.approx(list(table["coverage"]))


def test_dates_as_day_numbers_and_as_text(excel, usage_range):
    """Excel sends dates as numbers; the as-of date comes with HealthModel, or as the last argument."""
    headers = [["usage", "paid", "last login"]]
    day = posted(AS_OF) - 15
    assert excel.call("HEALTHSCORE", [["", "", day]], headers, None, usage_range) == [[""]]
    values = [[50, "", day], [50, "", day + 0.9]]
    assert excel.column("HEALTHSCORE", values, headers, None, usage_range) == [50, 50]
    later = AS_OF + dt.timedelta(days=15)
    for given_day in (posted(later), later.isoformat()):
        assert excel.column("HEALTHSCORE", values, headers, None, usage_range, [[given_day]]) == [25, 25]


def test_blank_fills_an_export_only(excel):
    """`blank = 0` is a rule of reading exports: it fills with a built-in model, not beside the workbook's formulas."""
    frame = pd.DataFrame({"id": ["a"], "Tickets 90d": [None], "NPS": [9.0]}, dtype=object)
    values, headers = posted_frame(frame)
    journey = load_model("journey")
    read = score(frame, journey, AS_OF).table["coverage"].iloc[0]
    cells = model_range(book_of(journey, frame))
    named = excel.column("HEALTHCOVERAGE", values, headers, None, [["Journey"]], DAY)[0]
    beside = excel.column("HEALTHCOVERAGE", values, headers, None, cells)[0]
    assert named == pytest.approx(read)
    assert beside < named


# --- spilling ------------------------------------------------------------------------------------------------------


def test_many_rows_are_one_call(excel, demo):
    """Sixty accounts in one call spill a column of sixty scores."""
    values, headers = posted_frame(demo)
    assert len(excel.column("HEALTHSCORE", values, headers, None, None, DAY)) == len(demo) == 60


def test_drivers_of_one_account(excel, usage_range):
    """For one account: a row per metric that costs points, most first; they add up to 100 less the base."""
    values, headers = [[10, "Late", posted(AS_OF)]], [["usage", "paid", "last login"]]
    assert excel.call("HEALTHDRIVERS", values, headers, None, usage_range) == [
        ["Usage", pytest.approx(30)],
        ["Paid", pytest.approx(80 / 3)],
    ]


def test_drivers_of_many_accounts(excel, usage_range):
    """For many accounts: one row each, the three biggest drags side by side, empty where there are fewer."""
    values, headers = [[10, "Late", ""], [100, "Yes", ""], ["", "", ""]], [["usage", "paid", "last login"]]
    got = excel.call("HEALTHDRIVERS", values, headers, None, usage_range)
    assert got == [
        ["Usage", pytest.approx(45), "Paid", pytest.approx(40), "", ""],
        [""] * 6,
        [""] * 6,
    ]


def test_segment_for_all_or_for_each(excel, demo):
    """A segment may be one text for all rows or a column; it wins over what the headers say."""
    values, headers = posted_frame(demo)
    small = score(demo.assign(Size="Small"), "journey", AS_OF).table["calculated"]
    assert excel.column("HEALTHSCORE", values, headers, "small", "journey", DAY) == wanted(small)
    each = [["Small"]] * len(demo)
    assert excel.column("HEALTHSCORE", values, headers, each, "journey", DAY) == wanted(small)


def test_a_weight_that_changes_on_the_sheet_changes_the_score(excel, usage_range):
    """HealthModel is read as it stands now: with a weight of 0 for Paid, only Usage and Login count."""
    row = next(row for row in usage_range if row[0] == "Paid" and row[3] == "column")
    changed = [[*line] for line in usage_range]
    changed[usage_range.index(row)][2] = 0
    values, headers = [[50, "Late", posted(AS_OF)]], [["usage", "paid", "last login"]]
    assert excel.call("HEALTHSCORE", values, headers, None, usage_range) == [[57]]
    assert excel.call("HEALTHSCORE", values, headers, None, changed) == [[75]]


# --- what cannot be used -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (([[1]], [["a"]], None, "nonsense"), "HEALTHSCORE: there is no model 'nonsense'; give HealthModel, or one of "),
        ((None,), "HEALTHSCORE: there are no values; give the account's cells"),
        (([[1, 2]], [["a"]]), "HEALTHSCORE: 1 headers for 2 columns of values; give as many as there are columns"),
        (([[1], [2]], "a", [["x"], ["y"], ["z"]]), "HEALTHSCORE: 3 segments for 2 accounts; give one for all, or one"),
        (([[1], [2]], "a", None, [["a", "b"], [1, 2]]), "HEALTHSCORE: the model is neither the range HealthModel nor"),
        (([[1], [2]], "a", None, None, "soon"), "HEALTHSCORE: 'soon' is no day; give a date, or a text such as 2026"),
    ],
)
def test_faults_are_one_short_text(excel, cells, told):
    """What cannot be used comes back as one cell with a short text that says what to do."""
    got = excel.call("HEALTHSCORE", *cells)
    assert len(got) == len(got[0]) == 1
    assert got[0][0].startswith(told)
    assert len(got[0][0]) <= 250


@pytest.mark.parametrize("function", NAMES)
@pytest.mark.parametrize(
    ("place", "told"),
    [(1, "the headers are #N/A"), (2, "the segment is #N/A"), (3, "the model is #N/A"), (4, "the as-of date is #N/A")],
)
def test_an_error_as_an_argument_is_named(excel, usage_range, function, place, told):
    """`HealthModel` in a workbook without it is #NAME?: the answer says so instead of taking the default model."""
    cells = [[[50, "Yes", 46203]], [["usage", "paid", "last login"]], None, usage_range, None]
    cells[place] = NOT_AVAILABLE
    got = excel.call(function, *cells)
    assert got[0][0].startswith(f"{function}: {told}; give ")


def test_an_error_on_the_model_sheet_is_named(excel, usage_range):
    """A weight that is #REF! makes no score by a weight that nobody gave; the row is named."""
    row = next(number for number, line in enumerate(usage_range) if line[0] == "Paid" and line[3] == "column")
    broken = [[*line] for line in usage_range]
    broken[row][2] = NOT_AVAILABLE
    got = excel.call("HEALTHSCORE", [[50]], [["usage"]], None, broken)
    assert got == [[f"HEALTHSCORE: the Model sheet has an error in row {row + 1}; mend that cell"]]


def test_no_option_of_the_command_line_is_asked_for_in_a_cell(excel):
    """What the importer says of its options makes no sense in a cell, and is left out."""
    got = excel.call("HEALTHSCORE", [["01/02/2026"], ["03/04/2026"]], [["Last login"]], None, "journey", DAY)
    assert "can be 1 February 2026 or 2 January 2026" in got[0][0]
    assert "--" not in got[0][0]


def test_even_a_fault_of_ours_is_a_text(excel, monkeypatch):
    """A bug shows as one short text, never as a traceback."""
    monkeypatch.setattr(functions, "answer", lambda *_: 1 / 0)
    assert excel.call("HEALTHSCORE", [[1]]) == [["HEALTHSCORE: cannot use these cells (ZeroDivisionError)"]]


# --- every function, every kind of value and points, every kind of cell ---------------------------------------------

#: What a metric is made of, what makes a good cell of it, and one that is no value of it.
KINDS = {
    "number by ramp": ({"column": "x", "ramp": [0, 100]}, (30.0,), ("soon",)),
    "falling ramp": ({"column": "x", "ramp": [100, 0]}, (30.0,), (True,)),
    "plateau": ({"column": "x", "plateau": [0, 10, 40, 80]}, (60.0,), ("many",)),
    "peers": ({"column": "x", "peers": 0.95}, (30.0,), ("top",)),
    "steps": ({"column": "x", "steps": [[0, 10], [25, 60], [50, 100]]}, (30.0,), ("none",)),
    "choices": ({"column": "x", "choices": {"Paid": 100, "Late": 40}}, ("late",), ("unheard of",)),
    "rating": ({"column": "x", "rating": 5}, (4.0,), (9.0,)),
    "yes or no": ({"column": "x", "choices": {"Yes": 100, "No": 20}}, ("No",), (1.0,)),
    "days since": ({"days_since": "x", "ramp": [90, 0]}, (dt.date(2026, 6, 1),), ("yesterday",)),
    "days until": ({"days_until": "x", "ramp": [0, 90]}, (dt.date(2026, 7, 15),), ("tomorrow",)),
    "change": ({"change": ["x", "y"], "ramp": [-0.5, 0.5]}, (110.0, 100.0), ("up", 100.0)),
    "ratio": ({"ratio": ["x", "y"], "ramp": [0, 1]}, (30.0, 50.0), (30.0, 0.0)),
}


@pytest.mark.parametrize("function", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_function_with_every_kind_of_metric(excel, kind, function):
    """A good cell, a blank one, an error and one that is no value: what score() says; the last three count as missing."""
    made, good, wrong = KINDS[kind]
    metrics = [
        {"name": "It", "action": "Look at it", **made},
        {"name": "Other", "column": "other", "ramp": [0, 10], "action": "Look there"},
    ]
    model = model_of(metrics=metrics, minimum_coverage=0.4)
    names = ["x", "y"][: len(good)]
    lines = [good, (None,) * len(good), (NOT_AVAILABLE,) * len(good), wrong]
    empty = [cell if line is good else None for line in lines for cell in line]
    columns = {name: pd.Series(empty[place :: len(good)], dtype=object) for place, name in enumerate(names)}
    frame = pd.DataFrame({"id": list("abcd"), **columns, "other": [7.0] * 4})
    hoped = score(frame, model, AS_OF)
    values = [[cell if isinstance(cell, dict) else posted(cell) for cell in line] + [7] for line in lines]
    got = excel.call(function, values, [[*names, "other"]], None, model_range(book_of(model, frame)))
    if function == "HEALTHDRIVERS":
        for line, (_, lost) in zip(got, hoped.lost.iterrows(), strict=True):
            drags = {line[at]: line[at + 1] for at in range(0, len(line), 2) if line[at]}
            assert drags == pytest.approx({str(name): part for name, part in lost.items() if part > 1e-9})
    else:
        column = {**COLUMNS, "HEALTHCOVERAGE": "coverage"}[function]
        assert [line[0] for line in got] == pytest.approx(wanted(hoped.table[column]))


# --- what is registered --------------------------------------------------------------------------------------------


def test_registered_functions():
    """Excel is told six functions, each with its description and the same five arguments, the first required."""
    meta = {entry["id"]: entry for entry in xlwings.server.custom_functions_meta(functions)["functions"]}
    assert tuple(sorted(meta)) == NAMES
    for entry in meta.values():
        assert entry["name"] == entry["id"]
        assert 20 < len(entry["description"]) <= 255
        arguments = [(part["name"], part.get("optional", False)) for part in entry["parameters"]]
        expected = [("values", False), ("metrics", True), ("segment", True), ("model", True), ("as_of", True)]
        assert arguments == expected
        assert all(10 < len(part["description"]) <= 255 for part in entry["parameters"])


def test_demo_workbook_by_its_own_sheet(excel):
    """The demo workbook's accounts, read from its sheet, score through HealthModel as its Calculated column says."""
    journey = load_model("journey")
    accounts = read_accounts(ROOT / "templates" / "demo" / "accounts.csv", journey)
    scores = score(accounts, journey, AS_OF)
    model = model_range(plan_book(accounts, scores))
    frame = accounts.frame.drop(columns="segment")
    yes_no = [name for name, kind in journey.input_columns().items() if kind == "yes_no"]
    frame = frame.assign(**{name: frame[name].map({1.0: "Yes", 0.0: "No"}) for name in yes_no})
    values, headers = posted_frame(frame)
    segments = [[name] for name in accounts.frame["segment"]]
    assert excel.column("HEALTHSCORE", values, headers, segments, model) == wanted(scores.table["calculated"])
