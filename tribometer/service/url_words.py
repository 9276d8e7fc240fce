"""Messages are worded for a command line; over HTTP the same sentences name paths and query parameters."""

from __future__ import annotations

import re
from urllib.parse import quote

OPTION = r"--([a-z][a-z-]*)"
COMMAND = re.compile(rf"`tribometer metric(?: (\w+))?((?: {OPTION} [^\s`]+)*)`")
FLAG = re.compile(rf"(?<![\w'\"-]){OPTION}(?: (\d{{4}}-\d{{2}}-\d{{2}}\b))?")
GIVEN = re.compile(rf"{OPTION} (\S+)")


def in_url_words(text: str) -> str:
    """Return the sentence with ``--from D`` as ``from=D`` and the commands that ask for numbers as their routes."""
    return FLAG.sub(_parameter, COMMAND.sub(_route, text))


def _route(command: re.Match[str]) -> str:
    name, options = command[1], command[2]
    query = "&".join(f"{key}={quote(value)}" for key, value in GIVEN.findall(options))
    return f"GET /api/v1/metrics{f'/{name}' if name else ''}{f'?{query}' if query else ''}"


def _parameter(flag: re.Match[str]) -> str:
    return f"{flag[1]}={flag[2]}" if flag[2] else flag[1]
