"""Deployments, commit graphs and a bare store for the tests of what deployments shipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from tribometer.settings import Rules
from tribometer.store.derive_commits import CommitGraph, commit_graph
from tribometer.store.derive_model import DeploymentRow, Derived, ProductionDeployment, ServiceScope
from tribometer.store.derive_service import derive
from tribometer.store.schema import shipped_migrations

RULES = Rules()
START = datetime(2026, 1, 1)  # noqa: DTZ001 - times are naive UTC in the store
DERIVED_TABLES = (
    "production_deployments",
    "production_deployment_steps",
    "shipped_commits",
    "missing_commits",
)


def on_day(day: float) -> datetime:
    """Give a time so many days after the start."""
    return START + timedelta(days=day)


def deployment(name: str, day: float | None, sha: str | None = None, **fields: Any) -> DeploymentRow:
    """Make a successful deployment to production that finished on a day."""
    defaults = {"source": "ci", "environment": "production", "status": "success"}
    finished_at = None if day is None else on_day(day)
    return DeploymentRow(**{**defaults, "id": name, "sha": sha, "finished_at": finished_at, **fields})


def graph_of(
    parents: Mapping[str, Sequence[str]],
    repository: str = "web",
    touching: Iterable[str] | None = None,
    cut: Iterable[str] = (),
) -> CommitGraph:
    """Make a graph of one repository from the parents of each commit, written in that order."""
    ends = frozenset(cut)
    table = pa.table(
        {
            "repository": pa.array([repository] * len(parents), pa.string()),
            "sha": pa.array(list(parents), pa.string()),
            "parents": pa.array([list(each) for each in parents.values()], pa.list_(pa.string())),
            "history_cut": pa.array([sha in ends for sha in parents], pa.bool_()),
            "committed_at": pa.array([on_day(number) for number in range(len(parents))], pa.timestamp("us")),
        },
    )
    return commit_graph(table, touching=None if touching is None else frozenset(touching))


def line_of(*shas: str) -> CommitGraph:
    """Make a graph in which each commit follows the one before."""
    return graph_of({sha: shas[max(0, number - 1) : number] for number, sha in enumerate(shas)})


def derived_from(
    deployments: Sequence[DeploymentRow],
    graph: CommitGraph | None = None,
    paths: tuple[str, ...] = (),
    rules: Rules = RULES,
) -> Derived:
    """Derive the service ``web``."""
    return derive(ServiceScope("web", None, paths), deployments, graph or graph_of({}), rules)


def rows_by_id(derived: Derived) -> dict[str, ProductionDeployment]:
    """Give the derived rows by the id of their event."""
    return {row.id: row for row in derived.deployments}


def roles(derived: Derived) -> list[str]:
    """Give the roles in order of time."""
    return [row.role for row in derived.deployments]


def shipped_by(derived: Derived) -> dict[str, set[str]]:
    """Give the commits that each deployment shipped."""
    found: dict[str, set[str]] = {row.id: set() for row in derived.deployments}
    for commit in derived.shipped:
        found[commit.deployment_id].add(commit.sha)
    return found


def bare_store(schema: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open an empty store in memory, without the code that lands events; of an earlier schema where it is given."""
    # on so few rows a second thread only costs
    connection = duckdb.connect(config={"threads": 1})
    for migration in shipped_migrations()[:schema]:
        connection.execute(migration.sql)
    return connection


def put(connection: duckdb.DuckDBPyConnection, table: str, **fields: Any) -> None:
    """Write one row, or write over it."""
    names, marks = ", ".join(fields), ", ".join(f"${name}" for name in fields)
    connection.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", fields)  # noqa: S608


def put_commits(
    connection: duckdb.DuckDBPyConnection,
    parents: Mapping[str, Sequence[str]],
    repository: str = "web",
    **fields: Any,
) -> None:
    """Write the commits of a repository, all of one day."""
    known = {"source": repository, "repository": repository, "committed_at": START, **fields}
    for sha, behind in parents.items():
        put(connection, "commits", id=sha, sha=sha, parents=list(behind), **known)


def put_deployment(connection: duckdb.DuckDBPyConnection, row: DeploymentRow, service: str = "web") -> None:
    """Write a deployment event."""
    put(connection, "deployments", service=service, **vars(row))


def mark(connection: duckdb.DuckDBPyConnection, service: str, *, rebuild: bool) -> None:
    """Say that a service's derived rows are old."""
    connection.execute(
        "INSERT INTO stale_services VALUES ($service, $rebuild) "
        "ON CONFLICT (service) DO UPDATE SET rebuild = stale_services.rebuild OR excluded.rebuild",
        {"service": service, "rebuild": rebuild},
    )


def derived_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Read everything derived, in an order of its own."""
    return {name: connection.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in DERIVED_TABLES}
