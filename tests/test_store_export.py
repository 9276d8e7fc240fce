"""What an export writes, and what it leaves as it was."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from event_samples import commit, deployment, event, full_object, opened
from tribometer.errors import UsageError
from tribometer.events import EVENT_TYPES, parse_event
from tribometer.store import EventStore
from tribometer.store.export import MANIFEST
from tribometer.store.export_tables import EXPORTED, TIMES
from tribometer.store.tables import TABLES

MARCH = datetime(2026, 3, 10, tzinfo=UTC)
APRIL = "2026-04-10T00:00:00Z"


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with opened(tmp_path / "data") as store:
        store.land([parse_event(full_object(event_type)) for event_type in EVENT_TYPES])
        store.land(
            [commit(name, committed_at=(MARCH + timedelta(days=31 * n)).isoformat()) for n, name in enumerate("abc")]
        )
        store.refresh()
        yield store


def rows_of(folder: Path, table: str) -> list[dict[str, Any]]:
    """Return all rows of an exported table."""
    files = sorted((folder / table).rglob("*.parquet"))
    return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]


def times_written(folder: Path) -> dict[str, int]:
    """Tell for each file which inode it has: a file that is written again is another."""
    return {str(file.relative_to(folder)): file.stat().st_ino for file in folder.rglob("*.parquet")}


def test_every_table_is_there_with_all_its_rows_and_without_bookkeeping(store: EventStore, tmp_path: Path) -> None:
    summary = store.export(tmp_path / "out")
    assert summary.tables == len(EXPORTED)
    for table in EXPORTED:
        with store.reader() as reader:
            expected = reader.table(f"SELECT * EXCLUDE (happened_at) FROM ({table.select}) AS t").to_pylist()  # noqa: S608 - our own
        found = rows_of(tmp_path / "out", table.name)
        assert sorted(map(repr, found)) == sorted(map(repr, expected))
        assert not any({"version", "lagging", "extra"} & row.keys() for row in found)


def test_every_table_of_events_but_people_is_exported() -> None:
    assert {table.name for table in TABLES.values()} - {table.name for table in EXPORTED} == {"people"}
    assert TIMES.keys() <= {table.name for table in TABLES.values()}


def test_a_month_is_a_folder_and_a_row_lies_in_the_month_of_its_time(store: EventStore, tmp_path: Path) -> None:
    store.export(tmp_path / "out")
    months = {path.name for path in (tmp_path / "out" / "commits").iterdir()}
    assert {"month=2026-03", "month=2026-04", "month=2026-05"} <= months
    april = pq.ParquetFile(tmp_path / "out/commits/month=2026-04/part-0.parquet").read().to_pylist()
    assert [row["id"] for row in april] == ["b"]


def test_a_second_export_writes_only_the_months_that_changed(store: EventStore, tmp_path: Path) -> None:
    store.export(tmp_path / "out")
    before = times_written(tmp_path / "out")
    assert store.export(tmp_path / "out").written == 0
    store.land([commit("b", additions=77, committed_at=APRIL)])
    assert store.export(tmp_path / "out").written == 1
    after = times_written(tmp_path / "out")
    assert {name for name in after if after[name] != before.get(name)} == {"commits/month=2026-04/part-0.parquet"}


def test_a_row_that_moves_to_another_month_leaves_the_first(store: EventStore, tmp_path: Path) -> None:
    store.land([deployment("d", finished_at=MARCH.isoformat(), service="mover")])
    store.export(tmp_path / "out")
    store.land([deployment("d", finished_at="2027-01-02T00:00:00Z", service="mover")])
    assert store.export(tmp_path / "out").removed == 1
    places = [file.parent.name for file in (tmp_path / "out/deployments").rglob("*.parquet")]
    assert "month=2027-01" in places
    assert "month=2026-03" not in places


@pytest.mark.parametrize("after", range(0, len(EXPORTED), 5))
def test_an_export_that_was_cut_off_is_finished_by_the_next(store: EventStore, tmp_path: Path, after: int) -> None:
    def cut(done: int, _total: int) -> None:
        if done > after:
            raise KeyboardInterrupt

    store.export(tmp_path / "out")
    store.land([commit("b", additions=77, committed_at=APRIL), event("team", "new", name="new")])
    with pytest.raises(KeyboardInterrupt):
        store.export(tmp_path / "out", cut)
    store.export(tmp_path / "out")
    store.export(tmp_path / "whole")
    for table in EXPORTED:
        assert rows_of(tmp_path / "out", table.name) == rows_of(tmp_path / "whole", table.name)


def test_a_file_that_somebody_removed_and_a_damaged_manifest_are_written_again(
    store: EventStore, tmp_path: Path
) -> None:
    whole = store.export(tmp_path / "out").written
    (tmp_path / "out/commits/month=2026-04/part-0.parquet").unlink()
    assert store.export(tmp_path / "out").written == 1
    (tmp_path / "out" / MANIFEST).write_text("{")
    assert store.export(tmp_path / "out").written == whole


def test_a_folder_with_something_else_in_it_is_left_alone(store: EventStore, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious.txt").write_text("mine")
    with pytest.raises(UsageError, match="Name a new or empty folder"):
        store.export(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["precious.txt"]


def test_a_place_that_cannot_be_written_is_named(store: EventStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"file.*Choose another folder"):
        store.export(tmp_path / "file" / "out")


def test_rows_about_people_stay_behind(store: EventStore, tmp_path: Path) -> None:
    store.land([event("ownership", "member", person="ann@example.org", team="payments")])
    store.export(tmp_path / "out")
    assert not (tmp_path / "out" / "people").exists()
    assert not any(row["id"] == "member" for row in rows_of(tmp_path / "out", "ownerships"))
    assert not any("person" in row for row in rows_of(tmp_path / "out", "shifts"))
