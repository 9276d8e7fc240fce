"""Which events somebody is asked about: one in so many, soon, outside of incidents, and nobody too often."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

FRESH = timedelta(hours=48)
"""Older events are asked about by nobody: a first collection brings years of them."""


@dataclass(frozen=True)
class Happening:
    """Something that happened at a time. ``people`` are those who could be asked, one of whom is."""

    key: str
    at: datetime
    people: tuple[str, ...]
    event_class: str
    service: str | None = None


@dataclass(frozen=True)
class Asking:
    """Whom to ask about what: ``digest`` tells events apart without naming them."""

    person: str
    digest: str
    event_class: str
    until: datetime


@dataclass(frozen=True)
class Sampling:
    """How many events are asked about, under a key that nobody can foresee the draw without."""

    instrument: str
    one_in: int
    key: bytes

    def digest(self, event: str) -> bytes:
        """What an event is known by here."""
        return hmac.digest(self.key, f"{self.instrument} {event}".encode(), hashlib.sha256)

    def is_drawn(self, event: str) -> bool:
        """Whether an event is among those that are asked about; of the same event always the same."""
        return int.from_bytes(self.digest(event)[:8], "big") % self.one_in == 0


def chosen(
    happened: Iterable[Happening],
    sampling: Sampling,
    rested: Collection[str],
    suffering: Collection[str],
    now: datetime,
) -> Iterator[Asking]:
    """Whom to ask now. ``rested`` are those who may be asked again, ``suffering`` services with an open incident.

    Of those who could be asked about an event, the one is drawn whose turn its digest says; nobody twice at once.
    """
    asked: set[str] = set()
    for each in sorted(happened, key=lambda event: (event.at, event.key)):
        if not now - FRESH < each.at <= now or each.service in suffering or not sampling.is_drawn(each.key):
            continue
        possible = sorted(set(each.people) & set(rested) - asked)
        if possible:
            digest = sampling.digest(each.key)
            person = possible[int.from_bytes(digest[8:16], "big") % len(possible)]
            asked.add(person)
            yield Asking(person, digest.hex(), each.event_class, each.at + FRESH)


def resting(asked: Mapping[str, Iterable[datetime]], people: Iterable[str], rest: timedelta, now: datetime) -> set[str]:
    """Those of the people who may be asked now: no survey asked them of late, or will soon."""
    return {each for each in people if all(abs(now - at) >= rest for at in asked.get(each, ()))}
