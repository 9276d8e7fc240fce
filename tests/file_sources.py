"""Collecting a file in a test: write it, collect it at a time, and look at what came."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from collectors import build
from tribometer.events import Event, Ownership

if TYPE_CHECKING:
    from pathlib import Path

    from collectors.base import Collector, Cursor, Page

MAY = datetime(2026, 5, 1, 9, tzinfo=UTC)


@dataclass
class FileSource:
    """A file that is collected again and again, each time an hour later; the cursor is kept."""

    kind: str
    path: Path
    keys: dict[str, Any] = field(default_factory=dict)
    now: datetime = MAY - timedelta(hours=1)
    cursor: Cursor | None = None

    def collector(self) -> Collector:
        """Make the collector as the configuration would, with the time of this test."""
        table = {"kind": self.kind, "file": str(self.path), **self.keys}
        made = build(table, origin="test.toml", data=self.path.parent / "data")
        return cast("Collector", dataclasses.replace(cast("Any", made), clock=lambda: self.now))

    def collect(self, content: str | None = None) -> Page:
        """Write the file, if there is something to write, and give the one page of its collection."""
        if content is not None:
            self.path.write_text(content, encoding="utf-8")
        self.now += timedelta(hours=1)
        (page,) = self.collector().collect(self.cursor)
        self.cursor = page.cursor
        return page


def plain(page: Page) -> list[dict[str, Any]]:
    """The events of a page without what they all share, as they carry it."""
    return [said(event) for event in page.events]


def said(event: Event) -> dict[str, Any]:
    """One event as it carries it, without its source."""
    return {"type": event.type, **event.model_dump(mode="json", exclude_unset=True, exclude={"source"})}


def owners(page: Page) -> dict[str, tuple[Any, Any]]:
    """The dates of a page's ownership events by id."""
    return {each.id: (each.valid_from, each.valid_to) for each in page.events if isinstance(each, Ownership)}
