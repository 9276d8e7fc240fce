"""Alertmanager's notifications: an incident of each alert that fired."""

from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.alertmanager import parse_notification
from deliveries import recorded

BEGAN = datetime(2026, 1, 10, 10, 0, 0, 123_000, tzinfo=UTC)


def incidents(payload: Any) -> list[dict[str, Any]]:
    parsed = parse_notification(payload, "alertmanager")
    assert parsed.rejected == []
    return [event.model_dump(exclude_unset=True) for event in parsed.events]


def test_an_alert_that_fires_is_an_open_incident_of_its_service() -> None:
    [errors, disk] = incidents(recorded("alertmanager/firing.json"))
    assert errors == {
        "source": "alertmanager",
        "id": "9c3b1d2e4f5a6b7c/2026-01-10T10:00:00.123000+00:00",
        "version": BEGAN,
        "service": "checkout",
        "severity": "critical",
        "title": "HighErrorRate",
        "detected_at": BEGAN,
        "url": "https://prometheus.example.org/graph?g0.expr=errors",
    }
    assert disk["id"] == "0f1e2d3c4b5a6978/2026-01-10T09:30:00+00:00"
    assert "service" not in disk


def test_an_alert_that_is_resolved_is_the_same_incident_with_its_end() -> None:
    [fired, _] = incidents(recorded("alertmanager/firing.json"))
    [ended] = incidents(recorded("alertmanager/resolved.json"))
    assert ended == {**fired, "version": ended["resolved_at"], "resolved_at": datetime(2026, 1, 10, 10, 45, tzinfo=UTC)}


def test_the_end_of_an_alert_that_fires_is_none() -> None:
    payload = recorded("alertmanager/firing.json")
    payload["alerts"][0]["endsAt"] = "2026-01-10T10:05:00Z"  # when Alertmanager would give it up
    assert "resolved_at" not in incidents(payload)[0]


@pytest.mark.parametrize("change", [{"startsAt": "2026-01-10T10:00:00"}, {"startsAt": 7}, {"fingerprint": ""}])
def test_an_alert_without_a_time_or_name_is_rejected_and_the_others_are_not(change: dict[str, Any]) -> None:
    payload = recorded("alertmanager/firing.json")
    payload["alerts"][0] |= change
    parsed = parse_notification(payload, "alertmanager")
    assert len(parsed.events) == len(parsed.rejected) == 1
    assert "startsAt" in parsed.rejected[0].reason


def test_another_version_of_the_payload_is_rejected_whole() -> None:
    parsed = parse_notification({**recorded("alertmanager/firing.json"), "version": "5"}, "alertmanager")
    assert (parsed.events, len(parsed.rejected)) == ([], 1)
