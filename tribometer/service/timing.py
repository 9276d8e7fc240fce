"""When a source is collected, as its table says it: at intervals, or once a day at a time of the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from tribometer.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

INTERVAL = re.compile(r"every(?: (\d{1,6}))? (minute|hour|day)s?")
DAILY = re.compile(r"daily at ([01]?\d|2[0-3]):([0-5]\d)")
SHORTEST, LONGEST, DAY = timedelta(minutes=1), timedelta(days=31), timedelta(days=1)
FIX = (
    'Write it like "every 15 minutes", "every hour" or "every 2 days", from a minute to a month, or like '
    '"daily at 03:00".'
)


@dataclass(frozen=True)
class Schedule:
    """How often; ``at``: once a day, at this time of the clock in ``zone`` (an IANA name)."""

    every: timedelta
    at: time | None = None
    zone: str = "UTC"


EVERY_15_MINUTES = Schedule(timedelta(minutes=15))
"""For a source that says nothing else."""


def of_table(table: Mapping[str, Any], zone: str, key: str, origin: str = "configuration") -> Schedule:
    """Return when a ``[[sources]]`` table wants to be collected; ``zone`` is that of daily times."""
    text = table.get("schedule")
    return EVERY_15_MINUTES if text is None else schedule(text, zone, key, origin)


def schedule(text: object, zone: str = "UTC", key: str = "schedule", origin: str = "configuration") -> Schedule:
    """Read ``every 15 minutes``, ``every hour``, ``every 2 days``, ``daily at 03:00``."""
    said = text.strip().lower() if isinstance(text, str) else ""
    daily = DAILY.fullmatch(said)
    if daily:
        return Schedule(DAY, time(int(daily[1]), int(daily[2])), zone)
    words = INTERVAL.fullmatch(said)
    span = timedelta(**{f"{words[2]}s": int(words[1] or 1)}) if words else timedelta(0)
    if not SHORTEST <= span <= LONGEST:
        raise ConfigurationError(key, origin, f"{text!r} is no schedule", FIX)
    return Schedule(span)
