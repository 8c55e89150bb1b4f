"""Drafts in a folder: one .eml and one .html preview per letter. Nothing leaves the machine."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from healthscore.errors import OutputError
from healthscore.scorecards.message import Letter, draft, file_name
from healthscore.scorecards.recipients import Address

_OURS = re.compile(r"\d{2,} (portfolio|segment|owner|account)\b.*\.(eml|html)")


@dataclass(frozen=True)
class Draft:
    """A letter as it lies in the folder."""

    letter: Letter
    message: Path
    preview: Path


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Raise where drafts cannot be put into a folder, or would mix with those of an earlier run.

    Raises:
        OutputError: the folder holds drafts and `force` is off, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        earlier = _earlier(folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made a folder ({error.strerror}); choose another with --out") from error
    if earlier and not force:
        raise OutputError(
            f"{folder}: holds {len(earlier)} files of an earlier run; give --force to replace them or --out another"
        )


def write_drafts(
    letters: Sequence[Letter],
    folder: Path,
    *,
    sender: Address | None = None,
    reply_to: Address | None = None,
    force: bool = False,
) -> tuple[Draft, ...]:
    """Write every letter as a draft and a preview; with `force` those of an earlier run are replaced.

    All are written beside the folder's files first, and put in place together at the end.

    Raises:
        OutputError: the folder holds drafts and `force` is off, or something cannot be written.
    """
    check_folder(folder, force=force)
    drafts, digits = [], max(2, len(str(len(letters))))
    try:
        with tempfile.TemporaryDirectory(prefix=".healthscore-", dir=folder) as scratch:
            for number, letter in enumerate(letters, start=1):
                about = letter.rendered.card.name if letter.job.kind != "portfolio" else ""
                to = letter.job.label if letter.job.label not in (about, letter.job.name) else ""
                words = " - ".join(part for part in (f"{letter.job.kind} {about}".strip(), to) if part)
                name = file_name(f"{number:0{digits}d} {words}", "", 90)
                message, preview = folder / f"{name}.eml", folder / f"{name}.html"
                (Path(scratch) / message.name).write_bytes(draft(letter, sender, reply_to).as_bytes())
                (Path(scratch) / preview.name).write_text(letter.rendered.html, encoding="utf-8", newline="\n")
                drafts.append(Draft(letter, message, preview))
            for old in _earlier(folder):
                old.unlink()
            for fresh in Path(scratch).iterdir():
                fresh.replace(folder / fresh.name)
    except OSError as error:
        raise OutputError(f"{folder}: drafts cannot be written ({error.strerror or error})") from error
    return tuple(drafts)


def _earlier(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if _OURS.fullmatch(path.name))
