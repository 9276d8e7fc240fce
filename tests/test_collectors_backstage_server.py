"""A real Backstage backend is collected: its catalog, its scaffolder tasks, and what changes in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import backstage
import postgresql
from collectors import build
from collectors.base import Collector
from collectors.sync import run
from event_samples import without_random
from foreign_packages import from_npm
from tribometer.errors import SourceGone
from tribometer.privacy import Pseudonyms
from tribometer.store import EventStore

pytestmark = pytest.mark.slow
LONG = 20
"""Seconds that a task runs which is to be seen running, on a loaded machine too."""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return from_npm("backstage", backstage.packages(), tmp_path_factory)


@pytest.fixture(scope="module")
def backend(
    packages: Path, postgresql_server: postgresql.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[backstage.Backend]:
    with backstage.backend(packages, tmp_path_factory.mktemp("backstage"), postgresql_server.place) as running:
        yield running


@dataclass(frozen=True)
class Collected:
    """A store with what a source of kind backstage told it."""

    store: EventStore
    source: Collector
    folder: Path

    def collect(self) -> None:
        """Collect without an error."""
        summary = run(self.source, self.store)
        assert (summary.error, summary.rejected) == (None, 0)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the store."""
        with self.store.reader() as reader:
            return reader.rows(query)


@pytest.fixture
def collected(backend: backstage.Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collected]:
    monkeypatch.setenv("BACKSTAGE_TOKEN", backstage.TOKEN)
    table = {"kind": "backstage", "url": backend.url, "name": "acme", "token": {"env": "BACKSTAGE_TOKEN"}}
    with EventStore.open(tmp_path / "data") as store:
        yield Collected(store, build(table, origin="test.toml", data=tmp_path / "data"), tmp_path / "data")


def test_the_catalog_lands_with_owners_and_without_names(collected: Collected) -> None:
    collected.collect()
    services = "SELECT name, kind, template, repository, paths FROM services ORDER BY name"
    assert collected.rows(services) == [
        ("checkout", "deployable", "new-service", "acme/checkout", None),
        ("money", "library", None, "acme/shop", ["lib/money/"]),
        ("till", "deployable", None, None, None),
    ]
    assert collected.rows("SELECT id, name, parent, headcount FROM teams ORDER BY id") == [
        ("engineering", "engineering", None, None),
        ("payments", "Payments", "engineering", 1),
    ]
    owned = "SELECT team, service, valid_to FROM ownerships WHERE service IS NOT NULL ORDER BY service"
    assert collected.rows(owned) == [("payments", "checkout", None), ("payments", "till", None)]
    ((person, handles),) = collected.rows("SELECT id, handles FROM people")
    of = Pseudonyms.load_or_make(collected.folder).of
    assert set(handles) == {of("ann@example.org"), of("ann-hub")}
    assert collected.rows("SELECT team, person FROM ownerships WHERE person IS NOT NULL") == [("payments", person)]
    ((remarks, cursor),) = collected.rows("SELECT remarks, cursor FROM source_states")
    assert "1 component" in remarks
    assert "ann" not in without_random(cursor)


def test_a_task_that_failed_and_one_that_runs_are_told_apart_until_it_ends(
    backend: backstage.Backend, collected: Collected
) -> None:
    good = backend.start_task(seconds=0, fail=False, owner="group:default/payments")
    backend.await_task(good, "completed")
    bad = backend.start_task(seconds=0, fail=True)
    backend.await_task(bad, "failed")
    slow = backend.start_task(seconds=LONG, fail=False)
    backend.await_task(slow, "processing")
    collected.collect()
    query = """
        SELECT id, kind, template, team, service, status, requested_at IS NOT NULL, fulfilled_at >= requested_at,
            human_touches, extra LIKE '%ended_at%'
        FROM requests
    """
    told = {row[0]: row[1:] for row in collected.rows(query) if row[0] in (good, bad, slow)}
    about = ("service", "new-service")
    assert told == {
        good: (*about, "payments", "checkout", "fulfilled", True, True, None, True),
        bad: (*about, None, None, "failed", True, None, None, True),
        slow: (*about, None, None, "open", True, None, None, None),
    }
    backend.await_task(slow, "completed")
    collected.collect()
    ended = dict(collected.rows("SELECT id, status FROM requests"))
    assert (ended[good], ended[bad], ended[slow]) == ("fulfilled", "failed", "fulfilled")


def test_a_guest_is_let_in_and_a_wrong_token_is_not(
    backend: backstage.Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKSTAGE_TOKEN", "wrong")
    url = {"kind": "backstage", "url": backend.url}
    guest = build({**url, "guest": True}, origin="test.toml", data=tmp_path)
    assert [each.granted for each in guest.check()] == [True, True]
    wrong = build({**url, "token": {"env": "BACKSTAGE_TOKEN"}}, origin="test.toml", data=tmp_path)
    with pytest.raises(SourceGone, match="put a new one where `token` points to"):
        wrong.check()


def test_a_component_that_is_deleted_loses_its_owner_and_stays(
    backend: backstage.Backend, collected: Collected
) -> None:
    collected.collect()
    backend.ask(f"/api/catalog/entities/by-uid/{backend.uid('till')}", method="DELETE")
    collected.collect()
    assert collected.rows("SELECT service FROM ownerships WHERE valid_to IS NOT NULL") == [("till",)]
    assert ("till",) in collected.rows("SELECT name FROM services")
