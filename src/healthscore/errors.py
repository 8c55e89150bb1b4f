"""Everything that can go wrong with what a user hands us, as one family of exceptions.

Each message is one clear line: where it is, what was found, what to do. The command line prints it and exits with
code 2; a traceback is a bug.
"""

from __future__ import annotations


class HealthscoreError(Exception):
    """The base of all errors that a user can mend."""


class ModelError(HealthscoreError):
    """A scoring model cannot be used; the message lists every place and its mend."""


class AccountsError(HealthscoreError):
    """An export of accounts cannot be used."""


class WorkbookError(HealthscoreError):
    """A workbook cannot be read or written."""


class OutputError(HealthscoreError):
    """A file cannot be written: it exists, the folder is missing or the disk is full."""
