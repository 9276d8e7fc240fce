"""A GitHub on this machine: REST and GraphQL over a made-up world, with ETags, quota, a log, and faults on order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from graphql import graphql_sync

from github_schema import SCHEMA
from github_world import OWNER, Node, Repository, Run
from loopback import Asked, Loopback, Reply, Told, serving

QUOTA = 5_000
Fault = Callable[[Asked], Reply | None]


class GitHub:
    """Answers as GitHub does. ``fault`` may answer instead; ``links_to`` is the host that its links name."""

    def __init__(self, *repositories: Repository, still: bool = False) -> None:
        """Have these repositories; ``still``: nothing changes in them, so that a question is answered once."""
        self.repositories = {each.name: each for each in repositories}
        self.fault: Fault = lambda _: None
        self.links_to = "https://api.github.example"
        self.asked: list[Asked] = []
        self._still = still
        self._answers: dict[str, Told] = {}
        self._lock = Lock()
        rest: Mapping[str, Callable[..., Any]] = {
            rf"/orgs/{OWNER}/repos": self._repositories,
            r"/repos/(\w+/[\w-]+)": lambda repo, _: repo.about,
            r"/repos/(\w+/[\w-]+)/branches/main": lambda repo, _: {"name": "main", "commit": {"sha": repo.head}},
            r"/repos/(\w+/[\w-]+)/pulls": self._pulls,
            r"/repos/(\w+/[\w-]+)/deployments": self._deployments,
            r"/repos/(\w+/[\w-]+)/releases": lambda repo, _: [{"id": each["databaseId"]} for each in repo.releases],
            r"/repos/(\w+/[\w-]+)/actions/runs": self._runs,
            r"/repos/(\w+/[\w-]+)/actions/runs/(\d+)": lambda _, __, run: run.last,
            r"/repos/(\w+/[\w-]+)/actions/runs/(\d+)/attempts/(\d+)": self._attempt,
            r"/repos/(\w+/[\w-]+)/actions/runs/(\d+)/jobs": self._jobs,
            r"/repos/(\w+/[\w-]+)/actions/runs/(\d+)/approvals": lambda _, __, run: run.approvals,
        }
        self._rest = [(re.compile(pattern), answer) for pattern, answer in rest.items()]

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        with self._lock:
            self.asked.append(asked)
            faulty = self.fault(asked)
            if faulty is not None:
                return faulty
            return self.graphql(asked) if asked.path == "/graphql" else self._answered(asked)

    def graphql(self, asked: Asked) -> Told:
        """Answer a question of GraphQL."""
        words = question(asked)
        if not self._still or words not in self._answers:
            self._answers[words] = self._resolved(asked)
        return self._answers[words]

    def questions(self) -> list[str]:
        """What was asked so far, in words that can be compared: paths with queries, GraphQL with its variables."""
        return [question(asked) for asked in self.asked]

    def _answered(self, asked: Asked) -> Told:
        for pattern, answer in self._rest:
            found = pattern.fullmatch(asked.path)
            if found:
                body = self._body(found.groups(), asked, answer)
                return self._missing() if body is None else self._told(asked, body)
        return self._missing()

    def _body(self, parts: Sequence[str], asked: Asked, answer: Callable[..., Any]) -> Any:
        if not parts:
            return answer(asked)
        repo = self.repositories.get(parts[0])
        if repo is None or len(parts) == 1:
            return None if repo is None else answer(repo, asked)
        run = next((each for each in repo.runs if str(each.last["id"]) == parts[1]), None)
        return None if run is None else answer(repo, asked, run, *parts[2:])

    def _told(self, asked: Asked, body: Any) -> Told:
        headers: dict[str, str] = {"x-ratelimit-limit": str(QUOTA), "x-ratelimit-remaining": str(QUOTA - 1)}
        size, page = int(asked.query.get("per_page", 30)), int(asked.query.get("page", 1))
        items = body if isinstance(body, list) else next((each for each in body.values() if isinstance(each, list)), [])
        if len(items) > page * size:
            query = urlencode({**asked.query, "page": page + 1})
            headers["link"] = f'<{self.links_to}{asked.path}?{query}>; rel="next"'
        shown = items[(page - 1) * size : page * size]
        if isinstance(body, list):
            body = shown
        elif "total_count" in body:
            body = {key: shown if isinstance(value, list) else value for key, value in body.items()}
        told = Told(body, headers=headers)
        etag = f'W/"{hashlib.sha256(told.content + headers.get("link", "").encode()).hexdigest()[:20]}"'
        if asked.headers.get("if-none-match") == etag:
            return Told(None, 304, {**headers, "etag": etag})
        return Told(body, headers={**headers, "etag": etag})

    def _missing(self) -> Told:
        return Told({"message": "Not Found"}, 404)

    def _repositories(self, asked: Asked) -> list[Node]:
        del asked
        return [each.about for _, each in sorted(self.repositories.items())]

    def _pulls(self, repo: Repository, asked: Asked) -> list[Node]:
        del asked
        newest = sorted(repo.changes, key=lambda node: (node["updatedAt"], node["number"]), reverse=True)
        return [{"number": node["number"], "updated_at": node["updatedAt"]} for node in newest]

    def _deployments(self, repo: Repository, asked: Asked) -> list[Node]:
        del asked
        newest = sorted(repo.deployments, key=lambda node: str(node["createdAt"]), reverse=True)
        return [{"id": node["databaseId"], "updated_at": node["updatedAt"]} for node in newest]

    def _runs(self, repo: Repository, asked: Asked) -> Node:
        until = asked.query.get("created", "").removeprefix("<=") or "9"
        runs = [each.last for each in repo.runs if each.last["created_at"] <= until]
        newest = sorted(runs, key=lambda run: (run["created_at"], run["id"]), reverse=True)
        return {"total_count": len(newest), "workflow_runs": newest[:1000] if "created" in asked.query else newest}

    def _attempt(self, repo: Repository, asked: Asked, run: Run, attempt: str) -> Node | None:
        del repo, asked
        return run.attempts[int(attempt) - 1] if int(attempt) <= len(run.attempts) else None

    def _jobs(self, repo: Repository, asked: Asked, run: Run) -> Node:
        del repo, asked
        return {"total_count": len(run.jobs), "jobs": run.jobs}

    def _resolved(self, asked: Asked) -> Told:
        result = graphql_sync(SCHEMA, asked.body["query"], self._root(), variable_values=asked.body["variables"])
        body = {
            "data": result.data,
            **({"errors": [each.formatted for each in result.errors]} if result.errors else {}),
        }
        return Told(body, headers={"x-ratelimit-remaining": str(QUOTA - 1), "x-ratelimit-limit": str(QUOTA)})

    def _root(self) -> Mapping[str, Callable[..., Any]]:
        def repository(_: object, owner: str, name: str) -> Node | None:
            repo = self.repositories.get(f"{owner}/{name}")
            return repo.graphql() if repo else None

        def node(_: object, id: str) -> Node | None:  # noqa: A002 - GraphQL's name
            every = (each for repo in self.repositories.values() for each in (*repo.changes, *repo.deployments))
            return next((each for each in every if each["id"] == id), None)

        return {"repository": repository, "node": node, "nodes": lambda _, ids: [node(_, each) for each in ids]}


def question(asked: Asked) -> str:
    """A request in words that can be compared."""
    if asked.body:
        name = re.search(r"query (\w+)", asked.body["query"])
        return f"{name and name[1]} {sorted(asked.body['variables'].items())}"
    return f"{asked.path} {sorted(asked.query.items())}"


@contextmanager
def running(github: GitHub) -> Iterator[Loopback]:
    """Let it answer on a port of this machine."""
    with serving(github) as server:
        yield server
