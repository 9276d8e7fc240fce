"""A kind of source for tests of the service: an owner of repositories on a loopback server, each a part of its own."""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal

from collectors.base import NO_ETAGS, Cursor, Defaults, ETags, Page, Permission, Quota
from collectors.http.client import Client
from collectors.http.server import Address, Server, ServerSettings
from tribometer.errors import SourceForbidden
from tribometer.events import Team

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class ForgePart(Defaults):
    """One repository: its teams."""

    owner: str
    repository: str
    client: Client = field(compare=False)

    kind = "forge"
    reads = frozenset({"team"})

    @property
    def name(self) -> str:
        """Owner and repository."""
        return f"forge:{self.owner}/{self.repository}"

    def position(self, cursor: Cursor) -> str:
        """How many."""
        return f"{cursor['teams']} teams"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """All teams as one page."""
        del since, etags
        names = self.client.get(f"/repos/{self.repository}/teams").body
        events = [Team(source=self.name, id=name) for name in names]
        yield Page(events, {"teams": len(names)}, requests=self.client.take_requests(), quota=self.client.quota)


@dataclass(frozen=True)
class Forge(Defaults):
    """An owner with all repositories."""

    owner: str
    server: Server

    kind = "forge"
    reads = frozenset[str]()
    at_once = 2

    @property
    def name(self) -> str:
        """The owner."""
        return f"forge:{self.owner}"

    def position(self, cursor: Cursor) -> str:
        """How many."""
        return f"{cursor['repositories']} repositories"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """One page that names the parts."""
        del since, etags
        with Client(self.server) as client:
            names = client.get("/repos").body
            members = [ForgePart(self.owner, name, client.part()) for name in names]
            quota = client.quota or Quota(10)
            yield Page((), {"repositories": len(names)}, requests=client.take_requests(), members=members, quota=quota)

    def check(self) -> Sequence[Permission]:
        """Try the list of repositories, and the log, which few may read."""
        with Client(self.server) as client:
            client.get("/repos")
            try:
                client.get("/log")
            except SourceForbidden:
                return [Permission("repositories", True, ""), Permission("the log", False, "Grant `log:read`")]  # noqa: FBT003 - two fields
        return [Permission("repositories", True, ""), Permission("the log", True, "")]  # noqa: FBT003 - as above


class ForgeSettings(ServerSettings):
    """A ``[[sources]]`` table of kind forge."""

    kind: Literal["forge"]
    owner: str
    """Whose repositories."""
    url: Address
    """Address of the server."""

    def collector(self, data: Path) -> Forge:
        """Make the collector."""
        del data
        name = f"forge:{self.owner}"
        return Forge(self.owner, self.server(name, self.url, self.tokens()))


SETTINGS = ForgeSettings
Answer = tuple[int, "Mapping[str, str]", Any]


@contextmanager
def forge(answers: Mapping[str, Answer | Any], asked: list[str] | None = None) -> Iterator[str]:
    """Serve a JSON body, or (status, headers, body), by path; give the address. What is asked goes into ``asked``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.path)
            answer = answers.get(self.path, (404, {}, {"message": "not there"}))
            answer = answer() if callable(answer) else answer
            status, headers, body = answer if isinstance(answer, tuple) else (200, {}, answer)
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            with suppress(BrokenPipeError):  # who asked may have given up
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
