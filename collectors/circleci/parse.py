"""What CircleCI's API v2 says, as events: a workflow is a run, a re-run of it another attempt, its jobs are jobs.

CircleCI API v2 reference: pipelines, workflows, jobs; no server to try it on. Jobs of type approval are gates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.ci.context import CIContext
from collectors.ci.deployments import add_deployments
from collectors.ci.facts import Facts, change_reference, latest, named, repository_of, revision
from collectors.parsed import part, parts, text
from collectors.times import instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORKFLOW_ENDS = {"success": "success", "failed": "failure", "error": "failure", "canceled": "cancelled",
                 "unauthorized": "cancelled", "not_run": "skipped"}  # fmt: skip
JOB_ENDS = {**WORKFLOW_ENDS, "timedout": "timed_out", "infrastructure_fail": "failure",
            "terminated-unknown": "failure"}  # fmt: skip
OF_CIRCLECI = frozenset({"infrastructure_fail", "terminated-unknown"})
TRIGGERS = {"webhook": ("push", "human"), "explicit": ("workflow_dispatch", "human"), "api": ("api", None),
            "scheduled_pipeline": ("schedule", "machine"), "schedule": ("schedule", "machine")}  # fmt: skip
"""The button of the web page asks the API too, so nobody knows who did."""
VCS = frozenset({"gh", "github", "bb", "bitbucket"})
"""Prefixes of project slugs that name the repository."""


@dataclass(frozen=True)
class Context(CIContext):
    """What the configuration says. ``project`` is the slug, e.g. ``gh/acme/checkout``."""

    project: str


@dataclass(frozen=True)
class Pipeline:
    """A pipeline with all its workflows, and the jobs of those that are wanted, by the workflow's id."""

    raw: Mapping[str, Any]
    workflows: Sequence[Any]
    jobs: Mapping[str, Sequence[Any]]


def has_ended(workflow: object) -> bool:
    """Whether a workflow's result is final."""
    return part(workflow, "status") in WORKFLOW_ENDS


def may_be_repeated(workflow: object) -> bool:
    """Whether it ended in a way that people answer by running it again."""
    return has_ended(workflow) and part(workflow, "status") not in {"success", "not_run"}


def revision_of(pipeline: object) -> str | None:
    """The commit that a pipeline was for."""
    stated = part(pipeline, "vcs", "revision"), part(pipeline, "trigger_parameters", "git", "checkout_sha")
    return next(filter(None, map(revision, stated)), None)


def parse_pipeline(pipeline: Pipeline, context: Context) -> Facts:
    """The runs of the wanted workflows, with their jobs, gates and deployments."""
    facts = Facts(source=context.source)
    repository = _repository(pipeline.raw, context)
    if repository is None:
        fix = f'repositories = {{"{context.project}" = "…"}}'
        facts.reject(pipeline.raw, f"a pipeline of {context.project} names no repository; say which: {fix}")
        return facts
    for attempts in _by_name(pipeline.workflows).values():
        for number, workflow in enumerate(attempts, 1):
            if part(workflow, "id") in pipeline.jobs:
                facts.take(_workflow(pipeline, attempts, number, repository, context))
    return facts


def _workflow(
    pipeline: Pipeline, attempts: Sequence[Any], attempt: int, repository: str, context: Context
) -> Facts:  # fmt: skip
    facts, raw, workflow = Facts(source=context.source), pipeline.raw, attempts[attempt - 1]
    jobs = pipeline.jobs[part(workflow, "id")]
    run = f"{part(raw, 'number')}/{part(workflow, 'id')}"
    name, change = part(workflow, "name"), part(raw, "vcs", "review_id")
    event, actor = TRIGGERS.get(part(raw, "trigger", "type"), (text(part(raw, "trigger", "type")), None))
    began = min(filter(None, (instant(part(job, "started_at")) for job in jobs)), default=None)
    facts.say(
        "run", workflow, id=run, repository=repository, workflow=name, run=f"{part(raw, 'number')}/{name}",
        attempt=attempt, sha=revision_of(raw), branch=_branch(raw),
        event="pull_request" if change and event == "push" else event, actor_kind=actor,
        change=change_reference(context.forge, _url(raw), repository, change),
        created_at=part(attempts[0], "created_at"),
        # a re-run carries over the jobs that passed, with the times they had
        started_at=began if attempt == 1 else part(workflow, "created_at"),
        completed_at=part(workflow, "stopped_at"), conclusion=WORKFLOW_ENDS.get(part(workflow, "status")),
    )  # fmt: skip
    if facts.events:
        _add_jobs(facts, jobs, run, attempt)
        _add_gates(facts, workflow, jobs, run)
        add_deployments(facts, context.deploying)
    return facts


def _add_jobs(facts: Facts, jobs: Sequence[Any], run: str, attempt: int) -> None:
    for job in jobs:
        if part(job, "type") == "approval":
            continue
        status = part(job, "status")
        facts.say(
            "job", job, id=f"{run}/jobs/{part(job, 'id')}", run=run, attempt=attempt, name=part(job, "name"),
            runner=text(part(job, "executor", "resource_class")), queued_at=part(job, "queued_at"),
            started_at=part(job, "started_at"), completed_at=part(job, "stopped_at"),
            conclusion=JOB_ENDS.get(status), failure_class="infrastructure" if status in OF_CIRCLECI else None,
        )  # fmt: skip


def _add_gates(facts: Facts, workflow: object, jobs: Sequence[Any], run: str) -> None:
    """An approval waits from its own start, else from when what it depends on ended, or the workflow began.

    It was given when it says it stopped, else just before what depends on it began.
    """
    by_id = {part(job, "id"): job for job in jobs}
    for job in jobs:
        status = part(job, "status")
        if part(job, "type") != "approval" or status in {"blocked", "not_run"}:
            continue
        before = [instant(part(by_id.get(id_), "stopped_at")) for id_ in parts(job, "dependencies")]
        behind = [instant(part(each, "started_at")) for each in jobs if part(job, "id") in parts(each, "dependencies")]
        asked = instant(part(job, "started_at")) or latest(before) or instant(part(workflow, "created_at"))
        decision = {"success": "approved", "failed": "rejected", "canceled": "cancelled"}.get(status)
        decided = instant(part(job, "stopped_at")) or min(filter(None, behind), default=None)
        facts.say(
            "gate", job, id=f"{run}/gates/{part(job, 'id')}", run=run, kind="human", requested_at=asked,
            decided_at=decided if decision else None, decision=decision,
        )  # fmt: skip


def _by_name(workflows: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
    """Workflows by name, in the order in which they were created: a re-run has the name of what it repeats."""
    found: dict[str, list[Any]] = {}
    for workflow in sorted(workflows, key=lambda each: (str(part(each, "created_at")), str(part(each, "id")))):
        found.setdefault(str(part(workflow, "name")), []).append(workflow)
    return found


def _url(pipeline: object) -> str | None:
    stated = (
        part(pipeline, "vcs", "target_repository_url"),
        part(pipeline, "vcs", "origin_repository_url"),
        part(pipeline, "trigger_parameters", "git", "repo_url"),
    )
    return next(filter(None, map(text, stated)), None)


def _repository(pipeline: object, context: Context) -> str | None:
    prefix, _, name = context.project.partition("/")
    return named(context.project, context.repositories) or repository_of(_url(pipeline)) or (
        name if prefix in VCS else None
    )  # fmt: skip


def _branch(pipeline: object) -> str | None:
    return text(part(pipeline, "vcs", "branch")) or text(part(pipeline, "trigger_parameters", "git", "branch"))
