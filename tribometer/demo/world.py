"""What every subject of the generator starts from: the window of history, who there is, and where chance comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tribometer.clock import utc_midnight
from tribometer.demo import organisation
from tribometer.demo.organisation import MONOREPO, TEAMS, Service
from tribometer.demo.rhythm import DAY, Rhythm

if TYPE_CHECKING:
    from datetime import datetime

    from tribometer.demo.columns import Floats, Ints

HISTORY_DAYS = 730
SEED = 20_240_229


@dataclass(frozen=True)
class World:
    """The window is [start, end) in epoch seconds; ``scale`` multiplies how much happens in it."""

    start: float
    end: float
    seed: int
    scale: float

    @classmethod
    def until(cls, now: datetime, seed: int = SEED, scale: float = 1.0) -> World:
        """Two years up to the last UTC midnight before ``now``."""
        end = utc_midnight(now).timestamp()
        return cls(end - HISTORY_DAYS * DAY, end, seed, scale)

    def stream(self, subject: str) -> np.random.Generator:
        """Chance of its own for each subject, so that a change to one leaves the others as they were."""
        return np.random.default_rng([self.seed, *subject.encode()])

    def known(self, at: Floats) -> Floats:
        """Times as they are known at the end: what comes later is NaN."""
        return np.where(at < self.end, at, np.nan)

    def ago(self, days: float | None) -> float:
        """The time so many days before the end; None: long before history."""
        return self.start - 400 * DAY if days is None else self.end - days * DAY

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """All services."""
        return organisation.services()

    @cached_property
    def repositories(self) -> tuple[str, ...]:
        """The names of all repositories."""
        return organisation.repositories(self.services)

    @cached_property
    def repository_of(self) -> Ints:
        """The repository of each service."""
        return np.array([self.repositories.index(service.repository) for service in self.services])

    @cached_property
    def team_of(self) -> Ints:
        """The team that owns each service today."""
        return np.array([service.team for service in self.services])

    @cached_property
    def born(self) -> Floats:
        """When each service was made."""
        return np.array([self.ago(service.born) for service in self.services])

    @cached_property
    def archived(self) -> Floats:
        """When each service was archived; the end of time for those that live."""
        ends = [self.ago(service.archived) if service.archived else np.inf for service in self.services]
        return np.array(ends)

    @cached_property
    def squashes(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which repositories squash a change into one commit; the others merge."""
        return np.array([number % 4 == 0 or name == MONOREPO for number, name in enumerate(self.repositories)])

    @cached_property
    def rhythm(self) -> Rhythm:
        """The working time of every team."""
        return Rhythm.of([(team.zone, team.country) for team in TEAMS], self.start, self.end)
