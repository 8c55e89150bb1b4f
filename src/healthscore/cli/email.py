"""`healthscore email`: scorecards as drafts to look at, or sent."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text
from typer.core import TyperCommand

from healthscore.cli import options
from healthscore.cli.console import err, out, progress
from healthscore.errors import HealthscoreError, OutputError
from healthscore.output import check_output, write_text
from healthscore.scorecards import smtp
from healthscore.scorecards.book import ScoredBook, open_book
from healthscore.scorecards.data import KINDS
from healthscore.scorecards.deliver import check_folder, write_drafts
from healthscore.scorecards.letters import Attach, write_letters
from healthscore.scorecards.message import Letter
from healthscore.scorecards.recipients import (
    EXAMPLE,
    FILE_NAME,
    Address,
    Plan,
    Recipients,
    Wanted,
    address,
    plan_file,
    plan_options,
    read_recipients,
)
from healthscore.scorecards.render import Templates, shipped, shipped_names
from healthscore.scorecards.sentlog import sent_log

_PASSWORD = "HEALTHSCORE_SMTP_PASSWORD"
_KEYRING = "healthscore-smtp"
_ATTACH = [word for word in get_args(Attach) if word]
_STATES = {"sent": "green", "already": "bright_black", "failed": "red"}


class AttachCommand(TyperCommand):
    """Lets `--attach` stand without a word, for the workbook itself."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Put the word in where it is left out."""
        whole: list[str] = []
        for place, word in enumerate(args):
            whole.append(word)
            if word == "--attach" and (place + 1 == len(args) or args[place + 1] not in _ATTACH):
                whole.append("workbook")
        return super().parse_args(ctx, whole)


def email(
    workbook: Annotated[
        Path,
        typer.Argument(
            help="The workbook to make scorecards of; or the word init, which writes a commented recipients.toml.",
            metavar="WORKBOOK|init",
        ),
    ],
    recipients: Annotated[
        Path | None,
        typer.Option(
            "--recipients",
            help=f"Who gets what. Default: {FILE_NAME} beside the workbook, where there is one.",
            metavar="FILE",
        ),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to", help="An address to use instead of the recipients file. Repeat as needed.", metavar="ADDRESS"
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", help="Only these scorecards: portfolio, segment, owner. Repeat as needed.", metavar="KIND"
        ),
    ] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option("--segment", help="The scorecard of one segment. Repeat as needed.", metavar="NAME"),
    ] = None,
    owner: Annotated[
        list[str] | None, typer.Option("--owner", help="The scorecard of one owner. Repeat as needed.", metavar="NAME")
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option("--account", help="The scorecard of one account, by id or name. Repeat as needed.", metavar="ID"),
    ] = None,
    attach: Annotated[
        str,
        typer.Option(
            "--attach",
            help="Attach the workbook to portfolio scorecards, and to the others a values-only copy of their own "
            "accounts; `--attach slice` gives everybody the copy.",
            metavar="[slice]",
        ),
    ] = "",
    template: Annotated[
        Path | None,
        typer.Option("--template", help="A folder with your own copies of templates; with init, where to put them."),
    ] = None,
    currency: options.Currency = "",
    out_folder: Annotated[
        Path | None,
        typer.Option("--out", help="The folder for the drafts; with init, the file to write.", metavar="DIR"),
    ] = None,
    force: options.Force = False,
    send: Annotated[
        bool, typer.Option("--send", help="Send the messages. Without it nothing leaves this machine.")
    ] = False,
    sender: Annotated[
        str | None,
        typer.Option(
            "--from", help="The address the messages come from.", envvar="HEALTHSCORE_SMTP_FROM", metavar="ADDRESS"
        ),
    ] = None,
    host: Annotated[
        str | None, typer.Option("--host", help="The mail server.", envvar="HEALTHSCORE_SMTP_HOST", metavar="NAME")
    ] = None,
    port: Annotated[
        int,
        typer.Option("--port", help="Its port: 587 or 25, or 465.", envvar="HEALTHSCORE_SMTP_PORT", min=1, max=65535),
    ] = 587,
    user: Annotated[
        str,
        typer.Option(
            "--user",
            help=f"The user to log in as. The password is taken from {_PASSWORD} or the system's keyring, never from "
            "an option.",
            envvar="HEALTHSCORE_SMTP_USER",
            metavar="NAME",
        ),
    ] = "",
    tls: Annotated[
        str | None,
        typer.Option(
            "--tls",
            help="How the connection is encrypted. Default: ssl for port 465, else starttls. none only for a server on "
            "this machine.",
            metavar="starttls|ssl|none",
        ),
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option(
            "--ca-file", help="The certificate of your company's own authority, as a .pem file.", metavar="FILE"
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", help="Seconds to wait for an answer of the mail server.", min=1, max=600)
    ] = 30.0,
    log: Annotated[
        Path | None,
        typer.Option(
            "--sent-log",
            help="Where it is noted what was sent, so that a second run sends nothing twice. Default: beside the "
            "workbook.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Make scorecards of a workbook: drafts to look at, or with --send messages on their way.

    Without --send nothing leaves this machine: a folder gets an .eml draft and an .html preview per message.
    """
    if str(workbook) == "init" and not workbook.exists():
        init(out_folder, template, force=force)
        return
    if attach and attach not in _ATTACH:
        raise HealthscoreError(f"--attach {attach}: give --attach alone, or --attach slice")
    wanted = Wanted(_kinds(kind), tuple(segment or ()), tuple(owner or ()), tuple(account or ()))
    server = _server(host, port, user, tls, ca_file, timeout) if send else None
    templates = Templates(template)
    with progress("reading the workbook", "choosing who gets what") as steps:
        file = _recipients(recipients, workbook)
        book = open_book(workbook, currency)
        steps.next()
        plan = _plan(book, file, wanted, to)
    come_from = address(sender) if sender else file.sender if file else None
    folder = out_folder or workbook.with_name(f"{workbook.stem} e-mail {book.scores.as_of.isoformat()}")
    if server is None:
        check_folder(folder, force=force)
    else:
        come_from = _checked_sender(plan, come_from)
    made = write_letters(
        book,
        plan,
        attach=attach,  # type: ignore[arg-type]
        link=file.links.workbook if file else "",
        templates=templates,
    )
    letters = _watched(made, len(plan.jobs))
    reply_to = file.reply_to if file else None
    if server is None or come_from is None:
        write_drafts(letters, folder, sender=come_from, reply_to=reply_to, force=force)
        _print_drafts(letters, folder)
        _print_notes(plan)
        return
    outcomes = _send(letters, server, come_from, reply_to, log or workbook.with_name(f"{workbook.stem} sent-log.jsonl"))
    _print_outcomes(outcomes)
    _print_notes(plan)
    if any(outcome.state == "failed" for outcome in outcomes):
        raise typer.Exit(1)


def init(file: Path | None, templates: Path | None, *, force: bool) -> None:
    """Write a commented recipients.toml, and with a folder copies of the templates to change."""
    if templates is not None:
        _write_new({templates / name: shipped(name) or "" for name in shipped_names()}, force=force)
        out.print(
            Text(f"Wrote {len(shipped_names())} templates to ") + Text(str(templates), style="bold"), soft_wrap=True
        )
        out.print("Keep the files you change and delete the others: those come from healthscore.")
    if templates is None or file is not None:
        target = file or Path(FILE_NAME)
        _write_new({target: EXAMPLE}, force=force)
        out.print(Text("Wrote ") + Text(str(target), style="bold"), soft_wrap=True)
        out.print("Put in your people, then: healthscore email WORKBOOK   (drafts to look at; nothing is sent)")


def _write_new(texts: dict[Path, str], *, force: bool) -> None:
    for path in texts:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{path.parent}: cannot be made a folder ({error.strerror}); choose another") from error
        check_output(path, force)
    for path, text in texts.items():
        write_text(path, text, force=force)


# --- what was asked for --------------------------------------------------------------------------------------------


def _kinds(given: Sequence[str] | None) -> tuple[str, ...]:
    for kind in given or ():
        if kind not in KINDS:
            raise HealthscoreError(f"--kind {kind}: give one of {', '.join(KINDS)}")
    return tuple(given or ())


def _recipients(given: Path | None, workbook: Path) -> Recipients | None:
    path = given or workbook.with_name(FILE_NAME)
    return read_recipients(path) if given is not None or path.is_file() else None


def _plan(book: ScoredBook, file: Recipients | None, wanted: Wanted, to: Sequence[str] | None) -> Plan:
    people = [address(one) for one in to or ()]
    if file is not None:
        try:
            file.refuse_outsiders(people)
        except ValueError as error:
            raise HealthscoreError(f"--to {error}") from error
    return plan_options(book, wanted, people) if people or file is None else plan_file(book, file, wanted)


def _server(
    host: str | None, port: int, user: str, tls: str | None, ca_file: Path | None, timeout: float
) -> smtp.Server:
    if not host:
        raise HealthscoreError("--send needs a mail server: give --host, or set HEALTHSCORE_SMTP_HOST")
    chosen = next((one for one in smtp.TLS_KINDS if one == tls), None)
    if tls is not None and chosen is None:
        raise HealthscoreError(f"--tls {tls}: give one of {', '.join(smtp.TLS_KINDS)}")
    if ca_file is not None and not ca_file.is_file():
        raise HealthscoreError(f"--ca-file {ca_file}: no such file")
    server = smtp.Server(host, port, user, _password(host, user) if user else "", chosen, ca_file, timeout)
    smtp.check(server)
    return server


def _password(host: str, user: str) -> str:
    """Return the password of a user from the environment or the system's keyring."""
    found = os.environ.get(_PASSWORD) or _from_keyring(host, user)
    if not found:
        raise HealthscoreError(
            f"--user {user}: no password; set {_PASSWORD} for this session, or put it into the system's keyring with: "
            f'keyring set "{_KEYRING}:{host}" "{user}"'
        )
    return found


def _from_keyring(host: str, user: str) -> str | None:
    try:
        import keyring  # noqa: PLC0415 (an extra)
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        return None
    try:
        return keyring.get_password(f"{_KEYRING}:{host}", user)
    except KeyringError:
        return None


def _checked_sender(plan: Plan, sender: Address | None) -> Address:
    if sender is None:
        raise HealthscoreError(
            "--send needs a sender: give --from, set HEALTHSCORE_SMTP_FROM, or write `from` into the recipients file"
        )
    if any(not job.addresses for job in plan.jobs):
        raise HealthscoreError(
            f"--send needs recipients: give --to, or a recipients file (`healthscore email init` writes {FILE_NAME})"
        )
    return sender


# --- doing it, and saying so ---------------------------------------------------------------------------------------


@contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)


def _watched(letters: Iterator[Letter], total: int) -> list[Letter]:
    made = []
    with _bar("writing scorecards", total) as step:
        for letter in letters:
            made.append(letter)
            step()
    return made


def _send(
    letters: list[Letter], server: smtp.Server, sender: Address, reply_to: Address | None, log: Path
) -> tuple[smtp.Outcome, ...]:
    total = sum(len(letter.job.addresses) for letter in letters)
    with sent_log(log) as opened, _bar("sending", total) as step:
        return smtp.send(letters, server, sender, opened, reply_to=reply_to, report=lambda _: step())


def _print_drafts(letters: list[Letter], folder: Path) -> None:
    table = _table("#", "scorecard", "to", "subject", "attached", "size")
    for number, letter in enumerate(letters, start=1):
        size = len(letter.rendered.html.encode()) + (len(letter.attachment.content) if letter.attachment else 0)
        table.add_row(
            str(number),
            Text(_about(letter)),
            Text(_people(letter.job.addresses)),
            Text(letter.rendered.subject),
            Text(letter.attachment.name if letter.attachment else "–"),
            f"{size / 1000:,.0f} kB",
        )
    out.print(table)
    out.print(
        Text(f"\nNothing was sent. {len(letters)} draft{'s' if len(letters) != 1 else ''} (.eml, open in Outlook) and ")
        + Text("previews (.html) are in ")
        + Text(str(folder), style="bold"),
        soft_wrap=True,
    )


def _print_outcomes(outcomes: Sequence[smtp.Outcome]) -> None:
    table = _table("state", "to", "scorecard", "reason")
    for outcome in outcomes:
        reason = outcome.detail if outcome.state == "failed" else ""
        table.add_row(
            Text(outcome.state, style=_STATES[outcome.state]),
            Text(outcome.recipient.spec),
            Text(_about(outcome.letter)),
            Text(reason),
        )
    out.print(table)
    counts = Counter(outcome.state for outcome in outcomes)
    words: dict[smtp.State, str] = {"sent": "sent", "already": "sent before, not again", "failed": "failed"}
    out.print(Text("\n" + ", ".join(f"{counts[state]} {word}" for state, word in words.items() if counts[state])))


def _print_notes(plan: Plan) -> None:
    for note in plan.notes:
        out.print(Text("Note: ", style="yellow") + Text(note), soft_wrap=True)


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title, justify="right" if title in ("#", "size") else "left", overflow="fold")
    return table


def _about(letter: Letter) -> str:
    name = letter.rendered.card.name if letter.job.kind != "portfolio" else ""
    return f"{letter.job.kind} {name}".strip()


def _people(people: Sequence[Address]) -> str:
    return ", ".join(one.spec for one in people) or "nobody yet"
