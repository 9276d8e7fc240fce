"""What a collector is: a frozen description of one source and a way to read it page by page.

Fetch, parse and save are three functions in every collector; ``parse_*`` is pure. The loop that lands the pages
stands in `collectors.collection`. A source with many parts (an owner of repositories) is a collector too: its pages
carry the collectors of its parts as ``members``, each of which is a source of its own with its own cursor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Sequence
    from datetime import datetime
    from pathlib import Path

    from tribometer.events import Event
    from tribometer.store import Remark

Cursor = Mapping[str, Any]
"""Where the next collection starts; JSON, and the collector's own. It is stored with the page it belongs to."""
ETags = Mapping[str, str]
"""The validator of each address that was read before, so that it can be asked whether anything has changed."""
NO_ETAGS: ETags = {}


@dataclass(frozen=True)
class Rejection:
    """Something the source gave that is no event: ``content`` as it came, ``reason`` why it cannot land.

    ``line``: where it stands, 1-based. ``file``: the file of the source it stands in; none where the source is one.
    """

    content: str
    reason: str
    line: int | None = None
    file: str | None = None


@dataclass(frozen=True)
class Quota:
    """How many requests a server still allows, of how many, and when that begins anew; None where it does not say."""

    left: int
    limit: int | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Events that land together with the cursor behind them, in one transaction.

    ``requests`` counts what the page cost at the source, and ``quota`` is what that leaves; ``total`` is the expected
    number of events of the whole collection, when the source can tell, for the progress bar. ``remarks`` are what an
    operator should know about the source as it is now; those of a collection that succeeds replace those of the one
    before. ``etags`` are validators of what this page was made from. ``members`` are parts of the source, collected
    before the next page is asked for; a page of None leaves it open, a page that names some (or none) says who they
    all are. ``whole`` names the files of the source that the page has read in whole (None: the source is one): what of
    them was rejected before and is not now has been corrected, or is gone. ``unread`` are event types of the
    collector's ``reads`` that it could not read this time, as those that the credential may not see.
    """

    events: Sequence[Event]
    cursor: Cursor
    rejected: Sequence[Rejection] = field(default=())
    requests: int = 0
    total: int | None = None
    remarks: Sequence[Remark] = field(default=())
    etags: ETags = field(default_factory=dict)
    quota: Quota | None = None
    members: Sequence[Collector] | None = None
    whole: Sequence[str | None] = ()
    unread: Collection[str] = ()


@dataclass(frozen=True)
class Permission:
    """What a credential was tried for: ``what`` it should allow, whether it does, and how to make it."""

    what: str
    granted: bool
    fix: str


class Collector(Protocol):
    """One configured source, or a part of one."""

    @property
    def name(self) -> str:
        """The events' ``source``, e.g. ``git:acme/checkout``."""

    @property
    def kind(self) -> str:
        """The configuration's ``kind``, e.g. ``git``."""

    @property
    def reads(self) -> frozenset[str]:
        """The event types it can tell about, where it may read them."""

    @property
    def overlap(self) -> timedelta:
        """How far behind its cursor it reads again, because a source's clock or its lists may lag."""

    @property
    def resumable(self) -> bool:
        """Whether a cursor of a page in the middle is a place to go on from."""

    @property
    def personal(self) -> frozenset[str]:
        """Keys of the source's own answers whose texts name people (logins, names, addresses)."""

    @property
    def at_once(self) -> int:
        """How many of its members are collected at the same time."""

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield what is new since the cursor (None: everything); raise `SourceError` when it cannot be read.

        ``etags`` are those of earlier pages. Closing the generator ends whatever the collection has started.
        """

    def starting(self, at: datetime) -> Cursor:
        """Cursor of a collection that reads what happened since ``at``, whatever was read before."""

    def unfinished(self, cursor: Cursor) -> Cursor:
        """What of a cursor a collection takes along that begins elsewhere: what had not ended, to ask for it again."""

    def position(self, cursor: Cursor) -> str:
        """Tell in a few words how far a cursor of its own is."""

    def check(self) -> Sequence[Permission]:
        """Try the credentials for everything that is read; raise `SourceError` when the source does not answer."""


class Defaults:
    """What most collectors share; a collector says otherwise by a class attribute or method of its own."""

    overlap: ClassVar[timedelta] = timedelta(0)
    resumable: ClassVar[bool] = True
    personal: ClassVar[frozenset[str]] = frozenset()
    at_once: ClassVar[int] = 1
    remembers: ClassVar[frozenset[str]] = frozenset()
    """Keys of the cursor that hold what had not ended, and what is needed to tell of it."""

    def starting(self, at: datetime) -> Cursor:
        """Cursor with the time alone, as ``since``."""
        return {"since": at.isoformat()}

    def unfinished(self, cursor: Cursor) -> Cursor:
        """The keys that it ``remembers``."""
        return {key: cursor[key] for key in self.remembers & cursor.keys()}

    def check(self) -> Sequence[Permission]:
        """Nothing to try: there is no credential."""
        return ()


def only_told_by(refused: Collection[str], told: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Event types that no part of a source tells but those ``refused``, for a page's ``unread``; ``told``: by part."""
    lost = frozenset[str]().union(*(told[part] for part in refused))
    return lost.difference(*(types for part, types in told.items() if part not in refused))


class SourceSettings(BaseModel):
    """One ``[[sources]]`` table; every kind adds its own keys, and no key is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: str
    """Which collector reads it."""
    schedule: str | None = None
    """When the service collects it: ``every 15 minutes`` (which is the default), ``every 2 days``, ``daily at 03:00``.

    The time of a day is that of the zone ``timezone`` at the top of the file.
    """

    def collector(self, data: Path) -> Collector:
        """Make the collector; what it has to keep on disk lies in the data folder."""
        raise NotImplementedError

    def unasked(self) -> Self:
        """The same table where no server is asked: then it needs no secret."""
        return self
