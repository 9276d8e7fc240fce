"""Events about CI: attempts of runs and their jobs, with the time each waited and worked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tribometer.demo import code
from tribometer.demo.ci import (
    CANCELLED,
    EVENTS,
    FLAKE,
    MACHINES,
    PASSED,
    SCAN,
    WORKFLOWS,
    team_since,
)  # fmt: skip
from tribometer.demo.columns import counted_out, instants, joined, table, truth, whole, words
from tribometer.demo.planted import BUILD_CACHE

if TYPE_CHECKING:
    import pyarrow as pa

    from tribometer.demo.ci import Runs
    from tribometer.demo.columns import Floats, Ints
    from tribometer.demo.history import History

SOURCE = "demo:ci"
JOBS = (("lint", "unit-tests", "build", "coverage"), ("unit-tests", "build"), ("browser",), ("scan",), ("deploy",))
NAMES = ("lint", "unit-tests", "build", "coverage", "browser", "scan", "deploy")
MINUTES = np.array([1.4, 7.0, 4.0, 2.5, 11.0, 3.0, 6.0])
REQUIRED = np.array([True, True, True, False, True, False, True])
FIRST_JOB = np.array([NAMES.index(names[0]) for names in JOBS])
JOB_COUNTS = np.array([len(names) for names in JOBS])
BREAKS = np.array([1, 1, 4, 5, 6])
"""The job that fails when a run of each kind does."""
RUNNERS = ("linux-small", "linux-large")
LARGE = np.array([0, 1, 1, 0, 1, 0, 0])
QUEUE_MEDIAN, QUEUE_BUSY = 18.0, 2.2
SECOND_TIME_LUCKY = 0.95
CONCLUSIONS = ("success", "failure", "cancelled")
CLASSES = (None, "change", "flake", "infrastructure", None)


def ci_tables(past: History, found: Runs) -> dict[str, pa.Table]:
    """Run attempts and jobs."""
    stream = past.world.stream("attempts")
    again = np.flatnonzero(np.isin(found.outcome, (FLAKE, MACHINES)))
    row = np.concatenate([np.arange(len(found)), again])
    attempt = np.repeat([1, 2], [len(found), len(again)])
    lucky = stream.random(len(again)) < SECOND_TIME_LUCKY
    outcome = np.concatenate([found.outcome, np.where(lucky, PASSED, found.outcome[again])])
    asked = found.at[row].copy()
    asked[len(found) :] += stream.uniform(900, 5_400, len(again))
    jobs = np.where(attempt == 1, JOB_COUNTS[found.kind[row]], 1)
    owner, place = counted_out(jobs)
    breaks = BREAKS[found.kind[row]]
    job = np.where(attempt[owner] == 1, _job(found.kind[row][owner], place), breaks[owner])
    queued = asked[owner] + 2
    started = queued + _queue(stream, past, queued, LARGE[job])
    completed = started + _worked(stream, past, found, row[owner], job, started)
    hit = job == breaks[owner]
    ended = np.where(outcome[owner] == CANCELLED, CANCELLED, np.where(hit, outcome[owner], PASSED))
    first = np.cumsum(jobs) - jobs
    done = past.world.known(np.maximum.reduceat(completed, first))
    runs = _runs(past, found, row, attempt, outcome, np.minimum.reduceat(started, first), done)
    identity = runs.column("id").combine_chunks()
    return {"run": runs, "job": _jobs(past, identity, owner, attempt, job, (queued, started, completed), ended)}


def _job(kind: Ints, place: Ints) -> Ints:
    table_of = np.zeros((len(JOBS), JOB_COUNTS.max()), np.int64)
    for number, names in enumerate(JOBS):
        table_of[number, : len(names)] = [NAMES.index(name) for name in names]
    return np.asarray(table_of[kind, place])


def _queue(stream: np.random.Generator, past: History, at: Floats, large: Ints) -> Floats:
    """Seconds until a runner is free: longer when Europe and America work at once, and for large runners."""
    hour = (at - past.world.start) / 3_600 % 24
    busy = 1 + QUEUE_BUSY * np.exp(-(((hour - 14.5) / 3) ** 2))
    return np.asarray(QUEUE_MEDIAN * busy * (1 + 0.8 * large) * stream.lognormal(0, 0.8, len(at)))


def _worked(  # noqa: PLR0913, PLR0917 - what the time depends on
    stream: np.random.Generator, past: History, found: Runs, row: Ints, job: Ints, at: Floats
) -> Floats:
    """Seconds of execution: each repository has its own pace, and the build cache shortens what it serves."""
    pace = stream.lognormal(0, 0.3, len(past.world.repositories))[found.repository[row]]
    since = team_since(past, BUILD_CACHE.since)[found.team[row]]
    cached = np.where(at >= since, BUILD_CACHE.size, 1.0)
    spent = np.asarray(MINUTES[job] * 60 * pace * cached * stream.lognormal(0, 0.22, len(job)))
    rollout = found.rollout[row]
    rolled = rollout >= 0
    spent[rolled] = np.maximum(past.rollouts.finished[rollout[rolled]] - at[rolled] + 15, 30)
    return spent


def _runs(  # noqa: PLR0913, PLR0917 - the columns of attempts
    past: History, found: Runs, row: Ints, attempt: Ints, outcome: Ints, started: Floats, done: Floats
) -> pa.Table:
    over = ~np.isnan(done)
    ended = np.select([outcome == PASSED, outcome == CANCELLED], [0, 2], 1)
    kind, rollout = found.kind[row], found.rollout[row]
    run = words(run_names(found), row)
    changed = words(code.change_ids(past.world, past.changes), found.change[row])
    return table(
        SOURCE, joined(run, "/", whole(attempt)),
        repository=words(past.world.repositories, found.repository[row]),
        workflow=words(WORKFLOWS, kind),
        run=run,
        attempt=whole(attempt),
        sha=words(past.commits.sha, found.commit[row]),
        tree_sha=words(past.commits.tree, found.commit[row]),
        branch=words(["main"], np.where(found.change[row] >= 0, -1, 0)),
        event=words(EVENTS, kind),
        actor_kind=words(["human", "machine"], (kind == SCAN) | (rollout >= 0)),
        change__source=words([code.SOURCE], np.where(found.change[row] >= 0, 0, -1)),
        change__id=changed,
        created_at=instants(found.at[row]),
        started_at=instants(past.world.known(started)),
        completed_at=instants(done),
        conclusion=words(CONCLUSIONS, np.where(over, ended, -1)),
    )  # fmt: skip


def run_names(found: Runs) -> pa.Array:
    """Run numbers; those that deploy are named after the roll-out, so that it can refer to them."""
    deploys = found.rollout >= 0
    return joined(
        words(["", "deploy-"], deploys), whole(np.where(deploys, found.rollout + 1, np.arange(len(found)) + 1))
    )


def deploy_run(rollout: Ints) -> pa.Array:
    """The id of the run that did each roll-out."""
    return joined("deploy-", whole(rollout + 1), "/1")


def _jobs(  # noqa: PLR0913, PLR0917 - the columns of jobs
    past: History,
    run: pa.Array,
    owner: Ints,
    attempt: Ints,
    job: Ints,
    times: tuple[Floats, Floats, Floats],
    ended: Ints,
) -> pa.Table:
    queued, started, completed = (past.world.known(at) for at in times)
    over = ~np.isnan(completed)
    names, runs = words(NAMES, job), words(run, owner)
    return table(
        SOURCE, joined(runs, "/", names),
        run=runs,
        attempt=whole(attempt[owner]),
        name=names,
        required=truth(REQUIRED[job]),
        runner=words(RUNNERS, LARGE[job]),
        queued_at=instants(queued),
        started_at=instants(started),
        completed_at=instants(completed),
        conclusion=words(CONCLUSIONS, np.where(over, np.select([ended == PASSED, ended == CANCELLED], [0, 2], 1), -1)),
        failure_class=words(CLASSES, np.where(over, ended, PASSED)),
    )  # fmt: skip
