"""Moving whole sheets that people added from one workbook file into another, as they are.

The parts of such a sheet (cells, drawings, charts, pictures, comments, tables) are copied as XML; what they share with
the rest of a workbook is put in place: cell formats are appended to the new file's, shared texts become inline ones,
references into our sheets follow their cells. So everything that the XML says stays, known to us or not.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr, unescape

from healthscore.refresh.looks import Looks
from healthscore.refresh.references import Follower
from healthscore.workbook.reading.cells import address
from healthscore.workbook.reading.package import Package, Relation, SheetEntry, local, open_package

_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KEPT = {
    "drawing",
    "image",
    "chart",
    "chartStyle",
    "chartColorStyle",
    "chartEx",
    "chartUserShapes",
    "comments",
    "vmlDrawing",
    "table",
    "hyperlink",
    "themeOverride",
    "diagramData",
    "diagramLayout",
    "diagramQuickStyle",
    "diagramColors",
    "diagramDrawing",
    "package",
}
#: Kinds of parts that stay behind -> what a person calls them.
LEFT_BEHIND = {
    "pivotTable": "a pivot table (its figures stay as plain values)",
    "slicer": "a slicer",
    "timeline": "a timeline",
    "control": "a form control",
    "ctrlProp": "a form control",
    "oleObject": "an embedded object",
    "threadedComment": "a threaded comment (its text stays as a note)",
    "queryTable": "a query (its rows stay as plain values)",
    "customProperty": "a custom property",
}
_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_FORMULA = re.compile(r"<f\b([^>]*?)(?:/>|>(.*?)</f>)", re.DOTALL)
_VALUE = re.compile(r"<v>(.*?)</v>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_OTHER_FORMULAS = re.compile(
    r"(<(?:\w+:)?(?:formula|formula1|formula2|f|calculatedColumnFormula|totalsRowFormula)\b[^>]*>)([^<]*)(</)"
)
#: What comes behind rules and validations in a sheet's XML, in this order.
_AFTER_RULES = (
    "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "drawing", "legacyDrawing",
    "tableParts", "extLst",
)  # fmt: skip
_EXTERNAL = re.compile(r"\[\d+\]")


@dataclass
class _Styles:
    """The new file's styles while formats of the old one are appended; each only once, and only those in use."""

    old: ElementTree.Element
    new: ElementTree.Element
    cells: dict[int, int] = field(default_factory=dict)
    others: dict[tuple[str, int], int] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)

    def cell(self, number: int) -> int:
        """Return the new number of an old cell format."""
        if number not in self.cells:
            source = _children(self.old, "cellXfs")
            if number >= len(source):
                return 0
            attributes = {name: value for name, value in source[number].attrib.items() if "}" not in name}
            for name, part in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
                attributes[name] = str(self._part(part, int(attributes.get(name, 0))))
            attributes["numFmtId"] = self._format(attributes.get("numFmtId", "0"))
            attributes["xfId"] = "0"
            made = ElementTree.Element(_tag(source[number]), attributes)
            made.extend(child for child in source[number] if local(child.tag) in ("alignment", "protection"))
            self.cells[number] = self._append("cellXfs", made)
        return self.cells[number]

    def conditional(self, number: int) -> int:
        """Return the new number of an old conditional format."""
        return self._part("dxfs", number)

    def _part(self, name: str, number: int) -> int:
        if (name, number) not in self.others:
            source = _children(self.old, name)
            if number >= len(source):
                return 0
            self.others[name, number] = self._append(name, _plain(source[number]))
        return self.others[name, number]

    def _format(self, number: str) -> str:
        if int(number) < 164:
            return number
        if number not in self.formats:
            code = next(
                (n.get("formatCode") for n in _children(self.old, "numFmts") if n.get("numFmtId") == number), None
            )
            if code is None:
                return "0"
            taken = [int(node.get("numFmtId") or 0) for node in _children(self.new, "numFmts")]
            self.formats[number] = str(max([163, *taken]) + 1)
            space = self.new.tag.rpartition("}")[0] + "}"
            made = ElementTree.Element(f"{space}numFmt", {"numFmtId": self.formats[number], "formatCode": code})
            self._append("numFmts", made)
        return self.formats[number]

    def _append(self, name: str, made: ElementTree.Element) -> int:
        space = self.new.tag.rpartition("}")[0] + "}"
        parent = next((node for node in self.new if local(node.tag) == name), None)
        if parent is None:
            parent = ElementTree.Element(f"{space}{name}")
            self.new.insert(0 if name == "numFmts" else len(self.new), parent)
        parent.append(made)
        parent.set("count", str(len(parent)))
        return len(parent) - 1

    def text(self) -> bytes:
        """Return the styles as XML."""
        return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + _xml(self.new, root=True).encode()


def _before(text: str, elements: tuple[str, ...], xml: str) -> str:
    """Return a sheet's XML with more of it before the first of these elements that it has."""
    for element in elements:
        at = text.find(f"<{element}")
        if at >= 0:
            return text[:at] + xml + text[at:]
    return text.replace("</worksheet>", f"{xml}</worksheet>")


def _children(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return next((list(node) for node in root if local(node.tag) == name), [])


def _tag(node: ElementTree.Element) -> str:
    return node.tag


def _plain(node: ElementTree.Element) -> ElementTree.Element:
    """Return an element without what belongs to other namespaces."""
    made = ElementTree.Element(node.tag, {name: value for name, value in node.attrib.items() if "}" not in name})
    made.text = node.text
    space = node.tag.rpartition("}")[0]
    made.extend(_plain(child) for child in node if child.tag.startswith(space) and local(child.tag) != "extLst")
    return made


def _xml(node: ElementTree.Element, *, root: bool = False) -> str:
    """Return an element as XML of the main namespace."""
    name = local(node.tag)
    attributes = "".join(
        f" {'xml:space' if key.endswith('}space') else key}={quoteattr(value)}"
        for key, value in node.attrib.items()
        if "}" not in key or key.endswith("}space")
    )
    if root:
        attributes = f' xmlns="{node.tag[1:].rpartition("}")[0]}"{attributes}'
    inner = escape(node.text or "") + "".join(_xml(child) for child in node)
    return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"


class Transplant:
    """Sheets of an old file on their way into a new one."""

    def __init__(self, old: Package, follow: Follower) -> None:
        self.old, self.follow = old, follow
        self.parts: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.lost: list[str] = []
        self._defaults, self._overrides = _content_types(old)
        self._strings: list[ElementTree.Element] | None = None

    def into(self, new: Path, target: Path, sheets: Iterable[SheetEntry], looks: Mapping[str, Looks]) -> None:
        """Write `new` to `target` with the sheets added, and with the looks of cells on our own sheets."""
        with open_package(new) as package:
            styles_part = next(link.target for link in package.relations.values() if link.kind == "styles")
            old_styles = next((link.target for link in self.old.relations.values() if link.kind == "styles"), "")
            self.taken = set(package.names)
            self.styles = _Styles(self.old.tree(old_styles), package.tree(styles_part))
            self.table_id = 1000
            added = [
                (replace(entry, name=self.follow.renamed.get(entry.name, entry.name)), self._sheet(entry))
                for entry in sheets
            ]
            ours = {
                entry.part: self._looks(package.read(entry.part).decode(), looks[entry.name]).encode()
                for entry in package.sheets
                if entry.name in looks
            }
            changed = {
                **ours,
                styles_part: self.styles.text(),
                **self._workbook(package, added),
                "[Content_Types].xml": self._types(package),
            }
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
                for name in package.archive.namelist():
                    archive.writestr(name, changed[name] if name in changed else package.read(name))
                for name, data in self.parts.items():
                    archive.writestr(name, data)

    # --- looks of our own sheets ---------------------------------------------------------------------------------

    def _looks(self, text: str, looks: Looks) -> str:
        numbers = {address(*place): self.styles.cell(style) for place, style in looks.cells.items()}

        def styled(found: re.Match[str]) -> str:
            number = numbers.get(found[2])
            return found[0] if number is None else f'{found[1]}{found[2]}" s="{number}"'

        text = re.sub(r'(<c r=")([A-Z]+[0-9]+)"(?: s="[0-9]+")?', styled, text)
        if looks.rules:
            first = max((int(number) for number in re.findall(r'\bpriority="(\d+)"', text)), default=0)
            rules = "".join(
                re.sub(r'\bpriority="\d+"', f'priority="{first + number}"', self._formats(rule))
                for number, rule in enumerate(looks.rules, start=1)
            )
            text = _before(text, ("conditionalFormatting", "dataValidations", *_AFTER_RULES), rules)
        if looks.validations:
            given = re.search(r"<dataValidations\b[^>]*>(.*?)</dataValidations>", text, re.DOTALL)
            inner = (given[1] if given else "") + "".join(looks.validations)
            made = f'<dataValidations count="{len(re.findall("<dataValidation ", inner))}">{inner}</dataValidations>'
            text = text.replace(given[0], made) if given else _before(text, _AFTER_RULES, made)
        return text

    # --- one sheet -----------------------------------------------------------------------------------------------

    def _sheet(self, entry: SheetEntry) -> str:
        text = self.old.read(entry.part).decode("utf-8-sig")
        if entry.kind == "worksheet":
            text = self._cells(text, entry.name)
            text = re.sub(r'(<row\b[^>]*?\bs=")(\d+)(")', self._style_number, text)
            text = re.sub(r'(<col\b[^>]*?\bstyle=")(\d+)(")', self._style_number, text)
        text = self._formats(text)
        text = re.sub(r'\s(?:tabSelected|codeName)="[^"]*"', "", text)
        text = re.sub(r'(<pageSetup\b[^>]*?)\s\w+:id="[^"]*"', r"\1", text)
        relations = self.old.relations_of(entry.part)
        if any(
            link.kind not in _KEPT and link.kind not in ("pivotTable", "threadedComment", "printerSettings")
            for link in relations.values()
        ):
            for element in ("oleObjects", "controls", "extLst", "customProperties"):
                text = re.sub(rf"<{element}\b.*?</{element}>", "", text, flags=re.DOTALL)
            text = re.sub(r"<mc:AlternateContent\b.*?</mc:AlternateContent>", "", text, flags=re.DOTALL)
        text = _OTHER_FORMULAS.sub(lambda found: self._other(found, entry.name), text)
        return self._put(entry.part, text.encode(), entry.name)

    def _cells(self, text: str, sheet: str) -> str:
        shared: dict[str, tuple[str, str]] = {}
        return _CELL.sub(lambda found: self._cell(found, sheet, shared), text)

    def _cell(self, found: re.Match[str], sheet: str, shared: dict[str, tuple[str, str]]) -> str:
        attributes = dict(_ATTRIBUTE.findall(found[1]))
        inner = found[2] or ""
        if "s" in attributes:
            attributes["s"] = str(self.styles.cell(int(attributes["s"])))
        for name in ("cm", "vm"):
            attributes.pop(name, None)
        if attributes.get("t") == "s":
            attributes["t"] = "inlineStr"
            number = _VALUE.search(inner)
            inner = f"<is>{self._string(int(number[1]))}</is>" if number else ""
        inner = _FORMULA.sub(lambda f: self._formula(f, sheet, attributes.get("r", "A1"), shared), inner)
        marks = "".join(f' {name}="{value}"' for name, value in attributes.items())
        return f"<c{marks}>{inner}</c>" if inner else f"<c{marks}/>"

    def _string(self, number: int) -> str:
        if self._strings is None:
            part = next((link.target for link in self.old.relations.values() if link.kind == "sharedStrings"), "")
            self._strings = [node for node in self.old.tree(part) if local(node.tag) == "si"]
        return "".join(_xml(child) for child in self._strings[number] if local(child.tag) in ("t", "r"))

    def _formula(self, found: re.Match[str], sheet: str, here: str, shared: dict[str, tuple[str, str]]) -> str:
        attributes, text = dict(_ATTRIBUTE.findall(found[1])), unescape(found[2] or "", _ENTITIES)
        if attributes.get("t") == "shared":
            from openpyxl.formula.translate import Translator  # noqa: PLC0415

            number = attributes.get("si", "")
            if text:
                shared[number] = (text, here)
            elif number in shared:
                text = Translator(f"={shared[number][0]}", shared[number][1]).translate_formula(here)[1:]
            attributes = {}
        if not text or _EXTERNAL.search(text) or attributes.get("t") == "dataTable":
            return ""
        marks = "".join(f' {name}="{value}"' for name, value in attributes.items() if name not in ("si",))
        return f"<f{marks}>{escape(self.follow.follow(text, sheet))}</f>"

    def _other(self, found: re.Match[str], sheet: str) -> str:
        if found[1].startswith("<f>") or found[1].startswith("<f "):
            return found[0]
        return found[1] + escape(self.follow.follow(unescape(found[2], _ENTITIES), sheet)) + found[3]

    def _style_number(self, found: re.Match[str]) -> str:
        return f"{found[1]}{self.styles.cell(int(found[2]))}{found[3]}"

    def _formats(self, text: str) -> str:
        return re.sub(
            r'(\b(?:\w*[dD]xfId)=")(\d+)(")', lambda m: f"{m[1]}{self.styles.conditional(int(m[2]))}{m[3]}", text
        )

    # --- parts and what binds them -------------------------------------------------------------------------------

    def _put(self, part: str, data: bytes, sheet: str) -> str:
        """Take a part and all it leads to; return its new name."""
        if part in self.names:
            return self.names[part]
        folder, base = posixpath.split(part)
        number = 1
        while (name := f"{folder}/kept{number}_{base}") in self.taken:
            number += 1
        self.taken.add(name)
        self.names[part] = name
        kind = self._overrides.get(f"/{part}")
        if kind:
            self.types[name] = kind
        links = [link for link in self.old.relations_of(part).values() if link.kind in _KEPT]
        rows = [self._link(link, sheet) for link in links]
        if rows:
            rels = posixpath.join(posixpath.dirname(name), "_rels", posixpath.basename(name) + ".rels")
            self.parts[rels] = (
                '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                + "".join(rows)
                + "</Relationships>"
            ).encode()
        self.parts[name] = data
        return name

    def _link(self, link: Relation, sheet: str) -> str:
        kind = _link_type(link.kind)
        if link.external:
            return f'<Relationship Id="{link.id}" Type="{kind}" Target={quoteattr(link.target)} TargetMode="External"/>'
        data = self.old.read(link.target)
        if link.target.endswith(".xml"):
            data = self._rewritten(data.decode("utf-8-sig"), link.kind, sheet).encode()
        target = self._put(link.target, data, sheet)
        return f'<Relationship Id="{link.id}" Type="{kind}" Target="/{target}"/>'

    def _rewritten(self, text: str, kind: str, sheet: str) -> str:
        if kind == "table":
            self.table_id += 1
            text = re.sub(r'(<table\b[^>]*?\bid=")\d+(")', rf"\g<1>{self.table_id}\2", text)
            text = self._formats(text)
        if kind in ("chart", "chartEx", "table", "drawing"):
            text = _OTHER_FORMULAS.sub(
                lambda found: found[1] + escape(self.follow.follow(unescape(found[2], _ENTITIES), sheet)) + found[3],
                text,
            )
        return text

    def _types(self, package: Package) -> bytes:
        text = package.read("[Content_Types].xml").decode()
        known = set(re.findall(r'Extension="([^"]+)"', text))
        added = ""
        for name in self.parts:
            suffix = name.rpartition(".")[2]
            if name in self.types:
                added += f'<Override PartName="/{name}" ContentType="{self.types[name]}"/>'
            elif suffix not in known and suffix in self._defaults:
                known.add(suffix)
                default = f'<Default Extension="{suffix}" ContentType="{self._defaults[suffix]}"/>'
                text = text.replace("<Override", default + "<Override", 1)
        return text.replace("</Types>", added + "</Types>").encode()

    def _workbook(self, package: Package, added: list[tuple[SheetEntry, str]]) -> dict[str, bytes]:
        """Return workbook.xml and its relations with the sheets at the place they had, and with people's names."""
        text, rels = package.read(package.main).decode(), f"xl/_rels/{posixpath.basename(package.main)}.rels"
        listed = re.findall(r"<sheet\b[^>]*/>", text)
        order = [entry.name for entry in package.sheets]
        links, numbers = "", [int(n) for n in re.findall(r'sheetId="(\d+)"', text)]
        tags = dict(zip(order, listed, strict=True))
        for number, (entry, part) in enumerate(added, start=1):
            tags[entry.name] = (
                f'<sheet name={quoteattr(entry.name)} sheetId="{max(numbers) + number}"'
                + (f' state="{entry.state}"' if entry.state != "visible" else "")
                + f' r:id="kept{number}"/>'
            )
            links += f'<Relationship Id="kept{number}" Type="{_REL}/{entry.kind}" Target="/{part}"/>'
        before = [entry.name for entry in package.sheets]
        for entry, _ in added:
            order.insert(self._position(entry, order), entry.name)
        text = text.replace("".join(listed), "".join(tags[name] for name in order))
        text = re.sub(
            r'localSheetId="(\d+)"', lambda found: f'localSheetId="{order.index(before[int(found[1])])}"', text
        )
        text = self._defined(text, package, order)
        relations = package.read(rels).decode().replace("</Relationships>", links + "</Relationships>")
        return {package.main: text.encode(), rels: relations.encode()}

    def _position(self, entry: SheetEntry, order: list[str]) -> int:
        """Return where a sheet goes: behind the nearest one that stood before it and is still there."""
        renamed = {old: sheet.name for old, sheet in self.follow.sheets.items()}
        names = [renamed.get(one.name, self.follow.renamed.get(one.name, one.name)) for one in self.old.sheets]
        place = next(number for number, one in enumerate(self.old.sheets) if one.part == entry.part)
        for name in reversed(names[:place]):
            if name in order:
                return order.index(name) + 1
        return 0

    def _defined(self, text: str, package: Package, order: list[str]) -> str:
        known = {name.lower() for name, _ in package.defined}
        old_order = [entry.name for entry in self.old.sheets]
        foreign = {name for name in order if name not in {entry.name for entry in package.sheets}}
        added = []
        for (name, where), formula in self.old.defined.items():
            number = int(where) if where is not None and where.isdigit() else len(old_order)
            sheet = old_order[number] if number < len(old_order) else None
            sheet = self.follow.renamed.get(sheet, sheet) if sheet else None
            if (sheet is None and (name.lower() in known or name.startswith("_xlnm"))) or (
                sheet and sheet not in foreign
            ):
                continue
            if is_lost(formula):
                continue
            place = f' localSheetId="{order.index(sheet)}"' if sheet else ""
            hidden = ' hidden="1"' if name in self.old.hidden_names else ""
            body = escape(self.follow.follow(formula, sheet or order[0]))
            added.append(f"<definedName name={quoteattr(name)}{place}{hidden}>{body}</definedName>")
        if not added:
            return text
        if "<definedNames>" in text:
            found = re.findall(r"<definedName\b.*?</definedName>", text, re.DOTALL)
            merged = sorted([*found, *added], key=lambda tag: dict(_ATTRIBUTE.findall(tag))["name"].lower())
            return re.sub(
                r"<definedNames>.*</definedNames>",
                lambda _: f"<definedNames>{''.join(merged)}</definedNames>",
                text,
                flags=re.DOTALL,
            )
        return text.replace("</sheets>", f"</sheets><definedNames>{''.join(added)}</definedNames>")


_ENTITIES = {"&quot;": '"', "&apos;": "'"}
_MICROSOFT = {
    "chartStyle": "http://schemas.microsoft.com/office/2011/relationships/chartStyle",
    "chartColorStyle": "http://schemas.microsoft.com/office/2011/relationships/chartColorStyle",
    "chartEx": "http://schemas.microsoft.com/office/2014/relationships/chartEx",
    "diagramDrawing": "http://schemas.microsoft.com/office/2007/relationships/diagramDrawing",
}


def _link_type(kind: str) -> str:
    return _MICROSOFT.get(kind, f"{_REL}/{kind}")


def _content_types(package: Package) -> tuple[dict[str, str], dict[str, str]]:
    defaults, overrides = {}, {}
    for node in package.tree("[Content_Types].xml"):
        kind = node.get("ContentType") or ""
        if local(node.tag) == "Default":
            defaults[node.get("Extension") or ""] = kind
        else:
            overrides[node.get("PartName") or ""] = kind
    return defaults, overrides


def transplantable(package: Package, entry: SheetEntry) -> bool:
    """Say whether a sheet's XML is written the way nearly every program writes it, so that it can be carried."""
    start = package.read(entry.part)[:2000]
    root = re.search(rb"<(?:\w+:)?(?:worksheet|chartsheet)\b", start)
    return root is not None and b":" not in root[0] and b"utf-16" not in start[:60].lower()


def left_behind(package: Package, sheets: Iterable[SheetEntry]) -> Iterator[tuple[str, str]]:
    """Yield (sheet, what) for everything on these sheets that cannot be carried."""
    for entry in sheets:
        kinds: dict[str, int] = {}
        for link in package.relations_of(entry.part).values():
            if link.kind in LEFT_BEHIND:
                kinds[link.kind] = kinds.get(link.kind, 0) + 1
        for kind, count in kinds.items():
            yield entry.name, LEFT_BEHIND[kind] + (f" ({count} of them)" if count > 1 else "")
        if entry.kind == "worksheet" and re.search(rb"<f\b[^>]*>[^<]*\[\d+\]", package.read(entry.part)):
            yield entry.name, "formulas that point into other workbooks (their values stay)"
        if re.search(rb'<c\b[^>]*\scm="', package.read(entry.part)):
            yield entry.name, "formulas that spill (they stay as array formulas of the same size)"


def is_lost(formula: str) -> bool:
    """Say whether a name's formula points nowhere, or into another workbook, so that the name stays behind."""
    return "#REF!" in formula or _EXTERNAL.search(formula) is not None


def broken_references(package: Package, sheets: Iterable[SheetEntry], follow: Follower) -> Iterator[str]:
    """Yield what formulas on these sheets point at that is gone, and names that point nowhere."""
    for entry in sheets:
        text = package.text(entry.part)
        before = len(follow.lost)
        for found in (*_FORMULA.finditer(text), *_OTHER_FORMULAS.finditer(text)):
            follow.follow(unescape(found[2] or "", _ENTITIES), entry.name)
        lost = follow.lost[before:]
        del follow.lost[before:]
        for reference in dict.fromkeys(lost):
            yield f"sheet {entry.name!r}: a formula points at {reference}, which is gone; it becomes #REF!"
    for (name, where), formula in package.defined.items():
        if where is None and not name.startswith("_xlnm") and is_lost(formula):
            yield f"the name {name}: it points at {formula}"


Rewriter = Callable[[str], str]
Parts = Mapping[str, bytes]
