"""Names made fit for their place: headers, sheets, tables (Excel's rules, with every collision settled)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthscore import names

LEGAL_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
TAKEN = ("Start", "Model", "Checks")


def units(text: str) -> int:
    """Return the length that Excel counts: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


# --- matching ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other", ["usage hours_90d", "Usage-Hours 90D", "USAGEHOURS90D", " usage  hours 90d ", "ｕｓａｇｅ hours 90d"]
)
def test_names_that_match(other: str):
    """Case, spaces, underscores, hyphens and the width of letters do not count."""
    assert names.key("Usage Hours 90d") == names.key(other)


@pytest.mark.parametrize("other", ["usage hours", "usage hours 90", "usage.hours 90d", ""])
def test_names_that_differ(other: str):
    """Everything else counts."""
    assert names.key("Usage Hours 90d") != names.key(other)


def test_a_header_matches_what_it_stands_for():
    """A header in which characters were replaced still matches the original name."""
    for name in ("Cost [#1] 'net'", "Users @home", "a_x0041_b", "№ 5", "ｆｕｌｌ ＃1"):
        assert names.key(names.header(name)) == names.key(name)
    assert names.key("Customer #") == names.key("customer no")


# --- headers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Usage", "Usage"),
        ("two\nlines\tand  spaces ", "two lines and spaces"),
        ("a[b]", "a(b)"),
        ("CSM's #1 @work", "CSM’s №1 ＠work"),
        ("x" * 300, "x" * 255),
        ("_x0041_", "-x0041_"),
    ],
)
def test_headers(name: str, header: str):
    """A header needs no escapes in a structured reference, is one line and at most 255 characters long."""
    assert names.header(name) == header


@pytest.mark.parametrize(
    ("given_names", "result"),
    [
        (["Note", "note", "NOTE"], ["Note", "note (2)", "NOTE (3)"]),
        (["a", "a (2)", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a", "a (2)"], ["a", "a (2)", "a (2) (2)"]),
        ([], []),
    ],
)
def test_unique(given_names: list[str], result: list[str]):
    """Later names that are the same but for case get a number that is free."""
    assert names.unique(given_names) == result


def test_unique_keeps_the_limit():
    """The number behind a long name takes the place of its end."""
    assert names.unique(["x" * 31, "X" * 31], 31) == ["x" * 31, "X" * 27 + " (2)"]


def test_unique_counts_emoji_twice():
    """Excel counts UTF-16 units; a name is never cut through an emoji."""
    first, second = names.unique(["😀" * 20, "😀" * 20], 31)
    assert first == "😀" * 15
    assert second == "😀" * 13 + " (2)"


def test_unique_by_key():
    """Of names that match one another the first stays."""
    assert names.unique_by_key(["Usage hours", "usage_hours", "ARR", "arr"]) == ["Usage hours", "ARR"]


# --- sheets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("Enterprise", "Enterprise"),
        ("EMEA / Large", "EMEA - Large"),
        (r"[a]:b*c?d\e", "-a--b-c-d-e"),
        ("'quoted'", "quoted"),
        ("O'Brien", "O'Brien"),
        ("", "Segment"),
        ("'", "Segment"),
        ("  ", "Segment"),
        ("a\x01b", "a-b"),
        ("model", "model (2)"),
        ("HISTORY", "HISTORY (2)"),
        ("x" * 40, "x" * 31),
        ("x" * 30 + "'yz", "x" * 30),
        ("😀" * 20, "😀" * 15),
        ("مرحبا", "مرحبا"),
    ],
)
def test_sheet_names(name: str, sheet: str):
    """A sheet's name is one that Excel allows: no forbidden character, no apostrophe at an end, nobody else's."""
    assert names.sheet_names([name], TAKEN) == [sheet]


def test_sheet_names_that_collide_after_cutting():
    """Names alike in their first 31 characters get sheets of their own."""
    found = names.sheet_names(["x" * 31 + "a", "x" * 31 + "b", "X" * 31], ())
    assert found == ["x" * 31, "x" * 27 + " (2)", "X" * 27 + " (3)"]


@given(st.lists(st.text(max_size=40), max_size=12))
def test_sheet_names_are_always_legal(wanted: list[str]):
    """Whatever segments are called, every sheet has a legal name of its own."""
    found = names.sheet_names(wanted, TAKEN)
    assert len(found) == len(wanted)
    assert len({name.lower() for name in [*found, *TAKEN, "History"]}) == len(found) + len(TAKEN) + 1
    for name in found:
        assert 1 <= units(name) <= 31
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]", name)
        assert not name.startswith("'")
        assert not name.endswith("'")


@pytest.mark.parametrize(("name", "quoted"), [("Model", "'Model'"), ("O'Brien", "'O''Brien'"), ("a b", "'a b'")])
def test_quoted_sheet(name: str, quoted: str):
    """A formula writes a sheet's name in quotes and doubles those inside."""
    assert names.quote_sheet(name) == quoted


# --- tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("Mid market", "Mid_market"),
        ("Größe", "Groe"),
        ("Équipe", "Equipe"),
        ("日本", "Segment_1"),
        ("", "Segment_1"),
        ("2 to 5", "Segment_2_to_5"),
        ("A1", "Segment_A1"),
        ("xfd12", "Segment_xfd12"),
        ("R", "Segment_R"),
        ("c", "Segment_c"),
        ("R1C1", "Segment_R1C1"),
        ("true", "Segment_true"),
        ("a.b", "a_b"),
        ("findings", "findings_2"),
    ],
)
def test_table_names(name: str, table: str):
    """A table's name is an ASCII word that is no cell address, no truth value and nobody else's."""
    assert names.table_names([name], ("Findings",)) == [table]


def test_table_names_that_collide():
    """Names that become the same word are numbered."""
    assert names.table_names(["a b", "a-b", "A_B", "a_b_2"], ()) == ["a_b", "a_b_2", "A_B_3", "a_b_2_2"]


@given(st.lists(st.text(max_size=60), max_size=12))
def test_table_names_are_always_legal(wanted: list[str]):
    """Whatever segments are called, every table has a legal name of its own."""
    found = names.table_names(wanted, ("AsOf", "Findings"))
    assert len({name.lower() for name in [*found, "AsOf", "Findings"]}) == len(wanted) + 2
    for name in found:
        assert LEGAL_TABLE.fullmatch(name)
        assert len(name) <= 255
        assert not re.fullmatch(r"(?i)[A-Z]{1,3}\d+|R\d*C?\d*|C\d*|TRUE|FALSE", name)
