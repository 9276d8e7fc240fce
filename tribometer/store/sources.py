"""Where each source stands: its cursor, what it tells about, when it last answered."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from tribometer.store.columns import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    import duckdb

    from tribometer.store.held_file import HeldFile

# a family of hundreds starts each part and lands an empty page: planning an ON CONFLICT takes longer than the rest
STARTED = """
UPDATE source_states SET
    kind = $kind, last_started_at = $at, left_at = NULL, begun_at = coalesce(begun_at, $at),
    family = coalesce($family, family)
WHERE source = $source RETURNING begun_at
"""
STARTED_FIRST = """
INSERT INTO source_states (source, kind, last_started_at, begun_at, family) VALUES ($source, $kind, $at, $at, $family)
"""
FAILED = """
INSERT INTO source_states (source, kind, last_error, last_error_at, failing_since, error_kind, limited_until)
VALUES ($source, $kind, $message, $at, $at, $passing, $until)
ON CONFLICT (source) DO UPDATE SET
    kind = excluded.kind, last_error = excluded.last_error, last_error_at = excluded.last_error_at,
    failing_since = CASE WHEN last_error IS NULL OR error_kind IS DISTINCT FROM excluded.error_kind
                         THEN excluded.failing_since ELSE coalesce(failing_since, last_error_at) END,
    error_kind = excluded.error_kind, limited_until = excluded.limited_until
"""
HEARD = """
INSERT INTO source_states (source, kind, reads, last_success_at) VALUES ($source, $kind, $reads, $at)
ON CONFLICT (source) DO UPDATE SET
    last_success_at = CASE WHEN cursor IS NULL AND last_started_at IS NULL
                           THEN coalesce(excluded.last_success_at, last_success_at) ELSE last_success_at END,
    reads = list_sort(list_distinct(list_concat(reads, excluded.reads)))
"""
REACHED = """
UPDATE source_states SET kind = $kind, cursor = coalesce($cursor, cursor) WHERE source = $source RETURNING source
"""
REACHED_FIRST = "INSERT INTO source_states (source, kind, cursor) VALUES ($source, $kind, $cursor)"
SUCCEEDED = """
UPDATE source_states SET
    last_success_at = $at, last_error = NULL, last_error_at = NULL, remarks = $remarks, begun_at = NULL, reads = $reads,
    failing_since = NULL, error_kind = NULL, limited_until = NULL
WHERE source = $source
"""
FORGIVEN = """
UPDATE source_states SET
    last_error = NULL, last_error_at = NULL, failing_since = NULL, error_kind = NULL, limited_until = NULL
WHERE list_contains($sources, source)
"""
NEVER_TOLD = """
DELETE FROM source_states
WHERE list_contains($sources, source) AND last_success_at IS NULL AND coalesce(len(reads), 0) = 0
"""
ENDED = "UPDATE source_states SET begun_at = NULL WHERE source = $source"
LEFT = """
UPDATE source_states SET left_at = $at
WHERE family = $family AND left_at IS NULL AND NOT array_contains($members, source)
"""
DONE = """
SELECT source FROM source_states
WHERE family = $family AND last_started_at >= $since AND last_success_at >= last_started_at
"""
FAILING = "SELECT source FROM source_states WHERE family = $family AND last_error IS NOT NULL"
QUOTA = "UPDATE source_states SET quota_left = $left, quota_resets_at = $resets_at WHERE source = $source"
FORGET = "DELETE FROM etags WHERE source = $source"
UNREACHABLE, LIMITED = "unreachable", "limited"
ETAGS = "SELECT address, etag FROM etags WHERE source = $source"


@dataclass(frozen=True)
class Remark:
    """Something an operator should know about a source that was read without an error, and what to do about it."""

    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.what}. {self.do}."


@dataclass(frozen=True)
class Passing:
    """A failure that mends itself: the source is ``unreachable``, or ``limited``, ``until`` a time if it says one."""

    kind: str
    until: datetime | None = None


@dataclass(frozen=True)
class Allowance:
    """How many requests a source still allowed when it was asked last, and when that begins anew."""

    left: int
    resets_at: datetime | None = None


class SourceStates:
    """Where the sources of one store stand. Safe to use from several threads."""

    def __init__(self, file: HeldFile, clock: Callable[[], datetime], refuse: Callable[..., None]) -> None:
        """``refuse`` raises where nothing may be collected, as in a demo."""
        self._file = file
        self._clock = clock
        self._refuse = refuse

    def cursor(self, source: str) -> Mapping[str, Any] | None:
        """Where the next collection of a source starts; None: from the beginning."""
        with self._file.reading() as connection:
            row = connection.execute("SELECT cursor FROM source_states WHERE source = ?", [source]).fetchone()
        return json.loads(row[0]) if row and row[0] else None

    def etags(self, source: str) -> Mapping[str, str]:
        """The validator of each address that the source's pages were made from."""
        with self._file.reading() as connection:
            return dict(connection.execute(ETAGS, {"source": source}).fetchall())

    def started(self, source: str, kind: str, family: str | None = None, *, anew: bool = False) -> datetime:
        """Note that a collection begins; return since when this one, cut off or not, is being tried (aware UTC).

        ``anew``: what an earlier one had reached does not count.
        """
        with self._file.writing("noting a start") as connection:
            self._refuse(connection)
            if anew:
                connection.execute(ENDED, {"source": source})
                # validators vouch for what the old cursor knows, which this collection begins without
                connection.execute(FORGET, {"source": source})
            now = self._now()
            given = {"source": source, "kind": kind, "at": now, "family": family}
            known = connection.execute(STARTED, given).fetchone()
            if known is None:
                connection.execute(STARTED_FIRST, given)
        begun: datetime = known[0] if known else now
        return begun.replace(tzinfo=UTC)

    def succeeded(self, source: str, remarks: Iterable[Remark] = (), reads: Iterable[str] = ()) -> None:
        """Note that a collection came to its end: what it tells is complete until now, up to its remarks.

        ``reads`` are the event types that it told all about: where there are none, there were none to tell.
        """
        text = json_text([asdict(each) for each in remarks])
        given = {"source": source, "at": self._now(), "remarks": text, "reads": sorted(reads)}
        with self._file.writing("noting a success") as connection:
            connection.execute(SUCCEEDED, given)

    def failed(self, source: str, kind: str, message: str, passing: Passing | None = None) -> None:
        """Note that a source could not be read; its cursor stays.

        After a limit, which is no failure, the next collection goes on with the members that were not reached.
        """
        until = passing.until.astimezone(UTC).replace(tzinfo=None) if passing and passing.until else None
        given = {"source": source, "kind": kind, "message": message, "at": self._now()}
        given |= {"passing": passing and passing.kind, "until": until}
        with self._file.writing("noting a failure") as connection:
            connection.execute(FAILED, given)
            if passing is None or passing.kind != LIMITED:
                connection.execute(ENDED, {"source": source})

    def expect_no_more(self, sources: Iterable[str]) -> None:
        """Forget what failed of sources that nobody collects any more, and those wholly that never told anything."""
        given = {"sources": list(sources)}
        with self._file.writing("forgetting failures") as connection:
            connection.execute(NEVER_TOLD, given)
            connection.execute(FORGIVEN, given)

    def done_since(self, family: str, since: datetime) -> frozenset[str]:
        """Members of a family that were collected to their end since then."""
        given = {"family": family, "since": since.astimezone(UTC).replace(tzinfo=None)}
        with self._file.reading() as connection:
            return frozenset(name for (name,) in connection.execute(DONE, given).fetchall())

    def failing(self, family: str) -> frozenset[str]:
        """Members of a family that could not be read when they were tried last."""
        with self._file.reading() as connection:
            return frozenset(name for (name,) in connection.execute(FAILING, {"family": family}).fetchall())

    def members(self, family: str, names: Iterable[str]) -> None:
        """Note who is in a family now: who is not among them any more is left as it was, and no longer waited for."""
        with self._file.writing("noting members") as connection:
            connection.execute(LEFT, {"family": family, "members": list(names), "at": self._now()})

    def _now(self) -> datetime:
        return self._clock().replace(tzinfo=None)


def heard(
    connection: duckdb.DuckDBPyConnection,
    reads: Mapping[str, Iterable[str]],
    kind: str,
    succeeded_at: Mapping[str, datetime],
) -> None:
    """Note that these sources told something; ``reads``: source -> event types. A known source keeps its kind.

    A source that is collected is complete up to its last collection, whatever is pushed or imported in its name.
    """
    for source, types in reads.items():
        at = succeeded_at.get(source)
        given = {"source": source, "kind": kind, "reads": sorted(types), "at": at and at.replace(tzinfo=None)}
        connection.execute(HEARD, given)


def reached(  # noqa: PLR0913 - what one page says of its source
    connection: duckdb.DuckDBPyConnection,
    source: str,
    *,
    kind: str,
    cursor: Mapping[str, Any] | None,
    etags: Mapping[str, str],
    allowance: Allowance | None,
) -> None:
    """Note that a page of the source landed with the cursor behind it (None: the cursor stays), and what it was of."""
    text = None if cursor is None else json_text(cursor)
    given = {"source": source, "kind": kind, "cursor": text}
    if connection.execute(REACHED, given).fetchone() is None:
        connection.execute(REACHED_FIRST, given)
    for address, etag in etags.items():
        connection.execute("INSERT OR REPLACE INTO etags VALUES (?, ?, ?)", [source, address, etag])
    if allowance is not None:
        resets_at = allowance.resets_at and allowance.resets_at.replace(tzinfo=None)
        connection.execute(QUOTA, {"source": source, "left": allowance.left, "resets_at": resets_at})


def remarks_of(text: str | None) -> tuple[Remark, ...]:
    """Read the column ``remarks`` of a source's state; None: the source never succeeded."""
    return tuple(Remark(**each) for each in json.loads(text)) if text else ()
