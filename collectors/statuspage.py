"""Statuspage: the incidents that an organisation told its users about, through its REST API v1.

Scheduled maintenance is no incident. Incidents come newest first; those that were open are asked again until they end.
Source of the fields: Statuspage's API reference, "List incidents".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from collectors.base import NO_ETAGS, Defaults, Page, Permission
from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.paging import NumberedPages
from collectors.http.server import Address, Server, ServerSettings
from collectors.parsed import Parsed, part, parts, said
from collectors.times import instant
from tribometer.errors import ConfigurationError, SourceForbidden, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from collectors.base import Collector, Cursor, ETags

KIND = "statuspage"
API = "https://api.statuspage.io"
MAINTENANCE = frozenset({"scheduled", "in_progress", "verifying", "completed"})
OVER = frozenset({"resolved", "postmortem"})
ALLOWED = "Use the API key of a user who may see the page, and its page id"


@dataclass(frozen=True)
class StatuspageCollector(Defaults):
    """One status page. ``services``: component id -> service; an incident counts once for each service it names.

    Cursor: ``since``, the newest creation time that was read, and ``open``, the ids of incidents that had not ended.
    """

    page: str
    server: Server
    services: Mapping[str, str]

    kind = KIND
    reads = frozenset({"incident"})
    overlap = timedelta(days=1)
    remembers = frozenset({"open"})
    resumable = False  # newest first: what is behind a cut is older

    @property
    def name(self) -> str:
        """The page's source."""
        return f"{KIND}:{self.page}"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield the new incidents, then those that were open."""
        cursor = since or {}
        begin = instant(cursor.get("since"))
        newest, still, seen = begin, set[str](), set[str]()
        with Client(self.server) as client:
            for raw, cost in self._incidents(client, begin and begin - self.overlap, cursor.get("open", ()), etags):
                parsed = Parsed()
                for each in raw:
                    parse_incident(each, self.name, self.services, parsed)
                    seen.add(str(part(each, "id")))
                    still |= {str(part(each, "id"))} if _is_open(each) else set()
                    created = instant(part(each, "created_at"))
                    newest = max(filter(None, (newest, created)), default=None)
                after = {"since": newest.isoformat() if newest else None, "open": sorted(still)}
                yield Page(parsed.events, after, parsed.rejected, cost, quota=client.quota)

    def position(self, cursor: Cursor) -> str:
        """The newest incident, and how many are open."""
        return f"until {cursor.get('since') or 'the beginning'}, {len(cursor.get('open', ()))} incidents open"

    def check(self) -> Sequence[Permission]:
        """Ask for one incident."""
        with Client(self.server) as client:
            try:
                client.get(self._path, {"limit": 1})
            except (SourceForbidden, SourceMissing):
                return [Permission("incidents", granted=False, fix=ALLOWED)]
        return [Permission("incidents", granted=True, fix=ALLOWED)]

    @property
    def _path(self) -> str:
        return f"/v1/pages/{self.page}/incidents"

    def _incidents(
        self, client: Client, begin: datetime | None, remembered: Sequence[str], etags: ETags
    ) -> Iterator[tuple[list[object], int]]:
        """Pages of the list down to ``begin``, then what is remembered and was not among them."""
        del etags  # a new incident changes the page, and an old one is asked by itself
        known: set[str] = set()
        for answer in client.pages(Request(self._path), NumberedPages(100)):
            raw = answer.body if isinstance(answer.body, list) else []
            known |= {str(part(each, "id")) for each in raw}
            yield raw, client.take_requests()
            oldest = min(filter(None, (instant(part(each, "created_at")) for each in raw)), default=None)
            if begin and oldest and oldest < begin:
                break
        for key in remembered:
            if key not in known:
                yield self._one(client, key), client.take_requests()

    def _one(self, client: Client, key: str) -> list[object]:
        try:
            return [client.get(f"{self._path}/{key}").body]
        except SourceMissing:
            return []  # it was deleted: what is known of it stays


def parse_incident(raw: object, source: str, services: Mapping[str, str], parsed: Parsed) -> None:
    """One incident for each mapped service among its components, one without a service where none is mapped.

    It is mitigated when its page said *monitoring*. Scheduled maintenance is ignored.
    """
    if part(raw, "status") in MAINTENANCE:
        parsed.ignored.append("maintenance")
        return
    components = [str(part(each, "id")) for each in parts(raw, "components")]
    named = [(key, services[key]) for key in components if key in services]
    key = part(raw, "id")
    facts = {
        "source": source,
        "version": said(part(raw, "updated_at")),
        "title": said(part(raw, "name")),
        "severity": said(part(raw, "impact")),
        "impact_started_at": said(part(raw, "started_at")),
        "detected_at": said(part(raw, "created_at")),
        "mitigated_at": said(part(raw, "monitoring_at")),
        "resolved_at": said(part(raw, "resolved_at")),
        "url": said(part(raw, "shortlink")),
    }
    for component, service in named:
        parsed.add("incident", raw, id=f"{key}/{component}", service=service, **facts)
    if not named:
        parsed.add("incident", raw, id=key, **facts)


def _is_open(raw: object) -> bool:
    return part(raw, "status") not in OVER | MAINTENANCE


class StatuspageSettings(ServerSettings):
    """A status page of Statuspage."""

    page: Annotated[str, Field(pattern=r"^\w+$")]
    """The page's id, from its API settings."""
    url: Address = API
    """The API's address."""
    services: dict[str, str] = Field(default_factory=dict)
    """Component id -> the service's name here; an incident of no mapped component belongs to no service."""

    def collector(self, data: Path) -> Collector:
        """Make the collector; `ConfigurationError` without a token."""
        del data
        if self.token is None:
            fix = 'Add token = {env = "STATUSPAGE_TOKEN"}, an API key'
            raise ConfigurationError("sources.token", "configuration", "is missing", fix)
        server = self.server(f"{KIND}:{self.page}", self.url, self.tokens(form="OAuth {}"))
        return StatuspageCollector(self.page, server, self.services)


SETTINGS = StatuspageSettings
PERMISSIONS = """The API key of a user who may see the page."""
