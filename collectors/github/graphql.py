"""Asking GitHub's GraphQL: its errors come with status 200, and its pages shrink until the server bears them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.http.exchange import Again, Limited, Request
from collectors.http.limits import TOO_MANY, limited
from collectors.parsed import part, parts, text
from tribometer.errors import SourceBusy, SourceForbidden, SourceGone, SourceMissing, SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.http.client import Client
    from collectors.http.exchange import Answer

PATH = "/graphql"
LARGEST, SMALLEST = 100, 10
TRIES_BEFORE_LESS = 2
LIMITED = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
TOO_MUCH = frozenset({"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "TIMEOUT", "EXECUTION_TIMEOUT"})
FAILED = ("something went wrong", "timed out", "timedout", "resource limits")
REFUSED = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})
STALE = frozenset({"INVALID_CURSOR_ARGUMENTS"})


class StaleCursor(SourceUnavailable):
    """The server does not know the place in a list any more; the list has to be read from its beginning."""


@dataclass(frozen=True)
class GraphQL:
    """The GraphQL side of one server; ``source`` is how errors call it."""

    client: Client
    source: str

    def ask(self, query: str, variables: Mapping[str, Any], *, tries: int | None = None) -> dict[str, Any]:
        """The ``data`` of an answer, which may lack parts that the credential may not see.

        Raise what `Client.send` raises, and `StaleCursor`.
        """
        body = {"query": query, "variables": dict(variables)}
        request = Request(PATH, method="POST", json=body, judge=self._judge, tries=tries)
        answer = self.client.send(request)
        data = part(answer.body, "data")
        return data if isinstance(data, dict) else {}

    def page(
        self, query: str, variables: Mapping[str, Any], path: tuple[str, ...], size: int
    ) -> tuple[Mapping[str, Any], int]:
        """One page of the connection at ``path``, and the size at which the server bore it.

        What fails twice is asked with half the size, down to `SMALLEST`; that is asked with all patience. Raise
        `SourceMissing` where there is no such connection.
        """
        while True:
            tries = TRIES_BEFORE_LESS if size > SMALLEST else None
            try:
                data = self.ask(query, {**variables, "size": size}, tries=tries)
            except (SourceBusy, StaleCursor):
                raise
            except SourceUnavailable:
                if size <= SMALLEST:
                    raise
                size = max(size // 2, SMALLEST)
            else:
                connection = part(data, *path)
                if not isinstance(connection, dict):
                    raise SourceMissing(self.source, f"GraphQL has no {'.'.join(path)}", "Check its name and the token")
                return connection, size

    def _judge(self, answer: Answer) -> None:
        """Raise what an answer's errors mean; errors of parts beside good data are passed over.

        What the server could not do in time is asked for in smaller pages as long as those get smaller.
        """
        whole = not any((part(answer.body, "data") or {}).values())
        for error in parts(answer.body, "errors"):
            kind, words = text(error, "type") or "", (text(error, "message") or "").casefold()
            if kind in LIMITED or "rate limit" in words:
                raise limited(TOO_MANY, answer.headers, words, self.client.server.clock()) or Limited(words, None)
            overdone = kind in TOO_MUCH or any(failed in words for failed in FAILED)
            if overdone and (whole or answer.request.tries is not None):
                raise Again("GraphQL could not answer in time")
            if kind in STALE or "valid cursor" in words:
                fix = "The next collection begins the list anew"
                raise StaleCursor(self.source, "the server has forgotten the place in a list", fix)
            if whole:
                raise self._refused(kind, text(error, "message") or "no reason given")

    def _refused(self, kind: str, words: str) -> SourceGone:
        if kind == "NOT_FOUND":
            return SourceMissing(self.source, words, "Check its name, and that the token may see it")
        if kind in REFUSED:
            return SourceForbidden(self.source, words, "Give the token the right to read it")
        return SourceGone(self.source, f"GraphQL: {words}", "Update the server, or this program")
