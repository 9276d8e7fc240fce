"""How GitHub's things become events: where they belong, what they are called, and the one place that checks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collectors.base import Rejection
from collectors.people import handle
from tribometer.errors import EventRejected
from tribometer.events import Event, parse_event

if TYPE_CHECKING:
    from collections.abc import Iterable

CLOUD = frozenset({"", "github.com", "www.github.com", "127.0.0.1", "localhost", "::1"})
"""Hosts whose repositories need no host before them; a server on this machine stands in for the cloud."""
Parsed = list[Event | Rejection]
"""What one object of GitHub's came to."""


@dataclass(frozen=True)
class Place:
    """One repository as events name it: ``acme/checkout``, said by ``github:acme/checkout``."""

    repository: str
    source: str

    @classmethod
    def of(cls, raw: object) -> Place:
        """The place of a repository in an answer or a delivery (its ``full_name`` and ``html_url``)."""
        return cls.at(text(raw, "html_url") or "", text(raw, "full_name") or "")

    @classmethod
    def at(cls, url: str, repository: str) -> Place:
        """The place of a repository on the server with any address of it."""
        return cls(repository, f"{family(url)}{repository}")

    def change(self, number: object) -> str | None:
        """Id of a pull request, and of an issue that is an incident; None, as of the others, without a number."""
        return self._named("#", number)

    def review(self, number: object, review: object) -> str | None:
        """Id of a review of a pull request."""
        return self._named("#", number, "/reviews/", review)

    def request(self, number: object, request: object) -> str | None:
        """Id of a request for a review."""
        return self._named("#", number, "/requests/", request)

    def run(self, run: object, attempt: object) -> str | None:
        """Id of one attempt of a run."""
        return self._named("/runs/", run, "/", attempt)

    def job(self, job: object) -> str | None:
        """Id of a job."""
        return self._named("/jobs/", job)

    def deployment(self, identity: object) -> str | None:
        """Id of a deployment."""
        return self._named("/deployments/", identity)

    def release(self, identity: object) -> str | None:
        """Id of the deployment that a release is taken for."""
        return self._named("/releases/", identity)

    def gate(self, run: object, attempt: object, environment: object, kind: str) -> str | None:
        """Id of the wait of one attempt for one environment."""
        return self._named("/runs/", run, "/", attempt, "/gates/", environment, "/", kind)

    def _named(self, *parts: object) -> str | None:
        known = all(isinstance(part, str | int) and part != "" and not isinstance(part, bool) for part in parts)
        return f"{self.repository}{''.join(map(str, parts))}" if known else None


def family(url: str) -> str:
    """What the sources of a server's repositories begin with: ``github:``, an Enterprise server's with its host."""
    host = (urlsplit(url).hostname or "").removeprefix("api.")
    return "github:" if host in CLOUD else f"github:{host}/"


def made(kind: str, place: Place, identity: str | None, fields: dict[str, Any]) -> Event | Rejection:
    """The event, or why it cannot be one; a rejection repeats its name only, since what came may name people."""
    try:
        return parse_event({"type": kind, "source": place.source, **said(id=identity), **fields})
    except EventRejected as error:
        return Rejection(f"{kind} {identity or f'of {place.repository}'}", error.reason)


def apart(parsed: Iterable[Event | Rejection]) -> tuple[list[Event], list[Rejection]]:
    """Events and rejections, each in their order."""
    events, rejected = list[Event](), list[Rejection]()
    for each in parsed:
        if isinstance(each, Rejection):
            rejected.append(each)
        else:
            events.append(each)
    return events, rejected


def at(raw: object, *path: str) -> Any:  # noqa: ANN401 - any JSON
    """What stands at a path of keys; None where there is no such path."""
    for key in path:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw


def text(raw: object, *path: str) -> str | None:
    """The text at a path; None where there is none, or an empty one."""
    value = at(raw, *path)
    return value if isinstance(value, str) and value else None


def items(raw: object, *path: str) -> list[Any]:
    """The list at a path; empty where there is none."""
    value = at(raw, *path)
    return value if isinstance(value, list) else []


def said(**fields: object) -> dict[str, Any]:
    """The fields that GitHub says something about."""
    return {name: value for name, value in fields.items() if value is not None}


def person(raw: object) -> tuple[str | None, str | None]:
    """Handle of an account, and ``bot`` where GitHub says so; None for what is not said.

    A machine may have a person's account too: whether that is a bot is for the configured patterns to say (E14).
    """
    return handle("github", text(raw, "login")), "bot" if text(raw, "type") == "Bot" else None
