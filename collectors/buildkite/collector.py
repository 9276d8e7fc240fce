"""Buildkite: the builds of an organization with their jobs and block steps, by the REST API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from collectors.base import NO_ETAGS, Defaults, Page, Permission
from collectors.buildkite.parse import has_ended, has_run, name_of, parse_build
from collectors.ci.asking import each_found, permission, unread
from collectors.ci.context import CIContext
from collectors.ci.facts import Facts, fits, revision, without_revision
from collectors.ci.reruns import Reruns
from collectors.ci.settings import CISettings
from collectors.http.client import Client
from collectors.http.exchange import Answer, Request
from collectors.http.paging import MOST_PAGES, listed
from collectors.http.server import Address, Server
from collectors.parsed import part
from collectors.times import instant
from tribometer.errors import SourceForbidden, SourceGone

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from collectors.base import Cursor, ETags

PAGE = 100
JUST_AFTER = timedelta(milliseconds=1)


@dataclass(frozen=True)
class BuildkiteCollector(Defaults):
    """One organization.

    Cursor: ``since``, when the newest build that landed was created; ``open``, builds that had not ended; ``reruns`` by
    pipeline; ``unversioned``, pipelines whose builds name no commit. The list gives the newest first and refuses to be
    paged deeply, so a walk asks for what was created before the oldest build it has seen; ``walk`` holds how far it is,
    and the newest build it began with. Older builds that have ended, or ended once more because a job was retried or a
    block step unblocked, are a list of their own; what that does not tell is asked for one by one.
    """

    organization: str
    server: Server
    context: CIContext
    pipelines: tuple[str, ...] = ("*",)

    kind = "buildkite"
    reads = frozenset({"run", "job", "gate", "deployment"})
    overlap = timedelta(hours=1)
    remembers = frozenset({"open", "reruns"})
    personal = frozenset(
        {f"{person}.{key}" for person in ("creator", "author", "unblocked_by") for key in ("name", "email", "username")}
        | {"env.BUILDKITE_BUILD_CREATOR", "env.BUILDKITE_BUILD_AUTHOR"}
    )

    @property
    def name(self) -> str:
        """The events' source."""
        return self.context.source

    def position(self, cursor: Cursor) -> str:
        """The newest build, and how many are remembered."""
        since = cursor.get("since") or cursor.get("walk", {}).get("to", "the beginning")
        return f"{since}, {len(cursor.get('open', ())):,} unfinished"

    def check(self) -> Sequence[Permission]:
        """Try to list builds."""
        with Client(self.server) as client:
            fix = "Give the API access token the scope read_builds for this organization"
            return [permission(client, Request(self._path, {"per_page": 1}), "builds", fix)]

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield builds that ended late, then new ones, newest first; raise `SourceError` with what to do about it."""
        del etags  # Buildkite gives no validators
        with Client(self.server) as client:
            state = _State(self, client, since or {})
            began = instant(state.since)
            asked = {"created_from": _text(began - self.overlap)} if began else {}
            if began and not state.walk:
                late = {"finished_from": asked["created_from"], "created_to": asked["created_from"]}
                for builds, _ in self._walk(client, late, None):
                    yield state.page(builds)
                if state.open:
                    yield state.page(state.reopened())
            for builds, to in self._walk(client, asked, state.walk.get("to")):
                state.walked(builds, to)
                yield state.page(builds)
            yield from state.ending()

    def _walk(self, client: Client, asked: dict[str, str], to: str | None) -> Iterator[tuple[list[Any], str | None]]:
        """Pages of builds from the newest to the oldest, each with where the next one begins (None: it is the last)."""
        number, before = 1, None
        for _ in range(MOST_PAGES):
            bound = {"created_to": to} if to else {}
            params = {"include_retried_jobs": True, "per_page": PAGE, "page": number, **asked, **bound}
            builds = listed(client.get(self._path, params), None)
            times = [at for at in (instant(part(build, "created_at")) for build in builds) if at]
            if len(builds) < PAGE or not times or (number > 1 and builds == before):
                yield builds, None
                return
            onward = _text(min(times) + JUST_AFTER)
            # more builds than a page holds within a moment: only then by number
            number, to, before = (number + 1 if onward == to else 1), onward, builds
            yield builds, to

    @property
    def _path(self) -> str:
        return f"/v2/organizations/{self.organization}/builds"

    def path_of(self, pipeline: str, number: int) -> str:
        """Address of one build."""
        return f"/v2/organizations/{self.organization}/pipelines/{pipeline}/builds/{number}"


@dataclass
class _State:
    """What a collection knows so far, and how it makes pages of builds."""

    collector: BuildkiteCollector
    client: Client
    before: Cursor

    def __post_init__(self) -> None:
        self.since: str | None = self.before.get("since")
        self.walk: dict[str, str] = dict(self.before.get("walk", {}))
        self.open = {(slug, number) for slug, number in self.before.get("open", ())}
        self.reruns = {slug: Reruns(kept) for slug, kept in self.before.get("reruns", {}).items()}
        self.unversioned = set(self.before.get("unversioned", ()))
        self.refused: dict[str, SourceGone] = {}

    def reopened(self) -> list[Any]:
        """The unfinished builds as they are now; those that are gone are forgotten."""
        names = list(self.open)
        asked = [Request(self.collector.path_of(*name), {"include_retried_jobs": True}) for name in names]
        found = list(zip(names, each_found(self.client, asked), strict=True))
        self.open = set()
        for (slug, number), answer in found:
            if isinstance(answer, SourceForbidden):
                self.open.add((slug, number))
                self.refused.setdefault(slug, answer)
        return [answer.body for _, answer in found if isinstance(answer, Answer)]

    def walked(self, builds: Sequence[Any], to: str | None) -> None:
        """Note how far the walk is; at its end, the next one begins with the newest build that it saw."""
        times = [at for at in (instant(part(build, "created_at")) for build in builds) if at]
        newest = self.walk.get("newest") or (_text(max(times)) if times else self.since)
        self.walk = {"newest": newest, "to": to} if to and newest else {}
        if to is None:
            self.since = newest

    def page(self, builds: Sequence[Any]) -> Page:
        """The page of builds, with the cursor behind them."""
        facts = Facts(source=self.collector.name)
        for build in sorted(builds, key=lambda build: name_of(build) or ("", 0)):
            facts.take(self._facts(build))
        requests, quota = self.client.take_requests(), self.client.quota
        return Page(facts.events, self._cursor(), facts.rejected, requests, quota=quota)

    def ending(self) -> Iterator[Page]:
        """A last page with what an operator should know, if there is anything."""
        remarks = without_revision(sorted(self.unversioned)) + unread("unfinished builds of", self.refused)
        if remarks:
            lost = self.collector.reads if self.refused else ()
            yield Page((), self._cursor(), remarks=remarks, unread=lost)

    def _cursor(self) -> Cursor:
        reruns = {slug: kept for slug, each in self.reruns.items() if (kept := each.cursor())}
        known = {"since": self.since, "walk": self.walk, "reruns": reruns, "unversioned": sorted(self.unversioned)}
        return {"open": sorted(map(list, self.open)), **{key: value for key, value in known.items() if value}}

    def _facts(self, build: object) -> Facts:
        nothing, name = Facts(source=self.collector.name), name_of(build)
        if name is None:
            return parse_build(build, self.collector.context, 0, 1)
        slug, number = name
        if not fits(slug, self.collector.pipelines):
            return nothing
        (self.open.discard if has_ended(build) else self.open.add)(name)
        if revision(part(build, "commit")) is None:
            self.unversioned |= {slug} if has_run(build) else set()
            return nothing
        first, attempt = self.reruns.setdefault(slug, Reruns()).attempt(number, part(build, "rebuilt_from", "number"))
        return parse_build(build, self.collector.context, first, attempt)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class BuildkiteSettings(CISettings):
    """A ``[[sources]]`` table of kind buildkite."""

    kind: Literal["buildkite"]
    organization: Annotated[str, Field(min_length=1, pattern=r"^[\w.-]+$")]
    """Its slug, as in the addresses of its pages."""
    url: Address = "https://api.buildkite.com"
    """The REST API's address."""
    pipelines: Annotated[tuple[str, ...], Field(min_length=1)] = ("*",)
    """Slugs of the pipelines to keep, with ``*`` and ``?``; the list is one of all, so it costs the same."""

    def collector(self, data: Path) -> BuildkiteCollector:
        """Make the collector; it keeps nothing on disk."""
        del data
        source = f"buildkite:{self.organization}"
        context = CIContext(source, repositories=self.repositories, forge=self.forge, deploying=self.deployments)
        server = self.server(source, self.url, self.tokens())
        return BuildkiteCollector(self.organization, server, context, self.pipelines)


SETTINGS = BuildkiteSettings
PERMISSIONS = """An API access token with the scope ``read_builds`` for the organization."""
