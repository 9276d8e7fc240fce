"""Pages, API and command line read what is kept of closed periods; keeping it never stands in anybody's way."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import metrics
from metrics import Query
from metrics.closed_basis import made_with
from metrics.closed_units import due
from service_places import NOON, clock, deployments
from tribometer.clock import naive_utc
from tribometer.errors import StoreError
from tribometer.events import parse_event
from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.instance import Instance, opened
from tribometer.service.numbers import Numbers
from tribometer.service.renewal import Renewal
from tribometer.settings import Rules, Settings
from tribometer.store import EventStore, Reader
from tribometer.store.closed import ClosedResult, ClosedTable, drop
from tribometer.store.stamps import NotingReader

QUERY = Query("deployment_frequency", by="week", start=NOON.replace(month=1, day=1), end=NOON, now=NOON)
PATIENCE = 30.0


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """An opened data folder with ten deployments."""
    with opened(Settings(data=tmp_path / "data"), clock) as held:
        held.store.land([parse_event(each) for each in deployments(10)], source="ci")
        held.changed()
        yield held


def kept(instance: Instance, table: str = "results") -> list[tuple[str, str]]:
    """Everything of a kind that is kept, with what it was made from."""
    column = {"results": "slot, seal", "tables": "name, basis"}[table]
    with instance.store.reader() as reader:
        return [(name, of) for name, of in reader.rows(f"SELECT {column} FROM closed.{table} ORDER BY 1")]  # noqa: S608


def make(name: str = "deployment_frequency") -> partial[list[ClosedTable]]:
    return partial(due, metric=name, rules=Settings().rules, now=NOON)


def test_the_api_keeps_closed_weeks_and_reads_them(instance: Instance) -> None:
    app = Starlette(routes=routes(instance, Access("the-local-token"), lambda: True))
    asked = {"from": "2026-01-01", "to": "2026-02-01", "by": "week"}
    with TestClient(app, base_url="http://127.0.0.1:8501", client=("127.0.0.1", 50000)) as client:
        first = client.get("/api/v1/metrics/deployment_frequency", params=asked).json()
        stored = kept(instance)
        instance.numbers.forget()
        second = client.get("/api/v1/metrics/deployment_frequency", params=asked).json()
    assert len(stored) > 0
    assert (second, kept(instance)) == (first, stored)


def test_a_page_reads_what_a_computation_from_scratch_says_before_and_behind_a_landing(instance: Instance) -> None:
    for events in (deployments(0), deployments(14)):
        instance.store.land([parse_event(each) for each in events], source="ci")
        instance.changed()
        instance.numbers.renewal.renew()
        with instance.store.reader() as reader:
            expected = metrics.compute(reader, QUERY, Settings().rules)
        assert instance.numbers.compute(QUERY).to_dict() == expected.to_dict()


class Refusing:
    """A store that keeps nothing, as one whose disk is full."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def reader(self) -> AbstractContextManager[Reader]:
        """Give the store's own reader."""
        return self._store.reader()

    def keep_results(self, _results: Sequence[ClosedResult]) -> None:
        """Refuse."""
        raise StoreError("disk full")


def test_a_result_that_cannot_be_kept_is_told_all_the_same(instance: Instance) -> None:
    numbers = Numbers(Refusing(instance.store), Settings().rules, clock, {})  # type: ignore[arg-type] # what it uses
    assert numbers.compute(QUERY).to_dict() == instance.numbers.compute(QUERY).to_dict()


def test_nobody_waits_for_a_writer_to_keep_something(instance: Instance) -> None:
    with instance.store._file.writing("something long"):  # noqa: SLF001 - a writer at work
        assert instance.numbers.compute(QUERY).n == 10
        assert not instance.store.keep_tables(make(), patience=0)
    assert (kept(instance), kept(instance, "tables")) == ([], [])


def test_an_event_that_lands_while_units_are_being_kept_has_them_made_again(instance: Instance, tmp_path: Path) -> None:
    def slowly(reader: NotingReader) -> list[ClosedTable]:
        found = make()(reader)
        instance.store.land([parse_event(each) for each in deployments(12)], source="ci")
        instance.store.snapshot(tmp_path / "copy.duckdb")
        return found

    assert instance.store.keep_tables(slowly)
    [(_, before)] = kept(instance, "tables")
    instance.changed()
    assert instance.store.keep_tables(make())
    [(_, after)] = kept(instance, "tables")
    assert before != after
    assert instance.numbers.compute(QUERY).n == 12


def test_keeping_that_breaks_off_leaves_what_was_kept_before(instance: Instance) -> None:
    assert instance.store.keep_tables(make())
    before = kept(instance, "tables")
    half = [
        ClosedTable("deployment_frequency_metric_units", "new", "SELECT 1 AS n"),
        ClosedTable("x", "", "FROM nowhere"),
    ]
    with pytest.raises(StoreError):
        instance.store.keep_tables(lambda _: half)
    assert kept(instance, "tables") == before
    assert instance.numbers.compute(QUERY).n == 10


def test_the_service_keeps_units_in_the_background_and_again_behind_a_landing(instance: Instance) -> None:
    renewal = Renewal(instance.store, Settings().rules, clock, delay=0, rest=0)
    renewal.start()
    try:
        before = _eventually(instance, [])
        instance.store.land([parse_event(each) for each in deployments(12)], source="ci")
        instance.changed()
        renewal.ask()
        assert _eventually(instance, before) != before
    finally:
        renewal.stop(PATIENCE)


def slots_of(instance: Instance) -> set[str]:
    return {slot for slot, _ in kept(instance)}


def test_what_other_rules_have_kept_is_dropped(instance: Instance) -> None:
    other = Rules(failure_window=timedelta(days=2))
    Numbers(instance.store, other, clock, {}).compute(QUERY)
    Renewal(instance.store, other, clock).renew()
    before = kept(instance), kept(instance, "tables")
    instance.store.drop_kept(made_with(other), [])
    assert (kept(instance), kept(instance, "tables")) == before
    instance.numbers.compute(replace(QUERY, start=NOON - timedelta(days=14)))
    own = slots_of(instance) - {slot for slot, seal in before[0] if (slot, seal) in kept(instance)}
    instance.numbers.renewal.renew()
    assert own
    assert slots_of(instance) == own
    assert not {basis for _, basis in before[1]} & {basis for _, basis in kept(instance, "tables")}


def test_tables_of_another_version_are_dropped(instance: Instance) -> None:
    old = ClosedTable("gone_metric_units", json.dumps({"edition": "old", "rules": "", "stamps": {}}), "SELECT 1 AS n")
    assert instance.store.keep_tables(lambda _: [old])
    instance.numbers.renewal.renew()
    with instance.store.reader() as reader:
        tables = {
            name for (name,) in reader.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'closed'")
        }
    assert tables - {"stamps", "tables", "results"} == {name for name, _ in kept(instance, "tables")}
    assert "gone_metric_units" not in tables


def test_the_oldest_results_make_room_for_new_ones(instance: Instance) -> None:
    seal = made_with(Settings().rules)
    results = [ClosedResult(f"{n}", f"{seal}:", "{}", naive_utc(NOON + timedelta(days=n))) for n in range(5)]
    instance.store.keep_results(results)
    with instance.store._file.writing("dropping") as connection:  # noqa: SLF001 - with a small limit
        drop(connection, seal, [], most=2)
    assert slots_of(instance) == {"3", "4"}


def test_nothing_is_kept_of_a_service_that_nobody_knows(instance: Instance) -> None:
    told = instance.numbers.compute(replace(QUERY, service="nowhere"))
    assert told.hint
    assert kept(instance) == []


def _eventually(instance: Instance, before: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is kept of deployment frequency once it is something else than before."""
    patience = time.monotonic() + PATIENCE
    while time.monotonic() < patience:
        found = [each for each in kept(instance, "tables") if each[0].startswith("deployment_frequency")]
        if found != before:
            return found
        time.sleep(0.05)
    raise TimeoutError("nothing was kept")
