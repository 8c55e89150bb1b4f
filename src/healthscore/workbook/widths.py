"""Widening columns so that every number of a table can be seen: a number in too narrow a column shows as `###`."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace

import numpy as np

from healthscore.workbook.plan import Column, Formula, Sheet, Table

#: Characters beside the number that Excel keeps free, and no column gets wider than this.
_ROOM, _WIDEST = 2.0, 34.0
#: A name longer than this is read in its cell.
_LONGEST = 30
#: How many characters a number takes, by the word for its format; other words fit whatever they are given.
_SHOWN: dict[str, Callable[[float], str]] = {
    "number": lambda number: f"{number:,.2f}",
    "whole": lambda number: f"{number:,.0f}",
    "days": lambda number: f"{number:,.0f}",
    "money": lambda number: f"{number:,.0f}",
    "fraction": lambda number: f"{number:.4f}",
    "percent": lambda number: f"{100 * number:.0f}%",
    "points": lambda number: f"{number:.1f}",
    "score": lambda number: f"{number:.0f}",
    "signed": lambda number: f"{number:+.0f}",
    "signed_points": lambda number: f"{number:+.1f}",
    "signed_percent": lambda number: f"{100 * number:+.0f}%",
}


def fit_numbers(sheet: Sheet, currency: str) -> None:
    """Widen the columns of a sheet's tables to the longest number that they show; texts wrap or are read in the cell."""
    for table in sheet.tables:
        for col, column in enumerate(table.columns, start=table.col):
            width = sheet.widths.get(col)
            needed = _needed(column, currency)
            if width is not None and needed > width.chars:
                sheet.widths[col] = replace(width, chars=needed)


def fit_names(sheet: Sheet, table: Table, styles: Container[str]) -> None:
    """Widen columns of names, of owners or regions, to the longest of them, within reason."""
    for col, column in enumerate(table.columns, start=table.col):
        if column.style in styles and not isinstance(column.values, np.ndarray):
            longest = max((len(value) for value in column.values if isinstance(value, str)), default=0)
            width = sheet.widths[col]
            sheet.widths[col] = replace(width, chars=max(width.chars, min(longest + 3, _LONGEST)))


def fit_heads(sheet: Sheet, table: Table) -> None:
    """Widen columns to the longest word of their heads, which wrap between words but not within one."""
    for col, column in enumerate(table.columns, start=table.col):
        width = sheet.widths[col]
        word = max(map(len, column.header.split()), default=0)
        if word * 1.15 + 1 > width.chars:
            sheet.widths[col] = replace(width, chars=min(word * 1.15 + 1, _WIDEST))


def _needed(column: Column, currency: str) -> float:
    word = column.style.removeprefix("input_")
    shown = _SHOWN.get(word)
    ends = [] if shown is None else _ends(column)
    if shown is None or not ends:
        return 0.0
    sign = f"{currency} " if word == "money" and currency else ""
    return min(_WIDEST, _ROOM + max(len(sign + shown(number)) for number in ends))


def _ends(column: Column) -> list[float]:
    """Return the smallest and the largest number of a column: one of them is the longest."""
    numbers = column.values if isinstance(column.values, np.ndarray) else _numbers(list(column.values))
    known = numbers[np.isfinite(numbers)]
    return [float(known.min()), float(known.max())] if len(known) else []


def _numbers(values: Sequence[object]) -> np.ndarray:
    plain = (value.value if isinstance(value, Formula) else value for value in values)
    return np.array([value for value in plain if isinstance(value, (int, float))], dtype=np.float64)
