"""Mentions of people in what people wrote: ``@ann``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MENTION = re.compile(
    r"(?<![\w@/.$%`+=-])@(?!(?:v?\d+(?:\.[\dx]+)*|latest|next|here|channel|everyone|all)(?![\w-]))"
    r"([A-Za-z0-9_](?:[\w.-]{0,254}\w)?)(?![\w/(])",
    re.ASCII,
)
"""No package of a scope (``@types/node``), no team (``@acme/core``), no version, no call."""
COMMENT = re.compile(r"(?:(?<=\s)|^)(?:#|//|/?\*).*", re.MULTILINE)
"""In a file, mentions stand in comments: elsewhere ``@`` belongs to the language."""


def key_mentions(text: str, keyed: Callable[[str], str]) -> str:
    """The text with the logins it mentions under their pseudonyms; of several lines, only in comments."""
    if "@" not in text:
        return text

    def written(match: re.Match[str]) -> str:
        return f"@{keyed(match[1])}"

    if "\n" not in text:
        return MENTION.sub(written, text)
    return COMMENT.sub(lambda comment: MENTION.sub(written, comment[0]), text)
