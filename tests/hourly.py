"""A source behind a loopback server that is collected again and again, an hour later each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collectors.base import Collector, Cursor, Page
    from loopback import Loopback, Time


@dataclass
class Hourly:
    """The server, the collector that reads it, and the cursor that is kept."""

    server: Loopback
    source: Collector
    time: Time
    cursor: Cursor | None = None

    def collect(self) -> list[Page]:
        """All pages of the next collection."""
        self.time.now += timedelta(hours=1)
        self.server.log.clear()
        pages = list(self.source.collect(self.cursor))
        self.cursor = pages[-1].cursor
        return pages
