"""Webhooks of Gitea and Forgejo, parsed as the answers of their REST API; pure.

Gitea, "Webhooks". A push says nothing of its commits' parents, and a review not which one it is: these come from
collections. ``ignored`` names what is none of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.forge.facts import RELEASES, Place, Raw
from collectors.gitea.actions import begun, parse_job, parse_run
from collectors.gitea.parse import parse_issue, parse_pull_request, parse_release, parse_repository, place_of
from collectors.parsed import Parsed

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

DELETED = "deleted"


def parse_delivery(
    event: str, payload: object, *, labels: frozenset[str] = frozenset(), releases: re.Pattern[str] = RELEASES
) -> Parsed:
    """What one delivery says; ``event`` is its ``x-gitea-event`` or ``x-forgejo-event``.

    ``labels`` are those of issues that are incidents, ``releases`` finds production tags.
    """
    if not isinstance(payload, dict) or not event:
        parsed = Parsed()
        parsed.reject(None, "a Gitea delivery has the header x-gitea-event and a JSON object")
        return parsed
    place, parse = place_of(payload.get("repository")), _kind(event)
    found = parse(payload, place, labels, releases) if parse and place.repository else Parsed()
    if not (found.events or found.rejected):
        found.ignored.append(event)
    return found


def _kind(event: str) -> Callable[[Raw, Place, frozenset[str], re.Pattern[str]], Parsed] | None:
    """How it is parsed; ``pull_request_approved``, ``issue_label`` and the like tell of the same thing."""
    return KINDS.get(event) or next((KINDS[key] for key in KINDS if event.startswith(f"{key}_")), None)


def _pull_request(payload: Raw, place: Place, *_: object) -> Parsed:
    raw = payload.get("pull_request")
    return parse_pull_request(raw, place) if isinstance(raw, dict) else Parsed()


def _release(payload: Raw, place: Place, _labels: frozenset[str], releases: re.Pattern[str]) -> Parsed:
    raw = payload.get("release")
    if not isinstance(raw, dict) or payload.get("action") == DELETED:
        return Parsed()
    return parse_release(raw, place, releases=releases)


def _issue(payload: Raw, place: Place, labels: frozenset[str], _releases: object) -> Parsed:
    raw = payload.get("issue")
    return parse_issue(raw, place, labels) if isinstance(raw, dict) else Parsed()


def _run(payload: Raw, place: Place, *_: object) -> Parsed:
    raw = payload.get("workflow_run")
    return parse_run(raw, place) if isinstance(raw, dict) and begun(raw) else Parsed()


def _job(payload: Raw, place: Place, *_: object) -> Parsed:
    raw = payload.get("workflow_job")
    return parse_job(raw, place) if isinstance(raw, dict) else Parsed()


def _repository(payload: Raw, *_: object) -> Parsed:
    return Parsed() if payload.get("action") == DELETED else parse_repository(payload["repository"])


KINDS: Mapping[str, Callable[[Raw, Place, frozenset[str], re.Pattern[str]], Parsed]] = {
    "pull_request": _pull_request,
    "release": _release,
    "issues": _issue,
    "issue": _issue,
    "workflow_run": _run,
    "workflow_job": _job,
    "push": _repository,
    "repository": _repository,
}
"""By the header's word."""
