"""Small letters for tests that are about the way, not the words."""

from __future__ import annotations

from dataclasses import replace

from healthscore.scorecards import ScoredBook
from healthscore.scorecards.data import scorecard
from healthscore.scorecards.message import Letter
from healthscore.scorecards.recipients import Job, address
from healthscore.scorecards.render import Rendered


def letter(book: ScoredBook, *to: str, subject: str = "Customer health 2026-06-30", text: str = "Hello") -> Letter:
    """Return a letter to some addresses."""
    rendered = Rendered(scorecard(book, "portfolio"), subject, f"<p>{text}</p>", text)
    return Letter(Job("portfolio", "", "Leadership", tuple(address(one) for one in to)), rendered)


def with_text(one: Letter, text: str) -> Letter:
    """Return a letter that says something else."""
    return replace(one, rendered=replace(one.rendered, text=text))
