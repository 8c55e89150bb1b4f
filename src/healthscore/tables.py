"""Scores as flat files: CSV and Parquet. Texts are data, so a CSV cell that Excel would run is defused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from healthscore.accounts import Accounts
from healthscore.errors import OutputError
from healthscore.output import whole_file, write_text
from healthscore.scoring import Scores

_WHO = ("id", "account", "owner", "stage", "region", "value", "renewal")
_WORKINGS = ("band_number", "band_action", "drag_1_number", "drag_2_number", "drag_action", "symbol")
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def scored_table(accounts: Accounts, scores: Scores) -> pd.DataFrame:
    """Return one row per account: who it is, the verdict, then values, points and points lost of every metric."""
    wide = scores.wide().drop(columns=list(_WORKINGS))
    return pd.concat([accounts.frame[list(_WHO)], wide], axis=1)


def table_text(table: pd.DataFrame) -> str:
    """Return a table as CSV text."""
    return _defused(table).to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")


def write_table(table: pd.DataFrame, path: Path, *, force: bool = False) -> Path:
    """Write a table as .csv (UTF-8 with BOM, so that Excel reads it right) or .parquet, whole or not at all.

    Raises:
        OutputError: another ending, the file exists and `force` is off, or it cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise OutputError(f"{path}: the ending says neither .csv nor .parquet; give one of them")
    try:
        if kind == ".csv":
            return write_text(path, table_text(table), force=force, encoding="utf-8-sig")
        with whole_file(path, force=force) as part:
            table.to_parquet(part, index=False)
    except ImportError as error:
        raise OutputError(f'{path}: Parquet needs pyarrow; install it with: pip install "healthscore[fast]"') from error
    return path


def _defused(table: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would take for a formula (OWASP, CSV injection)."""

    def defuse(value: object) -> object:
        return "'" + value if isinstance(value, str) and value.startswith(_RISKY) else value

    safe = table.copy(deep=False)
    for name in safe.columns:
        column = safe[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            safe[name] = column.cat.rename_categories([defuse(word) for word in column.cat.categories])
        elif column.dtype == object or isinstance(column.dtype, pd.StringDtype):
            safe[name] = column.map(defuse)
    return safe.rename(columns=defuse)
