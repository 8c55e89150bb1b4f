"""`healthscore addin`: the functions and buttons inside Excel, for each of xlwings' homes."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer
from rich.text import Text

from healthscore.cli import options
from healthscore.cli.console import out
from healthscore.errors import HealthscoreError
from healthscore.output import check_output

app = typer.Typer(
    help="Health scores inside Excel: build and install the add-in, or write the files for xlwings Lite.",
    no_args_is_help=True,
)


@app.command()
def build(
    file: Annotated[
        Path, typer.Argument(help="The .xlam to write; healthscore.xlam here when left out.", metavar="FILE")
    ] = Path("healthscore.xlam"),
    force: options.Force = False,
) -> None:
    """Build the add-in for Excel on Windows, on any machine."""
    if file.suffix.lower() != ".xlam":
        file = file.with_name(file.name + ".xlam")
    check_output(file, force)
    _module("xlam").build_xlam(file)
    _wrote(file)
    out.print(Text("Put it into Excel's start folder with: healthscore addin install"))


@app.command()
def install() -> None:
    """Put the add-in into Excel's start folder and set which Python it uses: this one."""
    installing = _module("install")
    where = installing.places()
    installing.install(where)
    _wrote(where.addin)
    _wrote(where.settings)
    if not where.functions:
        out.print(
            Text(
                "On macOS the tab Health score works; functions in cells do not, with classic xlwings. For those: "
                "healthscore addin lite DIR"
            )
        )
    out.print(Text("Start Excel again; the tab is called Health score."))


@app.command()
def remove() -> None:
    """Take the add-in and its settings out of Excel again."""
    installing = _module("install")
    gone = installing.remove(installing.places())
    for path in gone:
        out.print(Text("Removed ") + Text(str(path), style="bold"), soft_wrap=True)
    if not gone:
        out.print(Text("Nothing was installed."))


@app.command()
def status() -> None:
    """Say whether the add-in is installed and everything it needs is there; exit code 1 when not."""
    installing = _module("install")
    lines = installing.status(installing.places())
    for good, text in lines:
        out.print(Text("✓ " if good else "✗ ", style="green" if good else "bold red") + Text(text), soft_wrap=True)
    if not all(good for good, _ in lines):
        raise typer.Exit(1)


@app.command()
def lite(
    folder: Annotated[
        Path, typer.Argument(help="The folder to write main.py and requirements.txt into.", metavar="DIR")
    ],
    force: options.Force = False,
) -> None:
    """Write the two files for xlwings Lite: Windows, Mac and web, nothing to install but the store's add-in."""
    for path in _module("lite").write_lite(folder, force=force):
        _wrote(path)
    out.print(Text("In Excel open xlwings Lite and paste each file into the tab of its name."))


def _wrote(path: Path) -> None:
    out.print(Text("Wrote ") + Text(str(path), style="bold"), soft_wrap=True)


def _module(name: str) -> ModuleType:
    """Import a part of the add-in, which needs xlwings."""
    try:
        return import_module(f"healthscore.addin.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("xlwings", "pyopenvba"):
            raise
        raise HealthscoreError(
            f'the add-in needs {error.name}, which is not installed; run: pip install "healthscore[addin]"'
        ) from error
