"""The workbooks that several tests look at, built once."""

from __future__ import annotations

import pytest

from healthscore import ScoreModel, load_model, pipeline, read_accounts
from healthscore.workbook import plan_book, write_book
from parity.books import AS_OF, ROOT
from workbook.package import Package


@pytest.fixture(scope="session")
def journey() -> ScoreModel:
    return load_model("journey")


@pytest.fixture(scope="session")
def demo_accounts(journey):
    return read_accounts(ROOT / "templates" / "demo" / "accounts.csv", journey)


@pytest.fixture(scope="session")
def demo_plan(demo_accounts, journey):
    return plan_book(demo_accounts, pipeline.score(demo_accounts, journey, AS_OF), currency="EUR")


@pytest.fixture(scope="session")
def demo_path(demo_plan, tmp_path_factory):
    return write_book(demo_plan, tmp_path_factory.mktemp("demo") / "demo.xlsx")


@pytest.fixture(scope="session")
def demo(demo_path) -> Package:
    return Package(demo_path)


@pytest.fixture(scope="session")
def blank_path(journey, tmp_path_factory):
    book = pipeline.template(journey, ["Small", "Enterprise", "Public sector"], 7, AS_OF)
    return write_book(book, tmp_path_factory.mktemp("blank") / "template.xlsx")


@pytest.fixture(scope="session")
def blank(blank_path) -> Package:
    return Package(blank_path)
