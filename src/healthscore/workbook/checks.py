"""The `Checks` sheet: can the scores be trusted? One line says so, every check stands below it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from healthscore.accounts import Accounts
from healthscore.findings import Finding
from healthscore.formula import formula
from healthscore.workbook.board import Canvas, Ground, mean, part, percent_text
from healthscore.workbook.checks_lines import LOOK, WRONG, Counts, Line, Part
from healthscore.workbook.plan import Column, Formula, Height, Highlight, Scalar, Sheet, Table, Width, area, cell

SHEET = "Checks"
FINDINGS_TABLE = "Findings"
#: Columns: title, state, count of all, part or advice, then one per segment.
_STATE, _ALL, _ADVICE, _SEGMENTS = 1, 2, 3, 4
_VERDICT, _DATA, _HEAD = 1, 3, 8
#: Up to so many accounts every id is compared with every other, live: about a second's work. Four times as many take a
#: hundred times as long, so whoever has more raises the number on the sheet when it is worth the wait.
_COMPARED = 5000
FINE, UNCHECKED = "● fine", "– not checked"


class Checks:
    """The planned sheet, and what other sheets repeat of it.

    `verdict` is the line that says whether the scores can be trusted; `wrong` counts what is wrong; `covered` and
    `scored` are the parts of the weight with data and of the accounts with a score, `enough` what is asked of both.
    """

    def __init__(self, ground: Ground, accounts: Accounts) -> None:
        self.ground, self.counts = ground, Counts(ground, accounts)
        self.sheet = Sheet(SHEET, "output", freeze=(_HEAD + 1, 1))
        self.canvas = Canvas(self.sheet)
        self.states: list[str] = []
        self.words: list[str] = []
        findings = accounts.findings
        parts = {
            "Values too old to count": (LOOK, "Ask for a fresh one; until then they count as missing.", [*self.counts.stale()]),
            "Values outside the plausible range": (LOOK, "Look whether the unit is right; the range stands on Model.",
                                                   [*self.counts.implausible()]),
            "Inputs that cannot be used": (LOOK, "Texts among numbers, unknown choices: marked on the segment sheets.",
                                           [*self.counts.unusable()]),
            "Dates in the future": (LOOK, "Something that happened cannot lie ahead: correct the date.",
                                    [*self.counts.ahead()]),
        }  # fmt: skip
        lines = self.counts.lines()
        blocks = _HEAD + 1 + len(lines) + len(parts) + 3
        starts = self._plan_blocks(blocks + 1, {title: given[2] for title, given in parts.items()})
        row = self._plan_heads()
        for line in lines[:4]:
            row = self._plan_line(row, line)
        for title, (found, advice, given) in parts.items():
            row = self._plan_sum(row, Line(title, found, advice), starts[title], given)
        for line in lines[4:]:
            row = self._plan_line(row, line)
        row = self._plan_whole(row, findings, starts["accounts"][0])
        self._plan_findings(findings, starts["end"][0] + 1)
        self.verdict = self._plan_verdict(starts["accounts"][0])
        self._plan_layout()

    # --- the checks ------------------------------------------------------------------------------------------------

    def _plan_heads(self) -> int:
        sheet = self.sheet
        sheet.put(0, 0, "Checks", "title")
        heads = (("Check", ""), ("State", "_next"), ("Found", "_number"), ("What it means, what to do", "_next"))
        for col, (title, kind) in enumerate(heads):
            sheet.put(_HEAD, col, title, f"dash_head{kind}")
        self._segment_heads(_HEAD)
        return _HEAD + 1

    def _segment_heads(self, row: int) -> None:
        for number, plan in enumerate(self.ground.segments):
            self.sheet.put(row, _SEGMENTS + number, Formula(plan.sheet.place(0, 0), plan.name), "dash_head_number")

    def _plan_line(self, row: int, line: Line) -> int:
        assert line.count is not None
        values = [line.count(plan) for plan in self.ground.segments]
        return self._plan_counts(row, line, values)

    def _plan_sum(self, row: int, line: Line, rows: tuple[int, int], parts: Sequence[Part]) -> int:
        """Plan a check whose counts stand below, metric by metric."""
        values = []
        for number, plan in enumerate(self.ground.segments):
            col = _SEGMENTS + number
            found = sum(_whole(part.count(plan)) for part in parts)
            cells = f"{cell(rows[0], col)}:{cell(rows[1], col)}"
            values.append(Formula(formula("sum_of", cells=cells), found))
        return self._plan_counts(row, line, values)

    def _plan_counts(self, row: int, line: Line, values: Sequence[Formula]) -> int:
        last = _SEGMENTS + len(values) - 1
        whole = Formula(formula("sum_of", cells=area(row, _SEGMENTS, row, last)), sum(map(_whole, values)))
        self._plan_state(row, line, whole)
        for col, value in enumerate(values, start=_SEGMENTS):
            self.sheet.put(row, col, value, "dash_whole")
        return row + 1

    def _plan_state(self, row: int, line: Line, whole: Formula) -> None:
        count = cell(row, _ALL, "$", "$")
        word = UNCHECKED if whole.value == "" else FINE if whole.value == 0 else line.found
        self.sheet.put(row, 0, line.title, "dash_text")
        state = formula("check_state", count=count, found=line.found)
        self.sheet.put(row, _STATE, Formula(state, word), "dash_state")
        self.sheet.put(row, _ALL, whole, "dash_whole")
        self.sheet.put(row, _ADVICE, line.advice, "dash_text_next")
        self.states.append(cell(row, _STATE, "$", "$"))
        self.words.append(word)

    def _plan_whole(self, row: int, findings: Sequence[Finding], accounts: int) -> int:
        """Plan the checks that concern the book as a whole."""
        listed = self.ground.listed
        ids = [text.lower() for text in listed.id if text]
        repeated = len(ids) - len(set(ids)) if len(listed.id) <= _COMPARED else ""
        limit = cell(_DATA + 3, _ALL, "$", "$")
        text = formula("duplicate_ids", rows="AllRows", limit=limit, ids="AllIds", places="AllPlaces")
        advice = "An id belongs to one account. In a larger book, raise the number above."
        self._plan_state(row, Line("Ids that stand there twice", LOOK, advice), Formula(text, repeated))
        text = formula("beyond_list", accounts=cell(accounts, _ALL), rows="AllRows")
        advice = "More rows were added than List has to spare: refresh the workbook."
        self._plan_state(row + 1, Line("Accounts missing from List", WRONG, advice), Formula(text, 0))
        loud = sum(finding.severity != "note" for finding in findings)
        text = formula("warnings_of_import", severities=f"{FINDINGS_TABLE}[[Severity]]") if findings else "0"
        advice = "They are listed at the end of this sheet."
        self._plan_state(row + 2, Line("Warnings of the import", LOOK, advice), Formula(text, loud))
        return row + 3

    # --- metric by metric ------------------------------------------------------------------------------------------

    def _plan_blocks(self, row: int, parts: dict[str, Sequence[Part]]) -> dict[str, tuple[int, int]]:
        """Plan the counts by metric; return the first and last row of each block."""
        starts = {}
        row = self._block_head(row + 1, "Accounts with a value, metric by metric")
        starts["accounts"] = (row, row)
        accounts = [
            Formula(formula("count_rows", band=plan.places.whole("band")), plan.accounts)
            for plan in self.ground.segments
        ]
        self._plan_metric(row, "Accounts", accounts)
        first = row
        for metric in self.ground.model.metrics:
            row += 1
            self._plan_metric(
                row, metric.name, [self.counts.filled(metric, plan) for plan in self.ground.segments], first
            )
        for title, given in parts.items():
            if not given:
                # A sum over the blank line below the last block: nothing to count.
                starts[title] = (row + 1, row + 1)
                continue
            row = self._block_head(row + 3, title)
            starts[title] = (row, row + len(given) - 1)
            for one in given:
                self._plan_metric(row, one.title, [one.count(plan) for plan in self.ground.segments])
                row += 1
            row -= 1
        starts["end"] = (row + 2, row + 2)
        return starts

    def _block_head(self, row: int, title: str) -> int:
        self.sheet.put(row - 1, 0, title, "heading")
        for col, (name, kind) in enumerate((("Metric", ""), ("Part", "_number"), ("All", "_number"), (None, ""))):
            self.sheet.put(row, col, name, f"dash_head{kind}")
        self._segment_heads(row)
        return row + 1

    def _plan_metric(self, row: int, title: str, values: Sequence[Formula], accounts: int | None = None) -> None:
        last = _SEGMENTS + len(values) - 1
        whole = sum(map(_whole, values))
        self.sheet.put(row, 0, title, "dash_text")
        self.sheet.put(
            row, _ALL, Formula(formula("sum_of", cells=area(row, _SEGMENTS, row, last)), whole), "dash_whole"
        )
        if accounts is not None:
            text = formula("filled_part", accounts=cell(accounts, _ALL, "$", "$"), filled=cell(row, _ALL))
            count = len(self.ground.listed)
            self.sheet.put(row, _STATE, Formula(text, whole / count if count else ""), "dash_percent")
        else:
            self.sheet.put(row, _STATE, None, "dash_text")
        self.sheet.put(row, _ADVICE, None, "dash_text")
        for col, value in enumerate(values, start=_SEGMENTS):
            self.sheet.put(row, col, value, "dash_whole")

    # --- the verdict -----------------------------------------------------------------------------------------------

    def _plan_verdict(self, accounts: int) -> Formula:
        ground, listed = self.ground, self.ground.listed
        line = ground.cells.line("Settings", "Minimum coverage")
        count, scored = len(listed), int((~np.isnan(listed.score)).sum())
        covered, part_scored = mean(listed.coverage), part(scored, count)
        data: list[tuple[str, Formula | float, str]] = [
            ("Weight that has data", Formula(formula("mean_of", numbers="AllCoverages"), covered), "percent"),
            (
                "Accounts with a score",
                Formula(formula("part_of_whole", part="COUNT(AllScores)", whole="COUNT(AllRows)"), part_scored),
                "percent",
            ),
            (
                "Enough from (Model: minimum coverage)",
                Formula(ground.cells.address("Settings", "Value", line), ground.model.minimum_coverage),
                "percent",
            ),
            ("Ids are compared up to so many accounts", float(_COMPARED), "input_whole"),
        ]
        for offset, (title, value, style) in enumerate(data):
            self.sheet.put(_DATA + offset, 0, title, "label")
            self.sheet.put(_DATA + offset, _ALL, value, style)
        states = f"{self.states[0]}:{self.states[-1]}"
        wrong, looks = (formula("count_states", states=states, state=state) for state in (WRONG, LOOK))
        at = [cell(_DATA + offset, _ALL, "$", "$") for offset in range(3)]
        text = formula(
            "verdict",
            accounts=cell(accounts, _ALL, "$", "$"),
            wrong=wrong,
            covered=at[0],
            scored=at[1],
            enough=at[2],
            percent=formula("percent_text", part=at[0]),
            looks=looks,
        )
        said = _verdict(
            count,
            self.words.count(WRONG),
            self.words.count(LOOK),
            (covered, part_scored, ground.model.minimum_coverage),
        )
        self.sheet.put(_VERDICT, 0, Formula(text, said), "verdict")
        self.wrong = Formula(
            formula("count_states", states=self._elsewhere(states), state=WRONG), self.words.count(WRONG)
        )
        self.covered, self.scored, self.enough = (
            Formula(self._elsewhere(place), value.value if isinstance(value, Formula) else value)
            for place, (_, value, _) in zip(at, data, strict=False)
        )
        return Formula(f"{SHEET}!{cell(_VERDICT, 0, '$', '$')}", said)

    @staticmethod
    def _elsewhere(place: str) -> str:
        return f"{SHEET}!{place}"

    def _plan_layout(self) -> None:
        sheet = self.sheet
        sheet.heights[0], sheet.heights[_VERDICT], sheet.heights[_HEAD] = Height(28), Height(22), Height(32)
        widths = [40.0, 14.0, 10.0, 66.0]
        for col in range(max(6, _SEGMENTS + len(self.ground.segments))):
            sheet.widths[col] = Width(widths[col] if col < len(widths) else 15.0)
        top, bottom = _HEAD + 1, _HEAD + len(self.states)
        for word, style in ((FINE, "band_green"), (LOOK, "band_yellow"), (WRONG, "band_red"), (UNCHECKED, "band_grey")):
            same = f'{cell(top, _STATE, "", "$")}="{word}"'
            sheet.highlights.append(Highlight(top, _STATE, bottom, _STATE, same, style))
        sheet.repeat_rows = None

    # --- what the import noticed -----------------------------------------------------------------------------------

    def _plan_findings(self, findings: Sequence[Finding], row: int) -> None:
        sheet = self.sheet
        sheet.put(row, 0, "What the import noticed", "heading")
        if not findings:
            sheet.put(row + 1, 0, "Nothing: every value of the export could be used as it stood.", "text")
            return
        columns = (
            Column("Account", [item.account for item in findings], "text_top"),
            Column("Severity", [item.severity for item in findings], "text_top"),
            Column("Row", [item.row for item in findings], "whole"),
            Column("What was done", [item.done for item in findings], "text_top"),
            Column("Column", [item.column for item in findings], "text_top"),
            Column("Found", [item.found for item in findings], "text_top"),
        )
        sheet.tables.append(Table(FINDINGS_TABLE, row + 1, 0, columns, len(findings)))


def _whole(count: Formula) -> int:
    return count.value if isinstance(count.value, int) else 0


def _verdict(accounts: int, wrong: int, looks: int, data: tuple[Scalar, Scalar, float]) -> str:
    """Twin of verdict."""
    covered, scored, enough = data
    if not accounts:
        return "No accounts yet"
    if wrong:
        start = f"Do not trust the scores yet: {wrong} wrong, see Checks; "
    elif any((value if isinstance(value, float) else 0.0) < enough for value in (covered, scored)):
        start = "Read the scores with care: "
    else:
        start = "Scores can be trusted: "
    things = f"{looks} {'thing' if looks == 1 else 'things'} to look at" if looks else "nothing to look at"
    return f"{start}{percent_text(covered)} of the weight has data; {things}"
