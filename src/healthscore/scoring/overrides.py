"""Overrides: a score set by a person, which counts only with reason, author and end date (DESIGN §2.6)."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from healthscore.scoring.conditions import Bools
from healthscore.scoring.points import Floats
from healthscore.scoring.values import AccountColumns, serial

#: What people put in beside the export, and the score of the snapshot before.
PEOPLE_COLUMNS = ("override_score", "override_reason", "override_by", "override_until", "previous_score", "note")


def override_active(frame: pd.DataFrame, as_of: dt.date) -> Bools:
    """Return where a person's score counts: 0–100, with reason, author and an end not before the as-of date."""
    given = people_numbers(frame, "override_score")
    until = people_numbers(frame, "override_until")
    active = (given >= 0) & (given <= 100) & (np.floor(until) >= serial(as_of))
    for name in ("override_reason", "override_by"):
        if not active.any():
            return active
        texts = frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=object)
        active &= (texts.notna() & texts.astype(str).str.strip(" ").ne("")).to_numpy(dtype=bool)
    return active


def people_numbers(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column that people fill in as numbers; NaN throughout where the frame has none."""
    return AccountColumns(frame, {}).numbers(name)
