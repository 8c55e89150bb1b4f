"""Bringing a new export into a workbook that is open, cell by cell, by what every home of xlwings can do.

Nothing is rebuilt: values go into the cells that the export fills, new accounts become new rows at the end of their
table, and everything else (formulas, inputs, notes, sheets, columns, charts, formats) is never touched. So it works
where there is no file, as in xlwings Lite, and where a workbook holds what no rebuilding could carry along.

What `healthscore refresh` does beyond that, on the saved file: the score history, what moved each score, and the sheet
of accounts that left.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pandas as pd
import xlwings as xw

from healthscore.accounts import Accounts, accounts_from_frame, settle_duplicates
from healthscore.accounts.layout import table_from_grid
from healthscore.accounts.texts import text_of
from healthscore.addin.models import chosen_model
from healthscore.addin.tables import SegmentTable, model_rows, segment_tables
from healthscore.errors import WorkbookError
from healthscore.model import ScoreModel
from healthscore.model.vocabulary import EVERYONE
from healthscore.names import key

#: Where an export is pasted in homes without files.
EXPORT_SHEET = "Export"
IMPORTED_SHEET, AS_OF_NAME = "Imported", "AsOf"
_COLUMN = "Column "
_DATE = "date:"
_NAMED = 5
_DAY_ZERO = dt.date(1899, 12, 30)
#: Texts that Excel would take for something else when they are put into a cell: formulas, errors, numbers, days.
_NOT_A_TEXT = re.compile(r"[=+\-@#']|.*\d|(?i:true|false)$", re.DOTALL)

Value = str | float | dt.date | None
Row = dict[str, Value]


@dataclass
class Updated:
    """What an update did, or left as it is: account names, and (account, column, in the cell, in the export)."""

    source: str
    accounts: int = 0
    cells: int = 0
    new: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    homeless: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    kept: list[tuple[str, str, Value, Value]] = field(default_factory=list)
    replaced: list[tuple[str, str, Value, Value]] = field(default_factory=list)
    as_of: dt.date | None = None

    def told(self) -> str:
        """Say it in a few lines."""
        lines = [f"Updated in place from {self.source}: {self.accounts} accounts, {self.cells} cells changed."]
        for names, said in (
            (self.new, "new, in rows at the end of their tables"),
            (self.gone, "not in the export; their rows stay as they are"),
            (self.homeless, "left out, because their segment has no sheet here"),
            (self.moved, "in another segment by the export; their rows stay where they are"),
        ):
            if names:
                lines.append(f"{len(names)} {said}: {_listed(names)}")
        for cells, said in (
            (self.kept, "typed by hand and kept"),
            (self.replaced, "typed by hand and replaced, because the export has changed too"),
        ):
            if cells:
                told = [
                    f"{account}, {column}: {_shown(old)}, export {_shown(new)}" for account, column, old, new in cells
                ]
                lines.append(f"{len(cells)} cells {said}: {_listed(told, '; ')}")
        if self.as_of is not None:
            lines.append(f"The as-of date is {self.as_of.isoformat()} now.")
        lines.append("Score history and reasons of moves: `healthscore refresh` on the saved file writes them.")
        return "\n".join(lines)


def _listed(words: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return between.join(words[:_NAMED]) + more


def _shown(value: Value) -> str:
    return "blank" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def update_from_sheet(book: xw.Book, as_of: dt.date | None = None) -> Updated:
    """Bring in the export that somebody pasted into the sheet `Export`.

    Raises:
        HealthscoreError: there is no such sheet, it cannot be used, or the workbook is none of ours.
    """
    model = chosen_model(model_rows(book)).model
    if EXPORT_SHEET not in [sheet.name for sheet in book.sheets]:
        raise WorkbookError(
            f"paste the export into a new sheet called {EXPORT_SHEET}, headers included; then try again"
        )
    sheet = book.sheets[EXPORT_SHEET]
    raw = table_from_grid(sheet.used_range.options(ndim=2).value, f"the sheet {EXPORT_SHEET}")
    frame = pd.DataFrame({name: raw.cells.iloc[:, number] for number, name in enumerate(raw.headers)})
    return update(book, accounts_from_frame(frame, model, source=f"the sheet {EXPORT_SHEET}"), as_of)


def update(book: xw.Book, export: Accounts, as_of: dt.date | None = None) -> Updated:
    """Put an export's values into the tables of an open workbook.

    Args:
        book: the workbook.
        export: the accounts, read with the workbook's own model.
        as_of: the day that the scores shall speak of; as it is when None.

    Raises:
        HealthscoreError: the workbook is none of ours, or an account stands in it, or in the export, twice.
    """
    model = chosen_model(model_rows(book)).model
    export = settle_duplicates(export, None)
    tables = segment_tables(book)
    typed = {id(table): _formulas(table) for table in tables}
    said = _Export(export, model)
    done = Updated(export.source or EXPORT_SHEET)
    memory = _Imported.of(book)
    places = _places(tables, said)
    rows = {name: _Cells(table, place) for name, (table, place) in places.items()}
    changes: dict[int, list[tuple[int, int, Value]]] = {}
    for name, cells in rows.items():
        done.accounts += 1
        changes.setdefault(id(cells.table), []).extend(_changed(cells, name, said, memory, typed, done))
        if said.segmented and key(said.segments[name]) != key(cells.table.segment):
            done.moved.append(said.name(name))
    for table in tables:
        _write(table.sheet, changes.get(id(table), []))
        done.cells += len(changes.get(id(table), []))
        known = {place for other, place in places.values() if other is table}
        done.gone += [who for place, who in _accounts_of(table) if place not in known]
    _add(tables, said, [name for name in said.rows if name not in places], done)
    if memory is not None:
        memory.note(said, {name: _id_of(rows[name]) if name in rows else name for name in said.rows})
    if as_of is not None and AS_OF_NAME in [one.name for one in book.names]:
        book.names[AS_OF_NAME].refers_to_range.value = dt.datetime(as_of.year, as_of.month, as_of.day)
        done.as_of = as_of
    return done


# --- what the export says ------------------------------------------------------------------------------------------


class _Export:
    """An export as rows of cells by id: the sheet's keys of columns (`role:owner`, `input:NPS`) -> value."""

    def __init__(self, export: Accounts, model: ScoreModel) -> None:
        self.kinds: dict[str, str] = {"role:renewal": "date", "role:value": "number"}
        frame, absent = export.frame, {*export.missing_inputs, *export.bound}
        columns: dict[str, str] = {}
        for role in ("account", "id", "owner", "stage", "region", "value", "renewal"):
            if frame[role].notna().any() or export.unusable.get(role):
                columns[role] = f"role:{role}"
        for name, kind in model.input_columns().items():
            if name in frame.columns and name not in absent:
                columns[name], self.kinds[f"input:{name}"] = f"input:{name}", kind
        columns |= {name: f"extra:{name}" for name in export.extras}
        self.frame_names = {part: name for name, part in columns.items()}
        ids = [str(one) for one in frame["id"]]
        self.rows: dict[str, Row] = {name: {} for name in ids}
        for column, part in columns.items():
            bad = export.unusable.get(column, {})
            for place, (name, cell) in enumerate(zip(ids, frame[column].tolist(), strict=True)):
                self.rows[name][part] = bad.get(place) or self.plain(part, cell)
        for name, role in export.bound.items():
            if role in columns:  # a workbook from a template may have a column of its own for it
                part = f"input:{name}"
                self.kinds[part], self.frame_names[part] = model.input_columns()[name], name
                for account, row in self.rows.items():
                    self.rows[account][part] = self.plain(part, row[f"role:{role}"])
        self.segmented = bool(export.segment_columns)
        self.segments = {name: str(one) for name, one in zip(ids, frame["segment"], strict=True)}

    def plain(self, part: str, cell: Any) -> Value:
        """Return a cell, of the export or of the sheet, in the one form in which they are compared."""
        kind = self.kinds.get(part, "")
        if cell is None or cell is pd.NaT or cell != cell or cell == "" or isinstance(cell, dict):  # noqa: PLR0124
            return None
        if isinstance(cell, str):
            day = _iso_day(cell.removeprefix(_DATE)) if kind == "date" or cell.startswith(_DATE) else None
            return day or cell.strip() or None
        if isinstance(cell, dt.datetime | dt.date):
            return cell.date() if isinstance(cell, dt.datetime) else cell
        return self._number(part, kind, float(cell)) if not isinstance(cell, bool) else "Yes" if cell else "No"

    @staticmethod
    def _number(part: str, kind: str, number: float) -> Value:
        if kind == "yes_no":
            return {1.0: "Yes", 0.0: "No"}.get(number, number)
        if kind == "date" and 0 < number < 2_958_466:
            return _DAY_ZERO + dt.timedelta(days=int(number))
        return text_of(number) if kind == "category" or part in _TEXTS else number

    def name(self, account: str) -> str:
        """Return what an account is called."""
        return str(self.rows[account].get("role:account") or account)


_TEXTS = ("role:account", "role:id", "role:owner", "role:stage", "role:region")


def _iso_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


# --- which row is whose --------------------------------------------------------------------------------------------


class _Cells:
    """One account's row in a table, by the keys of its columns."""

    def __init__(self, table: SegmentTable, place: int) -> None:
        self.table, self.place = table, place
        self.row = table.header_row + 1 + place


def _id_of(cells: _Cells) -> str:
    """Return the id that stands in a row, or the name of an account without one."""
    line = cells.table.rows[cells.place]
    keys = cells.table.filled
    return text_of(line[keys["role:id"]]) or text_of(line[keys["role:account"]]) or ""


def _accounts_of(table: SegmentTable) -> Iterator[tuple[int, str]]:
    keys = table.filled
    for place, row in enumerate(table.rows):
        name = text_of(row[keys["role:account"]]) or text_of(row[keys["role:id"]])
        if name:
            yield place, name


def _places(tables: Sequence[SegmentTable], said: _Export) -> dict[str, tuple[SegmentTable, int]]:
    """Return the row of each account of the export that the workbook has: by id, else by a name that only one has."""
    by_id: dict[str, list[tuple[SegmentTable, int]]] = {}
    by_name: dict[str, list[tuple[SegmentTable, int]]] = {}
    for table in tables:
        keys = table.filled
        for place, _ in _accounts_of(table):
            line = table.rows[place]
            name = text_of(line[keys["role:account"]]) or ""
            by_id.setdefault(text_of(line[keys["role:id"]]) or name, []).append((table, place))
            by_name.setdefault(key(name), []).append((table, place))
    found: dict[str, tuple[SegmentTable, int]] = {}
    twice = [name for name, rows in by_id.items() if len(rows) > 1 and name in said.rows]
    if twice:
        raise WorkbookError(f"{twice[0]} stands in {len(by_id[twice[0]])} rows of this workbook; delete all but one")
    taken = {(id(rows[0][0]), rows[0][1]) for name, rows in by_id.items() if name in said.rows}
    for name in said.rows:
        rows = by_id.get(name) or [
            row for row in by_name.get(key(said.name(name)), ()) if (id(row[0]), row[1]) not in taken
        ]
        if len(rows) == 1 and (name in by_id or _one_side_without_ids(rows[0], name, said)):
            found[name] = rows[0]
            taken.add((id(rows[0][0]), rows[0][1]))
    return found


def _one_side_without_ids(row: tuple[SegmentTable, int], name: str, said: _Export) -> bool:
    """Say whether the workbook's row or the export's has no id of its own, so that the name may tell them."""
    there = text_of(row[0].rows[row[1]][row[0].filled["role:id"]])
    return not there or said.rows[name].get("role:id") in (None, said.rows[name].get("role:account"))


# --- which cells change --------------------------------------------------------------------------------------------


def _changed(
    cells: _Cells, name: str, said: _Export, memory: _Imported | None, typed: dict[int, Any], done: Updated
) -> list[tuple[int, int, Value]]:
    """Return (row, column, value) of the cells of a row to write, as a refresh of the file would decide."""
    line, found = cells.table.rows[cells.place], []
    base = memory.rows.get(_id_of(cells)) if memory is not None else None
    for part, place in cells.table.filled.items():
        if part not in said.rows[name] or part == "role:id":
            continue
        old, new = said.plain(part, line[place]), said.rows[name][part]
        if old == new:
            continue
        column = cells.table.headers[place]
        formulas = typed[id(cells.table)]
        if formulas and str(formulas[cells.place][place]).startswith("="):
            done.kept.append((said.name(name), column, f"formula {formulas[cells.place][place]}", new))
            continue
        known = base is not None and memory is not None and said.frame_names[part] in memory.columns
        before = said.plain(part, base.get(said.frame_names[part])) if known and base is not None else None
        if old is not None and known and old != before:
            if new == before:
                done.kept.append((said.name(name), column, old, new))
                continue
            done.replaced.append((said.name(name), column, old, new))
        elif old is not None and not known and base is not None:
            done.kept.append((said.name(name), column, old, new))
            continue
        found.append((cells.row, cells.table.first_col + place, new))
    return found


def _formulas(table: SegmentTable) -> Any:
    """Return what stands in the cells of a table, formulas as such; None where the host does not tell."""
    first, last = table.header_row + 1, table.header_row + len(table.rows)
    place = table.sheet.range((first, table.first_col), (last, table.first_col + len(table.headers) - 1))
    try:
        found = place.formula
    except NotImplementedError:
        return None
    rows = found if isinstance(found, tuple | list) else ((found,),)
    return rows if isinstance(rows[0], tuple | list) else (rows,)


def _write(sheet: Any, cells: Sequence[tuple[int, int, Value]]) -> None:
    """Write cells, those below each other in one go: an open Excel takes its time for every single one."""
    for run in _runs(sorted(cells, key=lambda cell: (cell[1], cell[0]))):
        first, last = run[0], run[-1]
        place = sheet.range((first[0], first[1]), (last[0], last[1]))
        values = [[as_typed(value)] for _, _, value in run]
        place.value = values if len(run) > 1 else values[0][0]


def _runs(cells: Sequence[tuple[int, int, Value]]) -> Iterator[Sequence[tuple[int, int, Value]]]:
    breaks = [number for number, (one, other) in enumerate(pairwise(cells), 1) if (one[0] + 1, one[1]) != other[:2]]
    for start, end in pairwise([0, *breaks, len(cells)]):
        if end > start:
            yield cells[start:end]


def as_typed(value: Value) -> Any:
    """Return a value as a cell takes it for what it is: a text never becomes a formula, a number or a day."""
    if isinstance(value, str):
        return f"'{value}" if _NOT_A_TEXT.match(value) else value
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)
    return value


# --- new accounts --------------------------------------------------------------------------------------------------


def _add(tables: Sequence[SegmentTable], said: _Export, names: Sequence[str], done: Updated) -> None:
    """Put new accounts into blank rows of their segment's table, else into rows that Excel adds with its formulas."""
    alone = tables[0] if len(tables) == 1 and (not said.segmented or key(tables[0].segment) == key(EVERYONE)) else None
    by_segment = {key(table.segment): table for table in tables}
    filled = {id(table): {place for place, _ in _accounts_of(table)} for table in tables}
    written: dict[int, list[tuple[int, int, Value]]] = {}
    for name in names:
        table = alone or by_segment.get(key(said.segments[name]))
        if table is None:
            done.homeless.append(said.name(name))
            continue
        taken = filled[id(table)]
        place = next(place for place in range(len(taken) + 1) if place not in taken)
        if place >= len(table.rows):
            table.table.rows.add()
        taken.add(place)
        keys = table.filled
        written.setdefault(id(table), []).extend(
            (table.header_row + 1 + place, table.first_col + keys[part], value)
            for part, value in said.rows[name].items()
            if part in keys and value is not None
        )
        done.new.append(said.name(name))
    for table in tables:
        _write(table.sheet, written.get(id(table), []))


# --- what the last export said -------------------------------------------------------------------------------------


@dataclass
class _Imported:
    """The hidden sheet with the last export: its rows by id, where they stand, and where the columns do."""

    sheet: Any
    table: Any
    columns: dict[str, int]
    rows: dict[str, dict[str, Any]]
    places: dict[str, int]
    end: int

    @classmethod
    def of(cls, book: xw.Book) -> _Imported | None:
        """Return what the workbook keeps of its last export; None where it keeps nothing."""
        if IMPORTED_SHEET not in [sheet.name for sheet in book.sheets]:
            return None
        sheet = book.sheets[IMPORTED_SHEET]
        used = sheet.used_range
        grid = used.options(ndim=2).value
        top = next((row for row, line in enumerate(grid) if f"{_COLUMN}id" in line), None)
        table = next(iter(sheet.tables), None)
        if top is None or table is None:
            return None
        prefix = f"{_COLUMN}column:"
        names = {
            str(cell).removeprefix(prefix): col for col, cell in enumerate(grid[top]) if str(cell).startswith(prefix)
        }
        own = grid[top].index(f"{_COLUMN}id")
        rows, places = {}, {}
        for number, line in enumerate(grid[top + 2 :], start=used.row + top + 2):
            name = text_of(line[own])
            if name:
                rows[name], places[name] = {part: line[col] for part, col in names.items()}, number
        left = used.column
        columns = {"id": left + own} | {part: left + col for part, col in names.items()}
        return cls(sheet, table, columns, rows, places, used.row + top + 1 + len(grid[top + 2 :]))

    def note(self, said: _Export, ids: Mapping[str, str]) -> None:
        """Note what the export says now, so that the next refresh knows which cells people changed."""
        cells: list[tuple[int, int, Value]] = []
        for name, row in said.rows.items():
            mine = ids[name]
            place, before = self.places.get(mine), self.rows.get(mine, {})
            if place is None:
                self.table.rows.add()
                self.end += 1
                place = self.end
                cells.append((place, self.columns["id"], mine))
            for part, value in row.items():
                column = said.frame_names[part]
                if column in self.columns and column != "id" and said.plain(part, before.get(column)) != value:
                    cells.append((place, self.columns[column], value))
        _write(self.sheet, self._spans(cells))

    def _spans(self, cells: Sequence[tuple[int, int, Value]]) -> list[tuple[int, int, Value]]:
        """Fill the gaps between a column's cells with what stands there: one write instead of hundreds.

        Nobody types formulas into this sheet, so nothing is lost by writing a value over itself.
        """
        before = {
            (self.places[name], self.columns[part]): cell
            for name, row in self.rows.items()
            for part, cell in row.items()
        }
        after = {(row, col): value for row, col, value in cells}
        spans: list[tuple[int, int, Value]] = []
        for col in {col for _, col in after}:
            rows = [row for row, other in after if other == col]
            places = [(row, col) for row in range(min(rows), max(rows) + 1)]
            spans += [(*place, after[place] if place in after else before.get(place)) for place in places]
        return spans


__all__ = ["EXPORT_SHEET", "Updated", "as_typed", "update", "update_from_sheet"]
