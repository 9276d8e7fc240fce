"""GraphQL's answers in the shapes of REST, so that both become events in one place (`collectors.github.parse`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectors.github.events import Parsed, Place, at, items, made, person, said, text
from collectors.github.parse import parse_commit, parse_pull_request, parse_review

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

READY, DRAFT, FORCED = "ReadyForReviewEvent", "ConvertToDraftEvent", "HeadRefForcePushedEvent"
REQUESTED = "ReviewRequestedEvent"
MERGE = 2
"""Parents that make a commit a merge, which adds no code (E4)."""


def parse_pull_request_node(node: Mapping[str, Any], place: Place) -> Parsed:
    """A pull request with all that hangs on it: the change, its own commits, reviews and requests for reviews."""
    number = at(node, "number")
    timeline = items(node, "timelineItems", "nodes")
    commits = [_commit(at(each, "commit")) for each in items(node, "commits", "nodes")]
    parsed = parse_pull_request(_pull_request(node), place, **_history(node, commits, timeline))
    for commit in commits:
        parsed += parse_commit(commit, place)
    for review in items(node, "reviews", "nodes"):
        parsed += parse_review(_review(review), number, place)
    requests = [event for event in timeline if at(event, "__typename") == REQUESTED]
    return parsed + [each for event in requests for each in _request(event, number, place)]


def parse_commit_node(node: Mapping[str, Any], place: Place, *, cut: bool | None = None) -> Parsed:
    """A commit of a branch, with its lines and files; ``cut``: its parents were left out (E26)."""
    stats = {"additions": at(node, "additions"), "deletions": at(node, "deletions")}
    commit = _commit(node)
    if len(commit["parents"]) < MERGE:
        commit["stats"] = {**stats, "files": at(node, "changedFilesIfAvailable")}
    return parse_commit(commit, place, cut=cut)


def deployment_of(node: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A deployment and its statuses."""
    deployment = {
        "id": at(node, "databaseId"),
        "sha": at(node, "commitOid"),
        "environment": at(node, "environment"),
        "state": at(node, "state"),
        "created_at": at(node, "createdAt"),
        "updated_at": at(node, "updatedAt"),
    }
    statuses = [
        {
            "state": at(status, "state"),
            "created_at": at(status, "createdAt"),
            "log_url": at(status, "logUrl"),
            "environment_url": at(status, "environmentUrl"),
        }
        for status in items(node, "statuses", "nodes")
    ]
    return deployment, statuses


def release_of(node: Mapping[str, Any]) -> dict[str, Any]:
    """A release; the commit of its tag stands beside it in GraphQL only."""
    return {
        "id": at(node, "databaseId"),
        "tag_name": at(node, "tagName"),
        "draft": at(node, "isDraft"),
        "prerelease": at(node, "isPrerelease"),
        "published_at": at(node, "publishedAt"),
        "updated_at": at(node, "updatedAt"),
        "html_url": at(node, "url"),
    }


def _who(actor: object) -> dict[str, Any] | None:
    """An account as REST writes it: the login of an app ends with ``[bot]``."""
    bot = text(actor, "bot")
    if bot:
        return {"login": f"{bot.removesuffix('[bot]')}[bot]", "type": "Bot"}
    return {"login": at(actor, "login"), "type": at(actor, "__typename")} if text(actor, "login") else None


def _pull_request(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": at(node, "number"),
        "title": at(node, "title"),
        "body": at(node, "body"),
        "user": _who(at(node, "author")),
        "head": {"ref": at(node, "headRefName")},
        "base": {"ref": at(node, "baseRefName")},
        "created_at": at(node, "createdAt"),
        "updated_at": at(node, "updatedAt"),
        "merged_at": at(node, "mergedAt"),
        "closed_at": at(node, "closedAt"),
        "merge_commit_sha": at(node, "mergeCommit", "oid"),
        "labels": items(node, "labels", "nodes"),
        "additions": at(node, "additions"),
        "deletions": at(node, "deletions"),
        "changed_files": at(node, "changedFiles"),
    }


def _history(
    node: Mapping[str, Any], commits: Sequence[Mapping[str, Any]], timeline: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What only a pull request's commits and timeline tell: when work began, when it was ready, all its heads (E1)."""
    written = [text(commit, "commit", "author", "date") for commit in commits if len(commit["parents"]) < MERGE]
    heads = [
        text(event, side, "oid")
        for event in timeline
        if at(event, "__typename") == FORCED
        for side in ("beforeCommit", "afterCommit")
    ]
    heads.append(text(node, "headRefOid"))
    return said(
        ready_at=_ready_at(node, timeline),
        # null is what the server could not tell in time
        commits=[commit["sha"] for commit in commits] if at(node, "commits") else None,
        head_shas=list(dict.fromkeys(head for head in heads if head)) if at(node, "timelineItems") else None,
        first_commit_at=min(filter(None, written), default=None),
    )


def _ready_at(node: Mapping[str, Any], timeline: Sequence[Mapping[str, Any]]) -> str | None:
    """When it left draft for the last time (E15); None for one that was made ready, or is a draft now."""
    times = [text(event, "createdAt") for event in timeline if at(event, "__typename") == READY]
    return max(filter(None, times), default=None) if not at(node, "isDraft") else None


def _commit(node: Mapping[str, Any]) -> dict[str, Any]:
    login = text(node, "author", "user", "login")
    return {
        "sha": at(node, "oid"),
        "parents": [{"sha": at(parent, "oid")} for parent in items(node, "parents", "nodes")],
        "author": {"login": login, "type": "User"} if login else None,
        "commit": {
            "message": at(node, "message"),
            "tree": {"sha": at(node, "tree", "oid")},
            "author": {"email": at(node, "author", "email"), "date": at(node, "authoredDate")},
            "committer": {"date": at(node, "committedDate")},
        },
    }


def _review(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": at(node, "fullDatabaseId"),
        "state": at(node, "state"),
        "user": _who(at(node, "author")),
        "submitted_at": at(node, "submittedAt"),
        "updated_at": at(node, "updatedAt"),
    }


def _request(event: Mapping[str, Any], number: object, place: Place) -> Parsed:
    """A request for a review; none where the account or team that was asked is gone."""
    asked = at(event, "requestedReviewer")
    reviewer, _ = person(_who(asked))
    team = text(asked, "slug")
    if not (reviewer or team):
        return []
    fields = said(change=place.change(number), reviewer=reviewer, team=team, requested_at=text(event, "createdAt"))
    return [made("review_request", place, place.request(number, at(event, "id")), fields)]
