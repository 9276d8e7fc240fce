"""The Backstage collector: the catalog (who owns which service) and scaffolder tasks (self-service requests).

The catalog is read whole each time, by ``/entities/by-query`` and its ``nextCursor``: there is no list of what has
changed, and the ``Link`` header of the older list lacks the server's base path. Of users their names are not asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from collectors.backstage.entities import parse_entities, templates
from collectors.backstage.guest import GuestToken
from collectors.backstage.scaffolder import TASKS, Scaffolder
from collectors.base import NO_ETAGS, Defaults, Page, Permission
from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.paging import TokenPages, listed
from collectors.http.server import Address, ServerSettings
from collectors.ownership import dated
from collectors.times import instant
from tribometer.errors import SourceForbidden, SourceMissing
from tribometer.privacy import Pseudonyms
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from collectors.base import Cursor, ETags
    from collectors.http.server import Server
    from tribometer.errors import SourceError

ENTITIES = "/api/catalog/entities/by-query"
KINDS = ("component", "group", "system", "template")
FIELDS = (
    "kind", "metadata.name", "metadata.namespace", "metadata.title", "metadata.labels", "metadata.annotations",
    "spec.type", "spec.owner", "spec.lifecycle", "spec.tier", "spec.system", "spec.domain", "spec.parent",
    "spec.children", "spec.profile.displayName",
)  # fmt: skip
USER_FIELDS = ("kind", "metadata.uid", "metadata.annotations", "spec.profile.email", "relations")
BY_QUERY = TokenPages("cursor", "pageInfo.nextCursor", size=500)
Read = TypeVar("Read")
CLOSED = (SourceForbidden, SourceMissing)
OF_THE_CATALOG, OF_THE_SCAFFOLDER = frozenset({"service", "team", "person", "ownership"}), frozenset({"request"})
CHUNK = 1000
"""Events of the catalog that land at once."""


@dataclass(frozen=True)
class BackstageCollector(Defaults):
    """One Backstage backend.

    Cursor: ``owners``, the claims of the catalog so far; ``since``, when the newest task was made that was read;
    ``unfinished``, tasks to ask about again, however late they end; ``ended``, how those ended that were made within
    the overlap, for a failed one may be started again.
    """

    label: str
    server: Server
    pseudonyms: Callable[[], Pseudonyms]
    libraries: frozenset[str] = frozenset({"library"})

    kind = "backstage"
    reads = OF_THE_CATALOG | OF_THE_SCAFFOLDER
    overlap = timedelta(days=1)
    remembers = frozenset({"unfinished"})
    personal = frozenset({"email", "github.com/user-login", "user", "user:"})

    @property
    def name(self) -> str:
        """The events' source."""
        return f"backstage:{self.label}"

    def position(self, cursor: Cursor) -> str:
        """Count the owners there are now, and tell up to when tasks were read."""
        owners = sum("valid_to" not in row for row in cursor.get("owners", ()))
        since = instant(cursor.get("since"))
        return f"{owners:,} owners, tasks until {since:%Y-%m-%d %H:%M}" if since else f"{owners:,} owners, no tasks"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield the catalog, then the tasks; one may be closed to the credential without a loss to the other."""
        del etags  # the lists have none that lasts
        cursor: Cursor = since or {}
        with Client(self.server) as client:
            entities, no_catalog = _unless_closed(lambda: list(self._entities(client)))
            if no_catalog:
                yield _closed(client, cursor, "the catalog", no_catalog, OF_THE_CATALOG)
            else:
                cursor = yield from self._catalog(client, entities, cursor)
            scaffolder = Scaffolder(client, self.name, self.overlap)
            tasks, no_tasks = _unless_closed(lambda: scaffolder.changed(cursor))
            if no_tasks and no_catalog:
                raise no_catalog
            if no_tasks:
                yield _closed(client, cursor, "the scaffolder", no_tasks, OF_THE_SCAFFOLDER)
            else:
                yield from scaffolder.pages(tasks, templates(entities), cursor)

    def check(self) -> Sequence[Permission]:
        """Ask for one entity and one task."""
        asked = (("read the catalog", ENTITIES), ("read scaffolder tasks", TASKS))
        with Client(self.server) as client:
            return [_permission(client, what, Request(path, {"limit": 1})) for what, path in asked]

    def _entities(self, client: Client) -> Iterator[Mapping[str, Any]]:
        for kinds, fields in ((KINDS, FIELDS), (("user",), USER_FIELDS)):
            wanted = {"filter": ",".join(f"kind={kind}" for kind in kinds), "fields": ",".join(fields)}
            for answer in client.pages(Request(ENTITIES, wanted), BY_QUERY):
                yield from (each for each in listed(answer, "items") if isinstance(each, dict))

    def _catalog(
        self, client: Client, entities: Sequence[Mapping[str, Any]], cursor: Cursor
    ) -> Generator[Page, None, Cursor]:
        """Pages of the catalog; give the cursor behind it."""
        found = parse_entities(entities, source=self.name, libraries=self.libraries, pseudonyms=self.pseudonyms())
        # an empty catalog is one that is being read in again, as after a restart: it ends nothing
        whole = bool(found.claims) and not found.rejected
        said, at = cursor.get("owners", ()), self.server.clock()
        owners, said = dated(found.claims, said, source=self.name, at=at, whole=whole)
        after, total = {**cursor, "owners": said}, len(found.events) + len(owners)
        for first in range(0, len(found.events), CHUNK):
            yield Page(found.events[first : first + CHUNK], cursor, total=total)
        # what is dated lands with the cursor that knows its dates
        yield Page(owners, after, found.rejected, client.take_requests(), total, [*found.remarks()])
        return after


def _unless_closed(read: Callable[[], list[Read]]) -> tuple[list[Read], SourceError | None]:
    """What was read, or why this part of the server is closed to the credential."""
    try:
        return read(), None
    except CLOSED as error:
        return [], error


def _permission(client: Client, what: str, request: Request) -> Permission:
    try:
        client.send(request)
    except CLOSED as error:
        return Permission(what, granted=False, fix=error.fix)
    return Permission(what, granted=True, fix="")


def _closed(client: Client, cursor: Cursor, what: str, error: SourceError, unread: Collection[str]) -> Page:
    remark = Remark(f"{what} cannot be read: {error.problem}", error.fix)
    return Page((), cursor, requests=client.take_requests(), remarks=[remark], unread=unread)


class BackstageSettings(ServerSettings):
    """A ``[[sources]]`` table of kind backstage."""

    kind: Literal["backstage"]
    url: Address
    """The backend's address, e.g. ``https://backstage.example.org``."""
    guest: bool = False
    """Sign in as guest, where the backend lets guests in; instead of ``token``."""
    name: Annotated[str, Field(min_length=1)] | None = None
    """What the source is called; default: the host of ``url``."""
    libraries: tuple[str, ...] = ("library",)
    """Types of components that are not deployed."""

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if self.guest and self.token:
            raise ValueError("needs either `token` or `guest`, not both")
        return self

    def collector(self, data: Path) -> BackstageCollector:
        """Make the collector; people are keyed with the key of the data folder."""
        label = self.name or urlsplit(self.url).netloc
        source = f"backstage:{label}"
        server = self.server(source, self.url, (GuestToken(source),) if self.guest else self.tokens())
        keys = partial(Pseudonyms.load_or_make, data)
        return BackstageCollector(label, server, keys, frozenset(self.libraries))


SETTINGS = BackstageSettings
PERMISSIONS = """A static external-access token that may read the catalog and the scaffolder; or ``guest``."""
