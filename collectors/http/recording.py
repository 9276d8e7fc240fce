"""A collection as a file: every question to the server and its answer, to be asked again without the server.

The file is JSON Lines: first what was recorded and when, then one exchange a line. It holds no credential, and of
people only pseudonyms. A recording is of a whole collection, so that a replay needs nothing that was known before.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import parse_qsl

import httpx

from collectors.http.body import unpacked
from collectors.http.exchange import Again
from collectors.http.stripping import Stripping, without_secrets
from collectors.http.wire import transport_of
from tribometer.errors import UsageError
from tribometer.privacy.cleaning import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collectors.base import Collector
    from collectors.http.server import Server
    from tribometer.privacy import Pseudonyms

FORMAT = "tribometer-recording-1"
KEPT_HEADERS = frozenset({"link", "etag", "x-total-count", "x-total", "location", "retry-after", "x-next-page"})
TITLED = frozenset({"run", "job", "deployment"})
"""Where these are read, names are titles; elsewhere most are of services and teams."""
OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
NO_RECORDING = "{path} is no recording of a collection. Make one with `tribometer collect --record FOLDER`."


Asked = TypeVar("Asked", bound="Collector")


@contextmanager
def recording(collector: Asked, path: Path, pseudonyms: Pseudonyms) -> Iterator[Asked]:
    """Give a collector that writes what it is told to a new file; its clock stands still meanwhile.

    Raise `UsageError` for a source that asks no server, or a file that cannot be made.
    """
    server = _server(collector)
    now = server.clock()
    try:
        file = path.open("x", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}. Name a new folder for the recording.") from None
    with file:
        about = {"format": FORMAT, "source": collector.name, "kind": collector.kind, "recorded_at": now.isoformat()}
        file.write(json.dumps(about) + "\n")
        titled = not TITLED.isdisjoint(collector.reads)
        stripping = Stripping(collector.kind, collector.personal, pseudonyms, titled)
        recorder = replace(
            server, clock=lambda: now, transport=lambda: Recorder(transport_of(server), file, stripping, server)
        )
        yield _with(collector, recorder)


def replaying(collector: Asked, path: Path) -> Asked:
    """Give a collector that takes its answers from a recording, at the time of the recording.

    Raise `UsageError` when the file is none, or is one of another source.
    """
    server = _server(collector)
    about, exchanges = _read(path)
    if about.get("source") != collector.name:
        raise UsageError(f"{path} is a recording of {about.get('source')}, not of {collector.name}.")
    now = datetime.fromisoformat(about["recorded_at"])
    replayed = replace(
        server, credentials=(), clock=lambda: now, sleep=lambda _: None, transport=lambda: Replay(exchanges)
    )
    return _with(collector, replayed)


class Recorder(httpx.BaseTransport):
    """Asks through another transport and writes down each exchange."""

    def __init__(self, inner: httpx.BaseTransport, file: IO[str], stripping: Stripping, server: Server) -> None:
        """``server`` says how large an answer may be."""
        self._inner = inner
        self._file = file
        self._stripping = stripping
        self._largest = server.largest
        self._lock = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, then keep what came of it."""
        response = self._inner.handle_request(request)
        content = self._content(response)
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in OF_THE_WIRE]
        answer = httpx.Response(response.status_code, headers=headers, content=content)
        line = {**_question(request), "status": answer.status_code, "headers": self._headers(answer)}
        line |= self._told(answer, request.url.path)
        with self._lock:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()
        return answer

    def close(self) -> None:
        """Close the transport that was asked."""
        self._inner.close()

    def _content(self, response: httpx.Response) -> bytes:
        stream = cast("httpx.SyncByteStream", response.stream)
        content = bytearray()
        try:
            for part in unpacked(stream, response.headers.get("content-encoding", "")):
                content += part
                if len(content) > self._largest:
                    raise httpx.ReadError("the answer is too large to be recorded")
        except Again as again:
            raise httpx.ReadError(again.problem) from None
        finally:
            response.close()
        return bytes(content)

    def _headers(self, answer: httpx.Response) -> dict[str, str]:
        return {name: clean_name(value) for name, value in answer.headers.items() if name in KEPT_HEADERS}

    def _told(self, answer: httpx.Response, path: str) -> dict[str, Any]:
        try:
            return {"json": self._stripping.stripped(json.loads(answer.text))}
        except ValueError:
            return {"text": self._stripping.file(answer.text, path)}


class Replay(httpx.BaseTransport):
    """Answers from a recording: the same question, asked several times, gets the answers in their order."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self._answers: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self._lock = Lock()
        for exchange in exchanges:
            self._answers[_key(exchange)].append(exchange)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Give the next answer to this question; the last one is given again."""
        with self._lock:
            answers = self._answers.get(_key(_question(request)))
            if not answers:
                problem = (
                    f"the recording has no answer to {request.method} {request.url.path}; it is of another version"
                )
                raise UsageError(f"{problem}, or of other settings. Record it again.")
            answer = answers.popleft() if len(answers) > 1 else answers[0]
        content = json.dumps(answer["json"]) if "json" in answer else answer["text"]
        return httpx.Response(answer["status"], headers=answer["headers"], content=content.encode())


def _question(request: httpx.Request) -> dict[str, Any]:
    pairs = parse_qsl(request.url.query.decode(), keep_blank_values=True)
    query = sorted([name, without_secrets(value, name)] for name, value in pairs)
    body = without_secrets(json.loads(request.content)) if request.content else None
    return {"method": request.method, "path": clean_name(request.url.path), "query": query, "body": body}


def _key(exchange: dict[str, Any]) -> str:
    return json.dumps([exchange[name] for name in ("method", "path", "query", "body")], sort_keys=True)


def _read(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    try:
        about, *exchanges = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise UsageError(NO_RECORDING.format(path=path)) from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise UsageError(NO_RECORDING.format(path=path))
    return about, exchanges


def _server(collector: Collector) -> Server:
    server: Server | None = getattr(collector, "server", None)
    if server is None:
        raise UsageError(f"{collector.name} asks no server, so there is nothing to record or replay.")
    return server


def _with(collector: Asked, server: Server) -> Asked:
    replaced: Asked = replace(collector, server=server)  # type: ignore[type-var]  # collectors are dataclasses
    return replaced
