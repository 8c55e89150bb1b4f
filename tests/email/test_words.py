"""How figures and texts are written."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthscore.scorecards import words


def test_examples_in_the_docstrings():
    """The worked examples in the module's docstrings are true."""
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "0"),
        (999.6, "1.0k"),
        (9_949, "9.9k"),
        (9_951, "10k"),
        (999_499, "999k"),
        (999_600, "1.00M"),
        (-53_000, "−53k"),
        (1e9, "1.00B"),
        (float("nan"), "–"),
    ],
)
def test_money_is_short_and_never_1000k(amount, shown):
    """Amounts have two or three digits and a unit; rounding steps up to the next unit."""
    assert words.money(amount) == shown


def test_dates_name_the_month():
    """A date cannot be read the wrong way round."""
    import datetime as dt

    assert words.date(dt.date(2026, 7, 3)).replace("\u00a0", " ") == "3 Jul 2026"


@given(st.text(), st.integers(1, 50))
def test_plain_text_is_one_harmless_line(text, limit):
    """Whatever comes in: one line, no control or direction characters, no lone surrogate, not longer than asked."""
    result = words.plain(text, limit)
    assert len(result.replace("\u200c", "")) <= limit
    assert not any(char in result for char in "\r\n\t\0\x1b\u202e\u2066\u2028\u200b\ufeff")
    result.encode()


@given(st.text(st.characters(codec=None)))
def test_header_text_never_holds_a_line_break(text):
    """No header can end early, whatever a name holds, lone surrogates included."""
    result = words.header_text(text)
    assert result == " ".join(result.split())
    result.encode()


@pytest.mark.parametrize("text", ["http://evil.example/login", "www.evil.example", "pay@evil.example", "https://a.bc"])
def test_data_does_not_become_a_link(text):
    """Mail programs find no address in a name: a joiner they do not show stands where they would see one."""
    assert text not in words.plain(text)
    assert words.plain(text).replace("\u200c", "") == text


def test_towers_of_marks_are_cut():
    """Stacked combining marks cannot reach over the lines around them."""
    assert len(words.plain("a" + "\u0301" * 200)) == 5
