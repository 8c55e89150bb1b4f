"""A workbook's file as it lies on disk: a zip of parts. Opened with suspicion, because people hand us anything.

Everything a file can do to a reader ends here in one clear line: another format, a password, a cut or damaged archive,
a zip bomb, XML with entities. Parts are streamed, so that memory depends on what is kept, not on the file.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from healthscore.errors import WorkbookError

#: Bytes of all parts together when unpacked; 50,000 accounts of a large model take about this much.
UNPACKED_LIMIT = 1_000_000_000
#: A part this much larger than its packed form is no sheet but a bomb, once it is large at all.
RATIO_LIMIT = 400
_LARGE = 20_000_000
_SMALL_PART_LIMIT = 50_000_000
_PARTS_LIMIT = 20_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}",
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A link from one part to another: its kind (the last word of the type), and the target as a part's name."""

    id: str
    kind: str
    target: str
    external: bool


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A sheet as the workbook lists it. `state`: visible, hidden or veryHidden; `kind`: worksheet or chartsheet."""

    name: str
    part: str
    state: str
    kind: str


class Package:
    """An open workbook file: its parts, sheets and defined names."""

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self.archive, self.path = archive, path
        self.names = {member.filename for member in archive.infolist()}
        self.main = self._main_part()
        root = self.tree(self.main)
        self.date1904 = any(
            node.get("date1904") in ("1", "true") for node in root.iter() if local(node.tag) == "workbookPr"
        )
        self.relations = self.relations_of(self.main)
        self.sheets = tuple(self._sheets(root))
        named = [node for node in root.iter() if local(node.tag) == "definedName"]
        self.defined = {(node.get("name") or "", node.get("localSheetId")): node.text or "" for node in named}
        self.hidden_names = {node.get("name") or "" for node in named if node.get("hidden") in ("1", "true")}

    def rename(self, aliases: Mapping[str, str]) -> None:
        """Call sheets by other names from here on: name in the file -> name."""
        self.sheets = tuple(replace(entry, name=aliases.get(entry.name, entry.name)) for entry in self.sheets)

    def error(self, what: str) -> WorkbookError:
        """Return an error about this file."""
        return WorkbookError(f"{self.path}: {what}")

    def damaged(self, detail: str = "") -> WorkbookError:
        """Return the error for a file that breaks the format."""
        more = f" ({detail})" if detail else ""
        return self.error(f"the workbook is damaged or cut short{more}; open it in Excel, save it and try again")

    def read(self, part: str) -> bytes:
        """Return a part's bytes; empty for one that does not exist."""
        if part not in self.names:
            return b""
        with self.stream(part) as stream:
            return stream.read()

    @contextmanager
    def sound(self, part: str) -> Iterator[None]:
        """Turn what cannot be understood in a part into a WorkbookError that names it."""
        try:
            yield
        except (ElementTree.ParseError, ValueError, LookupError, OverflowError) as error:
            raise self.damaged(f"{part}: {error}"[:120]) from error

    def text(self, part: str) -> str:
        """Return a part's XML as text."""
        data = self.read(part)
        wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        try:
            return data.decode("utf-16" if wide else "utf-8-sig")
        except UnicodeDecodeError as error:
            raise self.damaged(f"{part}: {error.reason}") from error

    @contextmanager
    def stream(self, part: str) -> Iterator[IO[bytes]]:
        """Open a part for reading; a fault in its packing becomes a WorkbookError."""
        try:
            with self.archive.open(part) as stream:
                yield stream
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
            raise self.damaged(str(error)[:80]) from error

    def tree(self, part: str) -> ElementTree.Element:
        """Return a small part as a tree; entities are refused."""
        if part in self.names and self.archive.getinfo(part).file_size > _SMALL_PART_LIMIT:
            raise self.error(f"the part {part} is larger than any workbook needs; this is no workbook of accounts")
        with self.sound(part):
            parser = ElementTree.XMLParser(target=_Builder(self))
            return ElementTree.fromstring(self.read(part), parser)

    def relations_of(self, part: str) -> dict[str, Relation]:
        """Return the relations of a part by their id."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels not in self.names:
            return {}
        found = {}
        for node in self.tree(rels):
            target, external = node.get("Target") or "", node.get("TargetMode") == "External"
            if not external:
                target = posixpath.normpath(posixpath.join(folder, target)) if target[:1] != "/" else target[1:]
            kind = (node.get("Type") or "").rsplit("/", 1)[-1]
            found[node.get("Id") or ""] = Relation(node.get("Id") or "", kind, target, external)
        return found

    def _main_part(self) -> str:
        for relation in self.relations_of("").values():
            if relation.kind == "officeDocument" and relation.target in self.names:
                if relation.target.endswith(".bin"):
                    raise self.error("this is a binary workbook (.xlsb); save it as .xlsx and try again")
                return relation.target
        if "content.xml" in self.names:
            raise self.error("this is an OpenDocument file (.ods); save it as .xlsx and try again")
        raise self.error("this is a zip archive, not a workbook; give the .xlsx file")

    def _sheets(self, root: ElementTree.Element) -> Iterator[SheetEntry]:
        for node in root.iter():
            if local(node.tag) == "sheet":
                link = next((node.get(f"{space}id") for space in _RELS if node.get(f"{space}id")), "")
                relation = self.relations.get(link or "")
                if relation is None or relation.target not in self.names:
                    raise self.damaged(f"sheet {node.get('name')!r} has no part")
                yield SheetEntry(node.get("name") or "", relation.target, node.get("state") or "visible", relation.kind)


class _Builder(ElementTree.TreeBuilder):
    """Builds trees of parts that declare nothing: a DOCTYPE is how XML makes entities, and no workbook has one."""

    def __init__(self, package: Package) -> None:
        super().__init__()
        self._package = package

    def doctype(self, _name: str, _pubid: str | None, _system: str | None) -> None:
        """Refuse the declaration before anything in it is expanded."""
        raise self._package.error("its XML declares entities, which no workbook does; it is not read")


def local(tag: str) -> str:
    """Return a tag without its namespace."""
    return tag.rpartition("}")[2]


@contextmanager
def open_package(path: str | Path) -> Iterator[Package]:
    """Open a workbook's file.

    Raises:
        WorkbookError: it is missing, in use, no workbook, protected by a password, damaged, or a bomb.
    """
    file = Path(path)
    _check_start(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError) as error:
        raise WorkbookError(f"{file}: the workbook is damaged or cut short; take the last good copy") from error
    except OSError as error:
        raise _unreadable(file, error) from error
    with archive:
        _check_members(file, archive)
        yield Package(archive, file)


def _check_start(file: Path) -> None:
    try:
        if not file.exists():
            raise WorkbookError(f"{file}: there is no such file; check the path")
        if file.is_dir():
            raise WorkbookError(f"{file}: this is a folder; give the .xlsx file in it")
        with file.open("rb") as stream:
            start = stream.read(8)
            if start == _OLE:
                rest = stream.read(4_000_000)
                if "EncryptedPackage".encode("utf-16-le") in rest:
                    raise WorkbookError(f"{file}: protected by a password; save it without one and try again")
                raise WorkbookError(f"{file}: this is an old .xls workbook; save it as .xlsx and try again")
    except OSError as error:
        raise _unreadable(file, error) from error
    if not start:
        raise WorkbookError(f"{file}: the file is empty; take the last good copy")
    if not start.startswith(b"PK"):
        raise WorkbookError(f"{file}: this is no .xlsx workbook; give one that healthscore made")


def _unreadable(file: Path, error: OSError) -> WorkbookError:
    if isinstance(error, PermissionError):
        return WorkbookError(f"{file}: cannot be opened ({error.strerror}); if it is open in Excel, close it there")
    return WorkbookError(f"{file}: cannot be opened ({error.strerror or error}); check the path and its rights")


def _check_members(file: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise WorkbookError(f"{file}: protected by a password; save it without one and try again")
    unpacked = sum(member.file_size for member in members)
    bomb = any(
        member.file_size > _LARGE and member.file_size > RATIO_LIMIT * max(member.compress_size, 1)
        for member in members
    )
    if bomb or unpacked > UNPACKED_LIMIT or len(members) > _PARTS_LIMIT:
        raise WorkbookError(
            f"{file}: unpacks to {unpacked / 1e6:,.0f} MB in {len(members):,} parts, more than any workbook of ours "
            f"({UNPACKED_LIMIT / 1e6:,.0f} MB); it is not read"
        )
