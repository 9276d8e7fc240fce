"""What the timeline of a pull request tells of its history: every head it had, and when it left draft."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from collectors.ci.facts import revision
from collectors.forge.facts import Raw, when
from collectors.gitea.parse import DRAFT, is_draft
from collectors.parsed import part, parts, text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


def history_of(timeline: Sequence[Raw], raw: Raw) -> dict[str, Any]:
    """``head_shas`` and ``ready_at`` of a pull request by its timeline, whose entries are in the order of time."""
    known = {"head_shas": _heads(timeline, raw), "ready_at": None if is_draft(raw) else _ready_at(timeline)}
    return {name: value for name, value in known.items() if value}


def _heads(timeline: Sequence[Raw], raw: Raw) -> list[str]:
    pushed = [sha for entry in timeline if entry.get("type") == "pull_push" for sha in _pushed(entry)]
    heads = [*pushed, revision(part(raw, "head", "sha"))]
    return list(dict.fromkeys(filter(None, heads)))


def _pushed(entry: Raw) -> list[str | None]:
    """The head behind a push; of a forced one the head before it too."""
    try:
        told = json.loads(text(entry.get("body")) or "{}")
    except (ValueError, RecursionError):
        return []
    shas = parts(told, "commit_ids")
    return [revision(sha) for sha in (shas if part(told, "is_force_push") is True else shas[-1:])]


def _ready_at(timeline: Sequence[Raw]) -> datetime | None:
    """When its title ceased to say that it is a draft, for the last time (E15)."""
    times = [
        when(entry.get("created_at"))
        for entry in timeline
        if entry.get("type") == "change_title"
        if DRAFT.match(text(entry.get("old_title")) or "") and not DRAFT.match(text(entry.get("new_title")) or "")
    ]
    return max(filter(None, times), default=None)
