"""What the derivation reads: a service's scope, its deployment events, and the commits they may reach."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import fields
from fnmatch import translate
from typing import TYPE_CHECKING

import pyarrow as pa

from tribometer.store.derive_commits import CommitGraph, commit_graph
from tribometer.store.derive_model import DeploymentRow, ServiceScope
from tribometer.store.spoken_services import read_candidates, spoken_by_environment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import duckdb

EVENT_COLUMNS = ", ".join(f"events.{each.name}" for each in fields(DeploymentRow))
SCOPE = "SELECT repository, paths FROM services WHERE name = $service ORDER BY source, id"
OF_SERVICE = """
events.service IN ($service, $repository) AND CASE
    WHEN events.service = $repository AND (
        events.inferred_from IS NOT NULL OR $is_sole OR list_contains($taken, coalesce(events.environment, ''))
    ) THEN true
    WHEN events.service <> $service THEN false
    WHEN events.inferred_from IS NOT NULL THEN NOT $displaced
    ELSE NOT $stands_for_one AND NOT list_contains($given, coalesce(events.environment, ''))
END
"""
DISPLACED = """
SELECT count(*) FILTER (WHERE repository = $service) > 0 AND count(*) FILTER (WHERE name = $service) = 0 FROM services
"""
# the home repository first: a fork's copy of a commit does not move it
COMMITS = """
SELECT repository, sha, parents, history_cut, committed_at FROM commits
WHERE repository IN (SELECT value FROM wanted) ORDER BY repository IS DISTINCT FROM $home, repository
"""
ELSEWHERE = "SELECT DISTINCT repository FROM commits WHERE sha IN (SELECT value FROM wanted)"
CHANGED_PATHS = """
SELECT DISTINCT change.path AS value FROM
(SELECT unnest(file_changes) AS change FROM commits WHERE repository IN (SELECT value FROM wanted))
"""
TOUCHING = """
SELECT DISTINCT sha FROM (
    SELECT sha, unnest(file_changes) AS change FROM commits WHERE repository IN (SELECT unnest($repositories))
) WHERE change.path IN (SELECT value FROM wanted)
"""


def read_scope(
    connection: duckdb.DuckDBPyConnection,
    service: str,
    candidates: Mapping[str, frozenset[str]] | None = None,
) -> ServiceScope:
    """A service as the catalog describes it; the first source to state a repository or paths is believed.

    ``candidates`` is what `read_candidates` gave for all services alike.
    """
    known = read_candidates(connection) if candidates is None else candidates
    entries = connection.execute(SCOPE, {"service": service}).fetchall()
    repository = next((repository for repository, _ in entries if repository is not None), None)
    paths = next((paths for _, paths in entries if paths), ())
    of_repository = known.get(repository, frozenset()) if repository is not None else frozenset[str]()
    beside = of_repository if service in of_repository else frozenset[str]()
    return ServiceScope(service, repository, tuple(paths), beside, known.get(service, frozenset()))


def read_deployments(
    connection: duckdb.DuckDBPyConnection,
    scope: ServiceScope,
    condition: str = "true",
) -> list[DeploymentRow]:
    """The service's deployment events of all tiers, the releases of its repository among them (E5).

    The releases of a repository belong to the services that the catalog ties to it, not to one of the repository's
    name that the catalog does not know. What was deployed under that name belongs to the one service it speaks of.
    """
    parameters = {
        "service": scope.name,
        "repository": scope.repository,
        "is_sole": scope.beside == {scope.name},
        "stands_for_one": len(scope.stands_for) == 1,
        "taken": _environments_of(connection, scope),
        "given": _environments_given(connection, scope),
    }
    (displaced,) = connection.execute(DISPLACED, {"service": scope.name}).fetchall()[0]
    lines = connection.execute(
        f"SELECT {EVENT_COLUMNS} FROM deployments AS events WHERE ({OF_SERVICE}) AND ({condition})",  # noqa: S608 - ours
        {**parameters, "displaced": displaced},
    ).fetchall()
    names = [each.name for each in fields(DeploymentRow)]
    return [DeploymentRow(**dict(zip(names, line, strict=True))) for line in lines]


def _environments_of(connection: duckdb.DuckDBPyConnection, scope: ServiceScope) -> list[str]:
    """The environments by which deployments under its repository's name speak of this service among several."""
    if scope.repository is None or len(scope.beside) <= 1:
        return []
    spoken = spoken_by_environment(connection, scope.repository, scope.beside)
    return [environment for environment, service in spoken.items() if service == scope.name]


def _environments_given(connection: duckdb.DuckDBPyConnection, scope: ServiceScope) -> list[str]:
    """The environments by which deployments under its name, a repository's, speak of one service among several."""
    return list(spoken_by_environment(connection, scope.name, scope.stands_for)) if len(scope.stands_for) > 1 else []


def read_graph(
    connection: duckdb.DuckDBPyConnection,
    scope: ServiceScope,
    repositories: Collection[str],
) -> CommitGraph:
    """All commits of some repositories, and which of them touch the service's paths."""
    home = scope.repository or scope.name
    with listed(connection, repositories):
        commits = connection.sql(COMMITS, params={"home": home}).to_arrow_table()
    touching = _touching(connection, scope.paths, repositories) if scope.paths else None
    return commit_graph(commits, touching=touching)


def repositories_with(connection: duckdb.DuckDBPyConnection, shas: Collection[str]) -> set[str]:
    """The repositories that hold any of these commits."""
    if not shas:
        return set()
    with listed(connection, shas):
        return {repository for (repository,) in connection.execute(ELSEWHERE).fetchall()}


@contextmanager
def listed(connection: duckdb.DuckDBPyConnection, values: Collection[str]) -> Iterator[None]:
    """Offer values to a query as the one-column table ``wanted``."""
    connection.register("wanted", pa.table({"value": pa.array(sorted(values), pa.string())}))
    try:
        yield
    finally:
        connection.unregister("wanted")


def _touching(
    connection: duckdb.DuckDBPyConnection,
    patterns: Sequence[str],
    repositories: Collection[str],
) -> frozenset[str]:
    with listed(connection, repositories):
        changed = connection.execute(CHANGED_PATHS).fetchall()
    matches = path_pattern(patterns).match
    inside = [path for (path,) in changed if path is not None and matches(path)]
    with listed(connection, inside):
        shas = connection.execute(TOUCHING, {"repositories": sorted(repositories)}).fetchall()
    return frozenset(sha for (sha,) in shas)


def path_pattern(patterns: Sequence[str]) -> re.Pattern[str]:
    """One expression for a service's paths: each is a file, a folder with all below it, or a glob."""
    parts: list[str] = []
    for pattern in patterns:
        parts += [re.escape(pattern) + r"\Z", re.escape(pattern.rstrip("/")) + "/", translate(pattern)]
    return re.compile("|".join(f"(?:{part})" for part in parts))
