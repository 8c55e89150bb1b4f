"""Which sheet of a file is which of ours, whatever it is called by now: told by texts and formulas that we put there.

Strict on purpose: a sheet that only looks like one of ours is somebody's own, and comes along whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from healthscore.names import key
from healthscore.workbook.model_grid import HEADERS
from healthscore.workbook.reading.cells import CellValue, StoredSheet

#: Sheet of ours -> beginnings of texts that all stand near its top left corner.
_MARKS: Mapping[str, tuple[str, ...]] = {
    "Start": ("As-of date", "The day the scores speak of.", "How to read a score"),
    "Dashboard": ("Score by value", "of the weight has data", "Accounts by segment"),
    "Journey": ("Journey", "From the first milestone to the return on what the customer"),
    "Team": ("Team", "What each owner looks after, and what to do this week"),
    "Explain": ("Explain", "Choose an account in the blue cell and see why", "Full score"),
    "Checks": ("Checks", "Weight that has data", "Accounts with a score"),
    "Movers": ("Movers", "What moved since the last refresh."),
    "Score history": ("Score history", "The scores of earlier days"),
    "Left": ("Left", "Accounts that the last export did not list"),
    "Imported": ("The last export as it was read",),
    "List": ("List", "Every account in one list"),
}
_TOP, _SIDE = 12, 8
#: Table of ours -> its sheet, and the headers by which its cells are found in a file that has no tables.
_TABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Agreed": ("Start", ("Name", "Role", "Date")),
    "Findings": ("Checks", ("Severity", "Row", "Account", "Column", "Found", "What was done")),
    "RefreshLog": ("Movers", ("Account ID", "What", "In the workbook", "In the export", "What was done")),
}
_MODEL_TITLES = ("Settings", "Bands", "Dimensions", "Metrics")


def is_model(sheet: StoredSheet) -> bool:
    """Say whether a sheet holds a scoring model: the sections that every model has, each with its headers."""
    found = set()
    for row, line in sheet.cells.items():
        title = line[0].value if 0 in line else None
        if title in _MODEL_TITLES:
            below = {cell.value for cell in sheet.cells.get(row + 1, {}).values()}
            if {*HEADERS[str(title)]} <= below:
                found.add(title)
    return len(found) == len(_MODEL_TITLES)


def is_marked(sheet: StoredSheet, name: str) -> bool:
    """Say whether a sheet is what we call `name`, by what stands on it."""
    if name == "Model":
        return is_model(sheet)
    marks = _MARKS.get(name)
    if marks is None:
        return False
    texts: list[str] = []
    for row in range(_TOP):
        for col, cell in sheet.cells.get(row, {}).items():
            if col < _SIDE:
                texts.append(_text(cell.value))
    return all(any(text.startswith(mark) for text in texts) for mark in marks)


def _text(value: CellValue) -> str:
    return value if isinstance(value, str) else ""


def renamed_sheets(sheets: Mapping[str, StoredSheet], taken: set[str]) -> dict[str, str]:
    """Return the sheets of ours that people or programs renamed: name in the file -> our name.

    Args:
        sheets: the sheets of the file.
        taken: names of sheets that are settled, such as those of segments.
    """
    found: dict[str, str] = {}
    for ours in ("Model", *_MARKS):
        if any(key(name) == key(ours) for name in sheets):
            continue
        for name, sheet in sheets.items():
            if name not in taken and name not in found and is_marked(sheet, ours):
                found[name] = ours
                break
    return found


def plain_tables(sheet: StoredSheet, known: set[str]) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """Yield name and place of tables of ours on a sheet that a program turned into plain cells.

    Args:
        sheet: the sheet, under our name for it.
        known: tables that are still tables.
    """
    for table, (name, headers) in _TABLES.items():
        if sheet.name != name or table in known:
            continue
        for row, line in sheet.cells.items():
            titles = {cell.value: col for col, cell in line.items() if cell.value is not None}
            if {*headers} <= {*titles}:
                bottom = row
                while bottom + 1 in sheet.cells or bottom + 2 in sheet.cells:
                    bottom += 1
                yield table, (row, min(titles.values()), bottom, max(titles.values()))
                break
