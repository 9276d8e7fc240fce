"""CI runs and jobs, gates, deployments, and what is observed to run."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from tribometer.events.base import (
    Address,
    Branch,
    Count,
    Event,
    Instant,
    NumberedTitle,
    References,
    ReferenceTo,
    Text,
    Title,
)


class Run(Event):
    """One attempt of one CI run. The ``id`` names the attempt: a re-run is another event (E18)."""

    TYPE: ClassVar[str] = "run"

    repository: Text
    workflow: Title
    run: NumberedTitle
    """The provider's run number; the same for every attempt."""
    attempt: Count
    sha: Text
    tree_sha: Text | None = None
    branch: Branch | None = None
    event: Text | None = None
    """What triggered it, e.g. ``pull_request``."""
    actor_kind: Literal["human", "machine"] | None = None
    change: Annotated[ReferenceTo, References("change")] | None = None
    created_at: Instant
    """Unchanged by a re-run (GitHub)."""
    started_at: Instant | None = None
    """Of this attempt."""
    completed_at: Instant | None = None
    conclusion: Text | None = None
    """success, failure, timed_out, cancelled, skipped, neutral, action_required; None while it runs."""
    url: Address | None = None


class Job(Event):
    """One job of one run attempt."""

    TYPE: ClassVar[str] = "job"

    run: Annotated[ReferenceTo, References("run")]
    attempt: Count
    name: Title
    required: bool | None = None
    """Whether the change cannot merge without it."""
    runner: Title | None = None
    """Runner label."""
    queued_at: Instant | None = None
    started_at: Instant | None = None
    completed_at: Instant | None = None
    conclusion: Text | None = None
    failure_class: Text | None = None
    """change, flake, infrastructure or unknown (C5)."""


class Gate(Event):
    """A wait for a decision: a human approval, a timer, or a policy check."""

    TYPE: ClassVar[str] = "gate"
    ONE_OF: ClassVar[tuple[str, ...]] = ("deployment", "run", "request")

    deployment: Annotated[ReferenceTo, References("deployment")] | None = None
    run: Annotated[ReferenceTo, References("run")] | None = None
    request: Annotated[ReferenceTo, References("request")] | None = None
    kind: Literal["human", "timer", "policy"]
    requested_at: Instant
    decided_at: Instant | None = None
    decision: Text | None = None
    """approved, rejected, expired …"""


class Deployment(Event):
    """One attempt to bring a version of a service into an environment."""

    TYPE: ClassVar[str] = "deployment"

    service: Text
    environment: Title
    tier: Text | None = None
    """production, staging …; absent: by the configured patterns over ``environment``, else unmapped."""
    sha: Text | None = None
    artifact: Text | None = None
    created_at: Instant | None = None
    started_at: Instant | None = None
    finished_at: Instant | None = None
    status: Literal["queued", "running", "success", "failure", "cancelled"]
    kind: Literal["rollout", "redeploy", "rollback", "config", "canary_step", "flag"] | None = None
    """Absent: inferred from the chain of versions (E7, E8); an explicit kind wins."""
    path: Literal["golden", "other", "manual"] | None = None
    group: NumberedTitle | None = None
    """Steps of one progressive or multi-region roll-out share it (E10)."""
    required: bool | None = None
    """Of a group's steps: whether the roll-out is done only with it; absent counts as true."""
    users_affected: bool | None = None
    """A failed attempt that users felt counts as a failed deployment (E6)."""
    run: Annotated[ReferenceTo, References("run")] | None = None
    url: Address | None = None
    inferred_from: Literal["annotated_tag", "lightweight_tag"] | None = None
    """Set by a collector that takes a release tag for a deployment (E5): explicit deployments win over these.
    ``lightweight_tag`` also says that the time is the commit's committer date, not the tagger's."""


class Observation(Event):
    """What was seen to run, whatever the deployment records say."""

    TYPE: ClassVar[str] = "observation"
    ONE_OF: ClassVar[tuple[str, ...]] = ("sha", "artifact")

    service: Text
    environment: Title
    observed_at: Instant
    sha: Text | None = None
    artifact: Text | None = None
    via: Text | None = None
    """What observed it, e.g. a cluster's API."""
