"""CI runs before they are events: what was checked when, and how each attempt went."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from tribometer.demo.code import is_head
from tribometer.demo.columns import Flags, Floats, Ints, counted_out
from tribometer.demo.organisation import MONOREPO, TEAMS
from tribometer.demo.planted import FLAKY_WORKFLOW
from tribometer.demo.rhythm import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tribometer.demo.history import History

WORKFLOWS = ("ci", "main", FLAKY_WORKFLOW.where[1], "dependency-scan", "deploy")
PULL_REQUEST, MAIN, BROWSER, SCAN, DEPLOY = range(5)
EVENTS = ("pull_request", "push", "pull_request", "schedule", "workflow_dispatch")
BROWSER_REPOSITORIES = 6
ORDINARY_FLAKES = np.array([0.015, 0.008, 0.02, 0.004, 0.0])
BROKEN = np.array([0.04, 0.025, 0.03, 0.05, 0.0])
"""Share of runs whose change is really wrong; of heads that are not the last one it is `UNFINISHED`."""
UNFINISHED, INFRASTRUCTURE, SUPERSEDED = 0.4, 0.008, 0.12
PASSED, CHANGE, FLAKE, MACHINES, CANCELLED = range(5)


@dataclass(frozen=True)
class Runs:
    """First attempts, one element each; ``change`` and ``rollout`` are -1 where a run has none."""

    kind: Ints
    repository: Ints
    team: Ints
    commit: Ints
    change: Ints
    rollout: Ints
    at: Floats
    outcome: Ints

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self.kind)


def runs(past: History) -> Runs:
    """Every run of every workflow, oldest first within each."""
    stream = past.world.stream("runs")
    heads = _heads(past)
    parts = [heads, _browser(past, heads), _merged(past), _scans(past, stream), _deploys(past)]
    every = {each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Runs)}
    found = Runs(**every)
    known = found.at < past.world.end
    found = Runs(**{name: column[known] for name, column in every.items()})
    return Runs(**{each.name: getattr(found, each.name) for each in fields(Runs) if each.name != "outcome"},
                outcome=_outcomes(past, stream, found))  # fmt: skip


def _part(  # noqa: PLR0913, PLR0917 - the columns that differ between workflows
    past: History, kind: int, commit: Ints, at: Floats, change: Ints, team: Ints
) -> Runs:
    nothing = np.full(len(commit), -1)
    return Runs(
        np.full(len(commit), kind), past.commits.repository[commit], team, commit, change, nothing, at, nothing * 0
    )


def _heads(past: History) -> Runs:
    """One run for every push to an open change."""
    changes, found = past.changes, past.commits
    owner, place = counted_out(found.pushed)
    heads = np.flatnonzero(is_head(changes, owner, place))
    at = np.maximum(found.at[heads], changes.created[owner[heads]]) + 8
    return _part(past, PULL_REQUEST, heads, at, owner[heads], past.team[owner[heads]])


def _browser(past: History, heads: Runs) -> Runs:
    """The slow end-to-end checks of some repositories."""
    others = [number for number, name in enumerate(past.world.repositories) if name != MONOREPO]
    chosen = [past.world.repositories.index(MONOREPO), *others[:: len(others) // BROWSER_REPOSITORIES]]
    rows = np.isin(heads.repository, chosen)
    return _part(past, BROWSER, heads.commit[rows], heads.at[rows] + 1, heads.change[rows], heads.team[rows])


def _merged(past: History) -> Runs:
    """One run for every commit of a main line but the first."""
    line = past.commits.line
    rows = np.flatnonzero((line.service >= 0) & (line.at >= past.world.start))
    team = past.world.team_of[line.service[rows]]
    return _part(past, MAIN, past.commits.on_branches + rows, line.at[rows] + 6, np.full(len(rows), -1), team)


def _scans(past: History, stream: np.random.Generator) -> Runs:
    """A weekly scan of every repository, started by a timer."""
    world = past.world
    weeks = np.arange(world.start, world.end, 7 * DAY)
    repository = np.tile(np.arange(len(world.repositories)), len(weeks))
    at = np.repeat(weeks, len(world.repositories)) + 2 * 3_600 + stream.uniform(0, 3_600, len(repository))
    commit = past.commits.on_branches + past.commits.line.tip(repository, at)
    _, first = np.unique(world.repository_of, return_index=True)
    alive = (past.commits.repository[commit] == repository) & (at < world.archived[first][repository])
    team = world.team_of[first][repository[alive]]
    return _part(past, SCAN, commit[alive], at[alive], np.full(alive.sum(), -1), team)


def _deploys(past: History) -> Runs:
    """One run for every roll-out that no hand did."""
    rolled = past.rollouts
    rows = np.arange(len(rolled.commit))
    count = len(rows)
    return Runs(
        np.full(count, DEPLOY), past.commits.repository[rolled.commit], past.world.team_of[rolled.service],
        rolled.commit, np.full(count, -1), rows, rolled.started - 20, np.zeros(count, np.int64),
    )  # fmt: skip


def _outcomes(past: History, stream: np.random.Generator, found: Runs) -> Ints:
    """How each first attempt ended; the head that was merged is usually good, those before it often are not."""
    last = found.commit == past.commits.last_pushed()[np.maximum(found.change, 0)]
    unfinished = (found.kind == PULL_REQUEST) & ~last
    flaky = (found.repository == past.world.repositories.index(MONOREPO)) & (found.kind == BROWSER)
    flakes = np.where(flaky, ORDINARY_FLAKES[BROWSER] * FLAKY_WORKFLOW.size, ORDINARY_FLAKES[found.kind])
    luck = stream.random((4, len(found)))
    failed_rollout = np.zeros(len(found), np.bool_)
    rolled = found.rollout >= 0
    failed_rollout[rolled] = ~past.rollouts.succeeded[found.rollout[rolled]]
    superseded = unfinished & (luck[0] < SUPERSEDED)
    broken: Flags = (luck[1] < np.where(unfinished, UNFINISHED, BROKEN[found.kind])) | failed_rollout
    machines = (luck[2] < INFRASTRUCTURE) & ~rolled
    return np.select([superseded, broken, luck[3] < flakes, machines], [CANCELLED, CHANGE, FLAKE, MACHINES], PASSED)


def team_since(past: History, since: Mapping[str, int]) -> Floats:
    """The epoch second from which each team takes part in something; never: infinity."""
    return np.array([past.world.ago(since[team.key]) if team.key in since else np.inf for team in TEAMS])
