"""What parsing came to: events, what could not become one with its reason, and what is none of ours by its name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.base import Rejection
from tribometer.errors import EventRejected
from tribometer.events import parse_event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tribometer.events import Event


@dataclass
class Parsed:
    """Gathers what one answer or delivery says; ``ignored`` names kinds of things that are no events here.

    ``whole`` names the files that were read in whole, see `collectors.base.Page`. ``notes`` say what whoever sent it
    should know about how it was read.
    """

    events: list[Event] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, event_type: str, raw: object, **fields: object) -> None:
        """Make the event of ``raw``, or reject ``raw`` with the reason; a field that is `UNSAID` is not carried."""
        said = {name: value for name, value in fields.items() if value is not UNSAID}
        try:
            self.events.append(parse_event({"type": event_type, **said}))
        except EventRejected as error:
            self.reject(raw, error.reason)

    def reject(self, raw: object, reason: str) -> None:
        """Keep something with the reason why it is no event."""
        self.rejected.append(Rejection(json.dumps(raw, default=str), reason))

    def take(self, other: Parsed) -> None:
        """Put what another part of the answer says behind this."""
        self.events += other.events
        self.rejected += other.rejected
        self.ignored += other.ignored
        self.whole += other.whole
        self.notes += other.notes


def merged(found: Iterable[Parsed]) -> Parsed:
    """Everything that several parts of an answer, or several answers, came to."""
    everything = Parsed()
    for each in found:
        everything.take(each)
    return everything


class Unsaid:
    """The value of what a source does not say; None is what it says to be nothing."""


UNSAID = Unsaid()


def said(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value, or `UNSAID` for null, empty text and Go's zero time."""
    return UNSAID if value in (None, "") or str(value).startswith("0001-01-01") else value


def part(raw: object, *path: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value at a path of keys; None where anything on the way is missing or no object."""
    for key in path:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw


def text(raw: object, *path: str) -> str | None:
    """The text at a path of keys, of a text without any path; None where nothing is written in it."""
    found = part(raw, *path)
    return found if isinstance(found, str) and found.strip() else None


def whole(raw: object, *path: str) -> int | None:
    """The whole number from 0 on at a path of keys, else None."""
    found = part(raw, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def known_as(kind: str, raw: object, key: str = "id") -> dict[str, Any]:
    """What is kept of something that is no event: its kind and id, for the rest of it may name people."""
    return {"kind": kind, "id": part(raw, key)}


def parts(raw: object, *path: str) -> list[Any]:
    """The list at a path of keys; empty where there is none."""
    found = part(raw, *path)
    return found if isinstance(found, list) else []
