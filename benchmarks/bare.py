"""What we are measured against: the same cells by other writers' shortest way, the same arithmetic by bare numpy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from openpyxl import Workbook

from healthscore.workbook.plan import Book, Column, Formula, Link, Sheet, Table
from healthscore.workbook.styles import style

_CHUNK = 1000


def count_cells(book: Book) -> dict[str, int]:
    """Return how many cells a planned workbook has, and how many of them are formulas."""
    loose = [cell.value for sheet in book.sheets for cell in sheet.cells]
    tables = [table for sheet in book.sheets for table in sheet.tables]
    headers = sum(len(table.columns) for table in tables)
    in_tables = sum(len(table.columns) * table.rows for table in tables)
    formulas = sum(isinstance(value, Formula) for value in loose)
    formulas += sum(table.rows for table in tables for column in table.columns if column.formula)
    return {"cells": len(loose) + headers + in_tables, "formulas": formulas}


def prepare(writer: str, book: Book, path: Path) -> Callable[[], None]:
    """Return the call to be timed."""
    if writer == "pandas":
        frame = values_grid(book)
        return lambda: frame.to_excel(path, index=False, engine="xlsxwriter")
    return {"xlsxwriter": _xlsxwriter, "openpyxl": _openpyxl}[writer](book, path)


# --- rows of a plan ------------------------------------------------------------------------------------------------


def _listed(column: Column, start: int, stop: int) -> list[Any]:
    """Return some of a column's values as plain Python values; missing ones as None."""
    part = column.values[start:stop]
    if isinstance(part, np.ndarray):
        return [None if value != value else value for value in part.tolist()]  # noqa: PLR0124 (NaN)
    if isinstance(part, pd.Categorical):
        return [None if value != value else value for value in part.tolist()]  # noqa: PLR0124 (NaN)
    return list(part)


def _table_rows(table: Table) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the number and the values of each data row, few at a time so that no writer has to hold them all."""
    for start in range(0, table.rows, _CHUNK):
        stop = min(start + _CHUNK, table.rows)
        columns = [_listed(column, start, stop) for column in table.columns]
        yield from enumerate(zip(*columns, strict=True), table.row + 1 + start)


# --- XlsxWriter ----------------------------------------------------------------------------------------------------


def _xlsxwriter(book: Book, path: Path) -> Callable[[], None]:
    def write() -> None:
        workbook = xlsxwriter.Workbook(str(path), {"nan_inf_to_errors": False})
        formats: dict[str, Any] = {}

        def form(word: str) -> Any:
            if word not in formats:
                formats[word] = workbook.add_format(style(word, ""))
            return formats[word]

        for plan in book.sheets:
            sheet = workbook.add_worksheet(plan.name)
            for cell in plan.cells:
                _write_one(sheet, cell.row, cell.col, cell.value, form(cell.style))
            for table in plan.tables:
                _write_table(sheet, table, [form(column.style) for column in table.columns])
        workbook.close()

    return write


def _write_one(sheet: Any, row: int, col: int, value: Any, form: Any) -> None:
    if isinstance(value, Formula):
        cached = value.value if isinstance(value.value, (int, float, str)) else ""
        sheet.write_formula(row, col, "=" + value.text, form, cached)
    elif isinstance(value, Link):
        sheet.write_string(row, col, value.text, form)
    elif value is None or value == "":
        sheet.write_blank(row, col, None, form)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, col, value, form)
    elif isinstance(value, str):
        sheet.write_string(row, col, value, form)
    else:
        sheet.write_number(row, col, value, form)


def _write_table(sheet: Any, table: Table, formats: list[Any]) -> None:
    for number, column in enumerate(table.columns):
        sheet.write_string(table.row, table.col + number, column.header)
    columns = [
        (table.col + number, "=" + column.formula if column.formula else None, form)
        for number, (column, form) in enumerate(zip(table.columns, formats, strict=True))
    ]
    for row, values in _table_rows(table):
        for (col, formula, form), value in zip(columns, values, strict=True):
            if formula is not None:
                sheet.write_formula(row, col, formula, form, "" if value is None else value)
            else:
                _write_one(sheet, row, col, value, form)


# --- openpyxl ------------------------------------------------------------------------------------------------------


def _openpyxl(book: Book, path: Path) -> Callable[[], None]:
    def write() -> None:
        workbook = Workbook(write_only=True)
        for plan in book.sheets:
            sheet = workbook.create_sheet(plan.name)
            last = -1
            for number, row in _whole_rows(plan):
                for _ in range(number - last - 1):
                    sheet.append(())
                sheet.append(row)
                last = number
        workbook.save(path)

    return write


def _whole_rows(sheet: Sheet) -> Iterator[tuple[int, Any]]:
    """Yield the rows of a sheet from the top, as openpyxl's write-only mode wants them; formulas without values."""
    loose: dict[int, dict[int, Any]] = {}
    for cell in sheet.cells:
        loose.setdefault(cell.row, {})[cell.col] = _bare(cell.value)
    for table in sorted(sheet.tables, key=lambda table: table.row):
        yield from _loose_rows(loose, table.row)
        yield table.row, [None] * table.col + [column.header for column in table.columns]
        margin = [None] * table.col
        formulas = ["=" + column.formula if column.formula else None for column in table.columns]
        for number, values in _table_rows(table):
            yield number, [*margin, *(formula or value for formula, value in zip(formulas, values, strict=True))]
    yield from _loose_rows(loose, max(loose, default=0) + 1)


def _loose_rows(loose: dict[int, dict[int, Any]], stop: int) -> Iterator[tuple[int, list[Any]]]:
    for number in sorted(row for row in loose if row < stop):
        cells = loose.pop(number)
        yield number, [cells.get(col) for col in range(max(cells) + 1)]


def _bare(value: Any) -> Any:
    if isinstance(value, Formula):
        return "=" + value.text
    return value.text if isinstance(value, Link) else value


# --- pandas --------------------------------------------------------------------------------------------------------


def values_grid(book: Book) -> pd.DataFrame:
    """Return a frame of bare values with as many cells as the workbook: the values of its biggest table, repeated.

    Missing values are filled, because pandas writes no cell for them.
    """
    table = max((table for sheet in book.sheets for table in sheet.tables), key=lambda table: table.rows)
    columns = {}
    for column in table.columns:
        values = _listed(column, 0, table.rows)
        number = all(value is None or isinstance(value, (int, float)) for value in values)
        columns[column.header] = [(0.0 if number else "–") if value in (None, "") else value for value in values]
    frame = pd.DataFrame(columns)
    rows = round(count_cells(book)["cells"] / len(frame.columns))
    return frame.iloc[np.resize(np.arange(len(frame)), rows)].reset_index(drop=True)


# --- numpy ---------------------------------------------------------------------------------------------------------


def arithmetic(
    values: np.ndarray, zero: np.ndarray, full: np.ndarray, shares: np.ndarray, *, with_lost: bool
) -> tuple[np.ndarray, ...]:
    """Return points, coverage and base, and where asked points lost, of values of shape (accounts, metrics)."""
    points = 100 * np.clip((values - zero) / (full - zero), 0, 1)
    present = ~np.isnan(points)
    coverage = present @ shares
    base = np.where(present, points, 0.0) @ shares / coverage
    if not with_lost:
        return points, coverage, base
    lost = np.where(present, shares * (100 - points), 0.0) / coverage[:, None]
    return points, coverage, base, lost
