"""What the readers of a repository's parts share: whom they ask, what they hand over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import urlencode

from collectors.ci.asking import each_found
from collectors.http.exchange import Answer, Request
from collectors.http.paging import listed
from collectors.parsed import Parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collectors.base import ETags
    from collectors.forge.facts import Place, Raw
    from collectors.http.client import Client
    from collectors.http.exchange import Parameters
    from collectors.http.paging import Paginator
    from tribometer.store import Remark

R_contra = TypeVar("R_contra", bound="Reading", contravariant=True)
State = dict[str, Any]
"""How far one part is; JSON, its part of the repository's cursor."""


@dataclass(frozen=True)
class Landing:
    """What one part hands over at once: what it read, and how far it is with it."""

    state: State
    facts: Parsed = field(default_factory=Parsed)
    etags: Mapping[str, str] = field(default_factory=dict)
    remarks: Sequence[Remark] = ()


class Part(Protocol[R_contra]):
    """Reads one kind of thing of a repository; of a source that knows more while it reads, with that."""

    @property
    def what(self) -> str:
        """Name of its part of the cursor; what a remark says cannot be read."""

    @property
    def permission(self) -> str:
        """What the token needs for it."""

    @property
    def reads(self) -> frozenset[str]:
        """The event types it can tell about."""

    def begins(self, since: str) -> State:
        """The state of a part that is read from a time on."""

    def unfinished(self, state: State) -> State:
        """What of a state a reading from elsewhere takes along: what had not ended."""

    def read(self, reading: R_contra, state: State) -> Iterator[Landing]:
        """Read what is new; raise `SourceError`."""


class Finishing:
    """A part whose things are over when they are told, or all told again: it has nothing to go back to."""

    def unfinished(self, state: State) -> State:
        """Nothing."""
        del state
        return {}


class Dated(Finishing):
    """A part that knows by one time how far it is."""

    def begins(self, since: str) -> State:
        """The time."""
        return {"since": since}


class Waiting(Dated):
    """One that asks again for what had not ended; its state has that as ``open``."""

    def unfinished(self, state: State) -> State:
        """The open ones."""
        return {"open": state["open"]} if "open" in state else {}


class Current(Finishing):
    """A part that reads things as they stand."""

    def begins(self, since: str) -> State:
        """Nothing."""
        del since
        return {}


@dataclass(frozen=True)
class LabelledIssues(Finishing):
    """Issues with one of the labels, which are incidents. State: by label, when the last one that was read changed."""

    labels: tuple[str, ...]

    what = "incidents"
    reads = frozenset({"incident"})

    def begins(self, since: str) -> State:
        """The time, for each label."""
        return dict.fromkeys(self.labels, since)


@dataclass(frozen=True)
class Reading:
    """One repository while it is read: its place, its path on the server, where its default branch stands.

    ``head`` is None in a repository without commits. ``pages`` is how the server pages its lists.
    """

    place: Place
    root: str
    branch: str | None
    head: str | None
    client: Client
    etags: ETags
    pages: Paginator

    @property
    def now(self) -> datetime:
        """The present, as the collection has it."""
        return self.client.server.clock()

    def request(self, rest: str, params: Parameters | None = None, *, conditional: bool = False) -> Request:
        """A question about the repository; a conditional one is answered only if it is another answer than before."""
        path, query = f"{self.root}{rest}", f"?{urlencode(params)}" if params else ""
        etag = self.etags.get(f"{self.client.server.url}{path}{query}") if conditional else None
        return Request(path, params or {}, etag=etag)

    def changed(self, rest: str, params: Parameters | None = None) -> Answer:
        """Ask whether something is another than before."""
        return self.client.send(self.request(rest, params, conditional=True))

    def all(self, rest: str, params: Parameters | None = None) -> list[Raw]:
        """Every item of a list."""
        return list(self._items(self.request(rest, params)))

    def found(self, paths: Iterable[str], params: Parameters | None = None) -> list[Any]:
        """The answers' bodies to several questions, asked at the same time; None of what is gone or forbidden."""
        answers = each_found(self.client, [self.request(path, params) for path in paths])
        return [answer.body if isinstance(answer, Answer) else None for answer in answers]

    def lists(self, paths: Iterable[str], params: Parameters | None = None) -> list[list[Raw] | None]:
        """Several whole lists, their first pages asked at the same time; None of what is gone or forbidden."""
        first = {**self.pages.first(), **(params or {})}
        answers = list(each_found(self.client, [self.request(path, first) for path in paths]))
        return [self._rest(answer) if isinstance(answer, Answer) else None for answer in answers]

    def _rest(self, answer: Answer) -> list[Raw]:
        if self.pages.after(answer) is None:
            return _objects(answer)
        return list(self._items(answer.request))

    def _items(self, request: Request) -> Iterator[Raw]:
        for answer in self.client.pages(request, self.pages):
            yield from _objects(answer)


def _objects(answer: Answer) -> list[Raw]:
    return [item for item in listed(answer, None) if isinstance(item, dict)]
