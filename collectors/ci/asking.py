"""Asking for many single things of which some may be gone or forbidden."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from collectors.base import Permission
from collectors.ci.facts import MOST_NAMED
from tribometer.errors import SourceForbidden, SourceGone, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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


def unread(what: str, refused: Mapping[str, SourceGone]) -> list[Remark]:
    """Remark on things that the credential may not read, by their names, with the first error; the rest was read."""
    if not refused:
        return []
    more = f" and {len(refused) - MOST_NAMED} more" if len(refused) > MOST_NAMED else ""
    first = next(iter(refused.values()))
    what = f"{what} {', '.join(sorted(refused)[:MOST_NAMED])}{more} could not be read ({first.problem})"
    return [Remark(what, f"{first.fix}. Then collect this source with --full, for what was missed")]


def as_cursor(refused: Mapping[str, SourceGone]) -> dict[str, Sequence[str]]:
    """What was refused, as JSON: it stays unread until somebody lets the credential read it."""
    return {name: (error.problem, error.fix) for name, error in refused.items()}


def from_cursor(source: str, kept: Mapping[str, Sequence[str]]) -> dict[str, SourceGone]:
    """What was refused before, by what `as_cursor` gave."""
    return {name: SourceForbidden(source, *said) for name, said in kept.items()}
