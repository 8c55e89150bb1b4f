"""One refresh from end to end: read, merge, score, plan, carry over, write. The old file stays until all is whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from healthscore.accounts import Accounts
from healthscore.errors import AccountsError, OutputError, WorkbookError
from healthscore.findings import Finding
from healthscore.history import Event, Explained, Mover, Past
from healthscore.model import ScoreModel
from healthscore.names import sheet_names
from healthscore.output import check_output
from healthscore.refresh.additions import additions_of, comments_by_account, comments_into
from healthscore.refresh.carry import gather, with_formulas, with_own_columns, with_room
from healthscore.refresh.layout import planned_segments
from healthscore.refresh.looks import formatted_elsewhere, looks_of
from healthscore.refresh.merge import NEW, AccountComments, Merged, merge, same
from healthscore.refresh.movers import movers_between
from healthscore.refresh.records import column_of, records_of
from healthscore.refresh.references import Follower, follower
from healthscore.refresh.safely import backup, only_one, open_in_excel, part_beside, put_in_place, stamp, written
from healthscore.refresh.strays import strays_into, strays_of
from healthscore.refresh.transplant import Transplant, broken_references
from healthscore.replan import replan
from healthscore.scoring import Scores, score_frame
from healthscore.workbook.book import SHEETS, plan_book
from healthscore.workbook.functions import with_functions
from healthscore.workbook.plan import Book
from healthscore.workbook.reading.contents import SheetFinding, WorkbookContents
from healthscore.workbook.reading.package import Package, open_package
from healthscore.workbook.reading.workbook import contents_of, load
from healthscore.workbook.writing.workbook import write_book


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did, or would do.

    Attributes:
        path: the new workbook.
        backup: the dated copy of the old one, where it was replaced in place.
        scores: the new scores.
        events: accounts that are new, left, returned or moved, and cells that both sides changed.
        movers: accounts whose score changed, and why.
        not_carried: what people added that stays behind in the old file.
        findings: what was noticed in the old workbook.
        written: whether anything was written.
    """

    path: Path
    backup: Path | None
    scores: Scores
    events: tuple[Event, ...]
    movers: tuple[Mover, ...]
    not_carried: tuple[str, ...]
    findings: tuple[SheetFinding, ...]
    written: bool


def refresh(
    workbook: str | Path,
    read: Callable[[ScoreModel], Accounts],
    *,
    as_of: dt.date,
    out: Path | None = None,
    in_place: bool = False,
    force: bool = False,
    dry_run: bool = False,
    currency: str | None = None,
    announce: Callable[[Refreshed], None] | None = None,
) -> Refreshed:
    """Put a new export into a filled workbook.

    Args:
        workbook: a workbook that healthscore made and people filled in.
        read: reads the export with the model that the workbook holds; duplicates settled.
        as_of: the day of the new scores.
        out: the file to write; the workbook's name with the as-of date when None.
        in_place: replace the workbook, keeping a dated copy.
        force: replace `out` if it exists.
        dry_run: only say what would change.
        currency: shown before account values; as it was when None.
        announce: told everything before anything is written.

    Raises:
        WorkbookError: the workbook cannot be read, or is open or being refreshed elsewhere.
        AccountsError: the export cannot be used.
        OutputError: the new file cannot be written; nothing was changed.
    """
    path = Path(workbook)
    target = path if in_place else out or dated(path, as_of)
    _check_names(path, target, out, in_place)
    if in_place and open_in_excel(path):
        raise WorkbookError(f"{path}: is open in Excel or LibreOffice; close it there first, so that no edit is lost")
    if not dry_run and not in_place:
        check_output(target, force)
    if dry_run or not path.parent.is_dir():
        return _refresh(path, target, read, as_of, currency, None, announce)
    with only_one(target):
        return _refresh(path, target, read, as_of, currency, in_place, announce)


def _check_names(path: Path, target: Path, out: Path | None, in_place: bool) -> None:
    """Refuse names under which the new workbook would be lost, or could not be opened."""
    if in_place and out is not None:
        raise OutputError(f"{out}: give either --out or --in-place, not both")
    if in_place and path.suffix.lower() == ".xlsm":
        raise OutputError(
            f"{path}: has macros, which cannot be carried over; refresh into a new file, without --in-place"
        )
    if target.suffix.lower() != ".xlsx":
        raise OutputError(f"{target}: the new workbook is an .xlsx; give it such a name")
    if not in_place and path.exists() and target.exists() and target.samefile(path):
        raise OutputError(f"{target}: is the workbook itself; give --in-place to replace it, which keeps a dated copy")


def dated(path: Path, as_of: dt.date) -> Path:
    """Return a workbook's name with a day: `health scores 2026-07-06.xlsx`, in place of an earlier one."""
    stem = path.stem
    if len(stem) > 11 and stem[-11] == " " and _is_day(stem[-10:]):
        stem = stem[:-11]
    return path.with_name(f"{stem} {as_of.isoformat()}.xlsx")


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _refresh(
    path: Path,
    target: Path,
    read: Callable[[ScoreModel], Accounts],
    as_of: dt.date,
    currency: str | None,
    in_place: bool | None,
    announce: Callable[[Refreshed], None] | None,
) -> Refreshed:
    seen = stamp(path)
    with open_package(path) as package:
        opened = load(package)
        contents = contents_of(opened)
        _usable(contents, as_of)
        before, planned = replan(contents)
        additions = additions_of(opened, planned)
        noted = comments_by_account(additions.comments, contents)
        step = _Step(contents, read(contents.model), as_of, before, noted)
        book, follow = step.book(contents.currency if currency is None else currency)
        strays = strays_of(opened, planned)
        placed, behind = strays_into(book, strays, follow, opened.epoch)
        looks, plain = looks_of(opened, book, follow, step.merged.ids, placed)
        behind += [*plain, *formatted_elsewhere(opened, planned)]
        taken = {sheet.name.lower() for sheet in book.sheets}
        follow.renamed = {
            entry.name: sheet_names([entry.name], [sheet.name for sheet in book.sheets])[0]
            for entry in additions.sheets
            if entry.name.lower() in taken
        }
        behind += [
            f"sheet {old!r} is called {new!r} from now on: we have one of that name"
            for old, new in follow.renamed.items()
        ]
        behind += [
            f"a formula points at {reference}, which is gone; it becomes #REF!"
            for reference in dict.fromkeys(follow.lost)
        ]
        behind += broken_references(package, additions.sheets, follow)
        not_carried = (*additions.not_carried, *behind, *step.left_behind())
        result = Refreshed(
            target, None, step.scores, step.merged.events, step.movers, not_carried, contents.findings, False
        )
        if announce is not None:
            announce(result)
        if in_place is None:
            return result
        comments_into(book, additions.comments, noted, contents, step.merged)
        kept = None
        with part_beside(target) as part:
            _write(book, part, target)
            if additions.sheets or additions.names or looks:
                with part_beside(target) as whole:
                    Transplant(package, follow).into(part, whole, additions.sheets, looks)
                    whole.replace(part)
            _proof(part, step)
            if in_place:
                if stamp(path) != seen:
                    raise WorkbookError(f"{path}: was saved by somebody meanwhile; nothing was changed, start again")
                kept = backup(path, contents.as_of)
            with written(target):
                put_in_place(part, target)
    return replace(result, backup=kept, written=True)


def _write(book: Book, part: Path, target: Path) -> None:
    """Write the book to its part; a fault speaks of the file that people know."""
    try:
        write_book(book, part, force=True)
    except OutputError as error:
        raise OutputError(str(error).replace(str(part), str(target))) from error


def _proof(part: Path, step: _Step) -> None:
    """Read the finished file before it gets its name: every account must be in it."""
    with open_package(part) as package:
        found = contents_of(load(package))
    if set(found.accounts.frame["id"]) != set(step.merged.accounts.frame["id"]):
        raise WorkbookError("the new workbook does not hold every account; nothing was changed, please report this")


def _usable(contents: WorkbookContents, as_of: dt.date) -> None:
    if contents.accounts.duplicates:
        names = ", ".join(repr(one.id) for one in contents.accounts.duplicates[:3])
        places = [f"{one.sheet}!{one.cell}" for one in contents.findings if "second row" in one.found][:3]
        raise WorkbookError(
            f"{contents.path}: {names} stands there more than once ({', '.join(places)}); delete one row of each, so "
            "that nothing typed is lost"
        )
    if as_of < contents.as_of:
        raise WorkbookError(
            f"{contents.path}: its scores are of {contents.as_of.isoformat()}, later than {as_of.isoformat()}; "
            "give a later --as-of"
        )


class _Step:
    """From one day to the next: the merged accounts, their scores, and what the workbook remembers."""

    def __init__(
        self,
        contents: WorkbookContents,
        export: Accounts,
        as_of: dt.date,
        before: Scores,
        comments: AccountComments,
    ) -> None:
        self.contents, self.export, self.as_of, self.before = contents, export, as_of, before
        if not len(export.frame):
            raise AccountsError(f"{export.source}: has headers but no accounts; export again")
        model = contents.model
        merged = merge(contents, export, self.before, as_of, comments)
        self.same_day = as_of == contents.as_of
        self.merged = replace(merged, accounts=self._with_previous(merged))
        accounts = self.merged.accounts
        self.scores = score_frame(accounts.frame, model, as_of, accounts.bound)
        self.movers = self._movers()
        self.history = self._history()

    def _verdicts(self) -> dict[str, float]:
        """Return the scores of the day before by (new) id."""
        new_ids = {old: new for new, old in self.merged_ids.items()}
        scores = self.before.table["score"].tolist()
        ids = [new_ids.get(str(name), str(name)) for name in self.contents.accounts.frame["id"]]
        return {name: score for name, score in zip(ids, scores, strict=True) if score == score}  # noqa: PLR0124 (NaN)

    @property
    def merged_ids(self) -> Mapping[str, str]:
        """New id -> old id, of accounts whose id changed."""
        return self.merged.ids if hasattr(self, "merged") else self._ids

    def _with_previous(self, merged: Merged) -> Accounts:
        """Put the scores of the day before into Previous score; a second refresh of one day leaves them."""
        if self.same_day:
            return merged.accounts
        self._ids = merged.ids
        before, frame = self._verdicts(), merged.accounts.frame
        known = {*self.contents.accounts.frame["id"], *before, *merged.ids}
        previous = [
            before.get(str(name)) if name in known else given
            for name, given in zip(frame["id"], frame["previous_score"], strict=True)
        ]
        kept = merged.accounts.frame.copy()
        column = [NEW if value == NEW else value for value in previous]
        if NEW in column:
            kept["previous_score"] = [None if value != value else value for value in column]  # noqa: PLR0124 (NaN)
            kept["previous_score"] = kept["previous_score"].astype(object)
        else:
            kept["previous_score"] = [float("nan") if value is None else float(value) for value in column]
        return replace(merged.accounts, frame=kept)

    def _movers(self) -> tuple[Mover, ...]:
        old = {str(name): row for row, name in enumerate(self.contents.accounts.frame["id"])}
        names, rows = {}, {}
        for row, (name, account) in enumerate(
            zip(self.merged.accounts.frame["id"], self.merged.accounts.frame["account"], strict=True)
        ):
            mine = self.merged.ids.get(str(name), str(name))
            if mine in old:
                names[str(name)], rows[str(name)] = str(account), (old[mine], row)
        return movers_between(self.before, self.scores, rows, names)

    def _history(self) -> Past:
        history = self.contents.history
        if self.merged.ids:
            new = {old: name for name, old in self.merged.ids.items()}
            history = replace(
                history,
                names={new.get(name, name): account for name, account in history.names.items()},
                scores={new.get(name, name): line for name, line in history.scores.items()},
            )
        if not self.same_day:
            frame = self.contents.accounts.frame
            new_ids = {old: name for name, old in self.merged.ids.items()}
            names = {
                new_ids.get(str(name), str(name)): str(account)
                for name, account in zip(frame["id"], frame["account"], strict=True)
            }
            history = history.with_day(self.contents.as_of, names, self._verdicts())
        called = {place.name: place.sheet for place in self.contents.segments}
        return Past(history, self.merged.left, self.movers, self.merged.events, self.export, called)

    def book(self, currency: str) -> tuple[Book, Follower]:
        """Plan the successor, with everything that people added to our sheets."""
        findings = [*self.merged.accounts.findings, *_as_findings(self.contents.findings)]
        accounts = replace(self.merged.accounts, findings=tuple(findings))
        book = plan_book(
            accounts,
            self.scores,
            currency=currency,
            past=self.history,
            agreed=self.contents.agreed,
            explained=self.explained,
        )
        book = with_functions(book, self.scores, self.contents.functions)
        own = gather(self.contents, self.merged.own, self.merged.formulas, self.merged.ids)
        planned = planned_segments(with_room(book, own))
        ours = [sheet.name for sheet in book.sheets if sheet.kind != "segment"]
        follow = follower(self.contents, planned, ours, self.merged.ids)
        book = with_formulas(book, self._formulas(), follow)
        return with_own_columns(book, own, follow), follow

    @property
    def explained(self) -> Explained | None:
        """What Explain goes on showing; None, which is a fresh start, where its account has left."""
        before = self.contents.explained
        if before is None or not before.account:
            return before
        new_ids = {old: new for new, old in self.merged.ids.items()}
        account = new_ids.get(before.account, before.account)
        there = account in set(self.merged.accounts.frame["id"])
        return replace(before, account=account) if there else None

    def left_behind(self) -> list[str]:
        """Return lines about what does not go on because the account that it belonged to has left."""
        before = self.contents.explained
        if before is None or self.explained is not None:
            return []
        tried = f", and the values tried there: {', '.join(before.tried)}" if before.tried else ""
        return [f"Explain: the account chosen there, {before.account!r}, has left{tried}"]

    def _formulas(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Return formulas typed into inputs whose cell still says the same: {column key: {id: (sheet, formula)}}."""
        old, now = records_of(self.contents.accounts), records_of(self.merged.accounts)
        new_ids = {before: name for name, before in self.merged.ids.items()}
        sheets = {name: place.sheet for place in self.contents.segments for name in place.rows}
        found: dict[str, dict[str, tuple[str, str]]] = {}
        for part, cells in self.contents.formulas.items():
            column = column_of(part, self.contents.accounts.bound)
            for name, formula in cells.items():
                here = new_ids.get(name, name)
                if here in now and same(old[name].get(column), now[here].get(column)):
                    found.setdefault(part, {})[here] = (sheets[name], formula)
        for name, parts in self.merged.formulas.items():
            for part, formula in parts.items():
                if not part.startswith("own:"):
                    found.setdefault(part, {})[name] = ("", formula)
        return found


def _as_findings(findings: tuple[SheetFinding, ...]) -> list[Finding]:
    return [finding.plain() for finding in findings]


__all__ = ["SHEETS", "Package", "Refreshed", "dated", "refresh"]
