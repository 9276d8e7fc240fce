"""A made-up Gitea with one organisation, ``acme``, behind its REST API v1: as old as 1.15, or as new as 1.24."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import httpx

from ci_servers import Played
from forge_servers import MORNING, sha

REPOSITORY = "/api/v1/repos/acme/shop"
TABLE = {"kind": "gitea", "url": "https://git.example.org", "owner": "acme", "token": {"env": "GITEA_TOKEN"}}
MORE = re.compile(r"/(pulls|issues|actions/runs)/(?P<id>\d+)(?P<what>/\w+)?")
MOST = 50


def text(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass
class Gitea:
    """What the repository ``acme/shop`` holds; ``more`` are lists below a pull request, by their path.

    ``merged`` is a commit that was written long ago, and came into the branch only now.
    """

    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    runs: dict[int, dict[str, Any]] | None = None
    tasks: list[dict[str, Any]] | None = None
    more: dict[str, list[Any]] = field(default_factory=dict)
    commits: list[int] = field(default_factory=list)
    releases: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    merged: int | None = None
    files: dict[str, str] = field(default_factory=dict)
    repository: dict[str, Any] = field(default_factory=dict)
    old: bool = False
    forbidden: set[str] = field(default_factory=set)
    token: str = "secret"  # noqa: S105 - of nobody
    before: Callable[[httpx.Request], object] = lambda _: None

    def pull(self, number: int, at: datetime, **more: Any) -> None:
        """Open one, or change it."""
        self.pulls[number] = {
            "id": 1000 + number, "number": number, "title": f"Change {number}", "state": "open", "body": "",
            "created_at": text(at), "merged_at": None, "closed_at": None, "merge_commit_sha": None, "labels": [],
            "user": {"id": 1, "login": "ann"}, "base": {"ref": "main"}, "head": {"ref": "topic", "sha": sha(number)},
            **self.pulls.get(number, {}), **more, "updated_at": text(at),
        }  # fmt: skip

    def run(self, number: int, at: datetime, conclusion: str | None = "success", **more: Any) -> None:
        """Begin one, or change it."""
        self.runs = self.runs if self.runs is not None else {}
        ended = {"completed_at": text(at + timedelta(minutes=5))} if conclusion else {}
        self.runs[number] = {
            "id": number, "run_number": number, "run_attempt": 1, "path": "ci.yml@refs/heads/main", "event": "push",
            "head_sha": sha(number), "head_branch": "main", "started_at": text(at),
            **self.runs.get(number, {}), "status": "completed" if conclusion else "in_progress",
            "conclusion": conclusion or "", **ended, **more,
        }  # fmt: skip

    def answer(self, request: httpx.Request) -> Any:
        """Answer as Gitea does: public things to anybody, whatever the token."""
        self.before(request)
        path = unquote(request.url.path)
        if any(part in path for part in self.forbidden):
            return httpx.Response(403, json={"message": "token does not have the required scope"})
        if path == "/api/v1/user":
            known = request.headers["authorization"] == f"token {self.token}"
            return {"login": "tribometer"} if known else httpx.Response(401, json={"message": "invalid token"})
        if path == "/api/v1/settings/api":
            return {"max_response_items": MOST, "default_paging_num": 30}
        if path == "/api/v1/orgs/acme/repos":
            return self._page([self._repository()], request)
        return self._of_repository(path.removeprefix(REPOSITORY), request)

    def _of_repository(self, path: str, request: httpx.Request) -> Any:  # noqa: PLR0911 - one for each path
        if path == "/branches/main":
            return {"name": "main", "commit": {"id": sha(self.commits[-1])}} if self.commits else None
        if path == "/branches":
            return self._page([], request)
        if path.startswith("/git/commits/"):
            known = {sha(number): {"sha": sha(number)} for number in self.commits}
            return known.get(path.rpartition("/")[2])
        if path == "/commits":
            if self.repository.get("empty"):
                return httpx.Response(409, json={"message": "Git Repository is empty."})
            return self._page(self._commits(request), request)
        if path.startswith(("/contents/", "/raw/")):
            return self._file(path)
        if path == "/issues":
            labels = request.url.params.get("labels")
            return self._page(
                [each for each in self.issues.values() if labels in [label["name"] for label in each["labels"]]],
                request,
            )
        if path == "/actions/runs" and self.runs is not None:
            newest = sorted(self.runs.values(), key=lambda each: -each["id"])
            return self._keyed(newest, request, "workflow_runs")
        if path == "/actions/tasks" and self.tasks is not None:
            return self._keyed(list(reversed(self.tasks)), request, "workflow_runs")
        return self._lists(path, request)

    def _lists(self, path: str, request: httpx.Request) -> Any:
        more = MORE.fullmatch(path)
        if more and path.startswith("/actions/") and self.runs is not None:
            jobs = self.more.get(path[1:], [])
            return self._keyed(jobs, request, "jobs") if more["what"] else self.runs.get(int(more["id"]))
        if more and not (self.old and more["what"] == "/timeline"):
            return self._page(self.more.get(path[1:], []), request, total=not self.old)
        if path == "/pulls":
            newest = sorted(self.pulls.values(), key=lambda each: (each["updated_at"], each["id"]), reverse=True)
            return self._page(newest, request)
        found = {"/releases": self.releases, "/tags": self.tags}.get(path)
        return None if found is None else self._page(found, request, link=path != "/tags", total=path != "/tags")

    def _repository(self) -> dict[str, Any]:
        return {
            "id": 1, "name": "shop", "full_name": "acme/shop", "default_branch": "main", "archived": False,
            "empty": False, "fork": False, "created_at": "2025-01-01T00:00:00Z",
            "html_url": "https://git.example.org/acme/shop", **self.repository,
        }  # fmt: skip

    def _commits(self, request: httpx.Request) -> list[Any]:
        head, without = request.url.params["sha"], request.url.params.get("not", "") if not self.old else ""
        numbers = [number for number in self.commits if without < sha(number) <= head]
        merged = [self.merged] if self.merged else []
        return [
            {
                "sha": sha(number), "parents": [{"sha": sha(number - 1)}] if number > 1 else [], "author": None,
                "commit": {
                    "message": f"Step {number}", "tree": {"sha": sha(number)},
                    "author": {"name": "Ann", "email": "ann@example.org", "date": text(MORNING)},
                    "committer": {"name": "Ann", "email": "ann@example.org", "date": text(MORNING)},
                },
            }
            for number in (*reversed(numbers), *merged)
        ]  # fmt: skip

    def _file(self, path: str) -> Any:
        kind, _, rest = path[1:].partition("/")
        if kind == "raw":
            return None if rest not in self.files else httpx.Response(200, text=self.files[rest])
        entries = [{"path": name, "type": "file"} for name in self.files if name.startswith(f"{rest}/")]
        return entries or None

    def _keyed(self, found: Sequence[Any], request: httpx.Request, key: str) -> Any:
        page = self._page(found, request)
        return httpx.Response(200, json={key: page.json(), "total_count": len(found)})

    def _page(
        self, found: Sequence[Any], request: httpx.Request, *, link: bool = True, total: bool = True
    ) -> httpx.Response:
        size, page = min(int(request.url.params.get("limit", 30)), MOST), int(request.url.params.get("page", 1))
        headers = {"x-total-count": str(len(found))} if total else {}
        if link and page * size < len(found):
            headers["link"] = f'<http://127.0.0.1:3000{request.url.raw_path.decode()}>; rel="next"'
        return httpx.Response(200, json=list(found)[(page - 1) * size : page * size], headers=headers)


def played(gitea: Gitea, **keys: Any) -> Played:
    """The configured source with this server."""
    return Played({**TABLE, **keys}, gitea.answer)
