"""A workbook's input cells as `Accounts`, each typed exactly as the sheet's own formulas take it.

Stricter than reading an export: a text that looks like a number counts as missing in the sheet, so it does here; it
stays what it is, is reported, and is written again by a refresh.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from healthscore.accounts import Accounts
from healthscore.accounts.columns import ROLE_TYPES
from healthscore.accounts.duplicates import find_duplicates
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import ROLES
from healthscore.names import key
from healthscore.workbook.reading.cells import StoredCell, address
from healthscore.workbook.reading.contents import SheetFinding
from healthscore.workbook.reading.segment import SegmentSheet, date_of, is_error, text_of
from healthscore.workbook.segment.columns import ROLE_HEADERS

#: Column of the frame -> key of the sheet's column and the kind of its values.
PEOPLE = {
    "override_score": ("override:score", "number"),
    "override_reason": ("override:reason", "category"),
    "override_by": ("override:by", "category"),
    "override_until": ("override:until", "date"),
    "note": ("note", "category"),
    "previous_score": ("previous", "previous"),
}
_BOUND_ROLES = {"number": ("value",), "date": ("renewal",), "category": ("owner", "stage", "region"), "yes_no": ()}


@dataclass
class _Column:
    """One column of the frame while it fills up."""

    values: list[object] = field(default_factory=list)
    unusable: dict[int, str] = field(default_factory=dict)


def accounts_of(
    model: ScoreModel, sheets: Sequence[SegmentSheet], source: str, epoch: int, dates: set[int]
) -> tuple[Accounts, list[SheetFinding], dict[str, dict[str, str]]]:
    """Return the accounts of all segment sheets, what was found in their cells, and the formulas typed into inputs."""
    reading = _Reading(model, sheets, epoch, dates)
    return reading.accounts(source), reading.findings, reading.formulas


class _Reading:
    def __init__(self, model: ScoreModel, sheets: Sequence[SegmentSheet], epoch: int, dates: set[int]) -> None:
        self.model, self.sheets, self.epoch, self.dates = model, sheets, epoch, dates
        self.findings: list[SheetFinding] = []
        self.formulas: dict[str, dict[str, str]] = {}
        self.kinds = model.input_columns()
        self.parts = list(dict.fromkeys(part for sheet in sheets for part in sheet.cells))

    def accounts(self, source: str) -> Accounts:
        """Return all accounts as one frame."""
        columns: dict[str, np.ndarray] = {}
        unusable: dict[str, dict[int, str]] = {}

        def add(name: str, part: str, kind: str) -> None:
            columns[name], bad = self._column(part, kind)
            if bad:
                unusable[name] = bad

        bound = self._bound()
        for role in ROLES:
            if role in ("id", "segment"):
                texts = [sheet.ids if role == "id" else [sheet.place.name] * len(sheet.ids) for sheet in self.sheets]
                columns[role] = np.array([text for listed in texts for text in listed], dtype=object)
            else:
                add(role, f"role:{role}", ROLE_TYPES[role])
        unnamed = pd.isna(columns["account"])
        columns["account"] = np.where(unnamed, columns["id"], columns["account"])
        for name, kind in self.kinds.items():
            if name not in bound:
                add(name, f"input:{name}", kind)
        extras = [part.partition(":")[2] for part in self.parts if part.startswith("extra:")]
        for name in extras:
            columns[name] = self._extra(f"extra:{name}")
        for name, (part, people_kind) in PEOPLE.items():
            if name not in columns:
                add(name, part, people_kind)
        rows = np.array([row + 1 for sheet in self.sheets for row in sheet.rows], dtype=np.int64)
        frame = pd.DataFrame({name: pd.Series(values, dtype=values.dtype) for name, values in columns.items()})
        return Accounts(
            frame=frame,
            bound=bound,
            missing_inputs=(),
            extras=tuple(extras),
            unusable=unusable,
            rows=rows,
            findings=(),
            duplicates=find_duplicates(columns["id"], rows),
            source=source,
            segment_columns=self.model.segment_by,
        )

    def _bound(self) -> dict[str, str]:
        """Return the role's column that holds a model column without one of its own, as its formulas tell."""
        found = {}
        for name, kind in self.kinds.items():
            if f"input:{name}" in self.parts:
                continue
            if key(name) in ROLES:
                found[name] = key(name)
                continue
            texts = [text for sheet in self.sheets for text in sheet.readers.get(name, ())]
            for role in _BOUND_ROLES[kind]:
                if any(f"[{ROLE_HEADERS[role]}]" in text for text in texts):
                    found[name] = role
        return found

    # --- one column ----------------------------------------------------------------------------------------------

    def _column(self, part: str, kind: str) -> tuple[np.ndarray, dict[int, str]]:
        take = _KINDS[kind]
        column, number = _Column(), 0
        for sheet in self.sheets:
            cells = sheet.cells.get(part)
            for place, name in enumerate(sheet.ids):
                cell = cells[place] if cells is not None else None
                value = None
                if cell is not None and (cell.value is not None or cell.formula is not None):
                    value = self._value(sheet, (part, name, place), cell, take, column.unusable, number)
                column.values.append(value)
                number += 1
        if kind in ("number", "yes_no"):
            return np.array(
                [np.nan if value is None else value for value in column.values], dtype=float
            ), column.unusable
        if kind == "date":
            texts = [None if value is None else str(value) for value in column.values]
            return pd.to_datetime(pd.Series(texts, dtype=object)).astype("datetime64[s]").to_numpy(), column.unusable
        values = np.empty(len(column.values), dtype=object)
        values[:] = column.values
        if kind == "previous" and not any(isinstance(value, str) for value in column.values):
            values = np.array([np.nan if value is None else value for value in column.values], dtype=float)
        return values, column.unusable

    def _value(
        self,
        sheet: SegmentSheet,
        where: tuple[str, str, int],
        cell: StoredCell,
        take: Callable[[StoredCell, int], object],
        unusable: dict[int, str],
        number: int,
    ) -> object:
        part, name, _ = where
        if cell.formula is not None:
            self.formulas.setdefault(part, {})[name] = cell.formula
            if cell.value is None:
                self._note(sheet, where, "a formula without a stored value", "counts as missing; open, save, try again")
                return None
        value = take(cell, self.epoch)
        if value is None:
            unusable[number] = text_of(cell.value)
            what = "an error" if is_error(cell.value) else "not usable here"
            self._note(sheet, where, f"{text_of(cell.value)!r}, {what}"[:200], "counts as missing; it stays there")
        return value

    def _note(self, sheet: SegmentSheet, where: tuple[str, str, int], found: str, done: str) -> None:
        part, name, place = where
        at = address(sheet.rows[place], sheet.place.columns[part])
        self.findings.append(SheetFinding("warning", sheet.place.sheet, at, name, found, done))

    def _extra(self, part: str) -> np.ndarray:
        """Return a carried column: numbers or dates where all are, else everything as it stands."""
        cells: list[StoredCell | None] = []
        for sheet in self.sheets:
            cells += sheet.cells.get(part) or [None] * len(sheet.ids)
            for name, cell in zip(sheet.ids, sheet.cells.get(part) or [], strict=False):
                if cell.formula is not None:
                    self.formulas.setdefault(part, {})[name] = cell.formula
        values = [self._as_value(cell) for cell in cells]
        given = [value for value in values if value is not None]
        if given and all(isinstance(value, float) for value in given):
            return np.array([np.nan if value is None else value for value in values], dtype=float)
        if given and all(isinstance(value, dt.date) for value in given):
            texts = [None if value is None else str(value) for value in values]
            return pd.to_datetime(pd.Series(texts, dtype=object)).astype("datetime64[s]").to_numpy()
        laid = np.empty(len(values), dtype=object)
        laid[:] = values
        return laid

    def _as_value(self, cell: StoredCell | None) -> object:
        if cell is None or cell.value is None:
            return None
        if isinstance(cell.value, float) and cell.style in self.dates:
            return date_of(cell.value + self.epoch) or cell.value
        return str(cell.value) if is_error(cell.value) else cell.value


# --- one cell: what the sheet's formulas make of it; None for what they cannot use ----------------------------------


def _number(cell: StoredCell, _epoch: int) -> object:
    return cell.value if isinstance(cell.value, float) else None


def _date(cell: StoredCell, epoch: int) -> object:
    return date_of(cell.value + epoch) if isinstance(cell.value, float) else None


def _yes_no(cell: StoredCell, _epoch: int) -> object:
    return {"yes": 1.0, "no": 0.0}.get(cell.value.lower()) if isinstance(cell.value, str) else None


def _text(cell: StoredCell, _epoch: int) -> object:
    return None if is_error(cell.value) else text_of(cell.value).strip() or None


def _previous(cell: StoredCell, _epoch: int) -> object:
    return cell.value


_KINDS: Mapping[str, Callable[[StoredCell, int], object]] = {
    "number": _number,
    "date": _date,
    "yes_no": _yes_no,
    "category": _text,
    "previous": _previous,
}
