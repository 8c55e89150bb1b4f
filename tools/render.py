"""Render a workbook's sheets to PNG through LibreOffice: `python tools/render.py BOOK.xlsx FOLDER [--sheet NAME …]`.

Every printed page becomes a picture, named after its sheet: `Dashboard-1.png`. Needs soffice, pdftoppm and pdftotext.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZipFile

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_FOOTER = re.compile(r"^\s*(?P<sheet>\S.*?)\s+Page \d+ of \d+\s*$", re.MULTILINE)
#: The lower edge of a landscape A4 page, where the footer stands.
_FOOT = ("-r", "72", "-x", "0", "-y", "562", "-W", "842", "-H", "33")
#: What must never be seen on a sheet: a column too narrow for its number, and Excel's and LibreOffice's errors.
ALARMING = re.compile(r"#{3,}|#REF!|#NAME\?|#VALUE!|#DIV/0!|#NUM!|#NULL!|#N/A|Err:\d+")
_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


#: Calibri stands in for itself where it is not installed: by its metric twin, else by the next narrow face.
_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<match target="pattern"><test name="family"><string>Calibri</string></test>
<edit name="family" mode="assign" binding="strong"><string>Calibri</string><string>Carlito</string>
<string>Liberation Sans Narrow</string></edit></match></fontconfig>
"""


def pdf(book: Path, folder: Path) -> Path:
    """Print a workbook, recalculated, to a PDF in `folder`; RuntimeError when LibreOffice gives none."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, encoding="utf-8")
    (folder / "fonts.conf").write_text(_FONTS, encoding="utf-8")
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    environment = {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    command += ["--convert-to", "pdf", "--outdir", str(folder), str(book)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=environment)
    made = folder / f"{book.stem}.pdf"
    if not made.is_file():
        raise RuntimeError(f"LibreOffice gave no PDF of {book}: {done.stdout}{done.stderr}")
    return made


def pages(document: Path) -> list[tuple[str, str]]:
    """Return (sheet, text) of every page; the sheet's name stands in our footer."""
    feet = [_FOOTER.search(foot) for foot in _texts(document, *_FOOT)]
    return [(foot["sheet"] if foot else "", text) for foot, text in zip(feet, _texts(document), strict=True)]


def _texts(document: Path, *options: str) -> list[str]:
    command = ["pdftotext", "-layout", *options, str(document), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\f")[:-1]


def sheet_names(book: Path) -> list[str]:
    """Return the names of a workbook's sheets in order."""
    with ZipFile(book) as archive:
        root = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    return [sheet.attrib["name"] for sheet in root.iter(f"{_MAIN}sheet")]


#: What keeps parts of a workbook from being printed: hidden columns, rows and sheets, and the areas set for print.
_HIDING = (
    (re.compile(r"xl/worksheets/sheet\d+\.xml"), re.compile(rb'(?<=\s)(?:hidden|collapsed)="1"')),
    (re.compile(r"xl/workbook\.xml"), re.compile(rb'(?<=\s)state="(?:hidden|veryHidden)"')),
    (re.compile(r"xl/workbook\.xml"), re.compile(rb'<definedName name="_xlnm\.Print_Area".*?</definedName>')),
)


def reveal(book: Path, copy: Path) -> Path:
    """Write a copy in which nothing is hidden and every sheet prints whole, what stands behind a page included."""
    with ZipFile(book) as archive, ZipFile(copy, "w", ZIP_DEFLATED) as whole:
        for name in archive.namelist():
            content = archive.read(name)
            for part, hiding in _HIDING:
                content = hiding.sub(b"", content) if part.fullmatch(name) else content
            whole.writestr(name, content)
    return copy


def alarming(book: Path) -> list[str]:
    """Return what must not be seen, sheet by sheet, folded and hidden parts included: `Dashboard: ###`."""
    with tempfile.TemporaryDirectory(prefix="render-") as folder:
        printed = pages(pdf(reveal(book, Path(folder) / "whole.xlsx"), Path(folder)))
        return [f"{sheet}: {found}" for sheet, text in printed for found in ALARMING.findall(text)]


def render(book: Path, folder: Path, sheets: Sequence[str] = (), dpi: int = 90, most: int = 3) -> Iterator[Path]:
    """Render sheets (all when none is named) to PNG, at most so many pages of each; yield the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="render-") as scratch:
        document = pdf(book, Path(scratch))
        count: dict[str, int] = {}
        for number, (sheet, _) in enumerate(pages(document), start=1):
            count[sheet] = count.get(sheet, 0) + 1
            if (sheets and sheet not in sheets) or count[sheet] > most:
                continue
            stem = folder / f"{re.sub(r'[^0-9A-Za-z]+', '-', sheet).strip('-').lower()}-{count[sheet]}"
            one = ["-singlefile", "-f", str(number), "-l", str(number), "-r", str(dpi), "-png"]
            subprocess.run(["pdftoppm", *one, str(document), str(stem)], check=True)
            yield stem.with_name(f"{stem.name}.png")


def main() -> int:
    """Render a workbook from the command line."""
    parser = argparse.ArgumentParser(description="Render a workbook's sheets to PNG through LibreOffice.")
    parser.add_argument("book", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sheet", action="append", default=[], help="only this sheet; may be given again")
    parser.add_argument("--dpi", type=int, default=90)
    parser.add_argument("--whole", action="store_true", help="with everything that is folded, hidden or not printed")
    parser.add_argument("--pages", type=int, default=3, help="at most so many pages of each sheet")
    given = parser.parse_args()
    missing = [tool for tool in ("soffice", "pdftoppm", "pdftotext") if shutil.which(tool) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="render-") as scratch:
        book = reveal(given.book, Path(scratch) / given.book.name) if given.whole else given.book
        for picture in render(book, given.folder, given.sheet, given.dpi, given.pages):
            print(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
