"""What people added beyond cells: their sheets, comments on ours, and everything that has to stay behind.

Listed before anything is written, so that nobody finds out afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from healthscore.refresh.layout import planned_segments
from healthscore.refresh.transplant import left_behind, transplantable
from healthscore.workbook.plan import Book, Comment
from healthscore.workbook.reading.cells import StoredSheet, place_of
from healthscore.workbook.reading.contents import WorkbookContents
from healthscore.workbook.reading.package import Package, SheetEntry, local
from healthscore.workbook.reading.workbook import OpenBook


@dataclass(frozen=True)
class Additions:
    """What people added to a workbook.

    Attributes:
        sheets: sheets to transplant.
        comments: comments on our sheets: sheet -> cell -> (text, author).
        not_carried: lines about what has to stay behind.
        names: whether people defined names of their own.
    """

    sheets: tuple[SheetEntry, ...]
    comments: Mapping[str, Mapping[tuple[int, int], tuple[str, str]]]
    not_carried: tuple[str, ...]
    names: bool


def additions_of(book: OpenBook, planned: Book) -> Additions:
    """Return what people added to a workbook; `planned` is that workbook planned again, to tell ours from theirs."""
    package = book.package
    ours = {sheet.name for sheet in planned.sheets} | {one.place.sheet for one in book.segments} | {book.model_sheet}
    foreign = [entry for entry in package.sheets if entry.name not in ours]
    carried = [entry for entry in foreign if transplantable(package, entry)]
    lines = [f"sheet {entry.name!r}: written in a way we cannot carry" for entry in foreign if entry not in carried]
    lines += [f"sheet {name!r}: {what}" for name, what in left_behind(package, foreign)]
    lines += _on_ours(book, ours)
    if any(link.kind == "vbaProject" for link in package.relations.values()):
        lines.append("the workbook's macros")
    comments = {name: _comments(package, book.sheets[name]) for name in ours if name in book.sheets}
    segments = {sheet.place.sheet for sheet in book.segments}
    for name, found in comments.items():
        if found and name not in segments and name != book.model_sheet:
            lines.append(f"sheet {name!r}: {len(found)} comments stay on the cells they are on, whatever stands there")
    return Additions(
        tuple(carried),
        {name: found for name, found in comments.items() if found},
        tuple(lines),
        _has_names(package, planned),
    )


def _has_names(package: Package, planned: Book) -> bool:
    """Say whether people defined names of their own."""
    ours = {name.lower() for name in planned.names}
    return any(
        where is None and not name.startswith("_xlnm") and name.lower() not in ours for name, where in package.defined
    )


def _on_ours(book: OpenBook, ours: set[str]) -> Iterator[str]:
    """Yield what stands on our own sheets and is drawn or coloured by hand."""
    for entry in book.package.sheets:
        if entry.name not in ours or entry.name not in book.sheets:
            continue
        pictures, charts = _drawn(book.package, entry)
        if pictures:
            yield f"sheet {entry.name!r}: {pictures} pictures or shapes drawn on it"
        segment = next((one for one in book.segments if one.place.sheet == entry.name), None)
        if charts and segment is not None:
            yield f"sheet {entry.name!r}: {charts} charts drawn on it (put them on a sheet of your own)"
        kinds = {link.kind for link in book.package.relations_of(entry.part).values()}
        if "pivotTable" in kinds or "slicer" in kinds:
            yield f"sheet {entry.name!r}: a pivot table or slicer on it"
        if segment is not None:
            coloured = _formatted(book, book.sheets[entry.name])
            if coloured:
                yield f"sheet {entry.name!r}: formats set by hand on {coloured} cells of the table"


def _drawn(package: Package, entry: SheetEntry) -> tuple[int, int]:
    """Return how many pictures and shapes, and how many charts, are drawn on a sheet."""
    pictures = charts = 0
    for link in package.relations_of(entry.part).values():
        if link.kind == "drawing" and link.target in package.names:
            for node in package.tree(link.target).iter():
                pictures += local(node.tag) in ("pic", "sp")
                charts += local(node.tag) == "graphicFrame"
    return pictures, charts


def _formatted(book: OpenBook, sheet: StoredSheet) -> int:
    """Count input cells of a table whose format is not that of their column."""
    segment = next(one for one in book.segments if one.place.sheet == sheet.name)
    count = 0
    for cells in segment.cells.values():
        styles = Counter(cell.style for cell in cells if cell.value is not None)
        if styles:
            count += sum(styles.values()) - styles.most_common(1)[0][1]
    return count


def _comments(package: Package, sheet: StoredSheet) -> dict[tuple[int, int], tuple[str, str]]:
    """Return a sheet's comments: cell -> (text, author)."""
    found = {}
    for link in package.relations_of(sheet.part).values():
        if link.kind != "comments" or link.target not in package.names:
            continue
        root = package.tree(link.target)
        authors = [node.text or "" for node in root.iter() if local(node.tag) == "author"]
        for node in root.iter():
            if local(node.tag) == "comment":
                text = "".join(part.text or "" for part in node.iter() if local(part.tag) == "t")
                number = int(node.get("authorId") or 0)
                found[place_of(node.get("ref") or "A1")] = (text, authors[number] if number < len(authors) else "")
    return found


def comments_into(
    book: Book,
    comments: Mapping[str, Mapping[tuple[int, int], tuple[str, str]]],
    contents: WorkbookContents,
    ids: Mapping[str, str],
) -> None:
    """Put comments back: those of an account's row on the same account and column, others on the same cell."""
    planned = {name: place for place in planned_segments(book) for name in place.rows}
    new_ids = {old: new for new, old in ids.items()}
    for place in contents.segments:
        rows, columns = (
            {row: name for name, row in place.rows.items()},
            {col: part for part, col in place.columns.items()},
        )
        for (row, col), (text, author) in comments.get(place.sheet, {}).items():
            name = rows.get(row, "")
            target = planned.get(new_ids.get(name, name))
            part = columns.get(col, "")
            if target is not None and part in target.columns:
                at = target.rows[new_ids.get(name, name)], target.columns[part]
                target.sheet.comments.append(Comment(*at, text, author))
    segments = {place.sheet for place in contents.segments}
    for sheet in book.sheets:
        if sheet.name not in segments:
            for (row, col), (text, author) in comments.get(sheet.name, {}).items():
                sheet.comments.append(Comment(row, col, text, author))
