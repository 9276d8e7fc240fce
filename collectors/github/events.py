"""Where GitHub's things belong as events, and who is behind them."""

from __future__ import annotations

from urllib.parse import urlsplit

from collectors.forge.facts import Place
from collectors.parsed import text
from collectors.people import handle

CLOUD = frozenset({"", "github.com", "www.github.com", "127.0.0.1", "localhost", "::1"})
"""Hosts whose repositories need no host before them; a server on this machine stands in for the cloud."""


def place_of(raw: object) -> Place:
    """The place of a repository in an answer or a delivery (its ``full_name`` and ``html_url``)."""
    return Place("github", text(raw, "full_name") or "", _host(text(raw, "html_url") or ""))


def family(url: str) -> str:
    """What the sources of a server's repositories begin with: ``github:``, an Enterprise server's with its host."""
    host = _host(url)
    return f"github:{host}/" if host else "github:"


def person(raw: object) -> tuple[str | None, str | None]:
    """Handle of an account, and ``bot`` where GitHub says so; None for what is not said.

    A machine may have a person's account too: whether that is a bot is for the configured patterns to say (E14).
    """
    return handle("github", text(raw, "login")), "bot" if text(raw, "type") == "Bot" else None


def _host(url: str) -> str:
    host = (urlsplit(url).hostname or "").removeprefix("api.")
    return "" if host in CLOUD else host
