"""What happens at a made-up GitHub: repositories with changes, runs and deployments, each made from its number.

GraphQL's objects stand as dictionaries in the shape of its schema, connections among them as callables; REST's as the
dictionaries that are answered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

OWNER = "acme"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = ("ann", "ben", "cleo", "dora")
WORKFLOW = ".github/workflows/ci.yml"
RULES = ("REQUIRED_REVIEWERS",)
Node = dict[str, Any]


def stamp(time: datetime) -> str:
    """A time in GitHub's words."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def after(minutes: float) -> str:
    """So many minutes after everything began."""
    return stamp(BEGIN + timedelta(minutes=minutes))


def sha(*parts: object) -> str:
    """A commit's name."""
    return hashlib.sha1(json.dumps(parts).encode()).hexdigest()  # noqa: S324 - git's own


@dataclass(frozen=True)
class Connection:
    """A list that is given page by page; a place in it is that of the last item by its order, so pages do not move."""

    nodes: Callable[[], Sequence[Node]]
    order: Callable[[Node], tuple[Any, ...]] | None = None

    def __call__(self, _: object, first: int = 100, after: str | None = None, **more: Any) -> Node:
        """A page of it, newest first where it has an order."""
        places = {id(node): self._place(number, node) for number, node in enumerate(self.nodes())}
        found = [node for node in self.nodes() if not more.get("since") or node["committedDate"] >= more["since"]]
        total = len(found)
        if self.order:
            found.sort(key=self.order, reverse=True)
        if after:
            behind = json.loads(after)
            found = [node for node in found if self._is_behind(places[id(node)], behind)]
        shown = found[:first]
        end = json.dumps(places[id(shown[-1])]) if shown else None
        info = {"hasNextPage": len(found) > len(shown), "endCursor": end}
        return {"totalCount": total, "pageInfo": info, "nodes": shown}

    def _place(self, number: int, node: Node) -> list[Any]:
        return list(self.order(node)) if self.order else [number]

    def _is_behind(self, place: list[Any], last: list[Any]) -> bool:
        return place < last if self.order else place > last


def listed(*nodes: Node) -> Connection:
    """A connection of these."""
    return Connection(lambda: nodes)


def person(number: int) -> Node:
    """An account; every seventh is an app's."""
    if number % 7 == 6:
        return {"__typename": "Bot", "login": "renovate"}
    return {"__typename": "User", "login": PEOPLE[number % len(PEOPLE)]}


def commit(name: str, minutes: float, *parents: str) -> Node:
    """A commit of Ann's."""
    return {
        "__typename": "Commit",
        "oid": name,
        "message": f"work {name[:7]}",
        "authoredDate": after(minutes),
        "committedDate": after(minutes),
        "tree": {"oid": sha("tree", name)},
        "parents": listed(*({"oid": parent} for parent in parents)),
        "author": {"email": "ann@example.org", "user": {"login": "ann"}},
        "additions": 3,
        "deletions": 1,
        "changedFilesIfAvailable": 2,
    }


@dataclass
class Run:
    """A run with its attempts, oldest first, and the jobs of all of them."""

    attempts: list[Node]
    jobs: list[Node]
    approvals: list[Node] = field(default_factory=list)

    @property
    def last(self) -> Node:
        """The attempt that a list of runs shows."""
        return self.attempts[-1]


@dataclass
class Repository:
    """One repository; ``about`` is what REST says of it."""

    about: Node
    changes: list[Node] = field(default_factory=list)
    commits: list[Node] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    deployments: list[Node] = field(default_factory=list)
    releases: list[Node] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its whole name."""
        return str(self.about["full_name"])

    @property
    def head(self) -> str:
        """Where its default branch stands."""
        return str(self.commits[-1]["oid"])

    def add_change(self, minutes: float | None = None, commits: int | None = None) -> Node:
        """A pull request more, with commits, reviews and a timeline."""
        number, name = len(self.changes) + 1, self.name
        at = number * 60.0 if minutes is None else minutes
        own = [
            commit(sha(name, number, each), at - 20 + each / 100, self.head)
            for each in range(number % 3 + 1 if commits is None else commits)
        ]
        merged = number % 5 != 0
        merge = commit(sha(name, "merge", number), at + 40, self.head, own[-1]["oid"])
        self.commits += [*own, merge] if merged else []
        reviews = [_review(self.about["id"], number, each, at) for each in range(number % 4)]
        change = {
            "__typename": "PullRequest",
            "id": f"PR_{name}_{number}",
            "number": number,
            "title": f"change {number}",
            "body": "why",
            "isDraft": False,
            "createdAt": after(at),
            "updatedAt": after(at + 50),
            "mergedAt": after(at + 40) if merged else None,
            "closedAt": after(at + 40) if merged else None,
            "headRefName": f"topic-{number}",
            "headRefOid": own[-1]["oid"],
            "baseRefName": "main",
            "additions": number,
            "deletions": 1,
            "changedFiles": 2,
            "mergeCommit": merge if merged else None,
            "author": person(number),
            "labels": listed({"name": "feature"}),
            "commits": listed(*({"commit": each} for each in own)),
            "reviews": listed(*reviews),
            "timelineItems": listed(*_timeline(name, number, at)),
        }
        self.changes.append(change)
        return change

    def add_run(self, minutes: float | None = None, attempts: int | None = None, *, ended: bool = True) -> Run:
        """A run more; every fourth was run again."""
        number = len(self.runs) + 1
        at = number * 45.0 if minutes is None else minutes
        run = Run([], [])
        self.runs.append(run)
        for _ in range(attempts or (2 if number % 4 == 0 else 1)):
            self.rerun(run, at + 10 * len(run.attempts), ended=ended)
        return run

    def rerun(self, run: Run, minutes: float, *, ended: bool = True) -> None:
        """Start a run (again)."""
        number, attempt = self.runs.index(run) + 1, len(run.attempts) + 1
        identity = int(self.about["id"]) * 100_000 + number
        created = run.attempts[0]["created_at"] if run.attempts else after(minutes)
        made: Node = {
            "id": identity,
            "run_attempt": attempt,
            "path": WORKFLOW,
            "name": "ci",
            "head_sha": self.head,
            "head_branch": "main",
            "head_commit": {"tree_id": sha("tree", self.head)},
            "event": "push",
            "actor": {"login": "ann", "type": "User"},
            "triggering_actor": {"login": "ann", "type": "User"},
            "pull_requests": [],
            "created_at": created,
            "run_started_at": after(minutes),
            "updated_at": after(minutes),
            "status": "in_progress",
            "conclusion": None,
            "html_url": f"{self.about['html_url']}/actions/runs/{identity}",
        }
        run.attempts.append(made)
        run.jobs += [_job(identity, attempt, each, minutes) for each in range(2)]
        if ended:
            self.finish(run, minutes + 8)

    def finish(self, run: Run, minutes: float) -> None:
        """End the last attempt."""
        last = run.last
        failed = last["run_attempt"] < 2 and self.runs.index(run) % 4 == 3
        conclusion = "failure" if failed else "success"
        run.attempts[-1] = {**last, "status": "completed", "conclusion": conclusion, "updated_at": after(minutes)}
        for job in run.jobs:
            if job["run_attempt"] == last["run_attempt"]:
                job |= {"status": "completed", "conclusion": "success", "completed_at": after(minutes)}

    def add_deployment(self, minutes: float | None = None, *states: str, log_url: str | None = None) -> Node:
        """A deployment more, by its statuses and where its log is."""
        number = len(self.deployments) + 1
        at = number * 90.0 if minutes is None else minutes
        statuses = [
            {"state": state, "createdAt": after(at + each), "logUrl": log_url, "environmentUrl": None}
            for each, state in enumerate(states or ("QUEUED", "IN_PROGRESS", "SUCCESS"))
        ]
        deployment = {
            "__typename": "Deployment",
            "id": f"DE_{self.name}_{number}",
            "databaseId": int(self.about["id"]) * 1000 + number,
            "commitOid": self.head,
            "environment": "production" if number % 3 else "staging",
            "state": "ACTIVE",
            "createdAt": after(at),
            "updatedAt": after(at + len(statuses)),
            "list": statuses,
            "statuses": Connection(lambda: statuses),
        }
        self.deployments.append(deployment)
        return deployment

    def graphql(self) -> Node:
        """It as GraphQL's schema has it."""
        return {
            "pullRequests": Connection(lambda: self.changes, lambda node: (node["updatedAt"], node["number"])),
            "deployments": Connection(lambda: self.deployments, lambda node: (node["createdAt"], node["databaseId"])),
            "releases": Connection(lambda: self.releases, lambda node: (node["createdAt"], node["databaseId"])),
            "environments": listed({"name": "production", "protectionRules": listed()}),
            "object": self._object,
        }

    def _object(self, _: object, oid: str | None = None, expression: str | None = None) -> Node | None:
        if oid:
            history = Connection(lambda: self.commits, lambda node: (node["committedDate"], node["oid"]))
            return {"__typename": "Commit", "oid": oid, "history": history}
        path = str(expression).partition(":")[2]
        blob = {"__typename": "Blob", "oid": sha(path), "text": "on: push\n", "isTruncated": False}
        if path == ".github/workflows":
            return {
                "__typename": "Tree",
                "oid": "tree",
                "entries": [{"path": WORKFLOW, "type": "blob", "object": blob}],
            }
        return {**blob, "text": "* @acme/core\n"} if path == ".github/CODEOWNERS" else None


def repository(number: int, changes: int = 0, runs: int = 0, deployments: int = 0) -> Repository:
    """A repository with so much in it."""
    name = f"shop-{number:03}"
    about = {
        "id": number,
        "name": name,
        "full_name": f"{OWNER}/{name}",
        "html_url": f"https://github.com/{OWNER}/{name}",
        "default_branch": "main",
        "created_at": after(0),
        "archived": False,
        "fork": False,
    }
    made = Repository(about, commits=[commit(sha(name, "first"), 0)])
    for _ in range(changes):
        made.add_change()
    for _ in range(runs):
        made.add_run()
    for _ in range(deployments):
        made.add_deployment()
    return made


def _review(repository: int, number: int, each: int, minutes: float) -> Node:
    time = after(minutes + 10 + each)
    identity = str(repository * 1_000_000 + number * 1000 + each)
    state = "APPROVED" if each else "CHANGES_REQUESTED"
    return {"fullDatabaseId": identity, "state": state, "submittedAt": time, "updatedAt": time, "author": person(each)}


def _timeline(name: str, number: int, minutes: float) -> list[Node]:
    asked = {"__typename": "Team", "slug": "core"} if number % 2 else person(number + 1)
    identity = f"RRE_{name}_{number}"
    request = {"__typename": "ReviewRequestedEvent", "id": identity, "createdAt": after(minutes + 2)}
    return [{**request, "requestedReviewer": asked}, {"__typename": "ReadyForReviewEvent", "createdAt": after(minutes)}]


def _job(run: int, attempt: int, each: int, minutes: float) -> Node:
    return {
        "id": run * 100 + attempt * 10 + each,
        "run_id": run,
        "run_attempt": attempt,
        "name": ("build", "test")[each],
        "labels": ["ubuntu-latest"],
        "created_at": after(minutes),
        "started_at": after(minutes + 1),
        "completed_at": None,
        "status": "in_progress",
        "conclusion": None,
    }
