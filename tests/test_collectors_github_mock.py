"""GitHub's official API description, served by a mock: every request is one that the description allows.

The mock's lists never end, and its links lead to another host; nothing may be sent there. It cannot answer GraphQL:
those questions go to a made-up GitHub of our own.
"""

import http.client
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from socket import create_server
from typing import Any
from urllib.parse import urlencode

import pytest

from collectors.github.collector import GitHubCollector, GitHubSettings
from collectors.sync import run
from foreign_packages import from_npm
from github_server import GitHub
from github_world import Repository, commit, sha
from loopback import NOON, Asked, Loopback, Reply, Told, script, serving
from tribometer.store import EventStore

pytestmark = pytest.mark.slow

PACKAGES = {"@octokit/openapi": "23.0.2", "@stoplight/prism-cli": "5.14.2"}
DESCRIPTION = "node_modules/@octokit/openapi/generated/api.github.com.json"
PRISM = "node_modules/@stoplight/prism-cli/dist/index.js"
READY_SECONDS = 120
TOKEN = "ghp_0123456789"  # noqa: S105 - nobody's
SHOWN = {
    "id": 1296269,
    "name": "Hello-World",
    "full_name": "octocat/Hello-World",
    "html_url": "https://github.com/octocat/Hello-World",
    "default_branch": "main",
    "created_at": "2026-01-01T00:00:00Z",
    "archived": False,
    "fork": False,
}
"""The repository of the description's examples."""
EXAMPLE_RUN = 30433642


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the mock and the description are installed."""
    return from_npm("github-mock", PACKAGES, tmp_path_factory)


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture(scope="session")
def prism(packages: Path) -> Iterator[int]:
    """The port of the mock."""
    port = free_port()
    command = ["node", PRISM, "mock", "-h", "127.0.0.1", "-p", str(port), DESCRIPTION]
    process = subprocess.Popen(command, cwd=packages, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + READY_SECONDS
        while time.monotonic() < ends and process.poll() is None:
            with suppress(OSError):
                asked(port, "GET", "/rate_limit", {})
                break
            time.sleep(0.2)
        yield port
    finally:
        process.kill()
        process.wait()


def asked(port: int, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        # what GitHub calls its JSON, the description calls application/json
        connection.request(method, path, headers={**headers, "accept": "application/json"})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@dataclass
class Front:
    """Passes REST on to the mock and notes what it finds wrong with requests; GraphQL goes to our own GitHub."""

    port: int
    github: GitHub
    elsewhere: Loopback
    wrong: list[tuple[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def __call__(self, request: Asked) -> Reply:
        """Answer one request."""
        self.paths.append(request.path)
        if request.path == "/graphql":
            return self.github.graphql(request)
        path = f"{request.path}?{urlencode(request.query)}" if request.query else request.path
        sent = {name: value for name, value in request.headers.items() if name in {"authorization", "user-agent"}}
        status, headers, body = asked(self.port, request.method, path, sent)
        violations = json.loads(headers.get("sl-violations", "[]"))
        of_request = [each for each in violations if each["location"][:1] == ["request"]]
        if of_request or "stoplight.io/prism/errors" in body.decode():
            self.wrong.append((f"{request.method} {path}", of_request or body))
        # the mock's links name GitHub itself; here another port stands for it, which would tell
        link = headers.get("link", "").replace("https://api.github.com", self.elsewhere.url)
        return Told(body, status, {"link": link} if link else {})


def hello_world() -> Repository:
    """What our own GitHub has of the repository: changes, and a deployment that waited and one that waits."""
    made = Repository(dict(SHOWN), commits=[commit(sha("first"), 0)])
    for _ in range(3):
        made.add_change()
    log = f"https://github.com/octocat/Hello-World/actions/runs/{EXAMPLE_RUN}/job/399444496"
    made.add_deployment(100, "WAITING", "IN_PROGRESS", "SUCCESS", log_url=log)
    made.add_deployment(200, "WAITING", log_url=log)
    return made


@dataclass(frozen=True)
class Place:
    """A collector of the mock behind its front."""

    front: Front
    collector: GitHubCollector


@contextmanager
def placed(port: int, folder: Path) -> Iterator[Place]:
    (folder / "token").write_text(TOKEN)
    with (
        serving(script(Told([]))) as elsewhere,
        serving(front := Front(port, GitHub(hello_world()), elsewhere)) as server,
    ):
        table = {"token": {"file": folder / "token"}, "incidents": {"labels": ["bug"]}}
        settings = {"kind": "github", "owner": "octocat", "url": server.url, **table}
        collector = GitHubSettings.model_validate(settings).collector(folder)
        calm = replace(collector.server, clock=lambda: NOON, sleep=lambda _: None)
        yield Place(front, replace(collector, server=calm))


def test_every_request_of_a_collection_is_one_that_githubs_description_allows(prism: int, tmp_path: Path) -> None:
    with placed(prism, tmp_path) as place, EventStore.open(tmp_path / "data") as store:
        first = run(place.collector, store)
        later = replace(place.collector.server, clock=lambda: NOON + timedelta(days=2))
        second = run(replace(place.collector, server=later), store)
        assert (first.error, second.error) == (None, None)
        assert place.front.wrong == []
        with store.reader() as reader:
            assert reader.rows("SELECT count(*) FROM changes") == [(3,)]
            assert reader.rows("SELECT run, attempt FROM runs") == [(str(EXAMPLE_RUN), 1)]
            assert reader.rows("SELECT count(*) FROM deployments") == [(2,)]
    asked_for = {path.rpartition("/")[2] for path in place.front.paths}
    assert asked_for >= {"repos", "master", "pulls", "graphql", "runs", "jobs", "deployments", "approvals", "issues"}


def test_lists_that_never_end_and_lead_to_another_host_are_read_to_an_end_and_nothing_is_sent_there(
    prism: int, tmp_path: Path
) -> None:
    with placed(prism, tmp_path) as place, EventStore.open(tmp_path / "data") as store:
        run(place.collector, store)
        assert place.front.elsewhere.log == []
        assert max(place.front.paths.count(path) for path in place.front.paths if path != "/graphql") <= 3
        assert len(place.front.paths) < 40


def test_what_is_tried_of_a_credential_is_allowed_by_the_description(prism: int, tmp_path: Path) -> None:
    with placed(prism, tmp_path) as place:
        assert {each.what: each.granted for each in place.collector.check()} == dict.fromkeys(
            ("metadata", "contents", "pull requests", "actions", "deployments", "issues", "members"), True
        )
        assert place.front.wrong == []
