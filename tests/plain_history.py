"""One service's production, in order, and which commits each deployment brought (E5, E12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plain_deployments import (
    RAN,
    Deployment,
    ancestors,
    assemble,
    join_environments,
    of_one_origin,
    replaces_what_runs,
    role_of,
)
from plain_events import Event, World, is_production, service_event, touches

NO_SERVICE = ""
"""The service of a scope that holds none."""


@dataclass(frozen=True, eq=False)
class History:
    """Everything one service brought to production, in order, and what each deployment shipped.

    ``reached`` maps a deployment's id to the commits new with it; ``matched`` keeps those on the
    service's paths. Of ``uncertain`` ones a cut history leaves open what is new.
    """

    world: World
    service: str
    graph: Mapping[str, Event]
    deployments: tuple[Deployment, ...]
    reached: Mapping[str, frozenset[str]]
    matched: Mapping[str, frozenset[str]]
    uncertain: frozenset[str]

    @property
    def ran(self) -> list[Deployment]:
        """Deployments after which something else, or the same again, ran in production."""
        return [d for d in self.deployments if d.role in RAN and d.outcome == "success"]

    @property
    def shipped(self) -> list[Deployment]:
        """Deployments that count in frequency."""
        return [d for d in self.deployments if d.role == "shipped"]

    @property
    def first(self) -> Deployment | None:
        """The first shipped deployment, which has no lead time (E5)."""
        return self.shipped[0] if self.shipped else None


def commit_graph(world: World, service: str) -> dict[str, Event]:
    """Give the commits a deployment of the service may name, by sha."""
    home = service_event(world, service).get("repository")
    commits = world.of("commit")
    return {each["sha"]: each for each in commits if home in (None, each["repository"])}


def newly_reached(graph: Mapping[str, Event], deployments: Sequence[Deployment]) -> dict[str, frozenset[str]]:
    """Give what each deployment reaches and no earlier successful one does (E5)."""
    seen: set[str] = set()
    fresh: dict[str, frozenset[str]] = {}
    for each in deployments:
        if replaces_what_runs(each):
            mine = ancestors(graph, each.stated("sha"))
            fresh[each.id] = frozenset(mine - seen)
            seen |= mine
    return fresh


def entered(commit: Event) -> datetime:
    """Give when a commit entered its history."""
    return datetime.fromisoformat(commit["committed_at"])


def cut_off(graph: Mapping[str, Event], reached: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Give the deployments that came to the end of a cut history, or brought what may lie behind one (E26)."""
    ends: list[Event] = []
    found = set()
    for name, shas in reached.items():
        brought = [graph[sha] for sha in shas]
        behind = [each for each in brought for end in ends if entered(each) <= entered(end)]
        own = [each for each in brought if each.get("history_cut") and not graph.keys() >= set(each["parents"])]
        ends += own
        found |= {name} if own or behind else set()
    return frozenset(found)


def is_elsewhere(deployment: Deployment, paths: Sequence[str], matched: frozenset[str]) -> bool:
    """Tell a monorepo's tag that brings nothing to this service (E12)."""
    return bool(paths and deployment.stated("inferred_from") and not matched)


def production_events(world: World, service: str) -> list[Event]:
    """Give the service's deployment events to production, of one origin; those to elsewhere decide nothing."""
    mine = [each for each in world.of("deployment") if each["service"] == service]
    return of_one_origin([event for event in mine if is_production(event)])


def history(world: World, service: str) -> History:
    """Derive everything about a service's deployments from the events."""
    graph = commit_graph(world, service)
    paths = service_event(world, service).get("paths") or ()
    raw = join_environments(assemble(service, production_events(world, service)))
    reached = newly_reached(graph, raw)
    matched = {name: frozenset(sha for sha in shas if touches(paths, graph[sha])) for name, shas in reached.items()}
    roles = {each.id: role_of(graph, raw, each) for each in raw}
    for each in raw:
        # the same commit again is a redeploy (E7) before it is somebody else's release (E12)
        if roles[each.id] == "shipped" and each.stated("sha") in graph and is_elsewhere(each, paths, matched[each.id]):
            roles[each.id] = "elsewhere"
    done = tuple(replace(each, role=roles[each.id]) for each in raw)
    return History(world, service, graph, done, reached, matched, cut_off(graph, reached))
