"""Workflow files of Actions, which GitHub, Gitea and Forgejo read alike."""

from __future__ import annotations

import re

USES = re.compile(r"""\s*(?:-\s+)?["']?uses["']?\s*:\s+(?P<quote>["']?)(?P<what>[^\s"'#]+)(?P=quote)\s*(?:#.*)?""")
KEY = re.compile(r"\s*(?:-\s+)*(?=[^\s#-])")
BLOCK = re.compile(r"[^#]*:\s+[|>][-+\d]*\s*(?:#.*)?")


def uses(content: str) -> list[str]:
    """What a workflow takes by reference, with its pin: ``actions/checkout@v4``; each once, in its order.

    The lines are looked at one by one, those of scripts and other texts of several lines left out.
    """
    found, text_of = dict[str, None](), None
    for line in content.splitlines():
        key = KEY.match(line)
        if key is None:
            continue
        indent = len(line) - len(line.lstrip())
        if text_of is not None and indent > text_of:
            continue
        text_of = key.end() if BLOCK.fullmatch(line) else None
        used = USES.fullmatch(line)
        if used:
            found[used["what"]] = None
    return list(found)
