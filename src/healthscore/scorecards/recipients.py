"""Who gets which scorecard: `recipients.toml`, checked at the door.

An owner's entry can only ever lead to that owner's accounts, a segment's entry to that segment's. Addresses outside
the file's `allowed_domains` are refused before anything is rendered.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from healthscore.errors import HealthscoreError
from healthscore.names import key
from healthscore.scorecards import data
from healthscore.scorecards.book import ScoredBook
from healthscore.scorecards.figures import Rows, band_numbers
from healthscore.scorecards.words import header_text

FILE_NAME = "recipients.toml"
#: How many account scorecards one entry gives when it does not name the accounts.
ACCOUNTS_LIMIT = 20
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NAMED = re.compile(r"\s*(?:\"?(?P<name>[^<>\"]*?)\"?\s*<(?P<in>[^<>]*)>|(?P<bare>[^<>]*))\s*")

Kind = Literal["portfolio", "segment", "owner", "account"]


@dataclass(frozen=True)
class Address:
    """An e-mail address with the name shown beside it; `spec` is ASCII, its domain in lower case."""

    spec: str
    name: str = ""

    @property
    def domain(self) -> str:
        """The part after the @."""
        return self.spec.rpartition("@")[2]

    def __str__(self) -> str:
        return f"{self.name} <{self.spec}>" if self.name else self.spec


def address(text: str) -> Address:
    """Return an address written as `jo@example.com` or `Jo Doe <jo@example.com>`.

    Raises:
        HealthscoreError: it is not one address, or holds what could start another header or recipient.
    """
    found = _NAMED.fullmatch(text)
    wrong = HealthscoreError(
        f"{text!r} is not an e-mail address; write it as jo@example.com or Jo Doe <jo@example.com>"
    )
    if found is None or any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise wrong
    local, at, domain = (found["in"] if found["bare"] is None else found["bare"]).strip().rpartition("@")
    try:
        plain_domain = domain.lower().encode("idna").decode("ascii")
    except UnicodeError as error:
        raise wrong from error
    if not at or not _LOCAL.fullmatch(local) or len(local) > 64 or not _DOMAIN.fullmatch(plain_domain):
        raise wrong
    return Address(f"{local}@{plain_domain}", header_text(found["name"] or "", 80))


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _ids(value: Any) -> Any:
    """Take ids that are written as numbers for what they say."""
    return (
        [str(one) if type(one) is int else one for one in _listed(value)] if isinstance(value, list) else _listed(value)
    )


def _address(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("is not a text; write addresses in quotes")  # noqa: TRY004 (pydantic wants ValueError)
    try:
        return address(value)
    except HealthscoreError as error:
        raise ValueError(str(error)) from error


_Addresses = Annotated[tuple[Annotated[Address, BeforeValidator(_address)], ...], BeforeValidator(_listed)]


class Recipient(_Part):
    """One entry: a role, an owner or a segment, its addresses, and which scorecards it gets."""

    name: str = ""
    owner: Annotated[str, Field(min_length=1)] | None = None
    segment: Annotated[str, Field(min_length=1)] | None = None
    to: _Addresses = Field(min_length=1)
    cc: _Addresses = ()
    kinds: Annotated[tuple[Kind, ...], BeforeValidator(_listed)] = ()
    accounts: Annotated[tuple[str, ...], BeforeValidator(_ids)] = ()

    @model_validator(mode="after")
    def _only_what_is_theirs(self) -> Self:
        if self.owner is not None and self.segment is not None:
            raise ValueError("names both an owner and a segment; make it two entries")
        allowed = self.allowed_kinds
        if wrong := [kind for kind in self.wanted_kinds if kind not in allowed]:
            bound = f"owner {self.owner!r}" if self.owner is not None else f"segment {self.segment!r}"
            raise ValueError(
                f"is bound to the {bound} and cannot get {' or '.join(wrong)}; give it {' or '.join(allowed)}"
            )
        if self.accounts and "account" not in self.wanted_kinds:
            raise ValueError('names accounts without the kind "account"; add it to `kinds`')
        if "account" in self.wanted_kinds and not self.accounts and self.owner is None and self.segment is None:
            raise ValueError('wants "account" scorecards; name them: accounts = ["C-1001", "C-1002"]')
        return self

    @property
    def allowed_kinds(self) -> tuple[Kind, ...]:
        """What this entry may get: nothing that shows other people's accounts."""
        if self.owner is not None:
            return ("owner", "account")
        return ("segment", "account") if self.segment is not None else ("portfolio", "segment", "owner", "account")

    @property
    def wanted_kinds(self) -> tuple[Kind, ...]:
        """The kinds that the entry lists, else the first that it may get."""
        return self.kinds or self.allowed_kinds[:1]

    @property
    def label(self) -> str:
        """What the entry is called in summaries."""
        return header_text(self.name or self.owner or self.segment or self.to[0].spec, 60)


class _Links(_Part):
    workbook: str = ""

    @field_validator("workbook")
    @classmethod
    def _https(cls, link: str) -> str:
        try:
            parts = urlsplit(link)
            whole = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
        except ValueError:
            whole = False
        if link and (not whole or any(char in link for char in "\"'<> \t\r\n")):
            raise ValueError(f"{link!r} is no link that can stand in an e-mail; give one that starts with https://")
        return link


class Recipients(_Part):
    """A whole recipients file."""

    allowed_domains: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(min_length=1)
    sender: Annotated[Address | None, BeforeValidator(lambda value: value and _address(value))] = Field(
        default=None, alias="from"
    )
    reply_to: Annotated[Address | None, BeforeValidator(lambda value: value and _address(value))] = None
    links: _Links = _Links()
    recipients: tuple[Recipient, ...] = Field(default=(), alias="recipient")

    @field_validator("allowed_domains")
    @classmethod
    def _domains(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        plain = []
        for domain in domains:
            try:
                ascii_domain = domain.strip().lower().lstrip("@").encode("idna").decode("ascii")
            except UnicodeError:
                ascii_domain = ""
            if not _DOMAIN.fullmatch(ascii_domain):
                raise ValueError(f"{domain!r} is not a domain; write it as example.com")
            plain.append(ascii_domain)
        return tuple(plain)

    @model_validator(mode="after")
    def _inside(self) -> Self:
        self.refuse_outsiders([one for entry in self.recipients for one in (*entry.to, *entry.cc)])
        return self

    def refuse_outsiders(self, addresses: Iterable[Address]) -> None:
        """Raise ValueError where an address is outside the allowed domains; sub-domains must be listed themselves."""
        outside = [one.spec for one in addresses if one.domain not in self.allowed_domains]
        if outside:
            raise ValueError(
                f"{', '.join(dict.fromkeys(outside))}: outside allowed_domains ({', '.join(self.allowed_domains)}); "
                "nothing is sent there. Add the domain if that is meant"
            )


def read_recipients(path: Path) -> Recipients:
    """Read a recipients file.

    Raises:
        HealthscoreError: it cannot be read, or something in it is wrong; the message lists every place.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise HealthscoreError(f"{path}: no such file; `healthscore email init` writes one to start from") from error
    except OSError as error:
        raise HealthscoreError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise HealthscoreError(f"{path}: is not UTF-8 text; save it as UTF-8 in the text editor") from error
    except tomllib.TOMLDecodeError as error:
        raise HealthscoreError(f"{path}: is not TOML ({error}); texts need quotes, lists need brackets") from error
    try:
        return Recipients.model_validate(content)
    except ValidationError as error:
        # A list whose entry was refused is also reported as too short, because the entry fell out: that is no news.
        faults = [fault for fault in error.errors() if fault["type"] != "too_short" or not fault["input"]]
        raise HealthscoreError("\n".join(f"{path}: {_explained(fault, content)}" for fault in faults)) from error


def _explained(fault: Any, content: dict[str, Any]) -> str:
    """Return a fault as one line: where, what was found, what to do."""
    where, kind = fault["loc"], fault["type"]
    key_name = next((str(part) for part in reversed(where) if isinstance(part, str)), "")
    place = ": ".join(part for part in (_entry_name(where, content), _spelled(where)) if part)
    if kind == "value_error":
        told = str(fault["msg"]).removeprefix("Value error, ")
    elif kind == "extra_forbidden":
        part = Recipient if where[0] == "recipient" else _Links if where[0] == "links" else Recipients
        known = [field.alias or name for name, field in part.model_fields.items()]
        told = f"is not a key that can stand here; these can: {', '.join(known)}"
    elif kind in ("missing", "too_short"):
        told = f"is {'missing' if kind == 'missing' else 'empty'}; {_WANTED.get(key_name, 'fill it in')}"
    elif kind == "literal_error":
        told = f"{fault['input']!r} is no kind of scorecard; give portfolio, segment, owner or account"
    else:
        told = f"found {fault['input']!r}; {_WANTED.get(key_name, 'write a text in quotes')}"
    return f"{place}: {told}" if place else told


#: What belongs at a key, for where something else stands there.
_WANTED = {
    "allowed_domains": 'write it as allowed_domains = ["example.com"]',
    "recipient": "write the heading of each entry in double brackets: [[recipient]]",
    "to": 'write it as to = ["jo@example.com"]',
    "cc": 'write it as cc = ["jo@example.com"]',
    "kinds": 'write it as kinds = ["portfolio"]',
    "accounts": 'write it as accounts = ["C-1001"]',
    "links": 'write the heading [links], and below it workbook = "https://…"',
}


def _entry_name(where: Sequence[int | str], content: dict[str, Any]) -> str:
    """Return which entry a fault is in: its number, and its name where it has one."""
    if len(where) < 2 or where[0] != "recipient" or not isinstance(where[1], int):
        return ""
    entry = content["recipient"][where[1]]
    names = [entry.get(part) for part in ("name", "owner", "segment")] if isinstance(entry, dict) else []
    name = next((f" ({header_text(one, 60)})" for one in names if isinstance(one, str) and one.strip()), "")
    return f"recipient {where[1] + 1}{name}"


def _spelled(where: Sequence[int | str]) -> str:
    """Return the key of a fault, and which of its values: `to, number 2`."""
    steps = where[2:] if len(where) > 1 and where[0] == "recipient" else where
    return ", ".join(f"number {part + 1}" if isinstance(part, int) else part for part in steps)


# --- who gets what -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """One message to make: a scorecard, for whom, and whether they may see everything (`bound` is empty then)."""

    kind: str
    name: str
    label: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bound: str = ""

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Everybody the message goes to, each once."""
        return tuple({one.spec.casefold(): one for one in (*self.to, *self.cc)}.values())


@dataclass(frozen=True)
class Plan:
    """The messages to make, and what to tell the user: entries that lead to no message, owners without an entry."""

    jobs: tuple[Job, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for: kinds, and names of segments, owners and accounts."""

    kinds: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The scorecards that are named one by one, as (kind, name)."""
        named = (("segment", self.segments), ("owner", self.owners), ("account", self.accounts))
        return tuple((kind, name) for kind, names in named for name in names)

    @property
    def everything(self) -> bool:
        """Whether nothing was asked for in particular."""
        return not self.kinds and not self.pairs


def plan_file(book: ScoredBook, recipients: Recipients, wanted: Wanted | None = None) -> Plan:
    """Return the messages that a recipients file leads to, less what the command line does not ask for.

    Raises:
        HealthscoreError: an entry asks for accounts that are not its own, or no message is left.
    """
    jobs: list[Job] = []
    notes: list[str] = []
    for entry in recipients.recipients:
        for kind in entry.wanted_kinds:
            try:
                jobs += _jobs_of(book, entry, kind, notes)
            except _NothingThereError as error:
                notes.append(f"no message for {entry.label}: {error}")
    known = {key(entry.owner) for entry in recipients.recipients if entry.owner is not None}
    left_out = [name for name in data.owners(book) if key(name) not in known]
    if known and left_out:
        notes.append(f"owners without an entry: {', '.join(left_out)}")
    kept = [job for job in jobs if wanted is None or _is_wanted(job, wanted)]
    if not recipients.recipients:
        raise HealthscoreError(
            "the recipients file has no [[recipient]] yet; add one (`healthscore email init` shows how), or give --to"
        )
    if not kept:
        raise HealthscoreError(
            "nobody in the recipients file gets what was asked for; give --to, or add an entry or its kinds"
            + "".join(f"; {note}" for note in notes)
        )
    return Plan(tuple(dict.fromkeys(kept)), tuple(notes))


def plan_options(book: ScoredBook, wanted: Wanted, to: Sequence[Address] = ()) -> Plan:
    """Return the messages that the command line names by itself; the portfolio's where it names none.

    Raises:
        HealthscoreError: nothing in the workbook has that name.
    """
    pairs = list(wanted.pairs)
    named = {kind for kind, _ in pairs}
    for kind in wanted.kinds or (() if pairs else ("portfolio",)):
        if kind in named:
            continue
        if kind == "account":
            raise HealthscoreError("--kind account: say which with --account, by id or name")
        names = {"portfolio": ("",), "segment": data.segments(book), "owner": data.owners(book)}[kind]
        pairs += [(kind, name) for name in names]
    if not pairs:
        raise HealthscoreError(
            "no account in the workbook has an owner, so there is no owner's scorecard; fill in the column Owner, or ask "
            "for --kind portfolio"
        )
    for kind, name in pairs:
        data.rows_of(book, kind, name)
    return Plan(
        tuple(Job(kind, name, name, tuple(to), bound="" if kind == "portfolio" else kind) for kind, name in pairs)
    )


class _NothingThereError(Exception):
    """An entry speaks of nobody in this workbook."""


def _jobs_of(book: ScoredBook, entry: Recipient, kind: Kind, notes: list[str]) -> list[Job]:
    bound = "owner" if entry.owner is not None else "segment" if entry.segment is not None else ""
    job = Job(kind, "", entry.label, entry.to, entry.cc, bound)
    if kind == "account":
        return [replace(job, name=name) for name in _accounts_of(book, entry, bound, notes)]
    if bound:
        name = entry.owner if bound == "owner" else entry.segment
        _bound_rows(book, bound, str(name))
        return [replace(job, name=str(name))]
    names = {"portfolio": ("",), "segment": data.segments(book), "owner": data.owners(book)}[kind]
    return [replace(job, name=name) for name in names]


def _bound_rows(book: ScoredBook, bound: str, name: str) -> Rows:
    try:
        return data.rows_of(book, bound, name)
    except HealthscoreError as error:
        raise _NothingThereError(str(error)) from error


def _accounts_of(book: ScoredBook, entry: Recipient, bound: str, notes: list[str]) -> list[str]:
    """Return the ids of an entry's accounts: those it names, which must be its own, else those in the lowest band."""
    own = _bound_rows(book, bound, entry.owner or entry.segment or "") if bound else np.arange(len(book.frame))
    keys = book.keys
    if entry.accounts:
        rows = [_account_row(book, entry, name) for name in entry.accounts]
        foreign = [name for name, row in zip(entry.accounts, rows, strict=True) if row not in set(own.tolist())]
        if foreign:
            raise HealthscoreError(
                f"recipient {entry.label}: {', '.join(foreign)} belongs to another {bound}; an entry gets its own "
                "accounts only"
            )
        return [keys[row] for row in rows]
    lowest = [int(row) for row in own if band_numbers(book)[row] == 0]
    priority = book.scores.table["priority"].to_numpy(dtype=float)
    lowest.sort(key=lambda row: -np.nan_to_num(priority[row], nan=-1.0))
    if not lowest:
        band = book.scores.model.bands[0].name
        notes.append(f"no account scorecard for {entry.label}: none of the accounts is in {band}")
    if len(lowest) > ACCOUNTS_LIMIT:
        notes.append(
            f"{entry.label}: {len(lowest)} accounts are in the lowest band; scorecards are made for the "
            f"{ACCOUNTS_LIMIT} with most value at stake. Name others with `accounts`"
        )
    return [keys[row] for row in lowest[:ACCOUNTS_LIMIT]]


def _account_row(book: ScoredBook, entry: Recipient, name: str) -> int:
    try:
        return int(data.rows_of(book, "account", name)[0])
    except HealthscoreError as error:
        raise HealthscoreError(f"recipient {entry.label}: {error}") from error


def _is_wanted(job: Job, wanted: Wanted) -> bool:
    if wanted.everything or job.kind in wanted.kinds:
        return True
    return any(kind == job.kind and key(name) == key(job.name) for kind, name in wanted.pairs)


EXAMPLE = """\
# Who gets which scorecard. Used by:  healthscore email WORKBOOK
#
# Nothing is sent unless you add --send; without it you get drafts to look at.
# Lines that start with # are notes. Remove the # in front of what you need, and put in your own names and addresses.

# Addresses outside these domains are refused, so that a slip of the keyboard does not leave the company.
# Sub-domains must be listed themselves.
allowed_domains = ["example.com"]

# Who the messages come from when they are sent, and where answers go.
# from = "Customer Success <customer.success@example.com>"
# reply_to = "jo.doe@example.com"

# The only link that a scorecard holds, where you have one.
# [links]
# workbook = "https://example.sharepoint.com/sites/cs/health.xlsx"

# Kinds of scorecards:
#   portfolio   all accounts, for leadership
#   segment     one segment, for its lead
#   owner       one owner's accounts and worklist
#   account     one account

# A role: gets what `kinds` says.
[[recipient]]
name = "Leadership"
to = ["vp.customers@example.com"]
kinds = ["portfolio"]

# A segment's lead: gets that segment only.
# [[recipient]]
# segment = "Enterprise"
# to = ["enterprise.lead@example.com"]
# cc = ["deputy.lead@example.com"]

# An owner: gets their own accounts only, whatever else stands here. The name is written as in the workbook.
# [[recipient]]
# owner = "Marcus Bell"
# to = ["marcus.bell@example.com"]
# kinds = ["owner"]                    # add "account" for one scorecard per account in the lowest band

# Chosen accounts, for the people around them.
# [[recipient]]
# name = "Account team Osprey"
# to = ["sponsor@example.com"]
# kinds = ["account"]
# accounts = ["C-1001"]
"""
