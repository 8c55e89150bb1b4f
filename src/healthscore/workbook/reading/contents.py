"""What a filled workbook holds: plain data between the reader and everything that goes on from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from healthscore.accounts import Accounts
from healthscore.findings import Finding, Severity
from healthscore.history import Agreed, Explained, History, LeftAccount, Mover, Value
from healthscore.model import ScoreModel
from healthscore.workbook.functions import Functions


@dataclass(frozen=True, slots=True)
class SheetFinding:
    """One thing noticed about a workbook, with its place."""

    severity: Severity
    sheet: str
    cell: str
    account: str
    found: str
    done: str

    def plain(self) -> Finding:
        """Return it as a finding of the import, for the sheet Checks."""
        return Finding(
            self.severity, None, self.account, f"{self.sheet}!{self.cell}".rstrip("!"), self.found, self.done
        )


@dataclass(frozen=True)
class OwnColumn:
    """A column that people added to a segment's table: values and formulas (without `=`) by account id."""

    header: str
    values: Mapping[str, Value]
    formulas: Mapping[str, str]
    width: float
    format: str = ""


@dataclass(frozen=True)
class SegmentContents:
    """Where one segment's sheet stands in the file: its name, table, and the place of rows and columns.

    `rows` gives the row of each account id, `columns` the column of each key; both count from 0.
    """

    name: str
    sheet: str
    table: str
    header_row: int
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    headers: Mapping[str, str]
    own: tuple[OwnColumn, ...] = ()
    #: Above the table: label in column A -> its row.
    strip: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class WorkbookContents:
    """Everything a person and earlier runs left in a workbook.

    Attributes:
        model: the scoring model as edited in the sheet.
        accounts: the accounts with what people typed: `frame` has the people's columns too
            (`healthscore.scoring.overrides.PEOPLE_COLUMNS`).
        as_of: the day the scores speak of.
        segments: the segments' sheets, with the columns that people added.
        refreshed: whether it has the sheets that a refresh makes.
        imported: the last export as it was read, by account id: {id: {column of the frame: value}}; None when the
            workbook does not hold it.
        formulas: formulas typed into input cells, by column key and account id.
        foreign: sheets that people added, in the order of the workbook.
        functions: the functions that the workbook was made with.
        called: sheets of ours that were renamed: our name -> name in the file.
        findings: everything found wrong, with sheet and cell.
        agreed: who agreed to the scorecard.
        explained: the account chosen on Explain and the values tried there; None without that sheet.
    """

    path: Path
    model: ScoreModel
    accounts: Accounts
    as_of: dt.date
    segments: tuple[SegmentContents, ...]
    history: History
    refreshed: bool
    left: tuple[LeftAccount, ...]
    movers: tuple[Mover, ...]
    imported: Mapping[str, Mapping[str, Value]] | None
    formulas: Mapping[str, Mapping[str, str]]
    foreign: tuple[str, ...]
    currency: str
    functions: Functions
    called: Mapping[str, str]
    findings: tuple[SheetFinding, ...]
    agreed: Agreed = field(default_factory=Agreed)
    explained: Explained | None = None
