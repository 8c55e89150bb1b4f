"""Scorecards become HTML, plain text and a subject, through the templates in `templates/email/`.

A team's own folder of templates is searched first, so that a copy of one file is enough to change it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

from healthscore.errors import HealthscoreError
from healthscore.scorecards import data, words
from healthscore.scorecards.book import ScoredBook
from healthscore.scorecards.data import Lengths, Scorecard, scorecard
from healthscore.scorecards.inline import inline

#: Gmail cuts messages off at about 100 kB; phones are slow well before.
SIZE_LIMIT = 80_000
_TEXT_WIDTH = 74


@dataclass(frozen=True)
class Surroundings:
    """What a message says of things outside the scorecard.

    `attached` names the attachment, empty without one; `link` is where the workbook is, as the recipients file says.
    """

    attached: str = ""
    link: str = ""


@dataclass(frozen=True)
class Rendered:
    """A scorecard as a message shows it."""

    card: Scorecard
    subject: str
    html: str
    text: str


class Templates:
    """The templates, our own or a team's copies of them."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None and not folder.is_dir():
            raise HealthscoreError(
                f"--template {folder}: no such folder; `healthscore email init --template {folder}` makes one"
            )
        own = jinja2.FunctionLoader(_source)
        loader = own if folder is None else jinja2.ChoiceLoader([jinja2.FileSystemLoader(folder), own])
        # Two environments instead of escaping by file name: a file that both kinds of message import must be escaped
        # in the one and not in the other.
        self._html, self._text = (_environment(loader, escape) for escape in (True, False))

    def render(self, card: Scorecard, around: Surroundings | None = None) -> Rendered:
        """Return subject, HTML with inlined styles, and plain text of a scorecard.

        Raises:
            HealthscoreError: a template has a fault; the message names file and line.
        """
        given = {"card": card, "around": around or Surroundings()}
        subject = words.header_text(self._fill(self._text, "subject.j2", given))
        given["subject"] = subject
        page = self._fill(self._html, f"{card.kind}.html.j2", given)
        text = self._fill(self._text, f"{card.kind}.txt.j2", given)
        css = self._fill(self._text, "style.css", {})
        return Rendered(card, subject, inline(page, css), _tidy(text))

    def fit(self, book: ScoredBook, kind: str, name: str = "", around: Surroundings | None = None) -> Rendered:
        """Render a scorecard with as many accounts as stay under `SIZE_LIMIT`.

        Raises:
            HealthscoreError: nothing in the workbook has that name, or a template makes more even of one account.
        """
        lengths = Lengths()
        while True:
            rendered = self.render(scorecard(book, kind, name, lengths), around)
            size = len(rendered.html.encode())
            if size <= SIZE_LIMIT:
                return rendered
            if lengths == lengths.fewer():
                raise HealthscoreError(
                    f"the {kind} scorecard is {size:,} bytes even with one account per list; Gmail cuts off what is "
                    f"over {SIZE_LIMIT:,}: shorten the template"
                )
            lengths = lengths.fewer()

    @staticmethod
    def _fill(environment: jinja2.Environment, name: str, given: Mapping[str, Any]) -> str:
        try:
            return environment.get_template(name).render(given)
        except jinja2.TemplateSyntaxError as error:
            raise HealthscoreError(f"template {error.name or name}, line {error.lineno}: {error.message}") from error
        except jinja2.TemplateNotFound as error:
            raise HealthscoreError(f"template {name}: needs {error.message}, which is not there") from error
        except Exception as error:  # a team's template may raise anything
            what = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
            raise HealthscoreError(f"template {name}{_line(error)}: {what}") from error


def shipped(name: str) -> str | None:
    """Return the text of a template that comes with the product, or None where there is none of that name."""
    file = resources.files("healthscore.templates") / "email" / name
    return file.read_text(encoding="utf-8") if file.is_file() else None


def shipped_names() -> tuple[str, ...]:
    """Return the file names of the templates that come with the product."""
    folder = resources.files("healthscore.templates") / "email"
    return tuple(sorted(file.name for file in folder.iterdir() if file.is_file()))


def _source(name: str) -> tuple[str, str, Callable[[], bool]] | None:
    text = shipped(name)
    return None if text is None else (text, name, lambda: True)


def _environment(loader: jinja2.BaseLoader, escape: bool) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=loader,
        autoescape=escape,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    functions: dict[str, Callable[..., str]] = {
        "money": words.money,
        "percent": words.percent,
        "date": words.date,
        "whole": words.whole,
        "points": words.points,
        "signed": words.signed,
        "listed": words.listed,
        "counted": words.counted,
    }
    environment.filters.update(functions)
    environment.filters["wrapped"] = wrapped
    environment.filters["band_count"] = lambda figure: f"{figure.band.symbol} {figure.band.name} {figure.accounts:,}"
    environment.globals.update(RENEWAL_DAYS=data.RENEWAL_DAYS, DECISION_DAYS=data.DECISION_DAYS)
    return environment


def wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    """Return a text in lines of at most 74 characters; `first` starts the first line, `rest` the others."""
    indent = " " * len(first) if rest is None else rest
    lines = textwrap.wrap(
        str(text).replace("\n", " "),
        _TEXT_WIDTH,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def _tidy(text: str) -> str:
    """Return plain text without spaces at the ends of lines and without more than one blank line in a row."""
    lines: list[str] = []
    for line in (one.rstrip().replace("\u00a0", " ") for one in text.splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n") + "\n"


def _line(error: Exception) -> str:
    """Return file and line of the template in which the error was raised, as far as the traceback tells."""
    trace, found = error.__traceback__, ""
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.suffix in (".j2", ".css"):
            found = f" ({file.name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return found


__all__ = ["SIZE_LIMIT", "Lengths", "Rendered", "Surroundings", "Templates", "shipped", "shipped_names"]
