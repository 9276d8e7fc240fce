"""Handles that look like one person's, for an operator to say whether they are: nothing is joined by looks.

Handles are keyed before they are stored, so that nobody could compare them afterwards: what they look like is kept
beside them, keyed as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from tribometer.privacy import people_in
from tribometer.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import duckdb

    from tribometer.privacy import Likeness
    from tribometer.store.reader import Reader

SHARED_BY = 5
"""A likeness that more handles share, as ``info`` or ``admin``, tells of nobody."""
KEEP = "INSERT INTO likenesses FROM seen ANTI JOIN likenesses USING (handle)"
KEEP_APART = "INSERT INTO kept_apart VALUES ($one, $other) ON CONFLICT DO NOTHING"
SUGGESTED = """
WITH shared AS (SELECT likeness FROM likenesses GROUP BY likeness HAVING count(*) BETWEEN 2 AND $most),
alike AS (
    SELECT likenesses.*, coalesce(identities.person, handle) AS person
    FROM likenesses SEMI JOIN shared USING (likeness) LEFT JOIN identities USING (handle)
),
apart AS (
    SELECT coalesce(i.person, k.one) AS one, coalesce(j.person, k.other) AS other
    FROM kept_apart AS k LEFT JOIN identities AS i ON i.handle = k.one LEFT JOIN identities AS j ON j.handle = k.other
)
SELECT a.handle AS one, b.handle AS other, a.form || ' ' || b.form AS forms
FROM alike AS a JOIN alike AS b ON b.likeness = a.likeness AND a.person < b.person
ANTI JOIN (FROM apart UNION SELECT other, one FROM apart) AS k ON k.one = a.person AND k.other = b.person
QUALIFY row_number() OVER (PARTITION BY a.person, b.person ORDER BY a.handle, b.handle) = 1
ORDER BY one, other
"""
WHY: Mapping[str, str] = {
    "address address": "two addresses with one local part",
    "address login": "a login that is the local part of an address",
    "login address": "a login that is the local part of an address",
    "login login": "one login on two forges",
}
NAMED = (
    "SELECT handle, source FROM person_handles",
    *(
        f"SELECT {name} AS handle, source FROM {TABLES[each].name}"  # noqa: S608 - names from our own models
        for each in TABLES
        for name in people_in(each).named
        if (each, name) != ("person", "handles")
    ),
)
SEEN = f"""
SELECT handle, source, count(*) AS events FROM ({" UNION ALL ".join(NAMED)})
WHERE list_contains($handles, handle) GROUP BY handle, source ORDER BY handle, source
"""  # noqa: S608 - as above


@dataclass(frozen=True)
class Suggestion:
    """Two pseudonyms that may be one person, the smaller first, and what they share."""

    one: str
    other: str
    why: str


def keep(connection: duckdb.DuckDBPyConnection, seen: Collection[Likeness]) -> None:
    """Keep what handles look like, in the caller's transaction."""
    if not seen:
        return
    columns = ("handle", "likeness", "form")
    rows = {name: pa.array([getattr(each, name) for each in seen], pa.string()) for name in columns}
    connection.register("seen", pa.table(rows))
    connection.execute(KEEP)
    connection.unregister("seen")


def keep_apart(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> None:
    """Never suggest again that two pseudonyms are one person."""
    one, other = sorted((one, other))
    connection.execute(KEEP_APART, {"one": one, "other": other})


def suggested(reader: Reader) -> list[Suggestion]:
    """Pairs that look alike, are not joined, and were not said to be two; each pair of persons once."""
    return [Suggestion(one, other, WHY[forms]) for one, other, forms in reader.rows(SUGGESTED, most=SHARED_BY)]


def seen(reader: Reader, handles: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many events of each source name each of some pseudonyms; one that nobody names has no entry."""
    found: dict[str, dict[str, int]] = {}
    for handle, source, events in reader.rows(SEEN, handles=sorted(handles)):
        found.setdefault(handle, {})[source] = events
    return found
