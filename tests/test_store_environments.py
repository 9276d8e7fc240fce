"""Tiers that were given to environments beside the settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from factories import day, deployment
from tribometer.events import parse_event
from tribometer.settings import Rules
from tribometer.store import EventStore
from tribometer.store.environments import with_mapped

COUNTED = "SELECT service, count(*) FROM production_deployments GROUP BY service ORDER BY service"
STALE = "SELECT service FROM stale_services ORDER BY service"
DEPLOYMENTS = [
    deployment("1", "shop", day(1), environment="Blue"),
    deployment("2", "shop", day(2), environment="blue"),
    deployment("3", "cart", day(1), environment="green"),
    deployment("4", "till", day(1), environment="blue", tier="staging"),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore.open(tmp_path / "data") as opened:
        opened.land([parse_event(each) for each in DEPLOYMENTS])
        opened.refresh()
        yield opened


def rows(store: EventStore, sql: str) -> list[tuple[object, ...]]:
    with store.reader() as reader:
        return reader.rows(sql)


def test_a_given_tier_counts_in_any_spelling_and_an_events_own_tier_goes_first(store: EventStore) -> None:
    store.map_environment("BLUE", "production")
    store.refresh()
    assert rows(store, COUNTED) == [("shop", 2)]
    assert store.environment_tiers() == {"BLUE": "production"}


def test_only_services_that_deploy_there_are_derived_again(store: EventStore) -> None:
    store.map_environment("blue", "production")
    assert rows(store, STALE) == [("shop",)]


def test_giving_another_tier_replaces_the_first_and_giving_none_takes_it_back(store: EventStore) -> None:
    for tier, counted in (("production", [("shop", 2)]), ("test", []), ("production", [("shop", 2)]), (None, [])):
        store.map_environment("blue", tier)
        store.refresh()
        assert rows(store, COUNTED) == counted
    assert store.environment_tiers() == {}


def test_a_store_that_is_opened_again_derives_nothing_anew_and_keeps_to_what_was_given(
    store: EventStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.map_environment("blue", "production")
    store.refresh()
    store.close()
    marked: list[object] = []
    monkeypatch.setattr("tribometer.store.event_store.stale.mark_all", marked.append)
    with EventStore.open(tmp_path / "data") as again:
        assert rows(again, COUNTED) == [("shop", 2)]
    assert marked == []


def test_what_a_crash_left_between_a_click_and_its_derivation_is_made_up_for(store: EventStore, tmp_path: Path) -> None:
    store.map_environment("blue", "production")
    store.close()
    with EventStore.open(tmp_path / "data") as again:
        assert rows(again, COUNTED) == [("shop", 2)]


def test_patterns_of_the_settings_go_before_what_was_given() -> None:
    rules = with_mapped(Rules(environments={"test": ("blue*",)}), {"Blue-1": "production", "Green": "production"})
    assert [rules.tier(name) for name in ("blue-1", "GREEN", "red")] == ["test", "production", None]
