"""Times as servers write them, for arithmetic and versions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZERO_YEAR = 1
"""Go writes a time that is not there as year 1."""
NANOSECONDS_BEGIN = 10**15
"""A larger number counts nanoseconds: in milliseconds it would be the year 33658."""
MICROSECOND = timedelta(microseconds=1)


def instant(text: object) -> datetime | None:
    """Read RFC 3339 with an offset; None for anything else, and for Go's zero time."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo and at.year > ZERO_YEAR else None
    except (ValueError, OverflowError):
        return None


def epoch(value: object) -> datetime | None:
    """Read whole milliseconds or nanoseconds since 1970; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    microseconds = value // 1000 if value > NANOSECONDS_BEGIN else value * 1000
    try:
        return EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def midnight(day: date) -> datetime:
    """The beginning of a day in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def milliseconds(at: datetime) -> int:
    """The whole milliseconds since 1970 that a time lies in."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def first_wins(at: datetime) -> int:
    """Version of a statement that gives way to every earlier one of its kind, and to all with a time as version."""
    return (EPOCH - at) // MICROSECOND
