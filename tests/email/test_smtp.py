"""Sending, against a real SMTP server with every kind of fault."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from email_letters import letter, with_text
from mail_server import PASSWORD, USER, Inbox, free_port, mail_server

from healthscore.errors import HealthscoreError
from healthscore.scorecards import Server, send, sent_log
from healthscore.scorecards.recipients import address

pytest.importorskip("aiosmtpd")
pytest.importorskip("trustme")

SENDER = address("Customer Success <cs@example.com>")
VP, LEAD = "vp@example.com", "lead@example.com"


@pytest.fixture
def inbox(tmp_path):
    """A server with STARTTLS and log-in."""
    with mail_server(tmp_path) as running:
        yield running


def server_of(inbox: Inbox, **changes) -> Server:
    """Return how to reach a test server."""
    settings = {"port": inbox.port, "user": USER, "password": PASSWORD, "ca_file": inbox.ca_file, "timeout": 5.0}
    return Server("localhost", **{**settings, **changes})


def run(letters, server: Server, log: Path, **more):
    """Send without waiting; return the outcomes and the pauses that would have been made."""
    pauses: list[float] = []
    with sent_log(log) as opened:
        outcomes = send(letters, server, SENDER, opened, sleep=pauses.append, **more)
    return outcomes, pauses


def states(outcomes) -> dict[str, str]:
    """Return the state of each recipient."""
    return {outcome.recipient.spec: outcome.state for outcome in outcomes}


def test_a_batch_goes_over_one_encrypted_connection(book, inbox, tmp_path):
    """Three letters, one connection, one log-in, TLS; every message parses and arrives as it was written."""
    letters = [letter(book, VP, LEAD), *(letter(book, LEAD, text=f"Number {n} – ümlaut") for n in (1, 2))]
    outcomes, pauses = run(letters, server_of(inbox), tmp_path / "log")
    assert states(outcomes) == {VP: "sent", LEAD: "sent"}
    assert (inbox.connections, inbox.logins, pauses) == (1, ["good"], [])
    assert inbox.encrypted == [True] * 3
    first, _, third = inbox.messages
    assert first["To"] == f"{VP}, {LEAD}"
    assert first["From"] == "Customer Success <cs@example.com>"
    assert "X-Unsent" not in first
    assert third.get_body(("plain",)).get_content().strip() == "Number 2 – ümlaut"
    assert not any(message.defects for message in inbox.messages)


def test_a_second_run_sends_nothing_twice(book, inbox, tmp_path):
    """The log remembers content and recipient: the same again is skipped, new content goes out."""
    first = letter(book, VP, LEAD)
    run([first], server_of(inbox), tmp_path / "log")
    outcomes, _ = run([first], server_of(inbox), tmp_path / "log")
    assert states(outcomes) == {VP: "already", LEAD: "already"}
    assert len(inbox.got) == 1
    outcomes, _ = run([with_text(first, "News")], server_of(inbox), tmp_path / "log")
    assert states(outcomes) == {VP: "sent", LEAD: "sent"}
    assert len(inbox.got) == 2


def test_two_entries_that_ask_for_the_same_lead_to_one_message(book, inbox, tmp_path):
    """Somebody whom two entries name gets a scorecard once, in the same run too."""
    outcomes, _ = run([letter(book, VP), letter(book, LEAD, VP.upper())], server_of(inbox), tmp_path / "log")
    assert [outcome.state for outcome in outcomes].count("already") == 1
    assert sorted(inbox.deliveries) == [LEAD, VP]


def test_a_server_that_repeats_the_password_does_not_make_us_show_it(book, tmp_path):
    """Some servers answer a wrong log-in with the very line they got; the message shows stars."""
    listener = socket.create_server(("127.0.0.1", 0))

    def parrot() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 hello\r\n")
            for line in lines:
                if line.upper().startswith(b"EHLO"):
                    connection.sendall(b"250-hello\r\n250 AUTH PLAIN\r\n")
                elif line.upper().startswith(b"AUTH"):
                    connection.sendall(b"535 no: " + line.strip() + b" " + PASSWORD.encode() + b"\r\n")
                else:
                    connection.sendall(b"221 bye\r\n")

    thread = threading.Thread(target=parrot, daemon=True)
    thread.start()
    server = Server("localhost", listener.getsockname()[1], USER, PASSWORD, timeout=5)
    with pytest.raises(HealthscoreError, match="does not accept user and password") as caught:
        run([letter(book, VP)], server, tmp_path / "log")
    thread.join(5)
    listener.close()
    secret = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    assert "***" in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert secret not in str(caught.value)


def test_one_permanent_refusal_does_not_stop_the_others(book, inbox, tmp_path):
    """550 for one recipient: it is reported, not tried again, and everybody else gets theirs."""
    inbox.answers = {VP: ["550 5.1.1 no such user"]}
    outcomes, pauses = run([letter(book, VP, LEAD)], server_of(inbox), tmp_path / "log")
    assert states(outcomes) == {VP: "failed", LEAD: "sent"}
    assert "550 5.1.1 no such user" in next(one.detail for one in outcomes if one.state == "failed")
    assert pauses == []
    assert inbox.deliveries == [LEAD]


def test_greylisting_is_waited_out_for_that_recipient_only(book, inbox, tmp_path):
    """450 twice: tried again with growing pauses; the others get the message once."""
    inbox.answers = {VP: ["450 4.2.0 greylisted", "450 4.2.0 greylisted"]}
    outcomes, pauses = run([letter(book, VP, LEAD)], server_of(inbox), tmp_path / "log")
    assert states(outcomes) == {VP: "sent", LEAD: "sent"}
    assert pauses == [2.0, 4.0]
    assert sorted(inbox.deliveries) == [LEAD, VP]


def test_a_temporary_fault_that_stays_is_a_failure(book, inbox, tmp_path):
    """450 for ever: given up after four tries, with the server's words."""
    inbox.answers = {VP: ["450 4.2.2 mailbox full"] * 9}
    outcomes, pauses = run([letter(book, VP)], server_of(inbox), tmp_path / "log")
    assert states(outcomes) == {VP: "failed"}
    assert "mailbox full" in outcomes[0].detail
    assert pauses == [2.0, 4.0, 8.0]


@pytest.mark.parametrize("answer", ["451 4.3.0 try later", "drop"])
def test_a_fault_during_the_message_is_tried_again(book, inbox, tmp_path, answer):
    """A temporary answer to the message, or a connection that drops in it, costs a pause and nothing else."""
    inbox.answers = {"DATA": [answer]}
    letters = [letter(book, VP), letter(book, LEAD, text="second")]
    outcomes, pauses = run(letters, server_of(inbox), tmp_path / "log")
    assert states(outcomes) == {VP: "sent", LEAD: "sent"}
    assert sorted(inbox.deliveries) == [LEAD, VP]
    assert len(pauses) == 1


def test_a_permanent_answer_to_the_message_is_final(book, inbox, tmp_path):
    """554 to the message: failed at once, the next letter is sent over the same connection."""
    inbox.answers = {"DATA": ["554 5.7.1 rejected as spam"]}
    outcomes, pauses = run([letter(book, VP), letter(book, LEAD, text="second")], server_of(inbox), tmp_path / "log")
    assert states(outcomes) == {VP: "failed", LEAD: "sent"}
    assert (inbox.connections, pauses) == (1, [])


def test_a_reply_that_is_lost_leads_to_the_same_message_id(book, inbox, tmp_path):
    """Nobody can know whether the server kept a message whose reply was lost: it is sent again as the same message."""
    inbox.answers = {"DATA": ["drop after"]}
    outcomes, _ = run([letter(book, VP)], server_of(inbox), tmp_path / "log")
    assert states(outcomes) == {VP: "sent"}
    ids = {message["Message-ID"] for message in inbox.messages}
    assert len(inbox.got) == 2
    assert len(ids) == 1


def test_a_server_that_does_not_answer_in_time(book, inbox, tmp_path):
    """Silence ends at the time-out, and is a passing fault."""
    inbox.answers = {VP: ["slow"]}
    outcomes, pauses = run([letter(book, VP)], server_of(inbox, timeout=0.4), tmp_path / "log")
    assert states(outcomes) == {VP: "sent"}
    assert pauses == [2.0]


def test_a_server_that_is_down(book, tmp_path):
    """Nobody listens: tried with pauses, then every recipient is reported with the reason."""
    server = Server("localhost", free_port(), timeout=2)
    outcomes, pauses = run([letter(book, VP), letter(book, LEAD)], server, tmp_path / "log")
    assert states(outcomes) == {VP: "failed", LEAD: "failed"}
    assert "cannot be reached" in outcomes[0].detail
    assert pauses == [2.0, 4.0, 8.0]


def test_a_wrong_password_ends_the_run_before_anything_is_sent(book, inbox, tmp_path):
    """One line, no retry (accounts get locked), and the password is in none of it."""
    with pytest.raises(HealthscoreError, match="does not accept user and password") as caught:
        run([letter(book, VP)], server_of(inbox, password="wr0ng-secret"), tmp_path / "log")
    assert inbox.logins == ["bad"]
    assert "wr0ng-secret" not in str(caught.value)


def test_an_untrusted_certificate_ends_the_run(book, inbox, tmp_path):
    """A certificate that no known authority signed is refused; --ca-file is the way out."""
    with pytest.raises(HealthscoreError, match="--ca-file"):
        run([letter(book, VP)], server_of(inbox, ca_file=None), tmp_path / "log")
    assert inbox.got == []


def test_a_certificate_for_another_name_ends_the_run(book, inbox, tmp_path):
    """The name must match, not only the authority."""
    with pytest.raises(HealthscoreError, match="certificate cannot be trusted"):
        run([letter(book, VP)], replace(server_of(inbox), host="127.0.0.1"), tmp_path / "log")


def test_tls_from_the_first_byte(book, tmp_path):
    """--tls ssl, as port 465 has it."""
    with mail_server(tmp_path, tls="ssl", login=False) as inbox:
        outcomes, _ = run([letter(book, VP)], server_of(inbox, tls="ssl", user=""), tmp_path / "log")
        assert states(outcomes) == {VP: "sent"}
        assert inbox.encrypted == [True]


def test_a_server_without_encryption_is_refused_unless_it_is_this_machine(book, tmp_path):
    """STARTTLS not offered: on localhost the letter goes, where TLS is required nothing does, not even the log-in."""
    with mail_server(tmp_path, tls="none", login=False) as inbox:
        outcomes, _ = run([letter(book, VP)], server_of(inbox, user=""), tmp_path / "log")
        assert states(outcomes) == {VP: "sent"}
        with pytest.raises(HealthscoreError, match="nothing is sent in the clear"):
            run([letter(book, LEAD)], server_of(inbox, tls="starttls"), tmp_path / "log")
        assert inbox.deliveries == [VP]
        assert inbox.logins == []


@pytest.mark.parametrize("host", ["mail.example.com", "localhost.example.com", "10.0.0.1", "2130706433"])
def test_tls_cannot_be_switched_off_for_other_machines(book, tmp_path, host):
    """--tls none is for this machine; nothing is connected to before that is checked."""
    with pytest.raises(HealthscoreError, match="only for a server on this machine"):
        run([letter(book, VP)], Server(host, 25, tls="none"), tmp_path / "log")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.8.8", "::1", "[::1]"])
def test_what_counts_as_this_machine(host):
    """By name or address, without asking DNS."""
    assert Server(host).is_loopback


def test_a_letter_over_the_servers_limit_is_not_sent(book, tmp_path):
    """The server says how much it takes: what is bigger fails with the sizes, and the rest goes."""
    with mail_server(tmp_path, size=20_000) as inbox:
        letters = [letter(book, VP, text="x" * 30_000), letter(book, LEAD)]
        outcomes, _ = run(letters, server_of(inbox), tmp_path / "log")
        assert states(outcomes) == {VP: "failed", LEAD: "sent"}
        assert "more than the server takes" in next(one.detail for one in outcomes if one.state == "failed")


def test_a_server_that_greets_with_421(book, tmp_path):
    """A busy server is a passing fault: the next try may get through."""
    listener = socket.create_server(("127.0.0.1", 0))
    calls = []

    def busy() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            calls.append(1)
            connection.sendall(b"421 4.3.2 too busy\r\n")
            connection.close()

    thread = threading.Thread(target=busy, daemon=True)
    thread.start()
    outcomes, _ = run(
        [letter(book, VP)], Server("localhost", listener.getsockname()[1], timeout=3), tmp_path / "log", tries=2
    )
    thread.join(5)
    listener.close()
    assert states(outcomes) == {VP: "failed"}
    assert "too busy" in outcomes[0].detail
    assert len(calls) == 2


def test_the_servers_words_cannot_act_on_the_terminal(book, inbox, tmp_path):
    """Escape sequences in an answer are not passed on."""
    inbox.answers = {VP: ["550 \x1b[2Jgone\x07"]}
    outcomes, _ = run([letter(book, VP)], server_of(inbox), tmp_path / "log")
    assert "\x1b" not in outcomes[0].detail
    assert "\x07" not in outcomes[0].detail


def test_the_log_holds_what_it_says_and_no_secret(book, inbox, tmp_path):
    """Message-ID, recipient, hash, time: no user, password, server, subject or text."""
    run([letter(book, VP, text="confidential")], server_of(inbox), tmp_path / "log")
    text = (tmp_path / "log").read_text(encoding="utf-8")
    assert set(json.loads(text)) == {"message_id", "recipient", "hash", "sent"}
    for secret in (USER, PASSWORD, "localhost", "confidential", "Customer health"):
        assert secret not in text
    assert PASSWORD not in repr(server_of(inbox))


def test_a_log_that_was_cut_off_is_mended_and_a_damaged_one_refused(tmp_path):
    """A killed run leaves half a line: it counts as not noted. Damage elsewhere is not guessed about."""
    log = tmp_path / "log"
    whole = {"message_id": "<1@x>", "recipient": VP, "hash": "h", "sent": "2026-06-30"}
    log.write_text(json.dumps(whole) + '\n{"message_id": "<2@', encoding="utf-8")
    with sent_log(log) as opened:
        assert opened.has(VP.upper(), "h")
    assert log.read_text(encoding="utf-8") == json.dumps(whole) + "\n"
    log.write_text('{"recipient": 1\n' + json.dumps(whole) + "\n", encoding="utf-8")
    with pytest.raises(HealthscoreError, match="line 1"), sent_log(log):
        pass


def test_two_runs_at_once_do_not_both_send(tmp_path):
    """While one run has the log, another is refused."""
    with sent_log(tmp_path / "log"), pytest.raises(HealthscoreError, match="another run"), sent_log(tmp_path / "log"):
        pass


def test_sending_stops_where_it_can_no_longer_be_noted(book, inbox, tmp_path, monkeypatch):
    """A full disk: after the one message that is not noted nothing more is sent, and that one is named."""
    with sent_log(tmp_path / "log") as opened:

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(opened, "note", full)
        with pytest.raises(HealthscoreError, match=f"{VP} has got"):
            send([letter(book, VP), letter(book, LEAD)], server_of(inbox), SENDER, opened)
    assert inbox.deliveries == [VP]


def test_old_tls_is_not_spoken(book, tmp_path):
    """The client asks for TLS 1.2 at least."""
    assert ssl.create_default_context().minimum_version >= ssl.TLSVersion.TLSv1_2
