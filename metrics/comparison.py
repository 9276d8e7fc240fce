"""One result against another: is the difference more than noise? "Cannot tell" is an answer.

The interval of the difference is put together from the intervals of both values (MOVER: Zou & Donner 2008; of two
shares with Wilson's intervals it is Newcombe's method 10, 1998). Both sides count as independent of each other, so a
scope is not compared with one that holds it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from metrics.result import Interval
from tribometer.errors import UsageError
from tribometer.intervals import difference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.query import Query
    from metrics.result import MetricResult

Verdict = Literal["better", "worse", "higher", "lower", "cannot_tell"]
PREVIOUS = "previous"
METHOD = "mover"
SOUND = frozenset({"ok", "too_few"})


@dataclass(frozen=True)
class Comparison:
    """The value minus the other one, with its 95 % interval in the metric's unit; None where either has none.

    ``verdict`` judges this side by the metric's better direction, `higher` and `lower` where it has none; ``reason``
    says why nobody can tell. Values of several services are those of all units pooled, for these have intervals.
    """

    against: str
    other: MetricResult
    value: float | None
    other_value: float | None
    difference: float | None
    interval: Interval | None
    verdict: Verdict
    reason: str | None
    as_is_now: Comparison | None = None
    """Across a reorganisation (E25): the same, with the past of every service counted for the team that owns it now."""

    def to_dict(self) -> dict[str, object]:
        """The field ``comparison`` of a result, ready for JSON."""
        window = self.other.window
        return {
            "against": self.against,
            "scope": dict(self.other.scope),
            "window": window.model_dump(mode="json", by_alias=True),
            "status": self.other.status,
            "n": self.other.n,
            "value": self.value,
            "other_value": self.other_value,
            "difference": self.difference,
            "interval": self.interval.model_dump() if self.interval else None,
            "verdict": self.verdict,
            "reason": self.reason,
            "as_is_now": self.as_is_now.to_dict() if self.as_is_now else None,
        }


def other_query(query: Query, against: str) -> Query:
    """The query of the other side: ``previous`` (the window of equal length before), ``service:NAME``, ``team:NAME``.

    Raises `UsageError` for anything else, and for a scope that is the same.
    """
    start, end = query.window
    if against == PREVIOUS:
        return replace(query, start=start - (end - start), end=start, by=None)
    kind, _, name = against.partition(":")
    if kind not in {"service", "team"} or not name:
        raise UsageError(f"compare {against!r}: choose previous, service:NAME or team:NAME.")
    if not query.scope:
        raise UsageError(f"compare {against}: everything holds it; name another service or team to compare with it.")
    service, team = (name, None) if kind == "service" else (None, name)
    other = replace(query, service=service, team=team, start=start, end=end, by=None)
    if other.scope == query.scope:
        raise UsageError(f"compare {against}: that is the scope itself; name another, or previous.")
    return other


def compared(this: MetricResult, other: MetricResult, against: str) -> Comparison:
    """Judge one result against another of the same metric and unit."""
    (value, spread), (other_value, other_spread) = _sides(this), _sides(other)
    gap = value - other_value if value is not None and other_value is not None else None
    interval, reason = None, _reason(this, other)
    if reason is None and gap is not None and spread is not None and other_spread is not None:
        interval = difference_interval(value or 0.0, spread, other_value or 0.0, other_spread)
        if interval.low <= 0 <= interval.high:
            reason = "the interval of the difference holds 0"
    elif reason is None:
        reason = "one of the two has no interval"
    verdict = "cannot_tell" if reason or gap is None else _verdict(this.better, gap)
    return Comparison(against, other, value, other_value, gap, interval, verdict, reason)


def difference_interval(value: float, spread: Interval, other: float, other_spread: Interval) -> Interval:
    """95 % interval of ``value - other`` from the intervals of both."""
    low, high = difference(value, (spread.low, spread.high), other, (other_spread.low, other_spread.high))
    return Interval(low=low, high=high, method=METHOD)


def _sides(result: MetricResult) -> tuple[float | None, Interval | None]:
    if result.services is not None:
        return (result.pooled.value, result.pooled.interval) if result.pooled else (None, None)
    return result.value, result.interval


def _reason(this: MetricResult, other: MetricResult) -> str | None:
    names: Mapping[str, MetricResult] = {"this": this, "the other": other}
    return next((f"{name} has status {each.status}" for name, each in names.items() if each.status not in SOUND), None)


def _verdict(better: str, difference: float) -> Verdict:
    if better == "neither":
        return "higher" if difference > 0 else "lower"
    return "better" if (difference > 0) == (better == "higher") else "worse"
