"""Backstage's guest sign-in: a token for an hour from an endpoint that asks for nothing.

backstage.io/docs, "Guest authentication provider".
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collectors.http.exchange import Request
from collectors.parsed import part
from tribometer.clock import now_utc
from tribometer.errors import SourceGone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from collectors.http.server import Send

ASK = Request("/api/auth/guest/refresh")
EARLY = timedelta(minutes=5)
"""A token is renewed so long before it ends."""


class GuestToken:
    """Signs in as guest when there is no token, or it ends soon, or was refused."""

    key = "guest"

    def __init__(self, source: str, clock: Callable[[], datetime] = now_utc) -> None:
        """``source`` is how errors call it."""
        self._source = source
        self._clock = clock
        self._token: str | None = None
        self._until: datetime | None = None

    def headers(self, send: Send) -> Mapping[str, str]:
        """The header with the token; raise `SourceGone` where guests are not let in."""
        now = self._clock()
        if self._token is None or self._until is None or self._until - EARLY <= now:
            answer = send(ASK, {})
            token, seconds = (part(answer.body, "backstageIdentity", key) for key in ("token", "expiresInSeconds"))
            if not isinstance(token, str):
                fix = "Let it in with auth.providers.guest, or give the table a `token`"
                raise SourceGone(self._source, f"the guest sign-in answers {answer.status}", fix)
            self._token, self._until = token, now + timedelta(seconds=seconds if isinstance(seconds, int) else 3600)
        return {"authorization": f"Bearer {self._token}"}

    def renewed(self) -> bool:
        """Forget the token, so that the next request signs in anew."""
        had, self._token = self._token, None
        return had is not None

    @property
    def secrets(self) -> frozenset[str]:
        """The token of now."""
        return frozenset({self._token} if self._token else ())
