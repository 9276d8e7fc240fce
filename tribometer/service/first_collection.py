"""The first collection of a new data folder: it runs beside the service, which answers commands and pages meanwhile."""

from __future__ import annotations

import logging
from threading import Lock, Thread
from typing import TYPE_CHECKING

from tribometer.errors import TribometerError
from tribometer.service import collecting, collection_report
from tribometer.service.configured import configured
from tribometer.service.terminal import progress, say
from tribometer.service.underway import ServiceEnds

if TYPE_CHECKING:
    from collections.abc import Callable

    from tribometer.service.instance import Instance

LOG = logging.getLogger(__name__)
LONG = 30.0
"""Seconds after which nobody is kept waiting for its end: an organisation's history takes hours."""


def is_due(instance: Instance) -> bool:
    """Whether there are sources and none of them was ever collected: the first page shall show numbers."""
    found = [each.name for each in configured(instance) if each.collector]
    heard = {source.name for source in instance.numbers.sources() if source.last_success_at}
    return bool(found) and heard.isdisjoint(found)


class FirstCollection:
    """Collects everything in a thread of its own and tells the terminal; calls ``done`` once, at its end or before."""

    def __init__(self, instance: Instance, done: Callable[[], None], long: float = LONG) -> None:
        """``long``: seconds after which ``done`` is called although it goes on."""
        self._instance = instance
        self._done = done
        self._told = Lock()
        self._long = long
        self._thread = Thread(target=self._run, name="first collection", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()
        Thread(target=self._watch, name="first collection watch", daemon=True).start()

    def stop(self, patience: float) -> None:
        """End after the page at hand, which may take longer than ``patience`` seconds; what landed stays."""
        self._told.acquire(blocking=False)
        self._instance.underway.end()
        self._thread.join(patience)

    def _watch(self) -> None:
        self._thread.join(self._long)
        if self._thread.is_alive():
            self._tell(["The first collection goes on; the Data health page shows how far it is."])

    def _run(self) -> None:
        told: list[str] = []
        try:
            told = self._collected()
        except ServiceEnds:
            return
        except TribometerError as error:
            told = [f"tribometer: {error}"]
        except Exception:
            LOG.exception("the first collection failed")
        self._tell(told)

    def _tell(self, lines: list[str]) -> None:
        """Whoever comes first lets the caller go on; afterwards, the lines are for the log."""
        if self._told.acquire(blocking=False):
            for line in lines:
                say(line)
            self._done()
        else:
            for line in lines:
                LOG.info("%s", line)

    def _collected(self) -> list[str]:
        with progress() as tell:
            report = collecting.collect(self._instance, {}, tell)
        return [collection_report.in_words(source) for source in report["sources"]]
