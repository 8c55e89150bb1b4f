"""The built add-in, read back: modules, signatures, ribbon callbacks that exist, settings, and nothing personal."""

from __future__ import annotations

import re
import warnings
import zipfile
from xml.etree import ElementTree

import pytest
import xlwings
from typer.testing import CliRunner

from healthscore.addin import functions
from healthscore.addin.install import install, places, read_setting, remove, status
from healthscore.addin.xlam import build_xlam, settings_of
from healthscore.cli import app

pytest.importorskip("pyopenvba", reason="pyOpenVBA, of the extra `addin`, is not installed")

SIGNATURE = "(values, Optional metrics, Optional segment, Optional model, Optional as_of)"


@pytest.fixture(scope="module")
def addin(tmp_path_factory):
    return build_xlam(tmp_path_factory.mktemp("addin") / "healthscore.xlam")


@pytest.fixture(scope="module")
def vba(addin) -> dict[str, str]:
    """Read the VBA modules with olevba, which shares no code with what wrote them: name -> source."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        olevba = pytest.importorskip("oletools.olevba", reason="oletools is not installed")
        parser = olevba.VBA_Parser(str(addin))
        return {name.rpartition(".")[0]: code for _, _, name, code in parser.extract_macros()}


def test_every_module_is_there(vba):
    """Xlwings' own module, its dictionary, our wrappers, the ribbon and the opening code: all of them, nothing else."""
    assert set(vba) >= {"xlwings", "Dictionary", "xlwings_udfs", "RibbonHealthscore", "ThisWorkbook"}
    assert "RibbonMyAddin" not in vba


def test_every_function_has_its_wrapper(vba):
    """Each function is a VBA function of the same name and arguments, which calls Python's of that name."""
    code = vba["xlwings_udfs"]
    assert sorted(re.findall(r"^Function (\w+)\(", code, re.MULTILINE)) == sorted(functions.__all__)
    for name in functions.__all__:
        assert f"Function {name}{SIGNATURE}" in code
        assert f'XLPy.CallUDF("healthscore.addin.functions", "{name}"' in code


def test_argument_help(vba):
    """When the add-in opens, Excel is told each function's description, category and the help of all five arguments."""
    code = vba["ThisWorkbook"]
    assert "Private Sub Workbook_Open()" in code
    assert code.count("Application.MacroOptions") == len(functions.__all__)
    assert code.count('Category:="Health score"') == len(functions.__all__)
    assert code.count('"HealthModel (the model in this workbook)') == len(functions.__all__)


def test_lines_fit_vba(vba):
    """No line is longer than VBA takes, no statement runs over more than 24 continued lines."""
    for code in vba.values():
        assert max(map(len, code.splitlines())) <= 1023
        runs = re.findall(r"(?:.* _\r?\n)+", code)
        assert max((run.count("\n") for run in runs), default=0) <= 24


def test_ribbon_callbacks_exist(addin, vba):
    """The tab Health score has its five buttons, and each calls a VBA procedure that is there."""
    with zipfile.ZipFile(addin) as archive:
        root = ElementTree.fromstring(archive.read("customUI/customUI.xml"))
    spaces = {"ui": "http://schemas.microsoft.com/office/2006/01/customui"}
    assert [tab.get("label") for tab in root.iterfind(".//ui:tab", spaces)] == ["Health score"]
    buttons = {button.get("label"): button.get("onAction") for button in root.iterfind(".//ui:button", spaces)}
    assert list(buttons) == ["Recompute", "Check", "Refresh from file", "E-mail scorecards", "Help"]
    for callback in buttons.values():
        module, _, name = str(callback).partition(".")
        assert f"Sub {name}(control As IRibbonControl)" in vba[module]


def test_what_the_ribbon_runs_exists(vba):
    """Each Python call in the ribbon's VBA names a function of `healthscore.addin.ribbon`."""
    from healthscore.addin import ribbon

    calls = re.findall(r"import healthscore\.addin\.ribbon as r; r\.(\w+)\(", vba["RibbonHealthscore"])
    assert calls == ["recompute", "check", "refresh", "email"]
    assert all(callable(getattr(ribbon, name)) for name in calls)


def test_settings(addin, vba):
    """The settings sheet is the one that the VBA side reads, names our module, and fixes xlwings' version."""
    settings = settings_of(addin)
    assert settings["UDF MODULES"] == "healthscore.addin.functions"
    assert settings["XLWINGS_VERSION"] == xlwings.__version__
    assert 'PROJECT_NAME As String = "healthscore"' in vba["xlwings"]
    assert f'XLWINGS_VERSION As String = "{xlwings.__version__}"' in vba["xlwings"]
    assert not {"INTERPRETER_WIN", "INTERPRETER_MAC"} & set(settings)  # they would win over the user's own


def test_nothing_of_the_template_author(addin):
    """The file names no other person's folders."""
    with zipfile.ZipFile(addin) as archive:
        parts = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".xml"))
    assert b"felix" not in parts.lower()
    assert b"myaddin" not in parts.lower()


def test_built_twice_is_the_same_file(addin, tmp_path):
    """The same versions give the same bytes."""
    assert build_xlam(tmp_path / "again.xlam").read_bytes() == addin.read_bytes()


# --- installing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_install_status_remove(system, tmp_path):
    """Installing puts add-in and interpreter in place, status is content, removing leaves nothing behind."""
    where = places(system, tmp_path, tmp_path / "Roaming")
    assert [good for good, _ in status(where)] == [False]
    python = tmp_path / "python.exe"
    python.touch()
    install(where, str(python))
    assert settings_of(where.addin)["XLWINGS_VERSION"] == xlwings.__version__
    assert read_setting(where) == str(python)
    lines = status(where)
    assert all(good for good, _ in lines), lines
    assert any("not on macOS" in text for _, text in lines) == (system == "darwin")
    assert len(remove(where)) == (3 if system == "darwin" else 2)
    assert not where.addin.exists()
    assert remove(where) == []


def test_start_folders():
    """The add-in goes where Excel looks: XLSTART on Windows, the Startup folder of Office's container on a Mac."""
    from pathlib import Path

    windows = places("win32", Path("/home"), Path("/roaming"))
    assert windows.addin == Path("/roaming/Microsoft/Excel/XLSTART/healthscore.xlam")
    mac = places("darwin", Path("/home"))
    assert "UBF8T346G9.Office/User Content.localized/Startup.localized/Excel" in mac.addin.as_posix()


def test_status_says_what_is_wrong(tmp_path):
    """A missing interpreter and a version of xlwings that does not fit are named, with what to do."""
    where = places("win32", tmp_path, tmp_path)
    install(where, str(tmp_path / "gone" / "python.exe"))
    told = {text.partition(":")[0]: (good, text) for good, text in status(where)}
    assert not told["interpreter"][0]
    assert "run: healthscore addin install" in told["interpreter"][1]


def test_commands(tmp_path, monkeypatch):
    """`addin build` writes the file and refuses to replace one; where Excel does not run, `install` says so."""
    runner = CliRunner()
    file = tmp_path / "mine.xlam"
    assert runner.invoke(app, ["addin", "build", str(file)]).exit_code == 0
    assert file.exists()
    again = runner.invoke(app, ["addin", "build", str(file)])
    assert "exists already" in str(again.exception)
    monkeypatch.setattr("sys.platform", "linux")
    installed = runner.invoke(app, ["addin", "install"])
    assert installed.exit_code != 0
