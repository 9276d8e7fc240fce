"""What the objects of GitLab, Gitea and Forgejo say alike: repositories, changes, releases and issues as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectors.forge.facts import when
from collectors.incident_cause import change_caused
from collectors.parsed import text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collectors.forge.facts import ForgeFacts, Place, Raw

TAKEN_BACK = {"merged_at": "merged_at", "closed_at": "closed_at", "merge_sha": "merge_commit_sha"}
"""Fields of a change that may become null when it is opened again, by the key that tells of them."""


def repository_told(raw: Raw, place: Place, *, url: str, fork: object) -> ForgeFacts:
    """The repository itself; ``url`` is the key of its address."""
    return place.told(
        "repository",
        place.repository or None,
        name=place.repository or None,
        url=text(raw, url),
        default_branch=text(raw, "default_branch"),
        created_at=when(raw.get("created_at")),
        archived=raw.get("archived"),
        fork=fork,
    )


def change_told(raw: Raw, place: Place, number: object, *, draft: bool, **fields: object) -> ForgeFacts:
    """A pull or merge request, with the ``fields`` that the forges word differently; a ``draft`` is not ready (E15)."""
    # a delivery may not tell of them
    null = [name for name, key in TAKEN_BACK.items() if key in raw]
    if draft:
        null, fields = [*null, "ready_at"], {**fields, "ready_at": None}
    return place.told(
        "change",
        place.change(number),
        null=null,
        version=when(raw.get("updated_at")),
        repository=place.repository,
        number=number,
        title=text(raw, "title"),
        created_at=when(raw.get("created_at")),
        merged_at=when(raw.get("merged_at")),
        closed_at=when(raw.get("closed_at")),
        **fields,
    )


def incident_told(raw: Raw, place: Place, number: object, labels: Iterable[str], **fields: object) -> ForgeFacts:
    """An issue with these ``labels`` as an incident, from opened to closed."""
    return place.told(
        "incident",
        place.issue(number),
        null=("resolved_at",) if "closed_at" in raw else (),
        version=when(raw.get("updated_at")),
        service=place.repository,
        title=text(raw, "title"),
        detected_at=when(raw.get("created_at")),
        resolved_at=when(raw.get("closed_at")),
        change_caused=change_caused(labels),
        **fields,
    )


def release_told(place: Place, release: object, version: object, **fields: object) -> ForgeFacts:
    """A published release as a production deployment (E5)."""
    return _deployed(place, place.release(release), version=version, status="success", **fields)


def taken_back(place: Place, identity: str) -> ForgeFacts:
    """The deployment of a release that is gone: cancelled, which no number counts."""
    return _deployed(place, identity, status="cancelled")


def _deployed(place: Place, identity: str | None, **fields: object) -> ForgeFacts:
    return place.told(
        "deployment",
        identity,
        null=(),
        service=place.repository,
        environment="production",
        tier="production",
        **fields,
    )


def commits_told(newest_first: Iterable[tuple[str | None, datetime | None]]) -> dict[str, Any]:
    """``commits`` and ``first_commit_at`` of a change by the sha and time of each; nothing of an empty list.

    A time of None is not known, or of no account: that of a merge, which is no work.
    """
    listed = list(newest_first)
    known = {
        "commits": [sha for sha, _ in reversed(listed) if sha],
        "first_commit_at": min((written for _, written in listed if written), default=None),
    }
    return {name: value for name, value in known.items() if value}
