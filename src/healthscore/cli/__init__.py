"""The command line: the only place that prints. Every command is a module of its own; errors end in one line."""

from __future__ import annotations

import sys

import typer

from healthscore.cli import addin, build, check, demo, email, models, refresh, score, template
from healthscore.cli.console import fail
from healthscore.errors import HealthscoreError

app = typer.Typer(
    name="healthscore",
    help="Customer health scores as a living Excel workbook: an export of accounts goes in, a workbook comes out.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("build")(build.build)
app.command("template")(template.template)
app.command("score")(score.score)
app.command("refresh")(refresh.refresh)
app.command("check")(check.check)
app.command("email", cls=email.AttachCommand)(email.email)
app.add_typer(models.app, name="models")
app.add_typer(addin.app, name="addin")


def main() -> None:
    """Run the command line; a fault that the user can mend is one clear line and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal without UTF-8 must not turn a symbol into a traceback.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app()
    except HealthscoreError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("stopped; nothing half-written was left behind", code=130)
    except BrokenPipeError:
        sys.exit(1)
    except MemoryError:
        fail("the machine ran out of memory; try fewer rows at a time")
