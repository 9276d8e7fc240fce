"""Whatever comes first and however it is cut into pieces, the derived tables are the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from derivation import (
    RULES,
    bare_store,
    deployment,
    derived_tables,
    mark,
    on_day,
    put,
    put_deployment,
)
from tribometer.store.shipped import refresh

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import duckdb

    from tribometer.store.derive_model import DeploymentRow

SERVICES = ("api", "web", "shop")
SHAS = [f"c{n}" for n in range(7)]
TABLES = ("commits", "deployments", "services", "stale_services")


@dataclass(frozen=True)
class CommitArrives:
    """A commit of a repository, with the paths that it changed."""

    repository: str
    sha: str
    parents: tuple[str, ...]
    path: str

    def land(self, store: duckdb.DuckDBPyConnection) -> None:
        """Write it; all who lack it, or have it from elsewhere, are stale."""
        put(
            store,
            "commits",
            source=self.repository,
            id=self.sha,
            repository=self.repository,
            sha=self.sha,
            parents=list(self.parents),
            file_changes=[{"path": self.path, "additions": 1, "deletions": 1}],
        )
        needing = store.execute(
            "SELECT service FROM missing_commits WHERE sha = $sha "
            "UNION SELECT service FROM shipped_commits WHERE sha = $sha "
            "UNION SELECT service FROM production_deployments WHERE sha = $sha "
            "UNION SELECT name FROM services WHERE paths IS NOT NULL",
            {"sha": self.sha},
        ).fetchall()
        for (service,) in needing:
            mark(store, service, rebuild=True)


@dataclass(frozen=True)
class DeploymentArrives:
    """A deployment event; ``over`` is false for what is said of it while it runs."""

    service: str
    row: DeploymentRow
    over: bool

    def land(self, store: duckdb.DuckDBPyConnection) -> None:
        """Write it unless it is known to be over; which service it speaks of is for the derivation to find."""
        known = store.execute(
            "SELECT status NOT IN ('running', 'queued') FROM deployments WHERE source = ? AND id = ?",
            [self.row.source, self.row.id],
        ).fetchall()
        if known == [(True,)]:
            return
        row = self.row if self.over else replace(self.row, status="running")
        put_deployment(store, row, self.service)
        for service in SERVICES:
            mark(store, service, rebuild=False)


@dataclass(frozen=True)
class ServiceArrives:
    """The catalog tells of a service."""

    name: str
    repository: str | None
    paths: tuple[str, ...] = ()
    kind: str | None = None
    archived_at: datetime | None = None

    def land(self, store: duckdb.DuckDBPyConnection) -> None:
        """Write it; every service may take other deployments now."""
        put(
            store,
            "services",
            source="catalog",
            id=self.name,
            name=self.name,
            repository=self.repository,
            paths=list(self.paths) or None,
            kind=self.kind,
            archived_at=self.archived_at,
        )
        for service in SERVICES:
            mark(store, service, rebuild=True)


Arrival = CommitArrives | DeploymentArrives | ServiceArrives


@st.composite
def commits(draw: st.DrawFn) -> list[Arrival]:
    found: list[Arrival] = []
    forks = draw(st.booleans())
    for number, sha in enumerate(SHAS):
        parents = draw(st.lists(st.sampled_from(SHAS[:number]), max_size=2, unique=True)) if number else []
        homes = draw(st.sampled_from([["web"], ["web"], ["fork"], ["web", "fork"], []])) if forks else ["web"]
        path = draw(st.sampled_from(["web/a.py", "api/a.py", "README"]))
        found += [CommitArrives(home, sha, tuple(parents), path) for home in homes]
    return found


def days(draw: st.DrawFn) -> datetime | None:
    return on_day(draw(st.integers(0, 24)) / 2)


@st.composite
def deployments(draw: st.DrawFn, name: str) -> list[DeploymentArrives]:
    plain = draw(st.booleans())
    kinds = [None] if plain else [None, None, None, "rollback", "redeploy", "config", "canary_step", "rollout"]
    row = deployment(
        name,
        None,
        draw(st.sampled_from([*SHAS, *SHAS, "gone", None])),
        artifact=draw(st.sampled_from([None, None, None, "v1", "v2"])),
        environment="prod" if plain else draw(st.sampled_from(["prod", "prod", "live-eu", "live-shop", "staging"])),
        status="success" if plain else draw(st.sampled_from(["success", "success", "failure", "cancelled"])),
        kind=draw(st.sampled_from(kinds)),
        group_id=None if plain else draw(st.sampled_from([None, None, "g1", "g2"])),
        required=draw(st.sampled_from([None, True, False])),
        users_affected=draw(st.sampled_from([None, True, False])),
        inferred_from=draw(st.sampled_from([None] * 6 + ["annotated_tag"])),
    )
    service = draw(st.sampled_from(["web", "web", "web", "api"]))
    row = replace(row, finished_at=days(draw) if draw(st.integers(0, 9)) else None, created_at=days(draw))
    said_early = [DeploymentArrives(service, row, over=False)] if draw(st.booleans()) else []
    return [*said_early, DeploymentArrives(service, row, over=True)]


@st.composite
def worlds(draw: st.DrawFn) -> list[Arrival]:
    found = draw(commits())
    inferred = draw(st.integers(0, 3)) == 0
    for number in range(draw(st.integers(1, 7))):
        for each in draw(deployments(f"d{number}")):
            tag = replace(each.row, inferred_from="annotated_tag", environment="production", group_id=None)
            found.append(replace(each, row=tag) if inferred else each)
    if draw(st.booleans()):
        paths = draw(st.sampled_from([(), ("api/",)]))
        found.append(ServiceArrives("api", draw(st.sampled_from(["web", None])), paths))
    if draw(st.booleans()):
        kind, gone = draw(st.sampled_from([(None, None), (None, None), ("library", None), (None, on_day(3))]))
        found.append(ServiceArrives("shop", draw(st.sampled_from(["web", "web", None])), kind=kind, archived_at=gone))
    if draw(st.integers(0, 4)) == 0:
        found.append(ServiceArrives("web", "web"))
    return found


@st.composite
def steady_worlds(draw: st.DrawFn) -> list[Arrival]:
    """Draw what is usual: one release after another, each some commits further, few of them going back."""
    found = draw(commits())
    inferred = draw(st.sampled_from([None, None, "annotated_tag"]))
    place = 0
    for day in range(draw(st.integers(2, 8))):
        place = draw(st.sampled_from([place, place + 1, place + 1, place + 2, place + 2, day // 3]))
        row = deployment(
            f"d{day}",
            day + 1,
            (SHAS + ["gone"] * 20)[place],
            status=draw(st.sampled_from(["success", "success", "success", "failure"])),
            kind=draw(st.sampled_from([None, None, None, None, "rollback", "config"])),
            inferred_from=inferred if day % 4 else draw(st.sampled_from([inferred, inferred, None])),
        )
        over = [True] if draw(st.booleans()) else [False, True]
        found += [DeploymentArrives("web", row, each) for each in over]
    return found


def by_time(arrival: Arrival) -> tuple[datetime, bool]:
    """Commits come a little before the day on which a steady world releases them."""
    if isinstance(arrival, DeploymentArrives):
        return (arrival.row.ended_at or on_day(99), arrival.over)
    return (on_day(SHAS.index(arrival.sha) / 2 if isinstance(arrival, CommitArrives) else 0), False)


@st.composite
def pieces(draw: st.DrawFn, arrivals: Sequence[Arrival]) -> list[list[Arrival]]:
    ordered = sorted(arrivals, key=by_time) if draw(st.integers(0, 2)) else draw(st.permutations(list(arrivals)))
    cuts = draw(st.lists(st.integers(0, len(ordered)), min_size=2, max_size=6))
    edges = [0, *sorted(cuts), len(ordered)]
    return [list(ordered[start:end]) for start, end in pairwise(edges)]


def derived_after(store: duckdb.DuckDBPyConnection, batches: Sequence[Sequence[Arrival]]) -> object:
    """Land batch after batch into the emptied store, with a refresh after each."""
    found = derived_tables(store)
    for table in (*TABLES, *found):
        store.execute(f"DELETE FROM {table}")  # noqa: S608
    for batch in batches:
        for arrival in batch:
            arrival.land(store)
        refresh(store, RULES)
    return derived_tables(store)


STORE = bare_store()


def check_any_order_gives_the_same_tables(data: st.DataObject) -> None:
    arrivals = data.draw(worlds() | steady_worlds())
    batches = data.draw(pieces(arrivals))
    event(f"batches: {len(batches)}")
    assert derived_after(STORE, batches) == derived_after(STORE, [arrivals])


@settings(max_examples=8)
@given(st.data())
def test_any_order_of_arrival_and_any_batches_give_the_same_tables(data: st.DataObject) -> None:
    check_any_order_gives_the_same_tables(data)


@settings(max_examples=10)
@given(st.data())
def test_what_is_added_behind_is_as_a_rebuild_would_give_it(data: st.DataObject) -> None:
    arrivals = sorted(data.draw(steady_worlds()), key=by_time)
    cut = data.draw(st.integers(len(arrivals) // 3, len(arrivals)))
    assert derived_after(STORE, [arrivals[:cut], arrivals[cut:]]) == derived_after(STORE, [arrivals])


@pytest.mark.thorough
@settings(max_examples=30)
@given(st.data())
def test_any_order_of_arrival_gives_the_same_tables_in_many_examples(data: st.DataObject) -> None:
    check_any_order_gives_the_same_tables(data)
