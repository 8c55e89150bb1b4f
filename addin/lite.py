"""The files for xlwings Lite: one `main.py` that holds everything, and the packages to ask for.

xlwings Lite runs Python inside Excel's task pane, where nothing can be installed from a disk. So `main.py` carries our
modules with it, packed, and needs no package index to have them.
"""

from __future__ import annotations

import base64
import hashlib
import io
import textwrap
import zipfile
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import xlwings

from healthscore import __version__
from healthscore.errors import OutputError

MAIN, REQUIREMENTS = "main.py", "requirements.txt"
#: Package -> which of its files the functions need; all of them where it is None.
_CARRIED: dict[str, tuple[str, ...] | None] = {
    "healthscore": ("__init__.py", "errors.py", "findings.py", "names.py"),
    "healthscore.accounts": None,
    "healthscore.model": None,
    "healthscore.scoring": None,
    "healthscore.workbook": ("__init__.py", "model_grid.py"),
    "healthscore.addin": (
        "__init__.py", "answer.py", "commands.py", "functions.py", "models.py", "scripts.py", "sheet_cells.py",
        "tables.py", "update.py",
    ),
    "healthscore.templates": ("__init__.py",),
}  # fmt: skip
_MOMENT = (2000, 1, 1, 0, 0, 0)

#: Packages that Pyodide brings are not pinned: their version belongs to Pyodide's.
_REQUIREMENTS = f"""xlwings=={xlwings.__version__}
pandas
pydantic
"""

_MAIN = '''"""Health scores in Excel, for xlwings Lite. Written by `healthscore addin lite` (healthscore {version}).

Paste this file into the tab main.py of xlwings Lite and requirements.txt into the tab of that name; then type
=HEALTHSCORE(values, headers, segment, HealthModel) into a cell. The modules below are packed; to change them, change
healthscore and write this file again.
"""

import base64
import io
import sys
import tempfile
import zipfile
from pathlib import Path

_FOLDER = Path(tempfile.gettempdir()) / "healthscore-{digest}"
_PACKED = """
{packed}
"""

if not _FOLDER.exists():
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(_PACKED))) as _archive:
        _archive.extractall(_FOLDER)
if str(_FOLDER) not in sys.path:
    sys.path.insert(0, str(_FOLDER))

from healthscore.addin.functions import (  # noqa: E402, F401
    HEALTHACTION,
    HEALTHBAND,
    HEALTHCOVERAGE,
    HEALTHDRIVERS,
    HEALTHGRADE,
    HEALTHSCORE,
)
from healthscore.addin.scripts import check_scores, recompute_scores, refresh_scores  # noqa: E402, F401
'''


def write_lite(folder: Path, *, force: bool = False) -> list[Path]:
    """Write `main.py` and `requirements.txt` into a folder, which is made when missing.

    Raises:
        OutputError: a file exists and `force` is off, or cannot be written.
    """
    contents = {MAIN: main_text(), REQUIREMENTS: _REQUIREMENTS}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in contents:
            if (folder / name).exists() and not force:
                raise OutputError(f"{folder / name}: exists already; give --force to replace it")
        for name, text in contents.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written into ({error.strerror})") from error
    return [folder / name for name in contents]


def main_text() -> str:
    """Return `main.py` with our modules packed inside."""
    packed = _packed()
    text = "\n".join(textwrap.wrap(base64.b64encode(packed).decode(), 120))
    return _MAIN.format(version=__version__, digest=hashlib.sha256(packed).hexdigest()[:12], packed=text)


def _packed() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for package, names in _CARRIED.items():
            root, place = resources.files(package), package.replace(".", "/")
            for file in sorted(root.iterdir(), key=lambda entry: entry.name):
                if file.name.endswith(".py") and (names is None or file.name in names):
                    _add(archive, f"{place}/{file.name}", file)
        models = resources.files("healthscore.templates") / "models"
        for file in sorted(models.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".toml"):
                _add(archive, f"healthscore/templates/models/{file.name}", file)
    return memory.getvalue()


def _add(archive: zipfile.ZipFile, name: str, file: Traversable) -> None:
    archive.writestr(zipfile.ZipInfo(name, _MOMENT), file.read_bytes(), zipfile.ZIP_DEFLATED)
