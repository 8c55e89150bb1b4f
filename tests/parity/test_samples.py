"""Workbooks from sample data: what Python computed is what a spreadsheet engine computes, cell by cell."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from healthscore import load_model, read_accounts, score
from healthscore.model import preset_names
from healthscore.pipeline import template
from healthscore.workbook import plan_book
from parity.books import AS_OF, ROOT, SHARED_DATA, book_of
from parity.compare import assert_parity
from parity.engines import CELLRUNE, EVERY_ENGINE


def demo_book():
    """Plan the workbook that `healthscore demo` makes."""
    model = load_model("journey")
    accounts = read_accounts(ROOT / "templates" / "demo" / "accounts.csv", model)
    return plan_book(accounts, score(accounts, model, AS_OF))


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_demo_workbook(engine, tmp_path):
    """Every formula of the demo workbook gives in the engine what Python wrote beside it."""
    assert assert_parity(demo_book(), tmp_path, engine) > 4000


def test_ravenstack_workbook(tmp_path):
    """The workbook of the real RavenStack export (500 accounts) agrees in every formula cell."""
    file = SHARED_DATA / "ravenstack" / "account_metrics.csv"
    if not file.is_file():
        pytest.skip(f"{file} is not on this machine")
    model = load_model(ROOT / "sample_workbooks" / "models" / "ravenstack.toml")
    accounts = read_accounts(file, model, dates="dmy")
    book = plan_book(accounts, score(accounts, model, dt.date(2024, 12, 31)))
    assert assert_parity(book, tmp_path, CELLRUNE) > 20_000


def ravenstack_like(count: int) -> pd.DataFrame:
    """Make accounts of RavenStack's columns and gaps: heavy tails, many zeros, a third without a ticket."""
    chance = np.random.default_rng(20241231)

    def gaps(values, part):
        return np.where(chance.random(count) < part, np.nan, values)

    def days_ago(most):
        return pd.Timestamp("2024-12-31") - pd.to_timedelta(chance.integers(-3, most, count), unit="D")

    hours = np.round(chance.lognormal(2.0, 1.2, count), 2) * (chance.random(count) > 0.08)
    return pd.DataFrame(
        {
            "account_id": [f"A-{number:06x}" for number in range(count)],
            "account_name": [f"Company_{number}" for number in range(count)],
            "country": chance.choice(["US", "IN", "DE"], count),
            "size": chance.choice(["Small", "Medium", "Enterprise", None], count, p=[0.6, 0.3, 0.07, 0.03]),
            "signup_date": days_ago(900),
            "arr": chance.integers(100, 200_000, count),
            "auto_renew_share": gaps(np.round(chance.random(count), 2), 0.05),
            "usage_hours_90d": hours,
            "usage_hours_prior_90d": np.where(
                chance.random(count) < 0.1, 0, np.round(hours * chance.random(count) * 2, 2)
            ),
            "features_used_90d": gaps(chance.integers(0, 10, count), 0.05),
            "errors_90d": gaps(chance.poisson(3, count), 0.05),
            "last_used": days_ago(120),
            "tickets_180d": gaps(chance.poisson(1.5, count), 0.33),
            "csat": gaps(chance.integers(2, 6, count), 0.5),
            "first_response_min": gaps(chance.integers(1, 400, count), 0.33),
            "escalations_180d": gaps(chance.poisson(0.2, count), 0.33),
            "churn_flag": chance.random(count) < 0.2,
        }
    )


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_workbook_of_ravenstack_like_accounts(engine, tmp_path):
    """A made book of business with RavenStack's columns agrees in every formula cell, on any machine."""
    model = load_model(ROOT / "sample_workbooks" / "models" / "ravenstack.toml")
    book = book_of(model, ravenstack_like(120), as_of=dt.date(2024, 12, 31))
    assert assert_parity(book, tmp_path, engine) > 5000


@pytest.mark.parametrize("name", preset_names())
def test_blank_template(name, tmp_path):
    """A template to fill in agrees in every formula cell, though no account stands in it."""
    book = template(load_model(name), segments=["Small", "Enterprise", "Public sector"], rows=3, as_of=AS_OF)
    assert assert_parity(book, tmp_path, CELLRUNE) > 500
