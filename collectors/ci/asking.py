"""Asking for many single things of which some may be gone or forbidden."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from collectors.base import Permission
from tribometer.errors import SourceForbidden, SourceGone, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collectors.http.client import Client
    from collectors.http.exchange import Answer, Request


def each_found(client: Client, requests: Iterable[Request]) -> Iterator[Answer | SourceGone]:
    """Ask several at a time and yield in the order of the requests; what is gone or forbidden gives its error.

    Any other error ends it.
    """
    with ThreadPoolExecutor(client.server.at_once, thread_name_prefix="ask") as pool:
        yield from pool.map(lambda request: _found(client, request), requests)


def _found(client: Client, request: Request) -> Answer | SourceGone:
    try:
        return client.send(request)
    except (SourceForbidden, SourceMissing) as error:
        return error


def permission(client: Client, request: Request, what: str, fix: str) -> Permission:
    """Try one question for `check`: whether it is answered; raise `SourceError` when the server does not answer."""
    try:
        client.send(request)
    except SourceGone as error:
        return Permission(what, granted=False, fix=f"{fix} ({error.problem})")
    return Permission(what, granted=True, fix="")


def unread(what: str, error: SourceForbidden | None) -> list[Remark]:
    """Remark on a part that the credential may not read, by the first error; the rest was read."""
    return [Remark(f"{what} could not be read ({error.problem})", error.fix)] if error else []
