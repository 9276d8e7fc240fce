"""What Buildkite's REST API says, as events: a build is a run, its command steps are jobs, its block steps are gates.

Buildkite documentation, "Builds API", version 2 of the REST API; no server to try it on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectors.ci.deployments import add_deployments
from collectors.ci.facts import Facts, change_reference, latest, named, repository_of, revision
from collectors.parsed import part, parts, text, whole
from collectors.times import instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from collectors.ci.context import CIContext

BUILD_ENDS = {"passed": "success", "failed": "failure", "canceled": "cancelled", "skipped": "skipped",
              "not_run": "skipped"}  # fmt: skip
JOB_ENDS = {"passed": "success", "failed": "failure", "timed_out": "timed_out", "canceled": "cancelled",
            "skipped": "skipped", "broken": "skipped", "waiting_failed": "skipped", "expired": "timed_out"}  # fmt: skip
"""``broken``: what it depends on failed. ``expired``: no agent took it in time."""
TRIGGERS = {"webhook": ("push", "human"), "ui": ("workflow_dispatch", "human"), "api": ("api", "machine"),
            "trigger_job": ("upstream", "machine"), "schedule": ("schedule", "machine")}  # fmt: skip
AGENT_FAILED = frozenset({"agent_stop", "process_run_error", "agent_refused", "signature_rejected", "stack_error",
                          "agent_incompatible"})  # fmt: skip
AGENT_LOST = -1
"""Exit status of a job whose agent went away."""


def has_ended(build: object) -> bool:
    """Whether a build's result stands. A blocked one counts as ended, as it does for Buildkite: it may stay so."""
    return part(build, "state") in BUILD_ENDS


def has_run(build: object) -> bool:
    """Whether it came to a verdict; one that was cancelled may not even know its commit."""
    return part(build, "state") in {"passed", "failed"}


def name_of(build: object) -> tuple[str, int] | None:
    """Its pipeline and number; None for what is no build."""
    slug, number = text(part(build, "pipeline", "slug")), whole(part(build, "number"))
    return None if slug is None or number is None else (slug, number)


def parse_build(raw: object, context: CIContext, first: int, attempt: int) -> Facts:
    """The run of a build, its jobs and gates, and the deployments among them.

    ``first`` is the build that it repeats, or itself; ``attempt`` counts from 1.
    """
    facts, name = Facts(source=context.source), name_of(raw)
    if name is None:
        facts.reject(raw, "a build has a number and a pipeline")
        return facts
    slug, number = name
    url = part(raw, "pipeline", "repository")
    repository = named(slug, context.repositories) or repository_of(url)
    if repository is None:
        facts.reject(raw, f'pipeline {slug} names no repository; say which: repositories = {{"{slug}" = "…"}}')
        return facts
    run, change = f"{slug}/builds/{number}", part(raw, "pull_request", "id")
    event, actor = TRIGGERS.get(part(raw, "source"), (text(part(raw, "source")), None))
    facts.say(
        "run", raw, id=run, repository=repository, workflow=slug, run=f"{slug}/{first}", attempt=attempt,
        sha=revision(part(raw, "commit")), branch=text(part(raw, "branch")),
        event="pull_request" if change and event == "push" else event, actor_kind=actor,
        change=change_reference(context.forge, url, repository, change),
        created_at=part(raw, "created_at"), started_at=part(raw, "started_at"), completed_at=part(raw, "finished_at"),
        conclusion=BUILD_ENDS.get(part(raw, "state")), url=text(part(raw, "web_url")),
    )  # fmt: skip
    if facts.events:
        jobs = parts(raw, "jobs")
        _add_jobs(facts, jobs, run)
        _add_gates(facts, raw, jobs, run)
        add_deployments(facts, context.deploying)
    return facts


def _add_jobs(facts: Facts, jobs: Sequence[Any], run: str) -> None:
    tries = _tries(jobs)
    for job in jobs:
        if part(job, "type") != "script":
            continue
        state, id_ = part(job, "state"), part(job, "id")
        facts.say(
            "job", job, id=f"{run}/jobs/{id_}", run=run, attempt=tries.get(id_, 1), name=_job_name(job),
            required=False if part(job, "soft_failed") is True else None,
            runner=", ".join(rule for rule in parts(job, "agent_query_rules") if isinstance(rule, str)) or None,
            queued_at=part(job, "runnable_at"), started_at=part(job, "started_at"),
            completed_at=part(job, "finished_at"), conclusion=JOB_ENDS.get(state),
            failure_class="infrastructure" if _agent_failed(job) else None,
        )  # fmt: skip


def _tries(jobs: Sequence[Any]) -> Mapping[object, int]:
    """Which try of its step each job is: a job that was retried names the one that took its place."""
    follows = {part(job, "retried_in_job_id"): part(job, "id") for job in jobs if part(job, "retried_in_job_id")}
    counts = {part(job, "id"): whole(part(job, "retries_count")) or 0 for job in jobs}
    return {id_: 1 + max(counts[id_], sum(1 for _ in _before(id_, follows))) for id_ in counts}


def _before(job: object, follows: Mapping[object, object]) -> Iterator[object]:
    seen = {job}
    while (job := follows.get(job)) is not None and job not in seen:
        seen.add(job)
        yield job


def _job_name(job: object) -> str | None:
    name = next(filter(None, (text(part(job, key)) for key in ("name", "label", "step_key", "command"))), None)
    index, total = whole(part(job, "parallel_group_index")), whole(part(job, "parallel_group_total"))
    return name if name is None or index is None or total is None else f"{name} {index + 1}/{total}"


def _agent_failed(job: object) -> bool:
    failed = part(job, "signal_reason") in AGENT_FAILED or part(job, "exit_status") == AGENT_LOST
    return failed or part(job, "state") == "expired"


def _add_gates(facts: Facts, build: object, jobs: Sequence[Any], run: str) -> None:
    """A block step waits from when the last job before it ended, which is all that tells when it was reached."""
    ended: list[datetime | None] = [instant(part(build, "created_at"))]
    passed = True
    for job in jobs:
        state = part(job, "state")
        if part(job, "type") in {"manual", "block"}:
            decided = instant(part(job, "unblocked_at"))
            decision = "approved" if decided else None
            if state == "canceled" and passed:
                decided, decision = instant(part(build, "finished_at")), "cancelled"
            if decision or state == "blocked":
                facts.say(
                    "gate", job, id=f"{run}/gates/{part(job, 'id')}", run=run, kind="human",
                    requested_at=latest(ended), decided_at=decided, decision=decision,
                )  # fmt: skip
            ended.append(decided)
        elif part(job, "type") == "script":
            ended.append(instant(part(job, "finished_at")))
            passed = passed and (state == "passed" or any(part(job, key) is True for key in ("soft_failed", "retried")))
