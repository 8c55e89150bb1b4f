"""Numbers and yes/no as people write them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthscore.accounts.cells import numbers, yes_no


def column(*values):
    return pd.Series(list(values), dtype=object)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$1,200", 1200),
        ("€ 1.200,50", 1200.5),
        ("85%", 0.85),
        ("57 %", 0.57),
        ("1.200,50", 1200.5),
        ("1 200,5", 1200.5),
        ("1\u00a0200,5", 1200.5),
        ("1\u2009200", 1200),
        ("1\u202f200\u00a0€", 1200),
        ("(300)", -300),
        ("($1,300.50)", -1300.5),
        ("1,234.5", 1234.5),
        ("12,34,567.5", 1234567.5),
        ("1e3", 1000),
        ("-5", -5),
        ("−5", -5),
        ("5-", -5),
        ("'+4", 4),
        ("1'200", 1200),
        ("1’200.50", 1200.5),
        ("US$ 5", 5),
        ("EUR 3.5", 3.5),
        ("7 kr", 7),
        ("0,5", 0.5),
        ("0,125", 0.125),
        ("1,200", 1200),
        ("1,200,300", 1200300),
        ("1.200.300", 1200300),
        ("€ 1.200", 1200),
        ("1.2", 1.2),
        (".5", 0.5),
        ("１２", 12),
        (True, 1),
        ("False", 0),
        (7, 7),
    ],
)
def test_a_number_is_read_as_it_is_meant(written, meant):
    """Currencies, percent, both decimal marks, brackets and spaces are all read."""
    parsed = numbers(column(written))
    assert parsed.values.tolist() == [meant]
    assert not parsed.unusable


@pytest.mark.parametrize(
    "text", ["", " ", "-", "n/a", "NA", "null", "None", "#N/A", "nan", ".", "—", None, np.nan, pd.NaT]
)
def test_what_means_nothing_is_blank_without_a_finding(text):
    """The usual words for nothing are missing values and no faults."""
    parsed = numbers(column("1", text))
    assert np.isnan(parsed.values[1])
    assert not parsed.unusable


@pytest.mark.parametrize(
    "text",
    [
        "12k",
        "inf",
        "-Infinity",
        "1e999",
        "1,2,3",
        "1.2.3,4,5",
        "(-5)",
        "--5",
        "1_000",
        "0x10",
        "twelve",
        "5%%",
        "3/4",
        "#DIV/0!",
        "3\x1f5",
    ],
)
def test_what_is_no_finite_number_is_unusable(text):
    """Texts that are no number are missing, and stand in `unusable` with their row."""
    parsed = numbers(column("1", text))
    assert np.isnan(parsed.values[1])
    assert parsed.unusable == {1: text}


def test_one_value_settles_the_decimal_mark_of_its_column():
    """`1.200` is 1200 beside `1.200,50`, and 1.2 beside `0.5`; `1,200` is 1.2 beside `3,5`."""
    assert numbers(column("1.200,50", "1.200", "3")).values.tolist() == [1200.5, 1200, 3]
    assert numbers(column("1.200", "0.5")).values.tolist() == [1.2, 0.5]
    assert numbers(column("1,200", "3,5")).values.tolist() == [1.2, 3.5]
    assert numbers(column("1,200", "3,500.5")).values.tolist() == [1200, 3500.5]


def test_a_value_that_contradicts_its_column_is_unusable():
    """Under decimal commas `12.5` is neither a decimal nor a thousand, so it is not guessed."""
    assert numbers(column("1.200,50", "3,25", "12.5")).unusable == {2: "12.5"}


def test_percent_beside_plain_numbers_is_said():
    """85% is 0.85 and 85 stays 85; a column with both gets a note."""
    parsed = numbers(column("85%", "90"))
    assert parsed.values.tolist() == [0.85, 90]
    assert len(parsed.notes) == 1


def test_infinite_numbers_of_a_numeric_column_are_unusable_and_the_source_is_left_alone():
    """A float column is used as it is; only one with infinite values is copied."""
    given_values = pd.Series([1.0, np.inf, np.nan])
    parsed = numbers(given_values)
    assert parsed.unusable == {1: "inf"}
    assert np.isinf(given_values[1])


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "boolean", "int8", "bool", "category"])
def test_every_kind_of_numeric_column_is_read(dtype):
    """Nullable, small and categorical types give the same floats."""
    assert numbers(pd.Series([1, 0], dtype=dtype)).values.tolist() == [1.0, 0.0]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_as_python_writes_them_come_back_exactly(values):
    """Reading loses no bit of a float written with `repr`."""
    assert numbers(column(*map(repr, values))).values.tolist() == values


@given(st.lists(st.text()))
def test_no_text_breaks_the_readers(values):
    """Whatever stands in a cell is a number, blank or unusable; nothing raises."""
    assert len(numbers(column(*values)).values) == len(values)
    assert len(yes_no(column(*values)).values) == len(values)


def test_yes_and_no_in_several_languages():
    """Words, signs, numbers and booleans become 1 and 0; others are unusable."""
    parsed = yes_no(column("Yes", "no", "TRUE", "n", 1, 0.0, "ja", "nein", "oui", "si", "x", True, "maybe", "-", None))
    assert parsed.values[:12].tolist() == [1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1]
    assert np.isnan(parsed.values[12:]).all()
    assert parsed.unusable == {12: "maybe"}
