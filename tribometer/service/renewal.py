"""Keeping what numbers are made from to date while the service runs: in a thread, a moment after a landing."""

from __future__ import annotations

import logging
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

from metrics import CATALOGUE
from tribometer.errors import StoreClosed, TribometerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tribometer.settings import Rules
    from tribometer.store import EventStore

LOG = logging.getLogger(__name__)
DELAY = 2.0
"""Seconds from the first landing on in which others may join: events often come one by one."""
HOUR = 3600.0
REST = 4.0
"""How much longer than it took it rests: where events land all day, pages have the machine most of the time."""


class Renewal:
    """Makes anew what landings have touched. Until then queries compute; nothing has to wait for this."""

    def __init__(
        self,
        store: EventStore,
        rules: Rules,
        clock: Callable[[], datetime],
        *,
        delay: float = DELAY,
        rest: float = REST,
    ) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._delay = delay
        self._rest = rest
        self.afterwards: Callable[[Callable[[float], bool]], object] = _nothing
        """What else to make anew when that is done, and whenever an hour has passed.

        It is given how to pause for some seconds, which tells whether the end has come.
        """
        self._asked = Event()
        self._stopping = Event()
        self._thread: Thread | None = None

    def ask(self) -> None:
        """Note that something landed."""
        self._asked.set()

    def start(self) -> None:
        """Begin; what is kept already and stands is left alone."""
        self._thread = Thread(target=self._run, name="renewal of closed periods", daemon=True)
        self._thread.start()
        self.ask()

    def stop(self, patience: float) -> None:
        """End after the metric at hand, which may take longer than ``patience`` seconds; what is kept stays."""
        self._stopping.set()
        self.ask()
        if self._thread is not None:
            self._thread.join(patience)

    def renew(self) -> bool:
        """Make what is due, one metric after the other, and drop what is outdated; tells whether all could be kept."""
        from metrics.closed_units import due  # noqa: PLC0415 - needs pyarrow, a quarter of a second

        kept = True
        for name, metric in CATALOGUE.items():
            if metric.statistic is not None and not self._stopping.is_set():
                make = partial(due, metric=name, rules=self._rules, now=self._clock())
                kept = self._store.keep_tables(make) and kept
        if not self._stopping.is_set():
            self._drop_outdated()
        return kept

    def _drop_outdated(self) -> None:
        """Drop what another version, or other rules, have kept: nobody will ever ask for it."""
        from metrics.closed_basis import is_outdated, made_with  # noqa: PLC0415 - as above
        from tribometer.store.closed import kept_tables  # noqa: PLC0415 - as above

        with self._store.reader() as reader:
            outdated = [name for name, basis in kept_tables(reader).items() if is_outdated(basis, self._rules)]
        self._store.drop_kept(made_with(self._rules), outdated)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._asked.wait(_until_next_hour(self._clock()))
            if self._stopping.wait(self._delay):
                return
            self._asked.clear()
            begun = monotonic()
            try:
                if not self.renew():
                    self.ask()
                self.afterwards(self._stopping.wait)
            except StoreClosed:
                return
            except TribometerError as error:
                LOG.warning("%s", error)
            self._stopping.wait(self._rest * (monotonic() - begun))


def _until_next_hour(now: datetime) -> float:
    """Seconds until pages ask as of another hour."""
    return HOUR - (now.minute * 60 + now.second)


def _nothing(_pause: Callable[[float], bool]) -> None:
    """Where no pages are served nothing else is made anew."""
