"""Production deployments before they are events: when each service rolls out, what fails, and how it is put right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tribometer.demo.organisation import TEAMS
from tribometer.demo.planted import TEMPLATE
from tribometer.demo.rhythm import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tribometer.demo.changes import Changes
    from tribometer.demo.columns import Floats
    from tribometer.demo.organisation import Team
    from tribometer.demo.world import World

FIRST_DEPLOY_DAYS = 24.0
SAME_ROLLOUT = 15 * 60.0
SLOTS = {"daily": 1, "twice_weekly": 2, "weekly": 5, "fortnightly": 10}
"""Every how many open days a team rolls out; continuous ones do at every merge."""
ATTEMPT_FAILS, ATTEMPT_CANCELLED, REDEPLOYED = 0.04, 0.008, 0.012
ROLLBACK, HOTFIX, REVERT, MITIGATED = "rollback", "hotfix", "revert", "mitigated"
REMEDIES = (ROLLBACK, HOTFIX, REVERT, MITIGATED)
REMEDY_SHARES = (0.42, 0.3, 0.13, 0.15)
QUICK = 50 * 60.0
"""Nobody writes a fix faster than this: a quicker recovery is a rollback."""


@dataclass
class Plan:
    """Rows of attempts in production, per service in order of time; ``cause`` is the row that a remedy puts right."""

    service: list[int] = field(default_factory=list)
    created: list[float] = field(default_factory=list)
    started: list[float] = field(default_factory=list)
    finished: list[float] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    remedy: list[str | None] = field(default_factory=list)
    cause: list[int] = field(default_factory=list)
    failed: list[tuple[int, float, str]] = field(default_factory=list)
    """Row of a deployment that failed, when users stopped feeling it, and by which remedy."""

    def add(
        self,
        service: int,
        times: tuple[float, float, float],
        status: str = "success",
        remedy: str | None = None,
        cause: int = -1,
    ) -> int:
        """Add a row and return its place."""
        self.service.append(service)
        for column, at in zip((self.created, self.started, self.finished), times, strict=True):
            column.append(at)
        self.status.append(status)
        self.remedy.append(remedy)
        self.cause.append(cause)
        return len(self.service) - 1


def plan(world: World, changes: Changes) -> Plan:
    """Roll out what was merged, service by service."""
    stream = world.stream("rollouts")
    found = Plan()
    first = first_deployments(world)
    for number, service in enumerate(world.services):
        if service.deployable:
            merged = np.sort(changes.merged[(changes.service == number) & ~np.isnan(changes.merged)])
            slots = _slots(world, stream, number, merged, first[number])
            _roll_out(found, stream, number, slots[slots < world.end], TEAMS[service.team])
    return found


def first_deployments(world: World) -> Floats:
    """When each service first reached production: sooner where a template made it so."""
    stream = world.stream("first deployments")
    days = FIRST_DEPLOY_DAYS * stream.lognormal(0, 0.22, len(world.services))
    faster = np.array([service.template in TEMPLATE.where for service in world.services])
    return np.asarray(world.born + np.where(faster, TEMPLATE.size, 1.0) * days * DAY)


def _slots(world: World, stream: np.random.Generator, number: int, merged: Floats, first: float) -> Floats:
    """When roll-outs are asked for; several merges may wait for one."""
    team = TEAMS[world.services[number].team]
    if team.pace == "continuous":
        asked = merged + stream.uniform(420, 1_500, len(merged))
        asked = asked[np.diff(asked, prepend=-np.inf) > SAME_ROLLOUT]
    else:
        calendar = world.rhythm.team(world.services[number].team)
        days = calendar.opens[number % SLOTS[team.pace] :: SLOTS[team.pace]]
        times = days + stream.uniform(2.0, 6.0, len(days)) * HOUR
        asked = np.unique(times[np.minimum(np.searchsorted(times, merged), len(times) - 1)])
    later = asked[asked > first + HOUR]
    return np.concatenate([[first], later]) if world.start <= first < world.end else later


def _roll_out(found: Plan, stream: np.random.Generator, number: int, slots: Floats, team: Team) -> None:
    """Attempts at these times; while something is broken nothing else goes out."""
    frozen_until = -np.inf
    luck_of_each = stream.random((len(slots), 3))
    for at, times, luck in zip(slots, _times(stream, slots, approves=team.approves), luck_of_each, strict=True):
        if at < frozen_until:
            continue
        row = _attempt(found, number, times, luck)
        frozen_until = found.finished[row]
        if luck[1] < team.fails:
            frozen_until = _put_right(found, stream, row, team.recovery_hours)


def _times(stream: np.random.Generator, slots: Floats, *, approves: bool) -> Iterator[tuple[float, float, float]]:
    """Created, started and finished; somebody who has to approve adds a wait before the start."""
    count = len(slots)
    waits = stream.lognormal(np.log(1.2 * HOUR), 1.0, count) if approves else np.zeros(count)
    started = slots + np.minimum(waits, 30 * HOUR) + stream.uniform(5, 60, count)
    finished = started + stream.lognormal(np.log(420), 0.45, count)
    return zip(slots.tolist(), started.tolist(), finished.tolist(), strict=True)


def _attempt(found: Plan, number: int, times: tuple[float, float, float], luck: Floats) -> int:
    """The roll-out, after an attempt that broke off now and then; sometimes the same version once more."""
    created, started, finished = times
    if luck[0] < ATTEMPT_FAILS + ATTEMPT_CANCELLED:
        found.add(number, times, "failure" if luck[0] < ATTEMPT_FAILS else "cancelled")
        again = 900 + 1_800 * float(luck[2])
        created, started, finished = created + again, started + again, finished + again
    row = found.add(number, (created, started, finished))
    if luck[2] < REDEPLOYED:
        found.add(number, (finished + 1_200, finished + 1_230, finished + 1_500), remedy="redeploy")
    return row


def _put_right(found: Plan, stream: np.random.Generator, row: int, hours: float) -> float:
    """End a failure: by a rollback, a hotfix, a revert, or without a deployment. Return when users feel it no more."""
    finished = found.finished[row]
    restored = finished + float(stream.lognormal(np.log(hours * HOUR), 0.8)) + 300
    remedy = str(stream.choice(REMEDIES, p=REMEDY_SHARES))
    if restored - finished < QUICK and remedy in {HOTFIX, REVERT}:
        remedy = ROLLBACK
    if remedy != MITIGATED:
        lasts = min(420.0, (restored - finished) / 3)
        found.add(found.service[row], (restored - lasts - 40, restored - lasts, restored), remedy=remedy, cause=row)
    found.failed.append((row, restored, remedy))
    return max(restored, found.finished[-1]) + 60
