"""An .xlsx file as its parts say it: no library's reading between the test and what Excel will see."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Raw:
    """One cell: its place, its type (n, s, str, b, e), formula, value as text (None where there is no `<v>`)."""

    row: int
    col: int
    kind: str
    formula: str | None
    value: str | None


@dataclass(frozen=True)
class RawTable:
    """One table: name, first and last row and column (from 1), headers, formula of each column or None."""

    name: str
    top: int
    left: int
    bottom: int
    right: int
    headers: list[str]
    formulas: list[str | None]

    @property
    def rows(self) -> range:
        """Row numbers of the data."""
        return range(self.top + 1, self.bottom + 1)

    def col(self, header: str) -> int:
        """Return the number of a column."""
        return self.left + self.headers.index(header)


class Package:
    """A workbook's parts, parsed when asked for."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}

    def xml(self, part: str) -> ElementTree.Element:
        """Return a part, parsed."""
        return ElementTree.fromstring(self.parts[part])

    def relations(self, part: str) -> dict[str, str]:
        """Return what a part points at: id -> part."""
        folder, name = posixpath.split(part)
        listed = f"{folder}/_rels/{name}.rels"
        if listed not in self.parts:
            return {}
        return {
            item.get("Id", ""): posixpath.normpath(posixpath.join(folder, item.get("Target", "")))
            for item in self.xml(listed)
        }

    @cached_property
    def sheets(self) -> dict[str, str]:
        """Name of each sheet, in order -> its part."""
        targets = self.relations("xl/workbook.xml")
        found = self.xml("xl/workbook.xml").iter(f"{MAIN}sheet")
        return {sheet.get("name", ""): targets[sheet.get(_RELATION, "")] for sheet in found}

    @cached_property
    def names(self) -> dict[str, str]:
        """Defined names of the whole workbook -> what they refer to."""
        found = self.xml("xl/workbook.xml").iter(f"{MAIN}definedName")
        return {str(item.get("name")): item.text or "" for item in found if item.get("localSheetId") is None}

    @cached_property
    def strings(self) -> list[str]:
        """The table of strings, escapes undone."""
        items = self.xml("xl/sharedStrings.xml").iter(f"{MAIN}si")
        return [_unescaped("".join(text.text or "" for text in item.iter(f"{MAIN}t"))) for item in items]

    def sheet(self, name: str) -> ElementTree.Element:
        """Return a sheet's part, parsed."""
        return self.xml(self.sheets[name])

    def cells(self, name: str) -> Iterator[Raw]:
        """Yield every cell of a sheet, texts looked up."""
        for cell in self.sheet(name).iter(f"{MAIN}c"):
            formula, value = cell.find(f"{MAIN}f"), cell.find(f"{MAIN}v")
            kind = cell.get("t", "n")
            text = None if value is None else value.text or ""
            if kind == "s" and text is not None:
                text = self.strings[int(text)]
            elif kind == "str" and text is not None:
                text = _unescaped(text)
            yield Raw(*place(cell.get("r", "")), kind, None if formula is None else formula.text or "", text)

    def grid(self, name: str) -> dict[tuple[int, int], Raw]:
        """Return the cells of a sheet by row and column."""
        return {(cell.row, cell.col): cell for cell in self.cells(name)}

    def tables(self, name: str) -> list[RawTable]:
        """Return the tables of a sheet."""
        part = self.sheets[name]
        targets = self.relations(part)
        return [self._table(targets[item.get(_RELATION, "")]) for item in self.sheet(name).iter(f"{MAIN}tablePart")]

    def _table(self, part: str) -> RawTable:
        root = self.xml(part)
        (top, left), (bottom, right) = map(place, str(root.get("ref")).split(":"))
        columns = list(root.iter(f"{MAIN}tableColumn"))
        return RawTable(
            str(root.get("displayName")),
            top,
            left,
            bottom,
            right,
            [_unescaped(str(column.get("name"))) for column in columns],
            [column.findtext(f"{MAIN}calculatedColumnFormula") for column in columns],
        )

    def segment_sheets(self) -> list[str]:
        """Names of the sheets that hold a table of accounts."""
        return [name for name in self.sheets if any("Account ID" in table.headers for table in self.tables(name))]

    def accounts_table(self, name: str) -> RawTable:
        """Return a segment sheet's table of accounts."""
        return next(table for table in self.tables(name) if "Account ID" in table.headers)

    def column(self, sheet: str, header: str) -> list[Raw | None]:
        """Return the cells of one column of a sheet's table of accounts."""
        table, grid = self.accounts_table(sheet), self.grid(sheet)
        return [grid.get((row, table.col(header))) for row in table.rows]


def place(reference: str) -> tuple[int, int]:
    """Return row and column (from 1) of an address such as `$B$3`."""
    letters, digits = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", reference).groups()  # type: ignore[union-attr]
    col = 0
    for letter in letters:
        col = col * 26 + ord(letter) - 64
    return int(digits), col


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def without_texts(formula: str) -> str:
    """Return a formula without its texts, column names and sheet names, so that only its own words are left."""
    bare = re.sub(r'"(?:[^"]|"")*"', '""', formula)
    bare = re.sub(r"'(?:[^']|'')*'", "''", bare)
    while re.search(r"\[[^\[\]]*\]", bare):
        bare = re.sub(r"\[[^\[\]]*\]", "", bare)
    return bare


def functions(formula: str) -> set[str]:
    """Return the names of the functions that a formula calls."""
    return {name.upper() for name in re.findall(r"([A-Za-z_][\w.]*)\s*\(", without_texts(formula))}
