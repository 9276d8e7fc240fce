"""Places a command can stand in: an empty folder, a small git clone, a folder with events."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tribometer.service.asked import instant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
LAST_RELEASE = "2026-01-30"


def clock() -> datetime:
    """Tell the time at which tests look at the events of this module."""
    return NOON


def git(folder: Path, *arguments: str, at: str = "2026-01-01T10:00:00Z") -> None:
    """Run git with fixed people and times."""
    person = {"NAME": "Ann", "EMAIL": "ann@example.org", "DATE": at}
    names = {f"GIT_{role}_{field}": value for role in ("AUTHOR", "COMMITTER") for field, value in person.items()}
    environment = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, env=environment, capture_output=True)


def clone(folder: Path, releases: int = 6) -> Path:
    """Make a repository ``acme/shop`` with a release five hours after each commit."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", "https://git.example.org/acme/shop.git")
    for number in range(releases):
        at = instant(LAST_RELEASE, "day") - timedelta(days=2 * (releases - number))
        (folder / "file").write_text(str(number))
        git(folder, "add", "file")
        git(folder, "commit", "-qm", f"change {number}", at=at.isoformat())
        git(folder, "tag", "-a", "-m", "release", f"v1.{number}", at=(at + timedelta(hours=5)).isoformat())
    return folder


def deployments(count: int, service: str = "shop", environment: str = "production") -> list[dict[str, Any]]:
    """Make explicit deployments, one a day before `NOON`."""
    return [
        {
            "type": "deployment",
            "source": "ci",
            "id": f"{service}-{environment}-{number}",
            "service": service,
            "environment": environment,
            "status": "success",
            "sha": f"{number:040x}",
            "finished_at": (NOON - timedelta(days=number + 1)).isoformat(),
        }
        for number in range(count)
    ]


def lines(file: Path, events: Iterable[object]) -> Path:
    """Write JSON Lines; a text stands as it is."""
    file.write_text("".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in events))
    return file
