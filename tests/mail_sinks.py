"""Mail servers on this machine that keep what they are given, or misbehave where a test says so."""

from __future__ import annotations

import ipaddress
import socketserver
import ssl
import time
from asyncio.base_events import Server
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Sink:
    """What arrived: ``mails`` in their order, and how many connections brought them.

    ``refuse`` answers a recipient by a line like ``550 5.1.1 nobody here``; ``answer`` a whole message.
    """

    refuse: dict[str, str] = field(default_factory=dict)
    answer: str = "250 OK"
    pause: float = 0.0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: Any,  # noqa: ARG002 - aiosmtpd's signature
        session: Any,
        envelope: Any,
        address: str,
        options: list[str],  # noqa: ARG002 - as above
    ) -> str:
        """Take or refuse a recipient."""
        self.connections.add(session.peer)
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802 - as above
        """Keep a message before it is answered, like any mail server."""
        if self.answer.startswith("2"):
            read = message_from_bytes(envelope.content, policy=default)
            assert isinstance(read, EmailMessage)
            self.mails.append(read)
            self.recipients.extend(envelope.rcpt_tos)
            time.sleep(self.pause)  # noqa: ASYNC251 - one client at a time, and a crash is meant to come in here
        return self.answer


@contextmanager
def sink(made: Sink | None = None, **options: Any) -> Iterator[Sink]:
    """Take mail on a free port; the options are aiosmtpd's."""
    kept = made or Sink()
    controller = _Controller(kept, hostname="127.0.0.1", port=0, **options)
    controller.start()
    kept.port = controller.port
    try:
        yield kept
    finally:
        controller.stop()


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """Try the port that was chosen, which aiosmtpd does not ask for."""
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # it has no types


def knows(user: str, password: str) -> Callable[..., AuthResult]:
    """Let in whoever has this password."""

    def authenticator(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login.decode(), data.password.decode()) == (user, password), handled=False)

    return authenticator


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A context with a certificate that it signed by itself, and the file of that certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "server.pem", folder / "server.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public


@contextmanager
def breaking_off(*, after: bytes) -> Iterator[int]:
    """A server that cuts the connection as soon as a line begins so, its answer to that line unsaid."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                if line.startswith(after):
                    return
                if not self._within:
                    self.wfile.write(b"354 go on\r\n" if line.startswith(b"DATA") else b"250 OK\r\n")
                self._within = self._within or line.startswith(b"DATA")

        _within = False

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()
