"""Which sources there are: what is configured, else the git clone a command stands in; and the catalog's file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tribometer.settings import Settings

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
    found = settings.sources or _around(folder)
    file = settings.catalog.file
    return [*found, {"kind": "catalog", "file": str(file)}] if file else found


def _around(folder: Path | None) -> Sequence[Mapping[str, Any]]:
    clone = clone_around(folder.resolve()) if folder else None
    return [{"kind": "git", "path": str(clone)}] if clone else []


def needed(settings: Settings, folder: Path | None = None) -> Sequence[Mapping[str, Any]]:
    """As `tables`, but raise `UsageError` that says what to do when there are none."""
    folder = folder or Path.cwd()
    found = tables(settings, folder)
    if not found:
        raise UsageError(NOTHING_TO_COLLECT.format(folder=folder))
    return found
