"""The file of a data folder while this process holds it: its key, one writer, a cursor per reader."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import duckdb

from tribometer.errors import StoreError
from tribometer.privacy import KEY_FILE, Pseudonyms
from tribometer.store import meta
from tribometer.store.connection import FILE_NAME, connect, settle, transaction, translated, usual_memory
from tribometer.store.gate import Gate
from tribometer.store.recleaning import reclean
from tribometer.store.schema import migrate
from tribometer.store.store_files import copy_store, put_in_place
from tribometer.store.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from tribometer.settings import Rules


class HeldFile:
    """Opened at this version's schema. Writers wait for each other; readers go on beside them.

    Raises `StoreBusy` when another process holds it, `StoreError` when it is damaged, newer than this version, or
    written with another pseudonym key.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime], rules: Rules, memory: str | None = None) -> None:
        """Open the file of a folder; both are made if there are none. ``rules`` say who is a bot and what a hotfix.

        ``memory`` is what its queries may hold, like ``2GB``; None: a share of the machine's.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the data folder {folder} cannot be made: {error.strerror}. Choose another with TRIBOMETER_DATA.",
            ) from error
        self._folder = folder
        self._clock = clock
        self._rules = rules
        self.memory = memory or usual_memory()
        self._gate = Gate()
        self._reading: set[duckdb.DuckDBPyConnection] = set()
        self.lock = Turns()
        self._open()

    def _open(self) -> None:
        self._root = connect(self._folder, self.memory)
        try:
            with translated(str(self._folder / FILE_NAME)):
                is_new = migrate(self._root, self._clock)
                self.pseudonyms = _pseudonyms(self._root, self._folder, self._rules)
                with transaction(self._root):
                    reclean(self._root, self.pseudonyms, is_empty=is_new)
                self.writer = self._root.cursor()
        except BaseException:
            self._root.close()
            raise

    @contextmanager
    def writing(self, what: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the one writer for a transaction; ``what`` is being done words the errors."""
        with self.lock, translated(what), transaction(self.writer):
            yield self.writer

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor for one use."""
        with self._gate.inside(), translated("reading the store"):
            cursor = self._root.cursor()
            self._reading.add(cursor)
            try:
                yield cursor
            finally:
                self._reading.discard(cursor)
                cursor.close()

    def snapshot(self, path: Path, meanwhile: Callable[[], object] | None = None) -> None:
        """Copy the file as it is now; nothing is written while that goes on, nor during ``meanwhile``."""
        with self.lock, translated("copying the store"):
            copy_store(self._folder, path)
            if meanwhile is not None:
                meanwhile()
        settle(path)

    def replace(self, folder: Path) -> None:
        """Put the file and the key of another folder, which nobody has open, in place of this one's.

        Readers and writers wait; those at work come to their end first. The other folder keeps its files, so that
        a replacement that was cut off can be made again.
        """
        with self.lock, self._gate.shut("replacing the store"):
            self.writer.close()
            self._root.close()
            try:
                put_in_place(folder, self._folder)
            finally:
                self._open()

    def close(self) -> None:
        """Let go of the file; other processes may open it then. Queries that still run are stopped."""
        self._gate.end(self._interrupt)
        with self.lock, translated("closing the store"):
            self.writer.close()
            self._root.close()

    def _interrupt(self) -> None:
        for each in tuple(self._reading):
            # it may be over by now
            with suppress(duckdb.Error):
                each.interrupt()


def _pseudonyms(connection: duckdb.DuckDBPyConnection, folder: Path, rules: Rules) -> Pseudonyms:
    """The folder's key, which must be the one the store was written with."""
    known = meta.value(connection, "key")
    path = folder / KEY_FILE
    if known and not path.exists():
        raise StoreError(
            f"{path} is missing: without it people would get new pseudonyms. Restore it from a backup, "
            "or move the data folder away and collect again.",
        )
    pseudonyms = Pseudonyms.load_or_make(folder, rules.bots, rules.hotfix)
    if known and known != pseudonyms.fingerprint:
        raise StoreError(
            f"{path} is not the key this store was written with. Put the original key back (it is in the backup), "
            "or move the data folder away and collect again.",
        )
    if not known:
        meta.exchange(connection, "key", pseudonyms.fingerprint)
    return pseudonyms
