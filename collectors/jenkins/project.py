"""One project of Jenkins: a job, or a multibranch project with the jobs of its branches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.base import NO_ETAGS, Defaults, Page
from collectors.http.paging import listed
from collectors.jenkins.builds import BUILD, Builds, address
from collectors.parsed import part
from tribometer.errors import SourceForbidden, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from collectors.base import Cursor, ETags
    from collectors.http.client import Client
    from collectors.jenkins.parse import Context, JenkinsJob

PAGE = 100
SLACK = 50
"""Builds that may begin while older ones are asked for by their place in the list."""


@dataclass(frozen=True)
class JenkinsProject(Defaults):
    """One project.

    Cursor: ``jobs`` by full name, each with ``seen``, the number of the last build that landed, ``open``, builds that
    had not ended then, and ``reruns``, which builds repeat which; ``unversioned``, whether builds named no revision;
    ``several``, repositories of builds that checked out more than one; ``without_stages``, jobs whose stages could not
    be read, and why. Builds come oldest first: of a job with many
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

    def unfinished(self, cursor: Cursor) -> Cursor:
        """What of every job is open, and which builds repeat which."""
        jobs = cursor.get("jobs", {})
        kept = {path: {key: job[key] for key in ("open", "reruns") if key in job} for path, job in jobs.items()}
        return {"jobs": {path: {"seen": 0, **each} for path, each in kept.items()}}

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield what ended of the unfinished builds, then new builds; raise `SourceError` with what to do about it."""
        del etags  # numbers tell what is new, and Jenkins gives no validators
        state = Builds(self, since or {})
        lost = 0
        for job in self.jobs:
            try:
                yield from self._read(job, state)
            except (SourceForbidden, SourceMissing) as error:
                lost, state.refused[job.path] = lost + 1, error
                if lost == len(self.jobs):
                    raise
        yield state.ending()

    def _read(self, job: JenkinsJob, state: Builds) -> Iterator[Page]:
        """One job: what ended of its unfinished builds, then its new builds."""
        unfinished = state.reopened(job)
        if unfinished:
            yield state.page(job, unfinished)
        if job.last > state.known(job)["seen"]:
            for builds in self._new(job, state):
                state.read(job, builds)
                yield state.page(job, builds)
            state.known(job)["seen"] = max(job.last, state.known(job)["seen"])

    def _new(self, job: JenkinsJob, state: Builds) -> Iterator[list[Any]]:
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

    def _numbers(self, job: JenkinsJob, state: Builds) -> list[int]:
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
