"""Which sources there are: what is configured, else the git clone a command stands in."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tribometer.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tribometer.settings import Settings

EVERY_15_MINUTES = "every 15 minutes"
WORDS = re.compile(r"every(?: (\d{1,6}))? (minute|hour|day)s?")
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=31)
NOTHING_TO_COLLECT = (
    "There is nothing to collect: no [[sources]] are configured and {folder} is not inside a git clone. "
    "Run this inside a clone, or write a tribometer.toml with\n\n"
    '[[sources]]\nkind = "git"\npath = "/path/to/a/clone"\n'
)


def clone_around(folder: Path) -> Path | None:
    """Return the git clone that `folder` lies in, bare ones too, or None."""
    for candidate in (folder, *folder.parents):
        bare = (candidate / "HEAD").is_file() and (candidate / "objects").is_dir() and (candidate / "refs").is_dir()
        if bare or (candidate / ".git").exists():
            return candidate
    return None


def tables(settings: Settings, folder: Path | None) -> Sequence[Mapping[str, Any]]:
    """Return the source tables in force for a command that stands in `folder` (None: nowhere); none is possible."""
    if settings.sources:
        return settings.sources
    clone = clone_around(folder.resolve()) if folder else None
    return [{"kind": "git", "path": str(clone)}] if clone else []


def needed(settings: Settings, folder: Path | None = None) -> Sequence[Mapping[str, Any]]:
    """As `tables`, but raise `UsageError` that says what to do when there are none."""
    folder = folder or Path.cwd()
    found = tables(settings, folder)
    if not found:
        raise UsageError(NOTHING_TO_COLLECT.format(folder=folder))
    return found


def schedules(found: Sequence[Mapping[str, Any]]) -> list[timedelta]:
    """Return how often each source is collected, in the order of the tables."""
    return [
        interval(table.get("schedule") or EVERY_15_MINUTES, f"sources[{number}].schedule")
        for number, table in enumerate(found)
    ]


def interval(text: object, key: str = "schedule", origin: str = "configuration") -> timedelta:
    """Read ``every 15 minutes``, ``every hour``, ``every 2 days``."""
    words = WORDS.fullmatch(text.strip().lower()) if isinstance(text, str) else None
    span = timedelta(**{f"{words[2]}s": int(words[1] or 1)}) if words else timedelta(0)
    if not SHORTEST <= span <= LONGEST:
        fix = f'Write it like "{EVERY_15_MINUTES}", "every hour" or "every 2 days", from a minute to a month.'
        raise ConfigurationError(key, origin, f"{text!r} is no schedule", fix)
    return span
