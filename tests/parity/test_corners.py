"""Corner cases, each by its name: what Python computed is what a spreadsheet engine computes."""

from __future__ import annotations

import pytest

from parity.compare import assert_agrees, assert_parity, planned_formulas, write_pair
from parity.corners import CORNERS
from parity.engines import CELLRUNE, LIBREOFFICE


@pytest.mark.parametrize("name", CORNERS)
def test_corner_agrees_in_cellrune(name, tmp_path):
    """Every formula cell of the corner case gives in cellrune what Python computed."""
    assert_parity(CORNERS[name](), tmp_path, CELLRUNE)


@pytest.mark.libreoffice
def test_corners_agree_in_libreoffice(tmp_path):
    """The same cases agree in LibreOffice, all in one start of the program."""
    books = {name: make() for name, make in CORNERS.items()}
    pairs = [write_pair(book, tmp_path, name) for name, book in books.items()]
    computed = LIBREOFFICE.recalculate_all([poisoned for _, poisoned in pairs])
    faults = []
    for (name, book), (normal, _), values in zip(books.items(), pairs, computed, strict=True):
        try:
            assert assert_agrees(normal, values, "libreoffice") == planned_formulas(book) > 0
        except AssertionError as error:
            faults.append(f"{name}: {error}")
    assert not faults, "\n".join(faults)
