"""The jobs that are measured, each in a process of its own: `python -m benchmarks.jobs NAME ARGUMENTS…`.

A job prepares, then times one call, then prints one line of JSON: seconds, peak memory in MB, and facts about itself.
The peak is that of the whole process: Python, the imported libraries and what was prepared included.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import healthscore
from benchmarks import bare
from benchmarks.accounts import AS_OF, accounts, model, write_csv
from benchmarks.libreoffice import convert
from benchmarks.measure import children_seconds, peak_memory
from healthscore.accounts import accounts_from_frame
from healthscore.scoring import score_frame
from healthscore.workbook import plan_book, write_book

Facts = dict[str, Any]


def timed(call: Callable[[], Any], **facts: Any) -> Facts:
    """Return the seconds of one call, and the peak memory of this process after it."""
    start = time.perf_counter()
    call()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "peak": peak_memory(), **facts}


def _kept(path: str) -> Any:
    with Path(path).open("rb") as file:
        return pickle.load(file)


# --- workbooks -----------------------------------------------------------------------------------------------------


def accounts_file(path: str, count: str, segments: str) -> Facts:
    """Write an export of accounts (a preparation)."""
    return timed(lambda: write_csv(Path(path), int(count), int(segments)))


def build_whole(export: str, path: str) -> Facts:
    """Build a workbook, whole: read the model and the export, score, plan, write."""

    def whole() -> None:
        chosen = model()
        read = healthscore.read_accounts(export, chosen)
        healthscore.build(read, chosen, path, AS_OF, force=True)

    result = timed(whole)
    return result | {"megabytes": Path(path).stat().st_size / 1e6}


def build_steps(export: str, path: str) -> Facts:
    """Build a workbook step by step and say how long each step takes."""
    start, chosen = time.perf_counter(), model()
    accounts_read = healthscore.read_accounts(export, chosen)
    read = time.perf_counter()
    scores = healthscore.score(accounts_read, chosen, AS_OF)
    scored = time.perf_counter()
    book = plan_book(accounts_read, scores)
    planned = time.perf_counter()
    write_book(book, Path(path), force=True)
    written = time.perf_counter()
    steps = {"read": read - start, "score": scored - read, "plan": planned - scored, "write": written - planned}
    return {"seconds": written - start, "peak": peak_memory(), **steps}


def plan_file(export: str, path: str) -> Facts:
    """Keep the plan of an export's workbook in a file, for the bare writers (a preparation)."""
    chosen = model()
    read = healthscore.read_accounts(export, chosen)
    book = plan_book(read, healthscore.score(read, chosen, AS_OF))
    with Path(path).open("wb") as file:
        pickle.dump(book, file)
    return {"seconds": 0.0, "peak": peak_memory(), **bare.count_cells(book)}


def write_bare(writer: str, plan: str, path: str) -> Facts:
    """Write the cells of a planned workbook with another writer, bare: `xlsxwriter`, `openpyxl` or `pandas`."""
    write = bare.prepare(writer, _kept(plan), Path(path))
    result = timed(write)
    return result | {"megabytes": Path(path).stat().st_size / 1e6}


# --- scoring -------------------------------------------------------------------------------------------------------


def scoring_files(count: str, frame: str, read: str, array: str) -> Facts:
    """Keep what the scoring jobs start from (a preparation): a raw frame, accounts as read, and their bare values."""
    chosen, raw = model(), accounts(int(count), 3)
    typed = accounts_from_frame(raw, chosen)
    scores = score_frame(typed.frame, chosen, AS_OF, typed.bound)
    values = [
        column.cat.codes.where(column.notna()) if column.dtype == "category" else column
        for column in map(scores.values.get, scores.values)
    ]
    numbers = np.column_stack([np.asarray(column, dtype=np.float64) for column in values])
    ends = np.nanquantile(numbers, [0.1, 0.9], axis=0)
    for path, kept in (
        (frame, raw),
        (read, (typed.frame, typed.bound)),
        (array, (numbers, *ends, scores.shares.to_numpy()[0])),
    ):
        with Path(path).open("wb") as file:
            pickle.dump(kept, file, protocol=5)
    return {"seconds": 0.0, "peak": peak_memory()}


def score_whole(frame: str) -> Facts:
    """Score a frame of typed columns as an export's are called: columns matched, values checked, findings noted."""
    chosen, raw = model(), _kept(frame)
    before = peak_memory()
    return timed(lambda: healthscore.score(raw, chosen, AS_OF), before=before)


def score_read(read: str) -> Facts:
    """Score accounts that are read: values, points, coverage, rules, bands, drags, next actions."""
    chosen, (frame, bound) = model(), _kept(read)
    before, found = peak_memory(), []
    result = timed(lambda: found.append(score_frame(frame, chosen, AS_OF, bound)), before=before)
    parts = (found[0].table, found[0].values, found[0].points, found[0].lost, found[0].rules)
    return result | {"columns": sum(len(part.columns) for part in parts)}


def score_bare(array: str, result: str) -> Facts:
    """Do the bare arithmetic of DESIGN §2.2–2.4 over the same values: up to `base`, or `lost` too."""
    values, zero, full, shares = _kept(array)
    before = peak_memory()
    return timed(lambda: bare.arithmetic(values, zero, full, shares, with_lost=result == "lost"), before=before)


# --- LibreOffice ---------------------------------------------------------------------------------------------------


def poisoned(path: str) -> Facts:
    """Write a small workbook with a wrong value beside every formula (a preparation)."""
    chosen = model()
    read = accounts_from_frame(accounts(50, 3), chosen)
    book = plan_book(read, healthscore.score(read, chosen, AS_OF))
    return timed(lambda: write_book(book, Path(path), poison=True))


def recalculate(mode: str, profile: str, path: str, folder: str) -> Facts:
    """Open a workbook in LibreOffice and save it; `mode` is `always` or `never` (recalculate)."""
    result = timed(lambda: convert(Path(path), Path(folder), Path(profile), mode))
    return result | {"peak": peak_memory(children=True), "processor": children_seconds()}


_JOBS = (
    accounts_file,
    build_whole,
    build_steps,
    plan_file,
    write_bare,
    scoring_files,
    score_whole,
    score_read,
    score_bare,
    poisoned,
    recalculate,
)

if __name__ == "__main__":
    job = next(job for job in _JOBS if job.__name__ == sys.argv[1])
    print(json.dumps(job(*sys.argv[2:])))
