"""PagerDuty: what its objects mean, how its time is read in windows, and what is remembered."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from collectors import build, sync
from collectors.base import Page
from collectors.collection import beginning
from collectors.http.stripping import Stripping
from collectors.pagerduty.collector import PagerDutyCollector, PagerDutySettings
from collectors.pagerduty.parse import PERSONAL, History, Names, histories, parse_incident, parse_oncall
from collectors.parsed import Parsed
from deliveries import recorded
from oncall_accounts import BEGINS, NOW, all_events, answered, events
from tribometer.errors import ConfigurationError, SourceForbidden
from tribometer.privacy import Pseudonyms
from tribometer.store import EventStore

NAMES = Names("pagerduty")
RECORDINGS = os.environ.get("RECORDED_ANSWERS")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


@dataclass
class Account:
    """A PagerDuty account behind its API: lists by time, pages of ``size``, and what was asked."""

    incidents: list[dict[str, Any]] = field(default_factory=lambda: recorded("pagerduty/incidents.json"))
    log_entries: list[dict[str, Any]] = field(default_factory=lambda: recorded("pagerduty/log_entries.json"))
    oncalls: list[dict[str, Any]] = field(default_factory=lambda: recorded("pagerduty/oncalls.json"))
    size: int = 100
    forbidden: frozenset[str] = frozenset()
    asked: list[httpx.Request] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.asked.append(request)
        what, _, key = request.url.path.strip("/").partition("/")
        if what in self.forbidden:
            return httpx.Response(403, json={"error": {"message": "Forbidden"}})
        if key:
            found = [each for each in self.incidents if each["id"] == key]
            return httpx.Response(200, json={"incident": found[0]}) if found else httpx.Response(404, json={})
        return httpx.Response(200, json=self._page(what, request.url.params))

    def _page(self, what: str, params: httpx.QueryParams) -> dict[str, Any]:
        found = [each for each in getattr(self, what) if self._fits(each, params)]
        offset, size = int(params.get("offset", 0)), min(self.size, int(params["limit"]))
        assert offset + size <= 10_000
        more = len(found) > offset + size
        return {what: found[offset : offset + size], "offset": offset, "limit": size, "more": more, "total": len(found)}

    @staticmethod
    def _fits(each: dict[str, Any], params: httpx.QueryParams) -> bool:
        if statuses := params.get_list("statuses[]"):
            return each["status"] in statuses
        if "since" not in params:
            return True
        since, until = (datetime.fromisoformat(params[name]) for name in ("since", "until"))
        assert until - since <= timedelta(days=90)
        if "created_at" in each:
            return since <= datetime.fromisoformat(each["created_at"]) < until
        return each["start"] is None or datetime.fromisoformat(each["start"]) < until

    def collector(self, now: datetime = NOW, begins: datetime = BEGINS) -> PagerDutyCollector:
        """The collector of this account."""
        server = answered("pagerduty", "https://api.pagerduty.com", self.answer, now)
        return PagerDutyCollector(server, NAMES, begins)

    def counts(self) -> dict[str, int]:
        """How often each path was asked for."""
        paths = [request.url.path for request in self.asked]
        return {path: paths.count(path) for path in sorted(set(paths))}


def by_id(found: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in found if each["type"] == kind}


def test_everything_recorded_means_what_was_checked_by_eye() -> None:
    [page] = Account().collector().collect(None)
    policy = {"rotation": "Checkout on call", "service": "Checkout API"}
    assert list(page.rejected) == []
    found = events(page.events)
    assert by_id(found, "incident")["QRESOLVED"] == {
        "type": "incident", "id": "QRESOLVED", "version": at(10, 9, 40), "service": "Checkout API", "severity": "P1",
        "title": "Payments time out", "detected_at": at(10, 9), "acknowledged_at": at(10, 9, 2),
        "resolved_at": at(10, 9, 40), "url": "https://acme.pagerduty.com/incidents/QRESOLVED",
    }  # fmt: skip
    assert by_id(found, "incident")["QLOW"]["severity"] == "low"
    assert by_id(found, "incident")["QOPEN"]["resolved_at"] is None
    assert list(by_id(found, "page").values()) == [
        {"type": "page", "id": "QRESOLVED/PUS0KTE", "version": at(10, 9, 40), **policy, "paged_at": at(10, 9),
         "acknowledged_at": at(10, 9, 2)},
        {"type": "page", "id": "QDELEGATED/PDB0001", "version": at(10, 13), "rotation": "Database on call",
         "service": "Checkout API", "paged_at": at(10, 12, 15), "acknowledged_at": at(10, 12, 20)},
        {"type": "page", "id": "QOPEN/PUS0KTE", "version": at(12, 9, 5), **policy, "paged_at": at(12, 9),
         "acknowledged_at": at(12, 9, 5)},
    ]  # fmt: skip
    assert list(by_id(found, "shift").values()) == [
        {"type": "shift", "id": "PUS0KTE/PI7DH85/2026-01-05T09:00:00+00:00", "rotation": "Checkout on call",
         "person": "someone@example.org", "starts_at": at(5, 9), "ends_at": at(12, 9)},
        {"type": "shift", "id": "PUS0KTE/PI7DH85/2026-01-12T09:00:00+00:00", "rotation": "Checkout on call",
         "person": "pagerduty:PBOB001", "starts_at": at(12, 9), "ends_at": at(19, 9)},
    ]  # fmt: skip


def test_only_open_incidents_are_remembered() -> None:
    account = Account()
    [page] = account.collector().collect(None)
    assert page.cursor["since"] == NOW.isoformat()
    assert page.cursor["open"] == {
        "QOPEN": {"acknowledged": at(12, 9, 5).isoformat(), "answered": at(12, 9, 5).isoformat()}
    }


def test_an_incident_that_ends_weeks_later_is_asked_again_and_keeps_its_first_acknowledgement() -> None:
    account = Account()
    [first] = account.collector().collect(None)
    last = account.incidents[-1]
    last |= {"status": "resolved", "resolved_at": "2026-02-20T10:00:00Z", "updated_at": "2026-02-20T10:00:00Z"}
    for number, kind, when in ((13, "acknowledge", "2026-02-01T10:00:00Z"), (14, "resolve", "2026-02-20T10:00:00Z")):
        entry = {**account.log_entries[0], "id": f"R{number}", "type": f"{kind}_log_entry", "created_at": when}
        account.log_entries.insert(0, entry)
    pages = list(account.collector(datetime(2026, 3, 1, tzinfo=UTC)).collect(first.cursor))
    ended = [each for each in all_events(pages) if each["type"] == "incident"][-1]
    assert ended["acknowledged_at"] == at(12, 9, 5)
    assert ended["resolved_at"] == datetime(2026, 2, 20, 10, tzinfo=UTC)
    assert pages[-1].cursor["open"] == {}


def test_an_incident_that_ended_without_a_word_in_the_log_is_found_by_its_absence_from_the_open_ones() -> None:
    account = Account()
    [first] = account.collector().collect(None)
    account.incidents[-1] |= {"status": "resolved", "resolved_at": "2026-01-13T13:00:00Z"}
    [page] = account.collector(NOW + timedelta(hours=2)).collect(first.cursor)
    [incident] = by_id(events(page.events), "incident").values()
    assert (incident["id"], incident["resolved_at"]) == ("QOPEN", at(13, 13))
    assert page.cursor["open"] == {}


def test_an_incident_that_is_still_open_without_news_costs_no_request_of_its_own_and_says_nothing_new() -> None:
    account = Account()
    [first] = account.collector().collect(None)
    account.asked.clear()
    [page] = account.collector(NOW + timedelta(hours=2)).collect(first.cursor)
    assert by_id(events(page.events), "incident") == {}
    assert "/incidents/QOPEN" not in account.counts()
    assert list(page.cursor["open"]) == ["QOPEN"]


def test_a_quiet_window_costs_three_requests() -> None:
    account = Account(incidents=recorded("pagerduty/incidents.json")[:3])
    [first] = account.collector().collect(None)
    account.asked.clear()
    [page] = account.collector(NOW + timedelta(minutes=15)).collect(first.cursor)
    assert account.counts() == {"/incidents": 1, "/log_entries": 1, "/oncalls": 1}
    assert page.requests == 3


CUT_OFF = {"since": "2026-01-13T00:00:00+00:00", "open": {}, "begins": True}


@pytest.mark.parametrize("cursor", [None, {"since": "2026-01-13T00:00:00+00:00"}, CUT_OFF])
def test_what_is_open_although_it_was_made_before_is_taken_in_by_a_collection_that_begins(cursor: Any) -> None:
    account = Account()
    account.incidents[-1]["acknowledgements"] = [{"at": "2026-01-12T09:05:00Z"}]
    [page] = account.collector(begins=at(13, 1)).collect(cursor)
    incident = by_id(events(page.events), "incident")["QOPEN"]
    assert (incident["detected_at"], incident["acknowledged_at"]) == (at(12, 9), at(12, 9, 5))
    assert list(page.cursor["open"]) == ["QOPEN"]


def test_a_collection_since_a_time_asks_for_incidents_that_were_open_before_it() -> None:
    account = Account()
    [first] = account.collector().collect(None)
    assert list(first.cursor["open"]) == ["QOPEN"]
    ended = (NOW + timedelta(days=1)).isoformat()
    account.incidents[-1] |= {"status": "resolved", "resolved_at": ended, "last_status_change_at": ended}
    collector = account.collector(NOW + timedelta(days=3))
    pages = collector.collect(beginning(collector, first.cursor, NOW + timedelta(days=2)))
    assert by_id(all_events(pages), "incident")["QOPEN"]["resolved_at"] == NOW + timedelta(days=1)


def test_an_incident_that_was_deleted_is_forgotten() -> None:
    account = Account()
    [first] = account.collector().collect(None)
    del account.incidents[-1]
    [page] = account.collector(NOW + timedelta(hours=2)).collect(first.cursor)
    assert page.cursor["open"] == {}


def many(count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    incident, entry = recorded("pagerduty/incidents.json")[0], recorded("pagerduty/log_entries.json")[-1]
    times = [BEGINS + timedelta(minutes=number) for number in range(count)]
    stamps = [(f"Q{number}", each.isoformat()) for number, each in enumerate(times)]
    ended = [{"created_at": each, "updated_at": each, "resolved_at": each} for _, each in stamps]
    incidents = [{**incident, "id": key, **more} for (key, _), more in zip(stamps, ended, strict=True)]
    entries = [{**entry, "id": f"R{key}", "incident": {"id": key}, "created_at": each} for key, each in stamps]
    return incidents, entries


def test_a_window_that_is_too_full_is_halved_and_nothing_is_lost() -> None:
    account = Account(*many(2500))
    pages = list(account.collector().collect(None))
    assert len(by_id(all_events(pages), "incident")) == 2500
    assert max(len(by_id(events(page.events), "incident")) for page in pages) <= 1000
    assert account.counts()["/incidents"] < 2500 / 100 + 2 * len(pages)


def test_a_collection_that_was_cut_off_goes_on_where_its_last_page_ended() -> None:
    account = Account(*many(2500))
    whole = all_events(account.collector().collect(None))
    pages: Iterator[Page] = account.collector().collect(None)
    first = next(pages)
    rest = all_events(account.collector().collect(first.cursor))
    cut = by_id([*events(first.events), *rest], "incident")
    assert cut == by_id(whole, "incident")


@pytest.mark.parametrize(("part", "scope"), [("oncalls", "oncalls.read"), ("log_entries", "incidents.read")])
def test_what_the_token_may_not_read_is_remarked_once_and_the_rest_lands(part: str, scope: str) -> None:
    account = Account(forbidden=frozenset({part}))
    pages = list(account.collector(begins=NOW - timedelta(days=200)).collect(None))
    [remark] = [each for page in pages for each in page.remarks]
    assert scope in remark.do
    assert len(by_id(all_events(pages), "incident")) == 4
    assert account.counts()[f"/{part}"] == 1
    assert {each for page in pages for each in page.unread} == ({"shift"} if part == "oncalls" else set())


def test_an_account_of_which_nothing_may_be_read_cannot_be_read() -> None:
    account = Account(forbidden=frozenset({"incidents", "log_entries", "oncalls"}))
    with pytest.raises(SourceForbidden, match=r"/incidents is forbidden .*Forbidden.*`token`"):
        list(account.collector().collect(None))


def test_doctor_learns_which_scope_is_missing() -> None:
    found = Account(forbidden=frozenset({"oncalls"})).collector().check()
    assert {each.what: each.granted for each in found} == {"incidents": True, "log entries": True, "on-calls": False}
    assert "oncalls.read" in found[-1].fix


def test_services_are_called_as_the_settings_map_them() -> None:
    parsed = Parsed()
    incident = recorded("pagerduty/incidents.json")[0]
    parse_incident(incident, History(), Names("pagerduty", {"PF9KMXH": "checkout"}), parsed)
    assert {getattr(event, "service", None) for event in parsed.events} == {"checkout"}


def test_what_is_rejected_is_kept_by_its_id_because_the_rest_names_people() -> None:
    parsed = Parsed()
    parse_incident({**recorded("pagerduty/incidents.json")[0], "created_at": "yesterday"}, History(), NAMES, parsed)
    assert {each.content for each in parsed.rejected} == {'{"kind": "incident", "id": "QRESOLVED"}'}
    assert all("paged_at" in each.reason or "detected_at" in each.reason for each in parsed.rejected)


@pytest.mark.parametrize("raw", [None, 3, {}, {"id": 4}, {"id": "Q", "created_at": "yesterday"}, {"status": []}])
def test_odd_objects_are_rejected_or_nothing_and_raise_nothing(raw: object) -> None:
    parsed = Parsed()
    parse_incident(raw, History(), NAMES, parsed)
    parse_oncall(raw, NAMES, parsed)
    assert histories([raw], {}) == {}
    assert len(parsed.rejected) <= 2


def test_the_token_goes_into_pagerdutys_own_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGERDUTY_TOKEN", "abc")
    table = {"kind": "pagerduty", "token": {"env": "PAGERDUTY_TOKEN"}, "since": "2025-06-01"}
    collector = build(table, origin="tribometer.toml", data=Path())
    assert isinstance(collector, PagerDutyCollector)
    [credential] = collector.server.credentials
    assert credential.headers(lambda *_: pytest.fail("asks nobody")) == {"authorization": "Token token=abc"}
    assert (collector.name, collector.begins) == ("pagerduty", datetime(2025, 6, 1, tzinfo=UTC))


def test_a_table_without_a_token_says_which_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="PAGERDUTY_TOKEN"):
        PagerDutySettings(kind="pagerduty").collector(tmp_path)


@pytest.mark.skipif(not RECORDINGS, reason="RECORDED_ANSWERS names no folder of recorded answers")
def test_recorded_incidents_of_a_real_account_mean_what_was_checked_by_eye() -> None:
    lines = (Path(RECORDINGS or "") / "pagerduty/incidents.jsonl").read_text().splitlines()
    parsed = Parsed()
    for raw in map(json.loads, lines):
        parse_incident(raw, histories(raw["log_entries"], {}).get(raw["id"], History()), NAMES, parsed)
    told = [
        {key: value.strftime("%H:%M:%S") if isinstance(value, datetime) else value for key, value in each.items()}
        for each in events(parsed.events)
    ]
    keys = ("id", "service", "severity", "detected_at", "paged_at", "acknowledged_at", "resolved_at")
    assert parsed.rejected == []
    assert [tuple(each.get(key) for key in keys) for each in told] == [
        ("Q3YON8WNWTZMRQ", "DevService", "high", "06:23:06", None, "06:23:07", None),
        ("Q3YON8WNWTZMRQ/PNJQLBU", "DevService", None, None, "06:34:57", None, None),
        ("Q3CZAU7Q4008QD", "DevService", "high", "06:44:28", None, "06:44:37", None),
        ("Q3CZAU7Q4008QD/PNJQLBU", "DevService", None, None, "06:44:28", "06:44:37", None),
        ("Q1OHFWFP3GPXOG", "DevService", "low", "06:45:36", None, "06:45:46", "06:51:44"),
    ]


@pytest.mark.skipif(not RECORDINGS, reason="RECORDED_ANSWERS names no folder of recorded answers")
def test_recorded_streams_of_another_account_mean_what_was_checked_by_eye() -> None:
    folder = Path(RECORDINGS or "") / "pagerduty/faros"
    told = histories(json.loads((folder / "incidentLogEntries.json").read_text()), {})
    parsed = Parsed()
    for raw in json.loads((folder / "incidents.json").read_text()):
        parse_incident(raw, told[raw["id"]], Names("pagerduty", {"PAZDKS7": "shop"}), parsed)
    assert parsed.rejected == []
    assert [(each.type, each.id) for each in parsed.events] == [
        ("incident", "Q27MXNAJQ834PC"), ("page", "Q27MXNAJQ834PC/P4OD1N9"),
        ("incident", "Q2KDNUM7R5JYEK"), ("page", "Q2KDNUM7R5JYEK/P4OD1N9"),
        ("incident", "Q1LAD3450AG7V9"), ("page", "Q1LAD3450AG7V9/P4OD1N9"),
    ]  # fmt: skip
    assert {getattr(each, "service", None) for each in parsed.events} == {"shop", "Service2"}
    assert all(getattr(each, "acknowledged_at", None) is None for each in parsed.events)


def test_a_second_collection_changes_nothing(tmp_path: Path) -> None:
    with EventStore.open(tmp_path / "data", clock=lambda: NOW) as store:
        first = sync.run(Account().collector(), store)
        second = sync.run(Account().collector(NOW + timedelta(minutes=15)), store)
        full = sync.run(Account().collector(NOW + timedelta(minutes=15)), store, full=True)
    assert (first.error, first.new, first.rejected) == (None, 9, 0)
    assert (second.new, second.updated) == (full.new, full.updated) == (0, 0)


def test_a_recording_keeps_nobodys_name(tmp_path: Path) -> None:
    pseudonyms = Pseudonyms.load_or_make(tmp_path)
    stripping = Stripping("pagerduty", PERSONAL, pseudonyms)
    names = ("incidents", "log_entries", "oncalls")
    kept = json.dumps([stripping.stripped({name: recorded(f"pagerduty/{name}.json")}) for name in names])
    assert not {"Ann", "Bob", "Example", "someone"} & set(re.split(r"\W+", kept))
    assert "Checkout on call" in kept
