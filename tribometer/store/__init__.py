"""The event store: the only code that knows DuckDB."""

from tribometer.store.event_store import EventStore
from tribometer.store.landing import Landed
from tribometer.store.reader import Reader
from tribometer.store.rejects import Rejected, RejectedEvent
from tribometer.store.sources import LIMITED, UNREACHABLE, Allowance, Passing, Remark, remarks_of

__all__ = [
    "LIMITED",
    "UNREACHABLE",
    "Allowance",
    "EventStore",
    "Landed",
    "Passing",
    "Reader",
    "Rejected",
    "RejectedEvent",
    "Remark",
    "remarks_of",
]
