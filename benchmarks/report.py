"""Tables of what was measured, for the terminal and for README.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Measured


@dataclass(frozen=True)
class Row:
    """One line: what was measured, or how two measurements stand to each other, and the limit where there is one."""

    what: str
    measured: Measured | None = None
    figure: float | None = None
    unit: str = ""
    limit: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the limit is kept."""
        if self.figure is None or self.limit is None:
            return ""
        return "kept" if self.figure <= self.limit else "over"

    def cells(self) -> tuple[str, ...]:
        """Return the line as text."""
        seconds = spread = peak = ""
        if self.measured:
            seconds = f"{self.measured.seconds:.2f}"
            spread = f"{self.measured.fastest:.2f}–{self.measured.slowest:.2f}"
            peak = f"{self.measured.peak:,.0f}"
        figure = "" if self.figure is None else f"{self.figure:,.{0 if self.figure >= 100 else 3}f}{self.unit}"
        limit = "" if self.limit is None else f"{self.limit:g}{self.unit}"
        return (self.what, seconds, spread, peak, figure, limit, self.verdict, self.note)


_HEADERS = ("", "median s", "from–to s", "peak MB", "figure", "limit", "", "note")


def print_rows(title: str, rows: Sequence[Row], *, markdown: bool) -> None:
    """Print one suite's table."""
    if markdown:
        print(f"\n### {title}\n\n| {' | '.join(_HEADERS)} |\n|---|--:|--:|--:|--:|--:|---|---|")
        for row in rows:
            print(f"| {' | '.join(row.cells())} |")
        return
    table = Table(title=title, title_justify="left")
    for number, header in enumerate(_HEADERS):
        table.add_column(header, justify="right" if 0 < number < 6 else "left")
    for row in rows:
        table.add_row(*row.cells())
    # Wide enough for every column when the output is a file or a pipe.
    console = Console()
    (console if console.is_terminal else Console(width=190)).print(table)
