"""Buildbot: builds with their steps, by its REST API."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from collectors.base import NO_ETAGS, Defaults, Page, Permission
from collectors.buildbot.parse import RETRY, Build, Context, has_ended, has_run, parse_build, revision_of
from collectors.ci.asking import as_cursor, each_found, from_cursor, permission, unread
from collectors.ci.facts import Facts, without_revision
from collectors.ci.reruns import Reruns
from collectors.ci.settings import BasicToken, CISettings, host_and_path
from collectors.http.client import Client
from collectors.http.exchange import Answer, Request
from collectors.http.paging import OffsetPages, listed
from collectors.http.server import Address, Server
from collectors.parsed import part, parts
from collectors.times import instant
from tribometer.errors import SourceForbidden, SourceGone

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from collectors.base import Cursor, ETags

PAGE = 100
API = "/api/v2"


@dataclass(frozen=True)
class BuildbotCollector(Defaults):
    """One Buildbot master.

    Cursor: ``seen``, the highest build id that landed; ``open``, builds that had not ended then; ``reruns`` and
    ``retried``, which builds repeat which; ``unversioned``, builders whose builds name no revision; ``without_steps``,
    those whose steps may not be read, and why. Builds come oldest
    first, by their ids. A page of up to 100 builds costs three requests and one for each build, for its steps.
    """

    server: Server
    context: Context

    kind = "buildbot"
    reads = frozenset({"run", "job", "deployment"})
    remembers = frozenset({"open", "reruns", "retried"})
    personal = frozenset({"owner", "owners", "reason", "author", "email", "full_name", "username"})

    @property
    def name(self) -> str:
        """The events' source."""
        return self.context.source

    def position(self, cursor: Cursor) -> str:
        """The build read last, and how many are remembered."""
        return f"build {cursor.get('seen', 0):,}, {len(cursor.get('open', ())):,} unfinished"

    def check(self) -> Sequence[Permission]:
        """Try to list builds."""
        with Client(self.server) as client:
            fix = "Let `user` and `token` read the REST API"
            return [permission(client, Request(f"{API}/builds", {"limit": 1}), "builds", fix)]

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield what ended of the unfinished builds, then new builds; raise `SourceError` with what to do about it."""
        del etags  # ids tell what is new, and Buildbot gives no validators
        with Client(self.server) as client:
            builders = _listed(client, "/builders", "builders", {})
            context = replace(self.context, builders={each["builderid"]: each["name"] for each in builders})
            state = _State(client, context, since or {})
            if state.open:
                yield state.page(state.reopened())
            yield from self._new(client, state)
            yield from state.ending()

    def _new(self, client: Client, state: _State) -> Iterator[Page]:
        asked: dict[str, Any] = {"order": "buildid", "limit": PAGE, "property": "*"}
        began = instant((state.before or {}).get("since"))
        if began:
            asked["started_at__ge"] = int(began.timestamp())
        while True:
            answer = client.get(f"{API}/builds", {**asked, "buildid__gt": state.seen})
            builds = [each for each in listed(answer, "builds") if isinstance(part(each, "buildid"), int)]
            last = len(builds) < PAGE
            # the unfinished ones lie anywhere: they do not tell how far this is
            state.seen = max([state.seen, *(part(each, "buildid") for each in builds)])
            yield state.page(builds)
            if last:
                return


@dataclass
class _State:
    """What a collection knows so far, and how it makes pages of builds."""

    client: Client
    context: Context
    before: Cursor
    seen: int = 0
    open: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seen, self.open = self.before.get("seen", 0), list(self.before.get("open", ()))
        self.refused: dict[str, SourceGone] = {}
        self.without_steps = from_cursor(self.context.source, self.before.get("without_steps", {}))
        self.unversioned = set(self.before.get("unversioned", ()))
        self.reruns = Reruns(self.before.get("reruns", ()))
        self.retried: dict[str, int] = dict(self.before.get("retried", {}))

    def reopened(self) -> list[Mapping[str, Any]]:
        """The unfinished builds as they are now; those that are gone are forgotten."""
        requests = [Request(f"{API}/builds/{build}", {"property": "*"}) for build in self.open]
        found = dict(zip(self.open, each_found(self.client, requests), strict=True))
        forbidden = {build: answer for build, answer in found.items() if isinstance(answer, SourceForbidden)}
        self.open = list(forbidden)
        self.refused |= {str(build): answer for build, answer in forbidden.items()}
        return list(chain.from_iterable(listed(each, "builds") for each in found.values() if isinstance(each, Answer)))

    def page(self, builds: Sequence[Mapping[str, Any]]) -> Page:
        """The page of builds in the order of their ids, with the cursor behind them."""
        facts = Facts(source=self.context.source)
        for build in self._completed(builds):
            facts.take(self._facts(build))
        requests, quota = self.client.take_requests(), self.client.quota
        return Page(facts.events, self._cursor(), facts.rejected, requests, quota=quota)

    def ending(self) -> Iterator[Page]:
        """A last page with what an operator should know, if there is anything."""
        remarks = without_revision(sorted(self.unversioned)) + unread("unfinished builds", self.refused)
        remarks += unread("steps of builds of", self.without_steps)
        if remarks:
            yield Page((), self._cursor(), remarks=remarks, unread=self._unread())

    def _unread(self) -> frozenset[str]:
        if self.refused:
            return BuildbotCollector.reads
        deployments = {"deployment"} if self.context.deploying else set[str]()
        return frozenset({"job"} | deployments) if self.without_steps else frozenset()

    def _cursor(self) -> Cursor:
        kept = {
            "retried": self.retried,
            "reruns": self.reruns.cursor(),
            "unversioned": sorted(self.unversioned),
            "without_steps": as_cursor(self.without_steps),
        }
        began = {"since": self.before["since"]} if "since" in self.before and not self.seen else {}
        return {
            "seen": self.seen,
            "open": sorted(self.open),
            **began,
            **{key: each for key, each in kept.items() if each},
        }

    def _completed(self, builds: Sequence[Mapping[str, Any]]) -> list[Build]:
        """Builds with their requests, sets and steps."""
        requests = self._by_id("buildrequest", [part(each, "buildrequestid") for each in builds])
        sets = self._by_id("buildset", [part(each, "buildsetid") for each in requests.values()], key="bsid")
        asked = [Request(f"{API}/builds/{each['buildid']}/steps") for each in builds]
        steps = [
            self._steps(build, answer) for build, answer in zip(builds, each_found(self.client, asked), strict=True)
        ]
        completed = []
        for build, its in zip(builds, steps, strict=True):
            request = requests.get(build.get("buildrequestid"))
            buildset = sets.get(part(request, "buildsetid"))
            completed.append(Build(build, request, buildset, its, *self._attempt(build, buildset)))
        return completed

    def _steps(self, build: Mapping[str, Any], answer: Answer | SourceGone) -> Sequence[Any]:
        builder = self.context.builders.get(build["builderid"], f"builder {build['builderid']}")
        if isinstance(answer, SourceForbidden):
            self.without_steps[builder] = answer
        elif isinstance(answer, Answer):
            self.without_steps.pop(builder, None)
        return parts(answer.body, "steps") if isinstance(answer, Answer) else []

    def _attempt(self, build: Mapping[str, Any], buildset: object) -> tuple[int, int]:
        request, repeats = str(build.get("buildrequestid")), part(buildset, "rebuilt_buildid")
        if self.retried.get(request, build["buildid"]) < build["buildid"]:
            repeats = self.retried.pop(request)
        if build.get("results") == RETRY:
            self.retried[request] = build["buildid"]
        return self.reruns.attempt(build["buildid"], repeats if isinstance(repeats, int) else None)

    def _facts(self, build: Build) -> Facts:
        if not has_ended(build.raw) and build.raw["buildid"] not in self.open:
            self.open.append(build.raw["buildid"])
        if revision_of(build.raw, build.buildset):
            return parse_build(build, self.context)
        if has_run(build.raw):
            self.unversioned |= {
                name for id_, name in self.context.builders.items() if id_ == build.raw.get("builderid")
            }
        return Facts(source=self.context.source)

    def _by_id(self, thing: str, ids: Sequence[object], key: str | None = None) -> dict[Any, Mapping[str, Any]]:
        """Things whose ids lie near each other, by their ids."""
        key, known = key or f"{thing}id", [each for each in ids if isinstance(each, int)]
        if not known:
            return {}
        asked = {f"{key}__ge": min(known), f"{key}__le": max(known)}
        return {each[key]: each for each in _listed(self.client, f"/{thing}s", f"{thing}s", asked) if key in each}


def _listed(client: Client, path: str, items: str, params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for answer in client.pages(Request(API + path, params), OffsetPages(items, size=PAGE)):
        yield from listed(answer, items)


class BuildbotSettings(CISettings):
    """A ``[[sources]]`` table of kind buildbot."""

    kind: Literal["buildbot"]
    url: Address
    """The master's address, e.g. ``https://buildbot.example.org``."""
    name: Annotated[str, Field(min_length=1)] | None = None
    """What the source is called; default: host and path of the address."""
    user: Annotated[str, Field(min_length=1)] | None = None
    """Who asks, with ``token`` as password; without it, ``token`` is sent as a bearer token."""

    def collector(self, data: Path) -> BuildbotCollector:
        """Make the collector; it keeps nothing on disk."""
        del data
        source = f"buildbot:{self.name or host_and_path(self.url)}"
        context = Context(
            source, self.url, repositories=self.repositories, forge=self.forge, deploying=self.deployments
        )
        return BuildbotCollector(self.server(source, self.url, self._credentials()), context)

    def _credentials(self) -> tuple[Any, ...]:
        if self.user is None or self.token is None:
            return self.tokens()
        secrets = self.token if isinstance(self.token, tuple) else (self.token,)
        return tuple(BasicToken(self.user, secret) for secret in secrets)


SETTINGS = BuildbotSettings
PERMISSIONS = """None where the REST API is open; else a user who may read it."""
