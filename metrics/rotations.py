"""Duty on call, cut so that it is never told of fewer than five people.

The shifts of a rotation are taken in the order in which they ended, until five people had one. Such a stretch counts
as a whole, in the period in which it ended: what two answers do not share is whole stretches, of five people or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from metrics.people import FEWEST
from tribometer.clock import naive_utc

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import pyarrow as pa

    from tribometer.store import Reader

Duty = tuple[str, "datetime", str | None]
"""(rotation, end of a shift, key of the person who had it)."""
ENDED = """
SELECT s.rotation, s.ends_at, COALESCE(i.person, s.person) AS person
FROM shifts AS s
LEFT JOIN identities AS i ON i.handle = s.person
WHERE s.starts_at < s.ends_at AND s.ends_at <= $now
ORDER BY s.rotation NULLS LAST, s.ends_at NULLS LAST
"""


@dataclass(frozen=True)
class Stretch:
    """The shifts of a rotation that ended from ``begins_at`` to ``ends_at``, both included, as naive UTC."""

    rotation: str
    begins_at: datetime
    ends_at: datetime


def stretches(ended: Iterable[Duty]) -> list[Stretch]:
    """Cut shifts, which come by rotation and by end; those of no stretch yet wait for the next people."""
    found: list[Stretch] = []
    for rotation, shifts in groupby(ended, key=lambda shift: shift[0]):
        begins_at: datetime | None = None
        people: set[str] = set()
        for ends_at, together in groupby(shifts, key=lambda shift: shift[1]):
            begins_at = begins_at or ends_at
            people |= {person for _, _, person in together if person is not None}
            if len(people) >= FEWEST:
                found.append(Stretch(rotation, begins_at, ends_at))
                begins_at, people = None, set()
    return found


def stretch_table(reader: Reader, now: datetime) -> pa.Table:
    """Rows (rotation, begins_at, ends_at) of all shifts that were over by ``now``."""
    import pyarrow as pa  # noqa: PLC0415 - the catalogue does without

    rows = [
        {"rotation": each.rotation, "begins_at": each.begins_at, "ends_at": each.ends_at}
        for each in stretches(reader.rows(ENDED, now=naive_utc(now)))
    ]
    time = pa.timestamp("us")
    return pa.Table.from_pylist(
        rows, schema=pa.schema([("rotation", pa.string()), ("begins_at", time), ("ends_at", time)])
    )
