"""Options that several commands share, each with the help text a CS person understands."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer

from healthscore.accounts import Accounts, read_accounts, settle_duplicates
from healthscore.accounts.dates import ORDERS
from healthscore.errors import AccountsError, HealthscoreError
from healthscore.model import DEFAULT_MODEL, ScoreModel
from healthscore.workbook.functions import FUNCTIONS
from healthscore.workbook.functions import Functions as FunctionsKind

AccountsFile = Annotated[
    Path, typer.Argument(help="Your export of accounts: CSV, TSV, Excel (.xlsx) or Parquet.", metavar="ACCOUNTS")
]
ModelName = Annotated[
    str, typer.Option("--model", help="A built-in model's name (see `healthscore models list`) or your own .toml file.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="The day the scores speak of, as 2026-06-30. Default: today.", metavar="DATE"),
]
SegmentBy = Annotated[
    str | None,
    typer.Option(
        "--segment-by",
        help="One sheet per value of this column; several, separated by commas, for combinations.",
        metavar="COL",
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help='Say which of your headers is which column: --map "Their header=column". Repeat as needed.',
        metavar="HEADER=COLUMN",
    ),
]
Dates = Annotated[
    str | None,
    typer.Option(
        "--dates", help="How ambiguous dates are written: dmy (31/12/2026) or mdy (12/31/2026).", metavar="dmy|mdy"
    ),
]
Duplicates = Annotated[
    str | None,
    typer.Option(
        "--duplicates", help="Which row to keep when an account stands in several: first or last.", metavar="first|last"
    ),
]
SheetName = Annotated[
    str | None, typer.Option("--sheet", help="Which sheet of an Excel export to read. Default: the first with data.")
]
Out = Annotated[Path | None, typer.Option("--out", help="The file to write.", metavar="FILE")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]
Functions = Annotated[
    str,
    typer.Option(
        "--functions",
        help="Functions to score in a cell: native (no add-in, Microsoft 365), xlwings (a column that asks the add-in) "
        "or none.",
        metavar="none|native|xlwings",
    ),
]
Currency = Annotated[str, typer.Option("--currency", help="Shown before account values, as EUR or $.")]

DEFAULT = DEFAULT_MODEL
_KEEP: tuple[Literal["first", "last"], ...] = ("first", "last")
_Choice = TypeVar("_Choice", bound=str)
#: What a terminal can hand over and no workbook can hold.
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CURRENCY_LIMIT = 12


def parse_as_of(text: str | None) -> dt.date | None:
    """Return the date of `--as-of`; None when it was not given."""
    if text is None:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise HealthscoreError(f"--as-of {text}: not a date we can read; write it as 2026-06-30") from error
    if not dt.date(1900, 3, 1) <= day:
        raise HealthscoreError(f"--as-of {text}: Excel's calendar starts in 1900; give a later day")
    return day


def parse_currency(text: str) -> str:
    """Return the sign of `--currency`, fit for a number format."""
    sign = text.strip()
    if len(sign) > _CURRENCY_LIMIT or '"' in sign:
        raise HealthscoreError(f"--currency {sign[:20]}: give a code or a sign, as EUR or $, without quotes")
    return check_text("--currency", sign)


def check_text(option: str, text: str) -> str:
    """Return the text of an option if a workbook can hold it."""
    if _UNFIT.search(text):
        raise HealthscoreError(f"{option}: {text!r} holds characters that are no text; type it again")
    return text


def parse_map(pairs: Sequence[str] | None) -> Mapping[str, str]:
    """Return {their header: column} of the `--map` options."""
    mapping = {}
    for pair in pairs or ():
        header, sign, column = pair.rpartition("=")
        if not sign or not header.strip() or not column.strip():
            raise HealthscoreError(f'--map {pair}: write it as "Their header=column"')
        mapping[header.strip()] = column.strip()
    return mapping


def load_accounts(
    path: Path,
    model: ScoreModel,
    *,
    mapping: Sequence[str] | None,
    dates: str | None,
    segment_by: str | None,
    duplicates: str | None,
    sheet: str | None = None,
) -> Accounts:
    """Read the export as the options say and settle duplicates."""
    order = _one_of("--dates", dates, ORDERS)
    keep = _one_of("--duplicates", duplicates, _KEEP)
    accounts = read_accounts(path, model, mapping=parse_map(mapping), dates=order, segment_by=segment_by, sheet=sheet)
    if not len(accounts.frame):
        raise AccountsError(
            f"{path}: has headers but no accounts; export again, or use `healthscore template` for an empty workbook"
        )
    return settle_duplicates(accounts, keep)


def settled(accounts: Accounts, duplicates: str | None) -> Accounts:
    """Keep one row of each account that stands more than once, as --duplicates says."""
    return settle_duplicates(accounts, _one_of("--duplicates", duplicates, _KEEP))


def _one_of(option: str, given: str | None, allowed: Sequence[_Choice]) -> _Choice | None:
    for choice in allowed:
        if given == choice:
            return choice
    if given is not None:
        raise HealthscoreError(f"{option} {given}: give one of {', '.join(allowed)}")
    return None


def parse_functions(given: str) -> FunctionsKind:
    """Return which functions a workbook gets."""
    return _one_of("--functions", given, FUNCTIONS) or "none"
