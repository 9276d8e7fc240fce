"""Deployments told by CI: the runs and jobs that a pattern of the configuration calls deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from collectors.ci.facts import Facts, fits
from tribometer.events import Job, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS: Mapping[str, str] = {
    "success": "success",
    "failure": "failure",
    "timed_out": "failure",
    "cancelled": "cancelled",
}
"""Status of a deployment by the conclusion of its job; a job that was skipped deployed nothing."""


class Deploying(BaseModel):
    """``deployments = {jobs = ["*deploy*"], environment = "production"}``."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    jobs: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    """Names of what deploys, with ``*`` and ``?``: whole workflows, or jobs (stages, steps) within one."""
    environment: Annotated[str, Field(min_length=1)] = "production"
    """Where to."""


def add_deployments(facts: Facts, deploying: Deploying | None) -> None:
    """Put a deployment of the repository's service behind each run or job that deploys.

    Of a workflow that deploys as a whole, its jobs are none of their own.
    """
    if deploying is None:
        return
    runs = {event.id: event for event in facts.events if isinstance(event, Run)}
    whole = {name: run for name, run in runs.items() if fits(run.workflow, deploying.jobs)}
    jobs = [event for event in facts.events if isinstance(event, Job) and event.run.id in runs.keys() - whole.keys()]
    found: list[tuple[Run | Job, Run]] = [(run, run) for run in whole.values()]
    found += [(job, runs[job.run.id]) for job in jobs if fits(job.name, deploying.jobs)]
    for event, run in found:
        _add(facts, event, run, deploying.environment)


def _add(facts: Facts, event: Run | Job, run: Run, environment: str) -> None:
    if event.conclusion is not None:
        status = STATUS.get(event.conclusion)
    else:
        status = "running" if event.started_at else "queued"
    if status is None:
        return
    facts.say(
        "deployment",
        event.model_dump(mode="json", exclude_none=True),
        id=event.id,
        service=run.repository,
        environment=environment,
        sha=run.sha,
        created_at=event.created_at if isinstance(event, Run) else event.queued_at,
        started_at=event.started_at,
        finished_at=event.completed_at,
        status=status,
        run=run.id,
        url=run.url,
    )
