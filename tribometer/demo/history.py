"""All that happened, before it is told as events: changes, the commit graph, and what was rolled out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tribometer.demo import changes as changing
from tribometer.demo import commits as committing
from tribometer.demo import people as peopling
from tribometer.demo import rollouts

if TYPE_CHECKING:
    from tribometer.demo.changes import Changes
    from tribometer.demo.columns import Floats, Ints
    from tribometer.demo.commits import Commits
    from tribometer.demo.people import People
    from tribometer.demo.rollouts import Plan
    from tribometer.demo.world import World

BEFORE_ROLLOUT = 90.0


@dataclass(frozen=True)
class Rollouts:
    """Attempts in production, by service and time; ``commit`` is the place of what they brought there.

    ``remedy`` and ``cause`` are those of the plan.
    """

    service: Ints
    created: Floats
    started: Floats
    finished: Floats
    status: tuple[str, ...]
    remedy: tuple[str | None, ...]
    cause: Ints
    commit: Ints

    @property
    def succeeded(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which attempts put something into production."""
        return np.array([status == "success" for status in self.status])

    def is_remedy(self, *names: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which attempts are a remedy of one of these names."""
        return np.isin([name or "" for name in self.remedy], names)


@dataclass(frozen=True)
class History:
    """Everything that the events are told from."""

    world: World
    people: People
    changes: Changes
    commits: Commits
    rollouts: Rollouts
    failures: tuple[tuple[int, float, str], ...]
    """Row of the roll-out that failed, when users felt it no more, and the remedy."""

    @property
    def team(self) -> Ints:
        """The team of each change's service."""
        return self.world.team_of[self.changes.service]


def history(world: World) -> History:
    """Let two years pass."""
    people = peopling.people(world)
    meant = _known(world, changing.planned(world, people))
    plan = rollouts.plan(world, meant)
    changes = meant.and_then(_known(world, _remedies(world, people, meant, plan)))
    graph = committing.commits(world, people, changes)
    tips = committing.tips(world, graph)
    service, created = np.array(plan.service), np.array(plan.created)
    commit = tips.latest(service, created)
    _rolled_back(plan, commit)
    rolled = Rollouts(
        service, created, np.array(plan.started), np.array(plan.finished),
        tuple(plan.status), tuple(plan.remedy), np.array(plan.cause), commit,
    )  # fmt: skip
    return History(world, people, changes, graph, rolled, tuple(plan.failed))


def _known(world: World, changes: Changes) -> Changes:
    """What of these changes is known at the end of history; those opened later are not."""
    changes = changes.only(changes.created < world.end)
    return replace(
        changes,
        ready=world.known(changes.ready),
        requested=world.known(changes.requested),
        reviewed=world.known(changes.reviewed),
        approved=world.known(changes.approved),
        merged=world.known(changes.merged),
        closed=world.known(changes.closed),
    )


def _remedies(world: World, people: People, meant: Changes, plan: Plan) -> Changes:
    """The hotfixes and reverts that the plan rolled out, merged right before."""
    found = []
    stream = world.stream("remedies")
    remedy, cause = np.array([name or "" for name in plan.remedy]), np.array(plan.cause)
    service, created, finished = np.array(plan.service), np.array(plan.created), np.array(plan.finished)
    for kind, name in ((changing.HOTFIX, rollouts.HOTFIX), (changing.REVERT, rollouts.REVERT)):
        rows = np.flatnonzero(remedy == name)
        merged = created[rows] - BEFORE_ROLLOUT
        spent = np.minimum((merged - finished[cause[rows]]) / 60 * stream.uniform(0.4, 0.9, len(rows)), 300)
        author = people.pick(stream, world.team_of[service[rows]], merged)
        undoes = np.full(len(rows), -1)
        if name == rollouts.REVERT:
            undoes = _shipped_by(meant, service[rows], created[cause[rows]])
        found.append(changing.urgent(kind, service[rows], author, merged, np.maximum(spent, 5), undoes))
    return found[0].and_then(found[1])


def _shipped_by(meant: Changes, service: Ints, at: Floats) -> Ints:
    """The last change of each service that was merged before a time; -1 where there is none."""
    merged = np.flatnonzero(~np.isnan(meant.merged))
    order = merged[np.lexsort((meant.merged[merged], meant.service[merged]))]
    key = meant.service[order] * committing.APART + meant.merged[order]
    place = np.searchsorted(key, service * committing.APART + at) - 1
    there = (place >= 0) & (meant.service[order[place]] == service)
    return np.where(there, order[place], -1)


def _rolled_back(plan: Plan, commit: Ints) -> None:
    """Point every rollback at what ran before the deployment that failed, and every redeployment at what runs."""
    for row, name in enumerate(plan.remedy):
        if name == "redeploy":
            commit[row] = commit[row - 1]
        if name != rollouts.ROLLBACK:
            continue
        before = plan.cause[row]
        while before > 0 and plan.service[before - 1] == plan.service[row]:
            before -= 1
            if commit[before] != commit[plan.cause[row]] and plan.status[before] == "success":
                break
        commit[row] = commit[before]
