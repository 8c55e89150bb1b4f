"""What a workbook does for functions that score in a cell.

- Always: the as-of date beside the model, so that the one range `HealthModel` holds all that a score depends on.
- `--functions native`: the functions themselves, as `LAMBDA` names.
- `--functions xlwings`: a folded column "Python check" in every segment's table, filled by one call of the add-in per
  segment, and on `Checks` the number of scores in which the add-in and the formulas differ.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Literal

import numpy as np

from healthscore.accounts.columns import match_columns
from healthscore.names import key
from healthscore.scoring import Scores
from healthscore.workbook.model_sheet import RANGE_NAME, ModelCells
from healthscore.workbook.native import native_names
from healthscore.workbook.plan import Book, Column, Formula, Scalar, Sheet, Spill, Table, Width, cell, letters
from healthscore.workbook.segment.formulas import AS_OF

Functions = Literal["none", "native", "xlwings"]
FUNCTIONS: tuple[Functions, ...] = ("none", "native", "xlwings")

#: `healthscore.addin.models` looks for this label in the first rows of the `Model` sheet.
AS_OF_LABEL = "As-of date"
_AS_OF_COL = 2

#: The sheet with one call of the add-in per segment, and the column that shows it beside each account.
PYTHON_SHEET, PYTHON_COLUMN = "Python", "Python check"
_FIRST_ROW = 2
_INPUT_STYLES = ("header_who", "header_input")


def carry_as_of(model_sheet: Sheet, as_of: dt.date) -> None:
    """Put the as-of date beside the title of the `Model` sheet, so that one range holds all that a score depends on."""
    model_sheet.put(0, _AS_OF_COL, AS_OF_LABEL, "hint")
    model_sheet.put(0, _AS_OF_COL + 1, Formula(AS_OF, as_of), "as_of")


def with_functions(book: Book, scores: Scores, kind: Functions) -> Book:
    """Return a planned workbook with the functions of a kind.

    Raises:
        OutputError: the model is too large for native functions.
    """
    if kind == "native":
        segments = [terms.name for terms in scores.resolved.segments]
        names = native_names(scores.model, ModelCells(scores.model), segments)
        return dataclasses.replace(book, names={**book.names, **names})
    return _with_python_check(book, scores) if kind == "xlwings" else book


# --- the column that calls the add-in ------------------------------------------------------------------------------


def _with_python_check(book: Book, scores: Scores) -> Book:
    calls = Sheet(PYTHON_SHEET, "working", gridlines=False)
    calls.put(0, 0, "One call of the add-in for each segment; the tables show it in their column Python check.", "note")
    sheets: list[Sheet] = []
    counts: list[tuple[str, Formula]] = []
    for sheet in book.sheets:
        if sheet.kind != "segment":
            sheets.append(sheet)
            continue
        changed, count = _checked_segment(sheet, scores, calls, len(counts))
        sheets.append(changed)
        counts.append((sheet.name, count))
    sheets = [_with_counts(sheet, counts) if sheet.name == "Checks" else sheet for sheet in sheets]
    return dataclasses.replace(book, sheets=(*sheets, calls))


def _checked_segment(sheet: Sheet, scores: Scores, calls: Sheet, col: int) -> tuple[Sheet, Formula]:
    """Return a segment's sheet with the column, and the formula that counts differences; add its call to `calls`."""
    table = next(part for part in sheet.tables if part.name)
    columns = {column.header: column for column in table.columns}
    calculated = columns["Calculated"].values
    headers = _passed_headers(table)
    area = f"{table.name}[[{headers[0]}]:[{headers[-1]}]]"
    calls.put(1, col, sheet.name, "header")
    calls.widths[col] = Width(18)
    if not _found_by_header(headers, scores):
        calls.put(_FIRST_ROW, col, "Not called: another column has the header of an input.", "note")
        return sheet, Formula('"not called"', "not called")
    call = (
        f"HEALTHSCORE({area},{table.name}[[#Headers],[{headers[0]}]:[{headers[-1]}]],{sheet.place(0, 0)},{RANGE_NAME})"
    )
    values: list[Scalar] = ["" if np.isnan(value) else float(value) for value in np.asarray(calculated, dtype=float)]
    calls.put(_FIRST_ROW, col, Spill(call, values), "score")
    column, top = f"{PYTHON_SHEET}!${letters(col)}:${letters(col)}", f"{table.name}[[#Headers],[{headers[0]}]]"
    here = f"INDEX({column},ROW()-ROW({top})+{_FIRST_ROW})"
    shown = Column(PYTHON_COLUMN, calculated, "score", f'IFERROR(IF({here}="","",{here}),"")', "header_working")
    count = Formula(_differences(table.name), 0)
    return _with_column(sheet, table, shown), count


def _differences(table: str) -> str:
    """Return the formula that counts the scores that differ, or says that the add-in is not there."""
    ours, theirs = f"{table}[[Calculated]]", f"{table}[[{PYTHON_COLUMN}]]"
    return f'IF(AND(COUNT({theirs})=0,COUNT({ours})>0),"no add-in",SUMPRODUCT(--({ours}<>{theirs})))'


def _passed_headers(table: Table) -> list[str]:
    """Return the headers from the first column to the last one that people or the export fill in."""
    last = max(number for number, column in enumerate(table.columns) if column.header_style in _INPUT_STYLES)
    return [column.header for column in table.columns[: last + 1]]


def _found_by_header(headers: list[str], scores: Scores) -> bool:
    """Say whether the add-in finds every input under its own header, as it matches them."""
    match = match_columns(scores.model, headers)
    return all(
        key(match.inputs[name]) == key(name) or name in match.bound
        for name in scores.model.input_columns()
        if name in match.inputs
    )


def _with_column(sheet: Sheet, table: Table, column: Column) -> Sheet:
    place = table.col + len(table.columns)
    wider = dataclasses.replace(table, columns=(*table.columns, column))
    widths = {**sheet.widths, place: Width(14.0, level=1, hidden=True), place + 1: Width(4.0, collapsed=True)}
    changed = dataclasses.replace(
        sheet,
        tables=[wider if part is table else part for part in sheet.tables],
        widths=widths,
        cells=list(sheet.cells),
    )
    changed.put(table.row - 1, place, None, "group_working")
    return changed


def _with_counts(sheet: Sheet, counts: list[tuple[str, Formula]]) -> Sheet:
    changed = dataclasses.replace(sheet, cells=list(sheet.cells))
    ends = [one.row for one in sheet.cells] + [table.row + table.rows for table in sheet.tables]
    row = max(ends) + 2
    changed.put(row, 0, "Scores in which the add-in and the formulas differ", "heading")
    for number, (name, count) in enumerate(counts, start=row + 1):
        changed.put(number, 0, name, "label")
        changed.put(number, 1, count, "figure_plain")
    changed.put(row + len(counts) + 1, 0, "All", "label")
    span = f"{cell(row + 1, 1)}:{cell(row + len(counts), 1)}"
    changed.put(row + len(counts) + 1, 1, Formula(f"SUM({span})", 0), "figure_plain")
    return changed
