"""`healthscore models`: the built-in models, explained and exported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from healthscore.cli import options
from healthscore.cli.console import out
from healthscore.model import DEFAULT_MODEL, load_model, preset_names, preset_text
from healthscore.model.describe import describe
from healthscore.model.toml_text import model_to_toml
from healthscore.output import check_output, write_text
from healthscore.workbook.reading.workbook import read_model

app = typer.Typer(
    help="The built-in scoring models: list them, explain one, export one to make it your own.", no_args_is_help=True
)


@app.command("list")
def list_models() -> None:
    """List the built-in models."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("model", "metrics", "what it is"):
        table.add_column(title, justify="right" if title == "metrics" else "left")
    for name in preset_names():
        model = load_model(name)
        shown = Text(name, style="bold") + Text(" (default)" if name == DEFAULT_MODEL else "", style="dim")
        table.add_row(shown, str(len(model.metrics)), Text(model.title or model.about))
    out.print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A built-in model's name or a .toml file.", metavar="NAME|FILE")],
) -> None:
    """Explain a model in words: what is measured, how it becomes points, what it weighs, what to do."""
    out.print(Text(describe(load_model(name))), soft_wrap=True)


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="A built-in model's name.")],
    file: Annotated[Path, typer.Argument(help="The .toml file to write.", metavar="FILE")],
    force: options.Force = False,
) -> None:
    """Write a built-in model as a commented TOML file to start your own from."""
    write_text(file, preset_text(name), force=force)
    out.print(Text("Wrote ") + Text(str(file), style="bold"), soft_wrap=True)


@app.command("from-workbook")
def from_workbook(
    book: Annotated[Path, typer.Argument(help="A workbook that healthscore made.", metavar="BOOK")],
    file: Annotated[Path, typer.Argument(help="The .toml file to write.", metavar="FILE")],
    force: options.Force = False,
) -> None:
    """Write the model as it stands in a workbook, edits included, as a TOML file."""
    check_output(file, force)
    write_text(file, model_to_toml(read_model(book)), force=force)
    out.print(Text("Wrote ") + Text(str(file), style="bold"), soft_wrap=True)
