"""The way through the house in one place: accounts → scores → plan → file.

The command line and Python users call this.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from healthscore.accounts import Accounts, accounts_from_frame
from healthscore.model import ScoreModel, load_model
from healthscore.model.vocabulary import EVERYONE, ROLES
from healthscore.names import unique_by_key
from healthscore.scoring import Scores, score_frame
from healthscore.workbook import Book, plan_book, write_book


def score(accounts: Accounts | pd.DataFrame, model: ScoreModel | str | Path, as_of: dt.date | None = None) -> Scores:
    """Score accounts.

    Args:
        accounts: what `read_accounts` gives, or a frame with one row per account, whose columns are matched to the
            model's names as an export's are (`Usage hours` finds `usage_hours`).
        model: a model, or the name or file of one.
        as_of: the day the scores speak of; today when left out.

    Returns:
        Points, shares, coverage, base, cap, calculated, score, band, grade, points lost, drags and next action per
        account, in the order of the accounts.

    Raises:
        ModelError: the model cannot be used.
        AccountsError: the frame cannot be used.
    """
    chosen = model if isinstance(model, ScoreModel) else load_model(model)
    read = accounts if isinstance(accounts, Accounts) else accounts_from_frame(accounts, chosen)
    scores = score_frame(read.frame, chosen, as_of or today(), read.bound)
    if not isinstance(accounts, Accounts) and not accounts.index.equals(scores.table.index):
        for frame in (scores.values, scores.points, scores.lost, scores.rules, scores.table):
            frame.index = accounts.index
    return scores


def build(
    accounts: Accounts,
    model: ScoreModel,
    path: str | Path,
    as_of: dt.date | None = None,
    *,
    currency: str = "",
    force: bool = False,
) -> Path:
    """Score accounts and write their workbook, whole or not at all.

    Args:
        accounts: what `read_accounts` gives.
        model: the scoring model.
        path: the .xlsx to write.
        as_of: the day the scores speak of; today when left out.
        currency: code or sign shown before account values, such as EUR.
        force: replace an existing file.

    Raises:
        OutputError: the file exists, or cannot be written.
    """
    scores = score(accounts, model, as_of)
    return write_book(plan_book(accounts, scores, currency=currency), Path(path), force=force)


def template(
    model: ScoreModel, segments: Sequence[str] = (), rows: int = 50, as_of: dt.date | None = None, currency: str = ""
) -> Book:
    """Plan a workbook with empty rows to fill in by hand: typing a row produces its score.

    Args:
        model: the scoring model.
        segments: a sheet for each; the model's own segments, else one sheet `Accounts`, when left out.
        rows: how many empty rows each sheet has.
        as_of: the day the scores speak of; today when left out.
        currency: code or sign shown before account values.
    """
    given = list(segments) or [segment.name for segment in model.segments] or [EVERYONE]
    # Settings are looked up letter by letter, so a segment is called as the model calls it.
    names = [own.name if (own := model.segment(name)) else name for name in given]
    headers = [*model.input_columns(), *(role for role in ROLES if role != "segment")]
    # Reading asks for at least one row, so one is read for its columns and then left out.
    columns = pd.DataFrame([dict.fromkeys(unique_by_key(headers), None) | {"id": "read for its columns"}], dtype=object)
    one = accounts_from_frame(columns, model)
    accounts = replace(one, frame=one.frame.iloc[:0], rows=one.rows[:0], findings=(), duplicates=())
    scores = score_frame(accounts.frame, model, as_of or today(), accounts.bound, more_segments=names)
    return plan_book(accounts, scores, empty_rows=rows, currency=currency)


def today() -> dt.date:
    """Return today's date, here and nowhere else, so that it is easy to see where the clock is read."""
    return dt.datetime.now().astimezone().date()
