"""Gitea and Forgejo: the repositories of an owner with all that happens to their changes.

Requests spent on a hundred things, besides the two for the list, whose pages hold 50:

- pull requests: 300, for their commits, reviews and timeline; runs: 100 for their jobs
- commits, releases and issues: none
- a repository in which nothing has happened: 5, and one for each label of incidents
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from collectors.base import NO_ETAGS, Defaults, Page
from collectors.ci.facts import text, whole
from collectors.forge.facts import RELEASES, Raw
from collectors.forge.files import Files
from collectors.forge.repository import ForgeRepository
from collectors.gitea.changes import Commits, PullRequests
from collectors.gitea.check import refuse_wrong_token, tried
from collectors.gitea.files import GiteaLayout
from collectors.gitea.parse import parse_repository, place_of
from collectors.gitea.releases import Incidents, Releases
from collectors.gitea.runs import RERUN_WITHIN, Runs
from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.paging import NumberedPages, listed
from collectors.http.server import Address, Server, ServerSettings
from collectors.parsed import part
from tribometer.errors import SourceForbidden, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from collectors.base import Cursor, ETags, Permission
    from collectors.forge.reading import Part

API = "/api/v1"
MOST_ITEMS = 50
"""What a page holds at most, unless the server is configured otherwise."""
PERSONAL = frozenset({
    "body@", "message@", "login", "username", "email", "author.name", "committer.name", "pusher.name",
})  # fmt: skip


@dataclass(frozen=True)
class GiteaCollector(Defaults):
    """An owner of repositories; each of them is a source of its own, collected through one client.

    ``own_parts`` are read of every repository. The cursor says how many repositories there were.
    """

    server: Server
    owner: str
    repositories: tuple[str, ...]
    own_parts: tuple[Part, ...]
    kind: str = "gitea"
    at_once: int = 4  # type: ignore[misc]  # how many repositories at a time is for the settings to say

    overlap = RERUN_WITHIN
    personal = PERSONAL

    @property
    def name(self) -> str:
        """The family of sources."""
        return self.server.source

    @property
    def reads(self) -> frozenset[str]:
        """What is read of the repositories."""
        return frozenset({"repository"}).union(*(part.reads for part in self.own_parts))

    def starting(self, at: datetime) -> Cursor:
        """The list is read anew; the repositories begin at the time themselves."""
        del at
        return {}

    def position(self, cursor: Cursor) -> str:
        """Count the repositories."""
        return f"{cursor.get('repositories', 0):,} repositories"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield the list of repositories, which are collected before this goes on."""
        del since, etags  # the server gives no validators
        with Client(self.server) as client:
            refuse_wrong_token(client)
            pages, remarks = self._pages(client), list[Remark]()
            found = list(self._found(client, pages, remarks))
            yield Page(
                (),
                {"repositories": len(found)},
                requests=client.take_requests(),
                remarks=tuple(remarks),
                quota=client.quota,
                members=[self._member(raw, pages, client) for raw in found],
            )

    def check(self) -> Sequence[Permission]:
        """Try the token on the first repository; raise `SourceError` when the server does not answer."""
        with Client(self.server) as client:
            first = next(self._found(client, NumberedPages(), []), None)
            return tried(client, f"{API}/repos/{first['full_name']}" if first else None)

    def _member(self, raw: Raw, pages: NumberedPages, client: Client) -> ForgeRepository:
        branch = text(raw.get("default_branch")) if raw.get("empty") is not True else None
        return ForgeRepository(
            kind=self.kind,
            place=place_of(raw),
            about=parse_repository(raw),
            root=f"{API}/repos/{raw['full_name']}",
            branch=f"/branches/{quote(branch)}" if branch else None,
            parts=self.own_parts,
            pages=pages,
            client=client.part(),
            personal=self.personal,
        )

    def _pages(self, client: Client) -> NumberedPages:
        """Ask how much a page may hold: some lists do not tell their length, and end with a short page."""
        try:
            most = whole(part(client.get(f"{API}/settings/api").body, "max_response_items"))
        except (SourceForbidden, SourceMissing):
            most = None
        return NumberedPages(size=min(most or MOST_ITEMS, MOST_ITEMS))

    def _found(self, client: Client, pages: NumberedPages, remarks: list[Remark]) -> Iterator[Raw]:
        """The owner's repositories that are wanted."""
        met = 0
        for raw in self._owned(client, pages):
            if isinstance(raw, dict) and text(raw.get("full_name")) and self._is_wanted(raw):
                met += 1
                yield raw
        if not met:
            do = "Check `owner` and `repositories`, and what the token may see; archived ones are collected by name"
            remarks.append(Remark(f"{self.owner} has no repository to collect", do))

    def _owned(self, client: Client, pages: NumberedPages) -> Iterator[Raw]:
        """The list of an organisation, else of a user."""
        owner = quote(self.owner, safe="")
        try:
            for answer in client.pages(Request(f"{API}/orgs/{owner}/repos"), pages):
                yield from listed(answer, None)
        except SourceMissing:
            for answer in client.pages(Request(f"{API}/users/{owner}/repos"), pages):
                yield from listed(answer, None)

    def _is_wanted(self, raw: Raw) -> bool:
        name = str(raw.get("name"))
        if name in self.repositories:
            return True
        fitting = not self.repositories or any(fnmatchcase(name, glob) for glob in self.repositories)
        return raw.get("archived") is not True and fitting


class Labelled(BaseModel):
    """Issues that are incidents."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    """One of them makes an issue an incident."""


class GiteaSettings(ServerSettings):
    """A ``[[sources]]`` table of kind gitea or forgejo."""

    kind: Literal["gitea", "forgejo"]
    url: Address
    """The server's address, e.g. ``https://git.example.org``."""
    owner: Annotated[str, StringConstraints(pattern=r"^[\w.-]+$")]
    """Organisation or user whose repositories are collected."""
    repositories: tuple[str, ...] = ()
    """Names or globs; default: all that are not archived."""
    releases: re.Pattern[str] = RELEASES
    """Tags whose releases are deployments: a regular expression searched in the tag."""
    incidents: Labelled | None = None
    """Issues with one of these labels are incidents: ``{labels = ["incident"]}``."""
    jobs: bool = True
    """Whether the jobs of runs are collected, which costs one request for each run."""
    commits: bool = True
    """Whether commits are collected; a git source of the same repositories does it faster, and knows their files."""

    def collector(self, data: Path) -> GiteaCollector:
        """Make the collector; it keeps nothing on disk."""
        del data
        server = self.server(f"gitea:{self.owner}", self.url, self.tokens(form="token {}"))
        return GiteaCollector(server, self.owner, self.repositories, self._parts(), self.kind, self.at_once)

    def _parts(self) -> tuple[Part, ...]:
        parts: list[Part] = [PullRequests()]
        if self.commits:
            parts.append(Commits())
        parts += [Runs(self.jobs), Releases(self.releases)]
        if self.incidents:
            parts.append(Incidents(self.incidents.labels))
        return (*parts, Files(GiteaLayout()))


SETTINGS = GiteaSettings
PERMISSIONS = """A token with the scopes ``read:repository`` and ``read:issue``; none is needed for what is public."""
