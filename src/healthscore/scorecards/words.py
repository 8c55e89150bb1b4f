"""How figures and texts are written in an e-mail: short money, unmistakable dates, and data made harmless.

Everything that comes out of an export or a workbook passes `plain` once, when the scorecard's data is made; templates
then cannot forget it. Escaping for HTML is the template engine's work, not this module's.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Sequence

DASH = "–"
NAME_LIMIT = 70
TEXT_LIMIT = 300
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: Characters that turn the reading direction of what follows, or are not seen at all.
_DECEIVING = {*range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x200B, 0x200E, 0x200F, 0x061C, 0xFEFF, 0x180E, 0x00AD}
_MARKS_IN_A_ROW = 4
#: A zero width non-joiner: mail programs do not show it, and make no link across it.
_NO_LINK = "\u200c"
_LINK_LIKE = re.compile(r"(?<=:)(?=//)|(?<=[^\W_]\.)(?=[^\W\d_]{2})|(?<=\w@)(?=\w)")
_SIGNS = re.compile(r"^[^\w\s]{1,2}$")


def plain(value: object, limit: int = TEXT_LIMIT) -> str:
    """Return a text from the data as one line that shows what it says and does nothing.

    Line breaks and control characters become spaces; characters that reverse the reading direction or hide are left
    out; towers of combining marks are cut; what a mail program would turn into a link is kept from becoming one.
    Longer texts end in an ellipsis. None and NaN are empty.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    shown: list[str] = []
    marks = 0
    for char in str(value)[: limit * 8]:
        kind = unicodedata.category(char)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if kind == "Cs" or (kind == "Cn" and ord(char) & 0xFFFE == 0xFFFE):
            shown.append("\ufffd")
        elif kind in ("Cc", "Zl", "Zp"):
            shown.append(" ")
        elif marks <= _MARKS_IN_A_ROW and ord(char) not in _DECEIVING and not 0xE0000 <= ord(char) <= 0xE007F:
            shown.append(char)
    return _LINK_LIKE.sub(_NO_LINK, shorten("".join(shown), limit))


def shorten(text: str, limit: int) -> str:
    """Return a text on one line with at most `limit` characters, the last of them an ellipsis where it was longer."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def header_text(value: str, limit: int = 180) -> str:
    """Return a text fit for a header such as the subject: one line, nothing that ends the header."""
    return shorten(plain(value, limit * 2).replace(_NO_LINK, ""), limit)


def money(value: float | None, currency: str = "") -> str:
    r"""Return an amount as a person says it: €1.2M, EUR 117k, 3.2k, 840; a dash where there is none.

    >>> money(1_240_000, "€"), money(116_900, "EUR"), money(3_204), money(840), money(None)
    ('€1.24M', 'EUR\xa0117k', '3.2k', '840', '–')
    """
    if value is None or not math.isfinite(value):
        return DASH
    size = abs(value)
    # A step up is taken where rounding would otherwise write 1000k.
    for unit, word in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= unit * 0.9995:
            short = size / unit
            digits = 0 if short >= 99.95 else 1 if short >= 9.995 or word == "k" else 2
            digits = 0 if word == "k" and short >= 9.95 else digits
            text = f"{short:.{digits}f}{word}"
            break
    else:
        text = f"{size:.0f}"
    sign = "−" if value < 0 and text.strip("0.") else ""
    # A code stays with its number; a longer word may stand on a line of its own, so that it fits a phone's column.
    gap = "" if not currency or _SIGNS.match(currency) else "\u00a0" if len(currency) <= 3 else " "
    return f"{sign}{currency}{gap}{text}"


def percent(part: float | None) -> str:
    """Return a share as whole percent; what is neither nothing nor all is never written as 0 % or 100 %.

    >>> percent(0.194), percent(0.001), percent(0.999), percent(1.0), percent(None)
    ('19%', '<1%', '>99%', '100%', '–')
    """
    if part is None or not math.isfinite(part):
        return DASH
    if 0 < part < 0.005:
        return "<1%"
    if 0.995 <= part < 1:
        return ">99%"
    return f"{part * 100:.0f}%"


def date(day: dt.date | None) -> str:
    """Return a date that nobody can read the wrong way round: 3 Jul 2026."""
    return DASH if day is None else f"{day.day}\u00a0{_MONTHS[day.month - 1]}\u00a0{day.year}"


def whole(number: float | None) -> str:
    """Return a whole number with thousands parted, or a dash."""
    return DASH if number is None or not math.isfinite(number) else f"{number:,.0f}"


def points(number: float | None) -> str:
    """Return points with one decimal, or a dash."""
    return DASH if number is None or not math.isfinite(number) else f"{number:.1f}"


def signed(number: float | None, digits: int = 0) -> str:
    """Return a change with its sign, or a dash.

    >>> signed(5), signed(-12), signed(0), signed(None)
    ('+5', '−12', '±0', '–')
    """
    if number is None or not math.isfinite(number):
        return DASH
    text = f"{abs(number):.{digits}f}"
    if not text.strip("0."):
        return f"±{text}"
    return ("+" if number > 0 else "−") + text


def listed(names: Sequence[str], of: int | None = None) -> str:
    """Return names as a sentence has them; `of` says how many there are with those not named.

    >>> listed(["A"]), listed(["A", "B"]), listed(["A", "B", "C"], of=7)
    ('A', 'A and B', 'A, B, C and 4 more')
    """
    more = 0 if of is None else of - len(names)
    if more > 0:
        return f"{', '.join(names)} and {more:,} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a count with its noun: 1 account, 12 accounts."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
