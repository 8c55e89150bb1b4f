"""Compare a wheel's contents with the tree: every file of the packages is in it, and nothing else.

Run as a script by CI on the built wheel; `test_packaging.py` builds one and uses the same comparison.
"""

from __future__ import annotations

import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Folder in the tree -> package in the wheel.
PACKAGES = {
    folder: name.replace(".", "/")
    for name, folder in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "package-dir"
    ].items()
}


def expected(root: Path = ROOT) -> set[str]:
    """Return the paths that a wheel of this tree must hold, without its own metadata."""
    found = set()
    for folder, package in PACKAGES.items():
        base = root / folder
        for path in base.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                found.add(f"{package}/{path.relative_to(base).as_posix()}")
    return found


def difference(wheel: Path, root: Path = ROOT) -> tuple[set[str], set[str]]:
    """Return (missing from the wheel, in the wheel but not in the tree)."""
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = expected(root)
    return wanted - packed, packed - wanted


if __name__ == "__main__":
    missing, surplus = difference(Path(sys.argv[1]))
    for name in sorted(missing):
        print(f"missing from the wheel: {name}")  # noqa: T201
    for name in sorted(surplus):
        print(f"in the wheel but not in the tree: {name}")  # noqa: T201
    sys.exit(1 if missing or surplus else 0)
