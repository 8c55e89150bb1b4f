"""A copy of some accounts as values: no formulas, no other accounts, no model, nothing that leads back to the book."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import numpy as np
import pandas as pd

from healthscore.names import header, sheet_names
from healthscore.scorecards.book import ScoredBook
from healthscore.scorecards.figures import Rows, band_numbers, bands_of
from healthscore.tables import scored_table
from healthscore.workbook.writing.plain_texts import PlainTextWorkbook

_TEXT_LIMIT = 32_000
_SHARES = ("coverage",)


def slice_workbook(book: ScoredBook, rows: Rows, title: str) -> bytes:
    """Return an .xlsx with one row per account of `rows`: who, verdict, then values and points lost of every metric.

    The same accounts give the same bytes, on every machine.
    """
    table = scored_table(book.accounts, book.scores).iloc[rows]
    content = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    workbook = PlainTextWorkbook(content, options)
    workbook.set_properties(
        {
            "title": "Customer health scores",
            "created": dt.datetime.combine(book.scores.as_of, dt.time(), tzinfo=dt.UTC),
        }
    )
    _fill(workbook, table, book, rows, sheet_names([title], [])[0])
    workbook.close()
    return content.getvalue()


def _fill(workbook: Any, table: pd.DataFrame, book: ScoredBook, rows: Rows, name: str) -> None:
    sheet = workbook.add_worksheet(name)
    head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E9EEF3"})
    formats = {
        "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
        "share": workbook.add_format({"num_format": "0%"}),
        "number": workbook.add_format({"num_format": "#,##0.##"}),
    }
    bands, numbers = bands_of(book.scores.model), band_numbers(book)[rows]
    fills = [workbook.add_format({"bg_color": band.fill, "font_color": band.ink}) for band in bands]
    sheet.write_string(0, 0, f"Customer health scores of {book.scores.as_of.isoformat()}: values only", head)
    for column, label in enumerate(table.columns):
        sheet.write_string(
            2, column, header(str(label).replace("_", " ").capitalize() if "(" not in str(label) else str(label)), head
        )
        for row, value in enumerate(table.iloc[:, column]):
            place = (row + 3, column)
            _write(sheet, place, value, label, fills[numbers[row]] if label == "band" else None, formats)
    sheet.freeze_panes(3, 2)
    sheet.set_column(0, len(table.columns) - 1, 14)
    sheet.set_column(1, 1, 34)
    if len(table):
        sheet.autofilter(2, 0, len(table) + 2, len(table.columns) - 1)


def _write(sheet: Any, place: tuple[int, int], value: Any, label: str, fill: Any, formats: dict[str, Any]) -> None:
    if value is None or value is pd.NaT or (isinstance(value, float) and not np.isfinite(value)):
        return
    if isinstance(value, (bool, np.bool_)):
        sheet.write_string(*place, "yes" if value else "no")
    elif isinstance(value, (int, float, np.integer, np.floating)):
        sheet.write_number(*place, float(value), formats["share" if label in _SHARES else "number"])
    elif isinstance(value, (pd.Timestamp, dt.date)):
        stamp = pd.Timestamp(value)
        sheet.write_datetime(*place, dt.datetime(stamp.year, stamp.month, stamp.day), formats["date"])
    else:
        sheet.write_string(*place, str(value).encode("utf-8", "replace").decode()[:_TEXT_LIMIT], fill)
