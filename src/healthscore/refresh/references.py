"""Following cells that move: a formula that points into our sheets points at the same account afterwards.

A refresh lays our sheets out anew: rows and columns shift, accounts change sheets. Formulas that people wrote, in our
tables and on their own sheets, are rewritten reference by reference: a cell of an account's row follows the account, a
whole column of the table stays a whole column, a parameter above the table follows its label. What has no counterpart
is left as it was, and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from healthscore.names import quote_sheet
from healthscore.refresh.layout import PlannedSegment
from healthscore.workbook.reading.cells import address, place_of
from healthscore.workbook.reading.contents import SegmentContents, WorkbookContents

_CELL = r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})"
#: Strings first, so that nothing within them is taken for a reference; then sheet and cells; then anything else.
_TOKEN = re.compile(
    r'(?P<text>"(?:[^"]|"")*")'
    r"|(?P<table>[A-Za-z_\\][\w.\\]*\[)"
    rf"|(?P<sheet>'(?:[^']|'')+'!|[\w.]+!)?(?P<first>{_CELL})(?::(?P<last>{_CELL}))?(?![\w(.!\[])",
)
_WORD_BEFORE = re.compile(r"[\w.]$")

Place = tuple[str, int, int]


@dataclass
class Follower:
    """Rewrites formulas from the old layout to the new one; `lost` collects references without a counterpart."""

    sheets: Mapping[str, SheetMap]
    renamed: Mapping[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def follow(self, formula: str, sheet: str, to_sheet: str | None = None) -> str:
        """Return a formula (without `=`) as it reads afterwards.

        Args:
            formula: the formula as it stood.
            sheet: the sheet it stood on, which references without a sheet mean.
            to_sheet: the sheet it will stand on; the same one when left out.
        """
        here = to_sheet or self.sheets[sheet].name if sheet in self.sheets else sheet
        parts, end = [], 0
        while match := _TOKEN.search(formula, end):
            parts.append(formula[end : match.start()])
            end = match.end()
            if match["table"]:
                end = _bracket_end(formula, match.end())
                parts.append(self._structured(formula[match.start() : end]))
            elif match["text"] or (match["sheet"] is None and _WORD_BEFORE.search(formula[: match.start()])):
                parts.append(match[0])
            else:
                parts.append(self._cells(match, sheet, here))
        return "".join([*parts, formula[end:]])

    def _structured(self, text: str) -> str:
        """Return a reference to a table with the headers that were changed by hand put back."""
        table = text.partition("[")[0].lower()
        for sheet in self.sheets.values():
            if sheet.table.lower() == table:
                for old, new in sheet.headers.items():
                    text = text.replace(f"[{old}]", f"[{new}]")
        return text

    def _cells(self, match: re.Match[str], sheet: str, here: str) -> str:
        named = match["sheet"]
        target = named[:-1].strip("'").replace("''", "'") if named else sheet
        if target not in self.sheets:
            return (
                f"{quote_sheet(self.renamed[target])}!{match[0][len(named) :]}"
                if named and target in self.renamed
                else match[0]
            )
        first, last = match["first"], match["last"]
        moved = self.sheets[target].moved(place_of(_bare(first)), place_of(_bare(last)) if last else None)
        if moved is None:
            self.lost.append(match[0])
            return "#REF!" if last is None else match[0]
        name, cells = moved
        texts = [_marked(cell, old) for cell, old in zip(cells, (first, last), strict=False) if old]
        prefix = f"{quote_sheet(name)}!" if named or name != here else ""
        return prefix + ":".join(texts)


def _bracket_end(text: str, start: int) -> int:
    depth, place = 1, start
    while place < len(text) and depth:
        if text[place] == "'":
            place += 1
        depth += {"[": 1, "]": -1}.get(text[place : place + 1], 0)
        place += 1
    return place


def _bare(cell: str) -> str:
    return cell.replace("$", "").upper()


def _marked(cell: tuple[int, int], like: str) -> str:
    """Return an address with the dollar signs of another."""
    found = re.fullmatch(_CELL, like)
    letters = address(0, cell[1])[:-1]
    marks = (found[1], found[3]) if found else ("", "")
    return f"{marks[0]}{letters}{marks[1]}{cell[0] + 1}"


@dataclass(frozen=True)
class SheetMap:
    """Where the cells of one old sheet are afterwards. `rows` gives the new sheet and row of an old row."""

    name: str
    rows: Mapping[int, tuple[str, int]]
    columns: Mapping[int, int]
    body: tuple[int, int]
    new_body: tuple[int, int]
    table: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    plain: bool = False
    #: All old rows of accounts, also of those that are gone.
    accounts: frozenset[int] = frozenset()

    def moved(
        self, first: tuple[int, int], last: tuple[int, int] | None
    ) -> tuple[str, Sequence[tuple[int, int]]] | None:
        """Return the new sheet and place of a cell or range; None when it has none."""
        if self.plain:
            return self.name, [first] if last is None else [first, last]
        if last is not None and first[0] <= self.body[0] and last[0] >= self.body[1] and first[0] >= self.body[0] - 1:
            # The whole table, with or without its header row.
            cols = self.columns.get(first[1]), self.columns.get(last[1])
            if cols[0] is None or cols[1] is None:
                return None
            top = self.new_body[0] - (self.body[0] - first[0])
            return self.name, [(top, cols[0]), (self.new_body[1], cols[1])]
        places = [self._cell(place) for place in (first, last) if place is not None]
        found = [place for place in places if place is not None]
        if len(found) < len(places) or len({name for name, _, _ in found}) > 1:
            return None
        if last is not None and found[1][1] - found[0][1] != last[0] - first[0]:
            return None
        return found[0][0], [(row, col) for _, row, col in found]

    def _cell(self, place: tuple[int, int]) -> Place | None:
        """Return where a cell is; None for one of an account or column that is gone. Cells beside ours stay."""
        row, col = self.rows.get(place[0]), self.columns.get(place[1])
        if row is not None and col is not None:
            return (*row, col)
        return None if place[0] in self.accounts else (self.name, *place)


def follower(
    contents: WorkbookContents, planned: Sequence[PlannedSegment], ours: Sequence[str], ids: Mapping[str, str]
) -> Follower:
    """Return what follows references from a workbook as read to its successor as planned.

    Args:
        contents: the workbook as read.
        planned: the segment sheets of its successor.
        ours: names of our other sheets that stand in both.
        ids: new id -> old id, of accounts whose id changed.
    """
    accounts = {ids.get(name, name): (place.sheet.name, row) for place in planned for name, row in place.rows.items()}
    sheets: dict[str, SheetMap] = {name: SheetMap(name, {}, {}, (0, 0), (0, 0), plain=True) for name in ours}
    sheets |= {theirs: sheets[name] for name, theirs in contents.called.items() if name in sheets}
    for place in contents.segments:
        new = next((one for one in planned if one.table == place.table or one.sheet.name == place.sheet), None)
        if new is not None:
            sheets[place.sheet] = _segment_map(place, new, accounts)
    return Follower(sheets)


def _segment_map(place: SegmentContents, new: PlannedSegment, accounts: Mapping[str, tuple[str, int]]) -> SheetMap:
    rows = {row: accounts[name] for name, row in place.rows.items() if name in accounts}
    rows |= {row: (new.sheet.name, new.strip[label]) for label, row in place.strip.items() if label in new.strip}
    rows |= {place.header_row: (new.sheet.name, new.header_row), **{row: (new.sheet.name, row) for row in (0, 1)}}
    columns = {col: new.columns[part] for part, col in place.columns.items() if part in new.columns}
    headers = {
        old: new.headers[part]
        for part, old in place.headers.items()
        if part in new.headers and old != new.headers[part]
    }
    last = max(place.rows.values(), default=place.header_row + 1)
    first = min(place.rows.values(), default=place.header_row + 1)
    body, after = (min(first, place.header_row + 1), last), (new.header_row + 1, new.last_row)
    everyone = frozenset(place.rows.values())
    return SheetMap(new.sheet.name, rows, columns, body, after, place.table, headers, accounts=everyone)


FollowText = Callable[[str], str]
