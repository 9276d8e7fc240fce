"""When people work: the open hours of each team's zone and country, and how busy its days are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from tribometer.clock import calendar_days

if TYPE_CHECKING:
    from datetime import date

    from tribometer.demo.columns import Floats, Ints

HOUR, DAY = 3_600.0, 86_400.0
WORKDAY = 9 * HOUR
AFTER_OPENING = 2 * HOUR
"""The business clock opens at 7; this organisation comes at 9 and leaves at 18."""
WEEKDAYS = (0.95, 1.1, 1.1, 1.05, 0.8, 0.0, 0.0)
LULL, SUMMER = 0.3, 0.75
LULL_BEGINS, LULL_ENDS = (12, 20), (1, 3)
AUGUST = 8
GROWTH = 0.35
"""More changes a day at the end than two years before, as a share."""
MARGIN = timedelta(days=100)


@dataclass(frozen=True)
class WorkingTime:
    """One calendar: its open days as epoch seconds, the working seconds before each, and how busy each is."""

    opens: Floats
    worked: Floats
    busy: Floats

    @classmethod
    def of(cls, zone: str, country: str, start: datetime, end: datetime) -> WorkingTime:
        """Open days from well before ``start`` to well after ``end``, so that every wait has an end."""
        first, last = (start - MARGIN).date(), (end + MARGIN).date()
        days = [day for day in calendar_days(first, last, zone, country) if day.is_open]
        opens = np.array([day.opens_at.timestamp() for day in days]) + AFTER_OPENING
        busy = np.array([_busy(day.day) for day in days])
        grown = 1 + GROWTH * (opens - start.timestamp()) / (end - start).total_seconds()
        return cls(opens, np.arange(len(opens), dtype=np.float64) * WORKDAY, np.asarray(busy * grown, np.float64))

    def position(self, at: Floats) -> Floats:
        """Working seconds until these times."""
        day = np.clip(np.searchsorted(self.opens, at, "right") - 1, 0, None)
        return self.worked[day] + np.clip(at - self.opens[day], 0, WORKDAY)

    def instant(self, position: Floats) -> Floats:
        """When so many seconds were worked."""
        day = np.clip((position // WORKDAY).astype(np.int64), 0, len(self.opens) - 1)
        return self.opens[day] + position - self.worked[day]


def _busy(day: date) -> float:
    lull = (day.month, day.day) >= LULL_BEGINS or (day.month, day.day) <= LULL_ENDS
    return WEEKDAYS[day.weekday()] * (LULL if lull else 1.0) * (SUMMER if day.month == AUGUST else 1.0)


@dataclass(frozen=True)
class Rhythm:
    """The calendars of all teams; ``of_team`` says which is whose."""

    calendars: tuple[WorkingTime, ...]
    of_team: Ints

    @classmethod
    def of(cls, places: list[tuple[str, str]], start: float, end: float) -> Rhythm:
        """Calendars for the (zone, country) of each team; times are epoch seconds."""
        distinct = list(dict.fromkeys(places))
        window = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
        found = tuple(WorkingTime.of(zone, country, *window) for zone, country in distinct)
        return cls(found, np.array([distinct.index(place) for place in places]))

    def team(self, number: int) -> WorkingTime:
        """The calendar of one team."""
        return self.calendars[int(self.of_team[number])]

    def later(self, team: Ints, at: Floats, hours: Floats) -> Floats:
        """When so many working hours of each row's team have passed since ``at``; NaN stays."""
        return self.between(team, at, at, np.zeros_like(at), hours)

    def between(self, team: Ints, start: Floats, end: Floats, share: Floats, hours: Floats | float = 0.0) -> Floats:
        """The time at a share of the working time from ``start`` to ``end``, and ``hours`` more."""
        found = np.full(len(start), np.nan)
        plus = np.broadcast_to(np.asarray(hours, np.float64) * HOUR, start.shape)
        for number, calendar in enumerate(self.calendars):
            mine = (self.of_team[team] == number) & ~np.isnan(start) & ~np.isnan(end)
            first, last = calendar.position(start[mine]), calendar.position(end[mine])
            found[mine] = calendar.instant(first + (last - first) * share[mine] + plus[mine])
        return np.where(found < start, start, found)
