"""Findings: everything that was noticed about the input and what was done about it. Nothing is dropped silently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was noticed.

    `row` is the row of the export as a person counts it there (the header is row 1, or where it stands), None when the
    finding speaks of a whole column or file.
    """

    severity: Severity
    row: int | None
    account: str
    column: str
    found: str
    done: str
