"""Old `.xls` workbooks, read in a process of their own.

A damaged `.xls` can make calamine ask for hundreds of gigabytes or run out of bounds, which ends the process without an
exception. In a child process that is an exit code, and here one clear line. (`.xlsx` parts carry checksums.)
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

from healthscore.errors import AccountsError

_SECONDS = 60
#: The child bounds its own memory where the system lets it; elsewhere an allocation beyond the machine's fails anyway.
_SCRIPT = """
import pickle, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
except (ImportError, ValueError, OSError):
    pass
from python_calamine import CalamineWorkbook, SheetTypeEnum
book = CalamineWorkbook.from_path(sys.argv[1])
names = [item.name for item in book.sheets_metadata if item.typ == SheetTypeEnum.WorkSheet]
sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
pickle.dump(sheets, sys.stdout.buffer)
"""


def read_old_workbook(file: Path, source: str) -> dict[str, list[list[Any]]]:
    """Return the cells of every sheet of an `.xls`, by the sheets' names.

    Raises:
        AccountsError: the workbook is protected by a password, damaged, or takes more than a minute to read.
    """
    if _overstated(file):
        raise _damaged(source)
    command = [sys.executable, "-c", _SCRIPT, str(file.resolve())]
    try:
        child = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AccountsError(
            f"{source}: the old workbook cannot be read here; save it as .xlsx and try again"
        ) from error
    if child.returncode == 0:
        sheets: dict[str, list[list[Any]]] = pickle.loads(child.stdout)
        return sheets
    said = child.stderr.decode("utf-8", "replace").lower()
    if "password" in said or "encrypt" in said:
        raise AccountsError(f"{source}: the workbook is protected by a password; save it without one and try again")
    raise _damaged(source)


def _overstated(file: Path) -> bool:
    """Say whether the header counts more sectors than the file has room for, which calamine would ask memory for.

    The counts are those of the directory, the FAT, the mini FAT and the DIFAT ([MS-CFB] 2.2).
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        header = stream.read(512)
    counts = [int.from_bytes(header[place : place + 4], "little") for place in (0x28, 0x2C, 0x40, 0x48)]
    return len(header) < 512 or max(counts) * 512 > size


def _damaged(source: str) -> AccountsError:
    return AccountsError(f"{source}: the workbook is damaged or cut short; open it, save it as .xlsx and try again")
