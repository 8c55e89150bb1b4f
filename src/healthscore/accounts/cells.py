"""Numbers and yes/no as people write them: `$1,200`, `85%`, `1.200,50`, `(300)`, `ja`.

A column is read as a whole: what one value proves about decimal commas holds for its neighbours. Each distinct text is
looked at once, numeric columns not at all.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from healthscore.accounts.texts import is_null, text_of

YES = frozenset(
    {"yes", "true", "y", "1", "ja", "j", "oui", "o", "si", "sí", "sì", "sim", "x", "t", "✓", "✔", "wahr", "vrai"}
)
NO = frozenset({"no", "false", "n", "0", "nein", "nee", "non", "não", "f", "falsch", "faux", "✗", "✘"})

#: White space is spelled out because `\s` knows control characters that `float` does not.
_PLAIN = re.compile(r"[ \t\r\n\xa0]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t\r\n\xa0]*")
_CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|SGD|HKD|KRW|ILS|TRY|AED|SAR|THB|"
    r"RON|ISK|kr\.?|zł|Kč|SFr\.?|Fr\.?|Rs\.?|Ft"
)
_MARK = rf"(?:(?:US|AU|NZ|CA|HK|A|R|C|S)?[$¢£¤¥฿₠-⃀]|(?:{_CODES})(?![a-z]))"
_NUMBER = re.compile(
    rf"(?P<open>\(?)\s*(?P<sign>[+-]?)\s*(?P<mark>{_MARK})?\s*(?P<open2>\(?)\s*(?P<sign2>[+-]?)\s*"
    rf"(?P<body>[0-9][0-9.,' ]*|[.,][0-9]+)(?P<power>e[+-]?[0-9]+)?"
    rf"\s*(?P<sign3>-?)\s*(?P<percent>%?)\s*(?P<mark2>{_MARK})?\s*(?P<sign4>-?)\s*(?P<close>\)?)\s*(?P<percent2>%?)",
    re.IGNORECASE,
)
_SPACED = re.compile(r"[0-9]{1,3}(?:([ '])[0-9]{3})(?:\1[0-9]{3})*(?:[.,][0-9]+)?")
_GROUPS = re.compile(r"[0-9]{1,3}(?:S[0-9]{3})+|[0-9]{1,2}(?:S[0-9]{2})+S[0-9]{3}")
_LOOKALIKES = str.maketrans({"−": "-", "–": "-", "‐": "-", "‑": "-", "’": "'", "‘": "'", "´": "'", "`": "'", "٪": "%"})


@dataclass(frozen=True)
class Parsed:
    """A column read: its values (missing where there is none), and the text of each that could not be read, by row.

    `notes` are sentences about the column as a whole.
    """

    values: np.ndarray
    unusable: dict[int, str]
    notes: tuple[str, ...] = ()


class _Text(NamedTuple):
    """A number taken apart: its digits with their separators, and what stands around them."""

    body: str
    negative: bool
    power: str
    percent: bool
    currency: bool


def distinct(series: pd.Series) -> tuple[np.ndarray, list[Any]]:
    """Return for each row which distinct value it holds (-1 for none), and those values."""
    values = series.to_numpy(dtype=object)
    try:
        codes, found = pd.factorize(values)
    except TypeError:  # lists and dicts cannot be told apart by hash
        values = np.array([value if isinstance(value, str) else text_of(value) for value in values], dtype=object)
        codes, found = pd.factorize(values)
    return codes, list(found)


def spread(codes: np.ndarray, values: np.ndarray, bad: Sequence[int], found: Sequence[Any]) -> Parsed:
    """Lay the readings of distinct values out over the rows again."""
    missing = np.array([np.nan if values.dtype.kind == "f" else "NaT"], dtype=values.dtype)
    laid = np.concatenate([values, missing])[codes]
    unusable = {}
    if len(bad):
        for row in np.flatnonzero(np.isin(codes, bad)):
            unusable[int(row)] = text_of(found[codes[row]]) or ""
    return Parsed(laid, unusable)


def numbers(series: pd.Series) -> Parsed:
    """Read a column of numbers; infinite ones and texts that are no number are unusable, booleans are 1 and 0."""
    kind = series.dtype
    if pd.api.types.is_bool_dtype(kind) or (
        pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind)
    ):
        return _finite(_as_floats(series))
    codes, found = distinct(series)
    values = np.full(len(found), np.nan)
    bad: list[int] = []
    texts: dict[int, str] = {}
    for number, value in enumerate(found):
        if isinstance(value, str):
            if _PLAIN.fullmatch(value):
                values[number] = float(value)
            elif not is_null(value):
                texts[number] = value
        elif isinstance(value, bool | int | float | np.number | np.bool_ | Decimal):
            values[number] = _to_float(value)
        else:
            bad.append(number)
    notes = _read_written(found, texts, values, bad) if texts else ()
    for infinite in np.flatnonzero(np.isinf(values)):
        values[infinite] = np.nan
        bad.append(int(infinite))
    parsed = spread(codes, values, bad, found)
    return Parsed(parsed.values, parsed.unusable, notes)


def _as_floats(series: pd.Series) -> np.ndarray:
    if isinstance(series.dtype, np.dtype):
        return series.to_numpy(dtype=np.float64)
    return series.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)


def _finite(values: np.ndarray) -> Parsed:
    infinite = np.flatnonzero(np.isinf(values))
    if not len(infinite):
        return Parsed(values, {})
    unusable = {int(row): repr(float(values[row])) for row in infinite}
    values = values.copy()
    values[infinite] = np.nan
    return Parsed(values, unusable)


def _to_float(value: float | np.number | np.bool_ | Decimal) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _read_written(found: list[Any], texts: dict[int, str], values: np.ndarray, bad: list[int]) -> tuple[str, ...]:
    """Read the texts that are no plain numbers; with decimal commas about, read the plain ones with points again."""
    parts = {number: _take_apart(text) for number, text in texts.items()}
    pointed = {
        number: _take_apart(value)
        for number, value in enumerate(found)
        if isinstance(value, str) and number not in texts and "." in value
    }
    decimal = _decimal_mark([part for part in (*parts.values(), *pointed.values()) if part])
    if decimal == ",":
        parts = {**pointed, **parts}
    for number, part in parts.items():
        reading = _value(part, decimal) if part else _truth(texts[number])
        if reading is None:
            bad.append(number)
        values[number] = math.nan if reading is None else reading
    percents = sum(part.percent for part in parts.values() if part)
    plain = int(np.count_nonzero(~np.isnan(values))) - percents
    if percents and plain and np.nanmax(np.abs(values)) > 1.5:
        return ("some values carry a % (85% is read as 0.85) and others do not (85 stays 85); write all of them alike",)
    return ()


def _truth(text: str) -> float | None:
    return {"true": 1.0, "false": 0.0}.get(text.strip().lower())


def _take_apart(text: str) -> _Text | None:
    """Return the parts of a number as written, or None for a text that is none."""
    if len(text) > 60:
        return None
    plain = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES).strip().removeprefix("'")
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return None
    signs = match["sign"] + match["sign2"] + match["sign3"] + match["sign4"]
    opened, closed = match["open"] + match["open2"], match["close"]
    body = match["body"].rstrip()
    if len(signs) > 1 or len(opened) != len(closed) or (opened and signs) or (match["percent"] and match["percent2"]):
        return None
    if " " in body or "'" in body:
        if not _SPACED.fullmatch(body):
            return None
        body = body.replace(" ", "").replace("'", "")
    percent = bool(match["percent"] or match["percent2"])
    return _Text(
        body, bool(opened) or signs == "-", match["power"] or "", percent, bool(match["mark"] or match["mark2"])
    )


def _decimal_mark(parts: list[_Text]) -> str:
    """Decide for a whole column whether a comma or a point marks the decimals.

    Each value may prove one or the other; the majority rules. Without proof, amounts of money with exactly three
    digits after a point (`€ 1.200`) are thousands, and otherwise the point marks decimals.
    """
    proofs = [_proof(part.body) for part in parts]
    commas, points = proofs.count(","), proofs.count(".")
    if not commas and not points:
        pointed = [part for part in parts if "." in part.body]
        return "," if any(part.currency for part in pointed) else "."
    return "," if commas > points else "."


def _proof(body: str) -> str | None:
    """Return the decimal mark that this number alone proves, None when it could be either."""
    points, commas = body.count("."), body.count(",")
    if points and commas:
        return "." if body.rindex(".") > body.rindex(",") else ","
    if points > 1 or commas > 1:
        return "," if points else "."
    if not points and not commas:
        return None
    mark = "." if points else ","
    whole, _, fraction = body.partition(mark)
    grouped = len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return None if grouped else mark


def _value(part: _Text, decimal: str) -> float | None:
    thousands = "," if decimal == "." else "."
    whole, _, fraction = part.body.partition(decimal)
    if decimal in fraction or thousands in fraction:
        return None
    if thousands in whole:
        if not _GROUPS.fullmatch(whole.replace(thousands, "S")):
            return None
        whole = whole.replace(thousands, "")
    if part.percent and not part.power:
        # Moving the point in the text keeps 85% exactly 0.85.
        number = float(f"{whole or '0'}.{fraction or '0'}e-2")
    else:
        number = float(f"{whole or '0'}.{fraction or '0'}{part.power}") / (100 if part.percent else 1)
    return -number if part.negative else number


def yes_no(series: pd.Series) -> Parsed:
    """Read a column of yes and no, in several languages, into 1.0 and 0.0."""
    if pd.api.types.is_bool_dtype(series.dtype):
        return _finite(_as_floats(series))
    codes, found = distinct(series)
    values = np.full(len(found), np.nan)
    bad: list[int] = []
    for number, value in enumerate(found):
        if is_null(value):
            continue
        word = (text_of(value) or "").strip().lower().removesuffix(".0")
        if isinstance(value, dt.date) or word not in YES | NO:
            bad.append(number)
        else:
            values[number] = float(word in YES)
    return spread(codes, values, bad, found)
