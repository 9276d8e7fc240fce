"""Readers run beside the writer, each with its own temporary tables."""

import threading
from pathlib import Path

import pyarrow as pa
import pytest

from event_samples import commit, opened
from tribometer.errors import StoreError


def test_a_reader_sees_whole_pages_only_while_a_writer_lands_them(tmp_path: Path) -> None:
    seen: list[int] = []
    done = threading.Event()
    with opened(tmp_path) as store:

        def read() -> None:
            while not done.is_set():
                with store.reader() as reader:
                    ((count,),) = reader.rows("SELECT count(*) FROM commits")
                seen.append(count)

        thread = threading.Thread(target=read)
        thread.start()
        for page in range(10):
            store.land([commit(f"{page}-{number}") for number in range(50)])
        done.set()
        thread.join()
        with store.reader() as reader:
            assert reader.rows("SELECT count(*) FROM commits") == [(500,)]
    assert seen
    assert all(count % 50 == 0 for count in seen)
    assert seen == sorted(seen)


def test_two_threads_that_write_wait_for_each_other(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        pages = [[commit(f"{page}-{number}") for number in range(20)] for page in range(6)]
        threads = [threading.Thread(target=store.land, args=(page,)) for page in pages]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.reader() as reader:
            assert reader.rows("SELECT count(*) FROM commits") == [(120,)]


def test_a_query_takes_named_parameters(tmp_path: Path) -> None:
    with opened(tmp_path) as store, store.reader() as reader:
        assert reader.rows("SELECT $a + $b", a=1, b=2) == [(3,)]
        assert reader.table("SELECT $a AS a", a=1).to_pylist() == [{"a": 1}]


def test_a_defined_table_is_seen_by_its_reader_only_and_replaced(tmp_path: Path) -> None:
    with opened(tmp_path) as store, store.reader() as reader, store.reader() as other:
        reader.define("params", pa.table({"unit": ["change"]}))
        reader.define("params", pa.table({"unit": ["commit"]}))
        assert reader.rows("SELECT unit FROM params") == [("commit",)]
        with pytest.raises(StoreError):
            other.rows("SELECT unit FROM params")


def test_a_materialised_query_is_kept_and_replaced(tmp_path: Path) -> None:
    with opened(tmp_path) as store, store.reader() as reader:
        reader.materialise("units", "SELECT 1 AS unit")
        reader.materialise("units", "SELECT unit + 1 AS unit FROM units")
        assert reader.rows("SELECT unit FROM units") == [(2,)]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("seconds_between(TIMESTAMP '2026-01-01 00:00:00', TIMESTAMP '2026-01-02 00:00:00.000001')", 86400.000001),
        ("seconds_between(TIMESTAMP '2026-01-02 00:00:00', TIMESTAMP '2026-01-01 00:00:00')", -86400.0),
        ("seconds_between(NULL, TIMESTAMP '2026-01-01 00:00:00')", None),
        ("matches('HotFix/x', '^hotfix')", True),
        ("matches('a hotfix', '^hotfix')", False),
        ("matches(NULL, '^hotfix')", False),
    ],
)
def test_the_prelude_means_what_the_metrics_assume(tmp_path: Path, expression: str, value: object) -> None:
    with opened(tmp_path) as store, store.reader() as reader:
        assert reader.rows(f"SELECT {expression}") == [(value,)]


def test_a_query_that_is_wrong_is_an_error_of_the_store(tmp_path: Path) -> None:
    with opened(tmp_path) as store, store.reader() as reader, pytest.raises(StoreError, match="nonsense"):
        reader.rows("SELECT * FROM nonsense")
