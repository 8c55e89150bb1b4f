"""The `Start` sheet: what this workbook is, the as-of date, how to read a score, and where everything is."""

from __future__ import annotations

from collections.abc import Sequence

from healthscore.formula import formula
from healthscore.model.schema import UNSCORED, UNSCORED_SYMBOL
from healthscore.scoring import Scores
from healthscore.workbook.model_sheet import ModelCells
from healthscore.workbook.plan import Formula, Height, Link, Sheet, Validation, Width, cell
from healthscore.workbook.segment import SegmentPlan

SHEET = "Start"
_AS_OF_ROW = 3
AS_OF_PLACE = f"{SHEET}!{cell(_AS_OF_ROW, 1, '$', '$')}"
_PURPOSE = (
    "Every account, one row each, scored by live formulas. Blue cells are yours to fill in; everything else follows. "
    "To see how a score comes about, open a segment sheet and press the + above the columns on the right."
)


def plan_start(
    scores: Scores, cells: ModelCells, segments: Sequence[SegmentPlan], others: Sequence[tuple[Sheet, str]]
) -> Sheet:
    """Plan the sheet from the scores, the model's cells, the segments and the other sheets with their purpose."""
    model = scores.model
    sheet = Sheet(SHEET, "output", active=(_AS_OF_ROW, 1))
    sheet.widths = {
        0: Width(24),
        1: Width(15),
        2: Width(11),
        3: Width(11),
        4: Width(20),
        5: Width(44),
        6: Width(44),
        7: Width(18),
    }
    sheet.heights[0] = Height(32)
    sheet.put(0, 0, model.title or model.name, "title")
    sheet.put(1, 0, _PURPOSE, "note")
    sheet.put(_AS_OF_ROW, 0, "As-of date", "label")
    sheet.put(_AS_OF_ROW, 1, scores.as_of, "input_date_big")
    sheet.put(
        _AS_OF_ROW, 2, "The day the scores speak of. Dates are measured from it; it never changes by itself.", "hint"
    )
    sheet.validations.append(
        Validation(_AS_OF_ROW, 1, _AS_OF_ROW, 1, "date", title="As-of date", prompt="The day the scores speak of.")
    )
    sheet.put(_AS_OF_ROW + 1, 0, "Model", "label")
    sheet.put(_AS_OF_ROW + 1, 1, f"{model.name}, version {model.version}", "text")
    row = _plan_legend(sheet, scores, cells, _AS_OF_ROW + 3)
    _plan_contents(sheet, segments, others, row + 1)
    return sheet


def _plan_legend(sheet: Sheet, scores: Scores, cells: ModelCells, row: int) -> int:
    """Plan "how to read a score", one row per band, best first; return the next free row."""
    model, last = scores.model, len(scores.model.bands) - 1
    sheet.put(row, 0, "How to read a score", "heading")
    titles = ("Band", "Signal", "From", "To", "Outlook", "What it means", "What to do", "How fast")
    for col, title in enumerate(titles):
        sheet.put(row + 1, col, title, "header")
    row += 2
    for number in range(last, -1, -1):
        band = model.bands[number]
        style = f"band_{band.color}"
        start = cells.address("Bands", "From", number)
        if number < last:
            top = Formula(
                formula("band_to", next=cells.address("Bands", "From", number + 1)), model.bands[number + 1].start - 1
            )
        else:
            top = Formula("100", 100)
        name, sign = (
            formula("linked_text", cell=cells.address("Bands", title, number)) for title in ("Band", "Symbol")
        )
        sheet.put(row, 0, Formula(name, band.name), style)
        sheet.put(row, 1, Formula(sign, band.sign), style)
        sheet.put(row, 2, Formula(start, band.start), f"{style}_number")
        sheet.put(row, 3, top if number < last else 100, f"{style}_number")
        for col, what in enumerate(("Outlook", "Meaning", "Action", "Respond within"), start=4):
            line = cells.address("Texts", "Text", cells.text_row("Band", band.name, what))
            value = str(getattr(band, what.lower().replace(" ", "_")))
            sheet.put(row, col, Formula(formula("linked_text", cell=line), value), "wrapped")
        longest = max(len(band.meaning), len(band.action))
        sheet.heights[row] = Height(max(20.0, 15.0 * -(-longest // 42)))
        row += 1
    sheet.put(row, 0, UNSCORED, "band_grey")
    sheet.put(row, 1, UNSCORED_SYMBOL, "band_grey")
    for col in (2, 3):
        sheet.put(row, col, None, "band_grey")
    sheet.put(row, 4, "Unknown", "wrapped")
    sheet.put(row, 5, "Too little of the score's weight has data. Not red, not green: nobody knows.", "wrapped")
    sheet.put(row, 6, model.unscored_action, "wrapped")
    sheet.put(row, 7, None, "wrapped")
    sheet.heights[row] = Height(max(32.0, 15.0 * -(-len(model.unscored_action) // 42)))
    return row + 1


def _plan_contents(
    sheet: Sheet, segments: Sequence[SegmentPlan], others: Sequence[tuple[Sheet, str]], row: int
) -> None:
    sheet.put(row, 0, "What is where", "heading")
    for title, col in (("Sheet", 0), ("Accounts", 1), ("Mean score", 2)):
        sheet.put(row + 1, col, title, "header")
    row += 2
    for plan in segments:
        sheet.put(row, 0, Link(plan.sheet.place(0, 0), plan.sheet.name), "link")
        at = plan.sheet.place(1, 1), plan.sheet.place(1, 2)
        values = [
            item.value.value
            for item in plan.sheet.cells
            if item.row == 1 and item.col in (1, 2) and isinstance(item.value, Formula)
        ]
        sheet.put(row, 1, Formula(at[0], values[0]), "figure_plain")
        sheet.put(row, 2, Formula(at[1], values[1]), "figure_plain_points")
        row += 1
    for other, purpose in others:
        sheet.put(row, 0, Link(other.place(0, 0), other.name), "link")
        sheet.put(row, 1, purpose, "hint")
        row += 1
