"""Collections of a made-up GitHub into stores that can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from collectors.github.collector import GitHubCollector, GitHubSettings
from collectors.summary import SyncSummary
from collectors.sync import run
from event_samples import contents, same_key
from github_server import GitHub, running
from github_world import OWNER
from loopback import NOON, Loopback
from tribometer.store import EventStore


def collector_of(url: str, token: Path, **table: Any) -> GitHubCollector:
    """The collector of the server, with a token from a file."""
    settings = {"kind": "github", "owner": OWNER, "url": url, "token": {"file": token}, **table}
    return GitHubSettings.model_validate(settings).collector(token.parent)


@dataclass
class Collecting:
    """A store that collects from one GitHub; ``now`` is what its clock shows, and nobody really waits."""

    store: EventStore
    github: GitHub
    server: Loopback
    token: Path
    now: datetime = NOON
    table: dict[str, Any] | None = None

    def sync(self, **how: Any) -> SyncSummary:
        """Collect once."""
        collector = collector_of(self.server.url, self.token, **self.table or {})
        server = replace(collector.server, clock=lambda: self.now, sleep=lambda _: None, timeout=5.0)
        return run(replace(collector, server=server), self.store, **how)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the store answers."""
        with self.store.reader() as reader:
            return list(reader.rows(sql))

    def contents(self, *without: str) -> dict[str, Any]:
        """All tables but these; validators are of addresses, in which ports differ."""
        return contents(self.store, without=("schema_migrations", "source_states", "etags", *without))


@contextmanager
def collecting(folder: Path, github: GitHub, alike: Path | None = None, **table: Any) -> Iterator[Collecting]:
    """Open a store in a folder, in which people get the pseudonyms that they have in the one of another, ``alike``."""
    folder.mkdir(exist_ok=True)
    token, data = folder / "token", folder / "data"
    token.write_text("ghp_first")
    if alike:
        same_key(alike / "data", data)
    with running(github) as server, EventStore.open(data) as store:
        yield Collecting(store, github, server, token, table=table)
