"""Reading workflow runs with every attempt and their jobs.

The list is read newest first, 100 runs to a request. Jobs come from one request for each run that is new or changed,
those of all its attempts at once; an attempt before the last one is one request more. GitHub gives no more than
1,000 runs to a filtered list: then it is asked anew for those created until the last one that was read, and so is a
list whose reading was cut off, because its pages may have moved since.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from collectors.forge.reading import Landing, Waiting
from collectors.github.parse import parse_job, parse_run, parse_workflow_deployment
from collectors.github.run_walk import PER_PAGE, RunWalk, attempt_of
from collectors.http.paging import LinkPages, Walk
from collectors.parsed import Parsed, merged, part, parts, text
from tribometer.events import Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from collectors.forge.reading import State
    from collectors.github.reading import GitHubReading
    from collectors.http.exchange import Answer, Request

    Raw = Mapping[str, Any]

TOGETHER = 20
"""Runs that land together: what a kill has to ask for again."""


@dataclass(frozen=True)
class WorkflowDeployments:
    """Workflows (glob over their file or name) whose runs are deployments to an environment."""

    name: str
    environment: str

    def fits(self, raw: Raw) -> bool:
        """Whether a run is of such a workflow."""
        path = (text(raw, "path") or "").partition("@")[0]
        file = path.rpartition("/")[2]
        names = {path, file, file.rpartition(".")[0], text(raw, "name") or ""}
        return any(fnmatchcase(name, self.name) for name in names if name)


@dataclass(frozen=True)
class Runs(Waiting):
    """Runs of the last days that are new or another than they were, and those that had not ended, however old.

    State: see `collectors.github.run_walk`. A re-run changes its run: those of the last three days are looked at every
    time, those of the last 30 days, for which GitHub allows a re-run, once a day.
    """

    jobs: bool = True
    deploys: WorkflowDeployments | None = None

    what = "workflow runs"
    permission = "`Actions: read` (a classic token: `repo`)"

    @property
    def reads(self) -> frozenset[str]:
        """Who reads no jobs must not vouch for there being none (D3)."""
        told = {"run": True, "job": self.jobs, "deployment": self.deploys is not None}
        return frozenset(kind for kind, wanted in told.items() if wanted)

    def unfinished(self, state: State) -> State:
        """The open runs, as if they had looked otherwise."""
        runs = state.get("open", ())
        return {"open": list(runs), "seen": dict.fromkeys(map(str, runs), "")}

    def read(self, reading: GitHubReading, state: State) -> Iterator[Landing]:
        """Read the list back to what was read before, then ask for each run that had not ended."""
        walk = RunWalk.of(state, reading.now)
        etags = None if walk.until is None else dict[str, str]()
        for answer in walk.answers(reading):
            etags = dict(answer.etags) if etags is None else etags
            for chunk in _chunks(walk.wanted(parts(answer.body, "workflow_runs"))):
                parsed = self._parsed(reading, chunk)
                walk.note(chunk)
                yield Landing(walk.state(), parsed)
        for chunk in _chunks(walk.waiting()):
            asked = [reading.request(f"/actions/runs/{run}") for run in chunk]
            answers = list(reading.each(asked))
            found = walk.wanted([answer.body for answer in answers if answer])
            parsed = self._parsed(reading, found)
            walk.note(found)
            walk.forget(run for run, answer in zip(chunk, answers, strict=True) if answer is None)
            yield Landing(walk.state(), parsed)
        yield Landing(walk.ended(), etags=etags or {})

    def _parsed(self, reading: GitHubReading, raws: Sequence[Raw]) -> Parsed:
        """Everything about some runs, asked for several at a time."""
        questions = [(raw, request) for raw in raws for request in self._questions(reading, raw)]
        answers = reading.each([request for _, request in questions])
        jobs, attempts = dict[int, list[Any]](), dict[int, list[Any]]()
        for (raw, request), answer in zip(questions, answers, strict=True):
            if answer is None:
                continue
            if request.path.endswith("/jobs"):
                jobs.setdefault(raw["id"], []).extend(_all_jobs(reading, answer))
            else:
                attempts.setdefault(raw["id"], []).append(answer.body)
        parsed = Parsed()
        for raw in raws:
            run = part(raw, "id")
            parsed.take(self._events(reading, [*attempts.get(run, ()), raw], jobs.get(run, ())))
        return parsed

    def _questions(self, reading: GitHubReading, raw: Raw) -> Iterator[Request]:
        run = part(raw, "id")
        if self.jobs:
            yield reading.request(f"/actions/runs/{run}/jobs", {"filter": "all", "per_page": PER_PAGE})
        for attempt in range(1, attempt_of(raw)):
            yield reading.request(f"/actions/runs/{run}/attempts/{attempt}")

    def _events(self, reading: GitHubReading, attempts: Iterable[Raw], jobs: Iterable[Raw]) -> Parsed:
        place = reading.place
        parsed = merged(parse_job(raw, place) for raw in jobs)
        made = [event for event in parsed.events if isinstance(event, Job)]
        for raw in attempts:
            own = [job for job in made if job.attempt == attempt_of(raw)]
            parsed.take(parse_run(raw, place, own))
            if self.deploys and self.deploys.fits(raw):
                parsed.take(parse_workflow_deployment(raw, place, self.deploys.environment, own))
            _note_attempts(reading, raw, jobs)
        return parsed


def _all_jobs(reading: GitHubReading, answer: Answer) -> Iterator[Raw]:
    """The jobs of a first page and those behind it."""
    walk = Walk(LinkPages(), reading.place.source)
    walk.first(answer.request)
    following: Answer | None = answer
    while following is not None:
        yield from parts(following.body, "jobs")
        request = walk.after(following)
        following = reading.client.send(request) if request else None


def _note_attempts(reading: GitHubReading, raw: Raw, jobs: Iterable[Raw]) -> None:
    """Remember for the deployments which attempt is whose."""
    run, attempt = part(raw, "id"), attempt_of(raw)
    reading.attempts.last[run] = max(attempt, reading.attempts.last.get(run, 1))
    if attempt > 1:
        reading.attempts.of_job |= {part(job, "id"): part(job, "run_attempt") or 1 for job in jobs}


def _chunks(raws: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(raws), TOGETHER):
        yield raws[begin : begin + TOGETHER]
