"""PagerDuty: incidents, pages and on-call shifts through its REST API v2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from collectors.base import NO_ETAGS, Defaults, Page, Permission
from collectors.http.client import Client
from collectors.http.server import Address, Server, ServerSettings
from collectors.pagerduty.parse import KIND, PERSONAL, Names
from collectors.pagerduty.walk import Walk
from collectors.times import instant, midnight
from tribometer.errors import ConfigurationError, SourceForbidden, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from collectors.base import Collector, Cursor, ETags

API = "https://api.pagerduty.com"
HEADERS = {"accept": "application/vnd.pagerduty+json;version=2"}
WINDOW = timedelta(days=30)
"""On-calls are given for at most three months, incidents for six."""
HISTORY = timedelta(days=730)
NEEDED = {
    "incidents": ("/incidents", "incidents.read"),
    "log entries": ("/log_entries", "incidents.read"),
    "on-calls": ("/oncalls", "oncalls.read"),
}


@dataclass(frozen=True)
class PagerDutyCollector(Defaults):
    """One PagerDuty account; ``begins``: the first collection reads from there, None: two years."""

    server: Server
    names: Names
    begins: datetime | None = None

    kind = KIND
    reads = frozenset({"incident", "page", "shift"})
    overlap = timedelta(hours=1)
    personal = PERSONAL

    @property
    def name(self) -> str:
        """The configured name, the same for webhooks."""
        return self.names.source

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield one page of each window, oldest first."""
        del etags
        cursor, now = since or {}, self.server.clock()
        read = instant(cursor.get("since"))
        at = self.begins or now - HISTORY if read is None else read - self.overlap
        with Client(self.server) as client:
            walk = Walk.of(self.names, client, cursor)
            while at < now:
                at, page = walk.window(at, min(at + WINDOW, now), now)
                yield page

    def position(self, cursor: Cursor) -> str:
        """The time that was read until, and how many incidents are remembered."""
        return f"until {cursor.get('since', 'the beginning')}, {len(cursor.get('open', {}))} incidents open"

    def check(self) -> Sequence[Permission]:
        """Ask for one of each."""
        with Client(self.server) as client:
            return [_permission(client, what, path, scope) for what, (path, scope) in NEEDED.items()]


def _permission(client: Client, what: str, path: str, scope: str) -> Permission:
    fix = f"Give the token the scope {scope}, or use a read-only account key"
    try:
        client.get(path, {"limit": 1})
    except (SourceForbidden, SourceMissing):
        return Permission(what, granted=False, fix=fix)
    return Permission(what, granted=True, fix=fix)


class PagerDutySettings(ServerSettings):
    """A PagerDuty account."""

    url: Address = API
    """The API's address; `https://api.eu.pagerduty.com` for accounts of the EU region."""
    name: Annotated[str, Field(min_length=1)] = KIND
    """What the source is called; webhooks use it too."""
    services: dict[str, str] = Field(default_factory=dict)
    """PagerDuty's service id -> the service's name here, like `{PF9KMXH = "checkout"}`; default: its PagerDuty name."""
    since: date | None = None
    """The day that the first collection begins with; default: two years ago."""

    def collector(self, data: Path) -> Collector:
        """Make the collector; `ConfigurationError` without a token."""
        del data
        if self.token is None:
            fix = 'Add token = {env = "PAGERDUTY_TOKEN"}, a read-only API key'
            raise ConfigurationError("sources.token", "configuration", "is missing", fix)
        server = self.server(self.name, self.url, self.tokens(form="Token token={}"), HEADERS)
        begins = midnight(self.since) if self.since else None
        return PagerDutyCollector(server, Names(self.name, self.services), begins)


SETTINGS = PagerDutySettings
PERMISSIONS = """A read-only account key, or a token with the scopes ``incidents.read`` and ``oncalls.read``."""
