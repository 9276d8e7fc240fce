"""Who may call the routes that stand beside the pages: they are not guarded by the pages' sign-in.

Without sign-in, only this machine is trusted, and "this machine" is checked three ways: the client's address, the Host
header (a web page whose name was made to point here, DNS rebinding, still sends its own name) and the Origin header
(a web page of another site sends its own). A request that a proxy passed on comes from anywhere.
"""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="tribometer"'}


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Access:
    """The rules of one running service.

    ``token`` is the local token of ``service.json``. ``open`` is the setting that lets anyone read without sign-in.
    """

    token: str
    open: bool = False

    def may_read(self, connection: HTTPConnection) -> None:
        """Let pass or raise 401 or 403; for routes that show numbers."""
        if not self._has_token(connection):
            _refuse_foreign_page(connection)
            if not (self.open or _from_this_machine(connection)):
                raise HTTPException(401, "Send a bearer token, or ask from the machine the service runs on.", CHALLENGE)

    def may_write(self, connection: HTTPConnection) -> None:
        """Let pass or raise 401 or 403; for routes that store something."""
        if not self._has_token(connection):
            _refuse_foreign_page(connection)
            if not _from_this_machine(connection):
                raise HTTPException(401, "Send a bearer token, or ask from the machine the service runs on.", CHALLENGE)

    def is_local_command(self, connection: HTTPConnection) -> None:
        """Let pass only what can read ``service.json``: commands of the same user."""
        if not self._has_token(connection):
            raise HTTPException(401, "These routes take the local token of service.json.", CHALLENGE)

    def _has_token(self, connection: HTTPConnection) -> bool:
        """A token that is sent must be right, even where none is needed: silence would hide a mistake."""
        header = connection.headers.get("authorization")
        if header is None:
            return False
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not secrets.compare_digest(token.strip().encode(), self.token.encode()):
            raise HTTPException(401, "The bearer token is not known here.", CHALLENGE)
        return True


def _from_this_machine(connection: HTTPConnection) -> bool:
    client = connection.client
    passed_on = any(name in connection.headers for name in FORWARDED)
    return client is not None and is_loopback(client.host) and is_loopback(_host(connection)) and not passed_on


def _host(connection: HTTPConnection) -> str:
    try:
        return urlsplit(f"//{connection.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _refuse_foreign_page(connection: HTTPConnection) -> None:
    origin = connection.headers.get("origin")
    same = origin is None or urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()
    if not same or connection.headers.get("sec-fetch-site") == "cross-site":
        raise HTTPException(403, "A web page of another site may not call this service.")
