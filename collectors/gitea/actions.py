"""Runs and jobs of Gitea Actions and Forgejo Actions as events; pure.

Three kinds of answer say the same in other words: ``/actions/runs`` of Gitea 1.24 and newer, that of Forgejo, and
``/actions/tasks`` of older servers, where every task is a job and a run is known by its number only. There, as at
GitLab, the n-th job of one name belongs to attempt n.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from collectors.ci.facts import Facts, latest, revision
from collectors.forge.facts import ForgeFacts, Place, Raw, when
from collectors.gitea.parse import kind_of
from collectors.parsed import part, parts, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

ENDED = frozenset({"success", "failure", "cancelled", "skipped"})
SCHEDULE = "schedule"
PULL = "refs/pull/"
WORST = ("failure", "cancelled", "success", "skipped")
"""What several jobs come to: the first of these that any of them has."""


def parse_run(raw: Raw, place: Place) -> ForgeFacts:
    """One attempt of a run. Where a server does not say when it was created, it was when it started."""
    attempt, conclusion = raw.get("run_attempt") or 1, conclusion_of(raw)
    started_at = _first(raw, "started_at", "started")
    ended_at = _first(raw, "completed_at", "stopped")
    return place.told(
        "run",
        place.run(raw.get("id"), attempt),
        version=_first(raw, "updated_at", "updated") or ended_at or started_at,
        repository=place.repository,
        workflow=workflow_of(raw),
        run=raw.get("id"),
        attempt=attempt,
        sha=revision(raw.get("head_sha")) or revision(raw.get("commit_sha")),
        branch=_branch(raw),
        event=text(raw.get("event")) or text(raw.get("trigger_event")),
        actor_kind=_actor_kind(raw),
        change=_change(raw, place),
        created_at=_first(raw, "created_at", "created") or started_at,
        started_at=started_at,
        completed_at=ended_at if conclusion else None,
        conclusion=conclusion,
        url=text(raw.get("html_url")),
    )


def parse_job(raw: Raw, place: Place) -> ForgeFacts:
    """One job of one attempt of a run."""
    attempt, conclusion = raw.get("run_attempt") or 1, conclusion_of(raw)
    return place.told(
        "job",
        place.job(raw.get("id")),
        version=latest(when(raw.get(key)) for key in ("created_at", "started_at", "completed_at")),
        run=place.run(raw.get("run_id"), attempt),
        attempt=attempt,
        name=text(raw.get("name")),
        runner=", ".join(label for label in parts(raw, "labels") if isinstance(label, str)) or None,
        queued_at=when(raw.get("created_at")),
        started_at=when(raw.get("started_at")),
        completed_at=when(raw.get("completed_at")) if conclusion else None,
        conclusion=conclusion,
    )


def parse_tasks(tasks: Iterable[Raw], place: Place) -> Facts:
    """Runs by all their tasks; a run whose tasks are not all given would be told wrong."""
    facts, runs = place.facts(), defaultdict[int | None, list[Raw]](list)
    for task in tasks:
        runs[whole(task.get("run_number"))].append(task)
    for number, of_run in runs.items():
        _tell_of_tasks(facts, number, sorted(of_run, key=lambda task: str(task.get("id")).zfill(20)), place)
    return facts


def conclusion_of(raw: object) -> str | None:
    """How a run, job or task ended; None while it has not."""
    told = text(part(raw, "conclusion")) or text(part(raw, "status")) or ""
    return told.lower() if told.lower() in ENDED else None


def begun(raw: object) -> bool:
    """Whether it has a time at all; one that waits has none on some servers, and is told when it starts."""
    keys = ("created_at", "created", "started_at", "started", "run_started_at")
    return any(when(part(raw, key)) for key in keys)


def workflow_of(raw: Raw) -> str | None:
    """File of a run's workflow, without the ref it was taken from."""
    return text((text(raw.get("path")) or "").partition("@")[0]) or text(raw.get("workflow_id"))


def _tell_of_tasks(facts: ForgeFacts, number: object, tasks: Sequence[Raw], place: Place) -> None:
    names, attempts = Counter[str](), defaultdict[int, list[Raw]](list)
    run = None if number is None else f"number-{number}"
    for task in tasks:
        names[str(task.get("name"))] += 1
        attempts[names[str(task.get("name"))]].append(task)
    for attempt, jobs in attempts.items():
        _tell_of_attempt(facts, run, attempt, jobs, place)
    for attempt, jobs in attempts.items():
        for job in jobs:
            _tell_of_task(facts, job, place.run(run, attempt), attempt, place)


def _tell_of_attempt(facts: ForgeFacts, run: str | None, attempt: int, jobs: Sequence[Raw], place: Place) -> None:
    first, conclusions = jobs[0], [conclusion_of(job) for job in jobs]
    conclusion = None if None in conclusions else next(each for each in WORST if each in conclusions)
    facts.tell(
        "run",
        place.run(run, attempt),
        version=latest(when(job.get("updated_at")) for job in jobs),
        repository=place.repository,
        workflow=workflow_of(first),
        run=run,
        attempt=attempt,
        sha=revision(first.get("head_sha")),
        branch=_branch(first),
        event=text(first.get("event")),
        actor_kind=_actor_kind(first),
        change=_change(first, place),
        created_at=_earliest(jobs, "created_at"),
        started_at=_earliest(jobs, "run_started_at"),
        completed_at=latest(when(job.get("updated_at")) for job in jobs) if conclusion else None,
        conclusion=conclusion,
        url=text(first.get("url")),
    )


def _tell_of_task(facts: ForgeFacts, task: Raw, run: str | None, attempt: int, place: Place) -> None:
    conclusion = conclusion_of(task)
    facts.tell(
        "job",
        place.job(task.get("id")),
        version=when(task.get("updated_at")),
        run=run,
        attempt=attempt,
        name=text(task.get("name")),
        queued_at=when(task.get("created_at")),
        started_at=when(task.get("run_started_at")),
        completed_at=when(task.get("updated_at")) if conclusion else None,
        conclusion=conclusion,
    )


def _branch(raw: Raw) -> str | None:
    """The branch; the one of a pull request may be of another repository, and called like the default branch."""
    name = text(raw.get("head_branch")) or text(raw.get("prettyref")) or ""
    is_branch = _pull_number(raw) is None and not (text(raw.get("event")) or "").startswith("pull_request")
    return name or None if is_branch else None


def _actor_kind(raw: Raw) -> str | None:
    if text(raw.get("event")) == SCHEDULE or text(raw.get("trigger_event")) == SCHEDULE:
        return "machine"
    actor = raw.get("trigger_actor") or raw.get("actor") or raw.get("trigger_user")
    if not isinstance(actor, dict):
        return None
    return "machine" if kind_of(actor) == "bot" else "human"


def _change(raw: Raw, place: Place) -> str | None:
    return place.change(_pull_number(raw))


def _pull_number(raw: Raw) -> str | None:
    """Of a run for a pull request its number, as the ref says it: ``refs/pull/12/head``, or ``#12`` at Forgejo."""
    for key in ("head_branch", "prettyref", "path"):
        ref = (text(raw.get(key)) or "").rpartition("@")[2]
        number = ref.removeprefix(PULL).partition("/")[0] if ref.startswith(PULL) else ref.removeprefix("#")
        if number.isdecimal() and (ref.startswith((PULL, "#"))):
            return number
    return None


def _first(raw: Raw, *keys: str) -> datetime | None:
    return next((at for key in keys if (at := when(raw.get(key)))), None)


def _earliest(jobs: Sequence[Raw], key: str) -> datetime | None:
    return min((at for job in jobs if (at := when(job.get(key)))), default=None)
