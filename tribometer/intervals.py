"""Intervals of shares and of differences, for events and for answers."""

from __future__ import annotations

from math import hypot, sqrt

TAIL = 0.025


def wilson(hits: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval for ``hits`` of ``n`` (n > 0), as shares (Wilson 1927).

    ``n`` may be an effective number, as of a sample that is a good part of its population.
    """
    from scipy.special import ndtri  # noqa: PLC0415 - scipy.stats would cost a second, this a tenth of one

    z = float(-ndtri(TAIL))
    share, widening = hits / n, z * z / n
    centre = share + widening / 2
    spread = z * sqrt(share * (1 - share) / n + widening / (4 * n))
    return max(0.0, (centre - spread) / (1 + widening)), min(1.0, (centre + spread) / (1 + widening))


def effective(n: int, population: int | None) -> float | None:
    """How many of an endless population tell as much as ``n`` of this one (Cochran 1977): n(N - 1)/(N - n).

    None where everybody was asked and told: nothing is uncertain then. An unknown population counts as endless.
    """
    if population is None:
        return float(n)
    return None if n >= population else n * (population - 1) / (population - n)


def difference(
    value: float, bounds: tuple[float, float], other: float, other_bounds: tuple[float, float]
) -> tuple[float, float]:
    """95 % interval of ``value - other`` from the intervals of both, which are independent (MOVER: Zou & Donner 2008).

    Of two shares with Wilson's intervals it is Newcombe's method 10 (1998).
    """
    gap = value - other
    return (
        gap - hypot(value - bounds[0], other_bounds[1] - other),
        gap + hypot(bounds[1] - value, other - other_bounds[0]),
    )
