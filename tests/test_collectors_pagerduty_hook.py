"""PagerDuty's webhooks: the ids and facts of its API, in whichever order they come."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from collectors.hooks.dispatch import Context
from collectors.pagerduty.hook import parse_delivery
from collectors.pagerduty.parse import Names, histories, parse_incident
from collectors.parsed import Parsed
from deliveries import recorded
from tribometer.store import EventStore

CONTEXT = Context((), datetime(2026, 2, 1, tzinfo=UTC))
TABLE = "SELECT source, id, service, severity, title, detected_at, acknowledged_at, resolved_at, url FROM incidents"
PAGES = "SELECT source, id, rotation, service, paged_at, acknowledged_at FROM pages"


def pushed() -> list[Parsed]:
    return [parse_delivery({}, each, CONTEXT) for each in recorded("pagerduty/deliveries.json")]


def pulled() -> Parsed:
    parsed = Parsed()
    incident = recorded("pagerduty/incidents.json")[0]
    history = histories(recorded("pagerduty/log_entries.json"), {})[incident["id"]]
    parse_incident(incident, history, Names("pagerduty"), parsed)
    return parsed


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore.open(tmp_path / "data") as opened:
        yield opened


def stored(store: EventStore) -> list[tuple[Any, ...]]:
    with store.reader() as reader:
        return [tuple(each) for sql in (TABLE, PAGES) for each in reader.rows(sql)]


def to_the_second(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [
        tuple(value.replace(microsecond=0) if isinstance(value, datetime) else value for value in row) for row in rows
    ]


def test_a_note_is_passed_over_by_its_name() -> None:
    assert [each.ignored for each in pushed()] == [[], [], [], [], ["incident.annotated"]]
    assert not [rejection for each in pushed() for rejection in each.rejected]


def test_push_says_what_pull_says(tmp_path: Path) -> None:
    with EventStore.open(tmp_path / "push") as by_push, EventStore.open(tmp_path / "pull") as by_pull:
        for each in pushed():
            by_push.land(each.events)
        by_pull.land(pulled().events)
        assert to_the_second(stored(by_push)) == stored(by_pull)


def test_the_order_of_deliveries_does_not_matter_and_pull_goes_before(store: EventStore, tmp_path: Path) -> None:
    for each in pushed():
        store.land(each.events)
    in_order = stored(store)
    for number, order in enumerate(list(permutations(pushed()[:4]))[5::6]):
        with EventStore.open(tmp_path / str(number)) as other:
            for each in (*order, *order):
                other.land(each.events)
            assert stored(other) == in_order
    store.land(pulled().events)
    with EventStore.open(tmp_path / "pulled") as other:
        other.land(pulled().events)
        alone = stored(other)
    assert to_the_second(stored(store)) == alone


def test_an_incident_that_is_opened_again_has_no_end() -> None:
    reopened = recorded("pagerduty/deliveries.json")[0]
    reopened["event"] |= {"event_type": "incident.reopened", "occurred_at": "2026-01-10T10:00:00Z"}
    [incident, _] = parse_delivery({}, reopened, CONTEXT).events
    assert incident.model_dump(exclude_unset=True)["resolved_at"] is None


def test_a_delegated_incident_pages_the_other_rotation_from_then_on() -> None:
    delegated = recorded("pagerduty/deliveries.json")[0]
    delegated["event"] |= {"event_type": "incident.delegated", "occurred_at": "2026-01-10T09:10:00Z"}
    delegated["event"]["data"]["escalation_policy"] = {"id": "PDB0001", "summary": "Database on call"}
    [_, page] = parse_delivery({}, delegated, CONTEXT).events
    told = page.model_dump(exclude_unset=True)
    assert (page.id, told["rotation"]) == ("QRESOLVED/PDB0001", "Database on call")
    assert told["paged_at"] == datetime(2026, 1, 10, 9, 10, tzinfo=UTC)


def test_names_are_those_of_the_configured_source() -> None:
    context = Context(({"name": "pager", "services": {"PF9KMXH": "checkout"}},), CONTEXT.now)
    parsed = parse_delivery({}, recorded("pagerduty/deliveries.json")[0], context)
    assert {each.source for each in parsed.events} == {"pager"}
    assert {getattr(each, "service", None) for each in parsed.events} == {"checkout"}
