"""From bytes to text: which encoding a file has, worked out from its content.

Unicode is recognised with certainty; older encodings are a guess from what is typical of each script, and a finding
says so.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from healthscore.errors import AccountsError
from healthscore.findings import Finding

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: The letters that are most frequent in each alphabet, to tell single-byte encodings of non-Latin scripts apart.
_FREQUENT_LETTERS = {
    "iso-8859-7": "αοιετσνηυρκς",
    "cp1251": "оеаинтсрвлкм",
    "koi8-r": "оеаинтсрвлкм",
    "cp1255": "יוהלאתרבמשנ",
    "cp1256": "اليمونترهب",
}
#: East Asian encodings: the lead bytes of everyday characters, the share of the pairs that must have one, the lowest
#: second byte. Accented letters of Western texts lie outside.
_EVERYDAY_LEADS = (
    ("euc-kr", range(0xB0, 0xC9), 0.9, 0xA1),
    ("gb18030", range(0xB0, 0xD8), 0.8, 0xA1),
    ("big5", range(0xA4, 0xC7), 0.8, 0x40),
    ("cp932", range(0x82, 0x84), 0.4, 0x40),
)
_NAMES = {"cp1252": "Western European (Windows-1252)", "latin-1": "Western European (ISO-8859-1)"}
_HIGH_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_HIGH = re.compile(rb"[\x80-\xff]")
_PAIR = re.compile(rb"([\x81-\xfe])([\x40-\xfe])", re.DOTALL)
_SAMPLE = 1_000_000


def decode(data: bytes, source: str) -> tuple[str, list[Finding]]:
    """Return the text of a file, and a finding where its encoding had to be guessed or bytes were lost.

    Raises:
        AccountsError: these are no letters at all, but a binary file.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(data, encoding, source)
    wide = _wide_encoding(data)
    if wide is not None:
        return _decoded(data, wide, source)
    if data.count(b"\0") > max(1, len(data) // 100):
        raise _binary(source)
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        return _guessed(data, source)


def _binary(source: str) -> AccountsError:
    return AccountsError(f"{source}: this is a binary file, not text; save the accounts as .xlsx or CSV and try again")


def _decoded(data: bytes, encoding: str, source: str) -> tuple[str, list[Finding]]:
    plain = encoding.removesuffix("-sig")
    text = data.decode(encoding, errors="replace")
    lost = text.count("\ufffd") - (data.count("\ufffd".encode()) if plain == "utf-8" else 0)
    if lost > max(20, len(text) // 100) and plain != "utf-8":
        raise _binary(source)
    if lost <= 0:
        return text, []
    found = f"{lost:,} characters that are not valid {plain.upper()}"
    return text, [Finding("warning", None, "", "", found, "shown as \ufffd; save the file as UTF-8 again")]


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without its mark: in most texts every second byte of digits, delimiters and Latin letters is zero."""
    sample = data[:4096]
    if len(sample) < 4:
        return None
    even, odd, half = sample[0::2].count(0), sample[1::2].count(0), len(sample) // 2
    if odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.3 and odd < half * 0.05:
        return "utf-16-be"
    return None


def _guessed(data: bytes, source: str) -> tuple[str, list[Finding]]:
    damaged = data.decode("utf-8", errors="replace")
    lost = damaged.count("\ufffd")
    good = sum(ord(character) > 127 for character in damaged) - lost
    if good > 9 * lost:
        return _decoded(data, "utf-8", source)
    sample = data[:_SAMPLE]
    if sum(byte < 9 or 13 < byte < 32 for byte in sample) > len(sample) // 20:
        raise _binary(source)
    encoding = _east_asian(data) or _single_byte(sample)
    done = f"read as {_NAMES.get(encoding, encoding.upper())}; save it as UTF-8 if letters look wrong"
    return data.decode(encoding, errors="replace"), [Finding("note", None, "", "", "the file is not in UTF-8", done)]


def _east_asian(data: bytes) -> str | None:
    for encoding, leads, needed, lowest in _EVERYDAY_LEADS:
        text = data.decode(encoding, errors="replace")
        pairs = _PAIR.findall(data[:_SAMPLE])
        usual = sum(lead[0] in leads and trail[0] >= lowest for lead, trail in pairs)
        if len(pairs) >= 4 and usual >= needed * len(pairs) and text.count("\ufffd") <= len(pairs) // 100:
            return encoding
    return None


def _single_byte(sample: bytes) -> str:
    """Latin scripts sprinkle accents over ASCII words; words wholly of high bytes speak of another alphabet."""
    words = _HIGH_WORD.findall(sample)
    high = sum(len(_HIGH.findall(word)) for word in words)
    if high > 0.7 * sum(map(len, words)) and high > 2.5 * len(words):
        scores = {encoding: _familiarity(words, encoding) for encoding in _FREQUENT_LETTERS}
        return max(scores, key=lambda encoding: scores[encoding])
    return "latin-1" if re.search(rb"[\x81\x8d\x8f\x90\x9d]", sample) else "cp1252"


def _familiarity(words: Sequence[bytes], encoding: str) -> int:
    frequent = set(_FREQUENT_LETTERS[encoding])
    return sum(character in frequent for word in words for character in word.decode(encoding, errors="replace"))
