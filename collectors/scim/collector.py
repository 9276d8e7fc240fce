"""The SCIM collector: people and their teams from an identity provider (SCIM 2.0, RFC 7643 and RFC 7644).

Users give people with their handles, groups give teams with their members. Neither names nor departments nor managers
are asked for. SCIM has no attribute for the first working day, and ``meta.created`` is when the account was made: a
start date is known only where ``start_date`` says which attribute of the organisation's own holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from collectors.base import NO_ETAGS, Defaults, Page, Permission
from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.paging import listed
from collectors.http.server import Address, ServerSettings
from collectors.ownership import dated
from collectors.parsed import part
from collectors.scim.resources import Attributes, parse_groups, parse_user
from collectors.times import instant
from tribometer.errors import SourceForbidden, SourceGone, SourceMissing
from tribometer.events import Person
from tribometer.privacy import Pseudonyms
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from collectors.base import Cursor, ETags
    from collectors.http.exchange import Answer, Parameters
    from collectors.http.server import Server

USERS, GROUPS = "/Users", "/Groups"
OF_GROUPS = frozenset({"team", "ownership"})
LOGIN_FORGES = Literal["github", "gitlab", "gitea"]


@dataclass(frozen=True)
class ScimPages:
    """Pages by ``startIndex``, which counts from 1; a server may give fewer than asked for (RFC 7644, 3.4.2.4)."""

    size: int = 100

    def first(self) -> Parameters:
        """Ask for the beginning."""
        return {"startIndex": 1, "count": self.size}

    def after(self, answer: Answer) -> Parameters | None:
        """Go on behind what this page held, up to the total."""
        begins, count = int(answer.request.params["startIndex"]), len(listed(answer, "Resources"))
        total = part(answer.body, "totalResults")
        last = begins + count > total if isinstance(total, int) else count < self.size
        return None if count == 0 or last else {**self.first(), "startIndex": begins + count}


@dataclass(frozen=True)
class ScimCollector(Defaults):
    """One SCIM service.

    Cursor: ``since``, the latest change of a user that was read; ``dates``, whether any of them had a start date;
    ``teams``, who belonged where so far, by pseudonym.
    Users are asked for by their last change where the service can do that; groups are always read whole.
    """

    label: str
    server: Server
    pseudonyms: Callable[[], Pseudonyms]
    attributes: Attributes
    groups: tuple[str, ...] = ("*",)

    kind = "scim"
    reads = OF_GROUPS | {"person"}
    overlap = timedelta(minutes=5)
    personal = frozenset({"userName", "emails.value", "emails.display", "members.display", "name.formatted",
                          "name.familyName", "name.givenName", "manager.displayName"})  # fmt: skip

    @property
    def name(self) -> str:
        """The events' source."""
        return f"scim:{self.label}"

    def position(self, cursor: Cursor) -> str:
        """Tell up to which change it has read."""
        since = instant(cursor.get("since"))
        return f"changes until {since:%Y-%m-%d %H:%M}" if since else "no changes yet"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield changed users, then the groups; groups that are closed to the credential lose no user."""
        del etags  # lists of SCIM have none
        cursor: Cursor = since or {}
        latest, dates = instant(cursor.get("since")), bool(cursor.get("dates"))
        with Client(self.server) as client:
            for answer in self._users(client, latest):
                parsed = [parse_user(each, self.attributes, self.name) for each in listed(answer, "Resources")]
                events = [event for each in parsed for event in each.events]
                rejected = [refused for each in parsed for refused in each.rejected]
                yield Page(events, cursor, rejected, client.take_requests(), part(answer.body, "totalResults"))
                latest = max([*_changes(answer), *([latest] if latest else [])], default=None)
                dates = dates or any(isinstance(event, Person) and event.start_date for event in events)
            after = {**cursor, "dates": dates, **({"since": latest.isoformat()} if latest else {})}
            remarks = [] if dates else [_without_dates(self.attributes)]
            try:
                yield self._teams(client, after, remarks)
            except (SourceForbidden, SourceMissing) as error:
                remarks = [*remarks, Remark(f"groups cannot be read: {error.problem}", error.fix)]
                yield Page((), after, requests=client.take_requests(), remarks=remarks, unread=OF_GROUPS)

    def check(self) -> Sequence[Permission]:
        """Ask for one user and one group."""
        with Client(self.server) as client:
            return [_permission(client, what, path) for what, path in (("read users", USERS), ("read groups", GROUPS))]

    def _users(self, client: Client, since: datetime | None) -> Iterator[Answer]:
        """Pages of users changed since; of all of them where the service refuses to filter."""
        wanted = {"attributes": ",".join(self.attributes.names)}
        if since is not None:
            changed = f'meta.lastModified ge "{(since - self.overlap).isoformat().replace("+00:00", "Z")}"'
            pages = client.pages(Request(USERS, {**wanted, "filter": changed}), ScimPages())
            try:
                first = next(pages)
            except (SourceForbidden, SourceMissing):
                raise
            except SourceGone:
                pass
            else:
                yield first
                yield from pages
                return
        yield from client.pages(Request(USERS, wanted), ScimPages())

    def _teams(self, client: Client, cursor: Cursor, remarks: Sequence[Remark]) -> Page:
        wanted = {"attributes": "id,displayName,members"}
        answers = client.pages(Request(GROUPS, wanted), ScimPages())
        groups = [each for answer in answers for each in listed(answer, "Resources") if self._is_team(each)]
        found, claims = parse_groups(groups, self.pseudonyms(), self.name)
        whole = bool(claims) and not found.rejected
        said, at = cursor.get("teams", ()), self.server.clock()
        teams, said = dated(claims, said, source=self.name, at=at, whole=whole)
        events = [*found.events, *teams]
        return Page(events, {**cursor, "teams": said}, found.rejected, client.take_requests(), remarks=remarks)

    def _is_team(self, group: Mapping[str, object]) -> bool:
        name = part(group, "displayName")
        return isinstance(name, str) and any(fnmatchcase(name.casefold(), glob.casefold()) for glob in self.groups)


def _changes(answer: Answer) -> Iterator[datetime]:
    times = (instant(part(each, "meta", "lastModified")) for each in listed(answer, "Resources"))
    return (each for each in times if each)


def _without_dates(attributes: Attributes) -> Remark:
    if attributes.start_date:
        return Remark(f"no user has {attributes.start_date}", "Check `start_date`, and that the token may read it")
    fix = "Set `start_date` to the attribute that holds the first working day, or add a source of kind people"
    return Remark("SCIM has no attribute for start dates, so onboarding times cannot be told", fix)


def _permission(client: Client, what: str, path: str) -> Permission:
    try:
        client.get(path, {"count": 1})
    except (SourceForbidden, SourceMissing) as error:
        return Permission(what, granted=False, fix=error.fix)
    return Permission(what, granted=True, fix="")


class ScimSettings(ServerSettings):
    """A ``[[sources]]`` table of kind scim."""

    kind: Literal["scim"]
    url: Address
    """The service's base address, e.g. ``https://id.example.org/scim/v2``."""
    name: Annotated[str, Field(min_length=1)] | None = None
    """What the source is called; default: the host of ``url``."""
    start_date: str | None = None
    """Attribute with the first working day, e.g. ``urn:acme:params:scim:schemas:User:startDate``; SCIM has none."""
    end_date: str | None = None
    """Attribute with the last working day; that an account is not active does not tell since when."""
    logins: LOGIN_FORGES | None = None
    """The forge whose logins the ``userName`` attributes are, if they are."""
    groups: tuple[str, ...] = ("*",)
    """Groups that are teams: patterns over their display names."""

    def collector(self, data: Path) -> ScimCollector:
        """Make the collector; people are keyed with the key of the data folder."""
        label = self.name or urlsplit(self.url).netloc
        server = self.server(f"scim:{label}", self.url, self.tokens(), {"accept": "application/scim+json"})
        attributes = Attributes(self.start_date, self.end_date, self.logins)
        return ScimCollector(label, server, partial(Pseudonyms.load_or_make, data), attributes, self.groups)


SETTINGS = ScimSettings
PERMISSIONS = """A token that may read users and groups."""
