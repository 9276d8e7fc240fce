"""API tokens: made once, shown once, kept as a digest."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from tribometer.errors import UsageError
from tribometer.store.records.tables import TokenRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tribometer.store.records.database import Database

PREFIX = "tribo_"
"""By which a person, or a scanner for leaked secrets, knows what a token is for."""
RANDOM_BYTES = 32
SCOPES = ("read", "write")
USE_NOTED = timedelta(minutes=1)


@dataclass(frozen=True)
class ApiToken:
    """A token on record; ``expires_at`` None: it does not expire by itself."""

    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class NewToken:
    """A token just made, with its ``secret``: the only time that anybody sees it."""

    token: ApiToken
    secret: str = field(repr=False)


class Tokens:
    """The API tokens; times come from the store's clock."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(self, name: str, scopes: Collection[str], lifetime: timedelta | None = None) -> NewToken:
        """Make a token; `UsageError` for a name that is in use, or a scope that there is not.

        A scope brings no other: a job that sends events cannot read numbers with what it holds.
        """
        wanted = [scope for scope in SCOPES if scope in scopes]
        if not name.strip() or not wanted or len(wanted) != len(set(scopes)):
            raise UsageError(f"A token has a name and one or more of the scopes {', '.join(SCOPES)}.")
        secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
        now = self._clock()
        row = TokenRow(
            name=name,
            digest=_digest(secret),
            scopes=wanted,
            created_at=now,
            expires_at=None if lifetime is None else now + lifetime,
        )
        taken = f"There is a token {name!r} already. Revoke it first, or choose another name."
        with self._database.writing("adding a token", taken) as session:
            session.add(row)
        return NewToken(_token(row), secret)

    def all(self) -> list[ApiToken]:
        """Every token ever made, in the order of making."""
        with self._database.reading("reading the tokens") as session:
            return [_token(row) for row in session.scalars(select(TokenRow).order_by(TokenRow.number))]

    def revoke(self, name: str) -> ApiToken:
        """End a token now; `UsageError` when none of that name is in force."""
        with self._database.writing("revoking a token") as session:
            row = session.scalar(select(TokenRow).where(TokenRow.name == name, TokenRow.revoked_at.is_(None)))
            if row is None:
                raise UsageError(f"There is no token {name!r} to revoke. See them with: tribometer token list")
            row.revoked_at = self._clock()
        return _token(row)

    def scopes_of(self, secret: str) -> frozenset[str] | None:
        """What whoever sends this may do; None for a token that is unknown, revoked or expired.

        The digest is looked up and then compared in constant time: a token is 256 random bits, so neither salt nor
        a slow hash adds to it.
        """
        digest, now = _digest(secret), self._clock()
        with self._database.reading("checking a token") as session:
            row = session.scalar(select(TokenRow).where(TokenRow.digest == digest))
        if row is None or not hmac.compare_digest(row.digest, digest) or not _token(row).holds(now):
            return None
        if row.last_used_at is None or now - row.last_used_at >= USE_NOTED:
            with self._database.writing("noting a token's use") as session:
                _note_use(session, row.number, now)
        return frozenset(row.scopes)


def _note_use(session: Session, number: int, now: datetime) -> None:
    session.execute(update(TokenRow).where(TokenRow.number == number).values(last_used_at=now))


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token(row: TokenRow) -> ApiToken:
    return ApiToken(
        name=row.name,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
