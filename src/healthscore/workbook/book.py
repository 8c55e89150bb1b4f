"""Planning a whole workbook: accounts and their scores in, a `Book` out. Nothing here knows how a file is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from healthscore.accounts import Accounts
from healthscore.history import Agreed, Explained, Past
from healthscore.model.vocabulary import UNSEGMENTED
from healthscore.names import key, sheet_names, table_names
from healthscore.scoring import Scores
from healthscore.workbook import checks, functions, history, imported, left, listing, model_sheet, movers, start
from healthscore.workbook.board import Ground
from healthscore.workbook.dashboard.sheet import plan_dashboard
from healthscore.workbook.explain.sheet import plan_explain
from healthscore.workbook.journey import plan_journey
from healthscore.workbook.plan import Book, Sheet
from healthscore.workbook.segment.formulas import AS_OF
from healthscore.workbook.segment.sheet import SegmentPlan, plan_segment
from healthscore.workbook.team import plan_team
from healthscore.workbook.widths import fit_numbers

#: Names of our own sheets; a segment of the same name gets a number behind it.
SHEETS = (
    "Start", "Dashboard", "Model", "Journey", "Team", "Checks", "History", "Left", "Explain", "Score history", "Movers",
    "Imported", "List",
)  # fmt: skip
_TABLES = (
    model_sheet.SETTINGS_TABLE, checks.FINDINGS_TABLE, AS_OF, model_sheet.RANGE_NAME, history.TABLE, left.TABLE,
    movers.TABLE, movers.LOG_TABLE, imported.TABLE, start.AGREED_TABLE, *listing.NAMES,
)  # fmt: skip


def plan_book(
    accounts: Accounts,
    scores: Scores,
    *,
    empty_rows: int = 0,
    currency: str = "",
    past: Past | None = None,
    agreed: Agreed | None = None,
    explained: Explained | None = None,
) -> Book:
    """Plan the workbook of some accounts.

    Args:
        accounts: the accounts as read.
        scores: their scores, row for row.
        empty_rows: how many empty rows to add to every segment for typing.
        currency: code or sign shown before account values, such as EUR.
        past: earlier scores, accounts that left and what moved, in a workbook that was refreshed.
        agreed: who agreed to the scorecard so far.
        explained: the account that Explain shows and the values tried there.

    Returns:
        The plan: Start, Dashboard, one sheet per segment, Journey for models that have one, Model, Checks, List.
    """
    cells = model_sheet.ModelCells(scores.model)
    segments = _plan_segments(accounts, scores, cells, empty_rows, past.sheets if past else {})
    model = model_sheet.plan_model_sheet(cells, [plan.name for plan in segments])
    functions.carry_as_of(model, scores.as_of)
    ground = Ground(scores, cells, segments, listing.AccountList(accounts, scores, segments), currency)
    checked = checks.Checks(ground, accounts)
    dashboard = plan_dashboard(ground, checked.verdict, past.history if past else None)
    team = plan_team(ground)
    explain = plan_explain(ground, accounts, explained)
    listed, names = listing.plan_list(ground.listed)
    journey = []
    if scores.model.journey is not None:
        journey.append(plan_journey(scores.model.journey, accounts, scores, segments))
    others: list[tuple[Sheet, str]] = [
        (dashboard, "The whole book on one page: value, bands, watch list, movers, renewals, what drags it; forecast"),
        *((sheet, "Milestones per account, and a funnel per segment") for sheet in journey),
        (team, "What each owner looks after, and what to do this week"),
        (explain, "Why an account has its score, metric by metric, and the score that other values would give"),
        (model, "Weights, thresholds, bands, rules, actions: every number an input"),
        (checked.sheet, "Whether the scores can be trusted: every check, and what the import noticed"),
    ]
    earlier = _plan_past(past)
    others += earlier
    first = start.plan_start(ground, checked, others, agreed)
    sheets = (
        first,
        dashboard,
        *(plan.sheet for plan in segments),
        *journey,
        team,
        explain,
        model,
        checked.sheet,
        *(sheet for sheet, _ in earlier),
        listed,
        imported.plan_imported(accounts if past is None or past.imported is None else past.imported),
    )
    for sheet in sheets:
        fit_numbers(sheet, currency)
    return Book(
        sheets,
        {AS_OF: start.AS_OF_PLACE, model_sheet.RANGE_NAME: model_sheet.model_range(cells), **names},
        scores.model.title or scores.model.name,
        scores.model.version,
        currency,
    )


def _plan_past(past: Past | None) -> list[tuple[Sheet, str]]:
    """Plan what a refreshed workbook keeps, each sheet with its purpose."""
    if past is None:
        return []
    return [
        (movers.plan_movers(past.movers, past.events), "Which scores changed since the last refresh, and why"),
        (history.plan_history(past.history), "The score of every earlier day"),
        (left.plan_left(past.left), "Accounts that the last export did not list"),
    ]


def _plan_segments(
    accounts: Accounts,
    scores: Scores,
    cells: model_sheet.ModelCells,
    empty_rows: int,
    called: Mapping[str, str],
) -> list[SegmentPlan]:
    names = _ordered(scores, [terms.name for terms in scores.resolved.segments])
    sheets = sheet_names([called.get(name, name) for name in names], SHEETS)
    tables = table_names(names, _TABLES)
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
