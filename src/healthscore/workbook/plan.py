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
#: Stands for the number of its own row in the formula of a plain block, where no structured reference can.
HERE = "\N{SYMBOL FOR UNIT SEPARATOR}"


@dataclass(frozen=True, slots=True)
class Formula:
    """A live formula, without the leading `=`, and the value Python computed for it."""

    text: str
    value: Scalar


#: Constants, the values of the column's formula, or constants with formulas among them that people typed.
ColumnValues = npt.NDArray[np.float64] | pd.Categorical | Sequence[Scalar] | Sequence[Scalar | Formula]


@dataclass(frozen=True, slots=True)
class Spill:
    """One formula that fills the cells below its own, without the leading `=`, and the values Python computed."""

    text: str
    values: Sequence[Scalar]


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
    value: Scalar | Formula | Link | Spill
    style: str = "text"


@dataclass(frozen=True, slots=True)
class Comment:
    """A note on a cell, as people leave them."""

    row: int
    col: int
    text: str
    author: str = ""


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

    `lines` says how many lines of text each row has room for; one where it is None. Without a name it is a plain block
    of cells, written as fast: no header, no filter; the data starts below `row` all the same.
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


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart: references with the sheet's name, and a colour."""

    name: str
    categories: str
    values: str
    color: str
    labels: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart. `kind`: column, bar or line, with `stacked`; a series without a colour is invisible.

    `row`, `col` is the cell of its top left corner, `size` is in pixels; `number` and `names` format the two axes.
    `plot` is where the bars are, in pixels: left, top, width, height; the program that draws it decides when None.
    `alt` tells who cannot see it what it shows.
    """

    row: int
    col: int
    kind: str
    title: str
    alt: str
    series: tuple[Series, ...]
    size: tuple[int, int]
    stacked: bool = True
    legend: bool = True
    number: str = "whole"
    names: str = "general"
    low: float | None = None
    high: float | None = None
    offset: tuple[int, int] = (0, 0)
    gap: int = 60
    plot: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars drawn behind the numbers of a range, from 0 to `most` (the range's own maximum where None)."""

    first_row: int
    first_col: int
    last_row: int
    last_col: int
    color: str
    most: float | None = None


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
    charts: list[Chart] = field(default_factory=list)
    bars: list[Bars] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    freeze: tuple[int, int] | None = None
    repeat_rows: tuple[int, int] | None = None
    repeat_cols: tuple[int, int] | None = None
    print_area: tuple[int, int, int, int] | None = None
    gridlines: bool = False
    zoom: int = 100
    #: Pages that the print area takes, wide and tall; 0 tall for as many as it needs.
    pages: tuple[int, int] = (1, 0)
    #: Printed at this percentage instead of fitted to pages, so that `breaks` (rows that start a page) count.
    scale: int | None = None
    breaks: tuple[int, ...] = ()
    active: tuple[int, int] = (0, 0)
    #: Machine bookkeeping that nobody needs to see; anyone may unhide it.
    hidden: bool = False

    def put(self, row: int, col: int, value: Scalar | Formula | Link | Spill, style: str = "text") -> None:
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
