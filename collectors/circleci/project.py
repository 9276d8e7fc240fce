"""One project of CircleCI: its pipelines, their workflows and jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collectors.base import NO_ETAGS, Defaults, Page
from collectors.ci.asking import each_found, unread
from collectors.ci.facts import Facts, without_revision
from collectors.circleci.parse import Context, Pipeline, has_ended, may_be_repeated, parse_pipeline, revision_of
from collectors.http.exchange import Answer, Request
from collectors.http.paging import MOST_PAGES, TokenPages, listed
from collectors.parsed import part
from collectors.times import instant
from tribometer.errors import SourceForbidden, SourceGone, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collectors.base import Cursor, ETags
    from collectors.http.client import Client

API = "/api/v2"
TOKENS = TokenPages("page-token", "next_page_token")
REPEATED_WITHIN = timedelta(days=3)
"""How long a pipeline that failed is watched for re-runs: they are workflows of the same, old pipeline."""
BEGINS = frozenset({"pending", "setup-pending", "setup"})
SHORTEST, LONGEST = timedelta(minutes=30), timedelta(hours=6)
"""Between two looks at a pipeline that waits for a person, which grow with its age."""


@dataclass(frozen=True)
class CircleCIProject(Defaults):
    """One project.

    Cursor: ``since``, when the newest pipeline that landed was created; ``walk``, how far a walk from the newest to the
    oldest has come (``token`` of the next page, ``newest`` it began with); ``recent``, pipelines that the overlap shows
    again; ``watched``, pipelines that may still change, each with when it was created and asked for last, its
    workflows that have landed for good, and whether any of them is running. A pipeline costs one request, and each of
    its workflows one, at its end; with ``job_details`` each job one more.
    """

    context: Context
    client: Client = field(compare=False)
    job_details: bool = False

    kind = "circleci"
    reads = frozenset({"run", "job", "gate", "deployment"})
    overlap = timedelta(minutes=10)

    @property
    def name(self) -> str:
        """The events' source."""
        return self.context.source

    def position(self, cursor: Cursor) -> str:
        """The newest pipeline, and how many are watched."""
        return f"{cursor.get('since', 'the beginning')}, {len(cursor.get('watched', {})):,} watched"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield pipelines that have changed, then new ones, newest first; raise `SourceError`."""
        del etags  # CircleCI gives no validators
        state = _State(self, since or {})
        due = state.due()
        if due and not state.walk:
            asked = each_found(self.client, [Request(f"{API}/pipeline/{id_}") for id_ in due])
            found = {id_: answer for id_, answer in zip(due, asked, strict=True) if isinstance(answer, Answer)}
            state.forget(set(due) - found.keys())
            yield state.page([answer.body for answer in found.values()])
        until = instant(state.since)
        yield from self._new(state, until - self.overlap if until else None)
        yield from state.ending()

    def _new(self, state: _State, until: datetime | None) -> Iterator[Page]:
        token = state.walk.get("token")
        for number in range(MOST_PAGES):
            answer = self._pipelines(token, kept=number == 0)
            pipelines, onward = listed(answer, "items"), TOKENS.after(answer)
            wanted = [each for each in pipelines if until is None or (_created(each) or until) >= until]
            before, token = token, str(onward["page-token"]) if onward and len(wanted) == len(pipelines) else None
            token = None if token == before else token
            state.walked(pipelines, token)
            yield state.page([each for each in wanted if state.is_new(each)])
            if token is None:
                return

    def _pipelines(self, token: str | None, *, kept: bool) -> Answer:
        path = f"{API}/project/{self.context.project}/pipeline"
        try:
            return self.client.get(path, {"page-token": token} if token else {})
        except (SourceForbidden, SourceMissing):
            raise
        except SourceGone:
            # a token that was kept over a kill may be good no longer: the walk begins anew
            if token is None or not kept:
                raise
            return self.client.get(path)


@dataclass
class _State:
    """What a collection knows so far, and how it makes pages of pipelines."""

    project: CircleCIProject
    before: Cursor

    def __post_init__(self) -> None:
        self.since: str | None = self.before.get("since")
        self.walk: dict[str, str] = dict(self.before.get("walk", {}))
        self.recent: dict[str, str] = dict(self.before.get("recent", {}))
        self.watched: dict[str, dict[str, Any]] = dict(self.before.get("watched", {}))
        self.unversioned = set(self.before.get("unversioned", ()))
        self.forbidden: SourceForbidden | None = None
        self.client, self.now = self.project.client, self.project.client.server.clock()

    def due(self) -> list[str]:
        """Watched pipelines to look at again: what runs, always; what waits for a person, ever more seldom."""
        return [id_ for id_, each in self.watched.items() if each.get("running") or self._waited(each)]

    def _waited(self, watched: Mapping[str, Any]) -> bool:
        asked, created = instant(watched["asked"]) or self.now, instant(watched["created"]) or self.now
        return self.now - asked >= min(LONGEST, max(SHORTEST, asked - created))

    def forget(self, pipelines: Iterable[str]) -> None:
        """Watch these no longer: they are gone."""
        for id_ in pipelines:
            self.watched.pop(id_, None)

    def is_new(self, pipeline: object) -> bool:
        """Whether it has not been looked at yet."""
        return part(pipeline, "id") not in self.recent.keys() | self.watched.keys()

    def walked(self, pipelines: Sequence[Any], token: str | None) -> None:
        """Note how far the walk is; at its end, the next one begins with the newest pipeline that it saw."""
        times = [part(each, "created_at") for each in pipelines if _created(each)]
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
        remarks = without_revision(sorted(self.unversioned)) + unread("workflows or jobs", self.forbidden)
        if remarks:
            yield Page((), self._cursor(), remarks=remarks)

    def _cursor(self) -> Cursor:
        border = (instant(self.walk.get("newest") or self.since) or self.now) - 2 * self.project.overlap
        self.recent = {id_: at for id_, at in self.recent.items() if (instant(at) or self.now) >= border}
        known = {"since": self.since, "walk": self.walk, "recent": self.recent, "watched": self.watched}
        found: dict[str, Any] = {key: value for key, value in known.items() if value}
        return {**found, "unversioned": sorted(self.unversioned)} if self.unversioned else found

    def _completed(self, pipelines: Sequence[Any]) -> list[Pipeline]:
        """Pipelines with their workflows, and the jobs of workflows that have not landed for good."""
        pipelines = [each for each in pipelines if isinstance(part(each, "id"), str)]
        workflows = dict(zip((each["id"] for each in pipelines), self._lists(
            f"{API}/pipeline/{each['id']}/workflow" for each in pipelines), strict=True))  # fmt: skip
        wanted = [
            part(workflow, "id") for id_, its in workflows.items() for workflow in its
            if part(workflow, "id") not in self.watched.get(id_, {}).get("done", ())
        ]  # fmt: skip
        jobs = dict(zip(wanted, self._lists(f"{API}/workflow/{id_}/job" for id_ in wanted), strict=True))
        if self.project.job_details:
            jobs = {id_: self._detailed(its) for id_, its in jobs.items()}
        completed = []
        for pipeline in pipelines:
            its = workflows[pipeline["id"]]
            ids = {part(workflow, "id") for workflow in its}
            completed.append(Pipeline(pipeline, its, {id_: each for id_, each in jobs.items() if id_ in ids}))
            self._watch(pipeline, its)
        return completed

    def _lists(self, paths: Iterable[str]) -> list[list[Any]]:
        """The whole list at each address; an empty one where it is gone or forbidden."""
        found = []
        for answer in each_found(self.client, [Request(path) for path in paths]):
            items: list[Any] = []
            if isinstance(answer, SourceForbidden):
                self.forbidden = answer
            if isinstance(answer, Answer):
                items += listed(answer, "items")
                onward = TOKENS.after(answer)
                if onward:
                    for more in self.client.pages(answer.request.asking(onward), TOKENS):
                        items += listed(more, "items")
            found.append(items)
        return found

    def _detailed(self, jobs: Sequence[Any]) -> list[Any]:
        """Jobs with when they were queued and on what they ran, which only a call for each tells."""
        numbered = [job for job in jobs if part(job, "job_number") is not None]
        path = f"{API}/project/{self.project.context.project}/job"
        answers = each_found(self.client, [Request(f"{path}/{job['job_number']}") for job in numbered])
        told = {
            job["job_number"]: {key: answer.body[key] for key in ("queued_at", "executor") if part(answer.body, key)}
            for job, answer in zip(numbered, answers, strict=True) if isinstance(answer, Answer)
        }  # fmt: skip
        return [{**job, **told.get(part(job, "job_number"), {})} for job in jobs]

    def _watch(self, pipeline: Mapping[str, Any], workflows: Sequence[Any]) -> None:
        id_, created = pipeline["id"], part(pipeline, "created_at")
        over = [each for each in workflows if has_ended(each)]
        age = self.now - (_created(pipeline) or self.now)
        # its workflows come a moment after it, and those that a setup workflow decides on when that has ended
        begins = part(pipeline, "state") in BEGINS or (not workflows and age < SHORTEST)
        begins = begins and part(pipeline, "state") != "errored"
        repeatable = age < REPEATED_WITHIN and any(may_be_repeated(each) for each in over)
        if len(over) == len(workflows) and not (begins or repeatable):
            self.forget([id_])
            self.recent[id_] = created
            return
        running = begins or any(part(each, "status") in {"running", "failing"} for each in workflows)
        done = [part(each, "id") for each in over]
        self.watched[id_] = {"created": created, "asked": self.now.isoformat(), "done": done, "running": running}


def _created(pipeline: object) -> datetime | None:
    return instant(part(pipeline, "created_at"))
