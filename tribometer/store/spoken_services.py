"""Which service an event speaks of that names a repository as its service, as forges and build servers do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import duckdb

# the repository first stated counts, as in a service's scope; archived services count where none lives
CANDIDATES = """
SELECT repository, name, count(*) OVER (PARTITION BY repository) AS among FROM (
    SELECT tied.repository, entry.name, entry.archived_at IS NULL AS lives,
        bool_or(entry.archived_at IS NULL) OVER (PARTITION BY tied.repository) AS any_lives
    FROM (
        SELECT name, repository FROM services WHERE repository IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY name ORDER BY source, id) = 1
    ) AS tied
    JOIN (
        SELECT name, kind, archived_at FROM services
        QUALIFY row_number() OVER (PARTITION BY name ORDER BY source, id) = 1
    ) AS entry USING (name)
    WHERE coalesce(entry.kind, 'deployable') <> 'library'
        AND NOT EXISTS (FROM services AS own WHERE own.name = tied.repository)
) WHERE lives = any_lives
"""
"""Rows (repository, name, among): a service that the repository's name may stand for, one among so many."""
ENVIRONMENTS = """
SELECT DISTINCT coalesce(environment, '') FROM deployments WHERE service = $repository AND inferred_from IS NULL
"""


def spoken_of(candidates: Collection[str], environment: str) -> str | None:
    """The service that a deployment of its repository speaks of: the only one, or the one its environment names.

    A name counts where it stands as words of its own; within a longer one, like shop in shop-one, it does not.
    """
    if len(candidates) == 1:
        return next(iter(candidates))
    place = environment.lower()
    found = {each for each in candidates if re.search(rf"(?<![^\W_]){re.escape(each.lower())}(?![^\W_])", place)}
    whole = [each for each in found if not any(each.lower() in other.lower() for other in found - {each})]
    return whole[0] if len(whole) == 1 else None


def read_candidates(connection: duckdb.DuckDBPyConnection) -> Mapping[str, frozenset[str]]:
    """By repository: the services that its name, which is none of a service, may stand for."""
    found: dict[str, set[str]] = {}
    for repository, name, _ in connection.execute(CANDIDATES).fetchall():
        found.setdefault(repository, set()).add(name)
    return {repository: frozenset(names) for repository, names in found.items()}


def spoken_by_environment(
    connection: duckdb.DuckDBPyConnection,
    repository: str,
    candidates: Collection[str],
) -> Mapping[str, str]:
    """The service that explicit deployments under a repository's name speak of, by those environments that tell."""
    seen = connection.execute(ENVIRONMENTS, {"repository": repository}).fetchall()
    spoken = {environment: spoken_of(candidates, environment) for (environment,) in seen}
    return {environment: name for environment, name in spoken.items() if name is not None}
