"""The jobs that are measured, each in a process of its own: `python -m benchmarks.jobs NAME ARGUMENTS…`.

A job prepares, then times one call, then prints one line of JSON: seconds, peak memory in MB, and facts about itself.
The peak is that of the whole process: Python, the imported libraries and what was prepared included.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measure import peak_memory

Facts = dict[str, Any]


def timed(call: Callable[[], Any], **facts: Any) -> Facts:
    """Return the seconds of one call, and the peak memory of this process after it."""
    start = time.perf_counter()
    call()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "peak": peak_memory(), **facts}


# --- workbooks -----------------------------------------------------------------------------------------------------


def accounts_file(path: str, count: str, segments: str) -> Facts:
    """Write an export of accounts (a preparation)."""
    from benchmarks.accounts import write_csv

    return timed(lambda: write_csv(Path(path), int(count), int(segments)))


def build(export: str, path: str) -> Facts:
    """Build a workbook, whole: read the model and the export, score, plan, write."""
    import healthscore
    from benchmarks.accounts import AS_OF, model

    def whole() -> None:
        chosen = model()
        accounts = healthscore.read_accounts(export, chosen)
        healthscore.build(accounts, chosen, path, AS_OF, force=True)

    result = timed(whole)
    return result | {"megabytes": os.path.getsize(path) / 1e6}


def build_steps(export: str, path: str) -> Facts:
    """Build a workbook step by step and say how long each step takes."""
    import healthscore
    from benchmarks.accounts import AS_OF, model
    from healthscore.workbook import plan_book, write_book

    clock = [time.perf_counter()]

    def lap() -> float:
        clock.append(time.perf_counter())
        return clock[-1] - clock[-2]

    chosen = model()
    accounts = healthscore.read_accounts(export, chosen)
    read = lap()
    scores = healthscore.score(accounts, chosen, AS_OF)
    score = lap()
    book = plan_book(accounts, scores)
    plan = lap()
    write_book(book, Path(path), force=True)
    write = lap()
    return {"seconds": clock[-1] - clock[0], "peak": peak_memory(), "read": read, "score": score, "plan": plan, "write": write}


def plan_file(export: str, path: str) -> Facts:
    """Keep the plan of an export's workbook in a file, for the bare writers (a preparation)."""
    import healthscore
    from benchmarks.accounts import AS_OF, model
    from benchmarks.bare import count_cells
    from healthscore.workbook import plan_book

    chosen = model()
    accounts = healthscore.read_accounts(export, chosen)
    book = plan_book(accounts, healthscore.score(accounts, chosen, AS_OF))
    with Path(path).open("wb") as file:
        pickle.dump(book, file)
    return {"seconds": 0.0, "peak": peak_memory(), **count_cells(book)}


def bare(writer: str, plan: str, path: str) -> Facts:
    """Write the cells of a planned workbook with another writer, bare: `xlsxwriter`, `openpyxl` or `pandas`."""
    from benchmarks import bare as writers

    with Path(plan).open("rb") as file:
        book = pickle.load(file)  # noqa: S301 (our own file, of a minute ago)
    write = writers.prepare(writer, book, Path(path))
    result = timed(write)
    return result | {"megabytes": os.path.getsize(path) / 1e6}


# --- scoring -------------------------------------------------------------------------------------------------------


def score(count: str) -> Facts:
    """Score a frame of typed columns as an export's are called: columns matched, values checked, findings noted."""
    import healthscore
    from benchmarks.accounts import AS_OF, accounts, model

    chosen, frame = model(), accounts(int(count), 3)
    return timed(lambda: healthscore.score(frame, chosen, AS_OF))


def score_frame(count: str) -> Facts:
    """Score accounts that are read: values, points, coverage, rules, bands, drags, next actions."""
    from benchmarks.accounts import AS_OF, accounts, model
    from healthscore.accounts import accounts_from_frame
    from healthscore.scoring import score_frame as scoring

    chosen = model()
    read = accounts_from_frame(accounts(int(count), 3), chosen)
    before = peak_memory()
    found: list[Any] = []
    result = timed(lambda: found.append(scoring(read.frame, chosen, AS_OF, read.bound)))
    columns = sum(len(part.columns) for part in (found[0].table, found[0].values, found[0].points, found[0].lost, found[0].rules))
    return result | {"columns": columns, "prepared": before}


def numpy(count: str, lost: str) -> Facts:
    """The bare arithmetic of DESIGN §2.2–2.4 over the same values: clip, mask, weighted mean, with or without lost."""
    import numpy as np

    from benchmarks.accounts import AS_OF, accounts, model
    from benchmarks.bare import arithmetic
    from healthscore.accounts import accounts_from_frame
    from healthscore.scoring import resolve
    from healthscore.scoring.values import AccountColumns, metric_values

    chosen = model()
    read = accounts_from_frame(accounts(int(count), 3), chosen)
    values = metric_values(chosen, AccountColumns(read.frame, read.bound), AS_OF)
    shares = resolve(chosen, read.frame["segment"], values).segments[0].shares
    array = np.column_stack(list(values.values()))
    ends = np.nanquantile(array, [0.1, 0.9], axis=0)
    del read, values
    return timed(lambda: arithmetic(array, ends[0], ends[1], shares, with_lost=lost == "lost"))


# --- LibreOffice ---------------------------------------------------------------------------------------------------


def poisoned(path: str) -> Facts:
    """Write a small workbook with a wrong value beside every formula (a preparation)."""
    import healthscore
    from benchmarks.accounts import AS_OF, accounts, model
    from healthscore.accounts import accounts_from_frame
    from healthscore.workbook import plan_book, write_book

    chosen = model()
    read = accounts_from_frame(accounts(50, 3), chosen)
    book = plan_book(read, healthscore.score(read, chosen, AS_OF))
    return timed(lambda: write_book(book, Path(path), poison=True))


def libreoffice(mode: str, profile: str, path: str, folder: str) -> Facts:
    """Open a workbook in LibreOffice and save it; `mode` is `always` or `never` (recalculate)."""
    from benchmarks.libreoffice import convert

    result = timed(lambda: convert(Path(path), Path(folder), Path(profile), mode))
    return result | {"peak": peak_memory(children=True)}


_JOBS = (accounts_file, build, build_steps, plan_file, bare, score, score_frame, numpy, poisoned, libreoffice)

if __name__ == "__main__":
    job = next(job for job in _JOBS if job.__name__ == sys.argv[1])
    print(json.dumps(job(*sys.argv[2:])))
