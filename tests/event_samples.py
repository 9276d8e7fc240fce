"""One event of every type with every field filled, and what tests of the store share."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tribometer.events import parse_event
from tribometer.privacy import KEY_FILE, PSEUDONYM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tribometer.events import Event
    from tribometer.store import EventStore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TABLES = "SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND schema_name = 'main' ORDER BY 1"
TIME = "2026-02-01T10:00:00.000001Z"
LATER = "2026-02-01T12:30:00+01:00"
FILES = [{"path": "src/a.py", "additions": 3, "deletions": None}, {"path": "b", "additions": 0, "deletions": 2}]

FULL: dict[str, dict[str, Any]] = {
    "team": {"name": "Pay", "parent": "core", "timezone": "Europe/Berlin", "holidays": "DE", "headcount": 6},
    "service": {
        "name": "pay", "kind": "deployable", "created_at": TIME, "archived_at": LATER, "template": "service-py",
        "tier": "1", "repository": "acme/pay", "paths": ["pay/", "lib/*.py"],
    },
    "ownership": {
        "team": "core", "service": "pay", "repository": "acme/pay", "person": "ada@example.com", "valid_from": TIME,
        "valid_to": LATER,
    },
    "repository": {
        "name": "acme/pay", "url": "https://example.com/pay", "default_branch": "main", "created_at": TIME,
        "archived": False, "fork": True,
    },
    "person": {
        "kind": "human", "start_date": TIME, "end_date": LATER, "handles": ["ada@example.com", "ada"],
    },
    "commit": {
        "repository": "acme/pay", "sha": "c2", "tree_sha": "t2", "parents": ["c1", "c0"], "author": "ada",
        "authored_at": TIME, "committed_at": LATER, "author_kind": "human", "additions": 3, "deletions": 2, "files": 2,
        "file_changes": FILES, "reverts": "c1", "trailers": {"reviewed-by": ["Grace <grace@example.com>"]},
        "history_cut": True,
    },
    "change": {
        "repository": "acme/pay", "number": 12, "author": "ada", "title": "Füße", "base": "main", "head": "feet",
        "created_at": TIME, "ready_at": LATER, "first_commit_at": TIME, "merged_at": LATER, "closed_at": LATER,
        "merge_sha": "c2", "commits": ["c1", "c1"], "head_shas": ["c1"], "labels": ["hotfix"], "author_kind": "human",
        "additions": 3, "deletions": 2, "files": 2, "file_changes": FILES, "reverts": 11,
    },
    "review": {
        "change": "12", "reviewer": "grace", "reviewer_kind": "human", "state": "approved", "submitted_at": TIME,
    },
    "review_request": {
        "change": {"source": "other", "id": "12"}, "reviewer": "grace", "reviewer_kind": "human", "team": "core",
        "requested_at": TIME,
    },
    "run": {
        "repository": "acme/pay", "workflow": "ci", "run": 77, "attempt": 2, "sha": "c2", "tree_sha": "t2",
        "branch": "main", "event": "push", "actor_kind": "machine", "change": "12", "created_at": TIME,
        "started_at": TIME, "completed_at": LATER, "conclusion": "success", "url": "https://example.com/77",
    },
    "job": {
        "run": "77", "attempt": 2, "name": "test", "required": True, "runner": "linux", "queued_at": TIME,
        "started_at": TIME, "completed_at": LATER, "conclusion": "failure", "failure_class": "flake",
    },
    "gate": {
        "deployment": "d1", "run": "77", "request": "r1", "kind": "human", "requested_at": TIME, "decided_at": LATER,
        "decision": "approved",
    },
    "deployment": {
        "service": "pay", "environment": "production", "tier": "production", "sha": "c2", "artifact": "pay:2",
        "created_at": TIME, "started_at": TIME, "finished_at": LATER, "status": "success", "kind": "rollout",
        "path": "golden", "group": "g1", "required": True, "users_affected": False, "run": "77",
        "url": "https://example.com/d1", "inferred_from": "annotated_tag",
    },
    "observation": {
        "service": "pay", "environment": "production", "observed_at": TIME, "sha": "c2", "artifact": "pay:2",
        "via": "cluster",
    },
    "incident": {
        "service": "pay", "severity": "1", "title": "down", "impact_started_at": TIME, "detected_at": TIME,
        "acknowledged_at": TIME, "mitigated_at": LATER, "resolved_at": LATER, "change_caused": "yes",
        "deployment": "d1", "url": "https://example.com/i1",
    },
    "page": {
        "rotation": "core", "service": "pay", "paged_at": TIME, "acknowledged_at": LATER, "actionable": False,
    },
    "shift": {"rotation": "core", "person": "ada", "starts_at": TIME, "ends_at": LATER},
    "slo": {
        "service": "pay", "name": "latency", "from": TIME, "to": LATER, "objective": 0.99, "good": 98.5, "total": 100,
    },
    "template_release": {"template": "service-py", "release": "1.2", "released_at": TIME, "steps": ["build", "ship"]},
    "request": {
        "kind": "database", "team": "core", "service": "pay", "template": "service-py", "requested_at": TIME,
        "first_response_at": LATER, "fulfilled_at": LATER, "usable_at": LATER, "status": "done", "human_touches": 2,
    },
    "pipeline_definition": {
        "repository": "acme/pay", "path": ".ci/run", "observed_at": TIME, "sha": "c2", "content": "make",
        "steps": ["make"], "uses": ["actions/checkout@v4"], "template": "service-py", "template_release": "1.2",
    },
}  # fmt: skip


def full_object(event_type: str, **more: Any) -> dict[str, Any]:
    """Return the JSON object of an event with every field of its type."""
    return {"type": event_type, "source": "test", "id": f"{event_type}-1", **FULL[event_type], **more}


def event(event_type: str, identity: str, source: str = "test", **fields: Any) -> Event:
    """Return an event from its fields."""
    return parse_event({"type": event_type, "source": source, "id": identity, **fields})


def deployment(identity: str, status: str = "success", **fields: Any) -> Event:
    """Return a deployment of the service pay to production."""
    return event("deployment", identity, **{"service": "pay", "environment": "production", "status": status} | fields)


def commit(sha: str, *parents: str, **fields: Any) -> Event:
    """Return a commit of the repository acme/pay."""
    given = {"repository": "acme/pay", "sha": sha, "parents": list(parents), "authored_at": TIME, "committed_at": TIME}
    return event("commit", sha, **given | fields)


def contents(store: EventStore, *, without: Iterable[str] = ("schema_migrations", "source_states")) -> dict[str, Any]:
    """Return all rows of all tables, sorted; when something happened is left out."""
    found: dict[str, Any] = {}
    with store.reader() as reader:
        for (name,) in reader.rows(TABLES):
            if name not in without:
                columns = "* EXCLUDE (number, rejected_at)" if name == "rejected_events" else "*"
                sql = f"SELECT {columns} FROM {name}"  # noqa: S608 - names from the database itself
                found[name] = sorted(reader.rows(sql), key=repr)
    return found


def without_random(text: str) -> str:
    """Return the text without pseudonyms and keyed digests: under a random key, they may spell a short name."""
    return re.sub(f"{PSEUDONYM.pattern}|[0-9a-f]{{64}}", "RANDOM", text)


def opened(folder: Path) -> EventStore:
    """Return the store of a folder at a fixed time."""
    from tribometer.store import EventStore  # noqa: PLC0415 - tests of files alone need no database

    return EventStore.open(folder, clock=lambda: NOW)


def same_key(first: Path, second: Path) -> Path:
    """Make a data folder in which people get the pseudonyms that they have in another; return it."""
    second.mkdir(mode=0o700)
    (second / KEY_FILE).write_bytes((first / KEY_FILE).read_bytes())
    (second / KEY_FILE).chmod(0o600)
    return second


@contextmanager
def opened_alike(folder: Path) -> Iterator[tuple[EventStore, EventStore]]:
    """Open two empty stores below a folder, in which people get the same pseudonyms."""
    with opened(folder / "one") as one, opened(same_key(folder / "one", folder / "two")) as two:
        yield one, two
