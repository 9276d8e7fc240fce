"""Reading pull requests: one GraphQL question for a hundred of them, with their commits, reviews and timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collectors.forge.reading import Dated, Landing
from collectors.github.nodes import parse_pull_request_node
from collectors.github.queries import MORE_OF_PULL_REQUEST, PULL_REQUESTS
from collectors.github.reading import Backward
from collectors.parsed import merged, part, parts, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.forge.reading import State
    from collectors.github.reading import GitHubReading
    from collectors.http.exchange import Parameters
    from collectors.parsed import Parsed

NEWEST: Parameters = {"state": "all", "sort": "updated", "direction": "desc", "per_page": 1}
OVERLAP = timedelta(minutes=5)
UPDATED = Backward(PULL_REQUESTS, ("repository", "pullRequests"), "updatedAt", OVERLAP)


@dataclass(frozen=True)
class Changes(Dated):
    """Pull requests that were updated, newest first.

    A repository where none was costs one conditional request. A page costs one question, and one for each hundred
    more commits, reviews or timeline events of a pull request that has more than come with it.
    """

    what = "pull requests"
    permission = "`Pull requests: read` and `Contents: read` (a classic token: `repo`)"
    reads = frozenset({"change", "commit", "review", "review_request"})

    def read(self, reading: GitHubReading, state: State) -> Iterator[Landing]:
        """Ask whether any has changed, and read back to what was read before."""
        newest = reading.changed("/pulls", NEWEST)
        if (newest.not_modified or newest.body == []) and "walking" not in state:
            return
        for nodes, after in UPDATED.pages(reading, state):
            facts = merged(self._parsed(reading, node) for node in nodes)
            over = "walking" not in after
            yield Landing(after, facts, newest.etags if over else {})

    def _parsed(self, reading: GitHubReading, node: Mapping[str, Any]) -> Parsed:
        return parse_pull_request_node(_whole(reading, node) if node else {}, reading.place)


def _whole(reading: GitHubReading, node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The pull request with all its commits, reviews and timeline events, however many there are."""
    for connection, question in MORE_OF_PULL_REQUEST.items():
        found = part(node, connection)
        nodes = parts(found, "nodes")
        while part(found, "pageInfo", "hasNextPage"):
            data = reading.graphql.ask(
                question, {"id": part(node, "id"), "after": text(found, "pageInfo", "endCursor")}
            )
            found = part(data, "node", connection)
            nodes = [*nodes, *parts(found, "nodes")]
        node = {**node, connection: found and {"nodes": nodes}}
    return node
