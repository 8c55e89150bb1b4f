"""Dates as people write them: ISO, Excel serials, `31-12-2024`, `12/31/2024`, `31 Dec 2024`.

Whether the day or the month stands first is decided for each column from all its values. A column that could be read
either way is refused: a health score on swapped dates would look right and be wrong.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from healthscore.accounts.cells import Parsed, distinct, spread
from healthscore.accounts.texts import is_null, text_of
from healthscore.errors import AccountsError

DateOrder = Literal["dmy", "mdy"]
ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy")
#: Excel counts days from here; before March 1900 its count is off by the leap day that never was.
_EPOCH = dt.date(1899, 12, 30)
FIRST, LAST = dt.date(1900, 3, 1), dt.date(9999, 12, 31)
_LAST_SERIAL = 2_958_465
_UNIX = dt.date(1970, 1, 1).toordinal()

_TIME = r"(?:[T ,]+\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.IGNORECASE | re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T\d{4,6}Z?)?", re.ASCII)
_PARTS = re.compile(
    rf"(\d{{1,2}})\s*([-/. ])\s*(\d{{1,2}})\s*\2\s*(\d{{4}}|\d{{2}})\.?{_TIME}", re.IGNORECASE | re.ASCII
)
_SERIAL = re.compile(r"\d{1,7}(?:\.\d+)?", re.ASCII)
_WEEKDAY = r"(?:[^\W\d]{2,10}\.?,?\s+)?"
_DAY_NAME = re.compile(
    rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]*(?:de\s+)?([^\W\d]+)\.?(?:\s+de)?[\s,'-]*(\d{{4}}|\d{{2}}){_TIME}",
    re.IGNORECASE,
)
_NAME_DAY = re.compile(
    rf"{_WEEKDAY}([^\W\d]+)\.?[\s-]*(\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|[\s-]+)(\d{{4}}|\d{{2}}){_TIME}",
    re.IGNORECASE,
)
_YEAR_NAME = re.compile(rf"(\d{{4}})[\s-]+([^\W\d]+)\.?[\s-]+(\d{{1,2}}){_TIME}", re.IGNORECASE)

#: Month names and short forms in the languages of the yes/no words, accents taken off.
_MONTH_NAMES = (
    "jan january januar janvier janv ene enero gen gennaio januari janeiro janner",
    "feb february februar fevrier fev fevr febrero febbraio februari fevereiro",
    "mar march marz mrz mars marzo maart mrt marco maerz",
    "apr april avril avr abr abril aprile",
    "may may mai mayo mag maggio mei maio",
    "jun june juni juin junio giu giugno junho",
    "jul july juli juillet juil julio lug luglio julho",
    "aug august aout ago agosto augustus",
    "sep sept september septembre septiembre set settembre setembro",
    "oct october okt oktober octobre octubre ott ottobre out outubro",
    "nov november novembre noviembre novembro",
    "dec december dez dezember decembre dic diciembre dicembre dezembro",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}


class _Numeric(NamedTuple):
    """A date of three numbers whose first two may be day and month or month and day."""

    first: int
    second: int
    year: int
    text: str

    def read(self, order: DateOrder) -> dt.date | None:
        day, month = (self.first, self.second) if order == "dmy" else (self.second, self.first)
        return _day(self.year, month, day)


def dates(series: pd.Series, place: str, order: DateOrder | None = None) -> Parsed:
    """Read a column of dates into datetime64[s] at midnight, 1900-03-01 to 9999-12-31; others are unusable.

    Args:
        series: raw cells.
        place: file and column, as the start of an error's line.
        order: whether the day (dmy) or the month (mdy) stands first; worked out from the column when None.

    Raises:
        AccountsError: without `order`, the column reads either way, or some of its values only the one and some only
            the other way.
    """
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return _stamps(series)
    codes, found = distinct(series)
    readings: list[dt.date | None] = []
    numeric: dict[int, _Numeric] = {}
    bad: list[int] = []
    for number, value in enumerate(found):
        reading = None if is_null(value) else _read(value)
        if isinstance(reading, _Numeric):
            numeric[number] = reading
            reading = None
        elif not is_null(value) and (reading is None or not FIRST <= reading <= LAST):
            bad.append(number)
            reading = None
        readings.append(reading)
    if numeric:
        order = order or _decide(list(numeric.values()), place)
        for number, parts in numeric.items():
            day = parts.read(order)
            readings[number] = day if day is not None and day >= FIRST else None
            if readings[number] is None:
                bad.append(number)
    days = np.array(
        [np.datetime64("NaT") if day is None else day.toordinal() - _UNIX for day in readings], dtype="M8[D]"
    )
    return spread(codes, days.astype("M8[s]"), bad, found)


def iso_dates(series: pd.Series) -> np.ndarray | None:
    """Return a column that is plainly dates (stamps at midnight, or texts like 2024-12-31), else None."""
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        days = _naive(series)
        whole = (days == days.astype("M8[D]")) | np.isnat(days)
        parsed = _stamps(series)
        return parsed.values if whole.all() and not parsed.unusable else None
    codes, found = distinct(series)
    readings = []
    for value in found:
        day = None if is_null(value) else _plain_day(value)
        if day is None and not is_null(value):
            return None
        readings.append(np.datetime64("NaT") if day is None else day.toordinal() - _UNIX)
    return spread(codes, np.array(readings, dtype="M8[D]").astype("M8[s]"), [], found).values


def _plain_day(value: object) -> dt.date | None:
    text = text_of(value)
    if text is None or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip(), re.ASCII):
        return None
    day = _day(*map(int, text.strip().split("-")))
    return day if day is not None and day >= FIRST else None


def _naive(series: pd.Series) -> np.ndarray:
    if series.dt.tz is not None:
        series = series.dt.tz_localize(None)
    return series.to_numpy()


def _stamps(series: pd.Series) -> Parsed:
    stamps = _naive(series)
    days = stamps.astype("M8[D]")
    outside = ~np.isnat(days) & ((days < np.datetime64(FIRST)) | (days > np.datetime64(LAST)))
    unusable = {int(row): str(days[row]) for row in np.flatnonzero(outside)}
    if unusable:
        days = np.where(outside, np.datetime64("NaT"), days)
    return Parsed(days.astype("M8[s]"), unusable)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _read(value: object) -> dt.date | _Numeric | None:
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if value is pd.NaT or isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, dt.date):
        return value.date() if isinstance(value, dt.datetime) else value
    if isinstance(value, int | float | np.number):
        return _serial(float(value))
    return _read_text(value.strip()) if isinstance(value, str) and len(value) < 100 else None


def _serial(number: float) -> dt.date | None:
    """Read an Excel serial or a number like 20241231. A bare 2024 is a year, not a day in 1905."""
    if 1900 <= number <= 2100 and number == int(number):
        return None
    if 1 <= number < _LAST_SERIAL + 1:
        return _EPOCH + dt.timedelta(days=int(number))
    if 19000101 <= number <= 99991231 and number == int(number):
        return _day(int(number) // 10000, int(number) // 100 % 100, int(number) % 100)
    return None


def _read_text(text: str) -> dt.date | _Numeric | None:
    if match := _ISO.fullmatch(text):
        return _day(int(match[1]), int(match[3]), int(match[4]))
    if match := _PARTS.fullmatch(text):
        parts = _Numeric(int(match[1]), int(match[3]), _year(match[4]), text)
        return parts.read("dmy") if match[2] in ". " else parts
    if match := _COMPACT.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if _SERIAL.fullmatch(text):
        return _serial(float(text))
    return _named_month(text)


def _named_month(text: str) -> dt.date | None:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    for pattern, (day, month, year) in ((_DAY_NAME, (1, 2, 3)), (_NAME_DAY, (2, 1, 3)), (_YEAR_NAME, (3, 2, 1))):
        match = pattern.fullmatch(plain)
        if match and match[month] in _MONTHS:
            return _day(_year(match[year]), _MONTHS[match[month]], int(match[day]))
    return None


def _year(digits: str) -> int:
    """Two digits are a year between 1970 and 2069."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def _decide(values: list[_Numeric], place: str) -> DateOrder:
    day_first = [value for value in values if value.read("dmy") and not value.read("mdy")]
    month_first = [value for value in values if value.read("mdy") and not value.read("dmy")]
    if day_first and month_first:
        raise AccountsError(
            f"{place}: {day_first[0].text!r} has the day first, {month_first[0].text!r} the month; "
            "say with --dates dmy or --dates mdy which one holds, the others then count as missing"
        )
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    for value in values:
        one, other = value.read("dmy"), value.read("mdy")
        if one and other and one != other:
            raise AccountsError(
                f"{place}: {value.text!r} can be {_spoken(one)} or {_spoken(other)}, and no value of the column "
                "settles it; say --dates dmy for the first reading or --dates mdy for the second"
            )
    return "dmy"


def _spoken(day: dt.date) -> str:
    return f"{day.day} {_MONTH_NAMES[day.month - 1].split()[1].title()} {day.year}"
