"""How a number came about: the definition, the SQL as one statement to run yourself, and every unit looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metrics import compose, people
from metrics.computation import compute, workspace_of
from metrics.rows import unit_rows
from metrics.shelf import Shelf
from metrics.workspace import SCOPE, SCOPED, Workspace
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.definition import Metric
    from metrics.query import Query
    from metrics.result import MetricResult
    from tribometer.settings import Rules
    from tribometer.store import Reader

MOST_TOLD, MOST_UNITS, MOST_READ = 6, 5, 500


@dataclass(frozen=True)
class Explanation:
    """What stands behind a result.

    ``waiting`` counts what is no unit yet, e.g. commits before their first release; None where nothing can wait.
    ``sql`` runs as it is on the store's file: a row per service and one for all units, over the whole window; it has
    what its statistic reads from the units (``n``, ``value`` and the like). ``counted`` and ``excluded`` count units.
    ``by_hand`` is what that statement gives, all units first and then the services with the most, and ``units`` the
    newest units counted: what to redo a number with. Neither is told of metrics of people.
    """

    metric: Metric
    result: MetricResult
    sql: str
    counted: int
    excluded: dict[str, int]
    waiting: int | None = None
    by_hand: tuple[Mapping[str, Any], ...] = ()
    units: tuple[Mapping[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Definition, statement, counts and result, ready for JSON."""
        metric = self.metric
        return {
            "metric": metric.name,
            "version": metric.version,
            "title": metric.title,
            "question": metric.question,
            "formula": metric.formula,
            "source": metric.source,
            "caveats": list(metric.caveats),
            "not_comparable": list(metric.not_comparable),
            "rules": list(metric.rules),
            "sql": self.sql,
            "counted": self.counted,
            "excluded": self.excluded,
            "waiting": self.waiting,
            "by_hand": list(self.by_hand),
            "units": list(self.units),
            "result": self.result.to_dict(),
        }


def explain(reader: Reader, query: Query, rules: Rules) -> Explanation:
    """The result of a query with the statement and the counts behind it."""
    shelf = Shelf(reader)
    result = compute(reader, query, rules, shelf)
    excluded = dict(result.exclusions or {})
    sql = "" if query.definition.statistic is None else sql_text(reader, query, rules)
    told = Explanation(query.definition, result, sql, result.n or 0, excluded, waiting(reader, query, rules, shelf))
    if query.definition.statistic is None or query.definition.people is not None or not result.n:
        return told
    return replace(told, by_hand=_by_hand(reader, query, rules, shelf), units=_newest(reader, query, rules, shelf))


def _by_hand(reader: Reader, query: Query, rules: Rules, shelf: Shelf) -> tuple[Mapping[str, Any], ...]:
    """What the statistic reads from the counted units, of all of them and of the services with the most."""
    metric = query.definition
    workspace = workspace_of(reader, query, rules, shelf)
    workspace.materialise_owners()
    workspace.materialise_units()
    columns = metric.statistic.columns() if metric.statistic else ""
    rows = reader.table(f"""
SELECT CASE WHEN GROUPING(service) = 1 THEN 'all together' ELSE service END AS service, {columns}
FROM metric_units WHERE counted GROUP BY GROUPING SETS ((service), ())
HAVING GROUPING(service) = 1 OR service IS NOT NULL
ORDER BY COUNT(*) DESC NULLS LAST, GROUPING(service) DESC NULLS LAST, service NULLS LAST LIMIT {MOST_TOLD:d}
""")  # noqa: S608 - columns of our own
    return tuple({name: _plain(value) for name, value in row.items()} for row in rows.to_pylist())


def _newest(reader: Reader, query: Query, rules: Rules, shelf: Shelf) -> tuple[Mapping[str, Any], ...]:
    """Some of the newest counted units, those that raise the value first."""
    counted = [row for row in unit_rows(reader, query, rules, newest=MOST_READ, shelf=shelf) if row["counted"]]
    return tuple(sorted(counted, key=lambda row: not row["value"])[:MOST_UNITS])


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def waiting(reader: Reader, query: Query, rules: Rules, shelf: Shelf | None = None) -> int | None:
    """How many commits in scope were there before the window's end and had not been shipped when last looked."""
    fact = query.definition.waiting
    if fact is None:
        return None
    workspace = Workspace(reader, query, rules, shelf)
    final = f"SELECT COUNT(DISTINCT u.sha) AS n{SCOPED.format(relation=fact)}\nWHERE u.at < p.window_to{SCOPE}"
    ((n,),) = reader.rows(workspace.prepared(compose.chain([fact, "service_owner"], workspace.given), final))
    return int(n)


def sql_text(reader: Reader, query: Query, rules: Rules) -> str:
    """The metric as one statement that needs nothing but the store: parameters and lists are literals in it."""
    metric = query.definition
    if metric.statistic is None:
        raise UsageError(f"{metric.name} is computed from other metrics; explain those.")
    workspace = Workspace(reader, people.of_whole_cohorts(reader, query), rules)
    ctes = workspace.unit_chain()
    ctes["scoped_units"] = workspace.scoped_units()
    final = (
        f"SELECT service, GROUPING(service) AS is_pooled, {metric.statistic.columns()}\n"
        "FROM scoped_units WHERE counted\n"
        "GROUP BY GROUPING SETS ((service), ())\n"
        "ORDER BY is_pooled DESC NULLS LAST, service NULLS LAST"
    )
    literals = workspace.literals(compose.statement(ctes, final))
    return compose.statement({**literals, **ctes}, final) + ";\n"
