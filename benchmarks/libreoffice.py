"""LibreOffice as a measuring instrument: a private profile that always or never recalculates, one file in, one out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

#: org.openoffice.Office.Calc/Formula/Load/OOXMLRecalcMode: recalculate a file that has values of its own?
_MODES = {"always": 0, "never": 1}
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">\
<value>{mode}</value></prop></item>
</oor:items>
"""


def program() -> str | None:
    """Return LibreOffice's program, None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(path: Path, folder: Path, profile: Path, mode: str) -> Path:
    """Open a workbook and save it as .xlsx in `folder`; `profile` is a folder that only this benchmark uses."""
    settings = profile / mode
    registry = settings / "user" / "registrymodifications.xcu"
    if not registry.exists():
        registry.parent.mkdir(parents=True)
        registry.write_text(_PROFILE.format(mode=_MODES[mode]), encoding="utf-8")
    target = folder / path.name
    target.unlink(missing_ok=True)
    command = [str(program()), f"-env:UserInstallation={settings.resolve().as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    if done.returncode or not target.exists():
        raise RuntimeError(f"LibreOffice did not convert {path}: {done.stdout} {done.stderr}")
    return target
