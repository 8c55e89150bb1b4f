"""Corner cases by name: small books, each with one thing that formulas and Python could see differently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from healthscore.workbook import Book
from parity.books import book_of, model_of

CORNERS: dict[str, Callable[[], Book]] = {}
_USE: dict[str, Any] = {"name": "Use", "column": "use", "ramp": [0, 10], "action": "Ask"}
_PAID: dict[str, Any] = {"name": "Paid", "column": "pay", "choices": {"Paid": 100, "Late": 0}}


def _corner(make: Callable[[], Book]) -> Callable[[], Book]:
    CORNERS[make.__name__] = make
    return make


def _frame(**columns: list[Any]) -> pd.DataFrame:
    count = max(len(values) for values in columns.values())
    series = {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    return pd.DataFrame({"id": [f"C-{number}" for number in range(count)], **series})


def _in_segments(*names: str) -> Book:
    return book_of(model_of(metrics=[_USE]), _frame(use=[1, 5, 9, None][: len(names)], segment=list(names)))


def _segment_corner(title: str, *names: str) -> None:
    CORNERS[title] = lambda: _in_segments(*names)


_segment_corner("segments_called_true_and_false", "True", "False", "True")
_segment_corner("segments_called_as_functions", "Sum", "If", "N", "Index")
_segment_corner("segments_called_as_cells", "A1", "XFD1", "R1C1", "R")
_segment_corner("segments_called_as_ours", "Model", "Start", "AsOf", "SegmentSettings")
_segment_corner("segments_that_collide", "SMB/EMEA", "SMB:EMEA", "smb?emea", "SMB-EMEA")
_segment_corner("segments_of_signs", "$", "O'Brien", "50% [x]", "'Q'")
_segment_corner("segments_in_other_scripts", "Ünal", "المؤسسات", "🚀🚀", "Ä")
_segment_corner("segment_longer_than_a_sheet_name", "A segment " * 9, "a segment " * 9 + "b")


@_corner
def one_metric_without_a_loss() -> Book:
    """One metric only; one account loses nothing, one has no value, one row is empty."""
    return book_of(model_of(metrics=[_USE]), _frame(use=[10, None, 3]), empty_rows=1)


@_corner
def changes_exactly_at_a_limit() -> Book:
    """90/100 − 1 is −0.09999999999999998 in binary; a person who writes −0.1 means this account too."""
    metric = {"name": "Trend", "change": ["now", "before"], "steps": [[-0.1, 10], [0, 50], [0.1, 100]]}
    rules = [
        {"name": f"Rule {op}", "when": [{"metric": "Trend", "op": op, "value": limit}]}
        for op, limit in (("<=", -0.1), ("=", 0.1), (">", 0.1), ("<", -0.1))
    ]
    frame = _frame(now=[90, 110, 109.99999, 0.3, 89.99999], before=[100, 100, 100, 0.1 + 0.2, 100])
    return book_of(model_of(metrics=[metric], rules=rules), frame)


@_corner
def ratios_exactly_at_a_limit() -> Book:
    """0.3/3 is 0.09999999999999999 in binary, and 0.1 to everybody else."""
    metric = {"name": "Part", "ratio": ["part", "whole"], "steps": [[0, 10], [0.1, 50], [0.3, 100]]}
    return book_of(model_of(metrics=[metric]), _frame(part=[0.3, 3, 1, 0.1, 0.7], whole=[3, 10, 3, 1, 7]))


@_corner
def numbers_at_the_ends_of_the_scale() -> Book:
    """Quotients too large for a number are missing, not infinite."""
    metrics = [
        {"name": "Trend", "change": ["now", "before"], "ramp": [0, 1]},
        {"name": "Part", "ratio": ["now", "before"], "ramp": [0, 1]},
    ]
    return book_of(model_of(metrics=metrics), _frame(now=[1e300, 1, 5], before=[1e-300, 1e-307, 1]))


@_corner
def rules_on_columns() -> Book:
    """Rules read columns that no metric reads, and texts of columns that a metric reads."""
    model = model_of(
        metrics=[
            _USE,
            {"name": "Sponsor", "column": "sponsor", "type": "yes_no", "ramp": [0, 1]},
            {"name": "Pay", "column": "pay", "choices": {"Paid": 100, "In dispute": 0}},
        ],
        rules=[
            {"name": "No sponsor", "when": [{"column": "sponsor", "op": "=", "value": "No"}]},
            {"name": "Other region", "when": [{"column": "region", "op": "<>", "value": "emea"}]},
            {"name": "Pays", "when": [{"column": "pay", "op": "=", "value": "PAID"}], "cap": 70},
            {"name": "Argues", "when": [{"metric": "Pay", "op": "<>", "value": "Paid"}]},
            {"name": "Worth", "when": [{"column": "value", "op": ">=", "value": 100}]},
            {"name": "Extra", "when": [{"column": "extra", "op": "<", "value": 0}]},
        ],
    )
    frame = _frame(
        use=[5, 6, 7, 8],
        sponsor=["Yes", "No", None, "perhaps"],
        pay=["paid", "in  Dispute", "other", None],
        region=["EMEA", " emea ", "APAC", None],
        value=[100, 99.5, "many", None],
        extra=[-1, 0, "x", None],
    )
    return book_of(model, frame)


@_corner
def choices_that_look_like_something_else() -> Book:
    """Choices are texts: no wildcards, no patterns, no numbers, no truth values."""
    choices = {"a*": 10, "ab": 20, "a?": 30, "~*": 50, ".*": 60, "(x)": 70, "TRUE": 80, "1E5": 90, "007": 95}
    model = model_of(
        metrics=[{"name": "Kind", "column": "kind", "choices": choices}],
        rules=[{"name": "Star", "when": [{"column": "region", "op": "=", "value": "p*"}]}],
    )
    kinds = ["ab", "a*", "ax", "~*", "a?", ".*", "(x)", "true", "1e5", "007", "7", "100000"]
    return book_of(model, _frame(kind=kinds, region=["paid", "p*", "P*", None] * 3))


@_corner
def overrides_of_every_kind() -> Book:
    """Active, expired, ending today, unsigned, without reason, out of range, fractional, without a date."""
    people = {
        "override_score": np.array([80, 80, 80, 80, 80, 101, -1, 64.5, 12.49, 80, 0, 100]),
        "override_reason": pd.Series(["Why"] * 4 + [" "] + ["Why"] * 7, dtype=object),
        "override_by": pd.Series(["Ann"] * 3 + [""] + ["Ann"] * 8, dtype=object),
        "override_until": pd.to_datetime(
            pd.Series(["2027-01-01", "2026-06-29", "2026-06-30"] + ["2027-01-01"] * 6 + [None] + ["2027-01-01"] * 2)
        ).astype("datetime64[s]"),
        "previous_score": np.array([50.0] * 6 + [np.nan] * 6),
    }
    return book_of(model_of(metrics=[_USE]), _frame(use=[None, *range(11)], value=[1000] * 12), people)


@_corner
def override_columns_in_the_export() -> Book:
    """Texts in an export's override columns count in neither engine."""
    count = 3
    return book_of(
        model_of(metrics=[_USE]),
        _frame(
            use=[1, 2, 3],
            override_score=["80", "abc", 70],
            override_reason=["Why"] * count,
            override_by=["Ann"] * count,
            override_until=["2027-01-01"] * count,
        ),
    )


@_corner
def bases_exactly_half_way() -> Book:
    """64.5 becomes 65 and 0.5 becomes 1, whatever the order of adding up; 49.5 lands in the next band."""
    metrics = [{"name": name, "column": name.lower(), "ramp": [0, 100]} for name in ("A", "B", "C")]
    frame = _frame(
        a=[64.5, 0.5, 49.5, 99.5, 33.3, 74.5],
        b=[64.5, 0.5, 49.5, 99.5, 33.3, None],
        c=[64.5, 0.5, 49.5, 99.5, 33.9, None],
    )
    return book_of(model_of(metrics=metrics, minimum_coverage=0.3), frame)


@_corner
def drags_that_tie() -> Book:
    """Several metrics lose alike: the first one is named; nothing is named where nothing is lost."""
    metrics = [
        {"name": name, "column": name.lower(), "ramp": [0, 1], "weight": weight}
        for name, weight in (("A", 1), ("B", 1), ("C", 2), ("D", 0))
    ]
    frame = _frame(a=[0, 1, 0, 0.1, None], b=[0, 1, 0, 0.1, 1], c=[0, 1, 0.5, 0.7, 0], d=[0, 0, 0, 0, 0])
    return book_of(model_of(metrics=metrics), frame)


@_corner
def peers_of_every_kind() -> Book:
    """Quantiles of zeros, of one value, of none, below zero, and in a segment without accounts."""
    metrics = [
        {"name": "Top", "column": "top", "peers": 0.95},
        {"name": "From", "column": "from", "peers": 0.5, "zero": 10},
        {"name": "None", "column": "none", "peers": 1},
    ]
    frame = _frame(
        **{"top": [0, 0, 0, -5, 7, None], "from": [10, 10, 12, 50, 9, "x"], "none": [None] * 6},
        segment=["Zeros", "Zeros", "Zeros", "One", "Two", "Two"],
    )
    return book_of(model_of(metrics=metrics, minimum_coverage=0.1), frame, more=["Nobody"], empty_rows=1)


@_corner
def weights_of_zero() -> Book:
    """A dimension of weight 0, one whose metrics all weigh 0, a segment where nothing weighs, criteria switched off."""
    model = model_of(
        dimensions=[{"name": "One", "weight": 2}, {"name": "Nought", "weight": 0}, {"name": "Hollow", "weight": 3}],
        metrics=[
            {"name": "A", "dimension": "One", "column": "a", "ramp": [0, 1]},
            {"name": "B", "dimension": "Nought", "column": "b", "ramp": [0, 1]},
            {"name": "C", "dimension": "Hollow", "column": "c", "ramp": [0, 1], "weight": 0},
            {"name": "D", "dimension": "One", "column": "d", "ramp": [1, 0], "criterion": "Off"},
            {"name": "E", "dimension": "One", "column": "e", "ramp": [1, 0], "criterion": "On"},
        ],
        criteria=[{"name": "Off", "on": False}, {"name": "On"}],
        segments=[
            {"name": "Weightless", "weights": {"A": 0, "E": 0}, "minimum_coverage": 0},
            {"name": "Other", "dimension_weights": {"Nought": 5}, "weights": {"C": 1}},
        ],
        minimum_coverage=0,
    )
    values = [0.2, 0.4, None, 0.2, 0.5, 0.9]
    names = ["Weightless", "Other", "Plain", "Plain", "Weightless", "Other"]
    return book_of(model, _frame(a=values, b=values[::-1], c=values, d=values, e=values[::-1], segment=names))


@_corner
def texts_with_control_characters() -> Book:
    """Line breaks and Excel's own escapes in texts come back as they went in."""
    rules = [{"name": "Rule", "text": "a _x0041_ b", "when": [{"metric": "Use", "op": "<", "value": 5}]}]
    frame = _frame(use=[1, 2], extra=["a\nb", "_x0041_ \x01"])
    return book_of(model_of(metrics=[_USE], rules=rules), frame)


@_corner
def many_rules_with_long_names() -> Book:
    """Forty capping rules with names of 80 characters: no formula grows past Excel's 8,192 characters."""
    rules = [
        {
            "name": f"{number} ".ljust(80, "n"),
            "cap": 40 + number,
            "when": [{"metric": "Use", "op": "<", "value": number}],
        }
        for number in range(40)
    ]
    rules.append({"name": "Most", "at_least": 2, "of": [rule["name"] for rule in rules]})
    return book_of(model_of(metrics=[_USE], rules=rules), _frame(use=[1, 9], segment=["Long segment name " * 8] * 2))


@_corner
def stale_values() -> Book:
    """Old values are missing; undated ones, and ones dated by a text, count."""
    metrics = [
        {"name": "Own", "column": "own", "ramp": [0, 10], "as_of_column": "own date", "stale_after_days": 30},
        {"name": "General", "column": "general", "ramp": [0, 10], "as_of_column": "general date"},
    ]
    dates = ["2026-05-31", "2026-05-30", None, "2027-01-01", "2020-01-01"]
    frame = _frame(**{"own": [5] * 5, "own date": dates, "general": [5, 5, 5, 5, None], "general date": dates[::-1]})
    return book_of(model_of(metrics=metrics, stale_after_days=100, minimum_coverage=0.5), frame)


@_corner
def stale_values_of_every_type() -> Book:
    """What cannot be used is not stale but missing: a text among numbers, a word that is neither yes nor no."""
    old = {"as_of_column": "dated", "stale_after_days": 30}
    metrics = [
        {"name": "Number", "column": "number", "ramp": [0, 1], **old},
        {"name": "Answer", "column": "answer", "type": "yes_no", "ramp": [0, 1], **old},
        {"name": "Word", "column": "word", "choices": {"Paid": 1}, **old},
        {"name": "Day", "days_since": "day", "ramp": [0, 1], **old},
    ]
    frame = _frame(
        number=[1, "n/k", None],
        answer=["Yes", "perhaps", None],
        word=["Paid", "other", None],
        day=["2026-01-01", "x", None],
    )
    return book_of(model_of(metrics=metrics), frame.assign(dated="2026-01-01"))


@_corner
def dated_without_a_limit() -> Book:
    """A metric may have a date column though nothing says when it is stale: then it never is."""
    metric = {"name": "Own", "column": "own", "ramp": [0, 10], "as_of_column": "own date"}
    return book_of(model_of(metrics=[metric]), _frame(**{"own": [5, 6], "own date": ["2020-01-01", None]}))


@_corner
def raw_numbers_one_bit_apart() -> Book:
    """0.1 + 0.2 meets a limit of 0.3, as it does for a person and in a spreadsheet."""
    model = model_of(
        metrics=[{"name": "Raw", "column": "raw", "steps": [[0, 10], [0.3, 50]]}],
        rules=[{"name": "Is", "when": [{"metric": "Raw", "op": "=", "value": 0.3}]}],
    )
    return book_of(model, _frame(raw=[0.1 + 0.2, 0.3, 0.29999999999999993, 0.29]))


@_corner
def columns_spelled_in_several_ways() -> Book:
    """A model's names match without regard to case, spaces and underscores, within the model too."""
    metrics = [_USE, {"name": "Again", "column": "U_SE", "ramp": [0, 20]}, _PAID | {"as_of_column": "Paid on"}]
    later = {"name": "Later", "days_since": "PAID_ON", "ramp": [90, 0]}
    rules = [
        {"name": "Little", "when": [{"column": "USE", "op": "<", "value": 5}], "cap": 60},
        {"name": "Unpaid", "when": [{"column": "PAY", "op": "=", "value": "Late"}], "cap": 40},
    ]
    frame = _frame(
        use=[1, 5, 9, None], pay=["Paid", "late", None, "Late"], paid_on=["2026-06-01", None, "2026-01-01", None]
    )
    return book_of(model_of(metrics=[*metrics, later], rules=rules, stale_after_days=30), frame)


@_corner
def yes_no_rules_on_what_is_neither() -> Book:
    """A condition on a yes/no column: a value that is neither counts as missing, whatever the operator."""
    metric = {"name": "Sponsor", "column": "sponsor", "type": "yes_no", "ramp": [0, 1]}
    rules = [
        {"name": f"Rule {op} {word}", "when": [{"column": "sponsor", "op": op, "value": word}]}
        for op in ("=", "<>")
        for word in ("Yes", "No")
    ]
    values = ["Yes", "No", "maybe", 1, 0, None, True, "yes ", 2]
    return book_of(model_of(metrics=[metric, _USE], rules=rules), _frame(sponsor=values, use=[5] * len(values)))
