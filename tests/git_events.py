"""Collecting a repository in a test, and looking at what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collectors import build
from tribometer.errors import SourceError
from tribometer.events import Commit, Deployment, Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from collectors.base import Collector, Cursor, Page


def collector(path: Path, **keys: object) -> Collector:
    """Make the collector of a clone, as the configuration would."""
    return build({"kind": "git", "path": str(path), **keys}, origin="test.toml", data=path.parent / "data")


def pages(path: Path, since: Cursor | None = None, **keys: object) -> list[Page]:
    """Collect a clone from its cursor."""
    return list(collector(path, **keys).collect(since))


def events_of(found: Sequence[Page]) -> list[Event]:
    """All events of some pages, in order."""
    return [event for page in found for event in page.events]


def commits(found: Sequence[Page]) -> dict[str, Commit]:
    """Commit events by sha, in order."""
    return {event.sha: event for event in events_of(found) if isinstance(event, Commit)}


def releases(found: Sequence[Page]) -> dict[str, Deployment]:
    """Deployment events by id."""
    return {event.id: event for event in events_of(found) if isinstance(event, Deployment)}


def until_error(path: Path) -> tuple[list[Page], SourceError]:
    """Pages that came before the error that ended a collection, and the error."""
    found: list[Page] = []
    with pytest.raises(SourceError) as caught:
        # extended in place, it keeps what came before the error
        found.extend(collector(path).collect(None))
    return found, caught.value
