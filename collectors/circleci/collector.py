"""CircleCI: the projects of an organization, each a source of its own, by the API v2."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from collectors.base import NO_ETAGS, Defaults, Page, Permission
from collectors.ci.asking import permission
from collectors.ci.facts import fits
from collectors.ci.settings import CISettings
from collectors.circleci.parse import Context
from collectors.circleci.pipelines import API, TOKENS
from collectors.circleci.project import CircleCIProject
from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.paging import listed
from collectors.http.server import Address, Server
from collectors.parsed import part
from collectors.times import instant

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from collectors.base import Cursor, ETags

WILD = frozenset("*?[")


@dataclass(frozen=True)
class CircleCICollector(Defaults):
    """One organization: a family of projects.

    Cursor: ``projects``, all that were seen so far, since the API lists only those that ran lately; ``since``, when the
    newest pipeline of them was created. Projects that are named without a pattern are read although never seen.
    """

    organization: str
    server: Server
    context: Context
    projects: tuple[str, ...] = ("*",)
    job_details: bool = False

    at_once = 2
    kind = "circleci"
    reads = frozenset({"run", "job", "gate", "deployment"})
    personal = frozenset(
        {"login", "started_by", "approved_by", "canceled_by", "errored_by"}
        | {f"{person}.{key}" for person in ("author", "committer") for key in ("name", "email")}
    )

    @property
    def name(self) -> str:
        """The family's name."""
        return self.context.source

    def position(self, cursor: Cursor) -> str:
        """Count the projects."""
        return f"{len(cursor.get('projects', ())):,} projects"

    def check(self) -> Sequence[Permission]:
        """Try to list pipelines."""
        with Client(self.server) as client:
            fix = "Make a personal API token of a user who may see the projects; project tokens do not open the API v2"
            return [permission(client, self._pipelines, "pipelines", fix)]

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield the projects as members; raise `SourceError` with what to do about it."""
        del etags  # CircleCI gives no validators
        before = since or {}
        with Client(self.server) as client:
            seen, newest = self._seen(client, before)
            named = {self._slug(each) for each in self.projects if not WILD & set(each)}
            chosen = {each for each in seen if fits(self._short(each), self.projects) or fits(each, self.projects)}
            members = [self._member(slug, client) for slug in sorted(chosen | named)]
            cursor = {"projects": sorted(seen), **({"since": newest} if newest else {})}
            yield Page((), cursor, requests=client.take_requests(), quota=client.quota, members=members)

    def _seen(self, client: Client, before: Cursor) -> tuple[set[str], str | None]:
        """Projects that ran since the last collection, with those known from before."""
        seen, newest = set(before.get("projects", ())), before.get("since")
        until = instant(newest)
        for answer in client.pages(self._pipelines, TOKENS):
            pipelines = listed(answer, "items")
            seen |= {slug for each in pipelines if isinstance(slug := part(each, "project_slug"), str)}
            times = [at for at in (part(each, "created_at") for each in pipelines) if instant(at)]
            newest = max([*times, *([newest] if newest else [])], default=None)
            if until and any(at < until for at in map(instant, times) if at):
                break
        return seen, newest

    @property
    def _pipelines(self) -> Request:
        return Request(f"{API}/pipeline", {"org-slug": self.organization, "mine": False})

    def _slug(self, project: str) -> str:
        return project if project.startswith(f"{self.organization}/") else f"{self.organization}/{project}"

    def _short(self, slug: str) -> str:
        return slug.removeprefix(f"{self.organization}/")

    def _member(self, slug: str, client: Client) -> CircleCIProject:
        context = replace(self.context, source=f"circleci:{slug}", project=slug)
        return CircleCIProject(context, client.part(), self.job_details)


class CircleCISettings(CISettings):
    """A ``[[sources]]`` table of kind circleci."""

    kind: Literal["circleci"]
    organization: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    """Its slug, e.g. ``gh/acme``."""
    url: Address = "https://circleci.com"
    """The server's address."""
    projects: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)] = ("*",)
    """Names of projects, with ``*`` and ``?``. CircleCI lists only those that ran lately: one that did not has to be
    named in full."""
    job_details: bool = False
    """Whether to ask for each job by itself, which alone tells how long it queued, and on what it ran."""

    def collector(self, data: Path) -> CircleCICollector:
        """Make the collector; it keeps nothing on disk."""
        del data
        source = f"circleci:{self.organization}"
        context = Context(
            source, self.organization, repositories=self.repositories, forge=self.forge, deploying=self.deployments
        )
        server = self.server(source, self.url, self.tokens(header="circle-token", form="{}"))
        return CircleCICollector(self.organization, server, context, self.projects, self.job_details)


SETTINGS = CircleCISettings
PERMISSIONS = """A personal API token of a user who may see the projects; project tokens do not open the API v2."""
