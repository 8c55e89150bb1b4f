"""`healthscore refresh`: the weekly loop. Monday's export goes into the workbook; what people wrote stays."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from healthscore import pipeline
from healthscore.accounts import Accounts
from healthscore.cli import options
from healthscore.cli.console import out, print_findings, print_scores, progress
from healthscore.model import ScoreModel
from healthscore.refresh import Refreshed
from healthscore.refresh import refresh as run
from healthscore.refresh.safely import open_in_excel

_SHOWN = 8


def refresh(
    workbook: Annotated[Path, typer.Argument(help="The filled workbook.", metavar="WORKBOOK")],
    accounts: Annotated[Path, typer.Option("--accounts", help="The new export of accounts.", metavar="FILE")],
    as_of: options.AsOf = None,
    out_file: options.Out = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Replace the workbook itself; a dated copy of the old one is kept.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")] = False,
    segment_by: options.SegmentBy = None,
    map_: options.Map = None,
    dates: options.Dates = None,
    duplicates: options.Duplicates = None,
    sheet: options.SheetName = None,
    force: options.Force = False,
) -> None:
    """Put a new export into a filled workbook.

    The export's columns are taken from the export; everything that people typed stays. Without --out the new workbook
    gets the as-of date into its name, and the old one is left as it is.
    """

    def read(model: ScoreModel) -> Accounts:
        return options.load_accounts(
            accounts, model, mapping=map_, dates=dates, segment_by=segment_by, duplicates=duplicates, sheet=sheet
        )

    day = options.parse_as_of(as_of) or pipeline.today()
    if open_in_excel(workbook) and not in_place:
        out.print(
            Text("The workbook is open elsewhere: what is not saved there yet is not taken along.", style="yellow")
        )
    with progress("refreshing"):
        done = run(
            workbook, read, as_of=day, out=out_file, in_place=in_place, force=force, dry_run=dry_run, announce=_tell
        )
    print_scores(done.scores)
    print_findings([finding.plain() for finding in done.findings], "`healthscore check` lists all of them")
    if done.backup is not None:
        out.print(Text(f"\nThe old workbook is kept as {done.backup}"), soft_wrap=True)
    if done.written:
        out.print(Text("\nWrote ") + Text(str(done.path), style="bold"), soft_wrap=True)
    else:
        out.print(Text(f"\nA dry run: nothing was written. It would write {done.path}"), soft_wrap=True)


def _tell(done: Refreshed) -> None:
    """Say what a refresh is about to do, before it writes."""
    if done.not_carried:
        out.print(Text("Stays behind in the old file:", style="bold yellow"))
        for line in done.not_carried:
            out.print(Text(f"  {line}"), soft_wrap=True)
    counts = Counter(event.what for event in done.events)
    words = [f"{count} {what.lower()}" for what, count in counts.items()] + [f"{len(done.movers)} scores moved"]
    out.print(Text("; ".join(words), style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("what", "account", "column", "in the workbook", "in the export", "done"):
        table.add_column(title, overflow="fold")
    for event in done.events[:_SHOWN]:
        table.add_row(*map(Text, (event.what, event.account, event.column, event.before, event.now, event.done)))
    if done.events:
        out.print(table)
    if len(done.events) > _SHOWN:
        out.print(Text(f"… and {len(done.events) - _SHOWN} more; all are on the sheet Movers", style="dim"))
