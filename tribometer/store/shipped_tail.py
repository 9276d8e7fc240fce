"""The short way: where only newer deployments were added, what was derived stands and only its tail is derived.

Its cost follows the new commits. Whatever could reach back into earlier rows is left to a rebuild.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tribometer.store.derive_commits import commit_graph
from tribometer.store.derive_rollouts import is_production
from tribometer.store.derive_service import derive
from tribometer.store.shipped_inputs import listed, read_deployments, repositories_with
from tribometer.store.shipped_standing import read_standing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import duckdb

    from tribometer.settings import Rules
    from tribometer.store.derive_commits import CommitGraph
    from tribometer.store.derive_model import DeploymentRow, Derived, ServiceScope
    from tribometer.store.shipped_standing import Standing

AT_HAND = 2
# rows that are unfinished bear on no other: they are derived anew with what was added
NOT_DERIVED = """
NOT EXISTS (
    FROM production_deployment_steps AS steps JOIN production_deployments AS made USING (service, source, id)
    WHERE made.service = $service AND made.role <> 'unfinished'
        AND steps.step_source = events.source AND steps.step_id = events.id
)
"""
NOT_SHIPPED = """
SELECT repository, sha, parents, history_cut, committed_at FROM commits
WHERE repository IN (SELECT value FROM wanted)
    AND NOT EXISTS (FROM shipped_commits AS old WHERE old.service = $service AND old.sha = commits.sha)
ORDER BY repository IS DISTINCT FROM $home, repository
"""
SHIPPED = """
SELECT repository, sha, CAST([] AS VARCHAR[]) AS parents, false AS history_cut, NULL::TIMESTAMP AS committed_at
FROM shipped_commits
WHERE service = $service AND sha IN (SELECT value FROM wanted)
"""


def derive_tail(connection: duckdb.DuckDBPyConnection, scope: ServiceScope, rules: Rules) -> Derived | None:
    """Derive what was added behind the rows that stand; None where the service must be rebuilt."""
    standing = read_standing(connection, scope.name)
    last = standing.last
    if scope.paths or last is None or not standing.can_stand(last):
        return None
    added = read_deployments(connection, scope, NOT_DERIVED)
    explicit = last.event.inferred_from is None
    production = [row for row in added if is_production(row, rules)]
    if not explicit and any(row.inferred_from is None for row in production):
        return None
    active = [row for row in production if (row.inferred_from is None) == explicit]
    return _derived(connection, scope, rules, standing, added) if standing.stands_before(active, last) else None


def _derived(
    connection: duckdb.DuckDBPyConnection,
    scope: ServiceScope,
    rules: Rules,
    standing: Standing,
    added: Sequence[DeploymentRow],
) -> Derived | None:
    repositories = standing.repositories | {scope.repository or scope.name}
    # with three repositories at hand, which one a commit is found in could depend on those not read
    if standing.last is None or len(repositories) > AT_HAND:
        return None
    last = standing.last.event
    heads = {row.sha for row in added if row.sha is not None}
    running = {last.sha} if last.sha is not None else set[str]()
    graph = _unshipped(connection, scope, repositories, heads | running)
    if heads & graph.shipped - running:
        return None
    derived = derive(scope, added, graph, rules, after=last)
    lies_elsewhere = scope.repository is None and repositories_with(connection, heads | derived.missing) - repositories
    return None if lies_elsewhere else derived


def _unshipped(
    connection: duckdb.DuckDBPyConnection,
    scope: ServiceScope,
    repositories: Collection[str],
    heads: Collection[str],
) -> CommitGraph:
    """The commits that are not shipped yet, and as ends without parents the shipped ones they build on."""
    with listed(connection, repositories):
        parameters = {"service": scope.name, "home": scope.repository or scope.name}
        new = connection.sql(NOT_SHIPPED, params=parameters).to_arrow_table()
    needed = {*heads, *new["parents"].combine_chunks().flatten().to_pylist()}
    with listed(connection, needed):
        old = connection.sql(SHIPPED, params={"service": scope.name}).to_arrow_table()
    return commit_graph(pa.concat_tables([new, old]), shipped=frozenset(old["sha"].to_pylist()))
