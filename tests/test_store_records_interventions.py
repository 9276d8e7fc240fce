"""Interventions on record: added to in SQLite and in PostgreSQL, and never changed behind anybody's back."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from tribometer.errors import StoreError, UsageError
from tribometer.store.records import Expectation, Plan, RecordStore
from tribometer.store.records.copying import copy_records
from tribometer.store.records.database import Database
from tribometer.store.records.location import Location
from tribometer.store.records.schema import FOLDER, VERSION_TABLE

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
CACHE = Plan((Expectation("ci_execution_time", "down", 0.2),), date(2026, 3, 2), ("team:payments", "team:search"))


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
    store = RecordStore.open(tmp_path, records_url, clock=clock)
    yield store
    store.close()


def test_interventions_are_listed_by_the_day_of_their_first_release(records: RecordStore) -> None:
    later = records.interventions.add("later", replace(CACHE, notes="ü"), "user:ann")
    sooner = records.interventions.add(
        "sooner", replace(CACHE, released_on=date(2026, 9, 1), rollout={"team:search": date(2026, 2, 9)}), "user:ann"
    )
    assert records.interventions.all() == [sooner, later]
    assert (later.plan, later.registered_at, later.recorded_by) == (replace(CACHE, notes="ü"), NOON, "user:ann")
    assert sooner.plan.releases == (date(2026, 2, 9), date(2026, 9, 1))


def test_a_day_on_which_nobody_gets_it_is_no_release() -> None:
    everyone = {scope: date(2026, 4, 1) for scope in CACHE.scopes}
    assert replace(CACHE, rollout=everyone).releases == (date(2026, 4, 1),)
    assert replace(CACHE, scopes=(), rollout=everyone).releases == (date(2026, 3, 2), date(2026, 4, 1))


@pytest.mark.parametrize(("direction", "share"), [("sideways", None), ("up", 0.0), ("up", -0.1), ("up", float("nan"))])
def test_an_expectation_that_means_nothing_is_refused(
    records: RecordStore, direction: str, share: float | None
) -> None:
    with pytest.raises(UsageError, match="up or down"):
        records.interventions.add("cache", replace(CACHE, expectations=(Expectation("m", direction, share),)), "a")


@pytest.mark.parametrize("expectations", [(), (*CACHE.expectations, *CACHE.expectations)])
def test_metrics_are_named_and_each_once(records: RecordStore, expectations: tuple[Expectation, ...]) -> None:
    with pytest.raises(UsageError, match="one or more metrics, each of them once"):
        records.interventions.add("cache", replace(CACHE, expectations=expectations), "a")


def test_a_roll_out_reaches_nobody_for_whom_the_intervention_is_not(records: RecordStore) -> None:
    with pytest.raises(UsageError, match="team:billing"):
        records.interventions.add("cache", replace(CACHE, rollout={"team:billing": date(2026, 4, 1)}), "a")


def test_a_name_that_is_taken_is_refused_and_what_it_names_stays(records: RecordStore) -> None:
    kept = records.interventions.add("cache", CACHE, "user:ann")
    with pytest.raises(UsageError, match="already"):
        records.interventions.add("cache", replace(CACHE, notes="other"), "user:bob")
    assert records.interventions.all() == [kept]


def test_a_change_before_the_release_is_a_further_row_and_the_earlier_ones_stay(
    records: RecordStore, clock: Clock
) -> None:
    records.interventions.add("cache", CACHE, "user:ann")
    clock.now += timedelta(days=1)
    records.interventions.amend("cache", replace(CACHE, notes="more runners too"), "user:bob")
    clock.now += timedelta(days=1)
    records.interventions.withdraw("cache", "user:eve")
    [stands] = records.interventions.all()
    history = [
        (each.revision, each.change, each.recorded_by, each.recorded_at, each.plan.notes)
        for each in records.interventions.history()
    ]
    assert history == [
        (1, "added", "user:ann", NOON, ""),
        (2, "amended", "user:bob", NOON + timedelta(days=1), "more runners too"),
        (3, "withdrawn", "user:eve", NOON + timedelta(days=2), "more runners too"),
    ]
    assert (stands.change, stands.registered_at) == ("withdrawn", NOON)


def test_from_the_day_of_the_first_release_on_it_stands_as_it_is(records: RecordStore, clock: Clock) -> None:
    staggered = replace(CACHE, rollout={"team:search": date(2026, 6, 1)})
    kept = records.interventions.add("cache", staggered, "user:ann")
    clock.now = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    kept = records.interventions.amend("cache", replace(staggered, notes="last call"), "user:ann")
    clock.now = datetime(2026, 3, 2, tzinfo=UTC)
    with pytest.raises(UsageError, match=r"since its first release on 2026-03-02.*what was expected must not follow"):
        records.interventions.amend("cache", replace(CACHE, released_on=date(2026, 7, 1)), "user:ann")
    with pytest.raises(UsageError, match="since its first release on 2026-03-02"):
        records.interventions.withdraw("cache", "user:ann")
    assert records.interventions.all() == [kept]


def test_what_was_withdrawn_comes_back_under_another_name_only(records: RecordStore) -> None:
    records.interventions.add("cache", CACHE, "user:ann")
    records.interventions.withdraw("cache", "user:ann")
    with pytest.raises(UsageError, match="was withdrawn on 2026-02-01"):
        records.interventions.amend("cache", CACHE, "user:ann")
    with pytest.raises(UsageError, match="already"):
        records.interventions.add("cache", CACHE, "user:ann")


def test_changing_what_is_not_there_says_how_to_see_what_is(records: RecordStore) -> None:
    with pytest.raises(UsageError, match="tribometer intervention list"):
        records.interventions.withdraw("cache", "user:ann")


def test_what_is_over_is_registered_after_the_fact_only_and_marked_for_ever(records: RecordStore, clock: Clock) -> None:
    over = replace(CACHE, released_on=date(2026, 1, 31))
    with pytest.raises(UsageError, match="--after-the-fact"):
        records.interventions.add("cache", over, "user:ann")
    records.interventions.add("cache", over, "user:ann", after_the_fact=True)
    clock.now += timedelta(days=400)
    [stands] = records.interventions.all()
    assert stands.after_the_fact
    with pytest.raises(UsageError, match="since its first release"):
        records.interventions.withdraw("cache", "user:ann")


def test_what_is_not_over_is_not_registered_after_the_fact(records: RecordStore) -> None:
    with pytest.raises(UsageError, match="is not over"):
        records.interventions.add("cache", CACHE, "user:ann", after_the_fact=True)


def test_an_amendment_does_not_move_the_release_into_the_past(records: RecordStore) -> None:
    kept = records.interventions.add("cache", CACHE, "user:ann")
    with pytest.raises(UsageError, match="is over"):
        records.interventions.amend("cache", replace(CACHE, released_on=date(2026, 1, 31)), "user:ann")
    assert records.interventions.all() == [kept]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE intervention_revisions SET released_on = '2030-01-01'",
        "UPDATE intervention_revisions SET notes = 'x' WHERE name = 'cache'",
        "DELETE FROM intervention_revisions",
        "DELETE FROM intervention_revisions WHERE name = 'cache'",
    ],
)
def test_the_database_refuses_to_change_or_remove_what_is_on_record(records: RecordStore, statement: str) -> None:
    kept = records.interventions.add("cache", CACHE, "user:ann")
    with (
        pytest.raises(StoreError, match="never changed or removed"),
        records.database.writing("going behind") as session,
    ):
        session.execute(text(statement))
    assert records.interventions.all() == [kept]


def test_no_row_comes_in_place_of_another(records: RecordStore) -> None:
    kept = records.interventions.add("cache", CACHE, "user:ann")
    columns = "number, name, revision, change, recorded_at, recorded_by, expectations, scopes, released_on, rollout"
    row = f"SELECT {columns}, 'x', after_the_fact, demo FROM intervention_revisions"  # noqa: S608 - our own names
    into = f"intervention_revisions ({columns}, notes, after_the_fact, demo)"
    sqlite = records.database.engine.dialect.name == "sqlite"
    replacing = f"INSERT OR REPLACE INTO {into} {row}" if sqlite else "TRUNCATE intervention_revisions"
    with (
        pytest.raises(StoreError, match="never changed or removed"),
        records.database.writing("going behind") as session,
    ):
        session.execute(text(replacing))
    assert records.interventions.all() == [kept]


def test_a_copy_takes_the_place_of_what_was_there_and_is_guarded_as_before(
    records: RecordStore, tmp_path: Path
) -> None:
    records.interventions.add("there before", CACHE, "user:ann")
    other = RecordStore.open(tmp_path / "other", clock=lambda: NOON)
    kept = other.interventions.add("cache", CACHE, "user:bob")
    copy_records(other.database, records.database)
    other.close()
    assert records.interventions.all() == [kept]
    for statement in ("UPDATE intervention_revisions SET notes = 'x'", "DELETE FROM intervention_revisions"):
        with (
            pytest.raises(StoreError, match="never changed or removed"),
            records.database.writing("going behind") as session,
        ):
            session.execute(text(statement))
    assert records.interventions.add("next", CACHE, "user:ann").revision == 1


def test_only_those_of_a_demo_make_room_for_others(records: RecordStore) -> None:
    kept = records.interventions.add("cache", CACHE, "user:ann")
    records.interventions.add("generated", CACHE, "demo", demo=True)
    records.interventions.drop_demo()
    assert records.interventions.all() == [kept]


def test_what_was_registered_before_there_were_changes_is_kept_as_the_first_of_its_own(
    records_url: str, tmp_path: Path
) -> None:
    location = Location.of(tmp_path, records_url)
    location.make_file()
    database = Database(location)
    with database.alone("making an old store") as connection:
        config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
        config.set_main_option("script_location", str(FOLDER))
        command.upgrade(config, "0002")
        connection.execute(
            text(
                "INSERT INTO interventions VALUES (7, 'cache', 'pr_size', '[\"team:a\"]', 'down', 0.25, "
                "'2026-01-05', '2026-02-01 12:00:00', 'ü')"
            )
        )
    database.close()
    store = RecordStore.open(tmp_path, records_url, clock=lambda: NOON)
    [kept] = store.interventions.all()
    added = store.interventions.add("next", CACHE, "user:ann")
    store.close()
    plan = Plan((Expectation("pr_size", "down", 0.25),), date(2026, 1, 5), ("team:a",), notes="ü")
    assert (kept.name, kept.plan, kept.recorded_at, kept.recorded_by) == ("cache", plan, NOON, "unknown")
    assert (kept.change, kept.revision, kept.after_the_fact) == ("added", 1, True)
    assert added.name == "next"
