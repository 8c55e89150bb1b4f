"""From a plan to letters: each scorecard rendered, each with the attachment that its readers may see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from healthscore.errors import HealthscoreError
from healthscore.scorecards import data
from healthscore.scorecards.book import ScoredBook
from healthscore.scorecards.message import Attachment, Letter, file_name
from healthscore.scorecards.recipients import Job, Plan
from healthscore.scorecards.render import Surroundings, Templates
from healthscore.scorecards.slice import slice_workbook
from healthscore.tables import scored_table, table_text

Attach = Literal["", "workbook", "slice"]
#: What most mail servers take is 25 MB, and attachments grow by a third on the way.
ATTACHMENT_LIMIT = 18_000_000


def write_letters(
    book: ScoredBook, plan: Plan, *, attach: Attach = "", link: str = "", templates: Templates | None = None
) -> Iterator[Letter]:
    """Yield a letter for every job of a plan, in its order.

    With `attach="workbook"` those who may see everything get the workbook; those bound to a segment or an owner, and
    readers of segment, owner and account scorecards, get a values-only copy of what their scorecard speaks of. With
    `attach="slice"` everybody gets the copy.

    Raises:
        HealthscoreError: a template has a fault, a name is not in the workbook, or an attachment is too big to send.
    """
    made = templates or Templates()
    for job in plan.jobs:
        attachment = _attachment(book, job, attach) if attach else None
        around = Surroundings(attachment.name if attachment else "", link)
        yield Letter(job, made.fit(book, job.kind, job.name, around), attachment)


def _attachment(book: ScoredBook, job: Job, attach: Attach) -> Attachment:
    day = book.scores.as_of.isoformat()
    if attach == "workbook" and not job.bound and job.kind == "portfolio":
        if book.path is None:
            raise HealthscoreError("there is no workbook file to attach; save it first, or use --attach slice")
        try:
            content = book.path.read_bytes()
        except OSError as error:
            raise HealthscoreError(f"{book.path}: cannot be read ({error.strerror or error})") from error
        says = table_text(scored_table(book.accounts, book.scores))
        attachment = Attachment(file_name(book.path.stem, book.path.suffix), content, says)
    else:
        rows = data.rows_of(book, job.kind, job.name)
        name = "all accounts" if job.kind == "portfolio" else job.name
        attachment = Attachment(
            file_name(f"health scores {day} {name}", ".xlsx"), slice_workbook(book, rows, name or "Accounts")
        )
    if len(attachment.content) > ATTACHMENT_LIMIT:
        raise HealthscoreError(
            f"{attachment.name}: {len(attachment.content) / 1e6:.0f} MB is more than mail servers take; put it on a "
            "share, and its address into recipients.toml under [links]"
        )
    return attachment
