"""What reading an export gives: the accounts as one frame, and everything that was noticed on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthscore.findings import Finding


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An id that more than one row carries, with the export's numbers of those rows."""

    id: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Accounts:
    """The accounts of one export, every value in the type its column has.

    `frame` has a RangeIndex and these columns: the eight roles (`healthscore.model.vocabulary.ROLES`, always all, in that
    order), the model's input columns under the model's names (those not in `bound`), then `extras` under their own
    headers. Texts are object columns of str or None, numbers and yes/no are float64, dates datetime64[s] at midnight.

    `bound` says which role's column holds a model column that has none of its own. `unusable` gives, per frame column
    and row index, the text of a value that could not be read and is missing in the frame. `rows` holds the row number
    in the export for each frame row, counted as a person counts there.
    """

    frame: pd.DataFrame
    bound: dict[str, str]
    missing_inputs: tuple[str, ...]
    extras: tuple[str, ...]
    unusable: dict[str, dict[int, str]]
    rows: np.ndarray
    findings: tuple[Finding, ...]
    duplicates: tuple[Duplicate, ...]
    source: str
    segment_columns: tuple[str, ...]
