"""A store's file copied and replaced while it is in use."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from event_samples import commit, contents, opened
from tribometer.errors import StoreError
from tribometer.privacy import KEY_FILE
from tribometer.store import EventStore
from tribometer.store.connection import FILE_NAME
from tribometer.store.store_files import copy_file

OPEN = "import duckdb, sys; duckdb.connect(sys.argv[1])"


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with opened(tmp_path / "data") as store:
        store.land([commit("a"), commit("b")])
        yield store


def kept(store: EventStore, tmp_path: Path) -> Path:
    """Copy the store and its key into a folder."""
    folder = tmp_path / "kept"
    folder.mkdir()
    store.snapshot(folder / FILE_NAME)
    (folder / KEY_FILE).write_bytes((tmp_path / "data" / KEY_FILE).read_bytes())
    (folder / KEY_FILE).chmod(0o600)
    return folder


def held_by_us(tmp_path: Path) -> bool:
    """Whether another process is kept from opening the store."""
    path = str(tmp_path / "data" / FILE_NAME)
    return subprocess.run([sys.executable, "-c", OPEN, path], capture_output=True, check=False).returncode != 0


def test_a_snapshot_holds_what_had_landed_and_opens_by_itself(store: EventStore, tmp_path: Path) -> None:
    folder = kept(store, tmp_path)
    before = contents(store)
    store.land([commit("c")])
    with opened(folder) as copy:
        assert contents(copy) == before


def test_a_snapshot_is_taken_beside_a_reader_in_the_middle_of_its_work(store: EventStore, tmp_path: Path) -> None:
    with store.reader() as reader:
        reader.materialise("kept_open", "SELECT * FROM commits")
        folder = kept(store, tmp_path)
        assert reader.rows("SELECT count(*) FROM kept_open") == [(2,)]
    with opened(folder) as copy:
        assert contents(copy) == contents(store)


def test_copying_the_file_does_not_let_go_of_it(store: EventStore, tmp_path: Path) -> None:
    kept(store, tmp_path)
    assert held_by_us(tmp_path)


def test_a_replaced_store_reads_and_lands_like_the_other(store: EventStore, tmp_path: Path) -> None:
    folder = kept(store, tmp_path)
    before = contents(store)
    store.land([commit("c", author="ann@example.org")])
    store.replace(folder)
    assert contents(store) == before
    assert store.land([commit("c"), commit("a")]).new == 1
    assert held_by_us(tmp_path)


def test_what_was_written_after_the_last_checkpoint_does_not_leak_into_the_replacement(
    store: EventStore, tmp_path: Path
) -> None:
    folder = kept(store, tmp_path)
    before = contents(store)
    store.land([commit(str(number)) for number in range(2000)])
    store.replace(folder)
    store.close()
    with opened(tmp_path / "data") as again:
        assert contents(again) == before


def test_a_replacement_that_is_not_there_is_an_error_and_the_store_goes_on(store: EventStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No such file"):
        store.replace(tmp_path / "nowhere")
    assert store.land([commit("a"), commit("c")]).new == 1


def test_a_copy_without_room_says_so(store: EventStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Free disk space, or check the rights"):
        copy_file(tmp_path / "data" / FILE_NAME, tmp_path / "nowhere" / "copy")
    assert len(contents(store)["commits"]) == 2
