"""One project of Jenkins: a job, or a multibranch project with the jobs of its branches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from collectors.base import NO_ETAGS, Defaults, Page
from collectors.ci.asking import each_found
from collectors.ci.facts import MOST_NAMED, Facts, named, without_revision
from collectors.ci.reruns import Reruns
from collectors.http.exchange import Answer, Request
from collectors.http.paging import listed
from collectors.jenkins.parse import (
    Build,
    Context,
    JenkinsJob,
    checkouts,
    has_ended,
    has_run,
    is_pipeline,
    parse_build,
    paused,
    repeats,
)
from collectors.parsed import part
from collectors.times import epoch, instant
from tribometer.errors import SourceForbidden, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from collectors.base import Cursor, ETags
    from collectors.http.client import Client

PAGE = 100
SLACK = 50
"""Builds that may begin while older ones are asked for by their place in the list."""
BUILD = (
    "number,result,building,timestamp,duration,url,builtOn,actions[causes[shortDescription,upstreamBuild],"
    "lastBuiltRevision[SHA1,branch[name]],remoteUrls,waitingDurationMillis,blockedDurationMillis,"
    "buildableDurationMillis]"
)


@dataclass(frozen=True)
class JenkinsProject(Defaults):
    """One project.

    Cursor: ``jobs`` by full name, each with ``seen``, the number of the last build that landed, ``open``, builds that
    had not ended then, and ``reruns``, which builds repeat which; ``unversioned``, whether builds named no revision;
    ``several``, repositories of builds that checked out more than one. Builds come oldest first: of a job with many
    new ones the numbers are asked for, then each hundred by its place in the list. A job without new builds costs
    nothing, a build of a pipeline one request for its stages, and one for each stage that waited.
    """

    context: Context
    jobs: tuple[JenkinsJob, ...]
    client: Client = field(compare=False)

    kind = "jenkins"
    reads = frozenset({"run", "job", "gate", "deployment"})

    @property
    def name(self) -> str:
        """The events' source."""
        return self.context.source

    def position(self, cursor: Cursor) -> str:
        """Count the builds that are remembered."""
        jobs = cursor.get("jobs", {})
        return f"{len(jobs):,} jobs, {sum(len(job.get('open', ())) for job in jobs.values()):,} unfinished builds"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield what ended of the unfinished builds, then new builds; raise `SourceError` with what to do about it."""
        del etags  # numbers tell what is new, and Jenkins gives no validators
        state = _State(self, since or {})
        for job in self.jobs:
            unfinished = state.reopened(job)
            if unfinished:
                yield state.page(job, unfinished)
            if job.last > state.known(job)["seen"]:
                for builds in self._new(job, state):
                    yield state.page(job, builds)
                state.known(job)["seen"] = max(job.last, state.known(job)["seen"])
        yield state.ending()

    def _new(self, job: JenkinsJob, state: _State) -> Iterator[list[Any]]:
        """Builds behind the last one that landed, oldest first, a hundred at a time."""
        seen = state.known(job)["seen"]
        if job.last - seen <= PAGE:
            yield state.younger(
                sorted(self._builds(job, (0, PAGE + SLACK), BUILD, seen), key=lambda build: build["number"])
            )
            return
        numbers, slack = self._numbers(job, state), SLACK
        while chunk := [number for number in numbers if number <= job.last][-PAGE:]:
            found = self._chunk(job, chunk, numbers.index(chunk[0]), slack)
            if chunk[-1] not in found:
                # so many have begun meanwhile that the list has moved further than the slack, or the build is gone
                numbers, before, slack = self._numbers(job, state), numbers, 2 * slack
                if numbers != before:
                    continue
            yield [found[number] for number in sorted(found)]
            numbers = [number for number in numbers if number > chunk[0]]

    def _numbers(self, job: JenkinsJob, state: _State) -> list[int]:
        """Numbers of the builds to read, newest first, as the list has them."""
        builds = self._builds(job, None, "number,timestamp", state.known(job)["seen"])
        return sorted((build["number"] for build in state.younger(builds)), reverse=True)

    def _chunk(self, job: JenkinsJob, numbers: Sequence[int], place: int, slack: int) -> dict[int, Any]:
        builds = self._builds(job, (place, place + PAGE + slack), BUILD, 0)
        return {build["number"]: build for build in builds if build["number"] in numbers}

    def _builds(self, job: JenkinsJob, places: tuple[int, int] | None, tree: str, seen: int) -> list[Any]:
        some = f"{{{places[0]},{places[1]}}}" if places else ""
        answer = self.client.get(f"{address(job.path)}/api/json", {"tree": f"allBuilds[{tree}]{some}"})
        found = listed(answer, "allBuilds")
        return [each for each in found if isinstance(number := part(each, "number"), int) and number > seen]


@dataclass
class _State:
    """What a collection knows so far, and how it makes pages of builds."""

    project: JenkinsProject
    before: Cursor

    def __post_init__(self) -> None:
        there = {job.path for job in self.project.jobs}
        # branches that are gone are forgotten
        self.jobs = {path: dict(job) for path, job in self.before.get("jobs", {}).items() if path in there}
        self.client = self.project.client
        self.unversioned = bool(self.before.get("unversioned"))
        self.several: set[str] = set(self.before.get("several", ()))
        self.no_stages: SourceForbidden | SourceMissing | None = None
        self.since = instant(self.before.get("since"))

    def known(self, job: JenkinsJob) -> dict[str, Any]:
        """What the cursor says of a job."""
        found: dict[str, Any] = self.jobs.setdefault(job.path, {"seen": 0})
        return found

    def younger(self, builds: Sequence[Any]) -> list[Any]:
        """Without builds from before the time that the collection was asked for."""
        if self.since is None:
            return list(builds)
        return [build for build in builds if (epoch(part(build, "timestamp")) or self.since) >= self.since]

    def reopened(self, job: JenkinsJob) -> list[Any]:
        """The unfinished builds as they are now; those that are gone are forgotten."""
        known = self.known(job)
        numbers = known.pop("open", [])
        asked = [Request(f"{address(job.path)}/{number}/api/json", {"tree": BUILD}) for number in numbers]
        found = list(zip(numbers, each_found(self.client, asked), strict=True)) if asked else []
        kept = [number for number, answer in found if isinstance(answer, SourceForbidden)]
        if kept:
            known["open"] = kept
        return [answer.body for _, answer in found if isinstance(answer, Answer)]

    def page(self, job: JenkinsJob, builds: Sequence[Any]) -> Page:
        """The page of builds of one job, in the order of their numbers, with the cursor behind them."""
        facts, known = Facts(source=self.project.name), self.known(job)
        reruns = Reruns(known.get("reruns", ()))
        for build in self._completed(job, builds, reruns):
            facts.take(self._facts(build, job, known))
        numbers = [number for build in builds if isinstance(number := part(build, "number"), int)]
        known["seen"] = max([known["seen"], *numbers])
        if reruns.cursor():
            known["reruns"] = reruns.cursor()
        requests, quota = self.client.take_requests(), self.client.quota
        return Page(facts.events, self._cursor(), facts.rejected, requests, quota=quota)

    def ending(self) -> Page:
        """The last page, with what an operator should know."""
        path = self.project.context.source.partition(":")[2]
        remarks = without_revision([path] if self.unversioned else [])
        if self.several:
            what = f"builds check out several repositories ({', '.join(sorted(self.several)[:MOST_NAMED])})"
            do = 'The first counts; say otherwise by repositories = {"job" = "repository"}'
            remarks.append(Remark(what, do))
        if self.no_stages:
            what = f"stages of pipelines could not be read ({self.no_stages.problem})"
            remarks.append(Remark(what, "Install the plugin Pipeline: REST API, and let the user read the jobs"))
        self.since = None
        return Page((), self._cursor(), requests=self.client.take_requests(), remarks=remarks)

    def _cursor(self) -> Cursor:
        jobs = {path: dict(job) for path, job in self.jobs.items()}
        more = {
            "unversioned": self.unversioned,
            "several": sorted(self.several),
            "since": self.since.isoformat() if self.since else None,
        }
        return {"jobs": jobs, **{key: value for key, value in more.items() if value}}

    def _completed(self, job: JenkinsJob, builds: Sequence[Any], reruns: Reruns) -> list[Build]:
        """Builds with their stages, and what is told of stages that waited."""
        pipelines = [build for build in builds if is_pipeline(build) and checkouts(build)]
        stages = self._told(
            {build["number"]: f"{address(job.path)}/{build['number']}/wfapi/describe" for build in pipelines}
        )
        waits = self._told({
            (number, id_): f"{address(job.path)}/{number}/execution/node/{id_}/wfapi/describe"
            for number, its in stages.items() for id_ in paused(its)
        })  # fmt: skip
        return [
            Build(
                build, stages.get(number), {id_: each for (of, id_), each in waits.items() if of == number},
                *reruns.attempt(number, repeats(build)),
            )
            for build in builds if isinstance(number := part(build, "number"), int)
        ]  # fmt: skip

    def _told(self, paths: Mapping[Any, str]) -> dict[Any, Any]:
        """What each address answers; without the plugin, none does."""
        if self.no_stages or not paths:
            return {}
        found: dict[Any, Any] = {}
        for key, answer in zip(paths, each_found(self.client, map(Request, paths.values())), strict=True):
            if isinstance(answer, Answer):
                found[key] = answer.body
            elif not found and isinstance(answer, SourceForbidden | SourceMissing):
                self.no_stages = answer
        if found:
            self.no_stages = None
        return found

    def _facts(self, build: Build, job: JenkinsJob, known: dict[str, Any]) -> Facts:
        if not has_ended(build.raw):
            known["open"] = sorted({*known.get("open", ()), build.raw["number"]})
        found = checkouts(build.raw)
        if not found:
            self.unversioned |= has_run(build.raw)
            return Facts(source=self.project.name)
        repositories = {each.repository for each in found if each.repository}
        if len(repositories) > 1 and not named(job.path, self.project.context.repositories):
            self.several |= repositories
        return parse_build(build, job, self.project.context)


def address(path: str) -> str:
    """Where a job is, by its full name: each folder of it stands behind a ``job``."""
    return "".join(f"/job/{quote(folder, safe='')}" for folder in path.split("/") if folder)
