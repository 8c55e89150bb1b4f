"""How names are compared and made fit for a place: headers, sheets, tables.

One rule for matching (`key`) serves the export's headers, the model's names and the add-in alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

#: Characters that a structured reference would have to escape, and what stands for them in a header.
_HEADER_STAND_INS = str.maketrans({"[": "(", "]": ")", "#": "№", "'": "’", "@": "＠", "\r": " ", "\n": " ", "\t": " "})
#: The first sign of what a workbook's parts would take for an escaped character, such as _x0041_.
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_SHEET_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_CELL_LIKE = re.compile(r"(?i)^([A-Z]{1,3}\d+|R\d*C?\d*|C\d*|TRUE|FALSE)$")

SHEET_NAME_LIMIT = 31
HEADER_LIMIT = 255


def key(name: object) -> str:
    """Return the form in which two names are compared: no case, no spaces, underscores or hyphens.

    >>> key("Usage Hours_90d") == key("usage-hours 90D")
    True
    """
    # NFKC makes "No" of the sign that stands for # in headers, so # is "No" too: `Customer #` is `customer no`.
    plain = unicodedata.normalize("NFKC", str(name)).replace("#", "No")
    text = plain.casefold().translate(_HEADER_STAND_INS)
    return re.sub(r"[\s_\-]+", "", text)


def header(name: str) -> str:
    """Return `name` as a table header that a structured reference can hold without escapes."""
    text = _ESCAPE_LIKE.sub("-", name.translate(_HEADER_STAND_INS))
    return re.sub(r" +", " ", text).strip()[:HEADER_LIMIT]


def unique(names: Iterable[str], limit: int = HEADER_LIMIT) -> list[str]:
    """Make names unique without regard to case by numbering the later ones: `Note`, `Note (2)`.

    `limit` counts UTF-16 units, as Excel does (an emoji is two).
    """
    seen: set[str] = set()
    result = []
    for name in names:
        candidate, number = _shorten(name, limit), 1
        while candidate.lower() in seen:
            number += 1
            suffix = f" ({number})"
            candidate = _shorten(name, limit - len(suffix)) + suffix
        seen.add(candidate.lower())
        result.append(candidate)
    return result


def unique_by_key(names: Iterable[str]) -> list[str]:
    """Return the names without those that match an earlier one."""
    return list({key(name): name for name in reversed(list(names))}.values())[::-1]


def _shorten(text: str, limit: int) -> str:
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 <= limit:
        return text
    while len(text.encode("utf-16-le", "surrogatepass")) // 2 > limit:
        text = text[:-1]
    return text.rstrip(" '")  # a sheet name may not end in an apostrophe


def sheet_names(wanted: Iterable[str], taken: Iterable[str]) -> list[str]:
    r"""Return a legal, unique sheet name for each wanted one, clear of those already taken.

    Excel allows 31 UTF-16 units, none of ``[ ] : * ? / \``, no apostrophe at either end and no sheet called History.
    """
    reserved = [*taken, "History"]
    cleaned = [_SHEET_FORBIDDEN.sub("-", name).strip().strip("'").strip() or "Segment" for name in wanted]
    return unique([*reserved, *cleaned], SHEET_NAME_LIMIT)[len(reserved) :]


def table_names(wanted: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Return a legal, unique ASCII table name for each wanted one (`Mid market` gives `Mid_market`)."""
    seen = {name.lower() for name in taken}
    result = []
    for number, name in enumerate(wanted, start=1):
        ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        text = re.sub(r"\W+", "_", ascii_name).strip("_")[:40] or f"Segment_{number}"
        if text[0].isdigit() or _CELL_LIKE.match(text):
            text = f"Segment_{text}"
        candidate, repeat = text, 1
        while candidate.lower() in seen:
            repeat += 1
            candidate = f"{text}_{repeat}"
        seen.add(candidate.lower())
        result.append(candidate)
    return result


def quote_sheet(name: str) -> str:
    """Return a sheet name as a formula writes it: always in quotes, inner quotes doubled."""
    return "'" + name.replace("'", "''") + "'"
