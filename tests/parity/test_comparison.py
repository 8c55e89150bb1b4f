"""The comparison itself: it sees what differs, and a workbook that was not recalculated does not pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parity.cells import CellError, address, place_of, read_cells
from parity.compare import assert_agrees, assert_parity, differences, formulas, same, write_pair
from parity.corners import CORNERS
from parity.engines import CELLRUNE


@pytest.mark.parametrize(
    ("wanted", "got", "agree"),
    [
        (1.0, 1.0 + 1e-10, True),
        (1e12, 1e12 + 1, True),
        (1.0, 1.00000001, False),
        ("", "", True),
        ("", 0.0, False),
        ("a", "A", False),
        (1.0, True, False),
        ("#N/A", CellError("#N/A"), False),
        (CellError("#N/A"), CellError("#N/A"), False),
    ],
)
def test_values_are_the_same_only_in_kind_and_size(wanted, got, agree):
    """Numbers may differ by 1e-9, texts by nothing; kinds are never mixed, and an error agrees with nothing."""
    assert same(wanted, got) is agree


def test_every_poisoned_cell_differs_until_it_is_recalculated(tmp_path):
    """A poisoned file as written differs from the normal one in every single formula cell."""
    normal, poisoned = write_pair(CORNERS["drags_that_tie"](), tmp_path, "book")
    stored = read_cells(normal)
    unrecalculated = {
        sheet: {place: cell.value for place, cell in cells.items()} for sheet, cells in read_cells(poisoned).items()
    }
    assert len(list(differences(stored, unrecalculated))) == sum(1 for _ in formulas(stored)) > 100


def test_a_wrong_number_is_named_with_its_place_and_formula(tmp_path):
    """A value that Python got wrong fails with sheet, cell, header, formula, and both values."""
    normal, poisoned = write_pair(CORNERS["drags_that_tie"](), tmp_path, "book")
    computed = CELLRUNE.recalculate(poisoned)
    sheet, place, _, _ = next(found for found in formulas(read_cells(normal)) if "Override active" in found[2])
    computed[sheet][place] = 77.0
    told = rf"1 of \d+ formula cells.*\n{sheet}!{address(place)} \(Score\)"
    with pytest.raises(AssertionError, match=told) as caught:
        assert_agrees(normal, computed, "an engine")
    assert "formula =IF(" in str(caught.value)
    assert "got     77.0" in str(caught.value)


def test_a_formula_that_no_engine_knows_fails(tmp_path):
    """A formula that cannot be evaluated is a difference, not a blank that passes."""
    book = CORNERS["drags_that_tie"]()
    sheet = next(sheet for sheet in book.sheets if sheet.kind == "segment")
    table = sheet.tables[0]
    columns = [replace(part, formula="NOSUCH(1)") if part.header == "Outlook" else part for part in table.columns]
    sheet.tables[0] = replace(table, columns=tuple(columns))
    with pytest.raises(AssertionError, match="Outlook"):
        assert_parity(book, tmp_path, CELLRUNE)


@pytest.mark.parametrize(("place", "text"), [((0, 0), "A1"), ((9, 25), "Z10"), ((0, 26), "AA1"), ((99, 701), "ZZ100")])
def test_addresses(place, text):
    """Addresses are read and written both ways."""
    assert (address(place), place_of(text)) == (text, place)
