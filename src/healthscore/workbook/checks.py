"""The `Checks` sheet: how much data each metric has in each segment, and everything the import noticed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from healthscore.findings import Finding
from healthscore.formula import formula
from healthscore.scoring import Scores
from healthscore.workbook.plan import Column, Formula, Height, Sheet, Table, Width, area, cell
from healthscore.workbook.segment import SegmentPlan

SHEET = "Checks"
FINDINGS_TABLE = "Findings"
_HEAD = 4


def plan_checks(scores: Scores, segments: Sequence[SegmentPlan], findings: Sequence[Finding]) -> Sheet:
    """Plan the sheet: data per metric and segment (live), then the findings of the import (as they were)."""
    sheet = Sheet(SHEET, "output", freeze=(_HEAD + 1, 1))
    sheet.heights[0] = Height(28)
    sheet.put(0, 0, "Checks", "title")
    sheet.put(
        1,
        0,
        "Can the scores be trusted? How many accounts have a value, metric by metric, and what the import noticed.",
        "note",
    )
    row = _plan_data(sheet, scores, segments)
    _plan_findings(sheet, findings, row + 1)
    widths = [34.0, 13.0, 13.0, 20.0, 36.0, 60.0]
    for col in range(max(len(widths), 3 + len(segments))):
        sheet.widths[col] = Width(widths[col] if col < len(widths) else 15.0)
    return sheet


def _plan_data(sheet: Sheet, scores: Scores, segments: Sequence[SegmentPlan]) -> int:
    """Plan accounts, unscored accounts and filled values per segment; return the next free row."""
    sheet.put(_HEAD - 1, 0, "Accounts with a value", "heading")
    for col, title in enumerate(("Metric", "All", "Part filled", *(plan.name for plan in segments))):
        sheet.put(_HEAD, col, title, "header")
    first = 3
    last = first + len(segments) - 1
    lines: list[tuple[str, list[Formula]]] = [
        (
            "Accounts",
            [Formula(formula("count_rows", band=plan.places.whole("band")), plan.accounts) for plan in segments],
        ),
        ("Accounts without a score", [_unscored(scores, plan) for plan in segments]),
    ]
    for metric in scores.model.metrics:
        lines.append((metric.name, [_filled(scores, plan, metric.name) for plan in segments]))
    accounts_cell = cell(_HEAD + 1, 1, "$", "$")
    for number, (title, counts) in enumerate(lines):
        row = _HEAD + 1 + number
        sheet.put(row, 0, title, "label")
        total = sum(count.value for count in counts if isinstance(count.value, int))
        sheet.put(row, 1, Formula(formula("sum_of", cells=area(row, first, row, last)), total), "figure_plain")
        accounts = sum(plan.accounts for plan in segments)
        part = Formula(
            formula("filled_part", accounts=accounts_cell, filled=cell(row, 1)), total / accounts if accounts else ""
        )
        sheet.put(row, 2, part if number else None, "percent")
        for col, count in enumerate(counts, start=first):
            sheet.put(row, col, count, "figure_plain")
    return _HEAD + 1 + len(lines)


def _unscored(scores: Scores, plan: SegmentPlan) -> Formula:
    value = int(np.isnan(scores.table["score"].to_numpy()[plan.rows]).sum())
    places = plan.places
    word = f"{plan.sheet.place(places.strip_row('unscored'), places.col('band'))}"
    return Formula(formula("count_band", bands=places.whole("band"), band=word), value)


def _filled(scores: Scores, plan: SegmentPlan, metric: str) -> Formula:
    value = int(scores.points[metric].notna().to_numpy()[plan.rows].sum())
    return Formula(formula("count_numbers", values=plan.places.whole(f"points:{metric}")), value)


def _plan_findings(sheet: Sheet, findings: Sequence[Finding], row: int) -> None:
    sheet.put(row, 0, "What the import noticed", "heading")
    if not findings:
        sheet.put(row + 1, 0, "Nothing: every value of the export could be used as it stood.", "text")
        return
    columns = (
        Column("Account", [item.account for item in findings], "text_top"),
        Column("Severity", [item.severity for item in findings], "text_top"),
        Column("Row", [item.row for item in findings], "whole"),
        Column("Column", [item.column for item in findings], "text_top"),
        Column("Found", [item.found for item in findings], "text_top"),
        Column("What was done", [item.done for item in findings], "text_top"),
    )
    sheet.tables.append(Table(FINDINGS_TABLE, row + 1, 0, columns, len(findings)))
