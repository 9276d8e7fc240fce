"""The schedule, over records in SQLite and in PostgreSQL: what a restart keeps, makes up for, and drops."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from tribometer.errors import SourceUnavailable, StoreUnavailable
from tribometer.service.schedule import Job, collect_due, started
from tribometer.service.timing import Schedule
from tribometer.store.records import RecordStore
from tribometer.store.records.database import Database
from tribometer.store.records.jobs import PAUSE, JobStore
from tribometer.store.records.location import Location

HOUR = timedelta(hours=1)
JITTER = timedelta(minutes=1)
PATIENCE = 20
NOBODY = "postgresql://ann:s3cret@127.0.0.1:9/records"


@pytest.fixture
def records(records_url: str, tmp_path: Path) -> Iterator[RecordStore]:
    store = RecordStore.open(tmp_path, records_url)
    yield store
    store.close()


@contextmanager
def running(records: RecordStore, *jobs: Job) -> Iterator[BackgroundScheduler]:
    scheduler = started(jobs, records)
    try:
        yield scheduler
    finally:
        scheduler.shutdown()


def job(source: str, run: Callable[[], object] = lambda: None, *, every: timedelta = HOUR, due: bool = True) -> Job:
    return Job(source, Schedule(every), run, due)


def test_a_source_never_collected_runs_at_once_and_one_just_collected_after_its_interval(records: RecordStore) -> None:
    ran = Event()
    begins = datetime.now(UTC)
    with running(records, job("now", ran.set), job("later", due=False)) as scheduler:
        assert ran.wait(PATIENCE)
        assert scheduler.get_job("later").next_run_time >= begins + HOUR


def test_a_restart_runs_nothing_again_before_it_is_due(records: RecordStore) -> None:
    ran = Event()
    with running(records, job("a", ran.set)):
        assert ran.wait(PATIENCE)
    ran.clear()
    with running(records, job("a", ran.set)) as scheduler:
        scheduler.pause()
        planned = scheduler.get_job("a").next_run_time
        assert planned > datetime.now(UTC) + HOUR - JITTER - timedelta(seconds=PATIENCE)
    assert not ran.is_set()
    with running(records, job("a", ran.set)) as scheduler:
        assert scheduler.get_job("a").next_run_time == planned


def test_what_was_missed_while_the_service_was_down_is_made_up_for_once(records: RecordStore) -> None:
    ran: list[str] = []
    once = Event()

    def run() -> None:
        ran.append("a")
        once.set()

    with running(records, job("a", due=False)) as scheduler:
        scheduler.pause()
        scheduler.modify_job("a", next_run_time=datetime.now(UTC) - timedelta(days=3))
    with running(records, job("a", run)) as scheduler:
        assert once.wait(PATIENCE)
        assert scheduler.get_job("a").next_run_time > datetime.now(UTC)
    assert ran == ["a"]


def test_jobs_of_sources_that_are_gone_are_dropped(records: RecordStore) -> None:
    with running(records, job("kept", due=False), job("gone", due=False)):
        pass
    with running(records, job("kept", due=False), job("new", due=False)) as scheduler:
        assert {each.id for each in scheduler.get_jobs()} == {"kept", "new"}


def test_an_interval_made_shorter_holds_at_once(records: RecordStore) -> None:
    with running(records, job("a", every=timedelta(days=1), due=False)):
        pass
    with running(records, job("a", every=HOUR)) as scheduler:
        stored = scheduler.get_job("a")
        assert stored.next_run_time <= datetime.now(UTC) + HOUR
        assert stored.trigger.interval == HOUR


def test_a_source_may_have_a_long_name(records: RecordStore) -> None:
    name = "git:" + "a" * 300
    with running(records, job(name, due=False)) as scheduler:
        assert scheduler.get_job(name).id == name


def test_a_source_that_fails_leaves_the_schedule_running(
    records: RecordStore, caplog: pytest.LogCaptureFixture
) -> None:
    done = Event()

    def fail() -> None:
        done.set()
        raise SourceUnavailable("git:acme/shop", "no answer", "It is tried again.")

    with running(records, job("a", fail)) as scheduler:
        assert done.wait(PATIENCE)
        assert scheduler.running
    assert "git:acme/shop: no answer" in caplog.text


def test_what_waits_for_a_thread_when_the_service_ends_does_not_run(records: RecordStore) -> None:
    ran = Event()
    with running(records, job("a", ran.set, due=False)):
        owner = str(records.database.location)
    collect_due(owner, "a")
    assert not ran.is_set()


def test_a_database_that_goes_away_delays_the_jobs_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = JobStore(Database(Location.of(tmp_path, NOBODY)))
    before = datetime.now(UTC)
    next_look = store.get_next_run_time()
    with caplog.at_level(logging.WARNING):
        store.update_job(SimpleNamespace(id="a", next_run_time=before))
    with pytest.raises(StoreUnavailable):
        store.get_due_jobs(before)
    assert next_look is not None
    assert next_look >= before + PAUSE
    assert "does not answer" in caplog.text
    assert "s3cret" not in caplog.text


def test_sources_that_wait_for_their_servers_hold_up_no_other(records: RecordStore) -> None:
    go, ran = Event(), Event()
    waiting = [job(f"waits {number}", lambda: go.wait(PATIENCE)) for number in range(12)]
    with running(records, *waiting, job("other", ran.set)):
        assert ran.wait(PATIENCE)
        go.set()


def test_a_source_is_never_collected_twice_at_once(records: RecordStore) -> None:
    go, begun = Event(), Event()
    ran: list[str] = []

    def run() -> None:
        ran.append("a")
        begun.set()
        go.wait(PATIENCE)

    with running(records, job("a", run)) as scheduler:
        assert begun.wait(PATIENCE)
        scheduler.modify_job("a", next_run_time=datetime.now(UTC))
        Event().wait(0.5)
        assert ran == ["a"]
        go.set()


def test_sources_of_one_interval_are_spread_over_a_while(records: RecordStore) -> None:
    with running(records, job("a", due=False)) as scheduler:
        assert scheduler.get_job("a").trigger.jitter == JITTER.total_seconds()


def test_once_a_day_is_at_its_time_in_its_zone_and_made_up_for_when_it_was_missed(records: RecordStore) -> None:
    daily = Schedule(timedelta(days=1), time(3, 5), "Europe/Berlin")
    with running(records, Job("a", daily, lambda: None, due=False)) as scheduler:
        scheduler.pause()
        planned = scheduler.get_job("a").next_run_time.astimezone(ZoneInfo("Europe/Berlin"))
        assert (planned.hour, planned.minute) in {(3, 5), (3, 6)}
        assert planned > datetime.now(UTC)
        scheduler.modify_job("a", next_run_time=datetime.now(UTC) - timedelta(days=3))
    ran = Event()
    with running(records, Job("a", daily, ran.set)) as scheduler:
        assert ran.wait(PATIENCE)
        assert scheduler.get_job("a").next_run_time > datetime.now(UTC)
