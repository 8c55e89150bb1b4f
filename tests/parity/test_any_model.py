"""Any model, any accounts: two engines, one answer (DESIGN §4)."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from parity.books import book_of
from parity.compare import assert_agrees, assert_parity, planned_formulas, write_pair
from parity.engines import CELLRUNE, LIBREOFFICE
from parity.strategies import Case, cases


def book(case: Case):
    """Plan the workbook of a drawn case."""
    return book_of(case.model, case.frame, case.people, more=case.more, empty_rows=case.empty_rows)


@given(case=cases())
@settings(max_examples=40)
def test_any_model_and_accounts_agree(case: Case):
    """Whatever the model and the accounts, every formula cell gives what Python computed."""
    with tempfile.TemporaryDirectory() as folder:
        assert_parity(book(case), Path(folder), CELLRUNE)


def drawn_cases(count: int) -> list[Case]:
    """Return the same drawn cases in every run."""
    found: list[Case] = []

    @given(case=cases())
    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def draw(case: Case) -> None:
        found.append(case)

    draw()
    return found


@pytest.mark.libreoffice
def test_drawn_models_and_accounts_agree_in_libreoffice(tmp_path):
    """Thirty drawn cases agree in LibreOffice too, all in one start of the program."""
    books = [book(case) for case in drawn_cases(30)]
    pairs = [write_pair(planned, tmp_path, f"case {number}") for number, planned in enumerate(books)]
    computed = LIBREOFFICE.recalculate_all([poisoned for _, poisoned in pairs])
    for planned, (normal, _), values in zip(books, pairs, computed, strict=True):
        assert assert_agrees(normal, values, "libreoffice") == planned_formulas(planned) > 0
