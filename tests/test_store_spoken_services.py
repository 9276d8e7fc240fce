"""What names a repository as its service speaks of the one service that the catalog ties to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from derivation import RULES, bare_store, mark, on_day, put, put_deployment
from derivation import deployment as deployed
from tribometer.store.shipped import refresh
from tribometer.store.spoken_services import read_candidates, spoken_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb


@pytest.fixture
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a store in which shop's repository was deployed."""
    with bare_store() as connection:
        put_deployment(connection, deployed("d1", 1, "a"), service="acme/shop")
        tie(connection, "shop")
        yield connection


def tie(store: duckdb.DuckDBPyConnection, name: str, repository: str | None = "acme/shop", **fields: object) -> None:
    """Let the catalog tell of a service."""
    put(store, "services", **{"source": "catalog", "id": name, "name": name, "repository": repository, **fields})


def roles(store: duckdb.DuckDBPyConnection, service: str) -> dict[str, str]:
    """Give the roles of what a service deployed."""
    rows = store.execute("SELECT id, role FROM production_deployments WHERE service = ?", [service]).fetchall()
    return dict(rows)


def both(store: duckdb.DuckDBPyConnection) -> tuple[dict[str, str], dict[str, str]]:
    """Derive the service and the repository, and give the roles of what each deployed."""
    for service in ("shop", "cart", "acme/shop"):
        mark(store, service, rebuild=True)
    refresh(store, RULES)
    return roles(store, "shop"), roles(store, "acme/shop")


def test_the_only_service_of_a_repository_takes_what_names_the_repository(store: duckdb.DuckDBPyConnection) -> None:
    assert both(store) == ({"d1": "shipped"}, {})


def test_a_second_service_gives_it_back_and_its_end_takes_it_again(store: duckdb.DuckDBPyConnection) -> None:
    tie(store, "cart")
    assert both(store) == ({}, {"d1": "shipped"})
    tie(store, "cart", archived_at=on_day(9))
    assert both(store) == ({"d1": "shipped"}, {})


def test_a_service_that_is_archived_keeps_what_was_deployed(store: duckdb.DuckDBPyConnection) -> None:
    tie(store, "shop", archived_at=on_day(9))
    assert both(store) == ({"d1": "shipped"}, {})


def test_a_library_takes_nothing(store: duckdb.DuckDBPyConnection) -> None:
    tie(store, "shop", kind="library")
    assert both(store) == ({}, {"d1": "shipped"})


def test_a_name_of_the_catalog_is_no_repository_s(store: duckdb.DuckDBPyConnection) -> None:
    tie(store, "acme/shop", None)
    assert both(store) == ({}, {"d1": "shipped"})


def test_an_environment_names_one_of_several_services(store: duckdb.DuckDBPyConnection) -> None:
    tie(store, "cart")
    put_deployment(store, deployed("d2", 2, "b", environment="live-shop"), service="acme/shop")
    put_deployment(store, deployed("d3", 3, "c", environment="live-cart"), service="acme/shop")
    assert both(store) == ({"d2": "shipped"}, {"d1": "shipped"})
    assert roles(store, "cart") == {"d3": "shipped"}


def test_the_repository_that_the_first_source_states_counts(store: duckdb.DuckDBPyConnection) -> None:
    tie(store, "shop", "acme/other", source="before")
    assert read_candidates(store) == {"acme/other": frozenset({"shop"})}


@pytest.mark.parametrize(
    ("environment", "service"),
    [
        ("shop-one-production", "shop-one"),
        ("production/Shop", "shop"),
        ("shop_cart", None),
        ("shopping", None),
        ("production", None),
        ("shop-one / cart", None),
        ("", None),
    ],
)
def test_a_service_is_named_by_words_of_their_own(environment: str, service: str | None) -> None:
    assert spoken_of({"shop", "shop-one", "cart"}, environment) == service
