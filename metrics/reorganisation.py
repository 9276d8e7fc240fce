"""Whether the services of a team changed hands: then the past has two readings, as it was and as it is now (E25)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from metrics import compose
from metrics.workspace import Workspace

if TYPE_CHECKING:
    from metrics.query import Query
    from tribometer.settings import Rules
    from tribometer.store import Reader

MOVED = """
SELECT EXISTS (
    SELECT o.name
    FROM ({owners}) AS o
    CROSS JOIN params AS p
    LEFT JOIN scope_teams AS s ON s.team = o.team
    WHERE (o.owned_from < p.window_to AND o.owned_to > p.window_from)
        OR (o.owned_from <= p.now AND p.now < o.owned_to)
    GROUP BY o.name
    HAVING COUNT(s.team) BETWEEN 1 AND COUNT(*) - 1
) AS has_moved
"""
OWNERS = " UNION ALL ".join(
    f"SELECT {column} AS name, team, owned_from, owned_to FROM {fact}"  # noqa: S608 - names of our own
    for column, fact in (("service", "service_owner"), ("repository", "repository_owner"))
)


def reorganised(reader: Reader, query: Query, rules: Rules) -> bool:
    """Whether anything that the query's team owned in its window, or owns now, was not its own in all that time.

    Queries without a team, and those that ask for the owners of now, have one reading only.
    """
    if query.team is None or query.owners == "now":
        return False
    workspace = Workspace(reader, replace(query, by=None), rules)
    text = MOVED.format(owners=OWNERS)
    chain = compose.chain(["service_owner", "repository_owner"], workspace.given)
    workspace.give(compose.statement(chain, text))
    ((moved,),) = reader.rows(compose.statement(chain, text))
    return bool(moved)
