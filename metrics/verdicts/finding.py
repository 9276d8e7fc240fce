"""What a verdict says, at one horizon after the release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["improved", "no_detectable_change", "worse", "not_enough_data"]
Method = Literal[
    "staggered_difference_in_differences",
    "interrupted_time_series",
    "interrupted_time_series_with_controls",
    "process_behaviour_chart",
]

HORIZONS = (4, 12, 26)
"""Weeks after the release at which is judged: platforms can first make things worse."""
TRANSITION = 2
"""Weeks behind the release that are left out, the week of the release among them."""
LEVEL = 0.05


@dataclass(frozen=True)
class Finding:
    """The verdict at ``horizon`` weeks after the release, transition included.

    ``effect`` with its 95 % interval ``low`` to ``high``: on the log scale the relative change as a share (-0.35: a
    third less), on the logit scale the change in share points at the mean of before (0.04: four points more), on the
    plain scale the difference. ``smallest_detectable`` is in the same unit, positive: the smallest improvement that
    would be found with a power of 80 % at the level of 5 %, unadjusted; by a chart, the smallest lasting one of which a
    week would lie beyond its limits.

    ``p`` is two-sided; ``p_adjusted`` is Holm's over everything that is judged together, and decides the verdict. A
    process behaviour chart has neither, and no interval.

    ``treated`` and ``controls`` count units that entered; where the roll-out is staggered, a unit that is reached later
    is a control until then and counts on both sides. Without a method they are the units that were reached and those
    that were not. ``weeks_before`` and ``weeks_after`` are weeks relative to the release that entered. ``reason`` says
    what is missing, or what weakens the verdict.
    """

    horizon: int
    verdict: Verdict
    method: Method | None
    effect: float | None
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None
    smallest_detectable: float | None
    treated: int
    controls: int
    weeks_before: int
    weeks_after: int
    reason: str | None


@dataclass(frozen=True)
class Signal:
    """What a chart shows: the side on which it signals, -1, 0 or 1, and the same if that is more than usual noise."""

    seen: int
    side: int


@dataclass(frozen=True)
class Estimate:
    """What a method found, on the transformed scale; ``level`` is the mean of before of the units that were reached.

    ``signal`` is None for methods that test.
    """

    method: Method
    shift: float
    low: float | None
    high: float | None
    p: float | None
    detectable: float | None
    level: float
    treated: int
    controls: int
    weeks_before: int
    weeks_after: int
    signal: Signal | None = None
