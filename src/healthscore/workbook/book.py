"""Planning a whole workbook: accounts and their scores in, a `Book` out. Nothing here knows how a file is written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from healthscore.accounts import Accounts
from healthscore.model.schema import UNSEGMENTED
from healthscore.names import key, sheet_names, table_names
from healthscore.scoring import Scores
from healthscore.workbook import checks, model_sheet, start
from healthscore.workbook.journey import plan_journey
from healthscore.workbook.plan import Book, Sheet
from healthscore.workbook.segment import SegmentPlan, plan_segment
from healthscore.workbook.segment_formulas import AS_OF

#: Names of our own sheets; a segment of the same name gets a number behind it.
SHEETS = ("Start", "Dashboard", "Model", "Journey", "Team", "Checks", "History", "Left", "Explain")


def plan_book(accounts: Accounts, scores: Scores, *, empty_rows: int = 0, currency: str = "") -> Book:
    """Plan the workbook of some accounts.

    Args:
        accounts: the accounts as read.
        scores: their scores, row for row.
        empty_rows: how many empty rows to add to every segment for typing.
        currency: code or sign shown before account values, such as EUR.

    Returns:
        The plan: Start, one sheet per segment, Journey for models that have one, Model, Checks.
    """
    cells = model_sheet.ModelCells(scores.model)
    segments = _plan_segments(accounts, scores, cells, empty_rows)
    model = model_sheet.plan_model_sheet(cells, [plan.name for plan in segments])
    checked = checks.plan_checks(scores, segments, accounts.findings)
    journey = []
    if scores.model.journey is not None:
        journey.append(plan_journey(scores.model.journey, accounts, scores, segments))
    others: list[tuple[Sheet, str]] = [
        *((sheet, "Milestones per account, and a funnel per segment") for sheet in journey),
        (model, "Weights, thresholds, bands, rules, actions: every number an input"),
        (checked, "How complete the data is, and what the import noticed"),
    ]
    first = start.plan_start(scores, cells, segments, others)
    return Book(
        (first, *(plan.sheet for plan in segments), *journey, model, checked),
        {AS_OF: start.AS_OF_PLACE, model_sheet.RANGE_NAME: model_sheet.model_range(cells)},
        scores.model.title or scores.model.name,
        scores.model.version,
        currency,
    )


def _plan_segments(
    accounts: Accounts, scores: Scores, cells: model_sheet.ModelCells, empty_rows: int
) -> list[SegmentPlan]:
    names = _ordered(scores, [terms.name for terms in scores.resolved.segments])
    sheets = sheet_names(names, SHEETS)
    tables = table_names(names, (model_sheet.SETTINGS_TABLE, checks.FINDINGS_TABLE, AS_OF, model_sheet.RANGE_NAME))
    place = {terms.name: number for number, terms in enumerate(scores.resolved.segments)}
    return [
        plan_segment(
            accounts,
            scores,
            cells,
            (name, sheet, table),
            np.flatnonzero(scores.resolved.index == place[name]),
            empty_rows,
        )
        for name, sheet, table in zip(names, sheets, tables, strict=True)
    ]


def _ordered(scores: Scores, names: Sequence[str]) -> list[str]:
    """Order segments as the model lists them, then by name; accounts without a segment come last."""
    listed = {key(segment.name): number for number, segment in enumerate(scores.model.segments)}
    return sorted(names, key=lambda name: (name == UNSEGMENTED, listed.get(key(name), len(listed)), name.casefold()))
