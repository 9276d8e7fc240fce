"""Builds of one project of Jenkins: what a collection knows of them so far, and the pages that it makes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from collectors.base import Page
from collectors.ci.asking import as_cursor, each_found, from_cursor, unread
from collectors.ci.facts import MOST_NAMED, Facts, named, without_revision
from collectors.ci.reruns import Reruns
from collectors.http.exchange import Answer, Request
from collectors.jenkins.parse import (
    Build,
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
    from collections.abc import Mapping, Sequence

    from collectors.base import Cursor
    from collectors.jenkins.project import JenkinsProject

BUILD = (
    "number,result,building,timestamp,duration,url,builtOn,actions[causes[shortDescription,upstreamBuild],"
    "lastBuiltRevision[SHA1,branch[name]],remoteUrls,waitingDurationMillis,blockedDurationMillis,"
    "buildableDurationMillis]"
)


@dataclass
class Builds:
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
        self.refused: dict[str, SourceForbidden | SourceMissing] = {}
        kept = self.before.get("without_stages", {})
        self.without_stages = from_cursor(
            self.project.name, {path: each for path, each in kept.items() if path in there}
        )
        self.asked_in_vain: set[str] = set()
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
        kept = {number: answer for number, answer in found if isinstance(answer, SourceForbidden)}
        if kept:
            known["open"] = list(kept)
            self.refused[job.path] = next(iter(kept.values()))
        return [answer.body for _, answer in found if isinstance(answer, Answer)]

    def read(self, job: JenkinsJob, builds: Sequence[Any]) -> None:
        """Note how far the new builds are; the unfinished ones lie anywhere."""
        known = self.known(job)
        numbers = [number for build in builds if isinstance(number := part(build, "number"), int)]
        known["seen"] = max([known["seen"], *numbers])

    def page(self, job: JenkinsJob, builds: Sequence[Any]) -> Page:
        """The page of builds of one job, in the order of their numbers, with the cursor behind them."""
        facts, known = Facts(source=self.project.name), self.known(job)
        reruns = Reruns(known.get("reruns", ()))
        for build in self._completed(job, builds, reruns):
            facts.take(self._facts(build, job, known))
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
        remarks += unread("builds of", self.refused) + [
            replace(each, do="Install the plugin Pipeline: REST API, and let the user read the jobs")
            for each in unread("stages of pipelines of", self.without_stages)
        ]
        self.since = None
        requests = self.client.take_requests()
        return Page((), self._cursor(), requests=requests, remarks=remarks, unread=self._unread())

    def _unread(self) -> frozenset[str]:
        if self.refused:
            return self.project.reads
        deployments = {"deployment"} if self.project.context.deploying else set[str]()
        return frozenset({"job", "gate"} | deployments) if self.without_stages else frozenset()

    def _cursor(self) -> Cursor:
        jobs = {path: dict(job) for path, job in self.jobs.items()}
        more = {
            "unversioned": self.unversioned,
            "several": sorted(self.several),
            "without_stages": as_cursor(self.without_stages),
            "since": self.since.isoformat() if self.since else None,
        }
        return {"jobs": jobs, **{key: value for key, value in more.items() if value}}

    def _completed(self, job: JenkinsJob, builds: Sequence[Any], reruns: Reruns) -> list[Build]:
        """Builds with their stages, and what is told of stages that waited."""
        pipelines = [build for build in builds if is_pipeline(build) and checkouts(build)]
        stages = self._told(
            job, {build["number"]: f"{address(job.path)}/{build['number']}/wfapi/describe" for build in pipelines}
        )
        waits = self._told(job, {
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

    def _told(self, job: JenkinsJob, paths: Mapping[Any, str]) -> dict[Any, Any]:
        """What each address answers; without the plugin, none does."""
        if not paths or job.path in self.asked_in_vain:
            return {}
        found: dict[Any, Any] = {}
        for key, answer in zip(paths, each_found(self.client, map(Request, paths.values())), strict=True):
            if isinstance(answer, Answer):
                found[key] = answer.body
            elif not found and isinstance(answer, SourceForbidden | SourceMissing):
                self.without_stages[job.path] = answer
        if found:
            self.without_stages.pop(job.path, None)
        else:
            self.asked_in_vain.add(job.path)
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
