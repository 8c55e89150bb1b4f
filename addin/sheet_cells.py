"""Cells as a spreadsheet holds them, as columns: numbers, texts and dates as the workbook's formulas take them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from healthscore.accounts.texts import text_of
from healthscore.errors import AccountsError
from healthscore.model.vocabulary import InputType

#: Errors as texts, in which some hosts send them.
_ERRORS = frozenset({"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#CALC!", "#SPILL!", "#BUSY!"})

Cells = list[list[Any]]
Column = npt.NDArray[np.float64] | npt.NDArray[np.object_]

_PLAIN = frozenset({float, int, type(None)})
_USUAL = _PLAIN | {str, bool}
_FIRST, _DAY_ZERO = dt.date(1900, 3, 1), dt.datetime(1899, 12, 30)
_LAST_SERIAL = 2_958_465


def rows_of(argument: Any) -> Cells:
    """Return an argument of a function as rows of cells; a host sends one cell as a value and one row as a list."""
    if not isinstance(argument, list | tuple):
        return [[argument]]
    if argument and not isinstance(argument[0], list | tuple):
        return [list(argument)]
    return list(argument)


def columns_of(cells: Cells) -> list[Sequence[Any]]:
    """Return rows of cells as columns, None for what is blank or an error.

    Raises:
        AccountsError: the rows differ in length.
    """
    if len(set(map(len, cells))) > 1:
        raise AccountsError("the rows have different lengths; give a rectangle of cells")
    return [_cleaned(column) for column in zip(*cells, strict=True)]


def flat(cells: Cells) -> list[Any]:
    """Return all cells one after the other, None for what is blank or an error."""
    columns = columns_of(cells)
    return list(columns[0]) if len(columns) == 1 else [cell for row in zip(*columns, strict=True) for cell in row]


def _cleaned(cells: Sequence[Any]) -> Sequence[Any]:
    """Look at the types first: a column of numbers, which most are, needs no look at its cells."""
    kinds = set(map(type, cells))
    if kinds <= _PLAIN:
        return cells
    if kinds <= _USUAL:
        return [None if cell == "" else cell for cell in cells] if "" in cells else cells
    return [_plain(cell) for cell in cells]


def _plain(cell: Any) -> Any:
    """Return what a cell holds: nothing for blanks, errors and JavaScript's null, a data type's basic value."""
    if isinstance(cell, dict):
        return None if cell.get("type") == "Error" else _plain(cell.get("basicValue"))
    return None if type(cell).__name__ == "JsNull" or cell == "" else cell


def error_in(cells: Cells) -> str:
    """Return the error, such as #REF!, that an argument of one cell is; nothing where it is none."""
    cell: Any = cells[0][0] if len(cells) == 1 and len(cells[0]) == 1 else None
    if isinstance(cell, dict) and cell.get("type") == "Error":
        return str(cell.get("basicValue") or "an error")
    return cell if isinstance(cell, str) and cell in _ERRORS else ""


def blank_rows(columns: Sequence[Sequence[Any]], count: int) -> npt.NDArray[np.bool_]:
    """Return which rows hold nothing at all."""
    blank = np.ones(count, dtype=bool)
    if any(None not in column for column in columns):
        return ~blank
    for column in columns:
        blank &= np.array([cell is None for cell in column])
        if not blank.any():
            break
    return blank


def as_frame_column(cells: Sequence[Any]) -> Column:
    """Return cells as a column of an export: floats where all are numbers or blank, else as they stand."""
    if _PLAIN.issuperset(map(type, cells)):
        return np.array(cells, dtype=np.float64)
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


def sheet_column(cells: Sequence[Any], kind: InputType) -> Column:
    """Return cells as the formulas take them: a text is no number, TRUE is no number, only Yes and No are answers."""
    if kind == "category":
        column = np.empty(len(cells), dtype=object)
        column[:] = [text_of(cell) for cell in cells]
        return column
    if kind == "yes_no":
        return np.array([_ANSWERS.get(cell.lower(), np.nan) if isinstance(cell, str) else np.nan for cell in cells])
    if _PLAIN.issuperset(map(type, cells)):
        return np.array(cells, dtype=np.float64)
    return np.array([_number(cell) for cell in cells], dtype=np.float64)


_ANSWERS = {"yes": 1.0, "no": 0.0}


def _number(cell: object) -> float:
    if isinstance(cell, dt.datetime | dt.date):
        return serial_of(cell)
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return np.nan
    return float(cell)


def serial_of(moment: dt.date) -> float:
    """Return a date or moment as Excel counts it, the time of day as a part."""
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime(moment.year, moment.month, moment.day)
    return (moment.replace(tzinfo=None) - _DAY_ZERO) / dt.timedelta(days=1)


def day_of(cells: Cells | Any) -> dt.date | None:
    """Return the day in a cell (a date, Excel's number for one, or an ISO text); None for a blank one.

    Raises:
        AccountsError: it is none of these.
    """
    cell = cells
    while isinstance(cell, list):
        cell = cell[0] if cell else None
    if wrong := error_in([[cell]]):
        raise AccountsError(f"the as-of date is {wrong}; give a date, or a text such as 2026-06-30")
    if cell is None or cell == "":
        return None
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 61 <= cell <= _LAST_SERIAL:
        return (_DAY_ZERO + dt.timedelta(days=int(cell))).date()
    try:
        day = dt.date.fromisoformat(str(cell).strip())
    except ValueError:
        day = dt.date.min
    if day < _FIRST:
        raise AccountsError(f"{cell!r} is no day; give a date, or a text such as 2026-06-30")
    return day
