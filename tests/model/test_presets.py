"""The models and the sample book of business that come with the product."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import io
from pathlib import Path

import pytest

from healthscore.accounts import read_accounts
from healthscore.model import ScoreModel, load_model, preset_names
from healthscore.model.schema import INPUT_TYPES, NAME_LIMIT, POINTS_KINDS, ROLES, VALUE_KINDS
from healthscore.names import key
from healthscore.scoring import Scores, score_frame

ROOT = Path(__file__).resolve().parents[2]
PRESETS = sorted((ROOT / "templates" / "models").glob("*.toml"))
SAMPLES = sorted((ROOT / "sample_workbooks" / "models").glob("*.toml"))
COPIES = (ROOT / "sample_workbooks" / "journey" / "accounts.csv", ROOT / "templates" / "demo" / "accounts.csv")
AS_OF = dt.date(2026, 6, 30)

#: First line of each data set that a sample model is for, and the outcome that must not be a metric.
#: Sources: RavenStack (Kaggle, MIT), IBM Telco Customer Churn (Apache-2.0), PySurvival churn (Apache-2.0).
SOURCES = {
    "ravenstack": (
        "account_id,account_name,industry,country,size,plan_tier,is_trial,signup_date,seats,arr,subscriptions,"
        "auto_renew_share,usage_hours_90d,usage_hours_prior_90d,features_used_90d,errors_90d,last_used,tickets_180d,csat,"
        "first_response_min,escalations_180d,churn_flag",
        "churn_flag",
    ),
    "telco": (
        "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,InternetService,"
        "OnlineSecurity,OnlineBackup,DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,PaperlessBilling,"
        "PaymentMethod,MonthlyCharges,TotalCharges,Churn",
        "Churn",
    ),
    "pysurvival": (
        "product_data_storage,product_travel_expense,product_payroll,product_accounting,csat_score,articles_viewed,"
        "smartphone_notifications_viewed,marketing_emails_clicked,social_media_ads_viewed,minutes_customer_support,"
        "company_size,us_region,months_active,churned",
        "churned",
    ),
}


def _names(model: ScoreModel, column: str) -> set[str]:
    """Return the forms under which a model finds a column: its name and its aliases."""
    aliases = next((given for name, given in model.columns.items() if key(name) == key(column)), ())
    return {key(column), *map(key, aliases)}


def _wanted(model: ScoreModel) -> list[str]:
    return list({key(name): name for name in [*model.input_columns(), *model.segment_by, *model.columns]}.values())


@pytest.fixture(scope="module")
def journey() -> ScoreModel:
    return load_model("journey")


@pytest.fixture(scope="module")
def generated() -> str:
    spec = importlib.util.spec_from_file_location("make_accounts", ROOT / "sample_workbooks" / "make_accounts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.csv_text())


@pytest.fixture(scope="module")
def sample(generated: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(generated)))


@pytest.mark.parametrize("path", PRESETS + SAMPLES, ids=lambda path: path.stem)
def test_every_model_file_loads(path: Path):
    """Every model that comes with the product passes the schema and its checks for consistency."""
    assert load_model(path).metrics


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_every_preset_is_found_by_name(path: Path):
    """A file in templates/models is a preset: listed, and loaded by its bare name to the same model."""
    assert path.stem in preset_names()
    assert load_model(path.stem) == load_model(path)


@pytest.mark.parametrize("path", PRESETS + SAMPLES, ids=lambda path: path.stem)
def test_what_counts_is_explained(path: Path):
    """Every scored metric says what it measures, why, where it comes from and what to do; every band what it means."""
    model = load_model(path)
    for metric in model.metrics:
        assert metric.measures, metric.name
        assert metric.source, metric.name
        if metric.weight:
            assert metric.why, metric.name
            assert metric.action, metric.name
    for band in model.bands:
        assert all((band.meaning, band.action, band.respond_within, band.outlook)), band.name
    assert all(rule.text for rule in model.rules)


@pytest.mark.parametrize("path", PRESETS + SAMPLES, ids=lambda path: path.stem)
def test_no_header_could_mean_two_columns(path: Path):
    """Within a model, no name or alias is claimed by two columns, so that a header is matched in one way only."""
    model = load_model(path)
    claimed: dict[str, str] = {}
    for column in model.columns:
        for form in _names(model, column):
            assert form not in claimed, f"{column} and {claimed[form]} both answer to {form}"
            claimed[form] = column


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_sample_models_read_columns_that_exist(path: Path):
    """Each sample model's columns stand in the header of its data set, and the outcome is not among what it reads."""
    line, outcome = SOURCES[path.stem]
    headers = {key(name) for name in line.split(",")}
    model = load_model(path)
    for column in _wanted(model):
        assert _names(model, column) & headers, column
        assert key(outcome) not in _names(model, column), column


def test_journey_shows_what_a_model_can_do(journey: ScoreModel):
    """The default model has every kind of value and of points, a combination of rules, and segments that differ."""
    assert {metric.value_kind for metric in journey.metrics} == set(VALUE_KINDS)
    assert {metric.points_kind for metric in journey.metrics} == set(POINTS_KINDS)
    assert {metric.input_type for metric in journey.metrics} == set(INPUT_TYPES)
    assert any(rule.of for rule in journey.rules)
    assert {segment.name for segment in journey.segments} == {"Small", "Enterprise"}
    assert [band.color for band in journey.bands] == ["red", "yellow", "green"]


def test_journey_sample_has_every_column(journey: ScoreModel, sample: list[dict[str, str]]):
    """Every column that the default model reads is in the sample, and the sample has no other."""
    headers = {key(name) for name in sample[0]}
    matched = set()
    for column in _wanted(journey):
        found = _names(journey, column) & headers
        assert len(found) == 1, f"{column}: {found or 'no such header'}"
        matched |= found
    assert matched == headers
    assert {role for role in ROLES if role != "segment"} <= {key(name) for name in journey.columns}


def test_copies_of_the_sample_are_what_the_script_makes(generated: str):
    """Both copies of the sample are byte for byte what make_accounts.py writes, so neither was edited by hand."""
    for path in COPIES:
        assert path.read_bytes() == generated.encode("utf-8-sig"), f"{path}: run sample_workbooks/make_accounts.py"


def test_sample_is_a_believable_book(sample: list[dict[str, str]]):
    """Sixty accounts with ids and names of their own, five owners, renewals within the coming year."""
    assert len(sample) == 60
    for column in ("Account ID", "Account"):
        assert len({row[column] for row in sample}) == len(sample)
    assert len({row["Owner"] for row in sample}) == 5
    ends = [dt.date.fromisoformat(row["Renewal date"]) for row in sample if row["Renewal date"]]
    assert sum(0 <= (end - AS_OF).days <= 365 for end in ends) == len(ends) - 1  # one contract has just ended
    for row in sample:
        assert not row["Last login"] or dt.date.fromisoformat(row["Last login"]) <= AS_OF
        assert int(row["Active users"] or 0) <= int(row["Seats"] or 0)


def test_sample_holds_the_difficult_cases(sample: list[dict[str, str]]):
    """The sample has gaps, text among numbers, missing sizes, stale ratings, money and per cent."""
    rated = [(AS_OF - dt.date.fromisoformat(row["Rated on"])).days for row in sample if row["Rated on"]]
    hours = sorted(int(row["Usage hours 90d"]) for row in sample if row["Size"] == "Small" and row["Usage hours 90d"])
    assert sum(not row["Size"] for row in sample) == 2
    assert [row["NPS"] for row in sample].count("n.a. (asked)") == 1
    assert 5 <= sum(not row["NPS"] for row in sample) <= 25
    assert sum(days > 90 for days in rated) == 4
    assert hours[-1] > 5 * hours[-2]
    assert any(row["ARR"].startswith("$") and "," in row["ARR"] for row in sample)
    assert all(row["Goals reached"].endswith("%") for row in sample if row["Goals reached"])
    assert max(len(row["Account"]) for row in sample) == NAME_LIMIT
    assert any("'" in row["Account"] for row in sample)
    assert any("&" in row["Account"] for row in sample)
    assert any(not row["Account"].isascii() for row in sample)


@pytest.fixture(scope="module")
def scores(journey: ScoreModel) -> Scores:
    accounts = read_accounts(COPIES[0], journey)
    return score_frame(accounts.frame.set_index("account", drop=False), journey, AS_OF, accounts.bound)


def test_sample_spreads_over_the_bands(scores: Scores):
    """Of the scored accounts 15 to 25 % are red and 25 to 35 % yellow, so that the lists stay workable."""
    counts = scores.table["band"].value_counts()
    scored = len(scores.table) - counts["Unscored"]
    assert 0.15 <= counts["Red"] / scored <= 0.25
    assert 0.25 <= counts["Yellow"] / scored <= 0.35
    assert 1 <= counts["Unscored"] <= 5


def test_sample_tells_its_stories(scores: Scores):
    """The silent account and the one with an unpaid invoice would score well and are held down by their rules."""
    table, rules = scores.table, scores.rules
    assert rules.loc["Wexford National Bank", "Silent churn"]
    assert table.loc["Wexford National Bank", ["band", "score"]].tolist() == ["Red", 35]
    assert table.loc["Wexford National Bank", "base"] > 60
    assert rules.loc["Peakline Outdoor", "Invoice overdue"]
    assert table.loc["Peakline Outdoor", ["band", "score"]].tolist() == ["Yellow", 65]
    assert table.loc["Peakline Outdoor", "base"] > 80
    assert rules["Several warnings"].any()


def test_stale_ratings_of_the_sample_do_not_count(scores: Scores):
    """A rating older than 90 days is missing, so it earns and costs nothing."""
    assert scores.points["CSM's view"].isna().sum() == 4
    assert scores.points.loc["Castellan Insurance"].isna()["CSM's view"]
