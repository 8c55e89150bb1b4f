"""Building `healthscore.xlam`, the add-in of classic xlwings, on any machine.

xlwings ships an add-in template with its VBA side; our wrappers, the ribbon and the settings are put into a copy of it.
Nothing in the file depends on the machine it was built on: the interpreter stands in each user's own settings.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from importlib import resources
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlwings

from healthscore import __version__
from healthscore.addin.vba_wrappers import MODULE
from healthscore.errors import OutputError

FILE_NAME = "healthscore.xlam"
PROJECT = "healthscore"
#: The template and its VBA side belong to one version of xlwings; the add-in asks for exactly that one.
XLWINGS_VERSION = xlwings.__version__
_TEMPLATE = "quickstart_addin_ribbon.xlam"
_MOMENT = (2000, 1, 1, 0, 0, 0)  # the same input gives the same bytes
_LINE = 100

#: Rows of the settings sheet. What is not here (the interpreter) is found in the user's own settings file.
SETTINGS: tuple[tuple[str, str | bool], ...] = (
    ("UDF MODULES", MODULE),
    ("USE UDF SERVER", False),
    ("DEBUG UDFS", False),
    ("SHOW CONSOLE", False),
    ("ADD_WORKBOOK_TO_PYTHONPATH", "false"),
    ("HEALTHSCORE_VERSION", __version__),
    ("XLWINGS_VERSION", XLWINGS_VERSION),
)


def build_xlam(path: Path) -> Path:
    """Build the add-in and write it to `path`, whole or not at all.

    Raises:
        OutputError: a library for building is missing, the template is not the one this was made for, or the file
            cannot be written.
    """
    try:
        from pyopenvba import ExcelFile  # noqa: PLC0415 (needed here alone)
    except ImportError as error:
        raise OutputError(
            'building the add-in needs pyOpenVBA; install it with: pip install "healthscore[addin]"'
        ) from error
    wrappers = _wrappers()
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".healthscore-addin-") as folder:
            raw, done = Path(folder) / "template.xlam", Path(folder) / "done.xlam"
            raw.write_bytes((Path(xlwings.__file__).parent / _TEMPLATE).read_bytes())
            with ExcelFile(raw) as book:
                _write_modules(book, wrappers)
                book.save()
            _write_parts(raw, done)
            done.chmod(0o644)
            done.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error}); nothing was changed") from error
    return path


def _wrappers() -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if name != "XLWINGS_ON_SERVER"}
    command = [sys.executable, "-m", "healthscore.addin.vba_wrappers"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise OutputError(f"xlwings {XLWINGS_VERSION} could not write the functions' wrappers: {last[0]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# --- VBA -----------------------------------------------------------------------------------------------------------


def _write_modules(book: Any, wrappers: dict[str, Any]) -> None:
    main = book.get_module("xlwings")
    version = re.search(r'XLWINGS_VERSION As String = "([^"]+)"', main)
    if version is None or version[1] != XLWINGS_VERSION or 'PROJECT_NAME As String = "myaddin"' not in main:
        raise OutputError(
            f"the add-in template of xlwings {XLWINGS_VERSION} is not as expected; install that version again"
        )
    book.set_module(
        "xlwings", main.replace('PROJECT_NAME As String = "myaddin"', f'PROJECT_NAME As String = "{PROJECT}"')
    )
    project = book.vba_project()
    project.rename_module("RibbonMyAddin", "RibbonHealthscore")
    ribbon = (resources.files("healthscore.addin.vba") / "RibbonHealthscore.bas").read_text(encoding="ascii")
    book.set_module("RibbonHealthscore", _crlf(ribbon))
    project.add_module("xlwings_udfs", _crlf(_functions_module(wrappers)))
    book.set_module(
        "ThisWorkbook", _crlf(book.get_module("ThisWorkbook").rstrip() + "\n" + _opening(wrappers["functions"]))
    )


def _crlf(text: str) -> str:
    return "\r\n".join(text.splitlines()) + "\r\n"


def _functions_module(wrappers: dict[str, Any]) -> str:
    """Return the wrappers with each function's description, where Excel's function wizard finds it."""
    text: str = 'Attribute VB_Name = "xlwings_udfs"\n#Const App = "Microsoft Excel"\n' + wrappers["vba"]
    for function in wrappers["functions"]:
        head = re.compile(rf"^Function {function['name']}\(.*\)$", re.MULTILINE)
        described = f"Attribute {function['name']}.VB_Description = {_quoted(function['text'])}"
        text = head.sub(lambda found, line=described: f"{found[0]}\n{line}", text, count=1)  # type: ignore[misc]
    return text


def _opening(functions: list[dict[str, Any]]) -> str:
    """Return what runs when the add-in opens: it tells Excel the category and arguments of each function."""
    lines = [
        "Private Sub Workbook_Open()",
        "    'Help in the function wizard is a comfort; without it the functions work.",
        "    On Error Resume Next",
    ]
    for function in functions:
        lines.append(f'    Application.MacroOptions Macro:="\'" & ThisWorkbook.Name & "\'!{function["name"]}", _')
        lines.append(f"        Description:={_quoted(function['text'])}, _")
        lines.append(f"        Category:={_quoted(function['category'])}, _")
        lines.append("        ArgumentDescriptions:=Array( _")
        helps = [f"            {_quoted(text)}" for text in function["help"]]
        lines.append(", _\n".join(helps) + ")")
    return "\n".join([*lines, "End Sub", ""])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


# --- the other parts -----------------------------------------------------------------------------------------------


def _write_parts(raw: Path, done: Path) -> None:
    ribbon = (resources.files("healthscore.addin.vba") / "customUI.xml").read_bytes()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(done, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            match name:
                case "customUI/customUI.xml":
                    data = ribbon
                case "xl/worksheets/sheet1.xml":
                    data = _settings_sheet(data.decode("utf-8")).encode()
                case "xl/sharedStrings.xml":
                    data = _NO_STRINGS
                case "xl/workbook.xml":
                    data = _workbook(data.decode("utf-8")).encode()
                case "docProps/core.xml":
                    data = re.sub(rb"(<dc:creator>|<cp:lastModifiedBy>)[^<]*", rb"\1healthscore", data)
                case "docProps/app.xml":
                    data = data.replace(b"<Manager /><Company />", b"")
            target.writestr(zipfile.ZipInfo(name, _MOMENT), data, zipfile.ZIP_DEFLATED)


_NO_STRINGS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="0" uniqueCount="0"></sst>'
)


def _workbook(text: str) -> str:
    """Name the settings sheet as the VBA side looks for it, and leave out the path of the template's author."""
    text = text.replace('name="_myaddin.conf"', f'name="{PROJECT}.conf"')
    return re.sub(r"<mc:AlternateContent\b.*?</mc:AlternateContent>", "", text, flags=re.DOTALL)


def _settings_sheet(text: str) -> str:
    rows = []
    for number, (name, value) in enumerate(SETTINGS, start=1):
        if isinstance(value, bool):
            cell = f'<c r="B{number}" s="1" t="b"><v>{int(value)}</v></c>'
        else:
            cell = f'<c r="B{number}" s="1" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        rows.append(f'<row r="{number}"><c r="A{number}" s="1" t="inlineStr"><is><t>{name}</t></is></c>{cell}</row>')
    text = re.sub(r"<sheetData>.*</sheetData>", "<sheetData>" + "".join(rows) + "</sheetData>", text, flags=re.DOTALL)
    return re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="A1:B{len(SETTINGS)}"', text)


def settings_of(path: Path) -> dict[str, str]:
    """Return the settings in a built add-in; OutputError when the file is none of ours."""
    try:
        with zipfile.ZipFile(path) as archive:
            text = archive.read("xl/worksheets/sheet1.xml").decode("utf-8")
            named = f'name="{PROJECT}.conf"' in archive.read("xl/workbook.xml").decode("utf-8")
    except (OSError, KeyError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise OutputError(f"{path}: is no add-in that can be read; remove it and build it again") from error
    if not named:
        raise OutputError(f"{path}: is an add-in, but not ours")
    found = re.findall(r"<t>([^<]*)</t></is></c><c [^>]*>(?:<v>([^<]*)</v>|<is><t>([^<]*)</t></is>)</c></row>", text)
    return {name: flag or value for name, flag, value in found}
