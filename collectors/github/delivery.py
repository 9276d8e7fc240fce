"""Workflow runs, jobs and deployments: from one object of GitHub's REST API, or of a webhook, to events."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from collectors.parsed import part, parts, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from collectors.forge.facts import ForgeFacts, Place
    from tribometer.events import Job

MACHINE_EVENTS = frozenset({"schedule"})
COMPLETED, RUNNING = "completed", "in_progress"
MADE_BY = re.compile(r"/actions/runs/(?P<run>\d+)(?:/job/(?P<job>\d+))?")
INACTIVE = "inactive"
OUTCOMES: Mapping[str, str] = {
    "success": "success", "failure": "failure", "error": "failure", "in_progress": "running",
    "queued": "queued", "pending": "queued", "waiting": "queued",
}  # fmt: skip
"""Status of a deployment by the state that GitHub gives its status."""
ORDER: Mapping[str, int] = {"waiting": 1, "in_progress": 2, "success": 3, "failure": 3, "error": 3, "inactive": 4}
"""Which status comes later of two that were made within one second."""
STATES: Mapping[str, str] = {**OUTCOMES, "active": "success", "destroyed": "success", "abandoned": "cancelled"}
"""The same by the deployment's own state, which stands where it has no status."""
CONCLUSIONS: Mapping[str, str] = {
    "success": "success", "failure": "failure", "timed_out": "failure", "startup_failure": "failure",
}  # fmt: skip
CANCELLED = "cancelled"
FINAL = frozenset({"success", "failure", CANCELLED})


def parse_run(raw: Mapping[str, Any], place: Place, jobs: Iterable[Job] = ()) -> ForgeFacts:
    """One attempt of a workflow run; ``jobs`` are those of this attempt, where they are known.

    It ends with its last job: GitHub's ``updated_at`` moves on when its logs are deleted.
    The workflow is called by its file, since a run's name may be made anew for every run.
    """
    finished = _finished(raw)
    ends = [job.completed_at for job in jobs if job.completed_at]
    return place.told(
        "run",
        place.run(part(raw, "id"), part(raw, "run_attempt") or 1),
        version=text(raw, "updated_at"),
        repository=place.repository,
        workflow=workflow_of(raw),
        run=part(raw, "id"),
        attempt=part(raw, "run_attempt") or 1,
        sha=text(raw, "head_sha"),
        tree_sha=text(raw, "head_commit", "tree_id"),
        branch=text(raw, "head_branch"),
        event=text(raw, "event"),
        actor_kind=_actor_kind(raw),
        change=_change(raw, place),
        created_at=text(raw, "created_at"),
        started_at=text(raw, "run_started_at"),
        completed_at=(max(ends) if ends else text(raw, "updated_at")) if finished else None,
        conclusion=(text(raw, "conclusion") or "").lower() or None,
        url=text(raw, "html_url"),
    )


def parse_job(raw: Mapping[str, Any], place: Place) -> ForgeFacts:
    """One job of one attempt. What waits has a ``started_at`` at GitHub too, and it means nothing yet."""
    finished = _finished(raw)
    begun = finished or (text(raw, "status") or "").lower() == RUNNING
    attempt = part(raw, "run_attempt") or 1
    return place.told(
        "job",
        place.job(part(raw, "id")),
        run=place.run(part(raw, "run_id"), attempt),
        attempt=attempt,
        name=text(raw, "name"),
        runner=", ".join(label for label in parts(raw, "labels") if isinstance(label, str)) or None,
        queued_at=text(raw, "created_at"),
        started_at=text(raw, "started_at") if begun else None,
        completed_at=text(raw, "completed_at") if finished else None,
        conclusion=(text(raw, "conclusion") or "").lower() or None,
    )


def parse_deployment(
    raw: Mapping[str, Any], statuses: Sequence[Mapping[str, Any]], place: Place, *, run: str | None = None
) -> ForgeFacts:
    """A deployment by its statuses, in any order; ``run`` is the id of the run that made it, where that is known.

    ``inactive`` tells that another one has taken its place, which happens to successful ones: the state before counts.
    """
    ordered = sorted(statuses, key=lambda status: (text(status, "created_at") or "", ORDER.get(_state(status), 0)))
    real = [status for status in ordered if _state(status) in OUTCOMES]
    status = _status(raw, real, inactive=any(_state(each) == INACTIVE for each in ordered))
    last = text(ordered[-1], "created_at") if ordered else None
    latest = real[-1] if real else None
    return place.told(
        "deployment",
        place.deployment(part(raw, "id")),
        version=max(filter(None, (text(raw, "updated_at"), last)), default=None),
        service=place.repository,
        environment=text(raw, "environment"),
        sha=text(raw, "sha"),
        created_at=text(raw, "created_at"),
        started_at=next((text(each, "created_at") for each in real if _state(each) == RUNNING), None),
        finished_at=_finished_at(real) if status in FINAL else None,
        status=status,
        run=run,
        url=text(latest, "log_url") or text(latest, "environment_url"),
    )


def parse_workflow_deployment(
    raw: Mapping[str, Any], place: Place, environment: str, jobs: Iterable[Job] = ()
) -> ForgeFacts:
    """A run of the workflow that deploys, as a deployment; a skipped one has deployed nothing."""
    conclusion = (text(raw, "conclusion") or "").lower()
    if conclusion == "skipped":
        return place.facts()
    run = place.run(part(raw, "id"), part(raw, "run_attempt") or 1)
    ends = [job.completed_at for job in jobs if job.completed_at]
    return place.told(
        "deployment",
        run and f"{run}/deployment",
        version=text(raw, "updated_at"),
        service=place.repository,
        environment=environment,
        sha=text(raw, "head_sha"),
        created_at=text(raw, "created_at"),
        started_at=text(raw, "run_started_at"),
        finished_at=(max(ends) if ends else text(raw, "updated_at")) if _finished(raw) else None,
        status=_workflow_status(raw, conclusion),
        run=run,
        url=text(raw, "html_url"),
    )


def workflow_of(raw: Mapping[str, Any]) -> str | None:
    """File of a run's workflow, without the ref it was taken from; its name where GitHub says no file."""
    return (text(raw, "path") or "").partition("@")[0] or text(raw, "name")


def made_by(statuses: Iterable[Mapping[str, Any]]) -> tuple[int, int | None] | None:
    """Run and job that a deployment's log is of; None when no workflow made it."""
    for status in statuses:
        found = MADE_BY.search(text(status, "log_url") or text(status, "target_url") or "")
        if found:
            return int(found["run"]), int(found["job"]) if found["job"] else None
    return None


def _finished(raw: Mapping[str, Any]) -> bool:
    return (text(raw, "status") or "").lower() == COMPLETED or text(raw, "conclusion") is not None


def _actor_kind(raw: Mapping[str, Any]) -> Literal["human", "machine"] | None:
    """Who triggered this attempt: of a re-run not the author of the first one."""
    if text(raw, "event") in MACHINE_EVENTS:
        return "machine"
    kind = text(raw, "triggering_actor", "type") or text(raw, "actor", "type")
    return None if kind is None else "human" if kind == "User" else "machine"


def _change(raw: Mapping[str, Any], place: Place) -> str | None:
    """The pull request it ran for, when it is one of this repository and the only one."""
    numbers = [part(each, "number") for each in parts(raw, "pull_requests")]
    return place.change(numbers[0]) if len(numbers) == 1 and isinstance(numbers[0], int) else None


def _state(status: Mapping[str, Any]) -> str:
    return (text(status, "state") or "").lower()


def _status(raw: Mapping[str, Any], real: Sequence[Mapping[str, Any]], *, inactive: bool) -> str:
    if real:
        return OUTCOMES[_state(real[-1])]
    state = (text(raw, "state") or "").lower()
    return "success" if inactive or state == INACTIVE else STATES.get(state, "queued")


def _finished_at(real: Sequence[Mapping[str, Any]]) -> str | None:
    """When the last outcome was said for the first time: some tools say it again later."""
    outcome = OUTCOMES[_state(real[-1])] if real else None
    first = None
    for status in reversed(real):
        if OUTCOMES[_state(status)] != outcome:
            break
        first = text(status, "created_at")
    return first


def _workflow_status(raw: Mapping[str, Any], conclusion: str) -> str:
    if _finished(raw):
        return CONCLUSIONS.get(conclusion, CANCELLED)
    return "running" if (text(raw, "status") or "").lower() == RUNNING else "queued"
