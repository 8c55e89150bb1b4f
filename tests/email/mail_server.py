"""A real SMTP server for tests: STARTTLS, log-in, and faults on demand."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "mailer", "s3cret-π"


@dataclass
class Inbox:
    """What the server does and what it got.

    `answers` gives for an address or for DATA the answers of the next tries; when none is left, 250. The word `drop`
    closes the connection instead; `drop after` takes the message first. `slow` waits longer than the client does.
    """

    answers: dict[str, list[str]] = field(default_factory=dict)
    got: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list)
    connections: int = 0
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    port: int = 0
    ca_file: Path = Path()

    @property
    def messages(self) -> list[EmailMessage]:
        """The messages, as the standard library reads them."""
        return [message_from_bytes(content, policy=policy.default) for _, _, content in self.got]  # type: ignore[misc]

    @property
    def deliveries(self) -> list[str]:
        """Who got something, once per message."""
        return [recipient for _, recipients, _ in self.got for recipient in recipients]

    # --- the server's questions ------------------------------------------------------------------------------------

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        """Count connections; a client greets again after STARTTLS, which is not a new one."""
        if not getattr(session, "counted", False):
            session.counted = True
        if session.ssl is None:
            self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        """Accept a recipient or not."""
        answer = await self._next(address, server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        """Take a message or not."""
        planned = self.answers.get("DATA", [])
        keep = not planned or planned[0] == "drop after" or planned[0].startswith("250")
        if keep:
            self.got.append((envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content))
            self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return await self._next("DATA", server)

    async def _next(self, what, server) -> str:
        planned = self.answers.get(what, [])
        answer = planned.pop(0) if planned else "250 OK"
        if answer.startswith("drop"):
            server.transport.abort()
            return "421 gone"
        if answer == "slow":
            await asyncio.sleep(1.5)
            return "250 OK"
        return answer

    def authenticate(self, server, session, envelope, mechanism, data) -> AuthResult:
        """Check user and password."""
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        self.logins.append("good" if good else "bad")
        return AuthResult(success=good, handled=False)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(folder: Path, *, tls: str = "starttls", login: bool = True, size: int = 33_554_432) -> Iterator[Inbox]:
    """Run a server on this machine: tls is starttls, ssl or none."""
    import trustme

    authority = trustme.CA()
    inbox = Inbox(port=free_port(), ca_file=folder / "authority.pem")
    authority.cert_pem.write_to_path(str(inbox.ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=inbox.port,
        tls_context=context if tls == "starttls" else None,
        ssl_context=context if tls == "ssl" else None,
        require_starttls=tls == "starttls",
        auth_required=login,
        auth_require_tls=tls == "starttls",
        authenticator=inbox.authenticate,
        data_size_limit=size,
        ready_timeout=20,
    )
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()
