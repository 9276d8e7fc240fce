"""The drill: everything is backed up and restored, in and between both kinds of record database, while it is in use."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select

from event_samples import contents, event, full_object
from metrics import Query
from organisations import organisation_of
from service_places import clock, deployments, lines
from tribometer.errors import StoreBusy, StoreError, TribometerError, UsageError
from tribometer.events import EVENT_TYPES, parse_event
from tribometer.service.backing_up import restore
from tribometer.service.instance import Instance, opened
from tribometer.service.replacing import READY, RESTORING, marked
from tribometer.service.session import Direct
from tribometer.settings import Settings
from tribometer.settings.values import Records
from tribometer.store.records import Expectation, Plan, RecordStore
from tribometer.store.records.tables import Base

Place = Callable[[str], AbstractContextManager[Instance]]
KILLS = (0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Open data folders by their name, with records in SQLite."""

    @contextmanager
    def of(name: str, url: str | None = None) -> Iterator[Instance]:
        with opened(Settings(data=tmp_path / name, records=Records(url=url)), clock) as instance:
            yield instance

    return of


def filled(instance: Instance) -> Instance:
    """Land every type of event and make every kind of record."""
    instance.store.land([parse_event(full_object(event_type)) for event_type in EVENT_TYPES])
    instance.store.land([parse_event(told) for told in organisation_of(7).events])
    instance.changed()
    records = instance.records
    records.tokens.add("ci", ["write"])
    plan = Plan((Expectation("pr_size", "down", 0.2),), date(2027, 1, 1), ("team:a", "team:b"), notes="ü")
    records.interventions.add("cache", plan, "user:ann")
    records.interventions.amend("cache", replace(plan, rollout={"team:b": date(2027, 2, 1)}), "user:bob")
    with records.runs.recorded("collection", "git:acme/shop") as outcome:
        outcome.counts = {"new": 3}
    instance.audit("token.add", "ci", scopes=["write"])
    return instance


def records_of(instance: Instance) -> dict[str, list[Any]]:
    """Return all rows of all records but the audit log, in which backups and restores stand themselves."""
    with instance.records.database.reading("comparing") as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name != "audit_log"]
        return {table.name: sorted(map(tuple, session.execute(select(table)))) for table in tables}


def perform(instance: Instance, operation: str, **arguments: Any) -> Mapping[str, Any]:
    """Perform an operation as a command does."""
    return Direct(instance).perform(operation, arguments, lambda _: None)


def numbers(instance: Instance) -> Mapping[str, Any]:
    """Return a number over everything, without when it was computed."""
    asked = {"name": "change_lead_time", "start": "2020-01-01", "end": "2027-01-01", "by": "month"}
    found = json.loads(json.dumps(perform(instance, "metric", **asked)))
    for each in (found, *found["series"]):
        del each["computed_at"]
    return dict(found)


def test_everything_comes_back_on_another_path(place: Place, tmp_path: Path) -> None:
    with place("first") as first:
        before = contents(filled(first).store), records_of(first), numbers(first)
        perform(first, "backup", file=str(tmp_path / "backup.zip"))
    with place("second") as second:
        perform(second, "restore", file=str(tmp_path / "backup.zip"))
        assert (contents(second.store), records_of(second), numbers(second)) == before
        assert second.store.land([event("team", "later", name="later")]).new == 1
    with place("second") as again:
        assert records_of(again) == before[1]


def test_records_move_between_the_two_databases_and_go_on_counting(
    place: Any, tmp_path: Path, records_url: str
) -> None:
    with place("first", records_url) as first:
        before = records_of(filled(first))
        perform(first, "backup", file=str(tmp_path / "backup.zip"))
    for name, url in (("sqlite", None), ("same", records_url)):
        with place(name, url) as other:
            perform(other, "restore", file=str(tmp_path / "backup.zip"))
            assert records_of(other) == before
            other.records.tokens.add("next", ["read"])
            assert len(other.records.tokens.all()) == 2


def test_a_restore_replaces_what_was_there_and_keeps_it_in_a_backup(place: Place, tmp_path: Path) -> None:
    with place("data") as instance:
        empty = contents(instance.store), records_of(instance)
        perform(instance, "backup", file=str(tmp_path / "empty.zip"))
        full = contents(filled(instance).store), records_of(instance)
        report = perform(instance, "restore", file=str(tmp_path / "empty.zip"))
        assert (contents(instance.store), records_of(instance)) == empty
        perform(instance, "restore", file=report["before"])
        assert (contents(instance.store), records_of(instance)) == full
        assert [entry.action for entry in instance.records.audit.newest(1)] == ["restore"]


@dataclass
class Leaving:
    """Records whose server goes away while a restore replaces both stores."""

    instance: Instance

    def get(self) -> RecordStore:
        """Give the records, or refuse."""
        if (self.instance.settings.data / RESTORING / READY).exists():
            raise StoreError("the server of the records is gone")
        return self.instance.records


def test_a_restore_that_fails_between_the_stores_leaves_no_number_of_the_old_one(place: Place, tmp_path: Path) -> None:
    with place("data") as instance:
        perform(instance, "backup", file=str(tmp_path / "empty.zip"))
        query = Query("deployment_frequency", now=instance.clock())
        instance.store.land([parse_event(each) for each in deployments(10)])
        instance.changed()
        before = instance.numbers.compute(query).n
        late: Any = Leaving(instance)
        with pytest.raises(StoreError, match="gone"):
            restore(replace(instance, late_records=late), {"file": str(tmp_path / "empty.zip")}, lambda _: None)
        assert (before, instance.numbers.compute(query).n) == (10, 0)


@dataclass
class Traffic:
    """Somebody who lands pairs of events, and somebody who reads them, until they are stopped."""

    instance: Instance
    landed: int = 0
    wrong: list[BaseException] = field(default_factory=list)
    stopped: Event = field(default_factory=Event)

    def land(self) -> None:
        """Land a team and an objective in one transaction."""
        pair = [event("team", f"t{self.landed}", name="t"), event("slo", f"s{self.landed}", **SLO)]
        self.instance.store.land(pair)
        self.landed += 1

    def read(self) -> None:
        """See as many of the one as of the other."""
        with self.instance.store.reader() as reader:
            [(more,)] = reader.rows("SELECT (SELECT count(*) FROM teams) - (SELECT count(*) FROM slos)")
        assert more == 0

    def repeat(self, once: Callable[[], None]) -> None:
        """Do it until stopped, or until it goes wrong."""
        try:
            while not self.stopped.is_set():
                once()
        except (TribometerError, AssertionError) as error:
            self.wrong.append(error)

    def until(self, count: int) -> None:
        """Wait until so many have landed."""
        while self.landed < count and not self.wrong:
            time.sleep(0.01)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Let both go on meanwhile."""
        threads = [Thread(target=self.repeat, args=(once,)) for once in (self.land, self.read)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopped.set()
            for thread in threads:
                thread.join()


def test_events_go_on_landing_and_pages_go_on_reading_meanwhile(place: Place, tmp_path: Path) -> None:
    with place("data") as instance:
        traffic = Traffic(instance)
        with traffic.flowing():
            traffic.until(5)
            perform(instance, "backup", file=str(tmp_path / "backup.zip"))
            perform(instance, "restore", file=str(tmp_path / "backup.zip"))
            traffic.until(traffic.landed + 5)
        assert traffic.wrong == []


SLO: dict[str, Any] = {
    "service": "pay", "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "objective": 0.9, "good": 1,
    "total": 1, "name": "up",
}  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"PK not a zip", b"\x00" * 100])
def test_a_file_that_is_no_backup_changes_nothing(place: Place, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.zip").write_bytes(content)
    with place("data") as instance:
        before = contents(filled(instance).store), records_of(instance)
        with pytest.raises(UsageError, match="damaged or no backup"):
            perform(instance, "restore", file=str(tmp_path / "bad.zip"))
        assert (contents(instance.store), records_of(instance)) == before
        assert not (instance.settings.data / RESTORING).exists()


def test_a_backup_never_overwrites_a_file(place: Place, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    with place("data") as instance, pytest.raises(UsageError, match="exists already"):
        perform(instance, "backup", file=str(tmp_path / "mine"))
    assert (tmp_path / "mine").read_text() == "precious"


def test_a_restore_under_way_in_another_process_keeps_others_out(place: Place, tmp_path: Path) -> None:
    with place("data"):
        pass
    (tmp_path / "data" / RESTORING).mkdir()
    with marked(tmp_path / "data" / RESTORING), pytest.raises(StoreBusy), place("data"):
        pass


@pytest.mark.slow
def test_a_restore_that_is_killed_leaves_the_old_or_the_new_and_nothing_between(place: Place, tmp_path: Path) -> None:
    with place("first") as first:
        new = contents(filled(first).store), records_of(first)
        perform(first, "backup", file=str(tmp_path / "backup.zip"))
    outcomes = set()
    for number, seconds in enumerate(KILLS):
        name = f"data{number}"
        with place(name) as instance:
            instance.store.land([parse_event(told) for told in deployments(5)])
            instance.changed()
            old = contents(instance.store), records_of(instance)
        command = [sys.executable, "-m", "tribometer", "--data", str(tmp_path / name), "restore"]
        process = subprocess.Popen([*command, str(tmp_path / "backup.zip")], cwd=tmp_path)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
        process.wait()
        with place(name) as instance:
            found = contents(instance.store), records_of(instance)
            assert found in (old, new)
            outcomes.add(found == new)
            assert not (tmp_path / name / RESTORING / READY).exists()


def test_backup_and_restore_say_what_they_did_in_a_terminal(tmp_path: Path) -> None:
    file = lines(tmp_path / "events.jsonl", deployments(3))
    data = ["--data", str(tmp_path / "data")]
    tribometer = [sys.executable, "-m", "tribometer"]

    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*tribometer, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)

    ran(*data, "import", file.name)
    assert "keep it like a secret" in ran(*data, "backup", "b.zip").stdout
    again = ran(*data, "backup", "b.zip")
    assert (again.returncode, "exists already" in again.stderr) == (2, True)
    restored = ran("--data", str(tmp_path / "other"), "restore", "b.zip")
    assert (restored.returncode, "What was here before is in" in restored.stdout) == (0, True)
    exported = ran("--data", str(tmp_path / "other"), "export", "--to", "out", "--json")
    assert json.loads(exported.stdout)["rows"] >= 3
    missing = ran(*data, "restore", "nope.zip")
    assert (missing.returncode, missing.stdout, "Traceback" in missing.stderr) == (2, "", False)
