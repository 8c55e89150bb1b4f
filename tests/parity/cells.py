"""Reading every cell of a workbook's sheets straight from its XML: formula and stored value, nothing interpreted.

Independent of the code that writes our files and of any engine, and quick enough to be run for every example.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Place = tuple[int, int]
Value = str | float | bool


class CellError(str):
    """An error value such as #VALUE!, told apart from the same text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class StoredCell:
    """A cell as a file holds it. `formula` is None for a constant; a blank value is the empty text."""

    formula: str | None
    value: Value


def read_cells(path: Path) -> dict[str, dict[Place, StoredCell]]:
    """Return {sheet name: {(row, column) counted from 0: cell}} of an .xlsx file."""
    with zipfile.ZipFile(path) as archive:
        strings = _shared_strings(archive)
        return {name: dict(_sheet_cells(archive, part, strings)) for name, part in _sheet_parts(archive)}


def address(place: Place) -> str:
    """Return the address of a (row, column): (0, 27) is AB1."""
    col, letters = place[1] + 1, ""
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{place[0] + 1}"


def place_of(text: str) -> Place:
    """Return the (row, column) of an address: AB1 is (0, 27)."""
    letters = text.rstrip("0123456789")
    col = 0
    for letter in letters:
        col = col * 26 + ord(letter) - 64
    return int(text[len(letters) :]) - 1, col - 1


def _sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    targets = {
        link.attrib["Id"]: link.attrib["Target"]
        for link in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):
        target = targets[sheet.attrib[f"{_REL}id"]]
        yield sheet.attrib["name"], target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
    return [_unescaped("".join(text.text or "" for text in item.iter(f"{_MAIN}t"))) for item in root]


def _sheet_cells(archive: zipfile.ZipFile, part: str, strings: list[str]) -> Iterator[tuple[Place, StoredCell]]:
    for cell in ElementTree.fromstring(archive.read(part)).iter(f"{_MAIN}c"):
        formula = cell.find(f"{_MAIN}f")
        value = _value(cell, strings)
        if formula is not None or value != "":
            yield place_of(cell.attrib["r"]), StoredCell(None if formula is None else formula.text or "", value)


def _value(cell: ElementTree.Element, strings: list[str]) -> Value:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _unescaped("".join(text.text or "" for text in cell.iter(f"{_MAIN}t")))
    text = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s":
        return strings[int(text)]
    if kind == "str":
        return _unescaped(text)
    if kind == "b":
        return text == "1"
    if kind == "e":
        return CellError(text)
    return float(text) if text else ""


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
