"""A process behaviour chart (XmR): whether the weeks after are a signal, for what is too short to be tested.

The limits are the mean of before +- 2.66 times its mean moving range, which is three standard deviations. A signal is a
week after the transition outside of them, or RUN such weeks in a row on one side of the mean. Where both sides signal,
none is told.

It is no test. Where weeks are correlated by 0.4, charts of mere noise signal in 5 % (52 weeks before, 2 after), 17 %
(6 and 2), 43 % (6 and 10) and 57 % (6 and 24). So a signal is a verdict only where a week lies beyond wider limits
that 5 % of simulated series of mere noise, as short as these, leave; a run alone is none.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from metrics.verdicts.finding import LEVEL, TRANSITION, Estimate, Signal
from metrics.verdicts.noise import mere_noise
from metrics.verdicts.series import LEAST_AFTER, LEAST_BEFORE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metrics.verdicts.series import Series

LIMIT = 2.66
RUN = 8
POWER = 0.8
LIMIT_IN_DEVIATIONS = 3.0


def enough(series: Series) -> bool:
    """Whether there are weeks enough on both sides."""
    before, after = series.counts
    return before >= LEAST_BEFORE and after >= LEAST_AFTER


def estimate(series: Series, seed: int) -> Estimate:
    """Whether it signals; the effect is the mean of after less that of before."""
    before, after = series.values[~series.after].tolist(), series.values[series.after].tolist()
    mean, half = limits(before)
    wide = half * widened(*series.counts, seed)
    seen = signal(after, mean, half)
    beyond = any(seen * (value - mean) > wide for value in after)
    return Estimate(
        "process_behaviour_chart", sum(after) / len(after) - mean, None, None, None,
        detectable(wide, half / LIMIT_IN_DEVIATIONS, len(after)), series.level, series.treated, series.controls,
        *series.counts, Signal(seen, seen if beyond else 0),
    )  # fmt: skip


@lru_cache(maxsize=64)
def widened(before: int, after: int, seed: int) -> float:
    """How many times as wide the limits are that mere noise leaves in 5 % of series of so many weeks; at least 1."""
    import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

    noise = mere_noise(before + TRANSITION + after, seed)
    base = noise[:, :before]
    half = LIMIT * np.abs(np.diff(base, axis=1)).mean(axis=1)
    furthest = np.abs(noise[:, -after:] - base.mean(axis=1, keepdims=True)).max(axis=1)
    return max(1.0, float(np.quantile(furthest / half, 1 - LEVEL)))


def limits(before: Sequence[float]) -> tuple[float, float]:
    """The mean, and how far the limits are from it."""
    ranges = [abs(later - each) for each, later in pairwise(before)]
    return sum(before) / len(before), LIMIT * sum(ranges) / len(ranges)


def signal(after: Sequence[float], mean: float, half: float) -> int:
    """The side on which the weeks after signal, -1 or 1; 0 where none does, or both do."""
    sides = [side for side in (-1, 1) if _signals([side * (value - mean) for value in after], half)]
    return sides[0] if len(sides) == 1 else 0


def _signals(above: Sequence[float], half: float) -> bool:
    run = 0
    for value in above:
        run = run + 1 if value > 0 else 0
        if value > half or run == RUN:
            return True
    return False


def detectable(wide: float, deviation: float, weeks: int) -> float:
    """The lasting shift of which one of so many weeks would fall outside with 80 %, were the weeks independent."""
    from scipy.special import ndtri  # noqa: PLC0415 - as above

    return wide + deviation * float(ndtri(1 - (1 - POWER) ** (1 / weeks)))
