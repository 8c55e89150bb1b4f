"""What scorecards are made from: scored accounts, and what is known of earlier snapshots.

`open_book` is the one place that knows how a workbook is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from healthscore.accounts import Accounts
from healthscore.findings import Finding
from healthscore.scoring import Scores


@dataclass(frozen=True)
class Snapshot:
    """The scores of an earlier day, by account id (by name where an account has no id)."""

    day: dt.date
    scores: Mapping[str, float]


@dataclass(frozen=True)
class ScoredBook:
    """Scored accounts with what people and earlier snapshots say about them.

    Attributes:
        accounts: the accounts; `frame` may carry `previous_score`.
        scores: their scores, row for row.
        earlier: earlier snapshots, oldest first, without the day of the scores themselves.
        causes: per account, how many points each metric moved its score since the last snapshot; None where nothing
            kept the earlier points, which is not the same as no change.
        currency: sign or code shown before account values.
        path: the workbook all of it came from.
        findings: what reading it noticed.
    """

    accounts: Accounts
    scores: Scores
    earlier: tuple[Snapshot, ...] = ()
    causes: Mapping[str, Mapping[str, float]] | None = None
    currency: str = ""
    path: Path | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """The accounts, one row each."""
        return self.accounts.frame

    @property
    def keys(self) -> list[str]:
        """What tells the accounts apart from snapshot to snapshot: the id, else the name."""
        ids, names = self.frame["id"], self.frame["account"]
        chosen = ids.where(ids.notna() & (ids.astype(str).str.strip() != ""), names)
        return ["" if pd.isna(one) else str(one) for one in chosen]
