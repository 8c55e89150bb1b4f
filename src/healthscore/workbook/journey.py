"""The `Journey` sheet: how far accounts have come, as a funnel per segment and as a matrix of account × milestone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from healthscore.accounts import Accounts
from healthscore.formula import formula
from healthscore.model.parts import Journey
from healthscore.names import header, table_names, unique
from healthscore.scoring import Scores
from healthscore.scoring.points import Floats
from healthscore.workbook.plan import Column, ColumnValues, Formula, Height, Scalar, Sheet, Table, Width, area, cell
from healthscore.workbook.segment.sheet import SegmentPlan

SHEET = "Journey"
_HEAD = 4
#: Columns of the segment sheet that follow the milestones in the matrix.
_AFTER = (
    ("milestone", "Furthest milestone", "text"),
    ("completed", "Completed", "percent"),
    ("days_since_milestone", "Days since milestone", "days"),
    ("stalled", "Stalled", "yes"),
    ("roi", "ROI", "percent"),
)


def plan_journey(journey: Journey, accounts: Accounts, scores: Scores, segments: Sequence[SegmentPlan]) -> Sheet:
    """Plan the sheet: the funnel, then one matrix per segment; everything links to the segment sheets."""
    sheet = Sheet(SHEET, "output", freeze=(_HEAD + 1, 1))
    sheet.heights[0] = Height(28)
    sheet.put(0, 0, "Journey", "title")
    text = "From the first milestone to the return on what the customer pays: who is where, and who stands still."
    sheet.put(1, 0, text, "note")
    row = _plan_funnel(sheet, journey, scores, segments)
    tables = [plan.places.table for plan in segments]
    for plan, name in zip(segments, table_names([f"{table}_journey" for table in tables], tables), strict=True):
        row = _plan_matrix(sheet, journey, accounts, scores, (plan, name), row + 2)
    count = max(len(journey.milestones) + len(_AFTER) + 2, 2 + len(segments))
    sheet.widths = {0: Width(34), 1: Width(8)} | {col: Width(13) for col in range(2, count)}
    sheet.widths[len(journey.milestones) + 2] = Width(26)
    return sheet


def _plan_funnel(sheet: Sheet, journey: Journey, scores: Scores, segments: Sequence[SegmentPlan]) -> int:
    """Plan how many accounts have reached each milestone, and below it which part; return the last row."""
    names = [part.name for part in journey.milestones]
    lines = [("Accounts", "band"), *((name, f"milestone:{name}") for name in names), ("Stalled", "stalled")]
    first, last = 2, 1 + len(segments)
    parts = _HEAD + len(lines) + 3
    _plan_heads(sheet, _HEAD, "How many accounts have reached each milestone", segments)
    _plan_heads(sheet, parts, "Which part of the accounts", segments)
    for number, (title, column) in enumerate(lines):
        row, part_row = _HEAD + 1 + number, parts + number
        counts = [_count(scores, plan, column) for plan in segments]
        total = Formula(formula("sum_of", cells=area(row, first, row, last)), sum(counts))
        live = [Formula(_count_formula(plan, column), count) for plan, count in zip(segments, counts, strict=True)]
        sheet.put(row, 0, title, "label")
        for col, count in enumerate((total, *live), start=1):
            sheet.put(row, col, count, "figure_plain")
            if number:
                whole = [sum(plan.accounts for plan in segments), *(plan.accounts for plan in segments)][col - 1]
                text = formula("filled_part", accounts=cell(_HEAD + 1, col, "$", ""), filled=cell(row, col))
                sheet.put(part_row, col, Formula(text, _part(count.value, whole)), "percent")
        if number:
            sheet.put(part_row, 0, title, "label")
    return parts + len(lines) - 1


def _plan_heads(sheet: Sheet, row: int, title: str, segments: Sequence[SegmentPlan]) -> None:
    sheet.put(row - 1, 0, title, "heading")
    for col, name in enumerate(("Milestone", "All", *(plan.name for plan in segments))):
        sheet.put(row, col, name, "header_right" if col else "header")


def _part(count: Scalar, whole: int) -> Scalar:
    return count / whole if whole and isinstance(count, int) else ""


def _count_formula(plan: SegmentPlan, column: str) -> str:
    whole = plan.places.whole(column)
    return formula("count_rows", band=whole) if column == "band" else formula("sum_of", cells=whole)


def _count(scores: Scores, plan: SegmentPlan, column: str) -> int:
    if column == "band":
        return plan.accounts
    kind, _, name = column.partition(":")
    found = scores.milestones[name] if kind == "milestone" else scores.table["stalled"].fillna(0)
    return int(found.to_numpy()[plan.rows].sum())


def _plan_matrix(
    sheet: Sheet,
    journey: Journey,
    accounts: Accounts,
    scores: Scores,
    target: tuple[SegmentPlan, str],
    row: int,
) -> int:
    """Plan one segment's accounts, a line each, as links to the segment sheet; return the last row."""
    plan, name = target
    sheet.put(row, 0, plan.name, "heading")
    count = plan.places.rows
    number = f"{name}[[#This Row],[No.]]"
    shown: list[tuple[str, str, str, ColumnValues]] = [
        ("role:account", "Account", "text", _padded(list(accounts.frame["account"].to_numpy()[plan.rows]), count))
    ]
    columns = [Column("No.", [place + 1 for place in range(count)], "whole")]
    for part in journey.milestones:
        flags = scores.milestones[part.name].to_numpy(dtype=np.float64)[plan.rows]
        shown.append((f"milestone:{part.name}", header(part.name), "yes", _numbers(flags, count)))
    for key, title, style in _AFTER:
        if plan.places.has(key):
            shown.append((key, title, style, _verdict(scores.table[key], plan, count)))
    titles = unique([title for _, title, _, _ in shown])
    for (key, _, style, values), title in zip(shown, titles, strict=True):
        text = formula("nth_of", column=plan.places.whole(key), number=number)
        columns.append(Column(title, values, style, text))
    columns = [columns[1], columns[0], *columns[2:]]
    sheet.tables.append(Table(name, row + 1, 0, tuple(columns), count))
    sheet.heights[row + 1] = Height(48)
    return row + 1 + count


def _padded(values: list[Scalar], count: int) -> list[Scalar]:
    return values + [""] * (count - len(values))


def _numbers(values: Floats, count: int) -> Floats:
    return np.concatenate([values, np.full(count - len(values), np.nan)])


def _verdict(column: pd.Series, plan: SegmentPlan, count: int) -> ColumnValues:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _padded([str(word) for word in column.to_numpy()[plan.rows]], count)
    return _numbers(column.to_numpy(dtype=np.float64)[plan.rows], count)
