"""What to ask instead, when a question finds nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tribometer.errors import TribometerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metrics import Query
    from metrics.result import MetricResult
    from tribometer.service.instance import Instance

LAST_BEFORE = """
SELECT max(finished_at) FROM production_deployments
WHERE role = 'shipped' AND finished_at < $start AND ($service IS NULL OR service = $service)
  AND ($team IS NULL OR service IN (SELECT service FROM ownerships WHERE team = $team))
"""


def hints(instance: Instance, query: Query, result: MetricResult) -> Iterator[str]:
    """Yield sentences for the person who asked: a scope never heard of, a headline window after the last deployment."""
    if result.hint:
        yield result.hint
    if result.n == 0 and query.start is None and query.end is None:
        last = _last_before(instance, query)
        if last is not None and (start := _telling_start(instance, query, last)):
            yield f"last production deployment {last:%Y-%m-%d}: try --from {start:%Y-%m-%d}"


def _last_before(instance: Instance, query: Query) -> datetime | None:
    start, _ = query.window
    with instance.store.reader() as reader:
        scope = {"service": query.service, "team": query.team}
        [(last,)] = reader.rows(LAST_BEFORE, start=start.astimezone(UTC).replace(tzinfo=None), **scope)
    return last.replace(tzinfo=UTC) if last else None


def _telling_start(instance: Instance, query: Query, last: datetime) -> datetime | None:
    """Return a first of a month from which there is an answer; None when the metric has none there either."""
    length = timedelta(days=query.definition.window_days)
    start = (last - length).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    try:
        return start if instance.numbers.compute(replace(query, start=start)).n else None
    except TribometerError:
        return None  # no answer fails for want of a hint
