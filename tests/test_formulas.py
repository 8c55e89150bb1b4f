"""The folder of formulas: each explained to an auditor, each used, none missing, none that changes by itself."""

from __future__ import annotations

import re

import jinja2
import pytest

from healthscore.formula import formula, formula_comment, formula_names
from packaging_check import ROOT
from workbook.package import functions
from workbook.test_live_formulas import PLAIN, PREFIXED, VOLATILE

FOLDER = ROOT / "formulas"
FILES = sorted(FOLDER.glob("*.j2"))
SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for base in ("src", "addin") for path in sorted((ROOT / base).rglob("*.py"))
)


#: The code asks for some by a family's name, made from the kind of value.
FAMILIES = {'f"value_{kind}"': {"value_days_since", "value_days_until"}}
INCLUDED = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
USED = {path.stem for path in FILES if f'"{path.stem}"' in SOURCES or f'"{path.stem}"' in INCLUDED}
USED |= {name for mark, names in FAMILIES.items() if mark in SOURCES for name in names}


def body(path) -> str:
    """Return a formula's text without its comment and the marks of Jinja."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.S)
    return re.sub(r"\{\{.*?\}\}", "x", text, flags=re.S)


def test_there_are_formulas():
    """The folder that is looked at is the one that the program reads."""
    assert len(FILES) > 40
    assert [path.stem for path in FILES] == formula_names()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_opens_with_a_comment(path):
    """Each file opens with a comment that says in a sentence what the formula is."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("{# ")
    assert len(formula_comment(path.stem)) >= 20
    assert formula_comment(path.stem).rstrip().endswith((".", ")"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_is_used(path):
    """Each file is named in the code or by another formula; a file that nobody uses misleads an auditor."""
    assert path.stem in USED, f"{path.name} is used nowhere"


def test_used_formulas_exist():
    """Each name that the code asks for is a file."""
    asked = set(re.findall(r"\bformula\(\s*\"(\w+)\"", SOURCES))
    assert len(asked) > 20
    assert asked <= set(formula_names())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_volatile(path):
    """No formula changes by itself with the clock or with chance, nor asks for everything to be recalculated."""
    assert not functions(body(path)) & VOLATILE


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_functions_are_in_excel_2016(path):
    """Each function is one that Excel 2016 and LibreOffice have."""
    assert functions(body(path)) <= PLAIN | PREFIXED


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_brackets_match(path):
    """Outside of loops, each file opens as many brackets as it closes."""
    text = re.sub(r'"[^"]*"', '""', body(path))
    assert text.count("(") == text.count(")")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_formula_is_written_as_in_a_file(path):
    """No leading equals sign, commas between arguments: the language of files, not that of one country."""
    text = body(path).strip()
    assert not text.startswith("=")
    assert ";" not in re.sub(r'"[^"]*"', '""', text)


def test_placeholder_must_be_given():
    """A placeholder that the code forgets is an error when building, never a hole in a formula."""
    with pytest.raises(jinja2.UndefinedError):
        formula("change", score="A1")


def test_formula_is_one_line():
    """Line breaks of the file are for reading; the formula is one line without its comment."""
    text = formula("points_ramp", value="A1", zero="B1", full="C1")
    assert text == 'IF(AND(ISNUMBER(A1),C1<>B1),100*MAX(0,MIN(1,(A1-B1)/(C1-B1))),"")'


def test_quotes_survive():
    """Formulas are no web pages: quotes and angle brackets stay what they are."""
    assert formula("change", score='"<&>"', previous="B1").startswith('IF(AND(ISNUMBER("<&>")')
