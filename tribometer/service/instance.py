"""One opened data folder with everything that works on it."""

from __future__ import annotations

import gc
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from tribometer.clock import now_utc
from tribometer.service.hints import DEMO_SUFFIX
from tribometer.service.numbers import Numbers
from tribometer.service.recording import LateRecords, actor
from tribometer.service.replacing import finish_restore
from tribometer.service.surveys.results import SurveyNumbers
from tribometer.service.underway import Underway
from tribometer.settings import Records
from tribometer.store import EventStore
from tribometer.store.connection import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from tribometer.settings import Settings
    from tribometer.store.records import RecordStore


UPLOAD = "upload-"


@dataclass(frozen=True)
class Instance:
    """Settings, the event store, and the numbers over it.

    ``folder`` is where the caller stands: without configuration, the git clone around it is the source. None in a demo,
    which has no sources.
    """

    settings: Settings
    store: EventStore
    numbers: Numbers
    folder: Path | None
    late_records: LateRecords
    clock: Callable[[], datetime] = now_utc
    _locks: dict[str, Lock] = field(default_factory=dict)
    underway: Underway = field(default_factory=Underway)

    @cached_property
    def survey_numbers(self) -> SurveyNumbers:
        """What closed survey waves tell."""
        return SurveyNumbers(self.store, self.settings.surveys)

    @property
    def records(self) -> RecordStore:
        """The record store; its first use opens it, so what only reads numbers shall not ask for it."""
        return self.late_records.get()

    def audit(self, action: str, subject: str, **details: Any) -> None:  # noqa: ANN401 - JSON of any shape
        """Note in the audit log what a person had this instance do: an ``action`` like ``token.add``."""
        self.records.audit.add(actor(), action, subject, **details)

    def source_lock(self, source: str) -> Lock:
        """Return the lock that keeps one source from being collected twice at once."""
        return self._locks.setdefault(source, Lock())

    def collecting(self) -> frozenset[str]:
        """Return the names of the sources that are being collected now."""
        return frozenset(name for name, lock in list(self._locks.items()) if lock.locked())

    def end_collections(self) -> None:
        """Have every collection of this process, which is about to end, end soon: after the page it waits for."""
        from collectors.http.waiting import end_waiting  # noqa: PLC0415 - for what collects

        self.underway.end()
        end_waiting()

    def changed(self) -> None:
        """Derive what landed and drop the numbers that are older than it."""
        try:
            self.store.refresh()
        finally:
            self.numbers.forget()


def has_store(settings: Settings) -> bool:
    """Whether the data folder holds a store; reading commands never make one."""
    return (settings.data / FILE_NAME).exists()


@contextmanager
def opened(settings: Settings, clock: Callable[[], datetime] = now_utc) -> Iterator[Instance]:
    """Open the data folder, making it if need be; `StoreBusy` when another process holds it."""
    settings = _with_its_own_records(settings)
    records = LateRecords(settings, settings.data, clock, held=True)
    finish_restore(settings, records.get)
    store = EventStore.open(settings.data, settings.rules, clock=clock, memory=settings.memory)
    _look_for_circles_seldom()
    try:
        _hide_from_git(settings.data)
        yield _instance(settings, store, records, clock)
    finally:
        records.close()
        store.close()


@contextmanager
def blank(settings: Settings, clock: Callable[[], datetime] = now_utc) -> Iterator[Instance]:
    """Open an empty store that leaves nothing behind: what there is to read before anything was stored."""
    with tempfile.TemporaryDirectory(prefix="tribometer-") as folder:
        store = EventStore.open(Path(folder) / "data", settings.rules, clock=clock, memory=settings.memory)
        records = LateRecords(settings, Path(folder) / "data", clock, held=False)
        try:
            yield _instance(settings, store, records, clock)
        finally:
            records.close()
            store.close()


def _with_its_own_records(settings: Settings) -> Settings:
    """A demo keeps its records in its folder, wherever the settings say that the real ones are."""
    if not settings.data.absolute().name.endswith(DEMO_SUFFIX):
        return settings
    return settings.model_copy(update={"records": Records()})


def _look_for_circles_seldom() -> None:
    """Events are many and never refer to each other in circles: looking for some is a quarter of a landing."""
    gc.set_threshold(50_000, 20, 50)


def _instance(settings: Settings, store: EventStore, records: LateRecords, clock: Callable[[], datetime]) -> Instance:
    locks: dict[str, Lock] = {}
    numbers = Numbers(store, settings.rules, clock, locks)
    if not numbers.demo:
        made = Instance(settings, store, numbers, Path.cwd(), records, clock, locks)
        numbers.expect(partial(_declared, made))
        return made
    return Instance(settings.model_copy(update={"sources": ()}), store, numbers, None, records, clock, locks)


def _declared(instance: Instance) -> dict[str, frozenset[str]]:
    """The sources in force that can be collected from, each with the event types that it tells of."""
    from tribometer.service.configured import every_table  # noqa: PLC0415 - builds every collector

    return {each.name: each.collector.reads for each in every_table(instance) if each.collector}


def drop_uploads(folder: Path) -> None:
    """Remove what a command was sending when the service ended."""
    for left in folder.glob(f"{UPLOAD}*"):
        left.unlink(missing_ok=True)


def _hide_from_git(folder: Path) -> None:
    """Keep a data folder inside a clone out of that clone's status."""
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
