"""The `Team` sheet: what each owner looks after, and what to do this week.

Owners are taken from the accounts when the workbook is built; whoever is added later is counted in the last line.
"""

from __future__ import annotations

import numpy as np

from healthscore.formula import formula
from healthscore.scoring.values import serial
from healthscore.workbook.board import Canvas, Ground, Value, same, total
from healthscore.workbook.dashboard.rankings import light_up, shown_values
from healthscore.workbook.dashboard.tables import band_heads
from healthscore.workbook.plan import Chart, Formula, Height, Scalar, Series, Sheet, Width, cell
from healthscore.workbook.segment.formulas import AS_OF
from healthscore.workbook.styles import CHART_COLORS

SHEET = "Team"
#: So many owners get a line and a worklist, those with the most value; so many accounts each.
OWNERS, WORK = 40, 5
DAYS = 90
_UNIT, _WIDE = 11.3, 80.0
_HEAD = 4
_ROW = 20  # pixels

#: Columns of the worklist after the owner: title, columns taken, name of the list's column, style.
_WORKLIST = (
    ("Account", 3, "AllAccounts", "text_next"),
    ("Segment", 2, "AllSegments", "text_next"),
    ("Value", 1, "AllValues", "short"),
    ("Score", 1, "AllScores", "score"),
    ("Signal", 1, "", "signal"),
    ("Change", 1, "AllChanges", "signed"),
    ("Renewal", 1, "AllRenewals", "date"),
    ("Biggest drag", 2, "AllDrags", "text_next"),
)


class _Team:
    """The sheet while it is planned."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.signals = ground, ground.signals
        self.canvas = Canvas(Sheet(SHEET, "output", zoom=80, freeze=(_HEAD, 0)))
        self.sheet = self.canvas.sheet
        #: Bands whose renewals are worth a column: all but the best, unless there is one only.
        self.risky = list(range(max(1, len(self.signals) - 2)))
        self.figures = 3
        self.first_band = 2 + self.figures + 1
        self.first_renewal = self.first_band + len(self.signals) + 1
        self.wide = max(15, self.first_renewal + len(self.risky))
        self.behind = self.wide + 2
        listed = ground.listed
        worth: dict[str, float] = {}
        spelled: dict[str, str] = {}
        for owner, value in zip(listed.owner, listed.weight, strict=True):
            if owner:
                worth[owner.lower()] = worth.get(owner.lower(), 0.0) + value
                spelled.setdefault(owner.lower(), owner)
        order = sorted(worth, key=lambda name: (-worth[name], name))[:OWNERS]
        self.owners = [spelled[name] for name in order]
        self.masks = [same(listed.owner, owner) for owner in self.owners]

    def plan(self) -> Sheet:
        """Plan title, summary, worklists."""
        canvas = self.canvas
        canvas.put(0, 1, "Team", "title")
        canvas.put(1, 1, "As of", "label")
        canvas.put(1, 2, Formula(AS_OF, self.ground.scores.as_of), "as_of_day")
        canvas.put(1, 4, "What each owner looks after, and what to do this week", "note")
        self.sheet.heights[0] = Height(30)
        row = self._plan_summary()
        last = self._plan_worklists(row + 2)
        self.sheet.print_area = (0, 0, last, self.wide)
        widths = {0: 2.0, self.wide: _WIDE, self.wide + 1: 4.0}
        self.sheet.widths = {
            col: Width(widths.get(col, _UNIT), level=int(col > self.wide)) for col in range(self.behind + 4)
        }
        return self.sheet

    # --- summary ---------------------------------------------------------------------------------------------------

    def _plan_summary(self) -> int:
        canvas, head = self.canvas, _HEAD
        canvas.put(head - 1, self.behind + 1, "Days ahead", "small")
        days = canvas.put(head - 1, self.behind, DAYS, "small")
        note = Formula(formula("value_within_days", days=days), f"Value that renews within {DAYS} days")
        canvas.put(head - 1, self.first_renewal, note, "small")
        canvas.put(head - 1, self.first_band, "Accounts by band", "small")
        titles: list[tuple[Value, int, str]] = [
            ("Owner", 2, "dash_head"),
            ("Accounts", 1, "dash_head_number"),
            ("Value", 1, "dash_head_number"),
            ("Mean score", 1, "dash_head_number"),
        ]
        heads = band_heads(self.ground)
        worst: Value = Formula(
            formula("words_and_number", words="Value in", number=_text(self.ground.band_name(0))),
            f"Value in {self.signals[0].name}",
        )
        canvas.heads(head, 1, [*titles, *heads, (worst, 1, "dash_head_number"), *[heads[at] for at in self.risky]])
        self.sheet.heights[head] = Height(28)
        for number, (owner, mine) in enumerate(zip(self.owners, self.masks, strict=True)):
            line = head + 1 + number
            canvas.text(line, 1, 2, owner)
            self._plan_line(line, mine, self._owner_texts(line, days), "")
        last = head + len(self.owners)
        rest = ~np.any(self.masks, axis=0) if self.masks else np.ones(len(self.ground.listed), dtype=bool)
        wholes = self._whole_texts(days)
        canvas.text(last + 1, 1, 2, "Other or none")
        rests = {
            col: formula("rest_of", whole=text, parts=f"{cell(head + 1, col)}:{cell(last, col)}")
            if self.owners
            else text
            for col, text in wholes.items()
        }
        self._plan_line(last + 1, rest, rests, "")
        canvas.text(last + 2, 1, 2, "All", "dash_total_text")
        self._plan_line(last + 2, np.ones(len(self.ground.listed), dtype=bool), wholes, "total_")
        if self.owners:
            self._plan_chart(head, last)
        return last + 2

    def _owner_texts(self, line: int, days: str) -> dict[int, str]:
        asked = {"groups": "AllOwners", "group": cell(line, 1, "", "$")}
        texts = {
            3: formula("group_count", **asked),
            4: formula("group_value", **asked, values="AllValues"),
            self.behind: formula("group_numbers", **asked, numbers="AllScores"),
            self.behind + 1: formula("group_value", **asked, values="AllScores"),
        }
        for number in range(len(self.signals)):
            band = self._band(number)
            texts[self.first_band + number] = formula("group_count_band", **asked, bands="AllBands", band=band)
        texts[self.first_renewal - 1] = formula(
            "group_value_band", **asked, bands="AllBands", band=self._band(0), values="AllValues"
        )
        for number in self.risky:
            texts[self.first_renewal + number] = formula(
                "group_renewals",
                **asked,
                bands="AllBands",
                band=self._band(number),
                dates="AllRenewals",
                as_of=AS_OF,
                days=days,
                values="AllValues",
            )
        return texts

    def _whole_texts(self, days: str) -> dict[int, str]:
        texts = {
            3: formula("count_numbers", values="AllRows"),
            4: formula("sum_of", cells="AllValues"),
            self.behind: formula("count_numbers", values="AllScores"),
            self.behind + 1: formula("sum_of", cells="AllScores"),
        }
        for number in range(len(self.signals)):
            texts[self.first_band + number] = formula("count_band", bands="AllBands", band=self._band(number))
        texts[self.first_renewal - 1] = formula(
            "value_of_band", bands="AllBands", band=self._band(0), values="AllValues"
        )
        for number in self.risky:
            texts[self.first_renewal + number] = formula(
                "band_renewals",
                bands="AllBands",
                band=self._band(number),
                dates="AllRenewals",
                as_of=AS_OF,
                days=days,
                values="AllValues",
            )
        return texts

    def _band(self, number: int) -> str:
        return cell(_HEAD, self.first_band + number, "$", "$")

    def _plan_line(self, line: int, mine: np.ndarray, texts: dict[int, str], kind: str) -> None:
        listed, as_of = self.ground.listed, serial(self.ground.scores.as_of)
        scores = listed.score[mine]
        due = (listed.renewal >= as_of) & (listed.renewal <= as_of + DAYS)
        in_band = [listed.band == signal.name for signal in self.signals]
        scored, summed = int((~np.isnan(scores)).sum()), total(scores)
        values: dict[int, tuple[Scalar, str]] = {
            3: (int(mine.sum()), "whole"),
            4: (round(total(listed.weight[mine]), 6), "short"),
            self.behind: (scored, "whole"),
            self.behind + 1: (summed, "whole"),
            self.first_renewal - 1: (round(total(listed.weight[mine & in_band[0]]), 6), "short"),
        }
        for number, own in enumerate(in_band):
            values[self.first_band + number] = (int((mine & own).sum()), "whole")
        for number in self.risky:
            worth = round(total(listed.weight[mine & in_band[number] & due]), 6)
            values[self.first_renewal + number] = (worth, "short")
        for col, (value, style) in values.items():
            shown = "small" if col >= self.behind else f"dash_{kind}{style}"
            self.canvas.put(line, col, Formula(texts[col], value), shown)
        mean = formula("mean_of_sum", count=cell(line, self.behind), sum=cell(line, self.behind + 1))
        self.canvas.put(line, 5, Formula(mean, summed / scored if scored else ""), f"dash_{kind}points")

    def _plan_chart(self, head: int, last: int) -> None:
        series = tuple(
            Series(
                self.canvas.place(head, self.first_band + number, head, self.first_band + number),
                self.canvas.place(head + 1, 1, last, 1),
                self.canvas.place(head + 1, self.first_band + number, last, self.first_band + number),
                CHART_COLORS[signal.color],
            )
            for number, signal in enumerate(self.signals)
        )
        alt = "Stacked bars, one per owner: how many accounts are in each band."
        size = (540, max(9, last - head + 4) * _ROW)
        self.sheet.charts.append(Chart(head - 1, self.wide, "bar", "Accounts by owner and band", alt, series, size))

    # --- worklists -------------------------------------------------------------------------------------------------

    def _plan_worklists(self, row: int) -> int:
        row = max(row, _HEAD + 9)
        canvas = self.canvas
        canvas.heading(row, 1, "This week")
        hint = (
            f"Of each owner the {WORK} accounts where attention pays most: value × the part of the score that is lost"
        )
        canvas.put(row, 3, hint, "small")
        head = row + 1
        centred = dict.fromkeys(("score", "signal", "signed", "date"), "dash_head_centre")
        styles = {"short": "dash_head_number", "text_next": "dash_head_next", **centred}
        heads: list[tuple[Value, int, str]] = [("Owner", 2, "dash_head")]
        heads += [(title, span, styles.get(style, "dash_head")) for title, span, _, style in _WORKLIST]
        canvas.heads(head, 1, heads)
        canvas.put(head, self.wide, "Next action", "dash_head_next")
        for offset, title in enumerate(("Rank", "Amount", "Place")):
            canvas.put(head, self.behind + offset, title, "small")
        self._plan_signals()
        for number, mine in enumerate(self.masks):
            self._plan_worklist(head + 1 + number * WORK, number, mine)
        last = head + len(self.owners) * WORK
        signal = 3 + sum(span for _, span, _, _ in _WORKLIST[:4])
        if self.owners:
            light_up(canvas, self.ground, (_HEAD, self.behind + 3), (signal, head + 1, last))
        return last

    def _plan_signals(self) -> None:
        for number, signal in enumerate(self.signals):
            name, sign = _text(self.ground.band_name(number)), _text(self.ground.band_sign(number))
            text = formula("symbol_and_band", symbol=sign, band=name)
            self.canvas.put(_HEAD + number, self.behind + 3, Formula(text, signal.shown), "small")

    def _plan_worklist(self, row: int, number: int, mine: np.ndarray) -> None:
        listed, canvas = self.ground.listed, self.canvas
        candidates = np.flatnonzero(mine & (listed.priority > 0))
        order = candidates[np.argsort(-listed.priority[candidates], kind="stable")][:WORK]
        values = shown_values(self.ground)
        for rank in range(WORK):
            line, chosen = row + rank, int(order[rank]) if rank < len(order) else None
            group = cell(_HEAD + 1 + number, 1, "$", "$")
            place = self._plan_place(line, rank, group, chosen)
            owner = "" if chosen is None else self.owners[number]
            canvas.text(line, 1, 2, Formula(formula("while_placed", place=place, text=group), owner))
            col = 3
            for _, span, column, style in _WORKLIST:
                shown = "" if chosen is None else values[column or "Signal"][chosen]
                shown = shown if isinstance(shown, str) or shown == shown else ""  # noqa: PLR0124 (NaN)
                if column:
                    text = formula("at_place", place=place, column=column)
                else:
                    text = formula("signal_at_place", place=place, symbols="AllSignals", bands="AllBands")
                canvas.text(line, col, span, Formula(text, shown), f"dash_{style}")
                col += span
            action = "" if chosen is None else values["AllActions"][chosen]
            text = formula("at_place", place=place, column="AllActions")
            canvas.put(line, self.wide, Formula(text, action), "dash_text_next")

    def _plan_place(self, line: int, rank: int, group: str, chosen: int | None) -> str:
        """Plan rank, amount and place behind the page; return the place's address."""
        canvas, listed = self.canvas, self.ground.listed
        ranks = canvas.put(line, self.behind, rank + 1, "small")
        asked = {"groups": "AllOwners", "group": group, "numbers": "AllPriorities", "rank": ranks}
        amount = "" if chosen is None else float(listed.priority[chosen])
        at = canvas.put(line, self.behind + 1, Formula(formula("nth_of_group", **asked), amount), "small")
        text = formula(
            "place_in_group",
            **asked,
            amount=at,
            above=cell(line - 1, self.behind + 1),
            place_above=cell(line - 1, self.behind + 2),
            places="AllPlaces",
        )
        place = "" if chosen is None else int(listed.places[chosen])
        return canvas.put(line, self.behind + 2, Formula(text, place), "small")


def _text(value: Formula | str) -> str:
    """Return a cell's content as part of another formula."""
    return value.text if isinstance(value, Formula) else f'"{value}"'


def plan_team(ground: Ground) -> Sheet:
    """Plan the sheet."""
    return _Team(ground).plan()
