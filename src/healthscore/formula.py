"""Rendering the formulas of `formulas/`: the one place where a formula's text comes from.

A file's Jinja comment explains the formula to an auditor and stays out of the workbook; line breaks are for reading.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import jinja2


@cache
def _environment() -> jinja2.Environment:
    def source(name: str) -> str | None:
        file = resources.files("healthscore.formulas") / f"{name}.j2"
        return file.read_text(encoding="utf-8") if file.is_file() else None

    # Not HTML: a formula must keep its quotes and angle brackets.
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(source), undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True
    )


@cache
def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


def formula(name: str, /, **cells: object) -> str:
    """Return a formula's text without the leading `=`, its placeholders filled with references.

    Args:
        name: the file in `formulas/`, without its ending.
        cells: what each placeholder stands for: references, ranges, or lists of them.

    Raises:
        jinja2.UndefinedError: a placeholder was not given.
    """
    return "".join(line.strip() for line in _template(name).render(**cells).splitlines())


def formula_names() -> list[str]:
    """Return the names of all formulas."""
    folder = resources.files("healthscore.formulas")
    return sorted(entry.name.removesuffix(".j2") for entry in folder.iterdir() if entry.name.endswith(".j2"))


def formula_comment(name: str) -> str:
    """Return the comment that explains a formula, as one line."""
    text = (resources.files("healthscore.formulas") / f"{name}.j2").read_text(encoding="utf-8")
    return " ".join(text[text.index("{#") + 2 : text.index("#}")].split())
