"""What is known of sources: how fresh they are, what is being collected, and what their credentials allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tribometer.store import Remark

COLLECTING = "collecting"
"""What passes: a server answers the collection that is under way, and had no time for a trial."""


@dataclass(frozen=True)
class Run:
    """The newest collection of a source; ``seconds`` is None while it runs, or where it was killed."""

    status: str
    started_at: datetime
    seconds: float | None
    counts: Mapping[str, int]
    error: str | None


@dataclass(frozen=True)
class Collection:
    """A collection that is going on: what landed and what it cost so far, its parts included.

    ``expected`` is the number of events of the whole, None where the source cannot tell; ``part`` is the one that told
    something last. ``parts`` are collected of the ``parts_known``; where those are not known, so many have told
    anything yet. ``waiting_until``: the server allows no request before.
    """

    source: str
    since: datetime
    events: int
    expected: int | None
    requests: int
    quota_left: int | None
    quota_resets_at: datetime | None
    parts: int
    part: str | None
    waiting_until: datetime | None
    parts_known: int | None = None


@dataclass(frozen=True)
class PermissionHealth:
    """One thing a credential was tried for, whether it is allowed, and how to make it."""

    what: str
    granted: bool
    fix: str


@dataclass(frozen=True)
class CredentialHealth:
    """What came of trying a source's credential; ``problem``: the source gave no answer, and what to do about it.

    ``passing``: it gives one later, for it is ``unreachable`` or ``limited`` now, or `COLLECTING` takes all its time.
    """

    source: str
    permissions: tuple[PermissionHealth, ...]
    problem: str | None
    passing: str | None = None
    tried_at: datetime | None = None


@dataclass(frozen=True)
class SourceHealth:
    """One source: when it last told everything, when it is asked next, what its last collection gave.

    ``every_seconds`` is None where nothing collects it: events were sent or imported in its name. ``stale``: several
    collections in a row are missing. ``family`` is the source whose collection found this one; ``left``: it is no part
    of it any more. ``quota_left`` are the requests its server allowed when it was asked last. ``unconfigured``: it was
    collected once, and no table says so any more. ``has_server``: somewhere a server is asked. ``failing_since``,
    ``passing`` and ``limited_until`` are about ``last_error``, as in `dashboards.data.SourceState`. ``unusable``: why
    its table cannot be collected from, in a few words.
    """

    name: str
    kind: str
    last_success_at: datetime | None
    age_seconds: float | None
    last_error: str | None
    remarks: tuple[Remark, ...]
    collecting: bool
    every_seconds: float | None
    next_run_at: datetime | None
    stale: bool
    last_run: Run | None
    family: str | None = None
    left: bool = False
    quota_left: int | None = None
    unconfigured: bool = False
    has_server: bool = False
    passing: str | None = None
    failing_since: datetime | None = None
    limited_until: datetime | None = None
    unusable: str | None = None
