"""Keeping what production deployments shipped up to date: services marked stale, a few in each transaction.

Linear in commits: a rebuild reads a service's repository once, and where only newer deployments were added the cost
follows the new commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tribometer.store import stamps
from tribometer.store.connection import transaction
from tribometer.store.derive_model import Derived
from tribometer.store.derive_service import derive
from tribometer.store.shipped_inputs import read_deployments, read_graph, read_scope, repositories_with
from tribometer.store.shipped_tail import derive_tail
from tribometer.store.shipped_writes import append_rows, replace_rows
from tribometer.store.spoken_services import read_candidates

if TYPE_CHECKING:
    import duckdb

    from tribometer.settings import Rules
    from tribometer.store.derive_model import ServiceScope

AT_ONCE = 20
"""Services derived in one transaction: a commit waits for the disk, and what a crash interrupts is done again."""


def refresh(connection: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Derive every stale service and take its mark away with it; the caller holds the writer's lock.

    What a crash interrupts is done again: the marks of the services that are left still stand.
    """
    stale = connection.execute("SELECT service, rebuild FROM stale_services ORDER BY service").fetchall()
    candidates = read_candidates(connection) if stale else {}
    for start in range(0, len(stale), AT_ONCE):
        together = stale[start : start + AT_ONCE]
        with transaction(connection):
            for service, rebuild in together:
                _refresh_service(connection, read_scope(connection, service, candidates), rules, rebuild=rebuild)
            stamps.written(connection, stamps.DERIVED)
            connection.execute(
                "DELETE FROM stale_services WHERE service IN (SELECT unnest($services))",
                {"services": [service for service, _ in together]},
            )


def _refresh_service(
    connection: duckdb.DuckDBPyConnection, scope: ServiceScope, rules: Rules, *, rebuild: bool
) -> None:
    tail = None if rebuild else derive_tail(connection, scope, rules)
    if tail is not None:
        append_rows(connection, scope.name, tail)
    else:
        replace_rows(connection, scope.name, _derived_anew(connection, scope, rules))


def _derived_anew(connection: duckdb.DuckDBPyConnection, scope: ServiceScope, rules: Rules) -> Derived:
    """Derive all of a service, reading its own repository first and others only for commits that are not in it."""
    deployments = read_deployments(connection, scope)
    if not deployments:
        return Derived((), (), (), frozenset())
    repositories = {scope.repository or scope.name}
    while True:
        found = derive(scope, deployments, read_graph(connection, scope, repositories), rules)
        others = set() if scope.repository else repositories_with(connection, found.missing) - repositories
        if not others:
            return found
        repositories |= others
