"""GitHub's webhooks over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from deliveries import SECRET, body_of, signed
from hook_service import rows, taking_deliveries
from service_places import clock
from tribometer.service.instance import Instance, opened
from tribometer.settings import Settings

HOOKS = {"github": {"secret": {"env": "HOOK_SECRET"}}}
REPOSITORY = {
    "full_name": "acme/checkout",
    "html_url": "https://github.com/acme/checkout",
    "created_at": "2025-01-01T00:00:00Z",
}
SHA = "a" * 40


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    with opened(Settings(data=tmp_path / "data", hooks=HOOKS), clock) as held:
        yield held


@pytest.fixture
def client(instance: Instance) -> Iterator[TestClient]:
    with taking_deliveries(instance) as found:
        yield found


def deliver(client: TestClient, kind: str, payload: dict[str, Any]) -> Any:
    body = body_of({"repository": REPOSITORY, "sender": {"login": "ann", "type": "User"}, **payload})
    headers = {"content-type": "application/json", "x-github-event": kind, **signed("github", body)}
    return client.post("/hooks/github", content=body, headers=headers)


def pull_request(updated_at: str, **more: object) -> dict[str, Any]:
    return {
        "number": 12,
        "user": {"login": "ann", "type": "User"},
        "title": "Round up",
        "created_at": "2026-01-10T09:00:00Z",
        "updated_at": updated_at,
        "merged_at": None,
        "closed_at": None,
        "base": {"ref": "main"},
        "head": {"ref": "round", "sha": SHA},
        **more,
    }


def test_an_older_body_behind_a_newer_one_changes_nothing(client: TestClient, instance: Instance) -> None:
    opened_ = {"action": "opened", "pull_request": pull_request("2026-01-10T09:00:00Z")}
    merged = {"merged_at": "2026-01-10T11:00:00Z", "closed_at": "2026-01-10T11:00:00Z", "merge_commit_sha": SHA}
    closed = {"action": "closed", "pull_request": pull_request("2026-01-10T11:00:00Z", title="Round down", **merged)}
    assert deliver(client, "pull_request", opened_).json()["new"] == 1
    assert deliver(client, "pull_request", closed).json()["updated"] == 1
    before = rows(instance, "SELECT * FROM changes")
    for each in (closed, opened_, closed):
        assert deliver(client, "pull_request", each).json()["unchanged"] == 1
    assert rows(instance, "SELECT * FROM changes") == before
    [(source, identity, title)] = rows(instance, "SELECT source, id, title FROM changes")
    assert (source, identity, title) == ("github:acme/checkout", "acme/checkout#12", "Round down")


def test_a_change_that_left_draft_says_when(client: TestClient, instance: Instance) -> None:
    ready = {"action": "ready_for_review", "pull_request": pull_request("2026-01-10T10:00:00Z")}
    deliver(client, "pull_request", ready)
    assert rows(instance, "SELECT CAST(ready_at AS VARCHAR) FROM changes") == [("2026-01-10 10:00:00",)]


def test_a_change_that_is_a_draft_again_is_not_ready_any_more(client: TestClient, instance: Instance) -> None:
    ready = {"action": "ready_for_review", "pull_request": pull_request("2026-01-10T10:00:00Z", draft=False)}
    again = {"action": "converted_to_draft", "pull_request": pull_request("2026-01-10T11:00:00Z", draft=True)}
    later = {"action": "ready_for_review", "pull_request": pull_request("2026-01-10T12:00:00Z", draft=False)}
    found = []
    for each in (ready, again, later):
        deliver(client, "pull_request", each)
        found += rows(instance, "SELECT CAST(ready_at AS VARCHAR) FROM changes")
    assert found == [("2026-01-10 10:00:00",), (None,), ("2026-01-10 12:00:00",)]


DEPLOYMENT = {"id": 7, "sha": SHA, "environment": "production", "created_at": "2026-01-10T11:00:00Z"}
STATUS = {"state": "success", "created_at": "2026-01-10T11:05:00Z"}


def run(name: str, conclusion: str = "success") -> dict[str, Any]:
    return {
        "id": 99,
        "run_attempt": 2,
        "name": name,
        "path": f".github/workflows/{name}.yml",
        "head_sha": SHA,
        "event": "push",
        "status": "completed",
        "conclusion": conclusion,
        "created_at": "2026-01-10T10:00:00Z",
        "run_started_at": "2026-01-10T10:30:00Z",
        "updated_at": "2026-01-10T10:40:00Z",
    }


def test_deployments_are_read_the_way_the_sources_table_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    told = {"from": "workflow", "name": "deploy*"}
    table = {"kind": "github", "owner": "Acme", "deployments": told, "repositories": ["check*"]}
    other = {**REPOSITORY, "full_name": "acme/shop"}
    with opened(Settings(data=tmp_path / "data", hooks=HOOKS, sources=(table,)), clock) as instance:
        with taking_deliveries(instance) as client:
            status = deliver(client, "deployment_status", {"deployment": DEPLOYMENT, "deployment_status": STATUS})
            deployed = deliver(client, "workflow_run", {"action": "completed", "workflow_run": run("deploy-all")})
            tested = deliver(client, "workflow_run", {"action": "completed", "workflow_run": run("test")})
            elsewhere = deliver(client, "workflow_run", {"workflow_run": run("deploy-all"), "repository": other})
        [(identity,)] = rows(instance, "SELECT id FROM deployments")
    assert identity == "acme/checkout/runs/99/2/deployment"
    assert status.json()["ignored"] == "deployment_status"
    assert (deployed.json()["new"], tested.json()["updated"] + tested.json()["unchanged"]) == (2, 1)
    assert "acme/shop" in elsewhere.json()["ignored"]


def test_a_repository_of_an_owner_that_no_table_names_lands_with_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    table = {"kind": "github", "owner": "acme"}
    other = {**REPOSITORY, "full_name": "elsewhere/shop"}
    settings = Settings(data=tmp_path / "data", hooks=HOOKS, sources=(table,))
    with opened(settings, clock) as instance, taking_deliveries(instance) as client:
        own = deliver(client, "workflow_run", {"workflow_run": run("test")}).json()
        others = deliver(client, "workflow_run", {"workflow_run": run("test"), "repository": other}).json()
    assert (own["new"], "note" in own) == (1, False)
    assert (others["new"], others["note"].split(":")[0]) == (
        1, "no [[sources]] table of kind github is about elsewhere/shop",
    )  # fmt: skip


def test_without_a_table_githubs_own_deployments_count(client: TestClient, instance: Instance) -> None:
    payload = {"deployment": DEPLOYMENT, "deployment_status": STATUS, "workflow_run": run("deploy-all")}
    assert deliver(client, "deployment_status", payload).json()["new"] == 1
    assert deliver(client, "workflow_run", {"workflow_run": run("deploy-all")}).json()["new"] == 1
    assert rows(instance, "SELECT id, status FROM deployments") == [("acme/checkout/deployments/7", "success")]


def test_a_deliverys_form_encoding_is_read_too(client: TestClient) -> None:
    payload = {"repository": REPOSITORY, "pull_request": pull_request("2026-01-10T09:00:00Z")}
    body = urlencode({"payload": json.dumps(payload)}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "x-github-event": "pull_request"}
    answer = client.post("/hooks/github", content=body, headers={**headers, **signed("github", body)})
    assert answer.json()["new"] == 1
