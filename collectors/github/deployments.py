"""Reading the deployments that GitHub keeps by environment, with their statuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collectors.forge.reading import Landing, Waiting
from collectors.github.delivery import FINAL, made_by, parse_deployment
from collectors.github.gates import Gates
from collectors.github.nodes import deployment_of
from collectors.github.queries import DEPLOYMENTS, SOME_DEPLOYMENTS
from collectors.github.reading import Backward
from collectors.parsed import Parsed, merged, part, parts
from tribometer.events import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collectors.forge.reading import State
    from collectors.github.reading import GitHubReading
    from collectors.github.releases import Releases

    Node = Mapping[str, Any]

AT_ONCE = 100
CREATED = Backward(DEPLOYMENTS, ("repository", "deployments"), "createdAt", timedelta(hours=1))


@dataclass(frozen=True)
class Deployments(Waiting):
    """Deployments with their statuses, and the gates they waited at; in a repository without any, its releases.

    State: that of the walk back; ``open``, those that had not ended: they are asked for again, a hundred to a
    question, until they have; ``none`` while there has never been any, and then that of the ``releases``.
    """

    instead: Releases | None = None

    what = "deployments"
    permission = "`Deployments: read` and `Actions: read` (a classic token: `repo`)"
    reads = frozenset({"deployment", "gate"})

    def read(self, reading: GitHubReading, state: State) -> Iterator[Landing]:
        """Ask whether there is a new one; read back to what was read before, then what had not ended."""
        newest = reading.changed("/deployments", {"per_page": 1})
        none = newest.body == [] if not newest.not_modified else bool(state.get("none"))
        if none:
            yield Landing({**state, "none": True}, etags=newest.etags)
            yield from self._released(reading, state)
            return
        waiting = _Waiting(Gates(reading), set(state.get("open", ())))
        if not newest.not_modified or "walking" in state:
            walk: State = {key: state[key] for key in ("since", "size", "walking") if key in state}
            for nodes, place in CREATED.pages(reading, walk):
                facts = waiting.parsed(reading, nodes)
                state = {**place, "open": sorted(waiting.open)}
                yield Landing(state, facts)
        for ids in _hundreds(sorted(waiting.open - waiting.met)):
            nodes = parts(reading.graphql.ask(SOME_DEPLOYMENTS, {"ids": ids}), "nodes")
            waiting.open.difference_update(ids)
            facts = waiting.parsed(reading, [node for node in nodes if node])
            state = {**state, "open": sorted(waiting.open)}
            yield Landing(state, facts)
        yield Landing(state, etags=newest.etags)

    def _released(self, reading: GitHubReading, state: State) -> Iterator[Landing]:
        if self.instead:
            for landing in self.instead.read(reading, state.get("releases", {})):
                after = {"none": True, "releases": landing.state}
                yield Landing(after, landing.facts, landing.etags)


@dataclass
class _Waiting:
    """Deployments that had not ended when they were looked at last, by their node."""

    gates: Gates
    open: set[str]
    met: set[str] = field(default_factory=set)

    def parsed(self, reading: GitHubReading, nodes: Iterable[Node]) -> Parsed:
        """The events of some deployments; notes which of them have ended."""
        parsed = Parsed()
        for node in nodes:
            found = self._events(reading, node)
            goes_on = any(isinstance(each, Deployment) and each.status not in FINAL for each in found.events)
            (self.open.add if goes_on else self.open.discard)(str(part(node, "id")))
            self.met.add(str(part(node, "id")))
            parsed.take(found)
        return parsed

    def _events(self, reading: GitHubReading, node: Node) -> Parsed:
        place = reading.place
        deployment, statuses = deployment_of(node)
        maker = made_by(statuses)
        attempt = reading.attempts.of(*maker) if maker else None
        run = place.run(maker[0], attempt) if maker and attempt else None
        events = parse_deployment(deployment, statuses, place, run=run)
        return merged([events, self.gates.of(node, place.deployment(deployment["id"]))])


def _hundreds(ids: list[str]) -> Iterator[list[str]]:
    for begin in range(0, len(ids), AT_ONCE):
        yield ids[begin : begin + AT_ONCE]
