"""Pipelines, jobs and deployments of GitLab as events; pure.

GitLab, "Pipelines API", "Jobs API", "Deployments API". A pipeline is a run, and its attempts are told by its jobs
(`collectors.gitlab.attempts`).
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collectors.ci.facts import Facts, latest, revision
from collectors.forge.facts import ForgeFacts, Place, Raw, below, when
from collectors.gitlab.attempts import Attempts
from collectors.gitlab.parse import kind_of
from collectors.parsed import part, parts, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

FILE = ".gitlab-ci.yml"
PUSHED = frozenset({"push", "web", "webide", "api", "trigger", "chat", "pipeline"})
"""What sets off the pipeline of a branch; anything else chooses other jobs, and is a workflow of its own."""
ACTORS: Mapping[str, str] = {
    "push": "human", "web": "human", "webide": "human", "chat": "human", "merge_request_event": "human",
    "schedule": "machine", "trigger": "machine", "pipeline": "machine", "parent_pipeline": "machine",
    "external": "machine", "security_orchestration_policy": "machine",
}  # fmt: skip
"""Who set it off, by its source; of others nothing is said."""
CHILD = "parent_pipeline"
MERGE_REQUEST = re.compile(r"refs/merge-requests/(?P<number>\d+)/")
CONCLUSIONS: Mapping[str, str] = {
    "success": "success", "failed": "failure", "canceled": "cancelled", "skipped": "skipped",
    "manual": "action_required",
}  # fmt: skip
"""Conclusion by the status of a pipeline or job. A pipeline that waits for somebody to start a job is ``manual``."""
ENDED = frozenset({"success", "failed", "canceled", "skipped"})
STATUSES: Mapping[str, str] = {
    "created": "queued", "blocked": "queued", "running": "running", "success": "success", "failed": "failure",
    "canceled": "cancelled", "skipped": "cancelled",
}  # fmt: skip
"""Status of a deployment; ``blocked`` waits for an approval."""
OF_GITLAB = frozenset({
    "api_failure", "data_integrity_failure", "image_pull_failure", "runner_system_failure", "runner_unsupported",
    "scheduler_failure", "stale_schedule", "stuck_or_timeout_failure",
})  # fmt: skip
"""Reasons of a failed job that are no verdict on the code (C5); of a script that failed nothing is said."""
FINAL = frozenset({"success", "failure", "cancelled"})
LONGEST_WAIT = 366 * 86_400
NO_TIER = "other"
"""GitLab's tier of an environment whose name tells it nothing: then the configured patterns decide."""


def parse_pipeline(
    raw: Raw, place: Place, jobs: Sequence[Raw] = (), *, parent: str | None = None, trigger: str | None = None
) -> Facts:
    """A run for each attempt of a pipeline, and its jobs, retried ones included.

    ``parent`` is the id of the run whose job ``trigger`` set off this child pipeline, where it is known.
    """
    facts, attempts = place.facts(), Attempts.among(jobs)
    for attempt in range(1, attempts.last + 1):
        facts.tell(
            "run",
            place.run(raw.get("id"), attempt),
            **_common(raw, place, trigger),
            **(_last_attempt(raw, attempts) if attempt == attempts.last else _attempt(raw, attempts, attempt)),
            attempt=attempt,
            parent=parent,
        )
    for job in attempts.jobs:
        facts.take(parse_job(job, place, raw.get("id"), attempts.of[job["id"]]))
    return facts


def parse_job(raw: Raw, place: Place, pipeline: object, attempt: int) -> ForgeFacts:
    """One job; manual ones that nobody has started are none. Where it ran is told by the runner's tags, or its name."""
    status = text(raw, "status") or ""
    if status == "manual":
        return place.facts()
    runner = raw.get("runner")
    tags = parts(raw, "tag_list") or parts(runner, "tags")
    allowed_to_fail = raw.get("allow_failure")
    return place.told(
        "job",
        place.job(raw.get("id")),
        version=latest(when(raw.get(key)) for key in ("created_at", "started_at", "finished_at")),
        run=place.run(pipeline, attempt),
        attempt=attempt,
        name=text(raw.get("name")),
        required=not allowed_to_fail if isinstance(allowed_to_fail, bool) else None,
        runner=", ".join(tag for tag in tags if isinstance(tag, str)) or text(part(runner, "description")),
        queued_at=_queued_at(raw),
        started_at=when(raw.get("started_at")),
        completed_at=when(raw.get("finished_at")) if status in ENDED else None,
        conclusion=CONCLUSIONS.get(status) if status in ENDED else None,
        failure_class="infrastructure" if status == "failed" and text(raw.get("failure_reason")) in OF_GITLAB else None,
    )


def parse_deployment(raw: Raw, place: Place, tiers: Mapping[str, str] | None = None) -> Facts:
    """A deployment, and the gate it waited at for an approval; ``tiers`` are those of the project's environments.

    It ended when its job did; without a job, when it was changed last. Its run is named by the first attempt.
    """
    facts, environment = place.facts(), text(part(raw, "environment", "name"))
    job, status = raw.get("deployable"), STATUSES.get(text(raw.get("status")) or "")
    identity, pipeline = place.deployment(raw.get("id")), part(job, "pipeline", "id")
    finished_at = when(part(job, "finished_at")) or when(raw.get("updated_at"))
    facts.tell(
        "deployment",
        identity,
        version=when(raw.get("updated_at")),
        service=place.repository,
        environment=environment,
        tier=(tiers or {}).get(environment or "") or tier_of(raw.get("environment")),
        sha=revision(raw.get("sha")),
        created_at=when(raw.get("created_at")),
        started_at=when(part(job, "started_at")),
        finished_at=finished_at if status in FINAL else None,
        status=status,
        run=place.run(pipeline, 1) if pipeline is not None else None,
        url=text(part(job, "web_url")),
    )
    _tell_of_approval(facts, raw, identity)
    return facts


def _tell_of_approval(facts: ForgeFacts, raw: Raw, deployment: str | None) -> None:
    """One gate for all approvals that are needed; since when it waits is not said, so since the deployment was made."""
    approvals, pending = parts(raw, "approvals"), raw.get("pending_approval_count")
    if not approvals and raw.get("status") != "blocked":
        return
    rejected = [each for each in approvals if part(each, "status") == "rejected"]
    decided = bool(rejected) or pending == 0
    facts.tell(
        "gate",
        below(deployment, "approval"),
        version=when(raw.get("updated_at")),
        deployment=deployment,
        kind="human",
        requested_at=when(raw.get("created_at")),
        decided_at=latest(when(part(each, "created_at")) for each in approvals) if decided else None,
        decision=("rejected" if rejected else "approved") if decided else None,
    )


def tier_of(environment: object) -> str | None:
    """The tier of an environment as GitLab says it."""
    tier = text(part(environment, "tier"))
    return None if tier == NO_TIER else tier


def has_ended(raw: object) -> bool:
    """Whether a pipeline is over; one that waits for somebody may go on, and is listed again when it does."""
    return text(part(raw, "status")) in CONCLUSIONS


def _common(raw: Raw, place: Place, trigger: str | None) -> dict[str, Any]:
    """What holds for all attempts."""
    source, user = text(raw.get("source")), raw.get("user")
    request = MERGE_REQUEST.match(text(raw.get("ref")) or "")
    number = request["number"] if request else part(raw, "merge_request", "iid")
    # the branch of a merge request may be one of another project, and called like the default branch
    is_branch = number is None and raw.get("tag") is not True
    return {
        "version": when(raw.get("updated_at")),
        "repository": place.repository,
        "workflow": workflow_of(source, trigger),
        "run": raw.get("id"),
        "sha": revision(raw.get("sha")),
        "branch": text(raw.get("ref")) if is_branch else None,
        "event": source,
        "actor_kind": "machine" if kind_of(user) == "bot" else ACTORS.get(source or ""),
        "change": None if number is None else place.change(number),
        "created_at": when(raw.get("created_at")),
        "url": text(raw.get("web_url")) or text(raw.get("url")),
    }


def workflow_of(source: str | None, trigger: str | None = None) -> str:
    """The configuration file, and what set it off where that chooses other jobs; of a child what triggers it."""
    if trigger:
        return f"{FILE}:{trigger}"
    return FILE if source is None or source in PUSHED else f"{FILE}:{source}"


def _last_attempt(raw: Raw, attempts: Attempts) -> dict[str, Any]:
    status = text(raw.get("status")) or ""
    ended = when(raw.get("finished_at")) or latest(when(job.get("finished_at")) for job in attempts.jobs)
    return {
        "started_at": _started_at(raw, attempts, attempts.last),
        "completed_at": ended if status in ENDED else None,
        "conclusion": CONCLUSIONS.get(status),
    }


def _attempt(raw: Raw, attempts: Attempts, attempt: int) -> dict[str, Any]:
    """An attempt that another one has followed."""
    jobs = attempts.until(attempt)
    statuses = {text(job.get("status")) for job in jobs if job.get("allow_failure") is not True}
    conclusion = next((CONCLUSIONS[each] for each in ("failed", "canceled") if each in statuses), "success")
    return {
        "started_at": _started_at(raw, attempts, attempt),
        "completed_at": latest(when(job.get("finished_at")) for job in jobs),
        "conclusion": conclusion if jobs else None,
    }


def _started_at(raw: Raw, attempts: Attempts, attempt: int) -> datetime | None:
    if attempt == 1 and when(raw.get("started_at")):
        return when(raw.get("started_at"))
    times = (when(job.get("started_at")) for job in attempts.jobs if attempts.of[job["id"]] == attempt)
    return min(filter(None, times), default=None)


def _queued_at(raw: Raw) -> datetime | None:
    """When it was handed to the runners: a job is created with its pipeline, long before its stage comes."""
    started_at, waited = when(raw.get("started_at")), raw.get("queued_duration")
    if started_at is None or not isinstance(waited, int | float) or not 0 <= waited <= LONGEST_WAIT:
        return None
    return max(filter(None, (started_at - timedelta(seconds=waited), when(raw.get("created_at")))))
