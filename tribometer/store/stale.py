"""Which services' derived rows a landing makes stale: rather one too many than one too few.

``rebuild`` is false only where nothing but newer deployments was added, so that earlier rows stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tribometer.store.spoken_services import CANDIDATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

NAMING = """
SELECT name, true FROM touched UNION SELECT name, true FROM services WHERE repository IN (SELECT name FROM touched)
"""
# a service that comes or goes bears on the others of its repositories, and on what takes its name for a repository
CATALOGUING = """
WITH homes AS MATERIALIZED (
    SELECT repository AS name FROM touched UNION SELECT name FROM touched
    UNION SELECT repository FROM services WHERE name IN (SELECT name FROM touched)
)
SELECT name, true FROM homes
UNION SELECT name, true FROM services WHERE repository IN (SELECT name FROM homes)
"""
# a deployment that was not derived yet has its own mark; one that was, names in missing_commits what it lacked
COMMITTING = """
WITH landed AS MATERIALIZED (SELECT DISTINCT sha FROM touched),
restated AS MATERIALIZED (
    SELECT sha FROM touched WHERE NOT added
    UNION SELECT sha FROM commits WHERE sha IN (SELECT sha FROM landed) GROUP BY sha HAVING count(*) > 1
)
SELECT service, true FROM missing_commits WHERE sha IN (SELECT sha FROM landed)
UNION SELECT service, true FROM shipped_commits WHERE sha IN (SELECT sha FROM restated)
UNION SELECT name, true FROM services
WHERE paths IS NOT NULL AND (repository IS NULL OR repository IN (SELECT repository FROM touched))
    AND EXISTS (SELECT sha FROM restated)
"""
# deployments bear on their service; where they name a repository, inferred ones also on the services tied to it,
# explicit ones on the one they may speak of
DEPLOYING = f"""
WITH candidates AS MATERIALIZED ({CANDIDATES}),
takers AS (
    SELECT DISTINCT services.repository, services.name FROM services
    JOIN touched ON touched.service = services.repository
),
bearing AS MATERIALIZED (
    SELECT service AS name, * FROM touched
    UNION ALL SELECT takers.name, touched.* FROM touched JOIN takers ON takers.repository = touched.service
    LEFT JOIN candidates ON candidates.repository = takers.repository AND candidates.name = takers.name
    WHERE inferred_from IS NOT NULL OR among = 1 OR contains(lower(environment), lower(takers.name))
),
derived AS MATERIALIZED (
    SELECT * FROM production_deployments WHERE service IN (SELECT name FROM bearing)
),
earlier AS (
    SELECT service AS name, max(greatest(created_at, started_at, finished_at, first_finished_at)) AS latest,
        bool_or(inferred_from IS NULL) AS explicit, bool_or(inferred_from IS NOT NULL) AS inferred
    FROM derived GROUP BY service
),
shas AS (SELECT DISTINCT service AS name, sha, true AS seen FROM derived),
artifacts AS (SELECT DISTINCT service AS name, artifact, true AS seen FROM derived)
SELECT name, NOT bool_and(coalesce(
    added AND finished_at > latest AND coalesce(created_at > latest, true) AND coalesce(started_at > latest, true)
    AND group_id IS NULL AND shas.seen IS NULL AND artifacts.seen IS NULL
    AND NOT CASE WHEN inferred_from IS NULL THEN inferred ELSE explicit END, false
))
FROM bearing LEFT JOIN earlier USING (name) LEFT JOIN shas USING (name, sha) LEFT JOIN artifacts USING (name, artifact)
GROUP BY name
"""  # noqa: S608 - ours
FINDERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "deployment": (
        DEPLOYING,
        ("service", "environment", "inferred_from", "created_at", "started_at", "finished_at", "sha", "artifact",
         "group_id"),
    ),
    "commit": (COMMITTING, ("sha", "repository")),
    "service": (CATALOGUING, ("name", "repository")),
    "repository": (NAMING, ("name",)),
}  # fmt: skip
"""By event type: who is stale and whether to rebuild it, and the columns of ``touched`` that tell."""
MARK = """
INSERT INTO stale_services SELECT * FROM ({}) AS found (service, rebuild) WHERE service IS NOT NULL
ON CONFLICT (service) DO UPDATE SET rebuild = stale_services.rebuild OR excluded.rebuild
"""
MARK_ALL = """
INSERT INTO stale_services
SELECT service, true FROM (
    SELECT service FROM deployments UNION SELECT name FROM services
    UNION SELECT name FROM repositories UNION SELECT service FROM production_deployments
) WHERE service IS NOT NULL
ON CONFLICT (service) DO UPDATE SET rebuild = true
"""


def mark_stale(
    connection: duckdb.DuckDBPyConnection,
    event_type: str,
    added: pa.Table,
    changed: Iterable[pa.Table] = (),
) -> None:
    """Mark what new rows of a type, and changed ones before and after, make stale, in the caller's transaction.

    The rows have the columns of the type's table, and stand in it already.
    """
    if event_type not in FINDERS:
        return
    find, columns = FINDERS[event_type]
    parts = [_touched(added, columns, added=True), *(_touched(each, columns, added=False) for each in changed)]
    connection.register("touched", pa.concat_tables(parts))
    connection.execute(MARK.format(find))
    connection.unregister("touched")


def mark_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark every service there is, as after a change of the rules."""
    connection.execute(MARK_ALL)


def _touched(rows: pa.Table, columns: Iterable[str], *, added: bool) -> pa.Table:
    return rows.select(list(columns)).append_column("added", pa.array([added], pa.bool_()).take(_zeros(rows.num_rows)))


def _zeros(count: int) -> pa.Array:
    return pa.nulls(count, pa.int32()).fill_null(0)
