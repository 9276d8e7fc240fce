"""Argo CD's applications as deployments and observations, and what of them is new each time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ci_servers import NOON, SHA, Merged, Played, drain, reasons, recorded_and_replayed, told, whole
from collectors.argocd.parse import Context, parse_syncs, place_of, runtime_of
from deliveries import recorded
from tribometer.errors import SourceGone

CONTEXT = Context("argocd:cd.example.org", "https://cd.example.org")
TABLE = {"kind": "argocd", "url": "https://cd.example.org", "token": {"env": "ARGOCD_TOKEN"}}
CHECKOUT = "argocd/checkout"


def application(place: int = 0, **status: Any) -> dict[str, Any]:
    found: dict[str, Any] = recorded("argocd/applications.json")["items"][place]
    return {**found, "status": {**found["status"], **status}}


def deployments(of: dict[str, Any], context: Context = CONTEXT) -> dict[str, dict[str, Any]]:
    place = place_of(of, context)
    assert place
    return {each["id"]: each for each in told(parse_syncs(of, context, place).events)}


def test_each_sync_in_the_history_is_a_deployment_and_the_last_operation_is_the_same_one() -> None:
    found = deployments(application())
    assert list(found) == ["argocd/checkout@2026-01-04T09:00:00Z", "argocd/checkout@2026-01-05T09:00:00Z"]
    assert found["argocd/checkout@2026-01-04T09:00:00Z"] == {
        "type": "deployment", "id": "argocd/checkout@2026-01-04T09:00:00Z", "service": "acme/checkout",
        "environment": "in-cluster/shop", "sha": SHA, "created_at": "2026-01-04T09:00:00Z",
        "started_at": "2026-01-04T09:00:00Z", "finished_at": "2026-01-04T09:00:10Z", "status": "success",
        "url": "https://cd.example.org/applications/argocd/checkout",
    }  # fmt: skip


def test_an_operation_that_failed_is_a_failed_deployment_of_what_it_tried() -> None:
    _, failed = deployments(application(1)).values()
    assert (failed["status"], failed["sha"][:4], failed["artifact"]) == ("failure", "3123", "till:2.1.0")
    assert (failed["service"], failed["environment"]) == ("acme/till-values", "eu-1/till")


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"phase": "Running", "startedAt": "2026-01-05T11:00:00Z"}, "running"),
        ({"phase": "Error", "startedAt": "2026-01-05T11:00:00Z", "finishedAt": "2026-01-05T11:01:00Z"}, "failure"),
        ({"phase": "Succeeded", "startedAt": "2026-01-05T11:00:00Z"}, "success"),
        ({"phase": "Running", "startedAt": "2026-01-05T11:00:00Z", "operation": {"sync": {"dryRun": True}}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_an_operation_is_a_deployment_unless_it_was_a_trial(operation: Any, status: str | None) -> None:
    found = deployments(application(operationState=operation)).get("argocd/checkout@2026-01-05T11:00:00Z", {})
    assert found.get("status") == status


@pytest.mark.parametrize(
    ("service", "environment", "place"),
    [
        ("repository", "cluster", ("acme/checkout", "in-cluster")),
        ("application", "namespace", ("checkout", "shop")),
        ("label:team/service", "annotation:stage", ("checkout-api", "live")),
        ("label:none", "cluster", None),
        ("repository", "label:none", None),
    ],
)
def test_service_and_environment_are_found_where_the_settings_say(
    service: str, environment: str, place: tuple[str, str] | None
) -> None:
    found = place_of(application(), Context("a", "https://x.org", service, environment))
    assert (found and (found.service, found.environment)) == place


def test_syncs_that_tell_no_time_or_an_unknown_phase_are_rejected() -> None:
    of = application(history=[{"id": 1}, "text"], operationState={"phase": "Lost", "startedAt": "2026-01-05T11:00:00Z"})
    place = place_of(of, CONTEXT)
    assert place
    first, second, third = reasons(parse_syncs(of, CONTEXT, place))
    assert first == second == "a sync of argocd/checkout tells neither when it began nor when it ended"
    assert third.startswith("status: Input should be")


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ({}, ("1123", "registry.example.org/shop/api:1.2 registry.example.org/shop/web:1.2")),
        ({"sync": {"status": "OutOfSync", "revision": SHA}, "summary": {"images": ["x:1"]}}, (None, "x:1")),
        ({"health": {"status": "Degraded"}, "summary": {}}, ("1123", None)),
        ({"health": {"status": "Progressing"}}, None),
        ({"sync": {"status": "OutOfSync", "revision": SHA}, "summary": {}}, None),
        ({"sync": {"status": "Synced", "revision": "1.2.0"}, "summary": {}}, None),
    ],
)
def test_what_runs_is_the_synced_commit_and_the_images(status: dict[str, Any], seen: tuple[Any, ...] | None) -> None:
    runtime = runtime_of(application(**status))
    assert (runtime and (runtime.sha and runtime.sha[:4], runtime.artifact)) == seen


@dataclass
class Server:
    """Applications that a server lists."""

    applications: list[dict[str, Any]] = field(default_factory=lambda: recorded("argocd/applications.json")["items"])

    def answer(self, request: httpx.Request) -> Any:
        """Answer as Argo CD does."""
        assert request.url.path == "/api/v1/applications"
        assert request.headers["authorization"] == "Bearer secret"
        assert "items.status.operationState.syncResult.revision" in request.url.params["fields"].split(",")
        return {"items": self.applications or None}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("ARGOCD_TOKEN", "secret")
    return Server()


def kinds(found: list[dict[str, Any]]) -> list[str]:
    return [each["type"] for each in found]


def test_a_collection_is_one_request_and_the_next_says_only_what_is_new(server: Server) -> None:
    source = Played(TABLE, server.answer)
    found = source.events()
    assert sorted(kinds(found)) == ["deployment"] * 4 + ["observation"] * 2
    assert [each for each in found if each["type"] == "observation"][1] == {
        "type": "observation", "id": "argocd/till@2026-01-05T12:00:00+00:00", "service": "acme/till-values",
        "environment": "eu-1/till", "observed_at": "2026-01-05T12:00:00Z", "artifact": "registry.example.org/till:2.0",
        "via": "argocd",
    }  # fmt: skip
    source.now += timedelta(minutes=15)
    assert source.events() == []
    assert len(source.asked) == 2


def test_what_runs_is_said_when_it_changes_and_else_once_a_day(server: Server) -> None:
    source = Played(TABLE, server.answer)
    server.applications = server.applications[:1]
    source.collect()
    times = []
    for _ in range(4 * 50):
        source.now += timedelta(minutes=15)
        if source.now == NOON + timedelta(hours=30):
            server.applications[0] = application(summary={"images": ["api:2"]})
        times += [datetime.fromisoformat(each["observed_at"]) for each in source.events()]
    assert [(at - NOON) / timedelta(hours=1) for at in times] == [24, 30]
    assert times[0].tzinfo == UTC


def test_a_sync_that_runs_becomes_the_sync_of_the_history_when_it_has_ended(server: Server) -> None:
    began = "2026-01-05T11:59:00Z"
    server.applications = [application(operationState={"phase": "Running", "startedAt": began})]
    source = Played(TABLE, server.answer)
    assert source.events()[-2]["status"] == "running"
    sync = {"id": 5, "revision": SHA, "deployStartedAt": began, "deployedAt": "2026-01-05T12:05:00Z"}
    history = [*application()["status"]["history"], sync]
    server.applications = [
        application(history=history, operationState={"phase": "Succeeded", "startedAt": began, "finishedAt": began})
    ]
    source.now += timedelta(minutes=15)
    [ended] = source.events()
    assert (ended["id"], ended["status"]) == (f"{CHECKOUT}@{began}", "success")


def test_a_collection_of_many_applications_that_is_killed_behind_any_page_ends_up_the_same(server: Server) -> None:
    server.applications = [
        {**application(), "metadata": {"name": f"app-{number:03}", "namespace": "argocd"}} for number in range(250)
    ]
    expected = whole(Played(TABLE, server.answer))
    for count in (1, 2):
        source = Played(TABLE, server.answer)
        landed: Merged = {}
        assert source.take(count, landed)
        drain(landed, source.pages())
        assert landed == expected
        assert len(source.asked) == 2


def test_an_application_that_is_gone_is_forgotten_and_one_that_comes_back_is_told_again(server: Server) -> None:
    source = Played(TABLE, server.answer)
    source.collect()
    both, server.applications = server.applications, server.applications[:1]
    source.collect()
    assert list(source.cursors["argocd:cd.example.org"]["applications"]) == [CHECKOUT]
    server.applications = both
    assert sorted(kinds(source.events())) == ["deployment", "deployment", "observation"]


def test_applications_without_service_or_environment_and_none_at_all_are_remarked_on(server: Server) -> None:
    source = Played({**TABLE, "service": "label:team/service"}, server.answer)
    [page] = source.collect()
    assert [remark.what for remark in page.remarks] == [
        (
            "argocd/till have no service or environment by service = 'label:team/service', "
            "environment = 'cluster/namespace'"
        )
    ]
    server.applications = []
    [page] = source.collect()
    assert [remark.what for remark in page.remarks] == ["no application is visible"]


def test_a_server_that_is_no_argo_cd_is_told_apart(server: Server) -> None:
    del server
    with pytest.raises(SourceGone, match="no list of applications"):
        Played(TABLE, lambda _: {"message": "hello"}).collect()
    [permission] = Played(TABLE, lambda _: httpx.Response(403, json={"error": "denied"})).collector().check()
    assert not permission.granted
    assert "applications, get" in permission.fix


def test_a_replay_lands_the_same_and_the_recording_names_nobody(server: Server, tmp_path: Path) -> None:
    live, again, text = recorded_and_replayed(Played(TABLE, server.answer), tmp_path)
    assert len(live) == 6
    assert live == again
    assert '"ann"' not in text
