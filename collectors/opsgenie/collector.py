"""Opsgenie: alerts as pages and incidents, incidents, and on-call shifts through its REST API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from collectors.base import NO_ETAGS
from collectors.http.client import Client
from collectors.http.server import Address, ServerSettings
from collectors.oncall import OnCallCollector, permission
from collectors.opsgenie.parse import INCIDENT_PRIORITIES, KIND, PERSONAL, Names
from collectors.opsgenie.walk import Walk
from collectors.times import midnight
from tribometer.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from collectors.base import Collector, Cursor, ETags, Page, Permission

API = "https://api.opsgenie.com"
NEEDED = {"alerts": "/v2/alerts", "incidents": "/v1/incidents", "schedules": "/v2/schedules", "teams": "/v2/teams"}
FIX = "Give the API key read and configuration access; incidents need a plan that has them"


@dataclass(frozen=True)
class OpsgenieCollector(OnCallCollector):
    """One Opsgenie account."""

    names: Names

    kind = KIND
    personal = PERSONAL
    remembers = frozenset({"open", "whole"})

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield the alerts page by page, oldest update first; then incidents and shifts."""
        del etags
        cursor, now = dict(since or {}), self.server.clock()
        with Client(self.server) as client:
            walk = Walk(self.names, client, cursor)
            yield from walk.alerts(self.begin(cursor.get("alerts") or cursor.get("since"), now))
            yield from walk.incidents(self.begin(cursor.get("incidents") or cursor.get("since"), now))
            yield from walk.shifts(self.begin(cursor.get("shifts") or cursor.get("since"), now), now)
            yield walk.end()

    def position(self, cursor: Cursor) -> str:
        """The last update that was read, and how many incidents are remembered."""
        until = cursor.get("alerts") or cursor.get("since") or "the beginning"
        return f"until {until}, {len(cursor.get('open', ()))} incidents open"

    def check(self) -> Sequence[Permission]:
        """Ask for one of each."""
        with Client(self.server) as client:
            return [permission(client, what, path, FIX) for what, path in NEEDED.items()]


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
