"""Reading a filled workbook: the way back from sheets to model, accounts and what people put in.

Nothing is taken for granted: sheets are known by what is on them, columns by the keys above them and their headers,
tables by their names. What was moved, renamed or broken is read as far as it can be, and reported.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from healthscore.errors import ModelError, WorkbookError
from healthscore.findings import Finding, Severity
from healthscore.history import Agreed, Explained, Value
from healthscore.model import ScoreModel
from healthscore.model.vocabulary import EVERYONE
from healthscore.names import key
from healthscore.workbook import checks, history, imported, left, listing, model_sheet, movers, start, team
from healthscore.workbook.book import SHEETS
from healthscore.workbook.dashboard import sheet as dashboard
from healthscore.workbook.explain.page import SHEET as EXPLAIN
from healthscore.workbook.explain.reading import explained_of
from healthscore.workbook.functions import AS_OF_LABEL, PYTHON_COLUMN, PYTHON_SHEET, Functions
from healthscore.workbook.keyed import keyed_columns, read_keyed_table
from healthscore.workbook.model_grid import model_from_rows
from healthscore.workbook.native import FUNCTIONS
from healthscore.workbook.reading.cells import (
    StoredSheet,
    address,
    date_styles,
    number_formats,
    range_of,
    read_sheet,
    shared_strings,
)
from healthscore.workbook.reading.contents import SheetFinding, WorkbookContents
from healthscore.workbook.reading.package import Package, SheetEntry, local, open_package
from healthscore.workbook.reading.recognise import is_marked, is_model, plain_tables, renamed_sheets
from healthscore.workbook.reading.segment import SegmentSheet, TablePart, date_of, is_segment, read_segment, text_of
from healthscore.workbook.reading.typed_cells import accounts_of
from healthscore.workbook.segment.columns import STRIP_ROWS
from healthscore.workbook.segment.formulas import AS_OF

#: Sheets that only a refresh makes.
_PAST = (history.SHEET, left.SHEET, movers.SHEET)
#: Sheets that every workbook has, beside those of segments.
_ALWAYS = (start.SHEET, dashboard.SHEET, team.SHEET, checks.SHEET, listing.SHEET, imported.SHEET)
#: `"EUR" #,##0` as we write it, and as other programs write the same.
_CURRENCY = re.compile(r"""^(?:"([^"]{1,12}?)\s*"|\[\$([^\]]{1,12}?)(?:-[0-9A-Fa-f]+)?\])\\?\s*#,##0""")
#: Rows by which a sheet is told to be ours or not; models with long lists of choices have their table further down.
_TOP = 400
#: How far into a part the labels of a segment are looked for.
_LABELS_WITHIN = 2_000_000


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
    #: Sheets of ours that were renamed: our name -> name in the file. Everywhere else they have our name.
    called: Mapping[str, str] = field(default_factory=dict)

    def ours(self) -> set[str]:
        """Return the names of the sheets that we made."""
        segments = {sheet.place.sheet for sheet in self.segments}
        return {name for name in self.sheets if name in SHEETS or name in segments} | {self.model_sheet}

    def as_called(self, findings: Iterable[SheetFinding]) -> tuple[SheetFinding, ...]:
        """Return findings with the names that sheets have in the file."""
        return tuple(replace(one, sheet=self.called.get(one.sheet, one.sheet)) for one in findings)


def read_model(path: str | Path) -> ScoreModel:
    """Read the scoring model as it stands in a workbook, edits included.

    Raises:
        WorkbookError: the file cannot be read, is not a workbook of ours, or its Model sheet has faults.
    """
    with open_package(path) as package:
        strings = shared_strings(package)
        entry = _model_entry(package)
        if entry is not None:
            return _model(package, read_sheet(package, entry.name, entry.part, strings))
        for entry in package.sheets:
            sheet = read_sheet(package, entry.name, entry.part, strings)
            if is_model(sheet):
                return _model(package, sheet)
        raise _no_model(package)


def is_workbook(path: str | Path) -> bool:
    """Say whether a file is a workbook of ours, rather than an export: it has the defined name of the model.

    Programs that know no defined names leave the labels above the accounts, which no export has either.
    """
    if Path(path).suffix.lower() not in (".xlsx", ".xlsm"):
        return False
    try:
        with open_package(path) as package:
            return (model_sheet.RANGE_NAME, None) in package.defined or _has_labels(package)
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
    epoch = 1462 if package.date1904 else 0
    entry = _model_entry(package)
    given = _read_sheets(package, strings, entry)
    holders = {
        name for name, sheet in given.items() if name not in SHEETS and is_segment(sheet, _tables(package, sheet))
    }
    aliases = renamed_sheets(given, holders | ({entry.name} if entry is not None else set()))
    if entry is not None and entry.name != model_sheet.SHEET:
        if model_sheet.SHEET in given:
            raise package.error(f"the model is on the sheet {entry.name!r}; give the sheet called Model another name")
        aliases[entry.name] = model_sheet.SHEET
    package.rename(aliases)
    sheets = {aliases.get(name, name): sheet for name, sheet in given.items()}
    for name, sheet in sheets.items():
        sheet.name = name
    if model_sheet.SHEET not in sheets:
        raise _no_model(package)
    model = _model(package, sheets[model_sheet.SHEET])
    tables = {name: _tables(package, sheet) for name, sheet in sheets.items()}
    known = {table.name for listed in tables.values() for table in listed}
    for name, sheet in sheets.items():
        tables[name] += [TablePart(table, ref, filtered=False) for table, ref in plain_tables(sheet, known)]
    found: list[SheetFinding] = []
    segments = []
    for name in (name for name in sheets if name in holders):
        segments.append(read_segment(model, sheets[name], tables[name], dates, epoch))
        found += segments[-1].findings
    if not segments:
        raise package.error("no sheet with a table of accounts is left in it; take the last good copy")
    called = {ours: name for name, ours in aliases.items()}
    return OpenBook(package, model, model_sheet.SHEET, sheets, tables, segments, dates, epoch, found, called)


def contents_of(book: OpenBook) -> WorkbookContents:
    """Return what an open workbook holds."""
    as_of = _as_of(book)
    accounts, found, formulas = accounts_of(book.model, book.segments, book.package.path.name, book.epoch, book.dates)
    accounts = replace(accounts, findings=_imported_findings(book))
    findings = [*book.findings, *found, *_duplicates(book), *_sheets(book)]
    lines = {name: _lines(book, name) for name in (*_PAST, imported.SHEET)}
    last = imported.imported_of(lines[imported.SHEET])
    explained, unknown = _explained(book)
    findings += unknown
    findings += _nowhere([name for sheet in book.segments for name in sheet.ids], last)
    return WorkbookContents(
        path=book.package.path,
        model=book.model,
        accounts=accounts,
        as_of=as_of,
        segments=tuple(sheet.place for sheet in book.segments),
        history=history.history_of(
            keyed_columns(book.sheets[history.SHEET]) if history.SHEET in book.sheets else (), lines[history.SHEET]
        ),
        refreshed=_refreshed(book),
        left=left.left_of(lines[left.SHEET]),
        movers=movers.movers_of(lines[movers.SHEET]),
        imported=last if imported.SHEET in book.sheets else None,
        formulas=formulas,
        foreign=tuple(entry.name for entry in book.package.sheets if entry.name not in book.ours()),
        currency=_currency(book),
        functions=_functions(book),
        called=book.called,
        findings=book.as_called(findings),
        agreed=_agreed(book),
        explained=explained,
    )


def _has_labels(package: Package) -> bool:
    """Say whether the labels above the accounts of a segment stand in the file, among its texts or in a sheet."""
    strings = [link.target for link in package.relations.values() if link.kind == "sharedStrings"]
    labels = [label.encode() for label in ("role:id", STRIP_ROWS["settings"], STRIP_ROWS["in_dimension"])]
    for part in (*strings, *(entry.part for entry in package.sheets)):
        if part in package.names:
            with package.stream(part) as stream:
                start = stream.read(_LABELS_WITHIN)
            if all(label in start for label in labels):
                return True
    return False


def _explained(book: OpenBook) -> tuple[Explained | None, list[SheetFinding]]:
    """Return what was chosen and tried on Explain, and a note where the choice is no account."""
    if EXPLAIN not in book.sheets:
        return None, []
    explained, unknown = explained_of(book.sheets[EXPLAIN], book.model, book.segments)
    if not unknown:
        return explained, []
    return explained, [SheetFinding("note", EXPLAIN, "", "", f"{unknown!r} is no account", "no account is explained")]


def _read_sheets(package: Package, strings: list[str], model: SheetEntry | None) -> dict[str, StoredSheet]:
    """Read every sheet of ours, and of people's own the top, by which they are told: they may be of any size."""
    found = {}
    for entry in package.sheets:
        if entry.kind == "worksheet":
            top = read_sheet(package, entry.name, entry.part, strings, rows=_TOP)
            ours = entry.name in SHEETS or entry == model or is_model(top) or is_segment(top, _tables(package, top))
            ours = ours or any(is_marked(top, name) for name in SHEETS)
            found[entry.name] = read_sheet(package, entry.name, entry.part, strings) if ours else top
    return found


# --- single things ---------------------------------------------------------------------------------------------------


def _model_entry(package: Package) -> SheetEntry | None:
    """Return the Model sheet, also when it was renamed: the defined name of the model's range follows it."""
    reference = package.defined.get((model_sheet.RANGE_NAME, None), "")
    wanted = reference.rpartition("!")[0].strip("'").replace("''", "'") or model_sheet.SHEET
    for name in (wanted, model_sheet.SHEET):
        for entry in package.sheets:
            if entry.name == name:
                return entry
    return None


def _no_model(package: Package) -> WorkbookError:
    return package.error("has no Model sheet, so healthscore did not make it; give a workbook that it made")


def _model(package: Package, sheet: StoredSheet) -> ScoreModel:
    try:
        return model_from_rows(sheet.rows())
    except ModelError as error:
        raise WorkbookError("\n".join(f"{package.path}: {line}" for line in str(error).splitlines())) from error


def _tables(package: Package, sheet: StoredSheet) -> list[TablePart]:
    found = []
    for link in package.relations_of(sheet.part).values():
        if link.kind != "table" or link.target not in package.names:
            continue
        part = link.target
        root = package.tree(part)
        filtered = any(local(node.tag) == "filterColumn" for node in root.iter())
        name = root.get("displayName") or root.get("name") or ""
        with package.sound(part):
            ref, totals = range_of(root.get("ref") or "A1"), int(root.get("totalsRowCount") or 0)
        found.append(TablePart(name, ref, filtered, totals))
    return found


def _as_of(book: OpenBook) -> dt.date:
    reference = book.package.defined.get((AS_OF, None), "")
    sheet, _, cell = reference.rpartition("!")
    name = sheet.strip("'").replace("''", "'")
    name = next((ours for ours, theirs in book.called.items() if theirs == name), name)
    named = name in book.sheets and re.fullmatch(r"\$?[A-Z]{1,3}\$?[0-9]{1,7}", cell)
    place = range_of(cell)[:2] if named else _labelled_as_of(book)
    if place is None:
        raise book.package.error("the cell with the as-of date (the name AsOf) is gone; take the last good copy")
    name = name if named else start.SHEET
    value = book.sheets[name].value(*place)
    day = date_of(value + book.epoch) if isinstance(value, float) else None
    if day is None:
        where = f"{book.called.get(name, name)}!{address(*place)}"
        raise book.package.error(f"the as-of date in {where} is {value!r}; type a date there")
    return day


def _labelled_as_of(book: OpenBook) -> tuple[int, int] | None:
    """Return the cell beside the label on Start, for files of programs that know no defined names."""
    cells = book.sheets[start.SHEET].cells if start.SHEET in book.sheets else {}
    labels = ((row, col) for row, line in cells.items() for col, cell in line.items() if cell.value == AS_OF_LABEL)
    return next(((row, col + 1) for row, col in labels), None)


def _lines(book: OpenBook, name: str) -> list[dict[str, Value]]:
    return read_keyed_table(book.sheets[name], book.dates, book.epoch) if name in book.sheets else []


def _currency(book: OpenBook) -> str:
    formats = number_formats(book.package)
    for sheet in book.segments:
        for cell in sheet.cells.get("role:value", ()):
            found = _CURRENCY.match(formats.get(cell.style, ""))
            if found:
                return found[1] or found[2]
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


def _agreed(book: OpenBook) -> Agreed:
    """Return who agreed to the scorecard: the table of that name, wherever it stands, without its blank lines."""
    for name, tables in book.tables.items():
        for table in tables:
            if table.name == start.AGREED_TABLE:
                return _agreed_lines(book, book.sheets[name], table)
    return Agreed()


def _agreed_lines(book: OpenBook, sheet: StoredSheet, table: TablePart) -> Agreed:
    top, left_col, bottom, right = table.ref
    cols = range(left_col, right + 1)

    def shown(row: int, col: int) -> Value:
        cell = sheet.at(row, col)
        if isinstance(cell.value, float) and cell.style in book.dates:
            return date_of(cell.value + book.epoch)
        return cell.value

    lines = (tuple(shown(row, col) for col in cols) for row in range(top + 1, bottom + 1 - table.totals))
    headers = tuple(text_of(sheet.value(top, col)) for col in cols)
    return Agreed(headers, tuple(line for line in lines if any(value is not None for value in line)))


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
    for ours, theirs in book.called.items():
        text = f"the sheet {ours!r} is called {theirs!r}"
        found.append(
            SheetFinding("note", ours, "", "", text, f"read by what is on it; a refresh calls it {ours!r} again")
        )
    missing = [name for name in _ALWAYS if name not in book.sheets]
    missing += [name for name in _PAST if name not in book.sheets] if _refreshed(book) else []
    for name in missing:
        found.append(SheetFinding("warning", name, "", "", f"the sheet {name!r} is gone", _WITHOUT.get(name, _ANEW)))
    for name, sheet in book.sheets.items():
        if sheet.uncalculated:
            text = f"{sheet.uncalculated:,} formulas without a stored value: saved by a program that does not calculate"
            found.append(SheetFinding("note", name, "", "", text, "inputs are read as they stand"))
    return found


_ANEW = "a refresh makes it again"
_WITHOUT = {
    history.SHEET: "the scores of earlier days are lost from here on; the last good copy has them",
    left.SHEET: "accounts that left are forgotten; the last good copy has them",
    imported.SHEET: "the next refresh cannot tell what people changed in the export's columns, and says both values",
}


def _refreshed(book: OpenBook) -> bool:
    return any(is_marked(book.sheets[name], name) for name in _PAST if name in book.sheets)


def _functions(book: OpenBook) -> Functions:
    """Return which functions the workbook was made with, so that the next one has them too."""
    if (next(iter(FUNCTIONS)), None) in book.package.defined:
        return "native"
    own = {column.header for sheet in book.segments for column in sheet.place.own}
    return "xlwings" if PYTHON_SHEET in book.sheets and PYTHON_COLUMN in own else "none"


def _nowhere(ids: Iterable[str], listed: Iterable[str]) -> list[SheetFinding]:
    """Note accounts of the last export that stand nowhere any more: deleted rows, or a deleted sheet."""
    there = set(ids)
    gone = [name for name in listed if name not in there]
    if not gone:
        return []
    names = ", ".join(gone[:5]) + (" …" if len(gone) > 5 else "")
    text = f"{len(gone):,} accounts of the last export stand on no sheet: {names}"
    return [
        SheetFinding("warning", imported.SHEET, "", "", text, "was a row or sheet deleted? a refresh adds them anew")
    ]


def _sheet_name(segment: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", "-", segment)[:31]


def unread(book: OpenBook) -> Mapping[str, Sequence[str]]:
    """Return the kinds of parts each sheet links to (drawing, comments, …), for what cannot be read as cells."""
    return {
        entry.name: [link.kind for link in book.package.relations_of(entry.part).values()]
        for entry in book.package.sheets
    }
