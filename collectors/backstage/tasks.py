"""Scaffolder tasks as requests: what somebody asked the portal for, and when and how that ended.

A task has no time of its end: the event ``completion`` tells it. A failed task may be started again, and then has
another one. Statuses: open, processing, completed, failed, cancelled, skipped (backstage.io/docs, scaffolder API).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.backstage.references import short_name
from collectors.parsed import UNSAID, Parsed, part, parts, said
from collectors.times import instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

STATUSES: Mapping[str, str] = {"open": "open", "processing": "open", "completed": "fulfilled"}
"""How a request's status is called; what is not here is called the same (failed, cancelled, skipped)."""
UNFINISHED = frozenset({"open", "processing"})
KIND = "template"
"""What was asked for, where the catalog does not know the template any more."""


@dataclass(frozen=True)
class Task:
    """A task as the list shows it, without who asked and the steps and parameters that make it large."""

    id: str
    status: str
    created_at: datetime
    raw: Mapping[str, Any]

    @property
    def finished(self) -> bool:
        """Whether it has come to an end, for now."""
        return self.status not in UNFINISHED


def task_of(raw: object) -> Task | None:
    """A task of the list; None for what names no task, status and time."""
    name, status, created = part(raw, "id"), part(raw, "status"), instant(part(raw, "createdAt"))
    if not isinstance(name, str) or not isinstance(status, str) or created is None or not isinstance(raw, dict):
        return None
    spec = raw.get("spec")
    kept = {"templateInfo": {"entityRef": part(spec, "templateInfo", "entityRef")}}
    kept["parameters"] = {"owner": part(spec, "parameters", "owner")}
    about = {key: raw[key] for key in ("id", "status", "createdAt", "lastHeartbeatAt") if key in raw}
    return Task(name, status, created, {**about, "spec": kept})


def parse_task(task: Task, events: Sequence[Mapping[str, Any]], *, source: str, kinds: Mapping[str, str]) -> Parsed:
    """The request of a task, with its events if it is finished; ``kinds``: type of each template by its name."""
    found, raw = Parsed(), task.raw
    template = short_name(part(raw, "spec", "templateInfo", "entityRef"), "template")
    end = next((each for each in reversed(events) if part(each, "type") == "completion"), None)
    ended = instant(part(end, "createdAt")) if task.finished else None
    heard = [each for each in (instant(raw.get("lastHeartbeatAt")), ended) if each]
    found.add(
        "request",
        raw,
        source=source,
        id=task.id,
        version=max([task.created_at, *heard]),
        kind=kinds.get(template or "", KIND),
        template=said(template),
        team=said(_team(raw)),
        service=said(_service(end)),
        requested_at=task.created_at,
        fulfilled_at=ended if task.status == "completed" else None,
        status=STATUSES.get(task.status, task.status),
        ended_at=ended.isoformat() if ended else UNSAID,
    )
    return found


def _team(raw: Mapping[str, Any]) -> str | None:
    """The group that was named as owner of what is made: the scaffolder's owner picker fills it in."""
    owner = part(raw, "spec", "parameters", "owner")
    return short_name(owner, "group") if str(owner).lower().startswith("group:") else None


def _service(completion: object) -> str | None:
    """The component that came of it, where the template's output or one of its links names it."""
    output = part(completion, "body", "output")
    references = [part(output, "entityRef"), *(part(link, "entityRef") for link in parts(output, "links"))]
    stated = (each for each in references if str(each).lower().startswith("component:"))
    return next((short_name(each, "component") for each in stated), None)
