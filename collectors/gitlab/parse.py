"""From one object of GitLab's REST API v4 to events; pure, and never an exception for odd input.

GitLab, "Projects API", "Merge requests API", "Notes API", "Commits API", "Releases API", "Issues API". What belongs to
pipelines stands in `collectors.gitlab.ci`, deliveries in `collectors.gitlab.delivery`.

Merge requests are ``acme/checkout!12``, issues ``acme/checkout#12``: GitLab numbers them apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collectors.ci.facts import revision
from collectors.forge.facts import RELEASES, ForgeFacts, Place, Raw, reverted_commit, when, written_by_bot
from collectors.forge.told import change_told, commits_told, incident_told, release_told, repository_told
from collectors.parsed import part, parts, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

REVERTED = re.compile(r"^This reverts merge request (?P<repository>[\w./-]+)?!(?P<number>\d{1,18})\s*$", re.MULTILINE)
INCIDENT = "incident"
NO_SEVERITY = "unknown"


def place_of(project: object) -> Place:
    """The place of a project in an answer or a delivery; its repository is empty where none is named."""
    return Place("gitlab", text(part(project, "path_with_namespace")) or "")


def parse_project(raw: Raw) -> ForgeFacts:
    """The repository itself."""
    forked = isinstance(raw.get("forked_from_project"), dict) if "created_at" in raw else None
    return repository_told(raw, place_of(raw), url="web_url", fork=forked)


def parse_merge_request(raw: Raw, place: Place, **more: object) -> ForgeFacts:
    """A merge request; ``more`` are fields of the change that stand elsewhere.

    Those are ``ready_at`` (see `collectors.gitlab.notes`), ``commits`` and ``first_commit_at`` (`commits_of`),
    ``head_shas`` (`heads_of`), ``additions``, ``deletions`` and ``files``.
    """
    author = raw.get("author")
    return change_told(
        raw,
        place,
        raw.get("iid"),
        draft=is_draft(raw),
        author=place.person(part(author, "username")),
        author_kind=kind_of(author),
        base=text(raw, "target_branch"),
        head=text(raw, "source_branch"),
        merge_sha=merge_sha_of(raw),
        labels=labels_of(raw),
        reverts=_reverted(raw, place),
        **more,
    )


def is_draft(raw: Raw) -> bool:
    """Whether a merge request is a draft now, in old servers' words too."""
    return raw.get("draft") is True or raw.get("work_in_progress") is True


def merge_sha_of(raw: Raw) -> str | None:
    """The commit that a merge request became on its target branch (E2).

    Of a squash that commit, not the merge commit above it, which adds no code (E4); of a fast-forward the head.
    """
    if text(raw.get("state")) != "merged":
        return None
    shas = (revision(raw.get(key)) for key in ("squash_commit_sha", "merge_commit_sha", "sha"))
    return next(filter(None, shas), None)


def commits_of(commits: Iterable[Raw]) -> dict[str, Any]:
    """``commits`` and ``first_commit_at`` of a merge request by its list of commits; nothing of an empty list."""
    # GitLab gives the newest first
    return commits_told((revision(raw.get("id")), when(raw.get("authored_date"))) for raw in commits)


def heads_of(versions: Iterable[Raw]) -> list[str] | None:
    """Every head a merge request had, the first one first; None where none is told."""
    heads = [revision(raw.get("head_commit_sha")) for raw in versions]
    return list(dict.fromkeys(filter(None, reversed(heads)))) or None


def parse_commit(raw: Raw, place: Place) -> ForgeFacts:
    """A commit of the repository's list; those of a merge request's list come without their parents and are none."""
    sha, address, name = text(raw, "id"), text(raw, "author_email"), text(raw, "author_name")
    return place.told(
        "commit",
        sha,
        repository=place.repository,
        sha=sha,
        parents=[each for each in parts(raw, "parent_ids") if isinstance(each, str)],
        author=address,
        author_kind=written_by_bot(address, name),
        authored_at=when(raw.get("authored_date")),
        committed_at=when(raw.get("committed_date")),
        additions=whole(raw, "stats", "additions"),
        deletions=whole(raw, "stats", "deletions"),
        reverts=reverted_commit(raw.get("message")),
    )


def parse_release(raw: Raw, place: Place, *, releases: re.Pattern[str] = RELEASES) -> ForgeFacts:
    """A release as an inferred production deployment (E5); none of one to come, or of another tag."""
    tag, released_at = text(raw, "tag_name") or text(raw, "tag") or "", when(raw.get("released_at"))
    if raw.get("upcoming_release") is True or not releases.search(tag):
        return place.facts()
    return release_told(
        place,
        tag,
        released_at,
        sha=revision(part(raw, "commit", "id")),
        finished_at=released_at,
        inferred_from="annotated_tag",
        url=text(raw, "_links", "self") or text(raw, "url"),
    )


def parse_issue(raw: Raw, place: Place, labels: frozenset[str]) -> ForgeFacts:
    """An issue of type incident, or with one of the labels, as an incident; none of another issue."""
    named = {label.casefold() for label in labels_of(raw) or ()}
    kind = (text(raw, "issue_type") or text(raw, "type") or "").casefold()
    if kind != INCIDENT and named.isdisjoint(label.casefold() for label in labels):
        return place.facts()
    severity = (text(raw, "severity") or NO_SEVERITY).casefold()
    return incident_told(
        raw,
        place,
        raw.get("iid"),
        named,
        severity=None if severity == NO_SEVERITY else severity,
        url=text(raw, "web_url") or text(raw, "url"),
    )


def labels_of(raw: Raw) -> list[str] | None:
    """Names of an object's labels: texts in answers, objects in deliveries; None where nothing is told of them."""
    if not isinstance(raw.get("labels"), list):
        return None
    names = (each if isinstance(each, str) else part(each, "title") or part(each, "name") for each in raw["labels"])
    return [name for name in names if isinstance(name, str) and name]


def kind_of(user: object) -> str | None:
    """Bot where GitLab says so, or the login is one that is made for bots; None: nothing says so."""
    return "bot" if part(user, "bot") is True else written_by_bot(part(user, "username"))


def _reverted(raw: Raw, place: Place) -> int | None:
    """Number of the merge request that this one undoes, as GitLab's revert button writes it."""
    found = REVERTED.search(text(raw.get("description")) or "")
    if found is None or (found["repository"] or place.repository).casefold() != place.repository.casefold():
        return None
    return int(found["number"])
