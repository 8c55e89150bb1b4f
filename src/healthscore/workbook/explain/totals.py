"""From points to the score: coverage, base, cap, calculated, override, score, band and grade, as it is and in the trial."""

from __future__ import annotations

from healthscore.formula import formula
from healthscore.workbook.dashboard.rankings import light_up
from healthscore.workbook.explain.account import SIGNAL, signal
from healthscore.workbook.explain.page import (
    BAND,
    BASE,
    BEHIND,
    CALCULATED,
    CAP,
    COVERAGE,
    FACTS,
    GRADE,
    LEFT,
    LOST,
    METRIC,
    NOTE,
    OVERRIDE,
    SCORE,
    SHARE,
    THEN_LEFT,
    THEN_LOST,
    THEN_POINTS,
    TRY,
    Page,
    on_sheet,
    shown,
)
from healthscore.workbook.plan import Formula, Scalar, area, cell

_LINES = {
    COVERAGE: ("Coverage: how much of the weight has data", "dash_percent"),
    BASE: ("Base: what the metrics leave", "dash_points"),
    CAP: ("Cap: the lowest of the rules that hold, 100 for none", "dash_whole"),
    CALCULATED: ("Calculated: the base under the cap, rounded", "dash_whole"),
    OVERRIDE: ("Override: set by a person", "dash_whole"),
    SCORE: ("Score", "dash_total_whole"),
    BAND: ("Band", "dash_signal_right"),
    GRADE: ("Grade", "dash_right"),
}


def plan_totals(page: Page) -> None:
    """Plan the lines below the metrics."""
    canvas = page.canvas
    now, then = _now(page), _then(page)
    for offset, (title, style) in _LINES.items():
        line = page.totals + offset
        total = "dash_total_text" if offset == SCORE else "dash_text"
        canvas.text(line, METRIC, LEFT - METRIC, title, total)
        canvas.text(line, TRY, THEN_LEFT - TRY, None, total)
        canvas.put(line, LEFT, now.get(offset), style)
        canvas.put(line, THEN_LEFT, then.get(offset), style)
    for col, left, base in ((LOST, LEFT, now[BASE]), (THEN_LOST, THEN_LEFT, then[BASE])):
        lost = formula("explain_lost", full=cell(page.full, left), base=cell(page.totals + BASE, left))
        value = 100 - base.value if isinstance(base.value, float) else ""
        canvas.put(page.totals + BASE, col, Formula(lost, value), "dash_points")
    active = cell(page.totals + OVERRIDE, BEHIND, "$", "$")
    note = formula("explain_note", active=active)
    words = (
        "A person set this score: it stays until the override ends, whatever is tried. Then is the score without it."
    )
    is_active = page.of("override_active") == 1
    canvas.put(page.totals + NOTE, METRIC, Formula(note, words if is_active else ""), "small")
    _plan_signals(page)


def _now(page: Page) -> dict[int, Formula]:
    """Return the lines as they are, fetched from the segment's table."""
    found: dict[int, Formula] = {}
    for offset, key in ((COVERAGE, "coverage"), (BASE, "base"), (CAP, "cap"), (CALCULATED, "calculated"),
                        (SCORE, "score"), (GRADE, "grade")):  # fmt: skip
        if page.segments[0].places.has(key):
            value = page.of(key)
            cells = page.fetch(page.totals + offset, "value", key, value)
            found[offset] = Formula(page.pick(cells), value)
    active = page.of("override_active")
    cells = page.fetch(page.totals + OVERRIDE, "value", "active", active)
    at = page.canvas.put(page.totals + OVERRIDE, BEHIND, Formula(page.pick(cells), active), "small")
    text = formula("explain_override", active=at, score=cell(page.totals + SCORE, LEFT, "$", "$"))
    found[OVERRIDE] = Formula(text, page.of("score") if active == 1 else "")
    text = formula("signal_at_place", place=page.place, symbols="AllSignals", bands="AllBands")
    found[BAND] = Formula(text, signal(page))
    return found


def _then(page: Page) -> dict[int, Formula]:
    """Return the lines in the trial, by the formulas of the segments' own columns."""
    trial, top = page.trial, page.totals
    shares, points = (area(page.first, col, page.last, col) for col in (SHARE, THEN_POINTS))
    at = {offset: cell(top + offset, THEN_LEFT, "$", "$") for offset in _LINES}
    minimum = _minimum(page)
    caps = [
        {"holds": cell(page.rule_line(number), BEHIND, "$", "$"), "cap": cell(page.rule_line(number), LOST, "$", "$")}
        for number, rule in enumerate(page.model.rules)
        if rule.cap is not None
    ]
    texts = {
        COVERAGE: formula("coverage_of_points", place=page.place, shares=shares, points=points),
        BASE: formula("base", coverage=at[COVERAGE], shares=shares, points=points),
        CALCULATED: formula(
            "calculated", base=at[BASE], coverage=at[COVERAGE], minimum=minimum, cap=at[CAP] if caps else "100"
        ),
        SCORE: at[CALCULATED],
    }
    if caps:
        texts[CAP] = formula("cap", coverage=at[COVERAGE], rules=caps)
    values = {}
    if trial is not None:
        values = {COVERAGE: trial.coverage, BASE: trial.base, CAP: trial.cap, CALCULATED: trial.calculated}
        values[SCORE] = trial.calculated
    found = {offset: Formula(text, shown(values.get(offset))) for offset, text in texts.items()}
    grade: Scalar = "" if trial is None or trial.grade < 0 else page.model.grades[trial.grade].name
    cells = page.own(top + GRADE, "then", [forms["grade"] for forms in page.formulas_then], grade)
    return found | {GRADE: Formula(page.pick(cells), grade), BAND: _band_then(page)}


def _minimum(page: Page) -> str:
    """Plan the minimum coverage of the account's segment behind the page; return its cell."""
    line = page.totals + CALCULATED
    cells = [on_sheet(plan, plan.places.strip("parameter", "coverage")) for plan in page.segments]
    low: Scalar = "" if page.chosen is None else page.segments[page.chosen.segment].terms.minimum_coverage
    least = formula("explain_minimum", segment=page.segment, cells=page.own(line, "then", cells, low))
    page.canvas.put(line, BEHIND + 1, "Minimum coverage", "small")
    return page.canvas.put(line, BEHIND, Formula(least, 0 if page.chosen is None else low), "small")


# --- bands ---------------------------------------------------------------------------------------------------------


def _band_then(page: Page) -> Formula:
    trial, signals, line = page.trial, page.ground.signals, page.totals + BAND
    number: Scalar = "" if trial is None or trial.band < 0 else trial.band + 1
    cells = page.own(line, "then", [forms["band_number"] for forms in page.formulas_then], number)
    at = page.canvas.put(line, BEHIND, Formula(page.pick(cells), number), "small")
    top, col = page.full, page.side + 3
    text = formula(
        "explain_signal",
        place=page.place,
        number=at,
        unscored=cell(top + len(signals) - 1, col, "$", "$"),
        signals=area(top, col, top + len(signals) - 2, col),
    )
    shown_as = "" if trial is None else signals[trial.band].shown
    return Formula(text, shown_as)


def _plan_signals(page: Page) -> None:
    """Plan the words of the bands behind the page, and colour the cells that show one of them."""
    canvas, ground, col = page.canvas, page.ground, page.side + 3
    for number, signal_shown in enumerate(ground.signals):
        name, sign = ground.band_name(number), ground.band_sign(number)
        if isinstance(name, Formula) and isinstance(sign, Formula):
            text = formula("symbol_and_band", symbol=sign.text, band=name.text)
            canvas.put(page.full + number, col, Formula(text, signal_shown.shown), "small")
        else:
            canvas.put(page.full + number, col, signal_shown.shown, "small")
    line = page.totals + BAND
    for place in ((LEFT, line, line), (THEN_LEFT, line, line), (SIGNAL, FACTS + 1, FACTS + 1)):
        light_up(canvas, ground, (page.full, col), place)
