"""README shows the workbook: pictures that are small, described, and made by the script in tools/."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHOWN = re.findall(r'<img src="([^"]+)" width="(\d+)" alt="([^"]+)">', (ROOT / "README.md").read_text(encoding="utf-8"))
MADE = re.search(r"^SHEETS = \{(.*)\}", (ROOT / "tools" / "pictures.py").read_text(encoding="utf-8"), re.M)


def test_the_workbook_comes_first():
    """The first thing in README after the sentence is a picture of the workbook, and there are more."""
    assert SHOWN[0][0] == "docs/pictures/dashboard.png"
    assert len(SHOWN) >= 3


@pytest.mark.parametrize(("path", "width", "alt"), SHOWN)
def test_a_picture_is_small_and_described(path, width, alt):
    """Each picture is a PNG under 150 kB, at least as wide as it is shown, and says what it shows."""
    content = (ROOT / path).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 150_000
    assert struct.unpack(">I", content[16:20])[0] >= int(width)
    assert len(alt) > 40


def test_every_picture_of_a_sheet_is_made_by_the_script():
    """The script renders every picture of a sheet that is kept, so that all can be made anew; README shows each."""
    assert MADE is not None
    sheets = {name.lower() for name in re.findall(r'"(\w+)":', MADE[1])}
    kept = {path.stem for path in (ROOT / "docs" / "pictures").glob("*.png")}
    assert kept - {"portfolio"} == sheets
    assert {Path(path).stem for path, _, _ in SHOWN} == kept
