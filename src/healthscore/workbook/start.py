"""The `Start` sheet: what this is, whether to trust it, how to read a score, how far it has come, who agreed to it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import numpy as np

from healthscore import __version__, names
from healthscore.formula import formula
from healthscore.history import Agreed
from healthscore.model.vocabulary import UNSCORED, UNSCORED_SYMBOL, UNSEGMENTED
from healthscore.names import key
from healthscore.workbook import model_sheet
from healthscore.workbook.board import Ground, percent_text
from healthscore.workbook.checks import Checks
from healthscore.workbook.plan import (
    Column,
    Formula,
    Height,
    Highlight,
    Link,
    Sheet,
    Table,
    Validation,
    Width,
    cell,
)
from healthscore.workbook.segment.sheet import SegmentPlan

SHEET = "Start"
AGREED_TABLE = "Agreed"
_AGREED = ("Name", "Role", "Date")
_AS_OF_ROW = 3
AS_OF_PLACE = f"{SHEET}!{cell(_AS_OF_ROW, 1, '$', '$')}"
_PURPOSE = (
    "Every account, one row each, scored by live formulas. Blue cells are yours to fill in; everything else follows. "
    "To see how a score comes about, open a segment sheet and press the + above the columns on the right."
)
_WIDTHS = (28.0, 16.0, 12.0, 11.0, 11.0, 20.0, 46.0, 46.0, 18.0)
_AGREEMENTS = 6
#: Characters that fit across the page, across its four narrow columns, and across the wide ones.
_ACROSS, _NARROW, _WIDE = 190, 54, 110
_BAND_TEXTS = ("Outlook", "Meaning", "Action", "Respond within")
DONE, TO_DO = "● done", "▲ to do"


def plan_start(
    ground: Ground,
    checked: Checks,
    others: Sequence[tuple[Sheet, str]],
    agreed: Agreed | None = None,
) -> Sheet:
    """Plan the sheet from what was scored and checked, the other sheets with their purpose, and who agreed so far."""
    model = ground.model
    sheet = Sheet(SHEET, "output", active=(_AS_OF_ROW, 1), zoom=90, pages=(1, 1))
    sheet.widths = {col: Width(chars) for col, chars in enumerate(_WIDTHS)}
    sheet.heights = {0: Height(32), 2: Height(22), _AS_OF_ROW: Height(22)}
    sheet.put(0, 0, model.title or model.name, "title")
    sheet.put(1, 0, _PURPOSE, "note")
    sheet.put(2, 0, checked.verdict, "verdict")
    sheet.put(_AS_OF_ROW, 0, "As-of date", "label")
    sheet.put(_AS_OF_ROW, 1, ground.scores.as_of, "input_date_big")
    text = "The day the scores speak of. Dates are measured from it; it never changes by itself."
    sheet.put(_AS_OF_ROW, 2, text, "hint")
    sheet.validations.append(
        Validation(_AS_OF_ROW, 1, _AS_OF_ROW, 1, "date", title="As-of date", prompt="The day the scores speak of.")
    )
    sheet.put(_AS_OF_ROW + 1, 0, "Model", "label")
    text = f"{model.name}, version {model.version}; made with healthscore {__version__}"
    sheet.put(_AS_OF_ROW + 1, 1, text, "text")
    row = _plan_legend(sheet, ground, _AS_OF_ROW + 3)
    row = _plan_steps(sheet, ground, checked, row + 1)
    row = _plan_criteria(sheet, ground, row + 1)
    row = _plan_contents(sheet, ground.segments, others, row + 1)
    last = _plan_agreed(sheet, row + 1, agreed or Agreed())
    sheet.print_area = (0, 0, last, len(_WIDTHS) - 1)
    return sheet


# --- how to read a score -------------------------------------------------------------------------------------------


def _plan_legend(sheet: Sheet, ground: Ground, row: int) -> int:
    """Plan "how to read a score", one row per band, best first; return the next free row."""
    model, cells = ground.model, ground.cells
    last = len(model.bands) - 1
    sheet.put(row, 0, "How to read a score", "heading")
    titles = ("Band", "Signal", "From", "To", "Grades", "Outlook", "What it means", "What to do", "How fast")
    for col, title in enumerate(titles):
        sheet.put(row + 1, col, title, "header")
    row += 2
    for number in range(last, -1, -1):
        band = model.bands[number]
        style = f"band_{band.color}"
        end = 100.0 if number == last else math.ceil(model.bands[number + 1].start) - 1.0
        top: Formula | int = 100
        if number < last:
            top = Formula(formula("band_to", next=cells.address("Bands", "From", number + 1)), end)
        name, sign = (
            formula("linked_text", cell=cells.address("Bands", title, number)) for title in ("Band", "Symbol")
        )
        sheet.put(row, 0, Formula(name, band.name), style)
        sheet.put(row, 1, Formula(sign, band.sign), style)
        sheet.put(row, 2, Formula(cells.address("Bands", "From", number), band.start), f"{style}_number")
        sheet.put(row, 3, top, f"{style}_number")
        grades = _grades(ground, row, (band.start, end))
        sheet.put(row, 4, grades, style)
        texts = [str(getattr(band, what.lower().replace(" ", "_"))) for what in _BAND_TEXTS]
        for col, (what, text) in enumerate(zip(_BAND_TEXTS, texts, strict=True), start=5):
            line = cells.address("Texts", "Text", cells.text_row("Band", band.name, what))
            sheet.put(row, col, Formula(formula("linked_text", cell=line), text), "wrapped")
        sheet.heights[row] = Height(_height(band.name, str(grades.value), texts))
        row += 1
    for col, word in enumerate((UNSCORED, UNSCORED_SYMBOL, None, None, None)):
        sheet.put(row, col, word, "band_grey")
    meaning = "Too little of the score's weight has data. Not red, not green: nobody knows."
    unknown = ("Unknown", meaning, model.unscored_action, "")
    for col, text in enumerate(unknown, start=5):
        sheet.put(row, col, text, "wrapped")
    sheet.heights[row] = Height(_height(UNSCORED, "", unknown))
    return row + 1


def _height(name: str, grades: str, texts: Sequence[str]) -> float:
    """Return a row's height in points, enough for the longest of its texts in the width of its column."""
    shown = zip((name, grades, *texts), (_WIDTHS[0], _WIDTHS[4], *_WIDTHS[5:]), strict=True)
    return max(20.0, 15.0 * max(_lines(text, width) for text, width in shown))


def _lines(text: str, width: float) -> int:
    """Return how many lines a text takes; a line holds about as many characters as the column is wide."""
    return max(1, len(textwrap.wrap(text, max(1, int(width * 0.98)))))


def _grades(ground: Ground, row: int, band: tuple[float, float]) -> Formula:
    """Return the grades that scores of a band can have, live."""
    grades, cells = ground.model.grades, ground.cells
    given, shown = [], []
    for number, grade in enumerate(grades):
        end = band[1] if number == len(grades) - 1 else math.ceil(grades[number + 1].start) - 1
        upper = cell(row, 3, "$", "$")
        if number < len(grades) - 1:
            upper = formula("band_to", next=cells.address("Grades", "From", number + 1))
        given.append(
            {
                "name": cells.address("Grades", "Grade", number),
                "start": cells.address("Grades", "From", number),
                "end": upper,
            }
        )
        if grade.start <= band[1] and end >= band[0]:
            shown.append(grade.name)
    text = formula("grades_of_band", grades=given, first=cell(row, 2, "$", "$"), last=cell(row, 3, "$", "$"))
    return Formula(text, ", ".join(shown))


# --- how far it has come -------------------------------------------------------------------------------------------


def _plan_steps(sheet: Sheet, ground: Ground, checked: Checks, row: int) -> int:
    """Plan the five steps from data to scores, each with its live state; return the next free row."""
    sheet.put(row, 0, "The way to scores that people trust", "heading")
    _plan_heads(sheet, row + 1, ("Step", "State", "How far", None, None, None, "Where"))
    row += 2
    for number, (title, (done, is_done), shown, link) in enumerate(_steps(ground, checked), start=1):
        sheet.put(row, 0, f"{number}  {title}", "text")
        sheet.put(row, 1, Formula(formula("step_state", done=done), DONE if is_done else TO_DO), "step")
        sheet.put(row, 2, shown, "text")
        sheet.put(row, 6, link, "link")
        row += 1
    for word, style in ((DONE, "band_green"), (TO_DO, "band_yellow")):
        same = f'{cell(row - 5, 1, "", "$")}="{word}"'
        sheet.highlights.append(Highlight(row - 5, 1, row - 1, 1, same, style))
    return row


Step = tuple[str, tuple[str, bool], Formula | str, Link]


def _steps(ground: Ground, checked: Checks) -> list[Step]:
    listed, model = ground.listed, ground.model
    count, scored = len(listed), int((~np.isnan(listed.score)).sum())
    full = int((listed.coverage >= 1).sum())
    enough = float(model.minimum_coverage)
    accounts = formula("count_numbers", values="AllRows")
    covered = formula("percent_text", part=checked.covered.text)
    astray = next((plan for plan in ground.segments if plan.name == UNSEGMENTED and len(ground.segments) > 1), None)
    astray_text = "0" if astray is None else formula("count_rows", band=astray.places.whole("band"))
    without = 0 if astray is None else astray.accounts
    what = f"{len(model.metrics)} metrics in {len(model.dimensions)} dimensions"
    full_text = formula("count_full", coverages="AllCoverages")
    wrong = checked.wrong.value

    def reaches(part: Formula) -> tuple[str, bool]:
        value = part.value if isinstance(part.value, float) else 0.0
        return formula("at_least", part=part.text, enough=checked.enough.text), value >= enough

    first = ground.segments[0].sheet
    return [
        (
            "Data that can be relied on",
            reaches(checked.covered),
            Formula(
                formula("step_data", covered=covered), f"{percent_text(checked.covered.value)} of the weight has data"
            ),
            Link(checked.sheet.place(0, 0), checked.sheet.name),
        ),
        (
            "Segments",
            (f"{astray_text}=0", without == 0),
            Formula(
                formula("number_and_words", number=astray_text, words="accounts are in no segment"),
                f"{without} accounts are in no segment",
            ),
            Link(first.place(0, 0), first.name),
        ),
        (
            "Criteria and weights",
            (f"{checked.wrong.text}=0", wrong == 0),
            Formula(
                formula("step_criteria", wrong=checked.wrong.text, what=what),
                what if wrong == 0 else f"{wrong} wrong, see Checks",
            ),
            Link(f"'{model_sheet.SHEET}'!A1", model_sheet.SHEET),
        ),
        (
            "Data filled in",
            (f"{full_text}={accounts}", full == count),
            Formula(
                formula("step_filled", full=full_text, accounts=accounts),
                f"{full} of {count} accounts have all their data",
            ),
            Link(first.place(0, 0), first.name),
        ),
        (
            "Scored",
            reaches(checked.scored),
            Formula(
                formula("step_scored", scored=formula("count_numbers", values="AllScores"), accounts=accounts),
                f"{scored} of {count} accounts have a score",
            ),
            Link("'Dashboard'!A1", "Dashboard"),
        ),
    ]


# --- what success means --------------------------------------------------------------------------------------------


def _plan_criteria(sheet: Sheet, ground: Ground, row: int) -> int:
    """Plan the success criteria: whether each counts, what it means, which metrics speak for it."""
    sheet.put(row, 0, "What success means here", "heading")
    model = ground.model
    if not model.criteria:
        lines = textwrap.wrap(model.about, _ACROSS) or ["The model names no success criteria."]
        for number, line in enumerate(lines, start=1):
            sheet.put(row + number, 0, line, "text")
        return row + 1 + len(lines)
    _plan_heads(sheet, row + 1, ("Criterion", "Switch", "Measured by", None, None, None, "What it means", None, None))
    row += 2
    for number, criterion in enumerate(model.criteria):
        first = row
        measures = [
            metric.name for metric in model.metrics if metric.criterion and key(metric.criterion) == key(criterion.name)
        ]
        switch = formula("linked_text", cell=ground.cells.address("Criteria", "Switch", number))
        sheet.put(row, 0, criterion.name, "text")
        sheet.put(row, 1, Formula(switch, "On" if criterion.on else "Off"), "text")
        for col, text, across in ((2, ", ".join(measures), _NARROW), (6, criterion.about, _WIDE)):
            for more, line in enumerate(textwrap.wrap(text, across)):
                sheet.put(first + more, col, line, "text")
                row = max(row, first + more)
        row += 1
    return row


# --- where everything is, and who agreed ---------------------------------------------------------------------------


def _plan_contents(sheet: Sheet, segments: Sequence[SegmentPlan], others: Sequence[tuple[Sheet, str]], row: int) -> int:
    sheet.put(row, 0, "What is where", "heading")
    for title, col, style in (
        ("Sheet", 0, "header"),
        ("Accounts", 1, "header_right"),
        ("Mean score", 2, "header_right"),
    ):
        sheet.put(row + 1, col, title, style)
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
    return row


def _plan_heads(sheet: Sheet, row: int, titles: Sequence[str | None]) -> None:
    """Put column heads; one without a title goes on with the head before it."""
    for col, title in enumerate(titles):
        goes_on = col + 1 < len(titles) and titles[col + 1] is None
        sheet.put(row, col, title, "header_span" if title is None or goes_on else "header")


def _plan_agreed(sheet: Sheet, row: int, agreed: Agreed) -> int:
    """Plan the table of who agreed to this scorecard: filled in by people; return the last row.

    What people filled in comes first, with columns that they added or renamed, then room for more.
    """
    sheet.put(row, 0, "Who agreed to this scorecard", "heading")
    sheet.put(row, 2, "One line each: it counts once these people stand behind it.", "hint")
    headers = agreed.headers if len(agreed.headers) >= len(_AGREED) else _AGREED
    count = max(_AGREEMENTS, len(agreed.lines) + 2)
    lines = [*agreed.lines, *[(None,) * len(headers)] * (count - len(agreed.lines))]
    columns = tuple(
        Column(
            title,
            [line[number] for line in lines],
            "input_date" if number == _AGREED.index("Date") else "input_text",
            header_style="header_input",
        )
        for number, title in enumerate(names.unique([names.header(title) or "Column" for title in headers]))
    )
    sheet.tables.append(Table(AGREED_TABLE, row + 1, 0, columns, count, filter=False))
    sheet.validations.append(
        Validation(row + 2, 2, row + 1 + count, 2, "date", title="Date", prompt="The day they agreed.")
    )
    return row + 1 + count
