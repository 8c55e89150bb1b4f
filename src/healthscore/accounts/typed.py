"""One column of raw cells into the type that the model gives it, with a finding for every value that is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from healthscore.accounts.cells import numbers, yes_no
from healthscore.accounts.dates import DateOrder, dates, iso_dates
from healthscore.accounts.log import Log
from healthscore.accounts.texts import NULLS, is_null, plural, texts
from healthscore.model.parts import Metric
from healthscore.model.vocabulary import InputType

_LOST = "left out: the value counts as missing"
_UNSCORED = "kept, but counts as missing in the score"
_TRUTHS = {"true": ("yes", "true", "y", "1"), "false": ("no", "false", "n", "0")}
#: Numbers that a sheet holds digit by digit: no leading zeros, 15 digits at most.
_PLAIN_NUMBER = re.compile(r"[ \t]*-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,17})?(?:[eE][+-]?[0-9]{1,3})?[ \t]*")


def typed(
    cells: pd.Series,
    kind: InputType,
    header: str,
    log: Log,
    *,
    place: str,
    order: DateOrder | None,
    metric: Metric | None,
) -> tuple[np.ndarray, dict[int, str]]:
    """Return a column's values in their type, and the texts that could not be read, by row index.

    `place` names file and column for errors; `metric` is the one that reads the column as it stands, for its choices.
    """
    if kind == "category":
        return categories(cells, header, log, metric), {}
    if kind == "date":
        parsed = dates(cells, place, order)
    elif kind == "number":
        parsed = numbers(cells)
    else:
        parsed = yes_no(cells)
    log.cells(header, parsed.unusable, _LOST)
    for note in parsed.notes:
        log.column(header, note, "read as they stand", "warning")
    return parsed.values, parsed.unusable


def names(cells: pd.Series, header: str, log: Log) -> np.ndarray:
    """Return a column of names: trimmed, single spaces, None where blank."""
    return log.text(header, texts(cells, collapse=True))


def categories(cells: pd.Series, header: str, log: Log, metric: Metric | None) -> np.ndarray:
    """Return a column of categories; values that are none of the metric's choices stay, and are reported once each."""
    choices = {choice.lower(): choice for choice in metric.choices or {}} if metric else {}
    nulls = frozenset(text for text in NULLS - {"na"} if text not in choices)
    values = log.text(header, texts(cells, collapse=True, nulls=nulls))
    if not choices:
        return values
    codes, found = pd.factorize(values)
    spelled = [_as_choice(text, choices) for text in found]
    counts = np.bincount(codes[codes >= 0], minlength=len(found))
    first = {int(code): place for place, code in reversed(list(enumerate(codes)))} if _unknown(spelled, choices) else {}
    for number, text in enumerate(spelled):
        if text.lower() not in choices:
            count = int(counts[number])
            what = f"{text!r}, which is none of {', '.join(choices.values())}"[:200]
            rows = "" if count == 1 else f" ({count:,} rows, the first is named)"
            log.column(header, what + rows, _UNSCORED, "warning", first[number])
    return np.array([*spelled, None], dtype=object)[codes]


def _unknown(spelled: list[str], choices: Mapping[str, str]) -> bool:
    return any(text.lower() not in choices for text in spelled)


def _as_choice(text: str, choices: Mapping[str, str]) -> str:
    """Turn a true or false of the source system into the yes or no that the choices speak of."""
    if text.lower() in choices:
        return text
    return next((choices[word] for word in _TRUTHS.get(text.lower(), ()) if word in choices), text)


def filled(values: np.ndarray, unusable: Mapping[int, str], metric: Metric, header: str, log: Log) -> np.ndarray:
    """Put the metric's `blank` where nothing stands; what stood there unreadable stays missing."""
    if metric.blank is None:
        return values
    blank = np.isnan(values)
    blank[list(unusable)] = False
    count = int(np.count_nonzero(blank))
    if not count:
        return values
    log.column(header, plural(count, "blank cell"), f"filled with {metric.blank:g}, as the metric {metric.name!r} says")
    return np.where(blank, metric.blank, values)


def check_rating(values: np.ndarray, metric: Metric, header: str, log: Log) -> None:
    """Report ratings outside the metric's scale; they stay where they are."""
    top = metric.rating or 0
    with np.errstate(invalid="ignore"):
        outside = np.flatnonzero((values < 1) | (values > top))
    cells = {int(place): f"{values[place]:g}, outside the scale 1 to {top}" for place in outside}
    log.cells(header, cells, _UNSCORED)


def extra(cells: pd.Series, header: str, log: Log) -> np.ndarray:
    """Return a column the model does not know: numbers or dates where it is plainly one, else texts as they stand."""
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        parsed = numbers(cells)
        log.cells(header, parsed.unusable, _LOST)
        return parsed.values
    if not cells.notna().any():
        return np.full(len(cells), None, dtype=object)
    plain = _plain_numbers(cells)
    if plain is None:
        plain = iso_dates(cells)
    return plain if plain is not None else log.text(header, texts(cells, strip=False, nulls=frozenset()))


def _plain_numbers(cells: pd.Series) -> np.ndarray | None:
    """Return the numbers of a column in which every value is one, else None; `00123` is a code, not a number."""
    some = False
    for value in pd.unique(cells.dropna()):
        if isinstance(value, str):
            if is_null(value):
                continue
            if not _PLAIN_NUMBER.fullmatch(value) or sum(map(str.isdigit, value)) > 17:
                return None
        elif isinstance(value, bool) or not isinstance(value, int | float | np.number):
            return None
        some = True
    if not some:
        return None
    parsed = numbers(cells)
    return None if parsed.unusable else parsed.values


def identifiers(cells: pd.Series, header: str, log: Log) -> np.ndarray:
    """Return a column of ids: texts, trimmed, None where blank; numbers without `.0`, leading zeros kept."""
    return log.text(header, texts(cells))
