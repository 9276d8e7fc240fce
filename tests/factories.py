"""Contract events for tests: one small builder for each type, aware times in, RFC 3339 text out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any

Event = dict[str, Any]

SOURCE = "test"
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def text(time: datetime) -> str:
    """Write an aware time as the contract wants it."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(number: float, hour: float = 0.0) -> datetime:
    """Give a time counted from Monday, 5 January 2026, in days and hours."""
    return MONDAY + timedelta(days=number, hours=hour)


def sha_of(name: str) -> str:
    """Give a well-formed sha that depends on nothing but a name."""
    return sha1(name.encode(), usedforsecurity=False).hexdigest()


def event(kind: str, name: str, /, **fields: Any) -> Event:
    """Make an event; aware times become text, and fields that are None are left out."""
    made: Event = {"type": kind, "source": SOURCE, "id": name}
    for field, value in fields.items():
        if value is not None:
            made[field] = text(value) if isinstance(value, datetime) else value
    return made


def service(name: str, /, **fields: Any) -> Event:
    """Make a catalog entry."""
    return event("service", name, **{"name": name, "kind": "deployable", **fields})


def repository(name: str, /, **fields: Any) -> Event:
    """Make a repository."""
    return event("repository", name, **{"name": name, **fields})


def person(name: str, /, **fields: Any) -> Event:
    """Make a person whose login is their name."""
    return event("person", name, **{"kind": "human", "handles": [name], **fields})


def ownership(name: str, team: str, /, **fields: Any) -> Event:
    """Make a claim of a team on a service, repository or person."""
    return event("ownership", name, team=team, **fields)


def commit(repo: str, sha: str, authored_at: datetime, /, *parents: str, **fields: Any) -> Event:
    """Make a commit, committed when it was authored unless told otherwise."""
    known = {"repository": repo, "sha": sha, "parents": list(parents), "authored_at": authored_at}
    return event("commit", sha, **{**known, "committed_at": authored_at, **fields})


def change(repo: str, number: int, created_at: datetime, /, **fields: Any) -> Event:
    """Make a pull or merge request."""
    known = {"repository": repo, "number": number, "created_at": created_at}
    return event("change", f"{repo}#{number}", **{**known, **fields})


def review(name: str, of: str, submitted_at: datetime, /, **fields: Any) -> Event:
    """Make a review of the change with the id ``of``."""
    return event("review", name, **{"change": of, "state": "approved", "submitted_at": submitted_at, **fields})


def deployment(name: str, to: str, finished_at: datetime | None, /, **fields: Any) -> Event:
    """Make a deployment of the service ``to``: to production and successful unless told otherwise."""
    known = {"service": to, "environment": "production", "status": "success", "finished_at": finished_at}
    return event("deployment", name, **{**known, **fields})


def incident(name: str, of: str, /, **fields: Any) -> Event:
    """Make an incident of a service."""
    return event("incident", name, service=of, **fields)


def gate(name: str, requested_at: datetime, /, **fields: Any) -> Event:
    """Make a gate before a deployment or run."""
    return event("gate", name, **{"kind": "human", "requested_at": requested_at, **fields})


def slo(name: str, of: str, starts: datetime, ends: datetime, /, **fields: Any) -> Event:
    """Make one window of a service's objective."""
    known = {"service": of, "name": "availability", "from": starts, "to": ends, "objective": 0.99}
    return event("slo", name, **{**known, **fields})
