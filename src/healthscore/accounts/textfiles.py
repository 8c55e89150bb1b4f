"""Text files as tables: which delimiter, which quotes, then the records.

Exports say nothing about how they are written, so all of it is worked out from the content.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Any

from healthscore.accounts.decoding import decode
from healthscore.errors import AccountsError
from healthscore.findings import Finding

DELIMITERS = (",", ";", "\t", "|")
#: The largest value that fits a C long on every platform.
FIELD_LIMIT = 2**31 - 1
_SAMPLE_CHARACTERS = 200_000
_SAMPLE_RECORDS = 100


def read_text(data: bytes, source: str) -> tuple[list[list[str]], list[Finding]]:
    """Turn a text file's bytes into records of cells, blank lines kept as empty records so that row numbers hold.

    Raises:
        AccountsError: the bytes are no text, or a quotation mark is never closed.
    """
    text, findings = decode(data, source)
    if not text.strip():
        raise AccountsError(f"{source}: the file holds nothing but blanks; export the accounts again")
    text, hint = _separator_hint(text)
    dialect = sniff(text, hint)
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), **dialect)
    grid: list[list[str]] = []
    before_last = 0
    try:
        line = 0
        for record in reader:
            grid.append(record)
            before_last, line = line, reader.line_num
    except csv.Error as error:
        raise AccountsError(
            f"{source}: row {len(grid) + 1} cannot be read as delimited text ({error}); "
            "save the file as .xlsx or CSV again"
        ) from error
    _refuse_open_quote(text, dialect, (before_last, reader.line_num), f"{source}: row {len(grid)}")
    if hint is not None:
        grid.insert(0, [])  # the hint was row 1 of the file
    return grid, findings


def _separator_hint(text: str) -> tuple[str, str | None]:
    """Excel writes `sep=;` above some of its files: a hint for itself, not data."""
    match = re.match(r'\s*"?sep=(.)"?[^\S\r\n]*(?:\r\n|\r|\n)', text, re.IGNORECASE)
    return (text[match.end() :], match.group(1)) if match else (text, None)


def sniff(text: str, delimiter: str | None = None) -> dict[str, Any]:
    """Work out delimiter, quote character and escapes of delimited text, as keyword arguments for `csv.reader`."""
    sample = text[:_SAMPLE_CHARACTERS]
    options: dict[str, Any] = {"skipinitialspace": True, "quotechar": '"'}
    if '"' not in sample and re.search(
        r"(?:^|[,;\t|])'[^'\r\n]*[,;\t|][^'\r\n]*'(?=[,;\t|\r\n]|$)", sample, re.MULTILINE
    ):
        options["quotechar"] = "'"
    if re.search(r'\\"(?!\s*(?:[,;\t|\r\n]|$))', sample) and '""' not in sample:
        options["escapechar"] = "\\"
    options["delimiter"] = delimiter or max(DELIMITERS, key=lambda candidate: _fitness(sample, candidate, options))
    return options


def _fitness(sample: str, delimiter: str, options: dict[str, Any]) -> tuple[bool, int, float, int]:
    """Rank a delimiter: does it cut most records alike, does it cut the first of them, how many cells result.

    That the header is cut is what tells `1,5;2,5` under `a;b` (semicolons) from `x;y,2` under `tags,n` (commas).
    """
    lengths = _record_lengths(sample, {**options, "delimiter": delimiter})
    cut = Counter(length for length in lengths if length > 1)
    if not cut:
        return (False, -len(lengths), 0.0, 0)
    width, count = max(cut.items(), key=lambda item: (item[1], item[0]))
    share = count / len(lengths)
    return (share >= 0.5, -lengths.index(width), share, width)


def _record_lengths(sample: str, options: dict[str, Any]) -> list[int]:
    csv.field_size_limit(FIELD_LIMIT)
    lengths: list[int] = []
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), **options):
            if any(record):
                lengths.append(len(record))
            if len(lengths) == _SAMPLE_RECORDS:
                break
    except csv.Error:
        pass  # the sample ends where it ends; what was read so far decides
    return lengths


def _refuse_open_quote(text: str, dialect: dict[str, Any], lines: tuple[int, int], place: str) -> None:
    """A quotation mark that is never closed swallows every row below it; say so instead of losing them."""
    if lines[1] - lines[0] < 2 or text.count(dialect["quotechar"]) % 2 == 0:
        return
    record = io.StringIO(text, newline="").readlines()[slice(*lines)]
    try:
        list(csv.reader(record, **{**dialect, "strict": True}))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise AccountsError(
                f"{place}: a quotation mark opens here and is never closed, which swallows the rows below; "
                "close it or take it out"
            ) from error
