"""`Start`, `Dashboard` and `Team` say what the accounts say: figures counted again here, from the scores alone."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from healthscore import Accounts, Scores, __version__, load_model, read_accounts
from healthscore.history import Agreed, History, Past
from healthscore.scoring import score_frame
from healthscore.workbook import plan_book, write_book
from parity.books import AS_OF, ROOT

DAYS = (dt.date(2026, 6, 15), dt.date(2026, 6, 22))
AGREED = Agreed(("Name", "Role", "Date"), (("Ann Lee", "VP Customer Success", dt.date(2026, 6, 1)),))


@pytest.fixture(scope="module")
def made() -> tuple[Accounts, Scores]:
    """The demo's accounts a week after an earlier snapshot, in which every third account stood 10 points elsewhere."""
    model = load_model("journey")
    accounts = read_accounts(ROOT / "templates" / "demo" / "accounts.csv", model)
    first = score_frame(accounts.frame, model, AS_OF, accounts.bound).table["score"]
    turns = np.resize([10.0, 0.0, -10.0], len(first))
    before = (first + turns).clip(0, 100)
    accounts = replace(accounts, frame=accounts.frame.assign(previous_score=before))
    return accounts, score_frame(accounts.frame, model, AS_OF, accounts.bound)


@pytest.fixture(scope="module")
def workbook(made, tmp_path_factory) -> openpyxl.Workbook:
    accounts, scores = made
    names = dict(zip(accounts.frame["id"], accounts.frame["account"], strict=True))
    history = History(DAYS, names, {name: dict.fromkeys(DAYS, 60.0) for name in names})
    book = plan_book(accounts, scores, currency="EUR", past=Past(history), agreed=AGREED)
    path = write_book(book, tmp_path_factory.mktemp("summary") / "book.xlsx")
    return openpyxl.load_workbook(path, data_only=True)


@pytest.fixture(scope="module")
def table(made) -> pd.DataFrame:
    """One row per account: who, value, renewal, verdict."""
    accounts, scores = made
    frame = accounts.frame[["id", "account", "owner", "stage", "region", "segment", "value", "renewal"]]
    verdict = scores.table[["score", "band", "coverage", "change", "priority", "drag_1", "next_action"]]
    return pd.concat([frame.reset_index(drop=True), verdict.reset_index(drop=True)], axis=1)


class Block:
    """A block of a sheet: the lines below the heads that follow a heading."""

    def __init__(self, sheet: Any, heading: str, below: int = 1) -> None:
        self.sheet = sheet
        self.row, self.col = place_of(sheet, heading)
        self.head = self.row + below

    def lines(self, count: int, columns: dict[str, int]) -> list[dict[str, Any]]:
        """Return so many lines: {name: value} of the columns counted from the heading's."""
        return [
            {
                name: self.sheet.cell(self.head + number, self.col + offset).value
                for name, offset in columns.items()
            }
            for number in range(1, count + 1)
        ]  # fmt: skip


def place_of(sheet: Any, text: str) -> tuple[int, int]:
    """Return row and column of the cell with exactly this text."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == text:
                return cell.row, cell.column
    raise AssertionError(f"{sheet.title} says {text!r} nowhere")


def number(value: Any) -> float:
    return 0.0 if value in (None, "") else float(value)


def below(sheet: Any, text: str) -> tuple[Any, Any]:
    """Return the two values under a label: a tile's figure and its note."""
    row, col = place_of(sheet, text)
    return sheet.cell(row + 1, col).value, sheet.cell(row + 2, col).value


# --- Start ---------------------------------------------------------------------------------------------------------


def test_start_explains_every_band(workbook, made):
    """One row per band, best first: its colour, symbol, range, grades, meaning, what to do and how fast."""
    sheet, (_, scores) = workbook["Start"], made
    heads = ["Band", "Signal", "From", "To", "Grades", "Outlook", "What it means", "What to do", "How fast"]
    block = Block(sheet, "How to read a score")
    assert [sheet.cell(block.head, 1 + offset).value for offset in range(len(heads))] == heads
    bands = list(reversed(scores.model.bands))
    lines = block.lines(len(bands) + 1, {name: offset for offset, name in enumerate(heads)})
    end = 100
    for band, line in zip(bands, lines, strict=False):
        assert (line["Band"], line["Signal"]) == (band.name, band.sign)
        assert (line["From"], line["To"]) == (band.start, end)
        assert line["Grades"] == ", ".join(
            grade.name
            for place, grade in enumerate(scores.model.grades)
            if grade.start <= end
            and (place + 1 == len(scores.model.grades) or scores.model.grades[place + 1].start > band.start)
        )
        assert line["What it means"] == band.meaning
        assert line["What to do"] == band.action
        assert line["How fast"] == band.respond_within
        end = int(band.start) - 1
    fills = {sheet.cell(block.head + number, 1).fill.start_color.rgb for number in range(1, len(bands) + 2)}
    assert len(fills) == len(bands) + 1
    assert (lines[-1]["Band"], lines[-1]["Signal"]) == ("Unscored", "○")


def test_start_shows_how_far_the_journey_has_come(workbook, made):
    """Five steps, each with its live state: data, segments, criteria, data filled in, scored."""
    sheet, (accounts, scores) = workbook["Start"], made
    lines = Block(sheet, "The way to scores that people trust").lines(5, {"step": 0, "state": 1, "far": 2, "where": 6})
    astray = int((scores.table["segment"] == "Unsegmented").sum())
    full = int((scores.table["coverage"].round(9) >= 1).sum())
    scored = int(scores.table["score"].notna().sum())
    assert [line["state"] for line in lines] == ["● done", "▲ to do", "● done", "▲ to do", "● done"]
    assert lines[0]["far"] == f"{100 * scores.table['coverage'].mean():.0f} % of the weight has data"
    assert lines[1]["far"] == f"{astray} accounts are in no segment"
    assert lines[2]["far"] == f"{len(scores.model.metrics)} metrics in {len(scores.model.dimensions)} dimensions"
    assert lines[3]["far"] == f"{full} of {len(accounts.frame)} accounts have all their data"
    assert lines[4]["far"] == f"{scored} of {len(accounts.frame)} accounts have a score"
    assert [line["where"] for line in lines] == ["Checks", "Small", "Model", "Small", "Dashboard"]


def test_start_says_who_made_it_of_what_and_of_which_day(workbook, made):
    """Purpose, as-of date, versions of model and program, what success means, and links to every sheet people see."""
    sheet, (_, scores) = workbook["Start"], made
    assert sheet["A1"].value == scores.model.title
    assert "live formulas" in sheet["A2"].value
    assert sheet["B4"].value.date() == AS_OF
    assert (
        sheet["B5"].value == f"{scores.model.name}, version {scores.model.version}; made with healthscore {__version__}"
    )
    row, _ = place_of(sheet, "What success means here")
    shown = " ".join(str(sheet.cell(line, 1).value) for line in (row + 1, row + 2))
    assert " ".join(scores.model.about.split()) in shown
    linked = {
        cell.hyperlink.location.split("!")[0].strip("'")
        for line in sheet.iter_rows()
        for cell in line
        if cell.hyperlink
    }
    assert linked == {name.title for name in workbook if name.sheet_state == "visible"} - {"Start", "List"}


def test_start_shows_who_agreed_and_has_room_for_more(workbook):
    """The table of names, roles and dates holds who agreed so far, and empty lines that take a date in the third column."""
    sheet = workbook["Start"]
    table = sheet.tables["Agreed"]
    lines = [[cell.value for cell in row] for row in sheet[table.ref]]
    assert lines[0] == ["Name", "Role", "Date"]
    assert lines[1][:2] == ["Ann Lee", "VP Customer Success"]
    assert lines[1][2].date() == dt.date(2026, 6, 1)
    assert len(lines) >= 6
    assert not any(value for line in lines[2:] for value in line)
    areas = [
        area.coord
        for rule in sheet.data_validations.dataValidation
        if rule.type == "date"
        for area in rule.sqref.ranges
    ]
    assert any(area.startswith("C") for area in areas)


def test_success_criteria_are_listed_whole(tmp_path):
    """Each criterion says whether it counts, what measures it and what it means, in full, over as many lines as it takes."""
    model = load_model("success_criteria")
    accounts = read_accounts(ROOT / "sample_workbooks" / "success_criteria" / "accounts.csv", model)
    book = plan_book(accounts, score_frame(accounts.frame, model, AS_OF, accounts.bound))
    sheet = openpyxl.load_workbook(write_book(book, tmp_path / "book.xlsx"), data_only=True)["Start"]
    first, _ = place_of(sheet, "What success means here")
    last, _ = place_of(sheet, "What is where")
    shown = {col: " ".join(str(sheet.cell(row, col).value or "") for row in range(first, last)) for col in (1, 2, 3, 7)}
    shown = {col: " ".join(text.split()) for col, text in shown.items()}
    for criterion in model.criteria:
        assert criterion.name in shown[1]
        assert criterion.about in shown[7]
        measures = [metric.name for metric in model.metrics if metric.criterion == criterion.name]
        assert ", ".join(measures) in shown[3]
    assert {"On", "Off"} <= set(shown[2].split())


# --- Dashboard -----------------------------------------------------------------------------------------------------


def test_tiles(workbook, table):
    """Accounts, value, score weighted by value, coverage, un-scored, value in red and its part, change since last time."""
    sheet = workbook["Dashboard"]
    value = table["value"].fillna(0)
    scored = table["score"].notna()
    moved = table["change"].notna()
    red = value[table["band"] == "Red"].sum()
    assert below(sheet, "Accounts") == (len(table), f"{scored.sum()} with a score")
    assert below(sheet, "Value, EUR")[0] == pytest.approx(value.sum())
    assert below(sheet, "Score by value")[0] == pytest.approx(np.average(table["score"][scored], weights=value[scored]))
    assert below(sheet, "Score by value")[1] == f"plain mean {table['score'].mean():.0f}"
    assert below(sheet, "Coverage")[0] == pytest.approx(table["coverage"].mean())
    assert below(sheet, "Un-scored") == ((~scored).sum(), f"{100 * (~scored).mean():.0f} % of the accounts")
    assert below(sheet, "Value in Red") == (pytest.approx(red), f"{100 * red / value.sum():.0f} % of the value")
    change, note = below(sheet, "Change of the score")
    assert change == pytest.approx(np.average(table["change"][moved], weights=value[moved]))
    assert note == f"{(table['change'] > 0).sum()} up, {(table['change'] < 0).sum()} down"


def test_bands_by_segment(workbook, table):
    """Accounts and value of every segment in every band, and their sums."""
    sheet = workbook["Dashboard"]
    bands = ["Red", "Yellow", "Green", "Unscored"]
    segments = ["Small", "Enterprise", "Medium", "Unsegmented"]
    counts = Block(sheet, "Accounts by segment").lines(
        5, {"name": 0, **{band: 2 + at for at, band in enumerate(bands)}}
    )
    values = Block(sheet, "Value by segment, EUR").lines(5, {band: at for at, band in enumerate(bands)})
    assert [line["name"] for line in counts] == [*segments, "All"]
    for name, count, worth in zip([*segments, None], counts, values, strict=True):
        mine = table if name is None else table[table["segment"] == name]
        for band in bands:
            own = mine[mine["band"] == band]
            assert count[band] == len(own)
            assert worth[band] == pytest.approx(own["value"].sum())


@pytest.mark.parametrize("group", ["stage", "region"])
def test_by_stage_and_region(workbook, table, group):
    """Accounts, value, mean score and value in red of every stage and region, the most frequent first."""
    block = Block(workbook["Dashboard"], f"By {group}")
    wanted = table.groupby(group)
    columns = {"name": 0, "accounts": 2, "value": 3, "mean": 4, "red": 5}
    lines = block.lines(len(wanted), columns)
    assert [line["accounts"] for line in lines] == sorted((line["accounts"] for line in lines), reverse=True)
    for line in lines:
        mine = wanted.get_group(line["name"])
        assert line["accounts"] == len(mine)
        assert line["value"] == pytest.approx(mine["value"].sum())
        assert number(line["mean"]) == pytest.approx(mine["score"].mean() if mine["score"].notna().any() else 0)
        assert line["red"] == pytest.approx(mine[mine["band"] == "Red"]["value"].sum())


def test_watch_list(workbook, table):
    """The 15 accounts of highest priority with owner, segment, value, score, symbol, change, drag, renewal and action."""
    sheet = workbook["Dashboard"]
    row, _ = place_of(sheet, "Watch list")
    heads = {sheet.cell(row + 1, col).value: col for col in range(1, 30) if sheet.cell(row + 1, col).value}
    wanted = table.sort_values("priority", ascending=False, kind="stable").head(15)
    signs = {"Red": "■ Red", "Yellow": "▲ Yellow", "Green": "● Green"}
    for line, (_, account) in enumerate(wanted.iterrows(), start=row + 2):
        shown = {head: sheet.cell(line, col).value for head, col in heads.items()}
        assert shown["Account"] == account["account"]
        assert shown["Owner"] == account["owner"]
        assert shown["Segment"] == account["segment"]
        assert shown["Value"] == account["value"]
        assert shown["Score"] == account["score"]
        assert shown["Signal"] == signs[account["band"]]
        assert number(shown["Change"]) == pytest.approx(np.nan_to_num(account["change"]))
        assert shown["Biggest drag"] == account["drag_1"]
        assert shown["Renewal"].date() == account["renewal"].date()
        assert shown["Next action"] == account["next_action"]


@pytest.mark.parametrize(("title", "down"), [("Moved up most", False), ("Moved down most", True)])
def test_movers(workbook, table, title, down):
    """The five accounts that rose most and the five that fell most, with what they moved by."""
    lines = Block(workbook["Dashboard"], title).lines(5, {"account": 0, "segment": 3, "score": 5, "change": 6})
    moved = table[table["change"] < 0] if down else table[table["change"] > 0]
    wanted = sorted(moved["change"], reverse=not down)[:5]
    assert [line["change"] for line in lines] == wanted
    for line in lines:
        account = table[table["account"] == line["account"]].iloc[0]
        assert (line["segment"], line["score"], line["change"]) == (
            account["segment"], account["score"], account["change"],
        )  # fmt: skip


def test_renewals_ahead(workbook, table):
    """What renews in the next 30, 60 and 90 days: accounts, and value by band."""
    bands = ["Red", "Yellow", "Green", "Unscored"]
    columns = {"from": 0, "to": 1, "accounts": 2, **{band: 3 + at for at, band in enumerate(bands)}}
    lines = Block(workbook["Dashboard"], "Renewals ahead, value by band, EUR").lines(3, columns)
    ahead = (table["renewal"] - pd.Timestamp(AS_OF)).dt.days
    assert [(line["from"], line["to"]) for line in lines] == [(0, 30), (31, 60), (61, 90)]
    for line in lines:
        due = table[ahead.between(line["from"], line["to"])]
        assert line["accounts"] == len(due)
        for band in bands:
            assert line[band] == pytest.approx(due[due["band"] == band]["value"].sum())


def test_what_drags_the_book(workbook, table, made):
    """The metrics by the points that they cost the book, each account weighing what it is worth."""
    _, scores = made
    lines = Block(workbook["Dashboard"], "What drags the book").lines(
        8, {"metric": 0, "lost": 3, "part": 4, "accounts": 5}
    )
    scored = table["score"].notna().to_numpy()
    weights = table["value"].fillna(0).to_numpy()[scored]
    lost = {name: np.average(scores.lost[name].fillna(0).to_numpy()[scored], weights=weights) for name in scores.lost}
    wanted = sorted(lost, key=lambda name: -lost[name])[:8]
    assert [line["metric"] for line in lines] == wanted
    for line in lines:
        assert line["lost"] == pytest.approx(lost[line["metric"]])
        assert line["part"] == pytest.approx(lost[line["metric"]] / sum(lost.values()))
        assert line["accounts"] == (table["drag_1"] == line["metric"]).sum()


def test_charts_of_the_dashboard(made, table):
    """Stacked bars by segment, renewals, distribution, trend, and the forecast; the distribution counts every score."""
    accounts, scores = made
    history = History(DAYS, {"a": "A"}, {"a": dict.fromkeys(DAYS, 60.0)})
    book = plan_book(accounts, scores, past=Past(history))
    sheet = next(sheet for sheet in book.sheets if sheet.name == "Dashboard")
    kinds = {chart.title: (chart.kind, chart.stacked) for chart in sheet.charts}
    assert kinds["Value by band and segment"] == ("bar", True)
    assert kinds["Value that renews, by days ahead and band"] == ("column", True)
    assert kinds["Accounts by score, in steps of ten"] == ("column", True)
    assert kinds["Mean score over time"][0] == "line"
    assert kinds["Value that renews, by month and outlook"] == ("column", True)
    trend = next(chart for chart in sheet.charts if chart.kind == "line")
    first, last = (int(part) for part in re.findall(r"\$(\d+)", trend.series[0].values))
    assert last - first == len(DAYS)
    distribution = next(chart for chart in sheet.charts if chart.title.startswith("Accounts by score"))
    rows = [int(part) for part in re.findall(r"\$(\d+)", distribution.series[0].values)]
    cells = {(cell.row, cell.col): cell.value for cell in sheet.cells}
    col = next(cell.col for cell in sheet.cells if cell.row == 1 and cell.value == "From")
    counted = sum(
        cells[row, col + 2 + band].value
        for row in range(rows[0] - 1, rows[1])
        for band in range(len(scores.model.bands))
    )
    assert counted == table["score"].notna().sum()


# --- Team ----------------------------------------------------------------------------------------------------------


def test_what_each_owner_looks_after(workbook, table):
    """Accounts, value, mean score, bands, value in red, and the red and yellow value that renews within 90 days."""
    sheet = workbook["Team"]
    row, _ = place_of(sheet, "Owner")
    wanted = table.groupby("owner")
    ahead = (table["renewal"] - pd.Timestamp(AS_OF)).dt.days
    worth = []
    for line in range(row + 1, row + 1 + len(wanted)):
        shown = [sheet.cell(line, col).value for col in range(2, 14)]
        mine = wanted.get_group(shown[0])
        worth.append(shown[3])
        assert shown[2:4] == [len(mine), pytest.approx(mine["value"].sum())]
        assert shown[4] == pytest.approx(mine["score"].mean())
        assert shown[5:9] == [(mine["band"] == band).sum() for band in ("Red", "Yellow", "Green", "Unscored")]
        assert shown[9] == pytest.approx(mine[mine["band"] == "Red"]["value"].sum())
        due = mine[ahead[mine.index].between(0, 90)]
        for amount, band in zip(shown[10:12], ("Red", "Yellow"), strict=True):
            assert amount == pytest.approx(due[due["band"] == band]["value"].sum())
    assert worth == sorted(worth, reverse=True)
    assert [sheet.cell(row + 1 + len(wanted) + more, 2).value for more in (0, 1)] == ["Other or none", "All"]


def test_worklist_of_the_week(workbook, table):
    """Of each owner the five accounts of highest priority, with what to do next; no line without an account."""
    sheet = workbook["Team"]
    row, _ = place_of(sheet, "This week")
    heads = {sheet.cell(row + 1, col).value: col for col in range(2, 30) if sheet.cell(row + 1, col).value}
    shown: dict[str, list[tuple[Any, ...]]] = {}
    for line in range(row + 2, sheet.max_row + 1):
        owner = sheet.cell(line, heads["Owner"]).value
        if owner:
            cells = [
                sheet.cell(line, heads[name]).value for name in ("Account", "Score", "Biggest drag", "Next action")
            ]
            shown.setdefault(owner, []).append(tuple(cells))
        else:
            assert not sheet.cell(line, heads["Account"]).value
    for owner, mine in table.groupby("owner"):
        first = mine[mine["priority"] > 0].sort_values("priority", ascending=False, kind="stable").head(5)
        wanted = first[["account", "score", "drag_1", "next_action"]].itertuples(index=False, name=None)
        assert shown[owner] == list(wanted)
