"""Accounts of on-call services in a test: their server behind a function, and what their events carry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from collectors.http.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collectors.base import Page

NOW = datetime(2026, 1, 13, 12, tzinfo=UTC)
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)


def answered(name: str, url: str, answer: Callable[[httpx.Request], httpx.Response], now: datetime) -> Server:
    """A server whose requests are answered by a function, at a time, without waiting."""
    transport = httpx.MockTransport(answer)
    return Server(name, url, clock=lambda: now, sleep=lambda _: None, transport=lambda: transport)


def events(parsed: Iterable[Any]) -> list[dict[str, Any]]:
    """Events as they carry it, without their source."""
    return [{"type": each.type, **each.model_dump(exclude_unset=True, exclude={"source"})} for each in parsed]


def all_events(pages: Iterable[Page]) -> list[dict[str, Any]]:
    """The events of all pages."""
    return events(event for page in pages for event in page.events)
