"""A GitHub App as credential: it signs who it is, and renews the tokens of its installation before they expire.

docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App" and "Authenticating as a GitHub App
installation": RS256, issued a minute ago against clocks that differ, valid for ten minutes at most; the token an hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

import jwt
from pydantic import BaseModel, ConfigDict, Field

from collectors.http.exchange import Again, Request
from collectors.parsed import text
from tribometer.clock import now_utc
from tribometer.errors import SecretMissing, SourceGone
from tribometer.settings import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collectors.http.server import Send

BEFORE_IT_EXPIRES = timedelta(minutes=5)
SIGNED_FOR = timedelta(minutes=9)
CLOCKS_DIFFER = timedelta(minutes=1)


class App(BaseModel):
    """A GitHub App and the installation of it that may read the repositories."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)

    id: int | str
    """The App's number or its client ID."""
    key: Secret
    """Its private key, as the PEM file that GitHub gives: ``{file = "PATH"}`` or ``{env = "NAME"}``."""
    installation: int = Field(gt=0)
    """Number of the installation; it ends the address of the installation's settings page."""


class AppCredential:
    """Tokens of one installation. Safe to use from several threads."""

    key = "app"

    def __init__(self, app: App, *, source: str, prefix: str = "", clock: Callable[[], datetime] = now_utc) -> None:
        """``prefix`` stands before the server's paths. Read the key now, so that a wrong one is told at once."""
        self._app = app
        self._source = source
        self._path = f"{prefix}/app/installations/{app.installation}/access_tokens"
        self._clock = clock
        self._lock = Lock()
        self._token: str | None = None
        self._made: datetime | None = None
        self._expires: datetime | None = None
        self._used: set[str] = set()
        self._signed()

    def headers(self, send: Send) -> Mapping[str, str]:
        """The header with a token that is still good for minutes."""
        with self._lock:
            if self._token is None or (self._expires and self._clock() >= self._expires - BEFORE_IT_EXPIRES):
                self._renew(send)
            return {"authorization": f"Bearer {self._token}"}

    def renewed(self) -> bool:
        """Ask for another token after a refusal, unless this one is new: then no other is any better."""
        with self._lock:
            is_new = self._made is None or self._clock() < self._made + CLOCKS_DIFFER
            self._token = None
            return not is_new

    @property
    def secrets(self) -> frozenset[str]:
        """Every token and signature it has sent."""
        return frozenset(self._used)

    def _renew(self, send: Send) -> None:
        try:
            signed = self._signed()
        except SecretMissing as missing:
            raise SourceGone(self._source, f"{missing.origin}: {missing.key}: {missing.problem}", missing.fix) from None
        answer = send(Request(self._path, method="POST"), {"authorization": f"Bearer {signed}"})
        token, expires = text(answer.body, "token"), text(answer.body, "expires_at")
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Again(f"answers {answer.status} to the App")
        if answer.status != HTTPStatus.CREATED or token is None:
            said = text(answer.body, "message") or f"status {answer.status}"
            fix = "Check `app.id`, `app.key` and `app.installation`, and that the installation is not suspended"
            raise SourceGone(self._source, f"the server gives the App no token ({said})", fix)
        self._token, self._made = token, self._clock()
        self._expires = datetime.fromisoformat(expires) if expires else self._made + SIGNED_FOR
        self._used.add(token)

    def _signed(self) -> str:
        now = self._clock()
        claims = {"iat": now - CLOCKS_DIFFER, "exp": now + SIGNED_FOR, "iss": str(self._app.id)}
        try:
            # in an environment variable the line breaks of a PEM file are often written out
            signed = jwt.encode(claims, self._app.key.reveal("app.key").replace("\\n", "\n"), algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError):
            fix = "Put the PEM file there that GitHub gave when the App's private key was made."
            raise self._app.key.unusable("app.key", "what stands there is no private RSA key", fix) from None
        self._used.add(signed)
        return signed
