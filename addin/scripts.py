"""The commands as xlwings scripts: buttons in xlwings Lite and xlwings Server, which hand in the workbook."""

from __future__ import annotations

import xlwings as xw

from healthscore.addin import commands
from healthscore.errors import HealthscoreError


@xw.script(name="Health score: recompute")
def recompute_scores(book: xw.Book) -> None:
    """Score every account in Python, write the result beside the formulas and say where the two differ."""
    try:
        told = commands.recompute(book).told()
    except HealthscoreError as error:
        told = str(error)
    book.app.alert(told, "Health score")


@xw.script(name="Health score: check")
def check_scores(book: xw.Book) -> None:
    """Say whether the scores can be trusted."""
    try:
        told = commands.check(book).told()
    except HealthscoreError as error:
        told = str(error)
    book.app.alert(told, "Health score")
