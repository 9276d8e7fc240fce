"""PagerDuty: incidents, pages and on-call shifts through its REST API v2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from collectors.base import NO_ETAGS
from collectors.http.client import Client
from collectors.http.server import Address, ServerSettings
from collectors.oncall import OnCallCollector, permission
from collectors.pagerduty.parse import KIND, PERSONAL, Names
from collectors.pagerduty.walk import Walk
from collectors.times import midnight
from tribometer.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from collectors.base import Collector, Cursor, ETags, Page, Permission

API = "https://api.pagerduty.com"
HEADERS = {"accept": "application/vnd.pagerduty+json;version=2"}
WINDOW = timedelta(days=30)
"""On-calls are given for at most three months, incidents for six."""
NEEDED = {
    "incidents": ("/incidents", "incidents.read"),
    "log entries": ("/log_entries", "incidents.read"),
    "on-calls": ("/oncalls", "oncalls.read"),
}
FIX = "Give the token the scope {}, or use a read-only account key"


@dataclass(frozen=True)
class PagerDutyCollector(OnCallCollector):
    """One PagerDuty account."""

    names: Names

    kind = KIND
    personal = PERSONAL
    remembers = frozenset({"open", "begins"})

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield one page of each window, oldest first."""
        del etags
        cursor, now = since or {}, self.server.clock()
        at = self.begin(cursor.get("since"), now)
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
            return [permission(client, what, path, FIX.format(scope)) for what, (path, scope) in NEEDED.items()]


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
