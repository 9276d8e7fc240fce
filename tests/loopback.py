"""An HTTP server on this machine that answers by script, and misbehaves where the script says so."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Asked:
    """One request as it came; ``headers`` have lower-case names, ``body`` is the JSON of a POST."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None


@dataclass(frozen=True)
class Told:
    """One answer: JSON (or bytes as they are), whole and with its length."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Raw:
    """Bytes that are written as they are, piece by piece; then the connection is cut."""

    pieces: Callable[[], Iterable[bytes]]


Reply = Told | Raw
Answering = Callable[[Asked], Reply]


class Time:
    """A clock that only sleeping moves, so that nobody waits; ``slept`` are the seconds of each sleep."""

    def __init__(self, now: datetime = NOON) -> None:
        """Begin at this time."""
        self.now = now
        self.slept: list[float] = []
        self._lock = Lock()

    def clock(self) -> datetime:
        """What time it is."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        with self._lock:
            self.slept.append(seconds)
            self.now += timedelta(seconds=seconds)


class Loopback(ThreadingHTTPServer):
    """Keeps a log of what it was asked, and of how many asked at the same time."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answering: Answering) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answering = answering
        self.log: list[Asked] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients are expected to hang up."""

    def reply(self, asked: Asked) -> Reply:
        """Answer one request, and count it."""
        with self._lock:
            self.log.append(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return self.answering(asked)
        finally:
            with self._lock:
                self._at_once -= 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Loopback

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.reply(Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body))
        if isinstance(reply, Raw):
            self._write_raw(reply)
        else:
            self._write(reply)

    do_POST = do_GET  # noqa: N815 - http.server's name

    def _write(self, told: Told) -> None:
        self.send_response_only(told.status)
        for name, value in {"content-length": str(len(told.content)), **told.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told.content)

    def _write_raw(self, raw: Raw) -> None:
        self.close_connection = True
        for piece in raw.pieces():
            self.wfile.write(piece)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(answering: Answering) -> Iterator[Loopback]:
    """Answer requests by a function in a thread of its own."""
    server = Loopback(answering)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def script(*replies: Reply) -> Answering:
    """Give these answers one after the other, and the last one for ever."""
    left, lock = list(replies), Lock()

    def answering(_: Asked) -> Reply:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return answering


def limit(status: int = 429, message: str = "slow down", **headers: str | int) -> Told:
    """A refusal for now; underscores of header names stand for hyphens."""
    return Told({"message": message}, status, {name.replace("_", "-"): str(value) for name, value in headers.items()})


def head(status: str = "200 OK", **headers: str | int) -> bytes:
    """The beginning of an answer, up to its body; the connection ends with it."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {**headers, "connection": "close"}.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


def cut_in_the_headers() -> Raw:
    """An answer whose connection breaks within a header."""
    return Raw(lambda: [b"HTTP/1.1 200 OK\r\ncontent-le"])


def cut_in_the_body() -> Raw:
    """An answer whose connection breaks before the length it announced."""
    return Raw(lambda: [head(content_length=100), b'[{"number": 1}'])


def cut_without_length() -> Raw:
    """An answer that ends with its connection, too early: only its JSON can tell."""
    return Raw(lambda: [head(), b'[{"number": 1}'])


def cut_while_packed() -> Raw:
    """Half of a packed answer, with the length of the half."""
    half = gzip.compress(json.dumps(list(range(1000))).encode())[:200]
    return Raw(lambda: [head(content_encoding="gzip", content_length=len(half)), half])


def zeros(size: int) -> Raw:
    """So many bytes, whole: a JSON text of one number."""

    def pieces() -> Iterator[bytes]:
        yield head(content_length=size)
        for _ in range(size // MEGABYTE):
            yield b"0" * MEGABYTE

    return Raw(pieces)


def bomb(size: int, *, times: int = 1) -> Raw:
    """So many bytes, packed (so many ``times``) to a thousandth; only its checksum is wrong."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    begin = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(b"0" * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = begin + piece * (size // MEGABYTE) + packer.flush()
    for _ in range(times - 1):
        packed = gzip.compress(packed, 9)
    encoding = ", ".join(["gzip"] * times)
    return Raw(lambda: [head(content_encoding=encoding, content_length=len(packed)), packed])
