"""A workbook that was read, planned again: what each of its cells should hold if nobody had touched it."""

from __future__ import annotations

from healthscore.history import Past
from healthscore.scoring import Scores, score_frame
from healthscore.workbook.book import plan_book
from healthscore.workbook.functions import with_functions
from healthscore.workbook.plan import Book
from healthscore.workbook.reading.contents import WorkbookContents


def replan(contents: WorkbookContents) -> tuple[Scores, Book]:
    """Return the scores of a workbook's accounts as they stand, and the plan of the workbook they belong in."""
    accounts = contents.accounts
    scores = score_frame(accounts.frame, contents.model, contents.as_of, accounts.bound)
    called = {place.name: place.sheet for place in contents.segments}
    past = Past(contents.history, contents.left, contents.movers, sheets=called) if contents.refreshed else None
    book = plan_book(
        accounts,
        scores,
        currency=contents.currency,
        past=past,
        agreed=contents.agreed,
        explained=contents.explained,
    )
    return scores, with_functions(book, scores, contents.functions)
