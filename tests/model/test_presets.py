"""The models and the sample book of business that come with the product."""

from __future__ import annotations

import csv
import datetime as dt
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from healthscore.accounts import Accounts, accounts_from_frame, read_accounts
from healthscore.model import ScoreModel, load_model, preset_names
from healthscore.model.vocabulary import INPUT_TYPES, NAME_LIMIT, POINTS_KINDS, ROLES, VALUE_KINDS
from healthscore.names import key
from healthscore.scoring import Scores, score_frame

ROOT = Path(__file__).resolve().parents[2]
PRESETS = sorted((ROOT / "templates" / "models").glob("*.toml"))
SAMPLES = sorted((ROOT / "sample_workbooks" / "models").glob("*.toml"))
NAMES = [path.stem for path in PRESETS]
BOOK = ROOT / "sample_workbooks" / "journey" / "accounts.csv"
AS_OF = dt.date(2026, 6, 30)

#: What is odd in each sample on purpose: account and column of every warning. Anything else is a slip of the maker.
PLANTED = {
    "journey": {("Calder Valley College", "NPS")},
    "traffic_light": {("Tidewater Credit Union", "Relationship"), ("Tandem Cycles", "Support experience")},
    "usage_rank": {("Stonebridge Lettings", "Hours used")},
    "product_relationship": {("Señal Radio", "Feedback"), ("Harlow Dental Group", "Survey answer")},
    "ten_signals": {("Sparrow Payroll", "NPS"), ("Ferreira & Filhos", "Payment record")},
    "four_components": {("Ingrid Åkesson Design", "Most frequent kind"), ("Zürcher Holzbau", "Discount")},
    "success_criteria": {("Müller Zahntechnik", "Survey answer"), ("Ridge & Rowe Architects", "Budget outlook")},
}
#: Columns that the model does not know, to be carried along beside the inputs.
CARRIED = {
    "traffic_light": {
        "Product use rated by", "Goals rated by", "Relationship rated by", "Executive sponsor rated by",
        "Support experience rated by", "Commercial standing rated by",
    },
    "product_relationship": {"Scored by"},
}  # fmt: skip

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
def make_accounts() -> ModuleType:
    sys.path.insert(0, str(ROOT / "sample_workbooks"))
    try:
        import make_accounts as module
    finally:
        sys.path.pop(0)
    return module


@pytest.fixture(scope="module")
def sample() -> list[dict[str, str]]:
    with BOOK.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class Scored:
    """A preset with its sample, read and scored; `table` and `rules` are by account."""

    def __init__(self, name: str) -> None:
        self.name, self.model = name, load_model(name)
        self.accounts: Accounts = read_accounts(ROOT / "sample_workbooks" / name / "accounts.csv", self.model)
        frame = self.accounts.frame.set_index("account", drop=False)
        self.scores: Scores = score_frame(frame, self.model, AS_OF, self.accounts.bound)
        self.table, self.rules = self.scores.table, self.scores.rules


@pytest.fixture(scope="module", params=NAMES)
def preset(request: pytest.FixtureRequest) -> Scored:
    return Scored(request.param)


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
    assert {metric.value_kind for metric in journey.metrics} | {"journey"} == set(VALUE_KINDS)
    assert {metric.points_kind for metric in journey.metrics} == set(POINTS_KINDS)
    assert {metric.input_type for metric in journey.metrics} == set(INPUT_TYPES)
    assert any(rule.of for rule in journey.rules)
    assert {segment.name for segment in journey.segments} == {"Small", "Enterprise"}
    assert [band.color for band in journey.bands] == ["red", "yellow", "green"]


@pytest.mark.parametrize("name", NAMES)
def test_preset_tells_how_to_change_it(name: str):
    """A preset's file begins with a comment on what it is, and says how to get a copy of one's own."""
    text = (ROOT / "templates" / "models" / f"{name}.toml").read_text(encoding="utf-8")
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert text.startswith("# ")
    assert f"#   healthscore models export {name} our_model.toml" in comments
    assert len(comments) > 40
    assert max(map(len, text.splitlines())) <= 160


@pytest.mark.parametrize("name", NAMES)
def test_aliases_are_of_columns_that_exist(name: str):
    """Every column that a preset lists other names for is read by it: an input, a role or what it segments by."""
    model = load_model(name)
    known = {key(column) for column in (*model.input_columns(), *ROLES, *model.segment_by)}
    assert {key(column) for column in model.columns} <= known
    assert {key(column) for column in model.input_columns()} - {key(role) for role in ROLES} <= set(
        map(key, model.columns)
    )


@pytest.mark.parametrize("name", NAMES)
def test_capped_scores_leave_the_best_band(name: str):
    """A cap lies below the best band of every segment, so that no account is green while a capping rule holds."""
    model = load_model(name)
    best = model.bands[-1]
    starts = [best.start, *(segment.bands.get(best.name, best.start) for segment in model.segments)]
    assert all(rule.cap < min(starts) for rule in model.rules if rule.cap is not None)


def test_sample_has_every_column(preset: Scored):
    """Every column that a preset reads is in its sample, under a name or alias, and nothing else unplanned."""
    model, accounts = preset.model, preset.accounts
    assert accounts.missing_inputs == ()
    assert set(accounts.extras) == CARRIED.get(preset.name, set())
    assert [key(name) for name in accounts.segment_columns] == [key(name) for name in model.segment_by]
    for role in ROLES:
        assert accounts.frame[role].notna().any(), role


def test_every_alias_is_understood(preset: Scored):
    """An export may use the last alias of every column instead of its name, and is read just the same."""
    model, path = preset.model, ROOT / "sample_workbooks" / preset.name / "accounts.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    renamed = [
        next((names[-1] for column, names in model.columns.items() if key(name) in _names(model, column)), name)
        for name in header
    ]
    frame = pd.DataFrame(rows, columns=renamed, dtype=object).replace("", None)
    again = accounts_from_frame(frame, model, source=str(path))
    pd.testing.assert_frame_equal(again.frame, preset.accounts.frame, check_dtype=False)


def test_only_planted_oddities_are_found(preset: Scored):
    """Reading a sample warns of what was put there on purpose; all else are blanks that the model counts as 0."""
    accounts = preset.accounts
    by_row = dict(zip(accounts.rows, accounts.frame["account"], strict=True))
    warned = {(by_row[item.row], item.column) for item in accounts.findings if item.severity == "warning"}
    assert warned == PLANTED[preset.name]
    assert all("filled with 0" in item.done for item in accounts.findings if item.severity == "note")
    assert {item.severity for item in accounts.findings} <= {"warning", "note"}
    assert accounts.duplicates == ()


def test_sample_is_large_and_segmented(preset: Scored):
    """Two segments or more with five accounts each; 25 to 45 accounts, 60 for the default model."""
    sizes = preset.table["segment"].value_counts().drop("Unsegmented", errors="ignore")
    assert 25 <= len(preset.table) <= (60 if preset.name == "journey" else 45)
    assert len(sizes) >= 2
    assert sizes.min() >= 5
    assert {segment.name for segment in preset.model.segments} <= set(sizes.index)


def test_sample_spreads_over_the_bands(preset: Scored):
    """Of the scored accounts 15 to 30 % are red and no band is empty; one to five accounts are un-scored."""
    counts = preset.table["band"].value_counts()
    scored = len(preset.table) - counts["Unscored"]
    assert 0.15 <= counts["Red"] / scored <= 0.30
    assert 0.2 <= counts["Green"] / scored <= 0.5
    assert all(counts[band.name] for band in preset.model.bands)
    assert set(preset.table["grade"]) == {"A", "B", "C", "D", ""}
    assert 1 <= counts["Unscored"] <= 5


def test_every_rule_holds_somewhere(preset: Scored):
    """Each rule of a preset holds for at least one account of its sample, and for a third of them at most."""
    held = preset.rules.sum()
    assert held.min() >= 1, held.idxmin()
    assert held.max() <= len(preset.rules) / 3, held.idxmax()


def test_every_metric_tells_accounts_apart(preset: Scored):
    """No metric gives all accounts of the sample the same points, and none is missing for most of them."""
    points = preset.scores.points
    assert (points.nunique() >= 2).all(), points.nunique().idxmin()
    assert (points.notna().mean() > 0.5).all(), points.notna().mean().idxmin()


def test_samples_have_gaps(preset: Scored):
    """Some accounts are scored on part of the weight only, as in life."""
    coverage = preset.table["coverage"].round(9)
    minimum = preset.model.minimum_coverage
    assert ((coverage >= minimum) & (coverage < 1)).sum() >= 3
    assert (coverage < minimum).any()


@pytest.mark.parametrize("name", [name for name in NAMES if any(m.as_of_column for m in load_model(name).metrics)])
def test_stale_values_do_not_count(name: str):
    """Where ratings carry dates, some of the sample's are too old: there in the export, missing in the score."""
    scored = Scored(name)
    stale = 0
    for metric in scored.model.metrics:
        if metric.as_of_column is not None:
            age = (pd.Timestamp(AS_OF) - scored.accounts.frame[metric.as_of_column]).dt.days
            old = age > scored.model.stale_after(metric)
            assert scored.scores.points[metric.name].to_numpy()[old.to_numpy()].size == old.sum()
            assert np.isnan(scored.scores.points[metric.name].to_numpy()[old.to_numpy()]).all()
            stale += int((old & scored.accounts.frame[metric.inputs[0]].notna()).sum())
    assert stale >= 1


def test_forty_eight_is_red_and_a_c():
    """The traffic light says what 48 stands for: Red, C, ratings of 2.9 of 5 on average; so do its bands and grades."""
    model = load_model("traffic_light")
    assert [band.name for band in model.bands if band.start <= 48][-1] == "Red"
    assert [grade.name for grade in model.grades if grade.start <= 48][-1] == "C"
    assert round(1 + 48 / 25, 1) == 2.9
    assert "48" in model.about
    assert "48, for example, is Red and a C: ratings of 2.9 on average" in model.bands[0].meaning


def test_products_are_sixty_and_relationships_forty():
    """The two dimensions make 60 and 40 % of the score, and nothing without a 1-to-5 score has a share."""
    model = load_model("product_relationship")
    shares = Scored("product_relationship").scores.shares
    for _, row in shares.iterrows():
        by_dimension = {
            part.name: row[[m.name for m in model.metrics if m.dimension == part.name]].sum()
            for part in model.dimensions
        }
        assert by_dimension == pytest.approx({"Product": 0.6, "Relationship": 0.4})
    assert all((metric.rating == 5) == (metric.weight > 0) for metric in model.metrics)


def test_usage_is_ranked_by_the_top_five_per_cent():
    """All five measures go against the 95 % quantile of the peers, and one extreme account spoils nothing."""
    model, scored = load_model("usage_rank"), Scored("usage_rank")
    assert [metric.peers for metric in model.metrics] == [0.95] * 5
    assert model.metric("Spend per second").ratio == ("Monthly spend", "Seconds used")
    seconds = scored.scores.points["Seconds used last month"][scored.table["segment"] == "Team"]
    values = scored.scores.values["Seconds used last month"][scored.table["segment"] == "Team"]
    assert values.max() > 5 * values.nlargest(2).iloc[-1]
    assert (seconds == 100).sum() >= 2
    assert seconds.median() > 15


def test_ten_signals_are_ten():
    """There are ten dimensions, each with a metric that counts."""
    model = load_model("ten_signals")
    assert len(model.dimensions) == 10
    assert {metric.dimension for metric in model.metrics if metric.weight} == {part.name for part in model.dimensions}


def test_four_components_have_a_playbook():
    """For at least four signals each segment says in its own words what to do, other than the general action."""
    model = load_model("four_components")
    assert len(model.dimensions) == 4
    assert len(model.segments) == 3
    for segment in model.segments:
        own = {name: part.action for name, part in segment.metrics.items() if part.action}
        assert len(own) >= 4
        assert all(action != model.metric(name).action for name, action in own.items())


def test_every_metric_speaks_for_a_criterion():
    """Each metric of the last model names a criterion; three are on, and one that is off has no share."""
    model, scored = load_model("success_criteria"), Scored("success_criteria")
    assert all(metric.criterion for metric in model.metrics)
    assert [part.on for part in model.criteria] == [True, True, True, False]
    off = [metric.name for metric in model.metrics if metric.criterion == "Ease of service"]
    assert off
    assert (scored.scores.shares[off] == 0).all(axis=None)


def test_samples_are_what_their_makers_make(make_accounts: ModuleType):
    """Every sample and the demo's copy are byte for byte what make_accounts.py writes: none was edited by hand."""
    files = dict(make_accounts.files())
    assert {path.parent.name for path in files} == {*NAMES, "demo"}
    for path, content in files.items():
        assert path.read_bytes() == content, f"{path}: run sample_workbooks/make_accounts.py"


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
    """The sample has gaps, text among numbers, missing sizes, stale ratings and money."""
    rated = [(AS_OF - dt.date.fromisoformat(row["Rated on"])).days for row in sample if row["Rated on"]]
    hours = sorted(int(row["Usage hours 90d"]) for row in sample if row["Size"] == "Small" and row["Usage hours 90d"])
    assert sum(not row["Size"] for row in sample) == 2
    assert [row["NPS"] for row in sample].count("n.a. (asked)") == 1
    assert 5 <= sum(not row["NPS"] for row in sample) <= 25
    assert sum(days > 90 for days in rated) == 4
    assert hours[-1] > 5 * hours[-2]
    assert any(row["ARR"].startswith("$") and "," in row["ARR"] for row in sample)
    assert max(len(row["Account"]) for row in sample) == NAME_LIMIT
    assert any("'" in row["Account"] for row in sample)
    assert any("&" in row["Account"] for row in sample)
    assert any(not row["Account"].isascii() for row in sample)


@pytest.fixture(scope="module")
def scores() -> Scores:
    return Scored("journey").scores


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
