"""Who may call the routes that stand beside the pages: they are not guarded by the pages' sign-in.

Without sign-in, only this machine is trusted, and "this machine" is checked three ways: the client's address, the Host
header (a web page whose name was made to point here, DNS rebinding, still sends its own name) and the Origin header
(a web page of another site sends its own). A request that a proxy passed on comes from anywhere. Everybody else sends
an API token, made with ``tribometer token add``, whose scope covers what is asked for.
"""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import HTTPConnection

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
READ, WRITE = "read", "write"
HOW_TO_COME_IN = "Send a bearer token (tribometer token add), or ask from the machine the service runs on."
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


def no_tokens(_token: str) -> frozenset[str] | None:
    """Know no API token at all."""
    return None


@dataclass(frozen=True)
class Access:
    """The rules of one running service.

    ``token`` is the local token of ``service.json``. ``open`` is the setting that lets anyone read without sign-in.
    ``scopes_of`` gives the scopes of an API token, None for one that does not hold.
    """

    token: str
    open: bool = False
    scopes_of: Callable[[str], frozenset[str] | None] = no_tokens

    def may_read(self, connection: HTTPConnection) -> None:
        """Let pass or raise 401 or 403; for routes that show numbers."""
        if not self._has_token(connection, READ):
            _refuse_foreign_page(connection)
            if not (self.open or _from_this_machine(connection)):
                raise HTTPException(401, HOW_TO_COME_IN, CHALLENGE)

    def may_write(self, connection: HTTPConnection) -> None:
        """Let pass or raise 401 or 403; for routes that store something."""
        if not self._has_token(connection, WRITE):
            _refuse_foreign_page(connection)
            if not _from_this_machine(connection):
                raise HTTPException(401, HOW_TO_COME_IN, CHALLENGE)

    def is_local_command(self, connection: HTTPConnection) -> None:
        """Let pass only what can read ``service.json``: commands of the same user."""
        if not self._has_token(connection, None):
            raise HTTPException(401, "These routes take the local token of service.json.", CHALLENGE)

    def _has_token(self, connection: HTTPConnection, scope: str | None) -> bool:
        """A token that is sent must be right, even where none is needed: silence would hide a mistake.

        Without a ``scope`` only the local token will do.
        """
        header = connection.headers.get("authorization")
        if header is None:
            return False
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise HTTPException(401, "The bearer token is not known here.", CHALLENGE)
        if not secrets.compare_digest(token.strip().encode(), self.token.encode()):
            self._check_scope(token.strip(), scope)
        return True

    def _check_scope(self, token: str, scope: str | None) -> None:
        scopes = self.scopes_of(token) if scope else None
        if scopes is None:
            raise HTTPException(401, "The bearer token is not known here, revoked or expired.", CHALLENGE)
        if scope not in scopes:
            raise HTTPException(403, f"This token may not {scope}. Make one with: tribometer token add --scope {scope}")


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
