"""The events that could not land: how many, why, and the newest of them."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from dashboards.health import ReasonCount, RejectedHealth, RejectedLine

if TYPE_CHECKING:
    from tribometer.service.instance import Instance

SHOWN = 20
REASONS_SHOWN = 30
CONTENT_SHOWN = 300
COUNT = "SELECT count(*) FROM rejected_events"
REASONS = """
SELECT reason, count(*) AS events FROM rejected_events
GROUP BY reason ORDER BY events DESC, reason NULLS LAST LIMIT $limit
"""
# the beginning only: what is kept of one event may be megabytes
NEWEST = """
SELECT number, origin, line, reason, substr(content, 1, $length) AS content, rejected_at FROM rejected_events
WHERE $reason IS NULL OR reason = $reason ORDER BY number DESC LIMIT $limit
"""


def rejected(instance: Instance) -> RejectedHealth:
    """Count them by reason."""
    with instance.store.reader() as reader:
        [(count,)] = reader.rows(COUNT)
        reasons = reader.rows(REASONS, limit=REASONS_SHOWN)
    counted = tuple(ReasonCount(reason, events) for reason, events in reasons)
    return RejectedHealth(count, counted, newest(instance, None, SHOWN))


def newest(instance: Instance, reason: str | None, limit: int) -> tuple[RejectedLine, ...]:
    """Return the newest, of one reason or of all (None), each with the beginning of its content."""
    with instance.store.reader() as reader:
        lines = reader.rows(NEWEST, reason=reason, limit=limit, length=CONTENT_SHOWN)
    return tuple(
        RejectedLine(number, origin, line, why, content, at.replace(tzinfo=UTC))
        for number, origin, line, why, content, at in lines
    )
