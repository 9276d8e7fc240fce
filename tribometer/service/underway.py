"""What is being collected in this process, kept in memory: who looks on asks no store."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Event, Lock
from typing import TYPE_CHECKING

from tribometer.errors import Ended, TribometerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collectors.base import Quota
    from collectors.summary import Standing
    from dashboards.health_sources import Collection


class ServiceEnds(TribometerError):
    """A collection was cut off because its process is about to end."""

    def __init__(self) -> None:
        """Say that nothing is lost."""
        super().__init__("The service ends. What has landed stays, and the next collection goes on there.")


@dataclass
class _Account:
    """What one collection has told so far, its parts each for themselves."""

    since: datetime
    standings: dict[str, Standing] = field(default_factory=dict)
    newest: str | None = None
    quota: Quota | None = None


class Underway:
    """The collections of one process. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._changed = Condition(self._lock)
        self._accounts: dict[str, _Account] = {}
        self._begun = 0
        self._ending = Event()

    def end(self) -> None:
        """Have every collection end after the page at hand, and none begin."""
        self._ending.set()

    @contextmanager
    def noted(self, source: str, since: datetime) -> Iterator[None]:
        """Keep an account of a source while it is being collected; `Ended` when there is no time for that."""
        if self._ending.is_set():
            raise Ended
        with self._lock:
            self._accounts[source] = _Account(since)
            self._begun += 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._lock:
                del self._accounts[source]
                self._changed.notify_all()

    def told(self, source: str, standing: Standing) -> Collection:
        """Note how far a source, or a part of it, is; return how far the whole is. `Ended` when it shall end here."""
        if self._ending.is_set():
            raise Ended
        with self._lock:
            account = self._accounts[source]
            account.standings[standing.source] = standing
            account.newest = standing.source if standing.source != source else account.newest
            account.quota = standing.quota or account.quota
            return _summed(source, account)

    @property
    def begun(self) -> int:
        """How many collections have begun."""
        return self._begun

    def wait_for_another(self, begun: int, seconds: float) -> None:
        """Wait, not longer than this, until more have begun than that."""
        with self._changed:
            self._changed.wait_for(lambda: self._begun > begun, seconds)

    def wait(self, seconds: float) -> None:
        """Wait, not longer than this, until nothing is being collected."""
        with self._changed:
            self._changed.wait_for(lambda: not self._accounts, seconds)

    def now(self) -> tuple[Collection, ...]:
        """How far every collection is, by name."""
        with self._lock:
            return tuple(_summed(source, account) for source, account in sorted(self._accounts.items()))


def _summed(source: str, account: _Account) -> Collection:
    from dashboards.health_sources import Collection  # noqa: PLC0415 - commands that only read load no pages

    told, whole = account.standings.values(), account.standings.get(source)
    parts = [each for each in told if each.source != source]
    return Collection(
        source=source,
        since=account.since,
        events=sum(each.events for each in told),
        expected=whole.total if whole and not parts else None,
        requests=sum(each.requests for each in told),
        quota_left=account.quota.left if account.quota else None,
        quota_resets_at=account.quota.resets_at if account.quota else None,
        parts=whole.done if whole and whole.parts is not None else len(parts),
        parts_known=whole.parts if whole else None,
        part=account.newest,
        waiting_until=_waiting_until(source),
    )


def _waiting_until(source: str) -> datetime | None:
    from collectors.http.waiting import waiting_until  # noqa: PLC0415 - as above

    return waiting_until(source)
