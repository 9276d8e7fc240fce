"""Several credentials for one server: each rests when its quota is spent, and all rest when the server says so."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from collectors.http.exchange import Limited
from collectors.http.limits import NO_HINT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from collectors.base import Quota
    from collectors.http.server import Credential

UNKNOWN = float("inf")
LONGEST_PAUSE = 60.0
"""Seconds up to which a pause grows whose end the server says wrongly, because its clock or ours is wrong."""


class Pool:
    """Lends the credential with most requests left. Safe to use from several threads."""

    def __init__(self, credentials: Sequence[Credential], clock: Callable[[], datetime]) -> None:
        """No credentials: requests are anonymous, and limits hold for them alike."""
        self._all: Sequence[Credential | None] = tuple(credentials) or (None,)
        self._left: dict[int, float] = {}
        self._rests: dict[int, datetime] = {}
        self._why = ""
        self._in_a_row = 0
        self._clock = clock
        self._passed: datetime | None = None
        self._lock = Lock()

    def best(self) -> Credential | None:
        """Give the best one that does not rest; raise `Limited` when all rest."""
        with self._lock:
            now = self._now()
            awake = [each for each in range(len(self._all)) if self._rests.get(each, now) <= now]
            if not awake:
                raise Limited(self._why, None)
            return self._all[max(awake, key=lambda each: self._left.get(each, UNKNOWN))]

    def used(self, credential: Credential | None, quota: Quota | None) -> None:
        """Note what a success has left of its quota; with nothing left it rests before it is refused."""
        with self._lock:
            number, self._in_a_row = self._number(credential), 0
            self._left[number] = quota.left if quota else UNKNOWN
            if quota and quota.left == 0 and quota.resets_at and quota.resets_at > self._now():
                self._rests[number], self._why = quota.resets_at, "the quota of requests is spent"

    def rest(self, credential: Credential | None, limit: Limited) -> None:
        """Let it rest as long as the server says; a limit that is not about its quota holds for all.

        Where it does not say, or what it says is over already, each rest in a row is twice as long as the one before.
        """
        with self._lock:
            now = self._now()
            resting = [self._number(credential)] if limit.spent else range(len(self._all))
            # several threads meet the same limit
            if any(self._rests.get(each, now) <= now for each in resting):
                self._in_a_row += 1
            longer = 2.0 ** min(self._in_a_row - 1, 10)
            least = min(longer, LONGEST_PAUSE) if limit.wait is not None else NO_HINT_SECONDS * longer
            until = now + timedelta(seconds=max(limit.wait or 0.0, least))
            self._why = limit.problem
            for each in resting:
                self._rests[each] = max(until, self._rests.get(each, until))

    @property
    def free_at(self) -> datetime | None:
        """When the first of them is free again; None: one is free now."""
        with self._lock:
            now = self._now()
            free = min(self._rests.get(each, now) for each in range(len(self._all)))
            return free if free > now else None

    def seconds_to_wait(self) -> float:
        """Seconds until the first of them is free."""
        free = self.free_at
        with self._lock:
            return max((free - self._now()).total_seconds(), 0.0) if free else 0.0

    @contextmanager
    def passing(self, seconds: float) -> Iterator[None]:
        """Wait within this so many seconds: they have passed then, even if the clock was set back meanwhile."""
        with self._lock:
            until = self._now() + timedelta(seconds=seconds)
        yield
        with self._lock:
            self._passed = max(until, self._passed or until)

    def _now(self) -> datetime:
        now = self._clock()
        return max(now, self._passed) if self._passed else now

    def _number(self, credential: Credential | None) -> int:
        return self._all.index(credential)
