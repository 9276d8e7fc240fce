"""Events about running services: incidents, on-call pages and shifts, service-level objectives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tribometer.demo import delivery
from tribometer.demo.columns import instants, joined, same, table, truth, whole, words
from tribometer.demo.organisation import TEAMS
from tribometer.demo.rhythm import DAY, HOUR
from tribometer.demo.rollouts import MITIGATED

if TYPE_CHECKING:
    from tribometer.demo.columns import Flags, Floats, Ints
    from tribometer.demo.history import History
    from tribometer.demo.world import World

SOURCE = "demo:operations"
DECLARED, NAMES_DEPLOYMENT, CLASSIFIED = 0.8, 0.5, 0.9
OTHER_CAUSES = 6.0
"""Incidents a year and service that no deployment caused."""
SEVERITIES = ("sev1", "sev2", "sev3")
SEVERITY_SHARES = (0.07, 0.33, 0.6)
TITLES = ("{} answers with errors", "{} is slow", "{} misses events", "{} cannot reach its store")
ROTATIONS = ("commerce-1", "commerce-2", "customer-1", "customer-2", "operations", "platform")
SHIFT = 12 * HOUR
OBJECTIVE_EVERY = 2
OBJECTIVES = (0.995, 0.999, 0.98)
NOISE = 0.9
"""Pages without an incident, for each one with."""
ACTIONABLE = 0.25


def incident_events(past: History) -> pa.Table:
    """Incidents that failed deployments caused, and others."""
    stream, world = past.world.stream("incidents"), past.world
    row, began, ended, named, change = _caused(past, stream)
    service = past.rollouts.service[row]
    others = stream.poisson(OTHER_CAUSES * world.scale * 2, len(world.services))
    runs = np.array([each.deployable for each in world.services])
    calm = np.repeat(np.arange(len(others)), np.where(runs, others, 0))
    at = stream.uniform(np.maximum(world.start, world.born[calm]), np.minimum(world.end, world.archived[calm]))
    service, began = np.concatenate([service, calm]), np.concatenate([began, at])
    ended = np.concatenate([ended, at + stream.lognormal(np.log(1.5 * HOUR), 1.0, len(calm))])
    cause = np.concatenate([change, np.where(stream.random(len(calm)) < CLASSIFIED, 1, 2)])
    count = len(service)
    noticed = began + (ended - began) * stream.uniform(0.05, 0.4, count)
    answered = noticed + np.minimum(stream.exponential(240, count), (ended - noticed) / 2)
    names = words([each.name for each in world.services], service)
    title = stream.integers(0, len(TITLES), count)
    deployment = np.concatenate([np.where(named, row, -1), np.full(len(calm), -1)])
    found = table(
        SOURCE, joined("incident-", whole(np.arange(count) + 1)),
        service=names,
        severity=words(SEVERITIES, stream.choice(len(SEVERITIES), count, p=SEVERITY_SHARES)),
        title=joined(names, words([text.removeprefix("{}") for text in TITLES], title)),
        impact_started_at=instants(began),
        detected_at=instants(world.known(noticed)),
        acknowledged_at=instants(world.known(answered)),
        mitigated_at=instants(world.known(ended)),
        resolved_at=instants(world.known(ended + stream.lognormal(np.log(5 * HOUR), 0.8, count))),
        change_caused=words(["yes", "no", "unknown"], cause),
        deployment__source=words([delivery.SOURCE], np.where(deployment >= 0, 0, -1)),
        deployment__id=words(delivery.deployment_ids(np.arange(len(past.rollouts.commit))), deployment),
    )  # fmt: skip
    return found.filter(pa.array(began < world.end))


def _caused(past: History, stream: np.random.Generator) -> tuple[Ints, Floats, Floats, Flags, Ints]:
    """The failed roll-outs that were declared: their row, when users began and ceased to feel it, and what is said."""
    row = np.array([row for row, _, _ in past.failures])
    restored = np.array([restored for _, restored, _ in past.failures])
    unseen = np.array([remedy == MITIGATED for _, _, remedy in past.failures])
    declared = unseen | (stream.random(len(row)) < DECLARED)
    row, restored = row[declared], restored[declared]
    felt = past.rollouts.finished[row]
    began = felt + np.minimum(stream.exponential(300, len(row)), (restored - felt) / 3)
    named = stream.random(len(row)) < NAMES_DEPLOYMENT
    cause = np.where(named | (stream.random(len(row)) < CLASSIFIED), 0, 2)
    return row, began, restored, named, cause


def page_events(past: History, incidents: pa.Table) -> pa.Table:
    """One page per incident when it was noticed, and those that were no use."""
    stream, world = past.world.stream("pages"), past.world
    noticed = incidents.column("detected_at").cast(pa.int64()).to_numpy(zero_copy_only=False) / 1e6
    names = [each.name for each in world.services]
    of = np.array([names.index(name) for name in incidents.column("service").to_pylist()])
    idle = stream.integers(0, len(names), int(len(of) * NOISE))
    at = np.concatenate([noticed, stream.uniform(world.start, world.end, len(idle))])
    service = np.concatenate([of, idle])
    useful = np.concatenate([np.ones(len(of), np.bool_), stream.random(len(idle)) < ACTIONABLE])
    seen = np.flatnonzero((at < world.end) & (at >= world.born[service]) & (at < world.archived[service]))
    at, service = at[seen], service[seen]
    return table(
        SOURCE, joined("page-", whole(seen + 1)),
        rotation=words(ROTATIONS, rotation_of()[world.team_of[service]]),
        service=words(names, service),
        paged_at=instants(at),
        acknowledged_at=instants(world.known(at + stream.exponential(200, len(at)))),
        actionable=truth(useful[seen], stream.random(len(at)) < CLASSIFIED),
    )  # fmt: skip


def rotation_of() -> Ints:
    """The on-call rotation of each team: two of one department share one."""
    departments = [team.department for team in TEAMS]
    numbers = [departments[:place].count(department) // 2 + 1 for place, department in enumerate(departments)]
    names = [
        department if department in ROTATIONS else f"{department}-{number}"
        for department, number in zip(departments, numbers, strict=True)
    ]
    return np.array([ROTATIONS.index(name) for name in names])


def shift_events(past: History) -> pa.Table:
    """Days and nights of every rotation; somebody has them for a week."""
    world, people = past.world, past.people
    stream = world.stream("shifts")
    starts = np.arange(world.start, world.end, SHIFT)
    rotation = np.tile(np.arange(len(ROTATIONS)), len(starts))
    at = np.repeat(starts, len(ROTATIONS))
    team = np.argsort(rotation_of(), kind="stable")[::2][rotation]
    week = ((at - world.start) // (7 * DAY)).astype(np.int64) * 2 + (at % DAY > 0)
    turn = np.unique(np.stack([rotation, week]), axis=1, return_inverse=True)[1]
    _, first = np.unique(turn, return_index=True)
    person = people.pick(stream, team[first], at[first])[turn]
    return table(
        SOURCE, joined(words(ROTATIONS, rotation), "-", whole(at)),
        rotation=words(ROTATIONS, rotation),
        person=words(people.logins, person),
        starts_at=instants(at),
        ends_at=instants(at + SHIFT),
    )  # fmt: skip


def slo_events(past: History, incidents: pa.Table) -> pa.Table:
    """Every second deployable service has an objective, looked at week by week: incidents eat into it."""
    world: World = past.world
    stream = world.stream("objectives")
    chosen = np.flatnonzero(
        [each.deployable and number % OBJECTIVE_EVERY == 0 for number, each in enumerate(world.services)]
    )
    weeks = np.arange(world.start + DAY, world.end - 7 * DAY, 7 * DAY)
    service, week = np.repeat(chosen, len(weeks)), np.tile(np.arange(len(weeks)), len(chosen))
    alive = (weeks[week] >= world.born[service]) & (weeks[week] + 7 * DAY <= world.archived[service])
    service, week = service[alive], week[alive]
    objective = np.array(OBJECTIVES)[service % len(OBJECTIVES)]
    hurt = _incidents_in(world, incidents, weeks)[service, week]
    total = np.floor(stream.lognormal(12, 0.3, len(week)))
    bad = (1 - objective) * (stream.beta(2, 6, len(week)) + hurt * stream.uniform(0.1, 0.9, len(week)))
    names = words([each.name for each in world.services], service)
    return table(
        SOURCE, joined(names, "-availability-", whole(week)),
        service=names,
        name=same("availability", len(week)),
        **{"from": instants(weeks[week])},
        to=instants(weeks[week] + 7 * DAY),
        objective=pa.array(objective),
        good=pa.array(np.floor(total * (1 - np.minimum(bad, 1)))),
        total=pa.array(total),
    )  # fmt: skip


def _incidents_in(world: World, incidents: pa.Table, weeks: Floats) -> Ints:
    """How many incidents each service had in each week."""
    names = [each.name for each in world.services]
    began = incidents.column("impact_started_at").cast(pa.int64()).to_numpy() / 1e6
    week = np.searchsorted(weeks, began, "right") - 1
    counted = np.zeros((len(names), len(weeks)), np.int64)
    inside = week >= 0
    service = np.array([names.index(name) for name in incidents.column("service").to_pylist()])
    np.add.at(counted, (service[inside], week[inside]), 1)
    return counted
