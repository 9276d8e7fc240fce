"""What an operator should know about a repository that can be read, but does not tell all that is asked of it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from collectors.git.release import TAGS
from tribometer.store import Remark

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping
    from pathlib import Path

EXAMPLES = 3
SEND = "send deployment events (tribometer import, or POST /api/v1/events)"


def remarks(
    refs: Mapping[str, str], releases: re.Pattern[str], ends: int, path: Path | None = None
) -> Iterator[Remark]:
    """Remark on a clone of these refs, cut off at so many commits; ``path`` is None where it is made from a URL."""
    git = f"git -C {shlex.quote(str(path))}" if path else None
    if not refs:
        do = f"Commit something, or fetch it ({git} fetch)" if git else "Push something"
        yield Remark("the repository is empty, there is nothing to collect", f"{do}, then: tribometer collect")
        return
    if ends:
        yield _shallow(ends, git)
    names = sorted(ref.removeprefix(TAGS) for ref in refs if ref.startswith(TAGS))
    if not names:
        yield _untagged(git)
    elif not any(releases.search(name) for name in names):
        yield _unmatched(names, releases)


def _shallow(ends: int, git: str | None) -> Remark:
    what = (
        f"this is a shallow clone, its history is cut off at {ends:,} commit{'s' if ends > 1 else ''}: "
        "lead times of deployments that reach so far back are left out"
    )
    fix = "Let `url` name a full repository, for it leads to a shallow clone itself"
    return Remark(what, f"{f'Run: {git} fetch --unshallow' if git else fix}, then: tribometer collect")


def _untagged(git: str | None) -> Remark:
    what = "there is no tag, so nothing in this repository counts as a production deployment"
    fetch = f", fetch its tags ({git} fetch --tags)" if git else ""
    return Remark(what, f"Tag releases like v1.0.0{fetch}, or {SEND}")


def _unmatched(names: list[str], releases: re.Pattern[str]) -> Remark:
    shown = ", ".join(names[-EXAMPLES:])
    what = (
        f"none of {len(names):,} tags ({shown}{', …' if len(names) > EXAMPLES else ''}) fits "
        f"releases = '{releases.pattern}', so nothing in this repository counts as a production deployment"
    )
    return Remark(what, f"Set `releases` in its [[sources]] table to a pattern that finds the releases, or {SEND}")
