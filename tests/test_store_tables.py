"""The tables and the events agree."""

from pathlib import Path

import pytest

from event_samples import FULL, full_object, opened
from tribometer.events import EVENT_TYPES, parse_event
from tribometer.store.columns import key_table, row_table, statement_of, stored_row
from tribometer.store.merge import first_row
from tribometer.store.tables import TABLES


def test_the_migrations_make_the_tables_of_the_events(tmp_path: Path) -> None:
    with opened(tmp_path) as store, store.reader() as reader:
        for table in TABLES.values():
            found = reader.rows(
                "SELECT column_name, data_type FROM duckdb_columns() "
                "WHERE schema_name = 'main' AND table_name = $name ORDER BY column_index",
                name=table.name,
            )
            assert found[:5] == [
                ("source", "VARCHAR"),
                ("id", "VARCHAR"),
                ("version", "BIGINT"),
                ("lagging", "VARCHAR"),
                ("extra", "VARCHAR"),
            ]
            assert found[5:] == [(column.name, column.sql_type) for column in table.columns]


def test_no_table_uses_a_type_that_other_engines_lack(tmp_path: Path) -> None:
    with opened(tmp_path) as store, store.reader() as reader:
        found = {kind for (kind,) in reader.rows("SELECT DISTINCT data_type FROM duckdb_columns() WHERE NOT internal")}
    struct = "STRUCT(path VARCHAR, additions BIGINT, deletions BIGINT)[]"
    assert found <= {"VARCHAR", "BIGINT", "INTEGER", "DOUBLE", "BOOLEAN", "TIMESTAMP", "VARCHAR[]", struct}


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_the_samples_fill_every_field(event_type: str) -> None:
    event = parse_event(full_object(event_type))
    assert event.carried == set(TABLES[event_type].fields)
    assert event.extra == {}


@pytest.mark.parametrize("event_type", FULL)
def test_an_event_comes_back_from_the_store_as_it_went_in(event_type: str, tmp_path: Path) -> None:
    table = TABLES[event_type]
    event = parse_event(full_object(event_type, version=7, new_field={"a": [1, None, "ü"]}))
    with opened(tmp_path) as store:
        store.land([event])
        columns = ", ".join(row_table({}, table).column_names)
        with store.reader() as reader:
            (line,) = reader.rows(f"FROM {table.name} SELECT {columns}")
        keyed = store.pseudonyms.key_event(event)
    assert stored_row(line, table) == ((keyed.source, keyed.id), first_row(statement_of(keyed)))
    assert all(value is not None for value in line if value != line[3])


def test_keys_are_pairs_of_source_and_id() -> None:
    assert key_table([("a", "1"), ("b", "2")]).to_pylist() == [{"source": "a", "id": "1"}, {"source": "b", "id": "2"}]
