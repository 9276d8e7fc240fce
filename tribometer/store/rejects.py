"""Events that could not land: kept with their reason, their people keyed, each once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    import duckdb

    from tribometer.privacy import Pseudonyms

KEPT_BYTES = 16 * 2**20
HEAD_BYTES = 64 * 2**10
INSERT = """
INSERT INTO rejected_events
SELECT nextval('rejected_event_numbers'), origin, line, reason, content, content_bytes, digest, $at
FROM rejected ANTI JOIN rejected_events USING (origin, digest)
"""
CORRECTED = """
DELETE FROM rejected_events
WHERE list_contains($origins, origin) AND (origin, digest) NOT IN (SELECT (origin, digest) FROM rejected)
"""
MOVED = """
UPDATE rejected_events AS kept SET line = now.line, reason = now.reason FROM rejected AS now
WHERE list_contains($origins, kept.origin) AND kept.origin = now.origin AND kept.digest = now.digest
"""
SCHEMA = pa.schema(
    [
        ("origin", pa.string()),
        ("line", pa.int64()),
        ("reason", pa.string()),
        ("content", pa.large_string()),
        ("content_bytes", pa.int64()),
        ("digest", pa.string()),
    ],
)
COLUMNS = "number, origin, line, reason, content, content_bytes, rejected_at"


@dataclass(frozen=True)
class Rejected:
    """Something that is no event: where it came from, why it cannot land, and itself as it came.

    ``size``: bytes of the original where ``content`` is only its beginning. ``default_type``: the type that a JSON
    object without ``type`` was taken for.
    """

    origin: str
    line: int | None
    reason: str
    content: str | bytes
    size: int | None = None
    default_type: str | None = None


@dataclass(frozen=True)
class RejectedEvent:
    """A rejection as it is kept; ``content`` has its people keyed, ``content_bytes`` counts the original."""

    number: int
    origin: str
    line: int | None
    reason: str
    content: str
    content_bytes: int
    rejected_at: datetime


def keep(
    connection: duckdb.DuckDBPyConnection,
    rejected: Iterable[Rejected],
    pseudonyms: Pseudonyms,
    at: datetime,
    restated: Collection[str] = (),
) -> None:
    """Store rejections within the caller's transaction; one that is kept already stays as it is.

    Of the origins ``restated`` these are all there are now: what else was kept of them is dropped, and lines follow.
    """
    lines = [_line(each, pseudonyms) for each in rejected]
    once = {(line["origin"], line["digest"]): line for line in reversed(lines)}
    if not once and not restated:
        return
    connection.register("rejected", pa.Table.from_pylist(list(reversed(once.values())), SCHEMA))
    if restated:
        origins = {"origins": [_text(_bytes(origin)) for origin in restated]}
        connection.execute(CORRECTED, origins)
        connection.execute(MOVED, origins)
    connection.execute(INSERT, {"at": at.replace(tzinfo=None)})
    connection.unregister("rejected")


def _line(rejected: Rejected, pseudonyms: Pseudonyms) -> dict[str, Any]:
    content = _bytes(rejected.content)
    size = max(rejected.size or 0, len(content))
    if size > KEPT_BYTES:
        content = content[:HEAD_BYTES]
    return {
        "origin": _text(_bytes(rejected.origin)),
        "line": rejected.line,
        "reason": _text(_bytes(rejected.reason)),
        "content": pseudonyms.redact(_text(content), rejected.default_type),
        "content_bytes": size,
        "digest": pseudonyms.digest(content + (b"" if size == len(content) else b"%d" % size)),
    }


def kept(
    connection: duckdb.DuckDBPyConnection, limit: int | None = None, numbers: Sequence[int] | None = None
) -> list[RejectedEvent]:
    """Rejections by number, newest first: at most ``limit`` of them, only ``numbers`` where given."""
    where = "" if numbers is None else "WHERE list_contains($numbers, number)"
    bound = "" if limit is None else "LIMIT $limit"
    given = {"numbers": None if numbers is None else list(numbers), "limit": limit}
    lines = connection.execute(
        f"SELECT {COLUMNS} FROM rejected_events {where} ORDER BY number DESC {bound}",  # noqa: S608 - own words only
        {name: value for name, value in given.items() if value is not None},
    ).fetchall()
    return [RejectedEvent(*line) for line in lines]


def forget(connection: duckdb.DuckDBPyConnection, numbers: Sequence[int]) -> None:
    """Remove rejections: they landed after all, or never will."""
    connection.execute("DELETE FROM rejected_events WHERE list_contains($numbers, number)", {"numbers": list(numbers)})


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content


def _text(content: bytes) -> str:
    """The content as text that any column can hold: what is not UTF-8 stands as its bytes in hexadecimal."""
    return content.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
