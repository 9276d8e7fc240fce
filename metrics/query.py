"""One question to the catalogue: which metric, for whom, from when to when, cut by what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from metrics.catalogue import CATALOGUE
from tribometer.clock import now_utc, utc_midnight
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from metrics.definition import Metric

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
CHOICES = {
    "clock": ("calendar", "business"),
    "unit": ("change", "commit"),
    "blame": ("first", "last"),
    "bots": ("include", "exclude"),
    "owners": ("then", "now"),
}


@dataclass(frozen=True)
class Query:
    """What to compute. Times are aware; ``end`` is exclusive; ``by`` cuts the window into a series.

    Without ``start`` and ``end`` the window is the metric's headline window up to the last UTC midnight before ``now``.
    ``clock`` and ``bots`` are the metric's own unless given; ``version`` asks for an earlier definition. ``owners`` of
    ``now`` counts a service's whole past for the team that owns it now, of ``then`` for whoever did at the time (E25).

    Raises `UsageError` for what makes no sense.
    """

    metric: str
    service: str | None = None
    team: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    by: str | None = None
    clock: str | None = None
    unit: str = "change"
    blame: str = "first"
    bots: str | None = None
    owners: str = "then"
    version: int | None = None
    now: datetime = field(default_factory=now_utc)

    def __post_init__(self) -> None:
        """Refuse unknown names and impossible windows with a message that lists what is possible."""
        if self.metric not in CATALOGUE:
            raise UsageError(f"{self.metric}: no such metric. The catalogue has: {', '.join(sorted(CATALOGUE))}.")
        newest = CATALOGUE[self.metric]
        if newest.at_version(self.version) is None:
            known = ", ".join(str(each.version) for each in (*newest.earlier, newest))
            raise UsageError(f"{self.metric} has no version {self.version}; there is {known}.")
        if self.service is not None and self.team is not None:
            raise UsageError("Give a service or a team, not both.")
        for option, choices in CHOICES.items():
            given = getattr(self, option)
            if given is not None and given not in choices:
                raise UsageError(f"{option}: {given!r} is not possible; choose {' or '.join(choices)}.")
        self._check_people()
        possible = (*self.definition.by, *self.definition.cuts)
        if self.by is not None and self.by not in possible:
            raise UsageError(f"{self.metric} has no series by {self.by!r}; choose {', '.join(possible)}.")
        self._check_window()

    def _check_people(self) -> None:
        if self.definition.people is None:
            return
        if self.scope:
            raise UsageError(
                f"{self.metric} is told of the whole organisation only: of a team or a service one could guess whom it "
                f"is about. Leave service and team out; cut it by {' or '.join(self.definition.cuts)}."
            )
        if self.bots == "include":
            raise UsageError(f"{self.metric} is about people: bots cannot be included.")

    def _check_window(self) -> None:
        for moment in (self.start, self.end, self.now):
            if moment is not None and moment.tzinfo is None:
                raise UsageError(f"{moment}: a time without an offset; say which, like 2026-01-31T00:00:00Z.")
        start, end = self.window
        if start < EARLIEST or end > LATEST:
            raise UsageError(f"The window must lie between {EARLIEST:%Y-%m-%d} and {LATEST:%Y-%m-%d}.")
        if start >= end:
            raise UsageError(f"The window from {start:%Y-%m-%d} to {end:%Y-%m-%d} is empty; `to` is exclusive.")

    @property
    def definition(self) -> Metric:
        """The metric asked for, in the version asked for."""
        newest = CATALOGUE[self.metric]
        return newest.at_version(self.version) or newest

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From when (inclusive) to when (exclusive)."""
        length = timedelta(days=self.definition.window_days)
        if self.end is None and self.start is not None:
            end = max(utc_midnight(self.now), utc_midnight(self.start) + timedelta(days=1))
        else:
            end = self.end or utc_midnight(self.now)
        return self.start or end - length, end

    @property
    def scope(self) -> dict[str, str]:
        """The scope as the result object tells it; empty for everything."""
        given = {"service": self.service, "team": self.team}
        return {key: name for key, name in given.items() if name is not None}
