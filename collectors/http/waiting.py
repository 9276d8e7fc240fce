"""Waiting for servers: for a turn, for a limit, for better weather; and how all of it ends at once.

Turns are of the host, not of the client: two sources on one server share what the server stands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from threading import Condition, Event
from typing import TYPE_CHECKING

from collectors.http.exchange import Abandoned
from tribometer.errors import Ended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    Hear = Callable[[str, datetime], None]

_changed = Condition()
_ending = Event()
_asking: Counter[str] = Counter()
_waits: defaultdict[str, list[datetime]] = defaultdict(list)
_hearing: list[Hear] = []


class Stop:
    """Tells the threads that look for some answers that nobody wants them any more."""

    def __init__(self) -> None:
        self._set = False

    def __bool__(self) -> bool:
        """Whether to give up."""
        return self._set

    def set(self) -> None:
        """Wake who waits for one of these answers; each meets `Abandoned`."""
        self._set = True
        with _changed:
            _changed.notify_all()


def end_waiting() -> None:
    """Let nobody in this process wait for a server any more: it is about to end. Who waits meets `Ended`."""
    _ending.set()
    with _changed:
        _changed.notify_all()


def waiting_until(source: str) -> datetime | None:
    """Until when a collection waits for this source's server, by the server's clock; None: it does not."""
    with _changed:
        return max(_waits.get(source) or (), default=None)


@contextmanager
def heard(hear: Hear) -> Iterator[None]:
    """Call `hear` with source and end of every wait that begins meanwhile, once for threads that wait together."""
    with _changed:
        _hearing.append(hear)
    try:
        yield
    finally:
        with _changed:
            _hearing.remove(hear)


@contextmanager
def waiting(source: str, until: datetime) -> Iterator[None]:
    """Let `waiting_until` tell of it meanwhile; several threads may wait for one source."""
    with _changed:
        told = () if _waits[source] else tuple(_hearing)
        _waits[source].append(until)
    try:
        for hear in told:
            hear(source, until)
        yield
    finally:
        with _changed:
            _waits[source].remove(until)


def sleep(seconds: float, stop: Stop) -> None:
    """Wait so long; raise `Ended` or `Abandoned` as soon as there is no need to."""
    with _changed:
        _changed.wait_for(lambda: _ending.is_set() or bool(stop), seconds)
    if _ending.is_set():
        raise Ended
    if stop:
        raise Abandoned


@contextmanager
def turn(host: str, at_once: int, stop: Stop) -> Iterator[None]:
    """Wait until fewer than so many ask this host, then be one of them; `Abandoned` if nobody wants it any more."""
    with _changed:
        _changed.wait_for(lambda: bool(stop) or _asking[host] < at_once)
        if stop:
            raise Abandoned
        _asking[host] += 1
    try:
        yield
    finally:
        with _changed:
            _asking[host] -= 1
            _changed.notify_all()
