"""How a command gets its work done: on the data folder itself, or by the service that holds it."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from tribometer.errors import StoreBusy
from tribometer.service.address import Address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tribometer.service.instance import Instance
    from tribometer.service.operations import Tell
    from tribometer.settings import Settings

PATIENCE = 5.0
"""Seconds a command waits for whoever holds the folder."""
PAUSE = 0.1


class Session(Protocol):
    """Performs operations; see `tribometer.service.operations` for their arguments and results."""

    def perform(self, operation: str, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
        """Do it and return the result; errors are `TribometerError`."""


class Direct:
    """Works on a data folder that this process holds."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def perform(self, operation: str, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
        """Call the operation."""
        from tribometer.service.operations import operation as load  # noqa: PLC0415 - keeps the client light

        return load(operation)(self._instance, arguments, tell)


@contextmanager
def session(settings: Settings, *, reading: bool, patience: float = PATIENCE) -> Iterator[Session]:
    """Open a session; `reading` commands leave a folder that has no store as it is.

    Raises `StoreBusy` when the folder is held and no service answers within `patience` seconds.
    """
    with ExitStack() as stack:
        found = _reached(stack, settings)
        if found is None:
            from tribometer.service import instance  # noqa: PLC0415 - the store loads DuckDB

            if reading and not instance.has_store(settings):
                found = Direct(stack.enter_context(instance.blank(settings)))
        yield found or _opened_or_reached(stack, settings, time.monotonic() + patience)


def _reached(stack: ExitStack, settings: Settings) -> Session | None:
    """Find the service that says it holds the folder; one that was killed does not answer."""
    if Address.read(settings.data) is None:
        return None
    from tribometer.service import client  # noqa: PLC0415 - httpx, only when there is somebody to ask

    service = client.reach(settings.data)
    return stack.enter_context(service) if service else None


def _opened_or_reached(stack: ExitStack, settings: Settings, deadline: float) -> Session:
    """Hold the folder, or find who does; whoever is just starting or ending gets the time to do so."""
    from tribometer.service import instance  # noqa: PLC0415 - as above

    while True:
        try:
            held = stack.enter_context(instance.opened(settings))
        except StoreBusy:
            service = _reached(stack, settings)
            if service is not None:
                return service
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)
        else:
            Address.forget(settings.data)  # left behind by a service that was killed
            return Direct(held)
