"""What landing a page of events does."""

from pathlib import Path
from typing import Any

import pytest

from event_samples import NOW, commit, contents, deployment, event, full_object, opened
from tribometer.events import EVENT_TYPES, Event, parse_event
from tribometer.store import EventStore, Landed, Rejected
from tribometer.store.landing import land
from tribometer.store.tables import TABLES


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with opened(tmp_path) as store:
        yield store


def one(store: EventStore, sql: str) -> Any:
    """Return the only value of a query."""
    with store.reader() as reader:
        ((value,),) = reader.rows(sql)
    return value


def test_a_page_counts_what_is_new_changed_and_known(store: EventStore) -> None:
    assert store.land([commit("a"), commit("b")]) == Landed(new=2)
    assert store.land([commit("a"), commit("b", files=1), commit("c")]) == Landed(new=1, updated=1, unchanged=1)


def test_landing_a_page_twice_changes_nothing(store: EventStore) -> None:
    page = [parse_event(full_object(event_type, note={"x": 1})) for event_type in EVENT_TYPES]
    store.land(page)
    before = contents(store)
    assert store.land(page) == Landed(unchanged=len(page))
    assert contents(store) == before


def test_a_field_that_is_carried_replaces_null_included_and_a_field_that_is_not_stays(store: EventStore) -> None:
    store.land([commit("a", additions=1, deletions=2, files=3)])
    store.land([commit("a", additions=5, deletions=None)])
    with store.reader() as reader:
        assert reader.rows("SELECT additions, deletions, files FROM commits") == [(5, None, 3)]


def test_several_events_about_one_thing_fold_in_order(store: EventStore) -> None:
    assert store.land([commit("a", files=1), commit("a", files=2)]) == Landed(new=1, updated=1)
    assert one(store, "SELECT files FROM commits") == 2


def test_unknown_fields_are_kept_and_merge_by_name(store: EventStore) -> None:
    store.land([commit("a", colour="red", size=1)])
    store.land([commit("a", size=2, shape=None)])
    assert one(store, "SELECT extra FROM commits") == '{"colour":"red","shape":null,"size":2}'


def test_each_field_has_the_value_of_its_highest_version(store: EventStore) -> None:
    for version, fields in ((3, {"files": 3}), (1, {"additions": 1, "files": 1}), (2, {"additions": 2})):
        store.land([commit("a", version=version, **fields)])
    with store.reader() as reader:
        assert reader.rows("SELECT version, files, additions FROM commits") == [(3, 3, 2)]


def test_a_version_may_be_a_time(store: EventStore) -> None:
    store.land([commit("a", files=2, version="2026-01-02T00:00:00Z")])
    assert store.land([commit("a", files=1, version="2026-01-01T23:00:00-02:00")]).updated == 1
    store.land([commit("a", files=0, version="2026-01-01T00:00:00Z")])
    assert one(store, "SELECT files FROM commits") == 1


def test_of_equal_versions_the_last_arrival_wins(store: EventStore) -> None:
    store.land([commit("a", files=1, version=1)])
    store.land([commit("a", files=2, version=1)])
    assert one(store, "SELECT files FROM commits") == 2


def test_a_version_replaces_what_was_said_without_one(store: EventStore) -> None:
    store.land([commit("a", files=1)])
    store.land([commit("a", files=2, version=-5)])
    assert one(store, "SELECT files FROM commits") == 2


@pytest.mark.parametrize(
    ("done", "late"),
    [
        (deployment("1", "success", url="u"), deployment("1", "queued", url="v", sha="s")),
        (
            event("request", "1", kind="db", requested_at="2026-01-01T00:00Z", status="done", team="a"),
            event("request", "1", kind="vm", requested_at="2026-01-01T00:00Z", status="pending", service="s"),
        ),
        (
            parse_event({**full_object("run"), "url": None}),
            parse_event({**full_object("run"), "conclusion": None, "branch": "other"}),
        ),
        (
            parse_event({**full_object("job"), "runner": None}),
            parse_event({**full_object("job"), "conclusion": "in_progress", "name": "other"}),
        ),
    ],
)
def test_what_is_unfinished_only_fills_the_gaps_of_what_is_finished(
    store: EventStore, done: Event, late: Event
) -> None:
    store.land([done])
    before = _row(store, done)
    store.land([late])
    after = _row(store, done)
    gained = {name for name, value in after.items() if value != before[name]}
    assert all(before[name] is None for name in gained)
    assert gained == {name for name in late.carried if before.get(name, 0) is None and after[name] is not None}
    assert gained


def _row(store: EventStore, landed: Event) -> dict[str, Any]:
    with store.reader() as reader:
        (row,) = reader.table(f"SELECT * FROM {TABLES[landed.TYPE].name}").to_pylist()  # noqa: S608 - our own name
    return dict(row)


def test_a_running_deployment_becomes_finished(store: EventStore) -> None:
    store.land([deployment("1", "running")])
    store.land([deployment("1", "failure")])
    assert one(store, "SELECT status FROM deployments") == "failure"


def test_a_versioned_running_statement_replaces_a_lower_finished_one(store: EventStore) -> None:
    store.land([deployment("1", "failure", version=1)])
    store.land([deployment("1", "running", version=2)])
    assert one(store, "SELECT status FROM deployments") == "running"


def test_a_reference_names_its_own_source_unless_it_says_another(store: EventStore) -> None:
    review = {"submitted_at": "2026-01-01T00:00Z"}
    store.land(
        [event("review", "1", change="7", **review), event("review", "2", change={"source": "x", "id": "7"}, **review)]
    )
    with store.reader() as reader:
        assert reader.rows("SELECT change_source, change_id FROM reviews ORDER BY id") == [("test", "7"), ("x", "7")]


def test_a_change_has_a_row_for_each_of_its_commits(store: EventStore) -> None:
    store.land([parse_event(full_object("change"))])
    with store.reader() as reader:
        assert sorted(reader.rows("SELECT repository, sha, role FROM change_commits")) == [
            ("acme/pay", "c1", "commit"),
            ("acme/pay", "c2", "merge"),
        ]
    store.land([parse_event(full_object("change", commits=["c1", "c3"], merge_sha=None))])
    with store.reader() as reader:
        assert reader.rows("SELECT sha, role FROM change_commits ORDER BY sha") == [("c1", "commit"), ("c3", "commit")]


def test_a_person_has_a_row_for_each_handle_and_no_name_is_in_the_file(store: EventStore, tmp_path: Path) -> None:
    store.land([event("person", "ada", handles=["ada", "ada-lovelace@example.com"])])
    of = store.pseudonyms.of
    with store.reader() as reader:
        assert set(reader.rows("SELECT handle, person FROM person_handles")) == {
            (of("ada"), of("ada")),
            (of("ada-lovelace@example.com"), of("ada")),
        }
    store.close()
    assert all(b"lovelace" not in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())


def test_the_cursor_lands_with_its_page(store: EventStore) -> None:
    assert store.sources.cursor("git:a") is None
    store.land([commit("a")], source="git:a", kind="git", cursor={"tip": "a"})
    store.land([commit("b")], source="git:a", kind="git")
    assert store.sources.cursor("git:a") == {"tip": "a"}


def test_every_source_heard_of_is_known_with_what_it_tells(store: EventStore) -> None:
    store.sources.started("git:a", "git")
    store.sources.failed("git:a", "git", "gone")
    store.land([commit("a", source="test"), deployment("1", source="other")], source="git:a", kind="git")
    store.sources.succeeded("git:a", reads={"deployment", "commit"})
    with store.reader() as reader:
        found = reader.rows(
            "SELECT source, kind, reads, last_success_at, last_error FROM source_states ORDER BY source"
        )
    at = NOW.replace(tzinfo=None)
    assert found == [
        ("git:a", "git", ["commit", "deployment"], at, None),
        ("other", "git", ["deployment"], at, None),
        ("test", "git", ["commit"], at, None),
    ]


def test_a_collection_succeeds_only_at_its_end(store: EventStore) -> None:
    store.land([commit("a", source="git:a")], source="git:a", kind="git", cursor={"tip": "a"})
    with store.reader() as reader:
        assert reader.rows("SELECT reads, last_success_at FROM source_states") == [(["commit"], None)]
    store.sources.succeeded("git:a", reads={"deployment", "commit"})
    with store.reader() as reader:
        found = reader.rows("SELECT reads, last_success_at FROM source_states")
    assert found == [(["commit", "deployment"], NOW.replace(tzinfo=None))]


def test_a_source_vouches_for_what_its_last_complete_collection_has_read(store: EventStore) -> None:
    store.land((), source="git:a", kind="git", cursor={})
    for reads in ({"commit", "incident"}, {"commit"}):
        store.sources.succeeded("git:a", reads=reads)
        with store.reader() as reader:
            assert reader.rows("SELECT reads FROM source_states") == [(sorted(reads),)]


def test_what_is_pushed_for_a_source_does_not_make_its_collection_complete(store: EventStore) -> None:
    store.land([commit("a", source="git:a")], source="git:a", kind="git", cursor={"tip": "a"})
    store.land([commit("b", source="git:a"), commit("c", source="pushed")])
    with store.reader() as reader:
        rows = reader.rows("SELECT source, last_success_at IS NULL FROM source_states ORDER BY source")
    assert rows == [("git:a", True), ("pushed", False)]


def test_what_is_pushed_before_the_first_page_lands_does_not_make_a_collection_complete(store: EventStore) -> None:
    store.sources.started("git:a", "git")
    store.land([commit("a", source="git:a")])
    with store.reader() as reader:
        assert reader.rows("SELECT last_success_at FROM source_states") == [(None,)]


def test_a_failure_keeps_what_the_source_had(store: EventStore) -> None:
    store.land([commit("a")], source="git:a", kind="git", cursor={"tip": "a"})
    store.sources.succeeded("git:a")
    store.sources.failed("git:a", "git", "gone")
    with store.reader() as reader:
        assert reader.rows("SELECT last_error, last_success_at IS NULL FROM source_states WHERE source = 'git:a'") == [
            ("gone", False)
        ]
    assert store.sources.cursor("git:a") == {"tip": "a"}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("title", "a\0b", "NUL"),
        ("title", "\ud800", "surrogate"),
        ("labels", ["ok", "\udfff"], "surrogate"),
        ("note", {"deep": ["\0"]}, "NUL"),
        ("note", 2**63, "63 bits"),
        ("note", float("inf"), "finite"),
        ("\0", 1, "NUL"),
    ],
)
def test_what_no_column_holds_is_rejected_alone(store: EventStore, field: str, value: Any, reason: str) -> None:
    bad = parse_event({**full_object("change"), field: value})
    assert store.land([commit("a"), bad], source="s") == Landed(new=1, rejected=1)
    (kept,) = store.rejected()
    assert reason in kept.reason
    assert kept.origin == "s"


def test_nesting_without_end_is_rejected(store: EventStore) -> None:
    deep: Any = None
    for _ in range(5000):
        deep = [deep]
    assert store.land([commit("a", note=deep)]) == Landed(rejected=1)


def test_a_rejection_is_kept_once_however_often_it_comes(store: EventStore) -> None:
    bad = Rejected("f", 3, "broken", "{")
    assert store.land([], rejected=[bad, bad]) == Landed(rejected=2)
    store.land([], rejected=[bad, Rejected("f", 4, "broken", b"{\xff")])
    assert [(each.line, each.content, each.content_bytes) for each in store.rejected()] == [
        (4, "{\\xff", 2),
        (3, "{", 1),
    ]


def test_what_an_origin_that_says_all_rejects_no_longer_is_dropped(store: EventStore) -> None:
    broken = [Rejected("f", line, "broken", content) for line, content in ((3, "{"), (4, "["))]
    store.land([], rejected=[*broken, Rejected("g", 1, "r", "{")])
    numbers = {each.content: each.number for each in store.rejected() if each.origin == "f"}
    store.land([], rejected=[Rejected("f", 2, "not closed", "["), Rejected("f", 9, "new", "(")], restated=["f"])
    assert [(each.origin, each.line, each.reason, each.content) for each in store.rejected()] == [
        ("f", 9, "new", "("),
        ("g", 1, "r", "{"),
        ("f", 2, "not closed", "["),
    ]
    assert store.rejected()[2].number == numbers["["]
    store.land([], restated=["f", "h"])
    assert [each.origin for each in store.rejected()] == ["g"]


def test_a_huge_rejection_is_kept_by_its_beginning(store: EventStore) -> None:
    store.land([], rejected=[Rejected("f", 1, "too long", b"x" * (17 * 2**20))])
    (kept,) = store.rejected()
    assert (len(kept.content), kept.content_bytes) == (64 * 2**10, 17 * 2**20)


def test_a_page_that_fails_leaves_nothing(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(store, without=())

    def lands_and_fails(*given: Any) -> Landed:
        land(*given)
        raise RuntimeError

    monkeypatch.setattr("tribometer.store.event_store.land", lands_and_fails)
    with pytest.raises(RuntimeError):
        store.land([commit("a")], source="s", cursor={"x": 1}, rejected=[Rejected("f", 1, "r", "c")])
    assert contents(store, without=()) == before
    monkeypatch.undo()
    assert store.land([commit("a")]) == Landed(new=1)
