"""Trying what a token may read at GitLab, and naming the scope or role that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Permission
from collectors.ci.asking import permission
from collectors.http.exchange import Request
from collectors.parsed import parts
from tribometer.errors import SourceForbidden, SourceMissing

if TYPE_CHECKING:
    from collectors.http.client import Client

SCOPE = "Give the token the scope `read_api`"
ROLE = "Give the token the scope `read_api`, and its user the role Reporter in the project"
ENOUGH = frozenset({"api", "read_api"})
TRIED = (
    ("merge requests", "/merge_requests", SCOPE),
    ("repository", "/repository/branches", ROLE),
    ("pipelines", "/pipelines", ROLE),
    ("deployments", "/deployments", ROLE),
    ("issues", "/issues", SCOPE),
)
"""What is tried of a project, by the smallest page."""


def tried(client: Client, project: str | None) -> list[Permission]:
    """The token's scopes, then each thing of the project at this path, if there is any."""
    found = [_scopes(client)]
    for what, rest, fix in TRIED if project else ():
        found.append(permission(client, Request(f"{project}{rest}", {"per_page": 1}), what, fix))
    return [each for each in found if each is not None]


def _scopes(client: Client) -> Permission | None:
    """None for tokens that cannot be asked about themselves, as those of OAuth."""
    try:
        scopes = parts(client.get("/api/v4/personal_access_tokens/self").body, "scopes")
    except (SourceForbidden, SourceMissing):
        return None
    return Permission("scope read_api", granted=bool(ENOUGH.intersection(map(str, scopes))), fix=SCOPE)
