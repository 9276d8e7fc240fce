"""The commit graph: branches of changes, merged or squashed onto each repository's main line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tribometer.demo.changes import REVERT
from tribometer.demo.columns import Flags, Floats, Ints, counted_out, shas
from tribometer.demo.rhythm import DAY

if TYPE_CHECKING:
    import pyarrow as pa

    from tribometer.demo.changes import Changes
    from tribometer.demo.people import People
    from tribometer.demo.world import World

DIRECT_PUSHES = 0.025
APART = 1e10
"""Seconds by which repositories lie apart when one sorted array holds all of their times."""


@dataclass(frozen=True)
class Line:
    """Main lines: one element per commit, by repository and time. ``change`` is -1 for direct pushes and roots."""

    repository: Ints
    service: Ints
    at: Floats
    change: Ints
    author: Ints

    def tip(self, repository: Ints, at: Floats) -> Ints:
        """The place of each repository's latest commit at a time."""
        return np.searchsorted(self.repository * APART + self.at, repository * APART + at, "right") - 1


@dataclass(frozen=True)
class Tips:
    """The main-line commits of each service, by service and time."""

    service: Ints
    at: Floats
    commit: Ints

    def latest(self, service: Ints, at: Floats) -> Ints:
        """The newest commit of each row's service at a time."""
        place = np.searchsorted(self.service * APART + self.at, service * APART + at, "right") - 1
        return np.asarray(self.commit[place])


@dataclass(frozen=True)
class Commits:
    """All commits: those of branches first, by change and time, then the main lines.

    ``branch`` is where each change's own commits begin, ``pushed`` how many there are of it, ``merged_as`` what each
    change became (-1: nothing).
    """

    sha: pa.Array
    tree: pa.Array
    at: Floats
    repository: Ints
    author: Ints
    change: Ints
    stored: Flags
    line: Line
    branch: Ints
    pushed: Ints
    merged_as: Ints

    @property
    def on_branches(self) -> int:
        """How many commits are no main line; the place of the first that is."""
        return len(self.at) - len(self.line.at)

    def last_pushed(self) -> Ints:
        """The last commit of each change's branch."""
        return self.branch + self.pushed - 1


def commits(world: World, people: People, changes: Changes) -> Commits:
    """Write the graph of all changes, direct pushes, and the commit each repository began with."""
    stream = world.stream("commits")
    pushed = changes.early + changes.late
    owner, place = counted_out(pushed)
    at = _written(world, stream, changes, owner, place)
    line = _main_lines(world, stream, people, changes)
    count = len(owner) + len(line.at)
    repository = world.repository_of[changes.service]
    on_line = np.flatnonzero(line.change >= 0)
    merged_as = np.full(len(changes), -1)
    merged_as[line.change[on_line]] = len(owner) + on_line
    return Commits(
        shas(stream, count),
        shas(stream, count),
        np.concatenate([at, line.at]),
        np.concatenate([repository[owner], line.repository]),
        np.concatenate([changes.author[owner], line.author]),
        np.concatenate([owner, line.change]),
        np.concatenate([~world.squashes[repository[owner]], np.ones(len(line.at), np.bool_)]),
        line,
        np.cumsum(pushed) - pushed,
        pushed,
        merged_as,
    )


def parents(world: World, changes: Changes, found: Commits) -> tuple[Ints, Ints]:
    """How many parents every commit has, and the parents one after the other."""
    first = found.on_branches
    place = np.arange(len(found.at))
    base = place - 1
    starts = world.repository_of[changes.service]
    base[found.branch] = first + found.line.tip(starts, changes.first_commit)
    roots = first + np.flatnonzero(np.diff(found.line.repository, prepend=-1) != 0)
    merges = (place >= first) & (found.change >= 0) & ~world.squashes[found.repository]
    lengths = np.ones(len(place), np.int64) + merges
    lengths[roots] = 0
    ends = np.cumsum(lengths)
    values = np.zeros(ends[-1], np.int64)
    values[(ends - lengths)[lengths > 0]] = base[lengths > 0]
    values[ends[merges] - 1] = found.last_pushed()[found.change[merges]]
    return lengths, values


def tips(world: World, found: Commits) -> Tips:
    """What each service could roll out; a repository's first commit holds the beginnings of all its services."""
    line = found.line
    roots = np.flatnonzero(line.service < 0)
    rest = np.flatnonzero(line.service >= 0)
    service = np.concatenate([np.arange(len(world.services)), line.service[rest]])
    root_of = roots[np.searchsorted(line.repository[roots], world.repository_of)]
    at = np.concatenate([np.zeros(len(root_of)), line.at[rest]])
    commit = found.on_branches + np.concatenate([root_of, rest])
    order = np.lexsort((commit, at, service))
    return Tips(service[order], at[order], commit[order])


def _written(world: World, stream: np.random.Generator, changes: Changes, owner: Ints, place: Ints) -> Floats:
    """Author times: the first as the change says, early ones before it was opened, late ones until it was settled."""
    luck = stream.random(len(owner))
    early = place < changes.early[owner]
    order = np.lexsort((luck, ~early, owner))
    luck = luck[order]
    settled = np.where(np.isnan(changes.approved), changes.closed, changes.approved)
    start = np.where(early, changes.first_commit[owner], changes.created[owner])
    end = np.where(early, changes.created[owner], settled[owner])
    team = world.team_of[changes.service][owner]
    at = world.rhythm.between(team, start, np.maximum(start, end), luck * 0.98)
    return np.where(place == 0, changes.first_commit[owner], at)


def _main_lines(world: World, stream: np.random.Generator, people: People, changes: Changes) -> Line:
    merged = np.flatnonzero(~np.isnan(changes.merged))
    pushed = merged[(stream.random(len(merged)) < DIRECT_PUSHES) & (changes.kind[merged] != REVERT)]
    direct_at = world.rhythm.later(
        world.team_of[changes.service[pushed]], changes.merged[pushed], stream.uniform(1, 9, len(pushed))
    )
    pushed, direct_at = pushed[direct_at < world.end], direct_at[direct_at < world.end]
    roots = np.arange(len(world.repositories))
    born = np.full(len(roots), np.inf)
    np.minimum.at(born, world.repository_of, world.born)
    service = np.concatenate([changes.service[merged], changes.service[pushed], np.full(len(roots), -1)])
    repository = np.concatenate([world.repository_of[service[: -len(roots)]], roots])
    at = np.concatenate([changes.merged[merged], direct_at, np.maximum(born, world.start - 30 * DAY)])
    change = np.concatenate([merged, np.full(len(pushed) + len(roots), -1)])
    starters = people.pick(stream, _first_team(world), np.full(len(roots), world.start))
    author = np.concatenate([changes.author[merged], changes.author[pushed], starters])
    order = np.lexsort((change, at, repository))
    return Line(repository[order], service[order], at[order], change[order], author[order])


def _first_team(world: World) -> Ints:
    _, first = np.unique(world.repository_of, return_index=True)
    return world.team_of[first]
