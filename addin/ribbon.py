"""What the ribbon's buttons call on a desktop: the command on the active workbook, and a message with its outcome."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import xlwings as xw

from healthscore.addin import commands
from healthscore.errors import HealthscoreError

TITLE = "Health score"


def recompute() -> None:
    """Score in Python beside the formulas."""
    _run(lambda book: commands.recompute(book).told())


def check() -> None:
    """Say whether the scores can be trusted."""
    _run(lambda book: commands.check(book).told())


def refresh(spelled: str) -> None:
    """Bring in a new export. `spelled` is its path as VBA hands it over: four hexadecimal digits per character."""
    export = Path(bytes.fromhex(spelled).decode("utf-16-be"))
    _run(lambda book: commands.refresh(book, export)[1])


def email() -> None:
    """Draft the e-mails; send nothing."""
    _run(_drafted)


def _drafted(book: xw.Book) -> str:
    folder, count = commands.draft_emails(book)
    return f"{count} drafts in {folder}. Nothing was sent."


def _run(command: Callable[[xw.Book], str]) -> None:
    book = xw.Book.caller()
    app = book.app
    try:
        told = command(book)
    except HealthscoreError as error:
        told = str(error)
    except Exception as error:
        logging.getLogger(__name__).exception("a ribbon command failed")
        told = f"That did not work ({type(error).__name__}: {error}). Nothing is lost; please report it."
    app.alert(told, TITLE)
