"""The golden path as its releases tell it, and which release a pipeline goes by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.pipelines.steps import VERSION, reference, slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from metrics.pipelines.steps import Reference

LOOKS_TAKEN = re.compile(r"[\w.:-]+(/[\w.@:+-]+)+", re.ASCII)


@dataclass(frozen=True)
class Release:
    """A release of a template, with the steps it requires; ``number`` counts them by time, from 1."""

    template: str
    number: int
    name: str
    released_at: datetime
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Tie:
    """How a pipeline goes by a template: ``how`` is reference, declared, unknown or none; with its release."""

    how: str
    release: Release | None = None

    def behind(self, releases: Sequence[Release]) -> int | None:
        """How many of the releases so far it has not got; all where it names none, None where nobody can tell."""
        if self.how == "unknown":
            return None
        return len(releases) - (self.release.number if self.release else 0)


def numbered(rows: Iterable[tuple[str, str, datetime, Sequence[str] | None]]) -> dict[str, list[Release]]:
    """The releases (template, release, released_at, steps) of each template in order of time.

    One that tells no steps requires what the one before it did; each name counts once, when it first came.
    """
    found: dict[str, list[Release]] = {}
    for template, name, at, steps in sorted(rows, key=lambda row: (row[2], row[0], row[1], row[3] or ())):
        mine = found.setdefault(template, [])
        if all(each.name != name for each in mine):
            required = tuple(dict.fromkeys(steps)) if steps else mine[-1].steps if mine else ()
            mine.append(Release(template, len(mine) + 1, name, at, required))
    return found


def required_keys(required: str) -> frozenset[str]:
    """By what a required step is found among a pipeline's: its words, or what it takes whatever the version."""
    taken = reference(required).target if LOOKS_TAKEN.fullmatch(required) else required
    return frozenset({slug(required), slug(taken)}) - {""}


def tie(references: Sequence[Reference], declared: str | None, releases: Sequence[Release]) -> Tie:
    """By what a pipeline goes: the oldest release that it refers to, else the one it says it came from.

    A branch follows the newest release; a sha is the release that the comment behind it names.
    """
    if references:
        found = [_release(each.noted if each.pinned == "sha" else each.pin or "", releases) for each in references]
        known = [each for each in found if each is not None]
        oldest = min(known, key=lambda each: each.number, default=None)
        return Tie("reference", oldest) if len(known) == len(found) else Tie("unknown")
    if declared is not None:
        release = _release(declared, releases)
        return Tie("declared", release) if release else Tie("unknown")
    return Tie("none")


def _release(pin: str | None, releases: Sequence[Release]) -> Release | None:
    """The newest release that a version stands for, like 2.3.1 for v2; the newest of all for a branch."""
    if pin is None or not releases:
        return None
    wanted = _bare(pin)
    exact = [each for each in releases if _bare(each.name) == wanted]
    fitting = exact or [each for each in releases if _bare(each.name).startswith(f"{wanted}.")]
    if fitting:
        return fitting[-1]
    return None if VERSION.fullmatch(pin) else releases[-1]


def _bare(version: str) -> str:
    return re.sub(r"^v(?=\d)", "", version.casefold())
