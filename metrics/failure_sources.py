"""What the store could have told about failed deployments: decided for the store, never for a window (D3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics import compose
from metrics.definition import Coverage, Observability

if TYPE_CHECKING:
    from metrics.query import Query
    from tribometer.store import Reader

READS = frozenset({"deployment", "incident", "change", "commit"})
CLASSIFIED = Coverage("incident_coverage", "incidents classified as change-caused or not", 0.60, ("unattributed",))
VISIBLE_ONLY = "failures visible without an incident source"


def observe_failures(reader: Reader, _query: Query) -> Observability:
    """Observable where incidents are told of, or where a rollback, hotfix or revert was ever seen.

    An incident source is known once any incident landed or a source that reads incidents was set up.
    """
    chain = compose.chain(["failure_visibility"])
    final = "SELECT incidents_told, remedies_seen FROM failure_visibility"
    ((incidents_told, remedies_seen),) = reader.rows(compose.statement(chain, final))
    if incidents_told:
        return Observability()
    return Observability(observable=bool(remedies_seen), of=VISIBLE_ONLY)
