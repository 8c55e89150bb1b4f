"""`healthscore build`: the main job."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from healthscore import pipeline
from healthscore.cli import options
from healthscore.cli.console import out, print_findings, print_scores, progress
from healthscore.model import load_model
from healthscore.output import check_output
from healthscore.workbook import plan_book, write_book
from healthscore.workbook.functions import with_functions


def build(
    accounts: options.AccountsFile,
    model: options.ModelName = options.DEFAULT,
    as_of: options.AsOf = None,
    segment_by: options.SegmentBy = None,
    map_: options.Map = None,
    dates: options.Dates = None,
    duplicates: options.Duplicates = None,
    sheet: options.SheetName = None,
    currency: options.Currency = "",
    functions: options.Functions = "none",
    out_file: options.Out = None,
    force: options.Force = False,
) -> None:
    """Turn an export of accounts into a scored workbook.

    One row per account, a sheet per segment, live formulas. Columns of the export are matched to the model's names;
    what the export lacks becomes an empty column to fill in.
    """
    day = options.parse_as_of(as_of) or pipeline.today()
    sign = options.parse_currency(currency)
    kind = options.parse_functions(functions)
    target = out_file or Path(f"{accounts.stem} health {day.isoformat()}.xlsx")
    if target.suffix.lower() != ".xlsx":
        target = target.with_name(target.name + ".xlsx")
    with progress("reading the model", "reading the accounts", "scoring", "writing the workbook") as steps:
        check_output(target, force)
        chosen = load_model(model)
        steps.next()
        read = options.load_accounts(
            accounts, chosen, mapping=map_, dates=dates, segment_by=segment_by, duplicates=duplicates, sheet=sheet
        )
        steps.next()
        scores = pipeline.score(read, chosen, day)
        steps.next()
        book = plan_book(read, scores, currency=sign)
        write_book(with_functions(book, scores, kind), target, force=force)
    print_scores(scores)
    if read.missing_inputs:
        out.print(Text(f"\nTo fill in by hand, the export has no column for: {', '.join(read.missing_inputs)}"))
    print_findings(read.findings, "all of them are on the sheet Checks")
    out.print(Text("\nWrote ") + Text(str(target), style="bold"), soft_wrap=True)
