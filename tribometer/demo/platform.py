"""Events about the platform: template releases, requests to it, and the pipelines that came of its templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tribometer.demo.columns import counted_out, instants, joined, lists, same, table, whole, words
from tribometer.demo.organisation import TEAMS
from tribometer.demo.rhythm import DAY, HOUR

if TYPE_CHECKING:
    from tribometer.demo.world import World

SOURCE = "demo:platform"
TEMPLATES = ("service-golden", "service-classic")
STEPS = ("checkout", "lint", "unit-tests", "build", "scan", "sign", "deploy-staging", "deploy-production")
RELEASE_EVERY = 75 * DAY
KINDS = ("database", "queue", "environment", "access", "secret")
BY_ITSELF = np.array([0.55, 0.6, 0.15, 0.3, 0.8])
"""Share of each kind that needs no human."""
WAIT_HOURS = np.array([30.0, 20.0, 70.0, 26.0, 8.0])
WEEKLY_REQUESTS = 22.0
GIVEN_UP = 0.02
REVISIONS = 4


def template_events(world: World) -> pa.Table:
    """Releases of both templates; the golden one gained its last steps on the way."""
    releases = np.arange(world.start - 200 * DAY, world.end, RELEASE_EVERY)
    template = np.repeat([0, 1], len(releases))
    number = np.tile(np.arange(len(releases)), 2)
    lengths = np.where(template == 0, np.minimum(5 + number // 2, len(STEPS)), 4)
    _, place = counted_out(lengths)
    names = words(TEMPLATES, template)
    release = joined("v", whole(number + 1))
    return table(
        SOURCE, joined(names, "@", release),
        template=names,
        release=release,
        released_at=instants(releases[number] + template * 3 * DAY),
        steps=lists(lengths, words(STEPS, place)),
    )  # fmt: skip


def request_events(world: World) -> pa.Table:
    """What teams asked the platform for; much of it answers itself, the rest waits for somebody."""
    stream = world.stream("requests")
    team = stream.integers(0, len(TEAMS), stream.poisson(WEEKLY_REQUESTS * 104 * world.scale))
    count = len(team)
    begun = stream.uniform(world.start, world.end, count)
    asked = world.rhythm.later(team, begun, np.full(count, 0.05))
    kind = stream.choice(len(KINDS), count, p=(0.2, 0.15, 0.15, 0.3, 0.2))
    alone = stream.random(count) < BY_ITSELF[kind]
    wait = WAIT_HOURS[kind] * stream.lognormal(0, 0.9, count) * np.where(alone, 0.01, 0.35)
    answered = np.where(alone, asked + 20, world.rhythm.later(team, asked, wait * 0.3))
    done = np.where(alone, asked + wait * HOUR, world.rhythm.later(team, asked, wait))
    gone = stream.random(count) < GIVEN_UP
    usable = done + stream.exponential(3 * HOUR, count)
    keep = pa.array(asked < world.end)
    filled = np.where(gone, np.nan, world.known(done))
    status = np.select([gone, ~np.isnan(filled)], [2, 1], 0)
    found = table(
        SOURCE, joined("request-", whole(np.arange(count) + 1)),
        kind=words(KINDS, kind),
        team=words([each.key for each in TEAMS], team),
        requested_at=instants(asked),
        first_response_at=instants(world.known(answered)),
        fulfilled_at=instants(filled),
        usable_at=instants(np.where(np.isnan(filled), np.nan, world.known(usable))),
        status=words(["open", "fulfilled", "cancelled"], status),
        human_touches=whole(np.where(alone, 0, 1 + stream.poisson(1.2, count))),
    )  # fmt: skip
    return pa.concat_tables([found.filter(keep), _births(world)], promote_options="default")


def _births(world: World) -> pa.Table:
    """The request by which each new service came to be."""
    stream = world.stream("births")
    number = np.flatnonzero([service.born is not None for service in world.services])
    golden = np.array([world.services[each].template == TEMPLATES[0] for each in number])
    asked = world.born[number] - stream.uniform(0.05, 0.3, len(number)) * DAY * np.where(golden, 1, 20)
    born = world.born[number]
    return table(
        SOURCE, joined("birth-", words([service.name for service in world.services], number)),
        kind=same("service", len(number)),
        team=words([team.key for team in TEAMS], world.team_of[number]),
        service=words([service.name for service in world.services], number),
        template=words([service.template for service in world.services], number),
        requested_at=instants(asked),
        first_response_at=instants(asked + (born - asked) * 0.4),
        fulfilled_at=instants(born),
        usable_at=instants(born + HOUR),
        status=same("fulfilled", len(number)),
        human_touches=whole(np.where(golden, 0, 2)),
    )  # fmt: skip


def pipeline_events(world: World) -> pa.Table:
    """The pipeline of every repository as it stood over time: by reference to a template, or drifting away from it."""
    stream = world.stream("pipelines")
    count = len(world.repositories)
    born = np.full(count, np.inf)
    np.minimum.at(born, world.repository_of, world.born)
    repository, place = np.repeat(np.arange(count), REVISIONS), np.tile(np.arange(REVISIONS), count)
    begins = np.maximum(born[repository], world.start)
    at = begins + (world.end - begins) * place / REVISIONS
    first = np.array([world.repository_of.tolist().index(each) for each in range(count)])
    golden = np.array([world.services[each].template == TEMPLATES[0] for each in first])[repository]
    since = np.where(golden, 0, 1)
    release = np.clip((at - world.start + 200 * DAY) // RELEASE_EVERY - stream.integers(0, 4, len(at)), 0, None) + 1
    lengths = np.where(golden, len(STEPS), 4 + stream.integers(0, 3, len(at)))
    owner, step = counted_out(lengths)
    pin = joined("v", whole(release))
    step_names = words(STEPS, np.where(golden[owner], step, (step + repository[owner] * (step > 1)) % len(STEPS)))
    uses = joined("acme/platform/.github/workflows/deploy.yml@", pin).filter(pa.array(golden))
    return table(
        SOURCE, joined(words(world.repositories, repository), "/pipeline@", whole(place + 1)),
        repository=words(world.repositories, repository),
        path=same(".github/workflows/ci.yml", len(at)),
        observed_at=instants(at),
        steps=lists(lengths, step_names),
        uses=lists(golden.astype(np.int64), uses),
        template=words(TEMPLATES, since),
        template_release=pin,
    )  # fmt: skip
