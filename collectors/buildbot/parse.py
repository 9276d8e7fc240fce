"""What Buildbot's REST API says, as events: a build is a run, its steps are the jobs.

Buildbot 4 documentation, "Data API": builds, build requests, build sets, steps. Read against a real server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.ci.context import CIContext
from collectors.ci.deployments import add_deployments
from collectors.ci.facts import Facts, change_reference, named, repository_of, revision
from collectors.parsed import part, parts, text, whole
from collectors.times import epoch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

SKIPPED, EXCEPTION, RETRY = 3, 4, 5
CONCLUSIONS = {0: "success", 1: "success", 2: "failure", SKIPPED: "skipped", EXCEPTION: "failure", RETRY: "failure",
               6: "cancelled"}  # fmt: skip
"""``results`` of builds and steps: success, warnings, failure, skipped, exception, retry, cancelled."""
OF_BUILDBOT = frozenset({EXCEPTION, RETRY})
"""Results that are no verdict on what was built: an error of the master, or the worker was lost."""
REASONS = (
    (re.compile(r"A build was forced by"), "workflow_dispatch", "human"),
    (re.compile(r"The (Nightly|Periodic|NightlyTriggerable)\w* scheduler named"), "schedule", "machine"),
    (re.compile(r"The \w+ scheduler named .* triggered this build"), "push", "human"),
)
"""What set off a build, by the reason that its build set states."""


@dataclass(frozen=True)
class Context(CIContext):
    """What the configuration says, and what holds for all builds of a server."""

    url: str
    builders: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Build:
    """One build with what belongs to it: its request (None where it is gone), its request's set, its steps.

    ``first`` is the build that it repeats, or itself; ``attempt`` counts from 1.
    """

    raw: Mapping[str, Any]
    request: Mapping[str, Any] | None
    buildset: Mapping[str, Any] | None
    steps: Sequence[Any]
    first: int
    attempt: int


def has_ended(build: object) -> bool:
    """Whether a build's result is final."""
    return part(build, "complete") is True


def has_run(build: object) -> bool:
    """Whether it came to a verdict; one that was cancelled may have checked out nothing."""
    return part(build, "results") in {0, 1, 2}


def stamp_of(buildset: object) -> object:
    """The source stamp of what was built: that of the unnamed code base, else the first."""
    stamps = parts(buildset, "sourcestamps")
    return next((stamp for stamp in stamps if part(stamp, "codebase") == ""), stamps[0] if stamps else None)


def revision_of(build: object, buildset: object) -> str | None:
    """What was checked out; None where nothing was, or not yet."""
    got = _property(build, "got_revision")
    if isinstance(got, dict):
        got = next(iter(got.values()), None)
    return revision(got) or revision(part(stamp_of(buildset), "revision"))


def parse_build(build: Build, context: Context) -> Facts:
    """The run of a build whose revision is known, its jobs, and the deployments among them."""
    facts, raw = Facts(source=context.source), build.raw
    builder = context.builders.get(part(raw, "builderid"))
    if builder is None or whole(part(raw, "number")) is None:
        facts.reject(raw, "a build has a number, and a builder that is there")
        return facts
    stamp = stamp_of(build.buildset)
    url = part(stamp, "repository")
    repository = named(builder, context.repositories) or repository_of(url)
    if repository is None:
        facts.reject(raw, f'builder {builder} names no repository; say which: repositories = {{"{builder}" = "…"}}')
        return facts
    number = _property(raw, "github.number")
    event, actor = _trigger(build.buildset, number)
    run = f"{builder}/builds/{raw['number']}"
    submitted = _time(part(build.request, "submitted_at"))
    facts.say(
        "run", raw, id=run, repository=repository, workflow=builder, run=str(build.first), attempt=build.attempt,
        sha=revision_of(raw, build.buildset), branch=text(part(stamp, "branch")), event=event, actor_kind=actor,
        change=change_reference(context.forge, url, repository, number),
        created_at=submitted or _time(part(raw, "started_at")), started_at=_time(part(raw, "started_at")),
        completed_at=_time(part(raw, "complete_at")), conclusion=_conclusion(raw),
        url=f"{context.url}/#/builders/{raw['builderid']}/builds/{raw['number']}",
    )  # fmt: skip
    if facts.events:
        _add_steps(facts, build, run, submitted)
        add_deployments(facts, context.deploying)
    return facts


def _add_steps(facts: Facts, build: Build, run: str, submitted: datetime | None) -> None:
    for step in build.steps:
        if part(step, "hidden") is True:
            continue
        number = part(step, "number")
        began, unlocked = _time(part(step, "started_at")), _time(part(step, "locks_acquired_at"))
        # the first step waited with its build, the others only for locks
        queued = submitted if number == 0 else began if unlocked and began and unlocked > began else None
        facts.say(
            "job", step, id=f"{run}/steps/{number}", run=run, attempt=build.attempt, name=part(step, "name"),
            runner=text(_property(build.raw, "workername")), queued_at=queued, started_at=unlocked or began,
            completed_at=_time(part(step, "complete_at")), conclusion=_conclusion(step),
            failure_class="infrastructure" if part(step, "results") in OF_BUILDBOT else None,
        )  # fmt: skip


def _trigger(buildset: object, number: object) -> tuple[str | None, str | None]:
    """What set off the build, and whether a human did."""
    if whole(number) is not None:
        return "pull_request", "human"
    if part(buildset, "parent_buildid") is not None:
        return "upstream", "machine"
    reason = text(part(buildset, "reason")) or ""
    return next(((event, actor) for pattern, event, actor in REASONS if pattern.search(reason)), (None, None))


def _conclusion(raw: object) -> str | None:
    return CONCLUSIONS.get(part(raw, "results")) if has_ended(raw) else None


def _property(build: object, name: str) -> object:
    """A property stands with who set it: ``[value, source]``."""
    found = parts(build, "properties", name)
    return found[0] if found else None


def _time(seconds: object) -> datetime | None:
    number = whole(seconds)
    return None if number is None else epoch(number * 1000)
