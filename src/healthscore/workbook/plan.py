"""A workbook as plain data: what the planners make and the writer writes.

Formats are words (`score`, `money`, `input_date`); only the writer knows what they look like. Rows and columns count
from 0, as XlsxWriter does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from healthscore.names import quote_sheet

Scalar = str | float | int | bool | dt.date | None
ColumnValues = npt.NDArray[np.float64] | pd.Categorical | Sequence[Scalar]


@dataclass(frozen=True, slots=True)
class Formula:
    """A live formula, without the leading `=`, and the value Python computed for it."""

    text: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a place in the workbook, such as `'Enterprise'!A1`, shown as `text`."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell outside the tables."""

    row: int
    col: int
    value: Scalar | Formula | Link
    style: str = "text"


@dataclass(frozen=True, slots=True)
class Validation:
    """What may be typed into a range. `kind`: list, decimal, whole, date, any; `source`: choices or a reference."""

    first_row: int
    first_col: int
    last_row: int
    last_col: int
    kind: str
    source: tuple[str, ...] | str = ()
    minimum: float | None = None
    maximum: float | None = None
    title: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A conditional format over a range: `style` wherever `formula` (written for the first cell) is true."""

    first_row: int
    first_col: int
    last_row: int
    last_col: int
    formula: str
    style: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: constants in `values`, or a formula whose computed values they are."""

    header: str
    values: ColumnValues
    style: str = "text"
    formula: str | None = None
    header_style: str = "header"


@dataclass(frozen=True, slots=True)
class Table:
    """An Excel table. `row`, `col` is the first header cell; `rows` the number of data rows, at least 1.

    `lines` says how many lines of text each row has room for; one where it is None.
    """

    name: str
    row: int
    col: int
    columns: tuple[Column, ...]
    rows: int
    filter: bool = True
    lines: npt.NDArray[np.intp] | None = None


@dataclass(frozen=True, slots=True)
class Width:
    """Width of a column in characters, its outline level (0 for none) and whether it starts hidden."""

    chars: float
    level: int = 0
    hidden: bool = False
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Height:
    """Height of a row in points (None for the default), its outline level and whether it starts hidden."""

    points: float | None = None
    level: int = 0
    hidden: bool = False
    collapsed: bool = False


@dataclass
class Sheet:
    """One worksheet: filled by its planner, read by the writer."""

    name: str
    kind: str  # output, segment, input or working: the colour of the tab
    cells: list[Cell] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    widths: dict[int, Width] = field(default_factory=dict)
    heights: dict[int, Height] = field(default_factory=dict)
    validations: list[Validation] = field(default_factory=list)
    highlights: list[Highlight] = field(default_factory=list)
    freeze: tuple[int, int] | None = None
    repeat_rows: tuple[int, int] | None = None
    print_area: tuple[int, int, int, int] | None = None
    gridlines: bool = False
    zoom: int = 100
    active: tuple[int, int] = (0, 0)

    def put(self, row: int, col: int, value: Scalar | Formula | Link, style: str = "text") -> None:
        """Add one cell."""
        self.cells.append(Cell(row, col, value, style))

    def place(self, row: int, col: int) -> str:
        """Return the absolute address of a cell from any sheet: 'Model'!$B$3."""
        return f"{quote_sheet(self.name)}!{cell(row, col, '$', '$')}"


@dataclass(frozen=True, slots=True)
class Book:
    """A whole workbook: sheets in order, defined names (name -> reference), and document properties."""

    sheets: tuple[Sheet, ...]
    names: dict[str, str]
    title: str
    version: str
    currency: str = ""


def letters(col: int) -> str:
    """Return the letters of a column: 0 is A, 26 is AA."""
    text = ""
    col += 1
    while col:
        col, rest = divmod(col - 1, 26)
        text = chr(65 + rest) + text
    return text


def cell(row: int, col: int, row_mark: str = "", col_mark: str = "") -> str:
    """Return a cell's address; give "$" as a mark to fix the row or the column."""
    return f"{col_mark}{letters(col)}{row_mark}{row + 1}"


def area(first_row: int, first_col: int, last_row: int, last_col: int) -> str:
    """Return the absolute address of a range: $A$1:$C$3."""
    return f"{cell(first_row, first_col, '$', '$')}:{cell(last_row, last_col, '$', '$')}"
