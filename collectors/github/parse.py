"""From one object of GitHub's REST API, or of a webhook, to events; pure, and never an exception for odd input.

``place`` says which repository it belongs to (`collectors.github.events.Place`; of a delivery
``Place.of(payload["repository"])``). What an object does not say is absent from the event, so that a short
delivery does not wipe out what a collection has stored; ``version`` is its own ``updated_at``, so that an old
delivery changes nothing. GraphQL's answers are put into the same shapes first (`collectors.github.nodes`).

Requests for reviews come from collections only: a delivery says who was asked, not which request of theirs it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collectors.git.log import BOT, REVERTS
from collectors.git.release import PRODUCTION
from collectors.github.delivery import parse_deployment, parse_job, parse_run, parse_workflow_deployment
from collectors.github.events import Parsed, Place, at, items, made, person, said, text
from collectors.incident_cause import change_caused

if TYPE_CHECKING:
    from collections.abc import Mapping

REVERTED = re.compile(r"^Reverts\s+(?P<repository>[\w.-]+/[\w.-]+)?#(?P<number>\d{1,18})\s*$", re.MULTILINE)
REVERT_BRANCH = re.compile(r"revert-(?P<number>\d{1,18})-")
FULL_SHA = 40
RELEASES = re.compile(PRODUCTION)


def parse_repository(raw: Mapping[str, Any]) -> Parsed:
    """The repository itself."""
    place = Place.of(raw)
    fields = said(
        name=place.repository or None,
        url=text(raw, "html_url"),
        default_branch=text(raw, "default_branch"),
        created_at=text(raw, "created_at"),
        archived=at(raw, "archived"),
        fork=at(raw, "fork"),
    )
    return [made("repository", place, place.repository or None, fields)]


def parse_pull_request(raw: Mapping[str, Any], place: Place, **more: object) -> Parsed:
    """A pull request; ``more`` are fields of the change that stand elsewhere.

    Those are ``ready_at`` (of the delivery that says it is ready), ``commits``, ``head_shas``, ``first_commit_at``.
    """
    author, kind = person(at(raw, "user"))
    number = at(raw, "number")
    merged_at = text(raw, "merged_at")
    fields = said(
        version=text(raw, "updated_at"),
        repository=place.repository,
        number=number,
        author=author,
        author_kind=kind,
        title=text(raw, "title"),
        base=text(raw, "base", "ref"),
        head=text(raw, "head", "ref"),
        created_at=text(raw, "created_at"),
        labels=[text(label, "name") for label in items(raw, "labels") if text(label, "name")],
        additions=at(raw, "additions"),
        deletions=at(raw, "deletions"),
        files=at(raw, "changed_files"),
        reverts=_reverted(raw, place),
        **more,
    )
    # a pull request that is opened again takes these back; before it is merged, GitHub's sha is that of a trial
    merge_sha = text(raw, "merge_commit_sha") if merged_at else None
    fields |= {"merged_at": merged_at, "closed_at": text(raw, "closed_at"), "merge_sha": merge_sha}
    return [made("change", place, place.change(number), fields)]


def parse_review(raw: Mapping[str, Any], number: object, place: Place) -> Parsed:
    """A review of the pull request with this number; one that is still being written is none."""
    state = (text(raw, "state") or "").lower()
    if state == "pending":
        return []
    reviewer, kind = person(at(raw, "user"))
    fields = said(
        version=text(raw, "updated_at"),
        change=place.change(number),
        reviewer=reviewer,
        reviewer_kind=kind,
        state=state or None,
        submitted_at=text(raw, "submitted_at"),
    )
    return [made("review", place, place.review(number, at(raw, "id")), fields)]


def parse_commit(raw: Mapping[str, Any], place: Place, *, cut: bool | None = None) -> Parsed:
    """A commit as REST's commits, comparisons and pull requests show it; ``cut``: its parents were left out (E26)."""
    author, kind = _author(raw)
    sha = text(raw, "sha")
    fields = said(
        repository=place.repository,
        sha=sha,
        tree_sha=text(raw, "commit", "tree", "sha"),
        parents=[at(parent, "sha") for parent in items(raw, "parents")],
        author=author,
        author_kind=kind,
        authored_at=text(raw, "commit", "author", "date"),
        committed_at=text(raw, "commit", "committer", "date"),
        additions=at(raw, "stats", "additions"),
        deletions=at(raw, "stats", "deletions"),
        files=at(raw, "stats", "files"),
        reverts=_reverted_commit(text(raw, "commit", "message") or ""),
        history_cut=cut,
    )
    return [made("commit", place, sha, fields)]


def parse_release(
    raw: Mapping[str, Any],
    place: Place,
    *,
    sha: str | None = None,
    releases: re.Pattern[str] = RELEASES,
    inferred: bool = False,
) -> Parsed:
    """A published release as a production deployment; none for drafts, pre-releases and tags that ``releases`` passes.

    ``sha`` is the tag's commit, which REST does not say. ``inferred``: nobody has declared that releases deploy (E5);
    like an annotated tag, a release has a time of its own.
    """
    tag = text(raw, "tag_name") or ""
    published_at = text(raw, "published_at")
    if at(raw, "draft") or at(raw, "prerelease") or not published_at or not releases.search(tag):
        return []
    fields = said(
        version=text(raw, "updated_at"),
        service=place.repository,
        environment="production",
        tier="production",
        status="success",
        sha=sha,
        finished_at=published_at,
        url=text(raw, "html_url"),
        inferred_from="annotated_tag" if inferred else None,
    )
    return [made("deployment", place, place.release(at(raw, "id")), fields)]


def parse_issue_incident(raw: Mapping[str, Any], place: Place, labels: frozenset[str]) -> Parsed:
    """An issue with one of the labels as an incident, from opened to closed; none of another issue or pull request.

    A label like *change caused* or *not change caused* says whether a change was the cause.
    """
    named = {(text(label, "name") or "").casefold() for label in items(raw, "labels")}
    if at(raw, "pull_request") is not None or named.isdisjoint(label.casefold() for label in labels):
        return []
    fields = said(
        version=text(raw, "updated_at"),
        service=place.repository,
        title=text(raw, "title"),
        detected_at=text(raw, "created_at"),
        url=text(raw, "html_url"),
        change_caused=change_caused(named),
    )
    fields["resolved_at"] = text(raw, "closed_at")
    return [made("incident", place, place.change(at(raw, "number")), fields)]


def _author(raw: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Who wrote a commit: the login GitHub knows the address by, else the address."""
    login, kind = person(at(raw, "author"))
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


def _reverted_commit(message: str) -> str | None:
    found = REVERTS.search(message.encode())
    sha = found[1].decode() if found else ""
    return sha if len(sha) == FULL_SHA else None


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
