"""Webhooks over HTTP: verified, landed, then answered; refused where nothing vouches for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from collectors.hooks.dispatch import HOOKS
from deliveries import OLD_SECRET, SECRET, body_of, recorded, signed
from event_samples import without_random
from service_places import clock
from tribometer.errors import StoreBusy
from tribometer.service import demo
from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.instance import Instance, opened
from tribometer.settings import Settings
from tribometer.settings.hooks import HookSettings

FIRING, RESOLVED = "alertmanager/firing.json", "alertmanager/resolved.json"
ELSEWHERE = ("203.0.113.7", 50000)
ALL = {kind: {"secret": {"env": "HOOK_SECRET"}} for kind in HOOKS}


def scopes_of(token: str) -> frozenset[str] | None:
    return {"may-write": frozenset({"write"}), "may-read": frozenset({"read"})}.get(token)


@contextmanager
def served(settings: Settings) -> Iterator[tuple[TestClient, Instance]]:
    with opened(settings, clock) as instance:
        app = Starlette(routes=routes(instance, Access("local", scopes_of=scopes_of), lambda: True))
        with TestClient(app, "http://tribometer.example.org", client=ELSEWHERE) as client:
            yield client, instance


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TestClient, Instance]]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    with served(Settings(data=tmp_path / "data", hooks=ALL)) as found:
        yield found


@pytest.fixture
def client(place: tuple[TestClient, Instance]) -> TestClient:
    return place[0]


@pytest.fixture
def instance(place: tuple[TestClient, Instance]) -> Instance:
    return place[1]


def deliver(client: TestClient, kind: str, payload: object, **headers: str) -> Any:
    body = body_of(payload)
    given = {"content-type": "application/json", **signed(kind, body)}
    return client.post(f"/hooks/{kind}", content=body, headers={**given, **headers})


def rows(instance: Instance, sql: str) -> list[tuple[Any, ...]]:
    with instance.store.reader() as reader:
        return reader.rows(sql)


def test_a_delivery_lands_and_its_numbers_change_at_once(client: TestClient, instance: Instance) -> None:
    answer = deliver(client, "alertmanager", recorded(FIRING))
    assert (answer.status_code, answer.json()) == (200, {"new": 2, "updated": 0, "unchanged": 0, "rejected": 0})
    assert rows(instance, "SELECT DISTINCT source FROM incidents") == [("alertmanager",)]


def test_a_replay_changes_nothing_not_even_an_older_body_behind_a_newer_one(
    client: TestClient, instance: Instance
) -> None:
    deliver(client, "alertmanager", recorded(FIRING))
    deliver(client, "alertmanager", recorded(RESOLVED))
    before = rows(instance, "SELECT * FROM incidents ORDER BY id")
    for name in (RESOLVED, FIRING):
        counts = deliver(client, "alertmanager", recorded(name)).json()
        assert (counts["new"], counts["updated"]) == (0, 0)
    assert rows(instance, "SELECT * FROM incidents ORDER BY id") == before


@pytest.mark.parametrize("kind", HOOKS)
def test_a_wrong_secret_and_no_secret_are_401(client: TestClient, instance: Instance, kind: str) -> None:
    for headers in (signed(kind, b"{}", "another"), {}):
        answer = client.post(f"/hooks/{kind}", content=b"{}", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert "Nothing vouches" in answer.json()["detail"]
    assert instance.store.rejected() == []


def test_a_bad_signature_is_refused_before_the_body_is_parsed(client: TestClient) -> None:
    answer = client.post("/hooks/github", content=b"{", headers=signed("github", b"["))
    assert answer.status_code == 401


@pytest.mark.parametrize("kind", HOOKS)
def test_a_hook_without_a_secret_refuses_and_names_the_setting_on_this_machine_too(tmp_path: Path, kind: str) -> None:
    with opened(Settings(data=tmp_path / "data"), clock) as instance:
        app = Starlette(routes=routes(instance, Access("local"), lambda: True))
        with TestClient(app, "http://127.0.0.1:8501", client=("127.0.0.1", 1)) as client:
            answer = client.post(f"/hooks/{kind}", content=b"{}", headers=signed(kind, b"{}"))
    assert answer.status_code == 403
    assert f"[hooks.{kind}] secret" in answer.json()["detail"]


def test_a_secret_that_is_missing_refuses_and_the_log_says_where_it_should_be(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("HOOK_SECRET")
    answer = client.post("/hooks/alertmanager", content=b"{}", headers={"authorization": "Bearer "})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "HOOK_SECRET" in caplog.text
    assert "HOOK_SECRET" not in answer.text


def test_both_secrets_hold_while_one_replaces_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    secret = tmp_path / "before"
    secret.write_text(f"{OLD_SECRET}\n")
    places = [{"env": "HOOK_SECRET"}, {"file": str(secret)}, {"file": str(tmp_path / "taken away")}]
    both = {"alertmanager": {"secret": places}}
    body = body_of(recorded(FIRING))
    with served(Settings(data=tmp_path / "data", hooks=both)) as (client, _):
        for each in (SECRET, OLD_SECRET):
            headers = signed("alertmanager", body, each)
            assert client.post("/hooks/alertmanager", content=body, headers=headers).status_code == 200


def test_cdevents_take_an_api_token_that_may_write_with_or_without_a_secret(tmp_path: Path) -> None:
    [deployed, *_] = recorded("cdevents/events.json")
    with served(Settings(data=tmp_path / "data")) as (client, _):
        answers = {
            token: client.post("/hooks/cdevents", json=deployed, headers={"authorization": f"Bearer {token}"})
            for token in ("may-write", "may-read", "nobody's")
        }
    assert [answer.status_code for answer in answers.values()] == [200, 403, 403]
    assert answers["may-write"].json()["new"] == 1


def test_no_other_hook_takes_an_api_token(client: TestClient) -> None:
    headers = {"authorization": "Bearer may-write"}
    assert client.post("/hooks/alertmanager", json=recorded(FIRING), headers=headers).status_code == 401


def test_a_kind_that_is_not_read_is_named_and_nothing_lands(client: TestClient, instance: Instance) -> None:
    answer = deliver(client, "github", {"zen": "Design for failure.", "hook_id": 1}, **{"x-github-event": "ping"})
    assert answer.status_code == 200
    assert answer.json() == {"new": 0, "updated": 0, "unchanged": 0, "rejected": 0, "ignored": "ping"}
    assert instance.store.rejected() == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_verified_body_that_is_no_json_is_kept_and_answered_400(
    client: TestClient, instance: Instance, body: bytes
) -> None:
    answer = deliver(client, "alertmanager", body)
    assert answer.status_code == 400
    assert [(kept.origin, kept.reason) for kept in instance.store.rejected()] == [
        ("hooks/alertmanager", "the body is no JSON")
    ]


def test_what_cannot_land_is_kept_with_its_reason_and_the_rest_lands(client: TestClient, instance: Instance) -> None:
    payload = recorded(FIRING)
    del payload["alerts"][0]["startsAt"]
    problem = deliver(client, "alertmanager", payload)
    assert problem.status_code == 422
    assert (problem.json()["new"], problem.json()["rejected"]) == (1, 1)
    [error] = problem.json()["errors"]
    [kept] = instance.store.rejected()
    assert error["reason"] == kept.reason
    assert "HighErrorRate" in kept.content


def test_people_in_what_is_kept_are_keyed(client: TestClient, instance: Instance) -> None:
    sender = {"login": "ann", "email": "ann@example.org", "type": "User"}
    deliver(client, "github", [{"sender": sender}], **{"x-github-event": "push"})
    [kept] = instance.store.rejected()
    assert "ann" not in without_random(kept.content)
    assert json.loads(kept.content)[0]["sender"]["login"] == instance.store.pseudonyms.of("ann")


def test_a_body_over_the_limit_is_413(client: TestClient, instance: Instance) -> None:
    body = b" " * (10 << 20) + b"{}"
    answer = deliver(client, "alertmanager", body)
    assert answer.status_code == 413
    assert "10 MiB" in answer.json()["detail"]
    assert instance.store.rejected() == []


def test_github_may_send_25_mb(client: TestClient) -> None:
    headers = {"x-github-event": "ping"}
    assert deliver(client, "github", b" " * ((25 << 20) - 2) + b"{}", **headers).status_code == 200
    assert deliver(client, "github", b" " * (25 << 20) + b"{}", **headers).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/hooks/github", 405), ("POST", "/hooks/bitbucket", 404), ("POST", "/hooks/github/more", 404)],
)
def test_what_is_no_hook_is_a_problem_document(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_web_pages_origin_and_session_do_not_matter(client: TestClient) -> None:
    headers = {"origin": "https://elsewhere.example.org", "sec-fetch-site": "cross-site", "cookie": "_streamlit_user=x"}
    assert deliver(client, "alertmanager", recorded(FIRING), **headers).status_code == 200


def test_while_the_store_is_busy_the_sender_is_asked_to_come_again(
    client: TestClient, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object, **__: object) -> None:
        raise StoreBusy(Path("events.duckdb"), 7)

    monkeypatch.setattr(instance.store, "land", held)
    answer = deliver(client, "alertmanager", recorded(FIRING))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_a_demo_refuses_with_words_and_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    settings = Settings(data=tmp_path / "data", hooks=ALL)
    demo.ensure(settings, lambda _: None, clock, fill=lambda *_: None)
    with served(settings) as (client, instance):
        answer = deliver(client, "alertmanager", recorded(FIRING))
        assert answer.status_code == 400
        assert "demo" in answer.json()["detail"]
        assert rows(instance, "SELECT count(*) FROM incidents") == [(0,)]


@pytest.mark.parametrize(
    "secret", ["in the file itself", {"env": "A", "file": "b"}, [], [{"env": "A"}, "in the file itself"], 7]
)
def test_a_secret_is_a_place_and_never_itself(secret: object) -> None:
    with pytest.raises(ValueError, match="secret") as refused:
        HookSettings.model_validate({"secret": secret})
    assert "in the file itself" not in str(refused.value)
