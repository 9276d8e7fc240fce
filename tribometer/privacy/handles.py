"""Handles (logins, e-mail addresses) before they are keyed: their one spelling, what they look like, which are bots."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PSEUDONYM = re.compile(r"p_[a-z2-7]{26}")
RECORDED = re.compile(r"(p_[a-z2-7]{26})(\[bot\]|-bot|\+bot)?")
"""A pseudonym as recordings write it, which say what the handle itself gave away: see `marked`."""
BY_BOTH, BY_LOOK, BY_SETTINGS = "[bot]", "-bot", "+bot"
GITHUB_NO_REPLY = re.compile(r"(?:\d+\+)?([\w-]+(?:\[bot\])?)@users\.noreply\.github\.com", re.ASCII)
"""Of accounts made before 18 July 2017 without the number: GitHub, "Email addresses reference"."""
GITLAB_NO_REPLY = re.compile(r"\d+-([\w.-]+)@users\.noreply\.gitlab\.com", re.ASCII)
FORGE = re.compile(r"[a-z][a-z-]*:(?=.)")
"""Before the logins of every forge but GitHub, which stand plain."""
ADDRESS, LOGIN = "address", "login"
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
    if forge == PLAIN_FORGE or "@" in login or RECORDED.fullmatch(login):
        return login
    return f"{SAME.get(forge, forge)}:{login}"


def marked(pseudonym: str, *, by_look: bool, by_settings: bool) -> str:
    """A pseudonym that keeps whose handle it stands for: of a bot by its look, as of ``shop-bot``, by the settings.

    What it ends with looks like a bot where the handle did, and nowhere else.
    """
    if by_settings:
        return pseudonym + (BY_BOTH if by_look else BY_SETTINGS)
    return pseudonym + BY_LOOK if by_look else pseudonym


def unmarked(handle: str) -> str | None:
    """The pseudonym that a handle is already, without what a recording adds to it; None for the handle of a person."""
    found = RECORDED.fullmatch(handle)
    return found[1] if found else None


def canonical(handle: str) -> str:
    """The one spelling of a handle: letter case and outer blanks do not matter, a no-reply address is its login."""
    text = handle.strip().casefold()
    if found := GITHUB_NO_REPLY.fullmatch(text):
        return found[1]
    found = GITLAB_NO_REPLY.fullmatch(text)
    return f"gitlab:{found[1]}" if found else text


def looks(handle: str) -> tuple[str, str]:
    """What handles of one person may share, and the form it was read from.

    Of an address its local part, of a login itself without the forge's name; empty where there is nothing to share.
    """
    text = canonical(handle)
    local, at, _ = text.rpartition("@")
    return (local, ADDRESS) if at else (FORGE.sub("", text, count=1), LOGIN)


def bot_pattern(globs: Iterable[str]) -> re.Pattern[str]:
    """One expression for handles of bots: ``*`` and ``?`` stand for any letters, ``[bot]`` for itself."""
    return re.compile("|".join(_expression(glob.casefold()) for glob in globs) or r"(?!)", re.DOTALL)


def _expression(glob: str) -> str:
    return re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")


def fits(pattern: re.Pattern[str], handle: str) -> bool:
    """Whether a handle in its one spelling fits, with the forge's name or without.

    A pseudonym fits nothing, except where a recording says that the handle did.
    """
    if RECORDED.fullmatch(handle):
        return handle.endswith((BY_BOTH, BY_SETTINGS))
    text = canonical(handle)
    return any(pattern.fullmatch(each) for each in (text, FORGE.sub("", text, count=1)))
