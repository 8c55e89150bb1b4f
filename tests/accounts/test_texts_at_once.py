"""Columns of names are looked at all at once; the result is the one that looking at each text gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthscore.accounts import texts as module
from healthscore.accounts.duplicates import all_differ, find_duplicates
from healthscore.accounts.texts import TEXT_NULLS, texts

AWKWARD = st.sampled_from(
    ["", " ", "Acme", " Acme", "Acme ", "Ac  me", "a\tb", "a\nb", "n/a", "NA", "(null)", "-", "–", "\x00", "\ud83d",
     "\ud83d\ude80", "🚀", "شركة", "a\u00a0b", "\ufffe", "x" * 40_000, "ß", "K"]
)  # fmt: skip
CELLS = st.lists(st.one_of(AWKWARD, st.text(max_size=8), st.none()), min_size=1, max_size=8)


@given(cells=CELLS, collapse=st.booleans(), strip=st.booleans())
def test_all_at_once_is_one_by_one(cells: list[str | None], *, collapse: bool, strip: bool) -> None:
    """Whatever the texts, both ways give the same values and report the same rows."""
    column = pd.Series(cells, dtype=object)
    quick = texts(column, collapse=collapse, strip=strip)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_mostly_different", lambda _: False)
        slow = texts(column, collapse=collapse, strip=strip)
    assert list(quick.values) == list(slow.values)
    assert (quick.mended, quick.cut) == (slow.mended, slow.cut)


def test_plain_names_are_taken_as_they_are() -> None:
    """The quick way is taken for a plain column, and refused for each thing that needs a look."""
    plain = [f"Company {number}, Inc." for number in range(50)]
    assert module._tidy(np.array(plain, dtype=object), TEXT_NULLS)
    for other in ("", " x", "x ", "x  y", "x\ty", "NULL", "x\x01", None, "x" * 20_000):
        assert not module._tidy(np.array([*plain, other], dtype=object), TEXT_NULLS)


@given(
    ids=st.lists(st.one_of(st.sampled_from(["A1", "a1", "B", "ß", "SS", "K", "k"]), st.text(max_size=3)), min_size=1)
)
def test_ids_that_all_differ_have_no_duplicates(ids: list[str]) -> None:
    """Where all ids differ in more than capitals, none is found twice; else some are alike in small letters."""
    column = np.array(ids, dtype=object)
    assert all_differ(column) == (len({text.lower() for text in ids}) == len(ids))
    if all_differ(column):
        assert find_duplicates(column, np.arange(len(ids))) == ()
