"""Spreadsheet engines that recalculate a workbook, behind one interface: a file in, every cell's value out."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import cellrune
import pytest

from parity.cells import CellError, Place, Value, address, place_of, read_cells

Recalculated = dict[str, dict[Place, Value]]


class Engine(Protocol):
    """Anything that can recalculate a workbook."""

    name: str

    def recalculate(self, path: Path) -> Recalculated:
        """Return {sheet: {(row, column) from 0: value}}; blank cells may be left out."""


class Cellrune:
    """The engine from PyPI, in this process: quick, on any machine."""

    name = "cellrune"

    def recalculate(self, path: Path) -> Recalculated:
        """Open, recalculate everything, and read every sheet's used range."""
        with cellrune.Workbook.open_path(str(path)) as workbook:
            workbook.recalculate()
            return {sheet["name"]: self._values(workbook, sheet) for sheet in workbook.summary()["sheets"]}

    def _values(self, workbook: Any, sheet: dict[str, Any]) -> dict[Place, Value]:
        if not sheet["used_range"]:
            return {}
        last = place_of(sheet["used_range"].split(":")[-1])
        grid = workbook.read_values(sheet["name"], "A1", address(last))
        return {
            (row, col): _cellrune_value(cell) for row, line in enumerate(grid) for col, cell in enumerate(line) if cell
        }


def _cellrune_value(cell: dict[str, Any]) -> Value:
    match cell["kind"]:
        case "number":
            return float(cell["value"])
        case "blank":
            return ""
        case "text" | "logical":
            return cell["value"]
        case _:
            return CellError(f"{cell['kind']} {cell.get('value', cell)}")


_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


class LibreOffice:
    """LibreOffice without a window, with a profile of its own that recalculates every file it opens."""

    name = "libreoffice"

    def recalculate(self, path: Path) -> Recalculated:
        """Convert the file to a recalculated copy and read its values; skips the test where soffice is absent."""
        return self.recalculate_all([path])[0]

    def recalculate_all(self, paths: Sequence[Path]) -> list[Recalculated]:
        """Recalculate many files of different names with one start of the program."""
        program = shutil.which("soffice") or shutil.which("libreoffice")
        if program is None:
            pytest.skip("LibreOffice (soffice) is not installed on this machine")
        with tempfile.TemporaryDirectory(prefix="parity-") as folder:
            profile, out = Path(folder) / "profile", Path(folder) / "out"
            (profile / "user").mkdir(parents=True)
            (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, encoding="utf-8")
            command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
            command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), *map(str, paths)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
            copies = [out / f"{path.stem}.xlsx" for path in paths]
            lost = [copy.name for copy in copies if not copy.is_file()]
            assert not lost, f"LibreOffice gave no {', '.join(lost)}: {done.stdout}{done.stderr}"
            return [_values(copy) for copy in copies]


def _values(path: Path) -> Recalculated:
    return {sheet: {place: cell.value for place, cell in cells.items()} for sheet, cells in read_cells(path).items()}


CELLRUNE, LIBREOFFICE = Cellrune(), LibreOffice()
#: For parametrised tests: each engine, the slow one marked.
EVERY_ENGINE = [
    pytest.param(CELLRUNE, id="cellrune"),
    pytest.param(LIBREOFFICE, id="libreoffice", marks=pytest.mark.libreoffice),
]

__all__ = ["CELLRUNE", "EVERY_ENGINE", "LIBREOFFICE", "Engine", "Recalculated"]
