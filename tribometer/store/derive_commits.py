"""The commit graph of one or more repositories, and the walk that visits each commit once (E5)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

UNSEEN = -1


@dataclass(frozen=True, eq=False)
class CommitGraph:
    """Commits as numbers with their parents in one array.

    The first ``known`` of ``shas`` are commits, the rest are named as parents only. The parents of commit ``n`` are
    ``parents[starts[n]:starts[n + 1]]``; ``repositories[n]`` is where it was found. ``touching`` tells which commits
    touch the service's paths (None: all do). ``shipped`` are commits that earlier deployments brought already; the
    graph need not hold what lies behind them. ``cut`` are the numbers of commits at which a source's history ends;
    ``entered`` is when each known commit entered its history, empty where nothing is cut.
    """

    shas: Sequence[str]
    known: int
    repositories: Sequence[str]
    starts: Sequence[int]
    parents: Sequence[int]
    touching: frozenset[str] | None = None
    shipped: frozenset[str] = frozenset()
    cut: frozenset[int] = frozenset()
    entered: Sequence[datetime] = ()

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each known commit by its sha."""
        return dict(zip(self.shas[: self.known], range(self.known), strict=True))

    def number(self, sha: str | None) -> int | None:
        """The number of a commit; None when the graph does not have it."""
        return None if sha is None else self.numbers.get(sha)

    def repository(self, sha: str | None) -> str | None:
        """Where a commit was found; None when it was not."""
        number = self.number(sha)
        return None if number is None else self.repositories[number]

    def lacks_parents(self, number: int) -> bool:
        """Whether a commit names parents that the graph does not have."""
        return any(parent >= self.known for parent in self.parents[self.starts[number] : self.starts[number + 1]])

    def touching_paths(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """Those commits that touch the service's paths."""
        if self.touching is None:
            return tuple(numbers)
        return tuple(number for number in numbers if self.shas[number] in self.touching)


def commit_graph(
    commits: pa.Table,
    *,
    touching: frozenset[str] | None = None,
    shipped: frozenset[str] = frozenset(),
) -> CommitGraph:
    """Number the commits of a table (repository, sha, parents, history_cut, committed_at).

    A sha told of by several rows is one commit with the parents of all of them, found in the repository of its first
    row: order the rows by preference.
    """
    commits = commits.combine_chunks()
    shas, parents = _single(commits["sha"]), _single(commits["parents"])
    encoded = pa.concat_arrays([shas, parents.flatten()]).dictionary_encode()
    codes = encoded.indices.to_numpy()
    own, ends = codes[: len(shas)], codes[len(shas) :]
    known = int(own.max()) + 1 if len(own) else 0
    lengths = parents.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    starts_from = np.repeat(own, lengths)
    counts = np.bincount(starts_from, minlength=known) if known else np.zeros(0, dtype=np.int64)
    first = _first_rows(own, known)
    ends_here = _single(commits["history_cut"]).fill_null(fill_value=False).to_numpy(zero_copy_only=False)
    cut = frozenset(own[ends_here].tolist())
    return CommitGraph(
        shas=encoded.dictionary.to_pylist(),
        known=known,
        repositories=_repositories(_single(commits["repository"]), first),
        starts=[0, *np.cumsum(counts).tolist()],
        parents=ends[np.argsort(starts_from, kind="stable")].tolist(),
        touching=touching,
        shipped=shipped,
        cut=cut,
        entered=_single(commits["committed_at"]).take(pa.array(first)).to_pylist() if cut else (),
    )


def _single(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _first_rows(own: np.ndarray, known: int) -> np.ndarray:
    first = np.zeros(known, dtype=np.int64)
    # assigned backwards, so that the first row of a commit has the last word
    first[own[::-1]] = np.arange(len(own))[::-1]
    return first


def _repositories(names: pa.Array, rows: np.ndarray) -> list[str]:
    encoded = names.dictionary_encode()
    labels = encoded.dictionary.to_pylist()
    return [labels[code] for code in encoded.indices.to_numpy()[rows].tolist()]


class Walk:
    """Which head reached each commit first, when heads are taken in their given order.

    ``reached[h]`` are the numbers of the commits new with head ``h``, ``missing[h]`` the shas it needed and the graph
    lacks. Every commit is visited once, so the whole is linear in commits.

    ``cut[h]``: where a source's history is cut, what is new with head ``h`` is uncertain: it came to such an end, or
    brought commits so old that they may lie behind the end that an earlier head came to (E26).
    """

    def __init__(self, graph: CommitGraph, heads: Sequence[str | None]) -> None:
        self._graph = graph
        self._owner = [UNSEEN] * graph.known
        for behind in graph.shipped & graph.numbers.keys():
            self._owner[graph.numbers[behind]] = 0
        self.reached: list[list[int]] = []
        self.missing: list[set[str]] = []
        self.cut: list[bool] = []
        self._cut_at: datetime | None = None
        for turn, sha in enumerate(heads):
            self._take(turn, sha)

    def _take(self, turn: int, sha: str | None) -> None:
        reached: list[int] = []
        missing: set[str] = set()
        head = self._graph.number(sha)
        if head is not None:
            self._spread(turn, head, reached, missing)
        elif sha is not None:
            missing.add(sha)
        self.reached.append(reached)
        self.missing.append(missing)
        self.cut.append(self._is_cut(reached))

    def _spread(self, turn: int, head: int, reached: list[int], missing: set[str]) -> None:
        graph, owner = self._graph, self._owner
        starts, parents, known = graph.starts, graph.parents, graph.known
        waiting = [head] if owner[head] == UNSEEN else []
        owner[head] = turn if waiting else owner[head]
        while waiting:
            commit = waiting.pop()
            reached.append(commit)
            for parent in parents[starts[commit] : starts[commit + 1]]:
                if parent >= known:
                    missing.add(graph.shas[parent])
                elif owner[parent] == UNSEEN:
                    owner[parent] = turn
                    waiting.append(parent)

    def _is_cut(self, reached: Sequence[int]) -> bool:
        graph = self._graph
        if not graph.cut or not reached:
            return False
        behind = self._cut_at is not None and min(graph.entered[number] for number in reached) <= self._cut_at
        ends = [graph.entered[number] for number in graph.cut.intersection(reached) if graph.lacks_parents(number)]
        self._cut_at = max([*ends, *([self._cut_at] if self._cut_at else [])], default=None)
        return behind or bool(ends)

    def is_ancestor(self, old: str | None, new: str | None) -> bool | None:
        """Tell whether one head lies strictly behind another; None when either is not in the graph."""
        target, start = self._graph.number(old), self._graph.number(new)
        if target is None or start is None:
            return None
        return target != start and self._leads_to(start, target)

    def _leads_to(self, start: int, target: int) -> bool:
        # whoever first reached a commit reached all behind it, so a path to the target never passes an earlier owner
        graph, owner, floor = self._graph, self._owner, self._owner[target]
        seen, waiting = {start}, deque([start] if owner[start] >= floor else [])
        while waiting:
            commit = waiting.popleft()
            for parent in graph.parents[graph.starts[commit] : graph.starts[commit + 1]]:
                if parent == target:
                    return True
                if parent < graph.known and owner[parent] >= floor and parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return False
