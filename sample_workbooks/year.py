"""The sample with a year behind it: a workbook that people filled in and refreshed, month by month, then week by week.

The exports are drawn from the journey's sample accounts with a fixed seed: usage drifts, tickets come and go, some
accounts leave and some return. Between two exports somebody rates accounts, writes notes and overrides a score.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import openpyxl
import pandas as pd

from healthscore import Accounts, ScoreModel, build, load_model
from healthscore.accounts import accounts_from_frame
from healthscore.refresh import refresh
from healthscore.workbook.reading.workbook import read_workbook

HERE = Path(__file__).parent
FOLDER = HERE / "a_year"
#: The last days of eleven months, then every Monday of the last one.
DAYS = [
    *(dt.date(2025 + (month > 12), (month - 1) % 12 + 1, 1) - dt.timedelta(days=1) for month in range(8, 19)),
    *(dt.date(2026, 6, day) for day in (8, 15, 22)),
    dt.date(2026, 6, 30),
]
_DATES = ("Renewal date", "Last login", "Last executive contact", "Rated on")


def exports() -> list[tuple[dt.date, pd.DataFrame]]:
    """Return one export for each day, ending with the journey's sample, less two accounts."""
    last = pd.read_csv(HERE / "journey" / "accounts.csv", dtype=str)
    dice = random.Random(11)
    found, frame = [(DAYS[-1], last.iloc[:-2])], last
    for day, following in reversed(list(pairwise(DAYS))):
        frame = _before(frame, (following - day).days, dice)
        gone = set(dice.sample(range(len(frame)), 2))
        found.append((day, frame.loc[[row not in gone for row in range(len(frame))]]))
    return found[::-1]


def _before(frame: pd.DataFrame, days: int, dice: random.Random) -> pd.DataFrame:
    """Return an export as it may have been some days earlier."""
    earlier = frame.copy()
    for header, most in (("Active users", 0.15), ("Usage hours 90d", 0.2), ("Tickets 90d", 0.4)):
        earlier[header] = [_drifted(value, 1 + dice.uniform(-most, most)) for value in frame[header]]
    for header in ("Last login", "Last executive contact"):
        earlier[header] = [_shifted(value, days) for value in frame[header]]
    return earlier


def _drifted(value: object, factor: float) -> object:
    try:
        return str(max(0, round(float(str(value)) * factor)))
    except ValueError:
        return value


def _shifted(value: object, days: int) -> object:
    try:
        return (dt.date.fromisoformat(str(value)) - dt.timedelta(days=days)).isoformat()
    except ValueError:
        return value


def fill_in(book: Path, day: dt.date, dice: random.Random) -> None:
    """Do what people do between two exports: a note, and now and then an override."""
    contents = read_workbook(book)
    place = dice.choice(contents.segments)
    loaded = openpyxl.load_workbook(book)
    sheet = loaded[place.sheet]

    def put(account: str, part: str, value: object) -> None:
        sheet.cell(place.rows[account] + 1, place.columns[part] + 1).value = value

    account = dice.choice(sorted(place.rows))
    put(
        account,
        "note",
        f"Spoke on {day.isoformat()}: {dice.choice(['all well', 'wants a training', 'budget under review'])}",
    )
    if dice.random() < 0.3:
        account = dice.choice(sorted(place.rows))
        values = {"score": dice.choice([35, 55, 85]), "reason": "Known from a call", "by": "Marcus Bell"}
        for part, value in values.items():
            put(account, f"override:{part}", value)
        put(account, "override:until", day + dt.timedelta(days=45))
    loaded.save(book)


def make(target: Path) -> None:
    """Build the first workbook, then fill in and refresh it to the last day."""
    model, dice = load_model("journey"), random.Random(3)
    rounds = exports()
    with tempfile.TemporaryDirectory() as scratch:
        book = Path(scratch) / "health scores.xlsx"
        build(_accounts(rounds[0][1], model), model, book, rounds[0][0])
        for before, (day, frame) in zip([day for day, _ in rounds], rounds[1:], strict=False):
            fill_in(book, before, dice)
            step = Path(scratch) / "next.xlsx"
            refresh(book, lambda read, frame=frame: _accounts(frame, read), as_of=day, out=step, force=True)
            step.replace(book)
        shutil.copyfile(book, target)


def _accounts(frame: pd.DataFrame, model: ScoreModel) -> Accounts:
    return accounts_from_frame(frame.astype(object).where(frame.notna(), None), model, source="accounts.csv")
