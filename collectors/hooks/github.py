"""GitHub's webhooks: each kind of delivery with the same ``parse_*`` functions as collections.

GitHub, "Webhook events and payloads". A push says nothing of its commits' parents and tree, so commits come from
collections. What is not read is passed over by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from collectors.github.collector import Environments, GitHubSettings, Published, Workflow
from collectors.github.events import Place, apart, at, family, text
from collectors.github.parse import (
    parse_deployment,
    parse_issue_incident,
    parse_job,
    parse_pull_request,
    parse_release,
    parse_repository,
    parse_review,
    parse_run,
    parse_workflow_deployment,
)
from collectors.github.repository import PERSONAL
from collectors.github.runs import WorkflowDeployments
from collectors.hooks.dispatch import Context, Hook
from collectors.hooks.schemes import Signature
from collectors.parsed import Parsed

if TYPE_CHECKING:
    from collectors.github.events import Parsed as Found

KIND = "github"
LARGEST = 25 << 20
"""GitHub sends no payload beyond 25 MB."""
READY = "ready_for_review"
TAKEN_BACK = frozenset({"deleted", "unpublished"})
UNCONFIGURED = GitHubSettings(kind="github", owner="any")
"""How deliveries are read of an owner that no table names: nobody collects it, it only pushes."""
Raw = Mapping[str, Any]


def parse_delivery(headers: Mapping[str, str], payload: Any, context: Context) -> Parsed:  # noqa: ANN401 - any JSON
    """What one delivery says; ``x-github-event`` names its kind."""
    parsed, kind = Parsed(), headers.get("x-github-event", "")
    if not kind or not isinstance(payload, dict):
        parsed.reject(payload, "a GitHub delivery has the header x-github-event and a JSON object")
    elif kind not in KINDS or not text(payload, "repository", "full_name"):
        parsed.ignored.append(kind)
    else:
        _read(kind, payload, context, parsed)
    return parsed


def _read(kind: str, payload: Raw, context: Context, parsed: Parsed) -> None:
    place = Place.of(payload["repository"])
    settings = _settings(context, payload["repository"], place)
    if not _is_collected(settings, place):
        parsed.ignored.append(f"{kind} of {place.repository}, which is not among the configured repositories")
        return
    events, rejected = apart(KINDS[kind](payload, place, settings))
    parsed.events += events
    parsed.rejected += rejected
    if not (events or rejected):
        parsed.ignored.append(".".join(filter(None, (kind, text(payload, "action")))))


def _settings(context: Context, repository: object, place: Place) -> GitHubSettings:
    """The table that collects the repository's owner on its server, so that push reads as pull does."""
    owner = place.repository.partition("/")[0].casefold()
    server = family(text(repository, "html_url") or "")
    for table in context.tables:
        try:
            settings = GitHubSettings.model_validate(dict(table))
        except ValidationError:
            continue  # collecting says what is wrong with it
        if settings.owner.casefold() == owner and family(settings.url) == server:
            return settings
    return UNCONFIGURED


def _is_collected(settings: GitHubSettings, place: Place) -> bool:
    name = place.repository.rpartition("/")[2]
    return not settings.repositories or any(fnmatchcase(name, glob) for glob in settings.repositories)


def _pull_request(payload: Raw, place: Place, _settings: GitHubSettings) -> Found:
    raw = payload.get("pull_request")
    ready = {"ready_at": text(raw, "updated_at")} if at(payload, "action") == READY else {}
    return parse_pull_request(raw, place, **ready) if isinstance(raw, dict) else []


def _review(payload: Raw, place: Place, _settings: GitHubSettings) -> Found:
    raw, number = payload.get("review"), at(payload, "pull_request", "number")
    return parse_review(raw, number, place) if isinstance(raw, dict) else []


def _run(payload: Raw, place: Place, settings: GitHubSettings) -> Found:
    raw, told = payload.get("workflow_run"), settings.deployments
    if not isinstance(raw, dict):
        return []
    found = parse_run(raw, place)
    if isinstance(told, Workflow) and WorkflowDeployments(told.name, told.environment).fits(raw):
        found += parse_workflow_deployment(raw, place, told.environment)
    return found


def _job(payload: Raw, place: Place, settings: GitHubSettings) -> Found:
    raw = payload.get("workflow_job")
    return parse_job(raw, place) if settings.jobs and isinstance(raw, dict) else []


def _deployment(payload: Raw, place: Place, settings: GitHubSettings) -> Found:
    raw, status = payload.get("deployment"), payload.get("deployment_status")
    if not isinstance(raw, dict) or not isinstance(settings.deployments, Environments):
        return []
    run, attempt = at(payload, "workflow_run", "id"), at(payload, "workflow_run", "run_attempt")
    made_by = place.run(run, attempt) if run and attempt else None
    return parse_deployment(raw, [status] if isinstance(status, dict) else [], place, run=made_by)


def _release(payload: Raw, place: Place, settings: GitHubSettings) -> Found:
    raw, told = payload.get("release"), settings.deployments
    if not isinstance(raw, dict) or isinstance(told, Workflow) or payload.get("action") in TAKEN_BACK:
        return []
    return parse_release(raw, place, releases=settings.releases, inferred=not isinstance(told, Published))


def _issue(payload: Raw, place: Place, settings: GitHubSettings) -> Found:
    raw, labels = payload.get("issue"), settings.incidents.labels if settings.incidents else ()
    return parse_issue_incident(raw, place, frozenset(labels)) if isinstance(raw, dict) else []


def _repository(payload: Raw, _place: Place, _settings: GitHubSettings) -> Found:
    return [] if payload.get("action") in TAKEN_BACK else parse_repository(payload["repository"])


KINDS: Mapping[str, Callable[[Raw, Place, GitHubSettings], Found]] = {
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "workflow_run": _run,
    "workflow_job": _job,
    "deployment": _deployment,
    "deployment_status": _deployment,
    "release": _release,
    "issues": _issue,
    "repository": _repository,
}
HOOK = Hook(KIND, (Signature("x-hub-signature-256", "sha256="),), parse_delivery, LARGEST, PERSONAL)
