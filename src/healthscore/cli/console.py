"""What the commands share: the console, progress, errors, and the tables that they print."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import numpy as np
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from healthscore.findings import Finding, Severity
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import UNSCORED
from healthscore.scoring import Scores

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)
_SHOWN = 8
_RICH_COLORS = {
    "red": "red",
    "orange": "dark_orange",
    "yellow": "yellow",
    "green": "green",
    "blue": "blue",
    "grey": "bright_black",
}


def fail(message: str, code: int = 2) -> NoReturn:
    """Print an error and leave."""
    err.print(Text("healthscore: ", style="bold red") + Text(message), soft_wrap=True)
    sys.exit(code)


@contextmanager
def progress(*steps: str) -> Iterator[Steps]:
    """Show which step of a longer job is running; silent where nobody watches."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        yield Steps(bar, steps)


class Steps:
    """The steps of a job; `next()` moves to the following one."""

    def __init__(self, bar: Progress, steps: Sequence[str]) -> None:
        self._bar, self._steps = bar, iter(steps)
        self._task = bar.add_task(next(self._steps), total=None)

    def next(self) -> None:
        """Show the following step."""
        self._bar.update(self._task, description=next(self._steps, "finishing"))


def print_findings(findings: Sequence[Finding], where: str) -> None:
    """Print how many findings there are, the first ones, and where all of them stand."""
    if not findings:
        return
    order: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}
    ranked = sorted(findings, key=lambda item: order[item.severity])
    counts = Counter(item.severity for item in findings)
    words = [f"{counts[kind]} {kind}{'s' if counts[kind] > 1 else ''}" for kind in order if counts[kind]]
    out.print(Text(f"\nNoticed on the way: {', '.join(words)}", style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("row", "account", "column", "found", "done"):
        table.add_column(title, style="dim" if title == "row" else None, overflow="ellipsis", no_wrap=title != "done")
    for item in ranked[:_SHOWN]:
        table.add_row(
            *(
                Text(part)
                for part in (str(item.row or ""), item.account[:28], item.column[:24], item.found[:40], item.done)
            )
        )
    out.print(table)
    if len(findings) > _SHOWN:
        out.print(Text(f"… and {len(findings) - _SHOWN} more; {where}", style="dim"))


def print_scores(scores: Scores) -> None:
    """Print accounts, mean score and accounts per band for each segment."""
    model = scores.model
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("segment")
    for title in ("accounts", "mean score"):
        table.add_column(title, justify="right")
    for sign, name, color in bands(model):
        table.add_column(Text(f"{sign} {name}", style=_RICH_COLORS[color]), justify="right")
    groups = [(str(name), part) for name, part in scores.table.groupby("segment", observed=True, sort=False)]
    for name, part in [*groups, ("all", scores.table)] if len(groups) > 1 else groups:
        counts = part["band"].value_counts()
        mean = part["score"].mean()
        figures = [str(int(counts.get(band, 0))) for _, band, _ in bands(model)]
        table.add_row(
            Text(name),
            str(len(part)),
            "–" if np.isnan(mean) else f"{mean:.1f}",
            *figures,
            style="bold" if name == "all" else "",
        )
    out.print(table)


def bands(model: ScoreModel) -> list[tuple[str, str, str]]:
    """Return symbol, name and colour of every band, lowest first, and of the unscored."""
    return [(band.sign, band.name, band.color) for band in model.bands] + [("○", UNSCORED, "grey")]
