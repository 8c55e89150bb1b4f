"""The built add-in, read back: modules, signatures, ribbon callbacks that exist, settings, and nothing personal."""

from __future__ import annotations

import re
import sys
import types
import warnings
import zipfile
from pathlib import Path
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


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_install_status_and_remove_as_commands(system, tmp_path, monkeypatch):
    """On the folders of a Windows or a Mac: not there (exit 1), installed with this Python, in order, gone again."""
    where = places(system, tmp_path, tmp_path / "Roaming")
    monkeypatch.setattr("healthscore.addin.install.places", lambda: where)
    monkeypatch.setattr("healthscore.cli.console.out._width", 400)
    runner = CliRunner()
    before = runner.invoke(app, ["addin", "status"])
    assert before.exit_code == 1
    assert "run: healthscore addin install" in before.output
    done = runner.invoke(app, ["addin", "install"])
    assert done.exit_code == 0, done.output
    assert ("functions in cells do not" in done.output) == (system == "darwin")
    assert where.addin.is_file()
    assert read_setting(where) == sys.executable
    after = runner.invoke(app, ["addin", "status"])
    assert after.exit_code == 0
    assert f"the add-in needs {xlwings.__version__}, installed is {xlwings.__version__}" in after.output
    assert sys.executable in after.output
    gone = runner.invoke(app, ["addin", "remove"])
    assert gone.output.count("Removed") == (3 if system == "darwin" else 2)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert "Nothing was installed." in runner.invoke(app, ["addin", "remove"]).output


def test_an_add_in_of_another_version_is_told(tmp_path, monkeypatch):
    """After an upgrade of xlwings the add-in no longer fits: status says both versions and what to do."""
    where = places("win32", tmp_path, tmp_path / "Roaming")
    install(where)
    monkeypatch.setattr("healthscore.addin.install.xlwings", types.SimpleNamespace(__version__="9.9.9"))
    told = {text.partition(":")[0]: (good, text) for good, text in status(where)}
    good, text = told["xlwings"]
    assert not good
    assert f"pip install xlwings=={xlwings.__version__}" in text


def test_a_damaged_add_in_is_told(tmp_path):
    """Half a file in the start folder is no add-in; status says so in one line."""
    where = places("win32", tmp_path, tmp_path / "Roaming")
    where.addin.parent.mkdir(parents=True)
    where.addin.write_bytes(b"PK not really")
    assert status(where) == [(False, f"{where.addin}: is no add-in that can be read; remove it and build it again")]


def test_where_the_add_in_looks_for_its_settings(vba):
    """The VBA side reads the very files that `install` writes: in the user's folder, in Excel's container on a Mac."""
    code = vba["xlwings"]
    assert 'Environ("USERPROFILE") & "\\." & PROJECT_NAME & "\\" & PROJECT_NAME & ".conf"' in code
    assert 'GetMacDir("$HOME", False) & "/" & PROJECT_NAME & ".conf"' in code
    home = places("win32", Path("/home")).settings
    assert home.as_posix() == "/home/.healthscore/healthscore.conf"
    mac = places("darwin", Path("/home"))
    assert mac.settings.as_posix().endswith("com.microsoft.Excel/Data/healthscore.conf")
    assert mac.script is not None
    assert 'AppleScriptTask("xlwings-" & XLWINGS_VERSION & ".applescript"' in code
    assert mac.script.name == f"xlwings-{xlwings.__version__}.applescript"
