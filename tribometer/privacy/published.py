"""The only form in which a survey's results leave: rounded, bounded, and without a count of people.

A `Published` is made from exact numbers and keeps none of them: shares in steps of five points between 5 and 95 (a
group of one mind would tell everybody's answer), intervals rounded outwards to the same steps, people in bands. What
is derived further, an index or a difference, is derived from these.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from math import ceil, floor
from typing import Any, Literal

PublishedStatus = Literal["ok", "suppressed", "no_data"]
STEP, LEAST, MOST = 0.05, 0.05, 0.95
HOUR_STEP = 0.5
SLACK = 1e-9
"""So that 0.15, which is a little more than three steps as a float, is not rounded up to four."""
N_BANDS = (5, 10, 20, 50, 100, 200, 500, 1000)
RESPONSE_BANDS = ((0.8, "80+"), (0.6, "60-79"), (0.0, "<60"))


@dataclass(frozen=True)
class Bounds:
    """An interval of 95 %, rounded outwards."""

    low: float
    high: float
    method: str
    level: float = 0.95


@dataclass(frozen=True)
class Published:
    """What may be told of one group and one question. With any status but ``ok`` nothing else is told."""

    status: PublishedStatus
    value: float | None = None
    interval: Bounds | None = None
    n_band: str | None = None
    response: str | None = None
    spread: tuple[float, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; only the status where it is not ``ok``."""
        told = asdict(self)
        return told if self.status == "ok" else {"status": self.status}


SUPPRESSED, NO_DATA = Published("suppressed"), Published("no_data")


def rounded_share(share: float) -> float:
    """A share in steps of five points, between 5 and 95."""
    return min(max(round(share / STEP) * STEP, LEAST), MOST).__round__(2)


def rounded_to(value: float, step: float) -> float:
    """A value in steps; a tie goes up."""
    return round(floor(value / step + 0.5 + SLACK) * step, 6)


def outward(
    low: float, high: float, step: float = STEP, *, least: float = 0.0, most: float = 1.0
) -> tuple[float, float]:
    """Bounds rounded outwards to steps, at least a step wide to either side of nothing, within what is possible."""
    below, above = floor(low / step + SLACK) * step, ceil(high / step - SLACK) * step
    if above - below < 2 * step:
        below, above = below - step, above + step
    return round(max(below, least), 6), round(min(above, most), 6)


def n_band(n: int) -> str:
    """How many people, as a band: ``5-9``, ``10-19`` and so on."""
    for low, following in pairwise(N_BANDS):
        if n < following:
            return f"{low}-{following - 1}"
    return f"{N_BANDS[-1]}+"


def response_band(answered: int, invited: int | None) -> str | None:
    """Which share of those who were asked has answered, as a band; None where nobody knows how many were asked."""
    if not invited:
        return None
    share = answered / invited
    return next(name for bound, name in RESPONSE_BANDS if share >= bound - SLACK)


def published_share(
    share: float, bounds: tuple[float, float, str] | None, n: int, invited: int | None, minimum: int
) -> Published:
    """A share of ``n`` people, which are at least the minimum: the caller has decided that it may be shown."""
    if n < minimum:
        raise ValueError("fewer people than the minimum: such a result has to be suppressed")
    interval = None if bounds is None else Bounds(*outward(bounds[0], bounds[1]), bounds[2])
    return Published("ok", rounded_share(share), interval, n_band(n), response_band(n, invited))
