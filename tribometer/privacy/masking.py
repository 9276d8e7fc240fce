"""Secrets in texts, known by their shape or by the name before them: all that stays of one is a mask."""

from __future__ import annotations

import re

from tribometer.privacy.handles import PSEUDONYM

MASK = "***"
SIGNS = (
    "gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_", "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-",
    "glagent-", "glsoat-", "gloas-", "xox", "xapp-", "hooks.slack", "bkua_", "ccipat_", "npm_", "pypi-", "hvs.",
    "dop_v1_", "akia", "asia", "eyj", "bearer", "basic", "token", "secret", "passw", "passphrase", "pwd", "credential",
    "signature", "authoriz", "_key", "-key", "apikey", "accesskey", "privatekey", "private key",
)  # fmt: skip
"""A text that holds none of them, in lower case, holds no secret that is known here."""
PREFIXED = r"(?:[A-Za-z0-9_-]{20,}|(?=[A-Za-z_-]{0,20}\d)[A-Za-z0-9_-]{10,})"
"""What follows a prefix: long, or with a digit early on, so that no name of a variable is taken for a token."""
SHAPES = re.compile(
    rf"""
      gh[oprsu]_{PREFIXED}                                       # GitHub
    | github_pat_{PREFIXED}
    | gl(?:pat|dt|rt|cbt|ptt|ft|agent|soat|oas)-{PREFIXED}(?:\.[\w-]+)*   # GitLab
    | (?:xox[a-z]|xapp)-{PREFIXED}                               # Slack
    | (?<=hooks\.slack\.com/)[\w/-]+
    | (?:bkua|CCIPAT|npm|dop_v1)_{PREFIXED}                      # Buildkite, CircleCI, npm, DigitalOcean
    | (?:pypi-|hvs\.){PREFIXED}                                  # PyPI, Vault
    | (?<![A-Za-z0-9])A(?:KIA|SIA)[A-Z0-9]{{16}}(?![A-Za-z0-9])  # AWS
    | (?<![\w-])eyJ[\w-]{{4,}}\.eyJ[\w-]{{4,}}(?:\.[\w-]*)?      # JSON Web Token
    | -----BEGIN\ [A-Z0-9 ]{{0,40}}PRIVATE\ KEY[A-Z ]{{0,9}}-----
      [\s\S]*?(?:-----END\ [A-Z0-9 ]{{0,40}}PRIVATE\ KEY[A-Z ]{{0,9}}-----|\Z)
    """,
    re.VERBOSE | re.ASCII,
)
WORDS = (
    r"token|secret|passw(?:or)?d|passphrase|pwd|credentials?|signature|authorization"
    r"|(?:api|access|private|secret)[_-]?key(?:[_-]?id)?"
)
NAMED = re.compile(
    rf"""((?:{WORDS})["']?(\s{{0,8}}[=:]\s{{0,8}})["']?(?:(?:bearer|basic|token)\s{{1,4}})?)"""
    r"""([^\s"'`<>&|,;(){}\[\]$%*\\=][^\s"'`<>&\\]*)""",
    re.IGNORECASE | re.ASCII,
)
"""``token=…``, ``"password": "…"``; what begins with ``$``, ``{`` or ``<`` refers to a secret and is none."""
SCHEME = re.compile(r"(\b(?:bearer|basic)\s{1,4})([\w.~+/-]{8,}=*)", re.IGNORECASE | re.ASCII)
CLOSING = ").,;:!]}"
VERSION = re.compile(r"v?\d+(?:\.\d+)+", re.ASCII)
CODE = re.compile(r"[A-Za-z_][\w.]*(?:\(|\[|->|::)", re.ASCII)
"""A call or an element: in code, ``token = parse(text)`` names no secret."""
LEAST, LEAST_AMONG_BLANKS = 6, 8
LONG = 20


def masked(text: str) -> str:
    """The text with the secrets in it masked; what stands before one, as ``token=``, stays."""
    text = SHAPES.sub(MASK, text)
    return SCHEME.sub(_masked_scheme, NAMED.sub(_masked_value, text))


def _masked_value(match: re.Match[str]) -> str:
    value = match[3].rstrip(CLOSING)
    least = LEAST if match[2] in {"=", ":"} else LEAST_AMONG_BLANKS
    if len(value) < least or not _looks_random(value):
        return match[0]
    return match[1] + MASK + match[3][len(value) :]


def _masked_scheme(match: re.Match[str]) -> str:
    return match[1] + MASK if _looks_random(match[2]) else match[0]


def _looks_random(value: str) -> bool:
    """Whether a value is no word, version, call or pseudonym: it has digits or mixed letters, or is one long run."""
    if VERSION.fullmatch(value) or CODE.match(value) or PSEUDONYM.match(value.lstrip("@")):
        return False
    mixed = re.search(r"\d|[a-z][A-Z]|[!@#^]", value)
    return mixed is not None or (len(value) >= LONG and value.isalnum())
