"""The files for xlwings Lite: `main.py` runs where healthscore is not installed and most packages are missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from test_light_imports import _BLOCKING

from healthscore.addin.lite import write_lite

_RUN = """
import asyncio, importlib.util, json, sys

sys.meta_path[:] = [finder for finder in sys.meta_path if "Editable" not in getattr(finder, "__name__", "")]
spec = importlib.util.spec_from_file_location("main", sys.argv[1])
main = importlib.util.module_from_spec(spec)
sys.modules["main"] = main
spec.loader.exec_module(main)
import healthscore
import xlwings
import xlwings.server

assert "healthscore-" in healthscore.__file__, healthscore.__file__
data = {
    "func_name": "HEALTHCOVERAGE", "args": [[[9, "Paid"]], [["NPS", "Invoice status"]], None, "journey", "2026-06-30"],
    "version": xlwings.__version__, "client": "Office.js", "runtime": "1.4", "date_format": None,
    "culture_info_name": None,
}
print(json.dumps({
    "cells": asyncio.run(xlwings.server.custom_functions_call(data, main)),
    "functions": [entry["name"] for entry in xlwings.server.custom_functions_meta(main)["functions"]],
    "scripts": [entry["name"] for entry in xlwings.server.custom_scripts_meta(main)],
}))
"""


def test_main_runs_without_healthscore_installed(tmp_path):
    """With healthscore taken away and everything blocked that Pyodide lacks, `main.py` registers and scores."""
    folder = tmp_path / "lite"
    assert [path.name for path in write_lite(folder)] == ["main.py", "requirements.txt"]
    environment = {
        "PATH": "",
        "TMPDIR": str(tmp_path),
        "XLWINGS_ON_SERVER": "true",
        "XLWINGS_LICENSE_KEY": "noncommercial",
        "HOME": os.environ.get("HOME", ""),
    }
    command = [sys.executable, "-c", _BLOCKING + _RUN, str(folder / "main.py")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert 0 < found["cells"][0][0] < 1
    assert "HEALTHSCORE" in found["functions"]
    assert len(found["functions"]) == 6
    assert found["scripts"] == [
        "Health score: check",
        "Health score: recompute",
        "Health score: refresh from the sheet Export",
    ]


def test_requirements_name_only_what_pyodide_has(tmp_path):
    """Xlwings is pinned; packages that come with Pyodide are not."""
    write_lite(tmp_path)
    lines = (tmp_path / "requirements.txt").read_text().split()
    assert lines[0].startswith("xlwings==")
    assert lines[1:] == ["pandas", "pydantic"]
