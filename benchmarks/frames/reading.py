"""The tables of a store as frames, and what every computation over them shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tribometer.store import Reader

COLUMNS: Mapping[str, str] = {
    "runs": "id, repository, workflow, run, attempt, sha, tree_sha, branch, event, actor_kind, change_id, created_at, "
    "started_at, completed_at, conclusion",
    "jobs": "run_id, name, required, queued_at, started_at, completed_at, conclusion, failure_class",
    "gates": "run_id, deployment_id, requested_at, decided_at",
    "deployments": "id, service, path, run_id",
    "production_deployments": "service, id, path, role, finished_at",
    "commits": "repository, sha, tree_sha",
    "changes": "id, repository, author, author_kind, base, created_at, ready_at, merged_at, closed_at, additions, "
    "deletions, file_changes",
    "reviews": "change_id, reviewer, reviewer_kind, submitted_at",
    "people": "id, kind",
    "services": "name, repository, template, created_at",
    "template_releases": "template",
    "requests": "template, status, requested_at, fulfilled_at, usable_at, human_touches",
}
"""Every source has ids of its own in these stores, so an id alone tells rows apart."""
Frames = dict[str, pd.DataFrame]
FAILED = ("failure", "timed_out")
LEAST = 6
"""Values of a service of which a median is told."""


@dataclass(frozen=True)
class Window:
    """From when to when, and the time at which it is computed; naive UTC."""

    start: pd.Timestamp
    end: pd.Timestamp
    now: pd.Timestamp

    def holds(self, at: pd.Series) -> pd.Series:
        """Whether each time lies in it; never where there is none."""
        return (at >= self.start) & (at < self.end)


def read(reader: Reader) -> Frames:
    """Read every table that any of the computations needs, whole."""
    return {name: reader.table(f"SELECT {columns} FROM {name}").to_pandas() for name, columns in COLUMNS.items()}  # noqa: S608 - our own


def seconds(start: pd.Series, end: pd.Series) -> pd.Series:
    """Seconds from one time to the other, at least 0; none where either is missing."""
    return (end - start).dt.total_seconds().clip(lower=0.0)


def median_of_services(values: pd.Series, repository: pd.Series, least: int = 1) -> float:
    """The median over repositories, each one service's, of their medians; of those with enough values."""
    grouped = values.groupby(repository)
    return float(grouped.median()[grouped.size() >= least].median())


def mean_of_services(values: pd.Series, repository: pd.Series) -> float:
    """The median over repositories, each one service's, of their means."""
    return float(values.groupby(repository).mean().median())
