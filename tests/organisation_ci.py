"""What generated organisations check: runs of CI with their attempts, jobs and gates, in any state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import factories as make
from factories import Event, day, sha_of
from repositories import Sketch, Trunk

CI = "ci"
ENDS = ("success", "success", "success", "failure", "failure", "failure", "timed_out", "cancelled", "cancelled",
        "skipped", "neutral", None)  # fmt: skip
JOB_ENDS = ("success", "success", "success", "failure", "failure", "timed_out", "cancelled", "skipped", None)
CLASSES = (None, None, "change", "flake", "infrastructure", "unknown")


@dataclass
class Check:
    """One run while it is drawn: what holds for all its attempts, and the jobs of the last one by name."""

    name: str
    facts: Mapping[str, Any]
    created_at: datetime
    jobs: dict[str, Event] = field(default_factory=dict)


def of_ci(kind: str, name: str, /, **fields: Any) -> Event:
    """Make an event that the CI service tells."""
    return {**make.event(kind, name, **fields), "source": CI}


def place_of(sketch: Sketch, trunk: Trunk, line: str) -> dict[str, Any]:
    """Draw what a run checked: a change, a branch or the default branch, and how well the source tells it."""
    checked: dict[str, Any] = {"branch": sketch.sometimes(sketch.pick((line, line, line, "feature")), 90)}
    if trunk.changes and sketch.chance(50):
        change = sketch.pick(trunk.changes)
        checked["change"] = {"source": make.SOURCE, "id": change["id"]}
        checked["event"] = sketch.pick(("pull_request", "pull_request", "push", None))
    else:
        checked["event"] = sketch.pick(("push", "push", "schedule", "workflow_dispatch", None))
    tree = sha_of(f"{trunk.repository}:tree{sketch.between(0, 4)}")
    return {
        **checked,
        "sha": sketch.pick(trunk.commits)["sha"],
        "tree_sha": sketch.sometimes(tree, 70),
        "actor_kind": sketch.pick(("human", "human", None, "machine")),
        "workflow": sketch.pick(("ci", "ci", "e2e")),
    }


def work(sketch: Sketch, check: Check, run: str, attempt: int, begins: datetime) -> datetime:
    """Draw the jobs of an attempt, some carried over from the one before; give when the last one is over."""
    ends = sketch.later(begins, 1, 90)
    for name in ("lint", "test", "build")[: sketch.between(0, 3)]:
        if name in check.jobs and sketch.chance(40):
            made = {**check.jobs[name], "id": f"{run}/{name}", "run": run, "attempt": attempt}
        else:
            queued = sketch.later(begins, 0, 10)
            started = sketch.later(queued, -1, 30)
            over = sketch.later(started, -1, 80)
            made = of_ci(
                "job", f"{run}/{name}", run=run, attempt=attempt, name=name,
                required=sketch.pick((True, True, False, None)), runner=sketch.pick(("small", "large", None)),
                queued_at=sketch.sometimes(queued, 90), started_at=sketch.sometimes(started, 90),
                completed_at=sketch.sometimes(over, 90), conclusion=sketch.pick(JOB_ENDS),
                failure_class=sketch.pick(CLASSES),
            )  # fmt: skip
        ends = max(ends, datetime.fromisoformat(made.get("completed_at") or make.text(ends)))
        check.jobs[name] = sketch.add(made)
    return ends


def guard(sketch: Sketch, run: str, begins: datetime) -> None:
    """Draw one or two gates of an attempt, which may overlap, decided or not."""
    for number in range(sketch.between(1, 2)):
        asked = sketch.later(begins, -5, 40)
        decided = sketch.sometimes(sketch.later(asked, 0, 60), 80)
        sketch.add(make.gate(f"{run}/gate{number}", asked, run={"source": CI, "id": run}, decided_at=decided))


def attempt_again(sketch: Sketch, check: Check, attempt: int, begins: datetime) -> datetime:
    """Draw one attempt; give when it was over."""
    run = f"{check.name}/{attempt}"
    ends = work(sketch, check, run, attempt, begins)
    if sketch.chance(20):
        ends = sketch.later(ends, 60, 3000)
    if sketch.chance(20):
        guard(sketch, run, begins)
    sketch.add(of_ci(
        "run", run, run=check.name, attempt=attempt, created_at=check.created_at, **check.facts,
        started_at=sketch.sometimes(begins, 85), completed_at=sketch.sometimes(ends, 95),
        conclusion=sketch.pick(ENDS),
    ))  # fmt: skip
    return ends


def check_code(sketch: Sketch, trunk: Trunk) -> None:
    """Draw the runs of a repository's workflows, minutes to days apart."""
    home = next(e for e in sketch.events if e["type"] == "repository" and e["name"] == trunk.repository)
    line = home.get("default_branch") or sketch.pick(("main", "master", "trunk"))
    time = day(0, 9)
    for number in range(sketch.between(3, 24)):
        time = sketch.later(time, 1, sketch.pick((20, 600, 6000)))
        facts = {"repository": trunk.repository, **place_of(sketch, trunk, line)}
        check = Check(f"{trunk.repository}/run{number}", facts, time)
        begins = time
        for attempt in range(1, sketch.pick((1, 1, 1, 2, 3)) + 1):
            begins = attempt_again(sketch, check, attempt, begins) + timedelta(minutes=sketch.between(1, 900))
