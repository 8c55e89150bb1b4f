"""What each format word looks like. A restrained palette: ink, one blue for what people may type, and the bands."""

from __future__ import annotations

from typing import Any

from healthscore.model.vocabulary import BAND_COLORS

FONT = "Calibri"
INK, QUIET, LINE, PAPER = "#1F2933", "#6B7785", "#D5DAE0", "#F5F7F9"
INPUT_INK, INPUT_FILL = "#0B4F8A", "#EEF5FC"
HEADS = {"who": "#2F3E4E", "verdict": "#1F5C4F", "input": "#0B4F8A", "carried": "#6B7785", "working": "#8A94A0"}

NUMBERS = {
    "number": "#,##0.00",
    "whole": "#,##0",
    "fraction": "0.00##",
    "percent": "0%",
    "signed_percent": "+0%;-0%;0%",
    "signed": "+0;-0;0",
    "signed_points": "+0.0;-0.0;0.0",
    "score": "0",
    "points": "0.0",
    "days": "#,##0",
    "flag": "0",
    "yes": '"●";;"–"',
    "date": "yyyy-mm-dd",
    "money": "#,##0",
    "short": '[>=999950]#,##0.0,,"M";[>=9999.5]#,##0,"k";#,##0',
    "tile": '[>=999950000]0.0,,,"B";[>=999950]0.0,,"M";#,##0',
    "tenth": "#,##0.0",
    "answer": '[=1]"Yes";[=0]"No";0.0',
    "steps": "[>=10]0;[>0]0.0;",
    "day_month": "d mmm",
    "month": "mmm yy",
}
#: The colours of bands in charts, stronger than in cells: far apart for the colour-blind and in greyscale.
CHART_COLORS = {
    "red": "#B23A2B",
    "orange": "#E08A2E",
    "yellow": "#F4CF5B",
    "green": "#6FAF7A",
    "blue": "#3E7CB1",
    "grey": "#DDE1E6",
}
ACCENT = "#1F5C4F"

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
    if kind == "dash" and rest != "heading":
        return _dash(rest)
    if kind == "group":
        return {**_base(), "bold": True, "font_color": HEADS[rest], "bottom": 2, "bottom_color": HEADS[rest]}
    if word in NUMBERS:
        centred = {"align": "center"} if word in ("score", "date", "signed", "flag", "yes") else {}
        return {**_base(), **centred, "num_format": _money(currency) if word == "money" else NUMBERS[word]}
    return {**_base(), **_OTHERS[word]}


def side(word: str) -> str:
    """Return what to add to the style of a column's head, so that it stands where what it heads does."""
    look = style(word)
    if look.get("align") == "center":
        return "_center"
    if "num_format" in look and look.get("align") != "left":
        return "_right"
    return "_next" if look.get("indent") else ""


def _dash(rest: str) -> Properties:
    """A cell of the sheets that sum up: smaller, every row on a hairline; `total` bold, `head` above a column."""
    if rest.endswith("_right"):  # whatever it holds, in a column of numbers
        return {**_dash(rest.removesuffix("_right")), "align": "right"}
    kind, _, number = rest.partition("_")
    if rest in ("signed_percent",):
        kind = rest
    if number == "next":  # a text beside a text that may be cut off: keep them apart
        return {**_dash(kind), "indent": 1, "align": "left"}
    look = {**_base(), "font_size": 10, "bottom": 4, "bottom_color": LINE}
    if kind == "head":
        align = {"align": "right"} if number == "number" else {"align": "center"} if number == "centre" else {}
        return {**look, **align, "bold": True, "font_color": QUIET, "bottom": 1, "valign": "bottom", "text_wrap": True}
    if kind == "band":
        fill, ink = BAND_COLORS[number]
        look |= {"bg_color": fill, "font_color": ink, "bold": True, "align": "right", "bottom": 1}
        return {**look, "valign": "bottom", "text_wrap": True}
    if kind == "total":
        look |= {"bold": True, "top": 1, "top_color": INK}
        kind = number
    if kind in ("text", "right"):
        return {**look, "align": "right"} if kind == "right" else look
    if kind == "state":
        return {**look, "bold": True, "indent": 1}
    if kind == "wrapped":
        return {**look, "text_wrap": True}
    if kind == "outlook":
        return {**look, "font_size": 9, "align": "right", "text_wrap": True}
    if kind == "month":
        return {**look, "align": "left", "num_format": NUMBERS[kind]}
    centred = {"align": "center"} if kind in ("score", "signed", "flag", "signal", "date") else {}
    return {**look, **centred, "num_format": NUMBERS.get(kind, "General")}


def _money(currency: str) -> str:
    sign = currency.replace('"', "").strip()  # a quote would end the text within the number format
    return f'"{sign}" #,##0' if sign else "#,##0"


def _input(kind: str, currency: str) -> Properties:
    look = {**_base(), "font_color": INPUT_INK, "bg_color": INPUT_FILL, "bottom": 4, "bottom_color": "#B9D3EA"}
    if kind == "text":
        return {**look, "indent": 1}
    if kind == "wrapped":
        return {**look, "text_wrap": True, "bold": True}
    if kind == "literal":  # stays a text, whatever it looks like: a choice called 007
        return {**look, "align": "right", "num_format": "@"}
    if kind == "account":
        return {**look, "bold": True, "font_size": 12, "num_format": "@", "bottom": 1, "bottom_color": INPUT_INK}
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
        "num_format": _money(currency) if kind == "money" else {**NUMBERS, "number": "General"}[kind],
    }


def _band(kind: str, rest: str) -> Properties:
    color, _, number = rest.partition("_")
    fill, ink = BAND_COLORS[color]
    look = {**_base(), "bg_color": fill, "font_color": ink, "bold": True}
    if kind == "figure":
        return {**look, "font_size": 12, "align": "left", "num_format": "0"}
    return {**look, "num_format": "0", "align": "left"} if number else look


def _header(kind: str) -> Properties:
    """A column's head in the colour of its kind; `right`, `center`, `next` as the cells below it, `span` over several."""
    kind, _, place = kind.rpartition("_") if kind not in HEADS else (kind, "", "")
    if place in ("right", "center"):
        return {**_header(kind), "align": place}
    if place == "next":
        return {**_header(kind), "align": "left", "indent": 1}
    kind = kind or place
    if kind == "span":
        return {name: look for name, look in _header("").items() if name not in ("border", "border_color")}
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
    "text_top": {"valign": "top", "align": "left", "indent": 1},
    "wrapped": {"text_wrap": True, "valign": "top", "bottom": 4, "bottom_color": LINE},
    "label": {"font_color": QUIET},
    "label_next": {"font_color": QUIET, "indent": 1},
    "title": {"bold": True, "font_size": 20},
    "title_fitted": {"bold": True, "font_size": 20, "shrink": True},
    "heading": {"bold": True, "font_size": 13, "font_color": "#1F5C4F"},
    "hint": {"font_color": QUIET, "italic": True, "indent": 1},
    "note": {"font_color": QUIET, "italic": True},
    "link": {"font_color": INPUT_INK, "underline": 1},
    "symbol": {"align": "center"},
    "band": {"bold": True, "indent": 1},
    "as_of": {"num_format": '"As of "yyyy-mm-dd', "align": "left", "font_color": QUIET},
    "as_of_day": {"num_format": "yyyy-mm-dd", "align": "left", "font_color": QUIET, "bold": True},
    "figure_label": {"font_color": QUIET, "font_size": 9, "valign": "bottom"},
    "figure": {"bold": True, "font_size": 12, "align": "left", "num_format": "#,##0"},
    "figure_points": {"bold": True, "font_size": 12, "align": "left", "num_format": "0.0"},
    "figure_plain": {"num_format": "#,##0"},
    "figure_plain_points": {"num_format": "0.0"},
    "dash_heading": {"bold": True, "font_size": 12, "font_color": "#1F5C4F"},
    "verdict": {"bold": True, "font_size": 12, "font_color": "#1F5C4F"},
    "tile_label": {"font_color": QUIET, "font_size": 10, "bg_color": PAPER, "align": "left", "indent": 1},
    "tile_note": {
        "font_color": QUIET,
        "font_size": 9,
        "bg_color": PAPER,
        "align": "left",
        "indent": 1,
        "valign": "top",
    },
    **{
        f"tile_{kind}": {
            "bold": True,
            "font_size": 16,
            "bg_color": PAPER,
            "align": "left",
            "indent": 1,
            "shrink": True,
            "num_format": NUMBERS[kind],
        }
        for kind in ("whole", "tile", "percent", "points")
    },
    "tile_change": {
        "bold": True,
        "font_size": 16,
        "bg_color": PAPER,
        "align": "left",
        "indent": 1,
        "num_format": "+0.0;-0.0;0.0",
    },
    "tile_text": {"bg_color": PAPER},
    "step": {"bold": True, "indent": 1},
    "text_plain": {},
    "quiet": {"font_color": "#FFFFFF", "font_size": 9},
    "small": {"font_color": QUIET, "font_size": 9},
    "small_date": {"font_color": QUIET, "font_size": 9, "num_format": "yyyy-mm-dd", "align": "left"},
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
