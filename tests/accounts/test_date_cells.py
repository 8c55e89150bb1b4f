"""Dates as people write them."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthscore.accounts.dates import dates, iso_dates
from healthscore.errors import AccountsError


def column(*values):
    return pd.Series(list(values), dtype=object)


def read(*values, order=None):
    return dates(column(*values), "export.csv: column 'renewal'", order)


@pytest.mark.parametrize(
    "written",
    [
        "2024-12-31", "2024-12-31T10:20:30Z", "2024-12-31 10:20:30.123+01:00", "2024/12/31", "20241231", 20241231,
        45657, "45657", 45657.75, dt.datetime(2024, 12, 31, 9), dt.date(2024, 12, 31), pd.Timestamp("2024-12-31 23:59"),
        np.datetime64("2024-12-31"), "31-12-2024", "31/12/24", "12/31/2024", "12/31/2024 11:59 PM", "31.12.2024",
        "31 Dec 2024", "31-Dec-24", "Dec 31, 2024", "December 31 2024", "Dec. 31st, 2024", "Tue, 31 Dec 2024",
        "31. Dezember 2024", "31 décembre 2024", "31 de diciembre de 2024", "2024-Dec-31",
    ],
)  # fmt: skip
def test_a_date_is_read_as_it_is_meant(written):
    """ISO, Excel serials, datetime objects, day or month first, and month names all give the same day."""
    parsed = read(written)
    assert parsed.values.tolist() == [dt.datetime(2024, 12, 31)]
    assert parsed.values.dtype == "M8[s]"


@pytest.mark.parametrize(
    "written", ["soon", "2024-02-30", "31/31/2024", 2024, "2024", 0, -3, 10**12, "Dec 2024", True, "1899-12-31", 30]
)
def test_what_is_no_date_is_unusable(written):
    """Impossible days, bare years and days before March 1900 are missing, with their text kept."""
    parsed = read("2024-01-01", written)
    assert np.isnat(parsed.values[1])
    assert parsed.unusable == {1: str(written)}


def test_one_value_settles_the_order_of_its_column():
    """`01/02/2024` is 1 February beside `31/12/2024` and 2 January beside `12/31/2024`."""
    assert read("01/02/2024", "31/12/2024").values[0] == np.datetime64("2024-02-01")
    assert read("01/02/2024", "12/31/2024").values[0] == np.datetime64("2024-01-02")


def test_points_are_always_day_first():
    """Nobody writes months first with points."""
    assert read("01.02.2024").values[0] == np.datetime64("2024-02-01")


def test_an_ambiguous_column_is_refused_with_both_readings():
    """The error names the column, an example, both readings and the option that settles it."""
    with pytest.raises(AccountsError) as caught:
        read("03/04/2025", "05/05/2025")
    assert str(caught.value) == (
        "export.csv: column 'renewal': '03/04/2025' can be 3 April 2025 or 4 March 2025, and no value of the column "
        "settles it; say --dates dmy for the first reading or --dates mdy for the second"
    )


def test_a_column_that_contradicts_itself_is_refused():
    """One value can only have the day first, another only the month."""
    with pytest.raises(AccountsError, match="'31/12/2024' has the day first, '12/30/2024' the month"):
        read("31/12/2024", "12/30/2024")


def test_the_word_given_settles_everything():
    """With `dates` given, what does not fit it is unusable."""
    assert read("03/04/2025", order="mdy").values[0] == np.datetime64("2025-03-04")
    parsed = read("31/12/2024", "12/30/2024", order="dmy")
    assert parsed.unusable == {1: "12/30/2024"}


def test_days_equal_in_both_orders_are_no_ambiguity():
    """`05/05/2025` is the fifth of May either way."""
    assert read("05/05/2025").values[0] == np.datetime64("2025-05-05")


def test_stamps_lose_their_time_and_zone():
    """The day as it was written counts, whatever the zone."""
    stamps = pd.Series(pd.to_datetime(["2024-12-31 23:30"]).tz_localize("America/New_York"))
    assert dates(stamps, "x").values[0] == np.datetime64("2024-12-31")


def test_only_plain_iso_columns_count_as_dates_of_themselves():
    """Extras become dates where there is no doubt and no time of day to lose."""
    assert iso_dates(column("2024-12-31", None)) is not None
    assert iso_dates(column("2024-12-31T10:00")) is None
    assert iso_dates(column("01/02/2024")) is None


@given(
    st.dates(min_value=dt.date(1970, 1, 1), max_value=dt.date(2069, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d %b %Y", "%B %d, %Y", "%d.%m.%y", "%Y%m%d"]),
)
def test_every_day_comes_back_from_every_unambiguous_form(day, form):
    """Writing a day and reading it gives that day."""
    assert read(day.strftime(form)).values[0] == np.datetime64(day)


@given(st.lists(st.text()))
def test_no_text_breaks_the_reader(values):
    """Whatever stands in a cell is a date, blank, unusable or a clear error."""
    assert len(dates(column(*values), "x", "dmy").values) == len(values)
