"""Accounts that stand in an export more than once: found on reading, settled by the user's word."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
import pandas as pd

from healthscore.accounts.result import Accounts, Duplicate
from healthscore.accounts.texts import text_of
from healthscore.errors import AccountsError
from healthscore.findings import Finding

_NAMED = 3


def all_differ(ids: np.ndarray) -> bool:
    """Say whether no two ids are the same, in capitals or not."""
    joined = "".join(ids)
    one_case = joined.isascii() and joined in (joined.upper(), joined.lower())
    return len(set(ids if one_case else map(str.lower, ids))) == len(ids)


def find_duplicates(ids: np.ndarray, rows: np.ndarray) -> tuple[Duplicate, ...]:
    """Return every id that stands more than once, with its rows, in the order of first appearance."""
    column = pd.Series(ids, dtype=object)
    places = np.flatnonzero(column.duplicated(keep=False).to_numpy())
    groups: dict[str, list[int]] = {}
    for place in places:
        groups.setdefault(str(ids[place]), []).append(int(rows[place]))
    return tuple(Duplicate(name, tuple(numbers)) for name, numbers in groups.items())


def settle_duplicates(accounts: Accounts, keep: Literal["first", "last"] | None) -> Accounts:
    """Keep one row of each account that stands more than once.

    Args:
        accounts: what `read_accounts` gave.
        keep: the row to keep. Every row left out becomes a finding that carries its data.

    Raises:
        AccountsError: `keep` is None and there are duplicates; the message names some of them.
    """
    if not accounts.duplicates:
        return accounts
    if keep is None:
        raise AccountsError(_refusal(accounts))
    leave = accounts.frame["id"].duplicated(keep=keep).to_numpy()
    stay = np.flatnonzero(~leave)
    position = {int(old): new for new, old in enumerate(stay)}
    unusable = {
        column: {position[row]: text for row, text in cells.items() if row in position}
        for column, cells in accounts.unusable.items()
    }
    return dataclasses.replace(
        accounts,
        frame=accounts.frame.iloc[stay].reset_index(drop=True),
        rows=accounts.rows[stay],
        unusable={column: cells for column, cells in unusable.items() if cells},
        findings=(*accounts.findings, *_left_out(accounts, np.flatnonzero(leave), keep)),
        duplicates=(),
    )


def _refusal(accounts: Accounts) -> str:
    named = [
        f"{duplicate.id!r} (rows {', '.join(map(str, duplicate.rows[:4]))}{', …' if len(duplicate.rows) > 4 else ''})"
        for duplicate in accounts.duplicates[:_NAMED]
    ]
    more = len(accounts.duplicates) - len(named)
    rest = f" and {more:,} more" if more else ""
    count = len(accounts.duplicates)
    stand = "account stands" if count == 1 else "accounts stand"
    return (
        f"{accounts.source or 'the accounts'}: {count:,} {stand} there more than once: {', '.join(named)}{rest}; "
        "say with --duplicates first or --duplicates last which row counts, or mend the export"
    )


def _left_out(accounts: Accounts, places: np.ndarray, keep: str) -> list[Finding]:
    frame = accounts.frame
    findings = []
    for place in places:
        values = {name: text_of(frame[name].iat[place]) for name in frame.columns}
        for column, cells in accounts.unusable.items():
            if int(place) in cells:
                values[column] = cells[int(place)]
        data = "; ".join(f"{name}: {value}" for name, value in values.items() if value)
        done = f"left out: the {keep} row of this account counts"
        findings.append(
            Finding("warning", int(accounts.rows[place]), str(frame["account"].iat[place]), "id", data, done)
        )
    return findings
