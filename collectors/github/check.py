"""Trying what a credential may read at GitHub, on one repository, and naming the permission that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Permission
from collectors.http.exchange import Request
from tribometer.errors import SourceForbidden, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.http.client import Client

TRIED = (
    ("metadata", "", "Metadata: read", "repo"),
    ("contents", "/branches?per_page=1", "Contents: read", "repo"),
    ("pull requests", "/pulls?per_page=1", "Pull requests: read", "repo"),
    ("actions", "/actions/runs?per_page=1", "Actions: read", "repo"),
    ("deployments", "/deployments?per_page=1", "Deployments: read", "repo"),
    ("issues", "/issues?per_page=1", "Issues: read", "repo"),
)
"""What is tried of a repository: path, fine-grained permission, scope of a classic token."""
MEMBERS = ("members", "/members", "Members: read (of the organisation)", "read:org")


def tried(client: Client, prefix: str, owner: str | None, repository: str) -> Iterator[Permission]:
    """Ask for the smallest page of each thing; ``owner`` is None for a person, who has no members."""
    for what, rest, permission, scope in TRIED:
        path, _, query = rest.partition("?")
        yield _tried(client, f"{prefix}/repos/{repository}{path}", bool(query), (what, permission, scope))
    if owner:
        what, rest, permission, scope = MEMBERS
        yield _tried(client, f"{prefix}/orgs/{owner}{rest}", True, (what, permission, scope))  # noqa: FBT003 - a list


def _tried(client: Client, path: str, listed: bool, need: tuple[str, str, str]) -> Permission:  # noqa: FBT001 - private
    what, permission, scope = need
    fix = f"Give the token `{permission}`; a classic token needs the scope `{scope}`"
    try:
        client.send(Request(path, {"per_page": 1} if listed else {}))
    except (SourceForbidden, SourceMissing):
        return Permission(what, granted=False, fix=fix)
    return Permission(what, granted=True, fix=fix)
