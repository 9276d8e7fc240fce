import io
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from demo_columns import END, NOW, rows, tables
from tribometer import demo
from tribometer.demo.organisation import TEAMS, services
from tribometer.events import EVENT_TYPES
from tribometer.store.parquet_file import read_parquet
from tribometer.store.rejects import Rejected

SMALL = 0.02


def as_bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


def test_the_same_day_gives_the_same_events_byte_for_byte() -> None:
    first, second = (demo.event_tables(NOW + timedelta(hours=late), scale=SMALL) for late in (0, 9))
    assert {name: as_bytes(table) for name, table in first.items()} == {
        name: as_bytes(table) for name, table in second.items()
    }


def test_another_seed_gives_other_events() -> None:
    first, second = (demo.event_tables(NOW, scale=SMALL, seed=seed) for seed in (1, 2))
    assert as_bytes(first["deployment"]) != as_bytes(second["deployment"])


def test_every_event_type_is_there_and_every_event_is_valid(tmp_path: Path) -> None:
    files = demo.write(tmp_path, NOW, scale=SMALL)
    assert set(files) == set(EVENT_TYPES)
    for event_type, file in files.items():
        read = list(read_parquet(io.BytesIO(file.read_bytes()), file.name, event_type))
        assert read
        assert [each for each in read if isinstance(each, Rejected)] == []
        # a misspelt column would be kept as an unknown field
        assert {name for each in read if not isinstance(each, Rejected) for name in each.extra} == set()


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_no_event_is_told_twice(event_type: str) -> None:
    ids = tables()[event_type].column("id").to_pylist()
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_nothing_is_known_of_the_time_after_the_last_midnight(event_type: str) -> None:
    planned = {("service", "archived_at"), ("ownership", "valid_to"), ("shift", "ends_at")}
    for name in tables()[event_type].column_names:
        column = tables()[event_type].column(name)
        if pa.types.is_timestamp(column.type) and (event_type, name) not in planned:
            latest = pa.compute.max(column).as_py()
            assert latest is None or latest <= END, name


def test_the_organisation_has_twelve_teams_in_four_zones_or_more_and_sixty_services() -> None:
    found = rows("team", "id", "parent", "timezone")
    assert len([each for each in found if each["timezone"]]) == len(TEAMS) == 12
    assert len({each["timezone"] for each in found if each["timezone"]}) >= 4
    assert {each["parent"] for each in found if each["timezone"]} < {each["id"] for each in found}
    assert len(services()) == len(rows("service", "id")) == 60
    shared = Counter(each["repository"] for each in rows("service", "repository"))
    assert [count for count in shared.values() if count > 1] == [6]


def test_every_parent_and_every_deployed_commit_is_in_the_graph() -> None:
    commits = {each["sha"]: each for each in rows("commit", "sha", "parents")}
    assert {parent for each in commits.values() for parent in each["parents"]} <= set(commits)
    assert {each["sha"] for each in rows("deployment", "sha")} <= set(commits)
    parents = Counter(len(each["parents"]) for each in commits.values())
    assert set(parents) == {0, 1, 2}
    assert parents[0] == len(tables()["repository"])


def test_no_commit_is_older_than_its_parents() -> None:
    commits = {each["sha"]: each for each in rows("commit", "sha", "parents", "committed_at")}
    for each in commits.values():
        assert all(commits[parent]["committed_at"] <= each["committed_at"] for parent in each["parents"])


@pytest.mark.parametrize(
    ("event_type", "fields"),
    [
        ("change", ("first_commit_at", "created_at", "ready_at", "merged_at", "closed_at")),
        ("job", ("queued_at", "started_at", "completed_at")),
        ("deployment", ("created_at", "started_at", "finished_at")),
        ("gate", ("requested_at", "decided_at")),
        ("incident", ("impact_started_at", "detected_at", "acknowledged_at", "mitigated_at", "resolved_at")),
        ("request", ("requested_at", "first_response_at", "fulfilled_at", "usable_at")),
    ],
)
def test_times_of_one_event_follow_each_other(event_type: str, fields: tuple[str, ...]) -> None:
    for each in rows(event_type, *fields):
        known = [each[field] for field in fields if each[field] is not None]
        assert known == sorted(known), each


@pytest.mark.parametrize(
    ("event_type", "field", "target"),
    [
        ("review", "change", "change"), ("review_request", "change", "change"), ("run", "change.id", "change"),
        ("job", "run", "run"), ("gate", "deployment", "deployment"), ("deployment", "run.id", "run"),
        ("incident", "deployment.id", "deployment"), ("page", "service", "service"), ("slo", "service", "service"),
    ],
)  # fmt: skip
def test_references_name_events_that_are_there(event_type: str, field: str, target: str) -> None:
    named = set(tables()[event_type].column(field).to_pylist()) - {None}
    assert named
    assert named <= set(tables()[target].column("id").to_pylist())


def test_work_follows_the_week_and_rests_at_the_end_of_the_year() -> None:
    begun = Counter(each["first_commit_at"].date() for each in rows("change", "first_commit_at"))
    by_weekday: Counter[int] = Counter()
    for day, count in begun.items():
        by_weekday[day.weekday()] += count
    assert by_weekday[5] + by_weekday[6] < 0.1 * by_weekday.total()
    lull = sum(count for day, count in begun.items() if (day.month, day.day) >= (12, 22))
    before = sum(count for day, count in begun.items() if (12, 1) <= (day.month, day.day) < (12, 11))
    assert lull < 0.5 * before
    grown = [sum(count for day, count in begun.items() if (END.date() - day).days // 182 == half) for half in (0, 3)]
    assert grown[0] > 1.1 * grown[1]


def test_newcomers_are_enough_for_a_cohort_in_every_quarter_and_write_nothing_before_they_start() -> None:
    people = {each["id"]: each for each in rows("person", "id", "kind", "start_date")}
    begins = END - timedelta(days=730)
    quarters = Counter(
        int((each["start_date"] - begins).days // 91.25)
        for each in people.values()
        if each["start_date"] and each["start_date"] >= begins
    )
    assert len(quarters) == 8
    assert min(quarters.values()) >= 5
    for change in rows("change", "author", "first_commit_at"):
        start = people[change["author"]]["start_date"]
        assert start is None or change["first_commit_at"] >= start


def test_survey_files_have_one_row_per_respondent_for_each_of_four_quarters(tmp_path: Path) -> None:
    demo.write(tmp_path, NOW, answers=tmp_path / "surveys", scale=SMALL)
    files = sorted((tmp_path / "surveys").glob("pulse_v1-*.csv"))
    assert [file.stem for file in files] == [
        f"pulse_v1-{name}" for name in ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
    ]
    for file in files:
        head, *lines = file.read_text(encoding="utf-8").splitlines()
        assert head.split(",") == ["respondent", "team", "tenure", "submitted_at", *(f"PU{n:02}" for n in range(1, 11))]
        assert len({line.split(",")[0] for line in lines}) == len(lines) > 60
