"""Changes before they are events: who wrote what for which service, and when it was reviewed and merged."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from tribometer.demo.organisation import TEAMS
from tribometer.demo.planted import REVIEW_REMINDERS, REVIEW_WAIT
from tribometer.demo.rhythm import HOUR, WORKDAY

if TYPE_CHECKING:
    from tribometer.demo.columns import Flags, Floats, Ints
    from tribometer.demo.people import People
    from tribometer.demo.world import World

REGULAR, UPDATE, HOTFIX, REVERT = range(4)
WORK_WEEK = 5
DRAFTS, UNREVIEWED, SECOND_ROUND, ABANDONED, BOT_SHARE = 0.15, 0.05, 0.2, 0.05, 0.08
OUT_OF_HOURS = 0.03


@dataclass(frozen=True)
class Changes:
    """One element per change; times in epoch seconds, NaN where something never happened."""

    kind: Ints
    service: Ints
    author: Ints
    first_commit: Floats
    created: Floats
    ready: Floats
    requested: Floats
    reviewed: Floats
    approved: Floats
    merged: Floats
    closed: Floats
    early: Ints
    """Commits before it was opened, at least one."""
    late: Ints
    """Commits after it was opened."""
    undoes: Ints
    """For a revert: the place of the change that it undoes; else -1."""

    def __len__(self) -> int:
        """Return how many changes there are."""
        return len(self.kind)

    def only(self, rows: Flags | Ints) -> Changes:
        """These rows of every field."""
        return Changes(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    def and_then(self, other: Changes) -> Changes:
        """Both, the other ones behind."""
        return Changes(
            **{
                each.name: np.concatenate([getattr(self, each.name), getattr(other, each.name)])
                for each in fields(self)
            }
        )


def planned(world: World, people: People) -> Changes:
    """The changes that somebody meant to make: features and dependency updates."""
    stream = world.stream("changes")
    service, begun = _begun(world, stream)
    team = world.team_of[service]
    updates = stream.random(len(service)) < BOT_SHARE
    author = np.where(updates, people.updater, people.pick(stream, team, begun))
    coding = _hours(stream, np.array([each.coding_hours for each in TEAMS])[team], 0.9)
    created = np.where(updates, begun + 60, world.rhythm.later(team, begun, coding))
    draft = (stream.random(len(service)) < DRAFTS) & ~updates
    ready = np.where(draft, world.rhythm.later(team, created, stream.exponential(5, len(service))), np.nan)
    review = _reviewed(world, stream, team, np.where(draft, ready, created))
    kind = np.where(updates, UPDATE, REGULAR)
    late = np.where(updates | np.isnan(review[1]), 0, stream.poisson(0.35, len(service)) + (review[2] > review[1]))
    early = np.where(updates, 1, 1 + stream.poisson(1.15, len(service)))
    nothing = np.full(len(service), -1)
    return Changes(kind, service, author, begun, created, ready, *review, early, late, nothing)


def urgent(  # noqa: PLR0913, PLR0917 - what differs between them
    kind: int, service: Ints, author: Ints, merged: Floats, minutes: Floats, undoes: Ints
) -> Changes:
    """Hotfixes and reverts: written and merged within minutes, waved through."""
    created = merged - minutes * 60 * 0.4
    never, one = np.full(len(service), np.nan), np.ones(len(service), np.int64)
    return Changes(
        np.full(len(service), kind), service, author, merged - minutes * 60, created, never, created + 30,
        (created + merged) / 2, (created + merged) / 2, merged, never, one, one * 0, undoes,
    )  # fmt: skip


def _begun(world: World, stream: np.random.Generator) -> tuple[Ints, Floats]:
    """When work on each change began: more on busy days, mostly in the middle of the day, by service."""
    services, times = [], []
    for number, service in enumerate(world.services):
        calendar = world.rhythm.team(service.team)
        team = TEAMS[service.team]
        share = service.share / sum(each.share for each in world.services if each.team == service.team)
        daily = team.headcount * team.weekly_changes / WORK_WEEK * share * world.scale
        life = (calendar.opens >= max(world.start, world.born[number])) & (
            calendar.opens < min(world.end, world.archived[number])
        )
        days = np.flatnonzero(life)
        day = np.repeat(days, stream.poisson(daily * 0.98 * calendar.busy[days]))
        at = calendar.opens[day] + stream.beta(1.6, 1.9, len(day)) * WORKDAY
        away = stream.random(len(day)) < OUT_OF_HOURS
        times.append(np.where(away, at + stream.uniform(9, 60, len(day)) * HOUR, at))
        services.append(np.full(len(day), number))
    service_column, at_column = np.concatenate(services), np.concatenate(times)
    inside = at_column < world.end
    return service_column[inside], at_column[inside]


def _reviewed(
    world: World, stream: np.random.Generator, team: Ints, ready: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Requested, first reviewed, approved, merged, closed: each after the one before, in working time."""
    count, later = len(team), world.rhythm.later
    skipped, given_up = stream.random(count) < UNREVIEWED, stream.random(count) < ABANDONED
    requested = np.where(skipped, np.nan, ready + stream.uniform(30, 900, count))
    waits = _hours(stream, _review_hours(team), 0.8)
    reviewed = later(team, requested, waits * _reminded(world, team, ready))
    again = stream.random(count) < SECOND_ROUND
    approved = np.where(again, later(team, reviewed, _hours(stream, np.full(count, 4.0), 0.7)), reviewed)
    settled = np.where(skipped, ready + stream.uniform(1_200, 9_000, count), approved)
    merged = later(team, settled, _hours(stream, np.full(count, 0.5), 0.9))
    closed = np.where(given_up, later(team, settled, stream.exponential(40, count)), np.nan)
    return requested, reviewed, np.where(given_up, np.nan, approved), np.where(given_up, np.nan, merged), closed


def _review_hours(team: Ints) -> Floats:
    hours = np.array([each.review_hours for each in TEAMS])
    slow = np.isin([each.key for each in TEAMS], REVIEW_WAIT.where)
    return np.where(slow, np.median(hours[~slow]) * REVIEW_WAIT.size, hours)[team]


def _reminded(world: World, team: Ints, at: Floats) -> Floats:
    """The factor of the reminders on a review's wait, from the day on that a team switched them on."""
    days = np.array([REVIEW_REMINDERS.since.get(each.key, np.nan) for each in TEAMS])
    return np.where(at >= world.end - days[team] * 24 * HOUR, REVIEW_REMINDERS.size, 1.0)


def _hours(stream: np.random.Generator, median: Floats, spread: float) -> Floats:
    return np.asarray(median * stream.lognormal(0, spread, len(median)))
