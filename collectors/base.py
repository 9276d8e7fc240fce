"""What a collector is: a frozen description of one source and a way to read it page by page.

Fetch, parse and save are three functions in every collector; ``parse_*`` is pure. The loop that lands the pages
stands in `collectors.sync`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from datetime import datetime
    from pathlib import Path

    from tribometer.events import Event
    from tribometer.store import Remark

Cursor = Mapping[str, Any]
"""Where the next collection starts; JSON, and the collector's own. It is stored with the page it belongs to."""


@dataclass(frozen=True)
class Rejection:
    """Something the source gave that is no event: ``content`` as it came, ``reason`` why it cannot land."""

    content: str
    reason: str


@dataclass(frozen=True)
class Page:
    """Events that land together with the cursor behind them, in one transaction.

    ``requests`` counts what the page cost at the source; ``total`` is the expected number of events of the whole
    collection, when the source can tell, for the progress bar. ``remarks`` are what an operator should know about the
    source as it is now; those of a collection that succeeds replace those of the one before.
    """

    events: Sequence[Event]
    cursor: Cursor
    rejected: Sequence[Rejection] = field(default=())
    requests: int = 0
    total: int | None = None
    remarks: Sequence[Remark] = field(default=())


class Collector(Protocol):
    """One configured source."""

    @property
    def name(self) -> str:
        """The events' ``source``, e.g. ``git:acme/checkout``."""

    @property
    def kind(self) -> str:
        """The configuration's ``kind``, e.g. ``git``."""

    @property
    def reads(self) -> frozenset[str]:
        """The event types it can tell about."""

    @property
    def resumable(self) -> bool:
        """Whether a cursor of a page in the middle is a place to go on from."""

    def collect(self, since: Cursor | None) -> Generator[Page]:
        """Yield what is new since the cursor (None: everything); raise `SourceError` when it cannot be read.

        Closing the generator ends whatever the collection has started.
        """

    def starting(self, at: datetime) -> Cursor:
        """Cursor of a collection that reads what happened since ``at``, whatever was read before."""

    def position(self, cursor: Cursor) -> str:
        """Tell in a few words how far a cursor of its own is."""


class SourceSettings(BaseModel):
    """One ``[[sources]]`` table; every kind adds its own keys, and no key is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: str
    """Which collector reads it."""
    schedule: str | None = None
    """When the service collects it, e.g. ``every 15 minutes``."""

    def collector(self, data: Path) -> Collector:
        """Make the collector; what it has to keep on disk lies in the data folder."""
        raise NotImplementedError
