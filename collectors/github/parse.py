"""From one object of GitHub's REST API, or of a webhook, to events; pure, and never an exception for odd input.

``place`` says which repository it belongs to (`collectors.github.events.place_of`). What an object does not say is
absent from the event, so that a short delivery does not wipe out what a collection has stored; ``version`` is its own
``updated_at``, so that an old delivery changes nothing. GraphQL's answers are put into the same shapes first
(`collectors.github.nodes`).

Requests for reviews come from collections only: a delivery says who was asked, not which request of theirs it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collectors.forge.facts import RELEASES, ForgeFacts, Place, below, reverted_commit
from collectors.forge.told import release_told
from collectors.git.log import BOT
from collectors.github.delivery import parse_deployment, parse_job, parse_run, parse_workflow_deployment
from collectors.github.events import person, place_of
from collectors.incident_cause import change_caused
from collectors.parsed import part, parts, text

if TYPE_CHECKING:
    from collections.abc import Mapping

REVERTED = re.compile(r"^Reverts\s+(?P<repository>[\w.-]+/[\w.-]+)?#(?P<number>\d{1,18})\s*$", re.MULTILINE)
REVERT_BRANCH = re.compile(r"revert-(?P<number>\d{1,18})-")


def parse_repository(raw: Mapping[str, Any]) -> ForgeFacts:
    """The repository itself."""
    place = place_of(raw)
    return place.told(
        "repository",
        place.repository or None,
        name=place.repository or None,
        url=text(raw, "html_url"),
        default_branch=text(raw, "default_branch"),
        created_at=text(raw, "created_at"),
        archived=part(raw, "archived"),
        fork=part(raw, "fork"),
    )


def parse_pull_request(raw: Mapping[str, Any], place: Place, **more: object) -> ForgeFacts:
    """A pull request; ``more`` are fields of the change that stand elsewhere.

    Those are ``ready_at`` (of the delivery that says it is ready), ``commits``, ``head_shas``, ``first_commit_at``.
    """
    author, kind = person(part(raw, "user"))
    number = part(raw, "number")
    merged_at = text(raw, "merged_at")
    return place.told(
        "change",
        place.change(number),
        # a pull request that is opened again takes these back, one that is a draft again that it was ready (E15)
        null=("merged_at", "closed_at", "merge_sha", *(("ready_at",) if part(raw, "draft") else ())),
        version=text(raw, "updated_at"),
        repository=place.repository,
        number=number,
        author=author,
        author_kind=kind,
        title=text(raw, "title"),
        base=text(raw, "base", "ref"),
        head=text(raw, "head", "ref"),
        created_at=text(raw, "created_at"),
        merged_at=merged_at,
        closed_at=text(raw, "closed_at"),
        # before it is merged, GitHub's sha is that of a trial
        merge_sha=text(raw, "merge_commit_sha") if merged_at else None,
        labels=[text(label, "name") for label in parts(raw, "labels") if text(label, "name")],
        additions=part(raw, "additions"),
        deletions=part(raw, "deletions"),
        files=part(raw, "changed_files"),
        reverts=_reverted(raw, place),
        **({"ready_at": None} | more),
    )


def parse_review(raw: Mapping[str, Any], number: object, place: Place) -> ForgeFacts:
    """A review of the pull request with this number; one that is still being written is none."""
    state = (text(raw, "state") or "").lower()
    if state == "pending":
        return place.facts()
    reviewer, kind = person(part(raw, "user"))
    return place.told(
        "review",
        below(place.change(number), "reviews", part(raw, "id")),
        version=text(raw, "updated_at"),
        change=place.change(number),
        reviewer=reviewer,
        reviewer_kind=kind,
        state=state or None,
        submitted_at=text(raw, "submitted_at"),
    )


def parse_commit(raw: Mapping[str, Any], place: Place, *, cut: bool | None = None) -> ForgeFacts:
    """A commit as REST's commits, comparisons and pull requests show it; ``cut``: its parents were left out (E26)."""
    author, kind = _author(raw)
    sha = text(raw, "sha")
    return place.told(
        "commit",
        sha,
        repository=place.repository,
        sha=sha,
        tree_sha=text(raw, "commit", "tree", "sha"),
        parents=[part(parent, "sha") for parent in parts(raw, "parents")],
        author=author,
        author_kind=kind,
        authored_at=text(raw, "commit", "author", "date"),
        committed_at=text(raw, "commit", "committer", "date"),
        additions=part(raw, "stats", "additions"),
        deletions=part(raw, "stats", "deletions"),
        files=part(raw, "stats", "files"),
        reverts=reverted_commit(part(raw, "commit", "message")),
        history_cut=cut,
    )


def parse_release(
    raw: Mapping[str, Any],
    place: Place,
    *,
    sha: str | None = None,
    releases: re.Pattern[str] = RELEASES,
    inferred: bool = False,
) -> ForgeFacts:
    """A published release as a production deployment; none for drafts, pre-releases and tags that ``releases`` passes.

    ``sha`` is the tag's commit, which REST does not say. ``inferred``: nobody has declared that releases deploy (E5);
    like an annotated tag, a release has a time of its own.
    """
    tag = text(raw, "tag_name") or ""
    published_at = text(raw, "published_at")
    if part(raw, "draft") or part(raw, "prerelease") or not published_at or not releases.search(tag):
        return place.facts()
    return release_told(
        place,
        part(raw, "id"),
        text(raw, "updated_at"),
        sha=sha,
        finished_at=published_at,
        url=text(raw, "html_url"),
        inferred_from="annotated_tag" if inferred else None,
    )


def parse_issue_incident(raw: Mapping[str, Any], place: Place, labels: frozenset[str]) -> ForgeFacts:
    """An issue with one of the labels as an incident, from opened to closed; none of another issue or pull request.

    A label like *change caused* or *not change caused* says whether a change was the cause.
    """
    named = {(text(label, "name") or "").casefold() for label in parts(raw, "labels")}
    if part(raw, "pull_request") is not None or named.isdisjoint(label.casefold() for label in labels):
        return place.facts()
    return place.told(
        "incident",
        place.issue(part(raw, "number")),
        null=("resolved_at",),
        version=text(raw, "updated_at"),
        service=place.repository,
        title=text(raw, "title"),
        detected_at=text(raw, "created_at"),
        resolved_at=text(raw, "closed_at"),
        url=text(raw, "html_url"),
        change_caused=change_caused(named),
    )


def _author(raw: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Who wrote a commit: the login GitHub knows the address by, else the address."""
    login, kind = person(part(raw, "author"))
    address, name = text(raw, "commit", "author", "email"), text(raw, "commit", "author", "name")
    looks_like_bot = any(BOT.search(each) for each in (login, address, name) if each)
    return login or address or name, "bot" if looks_like_bot else kind


def _reverted(raw: Mapping[str, Any], place: Place) -> int | None:
    """Number of the pull request that this one undoes, as GitHub's revert button writes it."""
    found = REVERTED.search(text(raw, "body") or "")
    if found and (found["repository"] or place.repository).casefold() == place.repository.casefold():
        return int(found["number"])
    branch = REVERT_BRANCH.match(text(raw, "head", "ref") or "")
    return int(branch["number"]) if branch and not found else None


__all__ = [
    "RELEASES",
    "parse_commit",
    "parse_deployment",
    "parse_issue_incident",
    "parse_job",
    "parse_pull_request",
    "parse_release",
    "parse_repository",
    "parse_review",
    "parse_run",
    "parse_workflow_deployment",
]
