"""What goes into and comes out of the derivation of production deployments: plain values, no database.

Times are naive UTC as in the store. A key is (source, id) of a deployment event. What the derived fields mean
stands beside their columns in the first migration.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

Key: TypeAlias = tuple[str, str]
Order: TypeAlias = tuple[bool, datetime, str, str]

ROLES_THAT_RAN = ("shipped", "redeploy", "rollback")


@dataclass(frozen=True)
class ServiceScope:
    """A service as the derivation sees it: its name, its repository if the catalog names one, its paths.

    ``beside`` are the services that the repository's name may stand for, itself among them or none. Where its own name
    is only that of a repository, ``stands_for`` are those it may stand for.
    """

    name: str
    repository: str | None = None
    paths: tuple[str, ...] = ()
    beside: frozenset[str] = frozenset()
    stands_for: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class DeploymentRow:
    """One deployment event; the fields are columns of ``deployments``."""

    source: str
    id: str
    environment: str
    status: str
    tier: str | None = None
    sha: str | None = None
    artifact: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    kind: str | None = None
    path: str | None = None
    group_id: str | None = None
    required: bool | None = None
    users_affected: bool | None = None
    inferred_from: str | None = None

    @property
    def key(self) -> Key:
        """The event's identity."""
        return (self.source, self.id)

    @property
    def ended_at(self) -> datetime | None:
        """When it was over, by the best time the source gave; None while it is not."""
        if self.status in {"queued", "running"}:
            return None
        return self.finished_at or self.started_at or self.created_at

    @property
    def order(self) -> Order:
        """By end, ties by id then source; what has no end comes last."""
        return order_of(self.ended_at, self.key)


def order_of(at: datetime | None, key: Key) -> Order:
    """Sort key of deployments: by time, ties by id then source (E5); without a time last."""
    return (at is None, at or datetime.min, key[1], key[0])  # noqa: DTZ901 - times are naive here


@dataclass(frozen=True, kw_only=True)
class ProductionDeployment:
    """One row of ``production_deployments`` without its service; the fields are its columns."""

    source: str
    id: str
    environment: str
    repository: str | None
    group_id: str | None
    sha: str | None
    artifact: str | None
    created_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    first_finished_at: datetime | None
    role: str
    rule: str | None
    users_affected: bool | None
    path: str | None
    inferred_from: str | None
    is_first: bool
    previous_source: str | None
    previous_id: str | None
    previous_finished_at: datetime | None
    commits_known: bool
    history_cut: bool
    backfill: bool
    commit_count: int | None
    restored_source: str | None
    restored_id: str | None
    failed_first_source: str | None
    failed_first_id: str | None
    failed_last_source: str | None
    failed_last_id: str | None


class DeploymentStep(NamedTuple):
    """One row of ``production_deployment_steps`` without its service."""

    source: str
    id: str
    step_source: str
    step_id: str


class ShippedCommit(NamedTuple):
    """One row of ``shipped_commits`` without its service."""

    deployment_source: str
    deployment_id: str
    repository: str
    sha: str


@dataclass(frozen=True)
class Derived:
    """Everything derived for one service; ``missing`` are shas that were needed and not found."""

    deployments: tuple[ProductionDeployment, ...]
    steps: tuple[DeploymentStep, ...]
    shipped: tuple[ShippedCommit, ...]
    missing: frozenset[str]
