"""Workbooks from sample data: what Python computed is what a spreadsheet engine computes, cell by cell."""

from __future__ import annotations

import datetime as dt

import pytest

from healthscore import load_model, read_accounts, score
from healthscore.pipeline import template
from healthscore.workbook import plan_book
from parity.books import AS_OF, ROOT, SHARED_DATA
from parity.compare import assert_parity
from parity.engines import ENGINES, EVERY_ENGINE


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
    assert assert_parity(book, tmp_path, ENGINES["cellrune"]) > 20_000


@pytest.mark.parametrize("name", ["journey"])
def test_blank_template(name, tmp_path):
    """A template to fill in agrees in every formula cell, though no account stands in it."""
    book = template(load_model(name), segments=["Small", "Enterprise", "Public sector"], rows=3, as_of=AS_OF)
    assert assert_parity(book, tmp_path, ENGINES["cellrune"]) > 500
