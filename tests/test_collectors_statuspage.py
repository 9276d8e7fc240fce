import hashlib
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from collectors import build
from collectors.base import Collector
from collectors.http.server import Server
from collectors.parsed import Parsed
from collectors.statuspage import StatuspageCollector, parse_incident
from collectors.sync import run
from tribometer.errors import ConfigurationError
from tribometer.store import EventStore

SOURCE = "statuspage:acme"
SERVICES = {"c1": "checkout", "c2": "search"}


def incident(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"i{number}",
        "name": "Slow checkout",
        "status": "resolved",
        "impact": "minor",
        "started_at": f"2026-01-{number:02}T10:00:00Z",
        "created_at": f"2026-01-{number:02}T10:05:00Z",
        "updated_at": f"2026-01-{number:02}T12:00:00Z",
        "monitoring_at": f"2026-01-{number:02}T11:00:00Z",
        "resolved_at": f"2026-01-{number:02}T12:00:00Z",
        "components": [{"id": "c1"}],
        **more,
    }


def events(*raw: object) -> list[dict[str, Any]]:
    parsed = Parsed()
    for each in raw:
        parse_incident(each, SOURCE, SERVICES, parsed)
    return [each.model_dump(mode="json", exclude_unset=True) for each in parsed.events]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore.open(tmp_path / "data") as opened:
        yield opened


def page(answer: Callable[[httpx.Request], httpx.Response]) -> StatuspageCollector:
    server = Server(SOURCE, "https://x.org", sleep=lambda _: None, transport=lambda: httpx.MockTransport(answer))
    return StatuspageCollector("acme", server, SERVICES)


def test_an_incident_says_when_users_felt_it_and_when_they_no_longer_did() -> None:
    assert events(incident(3)) == [
        {
            "source": SOURCE,
            "id": "i3/c1",
            "version": "2026-01-03T12:00:00Z",
            "service": "checkout",
            "severity": "minor",
            "title": "Slow checkout",
            "impact_started_at": "2026-01-03T10:00:00Z",
            "detected_at": "2026-01-03T10:05:00Z",
            "mitigated_at": "2026-01-03T11:00:00Z",
            "resolved_at": "2026-01-03T12:00:00Z",
        }
    ]


def test_an_incident_counts_once_for_each_service_and_once_without_any() -> None:
    both, none = incident(1, components=[{"id": "c1"}, {"id": "c2"}, {"id": "x"}]), incident(2, components=[])
    assert [(each["id"], each.get("service")) for each in events(both, none)] == [
        ("i1/c1", "checkout"), ("i1/c2", "search"), ("i2", None),
    ]  # fmt: skip


def test_planned_maintenance_is_no_incident_and_what_is_not_known_is_absent() -> None:
    [only] = events(incident(1, status="scheduled"), incident(2, monitoring_at=None, resolved_at=None))
    assert (only["id"], "mitigated_at" in only, "resolved_at" in only) == ("i2/c1", False, False)


def test_what_is_no_incident_is_rejected_with_its_reason() -> None:
    parsed = Parsed()
    parse_incident({"id": "i1", "created_at": "yesterday"}, SOURCE, SERVICES, parsed)
    parse_incident("junk", SOURCE, SERVICES, parsed)
    assert [each.reason.partition(":")[0] for each in parsed.rejected] == ["detected_at", "id"]


def test_an_open_incident_is_asked_again_until_it_ends_however_old(store: EventStore) -> None:
    state: dict[str, Any] = {"listed": [incident(1, status="investigating", resolved_at=None)], "asked": []}

    def answer(request: httpx.Request) -> httpx.Response:
        state["asked"].append(request.url.path)
        if request.url.path.endswith("/incidents"):
            return httpx.Response(200, json=state["listed"])
        return httpx.Response(200, json=incident(1))

    assert run(page(answer), store).new == 1
    state["listed"] = [incident(9)]
    assert run(page(answer), store).updated == 1
    assert state["asked"][-1] == "/v1/pages/acme/incidents/i1"
    asked = len(state["asked"])
    assert run(page(answer), store).unchanged == 1
    assert len(state["asked"]) == asked + 1


def test_a_collection_since_a_time_asks_for_incidents_that_were_open_before_it(store: EventStore) -> None:
    state = {"listed": [incident(1, status="investigating", resolved_at=None)]}

    def answer(request: httpx.Request) -> httpx.Response:
        listing = request.url.path.endswith("/incidents")
        return httpx.Response(200, json=state["listed"] if listing else incident(1))

    run(page(answer), store)
    state["listed"] = [incident(9)]
    assert run(page(answer), store, since=datetime(2026, 1, 9, tzinfo=UTC)).updated == 1


def test_a_list_is_read_down_to_what_was_known(store: EventStore) -> None:
    pages = {"1": [incident(20)] * 100, "2": [incident(10)] * 100, "3": [incident(2)]}
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["page"])
        return httpx.Response(200, json=pages[asked[-1]])

    assert run(page(answer), store).new == 3
    run(page(answer), store)
    assert asked == ["1", "2", "3", "1", "2"]


def test_a_table_without_a_token_says_what_to_add(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="STATUSPAGE_TOKEN"):
        build({"kind": "statuspage", "page": "acme"}, origin="tribometer.toml", data=tmp_path)


def test_a_table_makes_the_collector_of_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_TOKEN", "secret")
    table = {"kind": "statuspage", "page": "acme", "token": {"env": "STATUSPAGE_TOKEN"}}
    made: Collector = build(table, origin="tribometer.toml", data=tmp_path)
    assert (made.name, made.reads) == (SOURCE, frozenset({"incident"}))


def test_the_recorded_incidents_give_the_events_that_were_checked_by_eye() -> None:
    folder = os.environ.get("RECORDED_ANSWERS")
    if not folder or not Path(folder, "statuspage").is_dir():
        pytest.skip("RECORDED_ANSWERS names no folder of recordings with statuspage in it")
    raw = json.loads(Path(folder, "statuspage/faros/incidents.json").read_text())
    parsed = Parsed()
    for each in raw:
        parse_incident(each, SOURCE, {"m9ft7x29tkj9": "api"}, parsed)
    told = sorted(each.model_dump_json(exclude_unset=True) for each in parsed.events)
    assert (len(raw), len(told), len(parsed.rejected)) == (3, 3, 0)
    assert hashlib.sha256("\n".join(told).encode()).hexdigest()[:16] == "babd7d4b3d68a6b2"
