import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from service_places import NOON, clock, deployments
from tribometer.service import api as api_module
from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.asked import Asked, query
from tribometer.service.instance import Instance, opened
from tribometer.settings import Settings

TOKEN = {"Authorization": "Bearer the-local-token"}
JANUARY = {"service": "shop", "from": "2026-01-01", "to": "2026-02-01"}


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with opened(Settings(data=tmp_path / "data"), clock) as held:
        yield held


@pytest.fixture
def client(instance: Instance) -> Iterator[TestClient]:
    app = Starlette(routes=routes(instance, Access("the-local-token"), lambda: True))
    with TestClient(app, base_url="http://127.0.0.1:8501", client=("127.0.0.1", 50000)) as found:
        yield found


def test_events_land_and_change_the_numbers_at_once(client: TestClient) -> None:
    before = client.get("/api/v1/metrics/deployment_frequency", params=JANUARY).json()
    answer = client.post("/api/v1/events", json=deployments(10))
    after = client.get("/api/v1/metrics/deployment_frequency", params=JANUARY).json()
    assert answer.json() == {"new": 10, "updated": 0, "unchanged": 0, "rejected": 0, "errors": []}
    assert (before["status"], before["n"]) == ("not_observable", 0)
    assert after["n"] == 10


def test_a_number_names_the_page_on_which_it_opens_for_the_same_scope(client: TestClient) -> None:
    shown = client.get("/api/v1/metrics/deployment_frequency", params=JANUARY)
    assert shown.links["alternate"]["url"] == "/delivery?service=shop&open=deployment_frequency"
    assert "link" not in client.get("/api/v1/metrics/revert_rate").headers


def test_one_event_alone_lands_and_twice_changes_nothing(client: TestClient) -> None:
    [event] = deployments(1)
    assert client.post("/api/v1/events", json=event).json()["new"] == 1
    assert client.post("/api/v1/events", json=event).json()["unchanged"] == 1


def test_what_is_good_lands_and_the_rest_is_kept_with_its_reason(client: TestClient, instance: Instance) -> None:
    good = deployments(2)
    answer = client.post("/api/v1/events", json=[good[0], {"type": "deploymnt"}, good[1], 7])
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["new"], problem["rejected"]) == (2, 2)
    assert [error["index"] for error in problem["errors"]] == [1, 3]
    assert "did you mean 'deployment'" in problem["errors"][0]["reason"]
    assert {kept.origin for kept in instance.store.rejected()} == {"api"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_not_json_is_a_problem(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/events", content=body)
    assert answer.status_code == 400
    assert "JSON" in answer.json()["detail"]


def test_a_body_over_the_limit_is_refused_before_it_is_read(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_module, "EVENTS_LIMIT", 1 << 20)
    answer = client.post("/api/v1/events", content=b" " * (1 << 20) + b"[]")
    assert answer.status_code == 413
    assert "1 MiB" in answer.json()["detail"]


def test_a_service_never_heard_of_gets_a_hint_in_words_of_the_api(client: TestClient) -> None:
    path = "/api/v1/metrics/deployment_frequency"
    client.post("/api/v1/events", json=deployments(3))
    told = client.get(path, params={**JANUARY, "service": "nope"}).json()
    assert told["hint"] == f"No event names a service 'nope'; GET {path}?by=service lists them."
    assert "hint" not in client.get(path, params=JANUARY).json()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/metrics/change_lead_time?servce=shop", "'servce'; this route has: service, team, from, to, by"),
        ("/metrics/change_lead_time?limit=5", "'limit'"),
        ("/metrics/change_lead_time/rows?start=2026-01-01", "'start'"),
        ("/metrics?by=week", "'by'; this route has none"),
        ("/metrics/change_lead_time?by=week&by=month", "once: by"),
        ("/metrics/change_lead_time?from=then", "from 'then'"),
        ("/metrics/nothing", "GET /api/v1/metrics lists them"),
    ],
)
def test_a_parameter_that_would_be_passed_over_is_refused_and_named_as_on_the_url(
    client: TestClient, path: str, told: str
) -> None:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code in {400, 404}
    assert told in answer.json()["detail"]
    assert "--" not in answer.json()["detail"]


def test_every_route_documents_its_problems(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    [numbers] = [paths["/v1/metrics/{name}"]["get"]["responses"]]
    assert set(numbers) == {"200", "400", "401", "403", "404", "422"}
    for operation in [each for methods in paths.values() for each in methods.values()]:
        problems = {status: each for status, each in operation["responses"].items() if status >= "400"}
        assert {"400", "401", "403"} <= set(problems)
        assert all("application/problem+json" in each["content"] for each in problems.values())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/metrics/nothing", 404),
        ("GET", "/api/v1/metrics/change_lead_time?from=then", 400),
        ("GET", "/api/v1/metrics/change_lead_time?by=person", 400),
        ("GET", "/api/v1/metrics/change_lead_time?from=2026-02-01&to=2026-01-01", 400),
        ("GET", "/api/v1/metrics/change_lead_time/rows?limit=0", 422),
        ("GET", "/api/v1/metrics/nothing/rows", 404),
        ("PUT", "/api/v1/events", 405),
        ("GET", "/api/v1/local/ping", 401),
        ("POST", "/api/v1/local/collect", 401),
    ],
)
def test_every_error_is_a_problem_document(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    problem = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]


def test_an_unexpected_error_tells_no_detail_of_the_inside(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        raise ZeroDivisionError("the inside")

    monkeypatch.setattr(instance.numbers, "compute", broken)
    app = Starlette(routes=routes(instance, Access("t"), lambda: True))
    with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False, client=("127.0.0.1", 1)) as client:
        answer = client.get("/api/v1/metrics/change_lead_time")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "inside" not in answer.text


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_another_site_gets_neither_events_in_nor_numbers_out(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/api/v1/events", json=[], headers=headers).status_code in {401, 403}
    assert client.get("/api/v1/metrics", headers=headers).status_code in {401, 403}


def test_rows_are_json_lines_of_the_units_looked_at(client: TestClient) -> None:
    client.post("/api/v1/events", json=deployments(3))
    answer = client.get("/api/v1/metrics/deployment_frequency/rows", params=JANUARY)
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert len(rows) == 3
    assert {row["unit"] for row in rows} == {"deployment"}
    limited = client.get("/api/v1/metrics/deployment_frequency/rows", params={**JANUARY, "limit": 2})
    assert len(limited.text.splitlines()) == 2


def test_the_catalogue_lists_every_metric_in_a_group(client: TestClient) -> None:
    listed = client.get("/api/v1/metrics").json()
    names = {metric["name"] for metric in listed["metrics"]}
    assert "change_lead_time" in names
    assert {name for group in listed["groups"].values() for name in group} == names


def test_the_documentation_is_made_from_the_routes_and_needs_no_network(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    page = client.get("/api/docs").text
    assert "/v1/events" in document["paths"]
    assert all(path in page for path in document["paths"])
    assert not any("/local" in path for path in document["paths"])
    assert "http://" not in page
    assert "https://" not in page


def test_health_and_readiness_are_told_apart(client: TestClient, instance: Instance) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json()["status"] == "ready"
    stopped = Starlette(routes=routes(instance, Access("t"), lambda: False))
    answer = TestClient(stopped).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["schedule"] == "stopped"


def test_a_closed_store_makes_the_service_unready_but_alive(client: TestClient, instance: Instance) -> None:
    instance.store.close()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_numbers_are_computed_once_until_something_lands(client: TestClient, instance: Instance) -> None:
    path = "/api/v1/metrics/deployment_frequency"
    first, second = client.get(path).json(), client.get(path).json()
    assert first["computed_at"] == second["computed_at"]
    result = instance.numbers.compute(query("deployment_frequency", Asked(), NOON))
    instance.changed()
    assert instance.numbers.compute(query("deployment_frequency", Asked(), NOON)) is not result
