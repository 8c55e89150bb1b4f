"""What people added beyond cells: their sheets, comments on ours, and everything that has to stay behind.

Listed before anything is written, so that nobody finds out afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from healthscore.refresh.layout import planned_segments
from healthscore.refresh.merge import AccountComments, Merged
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
    lines += _on_ours(book, ours, {sheet.name: len(sheet.charts) for sheet in planned.sheets})
    if any(link.kind == "vbaProject" for link in package.relations.values()):
        lines.append("the workbook's macros")
    comments = {name: _comments(package, book.sheets[name]) for name in ours if name in book.sheets}
    segments = {sheet.place.sheet for sheet in book.segments}
    for name, found in comments.items():
        if found and name not in segments and name != book.model_sheet:
            lines.append(f"sheet {name!r}: {len(found)} comments stay at their addresses, whatever stands there then")
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


def _on_ours(book: OpenBook, ours: set[str], drawn: Mapping[str, int]) -> Iterator[str]:
    """Yield what people drew on our own sheets; `drawn` says how many charts each has of ours."""
    for entry in book.package.sheets:
        if entry.name not in ours or entry.name not in book.sheets:
            continue
        pictures, charts = _drawn(book.package, entry)
        if pictures:
            yield f"sheet {entry.name!r}: {pictures} pictures or shapes drawn on it"
        charts -= drawn.get(entry.name, 0)
        if charts > 0:
            yield f"sheet {entry.name!r}: {charts} charts drawn on it (put them on a sheet of your own)"
        kinds = {link.kind for link in book.package.relations_of(entry.part).values()}
        if "pivotTable" in kinds or "slicer" in kinds:
            yield f"sheet {entry.name!r}: a pivot table or slicer on it"


def _drawn(package: Package, entry: SheetEntry) -> tuple[int, int]:
    """Return how many pictures and shapes, and how many charts, are drawn on a sheet."""
    pictures = charts = 0
    for link in package.relations_of(entry.part).values():
        if link.kind == "drawing" and link.target in package.names:
            for node in package.tree(link.target).iter():
                pictures += local(node.tag) in ("pic", "sp")
                charts += local(node.tag) == "graphicFrame"
    return pictures, charts


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
                with package.sound(link.target):
                    number, place = int(node.get("authorId") or 0), place_of(node.get("ref") or "A1")
                found[place] = (text, authors[number] if 0 <= number < len(authors) else "")
    return found


def comments_by_account(
    comments: Mapping[str, Mapping[tuple[int, int], tuple[str, str]]], contents: WorkbookContents
) -> dict[str, dict[str, tuple[str, str]]]:
    """Return the comments on cells of accounts: {id: {column key: (text, author)}}."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for place in contents.segments:
        rows = {row: name for name, row in place.rows.items()}
        columns = {col: part for part, col in place.columns.items()}
        for (row, col), comment in comments.get(place.sheet, {}).items():
            if row in rows and col in columns:
                found.setdefault(rows[row], {})[columns[col]] = comment
    return found


def comments_into(
    book: Book,
    comments: Mapping[str, Mapping[tuple[int, int], tuple[str, str]]],
    noted: AccountComments,
    contents: WorkbookContents,
    merged: Merged,
) -> None:
    """Put comments back: those of an account on the same account and column, others on the same cell."""
    new_ids = {old: new for new, old in merged.ids.items()}
    planned = {name: place for place in planned_segments(book) for name in place.rows}
    for name, parts in {**merged.comments, **{new_ids.get(name, name): parts for name, parts in noted.items()}}.items():
        target = planned.get(name)
        for part, (text, author) in parts.items():
            if target is not None and part in target.columns:
                target.sheet.comments.append(Comment(target.rows[name], target.columns[part], text, author))
    segments = {place.sheet for place in contents.segments}
    for sheet in book.sheets:
        if sheet.name not in segments:
            for (row, col), (text, author) in comments.get(sheet.name, {}).items():
                sheet.comments.append(Comment(row, col, text, author))
