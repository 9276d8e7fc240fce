"""Reading runs of Actions with their jobs, from whichever list the server has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collectors.forge.facts import Raw, when
from collectors.forge.reading import Landing, Reading, State, Waiting
from collectors.gitea.actions import begun, conclusion_of, parse_job, parse_run, parse_tasks
from collectors.gitea.newest import Newest, keyed
from collectors.http.paging import listed
from collectors.parsed import merged, part, parts, whole
from tribometer.errors import SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from collectors.parsed import Parsed

ITEMS, JOBS = "workflow_runs", "jobs"
RERUN_WITHIN = timedelta(days=1)
"""The list is by when runs were created: one that is run again later than this is not looked at."""
WINDOW = timedelta(days=7)
TIMES = ("created_at", "created", "started_at", "started", "run_started_at")
NO_RUNS = Remark(
    "this server tells nothing of runs of Actions",
    "Update it to Gitea 1.22, Forgejo 7 or newer; if another CI server runs the checks, add that as a source",
)


def _created_at(raw: Raw) -> datetime | None:
    return next((at for key in TIMES if (at := when(raw.get(key)))), None)


def _stamp(raw: Raw) -> str:
    told = ("run_attempt", "status", "conclusion", "updated_at", "updated")
    return " ".join(str(raw.get(key)) for key in told)


LISTED = Newest("/actions/runs", {}, _created_at, _stamp, RERUN_WITHIN, ITEMS)


@dataclass(frozen=True)
class Runs(Waiting):
    """Runs that are new or changed, and those that had not ended; each costs one request for its jobs.

    State besides that of the list: ``open``, runs that had not ended. What is listed again needs no other question.
    """

    jobs: bool = True

    what = "runs"
    permission = "the scope `read:repository`"
    reads = frozenset({"run", "job"})

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """Runs; of older servers tasks; of those before nothing, which is remarked on."""
        try:
            yield from self._runs(reading, state)
        except SourceMissing:
            yield from _tasks(reading, state)

    def _runs(self, reading: Reading, state: State) -> Iterator[Landing]:
        met = set[Any]()
        for chunk, after in LISTED.chunks(reading, state):
            met |= {raw.get("id") for raw in chunk}
            landing = self._landed(reading, chunk, {**after, "open": state.get("open", [])})
            state = landing.state
            yield landing
        rest = [identity for identity in state.get("open", ()) if identity not in met]
        if rest:
            found = reading.found([f"/actions/runs/{identity}" for identity in rest])
            left = {**state, "open": [identity for identity in state["open"] if identity in met]}
            yield self._landed(reading, [raw for raw in found if isinstance(raw, dict)], left)

    def _landed(self, reading: Reading, runs: Sequence[Raw], state: State) -> Landing:
        told = [parse_run(raw, reading.place) for raw in runs if begun(raw)]
        named = {raw.get("id") for raw in runs}
        still = [raw.get("id") for raw in runs if conclusion_of(raw) is None]
        before = [identity for identity in state.get("open", ()) if identity not in named]
        return Landing({**state, "open": [*before, *still]}, merged([*told, *self._jobs(reading, runs)]))

    def _jobs(self, reading: Reading, runs: Sequence[Raw]) -> Iterator[Parsed]:
        """The jobs of runs; Forgejo tells none."""
        if not self.jobs or not runs:
            return
        paths = [f"/actions/runs/{raw.get('id')}/jobs" for raw in runs]
        for path, body in zip(paths, reading.found(paths, reading.pages.first()), strict=True):
            first = parts(body, JOBS)
            more = (whole(part(body, "total_count")) or 0) > len(first) > 0
            for raw in _all_jobs(reading, path) if more else first:
                if isinstance(raw, dict):
                    yield parse_job(raw, reading.place)


def _all_jobs(reading: Reading, path: str) -> Iterator[Raw]:
    for answer in reading.client.pages(reading.request(path), keyed(reading, JOBS)):
        yield from listed(answer, JOBS)


def _tasks(reading: Reading, state: State) -> Iterator[Landing]:
    """The tasks of a week, or all at first, at once: a run is told by all its tasks, and those of a re-run come late.

    Of runs that began before that some tasks may be missing: they are left as they were told.
    """
    since = when(state.get("since"))
    until, tasks, known = since - WINDOW if since else None, list[Raw](), 0
    try:
        for answer in reading.client.pages(reading.request("/actions/tasks"), keyed(reading, ITEMS)):
            found = [raw for raw in listed(answer, ITEMS) if isinstance(raw, dict)]
            old = [raw for raw in found if until and (_created_at(raw) or until) < until]
            tasks += found
            if old:
                known = max((whole(raw.get("run_number")) or 0) for raw in old)
                break
    except SourceMissing:
        yield Landing(state, remarks=(NO_RUNS,))
        return
    complete = [raw for raw in tasks if (whole(raw.get("run_number")) or 0) > known]
    newest = max(filter(None, map(_created_at, tasks)), default=since)
    yield Landing({"since": newest.isoformat()} if newest else {}, parse_tasks(complete, reading.place))
