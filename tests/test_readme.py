"""README says what is so: its commands exist, every command is in it, its Python runs."""

from __future__ import annotations

import re
import shlex

import openpyxl
import pytest
import typer

from healthscore.cli import app
from packaging_check import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def commands() -> dict[str, object]:
    """Return every command under its full name, groups included."""
    found: dict[str, object] = {}

    def walk(command, path: tuple[str, ...]) -> None:
        found[" ".join(path)] = command
        for name, child in getattr(command, "commands", {}).items():
            walk(child, (*path, name))

    walk(typer.main.get_command(app), ())
    return found


COMMANDS = commands()
#: Every `healthscore …` that README shows, in blocks and within lines.
SHOWN = sorted(
    set(
        re.findall(
            r"(?:^|`|&& |/)healthscore ([^`\n&]+)", "\n".join([*blocks("sh"), *re.findall(r"`[^`\n]+`", README)])
        )
    )
)


def test_readme_shows_commands():
    """The search below finds commands (a test that looks at nothing proves nothing)."""
    assert any(text.startswith("demo") for text in SHOWN)
    assert any(text.startswith("build") for text in SHOWN)


@pytest.mark.parametrize("text", SHOWN)
def test_shown_command_exists(text: str):
    """Each command that README shows exists, and so does each option shown with it."""
    words = shlex.split(text.replace("[", " ").replace("]", " ").replace("…", ""))
    name = next(
        (" ".join(words[:count]) for count in (2, 1) if " ".join(words[:count]) in COMMANDS),
        None,
    )
    assert name, text
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= options | {"--help"}, text


@pytest.mark.parametrize(
    "name", [name for name, command in COMMANDS.items() if name and not hasattr(command, "commands")]
)
def test_command_is_in_readme(name: str):
    """Each command is mentioned, sub-commands by their own word."""
    group, _, word = name.rpartition(" ")
    line = next((line for line in README.splitlines() if f"healthscore {group or word}" in line and word in line), None)
    assert line, name


@pytest.mark.parametrize(
    "option", ["--dates dmy", "--dates mdy", "--map", "--force", "--help", "--as-of", "--segment-by"]
)
def test_option_in_readme_exists(option: str):
    """The options that README explains are there."""
    assert option in README
    known = {text for command in COMMANDS.values() for parameter in command.params for text in parameter.opts}
    assert option.split(maxsplit=1)[0] in known | {"--help"}


def test_two_commands_come_first():
    """The first command installs and runs the demo, the second installs and runs the tests; only Python is needed."""
    first, second = blocks("sh")[:2]
    assert first.count("\n") == second.count("\n") == 1
    assert first.rstrip().endswith("healthscore demo")
    assert "pytest" in second
    for line in (first, second):
        assert line.startswith("python3 -m venv .venv && .venv/bin/pip install")


def test_ci_finds_the_test_command():
    """CI takes the test command from README by the mark before it."""
    marked = re.search(r"<!-- test command -->\n```sh\n(.*?)\n```", README, re.S)
    assert marked
    assert marked[1] == blocks("sh")[1].rstrip()


def test_python_snippet_runs(tmp_path, monkeypatch):
    """README's Python runs as it stands, on the demo's accounts, and gives what its comment says."""
    monkeypatch.chdir(tmp_path)
    sample = ROOT / "templates" / "demo" / "accounts.csv"
    (tmp_path / "accounts.csv").write_bytes(sample.read_bytes())
    names: dict[str, object] = {}
    (snippet,) = blocks("python")
    exec(compile(snippet, "README.md", "exec"), names)
    assert (tmp_path / "scores.xlsx").stat().st_size > 10_000
    for frame in ("table", "points", "lost", "shares"):
        assert len(getattr(names["scores"], frame))


def test_sheets_that_readme_explains_are_made():
    """The sheets in README's table stand in a workbook, those that a refresh makes too."""
    book = openpyxl.load_workbook(ROOT / "sample_workbooks" / "a_year" / "health scores.xlsx", read_only=True)
    table = README.split("## How to read the workbook")[1].split("\n\n")[1]
    explained = {name for line in table.splitlines() for name in re.findall(r"`([^`]+)`", line.split("|")[1])}
    assert {"Start", "Model", "Checks", "Movers"} <= explained
    assert explained <= set(book.sheetnames)


def test_links_and_folders_exist():
    """Each folder and file that README names in the house is there."""
    house = README.split("## The house")[1]
    for name in re.findall(r"`([\w./]+/[\w./]*)`", house):
        assert (ROOT / name).exists(), name
