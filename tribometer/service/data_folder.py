"""Which data folder is meant where none is named: below the top of a clone, the one that the clone already has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tribometer.errors import UsageError
from tribometer.service.sources import clone_around
from tribometer.settings import DEFAULT_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from tribometer.settings import Settings


def around(settings: Settings, here: Path) -> Settings:
    """Return the settings with the data folder that a command standing in `here` works on.

    Raises `UsageError` when that folder was made under a settings file which does not hold here: the same data would
    give other numbers.
    """
    folder = _holder(here, settings.data)
    if folder is None:
        return settings
    if settings.file is None and (folder / DEFAULT_FILE).exists():
        raise UsageError(
            f"{folder / settings.data} belongs to {folder / DEFAULT_FILE}, which holds in its own folder only. "
            f"Run this there (cd {folder}), or name another data folder with --data."
        )
    return settings.model_copy(update={"data": folder / settings.data})


def _holder(here: Path, data: Path) -> Path | None:
    """Return the nearest folder above `here`, up to the top of its clone, that has a data folder and `here` has not."""
    top = clone_around(here)
    if (here / data).exists() or top is None or top == here:
        return None
    above = [folder for folder in here.parents if folder == top or folder.is_relative_to(top)]
    return next((folder for folder in above if (folder / data).is_dir()), None)
