"""Webhooks of GitLab, Gitea and Forgejo over HTTP."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from deliveries import SECRET, body_of, signed, standard
from hook_service import rows, taking_deliveries
from service_places import clock
from tribometer.service.instance import Instance, opened
from tribometer.settings import Settings

RECORDINGS = os.environ.get("RECORDED_ANSWERS")
WHSEC = "whsec_" + base64.b64encode(bytes(range(32))).decode()
HOOKS = {
    "gitlab": {"secret": [{"env": "HOOK_SECRET"}, {"env": "SIGNING_TOKEN"}]},
    "gitea": {"secret": {"env": "HOOK_SECRET"}},
}
TABLES = (
    {"kind": "gitlab", "group": "acme", "projects": ["check*"], "incidents": {"labels": ["outage"]}},
    {"kind": "gitea", "owner": "acme", "repositories": ["shop", "requests"], "releases": "^release-"},
)
PROJECT = {"id": 30, "path_with_namespace": "acme/checkout", "web_url": "https://gitlab.example.org/acme/checkout"}
REPOSITORY = {"id": 1, "full_name": "acme/shop", "html_url": "https://gitea.example.org/acme/shop"}
SHA = "a" * 40


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setenv("SIGNING_TOKEN", WHSEC)
    with opened(Settings(data=tmp_path / "data", hooks=HOOKS, sources=TABLES), clock) as held:
        yield held


@pytest.fixture
def client(instance: Instance) -> Iterator[TestClient]:
    with taking_deliveries(instance) as found:
        yield found


def deliver(client: TestClient, kind: str, payload: object, **headers: str) -> Any:
    body = body_of(payload)
    given = {"content-type": "application/json", **signed(kind, body), **headers}
    return client.post(f"/hooks/{kind}", content=body, headers=given).json()


def deployment(status: str, changed: str) -> dict[str, Any]:
    return {
        "object_kind": "deployment",
        "status": status,
        "status_changed_at": changed,
        "deployment_id": 15,
        "deployable_url": "https://gitlab.example.org/acme/checkout/-/jobs/796",
        "environment": "production",
        "project": PROJECT,
        "commit_url": f"https://gitlab.example.org/acme/checkout/-/commit/{SHA}",
    }


RUNNING = deployment("running", "2026-01-10 10:00:00 +0100")
SUCCEEDED = deployment("success", "2026-01-10 10:05:00 +0100")


def test_gitlab_lands_and_neither_the_same_nor_an_older_body_changes_it(client: TestClient, instance: Instance) -> None:
    assert deliver(client, "gitlab", RUNNING)["new"] == 1
    assert deliver(client, "gitlab", SUCCEEDED)["updated"] == 1
    before = rows(instance, "SELECT * FROM deployments")
    for each in (SUCCEEDED, RUNNING):
        assert deliver(client, "gitlab", each)["unchanged"] == 1
    assert rows(instance, "SELECT * FROM deployments") == before
    told = rows(instance, "SELECT source, id, status, sha, CAST(finished_at AS VARCHAR) FROM deployments")
    source, identity = "gitlab:acme/checkout", "acme/checkout/deployments/15"
    assert told == [(source, identity, "success", SHA, "2026-01-10 09:05:00")]


def test_gitlabs_signing_token_vouches_too(client: TestClient) -> None:
    body = body_of(SUCCEEDED)
    assert client.post("/hooks/gitlab", content=body, headers=standard(body, WHSEC)).json()["new"] == 1
    forged = {**standard(body, WHSEC), "webhook-timestamp": "1"}
    assert client.post("/hooks/gitlab", content=body, headers=forged).status_code == 401


def pull_request(updated_at: str, **more: object) -> dict[str, Any]:
    raw = {
        "number": 5,
        "user": {"login": "dave", "id": 2},
        "title": "Round up",
        "state": "open",
        "created_at": "2026-01-10T09:00:00Z",
        "updated_at": updated_at,
        "base": {"ref": "main"},
        "head": {"ref": "round", "sha": SHA},
        **more,
    }
    return {"action": "edited", "number": 5, "pull_request": raw, "repository": REPOSITORY}


@pytest.mark.parametrize("header", ["x-gitea-event", "x-forgejo-event"])
def test_gitea_lands_and_neither_the_same_nor_an_older_body_changes_it(
    client: TestClient, instance: Instance, header: str
) -> None:
    older, newer = (
        pull_request("2026-01-10T09:00:00Z"),
        pull_request("2026-01-10T10:00:00Z", title="Round down"),
    )
    kind = {header: "pull_request"}
    assert deliver(client, "gitea", older, **kind)["new"] == 1
    assert deliver(client, "gitea", newer, **kind)["updated"] == 1
    for each in (newer, older):
        assert deliver(client, "gitea", each, **kind)["unchanged"] == 1
    told = rows(instance, "SELECT source, id, title, author FROM changes")
    assert told == [("gitea:acme/shop", "acme/shop#5", "Round down", instance.store.pseudonyms.of("gitea:dave"))]


@pytest.mark.parametrize(("tag", "count"), [("release-7", 1), ("v7.0.0", 0)])
def test_tags_of_releases_are_those_of_the_configured_source(client: TestClient, tag: str, count: int) -> None:
    release = {
        "id": 164,
        "tag_name": tag,
        "target_commitish": "main",
        "draft": False,
        "prerelease": False,
        "created_at": "2026-01-10T07:27:55Z",
        "published_at": "2026-01-10T07:27:55Z",
    }
    payload = {"action": "published", "release": release, "repository": REPOSITORY}
    assert deliver(client, "gitea", payload, **{"x-gitea-event": "release"})["new"] == count


def test_a_labelled_issue_is_an_incident_as_the_configured_source_says(client: TestClient, instance: Instance) -> None:
    issue = {
        "iid": 3,
        "title": "Down",
        "created_at": "2026-01-10 09:00:00 UTC",
        "updated_at": "2026-01-10 09:00:00 UTC",
    }
    payload = {"object_kind": "issue", "project": PROJECT, "object_attributes": issue, "labels": [{"title": "Outage"}]}
    assert deliver(client, "gitlab", payload)["new"] == 1
    assert deliver(client, "gitlab", {**payload, "labels": [{"title": "bug"}]})["ignored"] == "issue"
    assert rows(instance, "SELECT id FROM incidents") == [("acme/checkout#3",)]


def test_a_repository_that_its_groups_table_leaves_out_is_passed_over_and_anothers_is_not(client: TestClient) -> None:
    told = {}
    for path in ("acme/checkout", "acme/tools", "other/tools"):
        project = {**PROJECT, "path_with_namespace": path}
        told[path] = deliver(client, "gitlab", {**SUCCEEDED, "project": project})
    left_out = {"repository": {**REPOSITORY, "full_name": "acme/tools"}}
    told["gitea"] = deliver(client, "gitea", {**pull_request("2026-01-10T09:00:00Z"), **left_out})
    assert [each["new"] for each in told.values()] == [1, 0, 1, 0]
    assert "acme/tools" in told["acme/tools"]["ignored"]
    assert "acme/tools" in told["gitea"]["ignored"]
    assert [each for each in told if "note" in told[each]] == ["other/tools"]
    assert "kind gitlab is about other/tools" in told["other/tools"]["note"]


@pytest.mark.skipif(not RECORDINGS, reason="RECORDED_ANSWERS names no folder of recorded answers")
def test_every_recorded_delivery_is_answered_and_twice_changes_nothing(client: TestClient, instance: Instance) -> None:
    folder = Path(RECORDINGS or "")
    files = [*sorted((folder / "gitlab/webhooks").glob("*.json")), *sorted((folder / "gitea").glob("hook_*.json"))]
    counts = {}
    for file in files:
        kind = file.parts[-2] if file.parent.name == "gitea" else "gitlab"
        headers = {"x-gitea-event": file.stem.removeprefix("hook_")}
        first, second = (deliver(client, kind, json.loads(file.read_text()), **headers) for _ in range(2))
        assert (second["new"], second["updated"]) == (0, 0)
        counts[f"{kind}/{file.stem}"] = first["new"]
    assert counts == {
        "gitlab/build": 0, "gitlab/deployment": 1, "gitlab/job": 1, "gitlab/merge_request": 1, "gitlab/pipeline": 6,
        "gitlab/push": 1, "gitlab/release": 1, "gitlab/tag_push": 1, "gitea/hook_push": 1, "gitea/hook_release": 0,
    }  # fmt: skip
    assert instance.store.rejected() == []
