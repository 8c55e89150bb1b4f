"""Reading a filled workbook: the way back from sheets to model, accounts and what people put in.

Nothing is taken for granted: sheets are known by what is on them, columns by the keys above them and their headers,
tables by their names. What was moved, renamed or broken is read as far as it can be, and reported.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from healthscore.errors import ModelError, WorkbookError
from healthscore.findings import Finding, Severity
from healthscore.history import Value
from healthscore.model import ScoreModel
from healthscore.model.schema import EVERYONE
from healthscore.names import key
from healthscore.workbook import checks, history, imported, left, model_sheet, movers
from healthscore.workbook.book import SHEETS
from healthscore.workbook.keyed import keyed_columns, read_keyed_table
from healthscore.workbook.model_grid import model_from_rows
from healthscore.workbook.reading.cells import (
    StoredSheet,
    date_styles,
    number_formats,
    range_of,
    read_sheet,
    shared_strings,
)
from healthscore.workbook.reading.contents import SheetFinding, WorkbookContents
from healthscore.workbook.reading.package import Package, SheetEntry, local, open_package
from healthscore.workbook.reading.segment import SegmentSheet, TablePart, date_of, is_segment, read_segment, text_of
from healthscore.workbook.reading.typed_cells import accounts_of
from healthscore.workbook.segment.formulas import AS_OF

_CURRENCY = re.compile(r'^"([^"]{1,12})" #,##0$')


@dataclass
class OpenBook:
    """A workbook read into memory: its model, every sheet's cells, and which sheet is what."""

    package: Package
    model: ScoreModel
    model_sheet: str
    sheets: dict[str, StoredSheet]
    tables: dict[str, list[TablePart]]
    segments: list[SegmentSheet]
    dates: set[int]
    epoch: int
    findings: list[SheetFinding]

    def ours(self) -> set[str]:
        """Return the names of the sheets that we made."""
        segments = {sheet.place.sheet for sheet in self.segments}
        return {name for name in self.sheets if name in SHEETS or name in segments} | {self.model_sheet}


def read_model(path: str | Path) -> ScoreModel:
    """Read the scoring model as it stands in a workbook, edits included.

    Raises:
        WorkbookError: the file cannot be read, is not a workbook of ours, or its Model sheet has faults.
    """
    with open_package(path) as package:
        return _model(package, _model_entry(package), shared_strings(package))


def is_workbook(path: str | Path) -> bool:
    """Say whether a file is a workbook of ours, rather than an export: it has the defined name of the model."""
    if Path(path).suffix.lower() not in (".xlsx", ".xlsm"):
        return False
    try:
        with open_package(path) as package:
            return (model_sheet.RANGE_NAME, None) in package.defined
    except WorkbookError:
        return False


def read_workbook(path: str | Path) -> WorkbookContents:
    """Read a filled workbook: model, accounts, people's inputs, history, their own columns and sheets, and findings.

    Args:
        path: an .xlsx that healthscore made, saved by whatever program since.

    Returns:
        Everything that is in it. Cells that cannot be used are findings; what stands in them stays in
        `accounts.unusable`.

    Raises:
        WorkbookError: the file cannot be read at all, or its Model sheet has faults. One line says what to do.
    """
    with open_package(path) as package:
        return contents_of(load(package))


def load(package: Package) -> OpenBook:
    """Read every sheet of an open workbook."""
    strings, dates = shared_strings(package), date_styles(package)
    entry = _model_entry(package)
    model = _model(package, entry, strings)
    epoch = 1462 if package.date1904 else 0
    found: list[SheetFinding] = []
    sheets, tables = {}, {}
    for part in package.sheets:
        if part.kind == "worksheet":
            sheets[part.name] = read_sheet(package, part.name, part.part, strings)
            tables[part.name] = _tables(package, sheets[part.name])
    segments = []
    for name, sheet in sheets.items():
        if name not in SHEETS and is_segment(sheet, tables[name]):
            segments.append(read_segment(model, sheet, tables[name], dates, epoch))
            found += segments[-1].findings
    if not segments:
        raise package.error("no sheet with a table of accounts is left in it; take the last good copy")
    return OpenBook(package, model, entry.name, sheets, tables, segments, dates, epoch, found)


def contents_of(book: OpenBook) -> WorkbookContents:
    """Return what an open workbook holds."""
    as_of = _as_of(book)
    accounts, found, formulas = accounts_of(book.model, book.segments, book.package.path.name, book.epoch, book.dates)
    accounts = replace(accounts, findings=_imported_findings(book))
    findings = [*book.findings, *found, *_duplicates(book), *_sheets(book)]
    lines = {name: _lines(book, name) for name in (history.SHEET, left.SHEET, movers.SHEET, imported.SHEET)}
    return WorkbookContents(
        path=book.package.path,
        model=book.model,
        accounts=accounts,
        as_of=as_of,
        segments=tuple(sheet.place for sheet in book.segments),
        history=history.history_of(
            keyed_columns(book.sheets[history.SHEET]) if history.SHEET in book.sheets else (), lines[history.SHEET]
        ),
        refreshed={history.SHEET, left.SHEET, movers.SHEET, imported.SHEET} <= set(book.sheets),
        left=left.left_of(lines[left.SHEET]),
        movers=movers.movers_of(lines[movers.SHEET]),
        imported=imported.imported_of(lines[imported.SHEET]) if imported.SHEET in book.sheets else None,
        formulas=formulas,
        foreign=tuple(entry.name for entry in book.package.sheets if entry.name not in book.ours()),
        currency=_currency(book),
        findings=tuple(findings),
    )


# --- single things ---------------------------------------------------------------------------------------------------


def _model_entry(package: Package) -> SheetEntry:
    """Return the Model sheet, also when it was renamed: the defined name of the model's range follows it."""
    reference = package.defined.get((model_sheet.RANGE_NAME, None), "")
    wanted = reference.rpartition("!")[0].strip("'").replace("''", "'") or model_sheet.SHEET
    for name in (wanted, model_sheet.SHEET):
        for entry in package.sheets:
            if entry.name == name:
                return entry
    raise package.error("has no Model sheet, so healthscore did not make it; give a workbook that it made")


def _model(package: Package, entry: SheetEntry, strings: list[str]) -> ScoreModel:
    try:
        return model_from_rows(read_sheet(package, entry.name, entry.part, strings).rows())
    except ModelError as error:
        raise WorkbookError("\n".join(f"{package.path}: {line}" for line in str(error).splitlines())) from error


def _tables(package: Package, sheet: StoredSheet) -> list[TablePart]:
    relations = package.relations_of(sheet.part)
    found = []
    for link in sheet.table_ids:
        if link not in relations or relations[link].target not in package.names:
            continue
        root = package.tree(relations[link].target)
        filtered = any(local(node.tag) == "filterColumn" for node in root.iter())
        name = root.get("displayName") or root.get("name") or ""
        found.append(TablePart(name, range_of(root.get("ref") or "A1"), filtered, int(root.get("totalsRowCount") or 0)))
    return found


def _as_of(book: OpenBook) -> dt.date:
    reference = book.package.defined.get((AS_OF, None), "")
    sheet, _, cell = reference.rpartition("!")
    name = sheet.strip("'").replace("''", "'")
    if name in book.sheets and "#REF" not in cell:
        row, col, *_ = range_of(cell)
        value = book.sheets[name].value(row, col)
        day = date_of(value + book.epoch) if isinstance(value, float) else None
        if day is not None:
            return day
        raise book.package.error(f"the as-of date in {name}!{cell.replace('$', '')} is {value!r}; type a date there")
    raise book.package.error("the cell with the as-of date (the name AsOf) is gone; take the last good copy")


def _lines(book: OpenBook, name: str) -> list[dict[str, Value]]:
    return read_keyed_table(book.sheets[name], book.dates, book.epoch) if name in book.sheets else []


def _currency(book: OpenBook) -> str:
    formats = number_formats(book.package)
    for sheet in book.segments:
        for cell in sheet.cells.get("role:value", ()):
            found = _CURRENCY.match(formats.get(cell.style, ""))
            if found:
                return found[1]
    return ""


def _imported_findings(book: OpenBook) -> tuple[Finding, ...]:
    """Return what the last import noticed, as the sheet Checks lists it."""
    for name, tables in book.tables.items():
        for table in tables:
            if table.name == checks.FINDINGS_TABLE:
                return tuple(_findings(book.sheets[name], table))
    return ()


def _findings(sheet: StoredSheet, table: TablePart) -> Iterator[Finding]:
    top, left_col, bottom, right = table.ref
    titles = {str(sheet.value(top, col)): col for col in range(left_col, right + 1)}
    for row in range(top + 1, bottom + 1):
        line = {title: sheet.value(row, col) for title, col in titles.items()}
        severity, number = line.get("Severity"), line.get("Row")
        if severity in ("error", "warning", "note"):
            place = int(number) if isinstance(number, float) else None
            words = (text_of(line.get(title)) for title in ("Account", "Column", "Found", "What was done"))
            yield Finding(cast(Severity, severity), place, *words)


def _duplicates(book: OpenBook) -> list[SheetFinding]:
    seen: dict[str, tuple[str, int]] = {}
    found = []
    for sheet in book.segments:
        for name, row in zip(sheet.ids, sheet.rows, strict=True):
            if name in seen:
                where, first = seen[name]
                text = f"a second row of {name!r}; the first is {where}!A{first + 1}"
                done = "both are read; delete one"
                found.append(SheetFinding("error", sheet.place.sheet, f"A{row + 1}", name, text, done))
            seen.setdefault(name, (sheet.place.sheet, row))
    return found


def _sheets(book: OpenBook) -> list[SheetFinding]:
    found = []
    for segment in book.segments:
        place = segment.place
        if key(place.sheet) != key(_sheet_name(place.name)) and place.name != EVERYONE:
            text = f"the sheet of {place.name!r} is called {place.sheet!r}"
            found.append(SheetFinding("note", place.sheet, "", "", text, "read by what is on it; the name stays"))
    for name, sheet in book.sheets.items():
        if sheet.uncalculated:
            text = f"{sheet.uncalculated:,} formulas without a stored value: saved by a program that does not calculate"
            found.append(SheetFinding("note", name, "", "", text, "inputs are read as they stand"))
    return found


def _sheet_name(segment: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", "-", segment)[:31]


def unread(book: OpenBook) -> Mapping[str, Sequence[str]]:
    """Return the kinds of parts each sheet links to (drawing, comments, …), for what cannot be read as cells."""
    return {
        entry.name: [link.kind for link in book.package.relations_of(entry.part).values()]
        for entry in book.package.sheets
    }
