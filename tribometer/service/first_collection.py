"""The first collection of a new data folder: it runs beside the service, which answers commands and pages meanwhile."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from tribometer.errors import TribometerError
from tribometer.service import collecting, sources
from tribometer.service.terminal import progress, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tribometer.service.instance import Instance

LOG = logging.getLogger(__name__)


def is_due(instance: Instance) -> bool:
    """Whether there are sources and none of them was ever collected: the first page shall show numbers."""
    found, _ = collecting.collectors(instance, sources.tables(instance.settings, instance.folder))
    heard = {source.name for source in instance.numbers.sources() if source.last_success_at}
    return bool(found) and not any(collector.name in heard for collector in found)


class _Stopped(BaseException):
    """The service ends before the collection does: like an interrupt, nobody on the way may take it for a failure."""


class FirstCollection:
    """Collects everything in a thread of its own and tells the terminal; then calls ``done``, whatever came of it."""

    def __init__(self, instance: Instance, done: Callable[[], None]) -> None:
        self._instance = instance
        self._done = done
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="first collection", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, patience: float) -> None:
        """End after the page at hand, which may take longer than ``patience`` seconds; what landed stays."""
        self._stopping.set()
        self._thread.join(patience)

    def _run(self) -> None:
        told: list[str] = []
        try:
            told = self._collected()
        except _Stopped:
            return
        except TribometerError as error:
            told = [f"tribometer: {error}"]
        except Exception:
            LOG.exception("the first collection failed")
        if not self._stopping.is_set():
            for line in told:
                say(line)
            self._done()

    def _collected(self) -> list[str]:
        with progress() as tell:

            def heard(message: Mapping[str, Any]) -> None:
                if self._stopping.is_set():
                    raise _Stopped
                tell(message)

            report = collecting.collect(self._instance, {}, heard)
        return [collecting.in_words(source) for source in report["sources"]]
