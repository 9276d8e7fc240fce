"""Which results of a survey may be told, so that no subtraction of told ones leaves fewer people than were promised.

Results stand in one tree, the organisation over its teams, and beside it in one approved cross-cut of everybody. For
each question it is decided anew who is shown, for each is answered by other people:

- A group is shown from the minimum on, if the group above it is (Glint's and Culture Amp's rule of a least group).
- What is left of a group beside its shown parts is nobody or at least the minimum; otherwise the smallest shown part is
  hidden too, and so on (complementary suppression). So every set of people that adding and subtracting shown groups can
  isolate is a union of such leftovers, for the groups lie within each other.
- A cross-cut overlaps the tree. Adding and subtracting groups of both isolates exactly the cuts of the graph that
  joins the leftovers of the tree with those of the cross-cut by the people they share: no cut of it may hold fewer
  people than the minimum, or the smallest group of the cross-cut is hidden, until none does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EVERYBODY = ""
"""The team of whoever has none, and the leftover of the organisation itself."""
Weights = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Shown:
    """What may be told of one question: of everybody (``whole``), of these teams, of these groups of the cross-cut."""

    whole: bool
    teams: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


def shown(people: Mapping[tuple[str, str], int], above: Mapping[str, str | None], minimum: int) -> Shown:
    """Decide for one question; ``people`` counts who answered it by (team, group of the cross-cut), empty where untold.

    ``above`` gives the team above each. A team that stands in none of both has no team above it.
    """
    direct: Counter[str] = Counter()
    for (team, _), n in people.items():
        direct[team] += n
    if sum(direct.values()) < minimum:
        return Shown(whole=False)
    teams = shown_teams(direct, above, minimum)
    return Shown(whole=True, teams=teams, groups=_shown_groups(people, above, teams, minimum))


def shown_teams(direct: Mapping[str, int], above: Mapping[str, str | None], minimum: int) -> frozenset[str]:
    """The teams that may be told beside everybody; ``direct`` counts the people of each team itself."""
    below = _children(direct, above)
    totals: dict[str, int] = {}

    def total(team: str) -> int:
        if team not in totals:
            totals[team] = direct.get(team, 0) + sum(total(child) for child in below.get(team, ()))
        return totals[team]

    found: set[str] = set()
    waiting = [EVERYBODY]
    while waiting:
        group = waiting.pop()
        parts = _parts({child: total(child) for child in below.get(group, ())}, total(group), minimum)
        found |= parts
        waiting += sorted(parts)
    return frozenset(found)


def lineage(team: str, above: Mapping[str, str | None]) -> tuple[str, ...]:
    """A team and all teams above it, the nearest first; a circle ends where it closes."""
    line: list[str] = []
    current: str | None = team
    while current and current not in line:
        line.append(current)
        current = above.get(current)
    return tuple(line)


def _children(direct: Iterable[str], above: Mapping[str, str | None]) -> dict[str, list[str]]:
    """The teams below each; those in a circle have nothing above them."""
    below: dict[str, list[str]] = {}
    for team in sorted({*direct, *above, *filter(None, above.values())} - {EVERYBODY}):
        line = lineage(team, above)
        is_circle = above.get(line[-1]) in line
        parent = None if is_circle else above.get(team)
        below.setdefault(parent or EVERYBODY, []).append(team)
    return below


def _parts(sizes: Mapping[str, int], whole: int, minimum: int) -> set[str]:
    """Which parts of a shown group may be shown: large enough each, and what is left beside them too, or nobody."""
    parts = {name: n for name, n in sizes.items() if n >= minimum}
    while parts and 0 < whole - sum(parts.values()) < minimum:
        del parts[min(parts, key=lambda name: (parts[name], name))]
    return set(parts)


def _shown_groups(
    people: Mapping[tuple[str, str], int], above: Mapping[str, str | None], teams: frozenset[str], minimum: int
) -> frozenset[str]:
    """The groups of the cross-cut that may be told beside these teams."""
    sizes: Counter[str] = Counter()
    for (_, group), n in people.items():
        sizes[group] += n
    parts = _parts({group: n for group, n in sizes.items() if group}, sum(sizes.values()), minimum)
    while parts and _least_cut(_overlaps(people, above, teams, parts)) < minimum:
        parts.remove(min(parts, key=lambda group: (sizes[group], group)))
        parts = _parts({group: sizes[group] for group in parts}, sum(sizes.values()), minimum)
    return frozenset(parts)


def _overlaps(
    people: Mapping[tuple[str, str], int], above: Mapping[str, str | None], teams: frozenset[str], groups: set[str]
) -> Weights:
    """How many people each leftover of the tree shares with each leftover of the cross-cut, as a graph."""
    graph: Weights = {}
    for (team, group), n in people.items():
        if n:
            nearest = next((each for each in lineage(team, above) if each in teams), EVERYBODY)
            one, other = f"team:{nearest}", f"group:{group if group in groups else EVERYBODY}"
            for start, end in ((one, other), (other, one)):
                graph.setdefault(start, {})
                graph[start][end] = graph[start].get(end, 0) + n
    return graph


def _least_cut(graph: Weights) -> int:
    """The fewest people that any cut of a connected part of the graph holds (Stoer & Wagner 1997)."""
    least = sum(sum(ends.values()) for ends in graph.values()) or 1
    unseen = set(graph)
    while unseen:
        part, waiting = set(), [min(unseen)]
        while waiting:
            node = waiting.pop()
            if node not in part:
                part.add(node)
                waiting += graph[node]
        unseen -= part
        least = min(least, _cut_of_connected({node: dict(graph[node]) for node in part}, least))
    return least


def _cut_of_connected(graph: Weights, least: int) -> int:
    """The least cut of a connected graph, at most ``least``; the graph is used up."""
    while len(graph) > 1:
        first = min(graph)
        joined, reach, weight = [first], dict(graph[first]), 0
        while len(joined) < len(graph):
            last = max(sorted(graph.keys() - joined), key=lambda node: reach.get(node, 0))
            weight = reach.get(last, 0)
            joined.append(last)
            for end, n in graph[last].items():
                reach[end] = reach.get(end, 0) + n
        least = min(least, weight)
        _merge(graph, joined[-2], joined[-1])
    return least


def _merge(graph: Weights, kept: str, gone: str) -> None:
    for end, n in graph.pop(gone).items():
        del graph[end][gone]
        if end != kept:
            graph[kept][end] = graph[kept].get(end, 0) + n
            graph[end][kept] = graph[end].get(kept, 0) + n
