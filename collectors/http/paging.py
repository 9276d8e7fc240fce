"""Ways through a list that a server gives page by page, as objects: each says how the next page is asked for.

None of them follows an address that the server wrote: of a ``next`` link only the query is taken, so that a link to
another host leads nowhere else. `Walk` sees to it that every walk ends.
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

from tribometer.errors import SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.http.exchange import Answer, Parameters, Request

MOST_PAGES = 10_000
LINK = re.compile(r"<([^<>]*)>\s*;([^<]*)")
NEXT = re.compile(r"""\brel\s{0,9}=\s{0,9}"?[^";,]{0,99}\bnext\b""", re.IGNORECASE)
TOTALS = ("x-total-count", "x-total", "total-count")


class Paginator(Protocol):
    """One way of paging; frozen, so it can be shared."""

    @property
    def size(self) -> int | None:
        """How many items it asks for at a time."""

    def first(self) -> Parameters:
        """Parameters of the first page, besides those of the question."""

    def after(self, answer: Answer) -> Parameters | None:
        """Parameters of the page behind this one; None: it was the last."""


@dataclass(frozen=True)
class LinkPages:
    """Pages with a ``Link`` header of RFC 8288 (GitHub, GitLab, Gitea, Buildkite): ``rel="next"``."""

    size: int = 100
    size_name: str = "per_page"

    def first(self) -> Parameters:
        """Ask for whole pages."""
        return {self.size_name: self.size}

    def after(self, answer: Answer) -> Parameters | None:
        """Take the query of the next link, whatever host it names."""
        for address, attributes in LINK.findall(answer.headers.get("link", "")):
            if NEXT.search(attributes):
                return dict(parse_qsl(address.partition("#")[0].partition("?")[2], keep_blank_values=True))
        return None


@dataclass(frozen=True)
class NumberedPages:
    """Pages counted from 1 (Gitea); ``items`` is the key of the list, None: the body is the list.

    A page shorter than was asked for need not be the last, since servers cap the size: it is, when it is empty, or when
    the server tells a total that is reached, or tells none. Where a page lies in the list is certain only where the
    server is known to give the ``size`` that is asked for (``uncapped``); else a short last one is asked behind once.
    """

    size: int = 50
    size_name: str = "limit"
    page_name: str = "page"
    items: str | None = None
    uncapped: bool = False

    def first(self) -> Parameters:
        """Ask for page 1."""
        return {self.size_name: self.size, self.page_name: 1}

    def after(self, answer: Answer) -> Parameters | None:
        """Ask for the page with the next number unless this was the last."""
        page, count = int(answer.request.params.get(self.page_name, 1)), len(listed(answer, self.items))
        total = total_of(answer)
        read = (page - 1) * self.size + count if self.uncapped else page * count
        if count == 0 or (count < self.size if total is None else read >= total):
            return None
        return {self.size_name: self.size, self.page_name: page + 1}


@dataclass(frozen=True)
class TokenPages:
    """Pages named by a token in the body (``path`` to it, e.g. ``pageInfo.nextCursor``), given back as ``name``."""

    name: str
    path: str
    size: int | None = None
    size_name: str = "limit"

    def first(self) -> Parameters:
        """Ask without a token."""
        return {} if self.size is None else {self.size_name: self.size}

    def after(self, answer: Answer) -> Parameters | None:
        """Give the token back; none, or an empty one, is the end."""
        value = answer.body
        for key in self.path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        told = isinstance(value, str | int) and not isinstance(value, bool) and value != ""
        return {**self.first(), self.name: value} if told else None


@dataclass(frozen=True)
class OffsetPages:
    """Pages by the number of items before them; ``more`` is the key that tells whether there are any (PagerDuty)."""

    items: str
    size: int = 100
    size_name: str = "limit"
    offset_name: str = "offset"
    more: str | None = None
    begins: int = 0

    def first(self) -> Parameters:
        """Ask for the beginning."""
        return {self.size_name: self.size, self.offset_name: self.begins}

    def after(self, answer: Answer) -> Parameters | None:
        """Go on behind what this page held; without a word about more, a short page is the last."""
        count = len(listed(answer, self.items))
        told = answer.body.get(self.more) if self.more and isinstance(answer.body, dict) else None
        more = bool(told) if told is not None else count >= self.size
        if not (more and count):
            return None
        offset = int(answer.request.params.get(self.offset_name, self.begins))
        return {self.size_name: self.size, self.offset_name: offset + count}


class Walk:
    """One walk through a list: it ends although a server's pages never do, and looks back when the list shrinks.

    A page that says the same as the one before, or is asked for a second time, is the last. When the total that the
    server tells falls between two pages, items have moved up across the border, so as many pages are read again as
    they can have moved.
    """

    def __init__(self, paginator: Paginator, source: str) -> None:
        self._paginator = paginator
        self._source = source
        self._asked: set[str] = set()
        self._pages = 0
        self._behind: list[Request] = []
        self._before: Any = None
        self._total: int | None = None
        self._ahead: deque[Request | None] = deque()

    def first(self, request: Request) -> Request:
        """The first question."""
        return self._asking(request, self._paginator.first())

    def after(self, answer: Answer) -> Request | None:
        """The question behind an answer; None: that was all. `SourceUnavailable` when there is no end to it."""
        self._pages += 1
        if self._pages > MOST_PAGES:
            fix = "Narrow what is collected, or ask the server's operator"
            raise SourceUnavailable(self._source, f"{answer.request.path} has more than {MOST_PAGES:,} pages", fix)
        if answer.not_modified:
            return None
        if self._ahead:
            return self._ahead.popleft()
        repeated, self._before = bool(self._behind) and self._before == answer.body, answer.body
        if repeated:
            return None
        # of another page, and of the same page read again, the validator of the first says nothing
        self._behind.append(replace(answer.request, etag=None))
        onward = self._onward(self._behind[-1], self._paginator.after(answer))
        moved = self._moved_up(answer)
        if not moved or len(self._behind) == 1:
            return onward
        self._ahead = deque([*self._behind[-1 - moved : -1], onward])
        return self._ahead.popleft()

    def _onward(self, request: Request, parameters: Parameters | None) -> Request | None:
        if parameters is None or _key(parameters) in self._asked:
            return None
        return self._asking(request, parameters)

    def _asking(self, request: Request, parameters: Parameters) -> Request:
        self._asked.add(_key(parameters))
        return request.asking(parameters)

    def _moved_up(self, answer: Answer) -> int:
        """Over how many pages items can have moved since the page before."""
        before, self._total = self._total, total_of(answer)
        gone = 0 if before is None or self._total is None else max(before - self._total, 0)
        return -(-gone // (self._paginator.size or gone or 1))


def listed(answer: Answer, key: str | None) -> list[Mapping[str, object]]:
    """The items of a page: the body, or the list under ``key``; what is no list has none."""
    items = answer.body.get(key) if key and isinstance(answer.body, dict) else answer.body
    return items if isinstance(items, list) else []


def total_of(answer: Answer) -> int | None:
    """How many items the whole list has, as the server says; None where it does not."""
    for name in TOTALS:
        text = answer.headers.get(name, "")
        if text.isdecimal():
            return int(text)
    for name in ("total_count", "total", "totalResults"):
        value = answer.body.get(name) if isinstance(answer.body, dict) else None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def _key(parameters: Parameters) -> str:
    return json.dumps(parameters, sort_keys=True)
