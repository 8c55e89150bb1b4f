"""A year and a half of weeks: the history keeps 53 days, and a workbook that holds them gives them back."""

from __future__ import annotations

import calendar
import datetime as dt
from pathlib import Path

from healthscore.accounts import accounts_from_frame
from healthscore.check import check
from healthscore.history import SNAPSHOTS, History, Past
from healthscore.scoring import score_frame
from healthscore.workbook import plan_book
from healthscore.workbook.reading.workbook import read_workbook
from healthscore.workbook.writing.workbook import write_book
from refresh.conftest import FIRST, again, export, small_model

BEGIN = dt.date(2025, 1, 6)
WEEKS = [BEGIN + dt.timedelta(weeks=week) for week in range(78)]
NAMES = {name: row[0] for name, row in FIRST.items()}


def grown() -> History:
    """Every week each account gets a score, but C4, which has none in every second week."""
    history = History()
    for number, day in enumerate(WEEKS):
        scores = {name: float((number + place) % 101) for place, name in enumerate(NAMES)}
        if number % 2:
            del scores["C4"]
        history = history.with_day(day, NAMES, scores)
    return history


def test_fifty_three_days_and_the_oldest_are_month_ends() -> None:
    """The last days are there week by week; before them one day a month, the last; scores of other days are gone."""
    history = grown()
    assert (len(history.days), SNAPSHOTS) == (53, 53)
    months = [(day.year, day.month) for day in history.days]
    alone = [day for day in history.days if months.count((day.year, day.month)) == 1]
    # A month's last Monday lies within its last week.
    assert len(alone) >= 5
    assert all(calendar.monthrange(day.year, day.month)[1] - day.day < 7 for day in alone[:-1])
    assert list(history.days) == sorted(history.days)
    assert list(history.days[len(alone) :]) == WEEKS[-(53 - len(alone)) :]
    assert {day for line in history.scores.values() for day in line} == set(history.days)


def test_a_workbook_keeps_them_and_a_refresh_adds_one(tmp_path: Path) -> None:
    """Written, read back: the same days and scores. One more week: still 53, the newest in, every score trusted."""
    model, history, today = small_model(), grown(), WEEKS[-1] + dt.timedelta(weeks=1)
    accounts = accounts_from_frame(export(FIRST), model)
    scores = score_frame(accounts.frame, model, today, accounts.bound)
    book = write_book(plan_book(accounts, scores, past=Past(history, imported=accounts)), tmp_path / "health.xlsx")
    assert read_workbook(book).history == history
    again(book, FIRST, today + dt.timedelta(weeks=1))
    after = read_workbook(book).history
    assert (len(after.days), after.days[-1]) == (53, today)
    assert set(after.days) < {*history.days, today}
    assert check(book).trusted
