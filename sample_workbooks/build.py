"""Rebuild every sample workbook from its accounts: `python sample_workbooks/build.py`; `--check` only compares.

Each folder here holds `accounts.csv` and the workbook that `healthscore build` makes of it with the model of the
folder's name. The parts inside are the same on every machine, so a comparison shows every change of the product.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path

import year

from healthscore import build, load_model, read_accounts
from healthscore.cli.demo import AS_OF

HERE = Path(__file__).parent
BOOK = "health scores.xlsx"


def make(folder: Path, target: Path) -> None:
    """Build the workbook of one sample folder into `target`; that of `a_year` is built and refreshed for a year."""
    if folder == year.FOLDER:
        year.make(target)
        return
    model = load_model(folder.name)
    build(read_accounts(folder / "accounts.csv", model), model, target, AS_OF, force=True)


def parts(book: Path) -> dict[str, bytes]:
    """Return a workbook's parts; without its properties, which name the program's version."""
    with zipfile.ZipFile(book) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.startswith("docProps/")}


def main() -> int:
    """Rebuild all samples, or with --check say which differ from what is here."""
    folders = [*sorted(path.parent for path in HERE.glob("*/accounts.csv")), year.FOLDER]
    if "--check" not in sys.argv:
        for folder in folders:
            make(folder, folder / BOOK)
            print(f"{folder.name}: {(folder / BOOK).stat().st_size // 1024} kB")  # noqa: T201
        return 0
    stale = []
    with tempfile.TemporaryDirectory() as scratch:
        for folder in folders:
            fresh = Path(scratch) / f"{folder.name}.xlsx"
            make(folder, fresh)
            if not (folder / BOOK).is_file() or parts(fresh) != parts(folder / BOOK):
                stale.append(folder.name)
    for name in stale:
        print(f"{name}: the workbook differs from a fresh build; run: python sample_workbooks/build.py")  # noqa: T201
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
