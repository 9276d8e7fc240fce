"""SCIM: users as people, groups as teams, what is asked for and what is not, and what a collection remembers."""

import dataclasses
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from collectors import build
from collectors.base import Page
from collectors.http.recording import recording, replaying
from collectors.scim.resources import Attributes, attribute, parse_groups, parse_user
from collectors.sync import run
from event_samples import without_random
from file_sources import owners, said
from hourly import Hourly
from loopback import Asked, Reply, Time, Told, serving
from tribometer.errors import SourceForbidden, SourceGone
from tribometer.events import Ownership
from tribometer.privacy import Pseudonyms
from tribometer.store import EventStore

RECORDINGS = Path(__file__).parent / "recordings" / "scim"
OWN = "urn:acme:params:scim:schemas:User:work."
DATES = Attributes(f"{OWN}startDate", f"{OWN}endDate")
KEYS = Pseudonyms(bytes(32))


def recorded(name: str) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", json.loads((RECORDINGS / name).read_text(encoding="utf-8")))


def people(attributes: Attributes) -> list[dict[str, Any]]:
    parsed = [parse_user(each, attributes, "scim:acme") for each in recorded("users.json")]
    assert [each.rejected for each in parsed] == [[], [], []]
    return [said(event) for each in parsed for event in each.events]


def test_users_are_people_and_nothing_else_of_them_is_kept() -> None:
    assert people(DATES) == [
        {"type": "person", "id": "scim:2819c223-0001", "version": "2026-01-05T08:00:00Z",
         "start_date": "2026-01-05T00:00:00Z", "end_date": None,
         "handles": ["scim:ann", "ann@example.org", "ann.old@example.org"]},
        {"type": "person", "id": "scim:2819c223-0002", "version": "2026-03-01T08:00:00Z",
         "start_date": "2020-03-01T00:00:00Z", "end_date": "2026-02-28T16:00:00Z", "handles": ["bob@example.org"]},
        {"type": "person", "id": "scim:2819c223-0003", "version": "2026-01-11T08:00:00Z", "start_date": None,
         "end_date": None, "handles": ["scim:eve"]},
    ]  # fmt: skip


def test_without_a_configured_attribute_no_date_is_told_least_of_all_that_of_the_account() -> None:
    assert not [each for each in people(Attributes()) if "start_date" in each or "end_date" in each]


def test_user_names_can_be_the_logins_of_a_forge() -> None:
    handles = [each["handles"][0] for each in people(Attributes(logins="github"))]
    assert handles == ["ann", "bob@example.org", "eve"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("userName", "ann"),
        ("USERNAME", "ann"),
        ("name.formatted", "Ann Example"),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "Payments"),
        ("URN:ACME:params:scim:schemas:user:work.startdate", "2026-01-05"),
        ("urn:acme:params:scim:schemas:User:work.none", None),
        ("urn:other:User:work", None),
        ("userName.first", None),
        ("none", None),
    ],
)
def test_attributes_are_found_by_their_path_whatever_its_letter_case(path: str, value: object) -> None:
    assert attribute(recorded("users.json")[0], path) == value


def test_groups_are_teams_with_members_and_a_group_within_one_is_below_it() -> None:
    found, claims = parse_groups(recorded("groups.json"), KEYS, "scim:acme")
    assert [said(event) for event in found.events][:2] == [
        {"type": "team", "id": "team-payments", "name": "team-payments", "parent": "team-engineering", "headcount": 2},
        {"type": "team", "id": "team-engineering", "name": "team-engineering", "parent": None},
    ]
    who = [KEYS.of(f"scim:2819c223-000{number}") for number in (1, 2, 3)]
    assert [(each.team, each.person) for each in claims] == [
        ("team-payments", who[0]), ("team-payments", who[1]), ("vpn-users", who[2]),
    ]  # fmt: skip


def test_an_odd_user_is_refused_without_being_named() -> None:
    parsed = parse_user({"id": 3, "userName": "ann", "emails": "ann@example.org"}, DATES, "scim:acme")
    assert (parsed.events, len(parsed.rejected)) == ([], 1)
    assert "ann" not in parsed.rejected[0].content


@dataclass
class Directory:
    """A SCIM service: caps its pages, filters by the last change if it can."""

    users: list[dict[str, Any]] = field(default_factory=lambda: recorded("users.json"))
    groups: list[dict[str, Any]] = field(default_factory=lambda: recorded("groups.json"))
    filters: bool = True
    closed: dict[str, int] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Reply:
        """Answer as RFC 7644 says."""
        if asked.path in self.closed:
            return Told({"detail": "no"}, self.closed[asked.path])
        items = {"/scim/v2/Users": self.users, "/scim/v2/Groups": self.groups}[asked.path]
        if "filter" in asked.query:
            if not self.filters:
                return Told({"scimType": "invalidFilter"}, 400)
            since = asked.query["filter"].split('"')[1]
            items = [each for each in items if each["meta"]["lastModified"] >= since]
        begins, count = int(asked.query.get("startIndex", 1)), min(2, int(asked.query["count"]))
        page = items[begins - 1 : begins - 1 + count]
        return Told({"totalResults": len(items), "startIndex": begins, "itemsPerPage": len(page), "Resources": page})


@dataclass
class Collecting(Hourly):
    """A directory that is collected."""

    directory: Directory = field(kw_only=True)


@pytest.fixture
def collecting(tmp_path: Path) -> Iterator[Collecting]:
    directory, time = Directory(), Time()
    (tmp_path / "data").mkdir()
    with serving(directory.answer) as server:
        keys = {"start_date": DATES.start_date, "end_date": DATES.end_date, "groups": ["TEAM-*"]}
        table = {"kind": "scim", "url": f"{server.url}/scim/v2", "name": "acme", **keys}
        made = cast("Any", build(table, origin="test.toml", data=tmp_path / "data"))
        served = dataclasses.replace(made.server, clock=time.clock, sleep=time.sleep, timeout=5.0)
        yield Collecting(server, dataclasses.replace(made, server=served), time, directory=directory)


def ids(pages: list[Page], kind: str) -> list[str]:
    return [event.id for page in pages for event in page.events if event.type == kind]


def test_a_collection_reads_past_the_pages_that_a_server_caps(collecting: Collecting) -> None:
    pages = collecting.collect()
    assert ids(pages, "person") == ["scim:2819c223-0001", "scim:2819c223-0002", "scim:2819c223-0003"]
    assert ids(pages, "team") == ["team-payments", "team-engineering"]
    assert len(ids(pages, "ownership")) == 2
    assert [remark for page in pages for remark in page.remarks] == []
    assert sum(page.requests for page in pages) == len(collecting.server.log) == 4


def test_names_departments_and_managers_are_not_asked_for(collecting: Collecting) -> None:
    collecting.collect()
    asked = {each.query["attributes"] for each in collecting.server.log}
    assert asked == {f"id,userName,emails,meta,{OWN}startDate,{OWN}endDate", "id,displayName,members"}


def test_the_next_collection_asks_for_what_has_changed_since(collecting: Collecting) -> None:
    collecting.collect()
    collecting.directory.users[2]["meta"]["lastModified"] = "2026-03-02T08:00:00Z"
    pages = collecting.collect()
    assert collecting.server.log[0].query["filter"] == 'meta.lastModified ge "2026-03-01T07:55:00Z"'
    assert ids(pages, "person") == ["scim:2819c223-0002", "scim:2819c223-0003"]


def test_a_service_that_cannot_filter_is_read_whole(collecting: Collecting) -> None:
    collecting.directory.filters = False
    collecting.collect()
    assert len(ids(collecting.collect(), "person")) == 3


def test_who_leaves_a_group_leaves_the_team_when_that_is_seen(collecting: Collecting) -> None:
    collecting.collect()
    collecting.directory.groups[0]["members"].pop()
    found = [each for page in collecting.collect() for each in page.events if isinstance(each, Ownership)]
    who = cast("Any", collecting.source).pseudonyms().of("scim:2819c223-0002")
    assert owners(Page(found, {})) == {f"person/{who}/team-payments": (None, collecting.time.now)}


def test_closed_groups_lose_no_user_and_closed_users_are_an_error(collecting: Collecting) -> None:
    collecting.directory.closed = {"/scim/v2/Groups": 403}
    pages = collecting.collect()
    assert len(ids(pages, "person")) == 3
    assert "groups cannot be read" in pages[-1].remarks[0].what
    assert pages[-1].unread == {"team", "ownership"}
    assert [each.granted for each in collecting.source.check()] == [True, False]
    collecting.directory.closed = {"/scim/v2/Users": 403}
    with pytest.raises(SourceForbidden):
        collecting.collect()


def test_an_expired_token_is_no_reason_to_read_everything(collecting: Collecting) -> None:
    collecting.collect()
    collecting.directory.closed = {"/scim/v2/Users": 401}
    with pytest.raises(SourceGone, match="credential"):
        collecting.collect()


def test_without_any_start_date_it_is_said_each_time(collecting: Collecting) -> None:
    for user in collecting.directory.users:
        user.pop("urn:acme:params:scim:schemas:User", None)
    for _ in range(2):
        (remark,) = [remark for page in collecting.collect() for remark in page.remarks]
        assert f"no user has {OWN}startDate" in remark.what


def test_the_same_twice_changes_nothing_in_the_store(collecting: Collecting, tmp_path: Path) -> None:
    with EventStore.open(tmp_path / "data") as store:
        first, second = (run(collecting.source, store) for _ in range(2))
        cursor = without_random(json.dumps(second.next_cursor))
    assert (first.error, first.new, first.rejected) == (None, 7, 0)
    assert (second.error, second.new, second.updated) == (None, 0, 0)
    assert not [name for name in ("ann", "bob", "2819c223", "example.org") if name in cursor]


def test_a_recording_names_nobody_and_replays_the_same_events(collecting: Collecting, tmp_path: Path) -> None:
    file, keys = tmp_path / "recording.jsonl", Pseudonyms.load_or_make(tmp_path / "data")
    with recording(collecting.source, file, keys) as recorder:
        live = [said(keys.key_event(event)) for page in recorder.collect(None) for event in page.events]
    replayed = replaying(recorder, file).collect(None)
    assert [said(keys.key_event(event)) for page in replayed for event in page.events] == live
    assert not re.search(r"\b(ann|bob|eve|example)\b(?!\.org/scim)", file.read_text(), re.IGNORECASE)


def test_a_collector_is_named_by_its_host(tmp_path: Path) -> None:
    source = build({"kind": "scim", "url": "https://id.example.org/scim/v2"}, origin="test.toml", data=tmp_path)
    assert (source.name, source.position({})) == ("scim:id.example.org", "no changes yet")
    assert source.position({"since": "2026-01-05T08:00:00+00:00"}) == "changes until 2026-01-05 08:00"
