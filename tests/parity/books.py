"""Shorthand for the tests: accounts and a model become a planned workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from healthscore import Accounts, ScoreModel, Scores
from healthscore.accounts import accounts_from_frame
from healthscore.scoring import score_frame
from healthscore.workbook import Book, plan_book

AS_OF = dt.date(2026, 6, 30)
ROOT = Path(__file__).resolve().parents[2]
SHARED_DATA = ROOT.parent / "shared" / "data"


def scored(
    model: ScoreModel,
    frame: pd.DataFrame,
    people: Mapping[str, Any] | None = None,
    as_of: dt.date = AS_OF,
    more: Sequence[str] = (),
) -> tuple[Accounts, Scores]:
    """Read a frame as an export is read, add what people typed (overrides, previous scores), and score it."""
    accounts = accounts_from_frame(frame, model)
    if people:
        accounts = replace(accounts, frame=accounts.frame.assign(**people))
    return accounts, score_frame(accounts.frame, model, as_of, accounts.bound, more)


def book_of(
    model: ScoreModel,
    frame: pd.DataFrame,
    people: Mapping[str, Any] | None = None,
    *,
    as_of: dt.date = AS_OF,
    more: Sequence[str] = (),
    empty_rows: int = 0,
) -> Book:
    """Plan the workbook of a frame; `more` names segments without accounts, `empty_rows` are rows to type into."""
    accounts, scores = scored(model, frame, people, as_of, more)
    return plan_book(accounts, scores, empty_rows=empty_rows, currency="EUR")


def model_of(**parts: Any) -> ScoreModel:
    """Make a model of which only the parts that matter to a test are given."""
    given: dict[str, Any] = {
        "name": "Test",
        "dimensions": [{"name": "All"}],
        "bands": [
            {"name": "Red", "from": 0, "color": "red", "action": "Rescue", "outlook": "Churn risk"},
            {"name": "Yellow", "from": 50, "color": "yellow", "action": "Watch", "outlook": "Renew"},
            {"name": "Green", "from": 75, "color": "green", "action": "Grow", "outlook": "Renew and expand"},
        ],
    } | parts
    given["metrics"] = [{"dimension": given["dimensions"][0]["name"]} | metric for metric in given["metrics"]]
    return ScoreModel.model_validate(given)
