"""From one object of GitLab's REST API v4 to events; pure, and never an exception for odd input.

GitLab, "Projects API", "Merge requests API", "Notes API", "Commits API", "Releases API", "Issues API". What belongs to
pipelines stands in `collectors.gitlab.ci`, deliveries in `collectors.gitlab.delivery`.

Merge requests are ``acme/checkout!12``, issues ``acme/checkout#12``: GitLab numbers them apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collectors.ci.facts import Facts, revision, text
from collectors.forge.facts import (
    RELEASES,
    Place,
    Raw,
    count,
    reverted_commit,
    when,
    written_by_bot,
)
from collectors.incident_cause import change_caused
from collectors.parsed import part, parts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

REVERTED = re.compile(r"^This reverts merge request (?P<repository>[\w./-]+)?!(?P<number>\d{1,18})\s*$", re.MULTILINE)
INCIDENT = "incident"
NO_SEVERITY = "unknown"
TAKEN_BACK = {"merged_at": "merged_at", "closed_at": "closed_at", "merge_sha": "merge_commit_sha"}
"""Fields of a change that may become null, by the key that tells of them."""


def place_of(project: object) -> Place:
    """The place of a project in an answer or a delivery; its repository is empty where none is named."""
    return Place("gitlab", text(part(project, "path_with_namespace")) or "")


def parse_project(raw: Raw) -> Facts:
    """The repository itself."""
    place = place_of(raw)
    facts = place.facts()
    facts.tell(
        "repository",
        place.repository or None,
        name=place.repository or None,
        url=text(raw.get("web_url")),
        default_branch=text(raw.get("default_branch")),
        created_at=when(raw.get("created_at")),
        archived=raw.get("archived"),
        fork=isinstance(raw.get("forked_from_project"), dict) if "created_at" in raw else None,
    )
    return facts


def parse_merge_request(raw: Raw, place: Place, **more: Any) -> Facts:  # noqa: ANN401 - values of any field
    """A merge request; ``more`` are fields of the change that stand elsewhere.

    Those are ``ready_at`` (see `collectors.gitlab.notes`), ``commits`` and ``first_commit_at`` (`commits_of`),
    ``head_shas`` (`heads_of`), ``additions``, ``deletions`` and ``files``.
    """
    facts, number, author = place.facts(), raw.get("iid"), raw.get("author")
    facts.tell(
        "change",
        place.change(number),
        # a merge request that is opened again takes these back; a delivery may not tell of them
        null=[name for name, key in TAKEN_BACK.items() if key in raw],
        version=when(raw.get("updated_at")),
        repository=place.repository,
        number=number,
        author=place.person(part(author, "username")),
        author_kind=kind_of(author),
        title=text(raw.get("title")),
        base=text(raw.get("target_branch")),
        head=text(raw.get("source_branch")),
        created_at=when(raw.get("created_at")),
        merged_at=when(raw.get("merged_at")),
        closed_at=when(raw.get("closed_at")),
        merge_sha=merge_sha_of(raw),
        labels=labels_of(raw),
        reverts=_reverted(raw, place),
        **more,
    )
    return facts


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
    shas, times = list[str](), list["datetime"]()
    for raw in commits:
        sha, written = revision(raw.get("id")), when(raw.get("authored_date"))
        shas += [sha] if sha else []
        times += [written] if written else []
    # GitLab gives the newest first
    known = {"commits": shas[::-1], "first_commit_at": min(times, default=None)}
    return {name: value for name, value in known.items() if value}


def heads_of(versions: Iterable[Raw]) -> list[str] | None:
    """Every head a merge request had, the first one first; None where none is told."""
    heads = [revision(raw.get("head_commit_sha")) for raw in versions]
    return list(dict.fromkeys(filter(None, reversed(heads)))) or None


def parse_commit(raw: Raw, place: Place) -> Facts:
    """A commit of the repository's list; those of a merge request's list come without their parents and are none."""
    facts, sha = place.facts(), text(raw.get("id"))
    address, name = text(raw.get("author_email")), text(raw.get("author_name"))
    facts.tell(
        "commit",
        sha,
        repository=place.repository,
        sha=sha,
        parents=[each for each in parts(raw, "parent_ids") if isinstance(each, str)],
        author=address,
        author_kind=written_by_bot(address, name),
        authored_at=when(raw.get("authored_date")),
        committed_at=when(raw.get("committed_date")),
        additions=count(part(raw, "stats", "additions")),
        deletions=count(part(raw, "stats", "deletions")),
        reverts=reverted_commit(raw.get("message")),
    )
    return facts


def parse_release(raw: Raw, place: Place, *, releases: re.Pattern[str] = RELEASES) -> Facts:
    """A release as an inferred production deployment (E5); none of one to come, or of another tag."""
    facts, tag = place.facts(), text(raw.get("tag_name")) or text(raw.get("tag")) or ""
    if raw.get("upcoming_release") is True or not releases.search(tag):
        return facts
    facts.tell(
        "deployment",
        place.release(tag),
        version=when(raw.get("released_at")),
        service=place.repository,
        environment="production",
        tier="production",
        status="success",
        sha=revision(part(raw, "commit", "id")),
        finished_at=when(raw.get("released_at")),
        inferred_from="annotated_tag",
        url=text(part(raw, "_links", "self")) or text(raw.get("url")),
    )
    return facts


def parse_issue(raw: Raw, place: Place, labels: frozenset[str]) -> Facts:
    """An issue of type incident, or with one of the labels, as an incident; none of another issue."""
    facts, named = place.facts(), {label.casefold() for label in labels_of(raw) or ()}
    kind = (text(raw.get("issue_type")) or text(raw.get("type")) or "").casefold()
    if kind != INCIDENT and named.isdisjoint(label.casefold() for label in labels):
        return facts
    severity = text(raw.get("severity"))
    facts.tell(
        "incident",
        place.issue(raw.get("iid")),
        null=("resolved_at",) if "closed_at" in raw else (),
        version=when(raw.get("updated_at")),
        service=place.repository,
        severity=None if severity is None or severity.casefold() == NO_SEVERITY else severity.casefold(),
        title=text(raw.get("title")),
        detected_at=when(raw.get("created_at")),
        resolved_at=when(raw.get("closed_at")),
        url=text(raw.get("web_url")) or text(raw.get("url")),
        change_caused=change_caused(named),
    )
    return facts


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
