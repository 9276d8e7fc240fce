"""A GitHub of a few repositories in memory: answers REST and GraphQL from what a test puts in, and counts questions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx

from collectors.base import Cursor, ETags, Page, Rejection
from collectors.github.collector import GitHubCollector, GitHubSettings
from collectors.http.client import Client
from collectors.http.server import Server
from tribometer.events import Event
from tribometer.store import Remark

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPERATION = re.compile(r"query (\w+)")
CONNECTIONS = {"PullRequests": ("pullRequests", "updatedAt"), "Deployments": ("deployments", "createdAt"),
               "Releases": ("releases", "createdAt")}  # fmt: skip
Json = dict[str, Any]


def time(days: float, seconds: int = 0) -> str:
    """Write a time as GitHub does, counted in days from 1 January 2026."""
    return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days, seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def sha(name: object) -> str:
    """Give a sha that depends on a name only."""
    return sha1(str(name).encode(), usedforsecurity=False).hexdigest()


@dataclass
class Repository:
    """What one repository holds, in the shapes of GitHub's answers."""

    name: str
    pull_requests: list[Json] = field(default_factory=list)
    commits: list[Json] = field(default_factory=list)
    runs: list[Json] = field(default_factory=list)
    attempts: dict[tuple[int, int], Json] = field(default_factory=dict)
    jobs: dict[int, list[Json]] = field(default_factory=dict)
    deployments: list[Json] = field(default_factory=list)
    environments: list[Json] = field(default_factory=list)
    releases: list[Json] = field(default_factory=list)
    issues: list[Json] = field(default_factory=list)
    files: dict[str, Json | None] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)
    archived: bool = False

    @property
    def about(self) -> Json:
        """How the list of repositories shows it."""
        return {
            "name": self.name, "full_name": f"acme/{self.name}", "html_url": f"https://github.com/acme/{self.name}",
            "default_branch": "main", "created_at": time(0), "archived": self.archived, "fork": False,
            "owner": {"login": "acme", "type": "Organization"},
        }  # fmt: skip

    @property
    def head(self) -> str | None:
        """Where the default branch stands."""
        return self.commits[0]["oid"] if self.commits else None

    def connection(self, name: str) -> list[Json]:
        """The nodes of a connection."""
        found: list[Json] = {"pullRequests": self.pull_requests}.get(name) or getattr(self, name, [])
        return found


@dataclass
class Forge:
    """The server. ``asked`` lists every question as method, path and status; ``trouble`` may answer before it does."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    trouble: Callable[[httpx.Request, Json], httpx.Response | None] = lambda *_: None
    owners: str = "orgs"
    now: datetime = NOW

    def add(self, name: str = "checkout", **content: Any) -> Repository:
        """Make a repository."""
        self.repositories[name] = Repository(name, **content)
        return self.repositories[name]

    def collector(self, **settings: Any) -> GitHubCollector:
        """A collector of everything at this server."""
        given = {"kind": "github", "owner": "acme", "url": "http://127.0.0.1:9", **settings}
        made = GitHubSettings.model_validate(given).collector(None)  # type: ignore[arg-type]
        return self.attached(made)

    def attached(self, collector: GitHubCollector) -> GitHubCollector:
        """The collector with this server behind it."""
        from dataclasses import replace  # noqa: PLC0415 - the field of the same name

        server: Server = replace(
            collector.server,
            transport=lambda: httpx.MockTransport(self.answer),
            sleep=lambda _: None,
            clock=lambda: self.now,
        )
        return replace(collector, server=server)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one question."""
        body: Json = json.loads(request.content) if request.content else {}
        response = self.trouble(request, body) or self.answered(request, body)
        name = OPERATION.search(body.get("query", ""))
        self.asked.append(f"{request.method} {name[1] if name else request.url.path} {response.status_code}")
        self.headers.append(dict(request.headers))
        return response

    def answered(self, request: httpx.Request, body: Json) -> httpx.Response:
        """The answer without any trouble."""
        if request.url.path.endswith("/graphql"):
            return httpx.Response(200, json={"data": self.data(body["query"], body["variables"])})
        found = self._found(
            request.url.path, {key: value[-1] for key, value in parse_qs(request.url.query.decode()).items()}
        )
        if found is None:
            return httpx.Response(404, json={"message": "Not Found"})
        content, links = found
        etag = f'"{sha(json.dumps(content, sort_keys=True))}"'
        if request.headers.get("if-none-match") == etag:
            return httpx.Response(304, headers={"etag": etag})
        return httpx.Response(200, json=content, headers={"etag": etag, **links})

    def _found(self, path: str, query: Mapping[str, str]) -> tuple[Any, dict[str, str]] | None:
        kind, owner, *rest = path.strip("/").split("/")
        if kind in {"orgs", "users"}:
            everything = [each.about for _, each in sorted(self.repositories.items())]
            known = kind == self.owners and owner == "acme" and rest == ["repos"]
            return _page(everything, query) if known else None
        repository = self.repositories.get(rest[0]) if kind == "repos" and rest else None
        return self._of(repository, "/".join(rest[1:]), query) if repository else None

    def _of(  # noqa: C901, PLR0911 - one address after the other
        self, repository: Repository, rest: str, query: Mapping[str, str]
    ) -> tuple[Any, dict[str, str]] | None:
        run = re.fullmatch(r"actions/runs/(\d+)(?:/(jobs|attempts/(\d+)))?", rest)
        if rest in repository.other:
            return _page(repository.other[rest], query)
        if rest == "":
            return repository.about, {}
        if rest.startswith("branches/"):
            return ({"commit": {"sha": repository.head}}, {}) if repository.head else None
        if rest == "actions/runs":
            return _runs(repository.runs, query)
        if run:
            return _of_run(repository, int(run[1]), run[2], run[3], query)
        if rest.startswith("actions/jobs/"):
            jobs = [each for jobs in repository.jobs.values() for each in jobs]
            return next(((each, {}) for each in jobs if rest == f"actions/jobs/{each['id']}"), None)
        if rest == "pulls":
            newest = sorted(repository.pull_requests, key=lambda node: node["updatedAt"], reverse=True)
            return _page([{"number": node["number"], "updated_at": node["updatedAt"]} for node in newest], query)
        if rest == "deployments":
            newest = sorted(repository.deployments, key=lambda node: node["createdAt"], reverse=True)
            return _page([{"id": node["databaseId"], "updated_at": node["updatedAt"]} for node in newest], query)
        if rest == "releases":
            return _page(
                [{"id": node["databaseId"], "tag_name": node["tagName"]} for node in repository.releases], query
            )
        if rest == "issues":
            since = query.get("since", "")
            found = [each for each in repository.issues if each["updated_at"] >= since]
            return _page(sorted(found, key=lambda each: each["updated_at"]), query)
        return None

    def data(self, query: str, asked: Json) -> Json:  # noqa: PLR0911 - one question after the other
        """Answer a question of GraphQL."""
        name = OPERATION.search(query)
        operation = name[1] if name else ""
        if operation == "SomeDeployments":
            nodes = [each for repository in self.repositories.values() for each in repository.deployments]
            return {"nodes": [next((n for n in nodes if n["id"] == identity), None) for identity in asked["ids"]]}
        if operation == "More":
            return {"node": self._more(query, asked)}
        repository = self.repositories[asked["name"]]
        if operation == "History":
            start = next((i for i, each in enumerate(repository.commits) if each["oid"] == asked["head"]), None)
            if start is None:
                return {"repository": {"object": None}}
            since = asked.get("since") or ""
            commits = [each for each in repository.commits[start:] if each["committedDate"] >= since]
            return {"repository": {"object": {"history": _connection(commits, asked)}}}
        if operation == "Environments":
            return {"repository": {"environments": {"nodes": repository.environments}}}
        if operation == "Files":
            return {"repository": {"workflows": None, "hidden": None, "root": None, "docs": None, **repository.files}}
        connection, order = CONNECTIONS[operation]
        nodes = sorted(repository.connection(connection), key=lambda node: (node[order], node["id"]), reverse=True)
        page = _connection(nodes, asked)
        return {"repository": {connection: {**page, "nodes": [_shown(node) for node in page["nodes"]]}}}

    def _more(self, query: str, asked: Json) -> Json:
        nodes = [each for repository in self.repositories.values() for each in repository.pull_requests]
        node = next(each for each in nodes if each["id"] == asked["id"])
        name = next(name for name in ("commits", "reviews", "timelineItems") if f"{{ {name}(" in query)
        return {name: _connection(node[name], {"size": 100, "after": asked["after"]})}


def _page(content: Any, query: Mapping[str, str], key: str | None = None) -> tuple[Any, dict[str, str]]:
    if not isinstance(content, list):
        return content, {}
    size, number = int(query.get("per_page", 30)), int(query.get("page", 1))
    part, more = content[(number - 1) * size : number * size], number * size < len(content)
    following = urlencode({**query, "page": number + 1})
    links = {"link": f'<http://127.0.0.1:9/x?{following}>; rel="next"'} if more else {}
    return ({"total_count": len(content), key: part} if key else part), links


def _runs(runs: list[Json], query: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    newest = sorted(runs, key=lambda raw: (raw["created_at"], raw["id"]), reverse=True)
    created = query.get("created")
    if created is not None:
        newest = [raw for raw in newest if raw["created_at"] <= created.removeprefix("<=")]
    content, links = _page(newest if created is None else newest[:1000], query, "workflow_runs")
    content["total_count"] = len(newest)
    return content, links


def _of_run(
    repository: Repository, run: int, what: str | None, attempt: str | None, query: Mapping[str, str]
) -> tuple[Any, dict[str, str]] | None:
    if what == "jobs":
        return _page(repository.jobs[run], query, "jobs") if run in repository.jobs else None
    if attempt:
        earlier = repository.attempts.get((run, int(attempt)))
        return (earlier, {}) if earlier else None
    found = next((raw for raw in repository.runs if raw["id"] == run), None)
    return (found, {}) if found else None


def _connection(nodes: list[Json], asked: Json) -> Json:
    """A page behind the node that the cursor names, so that what is put before it moves nothing."""
    identities = [str(node.get("id") or node.get("oid") or at) for at, node in enumerate(nodes)]
    begin = identities.index(asked["after"]) + 1 if asked.get("after") else 0
    part = nodes[begin : begin + asked["size"]]
    end = identities[begin + len(part) - 1] if part else None
    page = {"hasNextPage": begin + len(part) < len(nodes), "endCursor": end}
    return {"totalCount": len(nodes), "pageInfo": page, "nodes": part}


def _shown(node: Json) -> Json:
    """A node with the first pages of what hangs on it."""
    first = {"commits": 25, "reviews": 100, "timelineItems": 100}
    return {**node, **{key: _connection(node[key], {"size": size}) for key, size in first.items() if key in node}}


def pull_request(number: int, updated: float, **more: Any) -> Json:
    """A pull request as GraphQL shows it, without anything on it."""
    return {
        "id": f"PR_{number}", "number": number, "title": f"Change {number}", "body": "", "isDraft": False,
        "createdAt": time(updated - 1), "updatedAt": time(updated), "mergedAt": None, "closedAt": None,
        "headRefName": f"work-{number}", "headRefOid": sha(f"head {number}"), "baseRefName": "main",
        "additions": 3, "deletions": 1, "changedFiles": 1, "mergeCommit": None,
        "author": {"__typename": "User", "login": "ann"}, "labels": {"nodes": []},
        "commits": [], "reviews": [], "timelineItems": [], **more,
    }  # fmt: skip


def commit(name: object, committed: float, *parents: object, **more: Any) -> Json:
    """A commit as GraphQL shows it."""
    return {
        "oid": sha(name), "message": f"{name}", "authoredDate": time(committed - 0.1), "committedDate": time(committed),
        "tree": {"oid": sha(f"tree {name}")}, "parents": {"nodes": [{"oid": sha(each)} for each in parents]},
        "author": {"email": "someone@example.org", "user": {"login": "ann"}},
        "additions": 1, "deletions": 0, "changedFilesIfAvailable": 1, **more,
    }  # fmt: skip


def run(number: int, created: float, **more: Any) -> Json:
    """A workflow run as REST shows it."""
    return {
        "id": number, "name": "CI", "path": ".github/workflows/ci.yml", "head_sha": sha(number), "head_branch": "main",
        "event": "push", "status": "completed", "conclusion": "success", "run_attempt": 1, "pull_requests": [],
        "created_at": time(created), "run_started_at": time(created), "updated_at": time(created, 600),
        "actor": {"login": "ann", "type": "User"}, "triggering_actor": {"login": "ann", "type": "User"},
        "head_commit": {"id": sha(number), "tree_id": sha(f"tree {number}")},
        "html_url": f"https://github.com/acme/checkout/actions/runs/{number}", **more,
    }  # fmt: skip


def job(number: int, of_run: int, created: float, attempt: int = 1, **more: Any) -> Json:
    """A job as REST shows it: queued for 30 seconds, then ten minutes of work."""
    return {
        "id": number, "run_id": of_run, "run_attempt": attempt, "name": "test", "labels": ["ubuntu-latest"],
        "status": "completed", "conclusion": "success", "created_at": time(created),
        "started_at": time(created, 30), "completed_at": time(created, 630), **more,
    }  # fmt: skip


def deployment(number: int, created: float, *states: str, **more: Any) -> Json:
    """A deployment as GraphQL shows it, with a status of each state a minute after the other, newest first."""
    statuses = [
        {"state": state, "createdAt": time(created, 60 * at), "logUrl": None, "environmentUrl": None}
        for at, state in enumerate(states, 1)
    ]
    return {
        "id": f"DE_{number}", "databaseId": number, "commitOid": sha(number), "environment": "production",
        "state": states[-1] if states else "PENDING", "createdAt": time(created),
        "updatedAt": time(created, 60 * len(states)), "statuses": {"nodes": statuses[::-1]}, **more,
    }  # fmt: skip


@dataclass
class Collected:
    """What a collection of a family and its members gave; what it needs to be gone on with."""

    events: list[Event] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    etags: dict[str, dict[str, str]] = field(default_factory=dict)
    pages: int = 0
    whole: list[str | None] = field(default_factory=list)

    def of(self, kind: str) -> dict[str, Any]:
        """The last event of each id of one type."""
        return {event.id: event for event in self.events if event.type == kind}


def collect(collector: GitHubCollector, before: Collected | None = None, *, stop_after: int | None = None) -> Collected:
    """Collect a family and its members one after the other, as the sync loop does.

    ``stop_after``: so many pages of members land, then the process is gone.
    """
    found = Collected(cursors=dict(before.cursors) if before else {}, etags=dict(before.etags) if before else {})
    for page in _pages(collector, found):
        found.pages += 1
        found.events += page.events
        found.rejected += page.rejected
        found.remarks += page.remarks
        found.whole += page.whole
        if stop_after is not None and found.pages > stop_after:
            return found
    return found


def _pages(collector: GitHubCollector, found: Collected) -> Iterator[Page]:
    for page in collector.collect(found.cursors.get(collector.name), found.etags.get(collector.name, {})):
        _keep(found, collector.name, page)
        yield page
        for member in page.members or ():
            for part in member.collect(found.cursors.get(member.name), found.etags.get(member.name, {})):
                _keep(found, member.name, part)
                yield part


def _keep(found: Collected, name: str, page: Page) -> None:
    found.cursors[name] = json.loads(json.dumps(page.cursor))
    etags: ETags = found.etags.get(name, {})
    found.etags[name] = {**etags, **page.etags}


def client_of(forge: Forge) -> Client:
    """An open client of the server."""
    return Client(forge.collector().server)
