import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from tribometer.service.known_paths import OnlyKnownPaths


def ours(request: Request) -> Response:
    return PlainTextResponse(f"ours {request.url.path}")


def streamlit(request: Request) -> Response:
    """Answer as Streamlit does: files that exist, and its start page for everything else."""
    if request.url.path in {"/_stcore/health", "/static/js/index.js"}:
        return PlainTextResponse("ok")
    return HTMLResponse("<title>Streamlit</title>")


@pytest.fixture
def client() -> TestClient:
    routes = [Mount("/api", routes=[Route("/docs", ours)]), Route("/healthz", ours)]
    guard = Middleware(OnlyKnownPaths, routes=routes, pages={"", "data_health"})
    return TestClient(Starlette(routes=[*routes, Route("/{path:path}", streamlit)], middleware=[guard]))


@pytest.mark.parametrize("path", ["/", "/data_health", "/data_health/", "/component/own.part/index.html"])
def test_pages_and_components_come_from_streamlit(client: TestClient, path: str) -> None:
    assert "Streamlit" in client.get(path).text


@pytest.mark.parametrize("path", ["/api/docs", "/healthz"])
def test_our_routes_are_let_through(client: TestClient, path: str) -> None:
    assert client.get(path).text == f"ours {path}"


@pytest.mark.parametrize("path", ["/_stcore/health", "/static/js/index.js"])
def test_what_the_frontend_asks_for_is_let_through(client: TestClient, path: str) -> None:
    assert client.get(path).text == "ok"


@pytest.mark.parametrize(
    "path", ["/nope", "/metrics", "/hooks/github", "/data_health/nope", "/static", "/static/gone.js", "/_stcore/nope"]
)
def test_anything_else_is_a_problem_document_and_a_page_for_a_browser(client: TestClient, path: str) -> None:
    program = client.get(path)
    browser = client.get(path, headers={"Accept": "text/html,*/*"})
    assert (program.status_code, browser.status_code) == (404, 404)
    assert program.headers["content-type"] == "application/problem+json"
    assert path in program.json()["detail"]
    assert '<a href="/">' in browser.text
    assert "Streamlit" not in browser.text


def test_a_path_stands_on_the_page_as_text(client: TestClient) -> None:
    page = client.get("/<script>", headers={"Accept": "text/html"}).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
