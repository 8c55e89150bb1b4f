"""What scorecards are made from: scored accounts, and what is known of earlier snapshots.

`open_book` is the one place that knows how a workbook is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from healthscore.accounts import Accounts
from healthscore.errors import WorkbookError
from healthscore.findings import Finding
from healthscore.refresh.movers import ROUNDING
from healthscore.scoring import Scores, score_frame
from healthscore.workbook.reading.contents import WorkbookContents
from healthscore.workbook.reading.workbook import read_workbook

#: What a score moved by after the last refresh, when somebody typed into the workbook since.
EDITED = "Changes typed in since the refresh"


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
        left: names of accounts that left since the last snapshot.
        path: the workbook all of it came from.
        findings: what reading it noticed.
    """

    accounts: Accounts
    scores: Scores
    earlier: tuple[Snapshot, ...] = ()
    causes: Mapping[str, Mapping[str, float]] | None = None
    currency: str = ""
    left: tuple[str, ...] = ()
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


def open_book(path: Path, currency: str = "") -> ScoredBook:
    """Read a workbook, also one that people filled in and saved, and score what is in it.

    Raises:
        WorkbookError: the file cannot be read, or holds no accounts.
    """
    contents = read_workbook(path)
    if not len(contents.accounts.frame):
        raise WorkbookError(f"{path}: has no accounts yet; fill some in, then make scorecards of them")
    scores = score_frame(contents.accounts.frame, contents.model, contents.as_of, contents.accounts.bound)
    return book_of(contents, scores, currency)


def book_of(contents: WorkbookContents, scores: Scores, currency: str = "") -> ScoredBook:
    """Return what scorecards are made from, of a workbook that is read and scored already."""
    history = contents.history
    days = [day for day in history.days if day < contents.as_of]
    earlier = tuple(
        Snapshot(day, {one: line[day] for one, line in history.scores.items() if day in line}) for day in days
    )
    book = ScoredBook(
        contents.accounts,
        scores,
        earlier,
        currency=currency or contents.currency,
        left=tuple(one.account or one.id for one in contents.left if not days or one.left_on > days[-1]),
        path=contents.path,
        findings=tuple(found.plain() for found in contents.findings),
    )
    return replace(book, causes=_causes(contents, book)) if days else book


def _causes(contents: WorkbookContents, book: ScoredBook) -> Mapping[str, Mapping[str, float]]:
    """Return what moved each score since the last snapshot: the refresh's own account of it, and edits after it."""
    movers = {mover.id or mover.account: mover for mover in contents.movers}
    before = book.earlier[-1].scores
    found = {}
    for one, now in zip(book.keys, book.scores.table["score"].astype(float), strict=True):
        mover = movers.get(one)
        parts = dict(mover.parts) if mover is not None else {}
        parts.pop(ROUNDING, None)  # makes the workbook's sum exact, and is nobody's reason
        start = mover.now if mover is not None else before.get(one)
        if start is not None and now == now and now != start:  # noqa: PLR0124 (NaN)
            parts[EDITED] = now - start
        if parts:
            found[one] = parts
    return found
