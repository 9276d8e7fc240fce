"""Whether the credential of each source allows what is read with it: tried at its server, all at once."""

from __future__ import annotations

import time
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from dashboards.health_sources import CredentialHealth, PermissionHealth
from tribometer.errors import Ended, TribometerError
from tribometer.service.configured import every_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collectors.base import Collector
    from tribometer.service.instance import Instance

SECONDS = 10.0
"""For each source; they are tried side by side."""
NO_ANSWER = "its server gave no answer within {seconds:g} s. Check that it is up and `url` is right; then look again"


def tried(instance: Instance, seconds: float = SECONDS) -> tuple[CredentialHealth, ...]:
    """Try them; what asks no server is left out, and what lacks its secret is a finding already."""
    served = [each.collector for each in every_table(instance) if each.collector and hasattr(each.collector, "server")]
    told: SimpleQueue[CredentialHealth] = SimpleQueue()
    for collector in served:
        # not of a pool: nobody may have to wait for a server that keeps silent
        Thread(target=_try, args=(collector, seconds, told), name=f"check {collector.name}", daemon=True).start()
    found = _within(seconds, len(served), told)
    silent = NO_ANSWER.format(seconds=seconds)
    return tuple(found.get(each.name) or CredentialHealth(each.name, (), f"{each.name}: {silent}") for each in served)


def _within(seconds: float, count: int, told: SimpleQueue[CredentialHealth]) -> dict[str, CredentialHealth]:
    ends, found = time.monotonic() + seconds, {}
    for _ in range(count):
        try:
            health = told.get(timeout=max(ends - time.monotonic(), 0.0))
        except Empty:
            break
        found[health.source] = health
    return found


def _try(collector: Collector, seconds: float, told: SimpleQueue[CredentialHealth]) -> None:
    try:
        permissions: Sequence[PermissionHealth] = [
            PermissionHealth(each.what, each.granted, each.fix) for each in _impatient(collector, seconds).check()
        ]
        told.put(CredentialHealth(collector.name, tuple(permissions), None))
    except TribometerError as error:
        told.put(CredentialHealth(collector.name, (), str(error), passing=error.transient))
    except Ended:
        return


def _impatient(collector: Collector, seconds: float) -> Collector:
    """The same, but it waits for no limit, and repeats nothing."""
    server = collector.server  # type: ignore[attr-defined] # those without one are left out
    hasty = replace(server, patience=0.0, tries=1, timeout=min(server.timeout, seconds))
    found: Collector = replace(collector, server=hasty)  # type: ignore[type-var] # collectors are dataclasses
    return found
