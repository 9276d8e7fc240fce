"""Every kind of record, in SQLite and in PostgreSQL."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tribometer.errors import StoreError, UsageError
from tribometer.store.records import Outcome, RecordStore

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        """Tell the time that was set."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(records_url: str, tmp_path: Path, clock: Clock) -> Iterator[RecordStore]:
    store = RecordStore.open(tmp_path, records_url, clock=clock, kept=timedelta(days=30))
    yield store
    store.close()


def test_a_token_is_known_by_its_secret_and_only_its_digest_is_stored(records: RecordStore) -> None:
    made = records.tokens.add("ci", ["write"])
    assert records.tokens.scopes_of(made.secret) == frozenset({"write"})
    assert records.tokens.scopes_of(made.secret[:-1]) is None
    assert records.tokens.scopes_of("\ud800") is None
    assert made.secret not in repr(made)
    [token] = records.tokens.all()
    assert token.name == "ci"
    assert made.secret not in repr(records.tokens.all())


def test_two_tokens_share_nothing(records: RecordStore) -> None:
    secrets = {records.tokens.add(name, ["read"]).secret for name in "ab"}
    assert len(secrets) == 2
    assert all(len(secret) >= 43 for secret in secrets)


def test_a_token_ends_when_it_expires(records: RecordStore, clock: Clock) -> None:
    made = records.tokens.add("ci", ["read"], timedelta(days=1))
    clock.now += timedelta(days=1) - timedelta(microseconds=1)
    assert records.tokens.scopes_of(made.secret) == frozenset({"read"})
    clock.now += timedelta(microseconds=1)
    assert records.tokens.scopes_of(made.secret) is None


def test_a_revoked_token_stays_on_record_and_frees_its_name(records: RecordStore, clock: Clock) -> None:
    first = records.tokens.add("ci", ["read"])
    revoked = records.tokens.revoke("ci")
    second = records.tokens.add("ci", ["read", "write"])
    assert revoked.revoked_at == clock.now
    assert records.tokens.scopes_of(first.secret) is None
    assert records.tokens.scopes_of(second.secret) == frozenset({"read", "write"})
    assert [token.revoked_at for token in records.tokens.all()] == [NOON, None]


def test_a_name_in_use_is_refused_with_what_to_do(records: RecordStore) -> None:
    records.tokens.add("ci", ["read"])
    with pytest.raises(UsageError, match="Revoke it first"):
        records.tokens.add("ci", ["write"])
    assert len(records.tokens.all()) == 1


@pytest.mark.parametrize(("name", "scopes"), [("", ["read"]), (" ", ["read"]), ("a", []), ("a", ["read", "admin"])])
def test_a_token_without_name_or_known_scope_is_refused(records: RecordStore, name: str, scopes: list[str]) -> None:
    with pytest.raises(UsageError, match="read, write"):
        records.tokens.add(name, scopes)


def test_revoking_what_is_not_there_says_how_to_see_what_is(records: RecordStore) -> None:
    with pytest.raises(UsageError, match="tribometer token list"):
        records.tokens.revoke("ci")


def test_the_use_of_a_token_is_noted_once_a_minute(records: RecordStore, clock: Clock) -> None:
    made = records.tokens.add("ci", ["read"])
    noted = []
    for seconds in (0, 59, 60):
        clock.now = NOON + timedelta(seconds=seconds)
        records.tokens.scopes_of(made.secret)
        noted.append(records.tokens.all()[0].last_used_at)
    assert noted == [NOON, NOON, NOON + timedelta(seconds=60)]


def test_a_run_that_went_well_is_on_record_with_its_counts(records: RecordStore, clock: Clock) -> None:
    with records.runs.recorded("collection", "git:acme/shop") as outcome:
        [running] = records.runs.newest()
        clock.now += timedelta(seconds=3)
        outcome.counts = {"new": 7}
    [run] = records.runs.newest()
    assert (running.status, running.ended_at, running.counts) == ("running", None, {})
    assert (run.status, run.started_at, run.ended_at) == ("succeeded", NOON, clock.now)
    assert (run.counts, run.error) == ({"new": 7}, None)


def fails_at_the_source(outcome: Outcome) -> None:
    outcome.error = "it was away"


def fails(_outcome: Outcome) -> None:
    raise StoreError("it was away")


def breaks(_outcome: Outcome) -> None:
    raise ZeroDivisionError("the inside")


def stops(_outcome: Outcome) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("work", "raised", "status", "error"),
    [
        (fails_at_the_source, None, "failed", "it was away"),
        (fails, StoreError, "failed", "it was away"),
        (breaks, ZeroDivisionError, "failed", "a defect of Tribometer (ZeroDivisionError)"),
        (stops, KeyboardInterrupt, "interrupted", None),
    ],
)
def test_a_run_that_ends_otherwise_says_how(
    records: RecordStore, work: object, raised: type[BaseException] | None, status: str, error: str | None
) -> None:
    assert callable(work)
    caught = None
    try:
        with records.runs.recorded("collection", "a") as outcome:
            work(outcome)
    except (StoreError, ZeroDivisionError, KeyboardInterrupt) as problem:
        caught = type(problem)
    [run] = records.runs.newest()
    assert caught is raised
    assert (run.status, run.error) == (status, error)
    assert run.ended_at is not None


def test_a_run_left_by_a_killed_process_is_interrupted_and_has_no_end(records: RecordStore, clock: Clock) -> None:
    with records.runs.recorded("collection", "whole"):
        pass
    left = records.runs.recorded("collection", "killed")
    left.__enter__()
    clock.now += timedelta(hours=1)
    assert records.runs.interrupt_left() == 1
    found = {run.name: (run.status, run.ended_at) for run in records.runs.newest()}
    assert found == {"whole": ("succeeded", NOON), "killed": ("interrupted", None)}
    assert records.runs.interrupt_left() == 0


def test_the_newest_run_of_each_source_is_found_among_other_kinds(records: RecordStore, clock: Clock) -> None:
    for kind, name in [("collection", "a"), ("collection", "b"), ("collection", "a"), ("import", "a")]:
        clock.now += timedelta(minutes=1)
        with records.runs.recorded(kind, name):
            pass
    found = records.runs.newest_each("collection")
    assert {name: run.started_at - NOON for name, run in found.items()} == {
        "a": timedelta(minutes=3),
        "b": timedelta(minutes=2),
    }
    assert [run.kind for run in records.runs.newest(name="a", limit=2)] == ["import", "collection"]
    assert [run.name for run in records.runs.newest(kind="collection")] == ["a", "b", "a"]


def test_runs_older_than_they_are_kept_make_room(records: RecordStore, clock: Clock) -> None:
    for day in (0, 1, 31):
        clock.now = NOON + timedelta(days=day)
        with records.runs.recorded("collection", str(day)):
            pass
    assert [run.name for run in records.runs.newest()] == ["31", "1"]


def test_the_audit_log_keeps_what_was_done_in_order(records: RecordStore, clock: Clock) -> None:
    records.audit.add("user:ann", "token.add", "ci", scopes=["read"])
    clock.now += timedelta(seconds=1)
    records.audit.add("user:bob", "import", "é.jsonl", counts={"new": 1})
    newest, oldest = records.audit.newest()
    assert (oldest.at, oldest.actor, oldest.action, oldest.subject) == (NOON, "user:ann", "token.add", "ci")
    assert oldest.details == {"scopes": ["read"]}
    assert (newest.subject, newest.details) == ("é.jsonl", {"counts": {"new": 1}})
    assert records.audit.newest(limit=1) == [newest]


def test_the_audit_log_has_no_way_to_change_or_remove_an_entry(records: RecordStore) -> None:
    assert {name for name in dir(records.audit) if not name.startswith("_")} == {"add", "newest"}


def test_times_come_back_as_the_same_instant_in_utc(records: RecordStore, clock: Clock) -> None:
    clock.now = datetime(2026, 7, 1, 0, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    records.audit.add("a", "b", "c")
    [entry] = records.audit.newest()
    assert entry.at == clock.now
    assert entry.at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(records: RecordStore, clock: Clock) -> None:
    clock.now = datetime(2026, 7, 1)  # noqa: DTZ001 - what is refused
    with pytest.raises(StoreError, match="a time without a zone"):
        records.audit.add("a", "b", "c")
    assert records.audit.newest() == []


def test_threads_write_beside_each_other(records: RecordStore) -> None:
    def write(name: str) -> None:
        for number in range(10):
            records.audit.add(name, "note", str(number))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(records.audit.newest()) == 40
