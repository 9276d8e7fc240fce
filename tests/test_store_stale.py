"""Landing marks the services whose derived rows it makes stale, and leaves the others alone."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_samples import commit, contents, deployment, event, opened
from tribometer.events import Event
from tribometer.settings import ENVIRONMENTS, Rules
from tribometer.store import EventStore

FIRST, SECOND, THIRD = (f"2026-02-0{day}T00:00:00Z" for day in (1, 2, 3))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    """Return a store in which pay shipped c2, and c3 lies ahead."""
    with opened(tmp_path) as store:
        store.land([commit("c1"), commit("c2", "c1"), commit("c3", "c2", file_changes=[{"path": "a/x"}])])
        store.land([deployment("1", sha="c1", finished_at=FIRST), deployment("2", sha="c2", finished_at=SECOND)])
        store.refresh()
        assert marks(store) == {}
        yield store


def marks(store: EventStore) -> dict[str, bool]:
    """Return the stale services and whether each must be rebuilt."""
    with store.reader() as reader:
        return dict(reader.rows("SELECT service, rebuild FROM stale_services"))


def service(name: str, **fields: Any) -> Event:
    """Return a catalog event."""
    return event("service", name, name=name, **fields)


def tag(identity: str, repository: str, **fields: Any) -> Event:
    """Return a release inferred from a tag."""
    return deployment(identity, service=repository, inferred_from="annotated_tag", finished_at=THIRD, **fields)


def test_only_a_newer_deployment_leaves_earlier_rows_standing(store: EventStore) -> None:
    store.land([deployment("3", sha="c3", finished_at=THIRD)])
    assert marks(store) == {"pay": False}


@pytest.mark.parametrize(
    "later",
    [
        deployment("3", sha="c3", finished_at="2026-02-01T12:00:00Z"),
        deployment("3", sha="c3"),
        deployment("3", sha="c2", finished_at=THIRD),
        deployment("3", sha="c3", finished_at=THIRD, group="g"),
        deployment("3", sha="c3", finished_at=THIRD, inferred_from="annotated_tag"),
        deployment("2", sha="c2", finished_at=THIRD),
    ],
    ids=["between", "no time", "same sha", "group", "other origin", "changed"],
)
def test_anything_else_about_deployments_rebuilds(store: EventStore, later: Event) -> None:
    store.land([later])
    assert marks(store) == {"pay": True}


def test_a_mark_to_rebuild_outlives_one_that_is_not(store: EventStore) -> None:
    store.land([deployment("0", sha="c1", finished_at="2026-01-01T00:00:00Z")])
    store.land([deployment("3", sha="c3", finished_at=THIRD)])
    assert marks(store) == {"pay": True}


def test_a_deployment_that_moves_marks_both_services(store: EventStore) -> None:
    store.land([deployment("2", sha="c2", finished_at=SECOND, service="web")])
    assert marks(store) == {"pay": True, "web": True}


def test_what_says_nothing_new_marks_nothing(store: EventStore) -> None:
    store.land([commit("c2", "c1"), deployment("2", sha="c2", finished_at=SECOND)])
    assert marks(store) == {}


def test_a_commit_nobody_waits_for_marks_nothing(store: EventStore) -> None:
    store.land([commit("c4", "c3")])
    assert marks(store) == {}


def test_a_missing_commit_that_lands_marks_who_missed_it(store: EventStore) -> None:
    store.land([deployment("3", sha="d2", finished_at=THIRD), commit("d2", "d1")])
    store.refresh()
    store.land([commit("d1", "c3")])
    assert marks(store) == {"pay": True}


def test_the_commit_of_a_deployment_marks_its_service(store: EventStore) -> None:
    store.land([deployment("3", sha="late", finished_at=THIRD)])
    store.refresh()
    store.land([commit("late", "c3")])
    assert marks(store) == {"pay": True}


def test_a_commit_restated_marks_who_shipped_it(store: EventStore) -> None:
    store.land([commit("c1", "c0")])
    assert marks(store) == {"pay": True}


def test_a_commit_told_by_a_second_source_marks_who_shipped_it(store: EventStore) -> None:
    store.land([commit("c1", source="other")])
    assert marks(store) == {"pay": True}


def test_paths_learnt_later_mark_the_services_that_filter_by_them(store: EventStore) -> None:
    store.land([service("part", repository="acme/pay", paths=["a/"])])
    store.refresh()
    store.land([commit("c3", "c2", file_changes=[{"path": "b/x"}])])
    assert marks(store) == {"part": True}


def test_a_catalog_entry_marks_all_that_share_its_repositories(store: EventStore) -> None:
    store.land([service("a", repository="mono"), service("b", repository="mono"), service("c", repository="other")])
    store.refresh()
    store.land([service("a", repository="other")])
    assert marks(store) == dict.fromkeys(("a", "b", "c", "mono", "other"), True)


def test_a_repository_marks_its_services(store: EventStore) -> None:
    store.land([service("a", repository="mono")])
    store.refresh()
    store.land([event("repository", "1", name="mono")])
    assert marks(store) == {"mono": True, "a": True}


def test_a_release_marks_the_services_tied_to_its_repository(store: EventStore) -> None:
    store.land([service("a", repository="mono")])
    store.refresh()
    store.land([tag("v1", "mono", sha="c3")])
    assert marks(store) == {"mono": True, "a": True}


def test_a_deployment_marks_the_only_service_of_the_repository_it_names(store: EventStore) -> None:
    store.land([service("a", repository="mono"), service("lib", repository="mono", kind="library")])
    store.refresh()
    store.land([deployment("4", sha="c3", finished_at=THIRD, service="mono")])
    assert marks(store).keys() == {"mono", "a"}


def test_a_deployment_marks_of_several_services_the_one_its_environment_names(store: EventStore) -> None:
    store.land([service("a", repository="mono"), service("one", repository="mono")])
    store.refresh()
    store.land([deployment("4", sha="c3", finished_at=THIRD, service="mono", environment="live-One")])
    assert marks(store).keys() == {"mono", "one"}


def test_a_service_with_the_name_of_a_repository_marks_the_services_tied_to_it(store: EventStore) -> None:
    store.land([service("a", repository="mono")])
    store.refresh()
    store.land([service("mono")])
    assert marks(store) == {"mono": True, "a": True}


def test_a_repository_stated_before_another_marks_who_shares_the_one_that_no_longer_counts(store: EventStore) -> None:
    store.land([service("a", repository="old", source="second"), service("b", repository="old")])
    store.refresh()
    store.land([service("a", repository="new", source="first")])
    assert marks(store) == dict.fromkeys(("a", "b", "old", "new"), True)


def test_the_commit_of_a_release_marks_the_services_tied_to_its_repository(store: EventStore) -> None:
    store.land([service("a", repository="mono"), tag("v1", "mono", sha="m1")])
    store.refresh()
    store.land([commit("m1", repository="mono")])
    assert marks(store) == {"a": True}


def test_refreshing_twice_changes_nothing(store: EventStore) -> None:
    store.land([deployment("3", sha="c3", finished_at=THIRD)])
    tables = ("production_deployments", "shipped_commits", "missing_commits", "stale_services")
    found = []
    for _ in range(2):
        store.refresh()
        with store.reader() as reader:
            found.append([sorted(reader.rows(f"FROM {table}"), key=repr) for table in tables])
    assert found[0] == found[1]
    assert len(found[0][1]) == 3


SHAS = [f"{number}" for number in range(8)]
CHAIN = [
    commit(sha, *([SHAS[place - 1]] if place else []), file_changes=[{"path": "ab"[place % 2] + "/x"}])
    for place, sha in enumerate(SHAS)
]
RELEASES = [
    deployment(f"d{place}", status, sha=sha, finished_at=f"2026-02-{10 + place}T00:00:00Z", service=name)
    for place, (sha, status, name) in enumerate(
        [("1", "success", "pay"), ("3", "failure", "pay"), ("4", "success", "pay"), ("1", "success", "pay"),
         ("6", "success", "pay"), ("5", "success", "web"), ("7", "success", "pay")]
    )
]  # fmt: skip
TAGS = [tag(f"v{sha}", "acme/pay", sha=sha) for sha in ("2", "5", "7")]
CATALOG = [
    service("web", repository="acme/pay", paths=["a/"]),
    service("lib", repository="acme/pay", paths=["b/"]),
    event("repository", "r", name="acme/pay"),
    service("shop", repository="acme/shop"),
    service("till", repository="acme/shop", kind="library"),
    service("till", repository="acme/shop", kind="deployable", archived_at=SECOND, source="other"),
    service("cart", repository="acme/shop", source="other"),
]
NAMING_A_REPOSITORY = [
    deployment(f"s{place}", sha=sha, finished_at=f"2026-02-{20 + place}T00:00:00Z", service=name, environment=where)
    for place, (sha, name, where) in enumerate(
        [("2", "acme/shop", "production"), ("4", "acme/shop", "live-cart"), ("5", "shop", "production"),
         ("6", "acme/shop", "production"), ("7", "acme/pay", "production")]
    )
]  # fmt: skip
RECATALOGUED = [service("cart", repository="acme/elsewhere", source="other"), service("lib", repository="acme/lib")]
RESTATED = [commit("2", "1", file_changes=[{"path": "a/y"}]), commit("4", source="other"), deployment("d2", sha="2")]


@settings(max_examples=5)
@given(
    st.permutations([*CHAIN, *RELEASES, *TAGS, *CATALOG, *NAMING_A_REPOSITORY, *RESTATED, *RECATALOGUED]),
    st.sets(st.integers(1, 33), max_size=5),
)
def test_what_is_derived_step_by_step_is_what_deriving_everything_gives(events: list[Event], cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(events)]
    with TemporaryDirectory() as folder:
        with opened(Path(folder)) as store:
            for start, end in pairwise(edges):
                store.land(events[start:end])
                store.refresh()
            by_steps = contents(store, without=META)
        other = Rules(environments={**ENVIRONMENTS, "other": ()})
        with EventStore.open(Path(folder), other) as store:
            assert contents(store, without=META) == by_steps


META = ("schema_migrations", "source_states", "store_meta")
