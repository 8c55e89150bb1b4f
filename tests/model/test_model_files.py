"""Model files: every refusal names the place and the mend; what is accepted is frozen, complete and easy to name."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from healthscore import HealthscoreError, load_model
from healthscore.errors import ModelError
from healthscore.model import ScoreModel, parse_model, preset_names, preset_text
from healthscore.model.describe import describe

#: A small model with one of everything that can go wrong.
GOOD = """
name = "Small"
stale_after_days = 60
minimum_coverage = 0.5

[columns]
usage = ["Hours used"]

[[criteria]]
name = "Renewal"

[[dimensions]]
name = "Product"
weight = 2

[[dimensions]]
name = "People"

[[metrics]]
name = "Usage"
dimension = "Product"
column = "usage"
ramp = [0, 10]
action = "Train the users"

[[metrics]]
name = "Tickets"
dimension = "Product"
column = "tickets"
blank = 0
plateau = [-1, 1, 8, 24]
criterion = "Renewal"

[[metrics]]
name = "Rank"
dimension = "Product"
column = "hours"
peers = 0.95
zero = 1

[[metrics]]
name = "Survey"
dimension = "People"
column = "nps"
steps = [[0, 0], [7, 60], [9, 100]]

[[metrics]]
name = "Payment"
dimension = "People"
column = "invoice"
choices = { Paid = 100, Late = 40 }

[[metrics]]
name = "Opinion"
dimension = "People"
column = "csm rating"
rating = 5
as_of_column = "rated on"
stale_after_days = 90

[[bands]]
name = "Red"
from = 0
color = "red"

[[bands]]
name = "Green"
from = 70
color = "green"

[[grades]]
name = "D"
from = 0

[[grades]]
name = "A"
from = 80

[[rules]]
name = "Silent"
when = [{ metric = "Usage", op = "<", value = 3 }]
cap = 30

[[rules]]
name = "Unpaid"
when = [{ metric = "Payment", op = "=", value = "Late" }]

[[rules]]
name = "Several"
at_least = 2
of = ["Silent", "Unpaid"]

[[segments]]
name = "Large"
weights = { Usage = 3 }
dimension_weights = { People = 4 }
bands = { Green = 80 }
grades = { A = 90 }
minimum_coverage = 0.6

[segments.metrics]
Usage = { ramp = [0, 50], action = "Visit them" }
Payment = { choices = { Late = 10 } }
Survey = { steps = [[0, 0], [6, 50], [8, 100]] }
"""

#: What is changed in the good model (old text, new text), the place that the refusal must name, and words of its mend.
FAULTS = {
    # keys
    "unknown key": ("blank = 0", "blnk = 0", "metric 'Tickets', blnk", "did you mean `blank`?"),
    "unknown key like none": ("blank = 0", "qqq = 0", "metric 'Tickets', qqq", "the keys are ramp, plateau"),
    "unknown key at the top": ("minimum_coverage = 0.5", "min_coverage = 1", "min_coverage", "`minimum_coverage`"),
    "unknown key of a rule": ("cap = 30", "caps = 30", "rule 'Silent', caps", "did you mean `cap`?"),
    "unknown key of a condition": ('op = "<"', 'op = "<", limit = 1', "when number 1, limit", "the keys are metric"),
    "unknown key of a segment": ("bands = { Green = 80 }", "band = { Green = 80 }", "segment 'Large'", "`bands`"),
    "unknown key of a segment's metric": ("ramp = [0, 50]", "rmp = [0, 50]", "'Large', metrics, Usage", "`ramp`"),
    "missing key": ('name = "Small"', "", "the model", "`name` is missing; add it"),
    "missing key of a metric": (
        'dimension = "Product"\ncolumn = "usage"',
        'column = "usage"',
        "metric 'Usage'",
        "`dimension` is missing; add it",
    ),
    # numbers
    "weight below 0": ("weight = 2", "weight = -1", "dimension 'Product', weight", "-1 is below 0; give 0"),
    "segment's weight below 0": ("{ Usage = 3 }", "{ Usage = -3 }", "segment 'Large', weights, Usage", "give 0"),
    "text for a number": ("weight = 2", 'weight = "much"', "dimension 'Product', weight", "found 'much'"),
    "yes for a number": ("weight = 2", "weight = true", "dimension 'Product', weight", "write 1 or 0"),
    "endless number": ("ramp = [0, 10]", "ramp = [0, inf]", "metric 'Usage', ramp number 2", "give a finite one"),
    "coverage above 1": ("minimum_coverage = 0.5", "minimum_coverage = 70", "minimum_coverage", "equal to 1"),
    "renewal rate above 1": ("from = 70", "from = 70\nrenewal_rate = 92", "band 'Green', renewal_rate", "equal to 1"),
    # points
    "ramp ends equal": ("ramp = [0, 10]", "ramp = [5, 5]", "metric 'Usage', ramp", "give two different numbers"),
    "ramp of one number": ("ramp = [0, 10]", "ramp = [5]", "metric 'Usage', ramp", "number 2 is missing"),
    "ramp of three numbers": ("ramp = [0, 10]", "ramp = [0, 5, 10]", "metric 'Usage', ramp", "at most 2 items"),
    "plateau out of order": ("[-1, 1, 8, 24]", "[-1, 9, 8, 24]", "metric 'Tickets', plateau", "full <= full_until"),
    "peers of nothing": ("peers = 0.95", "peers = 0", "metric 'Rank', peers", "more than 0 and at most 1"),
    "peers above 1": ("peers = 0.95", "peers = 95", "metric 'Rank', peers", "as 0.95 for the top 5 %"),
    "zero without peers": ("ramp = [0, 10]", "ramp = [0, 10]\nzero = 1", "metric 'Usage'", "goes with `peers` only"),
    "steps out of order": ("[7, 60], [9, 100]]\n\n", "[9, 60], [7, 100]]\n\n", "'Survey', steps", "order them upwards"),
    "steps twice": ("[7, 60], [9, 100]]\n\n", "[7, 60], [7, 100]]\n\n", "'Survey', steps", "order them upwards"),
    "no steps": ("[[0, 0], [7, 60], [9, 100]]", "[]", "metric 'Survey', steps", "give at least one [from, points]"),
    "points above 100": ("[9, 100]]", "[9, 120]]", "'Survey', step number 3", "points run from 0 to 100"),
    "no choices": (
        "{ Paid = 100, Late = 40 }",
        "{}",
        "metric 'Payment', choices",
        "give at least one, as {Paid = 100}",
    ),
    "choices alike": ("Late = 40 }", "PAID = 40 }", "metric 'Payment', choices", "'PAID' is there twice; keep one"),
    "choice below 0": ("Late = 40 }", "Late = -40 }", "'Payment', choices, Late", "points run from 0 to 100"),
    "rating below 2": ("rating = 5", "rating = 1", "metric 'Opinion', rating", "give the top of the scale, as 5"),
    "two kinds of points": ("peers = 0.95", "peers = 0.95\nramp = [0, 1]", "metric 'Rank'", "found ramp and peers"),
    "no points": ("rating = 5\n", "", "metric 'Opinion'", "exactly one kind of points, of ramp"),
    # values
    "two kinds of value": (
        'column = "usage"',
        'column = "usage"\ndays_since = "x"',
        "'Usage'",
        "column and days_since",
    ),
    "no value": ('column = "hours"\n', "", "metric 'Rank'", "exactly one value, of column"),
    "choices without category": ('column = "invoice"', 'days_since = "invoice"', "'Payment'", "name its `column`"),
    "choices of numbers": (
        'column = "invoice"',
        'column = "invoice"\ntype = "number"',
        "'Payment'",
        "leave `type` out",
    ),
    "category without choices": (
        'column = "nps"',
        'column = "nps"\ntype = "category"',
        "'Survey'",
        "by `choices` only",
    ),
    "type without column": ('column = "nps"', 'days_since = "nps"\ntype = "date"', "'Survey'", "goes with `column`"),
    "type unheard of": ('column = "nps"', 'column = "nps"\ntype = "text"', "'Survey', type", "'yes_no' or 'category'"),
    "blank of a category": ('column = "invoice"', 'column = "invoice"\nblank = 0', "'Payment'", "fills numbers only"),
    "change of one column": ('column = "nps"', 'change = ["nps"]', "'Survey', change", "number 2 is missing"),
    "plausible out of order": ('column = "nps"', 'column = "nps"\nplausible = [9, 1]', "'Survey'", "[lowest, highest]"),
    "stale without a date": ('as_of_column = "rated on"\n', "", "metric 'Opinion'", "needs `as_of_column`"),
    "stale below 0": ("stale_after_days = 90", "stale_after_days = -1", "'Opinion', stale_after_days", "equal to 0"),
    "column of two types": (
        'column = "tickets"',
        'column = "Rated On"',
        "'Opinion'",
        "reads it as a number; make them",
    ),
    # bands and grades
    "bands not from 0": ("from = 0\ncolor", "from = 5\ncolor", "bands", "the first must be from 0"),
    "bands out of order": ("from = 70", "from = 0", "bands: 'Green'", "order them upwards from 0"),
    "band above 100": ("from = 70", "from = 170", "band 'Green', from", "scores and points run from 0 to 100"),
    "grades not from 0": ('name = "D"\nfrom = 0', 'name = "D"\nfrom = 1', "grades", "the first must be from 0"),
    "grades out of order": ("from = 80", "from = 0", "grades: 'A'", "order them upwards from 0"),
    "colour unheard of": ('color = "green"', 'color = "mauve"', "band 'Green', color", "give one of red, orange"),
    "segment's bands out of order": ("{ Green = 80 }", "{ Green = 0 }", "segment 'Large', bands", "order them upwards"),
    "segment's grades not from 0": ("{ A = 90 }", "{ D = 5 }", "segment 'Large', grades", "must be from 0"),
    # names
    "duplicate metrics": ('name = "Rank"', 'name = "USAGE"', "metrics", "'USAGE' is there twice (also as 'Usage')"),
    "duplicate dimensions": ('name = "People"', 'name = "product"', "dimensions", "rename one"),
    "duplicate bands": ('name = "Green"', 'name = "red"', "bands", "rename one"),
    "duplicate grades": ('name = "A"', 'name = "d"', "grades", "rename one"),
    "duplicate rules": ('name = "Unpaid"', 'name = "Si lent"', "rules", "rename one"),
    "duplicate segments": (
        "[segments.metrics]",
        '[[segments]]\nname = "LARGE"\n[segments.metrics]',
        "segments",
        "rename",
    ),
    "duplicate criteria": ("[[dimensions]]", '[[criteria]]\nname = "renewal"\n\n[[dimensions]]', "criteria", "rename"),
    "blank name": ('name = "Rank"', 'name = " "', "metric ' ', name", "a name cannot be blank; give it one"),
    "long name": ('name = "Rank"', f'name = "{"n" * 81}"', "name", "has 81 characters; 80 at most"),
    "name with a bar": ('name = "Rank"', 'name = "a|b"', "metric 'a|b', name", "leave it out"),
    "empty dimension": (
        "weight = 2",
        'weight = 2\n\n[[dimensions]]\nname = "Spare"',
        "dimension 'Spare'",
        "leave it out",
    ),
    "dimension unheard of": ('dimension = "People"', 'dimension = "Poeple"', "'Survey'", "did you mean 'People'?"),
    "criterion unheard of": ('criterion = "Renewal"', 'criterion = "Growth"', "'Tickets'", "there are: Renewal"),
    # rules
    "rule naming no metric": ('metric = "Usage"', 'metric = "Usgae"', "rule 'Silent'", "did you mean 'Usage'?"),
    "rule with both forms": (
        "at_least = 2",
        'at_least = 2\nwhen = [{ column = "x", op = "=", value = 1 }]',
        "'Several'",
        "either",
    ),
    "rule with no form": ("at_least = 2\n" + 'of = ["Silent", "Unpaid"]', "", "rule 'Several'", "give either `when`"),
    "rule of how many": ("at_least = 2\n", "", "rule 'Several'", "say with `at_least` how many"),
    "rule of too many": ("at_least = 2", "at_least = 3", "rule 'Several'", "of 2 rules can never hold; lower it"),
    "rule of none": ("at_least = 2", "at_least = 0", "rule 'Several', at_least", "equal to 1"),
    "at_least with when": ("cap = 30", "cap = 30\nat_least = 1", "rule 'Silent'", "goes with `of`"),
    "rule of a later rule": ('["Silent", "Unpaid"]', '["Silent", "Several"]', "'Several'", "no earlier rule"),
    "rule of no rule": ('["Silent", "Unpaid"]', '["Silent", "Unpayd"]', "rule 'Several'", "did you mean 'Unpaid'?"),
    "cap above 100": ("cap = 30", "cap = 300", "rule 'Silent', cap", "scores and points run from 0 to 100"),
    "condition of nothing": ('metric = "Usage", op', "op", "when number 1", "name either a `metric` or a `column`"),
    "condition of both": (
        'metric = "Usage", op',
        'metric = "Usage", column = "x", op',
        "when number 1",
        "one of the two",
    ),
    "operator unheard of": ('op = "<"', 'op = "=="', "when number 1, op", "'<', '<='"),
    "text compared by size": ('op = "=", value = "Late"', 'op = ">", value = "Late"', "'Unpaid'", "use = or <>"),
    "category compared with number": ('value = "Late"', "value = 1", "rule 'Unpaid'", 'as value = "Paid"'),
    "number compared with text": ('"<", value = 3', '"=", value = "low"', "rule 'Silent'", "compare it with a number"),
    # segments
    "segment's metric unheard of": (
        "weights = { Usage",
        "weights = { Usge",
        "segment 'Large'",
        "did you mean 'Usage'?",
    ),
    "segment's dimension unheard of": (
        "{ People = 4 }",
        "{ Persons = 4 }",
        "segment 'Large'",
        "there are: Product, People",
    ),
    "segment's band unheard of": ("{ Green = 80 }", "{ Gren = 80 }", "segment 'Large'", "did you mean 'Green'?"),
    "segment's grade unheard of": ("{ A = 90 }", "{ Q = 90 }", "segment 'Large'", "there are: D, A"),
    "segment's thresholds unheard of": ("Survey = {", "Surve = {", "segment 'Large'", "did you mean 'Survey'?"),
    "segment's choice unheard of": (
        "{ Late = 10 }",
        "{ Lat = 10 }",
        "'Large', metric 'Payment'",
        "did you mean 'Late'?",
    ),
    "segment's points of another kind": (
        "ramp = [0, 50]",
        "peers = 0.5",
        "metric 'Usage'",
        "points are ramp; give that",
    ),
    "segment's points of two kinds": (
        "ramp = [0, 50]",
        "ramp = [0, 5], peers = 0.5",
        "'Large', metrics, Usage",
        "at most",
    ),
    "segment's steps too few": ("[[0, 0], [6, 50], [8, 100]]", "[[0, 0]]", "'Large', metric 'Survey'", "give as many"),
    "segment's ramp ends equal": ("[0, 50]", "[5, 5]", "'Large', metrics, Usage, ramp", "two different numbers"),
    # the file as a whole
    "not TOML": ("weight = 2", "weight = ", "Small.toml: not a TOML file", "line"),
    "a key twice": ("weight = 2", "weight = 2\nweight = 3", "Small.toml: not a TOML file", "line"),
}
#: Faults that no single replacement makes: the text, the place, the mend.
WHOLE_FAULTS = {
    "every weight 0": (
        GOOD.replace("\ncolumn =", "\nweight = 0\ncolumn ="),
        "metrics: every weight is 0",
        "give at least one metric a weight above 0",
    ),
    "every dimension 0": (
        GOOD.replace("weight = 2", "weight = 0").replace('name = "People"', 'name = "People"\nweight = 0', 1),
        "dimensions: every weight is 0",
        "give at least one dimension a weight above 0",
    ),
    "no metrics": ('name = "Empty"\nmetrics = []\nbands = []\ndimensions = []\n', "metrics", "at least 1 item"),
}
CASES = [
    *(
        pytest.param(GOOD.replace(old, new, 1), place, mend, id=name)
        for name, (old, new, place, mend) in FAULTS.items()
    ),
    *(pytest.param(*fault, id=name) for name, fault in WHOLE_FAULTS.items()),
]


@pytest.fixture(scope="module")
def good() -> ScoreModel:
    return parse_model(GOOD)


def refusal(text: str, place: str = "Small.toml") -> str:
    with pytest.raises(ModelError) as caught:
        parse_model(text, place)
    return str(caught.value)


@pytest.mark.parametrize(("text", "place", "mend"), CASES)
def test_refusal_names_place_and_mend(text: str, place: str, mend: str):
    """Each fault is refused by one line that starts with the file, names the place and says how to mend it."""
    assert text != GOOD
    lines = [line for line in refusal(text).splitlines() if place in line and mend in line]
    assert lines, refusal(text)
    assert all(line.startswith("Small.toml: ") for line in refusal(text).splitlines())


def test_refusal_speaks_no_jargon():
    """No refusal shows the machinery: no pydantic links, no Python types, no `Value error`."""
    for case in CASES:
        message = refusal(str(case.values[0]))
        for word in ("pydantic", "Value error", "https://", "<class", "dict_type", "function-"):
            assert word not in message, message


def test_all_faults_of_a_file_are_listed_at_once():
    """Faults in different parts of a file come in one refusal, a line each, so that it is mended in one go."""
    text = GOOD.replace("blank = 0", "blnk = 0").replace("from = 70", "from = 170").replace("rating = 5", "rating = 1")
    lines = refusal(text).splitlines()
    assert len(lines) == 3
    for place in ("metric 'Tickets', blnk", "band 'Green', from", "metric 'Opinion', rating"):
        assert sum(place in line for line in lines) == 1


def test_all_inconsistencies_are_listed_at_once():
    """Faults that show only when the parts are seen together come in one refusal as well."""
    text = GOOD.replace('metric = "Usage"', 'metric = "X"').replace("{ Green = 80 }", "{ Blue = 80 }")
    lines = refusal(text.replace('criterion = "Renewal"', 'criterion = "Y"')).splitlines()
    assert [line.split(":")[1].strip() for line in lines] == ["metric 'Tickets'", "rule 'Silent'", "segment 'Large'"]


# --- files ---------------------------------------------------------------------------------------------------------


def test_missing_file(tmp_path):
    """A path without a file is refused with the names of the built-in models."""
    with pytest.raises(ModelError, match=r"no such model file; the built-in models are .*journey"):
        load_model(tmp_path / "none.toml")


def test_unknown_preset():
    """A name that is no built-in model is refused likewise, and so is exporting it."""
    with pytest.raises(ModelError, match=r"jurney: there is no such model file.*give the path of a \.toml file"):
        load_model("jurney")
    with pytest.raises(ModelError, match=r"no model 'jurney'; the built-in ones are .*journey"):
        preset_text("jurney")


def test_folder_is_no_model(tmp_path):
    """A folder given as a model is refused in words, not with the system's error."""
    with pytest.raises(ModelError, match="no such model file"):
        load_model(tmp_path)


@pytest.mark.parametrize("content", [b'name = "\xe9"', "name = 'a'".encode("utf-16"), b"PK\x03\x04\xff\xfe"])
def test_file_that_is_not_utf8(tmp_path, content):
    """A file in another encoding, or no text at all, is refused with the file's name."""
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"own\.toml: .*(UTF-8|TOML)"):
        load_model(path)


def test_file_as_windows_writes_it(tmp_path, good):
    """A file with a byte order mark and Windows line ends is the same model."""
    path = tmp_path / "OWN.TOML"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_model(path) == good


def test_file_beats_preset_of_the_same_name(tmp_path, monkeypatch):
    """`journey.toml` means the file in this folder, `journey` the built-in model."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "journey.toml").write_text(GOOD, encoding="utf-8")
    assert load_model("journey.toml").name == "Small"
    assert load_model("journey").name == "Journey"


# --- what is accepted ----------------------------------------------------------------------------------------------


def test_model_error_is_a_healthscore_error():
    """Who catches the family of errors catches a bad model too."""
    with pytest.raises(HealthscoreError):
        parse_model("")


@pytest.mark.parametrize("part", ["", "metrics", "bands", "rules", "segments"])
def test_model_is_frozen(good: ScoreModel, part: str):
    """Neither the model nor a part of it can be changed after loading."""
    target = getattr(good, part)[0] if part else good
    with pytest.raises(ValidationError):
        target.name = "Other"


def test_names_match_without_case_spaces_and_underscores(good: ScoreModel):
    """Names inside a model, and look-ups by name, match as headers do."""
    text = GOOD.replace('dimension = "People"', 'dimension = "PEOPLE"').replace('metric = "Usage"', 'metric = "us age"')
    shouted = parse_model(text.replace("{ Usage = 3 }", '{ "U_SAGE" = 3 }').replace("{ Late = 10 }", "{ LATE = 10 }"))
    assert shouted.metric("usa_ge") == shouted.metrics[0]
    assert shouted.segment("lar-ge") == shouted.segments[0]
    assert good.segment("Medium") is None
    with pytest.raises(KeyError):
        good.metric("Nothing")


def test_names_are_tidied():
    """White space around and inside names does not count."""
    assert parse_model(GOOD.replace('name = "Rank"', 'name = "  Rank \\t 2 "')).metrics[2].name == "Rank 2"


def test_what_a_metric_reads(good: ScoreModel):
    """The columns that an export must bring, with their types, in order of first use and each once."""
    assert good.input_columns() == {
        "usage": "number",
        "tickets": "number",
        "hours": "number",
        "nps": "number",
        "invoice": "category",
        "csm rating": "number",
        "rated on": "date",
    }
    assert good.stale_after(good.metric("Opinion")) == 90
    assert good.stale_after(good.metric("Usage")) is None


@pytest.mark.parametrize("name", [*preset_names(), ""])
def test_description_mentions_everything(name: str, good: ScoreModel):
    """`describe` names every dimension, metric, band, grade, rule and segment, and shows every action."""
    model = load_model(name) if name else good
    text = describe(model)
    for part in (*model.dimensions, *model.metrics, *model.bands, *model.grades, *model.rules, *model.segments):
        assert part.name in text, part.name
    for metric in model.metrics:
        assert metric.action in text
        assert all(repr(column) in text for column in metric.inputs)
    assert all(band.action in text for band in model.bands)


def test_description_says_how_points_come_about(good: ScoreModel):
    """Each kind of points is explained with its numbers, caps and differences of segments included."""
    text = describe(good)
    for words in (
        "0 points at 0, 100 at 10",
        "0 points up to -1, 100 from 1 to 8, 0 again from 24",
        "0 points at 1, 100 for the top 5% of the segment",
        "from 0 0, from 7 60, from 9 100",
        "Paid 100, Late 40",
        "a rating from 1 (0 points) to 5 (100 points)",
        "blank counts as 0",
        "Older than 90 days by 'rated on'",
        "Usage below 3; the score is at most 30",
        "at least 2 of: Silent, Unpaid",
        "Usage: 0 points at 0, 100 at 50",
        "Usage, when it drags: Visit them",
        "scored from a coverage of 60%",
    ):
        assert words in text, words


@pytest.mark.parametrize("name", preset_names())
def test_exported_preset_is_the_preset(name: str, tmp_path):
    """The text that `models export` writes loads to the same model."""
    path = tmp_path / "own.toml"
    path.write_text(preset_text(name), encoding="utf-8")
    assert load_model(path) == load_model(name)
