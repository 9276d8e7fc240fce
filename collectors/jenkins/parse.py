"""What Jenkins says, as events: a build is a run, the stages of a pipeline are its jobs, its input steps are gates.

Jenkins' remote access API; the README of the plugin "Pipeline: REST API" (``wfapi``); the metrics plugin's
``TimeInQueueAction``; no server to try it on. UNSTABLE is a failure: the build ran, and tests of it failed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from collectors.ci.context import CIContext
from collectors.ci.deployments import add_deployments
from collectors.ci.facts import Facts, change_reference, named, repository_of, revision
from collectors.parsed import part, parts, text, whole
from collectors.times import epoch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

RESULTS = {"SUCCESS": "success", "UNSTABLE": "failure", "FAILURE": "failure", "ABORTED": "cancelled",
           "NOT_BUILT": "skipped"}  # fmt: skip
STAGES = {"SUCCESS": "success", "UNSTABLE": "failure", "FAILED": "failure", "ABORTED": "cancelled",
          "NOT_EXECUTED": "skipped"}  # fmt: skip
VERDICTS = frozenset({"SUCCESS", "UNSTABLE", "FAILURE"})
WAITS = "PAUSED_PENDING_INPUT"
PIPELINE = "WorkflowRun"
REPEATS = frozenset({"ReplayCause", "RebuildCause", "RestartDeclarativePipelineCause"})
CAUSES = {
    "BranchEventCause": ("push", "human"), "GitHubPushCause": ("push", "human"), "SCMTriggerCause": ("push", "human"),
    "GitLabWebHookCause": ("push", "human"), "UserIdCause": ("workflow_dispatch", "human"),
    "TimerTriggerCause": ("schedule", "machine"), "UpstreamCause": ("upstream", "machine"),
    "BuildUpstreamCause": ("upstream", "machine"), "RemoteCause": ("api", "machine"),
    "BranchIndexingCause": ("indexing", "machine"),
}  # fmt: skip
"""What set off a build, by the class of its cause, and whether a human did; the first that is known counts."""
NUMBER = re.compile(r"#(\d+)")
CHANGE_BRANCH = re.compile(r"[PM]R-(\d+)(-head|-merge)?")
QUEUED = ("waitingDurationMillis", "blockedDurationMillis", "buildableDurationMillis")


@dataclass(frozen=True)
class Context(CIContext):
    """What the configuration says of a server."""

    url: str


@dataclass(frozen=True)
class JenkinsJob:
    """A job that builds, by its full name; ``project`` is the multibranch project it is a branch of, or itself.

    ``last`` is the number of its last build, 0 without any.
    """

    path: str
    project: str
    last: int

    @property
    def branch(self) -> str | None:
        """Branch, or ``PR-12``, of a multibranch project."""
        return None if self.path == self.project else unquote(self.path.rpartition("/")[2])

    @property
    def change(self) -> str | None:
        """Number of the pull request that the branch is."""
        found = CHANGE_BRANCH.fullmatch(self.branch or "")
        return found[1] if found else None


@dataclass(frozen=True)
class Build:
    """One build with what ``wfapi`` says of its stages, and of those that waited for an input, by the stage's id.

    ``first`` is the build that it repeats, or itself; ``attempt`` counts from 1.
    """

    raw: Mapping[str, Any]
    stages: Mapping[str, Any] | None
    waits: Mapping[str, Any]
    first: int
    attempt: int


def has_ended(build: object) -> bool:
    """Whether a build's result is final; while it runs, ``result`` is what it has come to so far."""
    return part(build, "building") is not True and text(part(build, "result")) is not None


def has_run(build: object) -> bool:
    """Whether it came to a verdict; one that was cancelled may have checked out nothing."""
    return has_ended(build) and part(build, "result") in VERDICTS


def is_pipeline(build: object) -> bool:
    """Whether it has stages."""
    return _short_class(build) == PIPELINE


def repeats(build: object) -> int | None:
    """Number of the build that this one repeats: a replay, a rebuild, a restart from a stage."""
    for cause in _causes(build):
        if _short_class(cause) in REPEATS:
            found = NUMBER.search(str(part(cause, "shortDescription")))
            return int(found[1]) if found else whole(part(cause, "upstreamBuild"))
    return None


def paused(stages: object) -> Sequence[str]:
    """Ids of the stages that waited for something, an input or a lock."""
    found = [
        each for each in parts(stages, "stages") if part(each, "status") == WAITS or _whole(each, "pauseDurationMillis")
    ]
    return [str(part(each, "id")) for each in found]


@dataclass(frozen=True)
class Checkout:
    """What a build checked out: one of several, where it takes a shared library or more."""

    sha: str
    url: str | None
    branch: str | None

    @property
    def repository(self) -> str | None:
        """The repository's name."""
        return repository_of(self.url)


def checkouts(build: object) -> Sequence[Checkout]:
    """All that a build checked out, in its order, without repetitions."""
    found: dict[Checkout, None] = {}
    for action in parts(build, "actions"):
        sha = revision(part(action, "lastBuiltRevision", "SHA1"))
        if sha:
            urls, branches = parts(action, "remoteUrls"), parts(action, "lastBuiltRevision", "branch")
            branch = text(part(branches[0], "name")) if branches else None
            found[Checkout(sha, text(urls[0]) if urls else None, _plain_branch(branch))] = None
    return list(found)


def parse_build(build: Build, job: JenkinsJob, context: Context) -> Facts:
    """The run of a build that checked something out, with its jobs, gates and deployments."""
    facts, raw = Facts(source=context.source), build.raw
    number, taken = whole(part(raw, "number")), checkouts(raw)
    if number is None or not taken:
        facts.reject(raw, "a build has a number and a git revision")
        return facts
    wanted = named(job.path, context.repositories)
    checkout = next((each for each in taken if wanted and each.repository == wanted), taken[0])
    repository = wanted or checkout.repository
    if repository is None:
        facts.reject(raw, f'{job.path} names no repository; say which: repositories = {{"{job.path}" = "…"}}')
        return facts
    run = f"{job.path}/builds/{number}"
    event, actor = _trigger(raw)
    created, started, queued = _times(build)
    facts.say(
        "run", raw, id=run, repository=repository, workflow=job.project, run=f"{job.path}/{build.first}",
        attempt=build.attempt, sha=checkout.sha, branch=job.branch or checkout.branch,
        event="pull_request" if job.change and event in {"push", "indexing"} else event, actor_kind=actor,
        change=change_reference(context.forge, checkout.url, repository, job.change),
        created_at=created, started_at=started, completed_at=_ended_at(raw), conclusion=_conclusion(raw),
        url=text(part(raw, "url")),
    )  # fmt: skip
    if facts.events:
        _add_jobs(facts, build, run, job, created if queued else None)
        _add_gates(facts, build, run)
        add_deployments(facts, context.deploying)
    return facts


def _add_jobs(facts: Facts, build: Build, run: str, job: JenkinsJob, queued_at: datetime | None) -> None:
    """The stages; a build without any is one job. The first waited with its build, of the others nothing tells."""
    raw, first = build.raw, queued_at
    if not is_pipeline(raw):
        facts.say(
            "job", raw, id=f"{run}/build", run=run, attempt=build.attempt, name=job.project, queued_at=first,
            runner=text(part(raw, "builtOn")), started_at=epoch(part(raw, "timestamp")), completed_at=_ended_at(raw),
            conclusion=_conclusion(raw),
        )  # fmt: skip
        return
    for stage in parts(build.stages, "stages"):
        conclusion = STAGES.get(part(stage, "status"))
        ran = conclusion != "skipped"
        began = epoch(part(stage, "startTimeMillis")) if ran else None
        facts.say(
            "job", stage, id=f"{run}/stages/{part(stage, 'id')}", run=run, attempt=build.attempt,
            name=part(stage, "name"), runner=text(part(stage, "execNode")), queued_at=first if ran else None,
            started_at=began, conclusion=conclusion,
            completed_at=_after(stage, "startTimeMillis", "durationMillis") if conclusion and ran else None,
        )  # fmt: skip
        first = None if ran else first


def _add_gates(facts: Facts, build: Build, run: str) -> None:
    """Input steps. One that was aborted counts as rejected, for that is how people say no."""
    for node in (node for stage in build.waits.values() for node in parts(stage, "stageFlowNodes")):
        waits = part(node, "status") == WAITS
        if "input" not in str(part(node, "name")).casefold() or not (waits or _whole(node, "pauseDurationMillis")):
            continue
        facts.say(
            "gate", node, id=f"{run}/inputs/{part(node, 'id')}", run=run, kind="human",
            requested_at=epoch(part(node, "startTimeMillis")),
            decided_at=None if waits else _after(node, "startTimeMillis", "pauseDurationMillis"),
            decision=None if waits else "approved" if part(node, "status") == "SUCCESS" else "rejected",
        )  # fmt: skip


def _times(build: Build) -> tuple[datetime | None, datetime | None, bool]:
    """When it was queued and when it began, and whether anything told how long it queued."""
    at = part(build.raw, "timestamp")
    action = next((each for each in parts(build.raw, "actions") if _short_class(each) == "TimeInQueueAction"), None)
    if action and isinstance(at, int):
        return epoch(at - sum(_whole(action, key) for key in QUEUED)), epoch(at), True
    began, queued = epoch(part(build.stages, "startTimeMillis")), whole(part(build.stages, "queueDurationMillis"))
    return epoch(at), began or epoch(at), queued is not None


def _trigger(build: object) -> tuple[str | None, str | None]:
    kinds = [_short_class(cause) for cause in _causes(build)]
    if REPEATS & set(kinds):
        return None, "human"
    return next((CAUSES[kind] for kind in kinds if kind in CAUSES), (None, None))


def _causes(build: object) -> Sequence[Any]:
    return [cause for action in parts(build, "actions") for cause in parts(action, "causes")]


def _conclusion(build: object) -> str | None:
    result = part(build, "result")
    return RESULTS.get(result, str(result).lower()) if has_ended(build) else None


def _ended_at(build: object) -> datetime | None:
    return _after(build, "timestamp", "duration") if has_ended(build) else None


def _after(raw: object, start: str, length: str) -> datetime | None:
    began, lasted = whole(part(raw, start)), whole(part(raw, length))
    return epoch(began + lasted) if began and lasted is not None else None


def _whole(raw: object, key: str) -> int:
    """Milliseconds; 0 where none are told."""
    return whole(part(raw, key)) or 0


def _short_class(raw: object) -> str:
    return str(part(raw, "_class")).replace("$", ".").rpartition(".")[2]


def _plain_branch(name: str | None) -> str | None:
    plain = (name or "").removeprefix("refs/remotes/").removeprefix("origin/")
    return None if plain in {"", "detached"} else plain
