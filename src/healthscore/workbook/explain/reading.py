"""Reading `Explain` back: which account was chosen, and what was tried, however rows and columns were moved."""

from __future__ import annotations

from collections.abc import Sequence

from healthscore.history import Explained
from healthscore.model import ScoreModel
from healthscore.workbook.explain.metrics import TRY_TITLE
from healthscore.workbook.explain.page import CHOSEN_KEY, SHEET, TRIED_KEY
from healthscore.workbook.listing import label
from healthscore.workbook.reading.cells import StoredSheet
from healthscore.workbook.reading.segment import SegmentSheet, is_error, text_of


def explained_of(sheet: StoredSheet, model: ScoreModel, segments: Sequence[SegmentSheet]) -> tuple[Explained, str]:
    """Return what was chosen and tried on the sheet, and the text of a choice that is no account's (else blank).

    Args:
        sheet: the sheet's cells.
        model: the model as the workbook holds it.
        segments: the segments' sheets with their accounts.
    """
    keys = {
        cell.value: row
        for row, line in sheet.cells.items()
        for cell in line.values()
        if isinstance(cell.value, str) and cell.formula is None and _is_key(cell.value)
    }
    column = {
        cell.value: col
        for line in sheet.cells.values()
        for col, cell in line.items()
        if cell.value in (SHEET, TRY_TITLE) and cell.formula is None
    }
    chosen = sheet.value(keys[CHOSEN_KEY], column[SHEET]) if CHOSEN_KEY in keys and SHEET in column else None
    text = text_of(chosen)
    tried = {}
    for metric in model.metrics:
        row = keys.get(f"{TRIED_KEY}{metric.name}")
        value = sheet.value(row, column[TRY_TITLE]) if row is not None and TRY_TITLE in column else None
        if value is not None and value != "" and not is_error(value):
            tried[metric.name] = value
    account = _labels(segments).get(text, "")
    return Explained(account, tried), "" if account else text


def _labels(segments: Sequence[SegmentSheet]) -> dict[str, str]:
    """Return what each account is chosen by -> its id."""
    found = {}
    for sheet in segments:
        for number, (name, row) in enumerate(zip(sheet.ids, sheet.rows, strict=True)):
            written, own = (_text(sheet, part, number) for part in ("role:account", "role:id"))
            found[label(written or own, own, (sheet.place.name, row - sheet.place.header_row))] = name
    return found


def _text(sheet: SegmentSheet, part: str, number: int) -> str:
    return text_of(sheet.cells[part][number].value) if part in sheet.cells else ""


def _is_key(text: str) -> bool:
    return text == CHOSEN_KEY or text.startswith(TRIED_KEY)
