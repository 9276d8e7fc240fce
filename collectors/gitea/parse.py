"""From one object of Gitea's or Forgejo's REST API v1, or of a webhook, to events; pure, and never an exception.

Gitea, "API Usage" and the description that a server gives at ``/swagger.v1.json``. Where it knows no time it writes
year 1 or 1970. Runs and jobs of Actions stand in `collectors.gitea.actions`, deliveries in `collectors.gitea.delivery`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collectors.ci.facts import Facts, revision, text
from collectors.forge.facts import (
    RELEASES,
    Place,
    Raw,
    below,
    count,
    reverted_commit,
    when,
    written_by_bot,
)
from collectors.incident_cause import change_caused
from collectors.parsed import part, parts

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
TAKEN_BACK = {"merged_at": "merged_at", "closed_at": "closed_at", "merge_sha": "merge_commit_sha"}
"""Fields of a change that may become null, by the key that tells of them."""


def place_of(repository: object) -> Place:
    """The place of a repository in an answer or a delivery; its name is empty where none is told."""
    return Place("gitea", text(part(repository, "full_name")) or "")


def parse_repository(raw: Raw) -> Facts:
    """The repository itself."""
    place = place_of(raw)
    facts = place.facts()
    facts.tell(
        "repository",
        place.repository or None,
        name=place.repository or None,
        url=text(raw.get("html_url")),
        default_branch=text(raw.get("default_branch")),
        created_at=when(raw.get("created_at")),
        archived=raw.get("archived"),
        fork=raw.get("fork"),
    )
    return facts


def parse_pull_request(raw: Raw, place: Place, **more: Any) -> Facts:  # noqa: ANN401 - values of any field
    """A pull request; ``more`` are fields of the change that stand elsewhere.

    Those are ``commits`` and ``first_commit_at`` (`commits_of`), ``head_shas`` and ``ready_at`` (`timeline_of`).
    """
    facts, number, author = place.facts(), raw.get("number"), raw.get("user")
    merged_at = when(raw.get("merged_at"))
    facts.tell(
        "change",
        place.change(number),
        null=[name for name, key in TAKEN_BACK.items() if key in raw],
        version=when(raw.get("updated_at")),
        repository=place.repository,
        number=number,
        author=place.person(part(author, "login")),
        author_kind=kind_of(author),
        title=text(raw.get("title")),
        base=text(part(raw, "base", "ref")),
        head=text(part(raw, "head", "ref")),
        created_at=when(raw.get("created_at")),
        merged_at=merged_at,
        closed_at=when(raw.get("closed_at")),
        merge_sha=revision(raw.get("merge_commit_sha")) if merged_at else None,
        labels=labels_of(raw),
        additions=count(raw.get("additions")),
        deletions=count(raw.get("deletions")),
        files=count(raw.get("changed_files")),
        reverts=_reverted(raw),
        **more,
    )
    return facts


def is_draft(raw: Raw) -> bool:
    """Whether a pull request is a draft, by its title where an older server does not say."""
    said = raw.get("draft")
    return said if isinstance(said, bool) else DRAFT.match(text(raw.get("title")) or "") is not None


def commits_of(commits: Iterable[Raw]) -> dict[str, Any]:
    """``commits`` and ``first_commit_at`` of a pull request by its list of commits, merges left out of the time."""
    shas, times = list[str](), list["datetime"]()
    for raw in commits:
        sha, written = revision(raw.get("sha")), when(part(raw, "commit", "author", "date"))
        shas += [sha] if sha else []
        times += [written] if written and len(parts(raw, "parents")) <= 1 else []
    # Gitea gives the newest first
    known = {"commits": shas[::-1], "first_commit_at": min(times, default=None)}
    return {name: value for name, value in known.items() if value}


def parse_commit(raw: Raw, place: Place) -> Facts:
    """A commit; by the login that Gitea knows the address by, else the address."""
    facts, sha = place.facts(), text(raw.get("sha"))
    written, author = part(raw, "commit", "author"), raw.get("author")
    login, address = text(part(author, "login")), text(part(written, "email"))
    tree = revision(part(raw, "commit", "tree", "sha"))
    facts.tell(
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
        additions=count(part(raw, "stats", "additions")),
        deletions=count(part(raw, "stats", "deletions")),
        files=len(raw["files"]) if isinstance(raw.get("files"), list) else None,
        reverts=reverted_commit(part(raw, "commit", "message")),
    )
    return facts


def parse_review(raw: Raw, number: object, place: Place, author: object = None) -> Facts:
    """A review of the pull request with this number; the remarks of its own ``author`` (a login) are none."""
    facts, reviewer = place.facts(), raw.get("user")
    state = STATES.get(str(raw.get("state")).upper())
    login = text(part(reviewer, "login"))
    if state is None or (login is not None and login == author):
        return facts
    facts.tell(
        "review",
        below(place.change(number), "reviews", raw.get("id")),
        version=when(raw.get("updated_at")) or when(raw.get("submitted_at")),
        change=place.change(number),
        reviewer=place.person(login),
        reviewer_kind=kind_of(reviewer),
        state="dismissed" if raw.get("dismissed") is True else state,
        submitted_at=when(raw.get("submitted_at")),
    )
    return facts


def parse_release(
    raw: Raw,
    place: Place,
    *,
    sha: str | None = None,
    tagged_at: datetime | None = None,
    releases: re.Pattern[str] = RELEASES,
) -> Facts:
    """A published release as an inferred production deployment (E5); none of drafts, pre-releases and other tags.

    ``sha`` is the tag's commit and ``tagged_at`` its time, which a release does not tell. Of a tag that was pushed, old
    servers know no time of the release.
    """
    facts, tag = place.facts(), text(raw.get("tag_name")) or ""
    if raw.get("draft") is True or raw.get("prerelease") is True or not releases.search(tag):
        return facts
    published_at = when(raw.get("published_at")) or when(raw.get("created_at"))
    facts.tell(
        "deployment",
        place.release(tag),
        version=published_at,
        service=place.repository,
        environment="production",
        tier="production",
        status="success",
        sha=sha,
        artifact=None if sha else tag,
        finished_at=published_at or tagged_at,
        inferred_from="annotated_tag" if published_at else "lightweight_tag",
        url=text(raw.get("html_url")),
    )
    return facts


def parse_issue(raw: Raw, place: Place, labels: frozenset[str]) -> Facts:
    """An issue with one of the labels as an incident, from opened to closed; none of another, or a pull request."""
    facts, named = place.facts(), {label.casefold() for label in labels_of(raw) or ()}
    if isinstance(raw.get("pull_request"), dict) or named.isdisjoint(label.casefold() for label in labels):
        return facts
    facts.tell(
        "incident",
        place.issue(raw.get("number")),
        null=("resolved_at",) if "closed_at" in raw else (),
        version=when(raw.get("updated_at")),
        service=place.repository,
        title=text(raw.get("title")),
        detected_at=when(raw.get("created_at")),
        resolved_at=when(raw.get("closed_at")),
        url=text(raw.get("html_url")),
        change_caused=change_caused(named),
    )
    return facts


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


def parse_requests(timeline: Sequence[Raw], number: object, place: Place) -> Facts:
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
