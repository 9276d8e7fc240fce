"""GitHub's webhooks: each kind of delivery with the same ``parse_*`` functions as collections.

GitHub, "Webhook events and payloads". A push says nothing of its commits' parents and tree, so commits come from
collections. What is not read is passed over by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from collectors.github import parse
from collectors.github.collector import Environments, GitHubSettings, Published, Workflow
from collectors.github.events import family, place_of
from collectors.github.repository import PERSONAL
from collectors.github.runs import WorkflowDeployments
from collectors.hooks.dispatch import Context, Hook
from collectors.hooks.schemes import Signature
from collectors.parsed import Parsed, part, text

if TYPE_CHECKING:
    from collectors.forge.facts import Place

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
    place = place_of(payload["repository"])
    settings = _settings(context, payload["repository"], place)
    if not settings.selection.wants(place.repository.rpartition("/")[2], archived=False):
        parsed.ignored.append(f"{kind} of {place.repository}, which is not among the configured repositories")
        return
    if settings is UNCONFIGURED and context.tables:
        parsed.notes.append(context.unnamed(KIND, place.repository))
    found = KINDS[kind](payload, place, settings)
    parsed.take(found)
    if not (found.events or found.rejected):
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


def _pull_request(payload: Raw, place: Place, _settings: GitHubSettings) -> Parsed:
    raw = payload.get("pull_request")
    ready = {"ready_at": text(raw, "updated_at")} if part(payload, "action") == READY else {}
    return parse.parse_pull_request(raw, place, **ready) if isinstance(raw, dict) else Parsed()


def _review(payload: Raw, place: Place, _settings: GitHubSettings) -> Parsed:
    raw, number = payload.get("review"), part(payload, "pull_request", "number")
    return parse.parse_review(raw, number, place) if isinstance(raw, dict) else Parsed()


def _run(payload: Raw, place: Place, settings: GitHubSettings) -> Parsed:
    raw, told = payload.get("workflow_run"), settings.deployments
    if not isinstance(raw, dict):
        return Parsed()
    found = parse.parse_run(raw, place)
    if isinstance(told, Workflow) and WorkflowDeployments(told.name, told.environment).fits(raw):
        found.take(parse.parse_workflow_deployment(raw, place, told.environment))
    return found


def _job(payload: Raw, place: Place, settings: GitHubSettings) -> Parsed:
    raw = payload.get("workflow_job")
    return parse.parse_job(raw, place) if settings.jobs and isinstance(raw, dict) else Parsed()


def _deployment(payload: Raw, place: Place, settings: GitHubSettings) -> Parsed:
    raw, status = payload.get("deployment"), payload.get("deployment_status")
    if not isinstance(raw, dict) or not isinstance(settings.deployments, Environments):
        return Parsed()
    run, attempt = part(payload, "workflow_run", "id"), part(payload, "workflow_run", "run_attempt")
    made_by = place.run(run, attempt) if run and attempt else None
    return parse.parse_deployment(raw, [status] if isinstance(status, dict) else [], place, run=made_by)


def _release(payload: Raw, place: Place, settings: GitHubSettings) -> Parsed:
    raw, told = payload.get("release"), settings.deployments
    if not isinstance(raw, dict) or isinstance(told, Workflow) or payload.get("action") in TAKEN_BACK:
        return Parsed()
    return parse.parse_release(raw, place, releases=settings.releases, inferred=not isinstance(told, Published))


def _issue(payload: Raw, place: Place, settings: GitHubSettings) -> Parsed:
    raw, labels = payload.get("issue"), settings.incidents.labels if settings.incidents else ()
    return parse.parse_issue_incident(raw, place, frozenset(labels)) if isinstance(raw, dict) else Parsed()


def _repository(payload: Raw, _place: Place, _settings: GitHubSettings) -> Parsed:
    return Parsed() if payload.get("action") in TAKEN_BACK else parse.parse_repository(payload["repository"])


KINDS: Mapping[str, Callable[[Raw, Place, GitHubSettings], Parsed]] = {
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
