"""Gitea and Forgejo: the repositories of an owner with all that happens to their changes.

Requests spent on a hundred things, besides the two for the list, whose pages hold 50:

- pull requests: 300, for their commits, reviews and timeline; runs: 100 for their jobs
- commits, releases and issues: none
- a repository in which nothing has happened: 5, and one for each label of incidents
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import quote

from pydantic import StringConstraints

from collectors.forge.facts import RELEASES, Raw
from collectors.forge.family import Family, Listed, Selection
from collectors.forge.files import Files
from collectors.forge.reading import Reading
from collectors.forge.repository import ForgeRepository
from collectors.forge.settings import Labelled
from collectors.gitea.changes import Commits, PullRequests
from collectors.gitea.check import refuse_wrong_token, tried
from collectors.gitea.files import GiteaLayout
from collectors.gitea.parse import parse_repository, place_of
from collectors.gitea.releases import Incidents, Releases
from collectors.gitea.runs import RERUN_WITHIN, Runs
from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.paging import NumberedPages, listed
from collectors.http.server import Address, ServerSettings
from collectors.parsed import part, text, whole
from tribometer.errors import SourceForbidden, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from collectors.base import Cursor, ETags, Permission
    from collectors.forge.reading import Part

API = "/api/v1"
MOST_ITEMS = 50
"""What a page holds at most, unless the server is configured otherwise."""
PERSONAL = frozenset({
    "body@", "message@", "login", "username", "email", "author.name", "committer.name", "pusher.name",
})  # fmt: skip


class GiteaRepository(ForgeRepository):
    """One repository of Gitea or Forgejo."""

    personal = PERSONAL


@dataclass(frozen=True)
class GiteaCollector(Family[Reading]):
    """An owner of repositories."""

    owner: str

    overlap = RERUN_WITHIN
    personal = PERSONAL

    def listed(self, client: Client, since: Cursor, etags: ETags) -> Listed:
        """The list, which is short: the server gives no validators."""
        del since, etags
        refuse_wrong_token(client)
        pages = self._pages(client)
        found = list(self._found(client, pages))
        remarks = self.selection.remarks(self.owner, [str(raw.get("name")) for raw in found])
        return Listed([self._member(raw, pages, client) for raw in found], {"repositories": len(found)}, remarks)

    def check(self) -> Sequence[Permission]:
        """Try the token on the first repository; raise `SourceError` when the server does not answer."""
        with Client(self.server) as client:
            first = next(self._found(client, NumberedPages()), None)
            return tried(client, f"{API}/repos/{first['full_name']}" if first else None)

    def _member(self, raw: Raw, pages: NumberedPages, client: Client) -> ForgeRepository:
        branch = text(raw, "default_branch") if raw.get("empty") is not True else None
        return GiteaRepository(
            kind=self.kind,
            place=place_of(raw),
            about=parse_repository(raw),
            root=f"{API}/repos/{raw['full_name']}",
            branch=f"/branches/{quote(branch)}" if branch else None,
            parts=self.parts,
            pages=pages,
            reads=self.reads,
            client=client.part(),
        )

    def _pages(self, client: Client) -> NumberedPages:
        """Ask how much a page may hold: some lists do not tell their length, and end with a short page."""
        try:
            most = whole(part(client.get(f"{API}/settings/api").body, "max_response_items"))
        except (SourceForbidden, SourceMissing):
            most = None
        return NumberedPages(size=min(most or MOST_ITEMS, MOST_ITEMS), uncapped=most is not None)

    def _found(self, client: Client, pages: NumberedPages) -> Iterator[Raw]:
        """The owner's repositories that are wanted."""
        for raw in self._owned(client, pages):
            archived = part(raw, "archived") is True
            if text(raw, "full_name") and self.selection.wants(str(part(raw, "name")), archived=archived):
                yield raw

    def _owned(self, client: Client, pages: NumberedPages) -> Iterator[Raw]:
        """The list of an organisation, else of a user."""
        owner = quote(self.owner, safe="")
        try:
            for answer in client.pages(Request(f"{API}/orgs/{owner}/repos"), pages):
                yield from listed(answer, None)
        except SourceMissing:
            for answer in client.pages(Request(f"{API}/users/{owner}/repos"), pages):
                yield from listed(answer, None)


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
        selection = Selection("repositories", "repository", self.repositories)
        return GiteaCollector(self.kind, server, self._parts(), selection, self.at_once, self.owner)

    def _parts(self) -> tuple[Part[Reading], ...]:
        parts: list[Part[Reading]] = [PullRequests()]
        if self.commits:
            parts.append(Commits())
        parts += [Runs(self.jobs), Releases(self.releases)]
        if self.incidents:
            parts.append(Incidents(self.incidents.labels))
        return (*parts, Files(GiteaLayout()))


SETTINGS = GiteaSettings
PERMISSIONS = """A token with the scopes ``read:repository`` and ``read:issue``; none is needed for what is public."""
