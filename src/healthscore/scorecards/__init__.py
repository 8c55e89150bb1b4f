"""Scorecards by e-mail: scored accounts → figures → words → messages → drafts or a mail server.

The command line and the add-in's ribbon button both go through what is named here.
"""

from healthscore.scorecards.book import ScoredBook, Snapshot, book_of, open_book
from healthscore.scorecards.deliver import write_drafts
from healthscore.scorecards.letters import write_letters
from healthscore.scorecards.recipients import plan_file, plan_options, read_recipients
from healthscore.scorecards.sentlog import sent_log
from healthscore.scorecards.smtp import Server, send

__all__ = [
    "ScoredBook",
    "Server",
    "Snapshot",
    "book_of",
    "open_book",
    "plan_file",
    "plan_options",
    "read_recipients",
    "send",
    "sent_log",
    "write_drafts",
    "write_letters",
]
