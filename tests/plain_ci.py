"""Attempts of CI runs and their jobs, read a second time in plain Python from contract events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from plain_clock import Span, intersect, merge_spans, seconds
from plain_events import Event, World, at, key_of, reference
from plain_units import home_of

FAILED = ("failure", "timed_out")
Key = tuple[str, str]


@dataclass(frozen=True)
class Attempt:
    """One attempt that is over, with what is known of it and whose it was when it ended."""

    event: Event
    created: datetime
    ended: datetime
    outcome: str
    trigger: str
    branch: str
    tree: str
    service: str | None
    team: str | None

    @property
    def key(self) -> Key:
        """By which jobs and gates name it."""
        return key_of(self.event)

    @property
    def run(self) -> tuple[str, str, str]:
        """The run that it is an attempt of."""
        return (self.event["source"], self.event["repository"], str(self.event["run"]))

    @property
    def number(self) -> int:
        """The how-many-eth attempt it is."""
        return int(self.event["attempt"])

    @property
    def pair(self) -> tuple[str, str, str]:
        """Repository, workflow and tree."""
        return (self.event["repository"], self.event["workflow"], self.tree)

    @property
    def rule(self) -> str | None:
        """Why it is left out where only green and red count (E19)."""
        return {"undecided": "E19", "superseded": "superseded"}.get(self.outcome)


@dataclass(frozen=True)
class Job:
    """One job that really ran."""

    event: Event
    started: datetime
    required: bool
    is_repeat: bool

    @property
    def ended(self) -> datetime | None:
        """When it was over."""
        return at(self.event, "completed_at")

    @property
    def failed(self) -> bool:
        """Whether it failed or timed out."""
        return self.event.get("conclusion") in FAILED

    @property
    def seconds(self) -> float:
        """How long it kept a machine busy."""
        return seconds((self.started, self.ended)) if self.ended else 0.0


def line_of(run: Event) -> str | None:
    """Give where the next commit replaces this one: the change, else the branch."""
    named = reference(run, "change")
    return named[1] if named else run.get("branch")


def is_replaced(world: World, run: Event) -> bool:
    """Tell whether the next commit came to the workflow while the run lasted (E19)."""
    created, ended = datetime.fromisoformat(run["created_at"]), datetime.fromisoformat(run["completed_at"])
    first: dict[str, datetime] = {}
    for each in world.of("run"):
        same = (each["repository"], each["workflow"]) == (run["repository"], run["workflow"])
        if same and line_of(each) is not None and line_of(each) == line_of(run):
            time = datetime.fromisoformat(each["created_at"])
            first[each["sha"]] = min(first.get(each["sha"], time), time)
    pushes = sorted((time, sha) for sha, time in first.items())
    return any(sha == run["sha"] and created <= time <= ended for (_, sha), (time, _) in pairwise(pushes))


def outcome_of(world: World, run: Event) -> str:
    """Give how an attempt ended: success, failure, superseded or undecided."""
    conclusion = run["conclusion"]
    if conclusion == "success":
        return "success"
    if conclusion in FAILED:
        return "failure"
    return "superseded" if conclusion == "cancelled" and is_replaced(world, run) else "undecided"


def branch_of(world: World, run: Event) -> str:
    """Give what a run checked: a pull request, the default branch or another."""
    event, branch = run.get("event") or "", run.get("branch")
    if event.startswith(("pull_request", "merge_request")):
        return "pull_request"
    known = next((r.get("default_branch") for r in world.of("repository") if r["name"] == run["repository"]), None)
    if branch is not None and branch in ([known] if known else ["main", "master"]):
        return "default"
    return "pull_request" if run.get("change") else "other"


def trigger_of(run: Event) -> str:
    """Give who started a run; nobody knows: a human, unless it was a timer."""
    return run.get("actor_kind") or ("machine" if run.get("event") == "schedule" else "human")


def attempts(world: World) -> list[Attempt]:
    """List every attempt that is over."""
    trees = {(c["repository"], c["sha"]): c.get("tree_sha") for c in world.of("commit")}
    found = []
    for run in world.of("run"):
        ended, created = at(run, "completed_at"), at(run, "created_at")
        if ended is None or created is None or run.get("conclusion") is None:
            continue
        tree = run.get("tree_sha") or trees.get((run["repository"], run["sha"])) or run["sha"]
        home = home_of(world, run["repository"], ended)
        told = (outcome_of(world, run), trigger_of(run), branch_of(world, run), tree)
        found.append(Attempt(run, created, ended, *told, *home))
    return found


def jobs_by_attempt(world: World) -> Mapping[Key, Sequence[Job]]:
    """Give the jobs that really ran by the attempt they are of."""
    run_of = {key_of(run): run for run in world.of("run")}
    jobs: dict[Key, list[Event]] = {}
    for job in world.of("job"):
        named = reference(job, "run")
        if named in run_of:
            jobs.setdefault(named, []).append(job)
    return {key: ran(run_of, jobs, key) for key in jobs}


def ran(run_of: Mapping[Key, Event], jobs: Mapping[Key, Sequence[Event]], key: Key) -> list[Job]:
    """List the jobs of an attempt without those skipped, never started, or carried over."""
    run = run_of[key]
    same = [
        other
        for other, event in run_of.items()
        if (event["source"], event["repository"], event["run"]) == (run["source"], run["repository"], run["run"])
    ]
    before = [job for other in same if run_of[other]["attempt"] < run["attempt"] for job in jobs.get(other, [])]
    says = any(job.get("required") is not None for job in jobs[key])
    found = []
    for job in jobs[key]:
        started, twins = at(job, "started_at"), [each for each in before if each["name"] == job["name"]]
        carried = any(at(each, "started_at") == started for each in twins)
        if started is None or carried or job.get("conclusion") == "skipped":
            continue
        repeat = any(each.get("conclusion") == "success" for each in twins)
        found.append(Job(job, started, job.get("required") or not says, repeat))
    return found


def gated_seconds(world: World, key: Key, span: Span) -> float:
    """Give how long an attempt waited within a span for decided gates, its own or its deployments'."""
    made = {key_of(each) for each in world.of("deployment") if reference(each, "run") == key}
    waits = []
    for gate in world.of("gate"):
        asked, decided = at(gate, "requested_at"), at(gate, "decided_at")
        if (reference(gate, "run") == key or reference(gate, "deployment") in made) and asked and decided:
            waits.append((asked, decided))
    return sum(map(seconds, intersect(merge_spans(waits), [span])))
