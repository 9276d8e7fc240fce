"""What the collectors of on-call services share: one account that is asked for incidents, pages and shifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from collectors.base import Defaults, Permission
from collectors.times import instant
from tribometer.errors import SourceForbidden, SourceMissing

if TYPE_CHECKING:
    from collectors.http.client import Client
    from collectors.http.server import Server

HISTORY = timedelta(days=730)


class Named(Protocol):
    """What things of an account are called here, and the account itself: its ``source``, the same for webhooks."""

    @property
    def source(self) -> str:
        """The configured name."""


@dataclass(frozen=True)
class OnCallCollector(Defaults):
    """One account; ``begins``: the first collection reads from there, None: two years."""

    server: Server
    names: Named
    begins: datetime | None = None

    reads = frozenset({"incident", "page", "shift"})
    overlap = timedelta(hours=1)

    @property
    def name(self) -> str:
        """The configured name, the same for webhooks."""
        return self.names.source

    def begin(self, reached: object, now: datetime) -> datetime:
        """Where a collection begins that had ``reached`` a time, as its cursor says it; None: it is the first one."""
        read = instant(reached)
        return self.begins or now - HISTORY if read is None else read - self.overlap


def permission(client: Client, what: str, path: str, fix: str) -> Permission:
    """Ask for one of a list; raise `SourceError` when the service does not answer."""
    try:
        client.get(path, {"limit": 1})
    except (SourceForbidden, SourceMissing):
        return Permission(what, granted=False, fix=fix)
    return Permission(what, granted=True, fix=fix)
