"""Accounts as plain records by id, the form in which two versions of them are compared, and back to a typed frame."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from healthscore.accounts import Accounts
from healthscore.accounts.columns import ROLE_TYPES
from healthscore.history import Value
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import ROLES
from healthscore.workbook.imported import plain_values
from healthscore.workbook.reading.typed_cells import PEOPLE

Record = dict[str, Value]


def records_of(accounts: Accounts) -> dict[str, Record]:
    """Return {id: {column of the frame: value}}; blanks are left out, unusable texts stand as they were written."""
    frame = accounts.frame
    ids = [str(name) for name in frame["id"]]
    found: dict[str, Record] = {name: {} for name in ids}
    for name in frame.columns:
        for account, value in zip(ids, plain_values(frame[name], accounts.unusable.get(name, {})), strict=True):
            if value is not None:
                found[account][name] = value
    return found


def column_of(part: str, bound: Mapping[str, str]) -> str:
    """Return the frame's column for a key of the sheet: `input:NPS` is NPS, `override:by` is override_by."""
    kind, _, name = part.partition(":")
    people = {key: column for column, (key, _) in PEOPLE.items()}
    if part in people:
        return people[part]
    return bound.get(name, name) if kind == "input" else name


def part_of(column: str, model: ScoreModel) -> str:
    """Return the key of the sheet's column for a column of the frame."""
    if column in PEOPLE:
        return PEOPLE[column][0]
    if column in ROLES:
        return f"role:{column}"
    return f"input:{column}" if column in model.input_columns() else f"extra:{column}"


def accounts_of(model: ScoreModel, records: Sequence[Record], like: Accounts, extras: Sequence[str]) -> Accounts:
    """Return records as accounts; `like` gives what is not in them: which columns are bound, where they came from."""
    kinds: dict[str, str] = {role: ROLE_TYPES[role] for role in ROLES}
    kinds |= {name: kind for name, kind in model.input_columns().items() if name not in like.bound}
    kinds |= dict.fromkeys(extras, "any")
    kinds |= {name: kind for name, (_, kind) in PEOPLE.items() if name not in kinds}
    columns: dict[str, pd.Series] = {}
    unusable: dict[str, dict[int, str]] = {}
    for name, kind in kinds.items():
        columns[name], bad = _column([record.get(name) for record in records], kind)
        if bad:
            unusable[name] = bad
    return Accounts(
        frame=pd.DataFrame(columns),
        bound=like.bound,
        missing_inputs=like.missing_inputs,
        extras=tuple(extras),
        unusable=unusable,
        rows=np.arange(2, len(records) + 2),
        findings=like.findings,
        duplicates=(),
        source=like.source,
        segment_columns=like.segment_columns,
    )


def _column(values: list[Value], kind: str) -> tuple[pd.Series, dict[int, str]]:
    if kind in ("any", "previous"):
        return _carried(values), {}
    usable = _USABLE[kind]
    bad = {row: str(value) for row, value in enumerate(values) if value is not None and not usable(value)}
    kept = [None if row in bad else value for row, value in enumerate(values)]
    if kind == "date":
        return _dates(kept), bad
    if kind == "category":
        return pd.Series([None if value is None else _text(value) for value in kept], dtype=object), bad
    numbers = [value if isinstance(value, float | int) else np.nan for value in kept]
    return pd.Series(numbers, dtype=float), bad


def _carried(values: list[Value]) -> pd.Series:
    given = [value for value in values if value is not None]
    if all(isinstance(value, float | int) and not isinstance(value, bool) for value in given):
        return pd.Series([np.nan if value is None else value for value in values], dtype=float)
    if all(isinstance(value, dt.date) for value in given):
        return _dates(values)
    return pd.Series(values, dtype=object)


def _dates(values: list[Value]) -> pd.Series:
    texts = [None if value is None else str(value) for value in values]
    return pd.to_datetime(pd.Series(texts, dtype=object)).astype("datetime64[s]")


def _text(value: Value) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)


_USABLE: Mapping[str, Callable[[Any], bool]] = {
    "number": _is_number,
    "yes_no": lambda value: _is_number(value) and value in (0, 1),
    "date": lambda value: isinstance(value, dt.date),
    "category": lambda _value: True,
}
