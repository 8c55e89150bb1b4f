"""From a grid of cells to a table: where the header stands, what the columns are called, which rows are data.

Exports begin with titles and blank lines, leave headers out, repeat them, and have rows that are too long. All of it is
settled here, and said in findings.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from healthscore.accounts.texts import clean_name, is_null, plural
from healthscore.errors import AccountsError
from healthscore.findings import Finding
from healthscore.names import unique

_HEADER_SEARCH = 50
_DATA_LIKE = re.compile(r"[\s$€£(+-]*[\d.,]+[\s%)€-]*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")


@dataclass(frozen=True)
class RawTable:
    """A table as it stands in a file: one header and one column of raw cells for each, and what was noticed.

    `cells` has the columns 0…n-1; `rows` is the file's row number of each row, as a person counts.
    """

    headers: tuple[str, ...]
    cells: pd.DataFrame
    rows: np.ndarray
    findings: tuple[Finding, ...]
    source: str


def table_from_frame(frame: pd.DataFrame, source: str) -> RawTable:
    """Take a frame as a table; a named index counts as columns, the first row as row 2 (the header is row 1)."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    headers, findings = _named([clean_name(name) for name in frame.columns], 1)
    cells = frame.set_axis(range(len(headers)), axis=1).reset_index(drop=True)
    blank = _blank_in_all(cells)
    rows = np.arange(2, len(cells) + 2)
    if blank.any():
        findings.append(_blank_rows(rows[blank]))
        cells, rows = cells[~blank].reset_index(drop=True), rows[~blank]
    if not len(cells) or not headers:
        raise AccountsError(f"{source or 'the frame'}: there are no rows of accounts; export them again")
    return RawTable(tuple(headers), cells, rows, tuple(findings), source)


def _blank_in_all(cells: pd.DataFrame) -> np.ndarray:
    """Return which rows are blank in every column; most often the first column tells."""
    blank = np.full(len(cells), bool(len(cells.columns)))
    for number in range(len(cells.columns)):
        if not blank.any():
            break
        blank &= cells.iloc[:, number].isna().to_numpy()
    return blank


def table_from_grid(grid: Sequence[Sequence[Any]], source: str, findings: Sequence[Finding] = ()) -> RawTable:
    """Find the header of a grid and take what stands below it as data.

    Raises:
        AccountsError: there is nothing in the grid, or nothing below its header.
    """
    noticed = list(findings)
    filled = [number for number, record in enumerate(grid) if not _blank_record(record)]
    if not filled:
        raise AccountsError(f"{source}: the file holds nothing but blanks; export the accounts again")
    start = _header_row(grid, filled)
    noticed += _skipped(grid, [number for number in filled if number < start])
    data = [number for number in filled if number > start]
    if not data:
        raise AccountsError(
            f"{source}: there is a header in row {start + 1}, but no accounts below it; export them again"
        )
    given = _trimmed(grid[start])
    width = max(len(_trimmed(grid[number])) for number in (start, *data))
    headers, renamed = _named([*map(clean_name, given), *[""] * (width - len(given))], start + 1)
    noticed += renamed
    noticed += _ragged(grid, data, len(given), headers)
    if data[-1] - start > len(data):
        noticed.append(_blank_rows(sorted(set(range(start + 2, data[-1] + 2)) - {number + 1 for number in data})))
    kept, columns = _columns(
        [grid[number] for number in data], headers, len(given), [clean_name(cell) for cell in given]
    )
    rows = np.array(data) + 1
    return RawTable(tuple(kept), columns, rows, tuple(noticed), source)


def _columns(
    records: list[Sequence[Any]], headers: list[str], given: int, names: list[str]
) -> tuple[list[str], pd.DataFrame]:
    """Turn records into columns, leaving out those with neither a header nor a value (trailing delimiters)."""
    width = len(headers)
    square = [
        record if len(record) == width else [*record[:width], *[None] * (width - len(record))] for record in records
    ]
    kept: list[str] = []
    columns: list[pd.Series] = []
    for number, values in enumerate(zip(*square, strict=True)):
        nameless = number >= given or not names[number]
        if nameless and all(_blank(value) for value in values):
            continue
        kept.append(headers[number])
        columns.append(pd.Series(values, dtype=object))
    return kept, pd.DataFrame(dict(enumerate(columns)))


def _header_row(grid: Sequence[Sequence[Any]], filled: list[int]) -> int:
    """Return the index of the first row that is about as wide as what follows.

    Where that row is made of values, one just below it that is as wide and all words is the header after all.
    """
    for place, number in enumerate(filled[:_HEADER_SEARCH]):
        below = [_count(grid[other]) for other in filled[place + 1 : place + 21]]
        typical = statistics.median(below) if below else 0
        count = _count(grid[number])
        if count > typical / 2 or (typical == 2 and _data_below(grid, filled, place)):
            if _words(grid[number]) >= count / 2:
                return number
            near = filled[place + 1 : place + 4]
            wordy = (other for other in near if _words(grid[other]) >= max(count, 0.9 * _count(grid[other])))
            return next((other for other in wordy if other != filled[-1]), number)
    return filled[0]


def _count(record: Sequence[Any]) -> int:
    return sum(not _blank(cell) for cell in record)


def _words(record: Sequence[Any]) -> int:
    return sum(_is_word(cell) for cell in record)


def _data_below(grid: Sequence[Sequence[Any]], filled: list[int], place: int) -> bool:
    """Tell a header of one word over two columns from a title: below the header there are values, not words."""
    return place + 1 < len(filled) and not all(_is_word(cell) for cell in grid[filled[place + 1]] if not _blank(cell))


def _is_word(cell: object) -> bool:
    return isinstance(cell, str) and not is_null(cell.strip()) and not _DATA_LIKE.fullmatch(cell.strip())


def _blank(cell: object) -> bool:
    return (
        cell is None or (isinstance(cell, str) and not cell.strip()) or (isinstance(cell, float) and math.isnan(cell))
    )


def _blank_record(record: Sequence[Any]) -> bool:
    return all(_blank(cell) for cell in record)


def _trimmed(record: Sequence[Any]) -> Sequence[Any]:
    end = len(record)
    while end and _blank(record[end - 1]):
        end -= 1
    return record[:end]


def _named(names: list[str], row: int) -> tuple[list[str], list[Finding]]:
    """Give blank headers a name and repeated ones a number; a header that is a number may be no header at all."""
    findings = []
    filled = [name or f"Column {number}" for number, name in enumerate(names, start=1)]
    headers = unique(filled)
    for given, name in zip(names, headers, strict=True):
        if given and given != name:
            done = f"called {name!r}, so that each column has a name of its own"
            findings.append(Finding("note", row, "", given, "the header stands there more than once", done))
    words = [name for name in names if name]
    if words and not any(_is_word(name) for name in words):
        found = f"headers that are numbers: {', '.join(words[:5])}"
        findings.append(
            Finding("warning", row, "", "", found, "taken as the header; put a header row above if they are data")
        )
    return headers, findings


def _skipped(grid: Sequence[Sequence[Any]], titles: list[int]) -> list[Finding]:
    findings = []
    for number in titles:
        text = " | ".join(clean_name(cell) for cell in grid[number] if not _blank(cell))
        done = "stands above the header; not taken as an account"
        findings.append(Finding("note", number + 1, "", "", text[:200], done))
    return findings


def _ragged(grid: Sequence[Sequence[Any]], data: list[int], given: int, headers: list[str]) -> list[Finding]:
    findings = []
    short = [number for number in data if len(grid[number]) < given]
    for number in data:
        record = grid[number]
        if len(record) <= given:
            continue
        surplus = [clean_name(cell) for cell in record[given:] if not _blank(cell)]
        if surplus:
            places = f"{headers[given]!r}" if len(surplus) == 1 else f"{headers[given]!r} and further"
            found = f"{plural(len(surplus), 'cell')} more than there are headers: {' | '.join(surplus)}"[:200]
            findings.append(Finding("warning", number + 1, "", "", found, f"kept in {places}"))
    if short:
        found = f"{plural(len(short), 'row')} with fewer cells than there are headers, the first is row {short[0] + 1}"
        findings.append(Finding("warning", short[0] + 1, "", "", found, "the cells that are not there count as blank"))
    return findings


def _blank_rows(rows: Sequence[int] | np.ndarray) -> Finding:
    found = f"{plural(len(rows), 'blank row')}, the first is row {rows[0]}"
    return Finding("note", int(rows[0]), "", "", found, "skipped")
