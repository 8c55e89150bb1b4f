"""Accounts for the benchmarks: a book of business of any size, the same one for the same size every time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from healthscore.model import ScoreModel, load_model

AS_OF = dt.date(2026, 6, 30)
#: The first three are those of the model; the others take its general settings.
SEGMENTS = ("Small", "Medium", "Enterprise", "Public", "Education", "Partner", "Startup", "Non-profit")
#: Part of the values of every optional column that is blank.
_GAPS = 0.05
_OWNERS = ("Marcus Bell", "Jonas Lindqvist", "Aiko Tanaka", "Priya Nair", "Tom Okafor", "Lucía Romero")


def model() -> ScoreModel:
    """Return the benchmarks' model of ten metrics."""
    return load_model(Path(__file__).with_name("model.toml"))


def accounts(count: int, segments: int) -> pd.DataFrame:
    """Return an export of `count` accounts in `segments` segments, numbers and dates typed, with gaps."""
    random = np.random.default_rng(count * 100 + segments)
    number = np.arange(1, count + 1)
    seats = random.integers(5, 2000, count).astype(float)
    hours = random.lognormal(5, 1.2, count).round(1)
    frame = pd.DataFrame(
        {
            "Account ID": pd.Series([f"C-{one:07}" for one in number], dtype=object),
            "Account": pd.Series([f"Customer {one} & Partners" for one in number], dtype=object),
            "Owner": _pick(random, _OWNERS, count),
            "Company size": _pick(random, SEGMENTS[:segments], count),
            "Stage": _pick(random, ("Onboarding", "Deployed", "Mature"), count),
            "Region": _pick(random, ("Europe", "North America", "Asia"), count),
            "ARR": random.lognormal(9, 1, count).round(),
            "Renewal date": _days(random, -700, 30, count),
            "Seats": seats,
            "Active users": (seats * random.random(count)).round(),
            "Usage hours 90d": hours,
            "Usage hours prior 90d": (hours * random.uniform(0.6, 1.6, count)).round(1),
            "Last login": _days(random, 0, 45, count),
            "Sponsor named": _pick(random, ("Yes", "No"), count),
            "CSM rating": random.integers(1, 6, count).astype(float),
            "Rated on": _days(random, 0, 120, count),
            "Tickets 90d": random.poisson(5, count).astype(float),
            "NPS": random.integers(0, 11, count).astype(float),
            "Invoice status": _pick(random, ("Paid", "Paid", "Paid", "Due", "In dispute", "Overdue"), count),
        }
    )
    for name in frame.columns[8:]:
        frame.loc[random.random(count) < _GAPS, name] = None
    return frame


def _pick(random: np.random.Generator, words: tuple[str, ...], count: int) -> pd.Series:
    return pd.Series(np.array(words, dtype=object)[random.integers(0, len(words), count)], dtype=object)


def _days(random: np.random.Generator, fewest: int, most: int, count: int) -> pd.Series:
    """Return days that lie `fewest` to `most` days before the as-of date."""
    ago = random.integers(fewest, most, count).astype("timedelta64[D]")
    return pd.Series((np.datetime64(AS_OF) - ago).astype("datetime64[s]"))


def write_csv(path: Path, count: int, segments: int) -> None:
    """Write the accounts as the CSV file that a customer system would export."""
    accounts(count, segments).to_csv(path, index=False, date_format="%Y-%m-%d")
