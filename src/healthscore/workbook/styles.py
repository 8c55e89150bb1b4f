"""What each format word looks like. A restrained palette: ink, one blue for what people may type, and the bands."""

from __future__ import annotations

from typing import Any

from healthscore.model.schema import BAND_COLORS

FONT = "Calibri"
INK, QUIET, LINE, PAPER = "#1F2933", "#6B7785", "#D5DAE0", "#F5F7F9"
INPUT_INK, INPUT_FILL = "#0B4F8A", "#EEF5FC"
HEADS = {"who": "#2F3E4E", "verdict": "#1F5C4F", "input": "#0B4F8A", "carried": "#6B7785", "working": "#8A94A0"}

_NUMBERS = {
    "number": "#,##0.00",
    "whole": "#,##0",
    "fraction": "0.00##",
    "percent": "0%",
    "signed_percent": "+0%;-0%;0%",
    "signed": "+0;-0;0",
    "score": "0",
    "points": "0.0",
    "days": "#,##0",
    "flag": "0",
    "yes": '"●";;"–"',
    "date": "yyyy-mm-dd",
    "money": "#,##0",
}

Properties = dict[str, Any]


def _base() -> Properties:
    return {"font_name": FONT, "font_size": 11, "font_color": INK, "valign": "vcenter"}


def style(word: str, currency: str = "") -> Properties:
    """Return XlsxWriter's properties for a format word; KeyError for a word nobody defined."""
    kind, _, rest = word.partition("_")
    if kind == "input":
        return _input(rest, currency)
    if kind in ("band", "figure") and rest.partition("_")[0] in BAND_COLORS:
        return _band(kind, rest)
    if kind == "header":
        return _header(rest)
    if kind == "group":
        return {**_base(), "bold": True, "font_color": HEADS[rest], "bottom": 2, "bottom_color": HEADS[rest]}
    if word in _NUMBERS:
        centred = {"align": "center"} if word in ("score", "date", "signed", "flag", "yes") else {}
        return {**_base(), **centred, "num_format": _money(currency) if word == "money" else _NUMBERS[word]}
    return {**_base(), **_OTHERS[word]}


def _money(currency: str) -> str:
    sign = currency.replace('"', "").strip()  # a quote would end the text within the number format
    return f'"{sign}" #,##0' if sign else "#,##0"


def _input(kind: str, currency: str) -> Properties:
    look = {**_base(), "font_color": INPUT_INK, "bg_color": INPUT_FILL, "bottom": 4, "bottom_color": "#B9D3EA"}
    if kind == "text":
        return {**look, "indent": 1}
    if kind == "wrapped":
        return {**look, "text_wrap": True, "bold": True}
    if kind == "date_big":
        return {
            **look,
            "bold": True,
            "font_size": 14,
            "num_format": "yyyy-mm-dd",
            "align": "left",
            "border": 1,
            "border_color": INPUT_INK,
        }
    centred = {"align": "center"} if kind in ("date", "score") else {}
    return {
        **look,
        **centred,
        "num_format": _money(currency) if kind == "money" else {**_NUMBERS, "number": "General"}[kind],
    }


def _band(kind: str, rest: str) -> Properties:
    color, _, number = rest.partition("_")
    fill, ink = BAND_COLORS[color]
    look = {**_base(), "bg_color": fill, "font_color": ink, "bold": True}
    if kind == "figure":
        return {**look, "font_size": 12, "align": "left", "num_format": "0"}
    return {**look, "num_format": "0", "align": "left"} if number else look


def _header(kind: str) -> Properties:
    return {
        **_base(),
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": HEADS.get(kind, HEADS["who"]),
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
        "border_color": "#FFFFFF",
    }


_OTHERS: dict[str, Properties] = {
    "text": {"indent": 1},
    "text_wrapped": {"indent": 1, "text_wrap": True},
    "text_top": {"valign": "top"},
    "wrapped": {"text_wrap": True, "valign": "top", "bottom": 4, "bottom_color": LINE},
    "label": {"font_color": QUIET},
    "title": {"bold": True, "font_size": 20},
    "heading": {"bold": True, "font_size": 13, "font_color": "#1F5C4F"},
    "hint": {"font_color": QUIET, "italic": True, "indent": 1},
    "note": {"font_color": QUIET, "italic": True},
    "link": {"font_color": INPUT_INK, "underline": 1},
    "symbol": {"align": "center"},
    "band": {"bold": True, "indent": 1},
    "as_of": {"num_format": '"As of "yyyy-mm-dd', "align": "left", "font_color": QUIET},
    "figure_label": {"font_color": QUIET, "font_size": 9, "valign": "bottom"},
    "figure": {"bold": True, "font_size": 12, "align": "left", "num_format": "#,##0"},
    "figure_points": {"bold": True, "font_size": 12, "align": "left", "num_format": "0.0"},
    "figure_plain": {"num_format": "#,##0"},
    "figure_plain_points": {"num_format": "0.0"},
    "strip": {"font_size": 9, "bg_color": PAPER, "num_format": "General"},
    "strip_percent": {"font_size": 9, "bg_color": PAPER, "num_format": "0.0%"},
    "strip_name": {"font_size": 9, "bg_color": PAPER, "italic": True},
    "strip_label": {"font_size": 9, "bg_color": PAPER, "font_color": QUIET, "align": "left"},
    "strip_key": {"font_size": 8, "font_color": "#A3ACB6"},
    "working_text": {"font_color": QUIET, "font_size": 9},
    "stale": {"font_color": "#9AA3AD", "font_strikeout": True},
    "unusable": {"bg_color": "#FAD4A6", "font_color": "#7A3E00"},
}

#: The line between the rows of a table, where a format has none of its own.
RULE: Properties = {"bottom": 4, "bottom_color": LINE}
TAB_COLORS = {"output": "#1F5C4F", "segment": "#2F3E4E", "input": "#0B4F8A", "working": "#8A94A0"}
