"""Writing derived rows: a service's rows become those derived, and what is so already is not written again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb

    from tribometer.store.derive_model import Derived

KEYS: Mapping[str, str] = {
    "production_deployments": "source, id",
    "production_deployment_steps": "step_source, step_id",
    "shipped_commits": "sha",
    "missing_commits": "sha",
}
STORED = "SELECT 1 FROM {table} WHERE service = $service LIMIT 1"
OUTDATED = """
DELETE FROM {table} WHERE service = $service
AND ({key}) IN (SELECT ({key}) FROM (FROM {table} WHERE service = $service EXCEPT FROM derived_rows))
"""
NEW = "INSERT INTO {table} (FROM derived_rows EXCEPT FROM {table} WHERE service = $service)"
_SCHEMAS: dict[str, pa.Schema] = {}
"""Of every table written here, once asked for: they are those of this version's migrations."""
UNFINISHED = "SELECT source, id FROM production_deployments WHERE service = $service AND role = 'unfinished'"


def replace_rows(connection: duckdb.DuckDBPyConnection, service: str, derived: Derived) -> None:
    """Make all rows of a service those derived, in the caller's transaction."""
    for table, rows in _tables(connection, service, derived):
        stored = connection.execute(STORED.format(table=table), {"service": service}).fetchall()
        if not stored and not rows.num_rows:
            continue
        connection.register("derived_rows", rows)
        for statement in (OUTDATED, NEW) if stored else (NEW,):
            connection.execute(statement.format(table=table, key=KEYS[table]), {"service": service})
        connection.unregister("derived_rows")


def append_rows(connection: duckdb.DuckDBPyConnection, service: str, derived: Derived) -> None:
    """Add rows to those of a service, whose unfinished ones go, in the caller's transaction."""
    parameters = {"service": service}
    for table in ("production_deployment_steps", "production_deployments"):
        connection.execute(
            f"DELETE FROM {table} WHERE service = $service AND (source, id) IN ({UNFINISHED})",  # noqa: S608 - ours
            parameters,
        )
    for table, rows in _tables(connection, service, derived):
        connection.register("derived_rows", rows)
        connection.execute(NEW.format(table=table), parameters)
        connection.unregister("derived_rows")


def _tables(
    connection: duckdb.DuckDBPyConnection,
    service: str,
    derived: Derived,
) -> Iterator[tuple[str, pa.Table]]:
    records: Mapping[str, Sequence[Any]] = {
        "production_deployments": derived.deployments,
        "production_deployment_steps": derived.steps,
        "shipped_commits": derived.shipped,
    }
    for table, rows in records.items():
        schema = _schema(connection, table)
        columns = {name: [getattr(row, name) for row in rows] for name in schema.names[1:]}
        yield table, pa.table({"service": [service] * len(rows), **columns}, schema=schema)
    missing = sorted(derived.missing)
    schema = _schema(connection, "missing_commits")
    yield "missing_commits", pa.table({"service": [service] * len(missing), "sha": missing}, schema=schema)


def _schema(connection: duckdb.DuckDBPyConnection, table: str) -> pa.Schema:
    if table not in _SCHEMAS:
        _SCHEMAS[table] = connection.sql(f"FROM {table} LIMIT 0").to_arrow_table().schema
    return _SCHEMAS[table]
