"""From the cells of a function call to scores.

Cells are read in one of two ways, by where the model comes from. With the workbook's own model they stand beside
formulas, so they count exactly as those formulas take them. With a built-in model they are an export, so they are read
as `healthscore.score` reads one: `$1,200` is a number, and `blank = 0` fills what is empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from healthscore.accounts.columns import match_columns
from healthscore.accounts.read import accounts_from_frame
from healthscore.accounts.segments import segment_column, segment_headers
from healthscore.accounts.texts import clean_name
from healthscore.addin.models import chosen_model
from healthscore.addin.sheet_cells import (
    Cells,
    as_frame_column,
    blank_rows,
    columns_of,
    day_of,
    error_in,
    flat,
    sheet_column,
)
from healthscore.errors import AccountsError
from healthscore.model import ScoreModel
from healthscore.model.vocabulary import EVERYONE
from healthscore.names import unique
from healthscore.scoring import PEOPLE_COLUMNS, score_frame


@dataclass(frozen=True)
class Answer:
    """The scores of a call. `blank` says which of its rows hold nothing; the frames have a row for each other one."""

    blank: npt.NDArray[np.bool_]
    table: pd.DataFrame
    lost: pd.DataFrame


def answer(values: Cells, metrics: Cells, segment: Cells, model: Cells, as_of: Cells) -> Answer:
    """Score the accounts in `values`.

    Args:
        values: rows of cells, one account each.
        metrics: their headers; left out (empty), the values are the model's input columns in the model's order.
        segment: one segment for all, or one per row; left out, found among the headers as an import finds it.
        model: the cells of a `Model` sheet, or one cell with a built-in model's name; left out, the default model.
        as_of: one cell with a day.

    Raises:
        HealthscoreError: what cannot be used, in one line.
    """
    chosen = chosen_model(model)
    columns = _named_columns(values, metrics, chosen.model)
    count = len(next(iter(columns.values())))
    blank = blank_rows(list(columns.values()), count)
    segments = _segments(segment, count)
    if blank.all():
        return Answer(blank, _no_rows(), pd.DataFrame())
    if blank.any():
        columns = {name: list(compress(cells, ~blank)) for name, cells in columns.items()}
        segments = segments if segments is None else segments[~blank]
    day = day_of(as_of) or chosen.as_of or _today()
    frame, bound = (_beside_formulas if chosen.beside_formulas else _as_export)(columns, chosen.model, segments)
    scores = score_frame(frame, chosen.model, day, bound)
    return Answer(blank, scores.table, scores.lost)


def _no_rows() -> pd.DataFrame:
    return pd.DataFrame(columns=["calculated", "band", "grade", "coverage", "next_action"])


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()


def _named_columns(values: Cells, metrics: Cells, model: ScoreModel) -> dict[str, Sequence[Any]]:
    """Return the values by header, one sequence of cells for each."""
    if broken := error_in(metrics):
        raise AccountsError(f"the headers are {broken}; give the row of headers above the values")
    columns, given = columns_of(values), flat(metrics)
    if not columns or (len(columns) == 1 and columns[0] == (None,) and not given):
        raise AccountsError("there are no values; give the account's cells")
    width = len(columns)
    if all(cell is None for cell in given):
        names = list(model.input_columns())
        if len(names) != width:
            raise AccountsError(
                f"{width} values without headers, but the model {model.name!r} reads {len(names)} columns; "
                "give the headers"
            )
        return dict(zip(names, columns, strict=True))
    if len(given) != width:
        if width == 1 and len(given) == len(values):  # one account written downwards
            columns = [(cell,) for cell in columns[0]]
        else:
            raise AccountsError(
                f"{len(given)} headers for {width} columns of values; give as many as there are columns"
            )
    return dict(zip(_unique_headers(given), columns, strict=True))


def _unique_headers(cells: Sequence[object]) -> list[str]:
    names = [clean_name(cell) for cell in cells]
    return unique([name or f"Column {number}" for number, name in enumerate(names, start=1)])


def _segments(segment: Cells, count: int) -> npt.NDArray[np.object_] | None:
    """Return the segment of every row as it was given; None when it was left out."""
    if broken := error_in(segment):
        raise AccountsError(f"the segment is {broken}; give one text for all, or one for each account")
    given = flat(segment)
    if not given or (len(given) == 1 and given[0] is None):
        return None
    if len(given) not in (1, count):
        raise AccountsError(f"{len(given)} segments for {count} accounts; give one for all, or one for each")
    column = np.empty(count, dtype=object)
    column[:] = given * count if len(given) == 1 else given
    return column


# --- the two ways of reading ---------------------------------------------------------------------------------------


def _as_export(
    columns: dict[str, Sequence[Any]], model: ScoreModel, segments: npt.NDArray[np.object_] | None
) -> tuple[pd.DataFrame, dict[str, str]]:
    frame = pd.DataFrame({name: as_frame_column(cells) for name, cells in columns.items()})
    accounts = accounts_from_frame(frame, model, source="these cells")
    frame = accounts.frame
    if segments is not None:
        frame = frame.assign(segment=_spelled(model, segments))
    return frame.drop(columns=[name for name in PEOPLE_COLUMNS if name in frame]), accounts.bound


def _beside_formulas(
    columns: dict[str, Sequence[Any]], model: ScoreModel, segments: npt.NDArray[np.object_] | None
) -> tuple[pd.DataFrame, dict[str, str]]:
    headers = list(columns)
    match = match_columns(model, headers)
    data: dict[str, Any] = {
        name: sheet_column(columns[match.inputs[name]], kind)
        for name, kind in model.input_columns().items()
        if name in match.inputs
    }
    count = len(next(iter(columns.values())))
    if segments is None:
        found = segment_headers(model, headers, match, None, "these cells")
        parts = [pd.Series(list(columns[header]), dtype=object) for header in found]
        named = segment_column(model, parts, found, "these cells") if found else np.full(count, EVERYONE, dtype=object)
    else:
        named = _spelled(model, segments)
    for name, role in match.bound.items():
        if role == "segment" and name not in data:
            data[name] = named
    return pd.DataFrame({**data, "segment": named}), {}


def _spelled(model: ScoreModel, segments: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return segments in the model's spelling, blank ones as unsegmented."""
    codes, found = pd.factorize(segments, use_na_sentinel=False)
    spelled = segment_column(model, [pd.Series(found, dtype=object)], ["segment"], "these cells")
    result: npt.NDArray[np.object_] = spelled[codes]
    return result
