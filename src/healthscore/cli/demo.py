"""`healthscore demo`: the main job on the built-in sample."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from healthscore import pipeline
from healthscore.accounts import read_accounts
from healthscore.cli import options
from healthscore.cli.console import out, print_findings, print_scores, progress
from healthscore.errors import OutputError
from healthscore.model import DEFAULT_MODEL, load_model
from healthscore.output import check_output, whole_file
from healthscore.workbook import plan_book, write_book

#: The day the sample accounts speak of.
AS_OF = dt.date(2026, 6, 30)


def demo(
    folder: Annotated[
        Path, typer.Argument(help="Where to put the sample's files; made when missing.", metavar="DIR")
    ] = Path("healthscore-demo"),
    force: options.Force = False,
) -> None:
    """Make a scored workbook from the built-in sample accounts, and show the result."""
    export, book = folder / "accounts.csv", folder / "health scores.xlsx"
    with progress("writing the sample accounts", "scoring", "writing the workbook") as steps:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{folder}: cannot be made a folder ({error.strerror}); choose another") from error
        for path in (export, book):
            check_output(path, force)
        sample = resources.files("healthscore.templates") / "demo" / "accounts.csv"
        with whole_file(export, force=force) as part:
            part.write_bytes(sample.read_bytes())
        steps.next()
        model = load_model(DEFAULT_MODEL)
        accounts = read_accounts(export, model)
        scores = pipeline.score(accounts, model, AS_OF)
        steps.next()
        write_book(plan_book(accounts, scores), book, force=force)
    print_scores(scores)
    print_findings(accounts.findings, "all of them are on the sheet Checks")
    out.print(
        Text(f"\nFrom {export} and the model {DEFAULT_MODEL}, wrote ") + Text(str(book), style="bold"), soft_wrap=True
    )
