"""People as the forges name them: one spelling per forge, so that equal logins of two forges stay two people."""

from __future__ import annotations

from tribometer.privacy import PSEUDONYM

PLAIN_FORGE = "github"
"""Its logins stand as they are, as in commit addresses, CODEOWNERS and most catalogs."""
SAME = {"forgejo": "gitea"}
"""Forges whose logins are called as those of another, by whose collector they are read."""


def handle(forge: str, login: str | None) -> str | None:
    """What goes into an event's personal field for a login, e.g. ``ann`` of GitHub, ``gitlab:dave`` of GitLab.

    An address and a pseudonym name a person by themselves and stay as they are; no login is None.
    """
    login = login.strip() if login else ""
    if not login:
        return None
    if forge == PLAIN_FORGE or "@" in login or PSEUDONYM.fullmatch(login):
        return login
    return f"{SAME.get(forge, forge)}:{login}"
