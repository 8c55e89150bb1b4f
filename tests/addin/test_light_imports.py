"""What the functions need to be imported: what Pyodide has, no key, nothing that writes files."""

from __future__ import annotations

import subprocess
import sys

#: Top-level modules of xlwings Lite's Python: the standard library, pandas, pydantic, jinja2, xlwings, what they need.
_BLOCKING = """
import sys

ALLOWED = {
    "pandas", "numpy", "dateutil", "pytz", "tzdata", "six", "pydantic", "pydantic_core", "annotated_types",
    "typing_extensions", "typing_inspection", "jinja2", "markupsafe", "xlwings", "xlwingslib", "healthscore",
} | set(sys.stdlib_module_names)


class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in ALLOWED and not name.startswith("_"):
            raise ModuleNotFoundError(f"{name} is blocked", name=name)


sys.meta_path.insert(0, Blocker())
"""


def _run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _BLOCKING + code],
        capture_output=True,
        text=True,
        env={"PATH": "", **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_functions_import_and_score_with_everything_else_blocked():
    """Without XlsxWriter, typer, openpyxl, rich and a license key, `healthscore.addin` imports and scores."""
    code = """
import healthscore.addin as addin
print(addin.HEALTHSCORE([["A", 10, 9]], [["id", "NPS", "Tickets 90d"]], [[None]], [["traffic_light"]]))
unwanted = {"xlsxwriter", "typer", "openpyxl", "rich", "pyarrow", "python_calamine"} & set(sys.modules)
assert not unwanted, unwanted
"""
    assert _run(code).startswith("[[")


def test_healthscore_imports_with_everything_else_blocked():
    """`import healthscore` loads nothing but itself; its names come when they are asked for."""
    code = """
import healthscore
assert "pandas" not in sys.modules
assert set(healthscore.__all__) <= set(dir(healthscore))
healthscore.build
"""
    done = subprocess.run([sys.executable, "-c", _BLOCKING + code], capture_output=True, text=True, check=False)
    assert "xlsxwriter is blocked" in done.stderr  # the pipeline writes workbooks, and says what it lacks


def test_functions_without_a_license_key_on_this_machine():
    """Importing the functions on a machine without Excel and without a key works; they can be called from Python."""
    code = """
from healthscore.addin import HEALTHCOVERAGE
print(HEALTHCOVERAGE(values=[[9.0]], metrics=[["NPS"]], model="journey")[0][0] > 0)
"""
    assert _run(code) == "True"
