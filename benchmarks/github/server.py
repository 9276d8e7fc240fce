"""A GitHub on this machine for `github_collect.py`: it answers from text made beforehand.

python benchmarks/github/server.py REPOSITORIES CHANGES RUNS    says its port, and answers until it is killed
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 100
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
HEX, DIGITS = b"@@@", b"7770777"
"""Stand in the prepared answers for the number of the repository: in names, and in numbers."""


def at(minutes: int) -> str:
    """A time in GitHub's words."""
    return (BEGIN + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def commit(kind: str, number: int, minutes: int) -> dict[str, Any]:
    """A commit as GraphQL tells it."""
    return {
        "oid": f"@@@{kind}{number:036x}",
        "message": f"Change the {number}th thing\n\nBecause it was in the way of the others, and they waited for it.",
        "authoredDate": at(minutes),
        "committedDate": at(minutes),
        "tree": {"oid": f"@@@e{kind}{number:035x}"},
        "parents": {"nodes": [{"oid": f"@@@a{max(number - 1, 0):036x}"}]},
        "author": {"email": f"p{number % 50}@example.org", "user": {"login": f"person-{number % 50}"}},
    }


def change(number: int) -> dict[str, Any]:
    """A pull request with all that hangs on it."""
    minutes, who = number * 60, {"__typename": "User", "login": f"person-{number % 50}"}
    ends = {"hasNextPage": False, "endCursor": None}
    reviews = [
        {"fullDatabaseId": f"7770777{number:07}{each}", "state": "APPROVED", "submittedAt": at(minutes + each),
         "updatedAt": at(minutes + each), "author": {"__typename": "User", "login": f"reviewer-{each}"}}
        for each in range(2)
    ]  # fmt: skip
    request = {
        "__typename": "ReviewRequestedEvent",
        "id": f"RRE_@@@{number}",
        "createdAt": at(minutes),
        "requestedReviewer": {"__typename": "Team", "slug": "core"},
    }
    own = [{"commit": commit(kind, number, minutes)} for kind in "bc"]
    return {
        "id": f"PR_@@@{number}", "number": number, "title": f"Change {number}", "body": "Why and how. " * 40,
        "isDraft": False, "createdAt": at(minutes), "updatedAt": at(minutes + 50), "mergedAt": at(minutes + 40),
        "closedAt": at(minutes + 40), "headRefName": f"topic-{number}", "headRefOid": f"@@@c{number:036x}",
        "baseRefName": "main", "additions": 30, "deletions": 10, "changedFiles": 3,
        "mergeCommit": {"oid": f"@@@a{number:036x}"}, "author": who, "labels": {"nodes": [{"name": "feature"}]},
        "commits": {"pageInfo": ends, "nodes": own}, "reviews": {"pageInfo": ends, "nodes": reviews},
        "timelineItems": {"pageInfo": ends, "nodes": [request]},
    }  # fmt: skip


def run(number: int) -> dict[str, Any]:
    """A workflow run as REST tells it."""
    return {
        "id": int(f"7770777{number:06}"), "run_attempt": 1, "path": ".github/workflows/ci.yml", "name": "ci",
        "head_sha": f"@@@a{number:036x}", "head_branch": "main", "event": "push", "status": "completed",
        "conclusion": "success", "created_at": at(number), "run_started_at": at(number), "updated_at": at(number + 9),
        "pull_requests": [], "actor": {"login": "person-1", "type": "User"},
        "html_url": f"https://github.example/acme/shop-@@@/actions/runs/{number}",
    }  # fmt: skip


def pages(nodes: list[dict[str, Any]], *path: str) -> list[bytes]:
    """Newest first, in answers of GraphQL that name each page by its number."""
    found = []
    for page in range(max(-(-len(nodes) // PAGE), 1)):
        shown = nodes[::-1][page * PAGE : (page + 1) * PAGE]
        more = (page + 1) * PAGE < len(nodes)
        body: Any = {"totalCount": len(nodes), "nodes": shown}
        body["pageInfo"] = {"hasNextPage": more, "endCursor": str(page + 1)}
        for key in reversed(("data", "repository", *path)):
            body = {key: body}
        found.append(json.dumps(body).encode())
    return found


class Answers:
    """All answers of one repository, with its number left open."""

    def __init__(self, repositories: int, changes: int, runs: int) -> None:
        """Prepare them."""
        history = [{**commit("a", n, n * 60), "additions": 3, "deletions": 1, "changedFilesIfAvailable": 2}
                   for n in range(1, changes + 1)]  # fmt: skip
        self.repositories = json.dumps([self._about(number) for number in range(repositories)]).encode()
        self.graphql = {
            "PullRequests": pages([change(number) for number in range(1, changes + 1)], "pullRequests"),
            "History": pages(history, "object", "history"),
            "Files": [json.dumps({"data": {"repository": {}}}).encode()],
        }
        listed = [run(number) for number in range(runs, 0, -1)]
        self.runs = [
            json.dumps({"total_count": runs, "workflow_runs": listed[begin : begin + PAGE]}).encode()
            for begin in range(0, max(runs, 1), PAGE)
        ]
        self.head = json.dumps({"name": "main", "commit": {"sha": f"@@@a{changes:036x}"}}).encode()

    def of(self, path: str, query: dict[str, list[str]], body: bytes) -> tuple[bytes, str | None]:
        """An answer, and the page behind it."""
        if path == "/graphql":
            asked = json.loads(body)
            operation = re.search(r"query (\w+)", asked["query"])
            prepared = self.graphql[operation[1] if operation else ""]
            variables = asked["variables"]
            return self._filled(prepared[int(variables.get("after") or 0)], variables["name"]), None
        parts = path.split("/")
        if parts[1] == "orgs":
            return self.repositories, None
        name, rest = parts[3], parts[4:]
        if rest[-1] == "jobs":
            return self._jobs(int(rest[-2])), None
        if rest == ["actions", "runs"]:
            page = int(query.get("page", ["1"])[0])
            return self._filled(self.runs[page - 1], name), str(page + 1) if page < len(self.runs) else None
        if rest[0] == "branches":
            return self._filled(self.head, name), None
        return (b'[{"number": 1}]' if rest == ["pulls"] else b"[]"), None

    def _about(self, number: int) -> dict[str, Any]:
        name = f"acme/shop-{number:03x}"
        about = {"id": number, "name": name[5:], "full_name": name, "html_url": f"https://github.com/{name}"}
        return {**about, "default_branch": "main", "created_at": at(0), "archived": False, "fork": False}

    def _filled(self, prepared: bytes, name: str) -> bytes:
        number = int(name.rpartition("-")[2], 16)
        return prepared.replace(HEX, b"%03x" % number).replace(DIGITS, b"7%03d777" % number)

    def _jobs(self, run_id: int) -> bytes:
        jobs = [
            {"id": run_id * 10 + each, "run_id": run_id, "run_attempt": 1, "name": name, "labels": ["linux"],
             "created_at": at(0), "started_at": at(1), "completed_at": at(9), "status": "completed",
             "conclusion": "success"}
            for each, name in enumerate(("build", "test"))
        ]  # fmt: skip
        return json.dumps({"total_count": 2, "jobs": jobs}).encode()


def serve(repositories: int, changes: int, runs: int) -> None:
    """Answer until killed; say the port first, and at /log what was asked."""
    answers, log = Answers(repositories, changes, runs), list[tuple[str, str, str]]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if parts.path == "/log":
                content, following = json.dumps(log).encode(), None
            else:
                log.append((self.command, self.path, body.decode()))
                content, following = answers.of(parts.path, parse_qs(parts.query), body)
            self.send_response_only(200)
            self.send_header("content-length", str(len(content)))
            if following:
                self.send_header("link", f'<http://elsewhere.example/?per_page={PAGE}&page={following}>; rel="next"')
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve(*map(int, sys.argv[1:]))
