"""The `List` sheet: every account of every segment in one block, by formulas, so that other sheets can sum and rank.

Each segment has as many lines as its table has rows, and some to spare for rows that people add. Only same-row
formulas: a line asks its segment's table for one row. The columns have names (`AllScores`) for other sheets to use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from healthscore.accounts import Accounts
from healthscore.formula import formula
from healthscore.scoring import Scores
from healthscore.scoring.values import AccountColumns
from healthscore.workbook.plan import HERE, Column, ColumnValues, Formula, Sheet, Table, Width, area, cell, letters
from healthscore.workbook.segment.sheet import SegmentPlan
from healthscore.workbook.styles import side

SHEET = "List"
#: Lines that each segment has to spare: so many, or this part of its rows.
SPARE_ROWS, SPARE_PART = 20, 0.1
_HEAD = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """One column of the list: its header, its name for formulas elsewhere, its style, width, and where it comes from.

    `source` is the key of a segment sheet's column; `how` the formula that fetches it.
    """

    header: str
    name: str
    style: str
    width: float
    source: str = ""
    how: str = "list_text"


COLUMNS = (
    Listing("Place", "AllPlaces", "whole", 7),
    Listing("Position", "", "whole", 9),
    Listing("Row", "AllRows", "whole", 7),
    Listing("Segment", "AllSegments", "text", 18),
    Listing("Account", "AllAccounts", "text", 32),
    Listing("Owner", "AllOwners", "text", 18, "role:owner"),
    Listing("Stage", "AllStages", "text", 16, "role:stage"),
    Listing("Region", "AllRegions", "text", 16, "role:region"),
    Listing("Value", "AllValues", "money", 13, "role:value", "list_number"),
    Listing("Renewal date", "AllRenewals", "date", 12, "role:renewal", "list_number"),
    Listing("Score", "AllScores", "score", 8, "score", "list_number"),
    Listing("Signal", "AllSignals", "symbol", 8, "symbol"),
    Listing("Band", "AllBands", "text", 12, "band"),
    Listing("Change", "AllChanges", "signed", 9, "change", "list_number"),
    Listing("Biggest drag", "AllDrags", "text", 26, "drag:1"),
    Listing("Next action", "AllActions", "text", 60, "next_action"),
    Listing("Coverage", "AllCoverages", "percent", 10, "coverage", "list_rounded"),
    Listing("Priority", "AllPriorities", "money", 13, "priority", "list_priority"),
    Listing("Account ID", "AllIds", "text", 14, "role:id"),
    Listing("Chosen by", "AllLabels", "text", 50),
    Listing("Choices", "AllChoices", "text", 50),
)
NAMES = tuple(column.name for column in COLUMNS if column.name)
_COL = {column.header: number for number, column in enumerate(COLUMNS)}

Texts = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]


class AccountList:
    """The accounts in the order of the list, with the values that the list's columns have: numbers NaN where blank."""

    def __init__(self, accounts: Accounts, scores: Scores, segments: Sequence[SegmentPlan]) -> None:
        self.segments = segments
        self.rows = np.concatenate([plan.rows for plan in segments]).astype(np.intp)
        capacity = [_capacity(plan) for plan in segments]
        self.starts = np.concatenate([[0], np.cumsum(capacity)])
        self.capacity = int(self.starts[-1])
        #: Line of each account, counted from 1.
        self.places = np.concatenate(
            [np.arange(plan.accounts) + start + 1 for plan, start in zip(segments, self.starts, strict=False)]
        )
        table, columns = scores.table, AccountColumns(accounts.frame, {})

        def texts(name: str) -> Texts:
            found = [_text(value) for value in accounts.frame[name].iloc[self.rows]]
            return np.array(found, dtype=object)

        def words(name: str) -> Texts:
            return np.asarray(table[name].astype(object))[self.rows]

        def numbers(name: str) -> Floats:
            return table[name].to_numpy(dtype=np.float64)[self.rows]

        self.segment = _repeat([plan.name for plan in segments], [plan.accounts for plan in segments])
        account, ids = texts("account"), texts("id")
        self.id = ids
        self.account = np.where(account == "", ids, account)
        self.owner, self.stage, self.region = texts("owner"), texts("stage"), texts("region")
        self.value = columns.numbers("value")[self.rows]
        self.renewal = columns.numbers("renewal")[self.rows]
        self.score, self.change = numbers("score"), numbers("change")
        self.coverage = np.round(numbers("coverage"), 9)
        self.signal, self.band = words("symbol"), words("band")
        self.drag, self.action = words("drag_1"), words("next_action")
        self.priority = np.round(np.nan_to_num(numbers("priority")), 6)
        self.position = np.concatenate([np.arange(plan.accounts) + 1.0 for plan in segments])
        self.label = np.array(
            [
                label(account, name, (segment, int(number)))
                for account, name, segment, number in zip(self.account, ids, self.segment, self.position, strict=True)
            ],
            dtype=object,
        )

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def weight(self) -> Floats:
        """Each account's value, 0 where it has none."""
        return np.nan_to_num(self.value)


def label(account: str, name: str, place: tuple[str, int]) -> str:
    """Return what an account is chosen by, from its name, its id, its segment and row; twin of list_label."""
    segment, row = place
    if not name:
        return f"{account} · {segment} {row}"
    return f"{account} · {segment if name == account else name}"


def _capacity(plan: SegmentPlan) -> int:
    return plan.places.rows + max(SPARE_ROWS, int(plan.places.rows * SPARE_PART))


def _repeat(names: Sequence[str], counts: Sequence[int]) -> Texts:
    return np.repeat(np.array(names, dtype=object), counts)


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)  # noqa: PLR0124 (NaN)


def plan_list(listed: AccountList) -> tuple[Sheet, dict[str, str]]:
    """Plan the sheet; return it with the names of its columns and what they refer to."""
    sheet = Sheet(SHEET, "working", freeze=(_HEAD + 1, 5), gridlines=False)
    sheet.put(0, 0, "List", "title")
    sheet.put(
        1,
        0,
        "Every account in one list, fetched from the segment sheets. Dashboard, Team and Explain read it here.",
        "note",
    )
    for col, column in enumerate(COLUMNS):
        sheet.put(_HEAD, col, column.header, f"header_working{side(column.style)}")
        sheet.widths[col] = Width(column.width)
    choices = _plan_choices(sheet, listed)
    done = 0
    for number, plan in enumerate(listed.segments):
        first = int(listed.starts[number])
        rows = int(listed.starts[number + 1]) - first
        block = _block(listed, plan, (done, first), choices, rows)
        sheet.tables.append(Table("", _HEAD + first, 0, block, rows, filter=False))
        done += plan.accounts
    last = _HEAD + listed.capacity
    names = {
        column.name: f"{SHEET}!{area(_HEAD + 1, col, last, col)}" for col, column in enumerate(COLUMNS) if column.name
    }
    sheet.print_area = (0, 0, last, len(COLUMNS) - 1)
    return sheet, names


def _plan_choices(sheet: Sheet, listed: AccountList) -> str:
    """Plan, above the list on the right, how its lines close up to a list to choose from; return the formula of a line.

    Per segment: where its lines start, how many it uses, the running number of its first account, and how many spare
    lines stand above it.
    """
    left, count, first = len(COLUMNS) + 1, len(listed.segments), 1
    starting, used, firsts, skips = range(4)
    for row, title in enumerate(("First line", "Lines used", "First account", "Spare lines above")):
        sheet.put(row, left, title, "small")
    sheet.put(firsts, left + 1, first, "small")
    for number, plan in enumerate(listed.segments):
        col, start = left + 1 + number, int(listed.starts[number]) + 1
        lines = area(_HEAD + start, _COL["Row"], _HEAD + int(listed.starts[number + 1]), _COL["Row"])
        sheet.put(starting, col, start, "small")
        sheet.put(used, col, Formula(formula("list_used", rows=lines), plan.accounts), "small")
        spare = formula("list_skip", start=cell(starting, col), first=cell(firsts, col))
        sheet.put(skips, col, Formula(spare, start - first), "small")
        following = formula("list_first", first=cell(firsts, col), used=cell(used, col))
        first += plan.accounts
        sheet.put(firsts, col + 1, Formula(following, first), "small")
    # One more, so that there are always two: a single cell is no list to look up in.
    sheet.put(skips, left + 1 + count, 0, "small")
    place, end = f"${letters(_COL['Place'])}{HERE}", cell(firsts, left + 1 + count, "$", "$")
    rows = {name: area(row, left + 1, row, left + 1 + count) for name, row in (("firsts", firsts), ("skips", skips))}
    return formula("list_choice", place=place, end=end, labels="AllLabels", **rows)


def _block(
    listed: AccountList, plan: SegmentPlan, starts: tuple[int, int], choices: str, rows: int
) -> tuple[Column, ...]:
    """Return the columns of one segment's lines, with the values of its accounts and nothing in the spare lines.

    `starts` says how many accounts and how many lines come before.
    """
    done, first = starts
    mine = slice(done, done + plan.accounts)
    values: dict[str, Any] = {
        "Row": listed.position,
        "Segment": listed.segment,
        "Account": listed.account,
        "Owner": listed.owner,
        "Stage": listed.stage,
        "Region": listed.region,
        "Value": listed.value,
        "Renewal date": listed.renewal,
        "Score": listed.score,
        "Signal": listed.signal,
        "Band": listed.band,
        "Change": listed.change,
        "Biggest drag": listed.drag,
        "Next action": listed.action,
        "Coverage": listed.coverage,
        "Priority": listed.priority,
        "Account ID": listed.id,
        "Chosen by": listed.label,
        "Choices": listed.label[first:],
    }
    found = []
    for column in COLUMNS:
        if column.header == "Place":
            found.append(Column(column.header, np.arange(first + 1.0, first + rows + 1), column.style))
        elif column.header == "Position":
            found.append(Column(column.header, np.arange(1.0, rows + 1), column.style))
        else:
            otherwise = 0.0 if column.how == "list_priority" else np.nan
            # The choices run on from segment to segment without the spare lines.
            own = values[column.header][:rows] if column.header == "Choices" else values[column.header][mine]
            text = choices if column.header == "Choices" else _formula(column, plan)
            found.append(Column(column.header, _padded(own, rows, otherwise), column.style, text))
    return tuple(found)


def _padded(values: npt.NDArray[Any], rows: int, otherwise: float) -> ColumnValues:
    if values.dtype == object:
        return [*values, *[""] * (rows - len(values))]
    return np.concatenate([values, np.full(rows - len(values), otherwise)])


def _formula(column: Listing, plan: SegmentPlan) -> str:
    def here(header: str) -> str:
        return f"${letters(_COL[header])}{HERE}"

    row, places = here("Row"), plan.places
    match column.header:
        case "Row":
            return formula("list_row", position=here("Position"), band=places.whole("band"))
        case "Segment":
            return formula("list_segment", row=row, segment=plan.sheet.place(0, 0))
        case "Account":
            return formula("list_account", row=row, account=places.whole("role:account"), id=places.whole("role:id"))
        case "Chosen by":
            own = {name: here(header) for name, header in (("account", "Account"), ("id", "Account ID"))}
            return formula("list_label", row=row, segment=here("Segment"), **own)
    return formula(column.how, row=row, column=places.whole(column.source))
