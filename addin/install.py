"""Putting the add-in where Excel starts it, and telling it which Python to use.

Windows: functions, ribbon and macros. macOS: ribbon and macros; classic xlwings has no functions in cells there.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import xlwings

from healthscore.addin.xlam import FILE_NAME, PROJECT, build_xlam, settings_of
from healthscore.errors import OutputError

#: Keys of the settings file that hold the interpreter, by system.
_KEYS = {"win32": "INTERPRETER_WIN", "darwin": "INTERPRETER_MAC"}
_LINE = re.compile(r'"([^"]*)"\s*,\s*"([^"]*)"')


@dataclass(frozen=True)
class Places:
    """Where things stand on one machine. `script` is what macOS needs so that Excel may start Python."""

    system: str
    addin: Path
    settings: Path
    script: Path | None = None

    @property
    def functions(self) -> bool:
        """Whether functions in cells work on this system with classic xlwings."""
        return self.system == "win32"


def places(system: str = sys.platform, home: Path | None = None, roaming: Path | None = None) -> Places:
    """Return the places of a system, of this machine when nothing is given.

    Raises:
        OutputError: Excel does not run on this system.
    """
    home = home or Path.home()
    if system == "win32":
        roaming = roaming or Path(os.environ.get("APPDATA", home / "AppData" / "Roaming"))
        return Places(
            system, roaming / "Microsoft" / "Excel" / "XLSTART" / FILE_NAME, home / f".{PROJECT}" / f"{PROJECT}.conf"
        )
    if system == "darwin":
        office = home / "Library" / "Group Containers" / "UBF8T346G9.Office" / "User Content.localized"
        return Places(
            system,
            office / "Startup.localized" / "Excel" / FILE_NAME,
            home / "Library" / "Containers" / "com.microsoft.Excel" / "Data" / f"{PROJECT}.conf",
            home
            / "Library"
            / "Application Scripts"
            / "com.microsoft.Excel"
            / f"xlwings-{xlwings.__version__}.applescript",
        )
    raise OutputError(
        "Excel does not run on this system, so there is nothing to install it into; `healthscore addin build FILE` "
        "builds the add-in for another machine, `healthscore addin lite DIR` serves Excel for the web"
    )


def install(where: Places, interpreter: str = sys.executable) -> None:
    """Build the add-in into Excel's start folder and set the interpreter.

    Raises:
        OutputError: something cannot be written; a file that Excel has open says so.
    """
    try:
        where.addin.parent.mkdir(parents=True, exist_ok=True)
        build_xlam(where.addin)
        _write_setting(where, interpreter)
        if where.script is not None:
            where.script.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(xlwings.__file__).parent / where.script.name, where.script)
    except PermissionError as error:
        raise OutputError(f"{error.filename}: cannot be written; close Excel and try again") from error
    except OSError as error:
        raise OutputError(f"{error.filename}: cannot be written ({error.strerror})") from error


def remove(where: Places) -> list[Path]:
    """Remove what `install` wrote; return what was there."""
    gone = [path for path in (where.addin, where.settings, where.script) if path is not None and path.exists()]
    for path in gone:
        try:
            path.unlink()
        except OSError as error:
            raise OutputError(f"{path}: cannot be removed ({error.strerror}); close Excel and try again") from error
    return gone


def status(where: Places) -> list[tuple[bool, str]]:
    """Return what is in order and what is not, one sentence each."""
    if not where.addin.exists():
        return [(False, f"not installed: there is no {where.addin}; run: healthscore addin install")]
    lines = [(True, f"add-in: {where.addin}")]
    try:
        needed = settings_of(where.addin).get("XLWINGS_VERSION", "unknown")
    except OutputError as error:
        return [(False, str(error))]
    here = xlwings.__version__
    again = f"; run: pip install xlwings=={needed}, or: healthscore addin install"
    lines.append(
        (needed == here, f"xlwings: the add-in needs {needed}, installed is {here}{'' if needed == here else again}")
    )
    interpreter = read_setting(where)
    if interpreter is None:
        lines.append((False, f"interpreter: not set in {where.settings}; run: healthscore addin install"))
    else:
        there = Path(interpreter).exists()
        lines.append(
            (
                there,
                f"interpreter: {interpreter}{'' if there else ', which is not there; run: healthscore addin install'}",
            )
        )
    if where.script is not None:
        there = where.script.exists()
        lines.append(
            (there, f"macOS script: {where.script}{'' if there else ' is missing; run: healthscore addin install'}")
        )
    if not where.functions:
        text = "functions in cells: not on macOS with classic xlwings; use xlwings Lite (healthscore addin lite DIR)"
        lines.append((True, text))
    return lines


def read_setting(where: Places) -> str | None:
    """Return the interpreter in the settings file; None when there is none."""
    return _settings(where.settings).get(_KEYS[where.system])


def _settings(path: Path) -> dict[str, str]:
    return dict(_LINE.findall(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _write_setting(where: Places, interpreter: str) -> None:
    given = _settings(where.settings) | {_KEYS[where.system]: interpreter}
    where.settings.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f'"{name}","{value}"\n' for name, value in given.items())
    where.settings.write_text(text, encoding="utf-8")
