"""Which services' derived rows a landing makes stale: rather one too many than one too few.

``rebuild`` is false only where nothing but newer deployments was added, so that earlier rows stand.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

    from tribometer.store.columns import Key
    from tribometer.store.merge import Row

Marks = dict[str, bool]
"""Service -> whether its rows must be rebuilt."""


@dataclass(frozen=True)
class Difference:
    """What a landing does to the rows of one type: those it adds, and those it changes before and after."""

    new: Mapping[Key, Row]
    before: Mapping[Key, Row]
    after: Mapping[Key, Row]

    def values(self, field: str) -> set[Any]:
        """Every value of a field in the rows touched, before and after; without None."""
        rows = (*self.new.values(), *self.before.values(), *self.after.values())
        return {row.cells[field] for row in rows} - {None}


DERIVED_FROM = frozenset({"deployment", "service", "repository", "commit"})

SERVICES_OF_REPOSITORIES = """
SELECT name, repository FROM services WHERE repository IN (SELECT value FROM marked)
"""
NEEDING_SHAS = "SELECT DISTINCT service FROM missing_commits WHERE sha IN (SELECT value FROM marked)"
SHAS_SEEN_TWICE = """
SELECT sha FROM commits WHERE sha IN (SELECT value FROM marked) GROUP BY sha HAVING count(*) > 1
"""
HOLDING_SHAS = "SELECT DISTINCT service FROM shipped_commits WHERE sha IN (SELECT value FROM marked)"
PATH_SERVICES = """
SELECT name FROM services WHERE paths IS NOT NULL AND (repository IS NULL OR repository IN (SELECT value FROM marked))
"""
EARLIER = """
SELECT service, max(greatest(created_at, started_at, finished_at, first_finished_at)),
    array_agg(sha), array_agg(artifact), bool_or(inferred_from IS NULL), bool_or(inferred_from IS NOT NULL)
FROM production_deployments WHERE service IN (SELECT value FROM marked)
GROUP BY service
"""
MARK = """
INSERT INTO stale_services SELECT service, rebuild FROM marked
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


def mark_stale(connection: duckdb.DuckDBPyConnection, differences: Mapping[str, Difference]) -> None:
    """Mark what these differences (by event type; already in the tables) make stale, in the caller's transaction."""
    marks: Marks = {}
    finders = {"deployment": _by_deployments, "commit": _by_commits, "service": _by_services}
    for event_type, find in finders.items():
        if event_type in differences:
            _add(marks, find(connection, differences[event_type]))
    if "repository" in differences:
        _add(marks, _sharing(connection, differences["repository"].values("name")))
    _write(connection, marks)


def mark_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark every service there is, as after a change of the rules."""
    connection.execute(MARK_ALL)


def _add(marks: Marks, more: Mapping[str, bool]) -> None:
    for service, rebuild in more.items():
        marks[service] = marks.get(service, False) or rebuild


def _by_services(connection: duckdb.DuckDBPyConnection, difference: Difference) -> Marks:
    names = dict.fromkeys(difference.values("name"), True)
    return names | _sharing(connection, difference.values("repository"))


def _sharing(connection: duckdb.DuckDBPyConnection, repositories: set[str]) -> Marks:
    """The repositories' own services and those the catalog ties to them."""
    tied = _select(connection, SERVICES_OF_REPOSITORIES, repositories)
    return dict.fromkeys((*repositories, *(name for name, _ in tied)), True)


def _by_commits(connection: duckdb.DuckDBPyConnection, difference: Difference) -> Marks:
    landed = difference.values("sha")
    # a deployment that was not derived yet has its own mark; one that was, names here what it lacked
    marks = dict.fromkeys((service for (service,) in _select(connection, NEEDING_SHAS, landed)), True)
    restated = Difference({}, difference.before, difference.after)
    shas = restated.values("sha") | {sha for (sha,) in _select(connection, SHAS_SEEN_TWICE, landed)}
    if shas:
        holding = _select(connection, HOLDING_SHAS, shas)
        by_path = _select(connection, PATH_SERVICES, difference.values("repository"))
        marks |= dict.fromkeys((service for (service,) in (*holding, *by_path)), True)
    return marks


def _by_deployments(connection: duckdb.DuckDBPyConnection, difference: Difference) -> Marks:
    """Deployments mark their service; inferred ones also the services tied to the repository they name."""
    rows = (*difference.new.values(), *difference.before.values(), *difference.after.values())
    by_service = defaultdict(list)
    for row in rows:
        by_service[row.cells["service"]].append(row)
    inferred = {row.cells["service"] for row in rows if row.cells["inferred_from"]}
    takers = defaultdict(set)
    for name, repository in _select(connection, SERVICES_OF_REPOSITORIES, inferred):
        takers[repository].add(name)
    changed = {row.cells["service"] for row in (*difference.before.values(), *difference.after.values())}
    earlier = {
        line[0]: line[1:] for line in _select(connection, EARLIER, by_service.keys() | set().union(*takers.values()))
    }
    marks: Marks = {}
    for service, landed in by_service.items():
        for name in {service, *takers[service]}:
            adds = service not in changed and _only_adds(landed, earlier.get(name))
            _add(marks, {name: not adds})
    return marks


def _only_adds(landed: Iterable[Row], earlier: tuple[Any, ...] | None) -> bool:
    """Whether new deployments all come after what is derived, and none joins or repeats an earlier one."""
    if earlier is None:
        return False
    latest, shas, artifacts, explicit, inferred = earlier
    return all(
        _comes_after(row, latest)
        and row.cells["group"] is None
        and (row.cells["sha"] is None or row.cells["sha"] not in shas)
        and (row.cells["artifact"] is None or row.cells["artifact"] not in artifacts)
        and not (explicit if row.cells["inferred_from"] else inferred)
        for row in landed
    )


def _comes_after(row: Row, latest: Any) -> bool:  # noqa: ANN401 - a time or None
    times = [row.cells[name] for name in ("created_at", "started_at", "finished_at")]
    return latest is not None and times[-1] is not None and all(each is None or each > latest for each in times)


def _select(connection: duckdb.DuckDBPyConnection, sql: str, values: Iterable[str]) -> list[tuple[Any, ...]]:
    """Run a query over the one-column table ``marked`` of these values."""
    listed = sorted(values)
    if not listed:
        return []
    connection.register("marked", pa.table({"value": pa.array(listed, pa.string())}))
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.unregister("marked")


def _write(connection: duckdb.DuckDBPyConnection, marks: Marks) -> None:
    if not marks:
        return
    services = pa.array(list(marks), pa.string())
    rebuilds = pa.array(list(marks.values()), pa.bool_())
    connection.register("marked", pa.table({"service": services, "rebuild": rebuilds}))
    connection.execute(MARK)
    connection.unregister("marked")
