"""`python -m benchmarks.addin`: `HEALTHSCORE` over a whole range against `score()` on the same frame.

The range goes through xlwings' server call: cells as Excel's JavaScript host posts them, converted, scored, converted
back; the third line adds decoding and encoding the JSON text, which is the web server's part. `score()` gets a frame of
typed columns, as a Python user has it.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

# Read by xlwings when it is first imported: its server side, under its licence for non-commercial use.
os.environ.setdefault("XLWINGS_ON_SERVER", "true")
os.environ.setdefault("XLWINGS_LICENSE_KEY", "noncommercial")

import pandas as pd
import xlwings
import xlwings.server

import healthscore
from benchmarks.accounts import AS_OF, accounts, model
from healthscore.accounts import accounts_from_frame
from healthscore.addin import functions
from healthscore.workbook import plan_book
from healthscore.workbook.plan import Formula

LIMIT = 3.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.addin", description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000, help="rows of the range (10,000)")
    parser.add_argument("--runs", type=int, default=7, help="rounds, one way after the other in each (7)")
    options = parser.parse_args()
    chosen, whole = model(), accounts(options.accounts, 3)
    frame = _of_the_model(whole.assign(**{"Tickets 90d": whole["Tickets 90d"].fillna(0)}), chosen)
    segments = [[name] for name in whole["Company size"]]
    payload = _payload(frame, segments, _model_range(chosen, frame))
    posted = json.dumps(payload)

    def through_excel() -> list[list[Any]]:
        return asyncio.run(xlwings.server.custom_functions_call(payload, functions))

    def from_text_to_text() -> str:
        return json.dumps(asyncio.run(xlwings.server.custom_functions_call(json.loads(posted), functions)))

    def through_python() -> Any:
        return healthscore.score(frame.assign(segment=whole["Company size"]), chosen, AS_OF)

    agree = [row[0] for row in through_excel()] == [
        "" if pd.isna(one) else one for one in through_python().table["score"]
    ]
    ours, theirs, text = _measured([through_excel, through_python, from_text_to_text], options.runs)
    ratio = ours / theirs
    print(f"HEALTHSCORE on {len(frame):,} × {len(frame.columns)} cells, {options.runs} runs, medians")
    print(f"  score() on the same frame   {theirs:.3f} s")
    print(f"  server call                 {ours:.3f} s, {ratio:.2f} times that; limit {LIMIT:g}: {_verdict(ratio)}")
    print(f"  with JSON text both ways    {text:.3f} s, {text / theirs:.2f} times that")
    print(f"  same scores: {agree}")
    return int(ratio > LIMIT or not agree)


def _verdict(ratio: float) -> str:
    return "kept" if ratio <= LIMIT else "over"


def _measured(ways: list[Callable[[], Any]], runs: int) -> list[float]:
    """Return the median seconds of each way, measured in turns so that a busy moment falls on all."""
    seconds: list[list[float]] = [[] for _ in ways]
    for _ in range(runs):
        for way, found in zip(ways, seconds, strict=True):
            gc.collect()
            start = time.perf_counter()
            way()
            found.append(time.perf_counter() - start)
    return [statistics.median(found) for found in seconds]


def _of_the_model(whole: pd.DataFrame, chosen: healthscore.ScoreModel) -> pd.DataFrame:
    """Return the twelve columns that the model reads, under the export's headers."""
    named = {"renewal": "Renewal date"}
    return whole[[named.get(name, name) for name in chosen.input_columns()]]


def _payload(frame: pd.DataFrame, segments: list[list[str]], model_range: list[list[Any]]) -> dict[str, Any]:
    cells = [[_posted(cell) for cell in row] for row in frame.astype(object).to_numpy().tolist()]
    return {
        "func_name": "HEALTHSCORE",
        "args": [cells, [list(frame.columns)], segments, model_range],
        "version": xlwings.__version__,
        "client": "Office.js",
        "runtime": "1.4",
        "date_format": "m/d/yyyy",
        "culture_info_name": "en-US",
        "caller_address": "Sheet1!A1",
    }


def _posted(cell: Any) -> Any:
    if cell is None or cell is pd.NaT or cell != cell:  # noqa: PLR0124 (NaN)
        return ""
    return (cell.date() - dt.date(1899, 12, 30)).days if isinstance(cell, dt.datetime) else cell


def _model_range(chosen: healthscore.ScoreModel, frame: pd.DataFrame) -> list[list[Any]]:
    """Return what `HealthModel` holds: the cells of the planned `Model` sheet."""
    read = accounts_from_frame(frame.head(1), chosen)
    sheet = next(
        part for part in plan_book(read, healthscore.score(read, chosen, AS_OF)).sheets if part.name == "Model"
    )
    cells = {
        (one.row, one.col): one.value.value if isinstance(one.value, Formula) else one.value for one in sheet.cells
    }
    for table in sheet.tables:
        for number, column in enumerate(table.columns, start=table.col):
            cells |= {
                (row, number): value for row, value in enumerate([column.header, *column.values], start=table.row)
            }
    height, width = max(row for row, _ in cells) + 1, max(col for _, col in cells) + 1
    return [[_dated(cells.get((row, col))) for col in range(width)] for row in range(height)]


def _dated(value: Any) -> Any:
    if isinstance(value, dt.date):
        return (value - dt.date(1899, 12, 30)).days
    return "" if value is None or value != value else value  # noqa: PLR0124 (NaN)


if __name__ == "__main__":
    sys.exit(main())
