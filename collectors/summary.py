"""What is told of a collection: how far it is while it runs, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collectors.base import Cursor, Quota
    from tribometer.errors import SourceError
    from tribometer.store import Remark


@dataclass(frozen=True)
class Standing:
    """How far the collection of one source is: events landed so far, and of all where the source can tell.

    ``family`` is the source that it is a part of, if it is one. Of a source with ``parts``, ``done`` are collected.
    """

    source: str
    family: str | None
    events: int
    total: int | None
    requests: int
    quota: Quota | None
    parts: int | None = None
    done: int = 0


class Progress(Protocol):
    """Told about every page that landed; several threads tell it at once."""

    def __call__(self, standing: Standing, /) -> None:
        """Take how far one source is."""


@dataclass(frozen=True)
class SyncSummary:
    """One collection of one source: events by what became of them, calls to the source, seconds of wall time.

    The counts are those of its ``members`` too. ``quota`` is what the source still allows, None where it does not say.
    """

    source: str
    new: int
    updated: int
    unchanged: int
    rejected: int
    requests: int
    seconds: float
    next_cursor: Cursor | None
    error: SourceError | None = None
    remarks: Sequence[Remark] = ()
    quota: Quota | None = None
    members: Sequence[SyncSummary] = ()


def least(quotas: Iterable[Quota | None]) -> Quota | None:
    """The quota that leaves the fewest requests; None where no server says."""
    known = [quota for quota in quotas if quota is not None]
    return min(known, key=lambda quota: quota.left) if known else None
