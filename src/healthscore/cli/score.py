"""`healthscore score`: scores without a workbook."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from healthscore import pipeline
from healthscore.accounts import Accounts
from healthscore.cli import options
from healthscore.cli.console import out, print_findings, print_scores, progress
from healthscore.errors import WorkbookError
from healthscore.model import ScoreModel, load_model
from healthscore.output import check_output
from healthscore.tables import scored_table, table_text, write_table
from healthscore.workbook.reading.workbook import is_workbook, read_workbook


def score(
    accounts: options.AccountsFile,
    model: options.ModelName = options.DEFAULT,
    as_of: options.AsOf = None,
    segment_by: options.SegmentBy = None,
    map_: options.Map = None,
    dates: options.Dates = None,
    duplicates: options.Duplicates = None,
    sheet: options.SheetName = None,
    out_file: options.Out = None,
    force: options.Force = False,
) -> None:
    """Score an export, or a filled workbook, without making a workbook.

    A table in the terminal, or all columns in a .csv or .parquet file. A workbook brings its own model and as-of date.
    """
    with progress("reading the model", "reading the accounts", "scoring", "writing") as steps:
        if out_file is not None:
            check_output(out_file, force)
        day = options.parse_as_of(as_of)
        if is_workbook(accounts):
            read, chosen, day = _filled(accounts, model, day, duplicates)
            steps.next()
        else:
            chosen = load_model(model)
            steps.next()
            read = options.load_accounts(
                accounts, chosen, mapping=map_, dates=dates, segment_by=segment_by, duplicates=duplicates, sheet=sheet
            )
        steps.next()
        scores = pipeline.score(read, chosen, day)
        steps.next()
        table = scored_table(read, scores)
        if out_file is not None:
            write_table(table, out_file, force=force)
    if out_file is None:
        out.file.write(table_text(table))
        return
    print_scores(scores)
    print_findings(read.findings, "`healthscore build` puts all of them on the sheet Checks")
    out.print(f"\nWrote {out_file}", markup=False, soft_wrap=True)


def _filled(
    workbook: Path, model: str, day: dt.date | None, duplicates: str | None
) -> tuple[Accounts, ScoreModel, dt.date]:
    """Return accounts, model and day of a workbook that healthscore made and people filled in."""
    if model != options.DEFAULT:
        raise WorkbookError(f"{workbook}: a workbook brings its own model; leave --model out")
    contents = read_workbook(workbook)
    accounts = replace(contents.accounts, findings=tuple(one.plain() for one in contents.findings))
    return options.settled(accounts, duplicates), contents.model, day or contents.as_of
