"""Collecting findings while columns are read: which row of the export, which account, which header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from healthscore.accounts.texts import TextColumn, plural, shown
from healthscore.findings import Finding, Severity


class Log:
    """The findings of one export. `accounts` is filled once the names are known."""

    def __init__(self, rows: np.ndarray, findings: Iterable[Finding]) -> None:
        self.rows = rows
        self.accounts: np.ndarray | None = None
        self.findings: list[Finding] = list(findings)

    def column(self, header: str, found: str, done: str, severity: Severity = "note", place: int | None = None) -> None:
        """Note something about a whole column, with the row where it is first seen."""
        row = None if place is None else int(self.rows[place])
        self.findings.append(Finding(severity, row, "", header, found, done))

    def cells(self, header: str, cells: Mapping[int, str], done: str) -> None:
        """Note a warning for each cell, given as {row index: text that stood there}."""
        names = self.accounts
        self.findings.extend(
            Finding("warning", int(self.rows[place]), "" if names is None else names[place], header, shown(text), done)
            for place, text in cells.items()
        )

    def text(self, header: str, column: TextColumn) -> np.ndarray:
        """Note what was mended and cut in a column of texts, and return the texts."""
        if column.mended:
            count = plural(len(column.mended), "text")
            self.column(
                header, f"{count} with characters that a workbook cannot hold", "taken out", place=column.mended[0]
            )
        if column.cut:
            found = f"{plural(len(column.cut), 'text')} longer than the 32,767 characters that a cell can hold"
            self.column(header, found, "cut to that length", "warning", column.cut[0])
        return column.values
