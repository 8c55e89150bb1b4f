"""Which model a function call means: the cells of a `Model` sheet, a built-in model's name, or none for the default."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from healthscore.addin.sheet_cells import Cells, columns_of, day_of, error_in, flat
from healthscore.errors import ModelError
from healthscore.model import DEFAULT_MODEL, ScoreModel, load_model, preset_names
from healthscore.names import key
from healthscore.workbook.model_grid import model_from_rows

#: The label beside which the `Model` sheet carries the workbook's as-of date, so that `HealthModel` brings it along.
AS_OF_LABEL = "As-of date"


@dataclass(frozen=True)
class Chosen:
    """A model, the as-of date that came with it, and whether it is the one that formulas beside the cells use."""

    model: ScoreModel
    as_of: dt.date | None
    beside_formulas: bool


def chosen_model(cells: Cells) -> Chosen:
    """Return the model that an argument means.

    Raises:
        ModelError: there is no model of that name, or the cells are no `Model` sheet; or the model has faults.
    """
    broken = error_in(cells)
    if broken:
        raise ModelError(
            f"the model is {broken}; give HealthModel (in a workbook that has it), or a built-in model's name"
        )
    filled = [cell for cell in flat(cells) if cell is not None]
    if not filled:
        return Chosen(_preset(DEFAULT_MODEL), None, beside_formulas=False)
    if len(cells) == 1 and len(filled) == 1:
        return Chosen(_preset(str(filled[0])), None, beside_formulas=False)
    rows = tuple(zip(*map(tuple, columns_of(cells)), strict=True))
    for number, row in enumerate(cells, start=1):
        if any(type(cell) is dict and error_in([[cell]]) for cell in row):
            raise ModelError(f"the Model sheet has an error in row {number}; mend that cell")
    if not any(row[0] == "Metrics" for row in rows):
        raise ModelError("the model is neither the range HealthModel nor a model's name; give one of them")
    return Chosen(_from_sheet(rows), _as_of(rows), beside_formulas=True)


@lru_cache(maxsize=16)
def _preset(name: str) -> ScoreModel:
    known = {key(preset): preset for preset in preset_names()}
    if key(name) not in known:
        raise ModelError(f"there is no model {name!r}; give HealthModel, or one of {', '.join(known.values())}")
    return load_model(known[key(name)])


@lru_cache(maxsize=16)
def _from_sheet(rows: tuple[tuple[Any, ...], ...]) -> ScoreModel:
    return model_from_rows(rows)


def _as_of(rows: tuple[tuple[Any, ...], ...]) -> dt.date | None:
    """Return the day beside its label, in the first rows of the sheet."""
    for row in rows[:3]:
        for label, cell in pairwise(row):
            if label == AS_OF_LABEL:
                return day_of([[cell]])
    return None
