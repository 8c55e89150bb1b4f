"""Every command and every option explains itself to a CS person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from healthscore.cli import app


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command under its full name, groups included."""
    yield " ".join(path), command
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, (*path, name))


COMMANDS = dict(walk(typer.main.get_command(app)))
PARAMETERS = [
    pytest.param(parameter, id=f"{name} {parameter.name}".strip())
    for name, command in COMMANDS.items()
    for parameter in command.params
    if parameter.name not in ("install_completion", "show_completion", "help")
]


def test_the_commands_of_the_design_are_there():
    """The commands that DESIGN §7 fixes are there under their names."""
    wanted = {"demo", "build", "template", "score", "models list", "models show", "models export"}
    assert wanted <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_has_help(name: str):
    """Each command says in a sentence what it does."""
    text = COMMANDS[name].help or ""
    assert len(text) >= 20, name
    assert text[0].isupper()
    assert text.rstrip().endswith(".")


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_parameter_has_help(parameter):
    """Each argument and option says what to give."""
    assert len(parameter.help or "") >= 10


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_shown(name: str, run):
    """`--help` works at every level and shows the options."""
    result = run(*name.split(), "--help")
    assert result.code == 0
    assert "--help" in result.out


def test_no_command_shows_what_there_is(run):
    """Called without a command, the program lists them."""
    result = run()
    assert "build" in result.out + result.err
    assert result.code in (0, 2)


def test_options_of_the_design(run):
    """The options that DESIGN §7 fixes for `build` are there."""
    options = {name for parameter in COMMANDS["build"].params for name in parameter.opts}
    wanted = {
        "--model",
        "--as-of",
        "--segment-by",
        "--out",
        "--map",
        "--dates",
        "--duplicates",
        "--force",
        "--currency",
    }
    assert wanted <= options
