"""Units of CI attempts and results over them, shared by the CI metrics in plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from plain_ci import Attempt
from plain_result import Result, Row
from plain_units import Unit


def unit_of(kind: str, attempt: Attempt, value: float | None, rule: str | None = None, more: Any = None) -> Unit:
    """Make a unit of an attempt, in the period in which it ended."""
    row = Row(kind, attempt.key[1], rule is None, value if rule is None else None, rule)
    return Unit(attempt.service, attempt.team, attempt.ended, row, more)


def counted(units: Sequence[Unit]) -> list[Unit]:
    """List the units that count."""
    return [each for each in units if each.row.counted]


def told(units: Sequence[Unit], name: str) -> list[float]:
    """List what the counted units tell of a further number."""
    return [each.more[name] for each in counted(units) if each.more.get(name) is not None]


def aggregated(units: Sequence[Unit], value: float | None, extra: Mapping[str, Any], n: int | None = None) -> Result:
    """Give a result that is one number over all units."""
    n = len(counted(units)) if n is None else n
    if n == 0 or value is None:
        return Result("no_data", n)
    return Result("ok", n, value, sample=[value], extra=extra)


def with_extra(result: Result, extra: Mapping[str, Any]) -> Result:
    """Put further numbers beside a result that has any unit."""
    return replace(result, extra=extra) if result.n else result
