"""What the readers of a repository's parts share: whom they ask, what they hand over, and walks back in time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from collectors.github.events import at, items, text
from collectors.github.graphql import LARGEST, GraphQL, StaleCursor
from collectors.http.exchange import Request
from tribometer.errors import SourceMissing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from collectors.base import ETags, Rejection
    from collectors.github.events import Place
    from collectors.http.client import Client
    from collectors.http.exchange import Answer, Parameters
    from tribometer.errors import SourceForbidden
    from tribometer.events import Event

State = dict[str, Any]
"""How far one part is; JSON, its part of the repository's cursor."""


@dataclass(frozen=True)
class Landing:
    """What one part hands over at once: events, and how far it is with them."""

    state: State
    events: Sequence[Event] = ()
    rejected: Sequence[Rejection] = ()
    etags: Mapping[str, str] = field(default_factory=dict)


class Part(Protocol):
    """Reads one kind of thing of a repository."""

    @property
    def what(self) -> str:
        """Name of its part of the cursor; what a remark says cannot be read."""

    @property
    def permission(self) -> str:
        """What the token needs for it."""

    def begins(self, since: str) -> State:
        """The state of a part that is read from a time on."""

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """Read what is new; raise `SourceError`."""


class Dated:
    """A part that knows by one time how far it is."""

    def begins(self, since: str) -> State:
        """The time."""
        return {"since": since}


@dataclass
class Attempts:
    """What this collection has seen of attempts: the last one of a run, and which one a job of a re-run is of."""

    last: dict[int, int] = field(default_factory=dict)
    of_job: dict[int, int] = field(default_factory=dict)

    def of(self, run: int, job: int | None) -> int | None:
        """The attempt that a run's job is of; None where that is not known."""
        return self.of_job.get(job or 0) if self.last.get(run) != 1 else 1


@dataclass(frozen=True)
class Reading:
    """One repository while it is read: its place, where its default branch stands, whom to ask, what was answered.

    ``head`` is None in a repository without commits, and where it is ``hidden``: then that says why. ``prefix`` stands
    before the server's paths.
    """

    place: Place
    head: str | None
    prefix: str
    client: Client
    graphql: GraphQL
    etags: ETags
    attempts: Attempts = field(default_factory=Attempts)
    hidden: SourceForbidden | None = None

    def standing(self) -> str | None:
        """Where the default branch stands; raise `SourceForbidden` where the token may not see it."""
        if self.hidden:
            raise self.hidden
        return self.head

    @property
    def variables(self) -> dict[str, Any]:
        """The repository as GraphQL's questions name it."""
        owner, _, name = self.place.repository.partition("/")
        return {"owner": owner, "name": name}

    @property
    def now(self) -> datetime:
        """The present, as the collection has it."""
        return self.client.server.clock()

    def path(self, rest: str) -> str:
        """A path below the repository's."""
        return f"{self.prefix}/repos/{self.place.repository}/{rest}"

    def request(self, rest: str, params: Parameters | None = None, *, conditional: bool = False) -> Request:
        """A question about the repository; a conditional one costs nothing of the quota when nothing has changed."""
        query = f"?{urlencode(params)}" if params else ""
        url = f"{self.client.server.url}{self.path(rest)}{query}"
        return Request(self.path(rest), params or {}, etag=self.etags.get(url) if conditional else None)

    def changed(self, rest: str, params: Parameters | None = None) -> Answer:
        """Ask whether something is another than before."""
        return self.client.send(self.request(rest, params, conditional=True))

    def each(self, requests: Sequence[Request]) -> Iterator[Answer | None]:
        """Ask several at a time; None for what is not there any more."""
        rest = list(requests)
        while rest:
            done = 0
            try:
                for answer in self.client.each(rest):
                    done += 1
                    yield answer
            except SourceMissing:
                yield None
            rest = rest[done + 1 :]


@dataclass(frozen=True)
class Backward:
    """A connection that begins with the newest: ``path`` to it, and ``when`` its nodes are, by which it is ordered."""

    question: str
    path: tuple[str, ...]
    when: str
    overlap: timedelta

    def pages(self, reading: Reading, state: State) -> Iterator[tuple[list[Mapping[str, Any]], State]]:
        """Pages until what was read before, with the state behind each.

        State: ``since``, the newest time that was read, ``size`` of a page, and ``walking`` while a walk is under way:
        the newest time it has met and the place behind its last page. A walk that was cut off goes on there, and what
        has changed meanwhile is read by another one.
        """
        for _ in range(2 if "walking" in state else 1):
            try:
                state = yield from self._walk(reading, state)
            except StaleCursor:
                state = yield from self._walk(reading, {key: state[key] for key in state if key != "walking"})

    def _walk(self, reading: Reading, state: State) -> Generator[tuple[list[Mapping[str, Any]], State], None, State]:
        since, walking = state.get("since"), state.get("walking", {})
        after, newest = walking.get("after"), walking.get("newest")
        until = before(since, self.overlap) or ""
        size = min(state.get("size", LARGEST) * (1 if walking else 2), LARGEST)
        while True:
            asked = {**reading.variables, "after": after}
            connection, size = reading.graphql.page(self.question, asked, self.path, size)
            nodes = items(connection, "nodes")
            # what the server could not tell of stands in the list as null
            times = [time for node in nodes if (time := text(node, self.when))]
            newest = newest or next(iter(times), None)
            after = text(connection, "pageInfo", "endCursor")
            over = min(times, default=until) < until or not (at(connection, "pageInfo", "hasNextPage") and after)
            place = (
                {"since": newest or since} if over else {"since": since, "walking": {"newest": newest, "after": after}}
            )
            state = {**place, "size": size}
            yield [node for node in nodes if (text(node, self.when) or until) >= until], state
            if over:
                return state


def before(time: str | None, span: timedelta) -> str | None:
    """A time of GitHub's some span earlier, in GitHub's words; None for none, and for what is no time."""
    try:
        return None if time is None else stamp(datetime.fromisoformat(time) - span)
    except (ValueError, OverflowError):
        return None


def stamp(time: datetime) -> str:
    """A time in GitHub's words."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
