"""The record store of an instance: opened by what needs it first, because most commands only read numbers."""

from __future__ import annotations

import getpass
import os
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from tribometer.settings import Settings
    from tribometer.store.records import RecordStore

COLLECTION, IMPORT, RESEND = "collection", "import", "resend"
"""The kinds of job runs; a collection is named like its source, so that the newest run of each source can be found."""


class LateRecords:
    """A record store that is opened at its first use, once."""

    def __init__(self, settings: Settings, folder: Path, clock: Callable[[], datetime], *, held: bool) -> None:
        """``held``: this process holds the data folder, so a run that stands as running was killed."""
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._held = held
        self._lock = Lock()
        self._opened: RecordStore | None = None

    def get(self) -> RecordStore:
        """Return the open store; `StoreError` or `ConfigurationError` when it cannot be opened."""
        with self._lock:
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def close(self) -> None:
        """Close it if it was opened."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _open(self) -> RecordStore:
        from tribometer.store.records import RecordStore  # noqa: PLC0415 - SQLAlchemy, a third of a second

        records = self._settings.records
        kept = timedelta(days=records.keep_runs_days)
        store = RecordStore.open(self._folder, records.database_url(), clock=self._clock, kept=kept)
        if self._held:
            store.runs.interrupt_left()
        return store


def actor() -> str:
    """Name who works on the data folder: commands and service run as the one user who may read it."""
    try:
        return f"user:{getpass.getuser()}"
    except (KeyError, OSError):  # a container whose user has no name
        return f"user:{os.getuid()}"
