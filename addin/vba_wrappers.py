"""VBA wrappers for the functions, by xlwings' own generator, on any machine.

Run as a program in a process of its own, `python -m healthscore.addin.vba_wrappers`: the generator belongs to xlwings'
Windows side, which is loaded here with stand-ins for the Windows modules that generating does not use. Prints JSON:
the wrappers' text, and for each function its help texts.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
import types
from typing import Any
from unittest import mock

import xlwings as xw

MODULE = "healthscore.addin.functions"


def main() -> None:
    """Print the wrappers and help texts."""
    if not sys.platform.startswith("win"):
        for name in ("pythoncom", "pywintypes", "win32com", "win32com.client"):
            sys.modules[name] = mock.MagicMock(name=name)
    udfs = importlib.import_module("xlwings.udfs")
    xw.func, xw.arg, xw.ret, xw.on_server = udfs.xlfunc, udfs.xlarg, udfs.xlret, False
    functions = importlib.reload(importlib.import_module(MODULE))
    text = io.StringIO()
    udfs.generate_vba_wrapper(MODULE, functions, text, types.SimpleNamespace(Name="healthscore.xlam"))
    found = [getattr(functions, name).__xlfunc__ for name in functions.__all__]
    json.dump({"vba": text.getvalue(), "functions": [_help(function) for function in found]}, sys.stdout)


def _help(function: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": function["name"],
        "text": " ".join(function["ret"]["doc"].split())[:255],
        "category": function["category"],
        "arguments": [argument["name"] for argument in function["args"]],
        "optional": [argument["name"] for argument in function["args"] if "optional" in argument],
        "help": [argument["doc"][:255] for argument in function["args"]],
    }


if __name__ == "__main__":
    main()
