"""`healthscore email` from end to end: a workbook in, drafts or sent messages out."""

from __future__ import annotations

import html
import json
import shutil
import subprocess
from email import message_from_bytes, policy

import openpyxl
import pytest
from mail_server import PASSWORD, USER, mail_server
from typer.testing import CliRunner

from healthscore.cli import app, main
from healthscore.errors import HealthscoreError
from healthscore.scorecards import open_book

RECIPIENTS = """
allowed_domains = ["example.com"]
from = "Customer Success <cs@example.com>"
[links]
workbook = "https://example.sharepoint.com/health.xlsx"
[[recipient]]
name = "Leadership"
to = ["vp@example.com"]
kinds = ["portfolio"]
[[recipient]]
owner = "Marcus Bell"
to = ["marcus@example.com"]
[[recipient]]
segment = "Enterprise"
to = ["lead@example.com"]
"""


@pytest.fixture
def here(workbook, tmp_path, monkeypatch):
    """A folder with a workbook, to work in."""
    monkeypatch.chdir(tmp_path)
    for name in ("HOST", "PORT", "USER", "FROM", "PASSWORD"):
        monkeypatch.delenv(f"HEALTHSCORE_SMTP_{name}", raising=False)
    shutil.copy(workbook, tmp_path / "book.xlsx")
    return tmp_path


def run(*words, code=0):
    """Run the command; return what it printed. Errors that end in one line are raised."""
    result = CliRunner().invoke(app, ["email", *map(str, words)], env={"COLUMNS": "200"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def messages(folder):
    """Read all drafts of a folder."""
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]


def test_by_default_a_draft_of_the_portfolio_and_nothing_sent(here, monkeypatch):
    """No option: one draft, one preview, a table; no connection is even tried."""
    import socket

    def refuse(*_, **__):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "create_connection", refuse)
    text = run("book.xlsx")
    assert "Nothing was sent. 1 draft" in text
    folder = here / "book e-mail 2026-06-30"
    (message,) = messages(folder)
    assert message["X-Unsent"] == "1"
    assert "EUR\xa0" in html.unescape(message.get_body(("html",)).get_content())
    with pytest.raises(HealthscoreError, match="--force"):
        run("book.xlsx")


def test_the_recipients_file_beside_the_workbook_is_used(here, monkeypatch):
    """Each entry gets its draft; the table says who gets what; only the file's link is there."""
    monkeypatch.setattr("healthscore.cli.console.out._width", 200)  # so that no address is cut at the edge
    (here / "recipients.toml").write_text(RECIPIENTS, encoding="utf-8")
    text = run("book.xlsx", "--attach", "--out", "drafts")
    assert {"vp@example.com", "marcus@example.com", "lead@example.com"} <= set(text.split())
    assert "owners without an entry" in text
    made = messages(here / "drafts")
    assert [message["To"] for message in made] == ["vp@example.com", "marcus@example.com", "lead@example.com"]
    names = [next(message.iter_attachments()).get_filename() for message in made]
    assert names[0] == "book.xlsx"
    assert names[1:] == ["health scores 2026-06-30 Marcus Bell.xlsx", "health scores 2026-06-30 Enterprise.xlsx"]
    for message in made:
        assert "https://example.sharepoint.com/health.xlsx" in message.get_body(("plain",)).get_content()


def test_attach_alone_and_attach_slice(here):
    """`--attach` before another option is the workbook; `--attach slice` is the copy for everybody."""
    run("--attach", "book.xlsx", "--out", "one")
    assert next(messages(here / "one")[0].iter_attachments()).get_filename() == "book.xlsx"
    run("book.xlsx", "--attach", "slice", "--out", "two")
    name = next(messages(here / "two")[0].iter_attachments()).get_filename()
    assert name == "health scores 2026-06-30 all accounts.xlsx"


def test_init_writes_an_example_and_templates(here):
    """`email init` writes a file that works as it is; with --template copies of the templates to change."""
    run("init")
    assert "Nothing was sent" in run("book.xlsx", "--out", "drafts")
    with pytest.raises(HealthscoreError, match="exists already"):
        run("init")
    run("init", "--template", "mine")
    (here / "mine" / "subject.j2").write_text("Ours {{ card.as_of }}", encoding="utf-8")
    run("book.xlsx", "--template", "mine", "--out", "own")
    assert messages(here / "own")[0]["Subject"] == "Ours 2026-06-30"


def test_addresses_outside_are_refused_before_anything_is_written(here):
    """--to must be inside the file's domains as well."""
    (here / "recipients.toml").write_text(RECIPIENTS, encoding="utf-8")
    with pytest.raises(HealthscoreError, match=r"eve@evil\.example"):
        run("book.xlsx", "--to", "eve@evil.example")
    assert not list(here.glob("* e-mail *"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--send"], "--host"),
        (["--send", "--host", "localhost", "--to", "a@example.com"], "--from"),
        (["--send", "--host", "localhost", "--from", "a@example.com"], "--to"),
        (
            ["--send", "--host", "mail.example.com", "--tls", "none", "--to", "a@example.com"],
            "only for a server on this",
        ),
        (["--send", "--host", "h", "--user", "u"], "HEALTHSCORE_SMTP_PASSWORD"),
        (["--kind", "weekly"], "give one of"),
        (["--owner", "Nobody"], "Grace Adeyemi"),
        (["--recipients", "none.toml"], "email init"),
        (["--template", "nowhere"], "no such folder"),
        (["--to", "not an address"], "e-mail address"),
    ],
)
def test_what_cannot_be_done_is_one_line(here, words, message, monkeypatch):
    """Each mistake says what to do, and leaves nothing behind."""
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    with pytest.raises(HealthscoreError, match=message.replace("(", "\\(")):
        run("book.xlsx", *words)
    assert not list(here.glob("* e-mail *"))


def test_a_missing_workbook_is_one_line(here):
    """No traceback for a slip in the file's name."""
    with pytest.raises(HealthscoreError, match=r"nothing\.xlsx"):
        run("nothing.xlsx")


def test_sending_twice_sends_once_and_failures_exit_1(here, monkeypatch):
    """The whole way with TLS and log-in; one recipient is refused, and the second run tries only that one."""
    (here / "recipients.toml").write_text(RECIPIENTS, encoding="utf-8")
    with mail_server(here) as inbox:
        monkeypatch.setenv("HEALTHSCORE_SMTP_HOST", "localhost")
        monkeypatch.setenv("HEALTHSCORE_SMTP_PORT", str(inbox.port))
        monkeypatch.setenv("HEALTHSCORE_SMTP_USER", USER)
        monkeypatch.setenv("HEALTHSCORE_SMTP_PASSWORD", PASSWORD)
        inbox.answers = {"marcus@example.com": ["550 5.1.1 unknown"]}
        words = ("book.xlsx", "--send", "--attach", "slice", "--ca-file", inbox.ca_file)
        text = run(*words, code=1)
        assert "2 sent, 1 failed" in text
        assert "550 5.1.1 unknown" in text
        assert "1 sent, 2 sent before, not again" in run(*words)
        assert sorted(inbox.deliveries) == ["lead@example.com", "marcus@example.com", "vp@example.com"]
        assert all(message["Auto-Submitted"] == "auto-generated" for message in inbox.messages)
    log = [json.loads(line) for line in (here / "book sent-log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(log) == 3
    for path in here.rglob("*"):
        if path.is_file() and path.suffix in (".jsonl", ".toml", ".eml", ".html", ".txt"):
            assert PASSWORD not in path.read_text(encoding="utf-8")
    assert PASSWORD not in text


def test_a_workbook_saved_again_is_not_sent_again(here):
    """Other bytes, same content: the attachment counts by what it says."""
    with mail_server(here, tls="none", login=False) as inbox:
        words = ("book.xlsx", "--send", "--attach", "--to", "vp@example.com", "--from", "cs@example.com")
        words = (*words, "--host", "localhost", "--port", inbox.port)
        assert "1 sent" in run(*words)
        openpyxl.load_workbook("book.xlsx").save("book.xlsx")
        assert "1 sent before, not again" in run(*words)
        assert len(inbox.got) == 1


def test_the_password_may_come_from_the_keyring(here, monkeypatch):
    """Without the variable the system's keyring is asked, for the server and the user."""
    keyring = pytest.importorskip("keyring")
    asked = []

    def get_password(service, user):
        asked.append((service, user))
        return PASSWORD

    monkeypatch.setattr(keyring, "get_password", get_password)
    with mail_server(here) as inbox:
        run(
            *("book.xlsx", "--send", "--to", "vp@example.com", "--from", "cs@example.com", "--host", "localhost"),
            *("--port", inbox.port, "--user", USER, "--ca-file", inbox.ca_file),
        )
        assert inbox.deliveries == ["vp@example.com"]
    assert asked == [("healthscore-smtp:localhost", USER)]


def test_what_people_typed_counts(here):
    """A workbook that was filled in and saved by another program: the override and the new name are in the mail."""
    opened = openpyxl.load_workbook("book.xlsx")
    for sheet in opened:
        for line in sheet.iter_rows(max_col=2):
            for cell in line:
                if cell.value == "Osprey Roofing":
                    cell.value = "Osprey & Sons <Roofing>"
    opened.save("filled.xlsx")
    run("filled.xlsx", "--account", "C-1001", "--out", "drafts")
    (message,) = messages(here / "drafts")
    assert "Osprey & Sons <Roofing>" in message.get_body(("plain",)).get_content()
    assert "Osprey &amp; Sons &lt;Roofing&gt;" in message.get_body(("html",)).get_content()


def test_a_workbook_saved_by_libreoffice_gives_the_same_scorecards(here, tmp_path):
    """Another program's copy of the file leads to the very same words."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice here")
    (here / "lo").mkdir()
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", "lo", "book.xlsx"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    words = ("--kind", "portfolio", "--kind", "segment", "--kind", "owner")
    run("book.xlsx", *words, "--out", "ours")
    run("lo/book.xlsx", *words, "--out", "theirs")
    for mine, other in zip(messages(here / "ours"), messages(here / "theirs"), strict=True):
        assert mine["Subject"] == other["Subject"]
        assert mine.get_body(("plain",)).get_content() == other.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "portfolio.html.j2",
            "{% extends 'base.html.j2' %}\n{% block body %}{{ card.nothing }}{% endblock %}",
            "line 2",
        ),
        ("subject.j2", "{% if %}", "template subject.j2, line 1"),
        ("portfolio.txt.j2", "{% import 'gone.j2' as gone %}", "gone.j2"),
        ("_words.j2", b"\xff\xfe", "template"),
        ("portfolio.html.j2", "<p>{{ 'x' * 90000 }}</p>", "shorten the template"),
    ],
)
def test_a_broken_template_is_one_line_and_exit_2(here, monkeypatch, capsys, name, text, told):
    """A team's fault ends in one clear line on stderr and exit code 2; no draft is left behind."""
    (here / "mine").mkdir()
    (here / "mine" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setattr("sys.argv", ["healthscore", "email", "book.xlsx", "--template", "mine", "--out", "drafts"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert told in said
    assert "Traceback" not in said
    assert not list((here / "drafts").glob("*.eml"))


def test_a_copied_and_changed_template_is_used(here):
    """A whole copied folder with one changed file: the change shows, the rest is as before."""
    run("init", "--template", "mine")
    file = here / "mine" / "portfolio.html.j2"
    file.write_text(file.read_text(encoding="utf-8").replace("In short", "At a glance"), encoding="utf-8")
    run("book.xlsx", "--template", "mine", "--out", "own")
    run("book.xlsx", "--out", "ours")
    (mine,), (ours,) = messages(here / "own"), messages(here / "ours")
    page, before = (one.get_body(("html",)).get_content() for one in (mine, ours))
    assert page == before.replace("In short", "At a glance")
    assert page != before


def test_the_workbook_as_it_is_read_scores_as_it_was_built(here, book):
    """The scores in the mail are the workbook's."""
    read = open_book(here / "book.xlsx")
    mine = dict(zip(read.keys, read.scores.table["score"].astype(float), strict=True))
    theirs = dict(zip(book.keys, book.scores.table["score"].astype(float), strict=True))
    assert mine == pytest.approx(theirs, nan_ok=True)
    assert read.currency == "EUR"
