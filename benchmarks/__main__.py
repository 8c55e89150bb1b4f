"""`python -m benchmarks`: measure, and print what was found beside the limits it must keep."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from benchmarks import suites
from benchmarks.report import Row, print_rows
from benchmarks.suites import Sizes

_SUITES: dict[str, Callable[[Path, Sizes, Callable[[str], None]], list[Row]]] = {
    "build": suites.build,
    "score": suites.score,
    "recalculate": suites.recalculate,
    "memory": suites.memory,
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "suites", nargs="*", metavar="SUITE", help=f"which to run, of {', '.join(_SUITES)}; all when none is named"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes and one run: does everything work? Limits are not judged"
    )
    parser.add_argument("--runs", type=int, help="rounds of every suite (5 for scoring, 3 for the others)")
    parser.add_argument("--markdown", action="store_true", help="print tables for README.md")
    options = parser.parse_args()
    unknown = [name for name in options.suites if name not in _SUITES]
    if unknown:
        parser.error(f"there is no suite {unknown[0]!r}; there are {', '.join(_SUITES)}")
    return options


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pandas", "XlsxWriter", "openpyxl"))
    system = f"{platform.system()} {platform.machine()}, {suites.cores()} cores"
    return f"{system}, Python {platform.python_version()}, {packages}"


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def main() -> int:
    options = _options()
    sizes = suites.QUICK if options.quick else suites.FULL
    sizes = sizes.with_runs(options.runs) if options.runs else sizes
    print(_machine())
    missed = 0
    for name in options.suites or _SUITES:
        with tempfile.TemporaryDirectory(prefix="healthscore-benchmark-") as folder:
            rows = _SUITES[name](Path(folder), sizes, _progress)
        _progress("")
        if options.quick:
            rows = [replace(row, limit=None) for row in rows]
        print_rows(name, rows, markdown=options.markdown)
        missed += sum(row.verdict == "over" for row in rows)
    if missed:
        print(f"\n{missed} over the limit")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
