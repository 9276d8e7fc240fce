"""GitLab's webhooks, put into the shapes of its REST API, and parsed as those; pure.

GitLab, "Webhook events". A delivery says less than an answer: a push no commit's parents, a job of older servers no
attempt, a pipeline neither retried jobs nor when it was changed, a review no note. What would get another id than a
collection gives it, or is not known well enough, is left to the collection; ``ignored`` names it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collectors.forge.facts import RELEASES, Place, Raw, when
from collectors.gitlab.ci import CHILD, parse_deployment, parse_job, parse_pipeline
from collectors.gitlab.parse import parse_issue, parse_merge_request, parse_project, parse_release, place_of
from collectors.parsed import Parsed, part, parts, text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BUILD = "build_"
COMMIT_URL = re.compile(r"/commit/(?P<sha>[0-9a-f]{40})$")
SLACK = timedelta(seconds=2)
"""Deliveries tell whole seconds."""


def parse_delivery(
    payload: object, *, labels: frozenset[str] = frozenset(), releases: re.Pattern[str] = RELEASES
) -> Parsed:
    """What one delivery says; ``labels`` are those of issues that are incidents, ``releases`` finds production tags."""
    kind, place = str(part(payload, "object_kind") or part(payload, "event_name") or ""), _place(payload)
    if not isinstance(payload, dict) or not kind:
        parsed = Parsed()
        parsed.reject(None, "a GitLab delivery is a JSON object that names its object_kind")
        return parsed
    parse = KINDS.get(kind)
    found = parse(payload, place, labels, releases) if parse and place.repository else Parsed()
    if not (found.events or found.rejected):
        found.ignored.append(kind)
    return found


def _place(payload: object) -> Place:
    """The project; a delivery about a job names it by its address only."""
    place = place_of(part(payload, "project"))
    if place.repository:
        return place
    return Place("gitlab", urlsplit(text(part(payload, "repository", "homepage")) or "").path.strip("/"))


def _pipeline(payload: Raw, place: Place, *_: object) -> Parsed:
    """A pipeline none of whose jobs was retried: which attempt another one is, a delivery does not say."""
    told = _attributes(payload)
    # a delivery does not say when it was changed: it is as new as what it tells
    changed = {"updated_at": told.get("finished_at") or told.get("created_at")}
    raw = told | changed | {"user": payload.get("user"), "merge_request": payload.get("merge_request")}
    if raw.get("source") == CHILD or _is_repeated(payload):
        return Parsed()
    if part(payload, "merge_request", "target_project_id") != part(payload, "project", "id"):
        raw.pop("merge_request")
    return parse_pipeline(raw, place, [job for job in parts(payload, "builds") if isinstance(job, dict)])


def _is_repeated(payload: Raw) -> bool:
    """Whether a job was made after the pipeline had begun: all others are made with it."""
    created_at, waited = when(part(payload, "object_attributes", "created_at")), _waited(payload)
    made = [when(part(job, "created_at")) for job in parts(payload, "builds")]
    if created_at is None or not any(made):
        return False
    starts = [when(part(job, "started_at")) for job in parts(payload, "builds")]
    began = min(
        [start for start in starts if start] + ([created_at + waited] if waited is not None else []), default=None
    )
    return began is not None and any(at and at > began + SLACK for at in made)


def _waited(payload: Raw) -> timedelta | None:
    seconds = part(payload, "object_attributes", "queued_duration")
    return timedelta(seconds=seconds) if isinstance(seconds, int | float) and 0 <= seconds < 10**7 else None


def _job(payload: Raw, place: Place, *_: object) -> Parsed:
    retries = whole(payload.get("retries_count"))
    if retries is None:
        return Parsed()
    raw = {key.removeprefix(BUILD): value for key, value in payload.items() if key.startswith(BUILD)}
    return parse_job({**raw, "runner": payload.get("runner")}, place, payload.get("pipeline_id"), retries + 1)


def _deployment(payload: Raw, place: Place, *_: object) -> Parsed:
    changed, status = payload.get("status_changed_at"), payload.get("status")
    commit = COMMIT_URL.search(text(payload.get("commit_url")) or "")
    running = {"started_at": changed} if status == "running" else {}
    raw = {
        "id": payload.get("deployment_id"),
        "status": status,
        "updated_at": changed,
        "sha": commit["sha"] if commit else None,
        "environment": {"name": payload.get("environment"), "tier": payload.get("environment_tier")},
        "deployable": {"web_url": payload.get("deployable_url"), **running},
    }
    return parse_deployment(raw, place) if status != "blocked" else Parsed()


def _merge_request(payload: Raw, place: Place, *_: object) -> Parsed:
    """Merged or closed at the time of the delivery that says so; later ones do not say when."""
    raw = _attributes(payload)
    action, at = str(raw.get("action")), raw.get("updated_at")
    # deliveries name the author by a number only; who opens it is the author
    author = payload.get("user") if action == "open" else None
    told = {"merge": {"merged_at": at}, "close": {"closed_at": at}, "reopen": {"closed_at": None}}.get(action, {})
    return parse_merge_request({**raw, "author": author, **told}, place, **_ready(payload, raw))


def _ready(payload: Raw, raw: Raw) -> dict[str, Any]:
    """When it left draft, in the delivery that tells of it."""
    changed = part(payload, "changes", "draft")
    left = part(changed, "previous") is True and part(changed, "current") is False
    return {"ready_at": when(raw.get("updated_at"))} if left else {}


def _release(payload: Raw, place: Place, _labels: frozenset[str], releases: re.Pattern[str]) -> Parsed:
    return Parsed() if payload.get("action") == "delete" else parse_release(payload, place, releases=releases)


def _issue(payload: Raw, place: Place, labels: frozenset[str], _releases: object) -> Parsed:
    return parse_issue(_attributes(payload) | {"labels": payload.get("labels")}, place, labels)


def _push(payload: Raw, _place: Place, *_: object) -> Parsed:
    """The project as it is; commits come from collections, since a push does not say their parents."""
    return parse_project(payload["project"]) if isinstance(payload.get("project"), dict) else Parsed()


def _attributes(payload: Raw) -> dict[str, Any]:
    found = payload.get("object_attributes")
    return dict(found) if isinstance(found, dict) else {}


KINDS: Mapping[str, Callable[[Raw, Place, frozenset[str], re.Pattern[str]], Parsed]] = {
    "pipeline": _pipeline,
    "build": _job,
    "deployment": _deployment,
    "merge_request": _merge_request,
    "release": _release,
    "issue": _issue,
    "incident": _issue,
    "push": _push,
    "tag_push": _push,
}
"""By the payload's ``object_kind``."""
