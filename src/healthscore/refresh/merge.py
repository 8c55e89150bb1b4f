"""Merging a new export into what a workbook holds, account by account and cell by cell.

Three versions of a cell meet: what the last export said, what stands in the workbook, what the new export says. Where
only one side changed, its word stands. Where both did, the new export's does, and both values are reported. Columns
that no export fills are people's, and stay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from healthscore.accounts import Accounts
from healthscore.history import Event, LeftAccount, Value
from healthscore.model import ScoreModel
from healthscore.model.vocabulary import EVERYONE, ROLES, UNSEGMENTED
from healthscore.names import key
from healthscore.refresh.records import Record, accounts_of, column_of, part_of, records_of
from healthscore.scoring import Scores
from healthscore.workbook.reading.contents import WorkbookContents
from healthscore.workbook.reading.typed_cells import PEOPLE

NEW = "new"
#: Begins the key under which the row of an account that left keeps what its last export said.
LAST = "last:"
#: Begins the key under which it keeps the comments on its cells: author, line break, text.
COMMENT = "comment:"

AccountComments = Mapping[str, Mapping[str, tuple[str, str]]]
#: Placed by the export's structure, not merged as values.
_PLACED = ("id", "segment", *PEOPLE)
#: Segments of accounts that no segment was given for.
_NOWHERE = (EVERYONE, UNSEGMENTED)


@dataclass(frozen=True)
class Merged:
    """The accounts after the merge.

    Attributes:
        accounts: all accounts, in the workbook's order, then the new ones; people's columns included.
        events: what happened, in order of weight: new, left, returned, moved, cells that both changed.
        left: all accounts that are not in the export, those of earlier refreshes included.
        own: values and formulas of people's own columns and typed formulas, of accounts that returned:
            {id: {column key: value}} and {id: {column key: formula}}.
        ids: the id in the workbook of each account that now has another one.
        comments: comments on cells of accounts that returned.
    """

    accounts: Accounts
    events: tuple[Event, ...]
    left: tuple[LeftAccount, ...]
    own: Mapping[str, Mapping[str, Value]]
    formulas: Mapping[str, Mapping[str, str]]
    ids: Mapping[str, str]
    comments: AccountComments


def merge(
    contents: WorkbookContents,
    export: Accounts,
    scores: Scores,
    as_of: dt.date,
    comments: AccountComments | None = None,
) -> Merged:
    """Merge an export into a workbook's accounts.

    Args:
        contents: the workbook as read; no account may stand in it twice.
        export: the new export, duplicates settled.
        scores: the workbook's accounts scored as they stand, row for row; what leaves keeps this verdict.
        as_of: the day of the new scores; accounts that are gone left on it.
        comments: what people noted on cells of accounts: {id: {column key: (text, author)}}.
    """
    return _Merge(contents, export, scores, as_of, comments or {}).result()


class _Merge:
    def __init__(
        self,
        contents: WorkbookContents,
        export: Accounts,
        scores: Scores,
        as_of: dt.date,
        comments: AccountComments,
    ) -> None:
        self.contents, self.export, self.scores, self.as_of = contents, export, scores, as_of
        self.comments = comments
        self.model: ScoreModel = contents.model
        self.old = records_of(contents.accounts)
        self.new = self._aligned(records_of(export))
        self.left = {one.id: one for one in contents.left}
        self.base = contents.imported
        self.based = {name for row in (contents.imported or {}).values() for name in row}
        self.present = self._present()
        self.events: list[Event] = []
        self.matches = self._match()

    def _aligned(self, records: dict[str, Record]) -> dict[str, Record]:
        """Give a model column a value of its own where the workbook has a column for it and the export a shared one."""
        for name, role in self.export.bound.items():
            if name not in self.contents.accounts.bound and name in self.model.input_columns():
                for record in records.values():
                    if role in record:
                        record[name] = record[role]
        return records

    def _present(self) -> set[str]:
        """Return the columns that the new export has; a role that is blank throughout counts as absent."""
        found = {name for record in self.new.values() for name in record}
        missing = set(self.export.missing_inputs)
        whole = {name for name in self.export.frame.columns if name not in ROLES and name not in missing}
        return (found | whole) - set(_PLACED)

    # --- who is who ----------------------------------------------------------------------------------------------

    def _match(self) -> dict[str, str]:
        """Return the workbook's id of each account of the export that it has, by id, else by name."""
        known = {*self.old, *self.left}
        found = {name: name for name in self.new if name in known}
        names_only = all(record.get("account") == name for name, record in self.new.items())
        by_name: dict[str, list[str]] = {}
        for name, account in self._names():
            if name not in found and (names_only or key(account) == key(name)):
                by_name.setdefault(key(account), []).append(name)
        matched = 0
        for name, record in self.new.items():
            candidates = by_name.get(key(str(record.get("account", name))), [])
            if name not in found and len(candidates) == 1:
                found[name] = candidates.pop()
                matched += 1
        if matched:
            self._event(
                "Matched by name", "", "", found=f"{matched} accounts", done="one side has no ids; told by their names"
            )
        return found

    def _names(self) -> Iterator[tuple[str, str]]:
        for name, record in self.old.items():
            yield name, str(record.get("account", name))
        for name, one in self.left.items():
            if name not in self.old:
                yield name, one.account

    def _id(self, name: str) -> str:
        """Return the id that an account of the export keeps: the workbook's, unless that one was only its name."""
        mine = self.matches.get(name, name)
        theirs = self.old.get(mine, {}).get("account", self.left[mine].account if mine in self.left else None)
        return name if mine == theirs and self.new[name].get("account") != name else mine

    # --- the merge -----------------------------------------------------------------------------------------------

    def result(self) -> Merged:
        """Return the accounts after the merge and everything that happened."""
        of_export = {mine: name for name, mine in self.matches.items()}
        records: list[Record] = []
        ids: dict[str, str] = {}
        for name, record in self.old.items():
            if name in of_export:
                merged = self._both(name, of_export[name], record)
                if merged["id"] != name:
                    ids[str(merged["id"])] = name
                records.append(merged)
            elif self._by_hand(name):
                records.append(dict(record))
                self._event("Not in the export", name, record, done="kept: it was added by hand")
        self._gone(of_export)
        for name in self.new:
            mine = self.matches.get(name)
            if mine in self.left and mine not in self.old:
                records.append(self._returned(self.left[str(mine)], name))
            elif mine is None:
                records.append(self._fresh(name))
        extras = [name for name in self.contents.accounts.extras if name not in self.export.extras]
        like = self.export
        accounts = accounts_of(self.model, records, self._like(like), [*self.export.extras, *extras])
        back = {str(mine) for mine in self.matches.values()}
        returned = {name: one for name, one in self.left.items() if name in back and name not in self.old}
        return Merged(
            accounts,
            tuple(
                sorted(
                    self.events, key=lambda event: (_ORDER.get(event.what, 9), event.account, event.id, event.column)
                )
            ),
            tuple(one for name, one in self.left.items() if name not in returned),
            {
                name: {part: v for part, v in one.row.items() if part.startswith("own:")}
                for name, one in returned.items()
            },
            {name: one.formulas for name, one in returned.items() if one.formulas},
            ids,
            {name: _comments(one) for name, one in returned.items()},
        )

    def _like(self, export: Accounts) -> Accounts:
        bound = {name: role for name, role in export.bound.items() if name in self.contents.accounts.bound}
        return replace(export, bound=bound)

    def _both(self, name: str, theirs: str, old: Record) -> Record:
        new, base = self.new[theirs], (self.base or {}).get(name, {})
        merged: Record = {column: value for column, value in old.items() if column not in self.present}
        merged |= {"id": self._id(theirs), "segment": self._segment(name, old, new)}
        for column in self.present:
            known = self.base is not None and column in self.based
            value = self._cell(name, column, (base.get(column), old.get(column), new.get(column)), known=known)
            if value is not None:
                merged[column] = value
        return merged

    def _cell(  # noqa: PLR0911 (one per way the three versions can differ)
        self, name: str, column: str, versions: tuple[Value, Value, Value], *, known: bool
    ) -> Value:
        """Return what a cell holds from now on: versions in the last export, the workbook, the new export.

        `known` says whether it is known what the last export said of this column.
        """
        base, old, new = versions
        if same(old, new):
            return old
        if known:
            if same(old, base):
                return new
            if old is None:
                self._event("Cleared", name, None, column, old, new, "filled again: the export says this")
                return new
            if same(new, base):
                self._event(
                    "Changed by hand", name, None, column, old, new, "kept: the export says what it said last time"
                )
                return old
        elif old is None:
            return new
        elif self.base is not None and (name in self.base or name in self.left):
            self._event("Both changed", name, None, column, old, new, "the typed value stays: the export is new to it")
            return old
        self._event("Both changed", name, None, column, old, new, "the export's value stands")
        return new

    def _segment(self, name: str, old: Record, new: Record) -> Value:
        before, now = old.get("segment"), new.get("segment")
        if not self.export.segment_columns and before not in _NOWHERE:
            return before
        if not same(before, now):
            self._event("Moved", name, None, "segment", before, now, "its row moved with all its inputs")
        return now

    def _by_hand(self, name: str) -> bool:
        """Say whether people added an account that no export has listed."""
        return self.base is not None and name not in self.base

    def _fresh(self, name: str) -> Record:
        record = dict(self.new[name])
        if not self.export.segment_columns and self._segmented():
            record["segment"] = UNSEGMENTED
        self._event("New", name, record, done="added")
        return {**record, "previous_score": NEW}

    def _segmented(self) -> bool:
        return any(record.get("segment") not in _NOWHERE for record in self.old.values())

    def _returned(self, one: LeftAccount, theirs: str) -> Record:
        """Put the new export over what an account left behind."""
        bound = self.contents.accounts.bound
        own = ("own:", LAST, COMMENT)
        kept = {column_of(part, bound): value for part, value in one.row.items() if not part.startswith(own)}
        new = self.new[theirs]
        merged: Record = {column: value for column, value in kept.items() if column not in self.present}
        for column in self.present:
            old, last = kept.get(column), LAST + part_of(column, self.model)
            base = one.row.get(last, old)
            versions = None if base == "" else base, old, new.get(column)
            value = self._cell(one.id, column, versions, known=column in self.based or last in one.row)
            if value is not None:
                merged[column] = value
        segment = new.get("segment") if self.export.segment_columns else one.segment
        merged |= {"id": self._id(theirs), "segment": segment, "previous_score": one.score}
        if one.score is None:
            merged["previous_score"] = NEW
        self._event("Returned", one.id, new, done=f"back from Left, where it was since {one.left_on.isoformat()}")
        return merged

    def _gone(self, of_export: Mapping[str, str]) -> None:
        """Move accounts that are not in the export to those that left, with the verdict they had."""
        own = [column for place in self.contents.segments for column in place.own]
        for number, (name, record) in enumerate(self.old.items()):
            if name in of_export or self._by_hand(name):
                continue
            verdict = self.scores.table.iloc[number]
            row = {
                part_of(column, self.model): value
                for column, value in record.items()
                if column not in ("id", "segment")
            }
            row |= self._typed_over(name, record)
            row |= {f"{COMMENT}{part}": f"{by}\n{said}" for part, (said, by) in self.comments.get(name, {}).items()}
            row |= {f"own:{column.header}": column.values[name] for column in own if name in column.values}
            formulas = {part: cells[name] for part, cells in self.contents.formulas.items() if name in cells}
            formulas |= {f"own:{column.header}": column.formulas[name] for column in own if name in column.formulas}
            score = float(verdict["score"]) if verdict["score"] == verdict["score"] else None
            self.left[name] = LeftAccount(
                name, str(record.get("account", name)), str(record.get("segment", "")), self.as_of, self.contents.as_of,
                score, str(verdict["band"]), row, formulas,
            )  # fmt: skip
            self._event("Left", name, record, done="moved to the sheet Left with its last score")

    def _typed_over(self, name: str, record: Record) -> dict[str, Value]:
        """Return what the last export said in cells that people changed since, so that a return can tell."""
        base = (self.base or {}).get(name, {})
        changed = (column for column in self.based if not same(record.get(column), base.get(column)))
        return {LAST + part_of(column, self.model): base.get(column, "") for column in sorted(changed)}

    def _event(
        self,
        what: str,
        name: str,
        record: Record | str | None,
        column: str = "",
        old: Value = None,
        new: Value = None,
        done: str = "",
        found: str = "",
    ) -> None:
        known = record if isinstance(record, dict) else self.old.get(name, {})
        account = str(known.get("account", self.left[name].account if name in self.left else name))
        self.events.append(Event(what, name, account, column or found, shown(old), shown(new), done))


def _comments(one: LeftAccount) -> dict[str, tuple[str, str]]:
    """Return the comments that an account left with."""
    found = {}
    for part, value in one.row.items():
        if part.startswith(COMMENT):
            by, _, said = str(value).partition("\n")
            found[part.removeprefix(COMMENT)] = (said, by)
    return found


_ORDER = {"Both changed": 0, "Cleared": 1, "New": 2, "Left": 3, "Returned": 4, "Moved": 5, "Matched by name": 6}


def same(one: Value, other: Value) -> bool:
    """Say whether two cells say the same: texts without outer spaces, numbers as numbers."""
    if isinstance(one, str) and isinstance(other, str):
        return one.strip() == other.strip()
    if isinstance(one, str) or isinstance(other, str):
        return shown(one) == shown(other)
    return one == other


def shown(value: Value) -> str:
    """Return a value as people read it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else str(value)


def without_duplicates(contents: WorkbookContents) -> Sequence[str]:
    """Return the ids that stand in the workbook more than once."""
    return [duplicate.id for duplicate in contents.accounts.duplicates]
