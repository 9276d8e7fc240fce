"""Stamps tell whether what was computed from tables would still be computed so."""

from pathlib import Path

from event_samples import commit, contents, event, opened
from tribometer.store import EventStore
from tribometer.store.stamps import SCHEMA, TABLES, UNSTAMPED, NotingReader, stamped_tables, stamps


def stamp(store: EventStore, name: str) -> int:
    with store.reader() as reader:
        return stamps(reader).get(name, 0)


def test_every_table_of_the_store_has_a_stamp_or_forbids_keeping(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        assert set(contents(store, without=())) == {*TABLES, *UNSTAMPED, "schema_migrations"}


def test_a_landing_raises_the_stamps_of_what_it_changes_and_of_nothing_else(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.land([commit("c1")])
        first = stamp(store, "commits")
        store.land([commit("c1")])
        assert stamp(store, "commits") == first > 0
        store.land([commit("c2")])
        assert stamp(store, "commits") > first
        assert stamp(store, "changes") == 0


def test_deriving_a_service_raises_the_stamp_of_what_is_derived(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.land([event("deployment", "d", service="pay", environment="production", status="success")])
        before = stamp(store, "production_deployments")
        store.refresh()
        assert stamp(store, "production_deployments") > before


def test_stamps_outlive_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.land([commit("c1")])
        first = stamp(store, "commits")
    with opened(tmp_path) as store:
        assert stamp(store, "commits") == first


def test_a_statement_reads_the_tables_it_names_and_those_written_with_them() -> None:
    found = stamped_tables(["SELECT * FROM commits", "SELECT 1 FROM change_commits AS c JOIN shipped_commits AS s"])
    assert found == frozenset({SCHEMA, "commits", "changes", "production_deployments"})


def test_nothing_is_kept_of_what_every_collection_changes() -> None:
    assert stamped_tables(["SELECT * FROM commits", "SELECT reads FROM source_states"]) is None


def test_a_noting_reader_notes_all_it_is_asked(tmp_path: Path) -> None:
    with opened(tmp_path) as store, store.reader() as reader:
        noting = NotingReader(reader._cursor)  # noqa: SLF001 - the same reader, listened to
        noting.rows("SELECT 1 AS one")
        noting.table("SELECT 2 AS two")
        noting.materialise("three", "SELECT 3 AS three")
    assert noting.statements == ["SELECT 1 AS one", "SELECT 2 AS two", "SELECT 3 AS three"]
