"""Over HTTP/2, as the large forges speak it: answers are those of the questions, on every thread."""

import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import create_server, socket
from threading import Thread

import h2.config
import h2.connection
import h2.events
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.server import Server
from tribometer.errors import SourceGone


def certificate(folder: Path) -> Path:
    """A certificate for this machine, signed by itself, with its key in the same file."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = folder / "loopback.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def answer(connection: socket) -> None:
    """Say to every question on one connection which one it was."""
    http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    http.initiate_connection()
    connection.sendall(http.data_to_send())
    while data := connection.recv(65536):
        for event in http.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                assert event.stream_id
                path = dict(event.headers or ())[b":path"]
                http.send_headers(event.stream_id, [(":status", "200"), ("content-type", "application/json")])
                http.send_data(event.stream_id, b'"' + path + b'"', end_stream=True)
        connection.sendall(http.data_to_send())


@contextmanager
def serving(file: Path) -> Iterator[str]:
    """A server of HTTP/2 alone."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    context.set_alpn_protocols(["h2"])
    with create_server(("127.0.0.1", 0)) as listening:

        def connected(plain: socket) -> None:
            with suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                answer(connection)

        def accepting() -> None:
            with suppress(OSError):
                while True:
                    Thread(target=connected, args=(listening.accept()[0],), daemon=True).start()

        thread = Thread(target=accepting, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(2)
    thread.join(10)


@pytest.fixture
def restless() -> Iterator[None]:
    """Let threads take turns as often as they can, so that what is not safe shows."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
def test_many_threads_get_the_answers_to_their_own_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving(file) as url, Client(Server("forge:acme", url, at_once=8, tries=1, timeout=10)) as client:
        asked = [f"/{number}" for number in range(400)]
        assert [each.body for each in client.each(Request(path) for path in asked)] == asked
        assert client.requests == len(asked)


def test_a_certificate_of_nobody_known_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with (
        serving(certificate(tmp_path)) as url,
        Client(Server("forge:acme", url)) as client,
        pytest.raises(SourceGone, match=r"the server's certificate cannot be verified. If it is signed by your own"),
    ):
        client.get("/")
