"""Trying what a token may read at Gitea and Forgejo, and naming the scope that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Permission
from collectors.ci.asking import permission
from collectors.http.exchange import Request
from tribometer.errors import SourceForbidden, SourceGone

if TYPE_CHECKING:
    from collectors.http.client import Client

REPOSITORY, ISSUE = "Give the token the scope `read:repository`", "Give the token the scope `read:issue`"
TRIED = (
    ("pull requests", "/pulls", REPOSITORY),
    ("commits", "/branches", REPOSITORY),
    ("reviews and issues", "/issues", ISSUE),
    ("releases", "/releases", REPOSITORY),
)
"""What is tried of a repository, by the smallest page."""


def tried(client: Client, repository: str | None) -> list[Permission]:
    """Who asks, then each thing of the repository at this path, if there is any."""
    found = [_known(client)] if client.server.credentials else []
    for what, rest, fix in TRIED if repository else ():
        found.append(permission(client, Request(f"{repository}{rest}", {"limit": 1}), what, fix))
    return found


def _known(client: Client) -> Permission:
    try:
        refuse_wrong_token(client)
    except SourceGone as error:
        return Permission("token", granted=False, fix=f"{error.fix} ({error.problem})")
    return Permission("token", granted=True, fix="")


def refuse_wrong_token(client: Client) -> None:
    """Raise `SourceGone` for a token that the server does not know.

    Public repositories are shown to anybody, whatever the token: only the user's own page tells a wrong one.
    """
    if not client.server.credentials:
        return
    try:
        client.get("/api/v1/user")
    except SourceForbidden:
        # it is known, but has not the scope `read:user`, which nothing else needs
        return
