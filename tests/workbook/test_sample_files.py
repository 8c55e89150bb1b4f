"""The workbooks in sample_workbooks: one per model, small enough to be sent by e-mail."""

from __future__ import annotations

import pytest

from healthscore.model import preset_names
from healthscore.workbook.reading.workbook import read_workbook
from parity.books import ROOT

SAMPLES = sorted((ROOT / "sample_workbooks").glob("*/*.xlsx"))


def test_every_model_has_a_sample():
    """Each built-in model has its sample, and there is one with a year behind it."""
    assert {path.parent.name for path in SAMPLES} == {*preset_names(), "a_year"}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_a_sample_is_small_and_whole(path):
    """A sample is under 1 MB, is read without a fault, and holds accounts of the model it is named after."""
    assert path.stat().st_size < 1_000_000
    found = read_workbook(path)
    assert len(found.accounts.frame) >= 30
    assert not [finding for finding in found.findings if finding.severity == "error"]
