"""Finding live what was typed over a formula: in the tables of accounts, and in the strip of parameters above them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from healthscore.formula import formula
from healthscore.workbook.plan import Formula, area
from healthscore.workbook.segment.sheet import SegmentPlan

#: Room for the ranges in one formula, of the 8,192 characters that Excel takes.
_ROOM = 7500

Run = tuple[int, int, int, int]  # first row, first column, last row, last column


def pasted_over(plan: SegmentPlan) -> Formula:
    """Count the computed cells of a segment's table that hold no formula; none do in a workbook just written."""
    columns = plan.sheet.tables[0].columns
    spans: list[tuple[str, str]] = []
    before = False
    for column in columns:
        if column.formula is None:
            before = False
            continue
        spans = [*spans[:-1], (spans[-1][0], column.header)] if before else [*spans, (column.header, column.header)]
        before = True
    table = plan.places.table
    shown = [f"{table}[[{first}]]" if first == last else f"{table}[[{first}]:[{last}]]" for first, last in spans]
    return Formula(formula("pasted_over", spans=shown), 0)


def typed_over(plan: SegmentPlan) -> Formula:
    """Count the links of a segment's strip that hold no formula; none do in a workbook just written.

    Where a model is so large that not all ranges fit into one formula, the largest are looked at: weights and shares.
    """
    rows = range(plan.places.STRIP_TOP, plan.places.group_row)
    links = [(cell.row, cell.col) for cell in plan.sheet.cells if isinstance(cell.value, Formula) and cell.row in rows]
    sheet = plan.sheet.place(0, 0).rpartition("!")[0]
    blocks = sorted(_blocks(links), key=lambda run: -(run[2] - run[0] + 1) * (run[3] - run[1] + 1))
    return Formula(formula("pasted_over", spans=list(_fitting(f"{sheet}!{area(*block)}" for block in blocks))), 0)


def _blocks(cells: Iterable[tuple[int, int]]) -> list[Run]:
    """Return the rectangles that cells make up: runs within a row, joined with the same run of the row above."""
    found: list[Run] = []
    open_runs: dict[tuple[int, int], Run] = {}
    for row, line in groupby(sorted(set(cells)), key=lambda cell: cell[0]):
        runs = _runs([col for _, col in line])
        going_on = {run: block for run, block in open_runs.items() if run in runs and block[2] == row - 1}
        found += [block for run, block in open_runs.items() if run not in going_on]
        open_runs = {run: (going_on[run][0] if run in going_on else row, run[0], row, run[1]) for run in runs}
    return [*found, *open_runs.values()]


def _runs(cols: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and last of every run of numbers that follow each other."""
    found: list[tuple[int, int]] = []
    for col in cols:
        if found and found[-1][1] == col - 1:
            found[-1] = (found[-1][0], col)
        else:
            found.append((col, col))
    return found


def _fitting(spans: Iterable[str]) -> Iterator[str]:
    """Yield spans as long as their formula has room."""
    used = 0
    for span in spans:
        used += len(formula("pasted_over", spans=[span])) + 1
        if used > _ROOM:
            return
        yield span
