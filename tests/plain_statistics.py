"""Percentiles, intervals and survival from first principles, to check code that leans on scipy.

Sources: Wilson (1927); order statistics after David & Nagaraja, chapter 7; Kaplan & Meier (1958); the band around its
median by log-log Greenwood (Brookmeyer & Crowley 1982).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z = 1.959963984540054
TAIL = 0.025


@dataclass(frozen=True)
class Interval:
    """A two-sided 95 % interval in the unit of its value, with the method that made it."""

    low: float
    high: float
    method: str

    def as_json(self) -> dict[str, object]:
        """Give the interval as the contract writes it."""
        return {"low": self.low, "high": self.high, "level": 0.95, "method": self.method}


def percentile(values: Sequence[float], q: float) -> float | None:
    """Interpolate linearly between the ranks, as SQL's ``percentile_cont`` does; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    position = q * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def wilson(hits: float, n: float) -> Interval | None:
    """Give Wilson's interval for ``hits`` of ``n``; None for an empty sample."""
    if n <= 0:
        return None
    share = hits / n
    centre = share + Z * Z / (2 * n)
    spread = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    low = max(0.0, (centre - spread) / scale)
    high = min(1.0, (centre + spread) / scale)
    return Interval(low, high, "wilson")


def binomial_at_most(k: int, n: int, q: float) -> float:
    """Give P(B <= k) for B ~ Binomial(n, q)."""
    return math.fsum(math.comb(n, i) * q**i * (1 - q) ** (n - i) for i in range(k + 1))


def order_ranks(n: int, q: float) -> tuple[int, int] | None:
    """Give the 1-based ranks of the equal-tailed 95 % interval of quantile ``q``; None if too few."""
    low = [rank for rank in range(1, n + 1) if binomial_at_most(rank - 1, n, q) <= TAIL]
    high = [rank for rank in range(1, n + 1) if 1 - binomial_at_most(rank - 1, n, q) <= TAIL]
    return (max(low), min(high)) if low and high else None


def order_interval(values: Sequence[float], q: float) -> Interval | None:
    """Give the distribution-free interval of a quantile, or None below its minimum sample."""
    ranks = order_ranks(len(values), q)
    if ranks is None:
        return None
    ordered = sorted(values)
    return Interval(ordered[ranks[0] - 1], ordered[ranks[1] - 1], "order_statistics")


def kaplan_meier(observed: Sequence[float], censored: Sequence[float]) -> list[tuple[float, float]]:
    """Give (time, share not yet over) at each observed time; a tie is censored after the event."""
    everyone = [*observed, *censored]
    share, curve = 1.0, []
    for time in sorted(set(observed)):
        at_risk = sum(1 for other in everyone if other >= time)
        share *= 1 - observed.count(time) / at_risk
        curve.append((time, share))
    return curve


def survival_percentile(observed: Sequence[float], censored: Sequence[float], q: float) -> float | None:
    """Give the first time by which a share ``q`` is over; None if the curve never gets there."""
    for time, share in kaplan_meier(observed, censored):
        if share <= 1 - q + 1e-12:
            return time
    return None


def survival_band(observed: Sequence[float], censored: Sequence[float]) -> list[tuple[float, float, float]]:
    """Give (time, low, high) of the share not yet over; no band where none or all of it is left."""
    everyone = [*observed, *censored]
    spread, band = 0.0, []
    for time, share in kaplan_meier(observed, censored):
        at_risk, over = sum(1 for other in everyone if other >= time), observed.count(time)
        if share <= 0 or at_risk == over:
            break
        spread += over / (at_risk * (at_risk - over))
        wide = math.exp(Z * math.sqrt(spread) / abs(math.log(share)))
        band.append((time, share**wide, share ** (1 / wide)))
    return band


def survival_interval(observed: Sequence[float], censored: Sequence[float]) -> Interval | None:
    """Give the interval of the median: where the band crosses a half; None if one edge never does."""
    band = survival_band(observed, censored)
    low = next((time for time, edge, _ in band if edge <= 0.5 + 1e-12), None)
    high = next((time for time, _, edge in band if edge <= 0.5 + 1e-12), None)
    return None if low is None or high is None else Interval(low, high, "kaplan_meier")
