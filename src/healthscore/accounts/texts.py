"""Texts as an Excel sheet can hold them: no characters that XML forbids, no half characters, not too long."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

CELL_LIMIT = 32_767
SHOWN = 80
#: What people write for "nothing here", in lower case.
NULLS = frozenset(
    {
        "",
        "-",
        "--",
        "n/a",
        "na",
        "#n/a",
        "n.a.",
        "null",
        "(null)",
        "<null>",
        "none",
        "nan",
        "<na>",
        "nat",
        ".",
        "—",
        "–",
    }
)
#: In a text, NA may be North America or Namibia.
TEXT_NULLS = NULLS - {"na"}
_LONGEST_NULL = max(map(len, NULLS))
#: How many of a column's first cells tell what kind of column it is.
_START = 1_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BAD = re.compile(f"{_CONTROL.pattern}|{_SURROGATE.pattern}")


@dataclass(frozen=True)
class TextColumn:
    """A column of texts (object array of str or None), and how many were mended and cut, with the first such row."""

    values: np.ndarray
    mended: tuple[int, ...]
    cut: tuple[int, ...]


def is_null(value: object) -> bool:
    """Say whether a cell is blank or one of the texts that mean nothing is there."""
    return isinstance(value, str) and (value == "" or (len(value) < 20 and value.strip().lower() in NULLS))


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: `1 row`, `2,000 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def shown(value: object) -> str:
    """Return a value as a finding shows it: one line, 80 characters at most."""
    text = " ".join(_BAD.sub("\ufffd", text_of(value) or "").split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def clean_name(value: object) -> str:
    """Return a header as a name: one line, single spaces, nothing that XML forbids; blank for a missing one."""
    return " ".join(_mend(text_of(value) or "").split())


def text_of(value: object) -> str | None:
    """Return a raw cell as a person would read it: whole numbers without `.0`, days without a time."""
    if isinstance(value, str):
        return str(value)
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float | np.floating):
        return _number_text(float(value))
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, dt.datetime):
        plain = value.replace(tzinfo=None)
        return plain.date().isoformat() if plain.time() == dt.time() else plain.isoformat(sep=" ")
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _number_text(number: float) -> str | None:
    if math.isnan(number):
        return None
    return str(int(number)) if number.is_integer() and abs(number) < 1e21 else repr(number)


def texts(
    series: pd.Series, *, collapse: bool = False, strip: bool = True, nulls: frozenset[str] = TEXT_NULLS
) -> TextColumn:
    """Return a column as texts fit for a sheet.

    Args:
        series: raw cells of any type.
        collapse: make every run of white space one space (for names and categories; implies `strip`).
        strip: take white space off both ends.
        nulls: lower-case texts that mean blank; the empty text always does.
    """
    values = _as_texts(series)
    if _mostly_different(values) and _tidy(values, nulls):
        return TextColumn(values, (), ())
    codes, distinct = pd.factorize(values)
    kept: list[str | None] = list(distinct)
    if collapse:
        kept = [" ".join(text.split()) for text in distinct]
    elif strip:
        kept = [text.strip() for text in distinct]
    mended, cut = _fit(kept)
    for number, text in enumerate(kept):
        if not text or (len(text) <= _LONGEST_NULL and text.strip().lower() in nulls) or text.isspace():
            kept[number] = None
    lookup = np.empty(len(kept) + 1, dtype=object)
    lookup[:-1] = kept
    return TextColumn(lookup[codes], _rows_of(codes, mended), _rows_of(codes, cut))


def _mostly_different(values: np.ndarray) -> bool:
    """Say whether a column is made of names or ids rather than of categories, from how it starts."""
    start = values[:_START].tolist()
    return len(set(start)) > len(start) / 2


def _tidy(values: np.ndarray, nulls: frozenset[str]) -> bool:
    """Say whether every cell is a text that stays as it is: printable, single spaces, none that means nothing.

    Joined by a space, a blank text and white space at an end show as two spaces. `str.isprintable` knows no white space
    but the space, no control characters and no half characters; what it refuses is merely looked at one by one.
    """
    try:
        joined = " ".join(values)
    except TypeError:
        return False
    if "  " in joined or joined[:1] in ("", " ") or joined[-1] == " " or not joined.isprintable():
        return False
    lengths = set(map(len, values))
    if max(lengths) > CELL_LIMIT // 2:
        return False
    return min(lengths) > _LONGEST_NULL or nulls.isdisjoint(
        {text.lower() for text in values if len(text) <= _LONGEST_NULL}
    )


def _rows_of(codes: np.ndarray, wanted: list[int]) -> tuple[int, ...]:
    return tuple(int(row) for row in np.flatnonzero(np.isin(codes, wanted))) if wanted else ()


def _as_texts(series: pd.Series) -> np.ndarray:
    """Return an object array of str and None."""
    if pd.api.types.is_integer_dtype(series.dtype) and not series.isna().any():
        return series.to_numpy().astype(str).astype(object)
    values = series.to_numpy(dtype=object)
    if pd.api.types.infer_dtype(values, skipna=True) == "string":
        return values
    result = np.empty(len(values), dtype=object)
    result[:] = [text_of(value) for value in values]
    return result


def _mend(text: str) -> str:
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", _joined(text)))


def _joined(text: str) -> str:
    """Two surrogates side by side are one character that was decoded by halves."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass") if _paired(text) else text


def _paired(text: str) -> bool:
    return bool(re.search("[\ud800-\udbff][\udc00-\udfff]", text))


def _fit(distinct: list[str | None]) -> tuple[list[int], list[int]]:
    """Mend and cut in place what a cell cannot hold; return the places of each. One search over all spares the rest."""
    mended: list[int] = []
    cut: list[int] = []
    if _BAD.search("".join(text for text in distinct if text)):
        for number, text in enumerate(distinct):
            if text and _BAD.search(text):
                distinct[number] = _mend(text)
                mended.append(number)
    if max((len(text) for text in distinct if text), default=0) > CELL_LIMIT // 2:
        for number, text in enumerate(distinct):
            if text and len(text) > CELL_LIMIT // 2 and _units(text) > CELL_LIMIT:
                distinct[number] = _shortened(text)
                cut.append(number)
    return mended, cut


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _shortened(text: str) -> str:
    return text.encode("utf-16-le")[: CELL_LIMIT * 2].decode("utf-16-le", errors="ignore")
