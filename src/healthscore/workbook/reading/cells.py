"""The cells of a sheet, streamed from its XML: formula, stored value and number format, nothing interpreted.

openpyxl gives either formulas or values, in one object per cell; here both come in one pass, and only what is there
takes room. Rows and columns count from 0.
"""

from __future__ import annotations

import contextlib
import math
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from xml.parsers import expat

from healthscore.workbook.reading.package import Package, local

CELLS_LIMIT = 15_000_000
#: Rows and columns of a sheet, in Excel and everywhere else.
ROWS, COLUMNS = 1_048_576, 16_384
#: Most rows and columns of a grid of values: no sheet that is read as one is larger.
_GRID_ROWS, _GRID_WIDTH = 100_000, 64
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
_NO_LETTERS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')

CellValue = str | float | bool | None


class ErrorValue(str):
    """An error in a cell such as #REF!, told apart from the same text."""

    __slots__ = ()


class StoredCell(NamedTuple):
    """A cell as the file holds it: `formula` without `=` or None, `value` None where blank or not stored."""

    value: CellValue
    formula: str | None
    style: int


EMPTY = StoredCell(None, None, 0)


@dataclass
class StoredSheet:
    """A sheet's cells, and what else stands in its XML that a reader has to know."""

    name: str
    part: str
    cells: dict[int, dict[int, StoredCell]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    elements: set[str] = field(default_factory=set)
    filtered: bool = False
    protected: bool = False
    #: Formula cells without a stored value: the file was saved by a program that does not calculate.
    uncalculated: int = 0

    def at(self, row: int, col: int) -> StoredCell:
        """Return a cell; EMPTY where nothing stands."""
        return self.cells.get(row, {}).get(col, EMPTY)

    def value(self, row: int, col: int) -> CellValue:
        """Return what a cell shows."""
        return self.at(row, col).value

    @property
    def last_row(self) -> int:
        """The last row with a cell; -1 when there is none."""
        return max(self.cells, default=-1)

    @property
    def width(self) -> int:
        """One more than the last column with a cell."""
        return max((max(row, default=-1) for row in self.cells.values()), default=-1) + 1

    def rows(self) -> list[list[CellValue]]:
        """Return all values as a grid from the first row on."""
        width, last = min(self.width, _GRID_WIDTH), min(self.last_row, _GRID_ROWS)
        return [[self.value(row, col) for col in range(width)] for row in range(last + 1)]


def address(row: int, col: int) -> str:
    """Return a cell's address: (0, 27) is AB1."""
    text = ""
    col += 1
    while col:
        col, rest = divmod(col - 1, 26)
        text = chr(65 + rest) + text
    return f"{text}{row + 1}"


def place_of(text: str) -> tuple[int, int]:
    """Return row and column of an address; ValueError when it is none."""
    letters = text.rstrip("0123456789")
    col = 0
    for letter in letters:
        col = col * 26 + ord(letter) - 64
    return int(text[len(letters) :]) - 1, col - 1


def range_of(text: str) -> tuple[int, int, int, int]:
    """Return first row, first column, last row, last column of a range such as `$A$1:C3`."""
    first, _, last = text.replace("$", "").partition(":")
    return (*place_of(first), *place_of(last or first))


def unescaped(text: str) -> str:
    """Return text with Excel's _xHHHH_ turned back into the characters they stand for."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def shared_strings(package: Package) -> list[str]:
    """Return the file's table of strings, rich text as plain."""
    part = next((link.target for link in package.relations.values() if link.kind == "sharedStrings"), "")
    if part not in package.names:
        return []
    handler = _Strings()
    _parse(package, part, handler)
    return handler.found


def date_styles(package: Package) -> set[int]:
    """Return the numbers of the cell formats that show a date."""
    custom, formats = _formats(package)
    return {place for place, number in enumerate(formats) if _is_date(number, custom)}


def number_formats(package: Package) -> dict[int, str]:
    """Return the format code of each cell format that has one of its own."""
    custom, formats = _formats(package)
    return {place: custom[number] for place, number in enumerate(formats) if number in custom}


def _formats(package: Package) -> tuple[dict[int, str], list[int]]:
    """Return the file's own format codes by number, and the number that each cell format has."""
    part = next((link.target for link in package.relations.values() if link.kind == "styles"), "")
    if part not in package.names:
        return {}, []
    root = package.tree(part)
    with package.sound(part):
        custom = {
            int(node.get("numFmtId") or 0): node.get("formatCode") or ""
            for node in root.iter()
            if local(node.tag) == "numFmt"
        }
        formats = next((node for node in root if local(node.tag) == "cellXfs"), ())
        return custom, [int(node.get("numFmtId") or 0) for node in formats]


def _is_date(number: int, custom: dict[int, str]) -> bool:
    if number in custom:
        return bool(_DATE_LETTERS.search(_NO_LETTERS.sub("", custom[number]).replace("General", "")))
    return number in _DATE_FORMATS


def read_sheet(package: Package, name: str, part: str, strings: list[str], rows: int | None = None) -> StoredSheet:
    """Read one sheet; only its first `rows` when given.

    Raises:
        WorkbookError: the XML is broken, declares entities, or holds more cells than a workbook of ours can.
    """
    sheet = StoredSheet(name, part)
    handler = _Cells(package, sheet, strings, ROWS if rows is None else rows)
    with contextlib.suppress(_EnoughError):
        _parse(package, part, handler)
    return sheet


class _EnoughError(Exception):
    """Ends the reading of a sheet of which only the top is wanted."""


class _Handler:
    """What the parser calls; `names` maps each tag of the file to its local name."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def text(self, text: str) -> None:
        """Take text between tags."""


def _parse(package: Package, part: str, handler: _Handler) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    tags: dict[str, str] = {}

    def plain(tag: str) -> str:
        if tag not in tags:
            tags[tag] = tag.rpartition(":")[2]
        return tags[tag]

    def refuse(*_: Any) -> None:
        raise package.error("its XML declares entities, which no workbook does; it is not read")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda tag, attributes: handler.start(plain(tag), attributes)
    parser.EndElementHandler = lambda tag: handler.end(plain(tag))
    parser.CharacterDataHandler = handler.text
    with package.stream(part) as stream:
        try:
            while chunk := stream.read(1 << 18):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError, OverflowError) as error:
            raise package.damaged(f"{part}: {error}") from error


class _Strings(_Handler):
    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] = []
        self._inside = self._phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._phonetic = True
        elif name == "t":
            self._inside = not self._phonetic

    def end(self, name: str) -> None:
        if name == "t":
            self._inside = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.found.append(unescaped("".join(self._parts)))

    def text(self, text: str) -> None:
        if self._inside:
            self._parts.append(text)


class _Cells(_Handler):
    def __init__(self, package: Package, sheet: StoredSheet, strings: list[str], rows: int) -> None:
        self.package, self.sheet, self.strings, self.rows = package, sheet, strings, rows
        self.row, self.col, self.count = -1, -1, 0
        self.line: dict[int, StoredCell] = {}
        self.kind, self.style = "n", 0
        self.formula: str | None = None
        self.shared: dict[str, tuple[str, str]] = {}
        self.share = ""
        self.parts: list[str] = []
        self.stored: str | None = None
        self.collecting = self.phonetic = False
        self.formulas: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            place = attributes.get("r")
            self.col = place_of(place)[1] if place else self.col + 1
            if not 0 <= self.col < COLUMNS:
                raise ValueError(f"there is no column {place or self.col + 1}"[:60])
            self.kind, self.style = attributes.get("t", "n"), int(attributes.get("s", 0))
            self.formula = self.stored = None
        elif name in ("v", "t"):
            self.parts, self.collecting = [], not self.phonetic
        elif name == "f":
            self.parts, self.collecting = [], True
            self.share = attributes.get("si", "") if attributes.get("t") == "shared" else ""
        elif name == "row":
            number = attributes.get("r")
            self.row = int(number) - 1 if number else self.row + 1
            if not 0 <= self.row < ROWS:
                raise ValueError(f"there is no row {self.row + 1}"[:60])
            if self.row >= self.rows:
                raise _EnoughError
            self.col, self.line = -1, {}
            if attributes.get("hidden") in ("1", "true"):
                self.sheet.hidden_rows.append(self.row)
        elif name == "rPh":
            self.phonetic = True
        else:
            self._other(name, attributes)

    def _other(self, name: str, attributes: dict[str, str]) -> None:
        self.sheet.elements.add(name)
        if name == "mergeCell":
            self.sheet.merged.append(attributes.get("ref", ""))
            range_of(self.sheet.merged[-1])
        elif name == "filterColumn":
            self.sheet.filtered = True
        elif name == "sheetProtection":
            self.sheet.protected = attributes.get("sheet") in ("1", "true")
        elif name == "col" and not self.line and self.row < 0:
            first, last = int(attributes.get("min", 1)) - 1, min(int(attributes.get("max", 1)), COLUMNS)
            # Each column once: what comes again is no program's work.
            for col in range(max(first, len(self.sheet.widths) and max(self.sheet.widths) + 1), last):
                self.sheet.widths[col] = float(attributes.get("width", 9))

    def text(self, text: str) -> None:
        if self.collecting:
            self.parts.append(text)

    def end(self, name: str) -> None:
        if name == "v":
            self.stored, self.collecting = "".join(self.parts), False
        elif name == "t":
            self.stored, self.collecting = (self.stored or "") + "".join(self.parts), False
        elif name == "f":
            self._formula("".join(self.parts))
        elif name == "c":
            self._cell()
        elif name == "row":
            if self.line:
                self.sheet.cells.setdefault(self.row, {}).update(self.line)
        elif name == "rPh":
            self.phonetic = False

    def _formula(self, text: str) -> None:
        self.collecting = False
        if self.share:
            here = address(self.row, self.col)
            if text:
                self.shared[self.share] = (text, here)
            elif self.share in self.shared:
                text = _translated(*self.shared[self.share], here)
        self.formula = self.formulas.setdefault(text, text)

    def _cell(self) -> None:
        value = self._value()
        if value is None and self.formula is None:
            return
        if self.formula is not None and self.kind == "n" and value is None:
            self.sheet.uncalculated += 1
        self.line[self.col] = StoredCell(value, self.formula, self.style)
        self.count += 1
        if self.count > CELLS_LIMIT:
            raise self.package.error(f"sheet {self.sheet.name!r} has more than {CELLS_LIMIT:,} filled cells; split it")

    def _value(self) -> CellValue:  # noqa: PLR0911 (one per kind of cell)
        text = self.stored
        if text is None:
            return None
        match self.kind:
            case "s":
                place = int(text)
                if not 0 <= place < len(self.strings):
                    raise ValueError(f"there is no string number {place}")
                return self.strings[place] or None
            case "n":
                number = float(text) if text.strip() else None
                return number if number is None or math.isfinite(number) else text
            case "b":
                return text.strip() in ("1", "true")
            case "e":
                return ErrorValue(text)
            case "inlineStr" | "str":
                return sys.intern(unescaped(text)) or None
        return unescaped(text) or None


def _translated(text: str, origin: str, here: str) -> str:
    """Return a shared formula as it reads in another cell."""
    from openpyxl.formula.translate import Translator  # noqa: PLC0415 (few files need it)

    moved: str = Translator(f"={text}", origin).translate_formula(here)
    return moved.removeprefix("=")


def used(cells: Iterable[StoredCell]) -> bool:
    """Say whether any of the cells holds something."""
    return any(cell.value is not None or cell.formula is not None for cell in cells)
