"""One sheet per segment: title and figures at a glance, the strip of parameters, and the table of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from healthscore.accounts import Accounts
from healthscore.formula import formula
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import UNSCORED, InputType
from healthscore.names import key
from healthscore.scoring import Scores
from healthscore.scoring.resolve import SegmentTerms
from healthscore.workbook.model_sheet import ModelCells
from healthscore.workbook.plan import (
    Column,
    ColumnValues,
    Formula,
    Height,
    Highlight,
    Scalar,
    Sheet,
    Table,
    Validation,
    Width,
    cell,
)
from healthscore.workbook.segment.columns import GROUPS, Places, Spec, ageing, specs
from healthscore.workbook.segment.formulas import AS_OF, Inputs, column_formulas
from healthscore.workbook.segment.strip import Strip
from healthscore.workbook.widths import fit_heads, fit_names


@dataclass(frozen=True)
class SegmentPlan:
    """A planned segment sheet and what other sheets need to know of it."""

    name: str
    sheet: Sheet
    places: Places
    terms: SegmentTerms
    accounts: int
    rows: np.ndarray[Any, np.dtype[np.intp]]


def plan_segment(
    accounts: Accounts,
    scores: Scores,
    cells: ModelCells,
    segment: tuple[str, str, str],
    rows: np.ndarray[Any, np.dtype[np.intp]],
    empty_rows: int = 0,
) -> SegmentPlan:
    """Plan the sheet of one segment.

    Args:
        accounts: all accounts.
        scores: their scores, row for row.
        cells: where the model's parameters stand.
        segment: the segment's name, its sheet's name and its table's name.
        rows: positions of the segment's accounts.
        empty_rows: how many empty rows to add for typing.
    """
    model = scores.model
    name, sheet_name, table_name = segment
    inputs, extras, styles = _input_columns(model, accounts)
    columns = specs(model, inputs, extras, styles, with_segment="segment" in accounts.bound.values())
    count = max(len(rows) + empty_rows, 1)
    places = Places(model, table_name, columns, count)
    terms = scores.resolved.term(name)
    sheet = Sheet(sheet_name, "segment", freeze=(places.first_row, 1), active=(places.first_row, 1), zoom=90)
    formulas = column_formulas(model, places, Inputs(model, accounts.bound))
    values = _Values(accounts, scores, rows, count)
    table = tuple(
        Column(spec.header, values.of(spec), spec.style, formulas.get(spec.key), f"header_{_header_style(spec)}")
        for spec in columns
    )
    sheet.tables.append(Table(table_name, places.header_row, 0, table, count, lines=_lines(columns, table, count)))
    sheet.cells.extend(Strip(model, cells, places, terms).cells())
    _plan_top(sheet, name, scores, places, rows)
    _plan_layout(sheet, places)
    fit_heads(sheet, sheet.tables[0])
    fit_names(sheet, sheet.tables[0], ("input_text",))
    _plan_validations(sheet, model, accounts, places)
    _plan_highlights(sheet, model, accounts, places)
    return SegmentPlan(name, sheet, places, terms, len(rows), rows)


def _header_style(spec: Spec) -> str:
    return {
        "who": "who",
        "verdict": "verdict",
        "journey": "verdict",
        "input": "input",
        "override": "input",
        "carried": "carried",
    }.get(spec.group, "working")


#: A row never has more lines than this: what is longer is read in the cell.
_MOST_LINES = 6


def _lines(columns: list[Spec], table: tuple[Column, ...], count: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return how many lines each row needs for its wrapped texts; the spreadsheet does not fit rows to formulas."""
    lines = np.ones(count, dtype=np.intp)
    for spec, column in zip(columns, table, strict=True):
        if not spec.style.endswith("wrapped"):
            continue
        if isinstance(column.values, pd.Categorical):
            needed = np.array([_lines_of(text, spec.width) for text in column.values.categories] + [1])
            lines = np.maximum(lines, needed[column.values.codes])
        else:
            lines = np.maximum(lines, [_lines_of(text, spec.width) for text in column.values])
    return lines


def _lines_of(text: object, width: float) -> int:
    if not isinstance(text, str):
        return 1
    return min(max(1, -(-len(text) // int(width * 0.92))), _MOST_LINES)


# --- columns and their values --------------------------------------------------------------------------------------

_EXTRA_STYLES = {"f": "input_number", "M": "input_date"}


def _input_columns(
    model: ScoreModel, accounts: Accounts
) -> tuple[dict[str, InputType], dict[str, str], dict[str, str]]:
    """Return the unbound input columns with their types, the extras with their styles, and the inputs' styles."""
    inputs = {name: kind for name, kind in model.input_columns().items() if name not in accounts.bound}
    styles = {name: _input_style(kind, accounts.frame[name]) for name, kind in inputs.items()}
    extras = {name: _EXTRA_STYLES.get(accounts.frame[name].dtype.kind, "input_text") for name in accounts.extras}
    return inputs, extras, styles


def _input_style(kind: str, column: pd.Series) -> str:
    if kind == "date":
        return "input_date"
    if kind in ("yes_no", "category"):
        return "input_text"
    numbers = column.dropna().to_numpy(dtype=float)
    if len(numbers) and np.all(numbers == np.round(numbers)):
        return "input_whole"
    return "input_number" if len(numbers) and np.abs(numbers).max() >= 100 else "input_fraction"


class _Values:
    """What stands in each column of one segment: the accounts' rows, then nothing in the empty ones."""

    #: Key of the column -> column of the table of scores, where the two differ.
    _TABLE: ClassVar = {
        "drag:1": "drag_1",
        "drag_points:1": "drag_1_points",
        "drag:2": "drag_2",
        "drag_points:2": "drag_2_points",
        "active": "override_active",
        "drag_number:1": "drag_1_number",
        "drag_number:2": "drag_2_number",
    }
    _PEOPLE: ClassVar = {
        "override:score": "override_score",
        "override:reason": "override_reason",
        "override:by": "override_by",
        "override:until": "override_until",
        "note": "note",
        "previous": "previous_score",
    }

    def __init__(
        self, accounts: Accounts, scores: Scores, rows: np.ndarray[Any, np.dtype[np.intp]], count: int
    ) -> None:
        self.accounts, self.scores, self.rows, self.count = accounts, scores, rows, count
        self.kinds = scores.model.input_columns()
        self._frames = {
            "value": scores.values,
            "points": scores.points,
            "lost": scores.lost,
            "rule": scores.rules,
            "milestone": scores.milestones,
            "criterion": scores.criteria,
        }

    def of(self, spec: Spec) -> ColumnValues:
        kind, _, name = spec.key.partition(":")
        verdict = self._TABLE.get(spec.key, spec.key)
        if verdict in self.scores.table:
            return self._pad(self.scores.table[verdict])
        if kind == "stale":
            return self._pad(self.scores.stale[name].map({True: 1.0, False: np.nan}))
        if kind in self._frames:
            return self._pad(self._frames[kind][name])
        if spec.key in self._PEOPLE:
            return self._input(self._PEOPLE[spec.key])
        return self._input(name)

    def _pad(self, column: pd.Series) -> ColumnValues:
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = np.full(self.count, -1, dtype=np.intp)
            codes[: len(self.rows)] = column.cat.codes.to_numpy()[self.rows]
            return pd.Categorical.from_codes(codes, column.cat.categories)
        numbers = np.full(self.count, np.nan)
        numbers[: len(self.rows)] = column.to_numpy(dtype=np.float64)[self.rows]
        return numbers

    def _input(self, name: str) -> ColumnValues:
        if name not in self.accounts.frame:
            return [None] * self.count
        column = self.accounts.frame[name].iloc[self.rows]
        bad = self.accounts.unusable.get(name, {})
        if column.dtype.kind == "f" and not bad and self.kinds.get(name) != "yes_no":
            return self._pad(self.accounts.frame[name])
        if self.kinds.get(name) == "yes_no":
            listed: list[Any] = [None if np.isnan(value) else "Yes" if value else "No" for value in column]
        elif column.dtype.kind == "M":
            listed = [None if pd.isna(value) else value.date() for value in column]
        else:
            listed = [None if value is None or value != value else value for value in column]  # noqa: PLR0124 (NaN)
        for position, row in enumerate(self.rows if bad else ()):
            if row in bad:
                listed[position] = bad[row]
        return listed + [None] * (self.count - len(listed))


# --- what stands above the table -----------------------------------------------------------------------------------


def _plan_top(
    sheet: Sheet, name: str, scores: Scores, places: Places, rows: np.ndarray[Any, np.dtype[np.intp]]
) -> None:
    """Plan the title, the as-of date and the figures at a glance: accounts, mean score, accounts per band."""
    table = scores.table.iloc[rows]
    sheet.put(0, 0, name, "title_fitted")
    sheet.put(1, 0, Formula(AS_OF, scores.as_of), "as_of")
    words = places.whole("band")
    mean = table["score"].mean()
    figures: list[tuple[Scalar | Formula, Formula, str]] = [
        ("Accounts", Formula(formula("count_rows", band=words), len(rows)), "figure"),
        (
            "Mean score",
            Formula(formula("mean_score", scores=places.whole("score")), "" if np.isnan(mean) else float(mean)),
            "figure_points",
        ),
    ]
    counts = table["band"].value_counts()
    for number, band in enumerate(scores.model.bands):
        at = places.list_cell("band", number)
        label = Formula(f'{places.list_cell("symbol", number)}&" "&{at}', f"{band.sign} {band.name}")
        count = Formula(formula("count_band", bands=words, band=at), int(counts.get(band.name, 0)))
        figures.append((label, count, f"figure_{band.color}"))
    at = places.strip("unscored", "band")
    label = Formula(f'{places.strip("unscored", "symbol")}&" "&{at}', f"○ {UNSCORED}")
    unscored = Formula(formula("count_band", bands=words, band=at), int(counts.get(UNSCORED, 0)))
    figures.append((label, unscored, "figure_grey"))
    for number, (title, value, style) in enumerate(figures, start=1):
        sheet.put(0, number, title, "figure_label")
        sheet.put(1, number, value, style)
    sheet.put(2, 0, "Parameters of this segment: press + in the margin. Change them on Model.", "note")


def _plan_layout(sheet: Sheet, places: Places) -> None:
    sheet.heights[0] = Height(26)
    sheet.heights[1] = Height(20)
    for row in range(places.STRIP_TOP, places.group_row):
        sheet.heights[row] = Height(level=1, hidden=True)
    sheet.heights[places.group_row] = Height(18, collapsed=True)
    sheet.heights[places.header_row] = Height(48)
    sheet.repeat_rows = (places.group_row, places.header_row)
    # Two pages wide, the account's name on both: on one page nobody could read it.
    sheet.repeat_cols, sheet.pages = (0, 0), (2, 0)
    started: set[str] = set()
    for number, spec in enumerate(places.columns):
        level = int(spec.folded or spec.group == "carried")
        sheet.widths[number] = Width(spec.width, level=level, hidden=spec.folded)
        title, style = GROUPS[spec.group]
        sheet.put(places.group_row, number, None if spec.group in started else title, style)
        started.add(spec.group)
    sheet.widths[len(places.columns)] = Width(4.0, collapsed=True)
    last = max(number for number, spec in enumerate(places.columns) if spec.group in ("verdict", "journey"))
    sheet.print_area = (0, 0, places.last_row, last)


# --- what may be typed, and what lights up -------------------------------------------------------------------------


def _plan_validations(sheet: Sheet, model: ScoreModel, accounts: Accounts, places: Places) -> None:
    rows = (places.first_row, places.last_row)

    def allow(column: str, kind: str, source: tuple[str, ...] | str = (), **limits: Any) -> None:
        col = places.col(column)
        sheet.validations.append(Validation(rows[0], col, rows[1], col, kind, source, **limits))

    inputs = Inputs(model, accounts.bound)
    for name, kind in model.input_columns().items():
        if name in accounts.bound:
            continue
        metric = next((part for part in model.metrics if key(name) in map(key, part.inputs)), None)
        title, prompt = name, "" if metric is None else _prompt(metric.measures, metric.unit)
        column = inputs.key(name)
        if kind == "yes_no":
            allow(column, "list", ("Yes", "No"), title=title, prompt=prompt)
        elif metric is not None and metric.choices is not None:
            source = places.listed(f"value:{metric.name}", len(metric.choices))
            allow(column, "list", source, title=title, prompt=prompt)
        elif metric is not None and metric.rating is not None:
            scale = f"1 to {metric.rating}"
            allow(
                column, "decimal", minimum=1, maximum=metric.rating, title=title, prompt=_prompt(metric.measures, scale)
            )
        elif kind in ("number", "date"):
            allow(column, "date" if kind == "date" else "decimal", title=title, prompt=prompt)
    allow("role:value", "decimal", title="Value", prompt="What the account is worth a year. A number.")
    allow("role:renewal", "date", title="Renewal date", prompt="When the contract renews. A date.")
    text = "A score from 0 to 100 set by a person. It counts only with a reason, an author and an end date."
    allow("override:score", "decimal", minimum=0, maximum=100, title="Override score", prompt=text)
    allow(
        "override:reason",
        "any",
        title="Override reason",
        prompt="Why a person knows better. Needed for the override to count.",
    )
    allow("override:by", "any", title="Override by", prompt="Who sets it. Needed for the override to count.")
    allow("override:until", "date", title="Override until", prompt="The last day on which it counts. Needed.")


def _prompt(text: str, unit: str) -> str:
    return (text + (f" ({unit})" if unit else ""))[:250]


def _plan_highlights(sheet: Sheet, model: ScoreModel, accounts: Accounts, places: Places) -> None:
    """Colour the verdict by its band, as the strip's thresholds say, and mark inputs that cannot be used."""
    top, bottom = places.first_row, places.last_row
    here = cell(top, places.col("band"), "", "$")
    first, last = places.col("score"), places.col("grade")
    for number, band in enumerate(model.bands):
        same = f"{here}={places.list_cell('band', number)}"
        sheet.highlights.append(Highlight(top, first, bottom, last, same, f"band_{band.color}"))
    unscored = f"{here}={places.strip('unscored', 'band')}"
    sheet.highlights.append(Highlight(top, first, bottom, last, unscored, "band_grey"))
    inputs = Inputs(model, accounts.bound)
    for aged in ageing(model):
        col = places.col(inputs.key(aged.inputs[0]))
        old = f"{cell(top, places.col(f'stale:{aged.name}'), '', '$')}=1"
        sheet.highlights.append(Highlight(top, col, bottom, col, old, "stale"))
    for name, kind in model.input_columns().items():
        col = places.col(inputs.key(name))
        at = cell(top, col, "", "$")
        metric = next((part for part in model.metrics if key(name) in map(key, part.inputs)), None)
        if kind in ("number", "date"):
            bad = f"ISTEXT({at})"
        elif metric is not None:
            bad = f'AND({at}<>"",{cell(top, places.col(f"value:{metric.name}"), "", "$")}="")'
        else:
            continue
        sheet.highlights.append(Highlight(top, col, bottom, col, bad, "unusable"))
