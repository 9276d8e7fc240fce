"""Events about code: repositories, commits and changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tribometer.demo.changes import HOTFIX, REVERT, UPDATE
from tribometer.demo.columns import counted_out, instants, joined, lists, same, table, truth, whole, words
from tribometer.demo.commits import parents
from tribometer.demo.organisation import MONOREPO

if TYPE_CHECKING:
    from tribometer.demo.changes import Changes
    from tribometer.demo.columns import Flags, Floats, Ints
    from tribometer.demo.commits import Commits
    from tribometer.demo.people import People
    from tribometer.demo.world import World

SOURCE = "demo:code"
AREAS = ("api", "domain", "storage", "jobs", "web")
NAMES = ("orders", "limits", "filters", "events", "views", "cache", "rules")
PATHS_EACH = len(AREAS) * len(NAMES) + 1
MOST_FILES = 6
TITLES = (
    "Add an option to {}", "Fix an off-by-one in {}", "Simplify {}", "Cover an edge case of {} with a test",
    "Speed up {}", "Log why {} refuses", "Update dependencies of {}", "Fix {} in production", "Revert a change to {}",
)  # fmt: skip
LABELS = ("feature", "bug", "dependencies", "hotfix")


def repository_events(world: World) -> pa.Table:
    """One row per repository."""
    born = np.full(len(world.repositories), np.inf)
    np.minimum.at(born, world.repository_of, world.born)
    archived = np.zeros(len(born), np.bool_)
    archived[world.repository_of[np.isfinite(world.archived)]] = True
    names = pa.array(world.repositories)
    return table(
        SOURCE, names,
        name=names,
        url=joined("https://code.acme.example/", names),
        default_branch=same("main", len(names)),
        created_at=instants(born),
        archived=truth(archived),
        fork=truth(np.zeros(len(born), np.bool_)),
    )  # fmt: skip


def numbers(world: World, changes: Changes) -> Ints:
    """The number of each change in its repository, counted in the order in which they were opened."""
    repository = world.repository_of[changes.service]
    order = np.lexsort((changes.created, repository))
    first = np.searchsorted(repository[order], repository[order])
    found = np.empty(len(order), np.int64)
    found[order] = np.arange(len(order)) - first + 1
    return found


def change_ids(world: World, changes: Changes) -> pa.Array:
    """``repository#number``."""
    repository = words(world.repositories, world.repository_of[changes.service])
    return joined(repository, "#", whole(numbers(world, changes)))


def change_events(world: World, people: People, changes: Changes, found: Commits) -> pa.Table:
    """One row per change."""
    stream = world.stream("change events")
    number = numbers(world, changes)
    kind = _title_kind(stream, changes)
    files, paths, added, removed = _sizes(stream, changes)
    undone = changes.undoes >= 0
    owner, place = counted_out(found.pushed)
    heads = is_head(changes, owner, place)
    names = words([each.name for each in world.services], changes.service)
    text = pa.array([title.split("{}")[0] for title in TITLES])
    rest = pa.array([title.split("{}")[1] for title in TITLES])
    branch = words(["change/", "change/", "update/", "hotfix/"], _label(kind, changes))
    return table(
        SOURCE, change_ids(world, changes),
        repository=words(world.repositories, world.repository_of[changes.service]),
        number=whole(number),
        author=words(people.logins, changes.author),
        title=joined(words(text, kind), names, words(rest, kind)),
        base=same("main", len(changes)),
        head=joined(branch, whole(number)),
        created_at=instants(changes.created),
        ready_at=instants(changes.ready),
        first_commit_at=instants(changes.first_commit),
        merged_at=instants(changes.merged),
        closed_at=instants(np.where(np.isnan(changes.merged), changes.closed, changes.merged)),
        merge_sha=words(found.sha, found.merged_as),
        commits=lists(found.pushed, found.sha.slice(0, found.on_branches)),
        head_shas=lists(np.bincount(owner[heads], minlength=len(changes)), words(found.sha, np.flatnonzero(heads))),
        labels=lists(np.ones(len(changes), np.int64), words(LABELS, _label(kind, changes))),
        author_kind=words(["human", "bot"], changes.kind == UPDATE),
        additions=whole(np.bincount(np.repeat(np.arange(len(files)), files), added, len(files))),
        deletions=whole(np.bincount(np.repeat(np.arange(len(files)), files), removed, len(files))),
        files=whole(files),
        file_changes=lists(files, _file_changes(world, paths, added, removed)),
        reverts=whole(number[np.maximum(changes.undoes, 0)], undone),
    )  # fmt: skip


def is_head(changes: Changes, owner: Ints, place: Ints) -> Flags:
    """Whether a commit was the head of its change when somebody pushed: the last early one, and every late one."""
    return np.asarray(place >= changes.early[owner] - 1)


def commit_events(world: World, people: People, changes: Changes, found: Commits) -> pa.Table:
    """One row per commit of a main line, and per commit of a branch that was merged as it was."""
    stream = world.stream("commit events")
    lengths, before = parents(world, changes, found)
    count = len(found.at)
    branch = np.arange(count) < found.on_branches
    merges = (~branch) & (found.change >= 0) & ~world.squashes[found.repository]
    files = np.where(merges, 0, 1 + stream.poisson(1.0, count)).clip(0, MOST_FILES)
    added, removed = _lines(stream, files)
    apart = found.repository == world.repositories.index(MONOREPO)
    service = np.concatenate([changes.service[found.change[branch]], found.line.service])
    listed = np.where(apart & ~merges, 1, 0)
    first = service[np.flatnonzero(listed)].clip(0) * PATHS_EACH + stream.integers(0, PATHS_EACH, listed.sum())
    undoes = np.where(found.change >= 0, changes.undoes[found.change], -1)
    rows = table(
        SOURCE, joined(words(world.repositories, found.repository), "@", found.sha),
        repository=words(world.repositories, found.repository),
        sha=found.sha,
        tree_sha=found.tree,
        parents=lists(lengths, words(found.sha, before)),
        author=words(people.logins, found.author),
        authored_at=instants(found.at),
        committed_at=instants(found.at),
        author_kind=words(["human", "bot"], found.author >= people.humans),
        additions=whole(added),
        deletions=whole(removed),
        files=whole(files),
        file_changes=lists(listed, _file_changes(world, first, added[listed > 0], removed[listed > 0]), apart),
        reverts=words(found.sha, np.where((undoes >= 0) & ~branch, found.merged_as[undoes], -1)),
    )  # fmt: skip
    return rows.filter(pa.array(found.stored & ~np.isnan(found.at) & (found.at < world.end)))


def _title_kind(stream: np.random.Generator, changes: Changes) -> Ints:
    special = {UPDATE: 6, HOTFIX: 7, REVERT: 8}
    kind = stream.integers(0, 6, len(changes))
    for change_kind, title in special.items():
        kind[changes.kind == change_kind] = title
    return kind


def _label(kind: Ints, changes: Changes) -> Ints:
    return np.select([changes.kind == UPDATE, changes.kind == HOTFIX, kind == 1], [2, 3, 1], 0)


def _sizes(stream: np.random.Generator, changes: Changes) -> tuple[Ints, Ints, Floats, Floats]:
    """How many files each change touches, and the path and lines of every one of them."""
    files = (1 + stream.poisson(1.6, len(changes))).clip(1, MOST_FILES)
    owner, place = counted_out(files)
    path = (stream.integers(0, PATHS_EACH, len(changes))[owner] + place * 7) % PATHS_EACH
    count = np.ones(len(owner), np.int64)
    return files, changes.service[owner] * PATHS_EACH + path, *_lines(stream, count)


def _lines(stream: np.random.Generator, files: Ints) -> tuple[Floats, Floats]:
    size = stream.lognormal(2.6, 1.1, len(files)) * files
    kept = stream.beta(2, 1.2, len(files))
    return np.ceil(size * kept), np.floor(size * (1 - kept))


def _file_changes(world: World, paths: Ints, added: Floats, removed: Floats) -> pa.Array:
    files = [f"src/{area}/{name}.py" for area in AREAS for name in NAMES] + ["package-lock.json"]
    known = [f"{path}{file}" for service in world.services for path in (service.paths or ("",)) for file in files]
    return pa.StructArray.from_arrays(
        [words(known, paths), whole(added), whole(removed)], ["path", "additions", "deletions"]
    )
