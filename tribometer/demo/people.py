"""People of the demo organisation: who is in which team from when to when, and two bots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tribometer.demo.organisation import TEAMS
from tribometer.demo.rhythm import DAY

if TYPE_CHECKING:
    from tribometer.demo.columns import Floats, Ints
    from tribometer.demo.world import World

GIVEN = (
    "ada", "bela", "chidi", "dana", "emre", "farah", "goran", "hana", "imani", "jonas", "kavya", "lior", "mara",
    "nils", "oksana", "paulo", "quinn", "rosa", "sami", "tove", "uma", "viktor", "wen", "ximena", "yara", "zoltan",
)  # fmt: skip
FAMILY = ("okafor", "lindqvist", "haddad", "moreau", "tanaka", "novak", "costa", "iyer", "fischer", "walsh")
BOTS = ("dependency-updates[bot]", "release-train[bot]")
QUARTER_DAYS = 91.25
QUARTERS = 8
JOINERS_A_QUARTER = 6
LEAVERS = 16
RAMP_DAYS = 75.0


@dataclass(frozen=True)
class People:
    """Humans first, bots last. ``able`` is when a newcomer writes the first change; NaN ``ends``: still there."""

    logins: tuple[str, ...]
    team: Ints
    starts: Floats
    able: Floats
    ends: Floats

    @property
    def humans(self) -> int:
        """How many people are no bots."""
        return len(self.team)

    @property
    def updater(self) -> int:
        """The bot that updates dependencies."""
        return self.humans

    def pick(self, stream: np.random.Generator, team: Ints, at: Floats, besides: Ints | None = None) -> Ints:
        """Somebody of each row's team who was there at the time; newcomers are picked more often as they settle."""
        chosen = np.full(len(team), -1)
        luck = stream.random(len(team))
        for number in range(len(TEAMS)):
            rows = np.flatnonzero(team == number)
            members = np.flatnonzero(self.team == number)
            weight = self._presence(members, at[rows])
            if besides is not None:
                weight = np.where(members == besides[rows][:, None], 0.0, weight)
            reach = np.cumsum(weight, axis=1)
            place = (luck[rows][:, None] * reach[:, -1:] >= reach).sum(axis=1)
            chosen[rows] = members[np.minimum(place, len(members) - 1)]
        return chosen

    def _presence(self, members: Ints, at: Floats) -> Floats:
        settled = np.clip((at[:, None] - self.able[members]) / (RAMP_DAYS * DAY), -1, 1)
        there = (settled >= 0) & ~(at[:, None] >= self.ends[members])
        return np.where(there, np.maximum(settled, 0.15), 0.0)


def people(world: World) -> People:
    """Enough people for every team's headcount at the end, with newcomers each quarter and some who left."""
    stream = world.stream("people")
    teams = np.arange(len(TEAMS))
    size = np.array([team.headcount for team in TEAMS])
    joined = teams[np.arange(QUARTERS * JOINERS_A_QUARTER) * 5 % len(TEAMS)]
    left = teams[np.arange(LEAVERS) * 7 % len(TEAMS)]
    stayed = np.repeat(teams, size - np.bincount(joined, minlength=len(TEAMS)))
    quarter = np.repeat(np.arange(QUARTERS), JOINERS_A_QUARTER) + stream.random(len(joined))
    old = np.full(len(stayed) + len(left), world.start) - stream.uniform(60, 2_000, len(stayed) + len(left)) * DAY
    starts = np.concatenate([old, world.start + np.floor(quarter * QUARTER_DAYS) * DAY])
    until = world.start + np.floor(stream.uniform(90, 640, len(left))) * DAY
    ends = np.concatenate([np.full(len(stayed), np.nan), until, np.full(len(joined), np.nan)])
    ramp = np.concatenate([np.zeros(len(old)), stream.lognormal(np.log(9), 0.5, len(joined)) * DAY])
    team = np.concatenate([stayed, left, joined])
    return People((*_logins(len(team)), *BOTS), team, starts, starts + ramp, ends)


def _logins(count: int) -> list[str]:
    every = [f"{given}.{family}" for family in FAMILY for given in GIVEN]
    return [every[number * 7 % len(every)] for number in range(count)]
