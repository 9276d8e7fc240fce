"""From one object of Gitea's or Forgejo's REST API v1, or of a webhook, to events; pure, and never an exception.

Gitea, "API Usage" and the description that a server gives at ``/swagger.v1.json``. Where it knows no time it writes
year 1 or 1970. Runs and jobs of Actions stand in `collectors.gitea.actions`, deliveries in `collectors.gitea.delivery`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collectors.ci.facts import revision
from collectors.forge.facts import RELEASES, ForgeFacts, Place, Raw, below, reverted_commit, when, written_by_bot
from collectors.forge.told import change_told, commits_told, incident_told, release_told, repository_told
from collectors.parsed import part, parts, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

REVERTED = re.compile(r"^(?:This reverts|Reverts|Revert) (?:pull request )?#(?P<number>\d{1,18})\s*$", re.MULTILINE)
DRAFT = re.compile(r"\s*(WIP:|\[WIP\])", re.IGNORECASE)
"""A title that makes a draft, unless the server is configured otherwise."""
STATES: Mapping[str, str] = {
    "APPROVED": "approved", "REQUEST_CHANGES": "changes_requested", "COMMENT": "commented",
}  # fmt: skip
"""State of a review; those that are being written, or only asked for, are none."""
ASKED = "REQUEST_REVIEW"


def place_of(repository: object) -> Place:
    """The place of a repository in an answer or a delivery; its name is empty where none is told."""
    return Place("gitea", text(part(repository, "full_name")) or "")


def parse_repository(raw: Raw) -> ForgeFacts:
    """The repository itself."""
    return repository_told(raw, place_of(raw), url="html_url", fork=raw.get("fork"))


def parse_pull_request(raw: Raw, place: Place, **more: object) -> ForgeFacts:
    """A pull request; ``more`` are fields of the change that stand elsewhere.

    Those are ``commits`` and ``first_commit_at`` (`commits_of`), ``head_shas`` and ``ready_at`` (`timeline_of`).
    """
    author = raw.get("user")
    return change_told(
        raw,
        place,
        raw.get("number"),
        draft=is_draft(raw),
        author=place.person(part(author, "login")),
        author_kind=kind_of(author),
        base=text(raw, "base", "ref"),
        head=text(raw, "head", "ref"),
        merge_sha=revision(raw.get("merge_commit_sha")) if when(raw.get("merged_at")) else None,
        labels=labels_of(raw),
        additions=whole(raw, "additions"),
        deletions=whole(raw, "deletions"),
        files=whole(raw, "changed_files"),
        reverts=_reverted(raw),
        **more,
    )


def is_draft(raw: Raw) -> bool:
    """Whether a pull request is a draft, by its title where an older server does not say."""
    said = raw.get("draft")
    return said if isinstance(said, bool) else DRAFT.match(text(raw.get("title")) or "") is not None


def commits_of(commits: Iterable[Raw]) -> dict[str, Any]:
    """``commits`` and ``first_commit_at`` of a pull request by its list of commits, merges left out of the time."""
    # Gitea gives the newest first
    return commits_told((revision(raw.get("sha")), _written_at(raw)) for raw in commits)


def _written_at(raw: Raw) -> datetime | None:
    return when(part(raw, "commit", "author", "date")) if len(parts(raw, "parents")) <= 1 else None


def parse_commit(raw: Raw, place: Place) -> ForgeFacts:
    """A commit; by the login that Gitea knows the address by, else the address."""
    sha = text(raw, "sha")
    written, author = part(raw, "commit", "author"), raw.get("author")
    login, address = text(part(author, "login")), text(part(written, "email"))
    tree = revision(part(raw, "commit", "tree", "sha"))
    return place.told(
        "commit",
        sha,
        repository=place.repository,
        sha=sha,
        # Gitea 1.15 repeats the commit's sha here
        tree_sha=tree if tree != sha else None,
        parents=[each for parent in parts(raw, "parents") if (each := text(part(parent, "sha")))],
        author=place.person(login) or address,
        author_kind=written_by_bot(login, address, part(written, "name")) or kind_of(author),
        authored_at=when(part(written, "date")),
        committed_at=when(part(raw, "commit", "committer", "date")),
        additions=whole(part(raw, "stats", "additions")),
        deletions=whole(part(raw, "stats", "deletions")),
        files=len(raw["files"]) if isinstance(raw.get("files"), list) else None,
        reverts=reverted_commit(part(raw, "commit", "message")),
    )


def parse_review(raw: Raw, number: object, place: Place, author: object = None) -> ForgeFacts:
    """A review of the pull request with this number; the remarks of its own ``author`` (a login) are none."""
    reviewer = raw.get("user")
    state = STATES.get(str(raw.get("state")).upper())
    login = text(part(reviewer, "login"))
    if state is None or (login is not None and login == author):
        return place.facts()
    return place.told(
        "review",
        below(place.change(number), "reviews", raw.get("id")),
        version=when(raw.get("updated_at")) or when(raw.get("submitted_at")),
        change=place.change(number),
        reviewer=place.person(login),
        reviewer_kind=kind_of(reviewer),
        state="dismissed" if raw.get("dismissed") is True else state,
        submitted_at=when(raw.get("submitted_at")),
    )


def parse_release(
    raw: Raw,
    place: Place,
    *,
    sha: str | None = None,
    tagged_at: datetime | None = None,
    releases: re.Pattern[str] = RELEASES,
) -> ForgeFacts:
    """A published release as an inferred production deployment (E5); none of drafts, pre-releases and other tags.

    ``sha`` is the tag's commit and ``tagged_at`` its time, which a release does not tell. Of a tag that was pushed, old
    servers know no time of the release.
    """
    tag = text(raw, "tag_name") or ""
    if raw.get("draft") is True or raw.get("prerelease") is True or not releases.search(tag):
        return place.facts()
    published_at = when(raw.get("published_at")) or when(raw.get("created_at"))
    return release_told(
        place,
        tag,
        published_at,
        sha=sha,
        artifact=None if sha else tag,
        finished_at=published_at or tagged_at,
        inferred_from="annotated_tag" if published_at else "lightweight_tag",
        url=text(raw, "html_url"),
    )


def parse_issue(raw: Raw, place: Place, labels: frozenset[str]) -> ForgeFacts:
    """An issue with one of the labels as an incident, from opened to closed; none of another, or a pull request."""
    named = {label.casefold() for label in labels_of(raw) or ()}
    if isinstance(raw.get("pull_request"), dict) or named.isdisjoint(label.casefold() for label in labels):
        return place.facts()
    return incident_told(raw, place, raw.get("number"), named, url=text(raw, "html_url"))


def labels_of(raw: Raw) -> list[str] | None:
    """Names of an object's labels; None where nothing is told of them."""
    if not isinstance(raw.get("labels"), list):
        return None
    return [name for label in raw["labels"] if (name := text(part(label, "name")))]


def kind_of(user: object) -> str | None:
    """Bot for the account of Actions, and other logins that look like one; None: nothing says so."""
    return written_by_bot(part(user, "login"))


def _reverted(raw: Raw) -> int | None:
    found = REVERTED.search(text(raw.get("body")) or "")
    return int(found["number"]) if found else None


def parse_requests(timeline: Sequence[Raw], number: object, place: Place) -> ForgeFacts:
    """Who was asked for a review of the pull request with this number, and when, by its timeline."""
    facts = place.facts()
    for entry in timeline:
        if entry.get("type") != "review_request" or entry.get("removed_assignee") is True:
            continue
        facts.tell(
            "review_request",
            below(place.change(number), "timeline", entry.get("id")),
            version=when(entry.get("updated_at")),
            change=place.change(number),
            reviewer=place.person(part(entry, "assignee", "login")),
            team=text(part(entry, "assignee_team", "name")),
            requested_at=when(entry.get("created_at")),
        )
    return facts
