"""`healthscore check`: can these scores be trusted?"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from healthscore.check import Checked
from healthscore.check import check as run
from healthscore.cli.console import out, progress

_SHOWN = 40
_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


def check(
    workbook: Annotated[Path, typer.Argument(help="A workbook that healthscore made.", metavar="WORKBOOK")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Compute every score anew and compare it with the cells. Exit code 0: trust them; 1: do not; 2: cannot be read."""
    with progress("checking"):
        done = run(workbook)
    if as_json:
        out.file.write(json.dumps(_plain(done), ensure_ascii=False, indent=2) + "\n")
    else:
        _print(done)
    raise typer.Exit(0 if done.trusted else 1)


def _plain(done: Checked) -> dict[str, object]:
    counts = Counter(finding.severity for finding in done.findings)
    return {
        "workbook": str(done.contents.path),
        "as_of": done.contents.as_of.isoformat(),
        "accounts": len(done.contents.accounts.frame),
        "trusted": done.trusted,
        "compared_cells": done.compared,
        "errors": counts["error"],
        "warnings": counts["warning"],
        "notes": counts["note"],
        "findings": [dataclasses.asdict(finding) for finding in done.findings],
    }


def _print(done: Checked) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("severity", "where", "account", "found", "what to do or was done"):
        table.add_column(title, overflow="fold")
    for one in done.findings[:_SHOWN]:
        where = f"{one.sheet}!{one.cell}".rstrip("!")
        table.add_row(
            Text(one.severity, style=_STYLES[one.severity]), *map(Text, (where, one.account, one.found, one.done))
        )
    if done.findings:
        out.print(table)
    if len(done.findings) > _SHOWN:
        out.print(Text(f"… and {len(done.findings) - _SHOWN} more; --json lists all", style="dim"))
    cells, accounts = f"{done.compared:,} cells", f"{len(done.contents.accounts.frame):,} accounts"
    if done.trusted:
        out.print(
            Text(f"The scores can be trusted: {cells} of {accounts} are what Python computes.", style="bold green")
        )
    else:
        count = sum(one.severity == "error" for one in done.findings)
        out.print(Text(f"Do not trust all of these scores: {count} faults in {cells} of {accounts}.", style="bold red"))
