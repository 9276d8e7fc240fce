"""One question to a server and its answer, as collectors see them: plain data, no connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

NOT_MODIFIED = 304

Parameters = Mapping[str, str | int | bool]


@dataclass(frozen=True)
class Request:
    """What is asked for: a path below the server's address, never a whole URL, so that nothing leaves the host.

    ``json`` is the body of a POST. ``etag`` asks for an answer only if it is another one than before. ``judge`` looks
    at an answer that HTTP calls good; it may raise `Again` or `Limited` (GraphQL says 200 to everything). ``tries``:
    how often it is asked before it has failed, None: as often as the server's other questions.
    """

    path: str
    params: Parameters = field(default_factory=dict)
    method: str = "GET"
    json: Any = None
    etag: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: bool = False
    judge: Callable[[Answer], None] | None = field(default=None, compare=False)
    tries: int | None = None

    def asking(self, params: Parameters) -> Request:
        """Ask the same with other parameters besides."""
        return replace(self, params={**self.params, **params})


@dataclass(frozen=True)
class Answer:
    """What came back: ``body`` is the JSON (or text, where that was asked for), None of an empty answer.

    ``headers`` have lower-case names. ``url`` is the address with its query, without user or password: the key of
    its ``etag``.
    """

    request: Request
    url: str
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def not_modified(self) -> bool:
        """Whether the server says that nothing has changed since the request's etag; there is no body then."""
        return self.status == NOT_MODIFIED

    @property
    def etag(self) -> str | None:
        """The validator to ask with next time."""
        return self.headers.get("etag")

    @property
    def etags(self) -> Mapping[str, str]:
        """The same as a page takes it; empty when the server gives none, or nothing has changed."""
        return {self.url: self.etag} if self.etag and not self.not_modified else {}


class Abandoned(Exception):
    """Nobody wants this answer any more. It never leaves the client."""


class Again(Exception):
    """An answer that may be another one in a moment; ``problem`` says what it was. It never leaves the client."""

    def __init__(self, problem: str, wait: float | None = None) -> None:
        """``wait`` is the seconds the server asks for, None where it does not say."""
        super().__init__(problem)
        self.problem = problem
        self.wait = wait


class Limited(Again):
    """The server allows no more requests for now; ``spent``: the whole quota of this credential is used up."""

    def __init__(self, problem: str, wait: float | None, *, spent: bool = False) -> None:
        """``wait`` as above."""
        super().__init__(problem, wait)
        self.spent = spent
