"""What was sent, so that nothing is sent twice: one line of JSON per message and recipient, written at once.

A line holds the Message-ID, the recipient, a hash of what was sent, and when. Nothing else: no server, no user, no
password, no text.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from healthscore.errors import HealthscoreError


class SentLog:
    """An open log; only one process can have it open."""

    def __init__(self, path: Path, file: IO[bytes], known: set[tuple[str, str]]) -> None:
        self.path, self._file, self._known = path, file, known

    def has(self, recipient: str, fingerprint: str) -> bool:
        """Return whether this content was sent to this recipient before."""
        return (recipient.casefold(), fingerprint) in self._known

    def note(self, message_id: str, recipient: str, fingerprint: str, now: dt.datetime) -> None:
        """Note that a server has taken a message for a recipient. On the disk when this returns."""
        line = {"message_id": message_id, "recipient": recipient, "hash": fingerprint, "sent": now.isoformat()}
        self._file.write((json.dumps(line) + "\n").encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._known.add((recipient.casefold(), fingerprint))


@contextmanager
def sent_log(path: Path) -> Iterator[SentLog]:
    """Open the log of a workbook, for one run.

    Raises:
        HealthscoreError: it cannot be written, is damaged, or another run is using it.
    """
    try:
        file = path.open("a+b")
    except OSError as error:
        raise HealthscoreError(
            f"{path}: the log of what was sent cannot be written ({error.strerror or error}); without it a second run "
            "would send twice. Give another place with --sent-log"
        ) from error
    with file:
        _lock(file, path)
        yield SentLog(path, file, _known(file, path))


def _known(file: IO[bytes], path: Path) -> set[tuple[str, str]]:
    file.seek(0)
    content = file.read()
    known = set()
    *lines, last = content.split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            known.add((str(entry["recipient"]).casefold(), str(entry["hash"])))
        except (ValueError, KeyError, TypeError) as error:
            raise HealthscoreError(
                f"{path}, line {number}: is damaged, so what was sent is not known; mend or remove the line"
            ) from error
    if last:
        # A run was killed while it wrote this line: what it spoke of counts as not noted.
        file.truncate(len(content) - len(last))
    file.seek(0, os.SEEK_END)
    return known


def _lock(file: IO[bytes], path: Path) -> None:
    busy = f"{path}: another run is sending right now; wait for it to end"
    try:
        import fcntl  # noqa: PLC0415 (not on Windows)
    except ImportError:
        import msvcrt  # noqa: PLC0415 (only on Windows)

        try:
            file.seek(1 << 30)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError as error:
            raise HealthscoreError(busy) from error
        return
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise HealthscoreError(busy) from error
