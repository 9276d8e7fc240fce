"""CDEvents in every form of CloudEvents, and what each type means here."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.cdevents.delivery import parse_delivery
from collectors.hooks.dispatch import Context
from collectors.parsed import Parsed
from deliveries import recorded

BATCH = {"content-type": "application/cloudevents-batch+json; charset=utf-8"}
STRUCTURED = {"content-type": "application/cloudevents+json"}
CONTEXT = Context((), datetime(2026, 2, 1, tzinfo=UTC))
ENVELOPE = {
    "specversion": "1.0",
    "id": "d-1",
    "source": "/staging/tekton",
    "type": "dev.cdevents.service.deployed.0.2.0",
}
SHA = "a" * 40


def read(payload: Any, headers: dict[str, str] | None = None) -> Parsed:
    return parse_delivery(headers or {}, payload, CONTEXT)


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 1, 10, hour, minute, tzinfo=UTC)


def events(parsed: Parsed) -> list[dict[str, Any]]:
    return [{"type": each.type, **each.model_dump(exclude_unset=True, exclude={"source"})} for each in parsed.events]


def test_every_recorded_event_means_what_was_checked_by_eye() -> None:
    parsed = read([{**ENVELOPE, "data": each} for each in recorded("cdevents/events.json")], BATCH)
    run, job = "/staging/tekton/run-1", "/staging/tekton/task-1"
    incident = "/staging/tekton/incident-7"
    slow = {"service": "checkout", "title": "Response time above 100 ms"}
    assert parsed.rejected == []
    assert {each.source for each in parsed.events} == {"cdevents"}
    assert events(parsed) == [
        {"type": "deployment", "id": "/staging/tekton/d-1", "version": at(9, 0), "service": "checkout",
         "environment": "production", "artifact": "pkg:golang/acme/checkout@234fd47e07d1004f0aed9c0000000000000000aa",
         "sha": "234fd47e07d1004f0aed9c0000000000000000aa", "status": "success", "finished_at": at(9, 0)},
        {"type": "deployment", "id": "/staging/tekton/d-2", "version": at(9, 20), "service": "checkout",
         "environment": "production", "artifact": "pkg:oci/checkout@sha256%3A0b31b1c0", "status": "success",
         "kind": "rollback", "finished_at": at(9, 20)},
        {"type": "incident", "id": incident, "version": at(9, 5), **slow, "detected_at": at(9, 5)},
        {"type": "incident", "id": incident, "version": at(9, 10), **slow, "severity": "high",
         "url": "https://tickets.example.org/7"},
        {"type": "incident", "id": incident, "version": datetime(1970, 1, 1, tzinfo=UTC), "detected_at": at(9, 10)},
        {"type": "incident", "id": incident, "version": at(9, 30), "resolved_at": at(9, 30)},
        {"type": "run", "id": run, "version": at(8, 0), "repository": "acme/checkout", "sha": SHA, "run": run,
         "created_at": at(8, 0), "attempt": 1, "workflow": "build", "branch": "main"},
        {"type": "run", "id": run, "version": at(8, 10), "repository": "acme/checkout", "sha": SHA, "run": run,
         "created_at": at(8, 0), "attempt": 1, "workflow": "build", "completed_at": at(8, 10),
         "conclusion": "failure", "url": "https://ci.example.org/run-1"},
        {"type": "job", "id": job, "version": at(8, 9), "run": {"id": run}, "attempt": 1, "name": "unit tests",
         "completed_at": at(8, 9), "conclusion": "cancelled"},
        {"type": "change", "id": "/staging/tekton/acme/checkout#12", "version": at(7, 50),
         "repository": "acme/checkout", "number": 12, "created_at": datetime(2026, 1, 9, 7, 50, tzinfo=UTC),
         "merged_at": at(7, 50), "merge_sha": SHA},
    ]  # fmt: skip
    assert parsed.ignored == [
        "pipelinerun.finished without customData.repository, customData.sha, customData.created_at",
        "artifact.published",
    ]


def test_binary_structured_and_encoded_data_say_the_same() -> None:
    [deployed, *_] = recorded("cdevents/events.json")
    encoded = base64.b64encode(json.dumps(deployed).encode()).decode()
    forms = [
        read(deployed, {"content-type": "application/json", "ce-type": "dev.cdevents.service.deployed.0.2.0"}),
        read({**ENVELOPE, "data": deployed}, STRUCTURED),
        read({**ENVELOPE, "data_base64": encoded}, STRUCTURED),
    ]
    assert len({str(events(each)) for each in forms}) == 1
    assert len(forms[0].events) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"timestamp": "2026-01-10T09:00:00"}, "timestamp with an offset"),
        ({"type": "com.example.deployed"}, "a CDEvent has"),
        ({"id": ""}, "context.id"),
        ({"version": "0.3.0"}, "0.4 or newer"),
        ({"version": None}, "0.4 or newer"),
    ],
)
def test_what_is_no_cdevent_is_rejected_with_the_reason(change: dict[str, Any], told: str) -> None:
    [deployed, *_] = recorded("cdevents/events.json")
    deployed["context"] |= change
    [rejection] = read(deployed).rejected
    assert told in rejection.reason


def test_one_bad_event_of_a_batch_does_not_lose_the_others() -> None:
    good, bad = recorded("cdevents/events.json")[:2]
    del bad["subject"]["content"]["environment"]
    parsed = read([{"data": bad}, {"data": good}, {"data_base64": "!"}], BATCH)
    assert (len(parsed.events), len(parsed.rejected)) == (1, 2)
    assert "environment" in parsed.rejected[0].reason


def test_a_draft_version_of_a_type_is_that_type() -> None:
    [deployed, *_] = recorded("cdevents/events.json")
    deployed["context"] |= {"type": "dev.cdevents.service.deployed.0.4.0-draft", "specversion": "0.6.0-draft"}
    assert len(read(deployed).events) == 1
