"""The suites: which jobs are measured against each other, and which limits their figures must keep."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import libreoffice
from benchmarks.measure import Job, Measured, measure, run
from benchmarks.report import Row

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Sizes:
    """How many accounts each suite takes, and how many rounds."""

    build: int
    score: int
    recalculate: tuple[int, ...]
    memory: int
    runs: int
    score_runs: int

    def with_runs(self, runs: int) -> Sizes:
        """Return the same sizes with another number of rounds for every suite."""
        return replace(self, runs=runs, score_runs=runs)


FULL = Sizes(build=10_000, score=1_000_000, recalculate=(5_000, 10_000, 20_000), memory=20_000, runs=3, score_runs=5)
QUICK = Sizes(build=200, score=10_000, recalculate=(100, 200), memory=400, runs=1, score_runs=1)


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def build(folder: Path, sizes: Sizes, progress: Progress) -> list[Row]:
    """Time a whole build against the same cells written bare by other writers."""
    export, plan, ours = folder / "accounts.csv", folder / "plan.pickle", folder / "ours.xlsx"
    run(Job("accounts_file", (str(export), sizes.build, 3)))
    counted = run(Job("plan_file", (str(export), str(plan))))
    writers = ("xlsxwriter", "openpyxl", "pandas")
    jobs = [Job("build_whole", (str(export), str(ours)))]
    jobs += [Job("write_bare", (writer, str(plan), str(folder / f"{writer}.xlsx"))) for writer in writers]
    jobs.append(Job("build_steps", (str(export), str(ours))))
    mine, xlsxwriter, openpyxl, pandas, steps = measure(jobs, sizes.runs, progress)
    laps = ", ".join(f"{name} {steps.facts[name]:.2f}" for name in ("read", "score", "plan", "write"))
    cells = f"{counted['cells']:,} cells, {counted['formulas']:,} of them formulas"
    return [
        Row(
            f"build of {sizes.build:,} accounts × 10 metrics",
            mine,
            note=f"{cells}; {mine.facts['megabytes']:.1f} MB file",
        ),
        Row("  its steps", note=laps),
        Row("XlsxWriter, the same cells", xlsxwriter),
        Row("openpyxl write-only, formulas without values", openpyxl),
        Row("DataFrame.to_excel, as many bare values", pandas),
        Row("build ÷ XlsxWriter", figure=mine.seconds / xlsxwriter.seconds, limit=0.25),
        Row("build ÷ openpyxl write-only", figure=mine.seconds / openpyxl.seconds, limit=2.0, note="aim: below 1"),
        Row("build ÷ DataFrame.to_excel", figure=mine.seconds / pandas.seconds),
    ]


def score(folder: Path, sizes: Sizes, progress: Progress) -> list[Row]:
    """Time scoring in memory against the bare arithmetic over the same values."""
    frame, read, array = (str(folder / name) for name in ("frame.pickle", "read.pickle", "array.pickle"))
    run(Job("scoring_files", (sizes.score, frame, read, array)))
    jobs = [
        Job("score_read", (read,)),
        Job("score_bare", (array, "lost")),
        Job("score_bare", (array, "base")),
        Job("score_whole", (frame,)),
    ]
    scoring, bare, shorter, whole = measure(jobs, sizes.score_runs, progress)
    accounts = f"{sizes.score:,} accounts × 10 metrics"
    return [
        Row(f"scoring of {accounts}", scoring, note=f"{scoring.facts['columns']:.0f} result columns; {_held(scoring)}"),
        Row("numpy: clip, mask, weighted mean, points lost", bare, note=_held(bare)),
        Row("numpy without points lost", shorter, note=_held(shorter)),
        Row("healthscore.score of a raw frame: columns matched, cells checked, scored", whole, note=_held(whole)),
        Row("scoring ÷ numpy (DESIGN §2.2–2.4)", figure=scoring.seconds / bare.seconds, limit=6),
        Row(
            "scoring ÷ numpy without points lost",
            figure=scoring.seconds / shorter.seconds,
            note="more work than it is held against",
        ),
        Row("healthscore.score ÷ numpy", figure=whole.seconds / bare.seconds, note="reading included"),
    ]


def _held(measured: Measured) -> str:
    return f"{measured.facts['before']:,.0f} MB held before it starts"


def recalculate(folder: Path, sizes: Sizes, progress: Progress) -> list[Row]:
    """Time LibreOffice recalculating workbooks of doubling sizes."""
    if libreoffice.program() is None:
        return [Row("recalculation in LibreOffice", note="skipped: soffice is not installed")]
    profile, out = folder / "profile", folder / "out"
    out.mkdir()
    check_recalculation(folder, profile, out)
    jobs = []
    for count in sizes.recalculate:
        export, book = folder / f"{count}.csv", folder / f"{count} accounts.xlsx"
        run(Job("accounts_file", (str(export), count, 8)))
        run(Job("build_whole", (str(export), str(book))))
        jobs += [Job("recalculate", (mode, str(profile), str(book), str(out))) for mode in ("always", "never")]
    results = measure(jobs, sizes.runs, progress)
    always, never = results[::2], results[1::2]
    rows = []
    for count, with_, without in zip(sizes.recalculate, always, never, strict=True):
        rows.append(Row(f"{count:,} accounts in 8 segments: load, recalculate, save", with_, note=_processor(with_)))
        rows.append(Row(f"{count:,} accounts: load and save only", without, note=_processor(without)))
    for number, count in enumerate(sizes.recalculate[1:], start=1):
        growth = always[number].seconds / always[number - 1].seconds
        busy = always[number].facts["processor"] / always[number - 1].facts["processor"]
        what = f"growth from {sizes.recalculate[number - 1]:,} to {count:,}"
        rows.append(Row(what, figure=growth, limit=2.3, note=f"of processor time {busy:.2f}"))
    return rows


def _processor(measured: Measured) -> str:
    return f"{measured.facts['processor']:.1f} s of processor"


def check_recalculation(folder: Path, profile: Path, out: Path) -> None:
    """Make sure that each profile does what it says, on a small workbook with a wrong value beside every formula."""
    book = folder / "poisoned.xlsx"
    run(Job("poisoned", (str(book),)))
    for mode, stays in (("always", False), ("never", True)):
        run(Job("recalculate", (mode, str(profile), str(book), str(out))))
        with zipfile.ZipFile(out / book.name) as saved:
            poison = any(b">poison<" in saved.read(name) for name in saved.namelist() if name.endswith(".xml"))
        if poison != stays:
            raise SystemExit(f"LibreOffice with the profile {mode!r} left {'wrong' if poison else 'no wrong'} values")


def memory(folder: Path, sizes: Sizes, progress: Progress) -> list[Row]:
    """Measure the peak memory of a big build."""
    export = folder / "accounts.csv"
    run(Job("accounts_file", (str(export), sizes.memory, 8)))
    (found,) = measure([Job("build_whole", (str(export), str(folder / "ours.xlsx")))], sizes.runs, progress)
    note = f"{found.facts['megabytes']:.1f} MB file"
    what = f"build of {sizes.memory:,} accounts in 8 segments"
    return [
        Row(what, found, note=note),
        Row("peak memory", figure=found.peak, unit=" MB", limit=1500),
    ]
