"""Messages and drafts: what a mail program reads, and what no name can put into a header."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from dataclasses import replace
from email import message_from_bytes, policy

import numpy as np
import openpyxl
import pytest
from email_letters import letter
from hypothesis import given
from hypothesis import strategies as st

from healthscore.errors import HealthscoreError, OutputError
from healthscore.scorecards import plan_options, write_drafts, write_letters
from healthscore.scorecards.message import Attachment, draft, file_name, outgoing
from healthscore.scorecards.recipients import Address, Wanted, address

SENDER = address("Customer Success <cs@example.com>")
NOW = dt.datetime(2026, 6, 30, 8, 0, tzinfo=dt.UTC)
EVERY_KIND = Wanted(("portfolio", "segment", "owner"), accounts=("C-1001",))


def parsed(content: bytes):
    """Read a message as a mail program does."""
    return message_from_bytes(content, policy=policy.default)


def test_a_draft_opens_as_a_draft(book):
    """X-Unsent makes Outlook open the file for editing; text comes before HTML; nothing but ASCII, short lines."""
    made = draft(letter(book, "vp@example.com", text="Grüße"), SENDER).as_bytes()
    message = parsed(made)
    assert message["X-Unsent"] == "1"
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert message.get_body(("plain",)).get_content().strip() == "Grüße"
    assert made.isascii()
    assert max(len(line) for line in made.split(b"\r\n")) <= 998
    assert not message.defects


def test_a_sent_message_is_no_draft_and_has_its_headers(book):
    """Date, Message-ID and From are there, X-Unsent is not."""
    message = parsed(outgoing(letter(book, "vp@example.com"), SENDER, NOW, address("jo@example.com")).as_bytes())
    assert "X-Unsent" not in message
    assert message["Date"].datetime == NOW
    assert message["Reply-To"] == "jo@example.com"
    assert re.fullmatch(r"<[0-9a-f]{40}@example\.com>", message["Message-ID"])


@given(subject=st.text(), name=st.text(max_size=60))
def test_no_text_makes_another_header(book, subject, name):
    """Property: whatever subject, display name and file name hold, the message has its own headers and recipients."""
    one = letter(book, "vp@example.com", subject=subject)
    from healthscore.scorecards.words import header_text

    to = Address("vp@example.com", header_text(name, 80))
    one = replace(one, job=replace(one.job, to=(to,)), attachment=Attachment(file_name(name, ".xlsx"), b"x"))
    message = parsed(draft(one, SENDER).as_bytes())
    assert set(message.keys()) <= {
        *("Subject", "From", "To", "Content-Language", "X-Unsent", "MIME-Version", "Content-Type"),
        "Content-Transfer-Encoding",
    }
    assert [found.addr_spec for found in message["To"].addresses] == ["vp@example.com"]
    assert len(list(message.iter_attachments())) == 1


def test_injected_headers_stay_text(book):
    """The classic: a line break and a Bcc in a name, a subject, a file name."""
    evil = "Osprey\r\nBcc: eve@evil.example\r\n\r\n<b>"
    one = replace(letter(book, "vp@example.com", subject=evil), attachment=Attachment(file_name(evil, ".xlsx"), b"x"))
    message = parsed(draft(one, SENDER).as_bytes())
    assert "Bcc" not in message
    assert message["Subject"].startswith("Osprey Bcc")
    assert "\r" not in next(message.iter_attachments()).get_filename()


def test_every_kind_is_drafted_with_a_preview(moved, tmp_path):
    """One .eml and one .html per message, numbered, with names a person understands; both hold the same page."""
    plan = plan_options(moved, EVERY_KIND)
    letters = list(write_letters(moved, plan))
    drafts = write_drafts(letters, tmp_path / "out")
    assert len(drafts) == len(plan.jobs) == 11
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert "01 account Osprey Roofing.eml" in names
    assert len(names) == 22
    for one in drafts:
        message = parsed(one.message.read_bytes())
        page = message.get_body(("html",)).get_content()
        assert page.replace("\r\n", "\n").strip() == one.preview.read_text(encoding="utf-8").strip()
        assert "2026-06-30" in message["Subject"]


def test_drafts_are_not_mixed_with_those_of_an_earlier_run(book, tmp_path):
    """Without --force nothing is replaced; with it all earlier drafts go, and nothing else in the folder."""
    one, two = letter(book, "vp@example.com"), letter(book, "lead@example.com")
    write_drafts([one, two], tmp_path)
    (tmp_path / "my notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="--force"):
        write_drafts([one], tmp_path)
    write_drafts([one], tmp_path, force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "01 portfolio - Leadership.eml",
        "01 portfolio - Leadership.html",
        "my notes.txt",
    ]


def test_a_slice_holds_its_own_accounts_as_values(book):
    """No other segment's account, no formula, no link, no model, and the same bytes every time."""
    plan = plan_options(book, Wanted(segments=("Enterprise",), owners=("Marcus Bell",)))
    for one, again in zip(
        write_letters(book, plan, attach="slice"), write_letters(book, plan, attach="slice"), strict=True
    ):
        assert one.attachment is not None
        assert one.attachment.content == again.attachment.content
        assert one.fingerprint == again.fingerprint
        opened = openpyxl.load_workbook(io.BytesIO(one.attachment.content))
        cells = [str(cell.value) for sheet in opened for line in sheet for cell in line if cell.value is not None]
        column = "segment" if one.job.kind == "segment" else "owner"
        mine = book.scores.table["segment"] if column == "segment" else book.frame["owner"]
        others = book.frame.loc[(mine != one.job.name).to_numpy(), "id"]
        ours = book.frame.loc[(mine == one.job.name).to_numpy(), "id"]
        assert set(ours) <= set(cells)
        assert not set(others) & set(cells)
        assert not [text for text in cells if text.startswith("=")]
        assert opened.sheetnames == [one.job.name]


@pytest.mark.parametrize(("kind", "name"), [("segment", "Enterprise"), ("owner", "Marcus Bell")])
def test_no_part_of_a_slice_names_anybody_elses_accounts(book, workbook, kind, name):
    """Every part of the zip is searched: no other segment's or owner's account, id, and no trace of the workbook."""
    own = replace(book, path=workbook)
    wanted = Wanted(segments=(name,)) if kind == "segment" else Wanted(owners=(name,))
    (one,) = write_letters(own, plan_options(own, wanted), attach="workbook")
    column = book.scores.table["segment"] if kind == "segment" else book.frame["owner"]
    theirs = book.frame[(column != name).to_numpy()]
    secrets = {str(text) for text in [*theirs["account"], *theirs["id"]]} | {workbook.name, str(workbook.parent)}
    if kind == "segment":
        secrets |= {str(other) for other in column.unique()} - {name}
    with zipfile.ZipFile(io.BytesIO(one.attachment.content)) as archive:
        parts = {part: html.unescape(archive.read(part).decode("utf-8")) for part in archive.namelist()}
    assert not [part for part in parts if re.search("externalLink|definedName|comments|drawing|vba|custom", part)]
    for part, text in parts.items():
        assert not [secret for secret in secrets if f">{secret}<" in text or f'"{secret}"' in text], part
        assert "<f>" not in text
    everything = " ".join(parts.values())
    assert all(str(account) in everything for account in book.frame[(column == name).to_numpy()]["account"])


@pytest.mark.parametrize(
    "evil", ['=HYPERLINK("http://evil.example","x")', "<r><t>rich</t></r>", "{=1+1}", "http://evil.example"]
)
def test_a_formula_in_a_name_stays_text_in_the_slice(book, evil):
    """=HYPERLINK(…), XlsxWriter's shortcut for rich text and the like are text cells with that very text."""
    frame = book.frame.copy()
    frame["account"] = np.full(len(frame), evil, dtype=object)
    poisoned = replace(book, accounts=replace(book.accounts, frame=frame))
    (one,) = write_letters(poisoned, plan_options(poisoned, Wanted(segments=("Small",))), attach="slice")
    assert one.attachment is not None
    sheet = openpyxl.load_workbook(io.BytesIO(one.attachment.content)).active
    cell = next(cell for line in sheet for cell in line if cell.value == evil)
    assert cell.data_type == "s"
    assert cell.hyperlink is None


def test_only_who_may_see_everything_gets_the_workbook(book, workbook):
    """--attach gives the workbook with the portfolio, and a slice with everything else."""
    own = replace(book, path=workbook)
    letters = {one.job.kind: one for one in write_letters(own, plan_options(own, EVERY_KIND), attach="workbook")}
    assert letters["portfolio"].attachment.content == workbook.read_bytes()
    for kind in ("segment", "owner", "account"):
        assert letters[kind].attachment.name.startswith("health scores 2026-06-30")
        assert letters[kind].attachment.name in " ".join(letters[kind].rendered.text.split())


def test_a_workbook_too_big_to_send_is_refused(book, tmp_path):
    """Over what servers take: one line that says to link it instead."""
    big = tmp_path / "big.xlsx"
    big.write_bytes(b"x" * 18_000_001)
    own = replace(book, path=big)
    with pytest.raises(HealthscoreError, match=r"\[links\]"):
        list(write_letters(own, plan_options(own, Wanted()), attach="workbook"))


@pytest.mark.parametrize("text", ["a/b\\c:d*e?f", "..", "", "con", "x" * 500, "a\r\nb", "ends. "])
def test_file_names_work_everywhere(text):
    """No character that Windows or a header forbids, no empty name, not too long."""
    name = file_name(text, ".eml")
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
    assert 4 < len(name) <= 110
    assert not name.removesuffix(".eml").endswith((".", " "))
