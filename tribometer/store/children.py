"""Rows that follow from an event's lists, so that no query has to take a list apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

OUTDATED = {
    "change": "DELETE FROM change_commits WHERE (change_source, change_id) IN (SELECT (source, id) FROM landing)",
    "person": "DELETE FROM person_handles WHERE (source, person) IN (SELECT (source, id) FROM landing)",
}
CHILDREN = {
    "change": """
INSERT INTO change_commits
SELECT DISTINCT source, id, repository, unnest(commits), 'commit' FROM landing
UNION ALL SELECT source, id, repository, merge_sha, 'merge' FROM landing WHERE merge_sha IS NOT NULL
""",
    "person": "INSERT INTO person_handles SELECT DISTINCT unnest(handles), id, source FROM landing",
}


def replace_children(connection: duckdb.DuckDBPyConnection, event_type: str, rows: pa.Table, *, changed: bool) -> None:
    """Bring the child tables up to new or changed rows of a type, within the caller's transaction.

    The rows have the columns of the type's table.
    """
    if event_type not in CHILDREN:
        return
    connection.register("landing", rows)
    if changed:
        connection.execute(OUTDATED[event_type])
    connection.execute(CHILDREN[event_type])
    connection.unregister("landing")
