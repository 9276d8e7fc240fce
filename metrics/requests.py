"""What the metrics of requests to the platform share: what could tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.definition import Observability

if TYPE_CHECKING:
    from metrics.query import Query
    from tribometer.store import Reader

NO_REQUESTS = (
    "No request to the platform is known: no kind of source collects them yet. Import `request` events from the portal "
    "or the ticket system (kind, team, requested_at, usable_at, human_touches), or post them to the API."
)


def observe_requests(reader: Reader, _query: Query) -> Observability:
    """Requests can be told where any was landed."""
    [(known,)] = reader.rows("SELECT EXISTS (SELECT 1 AS found FROM requests) AS known")
    return Observability() if known else Observability(observable=False, hint=NO_REQUESTS)
