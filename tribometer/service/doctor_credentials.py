"""Whether each source can be read with the credential it has: tried at its server or on its file, all at once."""

from __future__ import annotations

import time
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from dashboards.health_sources import COLLECTING, CredentialHealth, PermissionHealth
from tribometer.errors import Ended, SourceBusy, TribometerError
from tribometer.service.configured import every_table
from tribometer.store import LIMITED, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from collectors.base import Collector
    from tribometer.service.instance import Instance

SECONDS = 10.0
"""For each source; they are tried side by side."""
BUSY_ANSWERING = "its server answers the collection and had no time for a trial. Try again when that has ended"
NO_ANSWER = "its server gave no answer within {seconds:g} s. Check that it is up and `url` is right; then look again"


def tried(instance: Instance, seconds: float = SECONDS) -> tuple[CredentialHealth, ...]:
    """Try them; what has nothing to try is left out, and what lacks its secret is a finding already."""
    collectors = [each.collector for each in every_table(instance) if each.collector]
    told: SimpleQueue[CredentialHealth] = SimpleQueue()
    for collector in collectors:
        # not of a pool: nobody may have to wait for a server that keeps silent
        Thread(target=_try, args=(collector, seconds, told), name=f"check {collector.name}", daemon=True).start()
    found = _within(seconds, len(collectors), told)
    silent = NO_ANSWER.format(seconds=seconds)
    every = [
        found.get(each.name) or CredentialHealth(each.name, (), f"{each.name}: {silent}", UNREACHABLE)
        for each in collectors
    ]
    now, answering = instance.clock(), {each.source for each in instance.underway.now() if each.requests}
    return tuple(
        replace(_unless_answering(each, answering), tried_at=now) for each in every if each.permissions or each.problem
    )


def _unless_answering(health: CredentialHealth, answering: Collection[str]) -> CredentialHealth:
    """A server that answers the collection under way is not out of reach, however long it keeps a trial waiting."""
    if health.passing != UNREACHABLE or health.source not in answering:
        return health
    return replace(health, problem=f"{health.source}: {BUSY_ANSWERING}", passing=COLLECTING)


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
        told.put(CredentialHealth(collector.name, (), str(error), _passing(error)))
    except Ended:
        return


def _passing(error: TribometerError) -> str | None:
    if isinstance(error, SourceBusy):
        return LIMITED
    return UNREACHABLE if error.transient else None


def _impatient(collector: Collector, seconds: float) -> Collector:
    """The same, but it waits for no limit, and repeats nothing; what asks no server is as it is."""
    server = getattr(collector, "server", None)
    if server is None:
        return collector
    hasty = replace(server, patience=0.0, tries=1, timeout=min(server.timeout, seconds))
    found: Collector = replace(collector, server=hasty)  # type: ignore[type-var] # collectors are dataclasses
    return found
