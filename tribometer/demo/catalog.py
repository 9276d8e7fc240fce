"""Events about the organisation: teams and departments, services, who owns what, and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tribometer.demo.columns import instants, joined, lists, table, whole, words
from tribometer.demo.organisation import DEPARTMENTS, MOVED, MOVED_DAYS_AGO, MOVED_FROM, TEAMS

if TYPE_CHECKING:
    from tribometer.demo.people import People
    from tribometer.demo.world import World

SOURCE = "demo:catalog"
COMPANY = "acme"
FIRST_TIER, SECOND_TIER = 1.2, 0.8
"""Shares of a team's changes from which on a service counts as important."""


def team_events() -> pa.Table:
    """The company, its departments, and the teams in them."""
    above = [COMPANY, *DEPARTMENTS]
    keys = [*above, *(team.key for team in TEAMS)]
    sizes = [sum(team.headcount for team in TEAMS if key in {COMPANY, team.department}) for key in above]
    return table(
        SOURCE, pa.array(keys),
        name=pa.array(keys),
        parent=pa.array([None, *[COMPANY] * len(DEPARTMENTS), *(team.department for team in TEAMS)]),
        timezone=pa.array([None] * len(above) + [team.zone for team in TEAMS]),
        holidays=pa.array([None] * len(above) + [team.country for team in TEAMS]),
        headcount=pa.array(sizes + [team.headcount for team in TEAMS]),
    )  # fmt: skip


def service_events(world: World) -> pa.Table:
    """One row per service."""
    names = pa.array([service.name for service in world.services])
    tiers = [0 if service.share >= FIRST_TIER else 1 + (service.share < SECOND_TIER) for service in world.services]
    paths = [path for service in world.services for path in service.paths]
    lengths = np.array([len(service.paths) for service in world.services])
    return table(
        SOURCE, names,
        name=names,
        kind=words(["library", "deployable"], np.array([service.deployable for service in world.services])),
        created_at=instants(world.born),
        archived_at=instants(np.where(np.isfinite(world.archived), world.archived, np.nan)),
        template=pa.array([service.template for service in world.services], pa.string()),
        tier=words(["1", "2", "3"], np.array(tiers)),
        repository=pa.array([service.repository for service in world.services]),
        paths=lists(lengths, pa.array(paths, pa.string()), lengths > 0),
    )  # fmt: skip


def ownership_events(world: World, people: People) -> pa.Table:
    """Services with their teams, one of which changed hands, and people with theirs."""
    names = [service.name for service in world.services]
    owners = [TEAMS[service.team].key for service in world.services]
    moved, at = names.index(MOVED), world.ago(MOVED_DAYS_AGO)
    count = len(people.team)
    total = len(names) + 1 + count
    begins, ends = np.full(total, np.nan), np.full(total, np.nan)
    begins[moved], ends[len(names)] = at, at
    begins[len(names) + 1 :], ends[len(names) + 1 :] = people.starts, people.ends
    teams = [*owners, MOVED_FROM, *(TEAMS[team].key for team in people.team)]
    return table(
        SOURCE, joined("ownership-", whole(np.arange(total) + 1)),
        team=pa.array(teams),
        service=pa.array([*names, MOVED, *[None] * count]),
        person=pa.array([None] * (len(names) + 1) + list(people.logins[:count])),
        valid_from=instants(begins),
        valid_to=instants(ends),
    )  # fmt: skip


def person_events(people: People) -> pa.Table:
    """Humans with the day they began, and bots."""
    logins = pa.array(people.logins)
    count, bots = len(people.logins), len(people.logins) - people.humans
    mail = joined(logins, "@acme.example")
    handles = pa.concat_arrays([logins, mail]).take(pa.array(np.arange(2 * count).reshape(2, count).T.ravel()))
    never = np.full(bots, np.nan)
    return table(
        SOURCE, logins,
        kind=words(["human", "bot"], np.arange(count) >= people.humans),
        start_date=instants(np.concatenate([people.starts, never])),
        end_date=instants(np.concatenate([people.ends, never])),
        handles=lists(np.full(count, 2), handles),
    )  # fmt: skip
