"""Writing the rows of big tables fast: each column's cells are made at once, each row is one joined string.

XlsxWriter keeps a Python object per cell and walks every formula through dozens of regular expressions. A table has
one formula per column, so both can be done once per column instead of once per cell.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
from xlsxwriter.worksheet import CellFormulaTuple, Worksheet

from healthscore.workbook.plan import HERE, Column, ColumnValues, Formula, Table, letters

#: Rows that are turned into text at a time: enough to be fast, few enough to stay small.
_CHUNK = 1000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_EPOCH = dt.date(1899, 12, 30)
_POISON = "poison"
#: Points per line of text at the sheets' font size.
_LINE_HEIGHT = 15


def xml_text(text: str) -> str:
    """Return text as a cell's XML holds it; control characters become Excel's _xHHHH_ escapes."""
    if _CONTROL.search(text):
        text = _CONTROL.sub(lambda found: f"_x{ord(found[0][0]):04X}_" + found[0][1:], text)
    return escape(text)


class _Shared(int):
    """The number of a text in the file's table of strings."""


class BlockSheet(Worksheet):  # type: ignore[misc] # XlsxWriter is untyped
    """A worksheet that also takes whole tables, written row by row without an object per cell."""

    dim_rowmin: int
    dim_rowmax: int

    def __init__(self) -> None:
        super().__init__()
        self._blocks: list[tuple[Table, list[Any], bool]] = []

    def add_block(self, table: Table, formats: Sequence[Any], poison: bool = False) -> None:
        """Add a table's data rows. `formats` gives each column's format; `poison` falsifies all computed values.

        The rows must hold nothing else.
        """
        columns = tuple(column if column.formula else self._share_strings(column) for column in table.columns)
        self._blocks.append((replace(table, columns=columns), list(formats), poison))
        last = table.row + table.rows
        self._check_dimensions(table.row + 1, table.col)
        self._check_dimensions(last, table.col + len(table.columns) - 1)

    def _share_strings(self, column: Column) -> Column:
        """Put a column's texts into the file's table of strings now: it is closed before any row is written."""
        if isinstance(column.values, np.ndarray):
            return column
        index = self.str_table._get_shared_string_index
        return replace(
            column,
            values=[_Shared(index(value)) if isinstance(value, str) and value else value for value in column.values],
        )

    def _write_rows(self) -> None:
        """Write the rows in order: XlsxWriter's own between the blocks, ours within them (overrides XlsxWriter)."""
        first, last = self.dim_rowmin, self.dim_rowmax
        for table, formats, poison in sorted(self._blocks, key=lambda block: block[0].row):
            self.dim_rowmax = table.row
            super()._write_rows()
            for text in block_rows(table, [form._get_xf_index() for form in formats], poison):
                self.fh.write(text)
            self.dim_rowmin = table.row + table.rows + 1
        self.dim_rowmax = last
        if self.dim_rowmin <= last:
            super()._write_rows()
        self.dim_rowmin = first

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        """Write a formula's text as text, an empty one too; XlsxWriter gives that no type (overrides XlsxWriter)."""
        if isinstance(cell, CellFormulaTuple) and isinstance(cell.value, str):
            style = f' s="{cell.format._get_xf_index()}"' if cell.format else ""
            body = f"<f>{xml_text(cell.formula)}</f><v>{xml_text(cell.value)}</v>"
            self.fh.write(f'<c r="{letters(col)}{row + 1}"{style} t="str">{body}</c>')
        else:
            super()._write_cell(row, col, cell)


def block_rows(table: Table, xfs: Sequence[int], poison: bool) -> Iterator[str]:
    """Yield the XML of a table's rows, many rows to a piece."""
    makers = [
        _cell_maker(column, letters(table.col + number), xf, poison)
        for number, (column, xf) in enumerate(zip(table.columns, xfs, strict=True))
    ]
    for start in range(0, table.rows, _CHUNK):
        stop = min(start + _CHUNK, table.rows)
        numbers = range(table.row + start + 2, table.row + stop + 2)
        columns = [maker(start, stop, numbers) for maker in makers]
        opened = _row_tags(table, start, stop, numbers)
        yield "".join("".join(row) + "</row>" for row in zip(opened, *columns, strict=True))


def _row_tags(table: Table, start: int, stop: int, numbers: range) -> list[str]:
    if table.lines is None:
        return [f'<row r="{number}">' for number in numbers]
    heights = (table.lines[start:stop] * _LINE_HEIGHT + 3).tolist()
    return [
        f'<row r="{number}" ht="{height}" customHeight="1">' for number, height in zip(numbers, heights, strict=True)
    ]


def _cell_maker(column: Column, letter: str, xf: int, poison: bool) -> Any:
    """Return a function (start, stop, row numbers) -> the XML of one column's cells."""
    style = f'" s="{xf}"' if xf else '"'
    head = f'<c r="{letter}'
    if column.formula is None:
        return lambda start, stop, rows: _constants(_slice(column.values, start, stop), rows, head, style)
    body = f"<f>{xml_text(column.formula)}</f><v>"
    text, number = f'{style} t="str">{body}', f"{style}>{body}"
    if HERE in column.formula:
        return lambda start, stop, rows: _formulas_here(
            [] if poison else _slice(column.values, start, stop), rows, head, text, number
        )
    if poison:
        return lambda _start, _stop, rows: [f"{head}{row}{text}{_POISON}</v></c>" for row in rows]
    return lambda start, stop, rows: _formulas(_slice(column.values, start, stop), rows, head, text, number)


def _slice(values: ColumnValues, start: int, stop: int) -> Any:
    return values[start:stop]


def _formulas(values: Any, rows: range, head: str, text: str, number: str) -> list[str]:
    if isinstance(values, pd.Categorical):
        ends = [f"{text}{xml_text(str(word))}</v></c>" for word in values.categories] + [f"{text}</v></c>"]
        return [f"{head}{row}{ends[code]}" for row, code in zip(rows, values.codes.tolist(), strict=True)]
    if isinstance(values, np.ndarray):
        empty = f"{text}</v></c>"
        return [
            f"{head}{row}{number}{value!r}</v></c>" if value == value else f"{head}{row}{empty}"  # noqa: PLR0124 (NaN)
            for row, value in zip(rows, values.tolist(), strict=True)
        ]
    return [
        f"{head}{row}{text}{xml_text(value)}</v></c>"
        if isinstance(value, str)
        else f"{head}{row}{number}{value!r}</v></c>"
        for row, value in zip(rows, values, strict=True)
    ]


def _formulas_here(values: Any, rows: range, head: str, text: str, number: str) -> list[str]:
    """Make the cells of a formula that names its own row; without values they are poisoned."""
    if not len(values):
        return [f"{head}{row}{text.replace(HERE, str(row))}{_POISON}</v></c>" for row in rows]
    found = []
    for row, value in zip(rows, values.tolist() if isinstance(values, np.ndarray) else values, strict=True):
        if isinstance(value, str) or value != value:  # noqa: PLR0124 (NaN)
            end = f"{text.replace(HERE, str(row))}{xml_text(value) if isinstance(value, str) else ''}</v></c>"
        else:
            end = f"{number.replace(HERE, str(row))}{value!r}</v></c>"
        found.append(f"{head}{row}{end}")
    return found


def _constants(values: Any, rows: range, head: str, style: str) -> list[str]:
    if isinstance(values, np.ndarray):
        return [
            f"{head}{row}{style}><v>{value!r}</v></c>" if value == value else f"{head}{row}{style}/>"  # noqa: PLR0124 (NaN)
            for row, value in zip(rows, values.tolist(), strict=True)
        ]
    return [f"{head}{row}{_constant(value, style)}" for row, value in zip(rows, values, strict=True)]


def _constant(value: Any, style: str) -> str:
    if value is None or value == "":
        return f"{style}/>"
    if isinstance(value, Formula):
        return _own_formula(value, style)
    if isinstance(value, _Shared):
        return f'{style} t="s"><v>{int(value)}</v></c>'
    if isinstance(value, bool):
        return f'{style} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, dt.date):
        return f"{style}><v>{(value - _EPOCH).days}</v></c>"
    return f"{style}><v>{value!r}</v></c>" if value == value else f"{style}/>"  # noqa: PLR0124 (NaN)


def _own_formula(cell: Formula, style: str) -> str:
    """Return a formula that a person typed among constants, with the value it showed last."""
    body, value = f"<f>{xml_text(cell.text)}</f>", cell.value
    if isinstance(value, bool):
        return f'{style} t="b">{body}<v>{int(value)}</v></c>'
    if value is None or isinstance(value, str):
        return f'{style} t="str">{body}<v>{xml_text(value or "")}</v></c>'
    number = (value - _EPOCH).days if isinstance(value, dt.date) else value
    return f"{style}>{body}<v>{number!r}</v></c>"
