"""A rendered scorecard becomes an e-mail message that every program can read and no name can break.

Headers are set through the standard library's policy, which refuses line breaks, from texts that `words` has already
made one line; addresses come from `recipients.address` and nothing else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime

from healthscore.scorecards.recipients import Address, Job
from healthscore.scorecards.render import Rendered
from healthscore.scorecards.words import header_text

_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_FILE_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')


@dataclass(frozen=True)
class Attachment:
    """A file to attach.

    `says` stands for its content where the same content may be other bytes tomorrow: a workbook that was saved again.
    """

    name: str
    content: bytes
    says: str = ""


@dataclass(frozen=True)
class Letter:
    """One message before it is a draft or is sent: for whom, what it shows, what is attached."""

    job: Job
    rendered: Rendered
    attachment: Attachment | None = None

    @property
    def fingerprint(self) -> str:
        """A hash of all that the reader would see; the same content has the same hash on every run."""
        parts = [self.job.kind, self.rendered.subject, self.rendered.text, self.rendered.html]
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "replace"))
        if self.attachment is not None:
            said = self.attachment.says.encode("utf-8", "replace") or self.attachment.content
            digest.update(self.attachment.name.encode("utf-8", "replace") + b"\0" + said)
        return digest.hexdigest()


def draft(letter: Letter, sender: Address | None = None, reply_to: Address | None = None) -> EmailMessage:
    """Return a message that Outlook opens as a draft, ready to be looked at, changed and sent."""
    message = _headers(letter, sender, reply_to)
    message["X-Unsent"] = "1"
    return _with_content(message, letter)


def outgoing(letter: Letter, sender: Address, now: dt.datetime, reply_to: Address | None = None) -> EmailMessage:
    """Return a message to send.

    Its Message-ID depends on content and recipients only, so that a message sent again after a lost reply is seen as
    the same one.
    """
    message = _headers(letter, sender, reply_to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(letter, sender)
    message["Auto-Submitted"] = "auto-generated"
    return _with_content(message, letter)


def message_id(letter: Letter, sender: Address) -> str:
    """Return the Message-ID of a letter."""
    people = "\0".join(sorted(one.spec.casefold() for one in letter.job.addresses))
    digest = hashlib.sha256(f"{letter.fingerprint}\0{people}".encode()).hexdigest()
    return f"<{digest[:40]}@{sender.domain}>"


def file_name(text: str, ending: str, limit: int = 100) -> str:
    """Return a file name that Windows, macOS and a mail header accept."""
    name = _FILE_FORBIDDEN.sub("-", header_text(text, limit)).strip(" .") or "scorecard"
    return f"{name}{ending}"


def _headers(letter: Letter, sender: Address | None, reply_to: Address | None) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = header_text(letter.rendered.subject)
    if sender is not None:
        message["From"] = _header(sender)
    for field, people in (("To", letter.job.to), ("Cc", letter.job.cc)):
        if people:
            message[field] = [_header(one) for one in people]
    if reply_to is not None:
        message["Reply-To"] = _header(reply_to)
    message["Content-Language"] = "en"
    return message


def _with_content(message: EmailMessage, letter: Letter) -> EmailMessage:
    # Quoted-printable keeps every line short, whatever a team's template puts on one.
    message.set_content(letter.rendered.text, subtype="plain", charset="utf-8", cte="quoted-printable")
    message.add_alternative(letter.rendered.html, subtype="html", charset="utf-8", cte="quoted-printable")
    if letter.attachment is not None:
        maintype, subtype = _XLSX
        message.add_attachment(
            letter.attachment.content,
            maintype=maintype,
            subtype=subtype,
            filename=header_text(letter.attachment.name, 120),
        )
    return message


def _header(one: Address) -> HeaderAddress:
    return HeaderAddress(display_name=one.name, addr_spec=one.spec)
