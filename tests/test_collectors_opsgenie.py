"""Opsgenie: what its objects mean, how its lists are walked, and the same by webhook."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from collectors import build, sync
from collectors.collection import beginning
from collectors.hooks.dispatch import Context
from collectors.http.stripping import Stripping
from collectors.opsgenie.collector import OpsgenieCollector, OpsgenieSettings
from collectors.opsgenie.hook import parse_delivery
from collectors.opsgenie.parse import PERSONAL, Names, parse_alert, parse_incident, parse_period
from collectors.parsed import Parsed
from collectors.times import milliseconds
from deliveries import recorded
from oncall_accounts import BEGINS, NOW, all_events, answered, events
from tribometer.errors import ConfigurationError, SourceForbidden
from tribometer.privacy import Pseudonyms
from tribometer.store import EventStore

NAMES = Names("opsgenie", {"svc-1": "checkout"})
CONTEXT = Context((), NOW)
SCHEDULES = "opsgenie/schedules.json"


def at(day: int, hour: int, minute: int = 0, milli: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, 0, milli * 1000, tzinfo=UTC)


@dataclass
class Account:
    """An Opsgenie account behind its API, and what was asked of it."""

    alerts: list[dict[str, Any]] = field(default_factory=lambda: recorded("opsgenie/alerts.json"))
    incidents: list[dict[str, Any]] = field(default_factory=lambda: recorded("opsgenie/incidents.json"))
    missing: frozenset[str] = frozenset()
    asked: list[httpx.URL] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.asked.append(request.url)
        _, what, *more = request.url.path.strip("/").split("/")
        if what in self.missing:
            return httpx.Response(403, json={"message": "The plan does not include this"})
        if more[1:] == ["timeline"]:
            return httpx.Response(200, json={"data": recorded(SCHEDULES)["timeline"]})
        if more:
            found = [each for each in self.incidents if each["id"] == more[0]]
            return httpx.Response(200, json={"data": found[0]}) if found else httpx.Response(404, json={})
        if what in {"teams", "schedules"}:
            return httpx.Response(200, json={"data": recorded(SCHEDULES)[what]})
        return httpx.Response(200, json={"data": self._page(getattr(self, what), request.url.params)})

    @staticmethod
    def _page(found: list[dict[str, Any]], params: httpx.QueryParams) -> list[dict[str, Any]]:
        if "query" not in params:
            return found[: int(params["limit"])]
        if params["query"] == "status: open":
            return [each for each in found if each["status"] == "open"]
        key, _, since = params["query"].split()
        times = {id(each): milliseconds(datetime.fromisoformat(each[key])) for each in found}
        fitting = sorted((each for each in found if times[id(each)] >= int(since)), key=lambda each: times[id(each)])
        offset = int(params.get("offset", 0))
        return fitting[offset : offset + int(params["limit"])]

    def collector(self, now: datetime = NOW) -> OpsgenieCollector:
        """The collector of this account."""
        server = answered("opsgenie", "https://api.opsgenie.com", self.answer, now)
        return OpsgenieCollector(server, NAMES, BEGINS)


def test_everything_recorded_means_what_was_checked_by_eye() -> None:
    pages = list(Account().collector().collect(None))
    alert = {"id": "alert-1", "version": at(10, 9, 40, 100), "service": "checkout"}
    web = "https://acme.app.opsgenie.com/incident/detail"
    cause = {"change_caused": "unknown"}
    declared = {"service": "checkout", "severity": "P2", "title": "Checkout is down", **cause}
    assert [rejection for page in pages for rejection in page.rejected] == []
    assert all_events(pages) == [
        {"type": "incident", **alert, **cause, "severity": "P1", "title": "Payments time out",
         "detected_at": at(10, 9, 0, 100), "acknowledged_at": at(10, 9, 2, 100), "resolved_at": at(10, 9, 40, 100)},
        {"type": "page", **alert, "rotation": "Checkout", "paged_at": at(10, 9, 0, 100),
         "acknowledged_at": at(10, 9, 2, 100)},
        {"type": "page", "id": "alert-2", "version": datetime(2026, 1, 11, 9, 0, 1, tzinfo=UTC),
         "rotation": "Checkout", "paged_at": at(11, 9)},
        {"type": "incident", "id": "alert-3", "version": datetime(2026, 1, 12, 9, 0, 2, tzinfo=UTC),
         "service": "checkout", **cause, "severity": "P1", "title": "Payments time out", "detected_at": at(12, 9),
         "resolved_at": None},
        {"type": "incident", "id": "inc-1", "version": at(10, 11), **declared, "impact_started_at": at(10, 8, 58),
         "detected_at": at(10, 9, 5), "mitigated_at": at(10, 10, 30), "resolved_at": at(10, 10, 30),
         "url": f"{web}/inc-1"},
        {"type": "incident", "id": "inc-2", "version": at(12, 9, 6), **declared, "detected_at": at(12, 9, 5),
         "resolved_at": None, "url": f"{web}/inc-2"},
        {"type": "shift", "id": "sch-1/rot-1/2026-01-05T09:00:00+00:00", "rotation": "Checkout",
         "person": "someone@example.org", "starts_at": at(5, 9), "ends_at": at(12, 9)},
    ]  # fmt: skip
    assert pages[-1].cursor == {
        "alerts": "2026-01-12T09:00:02+00:00",
        "incidents": "2026-01-12T09:05:00+00:00",
        "open": ["inc-2"],
        "whole": True,
        "shifts": NOW.isoformat(),
    }


def test_an_incident_that_ends_weeks_later_is_asked_again_until_then() -> None:
    account = Account()
    *_, last = account.collector().collect(None)
    account.incidents[-1] |= {"status": "closed", "updatedAt": "2026-02-20T10:00:00Z"}
    pages = list(account.collector(datetime(2026, 3, 1, tzinfo=UTC)).collect(last.cursor))
    ended = [each for each in all_events(pages) if each["id"] == "inc-2"]
    assert ended[-1]["resolved_at"] == datetime(2026, 2, 20, 10, tzinfo=UTC)
    assert pages[-1].cursor["open"] == []


def test_a_collection_since_a_time_asks_for_incidents_that_were_open_before_it() -> None:
    account = Account()
    *_, last = account.collector().collect(None)
    account.incidents[-1] |= {"status": "closed", "updatedAt": "2026-02-20T10:00:00Z"}
    collector = account.collector(datetime(2026, 3, 1, tzinfo=UTC))
    found = all_events(collector.collect(beginning(collector, last.cursor, datetime(2026, 2, 1, tzinfo=UTC))))
    assert [each["resolved_at"] for each in found if each["id"] == "inc-2"] == [datetime(2026, 2, 20, 10, tzinfo=UTC)]


def test_an_incident_that_was_deleted_is_forgotten() -> None:
    account = Account()
    *_, last = account.collector().collect(None)
    del account.incidents[-1]
    *_, last = account.collector(datetime(2026, 3, 1, tzinfo=UTC)).collect(last.cursor)
    assert last.cursor["open"] == []


def test_what_is_open_although_it_was_made_before_is_taken_in_by_a_collection_that_begins() -> None:
    begins = {"since": "2026-01-13T00:00:00+00:00"}
    alerts, *_ = Account().collector().collect(begins)
    for cursor in (begins, alerts.cursor):  # cut off behind its first page
        *_, last = Account().collector().collect(cursor)
        assert last.cursor["open"] == ["inc-2"]


def many(*times: datetime) -> list[dict[str, Any]]:
    first = recorded("opsgenie/alerts.json")[0]
    return [{**first, "id": f"a{number}", "updatedAt": each.isoformat()} for number, each in enumerate(times)]


def test_alerts_are_walked_by_the_time_of_their_update_even_where_one_instant_has_many() -> None:
    spread = [BEGINS + timedelta(minutes=number) for number in range(150)]
    account = Account(many(*spread, *[at(9, 9)] * 250, *spread), missing=frozenset({"incidents", "schedules"}))
    found = {each["id"] for each in all_events(account.collector().collect(None))}
    assert len(found) == 550
    assert len(account.asked) < 550 / 100 + 8


def test_an_alert_that_changes_while_the_list_is_walked_is_not_passed_over() -> None:
    account = Account(many(*[BEGINS + timedelta(minutes=number) for number in range(150)]))
    pages = account.collector().collect(None)
    first = next(pages)
    account.alerts[10]["updatedAt"] = at(13, 11).isoformat()
    found = {each["id"] for each in [*events(first.events), *all_events(pages)]}
    assert {f"a{number}" for number in range(150)} <= found


def test_what_the_plan_does_not_include_is_remarked_and_the_rest_lands() -> None:
    account = Account(missing=frozenset({"incidents", "teams"}))
    pages = list(account.collector().collect(None))
    found = all_events(pages)
    assert len([remark for page in pages for remark in page.remarks]) == 2
    assert {each["type"] for each in found} == {"incident", "page", "shift"}
    assert {each["rotation"] for each in found if each["type"] == "page"} == {"90098alp9-f0e3-41d3-a060-0ea895027630"}


@pytest.mark.parametrize(
    ("missing", "unread"),
    [
        ({"incidents"}, set()),
        ({"schedules"}, {"shift"}),
        ({"alerts"}, {"page"}),
        ({"alerts", "incidents"}, {"page", "incident"}),
    ],
)
def test_what_nothing_that_may_be_read_tells_is_remarked_and_not_vouched_for(
    missing: set[str], unread: set[str]
) -> None:
    pages = list(Account(missing=frozenset(missing)).collector().collect(None))
    assert len([remark for page in pages for remark in page.remarks]) == len(missing)
    assert {each for page in pages for each in page.unread} == unread


def test_an_account_of_which_nothing_may_be_read_cannot_be_read() -> None:
    account = Account(missing=frozenset({"alerts", "incidents", "schedules", "teams"}))
    with pytest.raises(SourceForbidden, match=r"nothing may be read.*Give the API key read and configuration access"):
        list(account.collector().collect(None))


def test_doctor_learns_what_the_key_may_not_read() -> None:
    found = {each.what: each.granted for each in Account(missing=frozenset({"incidents"})).collector().check()}
    assert found == {"alerts": True, "incidents": False, "schedules": True, "teams": True}


@pytest.mark.parametrize("raw", [None, 3, {}, {"id": 4}, {"id": "Q", "createdAt": "yesterday"}, {"tags": 7}])
def test_odd_objects_are_rejected_or_nothing_and_raise_nothing(raw: object) -> None:
    parsed = Parsed()
    parse_alert(raw, NAMES, parsed)
    parse_incident(raw, NAMES, parsed)
    parse_period(raw, raw, raw, NAMES, parsed)
    assert parsed.rejected


def test_the_key_goes_into_opsgenies_own_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPSGENIE_KEY", "abc")
    table = {"kind": "opsgenie", "token": {"env": "OPSGENIE_KEY"}, "url": "https://api.eu.opsgenie.com"}
    collector = build(table, origin="tribometer.toml", data=Path())
    assert isinstance(collector, OpsgenieCollector)
    [credential] = collector.server.credentials
    assert credential.headers(lambda *_: pytest.fail("asks nobody")) == {"authorization": "GenieKey abc"}
    assert collector.server.url == "https://api.eu.opsgenie.com"


def test_a_table_without_a_key_says_which_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="OPSGENIE_KEY"):
        OpsgenieSettings(kind="opsgenie").collector(tmp_path)


ROWS = ("SELECT id, service, severity, title, detected_at, acknowledged_at, resolved_at FROM incidents",
        "SELECT id, service, paged_at, acknowledged_at FROM pages")  # fmt: skip


def stored(folder: Path, deliveries: Iterable[Parsed]) -> list[tuple[Any, ...]]:
    with EventStore.open(folder) as store:
        for each in deliveries:
            store.land(each.events)
        with store.reader() as reader:
            return [tuple(row) for sql in ROWS for row in reader.rows(sql)]


def test_push_says_what_pull_says_in_whichever_order_it_comes(tmp_path: Path) -> None:
    pulled = Parsed()
    parse_alert(recorded("opsgenie/alerts.json")[0], NAMES, pulled)
    pushed = [parse_delivery({}, each, CONTEXT) for each in recorded("opsgenie/deliveries.json")]
    assert [each.ignored for each in pushed] == [[], [], [], [], ["AddNote"]]
    by_pull = stored(tmp_path / "pull", [pulled])
    by_push = stored(tmp_path / "push", pushed)
    assert [[str(value)[:22] for value in row] for row in by_push] == [
        [str(value)[:22] for value in row] for row in by_pull
    ]
    assert stored(tmp_path / "twice", [*reversed(pushed), *pushed, *reversed(pushed)]) == by_push


def test_a_webhook_calls_rotations_and_services_as_the_settings_do() -> None:
    team = "90098alp9-f0e3-41d3-a060-0ea895027630"
    table = {"name": "ops", "rotations": {team: "Checkout"}, "services": {"payments": "pay"}, "incident_priorities": []}
    [page] = parse_delivery({}, recorded("opsgenie/deliveries.json")[0], Context((table,), NOW)).events
    told = page.model_dump(exclude_unset=True)
    assert (told["source"], told["rotation"], told["service"]) == ("ops", "Checkout", "pay")


def test_a_second_collection_changes_nothing(tmp_path: Path) -> None:
    with EventStore.open(tmp_path / "data", clock=lambda: NOW) as store:
        first = sync.run(Account().collector(), store)
        second = sync.run(Account().collector(NOW + timedelta(minutes=15)), store)
        full = sync.run(Account().collector(NOW + timedelta(minutes=15)), store, full=True)
    assert (first.error, first.new, first.rejected) == (None, 7, 0)
    assert (second.new, second.updated) == (full.new, full.updated) == (0, 0)


def test_a_recording_keeps_nobodys_name(tmp_path: Path) -> None:
    stripping = Stripping("opsgenie", PERSONAL, Pseudonyms.load_or_make(tmp_path))
    kept = json.dumps([stripping.stripped(recorded(f"opsgenie/{name}.json")) for name in ("alerts", "deliveries")])
    kept += json.dumps(stripping.stripped(recorded(SCHEDULES)))
    assert "example.org" not in kept
    assert "checkout_schedule" in kept
