"""What the readers of a repository's parts share at GitHub: questions of GraphQL, and walks back in time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors.forge.reading import Reading
from collectors.github.graphql import LARGEST, GraphQL, StaleCursor
from collectors.parsed import part, parts, text
from tribometer.errors import SourceMissing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from collectors.forge.reading import State
    from collectors.http.exchange import Answer, Request
    from tribometer.errors import SourceForbidden


@dataclass
class Attempts:
    """What this collection has seen of attempts: the last one of a run, and which one a job of a re-run is of."""

    last: dict[int, int] = field(default_factory=dict)
    of_job: dict[int, int] = field(default_factory=dict)

    def of(self, run: int, job: int | None) -> int | None:
        """The attempt that a run's job is of; None where that is not known."""
        return self.of_job.get(job or 0) if self.last.get(run) != 1 else 1


@dataclass(frozen=True)
class GitHubReading(Reading):
    """One repository while it is read, with what was answered so far.

    ``head`` is None where it is ``hidden``, too: then that says why.
    """

    graphql: GraphQL
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

    def pages(self, reading: GitHubReading, state: State) -> Iterator[tuple[list[Mapping[str, Any]], State]]:
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

    def _walk(
        self, reading: GitHubReading, state: State
    ) -> Generator[tuple[list[Mapping[str, Any]], State], None, State]:
        since, walking = state.get("since"), state.get("walking", {})
        after, newest = walking.get("after"), walking.get("newest")
        until = before(since, self.overlap) or ""
        size = min(state.get("size", LARGEST) * (1 if walking else 2), LARGEST)
        while True:
            asked = {**reading.variables, "after": after}
            connection, size = reading.graphql.page(self.question, asked, self.path, size)
            nodes = parts(connection, "nodes")
            # what the server could not tell of stands in the list as null
            times = [time for node in nodes if (time := text(node, self.when))]
            newest = newest or next(iter(times), None)
            after = text(connection, "pageInfo", "endCursor")
            over = min(times, default=until) < until or not (part(connection, "pageInfo", "hasNextPage") and after)
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
