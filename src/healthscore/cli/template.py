"""`healthscore template`: a blank workbook to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from healthscore import pipeline
from healthscore.cli import options
from healthscore.cli.console import out, progress
from healthscore.errors import HealthscoreError
from healthscore.model import load_model
from healthscore.output import check_output
from healthscore.workbook import write_book

_MOST_ROWS = 20_000


def template(
    model: options.ModelName = options.DEFAULT,
    segments: Annotated[
        str | None,
        typer.Option(
            "--segments", help="A sheet for each, separated by commas, as Small,Medium,Enterprise.", metavar="A,B,C"
        ),
    ] = None,
    rows: Annotated[int, typer.Option("--rows", help="How many empty rows each sheet has.", min=1)] = 50,
    as_of: options.AsOf = None,
    currency: options.Currency = "",
    out_file: options.Out = None,
    force: options.Force = False,
) -> None:
    """Write a blank workbook to fill in by hand: type a row, and its score appears."""
    if rows > _MOST_ROWS:
        raise HealthscoreError(f"--rows {rows}: {_MOST_ROWS} at most; a table grows by itself when you type below it")
    sign = options.parse_currency(currency)
    wanted = options.check_text("--segments", segments or "").split(",")
    names = list(dict.fromkeys(name.strip() for name in wanted if name.strip()))
    target = out_file or Path(f"{Path(model).stem} template.xlsx")
    with progress("writing the workbook"):
        check_output(target, force)
        book = pipeline.template(load_model(model), names, rows, options.parse_as_of(as_of), sign)
        write_book(book, target, force=force)
    out.print(Text("Wrote ") + Text(str(target), style="bold"), soft_wrap=True)
