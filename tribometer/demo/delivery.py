"""Events about deployments: roll-outs to staging and production, approvals, and what is seen to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tribometer.demo import ci_events
from tribometer.demo.columns import instants, joined, same, table, truth, whole, words
from tribometer.demo.organisation import CANARY, TEAMS, TWO_REGIONS
from tribometer.demo.rhythm import DAY

if TYPE_CHECKING:
    from tribometer.demo.columns import Flags, Floats, Ints
    from tribometer.demo.history import History, Rollouts

SOURCE = "demo:delivery"
STATUSES = ("success", "failure", "cancelled", "running")
PATHS = ("golden", "other", "manual")
GOLDEN_PATH, OTHER_PATH, BY_HAND = range(3)
CANARY_STEPS = 3
STAGED, STAGING_FAILS, MANUAL, FELT = 0.8, 0.06, 0.03, 0.06
NEVER_GOLDEN = 0.25
TIMER, POLICY = 0.12, 0.1
SHADOWS = 0.015


def deployment_events(past: History) -> pa.Table:
    """All deployments, those to staging in front."""
    return pa.concat_tables([_staging(past), _production(past)])


def deployment_ids(rows: Ints) -> pa.Array:
    """The id of the event that stands for each roll-out: the last step of a canary, the first of two regions."""
    return joined("deployment-", whole(rows + 1))


def paths_taken(past: History) -> Ints:
    """By which path each roll-out went: services take up the golden path one after the other, some never."""
    world, rolled = past.world, past.rollouts
    stream = world.stream("paths")
    made = [service.template == "service-golden" for service in world.services]
    adopts = world.start + stream.uniform(-120, 900, len(made)) * DAY
    adopts = np.where(stream.random(len(made)) < NEVER_GOLDEN, np.inf, adopts)
    since = np.where(made, world.born, adopts)
    golden = rolled.created >= since[rolled.service]
    manual = stream.random(len(golden)) < MANUAL
    return np.select([manual, golden], [BY_HAND, GOLDEN_PATH], OTHER_PATH)


def _production(past: History) -> pa.Table:
    """One row per roll-out, three for a canary's steps, two where there are two regions."""
    world, rolled = past.world, past.rollouts
    names = [service.name for service in world.services]
    in_steps = np.isin(names, [CANARY])[rolled.service] & ~rolled.is_remedy("rollback", "redeploy")
    regions = np.isin(names, sorted(TWO_REGIONS))[rolled.service]
    copies = np.select([in_steps, regions], [CANARY_STEPS, 2], 1)
    row = np.repeat(np.arange(len(copies)), copies)
    step = np.arange(len(row)) - np.repeat(np.cumsum(copies) - copies, copies)
    last = step == copies[row] - 1
    lasts = (rolled.finished - rolled.started)[row] / np.where(in_steps[row], CANARY_STEPS, 1)
    started = rolled.started[row] + np.where(in_steps[row], step * lasts, step * 240)
    stands = np.where(in_steps[row], last, step == 0)
    environment = np.where(regions[row], step, 2)
    return _rows(
        past, row, started, started + lasts,
        joined(deployment_ids(row), words(["-a", "-b", "-c", ""], np.where(stands, 3, step))),
        environment=words(["production-eu", "production-us", "production"], environment),
        tier=same("production", len(row)),
        kind=words(["rollback", "config"], _kinds(rolled)[row]),
        group=words(joined("rollout-", whole(np.arange(len(copies)) + 1)), np.where(in_steps[row], row, -1)),
    )  # fmt: skip


def _kinds(rolled: Rollouts) -> Ints:
    """Half of the teams say that they roll back; of the others it has to be seen. Some redeploy for a new setting."""
    says = rolled.service % 2 == 0
    rollback, redeploy = rolled.is_remedy("rollback"), rolled.is_remedy("redeploy")
    return np.select([rollback & says, redeploy & says], [0, 1], -1)


def _staging(past: History) -> pa.Table:
    """What went through staging right before production, and what stopped there."""
    stream = past.world.stream("staging")
    rolled = past.rollouts
    continuous = np.array([team.pace == "continuous" for team in TEAMS])[past.world.team_of[rolled.service]]
    ordinary = np.array([remedy is None for remedy in rolled.remedy]) & rolled.succeeded & ~continuous
    row = np.flatnonzero(ordinary & (stream.random(len(ordinary)) < STAGED))
    started = np.maximum(past.commits.at[rolled.commit[row]] + 60, rolled.created[row] - 2_700)
    failed = stream.random(len(row)) < STAGING_FAILS
    return _rows(
        past, row, started, started + stream.lognormal(np.log(300), 0.4, len(row)),
        joined("staging-", whole(row + 1)),
        environment=same("staging", len(row)),
        tier=same("staging", len(row)),
        kind=words([None], np.zeros(len(row), np.int64)),
        group=words([None], np.zeros(len(row), np.int64)),
        failed=failed,
    )  # fmt: skip


def _rows(  # noqa: PLR0913 - the columns that differ between environments
    past: History,
    row: Ints,
    started: Floats,
    finished: Floats,
    identity: pa.Array,
    *,
    failed: Flags | None = None,
    **columns: pa.Array,
) -> pa.Table:
    """Deployments that bring the commit of roll-out ``row`` somewhere; those not over at the end still run."""
    rolled, known = past.rollouts, past.world.known
    over = known(finished)
    production = failed is None
    status = np.array([STATUSES.index(status) for status in rolled.status])[row]
    status = status if failed is None else failed.astype(np.int64)
    status = np.where(np.isnan(over), STATUSES.index("running"), status)
    path = paths_taken(past)[row]
    by_run = production & (path != BY_HAND)
    felt = (status == STATUSES.index("failure")) & production
    found = table(
        SOURCE, identity,
        service=words([service.name for service in past.world.services], rolled.service[row]),
        **columns,
        sha=words(past.commits.sha, rolled.commit[row]),
        created_at=instants(np.minimum(rolled.created[row], started)),
        started_at=instants(known(started)),
        finished_at=instants(over),
        status=words(STATUSES, status),
        path=words(PATHS, path),
        users_affected=truth(row % 100 < FELT * 100, felt),
        run__source=words([ci_events.SOURCE], np.where(by_run, 0, -1)),
        run__id=words(ci_events.deploy_run(np.arange(len(rolled.commit))), np.where(by_run, row, -1)),
    )  # fmt: skip
    return found.filter(pa.array(started < past.world.end))


def gate_events(past: History) -> pa.Table:
    """Approvals, and for some roll-outs a timer or a policy check."""
    stream, rolled = past.world.stream("gates"), past.rollouts
    approves = np.array([team.approves for team in TEAMS])[past.world.team_of[rolled.service]]
    human = np.flatnonzero(approves & ~rolled.is_remedy("redeploy"))
    luck = stream.random(len(rolled.commit))
    timer, policy = np.flatnonzero(luck < TIMER), np.flatnonzero(luck > 1 - POLICY)
    row = np.concatenate([human, timer, policy])
    kind = np.repeat([0, 1, 2], [len(human), len(timer), len(policy)])
    decided = np.where(kind == 0, rolled.started[row] - 5, rolled.created[row] + np.where(kind == 1, 300, 4))
    refused = (kind == 0) & np.array([status == "cancelled" for status in rolled.status])[row]
    found = table(
        SOURCE, joined("gate-", words(["approval-", "timer-", "policy-"], kind), whole(row + 1)),
        deployment=deployment_ids(row),
        kind=words(["human", "timer", "policy"], kind),
        requested_at=instants(rolled.created[row]),
        decided_at=instants(past.world.known(np.maximum(decided, rolled.created[row]))),
        decision=words(["approved", "rejected"], np.where(decided < past.world.end, refused, -1)),
    )  # fmt: skip
    return found.filter(pa.array(rolled.created[row] < past.world.end))


def observation_events(past: History) -> pa.Table:
    """What a weekly look at every cluster found running: now and then something nobody deployed."""
    world, rolled = past.world, past.rollouts
    stream = world.stream("observations")
    weeks = np.arange(world.start + 5 * DAY, world.end, 7 * DAY)
    good = np.flatnonzero(rolled.succeeded & (rolled.finished < world.end))
    order = good[np.lexsort((rolled.finished[good], rolled.service[good]))]
    service = np.tile(np.arange(len(world.services)), len(weeks))
    at = np.repeat(weeks, len(world.services)) + service * 20.0
    place = np.searchsorted(rolled.service[order] * 1e10 + rolled.finished[order], service * 1e10 + at) - 1
    seen = (place >= 0) & (rolled.service[order[place]] == service) & (at < world.archived[service])
    commit = rolled.commit[order[place[seen]]]
    shadow = stream.random(len(commit)) < SHADOWS
    newest = past.commits.on_branches + past.commits.line.tip(past.commits.repository[commit], at[seen])
    return table(
        SOURCE, joined("seen-", whole(np.arange(len(commit)) + 1)),
        service=words([each.name for each in world.services], service[seen]),
        environment=same("production", len(commit)),
        observed_at=instants(at[seen]),
        sha=words(past.commits.sha, np.where(shadow, newest, commit)),
        via=same("cluster", len(commit)),
    )  # fmt: skip
