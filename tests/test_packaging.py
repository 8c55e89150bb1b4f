"""What is shipped: every file of the tree, and a core that needs nothing compiled but numpy, pandas and pydantic."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import healthscore
from packaging_check import PACKAGES, ROOT, difference, expected

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
#: Compiled packages that only extras bring, and what belongs to other places than the core.
NOT_IN_THE_CORE = ("python_calamine", "pyarrow", "xlwings", "css_inline", "lxml", "pytest", "hypothesis", "cellrune")


def wheel_command(source: Path, target: Path) -> list[str] | None:
    """Return the command that builds a wheel offline here, or None."""
    backend = tuple(int(part) for part in importlib.metadata.version("setuptools").split(".")[:1])
    if backend >= (77,) and importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        return [*pip, "--wheel-dir", str(target), str(source)]
    if importlib.util.find_spec("build"):
        return [sys.executable, "-m", "build", "--wheel", "--outdir", str(target), str(source)]
    return None


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build the wheel from a copy of the tree, so that nothing is left in it."""
    scratch = tmp_path_factory.mktemp("wheel")
    source, target = scratch / "tree", scratch / "dist"
    try:
        command = wheel_command(source, target)
    except importlib.metadata.PackageNotFoundError:
        command = None
    if command is None:
        pytest.skip("needs setuptools 77 or `build` to make a wheel without the network; CI does it")
    for folder in PACKAGES:
        shutil.copytree(
            ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source / name)
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return next(target.glob("*.whl"))


def test_wheel_holds_the_tree(wheel):
    """Every file of the packages is in the wheel, and nothing else is."""
    missing, surplus = difference(wheel)
    assert not missing
    assert not surplus


def test_wheel_is_for_every_machine(wheel):
    """The wheel is pure Python, so that Pyodide installs it too."""
    assert wheel.name.endswith("-py3-none-any.whl")


def test_expected_files():
    """The comparison itself sees code, formulas and models (a check that finds nothing proves nothing)."""
    wanted = {
        "healthscore/__init__.py",
        "healthscore/workbook/writing/block.py",
        "healthscore/formulas/score.j2",
        "healthscore/formulas/__init__.py",
        "healthscore/templates/models/journey.toml",
        "healthscore/templates/demo/accounts.csv",
    }
    assert wanted <= expected()
    assert not [name for name in expected() if "__pycache__" in name]


def test_every_package_is_listed():
    """Each folder with code is named in pyproject.toml: setuptools leaves out a sub-package that is not."""
    listed, homes = set(PROJECT["tool"]["setuptools"]["packages"]), PROJECT["tool"]["setuptools"]["package-dir"]
    found = {"healthscore"}
    for name, folder in homes.items():
        for path in (ROOT / folder).rglob("__init__.py"):
            parts = path.parent.relative_to(ROOT / folder).parts
            found.add(".".join([name, *parts]))
    assert found == listed


def test_every_folder_with_code_is_a_package():
    """A folder with modules has an `__init__.py`; without one its modules would not be shipped."""
    for path in (ROOT / "src" / "healthscore").rglob("*.py"):
        assert (path.parent / "__init__.py").is_file(), path


def test_version_stands_in_one_value():
    """The version that the program tells is the one it is installed and described as."""
    assert healthscore.__version__ == PROJECT["project"]["version"]
    assert importlib.metadata.version("healthscore") == healthscore.__version__


def test_public_names():
    """Everything that `__all__` promises is there, and documented."""
    assert len(healthscore.__all__) <= 12
    for name in healthscore.__all__:
        assert getattr(healthscore, name).__doc__, name
    assert set(healthscore.__all__) <= set(dir(healthscore))


def imported_by(code: str) -> set[str]:
    """Return the top-level modules that are loaded after running some code in a new interpreter."""
    script = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


def test_core_imports_no_extras():
    """Importing the whole core loads no compiled extra, nor anything that only tests need."""
    names = ", ".join(
        name for name in PROJECT["tool"]["setuptools"]["packages"] if not name.startswith("healthscore.addin")
    )
    # pandas itself loads pyarrow where it is installed; without it the core must import all the same.
    blocked = "sys.modules.update(dict.fromkeys(('pyarrow', 'python_calamine', 'xlwings', 'css_inline')))"
    loaded = imported_by(f"{blocked}\nimport {names}, healthscore.pipeline, healthscore.cli")
    assert "healthscore" in loaded
    blocked_names = {"pyarrow", "python_calamine", "xlwings", "css_inline"}
    assert not (set(NOT_IN_THE_CORE) - blocked_names) & loaded


def imports(path: Path) -> set[str]:
    """Return the top-level modules that a file imports, within functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_dependencies_are_declared():
    """What the core imports from others is declared in pyproject.toml, and what is declared is imported."""
    declared = {re.match(r"[\w-]+", text)[0].lower() for text in PROJECT["project"]["dependencies"]}
    optional = {"python_calamine", "pyarrow", "xlwings", "css_inline", "keyring"}
    found = set()
    for path in (ROOT / "src" / "healthscore").rglob("*.py"):
        found |= imports(path)
    others = {name.lower() for name in found - set(sys.stdlib_module_names) - {"healthscore", "__future__"} - optional}
    assert others == declared
    compiled = {"numpy", "pandas", "pydantic"}
    for name in declared - compiled:
        files = importlib.metadata.files(name) or []
        assert not [file for file in files if file.suffix in (".so", ".pyd")], name


def test_extras_cover_what_readers_need():
    """The optional readers stand in an extra, and README's command installs it with all others."""
    extras = PROJECT["project"]["optional-dependencies"]
    assert any("calamine" in text for text in extras["fast"])
    assert extras["all"] == [f"healthscore[{','.join(sorted(set(extras) - {'all', 'dev'}))}]"]
    assert ".[all]" in (ROOT / "README.md").read_text(encoding="utf-8")
