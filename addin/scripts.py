"""The commands as xlwings scripts: buttons in xlwings Lite and xlwings Server, which hand in the workbook.

There are no files there, so a new export comes in through a sheet.
"""

from __future__ import annotations

import datetime as dt

import xlwings as xw

from healthscore.addin import commands
from healthscore.addin.update import update_from_sheet
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


@xw.script(name="Health score: refresh from the sheet Export")
def refresh_scores(book: xw.Book) -> None:
    """Bring the export that was pasted into the sheet Export into the tables, as of today; inputs and notes stay."""
    try:
        told = update_from_sheet(book, dt.datetime.now().astimezone().date()).told()
    except HealthscoreError as error:
        told = str(error)
    book.app.alert(told, "Health score")
