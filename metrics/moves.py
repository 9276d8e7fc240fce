"""What moved beyond noise: the last whole week of a metric against the process behaviour limits of the weeks before.

The limits are the mean of the weeks before +- 2.66 times their mean moving range, of logarithms where twice as much is
as far as half as much. It says that something is other than usual, and nothing of why.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from metrics.verdicts.behaviour_chart import LIMIT, limits
from metrics.verdicts.noise import mere_noise
from metrics.verdicts.weekly import scale_of

if TYPE_CHECKING:
    from collections.abc import Sequence

Verdict = Literal["better", "worse", "moved"]
LEAST_BEFORE, MOST_BEFORE = 8, 26
"""Weeks with a value before the last one, from which on and up to which limits are drawn."""
SEED = 20_260_303


@dataclass(frozen=True)
class Move:
    """The last week's value and the limits of the weeks before, in the metric's unit; how often limits it is away."""

    value: float
    low: float
    high: float
    away: float

    @property
    def is_signal(self) -> bool:
        """Whether it lies outside of the limits."""
        return abs(self.away) > 1

    def verdict(self, better: str) -> Verdict:
        """What a signal is for a metric that is better ``lower``, ``higher`` or ``neither``."""
        if better == "neither":
            return "moved"
        return "better" if better == ("higher" if self.away > 0 else "lower") else "worse"


def move(values: Sequence[float | None], unit: str) -> Move | None:
    """Look at the last of weekly values, ascending; None where it has none, or fewer than LEAST_BEFORE before it do.

    A value of 0 that has no logarithm is left out.
    """
    by_ratio = scale_of(unit) == "log"
    *before, last = [_placed(value, by_ratio=by_ratio) for value in values] or [None]
    known = [each for each in before[-MOST_BEFORE:] if each is not None]
    if last is None or len(known) < LEAST_BEFORE:
        return None
    mean, half = limits(known)
    back = math.exp if by_ratio else float
    low, high = back(mean - half), back(mean + half)
    if unit == "share":
        low, high = max(low, 0.0), min(high, 1.0)
    return Move(back(last), low, high, _away(last, mean, half))


def _away(last: float, mean: float, half: float) -> float:
    """How often the limits' distance a value is from the mean; what differs by rounding alone is the same."""
    if math.isclose(last, mean, rel_tol=1e-9, abs_tol=1e-12):
        return 0.0
    return (last - mean) / half if half else math.copysign(math.inf, last - mean)


def _placed(value: float | None, *, by_ratio: bool) -> float | None:
    if value is None or not by_ratio:
        return value
    return math.log(value) if value > 0 else None


@lru_cache(maxsize=1)
def by_chance() -> float:
    """The share of weeks in which mere noise, correlated from week to week by anything up to 0.9, signals."""
    import numpy as np  # noqa: PLC0415 - commands that tell of no moves need none

    noise = mere_noise(MOST_BEFORE + 1, SEED)
    base = noise[:, :-1]
    half = LIMIT * np.abs(np.diff(base, axis=1)).mean(axis=1)
    return float((np.abs(noise[:, -1] - base.mean(axis=1)) > half).mean())
