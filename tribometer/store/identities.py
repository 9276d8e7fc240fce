"""Which handles are one person's, derived from what person events declare: their ids and handles, and nothing else.

Names never join anybody. Of what changed, only the people it bears on are derived anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tribometer.store import stamps
from tribometer.store.connection import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

MARK = """
INSERT INTO stale_handles SELECT id FROM touched UNION SELECT unnest(handles) FROM touched ON CONFLICT DO NOTHING
"""
# whoever was one with a stale handle, and whoever is linked with any of them now
REACHED = """
WITH RECURSIVE links AS MATERIALIZED (
    SELECT handle, person FROM person_handles UNION SELECT person, handle FROM person_handles
),
before AS (
    SELECT handle FROM identities
    WHERE person IN (SELECT person FROM identities WHERE handle IN (SELECT handle FROM stale_handles))
),
reached AS (
    SELECT handle FROM (FROM stale_handles UNION FROM before)
    UNION
    SELECT links.person FROM reached JOIN links USING (handle)
)
FROM reached
"""
DECLARED = """
SELECT DISTINCT handle, person FROM person_handles WHERE handle <> person AND person IN (SELECT handle FROM reached)
"""
LEFT_ALONE = """
DELETE FROM identities
WHERE handle IN (SELECT handle FROM reached) AND handle NOT IN (SELECT handle FROM joined)
"""
JOINED = "INSERT OR REPLACE INTO identities (FROM joined EXCEPT FROM identities)"


def mark_stale(connection: duckdb.DuckDBPyConnection, event_type: str, rows: Iterable[pa.Table]) -> None:
    """Mark whose identity new and changed rows of a type, before and after, bear on, in the caller's transaction."""
    if event_type != "person":
        return
    connection.register("touched", pa.concat_tables([each.select(["id", "handles"]) for each in rows]))
    connection.execute(MARK)
    connection.unregister("touched")


def refresh(connection: duckdb.DuckDBPyConnection) -> None:
    """Derive whose handles the stale ones are and take their marks away; the caller holds the writer's lock."""
    if connection.execute("SELECT handle FROM stale_handles LIMIT 1").fetchone() is None:
        return
    with transaction(connection):
        reached = connection.sql(REACHED).to_arrow_table()
        connection.register("reached", reached)
        people = persons(connection.execute(DECLARED).fetchall())
        columns = {"handle": list(people), "person": list(people.values())}
        connection.register("joined", pa.table({name: pa.array(each, pa.string()) for name, each in columns.items()}))
        written = [connection.execute(statement).fetchall() for statement in (LEFT_ALONE, JOINED)]
        if any(count for ((count,),) in written):
            stamps.written(connection, stamps.IDENTITIES)
        connection.execute("DELETE FROM stale_handles")
        connection.unregister("reached")
        connection.unregister("joined")


def persons(declared: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """The person of every handle in pairs (handle, declaring id): the smallest declaring id of all that hang together.

    The order of the pairs does not matter.
    """
    pairs = list(declared)
    ids = {person for _, person in pairs}
    above: dict[str, str] = {}

    def top(handle: str) -> str:
        while (up := above.setdefault(handle, handle)) != handle:
            above[handle] = handle = above[up]
        return handle

    for handle, person in pairs:
        first, second = sorted((top(handle), top(person)), key=lambda each: (each not in ids, each))
        above[second] = first
    return {handle: top(handle) for handle in above}
