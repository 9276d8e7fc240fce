"""URLs without what may be secret in them: user and password, query, fragment."""

from __future__ import annotations

import re

from tribometer.privacy.masking import CLOSING, MASK

URL = re.compile(r"""(?<![A-Za-z0-9+.-])[A-Za-z0-9+.-]*+://[^\s<>"`\\]+""")
"""The look-behind and the possessive repeat keep the search linear."""
CLONES = "git@"
"""The one user of a URL who is nobody and everybody's, as in ``ssh://git@host``."""
PORT = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::\d*)?")
SCHEME = re.compile(r"[A-Za-z0-9+.:-]*")
ROUTE = re.compile(r"#/[\w/.*-]*(?=\?|\Z)", re.ASCII)
"""A fragment that is the path of a page within the page, as of Buildbot and Opsgenie: the only one that stays."""
PARAMETER = re.compile(r"([?&;#])([^=&;#?\s]+)=([^&;#\s]*)")
SECRET_PARAMETER = re.compile(
    r"^(?!.*(next|page|continuation|cursor|after))"
    r".*(token|secret|passw|pwd|signature|credential|auth(?!or)|jwt|session|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|security)"
    r"|^(sig|sign|key|code|ticket|otp|pin|nonce|hmac|sid)$",
    re.IGNORECASE,
)
"""Not the tokens of the next page: they name a place in a list."""


def bare(text: str) -> str:
    """The text, every URL in it without user, password, query and fragment."""
    return URL.sub(_bare, text) if "://" in text else text


def bare_address(address: str) -> str:
    """The same of a text that is an address as a whole, with a scheme or without."""
    scheme, separator, rest = address.partition("://")
    if separator and SCHEME.fullmatch(scheme):
        return scheme + separator + _without_query(_without_users(rest))
    path = address.lstrip("/")
    return address[: len(address) - len(path)] + _without_query(_without_users(path))


def without_secrets(text: str) -> str:
    """The text, every URL in it without user and password, and parameters named like secrets masked.

    For names, which the rest of a query may tell apart.
    """
    return URL.sub(_without_secrets, text) if "://" in text else text


def is_secret(name: str) -> bool:
    """Whether a parameter of this name holds a secret."""
    return SECRET_PARAMETER.search(name) is not None


def _bare(match: re.Match[str]) -> str:
    address, tail = _ended(match)
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{_without_query(_without_users(rest))}{tail}"


def _without_secrets(match: re.Match[str]) -> str:
    address, tail = _ended(match)
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{PARAMETER.sub(_masked_parameter, _without_users(rest))}{tail}"


def _masked_parameter(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}={MASK}" if match[3] and is_secret(match[2]) else match[0]


def _ended(match: re.Match[str]) -> tuple[str, str]:
    """The URL, and what only ends the sentence or closes the quotes around it."""
    found = match[0]
    if match.string.endswith("'", 0, match.start()):
        found = found.partition("'")[0]
    found = found.rstrip(CLOSING + "'") if len(found) == len(match[0]) else found
    return found, match[0][len(found) :]


def _without_users(rest: str) -> str:
    """What follows a URL's scheme, without users; a URL within its path has none either."""
    return "://".join(_without_user(part) for part in rest.split("://"))


def _without_user(rest: str) -> str:
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user, at, _ = authority.rpartition("@")
    if at:
        return rest if user + at == CLONES else rest[len(user) + 1 :]
    if "@" in rest and "$" not in authority and "{" not in authority and not PORT.fullmatch(authority):
        # a password with a slash in it
        return rest.rpartition("@")[2]
    return rest


def _without_query(rest: str) -> str:
    path = re.split(r"[?#]", rest, maxsplit=1)[0]
    route = ROUTE.match(rest, len(path))
    return path + (route[0] if route else "")
