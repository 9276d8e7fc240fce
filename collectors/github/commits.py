"""Reading the commits of the default branch, newest first, a hundred to a question."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collectors.forge.reading import Dated, Landing
from collectors.github.graphql import LARGEST, StaleCursor
from collectors.github.nodes import parse_commit_node
from collectors.github.parse import parse_commit
from collectors.github.queries import HISTORY
from collectors.github.reading import before
from collectors.http.paging import LinkPages
from collectors.parsed import merged, part, parts, text
from tribometer.errors import SourceMissing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from collectors.forge.reading import State
    from collectors.github.reading import GitHubReading

HISTORY_PATH = ("repository", "object", "history")
OVERLAP = timedelta(days=1)


@dataclass(frozen=True)
class Commits(Dated):
    """The default branch from its head back to what was read before.

    State: ``head`` and its time ``since``, of the last whole walk; ``walking`` while one is under way. GitHub leaves
    out what is older than ``since``, also where it was merged only now: where a new merge leads to such a commit, what
    the new head reaches and the old one did not is asked for exactly, by a comparison.
    """

    what = "commits"
    permission = "`Contents: read` (a classic token: `repo`)"
    reads = frozenset({"commit"})

    def read(self, reading: GitHubReading, state: State) -> Iterator[Landing]:
        """Finish a walk that was cut off, then read what is new at the head."""
        if "walking" in state:
            state = yield from _walk(reading, state, state["walking"]["head"])
            yield Landing(state)
        head = reading.standing()
        if head and head != state.get("head"):
            state = yield from _walk(reading, state, head)
            yield Landing(state)


@dataclass
class _Edges:
    """Parents that the walk has not come to: of all commits the child, of new merges those beside the first."""

    known: str | None
    children: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    beside: set[str] = field(default_factory=set)
    new: bool = True

    def take(self, nodes: Iterable[Mapping[str, Any]]) -> None:
        """Follow the walk, newest first."""
        for node in nodes:
            sha, parents = part(node, "oid"), [part(each, "oid") for each in parts(node, "parents", "nodes")]
            self.children.pop(sha, None)
            self.beside.discard(sha)
            self.new = self.new and sha != self.known
            self.children |= dict.fromkeys(parents, node)
            self.beside |= set(parents[1:]) if self.new else set()


def _walk(reading: GitHubReading, state: State, head: str) -> Generator[Landing, None, State]:
    """Read one head's history from where the walk stands; gives the state behind it."""
    walking, known, since = state.get("walking", {}), state.get("head"), state.get("since")
    edges = _Edges(known, beside=set(walking.get("beside", ())), new=walking.get("new", True))
    after, newest = walking.get("after"), walking.get("newest")
    size = state.get("size", LARGEST)
    while True:
        asked = {**reading.variables, "head": head, "after": after, "since": before(since, OVERLAP)}
        try:
            connection, size = reading.graphql.page(HISTORY, asked, HISTORY_PATH, size)
        except (StaleCursor, SourceMissing):
            if not walking:
                raise
            # that head is gone from the repository: what is reachable now is read from the start
            return {key: state[key] for key in ("head", "since", "size") if key in state}
        nodes = parts(connection, "nodes")
        edges.take(nodes)
        newest = newest or next((text(node, "committedDate") for node in nodes), None)
        after = text(connection, "pageInfo", "endCursor")
        over = not (part(connection, "pageInfo", "hasNextPage") and after)
        place = {"head": head, "after": after, "newest": newest, "beside": sorted(edges.beside), "new": edges.new}
        state = {**state, "walking": place, "size": min(2 * size, LARGEST) if over else size}
        facts = merged(parse_commit_node(node, reading.place) for node in nodes)
        if over:
            break
        yield Landing(state, facts)
    yield Landing(state, facts)
    yield from _left_out(reading, state, edges, bounded=since is not None)
    return {"head": head, "since": newest or since, "size": state["size"]}


def _left_out(reading: GitHubReading, state: State, edges: _Edges, *, bounded: bool) -> Iterator[Landing]:
    """What the bound in time has kept from the walk: side branches that were merged late, and where history ends."""
    if edges.known is None and bounded:
        cut = (parse_commit_node(node, reading.place, cut=True) for node in edges.children.values())
        yield Landing(state, merged(cut))
    elif edges.known and edges.beside:
        comparison = reading.request(f"/compare/{edges.known}...{state['walking']['head']}")
        try:
            for answer in reading.client.pages(comparison, LinkPages()):
                commits = (parse_commit(raw, reading.place) for raw in parts(answer.body, "commits"))
                yield Landing(state, merged(commits))
        except SourceMissing:
            return  # the old head is gone from the repository: all that is reachable was walked
