"""One server that is asked over HTTP: its address, its credentials, and how gently; and the settings that say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Protocol, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from collectors.base import SourceSettings
from collectors.http.exchange import Answer, Request
from tribometer.clock import now_utc
from tribometer.errors import ConfigurationError
from tribometer.settings import UNASKED, Secret, checked_places

if TYPE_CHECKING:
    from datetime import datetime

    import httpx

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MEGABYTE = 1 << 20
Send = Callable[[Request, Mapping[str, str]], Answer]
"""One exchange with given headers, for a credential that has to ask for its token."""


class Credential(Protocol):
    """What proves to a server who asks. ``key`` is how the configuration calls it."""

    @property
    def key(self) -> str:
        """Key of the settings, e.g. ``token``, for errors."""

    def headers(self, send: Send) -> Mapping[str, str]:
        """Headers of one request; `ConfigurationError` when the secret is missing."""

    def renewed(self) -> bool:
        """After a refusal: read the secret anew; whether it is another one now."""

    @property
    def secrets(self) -> frozenset[str]:
        """Every secret text it has used, which no message may repeat."""


class HeaderToken:
    """A secret in one header, ``form`` around it. A file is read again when the server refuses what it held."""

    def __init__(
        self, secret: Secret, *, key: str = "token", header: str = "authorization", form: str = "Bearer {}"
    ) -> None:
        """Read the secret now, so that a missing one is told before anything is collected."""
        self.key = key
        self._secret = secret
        self._header = header
        self._form = form
        self._value = self._read()
        self._used = {self._value}

    def headers(self, send: Send) -> Mapping[str, str]:
        """The header with the secret."""
        del send
        return {self._header: self._form.format(self._value)}

    def renewed(self) -> bool:
        """Read its place again."""
        try:
            value = self._read()
        except ConfigurationError:
            return False
        changed, self._value = value != self._value, value
        self._used.add(value)
        return changed

    @property
    def secrets(self) -> frozenset[str]:
        """The one it uses, and those it used before."""
        return frozenset(self._used)

    def _read(self) -> str:
        value = self._secret.reveal(self.key)
        if not (value.isascii() and value.isprintable()):
            problem = "the secret has line breaks or letters that no token has"
            raise self._secret.unusable(self.key, problem, "Put nothing but the token there.")
        return value


@dataclass(frozen=True)
class Server:
    """Where and how to ask. ``source`` is how errors call it.

    ``at_once``: requests at the same time. ``timeout``: seconds without a byte; one whole answer may take ten times
    that. ``patience``: seconds to wait, all in all, for one answer that a limit holds back. ``largest``: bytes of one
    answer, unpacked. ``transport`` stands between the client and the network: a recording, a replay, a test.
    """

    source: str
    url: str
    credentials: tuple[Credential, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    at_once: int = 4
    timeout: float = 30.0
    patience: float = 3660.0
    largest: int = 64 * MEGABYTE
    tries: int = 5
    clock: Callable[[], datetime] = now_utc
    sleep: Callable[[float], None] | None = None
    transport: Callable[[], httpx.BaseTransport] | None = None


def checked_address(url: str) -> str:
    """Return the URL without its last slash; raise `ValueError` with what to write instead."""
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("a server's address begins with https:// and a host name")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("a token is sent over https only; http is for a server on this machine")
    if parts.username or parts.password:
        raise ValueError('a user or password does not belong in the address; write token = {env = "NAME"}')
    if parts.query or parts.fragment:
        raise ValueError("a server's address has no query")
    if not (url.isascii() and url.isprintable() and " " not in url) or parts.port == 0:
        raise ValueError("this is no address of a server")
    return url.rstrip("/")


Address = Annotated[str, AfterValidator(checked_address)]


class ServerSettings(SourceSettings):
    """What every ``[[sources]]`` table of a server can say."""

    token: Annotated[Secret | tuple[Secret, ...] | None, BeforeValidator(checked_places)] = None
    """``{env = "NAME"}`` or ``{file = "PATH"}``; a list of them shares the work, each within its own limit."""
    at_once: Annotated[int, Field(ge=1, le=32)] = 4
    """Requests at the same time."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Seconds to wait for a byte of an answer."""
    patience: Annotated[float, Field(ge=0, le=86_400)] = 3660.0
    """Seconds to wait for a server that limits requests; then the rest is left to the next collection."""

    def unasked(self) -> Self:
        """The same with a token that stands for the one it was recorded with."""
        return self if self.token is None else self.model_copy(update={"token": UNASKED})

    def tokens(self, *, header: str = "authorization", form: str = "Bearer {}") -> tuple[Credential, ...]:
        """The token or tokens as credentials; `ConfigurationError` when one is missing."""
        secrets = () if self.token is None else self.token if isinstance(self.token, tuple) else (self.token,)
        keys = ["token"] if len(secrets) == 1 else [f"token[{number}]" for number in range(len(secrets))]
        return tuple(
            HeaderToken(secret, key=key, header=header, form=form) for key, secret in zip(keys, secrets, strict=True)
        )

    def server(
        self, source: str, url: str, credentials: tuple[Credential, ...], headers: Mapping[str, str] | None = None
    ) -> Server:
        """The server with what this table says about asking it."""
        return Server(
            source,
            url,
            credentials,
            headers or {},
            at_once=self.at_once,
            timeout=self.timeout,
            patience=self.patience,
        )
