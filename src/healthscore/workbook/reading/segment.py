"""Reading one segment's sheet: which column is which, which rows are accounts, and what stands in their cells.

A column is known by the key above it (the strip's row `Column`) and by its header; where the two disagree, the header
decides if it is one of ours, for dragging a column within the table leaves the strip behind. Rows are read as far as
there are any, whether the table has grown with them or not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from healthscore import names
from healthscore.findings import Severity
from healthscore.history import Value
from healthscore.model import ScoreModel
from healthscore.names import key
from healthscore.workbook.reading.cells import CellValue, ErrorValue, StoredCell, StoredSheet, address, range_of
from healthscore.workbook.reading.contents import OwnColumn, SegmentContents, SheetFinding
from healthscore.workbook.segment.columns import ROLE_HEADERS, STRIP_ROWS, Places, specs

_KEY_ROWS = 40
_PEOPLE = ("override:score", "override:reason", "override:by", "override:until", "note", "previous")
_ENOUGH = 6


@dataclass(frozen=True)
class TablePart:
    """An Excel table as its part describes it."""

    name: str
    ref: tuple[int, int, int, int]
    filtered: bool
    totals: int = 0


@dataclass
class SegmentSheet:
    """A segment's sheet as read: its places, and its accounts' cells by column key, row for row."""

    place: SegmentContents
    rows: list[int]
    ids: list[str]
    cells: dict[str, list[StoredCell]]
    findings: list[SheetFinding] = field(default_factory=list)
    #: Model column -> formulas that read it, to see which role's column stands in for one without its own.
    readers: dict[str, list[str]] = field(default_factory=dict)


def key_row(sheet: StoredSheet) -> int | None:
    """Return the row of the strip that holds the columns' keys; None where the sheet is no segment's."""
    for row in range(min(_KEY_ROWS, sheet.last_row + 1)):
        if sheet.value(row, 0) == STRIP_ROWS["key"] and "role:id" in {c.value for c in sheet.cells[row].values()}:
            return row
    return None


def is_segment(sheet: StoredSheet, tables: Sequence[TablePart]) -> bool:
    """Say whether a sheet holds a segment's accounts, even one whose strip was deleted."""
    if key_row(sheet) is not None:
        return True
    wanted = {key(title) for title in (*ROLE_HEADERS.values(), "Score", "Coverage", "Override score", "Override until")}
    return any(
        len(wanted & {key(cell.value) for cell in sheet.cells.get(table.ref[0], {}).values()}) >= _ENOUGH
        for table in tables
    )


def is_input(column: str) -> bool:
    """Say whether people or the export fill a column; all others are computed."""
    return column.partition(":")[0] in ("role", "input", "extra", "override", "own") or column in ("note", "previous")


def read_segment(
    model: ScoreModel, sheet: StoredSheet, tables: Sequence[TablePart], dates: set[int], epoch: int
) -> SegmentSheet:
    """Read a segment's sheet.

    Args:
        model: the model as the workbook holds it.
        sheet: the sheet's cells.
        tables: the tables on it.
        dates: the cell formats that show dates.
        epoch: what to add to a day number (1462 in files that count from 1904).
    """
    return _Reading(model, sheet, tables, dates, epoch).result()


class _Reading:
    def __init__(
        self, model: ScoreModel, sheet: StoredSheet, tables: Sequence[TablePart], dates: set[int], epoch: int
    ) -> None:
        self.model, self.sheet, self.dates, self.epoch = model, sheet, dates, epoch
        self.findings: list[SheetFinding] = []
        self.key_row = key_row(sheet)
        self.table = max(tables, key=lambda part: part.ref[3] - part.ref[1], default=None)
        self.header_row = self._header_row()
        self.columns, self.own = self._columns()

    def note(
        self, severity: Severity, row: int | None, col: int | None, found: str, done: str, account: str = ""
    ) -> None:
        """Add a finding about a cell of this sheet."""
        at = "" if row is None or col is None else address(row, col)
        self.findings.append(SheetFinding(severity, self.sheet.name, at, account, found, done))

    # --- columns -------------------------------------------------------------------------------------------------

    def _keys(self) -> dict[int, str]:
        if self.key_row is None:
            self.note("error", 0, 0, "the parameters above the table are gone", "columns are told by their headers")
        return self._given_keys()

    def _given_keys(self) -> dict[int, str]:
        line = {} if self.key_row is None else self.sheet.cells[self.key_row]
        return {col: str(cell.value) for col, cell in line.items() if col and isinstance(cell.value, str)}

    def _header_row(self) -> int:
        if self.table is not None:
            return self.table.ref[0]
        done = "rows are read as far as they go; a refresh makes it a table again, in which new rows are scored"
        self.note("warning", None, None, "the table was turned into plain cells", done)
        wanted = {key(title) for title in ROLE_HEADERS.values()}
        start = (self.key_row or 0) + 1
        return max(
            range(start, min(start + 80, self.sheet.last_row + 1)),
            key=lambda row: len(wanted & {key(c.value) for c in self.sheet.cells.get(row, {}).values()}),
            default=start,
        )

    def _titles(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the header that each column has when nobody changed it: key -> header."""
        given = list(keys)
        listed = [part.partition(":")[2] for part in given if part.startswith("input:")]
        # A key that is gone may still be told by its header.
        inputs = [name for name in self.model.input_columns() if name in listed or not given] or listed
        inputs += [name for name in listed if name not in inputs]
        extras = {part.partition(":")[2]: "input_text" for part in given if part.startswith("extra:")}
        styles = dict.fromkeys(inputs, "input_text")
        planned = specs(self.model, inputs, extras, styles, with_segment="role:segment" in given)
        return {spec.key: spec.header for spec in planned}

    def _columns(self) -> tuple[dict[str, int], dict[int, str]]:
        """Return the column of each key, and the columns that are people's own with their headers."""
        keys, line = self._keys(), self.sheet.cells.get(self.header_row, {})
        titles = self._titles(keys.values())
        by_title = {key(title): part for part, title in titles.items()}
        # Cells beside the table, in the rows of accounts, are columns of people's own as well.
        self.filled = {col for row in self._body() for col in self.sheet.cells[row]}
        last = max((*line, *keys, *self.filled, self.table.ref[3] if self.table else 0), default=0)
        found: dict[str, int] = {}
        unsettled: list[int] = []
        keys.setdefault(0, "role:account")
        for col in range(last + 1):
            part, title = keys.get(col), line.get(col, StoredCell(None, None, 0)).value
            if part is not None and part in titles and key(title or "") == key(titles[part]):
                found[part] = col
            else:
                unsettled.append(col)
        own: dict[int, str] = {}
        for col in unsettled:
            self._settle(col, keys.get(col), line.get(col), (titles, by_title), (found, own))
        for part, title in titles.items():
            if part not in found and is_input(part):
                self.note("error", self.header_row, None, f"the column {title!r} is gone", "its cells count as blank")
            elif part not in found:
                self.note("error", self.header_row, None, f"the computed column {title!r} is gone", "computed anew")
        return found, own

    def _settle(
        self,
        col: int,
        part: str | None,
        cell: StoredCell | None,
        titles: tuple[Mapping[str, str], Mapping[str, str]],
        into: tuple[dict[str, int], dict[int, str]],
    ) -> None:
        found, own = into
        text = "" if cell is None or cell.value is None else str(cell.value)
        moved = titles[1].get(key(text)) if text else None
        if moved is not None and moved not in found:
            found[moved] = col
            if self.key_row is not None:
                self.note(
                    "warning", self.header_row, col, f"the column {text!r} was moved without what stands above it",
                    "read by its header; a refresh puts it right",
                )  # fmt: skip
        elif part is not None and part in titles[0] and part not in found:
            found[part] = col
            self.note(
                "warning", self.header_row, col, f"the header {titles[0][part]!r} was changed to {text!r}",
                "read by the key above it; a refresh puts the header back",
            )  # fmt: skip
        elif text or col in self.filled:
            own[col] = text or f"Column {address(0, col)[:-1]}"

    def _body(self) -> list[int]:
        """Return the rows of the table, and those typed under it; all below the header where there is no table."""
        last = self.table.ref[2] - self.table.totals if self.table else self.sheet.last_row
        end = self.table.ref[2] if self.table else last
        named = [0, *(col for col, part in self._given_keys().items() if part == "role:id")]
        return [
            row
            for row, line in self.sheet.cells.items()
            if self.header_row < row <= last or (row > end and any(col in line for col in named))
        ]

    # --- rows ----------------------------------------------------------------------------------------------------

    def _rows(self) -> list[int]:
        """Return the rows that hold an account: every row below the header with something typed in it."""
        typed = [col for part, col in self.columns.items() if is_input(part)] + list(self.own)
        last = self.table.ref[2] - self.table.totals if self.table else self.sheet.last_row
        rows = []
        for row in sorted(self.sheet.cells):
            if row <= self.header_row or (self.table and last < row <= self.table.ref[2]):
                continue
            line = self.sheet.cells[row]
            constants = [col for col in typed if col in line and line[col].value is not None]
            mine = [col for col in constants if line[col].formula is None or col not in self.own]
            if not mine:
                continue
            if row > last:
                if not any(self._cell(part, row).value for part in ("role:id", "role:account")):
                    self.note("note", row, mine[0], "something stands below the table", "no account: it is left there")
                    continue
                self.note("warning", row, mine[0], "a row was typed under the table", "read as a row of the table")
            rows.append(row)
        return rows

    def _cell(self, part: str, row: int) -> StoredCell:
        return self.sheet.at(row, self.columns[part]) if part in self.columns else StoredCell(None, None, 0)

    def _ids(self, rows: Sequence[int]) -> list[str]:
        ids = []
        for row in rows:
            texts = [text_of(self._cell(part, row).value) for part in ("role:id", "role:account")]
            if not texts[0]:
                found = "an account without an id" if texts[1] else "a row without id and account"
                done = "its name is its id" if texts[1] else "its row number is its id"
                self.note("warning", row, self.columns.get("role:id", 0), found, done, texts[1])
            ids.append(texts[0] or texts[1] or f"Row {row + 1}")
        return ids

    def result(self) -> SegmentSheet:
        """Return everything that was read."""
        rows = self._rows()
        ids = self._ids(rows)
        parts = [part for part in self.columns if is_input(part)]
        cells = {part: [self._cell(part, row) for row in rows] for part in parts}
        self._look_around()
        titled = self._own_titles()
        place = SegmentContents(
            name=self._segment(),
            sheet=self.sheet.name,
            table=self.table.name if self.table else "",
            header_row=self.header_row,
            rows=dict(zip(ids, rows, strict=True)),
            columns={**self.columns, **{f"own:{title}": col for col, title in titled}},
            headers={part: str(self.sheet.value(self.header_row, col) or "") for part, col in self.columns.items()},
            own=tuple(self._own(col, title, ids, rows) for col, title in titled),
            strip={
                text_of(line[0].value): row
                for row, line in self.sheet.cells.items()
                if row < self.header_row and 0 in line and line[0].value is not None
            },
        )
        return SegmentSheet(place, rows, ids, cells, self.findings, self._readers(rows))

    def _segment(self) -> str:
        """Return the segment's name: the title, unless somebody changed it and sheet and parameters know better."""
        top = 0 if self.key_row is None else max(self.key_row - Places.STRIP_TOP, 0)
        title, name = text_of(self.sheet.value(top, 0)), self.sheet.name
        if self.key_row is not None and key(title) != key(name):
            settings = text_of(self.sheet.value(self.key_row + 1, 1))
            if settings and key(settings) == key(name):
                found = f"the title of the segment {settings!r} was changed to {title!r}"
                self.note("warning", top, 0, found, "read as the segment it was; a refresh puts the title back")
                return settings
        return title or name

    def _readers(self, rows: Sequence[int]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}

        def note(name: str | None, part: str) -> None:
            if name is not None and rows:
                found.setdefault(name, []).append(self._cell(part, rows[0]).formula or "")

        for metric in self.model.metrics:
            for name in (*metric.inputs, metric.as_of_column):
                note(name, f"value:{metric.name}")
        for rule in self.model.rules:
            for condition in rule.when:
                note(condition.column, f"rule:{rule.name}")
        for milestone in self.model.journey.milestones if self.model.journey else ():
            for name in (milestone.date, *(condition.column for condition in milestone.when)):
                note(name, f"milestone:{milestone.name}")
        return found

    def _own_titles(self) -> list[tuple[int, str]]:
        titles = names.unique([*(str(title) for title in self._titles(self.columns).values()), *self.own.values()])
        return list(zip(self.own, titles[len(titles) - len(self.own) :], strict=True))

    def _own(self, col: int, title: str, ids: Sequence[str], rows: Sequence[int]) -> OwnColumn:
        cells = {name: self.sheet.at(row, col) for name, row in zip(ids, rows, strict=True)}
        return OwnColumn(
            title,
            {name: self.as_value(cell) for name, cell in cells.items() if cell.value is not None},
            {name: cell.formula for name, cell in cells.items() if cell.formula is not None},
            self.sheet.widths.get(col, 14.0),
            "date" if any(cell.style in self.dates for cell in cells.values()) else "",
        )

    def as_value(self, cell: StoredCell) -> Value:
        """Return what a cell shows: numbers in a date format as dates."""
        if isinstance(cell.value, float) and cell.style in self.dates:
            return date_of(cell.value + self.epoch) or cell.value
        return cell.value

    def _look_around(self) -> None:
        """Note what makes a sheet hard to trust."""
        for ref in self.sheet.merged:
            first, _, last, _ = range_of(ref)
            if last >= self.header_row:
                self.note("warning", first, 0, f"the cells {ref} are merged", "only the first holds a value")
        if self.sheet.filtered or (self.table and self.table.filtered):
            self.note("note", self.header_row, 0, "a filter is on", "hidden rows are read like all others")
        if self.sheet.protected:
            self.note("note", None, None, "the sheet is protected", "read as it stands")


def text_of(value: CellValue) -> str:
    """Return a cell as text: whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value


def date_of(number: float) -> dt.date | None:
    """Return the day of a day number; None for one that Excel has no date for."""
    if not 1 <= number < 2958466:
        return None
    return dt.date(1899, 12, 30) + dt.timedelta(days=int(number))


def is_error(value: CellValue) -> bool:
    """Say whether a cell shows an error."""
    return isinstance(value, ErrorValue)
