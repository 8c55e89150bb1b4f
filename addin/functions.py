"""The functions that people type into a cell.

They have capitals for names because the name is what Excel shows. Every function takes whole ranges, so that one call
answers for ten thousand accounts, and gives a list of rows, which Excel spills.

Type hints are plain on purpose: each xlwings host turns a hint into a converter, and none agrees with the others on
`Optional` or `Literal`.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import xlwings as xw

from healthscore.addin.answer import Answer, answer
from healthscore.addin.sheet_cells import Cells, rows_of
from healthscore.errors import HealthscoreError

CATEGORY = "Health score"
#: What an argument is when it was left out. A list, because that is what the arguments are.
LEFT_OUT: Cells = []
#: How many drivers stand beside each account when there are many accounts.
DRIVERS = 3
_TEXT_LIMIT = 250
#: What a message of the importer says of the command line's options, which a cell has not.
_OPTION = re.compile(r"; [^;\n]*--[a-z][^;\n]*(; or [^;\n]*)?")

_Function = TypeVar("_Function", bound=Callable[..., Any])

_VALUES = "One account's values in a row, or many accounts in rows below each other"
_METRICS = "The headers of the values, in any order; left out: the model's columns in the model's order"
_SEGMENT = "The accounts' segment: one text, or a column of texts"
_MODEL = "HealthModel (the model in this workbook), or a built-in model's name; left out: the default model"
_AS_OF = "The day the scores speak of; left out: the workbook's as-of date with HealthModel, else today"


def _in_a_cell(function: _Function) -> _Function:
    """Turn whatever goes wrong into a short text in the cell; nobody can read a traceback there."""

    @functools.wraps(function)
    def guarded(*cells: Any, **named: Any) -> Any:
        try:
            return function(*map(rows_of, cells), **{name: rows_of(given) for name, given in named.items()})
        except HealthscoreError as error:
            told = _OPTION.sub("; give what cannot be mistaken", str(error)).splitlines()
            more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
            text = f"{function.__name__}: {told[0]}"
            return [[text[: _TEXT_LIMIT - len(more)] + more]]
        except Exception as error:
            logging.getLogger(__name__).exception("%s failed", function.__name__)
            return [[f"{function.__name__}: cannot use these cells ({type(error).__name__})"]]

    return guarded  # type: ignore[return-value]


#: How cells come and go. xlwings' server side looks for Pyodide once per cell when it converts them, which takes 4
#: seconds for 10,000 accounts, so there they come as posted and `rows_of` makes rows of them. Desktop Excel's raw cells
#: are COM's own and need xlwings.
_CONVERSION: dict[str, Any] = {"convert": "raw"} if xw.on_server else {"ndim": 2}


def _arguments(function: _Function) -> _Function:
    """Tell Excel what each argument is."""
    for name, doc in (
        ("as_of", _AS_OF),
        ("model", _MODEL),
        ("segment", _SEGMENT),
        ("metrics", _METRICS),
        ("values", _VALUES),
    ):
        function = xw.arg(name, doc=doc, **_CONVERSION)(function)
    return xw.ret(**_CONVERSION)(function)


@xw.func(category=CATEGORY)
@_arguments
@_in_a_cell
def HEALTHSCORE(
    values: Cells,
    metrics: Cells = LEFT_OUT,
    segment: Cells = LEFT_OUT,
    model: Cells = LEFT_OUT,
    as_of: Cells = LEFT_OUT,
) -> Cells:
    """The health score of each account, 0 to 100; empty where too little is known."""
    given = answer(values, metrics, segment, model, as_of)
    return _column(given, given.table["calculated"])


@xw.func(category=CATEGORY)
@_arguments
@_in_a_cell
def HEALTHBAND(
    values: Cells,
    metrics: Cells = LEFT_OUT,
    segment: Cells = LEFT_OUT,
    model: Cells = LEFT_OUT,
    as_of: Cells = LEFT_OUT,
) -> Cells:
    """The band that each account's score falls into, such as Red or Green; Unscored where too little is known."""
    given = answer(values, metrics, segment, model, as_of)
    return _column(given, given.table["band"])


@xw.func(category=CATEGORY)
@_arguments
@_in_a_cell
def HEALTHGRADE(
    values: Cells,
    metrics: Cells = LEFT_OUT,
    segment: Cells = LEFT_OUT,
    model: Cells = LEFT_OUT,
    as_of: Cells = LEFT_OUT,
) -> Cells:
    """The letter that each account's score falls into; empty where too little is known."""
    given = answer(values, metrics, segment, model, as_of)
    return _column(given, given.table["grade"])


@xw.func(category=CATEGORY)
@_arguments
@_in_a_cell
def HEALTHCOVERAGE(
    values: Cells,
    metrics: Cells = LEFT_OUT,
    segment: Cells = LEFT_OUT,
    model: Cells = LEFT_OUT,
    as_of: Cells = LEFT_OUT,
) -> Cells:
    """How much of the score's weight has data for each account, from 0 to 1."""
    given = answer(values, metrics, segment, model, as_of)
    return _column(given, given.table["coverage"])


@xw.func(category=CATEGORY)
@_arguments
@_in_a_cell
def HEALTHDRIVERS(
    values: Cells,
    metrics: Cells = LEFT_OUT,
    segment: Cells = LEFT_OUT,
    model: Cells = LEFT_OUT,
    as_of: Cells = LEFT_OUT,
) -> Cells:
    """What costs points: for one account a row per metric with its points lost; for many the three biggest in a row."""
    given = answer(values, metrics, segment, model, as_of)
    names, lost = [str(name) for name in given.lost.columns], given.lost.to_numpy()
    # Compared at the ninth decimal, as the workbook ranks drags; ties stay in the model's order.
    order = np.argsort(-np.round(lost, 9), axis=1, kind="stable")
    ranked = [
        [(names[place], float(row[place])) for place in places if round(float(row[place]), 9) > 0]
        for row, places in zip(lost, order, strict=True)
    ]
    if len(given.blank) == 1:
        return [list(pair) for pair in ranked[0]] if ranked and ranked[0] else [["", ""]]
    width = min(DRIVERS, len(names))
    rows = iter(ranked)
    return [_driver_row([] if blank else next(rows), width) for blank in given.blank]


def _driver_row(pairs: list[tuple[str, float]], width: int) -> list[Any]:
    cells = [cell for pair in pairs[:width] for cell in pair]
    return cells + [""] * (2 * width - len(cells))


@xw.func(category=CATEGORY)
@_arguments
@_in_a_cell
def HEALTHACTION(
    values: Cells,
    metrics: Cells = LEFT_OUT,
    segment: Cells = LEFT_OUT,
    model: Cells = LEFT_OUT,
    as_of: Cells = LEFT_OUT,
) -> Cells:
    """What to do next for each account, as the model says."""
    given = answer(values, metrics, segment, model, as_of)
    return _column(given, given.table["next_action"])


def _column(given: Answer, found: pd.Series) -> Cells:
    """Return one cell per row of the call: empty for blank rows and for what is missing."""
    if found.dtype == object or isinstance(found.dtype, pd.CategoricalDtype):
        cells = found.astype(object).where(found.notna(), "").tolist()
    else:
        cells = ["" if cell != cell else cell for cell in found.tolist()]  # noqa: PLR0124 (NaN)
    if given.blank.any():
        rest = iter(cells)
        cells = ["" if blank else next(rest) for blank in given.blank]
    return [[cell] for cell in cells]


__all__ = [
    "HEALTHACTION",
    "HEALTHBAND",
    "HEALTHCOVERAGE",
    "HEALTHDRIVERS",
    "HEALTHGRADE",
    "HEALTHSCORE",
]
