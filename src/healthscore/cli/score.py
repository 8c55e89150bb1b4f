"""`healthscore score`: scores without a workbook."""

from __future__ import annotations

from healthscore import pipeline
from healthscore.cli import options
from healthscore.cli.console import out, print_findings, print_scores, progress
from healthscore.model import load_model
from healthscore.tables import scored_table, table_text, write_table
from healthscore.workbook.writer import check_output


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
    """Score an export without making a workbook: a table in the terminal, or all columns in a .csv or .parquet file."""
    with progress("reading the model", "reading the accounts", "scoring", "writing") as steps:
        if out_file is not None:
            check_output(out_file, force)
        chosen = load_model(model)
        steps.next()
        read = options.load_accounts(
            accounts, chosen, mapping=map_, dates=dates, segment_by=segment_by, duplicates=duplicates, sheet=sheet
        )
        steps.next()
        scores = pipeline.score(read, chosen, options.parse_as_of(as_of))
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
