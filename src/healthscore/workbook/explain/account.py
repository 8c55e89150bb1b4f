"""The top of `Explain`: the cell to choose an account in, its facts, and behind the page where it stands."""

from __future__ import annotations

from healthscore.formula import formula
from healthscore.workbook.explain.page import (
    BEHIND,
    CHART,
    CHOICE,
    CHOSEN_KEY,
    DIMENSION,
    FACTS,
    FIELDS,
    HEAD,
    METRIC,
    PEER_VALUE,
    POINTS,
    Page,
    shown,
)
from healthscore.workbook.plan import Formula, Height, Scalar, Validation, area
from healthscore.workbook.segment.formulas import AS_OF

#: Column of the account's signal in the line of facts.
SIGNAL = PEER_VALUE
_LOOK = (
    "Choose an account in the blue cell and see why it has its score. Type values under Try and see the score that they "
    "would give."
)


def plan_choice(page: Page) -> None:
    """Plan title, the cell to choose in and a line of facts about the account."""
    canvas, listed, chosen = page.canvas, page.ground.listed, page.chosen
    sheet = canvas.sheet
    canvas.put(0, METRIC, "Explain", "title")
    canvas.put(1, METRIC, Formula(AS_OF, page.ground.scores.as_of), "as_of")
    canvas.put(1, DIMENSION, _LOOK, "note")
    sheet.heights |= {0: Height(30), 1: Height(20), CHOICE: Height(24), FACTS + 1: Height(32)}
    choice = canvas.put(CHOICE, METRIC, "" if chosen is None else str(listed.label[chosen.number]), "input_account")
    canvas.put(CHOICE, BEHIND, CHOSEN_KEY, "strip_key")
    sheet.validations.append(
        Validation(
            CHOICE,
            METRIC,
            CHOICE,
            METRIC,
            "list",
            "AllChoices",
            title="Account",
            prompt="Choose an account. What is tried below stays until you delete it.",
        )
    )
    place = "" if chosen is None else int(listed.places[chosen.number])
    text = formula("explain_place", chosen=choice, labels="AllLabels", places="AllPlaces")
    canvas.put(FACTS, BEHIND, Formula(text, place), "small")
    for col in range(DIMENSION, POINTS):  # room for a long name
        canvas.put(CHOICE, col, None, "input_account")
    hint = "" if chosen is not None else "Choose an account from the list in the blue cell."
    canvas.put(CHOICE + 1, METRIC, Formula(formula("explain_hint", chosen=choice, place=page.place), hint), "hint")
    _plan_facts(page)


def _plan_facts(page: Page) -> None:
    canvas, listed = page.canvas, page.ground.listed
    facts = (
        ("Segment", "AllSegments", listed.segment, "text"),
        ("Owner", "AllOwners", listed.owner, "text"),
        ("Value", "AllValues", listed.value, "short"),
        ("Renewal", "AllRenewals", listed.renewal, "date"),
        ("Signal", "", None, "signal"),
        ("Score", "AllScores", listed.score, "score"),
        ("Change", "AllChanges", listed.change, "signed"),
        ("Coverage", "AllCoverages", listed.coverage, "percent"),
    )
    heads = {"short": "_number", "percent": "_number", "text": ""}
    for col, (title, column, values, style) in enumerate(facts, start=METRIC):
        canvas.put(FACTS, col, title, f"dash_head{heads.get(style, '_centre')}")
        if values is None:
            text = formula("signal_at_place", place=page.place, symbols="AllSignals", bands="AllBands")
            value: Scalar = signal(page)
        else:
            text = formula("at_place", place=page.place, column=column)
            value = "" if page.chosen is None else shown(values[page.chosen.number])
        canvas.put(FACTS + 1, col, Formula(text, value), "dash_wrapped" if style == "text" else f"dash_{style}")
    action = "" if page.chosen is None else str(listed.action[page.chosen.number])
    canvas.put(FACTS, CHART, "Next action", "dash_head")
    text = formula("at_place", place=page.place, column="AllActions")
    canvas.put(FACTS + 1, CHART, Formula(text, action), "dash_wrapped")


def signal(page: Page) -> Scalar:
    """Return symbol and band of the account."""
    if page.chosen is None:
        return ""
    listed, number = page.ground.listed, page.chosen.number
    return f"{listed.signal[number]} {listed.band[number]}"


def plan_behind(page: Page) -> None:
    """Plan behind the page which segment the account is in, its row there, and the heads of the fetched columns."""
    canvas, chosen, listed = page.canvas, page.chosen, page.ground.listed
    starts = [int(start) + 1 for start in listed.starts[:-1]]
    canvas.put(HEAD, page.side, "Segment", "small")
    canvas.put(HEAD, page.side + 1, "First line in List", "small")
    for number, (plan, start) in enumerate(zip(page.segments, starts, strict=True)):
        canvas.put(page.full + number, page.side, Formula(plan.sheet.place(0, 0), plan.name), "small")
        canvas.put(page.full + number, page.side + 1, start, "small")
    begins = area(page.full, page.side + 1, page.full + len(starts) - 1, page.side + 1)
    text = formula("explain_segment", place=page.place, starts=begins)
    canvas.put(FACTS + 1, BEHIND, Formula(text, "" if chosen is None else chosen.segment + 1), "small")
    text = formula("at_place", place=page.place, column="AllRows")
    canvas.put(FACTS + 2, BEHIND, Formula(text, "" if chosen is None else chosen.position), "small")
    for row, title in enumerate(("Place in List", "Number of its segment", "Row in its table"), start=FACTS):
        canvas.put(row, BEHIND + 1, title, "small")
    for field in FIELDS:
        canvas.put(HEAD - 1, page.col(field), field, "small")
        for number in range(len(page.segments)):
            canvas.put(HEAD, page.col(field, number), number + 1, "small")
