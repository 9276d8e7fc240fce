"""Collecting a source: once, from where it stands or from elsewhere, with derived tables behind it.

How the pages of one collection land is told in `collectors.collection`, what it came to in `collectors.summary`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from collectors.collection import How, collect

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collectors.base import Collector
    from collectors.summary import Progress, SyncSummary
    from tribometer.store import EventStore


def run(  # noqa: PLR0913 - two things, and how
    collector: Collector,
    store: EventStore,
    *,
    full: bool = False,
    since: datetime | None = None,
    progress: Progress | None = None,
    timer: Callable[[], float] = time.perf_counter,
) -> SyncSummary:
    """Collect one source from where it stands: ``full`` from the beginning, ``since`` from a time.

    An error of the source is kept in the summary and in the store, with what landed before it. Derived tables are
    brought up to date once, at the end.
    """
    summary = collect(collector, How(store, full, since, progress, timer), None)
    store.refresh()
    return summary
