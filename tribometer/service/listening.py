"""The address that ``tribometer up`` binds, before anything else is done."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tribometer.errors import TribometerError, UsageError
from tribometer.service.access import is_loopback

if TYPE_CHECKING:
    from tribometer.settings import Settings

PORTS_TRIED = 50
LAST_PORT = 65_535


class CannotListen(TribometerError):
    """The address cannot be taken."""

    exit_code = 1


@dataclass(frozen=True)
class Listening:
    """A bound socket and the address to tell people."""

    socket: socket.socket
    url: str


def check_binding(settings: Settings, host: str) -> None:
    """Refuse to show an organisation's numbers to a whole network by accident."""
    if is_loopback(host) or settings.allow_open_access_without_sign_in:
        return
    raise UsageError(
        f"--host {host}: other machines could read everything, because nobody has to sign in. "
        "Use 127.0.0.1 behind a proxy that asks for a sign-in, or set allow_open_access_without_sign_in = true.",
    )


def listen(host: str, port: int) -> Listening:
    """Bind before anything else is done; port 0 takes a free one."""
    try:
        bound = _bound(host, port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(f"{host}:{port} cannot be used: {reason}. {_instead(host, port)}") from error
    return Listening(bound, f"http://{_shown(host)}:{bound.getsockname()[1]}")


def _bound(host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host.strip("[]"), port))
    except (OSError, OverflowError):
        made.close()
        raise
    return made


def _instead(host: str, port: int) -> str:
    """Propose the next port that is free now."""
    for candidate in range(port + 1, min(port + PORTS_TRIED, LAST_PORT) + 1):
        with suppress(OSError), _bound(host, candidate):
            return f"This one is free: tribometer up --port {candidate}"
    return "Is that an address of this machine? --port 0 takes any port that is free."


def _shown(host: str) -> str:
    """Return a name by which this machine reaches the address it binds."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
