"""The two clocks of a duration: the calendar, and business hours with a cap for each day.

Definition: 07:00-19:00 Monday to Friday, at most 8 hours counted a day (LinkedIn's fallback).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

Span = tuple[datetime, datetime]

OPENS = timedelta(hours=7)
CLOSES = timedelta(hours=19)
DAILY_CAP = 8 * 3600.0
SATURDAY = 5


def seconds(span: Span) -> float:
    """Give the length of a span on the calendar; never negative."""
    return max(0.0, (span[1] - span[0]).total_seconds())


def overlap(one: Span, other: Span) -> float:
    """Give the seconds two spans share."""
    return seconds((max(one[0], other[0]), min(one[1], other[1])))


def open_hours(first: datetime, last: datetime, zone: tzinfo) -> list[Span]:
    """List the business hours of every weekday that touches the time from ``first`` to ``last``."""
    day = first.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    spans = []
    while day <= last.astimezone(zone):
        if day.weekday() < SATURDAY:
            spans.append((day + OPENS, day + CLOSES))
        day += timedelta(days=1)
    return spans


def split(stages: Mapping[str, Sequence[Span]], clock: str, zone: tzinfo = UTC) -> dict[str, float]:
    """Give each stage's seconds; on the business clock a day's capped hours are split pro rata."""
    if clock == "calendar":
        return {name: sum(map(seconds, spans)) for name, spans in stages.items()}
    totals = dict.fromkeys(stages, 0.0)
    everything = [span for spans in stages.values() for span in spans]
    if not everything:
        return totals
    first = min(start for start, _ in everything)
    last = max(end for _, end in everything)
    for hours in open_hours(first, last, zone):
        raw = {name: sum(overlap(span, hours) for span in spans) for name, spans in stages.items()}
        whole = sum(raw.values())
        for name, share in raw.items():
            totals[name] += share * min(whole, DAILY_CAP) / whole if whole else 0.0
    return totals


def elapsed(start: datetime, end: datetime, clock: str, zone: tzinfo = UTC) -> float:
    """Give the seconds from ``start`` to ``end`` on a clock; 0 where the end comes first."""
    return split({"all": [(start, end)]}, clock, zone)["all"]


def merge_spans(spans: Sequence[Span]) -> list[Span]:
    """Unite spans that touch or overlap, in order of time."""
    united: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] <= span[1]):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def intersect(spans: Sequence[Span], limits: Sequence[Span]) -> list[Span]:
    """Give the parts of ``spans`` that lie within ``limits``."""
    pieces = [(max(a[0], b[0]), min(a[1], b[1])) for a in spans for b in limits]
    return merge_spans([piece for piece in pieces if piece[0] < piece[1]])


def subtract(span: Span, holes: Sequence[Span]) -> list[Span]:
    """Give what is left of a span without the holes; the holes do not overlap."""
    left, start = [], span[0]
    for hole in sorted(holes):
        left.append((start, hole[0]))
        start = hole[1]
    left.append((start, span[1]))
    return [piece for piece in left if piece[0] < piece[1]]
