"""GraphQL's answers in the shapes of REST, so that both become events in one place (`collectors.github.parse`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectors.forge.facts import ForgeFacts, Place, below
from collectors.github.events import person
from collectors.github.parse import parse_commit, parse_pull_request, parse_review
from collectors.parsed import part, parts, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

READY, DRAFT, FORCED = "ReadyForReviewEvent", "ConvertToDraftEvent", "HeadRefForcePushedEvent"
REQUESTED = "ReviewRequestedEvent"
MERGE = 2
"""Parents that make a commit a merge, which adds no code (E4)."""


def parse_pull_request_node(node: Mapping[str, Any], place: Place) -> ForgeFacts:
    """A pull request with all that hangs on it: the change, its own commits, reviews and requests for reviews."""
    number = part(node, "number")
    timeline = parts(node, "timelineItems", "nodes")
    commits = [_commit(part(each, "commit")) for each in parts(node, "commits", "nodes")]
    parsed = parse_pull_request(_pull_request(node), place, **_history(node, commits, timeline))
    for commit in commits:
        parsed.take(parse_commit(commit, place))
    for review in parts(node, "reviews", "nodes"):
        parsed.take(parse_review(_review(review), number, place))
    for event in timeline:
        if part(event, "__typename") == REQUESTED:
            parsed.take(_request(event, number, place))
    return parsed


def parse_commit_node(node: Mapping[str, Any], place: Place, *, cut: bool | None = None) -> ForgeFacts:
    """A commit of a branch, with its lines and files; ``cut``: its parents were left out (E26)."""
    stats = {"additions": part(node, "additions"), "deletions": part(node, "deletions")}
    commit = _commit(node)
    if len(commit["parents"]) < MERGE:
        commit["stats"] = {**stats, "files": part(node, "changedFilesIfAvailable")}
    return parse_commit(commit, place, cut=cut)


def deployment_of(node: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A deployment and its statuses."""
    deployment = {
        "id": part(node, "databaseId"),
        "sha": part(node, "commitOid"),
        "environment": part(node, "environment"),
        "state": part(node, "state"),
        "created_at": part(node, "createdAt"),
        "updated_at": part(node, "updatedAt"),
    }
    statuses = [
        {
            "state": part(status, "state"),
            "created_at": part(status, "createdAt"),
            "log_url": part(status, "logUrl"),
            "environment_url": part(status, "environmentUrl"),
        }
        for status in parts(node, "statuses", "nodes")
    ]
    return deployment, statuses


def release_of(node: Mapping[str, Any]) -> dict[str, Any]:
    """A release; the commit of its tag stands beside it in GraphQL only."""
    return {
        "id": part(node, "databaseId"),
        "tag_name": part(node, "tagName"),
        "draft": part(node, "isDraft"),
        "prerelease": part(node, "isPrerelease"),
        "published_at": part(node, "publishedAt"),
        "updated_at": part(node, "updatedAt"),
        "html_url": part(node, "url"),
    }


def _who(actor: object) -> dict[str, Any] | None:
    """An account as REST writes it: the login of an app ends with ``[bot]``."""
    bot = text(actor, "bot")
    if bot:
        return {"login": f"{bot.removesuffix('[bot]')}[bot]", "type": "Bot"}
    return {"login": part(actor, "login"), "type": part(actor, "__typename")} if text(actor, "login") else None


def _pull_request(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": part(node, "number"),
        "title": part(node, "title"),
        "body": part(node, "body"),
        "draft": part(node, "isDraft"),
        "user": _who(part(node, "author")),
        "head": {"ref": part(node, "headRefName")},
        "base": {"ref": part(node, "baseRefName")},
        "created_at": part(node, "createdAt"),
        "updated_at": part(node, "updatedAt"),
        "merged_at": part(node, "mergedAt"),
        "closed_at": part(node, "closedAt"),
        "merge_commit_sha": part(node, "mergeCommit", "oid"),
        "labels": parts(node, "labels", "nodes"),
        "additions": part(node, "additions"),
        "deletions": part(node, "deletions"),
        "changed_files": part(node, "changedFiles"),
    }


def _history(
    node: Mapping[str, Any], commits: Sequence[Mapping[str, Any]], timeline: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What only a pull request's commits and timeline tell: when work began, when it was ready, all its heads (E1)."""
    written = [text(commit, "commit", "author", "date") for commit in commits if len(commit["parents"]) < MERGE]
    heads = [
        text(event, side, "oid")
        for event in timeline
        if part(event, "__typename") == FORCED
        for side in ("beforeCommit", "afterCommit")
    ]
    heads.append(text(node, "headRefOid"))
    return {
        "ready_at": _ready_at(node, timeline),
        # null is what the server could not tell in time
        "commits": [commit["sha"] for commit in commits] if part(node, "commits") else None,
        "head_shas": list(dict.fromkeys(head for head in heads if head)) if part(node, "timelineItems") else None,
        "first_commit_at": min(filter(None, written), default=None),
    }


def _ready_at(node: Mapping[str, Any], timeline: Sequence[Mapping[str, Any]]) -> str | None:
    """When it left draft for the last time (E15); None for one that was made ready, or is a draft now."""
    times = [text(event, "createdAt") for event in timeline if part(event, "__typename") == READY]
    return max(filter(None, times), default=None) if not part(node, "isDraft") else None


def _commit(node: Mapping[str, Any]) -> dict[str, Any]:
    login = text(node, "author", "user", "login")
    return {
        "sha": part(node, "oid"),
        "parents": [{"sha": part(parent, "oid")} for parent in parts(node, "parents", "nodes")],
        "author": {"login": login, "type": "User"} if login else None,
        "commit": {
            "message": part(node, "message"),
            "tree": {"sha": part(node, "tree", "oid")},
            "author": {"email": part(node, "author", "email"), "date": part(node, "authoredDate")},
            "committer": {"date": part(node, "committedDate")},
        },
    }


def _review(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": part(node, "fullDatabaseId"),
        "state": part(node, "state"),
        "user": _who(part(node, "author")),
        "submitted_at": part(node, "submittedAt"),
        "updated_at": part(node, "updatedAt"),
    }


def _request(event: Mapping[str, Any], number: object, place: Place) -> ForgeFacts:
    """A request for a review; none where the account or team that was asked is gone."""
    asked = part(event, "requestedReviewer")
    reviewer, _ = person(_who(asked))
    team = text(asked, "slug")
    if not (reviewer or team):
        return place.facts()
    return place.told(
        "review_request",
        below(place.change(number), "requests", part(event, "id")),
        change=place.change(number),
        reviewer=reviewer,
        team=team,
        requested_at=text(event, "createdAt"),
    )
