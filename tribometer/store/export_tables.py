"""What an export holds: which tables, from which rows, and by whose time they fall into months.

Left out are people (their handles, shifts and memberships), survey answers, the text of what could not land, cursors,
and the store's own bookkeeping. An author or reviewer stays as the keyed pseudonym that the store holds; which of
them are bots stands in ``bots``, as metrics ask for nothing else about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tribometer.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

BOOKKEEPING = ("version", "lagging", "extra")
PERSONAL = frozenset({"people"})
TIMES: Mapping[str, str] = {
    "commits": "committed_at",
    "changes": "created_at",
    "reviews": "submitted_at",
    "review_requests": "requested_at",
    "runs": "created_at",
    "jobs": "coalesce(queued_at, started_at, completed_at)",
    "gates": "requested_at",
    "deployments": "coalesce(finished_at, started_at, created_at)",
    "observations": "observed_at",
    "incidents": "coalesce(impact_started_at, detected_at, acknowledged_at, mitigated_at, resolved_at)",
    "pages": "paged_at",
    "shifts": "starts_at",
    "slos": "window_from",
    "template_releases": "released_at",
    "requests": "requested_at",
    "pipeline_definitions": "observed_at",
}
"""By which time a row falls into a month; tables that are not named have no time of their own."""
LEFT_OUT: Mapping[str, tuple[str, ...]] = {"shifts": ("person",), "ownerships": ("person",)}
ROWS: Mapping[str, str] = {"ownerships": "FROM ownerships WHERE person IS NULL"}
DEPLOYMENTS = "SELECT *, finished_at AS happened_at FROM production_deployments"
BOTS = """
SELECT id AS author FROM people WHERE kind = 'bot'
UNION SELECT same.handle FROM people AS p
JOIN identities AS own ON own.handle = p.id JOIN identities AS same ON same.person = own.person
WHERE p.kind = 'bot'
"""
FINISHED = """
SELECT t.*, d.finished_at AS happened_at FROM {table} AS t
LEFT JOIN production_deployments AS d ON d.service = t.service AND d.source = t.{source} AND d.id = t.{id}
"""
OF_CHANGES = """
SELECT t.*, c.created_at AS happened_at FROM change_commits AS t
LEFT JOIN changes AS c ON c.source = t.change_source AND c.id = t.change_id
"""


@dataclass(frozen=True)
class Exported:
    """One table of an export: a select of its columns and of ``happened_at``, by which a row falls into a month.

    Without a month all rows lie in one file.
    """

    name: str
    select: str
    monthly: bool


def _of_events(name: str, columns: tuple[str, ...]) -> Exported:
    kept = ", ".join(("source", "id", *(column for column in columns if column not in LEFT_OUT.get(name, ()))))
    time = TIMES.get(name)
    rows = ROWS.get(name, f"FROM {name}")
    select = f"SELECT {kept}, {time or 'CAST(NULL AS TIMESTAMP)'} AS happened_at {rows}"
    return Exported(name, select, monthly=time is not None)


def _of_deployments(name: str, source: str = "source", identity: str = "id") -> Exported:
    return Exported(name, FINISHED.format(table=name, source=source, id=identity), monthly=True)


EXPORTED: tuple[Exported, ...] = (
    *(
        _of_events(table.name, tuple(column.name for column in table.columns))
        for table in TABLES.values()
        if table.name not in PERSONAL
    ),
    Exported("change_commits", OF_CHANGES, monthly=True),
    Exported("production_deployments", DEPLOYMENTS, monthly=True),
    _of_deployments("production_deployment_steps"),
    _of_deployments("shipped_commits", "deployment_source", "deployment_id"),
    Exported("bots", f"SELECT author, CAST(NULL AS TIMESTAMP) AS happened_at FROM ({BOTS})", monthly=False),  # noqa: S608
    Exported(
        "source_states",
        "SELECT source, kind, reads, last_started_at, last_success_at, CAST(NULL AS TIMESTAMP) AS happened_at "
        "FROM source_states",
        monthly=False,
    ),
)
"""Every table of an export; a column ``happened_at`` is dropped when it is written."""
