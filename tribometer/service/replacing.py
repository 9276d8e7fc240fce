"""Both stores of a data folder put in place of others, to the end: whoever finds the mark of a killed one goes on.

It costs nothing to look: no store is loaded unless there is a mark.
"""

from __future__ import annotations

import fcntl
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tribometer.errors import StoreBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tribometer.settings import Settings
    from tribometer.store.records import RecordStore

RESTORING = "restoring"
"""Folder, in the data folder, of what is being restored."""
READY = "ready"


@contextmanager
def marked(folder: Path) -> Iterator[None]:
    """Mark a replacement as begun until it has come to its end, and hold the mark while this process lives."""
    with (folder / READY).open("wb") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        yield
        (folder / READY).unlink()


def put_records(folder: Path, records: RecordStore) -> None:
    """Put the records of a folder in place of those of an open store."""
    from tribometer.store.records import RecordStore  # noqa: PLC0415 - loads SQLAlchemy
    from tribometer.store.records.copying import copy_records  # noqa: PLC0415 - as above

    restored = RecordStore.open(folder)
    try:
        copy_records(restored.database, records.database)
    finally:
        restored.close()


def finish_restore(settings: Settings, records: Callable[[], RecordStore]) -> None:
    """Bring a replacement that was killed to its end before the stores open; `StoreBusy` while one is under way."""
    folder = settings.data / RESTORING
    try:
        mark = (folder / READY).open("rb")
    except FileNotFoundError:
        return
    with mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy(folder, None) from None
        from tribometer.store.store_files import put_in_place  # noqa: PLC0415 - as above

        put_in_place(folder, settings.data)
        put_records(folder, records())
        shutil.rmtree(folder)
