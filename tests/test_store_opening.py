"""Opening the store: who may, what is made, and what is refused with what to do."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from threading import Event, Thread

import duckdb
import pytest

from event_samples import NOW, commit, contents, deployment, opened
from tribometer.errors import StoreBusy, StoreClosed, StoreError
from tribometer.privacy import KEY_FILE
from tribometer.settings import Rules
from tribometer.store import EventStore, connection
from tribometer.store.connection import FILE_NAME
from tribometer.store.schema import Migration, migrate, shipped_migrations

HOLD = """
import sys
from pathlib import Path
from tribometer.store import EventStore
with EventStore.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def held(folder: Path) -> subprocess.Popen[str]:
    """Return another process that holds the store of a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def test_the_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    with opened(tmp_path / "a" / "data"):
        assert (tmp_path / "a" / "data").stat().st_mode & 0o777 == 0o700


def test_a_second_process_is_told_who_holds_the_store_until_that_one_is_killed(tmp_path: Path) -> None:
    with held(tmp_path) as holder:
        with pytest.raises(StoreBusy) as caught:
            opened(tmp_path)
        assert caught.value.holder == holder.pid
        assert f"process {holder.pid} ({sys.executable}" in str(caught.value)
        assert caught.value.transient
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        opened(tmp_path).close()


def test_a_store_that_was_closed_can_be_opened_again(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.land([commit("a")])
        before = contents(store)
    with opened(tmp_path) as store:
        assert contents(store) == before


def test_a_damaged_file_is_refused_with_the_way_to_a_backup(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"garbage" * 1000)
    with pytest.raises(StoreError, match="tribometer restore"):
        opened(tmp_path)


def test_a_flipped_byte_in_the_header_is_damage(tmp_path: Path) -> None:
    opened(tmp_path).close()
    path = tmp_path / FILE_NAME
    content = bytearray(path.read_bytes())
    for place in (100, 4196, 8292):
        content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(StoreError, match="tribometer restore"):
        opened(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="TRIBOMETER_DATA"):
        opened(tmp_path / "file" / "data")


def test_another_key_is_refused(tmp_path: Path) -> None:
    opened(tmp_path).close()
    (tmp_path / KEY_FILE).write_bytes(b"x" * 32)
    with pytest.raises(StoreError, match="not the key this store was written with"):
        opened(tmp_path)


def test_a_lost_key_is_refused_and_not_made_anew(tmp_path: Path) -> None:
    opened(tmp_path).close()
    (tmp_path / KEY_FILE).unlink()
    with pytest.raises(StoreError, match="missing"):
        opened(tmp_path)
    assert not (tmp_path / KEY_FILE).exists()


def test_the_key_is_not_in_the_store(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.land([commit("a", author="ada")])
    key = (tmp_path / KEY_FILE).read_bytes()
    content = (tmp_path / FILE_NAME).read_bytes()
    assert key not in content
    assert key.hex().encode() not in content


def test_a_store_newer_than_the_program_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as store, store.reader() as reader:
        reader.rows("INSERT INTO schema_migrations VALUES (99, 'later', TIMESTAMP '2026-01-01')")
    with pytest.raises(StoreError, match="newer version"):
        opened(tmp_path)


def test_every_migration_is_recorded_and_runs_once() -> None:
    connection = duckdb.connect()
    for _ in range(2):
        migrate(connection, lambda: NOW)
    recorded = connection.execute("SELECT number, name FROM schema_migrations ORDER BY number").fetchall()
    assert recorded == [(each.number, each.name) for each in shipped_migrations()]
    assert [number for number, _ in recorded] == list(range(1, len(recorded) + 1))


def test_a_migration_that_fails_leaves_neither_tables_nor_record() -> None:
    connection = duckdb.connect()
    broken = Migration(1, "0001_broken.sql", "CREATE TABLE a (x INTEGER); CREATE TABLE a (x INTEGER)")
    with pytest.raises(duckdb.Error):
        migrate(connection, lambda: NOW, [broken])
    assert connection.execute("SELECT count(*) FROM schema_migrations").fetchone() == (0,)
    migrate(connection, lambda: NOW, [Migration(1, "0001_mended.sql", "CREATE TABLE a (x INTEGER)")])
    assert connection.execute("SELECT count(*) FROM a").fetchone() == (0,)


def test_opening_derives_what_a_crash_left(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.land([commit("c1"), deployment("1", sha="c1", finished_at="2026-02-01T00:00Z")])
    with opened(tmp_path) as store, store.reader() as reader:
        assert reader.rows("SELECT id, role FROM production_deployments") == [("1", "shipped")]
        assert reader.rows("SELECT * FROM stale_services") == []


def test_other_rules_derive_everything_anew(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.land([deployment("1", environment="blue", finished_at="2026-02-01T00:00Z")])
        store.refresh()
        with store.reader() as reader:
            assert reader.rows("SELECT id FROM production_deployments") == []
    rules = Rules(environments={"production": ("blue",)})
    with EventStore.open(tmp_path, rules) as store, store.reader() as reader:
        assert reader.rows("SELECT id FROM production_deployments") == [("1",)]


def test_a_copied_folder_is_a_store_of_its_own(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as store:
        store.land([commit("a")])
        before = contents(store)
    copytree(tmp_path / "one", tmp_path / "two")
    with opened(tmp_path / "one"), opened(tmp_path / "two") as copy:
        assert contents(copy) == before


def test_queries_hold_what_the_setting_says(tmp_path: Path) -> None:
    with EventStore.open(tmp_path, memory="300MB") as store, store.reader() as reader:
        assert store.memory == "300MB"
        [(limit,)] = reader.rows("SELECT value FROM duckdb_settings() WHERE name = 'memory_limit'")

    assert limit == "286.1 MiB"


@pytest.mark.parametrize(
    ("pages", "container", "memory"),
    [
        (2_000_000, None, "1024MB"),
        (200_000, None, "512MB"),
        (20_000_000, None, "4096MB"),
        (20_000_000, "max", "4096MB"),
        (20_000_000, "16384000000", "2048MB"),
    ],
)
def test_without_a_setting_a_share_of_the_machine_or_of_its_container_is_held(
    pages: int, container: str | None, memory: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limit = tmp_path / "memory.max"
    if container is not None:
        limit.write_text(f"{container}\n", encoding="ascii")
    monkeypatch.setattr(connection, "CONTROL_GROUP", limit)
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4_096, "SC_PHYS_PAGES": pages}.__getitem__)

    assert connection.usual_memory() == memory


def test_a_query_that_still_runs_is_stopped_when_the_store_is_closed(tmp_path: Path) -> None:
    store = EventStore.open(tmp_path / "data")
    begun, told = Event(), list[type[Exception]]()

    def count() -> None:
        try:
            with store.reader() as reader:
                begun.set()
                reader.rows(
                    "SELECT COUNT(*) FROM range(10000000) AS a, range(1000000) AS b WHERE a.range + b.range = 7"
                )
        except StoreError as error:
            told.append(type(error))

    counting = Thread(target=count)
    counting.start()
    assert begun.wait(20)
    store.close()
    counting.join(20)
    assert told == [StoreClosed]
    with pytest.raises(StoreClosed, match="the store is closed"), store.reader():
        pass
