"""Pipelines of one project of CircleCI: what a collection knows of them so far, and the pages that it makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collectors.base import Page
from collectors.ci.asking import as_cursor, each_found, from_cursor, unread
from collectors.ci.facts import MOST_NAMED, Facts, without_revision
from collectors.circleci.parse import Pipeline, has_ended, may_be_repeated, parse_pipeline, revision_of
from collectors.http.exchange import Answer, Request
from collectors.http.paging import TokenPages, listed
from collectors.parsed import part
from collectors.times import instant
from tribometer.errors import SourceForbidden, SourceGone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collectors.base import Cursor
    from collectors.circleci.project import CircleCIProject

API = "/api/v2"
TOKENS = TokenPages("page-token", "next_page_token")
REPEATED_WITHIN = timedelta(days=3)
"""How long a pipeline that failed is watched for re-runs: they are workflows of the same, old pipeline."""
BEGINS = frozenset({"pending", "setup-pending", "setup"})
SHORTEST, LONGEST = timedelta(minutes=30), timedelta(hours=6)
"""Between two looks at a pipeline that waits for a person, which grow with its age."""


@dataclass
class Pipelines:
    """What a collection knows so far, and how it makes pages of pipelines."""

    project: CircleCIProject
    before: Cursor

    def __post_init__(self) -> None:
        self.since: str | None = self.before.get("since")
        self.walk: dict[str, str] = dict(self.before.get("walk", {}))
        self.recent: dict[str, str] = dict(self.before.get("recent", {}))
        self.watched: dict[str, dict[str, Any]] = dict(self.before.get("watched", {}))
        self.unversioned = set(self.before.get("unversioned", ()))
        self.refused: dict[str, SourceGone] = {}
        self.without_jobs = from_cursor(self.project.name, self.before.get("without_jobs", {}))
        self.without_details: dict[str, SourceGone] = {}
        self.client, self.now = self.project.client, self.project.client.server.clock()

    def due(self) -> list[str]:
        """Watched pipelines to look at again: what runs, always; what waits for a person, ever more seldom."""
        return [id_ for id_, each in self.watched.items() if each.get("running") or self._waited(each)]

    def _waited(self, watched: Mapping[str, Any]) -> bool:
        asked, began = instant(watched["asked"]) or self.now, instant(watched["created"]) or self.now
        return self.now - asked >= min(LONGEST, max(SHORTEST, asked - began))

    def found(self, answers: Mapping[str, Answer | SourceGone]) -> list[Any]:
        """Watched pipelines as they are now; those that are gone are forgotten, those that are forbidden are not."""
        self.refused |= {id_: answer for id_, answer in answers.items() if isinstance(answer, SourceForbidden)}
        found = {id_: answer.body for id_, answer in answers.items() if isinstance(answer, Answer)}
        self.forget(answers.keys() - found.keys() - self.refused.keys())
        return list(found.values())

    def forget(self, pipelines: Iterable[str]) -> None:
        """Watch these no longer: they are gone."""
        for id_ in pipelines:
            self.watched.pop(id_, None)

    def is_new(self, pipeline: object) -> bool:
        """Whether it has not been looked at yet."""
        return part(pipeline, "id") not in self.recent.keys() | self.watched.keys()

    def walked(self, pipelines: Sequence[Any], token: str | None) -> None:
        """Note how far the walk is; at its end, the next one begins with the newest pipeline that it saw."""
        times = [part(each, "created_at") for each in pipelines if created(each)]
        newest = self.walk.get("newest") or max([*times, *([self.since] if self.since else [])], default=None)
        self.walk = {"newest": newest, "token": token} if token and newest else {}
        if token is None:
            self.since = newest

    def page(self, pipelines: Sequence[Any]) -> Page:
        """The page of pipelines with the cursor behind them."""
        facts = Facts(source=self.project.name)
        for pipeline in self._completed(pipelines):
            if revision_of(pipeline.raw):
                facts.take(parse_pipeline(pipeline, self.project.context))
            elif pipeline.jobs:
                self.unversioned.add(self.project.context.project)
        requests, quota = self.client.take_requests(), self.client.quota
        return Page(facts.events, self._cursor(), facts.rejected, requests, quota=quota)

    def ending(self) -> Iterator[Page]:
        """A last page with what an operator should know, if there is anything."""
        remarks = without_revision(sorted(self.unversioned)) + unread("pipelines", self.refused)
        remarks += unread("jobs of workflows", self.without_jobs) + unread("details of jobs", self.without_details)
        if remarks:
            yield Page((), self._cursor(), remarks=remarks, unread=self._unread())

    def _unread(self) -> frozenset[str]:
        if self.refused:
            return self.project.reads
        deployments = {"deployment"} if self.project.context.deploying else set[str]()
        return frozenset({"job", "gate"} | deployments) if self.without_jobs else frozenset()

    def _cursor(self) -> Cursor:
        border = (instant(self.walk.get("newest") or self.since) or self.now) - 2 * self.project.overlap
        self.recent = {id_: at for id_, at in self.recent.items() if (instant(at) or self.now) >= border}
        known = {"since": self.since, "walk": self.walk, "recent": self.recent, "watched": self.watched}
        without_jobs = dict(list(as_cursor(self.without_jobs).items())[-MOST_NAMED:])
        found: dict[str, Any] = {key: value for key, value in known.items() if value}
        found |= {"without_jobs": without_jobs} if without_jobs else {}
        return {**found, "unversioned": sorted(self.unversioned)} if self.unversioned else found

    def _completed(self, pipelines: Sequence[Any]) -> list[Pipeline]:
        """Pipelines with their workflows, and the jobs of workflows that have not landed for good."""
        pipelines = [each for each in pipelines if isinstance(part(each, "id"), str)]
        workflows = self._lists(
            {each["id"]: f"{API}/pipeline/{each['id']}/workflow" for each in pipelines}, self.refused)  # fmt: skip
        wanted = [
            part(workflow, "id") for id_, its in workflows.items() for workflow in its
            if part(workflow, "id") not in self.watched.get(id_, {}).get("done", ())
        ]  # fmt: skip
        jobs = self._lists({id_: f"{API}/workflow/{id_}/job" for id_ in wanted}, self.without_jobs)
        if self.project.job_details:
            jobs = {id_: self._detailed(its) for id_, its in jobs.items()}
        completed = []
        for pipeline in pipelines:
            its = workflows[pipeline["id"]]
            ids = {part(workflow, "id") for workflow in its}
            completed.append(Pipeline(pipeline, its, {id_: each for id_, each in jobs.items() if id_ in ids}))
            self._watch(pipeline, its)
        return completed

    def _lists(self, paths: Mapping[Any, str], refused: dict[str, SourceGone]) -> dict[Any, list[Any]]:
        """The whole list at each address; an empty one where it is gone or forbidden."""
        found = {}
        for name, answer in zip(paths, each_found(self.client, map(Request, paths.values())), strict=True):
            items: list[Any] = []
            if isinstance(answer, SourceForbidden):
                refused[str(name)] = answer
            if isinstance(answer, Answer):
                items += listed(answer, "items")
                onward = TOKENS.after(answer)
                if onward:
                    for more in self.client.pages(answer.request.asking(onward), TOKENS):
                        items += listed(more, "items")
            found[name] = items
        return found

    def _detailed(self, jobs: Sequence[Any]) -> list[Any]:
        """Jobs with when they were queued and on what they ran, which only a call for each tells."""
        numbered = [job for job in jobs if part(job, "job_number") is not None]
        path = f"{API}/project/{self.project.context.project}/job"
        answers = list(each_found(self.client, [Request(f"{path}/{job['job_number']}") for job in numbered]))
        self.without_details |= {
            str(job["job_number"]): answer for job, answer in zip(numbered, answers, strict=True)
            if isinstance(answer, SourceForbidden)
        }  # fmt: skip
        told = {
            job["job_number"]: {key: answer.body[key] for key in ("queued_at", "executor") if part(answer.body, key)}
            for job, answer in zip(numbered, answers, strict=True) if isinstance(answer, Answer)
        }  # fmt: skip
        return [{**job, **told.get(part(job, "job_number"), {})} for job in jobs]

    def _watch(self, pipeline: Mapping[str, Any], workflows: Sequence[Any]) -> None:
        id_, at = pipeline["id"], part(pipeline, "created_at")
        over = [each for each in workflows if has_ended(each)]
        age = self.now - (created(pipeline) or self.now)
        # its workflows come a moment after it, and those that a setup workflow decides on when that has ended
        begins = part(pipeline, "state") in BEGINS or (not workflows and age < SHORTEST)
        begins = begins and part(pipeline, "state") != "errored"
        repeatable = age < REPEATED_WITHIN and any(may_be_repeated(each) for each in over)
        if len(over) == len(workflows) and not (begins or repeatable):
            self.forget([id_])
            self.recent[id_] = at
            return
        running = begins or any(part(each, "status") in {"running", "failing"} for each in workflows)
        done = [part(each, "id") for each in over]
        self.watched[id_] = {"created": at, "asked": self.now.isoformat(), "done": done, "running": running}


def created(pipeline: object) -> datetime | None:
    """When a pipeline was made."""
    return instant(part(pipeline, "created_at"))
