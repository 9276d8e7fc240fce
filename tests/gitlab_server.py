"""A made-up GitLab with one group, ``acme``, behind its REST API v4."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import httpx

from ci_servers import Played
from forge_servers import MORNING, sha

PROJECT = "/api/v4/projects/7"
TABLE = {"kind": "gitlab", "url": "https://gitlab.example.org", "group": "acme", "token": {"env": "GITLAB_TOKEN"}}
LISTS = ("merge_requests", "pipelines", "deployments", "issues")
ONE = re.compile(rf"{PROJECT}/(?P<list>\w+)/(?P<id>\d+)")
MORE = re.compile(rf"{PROJECT}/(merge_requests|pipelines)/(?P<id>\d+)/(?P<what>\w+)")
MINUTE = timedelta(minutes=1)


def text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class GitLab:
    """What the project ``acme/checkout`` holds; ``more`` are lists below a merge request or pipeline, by their path."""

    merge_requests: dict[int, dict[str, Any]] = field(default_factory=dict)
    pipelines: dict[int, dict[str, Any]] = field(default_factory=dict)
    deployments: dict[int, dict[str, Any]] = field(default_factory=dict)
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    more: dict[str, list[Any]] = field(default_factory=dict)
    commits: list[int] = field(default_factory=list)
    releases: list[dict[str, Any]] = field(default_factory=list)
    environments: list[dict[str, Any]] = field(default_factory=list)
    protected: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    project: dict[str, Any] = field(default_factory=dict)
    before: Callable[[httpx.Request], object] = lambda _: None

    def merge_request(self, number: int, at: datetime, **more: Any) -> dict[str, Any]:
        """Open one, or change it."""
        known = self.merge_requests.get(number, {})
        self.merge_requests[number] = {
            "id": 1000 + number, "iid": number, "title": f"Change {number}", "state": "opened", "draft": False,
            "created_at": text(at), "merged_at": None, "closed_at": None, "merge_commit_sha": None,
            "squash_commit_sha": None, "sha": sha(number), "source_branch": "topic", "target_branch": "main",
            "labels": [], "author": {"username": "ann", "name": "Ann"}, **known, **more, "updated_at": text(at),
        }  # fmt: skip
        return self.merge_requests[number]

    def pipeline(self, number: int, at: datetime, status: str = "success", **more: Any) -> dict[str, Any]:
        """Begin one, or change it."""
        known = self.pipelines.get(number, {})
        ended = {"finished_at": text(at)} if status in {"success", "failed", "canceled"} else {"finished_at": None}
        self.pipelines[number] = {
            "id": number, "iid": number, "sha": sha(number), "ref": "main", "source": "push", "created_at": text(at),
            "started_at": text(at), "user": {"username": "ann"}, **known, **ended, "status": status, **more,
            "updated_at": text(at),
        }  # fmt: skip
        return self.pipelines[number]

    def deployment(self, number: int, at: datetime, status: str = "success", **more: Any) -> dict[str, Any]:
        """Begin one, or change it."""
        known = self.deployments.get(number, {})
        self.deployments[number] = {
            "id": number, "sha": sha(number), "created_at": text(at), "environment": {"name": "eu-1"},
            "deployable": None, **known, **more, "status": status, "updated_at": text(at),
        }  # fmt: skip
        return self.deployments[number]

    def job(self, pipeline: int, number: int, name: str, at: datetime, status: str = "success", **more: Any) -> None:
        """Add a job that took a minute, after two in the queue."""
        self.more.setdefault(f"pipelines/{pipeline}/jobs", []).append(
            {
                "id": number, "name": name, "status": status, "created_at": text(at), "allow_failure": False,
                "started_at": text(at + timedelta(minutes=2)), "finished_at": text(at + timedelta(minutes=3)),
                "queued_duration": 120.0, "tag_list": ["linux"], **more,
            }
        )  # fmt: skip

    def answer(self, request: httpx.Request) -> Any:
        """Answer as GitLab does."""
        self.before(request)
        assert request.headers["private-token"] == "secret"
        assert request.url.host == "gitlab.example.org"
        path, params = unquote(request.url.path), request.url.params
        if any(part in path for part in self.forbidden):
            return httpx.Response(403, json={"message": "403 Forbidden"})
        if path == "/api/graphql":
            return self._sizes(request)
        if path.casefold() == "/api/v4/groups/acme/projects":
            return self._page([self._project()], request)
        if path == "/api/v4/personal_access_tokens/self":
            return {"scopes": ["read_api"]}
        listed = path.removeprefix(f"{PROJECT}/")
        if listed in LISTS:
            return self._page(self._listed(listed, params), request)
        return self._below(path, request)

    def _below(self, path: str, request: httpx.Request) -> Any:  # noqa: PLR0911 - one for each path
        rest, one, more = path.removeprefix(PROJECT), ONE.fullmatch(path), MORE.fullmatch(path)
        if rest == "" or request.url.raw_path == b"/api/v4/projects/acme%2Fcheckout":
            return self._project()
        if rest == "/repository/branches/main":
            return {"name": "main", "commit": {"id": sha(self.commits[-1])}} if self.commits else None
        if rest.startswith("/repository/commits/"):
            gone = rest.rpartition("/")[2] not in map(sha, self.commits)
            return None if gone else {"id": rest.rpartition("/")[2]}
        if rest == "/repository/commits":
            return self._page(self._commits(request.url.params), request)
        if rest.startswith("/repository/files/"):
            content = self.files.get(rest.removeprefix("/repository/files/").removesuffix("/raw"))
            return None if content is None else httpx.Response(200, text=content)
        if more:
            return self._page(self.more.get(rest[1:], []), request)
        if one:
            return getattr(self, one["list"]).get(int(one["id"]))
        found = {
            "/environments": self.environments,
            "/releases": self.releases,
            "/protected_environments": self.protected,
        }
        return self._page(found[rest], request) if rest in found else None

    def _project(self) -> dict[str, Any]:
        return {
            "id": 7, "path_with_namespace": "acme/checkout", "default_branch": "main", "archived": False,
            "created_at": "2025-01-01T00:00:00.000Z", "web_url": "https://gitlab.example.org/acme/checkout",
            **self.project,
        }  # fmt: skip

    def _listed(self, name: str, params: Mapping[str, str]) -> list[Any]:
        found = [each for each in getattr(self, name).values() if self._fits(each, params)]
        if "updated_after" in params:
            found = [each for each in found if (each["updated_at"] or "") >= params["updated_after"]]
        if "order_by" in params:
            found.sort(key=lambda each: (each["updated_at"] is None, each["updated_at"] or ""))
        short = {"id", "iid", "sha", "ref", "source", "status", "created_at", "updated_at"}
        if name == "pipelines":
            return [{key: each[key] for key in short} for each in found]
        return [{key: value for key, value in each.items() if not key.startswith("approval")} for each in found]

    def _fits(self, each: Mapping[str, Any], params: Mapping[str, str]) -> bool:
        if "labels" in params and params["labels"] not in each["labels"]:
            return False
        if "issue_type" in params and params["issue_type"] != each["issue_type"]:
            return False
        if "sha" in params and params["sha"] != each["sha"]:
            return False
        return (each.get("source") == "parent_pipeline") == (params.get("source") == "parent_pipeline")

    def _commits(self, params: Mapping[str, str]) -> list[Any]:
        before, _, head = params["ref_name"].rpartition("..")
        numbers = [number for number in self.commits if sha(number) <= head and (not before or sha(number) > before)]
        return [
            {
                "id": sha(number), "parent_ids": [sha(number - 1)] if number > 1 else [], "message": f"Step {number}",
                "author_email": "ann@example.org", "author_name": "Ann", "authored_date": text(MORNING),
                "committed_date": text(MORNING), "stats": {"additions": number, "deletions": 1, "total": number + 1},
            }
            for number in reversed(numbers)
        ]  # fmt: skip

    def _sizes(self, request: httpx.Request) -> Any:
        numbers = re.findall(r'"(\d+)"', request.content.decode())
        nodes = [
            {"iid": number, "diffStatsSummary": {"additions": int(number), "deletions": 2, "fileCount": 3}}
            for number in numbers
        ]
        return {"data": {"project": {"mergeRequests": {"nodes": nodes}}}}

    def _page(self, found: Sequence[Any], request: httpx.Request) -> httpx.Response:
        size, page = int(request.url.params.get("per_page", 20)), int(request.url.params.get("page", 1))
        headers = {}
        if page * size < len(found):
            onward = request.url.copy_merge_params({"page": page + 1}).copy_with(host="internal.example.org")
            headers["link"] = f'<{onward}>; rel="next"'
        return httpx.Response(200, json=found[(page - 1) * size : page * size], headers=headers)


def played(gitlab: GitLab, **keys: Any) -> Played:
    """The configured source with this server."""
    return Played({**TABLE, **keys}, gitlab.answer)


def filled(gitlab: GitLab, count: int = 130) -> GitLab:
    """So many of most things, and more commits than a page holds."""
    for number in range(1, count + 1):
        gitlab.merge_request(number, MORNING + number * MINUTE)
        gitlab.more[f"merge_requests/{number}/commits"] = [{"id": sha(number), "authored_date": text(MORNING)}]
        gitlab.pipeline(number, MORNING + number * MINUTE)
        gitlab.job(number, number, "test", MORNING + number * MINUTE)
        gitlab.deployment(number, MORNING + number * MINUTE)
    gitlab.commits = list(range(1, 251))
    gitlab.environments = [{"name": "eu-1", "tier": "production"}, {"name": "lab", "tier": "other"}]
    gitlab.files = {".gitlab-ci.yml": "include:\n  - component: acme/ci/go@1\n", "CODEOWNERS": "* @acme/payments\n"}
    return gitlab
