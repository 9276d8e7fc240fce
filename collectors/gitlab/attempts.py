"""Which attempt of a pipeline each of its jobs is of.

GitLab keeps the id of a pipeline when jobs of it are retried, so the attempts are told by the jobs: the n-th job of one
name belongs to attempt n, retries that GitLab makes by itself included; GitLab's webhooks count the same
(``retries_count``). An attempt ends with the last job that had ended when the next attempt began; it has failed if any
job of it has, unless that one may fail. The last attempt ends as the pipeline does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.forge.facts import Raw, when
from collectors.parsed import whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True)
class Attempts:
    """The jobs of one pipeline by attempt, and when each attempt began to exist."""

    of: Mapping[Any, int]
    """Attempt of each job by its id."""
    jobs: Sequence[Raw]

    @classmethod
    def among(cls, jobs: Sequence[Raw]) -> Attempts:
        """Count the jobs of each name in the order of their ids."""
        numbered = sorted((job for job in jobs if whole(job.get("id")) is not None), key=lambda job: job["id"])
        names, of = Counter[str](), dict[Any, int]()
        for job in numbered:
            names[str(job.get("name"))] += 1
            of[job["id"]] = names[str(job.get("name"))]
        return cls(of, numbered)

    @property
    def last(self) -> int:
        """The number of the last attempt; a pipeline without jobs has one too."""
        return max(self.of.values(), default=1)

    def began(self, attempt: int) -> datetime | None:
        """When the first job of an attempt was created."""
        times = (when(job.get("created_at")) for job in self.jobs if self.of[job["id"]] == attempt)
        return min(filter(None, times), default=None)

    def until(self, attempt: int) -> list[Raw]:
        """The last job of each name as an attempt left it: those that had ended when the next attempt began."""
        ends = self.began(attempt + 1)
        found = {}
        for job in self.jobs:
            ended = when(job.get("finished_at"))
            if self.of[job["id"]] <= attempt and ended and (ends is None or ended <= ends):
                found[job.get("name")] = job
        return list(found.values())
