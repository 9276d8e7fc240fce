"""Backstage: what entities and tasks mean, and what a collection reads, remembers and survives."""

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from collectors import build
from collectors.backstage.entities import Read, parse_entities, templates
from collectors.backstage.references import reference, short_name
from collectors.backstage.tasks import parse_task, task_of
from collectors.base import Page
from collectors.http.recording import recording, replaying
from collectors.sync import run
from event_samples import without_random
from file_sources import owners, plain, said
from hourly import Hourly
from loopback import Time, Told, serving
from portal import TASKS, Portal, collector, recorded
from tribometer.errors import ConfigurationError, SourceForbidden, SourceGone
from tribometer.events import Event, Request
from tribometer.privacy import Pseudonyms
from tribometer.store import EventStore

KEYS = Pseudonyms(bytes(32))
ONE, TWO, THREE = (f"67f492ed-0000-4d9d-955b-00000000000{number}" for number in (1, 2, 3))
ANN = KEYS.of("backstage:01497bb7-0000-4678-8fb7-000000000001")


def read(entities: list[dict[str, Any]], *libraries: str) -> Read:
    types = frozenset(libraries or ("library",))
    return parse_entities(entities, source="backstage:acme", libraries=types, pseudonyms=KEYS)


def events_of(found: Read, kind: str) -> dict[str, dict[str, Any]]:
    return {event.id: said(event) for event in [*found.events, *found.claims] if event.type == kind}


def requests() -> dict[str, dict[str, Any]]:
    answers, kinds = recorded("events.json"), templates(recorded("entities.json")["items"])
    tasks = [task for raw in recorded("tasks.json")["tasks"] if (task := task_of(raw))]
    parsed = [parse_task(each, answers.get(each.id, []), source="backstage:acme", kinds=kinds) for each in tasks]
    assert [each.rejected for each in parsed] == [[], [], []]
    return {event.id: said(event) for each in parsed for event in each.events}


def test_components_are_services_as_they_are_stated() -> None:
    assert events_of(read(recorded("entities.json")["items"]), "service") == {
        "checkout": {
            "type": "service", "id": "checkout", "name": "checkout", "kind": "deployable", "tier": "1",
            "template": "new-service", "repository": "acme/checkout", "component_type": "service",
            "lifecycle": "production", "system": "shop", "domain": "shopping",
        },
        "Labs/money": {
            "type": "service", "id": "Labs/money", "name": "Labs/money", "kind": "library",
            "repository": "acme/libs/money", "paths": ["go/"], "component_type": "library",
            "lifecycle": "experimental",
        },
        "handbook": {
            "type": "service", "id": "handbook", "name": "handbook", "repository": "acme/handbook",
            "component_type": "documentation",
        },
        "till": {
            "type": "service", "id": "till", "name": "till", "kind": "deployable", "tier": "2",
            "component_type": "service",
        },
    }  # fmt: skip


def test_more_types_of_components_can_be_told_not_to_be_deployed() -> None:
    found = events_of(read(recorded("entities.json")["items"], "documentation"), "service")
    assert {name: each.get("kind") for name, each in found.items()} == {
        "checkout": "deployable", "Labs/money": None, "handbook": "library", "till": "deployable",
    }  # fmt: skip


def test_groups_are_teams_below_the_one_that_either_of_them_names() -> None:
    assert events_of(read(recorded("entities.json")["items"]), "team") == {
        "engineering": {"type": "team", "id": "engineering", "name": "Engineering", "parent": None,
                        "group_type": "department"},
        "payments": {"type": "team", "id": "payments", "name": "Payments", "parent": "engineering", "headcount": 2,
                     "group_type": "team"},
        "platform": {"type": "team", "id": "platform", "name": "platform", "parent": "engineering",
                     "group_type": "team"},
    }  # fmt: skip


def test_users_are_people_and_a_mailbox_of_two_is_nobodys() -> None:
    found = events_of(read(recorded("entities.json")["items"]), "person")
    assert [each.get("handles") for each in found.values()] == [["ann@example.org", "ann-hub"], ["bob"], None]
    assert {each["kind"] for each in found.values()} == {"human"}


def test_owners_are_groups_only_and_the_others_are_counted() -> None:
    found = read(recorded("entities.json")["items"])
    bob = KEYS.of("backstage:01497bb7-0000-4678-8fb7-000000000002")
    assert set(events_of(found, "ownership")) == {
        "service/checkout/payments", "service/Labs/money/payments",
        f"person/{ANN}/payments", f"person/{bob}/payments",
    }  # fmt: skip
    assert [each.what for each in found.remarks()] == [
        "1 component belongs to a single person, so it has no owner here",
        "1 component names an owner that is no group of the catalog",
    ]


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"kind": "Component"},
        {"kind": "Component", "metadata": {"name": "x" * 5000}, "spec": {"owner": "payments"}},
        {"kind": "Component", "metadata": [], "spec": "x"},
        {
            "kind": "Component",
            "metadata": {"name": "odd", "annotations": []},
            "spec": {"type": ["service"], "tier": {}},
        },
        {"kind": "Group", "metadata": {"name": "odd"}, "spec": {"children": "payments", "parent": 3}},
        {"kind": "User", "metadata": {"name": "ann"}, "spec": {"profile": {"email": 3}}, "relations": {"type": 1}},
        {"kind": 3, "metadata": None},
    ],
)
def test_an_odd_entity_takes_nothing_away_from_the_others(odd: dict[str, Any]) -> None:
    whole, found = read(recorded("entities.json")["items"]), read([odd, *recorded("entities.json")["items"]])
    assert {event.id for event in whole.events} <= {event.id for event in found.events}
    assert [event.id for event in whole.claims] == [event.id for event in found.claims]


def test_what_is_refused_of_a_user_names_nobody() -> None:
    user = {"kind": "User", "metadata": {"name": "ann"}, "spec": {"profile": {"email": "ann@example.org"}}}
    (refused,) = read([user]).rejected
    assert "ann" not in refused.content


@pytest.mark.parametrize(
    ("text", "full", "short"),
    [
        ("payments", "group:default/payments", "payments"),
        ("Group:Default/Payments", "group:default/payments", "Payments"),
        ("group:payments", "group:default/payments", "payments"),
        ("labs/payments", "group:labs/payments", "labs/payments"),
        ("user:default/ann", "user:default/ann", None),
        (" ", None, None),
        (3, None, None),
    ],
)
def test_references_are_filled_in_as_backstage_does(text: object, full: str | None, short: str | None) -> None:
    assert (reference(text, "group"), short_name(text, "group")) == (full, short)


def test_tasks_are_requests_and_failed_running_and_done_are_told_apart() -> None:
    assert requests() == {
        ONE: {
            "type": "request", "id": ONE, "version": "2026-05-01T09:00:03.500000Z", "kind": "service",
            "template": "new-service", "team": "payments", "service": "checkout",
            "requested_at": "2026-05-01T09:00:00Z", "fulfilled_at": "2026-05-01T09:00:03.500000Z",
            "status": "fulfilled", "ended_at": "2026-05-01T09:00:03.500000+00:00",
        },
        TWO: {
            "type": "request", "id": TWO, "version": "2026-05-01T10:00:03Z", "kind": "template",
            "template": "old-thing", "requested_at": "2026-05-01T10:00:00Z", "fulfilled_at": None,
            "status": "failed", "ended_at": "2026-05-01T10:00:03+00:00",
        },
        THREE: {
            "type": "request", "id": THREE, "version": "2026-05-02T09:00:05Z", "kind": "service",
            "template": "new-service", "requested_at": "2026-05-02T09:00:00Z", "fulfilled_at": None,
            "status": "open",
        },
    }  # fmt: skip


def test_a_completed_task_without_its_completion_has_no_invented_end() -> None:
    task = task_of(recorded("tasks.json")["tasks"][2])
    assert task
    (event,) = parse_task(task, [], source="backstage:acme", kinds={}).events
    assert isinstance(event, Request)
    assert (event.status, event.fulfilled_at, event.service, event.kind) == ("fulfilled", None, None, "template")


@dataclass
class Collecting(Hourly):
    """A portal that is collected."""

    portal: Portal = field(kw_only=True)

    def asked(self, *words: str) -> list[str]:
        """Addresses of this collection's requests that hold these words."""
        return [each.path for each in self.server.log if all(word in each.path for word in words)]


@pytest.fixture
def collecting(tmp_path: Path) -> Iterator[Collecting]:
    portal, time = Portal(), Time()
    (tmp_path / "data").mkdir()
    with serving(portal.answer) as server:
        yield Collecting(server, collector(server.url, tmp_path / "data", time), time, portal=portal)


def all_of(pages: list[Page], kind: str) -> list[Event]:
    return [event for page in pages for event in page.events if event.type == kind]


def test_a_collection_reads_all_pages_and_asks_events_of_ended_tasks_only(collecting: Collecting) -> None:
    pages = collecting.collect()
    counts = Counter(event.type for page in pages for event in page.events)
    assert counts == {"service": 4, "team": 3, "person": 3, "ownership": 4, "request": 3}
    assert sorted(collecting.asked("events")) == [f"{TASKS}/{ONE}/events", f"{TASKS}/{TWO}/events"]
    assert len(collecting.asked("by-query")) == 3
    assert sum(page.requests for page in pages) == len(collecting.server.log)
    users = [each for each in collecting.server.log if each.query.get("filter") == "kind=user"]
    assert not [each for each in users if "name" in each.query["fields"]]


def test_the_cursor_names_nobody(collecting: Collecting) -> None:
    collecting.collect()
    text = without_random(json.dumps(collecting.cursor))
    assert not [name for name in ("ann", "bob", "example.org") if name in text]


def test_nothing_new_costs_the_lists_and_the_running_task(collecting: Collecting) -> None:
    collecting.collect()
    pages = collecting.collect()
    assert [event.id for event in all_of(pages, "request")] == [THREE]
    assert all_of(pages, "ownership") == []
    assert collecting.asked("events") == []


def test_a_running_task_is_asked_again_until_it_ends_however_late(collecting: Collecting) -> None:
    collecting.collect()
    running = collecting.portal.tasks[0]
    newer = {**running, "id": "newer", "createdAt": "2026-07-01T09:00:00Z", "status": "cancelled"}
    collecting.portal.tasks.insert(0, newer)
    collecting.portal.events["newer"] = []
    collecting.collect()
    collecting.portal.tasks[1] = {**running, "status": "completed"}
    collecting.portal.events[THREE] = [{"type": "completion", "createdAt": "2026-07-03T09:00:00Z", "body": {}}]
    (event,) = all_of(collecting.collect(), "request")
    assert isinstance(event, Request)
    assert (event.id, event.status, str(event.fulfilled_at)) == (THREE, "fulfilled", "2026-07-03 09:00:00+00:00")
    assert f"{TASKS}/{THREE}" in collecting.asked(THREE)
    assert all_of(collecting.collect(), "request") == []


def test_a_failed_task_that_is_started_again_is_told_again(collecting: Collecting) -> None:
    collecting.portal.tasks[0]["status"] = "failed"
    collecting.collect()
    for status in ("processing", "failed"):
        collecting.portal.tasks[0]["status"] = status
        (event,) = all_of(collecting.collect(), "request")
        assert (event.id, getattr(event, "status", None)) == (THREE, {"processing": "open"}.get(status, status))
    assert all_of(collecting.collect(), "request") == []


def test_a_running_task_that_is_deleted_is_forgotten(collecting: Collecting) -> None:
    collecting.collect()
    del collecting.portal.tasks[0]
    collecting.collect()
    assert collecting.cursor
    assert collecting.cursor["unfinished"] == []


def test_an_ended_task_that_is_deleted_meanwhile_keeps_what_the_list_told(collecting: Collecting) -> None:
    collecting.portal.closed = {f"{TASKS}/{ONE}/events": 404}
    told = {event.id: said(event) for event in all_of(collecting.collect(), "request")}
    assert (told[ONE]["status"], told[ONE]["fulfilled_at"]) == ("fulfilled", None)


def test_many_tasks_land_page_by_page_oldest_first_and_a_cut_off_collection_goes_on(collecting: Collecting) -> None:
    made = collecting.portal.tasks[1]
    names = [f"task-{number:03}" for number in range(120)]
    collecting.portal.tasks = [
        {**made, "id": name, "createdAt": f"2026-05-{1 + at // 10:02}T10:{at % 60:02}:00Z"}
        for at, name in enumerate(names)
    ][::-1]
    pages = collecting.collect()
    assert [event.id for event in all_of(pages, "request")] == sorted(names, key=lambda name: _created(pages, name))
    cut = next(page for page in pages if all_of([page], "request"))
    collecting.cursor = cut.cursor
    again = all_of(collecting.collect(), "request")
    assert {event.id for event in all_of([cut], "request")}.isdisjoint(event.id for event in again)
    assert len(again) == 70


def _created(pages: list[Page], name: str) -> tuple[str, str]:
    (event,) = [event for event in all_of(pages, "request") if event.id == name]
    return said(event)["requested_at"], name


def test_an_entity_that_is_gone_loses_its_owner_when_that_is_seen(collecting: Collecting) -> None:
    collecting.collect()
    collecting.portal.entities = [
        each for each in collecting.portal.entities if each["metadata"].get("name") != "checkout"
    ]
    (page,) = [page for page in collecting.collect() if all_of([page], "ownership")]
    assert owners(page) == {"service/checkout/payments": (None, collecting.time.now)}


def test_an_empty_catalog_is_one_that_starts_and_ends_nothing(collecting: Collecting) -> None:
    collecting.collect()
    collecting.portal.entities = []
    assert all_of(collecting.collect(), "ownership") == []


def test_what_is_dated_lands_with_the_cursor_that_knows_it(collecting: Collecting) -> None:
    for page in collecting.collect():
        told = [event for event in page.events if event.type == "ownership"]
        assert not told or len(page.cursor["owners"]) == len(told)


@pytest.mark.parametrize(
    ("closed", "types", "words"),
    [
        ("/api/scaffolder", {"service", "team", "person", "ownership"}, "the scaffolder cannot be read"),
        ("/api/catalog", {"request"}, "the catalog cannot be read"),
    ],
)
def test_one_part_that_is_closed_loses_only_itself(
    collecting: Collecting, closed: str, types: set[str], words: str
) -> None:
    collecting.portal.closed = {closed: 403}
    pages = collecting.collect()
    assert {event.type for page in pages for event in page.events} == types
    remarks = [remark for page in pages for remark in page.remarks]
    (remark,) = [each for each in remarks if "cannot be read" in each.what]
    assert words in remark.what
    assert "`token`" in remark.do
    assert {each for page in pages for each in page.unread} == collecting.source.reads - types
    collecting.portal.closed = {}
    assert {event.type for page in collecting.collect() for event in page.events} >= {"service", "request"}


def test_a_backend_that_is_closed_altogether_is_an_error(collecting: Collecting) -> None:
    collecting.portal.closed = {"/api": 403}
    with pytest.raises(SourceForbidden):
        collecting.collect()
    assert [each.granted for each in collecting.source.check()] == [False, False]


def test_the_same_twice_changes_nothing_in_the_store(collecting: Collecting, tmp_path: Path) -> None:
    with EventStore.open(tmp_path / "data") as store:
        first, second = (run(collecting.source, store) for _ in range(2))
    assert (first.error, first.new, first.rejected) == (None, 17, 0)
    assert (second.error, second.new, second.updated) == (None, 0, 0)


def test_a_recording_names_nobody_and_replays_the_same_events(collecting: Collecting, tmp_path: Path) -> None:
    file = tmp_path / "recording.jsonl"
    keys = Pseudonyms.load_or_make(tmp_path / "data")
    with recording(collecting.source, file, keys) as recorder:
        live = [keys.key_event(event) for page in recorder.collect(None) for event in page.events]
    collecting.server.log.clear()
    replay = [keys.key_event(event) for page in replaying(recorder, file).collect(None) for event in page.events]
    assert [said(event) for event in replay] == [said(event) for event in live]
    assert collecting.server.log == []
    assert not [name for name in ("ann", "bob", "someone") if re.search(rf"\b{name}\b", file.read_text())]


def test_a_guest_signs_in_once_and_again_when_refused(tmp_path: Path) -> None:
    portal, tokens, signed = Portal(), iter(("first", "second")), []
    (tmp_path / "data").mkdir()

    def answer(asked: Any) -> Any:
        if asked.path == "/api/auth/guest/refresh":
            signed.append(next(tokens))
            return Told({"backstageIdentity": {"token": signed[-1], "expiresInSeconds": 3600}})
        late = len(server.log) > 3 and signed[-1] == "first"
        good = asked.headers.get("authorization") == f"Bearer {signed[-1] if signed else ''}" and not late
        return portal.answer(asked) if good else Told(status=401)

    with serving(answer) as server:
        source = collector(server.url, tmp_path / "data", Time(), guest=True)
        assert all_of(list(source.collect(None)), "request")
    assert signed == ["first", "second"]


def test_a_backend_without_guests_says_what_to_configure(tmp_path: Path) -> None:
    with serving(lambda _: Told(status=404)) as server:
        source = collector(server.url, tmp_path, Time(), guest=True)
        with pytest.raises(SourceGone, match=r"auth\.providers\.guest, or give the table a `token`"):
            source.check()


def test_a_table_takes_a_token_or_a_guest_not_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T", "secret")
    table = {"kind": "backstage", "url": "https://portal.example.org/", "token": {"env": "T"}}
    source = build(table, origin="test.toml", data=tmp_path)
    assert (source.name, source.position({})) == ("backstage:portal.example.org", "0 owners, no tasks")
    with pytest.raises(ConfigurationError, match="either `token` or `guest`"):
        build({**table, "guest": True}, origin="test.toml", data=tmp_path)


def test_the_events_of_a_page_carry_the_source(collecting: Collecting) -> None:
    pages = collecting.collect()
    assert {event.source for page in pages for event in page.events} == {"backstage:acme"}
    assert plain(pages[0])[0]["id"] == "checkout"


def test_the_recorded_backend_gives_the_events_that_were_checked_by_eye() -> None:
    folder = os.environ.get("RECORDED_ANSWERS")
    if not folder or not Path(folder, "backstage").is_dir():
        pytest.skip("RECORDED_ANSWERS names no folder of recordings with backstage in it")
    place = Path(folder, "backstage")
    entities = json.loads((place / "entities.json").read_text())
    found = read(entities)
    tasks = [task_of(raw) for raw in json.loads((place / "tasks.json").read_text())["tasks"]]
    ends = {each["taskId"]: [each] for each in json.loads((place / "events.json").read_text())}
    parsed = [parse_task(t, ends.get(t.id, []), source="backstage:acme", kinds=templates(entities)) for t in tasks if t]
    events = [*found.events, *found.claims, *(event for each in parsed for event in each.events)]
    assert (len(entities), found.rejected, list(found.remarks())) == (315, [], [])
    assert Counter(event.type for event in events) == {
        "service": 250, "team": 2, "person": 60, "ownership": 310, "request": 2,
    }  # fmt: skip
    whole = {event.id: said(event) for event in events}
    assert whole["svc-009"] == {
        "type": "service", "id": "svc-009", "name": "svc-009", "kind": "deployable", "repository": "acme/svc-009",
        "component_type": "service", "lifecycle": "production",
    }  # fmt: skip
    assert whole["team-b"] == {
        "type": "team", "id": "team-b", "name": "team-b", "parent": None, "headcount": 30, "group_type": "team",
    }  # fmt: skip
    assert whole["backstage:01497bb7-b0a0-4678-8fb7-7dc504e323c5"]["handles"] == ["gh-dev23"]
    assert whole["67f492ed-6c0f-4d9d-955b-4fb0f1565941"]["fulfilled_at"] == "2026-11-22T07:08:01.044000Z"
    assert whole["d3c0c5f9-4bdc-4d2a-b31c-5742be1cff27"]["status"] == "failed"
    told = sorted(json.dumps(each, sort_keys=True) for each in whole.values())
    assert hashlib.sha256("\n".join(told).encode()).hexdigest()[:16] == "72fda46782192800"
