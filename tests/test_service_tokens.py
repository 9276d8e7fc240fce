"""API tokens from the command to the route: made, listed, revoked, and checked for their scope."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

from service_places import clock, deployments
from tribometer.errors import UsageError
from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.cli import app
from tribometer.service.command import Place
from tribometer.service.instance import Instance, opened
from tribometer.service.recording import actor
from tribometer.service.tokens import add, list_all, revoke
from tribometer.settings import Settings

ELSEWHERE = ("192.0.2.7", 50000)


def tell(_message: object) -> None:
    """Tokens have nothing to tell on the way."""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with opened(Settings(data=tmp_path / "data"), clock) as held:
        yield held


@pytest.fixture
def client(instance: Instance) -> Iterator[TestClient]:
    access = Access("the-local-token", scopes_of=instance.records.tokens.scopes_of)
    whole = Starlette(routes=routes(instance, access, lambda: True))
    with TestClient(whole, base_url="http://dora.example", client=ELSEWHERE) as found:
        yield found


def header(instance: Instance, *scopes: str, expires: int | None = None) -> dict[str, str]:
    made = add(instance, {"name": "+".join(scopes), "scopes": scopes, "expires": expires}, tell)
    return {"Authorization": f"Bearer {made['token']}"}


@pytest.mark.parametrize(
    ("scopes", "reading", "writing"), [(("read",), 200, 403), (("write",), 403, 200), (("read", "write"), 200, 200)]
)
def test_a_token_opens_the_routes_of_its_scopes_to_other_machines(
    client: TestClient, instance: Instance, scopes: tuple[str, ...], reading: int, writing: int
) -> None:
    headers = header(instance, *scopes)
    assert client.get("/api/v1/metrics", headers=headers).status_code == reading
    assert client.post("/api/v1/events", json=deployments(1), headers=headers).status_code == writing
    assert client.get("/api/v1/metrics").status_code == 401


def test_a_token_without_the_scope_is_told_how_to_make_one_with_it(client: TestClient, instance: Instance) -> None:
    answer = client.get("/api/v1/metrics", headers=header(instance, "write"))
    assert answer.headers["content-type"] == "application/problem+json"
    assert "tribometer token add --scope read" in answer.json()["detail"]


def test_no_api_token_opens_the_routes_of_local_commands(client: TestClient, instance: Instance) -> None:
    headers = header(instance, "read", "write")
    assert client.get("/api/v1/local/ping", headers=headers).status_code == 401


def test_a_revoked_token_opens_nothing_any_more(client: TestClient, instance: Instance) -> None:
    headers = header(instance, "read")
    assert client.get("/api/v1/metrics", headers=headers).status_code == 200
    revoke(instance, {"name": "read"}, tell)
    assert client.get("/api/v1/metrics", headers=headers).status_code == 401


def test_a_list_tells_the_state_of_each_token_and_no_secret(instance: Instance) -> None:
    secret = header(instance, "read", expires=30)["Authorization"].removeprefix("Bearer ")
    header(instance, "write")
    revoke(instance, {"name": "write"}, tell)
    listed = list_all(instance, {}, tell)
    assert [(each["name"], each["status"]) for each in listed["tokens"]] == [("read", "in force"), ("write", "revoked")]
    assert listed["tokens"][0]["expires_at"] == (clock() + timedelta(days=30)).isoformat()
    assert secret not in json.dumps(listed)


def test_making_and_revoking_a_token_stand_in_the_audit_log(instance: Instance) -> None:
    secret = header(instance, "read")["Authorization"].removeprefix("Bearer ")
    revoke(instance, {"name": "read"}, tell)
    entries = instance.records.audit.newest()
    assert [(entry.actor, entry.action, entry.subject) for entry in entries] == [
        (actor(), "token.revoke", "read"),
        (actor(), "token.add", "read"),
    ]
    assert entries[1].details == {"scopes": ["read"], "expires_at": None}
    assert secret not in repr(entries)


def test_what_was_refused_is_not_in_the_audit_log(instance: Instance) -> None:
    with pytest.raises(UsageError):
        revoke(instance, {"name": "nobody"}, tell)
    assert instance.records.audit.newest() == []


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that is not there yet, of a command that stands in an empty one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def invoke(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), obj=Place(), catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_the_commands_make_list_and_revoke(data: Path) -> None:
    arguments = ("--data", str(data), "token")
    secret = invoke(*arguments, "add", "ci", "--scope", "write", "--expires", "30")
    listed = json.loads(invoke(*arguments, "list", "--json"))
    table = invoke(*arguments, "list")
    revoked = json.loads(invoke(*arguments, "revoke", "ci", "--json"))
    assert secret.startswith("tribo_")
    assert len(secret.split()) == 1
    assert [(token["name"], token["scopes"]) for token in listed["tokens"]] == [("ci", ["write"])]
    assert "in force" in table
    assert secret.strip() not in table
    assert revoked["status"] == "revoked"


def test_listing_tokens_makes_no_data_folder(data: Path) -> None:
    assert json.loads(invoke("--data", str(data), "token", "list", "--json")) == {"tokens": []}
    assert not data.exists()
