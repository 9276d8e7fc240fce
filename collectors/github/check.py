"""Trying what a credential may read at GitHub, on one repository, and naming the permission that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Permission
from collectors.http.exchange import Request
from tribometer.errors import SourceForbidden, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collectors.http.client import Client
    from collectors.http.exchange import Parameters

ONE: Parameters = {"per_page": 1}
TRIED: Sequence[tuple[str, str, Parameters, str, str]] = (
    ("metadata", "", {}, "Metadata: read", "repo"),
    ("contents", "/branches", ONE, "Contents: read", "repo"),
    ("pull requests", "/pulls", ONE, "Pull requests: read", "repo"),
    ("actions", "/actions/runs", ONE, "Actions: read", "repo"),
    ("deployments", "/deployments", ONE, "Deployments: read", "repo"),
    ("issues", "/issues", ONE, "Issues: read", "repo"),
)
"""What is tried of a repository: path and what it is asked with, fine-grained permission, scope of a classic token."""


def tried(client: Client, prefix: str, owner: str | None, repository: str) -> Iterator[Permission]:
    """Ask for the smallest page of each thing; ``owner`` is None for a person, who has no members."""
    for what, rest, asked, permission, scope in TRIED:
        yield _tried(client, Request(f"{prefix}/repos/{repository}{rest}", asked), what, permission, scope)
    if owner:
        members = Request(f"{prefix}/orgs/{owner}/members", ONE)
        yield _tried(client, members, "members", "Members: read (of the organisation)", "read:org")


def _tried(client: Client, request: Request, what: str, permission: str, scope: str) -> Permission:
    fix = f"Give the token `{permission}`; a classic token needs the scope `{scope}`"
    try:
        client.send(request)
    except (SourceForbidden, SourceMissing):
        return Permission(what, granted=False, fix=fix)
    return Permission(what, granted=True, fix=fix)
