"""Which builds repeat an earlier one: attempts of servers that number a repetition like any other build (E18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_KEPT = 200
"""Repetitions that a cursor remembers; an older build that is repeated once more counts as the first of a run."""


class Reruns:
    """Remembers which build began a run, and which attempt of it each repetition is.

    Builds have to come in their order. ``kept`` is what `cursor` gave before.
    """

    def __init__(self, kept: Iterable[Sequence[int]] = ()) -> None:
        self._known: dict[int, tuple[int, int]] = {build: (first, attempt) for build, first, attempt in kept}

    def attempt(self, build: int, repeats: int | None) -> tuple[int, int]:
        """The build that began the run, and which attempt this is; ``repeats`` is the build it repeats, if any."""
        if build in self._known:
            return self._known[build]
        if repeats is None or repeats >= build:
            return build, 1
        first = self._known.get(repeats, (repeats, 1))[0]
        before = max((attempt for begun, attempt in self._known.values() if begun == first), default=1)
        self._known[build] = first, before + 1
        return self._known[build]

    def cursor(self) -> Sequence[Sequence[int]]:
        """What to remember, as JSON."""
        return [[build, *of] for build, of in sorted(self._known.items())[-MOST_KEPT:]]
