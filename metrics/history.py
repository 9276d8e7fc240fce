"""When the units of a scope happened: asked before a window is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from metrics.computation import workspace_of
from metrics.people import refuse_units

if TYPE_CHECKING:
    from metrics.query import Query
    from tribometer.settings import Rules
    from tribometer.store import Reader


@dataclass(frozen=True)
class Times:
    """When counted units happened, aware UTC: the first, None without any, and the newest few, newest first."""

    first: datetime | None
    newest: tuple[datetime, ...] = ()


def times(reader: Reader, query: Query, rules: Rules, newest: int) -> Times:
    """The first and the `newest` last times of a query's counted units, in the query's scope and window."""
    refuse_units(query.definition)
    workspace = workspace_of(reader, query, rules)
    workspace.materialise_owners()
    workspace.materialise_units()
    counted = "FROM metric_units AS u WHERE u.counted"
    [(first,)] = reader.rows(f"SELECT MIN(u.at) AS first_at {counted}")
    last = reader.rows(f"SELECT u.at {counted} ORDER BY u.at DESC NULLS LAST LIMIT {newest:d}")
    return Times(first and first.replace(tzinfo=UTC), tuple(at.replace(tzinfo=UTC) for (at,) in last))
