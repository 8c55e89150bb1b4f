"""Sending over SMTP: one connection for the batch, TLS unless the server is this machine, patience with passing faults.

Temporary answers (4xx), lost connections and time-outs are tried again with growing pauses; permanent answers (5xx)
are not. Every recipient that a server has accepted is noted at once.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import smtplib
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from healthscore.errors import HealthscoreError
from healthscore.scorecards.message import Letter, message_id, outgoing
from healthscore.scorecards.recipients import Address
from healthscore.scorecards.sentlog import SentLog

Tls = Literal["starttls", "ssl", "none"]
State = Literal["sent", "already", "failed"]
TLS_KINDS: tuple[Tls, ...] = ("starttls", "ssl", "none")
TRIES = 4
_LONGEST_PAUSE = 60.0


@dataclass(frozen=True)
class Server:
    """How to reach the server. The password is never shown, written or logged.

    Without `tls`, port 465 means TLS from the first byte, and every other port STARTTLS, which this machine's own
    server (localhost) need not offer.
    """

    host: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Tls | None = None
    ca_file: Path | None = None
    timeout: float = 30.0

    @property
    def is_loopback(self) -> bool:
        """Whether the server is this machine, by name or address; no look-up is trusted to say so."""
        if self.host.lower().rstrip(".") == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True)
class Outcome:
    """What became of one letter for one recipient: sent, already (sent by an earlier run) or failed, and why."""

    letter: Letter
    recipient: Address
    state: State
    detail: str = ""


class _PassingError(Exception):
    """The server cannot be used right now; later it may."""


class _LastingError(Exception):
    """The server cannot be used with these settings."""


def send(
    letters: Sequence[Letter],
    server: Server,
    sender: Address,
    log: SentLog,
    *,
    reply_to: Address | None = None,
    report: Callable[[Outcome], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
    tries: int = TRIES,
) -> tuple[Outcome, ...]:
    """Send letters to everybody they are for, and return what became of each.

    Args:
        letters: what to send.
        server: where to.
        sender: the address they come from.
        log: what was sent before; these are not sent again.
        reply_to: where answers go.
        report: called with each outcome as soon as it is known.
        sleep: how to wait between tries.
        tries: how often each letter is tried.

    Raises:
        HealthscoreError: the server cannot be used with these settings, and nothing was sent.
    """
    check(server)
    batch = _Batch(server, sender, log, reply_to, report)
    batch.take(letters)
    try:
        for attempt in range(tries):
            if not batch.pending:
                break
            if attempt:
                sleep(min(2.0**attempt, _LONGEST_PAUSE))
            try:
                batch.try_all()
            except _LastingError as error:
                if not batch.any_sent:
                    raise HealthscoreError(f"{error}; nothing was sent") from error
                batch.put_off(str(error))
                break
        batch.give_up()
    finally:
        batch.close()
    return tuple(batch.outcomes)


def check(server: Server) -> None:
    """Refuse settings that would send in the clear.

    Raises:
        HealthscoreError: TLS is switched off for a server that is not this machine, or a password has no user.
    """
    if server.tls == "none" and not server.is_loopback:
        raise HealthscoreError(
            f"--tls none: only for a server on this machine; {server.host} needs starttls (port 587) or ssl (port 465)"
        )


@dataclass
class _Pending:
    """A letter and the people who have not got it yet, with the last reason for each."""

    letter: Letter
    people: list[Address]
    reasons: dict[str, str] = field(default_factory=dict)


class _Batch:
    """One run: the connection, what became of whom, and what is left to try."""

    def __init__(
        self,
        server: Server,
        sender: Address,
        log: SentLog,
        reply_to: Address | None,
        report: Callable[[Outcome], None],
    ) -> None:
        self._server, self._sender, self._log = server, sender, log
        self._reply_to, self._report = reply_to, report
        self._connection: smtplib.SMTP | None = None
        self.pending: list[_Pending] = []
        self.outcomes: list[Outcome] = []
        self.any_sent = False

    def take(self, letters: Iterable[Letter]) -> None:
        """Take letters to send, and report those that an earlier run has sent."""
        taken: set[tuple[str, str]] = set()
        for letter in letters:
            left, content = [], letter.fingerprint
            for one in letter.job.addresses:
                if self._log.has(one.spec, content):
                    self._done(letter, one, "already", "sent by an earlier run")
                elif (one.spec.casefold(), content) in taken:
                    self._done(letter, one, "already", "two entries ask for it; it is sent once")
                else:
                    taken.add((one.spec.casefold(), content))
                    left.append(one)
            if left:
                self.pending.append(_Pending(letter, left))

    def try_all(self) -> None:
        """Try every pending letter once; what should be tried again stays pending."""
        for one in list(self.pending):
            try:
                connection = self._connection or self._connect()
            except _PassingError as error:
                self.put_off(str(error))
                return
            try:
                refused = self._send(connection, one)
            except _PassingError as error:
                one.reasons.update(dict.fromkeys((person.spec for person in one.people), str(error)))
                continue
            self._settle(one, refused)
            if not one.people:
                self.pending.remove(one)

    def put_off(self, reason: str) -> None:
        """Note why what is pending could not be sent."""
        for one in self.pending:
            for person in one.people:
                one.reasons.setdefault(person.spec, reason)

    def give_up(self) -> None:
        """Report what is still pending as failed."""
        for one in self.pending:
            for person in one.people:
                self._done(one.letter, person, "failed", one.reasons.get(person.spec, "not tried"))

    def _settle(self, one: _Pending, refused: dict[str, tuple[int, str]]) -> None:
        """Report who got a letter and who never will; the others stay."""
        left = []
        for person in one.people:
            code, words = refused.get(person.spec, (250, ""))
            if code < 400:
                self._done(one.letter, person, "sent")
            elif code < 500:
                left.append(person)
                one.reasons[person.spec] = f"{code} {words}"
            else:
                self._done(one.letter, person, "failed", f"{code} {words}")
        one.people = left

    def _done(self, letter: Letter, one: Address, state: State, detail: str = "") -> None:
        outcome = Outcome(letter, one, state, detail)
        self.outcomes.append(outcome)
        self._report(outcome)

    def close(self) -> None:
        """Say goodbye, as far as anybody listens."""
        if self._connection is not None:
            try:
                self._connection.quit()
            except (smtplib.SMTPException, OSError):
                self._connection.close()
            self._connection = None

    def _send(self, connection: smtplib.SMTP, one: _Pending) -> dict[str, tuple[int, str]]:
        """Send one letter; return who was refused, with code and words. Whoever was accepted is noted."""
        letter, people = one.letter, one.people
        now = dt.datetime.now().astimezone()
        message = outgoing(letter, self._sender, now, self._reply_to).as_bytes()
        specs = [one.spec for one in people]
        limit = int(connection.esmtp_features.get("size") or 0)
        if limit and len(message) > limit:
            words = f"{len(message) / 1e6:.1f} MB is more than the server takes ({limit / 1e6:.1f} MB)"
            return dict.fromkeys(specs, (552, words))
        try:
            answer = connection.sendmail(self._sender.spec, specs, message)
            refused = {spec: (code, _words(words)) for spec, (code, words) in answer.items()}
        except smtplib.SMTPRecipientsRefused as error:
            refused = {spec: (code, _words(words)) for spec, (code, words) in error.recipients.items()}
            self._drop_if_ended({code for code, _ in refused.values()})
        except smtplib.SMTPResponseException as error:
            self._drop_if_ended({error.smtp_code})
            refused = dict.fromkeys(specs, (error.smtp_code, _words(error.smtp_error)))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise _PassingError(f"the connection to {self._server.host} was lost ({_why(error)})") from error
        for spec in specs:
            if spec not in refused:
                self.any_sent = True
                self._note(letter, spec, now)
        return refused

    def _note(self, letter: Letter, spec: str, now: dt.datetime) -> None:
        try:
            self._log.note(message_id(letter, self._sender), spec, letter.fingerprint, now)
        except OSError as error:
            raise HealthscoreError(
                f"{self._log.path}: cannot be written ({error.strerror or error}), so sending stopped. {spec} has got "
                f"{letter.rendered.subject!r}, which is not noted: a second run would send it again"
            ) from error

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        try:
            self._connection = connect(server)
        except smtplib.SMTPResponseException as error:
            text = f"{server.host}: {error.smtp_code} {_without_secret(_words(error.smtp_error), server)}"
            if 400 <= error.smtp_code < 500:
                raise _PassingError(text) from error
            if isinstance(error, smtplib.SMTPAuthenticationError):
                raise _LastingError(f"{server.host} does not accept user and password ({text})") from error
            raise _LastingError(text) from error
        except ssl.SSLCertVerificationError as error:
            raise _LastingError(
                f"{server.host}: its certificate cannot be trusted ({error.verify_message}); if your company has its "
                "own authority, give its certificate with --ca-file"
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise _LastingError(f"{server.host}: {_why(error)}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise _PassingError(f"{server.host}, port {server.port}: cannot be reached ({_why(error)})") from error
        return self._connection

    def _drop_if_ended(self, codes: set[int]) -> None:
        if 421 in codes or self._connection is None or self._connection.sock is None:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def connect(server: Server) -> smtplib.SMTP:
    """Return a connection that is encrypted where it must be, and logged in where there is a user.

    Raises:
        smtplib.SMTPException, OSError: what went wrong.
    """
    context = ssl.create_default_context(cafile=None if server.ca_file is None else str(server.ca_file))
    if server.tls == "ssl" or (server.tls is None and server.port == 465):
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
        connection.ehlo_or_helo_if_needed()
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    try:
        if not isinstance(connection, smtplib.SMTP_SSL) and server.tls != "none":
            _start_tls(connection, server, context)
        if server.user:
            _log_in(connection, server)
    except BaseException:
        connection.close()
        raise
    return connection


def _start_tls(connection: smtplib.SMTP, server: Server, context: ssl.SSLContext) -> None:
    connection.ehlo_or_helo_if_needed()
    if connection.has_extn("starttls"):
        connection.starttls(context=context)
        connection.ehlo()
    elif server.tls == "starttls" or not server.is_loopback:
        raise smtplib.SMTPNotSupportedError(
            "offers no encryption (STARTTLS), and nothing is sent in the clear; try --tls ssl with port 465"
        )


def _log_in(connection: smtplib.SMTP, server: Server) -> None:
    """Log in with one try: smtplib's own way tries every mechanism in turn, which locks accounts sooner."""
    connection.ehlo_or_helo_if_needed()
    if "PLAIN" in connection.esmtp_features.get("auth", "").upper().split():
        # In UTF-8, as RFC 4616 has it.
        secret = b64encode(_plain_auth(server).encode()).decode()
        code, answer = connection.docmd("AUTH", f"PLAIN {secret}")
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, answer)
    elif (server.user + server.password).isascii():
        connection.login(server.user, server.password)
    else:
        raise smtplib.SMTPNotSupportedError("takes no user or password with other than ASCII characters")


def _without_secret(words: str, server: Server) -> str:
    """Return a server's words without the password, which some servers repeat when they refuse it."""
    if not server.password:
        return words
    secrets = [server.password, *(b64encode(one.encode()).decode() for one in (_plain_auth(server), server.password))]
    for secret in secrets:
        words = words.replace(secret, "***")
    return words


def _plain_auth(server: Server) -> str:
    return f"\0{server.user}\0{server.password}"


def _words(answer: bytes | str) -> str:
    """Return a server's words on one line, without what a terminal would act on."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:200]


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return _words(getattr(error, "strerror", None) or str(error) or type(error).__name__)
