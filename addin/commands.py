"""What the buttons do, against an open workbook: any `xlwings.Book`, on a desktop, in xlwings Lite or on a server.

Each command changes the workbook by the book it is given, and returns what it found; saying it to a person is the
caller's part (`ribbon`, `scripts`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import xlwings as xw

from healthscore.accounts import Accounts, read_accounts, settle_duplicates
from healthscore.addin.answer import Answer, answer
from healthscore.addin.models import Chosen, chosen_model
from healthscore.addin.sheet_cells import day_of
from healthscore.addin.tables import SegmentTable, model_rows, segment_tables
from healthscore.addin.update import as_typed, update
from healthscore.errors import HealthscoreError, WorkbookError
from healthscore.model import ScoreModel

#: The group of columns that `recompute` writes beside each table.
GROUP = "Python"
HEADERS = ("Python score", "Python band", "Python coverage", "Python less formula")
_NAMED = 5


@dataclass(frozen=True)
class Difference:
    """An account whose formula and whose score in Python disagree."""

    segment: str
    account: str
    formula: Any
    python: Any


@dataclass(frozen=True)
class Recomputed:
    """How many accounts were scored, and where the formulas differ."""

    accounts: int
    differences: tuple[Difference, ...]

    def told(self) -> str:
        """Say it in a few lines."""
        if not self.differences:
            return f"{self.accounts} accounts scored in Python: every formula gives the same score."
        lines = [f"{self.accounts} accounts scored in Python: {len(self.differences)} differ from their formula."]
        for part in self.differences[:_NAMED]:
            lines.append(
                f"{part.segment}, {part.account}: formula {_shown(part.formula)}, Python {_shown(part.python)}"
            )
        if len(self.differences) > _NAMED:
            lines.append(f"… and {len(self.differences) - _NAMED} more, in the column {HEADERS[-1]!r}")
        return "\n".join(lines)


def _shown(value: Any) -> str:
    return "no score" if value in (None, "") else f"{value:g}" if isinstance(value, float) else str(value)


# --- recompute -----------------------------------------------------------------------------------------------------


def recompute(book: xw.Book) -> Recomputed:
    """Score every account in Python, write the results beside the tables, and compare them with the formulas.

    Raises:
        HealthscoreError: the workbook is none of ours, or its model has faults.
    """
    cells = model_rows(book)
    found: list[Difference] = []
    count = 0
    for table in segment_tables(book):
        given = _scored(table, cells)
        scores, bands = _spread(given, "calculated"), _spread(given, "band")
        coverage = _spread(given, "coverage")
        differences = list(_differences(table, scores))
        apart = {number: _apart(part) for number, part in differences}
        count += sum(not blank for blank in given.blank)
        found += [part for _, part in differences]
        lines = [
            [score, as_typed(band), part, apart.get(number, "")]
            for number, (score, band, part) in enumerate(zip(scores, bands, coverage, strict=True))
        ]
        _write(table, lines)
    return Recomputed(count, tuple(found))


def _scored(table: SegmentTable, cells: list[list[Any]]) -> Answer:
    return answer(table.rows, [table.headers], [[table.segment]], cells, [])


def _spread(given: Answer, column: str) -> list[Any]:
    """Return a column of results, one per row of the table, blank for blank rows and for what is missing."""
    values = iter(given.table[column].astype(object))
    return [None if blank else _cell(next(values)) for blank in given.blank]


def _cell(value: Any) -> Any:
    return None if value is None or value != value else value  # noqa: PLR0124 (NaN)


def _differences(table: SegmentTable, scores: list[Any]) -> Iterator[tuple[int, Difference]]:
    names = zip(table.column("Account"), table.column("Account ID"), strict=True)
    for number, (formula, score, (account, key)) in enumerate(
        zip(table.column("Calculated"), scores, names, strict=True)
    ):
        there = None if formula == "" else formula
        if there is None and score is None:
            continue
        if not isinstance(there, (int, float)) or score is None or abs(there - score) > 1e-9:
            yield number, Difference(table.segment, str(account or key or f"row {number + 1}"), there, score)


def _apart(part: Difference) -> Any:
    if isinstance(part.formula, (int, float)) and part.python is not None:
        return part.python - part.formula
    return "no score in Python" if part.python is None else "no score by formula"


def _write(table: SegmentTable, lines: list[list[Any]]) -> None:
    col = _own_col(table) or table.free_col
    sheet, row = table.sheet, table.header_row
    if row > 1:
        sheet.range((row - 1, col)).value = GROUP
    sheet.range((row, col), (row, col + len(HEADERS) - 1)).value = [list(HEADERS)]
    sheet.range((row + 1, col), (row + len(lines), col + len(HEADERS) - 1)).value = lines


def _own_col(table: SegmentTable) -> int | None:
    """Return the column where an earlier recompute wrote, so that a second one replaces it."""
    used = table.sheet.used_range
    last, first = used.column + used.shape[1] - 1, table.first_col + len(table.headers)
    if last < first:
        return None
    headers = table.sheet.range((table.header_row, first), (table.header_row, last)).options(ndim=1).value
    return first + headers.index(HEADERS[0]) if HEADERS[0] in headers else None


# --- check ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """One line per thing that was looked at: whether it is in order, and a sentence."""

    lines: tuple[tuple[bool, str], ...]

    @property
    def in_order(self) -> bool:
        """Whether the scores can be trusted."""
        return all(good for good, _ in self.lines)

    def told(self) -> str:
        """Say it in a few lines, what is wrong first."""
        wrong = sum(not good for good, _ in self.lines)
        head = "The scores can be trusted." if self.in_order else f"{wrong} thing{'s' if wrong > 1 else ''} to look at."
        ranked = sorted(self.lines, key=lambda line: line[0])
        return "\n".join([head, "", *(f"{'✓' if good else '✗'} {text}" for good, text in ranked)])


def check(book: xw.Book) -> Checked:
    """Look at what a score depends on: model, as-of date, formulas, missing data, overrides, repeated ids.

    Raises:
        HealthscoreError: the workbook is none of ours.
    """
    cells, tables = model_rows(book), segment_tables(book)
    try:
        chosen = chosen_model(cells)
    except HealthscoreError as error:
        return Checked(tuple((False, f"model: {line}") for line in str(error).splitlines()))
    lines = [(True, f"model: {chosen.model.name}, version {chosen.model.version}")]
    lines.append(_as_of_line(chosen))
    differences: list[Difference] = []
    unscored = accounts = 0
    for table in tables:
        given = _scored(table, cells)
        scores = _spread(given, "calculated")
        differences += [part for _, part in _differences(table, scores)]
        accounts += int(np.count_nonzero(~given.blank))
        unscored += sum(score is None and not blank for score, blank in zip(scores, given.blank, strict=True))
    lines.append((not differences, Recomputed(accounts, tuple(differences)).told().replace("\n", "; ")))
    lines.append((True, f"data: {unscored} of {accounts} accounts have too little data for a score"))
    lines.append(_override_line(tables, chosen))
    lines.append(_repeated_line(tables))
    return Checked(tuple(lines))


def _as_of_line(chosen: Chosen) -> tuple[bool, str]:
    if chosen.as_of is None:
        return False, "as-of date: there is none on Start; put in the day that the scores speak of"
    return True, f"as-of date: {chosen.as_of.isoformat()}"


def _override_line(tables: list[SegmentTable], chosen: Chosen) -> tuple[bool, str]:
    active = incomplete = expired = 0
    for table in tables:
        parts = zip(*(table.column(f"Override {what}") for what in ("score", "reason", "by", "until")), strict=True)
        for score, reason, by, until in parts:
            if score in (None, ""):
                continue
            last = _day(until)
            if last is None or not str(reason or "").strip() or not str(by or "").strip():
                incomplete += 1
            elif chosen.as_of is not None and last < chosen.as_of:
                expired += 1
            else:
                active += 1
    text = f"overrides: {active} active, {expired} expired, {incomplete} without reason, author or end date"
    return not (incomplete or expired), text


def _day(cell: Any) -> dt.date | None:
    try:
        return day_of([[cell]])
    except HealthscoreError:
        return None


def _repeated_line(tables: list[SegmentTable]) -> tuple[bool, str]:
    ids = Counter(str(one) for table in tables for one in table.column("Account ID") if one not in (None, ""))
    repeated = [one for one, times in ids.items() if times > 1]
    if not repeated:
        return True, "ids: every account stands once"
    more = f" and {len(repeated) - _NAMED} more" if len(repeated) > _NAMED else ""
    return False, f"ids: more than one row for {', '.join(repeated[:_NAMED])}{more}"


# --- refresh and e-mail: by the file, on a desktop -----------------------------------------------------------------


def refresh(book: xw.Book, export: Path) -> tuple[xw.Book, str]:
    """Bring a new export into the workbook, in the way that keeps everything people made in it.

    A saved workbook is closed, its file refreshed (history, reasons of moves and the sheet Left included; a dated copy
    of the old one is kept), and opened again. Where that could not carry something along, such as a chart that somebody
    put on one of our sheets, and where there is no file, the values go into the open workbook's cells instead.

    Returns:
        The workbook, opened again, and what to say.

    Raises:
        HealthscoreError: the export cannot be used, or the workbook is none of ours; the workbook is as it was.
    """
    path = _file_of(book)
    if path is None:
        return book, update(book, _export(export, chosen_model(model_rows(book)).model), _today()).told()
    run = _function("healthscore.refresh", "refresh")
    book.save()
    planned = run(path, lambda model: _export(export, model), as_of=_today(), dry_run=True)
    if planned.not_carried:
        told = update(book, _export(export, chosen_model(model_rows(book)).model), _today()).told()
        reasons = [f"Rebuilding the file would have left behind: {line}" for line in planned.not_carried]
        return book, "\n".join([told, *reasons])
    app = book.app
    book.close()
    try:
        done = run(path, lambda model: _export(export, model), as_of=_today(), in_place=True)
    finally:
        again = app.books.open(str(path))
    counts = Counter(event.what.lower() for event in done.events)
    words = [f"{count} {what}" for what, count in counts.items()] + [f"{len(done.movers)} scores moved"]
    kept = [] if done.backup is None else [f"The old workbook is kept as {done.backup.name}."]
    return again, "\n".join([f"Refreshed from {export.name}: {', '.join(words)}.", *kept])


def _export(path: Path, model: ScoreModel) -> Accounts:
    return settle_duplicates(read_accounts(path, model), None)


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()


def draft_emails(book: xw.Book) -> tuple[Path, int]:
    """Draft the scorecards of the saved workbook into a folder beside it; nothing is sent.

    Returns:
        The folder, and how many drafts are in it.

    Raises:
        HealthscoreError: the workbook was never saved, or its recipients file has faults.
    """
    cards = "healthscore.scorecards"
    open_book, plan_file = _function(cards, "open_book"), _function(cards, "plan_file")
    plan_options, read_recipients = _function(cards, "plan_options"), _function(cards, "read_recipients")
    write_letters, write_drafts = _function(cards, "write_letters"), _function(cards, "write_drafts")
    path = _saved(book)
    scored = open_book(path)
    listed = path.with_name("recipients.toml")
    file = read_recipients(listed) if listed.is_file() else None
    wanted = _function("healthscore.scorecards.recipients", "Wanted")()
    plan = plan_options(scored, wanted, []) if file is None else plan_file(scored, file, wanted)
    folder = path.with_name(f"{path.stem} e-mail {scored.scores.as_of.isoformat()}")
    letters = list(write_letters(scored, plan, link=file.links.workbook if file else ""))
    sender, reply_to = (file.sender, file.reply_to) if file else (None, None)
    write_drafts(letters, folder, sender=sender, reply_to=reply_to, force=True)
    return folder, len(letters)


def _function(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise WorkbookError(
            f"this installation of healthscore cannot do that ({module} is not there); install the whole of it with pip"
        ) from error


def _saved(book: xw.Book) -> Path:
    """Save the workbook and return its file."""
    path = _file_of(book)
    if path is None:
        raise WorkbookError("save the workbook to a folder of this computer first; this works on its file")
    book.save()
    return path


def _file_of(book: xw.Book) -> Path | None:
    """Return the file of a workbook; None where it was never saved or lives on the web."""
    path = Path(book.fullname)
    return None if "://" in str(book.fullname) or not path.is_absolute() else path
