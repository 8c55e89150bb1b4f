"""Any model, any accounts: two engines, one answer (DESIGN §4)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings

from parity.books import book_of
from parity.compare import assert_parity
from parity.engines import ENGINES
from parity.strategies import Case, cases


@given(case=cases())
@settings(max_examples=40)
def test_any_model_and_accounts_agree(case: Case):
    """Whatever the model and the accounts, every formula cell gives what Python computed."""
    book = book_of(case.model, case.frame, case.people, more=case.more, empty_rows=case.empty_rows)
    with tempfile.TemporaryDirectory() as folder:
        assert_parity(book, Path(folder), ENGINES["cellrune"])
