"""From an account's columns to each metric's value (DESIGN §2.1).

A value is a number per account, NaN where it is missing. A metric of choices has the position of its choice instead,
so that everything after this is arithmetic. Each function has its twin of the same name in `formulas/`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from healthscore.model.parts import Metric
from healthscore.model.schema import ScoreModel
from healthscore.names import key

Floats = npt.NDArray[np.float64]

#: Above this a number has no twelfth decimal.
_SETTLED_BELOW = 1e3
#: Day 0 of Excel's calendar, counted as Excel does from 1 March 1900 onwards.
EXCEL_EPOCH = np.datetime64("1899-12-30", "D")


def serial(date: dt.date) -> int:
    """Return a date as Excel counts it: days since 30 December 1899."""
    return (date - dt.date(1899, 12, 30)).days


def serials(dates: pd.Series) -> Floats:
    """Return dates as Excel's day numbers, NaN where there is none; times of day are cut off."""
    if not pd.api.types.is_datetime64_any_dtype(dates.dtype):
        return dates.to_numpy(dtype=np.float64, na_value=np.nan)
    raw = dates.to_numpy()
    days = (raw.astype("datetime64[D]") - EXCEL_EPOCH).astype(np.float64)
    days[np.isnat(raw)] = np.nan
    return days


def category(text: object) -> str | None:
    """Return a category as it is compared: trimmed as by Excel's TRIM, in lower case; None where blank."""
    if text is None or text != text:  # noqa: PLR0124 (NaN)
        return None
    return re.sub(" +", " ", str(text)).strip(" ").lower() or None


class AccountColumns:
    """The columns of a frame of accounts by the model's names, as plain arrays, each converted once."""

    def __init__(self, frame: pd.DataFrame, bound: Mapping[str, str], yes_no: Iterable[str] = ()) -> None:
        self._frame, self._yes_no = frame, frozenset(yes_no)
        self._numbers: dict[str, Floats] = {}
        columns = {key(name): str(name) for name in reversed(frame.columns)}
        self._homes = columns | {key(name): role for name, role in bound.items()}

    def __len__(self) -> int:
        return len(self._frame)

    def _home(self, name: str) -> str:
        """Return the frame's column for a name of the model, however the model spells it."""
        return self._homes.get(key(name), name)

    def numbers(self, name: str) -> Floats:
        """Return a column as numbers, dates as day numbers; NaN where blank, text or infinite."""
        name = self._home(name)
        if name not in self._numbers:
            self._numbers[name] = self._to_numbers(name)
        return self._numbers[name]

    def _to_numbers(self, name: str) -> Floats:
        if name not in self._frame:
            return np.full(len(self), np.nan)
        column = self._frame[name]
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            return serials(column)
        if column.dtype == np.float64:
            values = column.to_numpy()
        else:
            # A text is no number, even "80": the workbook's formulas do not take it for one either.
            numbers = column.map(lambda value: np.nan if isinstance(value, str) else value)
            values = pd.to_numeric(numbers, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(np.isinf(values), np.nan, values) if np.isinf(values).any() else values

    def codes(self, name: str, choices: list[str]) -> Floats:
        """Return the position of each account's text among `choices` (matched as categories are), NaN for none."""
        name = self._home(name)
        if name not in self._frame:
            return np.full(len(self), np.nan)
        positions = {category(choice): float(position) for position, choice in enumerate(choices)}
        codes, texts = pd.factorize(self._frame[name], use_na_sentinel=True)
        table = np.array([positions.get(category(text), np.nan) for text in texts] + [np.nan])
        return table[codes]

    def filled(self, name: str) -> npt.NDArray[np.bool_]:
        """Return where a column holds anything."""
        name = self._home(name)
        if name not in self._frame:
            return np.zeros(len(self), dtype=bool)
        column = self._frame[name]
        if column.dtype.kind in "fM":
            return column.notna().to_numpy()
        return column.map(lambda text: category(text) is not None).to_numpy(dtype=bool)

    def equals(self, name: str, wanted: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Return where a text column equals `wanted` without regard to case, and where it holds anything at all."""
        name = self._home(name)
        if name not in self._frame:
            nothing = np.zeros(len(self), dtype=bool)
            return nothing, nothing
        column = self._frame[name]
        if name in self._yes_no:
            column = column.map({1.0: "Yes", 0.0: "No"})
        codes, texts = pd.factorize(column, use_na_sentinel=True)
        forms = [category(_as_text(text)) for text in texts]
        same = np.array([form == category(wanted) for form in forms] + [False])
        there = np.array([form is not None for form in forms] + [False])
        return same[codes], there[codes]


def _as_text(value: object) -> object:
    return f"{value:.15g}" if isinstance(value, float) else value


def value_column(numbers: Floats) -> Floats:
    """A number, date or yes/no as it stands."""
    return numbers


def value_change(now: Floats, before: Floats) -> Floats:
    """Relative change now/before − 1; from nothing to nothing is 0, from nothing to something is 1 (100 %)."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        change = _settled(now / before - 1)
    from_zero = before == 0
    if from_zero.any():
        change[from_zero] = np.where(now == 0, 0.0, np.where(np.isnan(now), np.nan, 1.0))[from_zero]
    return change


def value_ratio(part: Floats, whole: Floats) -> Floats:
    """A part of a whole; missing where the whole is 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = _settled(part / whole)
    ratio[whole == 0] = np.nan
    return ratio


def _settled(quotients: Floats) -> Floats:
    """Round at the twelfth decimal, so that 90/100 − 1 meets a limit of −0.1; a quotient too large is missing."""
    quotients[np.isinf(quotients)] = np.nan
    return np.where(np.abs(quotients) < _SETTLED_BELOW, np.round(quotients, 12), quotients)


def value_days_since(date: Floats, as_of: float) -> Floats:
    """Days from a date to the as-of date; negative for a date in the future."""
    return as_of - np.floor(date)


def value_days_until(date: Floats, as_of: float) -> Floats:
    """Days from the as-of date to a date; negative for a date that has passed."""
    return np.floor(date) - as_of


def metric_values(model: ScoreModel, columns: AccountColumns, as_of: dt.date) -> dict[str, Floats]:
    """Return the value per account of every metric that is measured on columns.

    Name of the metric -> numbers of shape (accounts,), NaN where missing or stale. Journey metrics are left out.
    """
    day = serial(as_of)
    values = {}
    for metric in model.metrics:
        if metric.journey is None:
            numbers = _value(metric, columns, day)
            stale = is_stale(model, metric, columns, day)
            values[metric.name] = numbers if stale is None else np.where(stale, np.nan, numbers)
    return values


def _value(metric: Metric, columns: AccountColumns, as_of: float) -> Floats:
    if metric.choices is not None:
        return columns.codes(metric.inputs[0], list(metric.choices))
    numbers = [columns.numbers(name) for name in metric.inputs]
    match metric.value_kind:
        case "change":
            return value_change(*numbers)
        case "ratio":
            return value_ratio(*numbers)
        case "days_since":
            return value_days_since(numbers[0], as_of)
        case "days_until":
            return value_days_until(numbers[0], as_of)
        case _:
            return _usable(metric, value_column(numbers[0]))


def _usable(metric: Metric, numbers: Floats) -> Floats:
    """Leave out ratings off their scale and what is neither yes nor no."""
    if metric.rating is not None:
        return np.where((numbers >= 1) & (numbers <= metric.rating), numbers, np.nan)
    if metric.input_type == "yes_no":
        return np.where((numbers == 0) | (numbers == 1), numbers, np.nan)
    return numbers


def is_stale(model: ScoreModel, metric: Metric, columns: AccountColumns, as_of: float) -> npt.NDArray[np.bool_] | None:
    """Return where a value is older than the model allows; None for a metric whose values carry no date.

    A value without a date is not known to be old and counts.
    """
    if metric.as_of_column is None:
        return None
    limit = model.stale_after(metric)
    if limit is None:
        return np.zeros(len(columns), dtype=bool)
    return (value_days_since(columns.numbers(metric.as_of_column), as_of) > limit) & columns.filled(metric.inputs[0])
