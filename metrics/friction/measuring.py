"""What the board is made from: the hours lost by kind, team, service and pipeline, as the engine adds them up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from metrics.compose import literal
from metrics.computation import could_tell, data_as_of, hint, workspace_of
from metrics.friction.board import NOBODY, Cell, Week
from metrics.friction.kinds import KINDS
from metrics.friction_cost import MONTH
from metrics.tables import lineage
from tribometer.clock import naive_utc

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from metrics.query import Query
    from tribometer.settings import Rules
    from tribometer.store import Reader

CELLS = """
SELECT kind, team, service, pipeline, SUM(value) / 3600.0 AS hours,
    COUNT(DISTINCT CONCAT(subject, ' ', CAST(span_from AS STRING))) AS waits
FROM metric_units GROUP BY kind, team, service, pipeline
ORDER BY kind NULLS LAST, team NULLS LAST, service NULLS LAST, pipeline NULLS LAST
"""
WEEKS = """
SELECT u.kind, u.team, u.service, u.pipeline, DATE_TRUNC('week', u.at) AS week, SUM(u.value) / 3600.0 AS hours
FROM metric_units AS u WHERE u.value > 0
GROUP BY u.kind, u.team, u.service, u.pipeline, DATE_TRUNC('week', u.at)
ORDER BY kind NULLS LAST, team NULLS LAST, service NULLS LAST, pipeline NULLS LAST, week NULLS LAST
"""
ENGINEERS = """
SELECT COUNT(DISTINCT COALESCE(i.person, w.author)) AS people
FROM (
    SELECT author, author_kind, committed_at AS at FROM commits
    UNION ALL
    SELECT author, author_kind, created_at AS at FROM changes
) AS w
LEFT JOIN identities AS i ON i.handle = w.author
LEFT JOIN people AS b ON b.id = COALESCE(i.person, w.author) AND b.kind = 'bot'
WHERE w.author IS NOT NULL AND b.id IS NULL AND COALESCE(w.author_kind, 'human') <> 'bot'
    AND w.at >= $starts_at AND w.at < $ends_at
"""
ROW = (
    "u.at, u.subject, u.service, u.team, u.pipeline, u.unit, u.source, u.id, u.span_from, u.span_to, u.waited, "
    "u.people, u.attention, u.value AS lost_seconds"
)
NEWEST = "\nORDER BY u.at DESC NULLS LAST, u.subject NULLS LAST, u.id NULLS LAST\nLIMIT "
SHORTEST = timedelta(hours=1)


@dataclass(frozen=True)
class Measured:
    """What was lost in a window: the cells, how many months it had until now, and which kinds sources could tell of.

    ``engineers`` is how many people committed or opened a change in the window, of the whole organisation; None where
    nobody did. ``templates`` says from which template a service was made.
    """

    cells: tuple[Cell, ...]
    weeks: tuple[Week, ...]
    months: float
    observable: frozenset[str]
    engineers: int | None
    templates: Mapping[str, str]
    data_as_of: datetime | None
    hint: str | None


def kind_rows(reader: Reader, query: Query, rules: Rules, kind: str, newest: int) -> list[dict[str, Any]]:
    """The newest business days of a kind's waits that cost anything, newest first; no column names anybody."""
    workspace = workspace_of(reader, query, rules)
    workspace.materialise_owners()
    chain = workspace.unit_chain()
    final = (
        f"SELECT {ROW}{workspace.owned('units')}\n    AND u.kind = {literal(kind)} AND u.value > 0{NEWEST}{newest:d}"
    )
    rows: list[dict[str, Any]] = reader.table(workspace.prepared(chain, final)).to_pylist()
    return rows


def part(found: Measured, query: Query, above: Mapping[str, str | None]) -> Measured:
    """What of a measurement of everything is a query's team's, or service's; ``above`` has the team above each.

    It is what measuring the scope alone gives: the hours of a day are shared out before they are cut by scope.
    """

    def inside(each: Cell | Week) -> bool:
        if query.service is not None:
            return each.service == query.service
        return query.team in lineage(each.team, above)

    cells = tuple(each for each in found.cells if inside(each))
    services = {each.service for each in cells}
    return replace(
        found,
        cells=cells,
        weeks=tuple(each for each in found.weeks if inside(each)),
        templates={service: template for service, template in found.templates.items() if service in services},
    )


def measured(reader: Reader, query: Query, rules: Rules) -> Measured:
    """Add up what a query of `friction_cost` counts."""
    workspace = workspace_of(reader, query, rules)
    workspace.materialise()
    start, end = query.window
    lasted = max(min(end, query.now) - start, SHORTEST)
    cells = (Cell(kind, team or NOBODY, *rest) for kind, team, *rest in reader.rows(CELLS))
    ((people,),) = reader.rows(ENGINEERS, starts_at=naive_utc(start), ends_at=naive_utc(end))
    return Measured(
        tuple(cells),
        tuple(Week(kind, team or NOBODY, *rest) for kind, team, *rest in reader.rows(WEEKS)),
        lasted.total_seconds() / MONTH,
        frozenset(kind.name for kind in KINDS if kind.needs and all(could_tell(reader, each) for each in kind.needs)),
        people or None,
        {span.service: span.template for span in workspace.spans if span.template is not None},
        data_as_of(reader, query.definition),
        hint(workspace),
    )
