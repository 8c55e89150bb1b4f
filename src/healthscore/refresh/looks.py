"""How people made our sheets look: colours and number formats of cells, rules and lists on their own columns.

A refresh writes our sheets anew, so what people formatted is found in the old file's XML and put onto the cells that
follow the same account and column. A cell was formatted by hand when it looks unlike the rest of its column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, unescape

from healthscore.refresh.layout import PlannedSegment, planned_segments
from healthscore.refresh.references import Follower
from healthscore.refresh.strays import Stray, laid_out_alike
from healthscore.workbook.plan import Book
from healthscore.workbook.reading.cells import address, place_of, range_of
from healthscore.workbook.reading.contents import SegmentContents
from healthscore.workbook.reading.workbook import OpenBook

_STYLED = re.compile(r'<c r="([A-Z]+[0-9]+)"[^>]*? s="([0-9]+)"')
_RULES = re.compile(r"<conditionalFormatting\b[^>]*?sqref=\"([^\"]*)\"[^>]*>(.*?)</conditionalFormatting>", re.DOTALL)
_RULE = re.compile(r"<cfRule\b[^>]*?(?:/>|>.*?</cfRule>)", re.DOTALL)
_LISTS = re.compile(r"<dataValidation\b[^>]*?(?:/>|>.*?</dataValidation>)", re.DOTALL)
_FORMULA = re.compile(r"(<formula[12]?>)([^<]*)(</formula[12]?>)")
_SQREF = re.compile(r'sqref="([^"]*)"')
_KIND = re.compile(r'\btype="(\w+)"')
#: Kinds of rules that we make ourselves; which of these somebody else made cannot be told on our columns.
_OURS = ("expression", "dataBar", "")

Place = tuple[int, int]


@dataclass
class Looks:
    """What people made of the looks of one sheet, at its new places; styles are numbers of the old file."""

    cells: dict[Place, int] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    validations: list[str] = field(default_factory=list)


def looks_of(
    opened: OpenBook, book: Book, follow: Follower, ids: Mapping[str, str], strays: Iterable[Stray]
) -> tuple[dict[str, Looks], list[str]]:
    """Return the looks to put onto each sheet of the new book, and lines about those that stay behind.

    Args:
        opened: the old workbook.
        book: the new one as planned.
        follow: from the old places to the new ones.
        ids: new id -> old id, of accounts whose id changed.
        strays: cells typed beside ours that are put back, with the formats they have.
    """
    found: dict[str, Looks] = {}
    behind: list[str] = []
    planned = planned_segments(book)
    targets = {ids.get(name, name): (place, row) for place in planned for name, row in place.rows.items()}
    texts = {entry.name: opened.package.text(entry.part) for entry in opened.package.sheets
             if entry.name in {one.place.sheet for one in opened.segments}}  # fmt: skip
    styles = {one.place.sheet: dict(_styles(texts[one.place.sheet], one.place)) for one in opened.segments}
    usual = _usual(opened, styles)
    for one in opened.segments:
        place = one.place
        names = {row: name for name, row in place.rows.items()}
        parts = {col: part for part, col in place.columns.items()}
        for (row, col), style in styles[place.sheet].items():
            part, target = parts[col], targets.get(names[row])
            if target is None or (style == usual[part] and not part.startswith("own:")):
                continue
            new, at = target
            if part in new.columns:
                found.setdefault(new.sheet.name, Looks()).cells[at, new.columns[part]] = style
        news = {new.sheet.name: new for new in planned}
        mine = _Rules(place, follow, news, found)
        behind += [f"sheet {place.sheet!r}: {line}" for line in mine.carry(texts[place.sheet])]
    for stray in strays:
        name = follow.sheets[stray.sheet].name if stray.sheet in follow.sheets else stray.sheet
        found.setdefault(name, Looks()).cells[stray.row, stray.col] = stray.cell.style
    return found, behind


def _styles(text: str, place: SegmentContents) -> Iterator[tuple[Place, int]]:
    """Yield place and style of every cell in a table's rows."""
    rows, columns = set(place.rows.values()), set(place.columns.values())
    for where, style in _STYLED.findall(text):
        row, col = place_of(where)
        if row in rows and col in columns:
            yield (row, col), int(style)


def _usual(opened: OpenBook, styles: Mapping[str, Mapping[Place, int]]) -> dict[str, int]:
    """Return the style that most cells of each column have, over all segments; ours are the older where two tie."""
    counts: dict[str, Counter[int]] = {}
    for one in opened.segments:
        parts = {col: part for part, col in one.place.columns.items()}
        for (_, col), style in styles[one.place.sheet].items():
            counts.setdefault(parts[col], Counter())[style] += 1
    return {part: min(count, key=lambda style: (-count[style], style)) for part, count in counts.items()}


def formatted_elsewhere(opened: OpenBook, planned: Book) -> Iterator[str]:
    """Yield a line about cells of Model, the other sheet to fill in, that look unlike all planned with their format."""
    words: dict[str, Counter[int]] = {}
    given: list[tuple[str, str, int]] = []
    for sheet in planned.sheets:
        entry = next((one for one in opened.package.sheets if one.name == sheet.name), None)
        if sheet.name != opened.model_sheet or entry is None:
            continue
        if not laid_out_alike(opened.sheets[sheet.name], sheet):
            continue
        looks = {place_of(where): int(style) for where, style in _STYLED.findall(opened.package.text(entry.part))}
        # A cell that is planned twice has the later format.
        for place, word in {(cell.row, cell.col): cell.style for cell in sheet.cells}.items():
            if place in looks:
                words.setdefault(word, Counter())[looks[place]] += 1
                given.append((sheet.name, word, looks[place]))
    usual = {word: min(count, key=lambda style: (-count[style], style)) for word, count in words.items()}
    counts = Counter(name for name, word, style in given if style != usual[word])
    for name, count in counts.items():
        yield f"sheet {name!r}: formats set by hand on {count} of its cells"


@dataclass
class _Rules:
    """The rules and lists of one segment's sheet on their way."""

    place: SegmentContents
    follow: Follower
    planned: Mapping[str, PlannedSegment]
    found: dict[str, Looks]

    def carry(self, text: str) -> Iterator[str]:
        """Take along every rule and list that people made; yield lines about those that cannot be."""
        name = self.follow.sheets[self.place.sheet].name if self.place.sheet in self.follow.sheets else ""
        for sqref, body in _RULES.findall(text):
            for rule in _RULE.findall(body):
                kind = _KIND.search(rule)
                if not self._people(sqref, kind[1] if kind else ""):
                    continue
                area = self._moved(sqref)
                if area is None or name not in self.planned:
                    yield f"a conditional format on {sqref}"
                    continue
                made = f'<conditionalFormatting sqref="{area}">{self._followed(rule)}</conditionalFormatting>'
                self.found.setdefault(name, Looks()).rules.append(made)
        for given in _LISTS.findall(text):
            match = _SQREF.search(given)
            sqref = match[1] if match else ""
            if not self._only_own(sqref):
                continue
            area = self._moved(sqref)
            if area is None or name not in self.planned:
                yield f"a list or limit of what may be typed into {sqref}"
                continue
            made = _SQREF.sub(f'sqref="{area}"', self._followed(given), count=1)
            self.found.setdefault(name, Looks()).validations.append(made)
        extended = re.findall(r"<xm:sqref>([^<]*)</xm:sqref>", text)
        lost = [sqref for sqref in extended if self._only_own(sqref)]
        if lost:
            yield f"icons, bars or lists of newer kinds on {', '.join(lost[:3])}"

    def _people(self, sqref: str, kind: str) -> bool:
        return kind not in _OURS or self._only_own(sqref)

    def _only_own(self, sqref: str) -> bool:
        own = {col for part, col in self.place.columns.items() if part.startswith("own:")}
        columns = {col for part in sqref.split() for col in _columns(part)}
        return bool(columns) and columns <= own

    def _moved(self, sqref: str) -> str | None:
        """Return where cells of the old sheet are, all on the same sheet; None when they are not."""
        sheet = self.follow.sheets.get(self.place.sheet)
        areas = []
        for part in sqref.split():
            top, left, bottom, right = range_of(part)
            last = None if (top, left) == (bottom, right) else (bottom, right)
            moved = sheet.moved((top, left), last) if sheet is not None else None
            if moved is None or sheet is None or moved[0] != sheet.name:
                return None
            areas.append(":".join(address(*cell) for cell in moved[1]))
        return " ".join(areas)

    def _followed(self, xml: str) -> str:
        def follow(match: re.Match[str]) -> str:
            text = unescape(match[2], {"&quot;": '"', "&apos;": "'"})
            return f"{match[1]}{escape(self.follow.follow(text, self.place.sheet))}{match[3]}"

        return _FORMULA.sub(follow, xml)


def _columns(part: str) -> range:
    try:
        _, left, _, right = range_of(part)
    except ValueError:
        return range(0)
    return range(left, min(right, left + 1000) + 1)
