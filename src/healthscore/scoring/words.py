"""Words per account, kept as codes: a million accounts share a handful of bands, metrics and actions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.intp]


def words(codes: Codes, words: Sequence[str], otherwise: str) -> pd.Categorical[str]:
    """Return a word per code as a categorical, `otherwise` for −1; equal words share a category."""
    choices = list(dict.fromkeys([*words, otherwise]))
    place = np.array([choices.index(word) for word in [*words, otherwise]], dtype=np.int64)
    return pd.Categorical.from_codes(place[codes], pd.Index(choices))


def counted(codes: Codes) -> npt.NDArray[np.float64]:
    """Return codes as people count, from 1; NaN for −1."""
    return np.where(codes < 0, np.nan, codes + 1.0)
