"""Opsgenie: alerts as pages and incidents, incidents, and on-call shifts through its REST API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from collectors.base import NO_ETAGS, Defaults, Page, Permission
from collectors.http.client import Client
from collectors.http.server import Address, Server, ServerSettings
from collectors.opsgenie.parse import INCIDENT_PRIORITIES, KIND, PERSONAL, Names
from collectors.opsgenie.walk import Walk
from collectors.times import instant, midnight
from tribometer.errors import ConfigurationError, SourceForbidden, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from collectors.base import Collector, Cursor, ETags

API = "https://api.opsgenie.com"
HISTORY = timedelta(days=730)
NEEDED = {"alerts": "/v2/alerts", "incidents": "/v1/incidents", "schedules": "/v2/schedules", "teams": "/v2/teams"}


@dataclass(frozen=True)
class OpsgenieCollector(Defaults):
    """One Opsgenie account; ``begins``: the first collection reads from there, None: two years."""

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
        """Yield the alerts page by page, oldest update first; then incidents and shifts."""
        del etags
        cursor, now = dict(since or {}), self.server.clock()
        with Client(self.server) as client:
            walk = Walk(self.names, client, cursor)
            yield from walk.alerts(self._begin(cursor.get("alerts") or cursor.get("since"), now))
            yield from walk.incidents(self._begin(cursor.get("incidents") or cursor.get("since"), now))
            yield from walk.shifts(self._begin(cursor.get("shifts") or cursor.get("since"), now), now)

    def position(self, cursor: Cursor) -> str:
        """The last update that was read, and how many incidents are remembered."""
        until = cursor.get("alerts") or cursor.get("since") or "the beginning"
        return f"until {until}, {len(cursor.get('open', ()))} incidents open"

    def check(self) -> Sequence[Permission]:
        """Ask for one of each."""
        with Client(self.server) as client:
            return [_permission(client, what, path) for what, path in NEEDED.items()]

    def _begin(self, text: object, now: datetime) -> datetime:
        read = instant(text)
        return self.begins or now - HISTORY if read is None else read - self.overlap


def _permission(client: Client, what: str, path: str) -> Permission:
    fix = "Give the API key read and configuration access; incidents need a plan that has them"
    try:
        client.get(path, {"limit": 1})
    except (SourceForbidden, SourceMissing):
        return Permission(what, granted=False, fix=fix)
    return Permission(what, granted=True, fix=fix)


class OpsgenieSettings(ServerSettings):
    """An Opsgenie account."""

    url: Address = API
    """The API's address; `https://api.eu.opsgenie.com` for accounts of the EU region."""
    name: Annotated[str, Field(min_length=1)] = KIND
    """What the source is called; webhooks use it too."""
    services: dict[str, str] = Field(default_factory=dict)
    """Opsgenie's service id, or an alert's tag -> the service's name here; a tag `service:checkout` names it itself."""
    rotations: dict[str, str] = Field(default_factory=dict)
    """Team, schedule or escalation id -> the rotation's name; of teams the API tells it, webhooks do not."""
    incident_priorities: tuple[str, ...] = INCIDENT_PRIORITIES
    """Alerts of these priorities are incidents; none where incidents are declared in Opsgenie by themselves."""
    since: date | None = None
    """The day that the first collection begins with; default: two years ago."""

    def collector(self, data: Path) -> Collector:
        """Make the collector; `ConfigurationError` without a token."""
        del data
        if self.token is None:
            fix = 'Add token = {env = "OPSGENIE_KEY"}, the key of an API integration'
            raise ConfigurationError("sources.token", "configuration", "is missing", fix)
        server = self.server(self.name, self.url, self.tokens(form="GenieKey {}"))
        names = Names(self.name, self.services, self.rotations, self.incident_priorities)
        return OpsgenieCollector(server, names, midnight(self.since) if self.since else None)


SETTINGS = OpsgenieSettings
PERMISSIONS = """An API key with read and configuration access."""
