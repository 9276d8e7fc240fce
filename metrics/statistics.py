"""From units to a value with its interval: percentiles by order statistics, intervals by Wilson.

Definitions: section 3 of the metric definitions. Everything is aggregated on the engine; what comes to Python is one
row per cell. scipy.special costs half a second to import, so it is imported where an interval is due.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from metrics.definition import POOLED, Cell, Measure
from tribometer.intervals import TAIL, wilson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.sample import Sample


@lru_cache(maxsize=65_536)
def order_ranks(n: int, q: float) -> tuple[int, int] | None:
    """1-based ranks of the equal-tailed 95 % interval of quantile ``q`` among ``n``; None where none exists.

    The lower is the largest rank l with P(B <= l-1) <= 0.025, the upper the smallest u with P(B >= u) <= 0.025, for
    B ~ Binomial(n, q). For the median they exist from n = 6.
    """
    from scipy.special import bdtr, bdtrc  # noqa: PLC0415 - see the module's docstring

    low = bisect_right(range(n), TAIL, key=lambda k: float(bdtr(k, n, q)))
    high = 1 + bisect_left(range(n), x=True, key=lambda k: bool(bdtrc(k, n, q) <= TAIL))
    return (low, high) if low >= 1 and high <= n else None


def order_bounds(sample: Sample, sizes: Mapping[str, int], q: float) -> dict[str, tuple[float, float]]:
    """Bounds of quantile ``q`` over all counted units of each bucket; ``sizes`` are their numbers."""
    ranks = {bucket: found for bucket, n in sizes.items() if (found := order_ranks(n, q))}
    if not ranks:
        return {}
    wanted = ",\n    ".join(f"({n}, {low}, {high})" for n, (low, high) in _by_size(sizes, ranks).items())
    rows = sample.reader.rows(f"""
WITH ranks AS (SELECT * FROM (VALUES
    {wanted}) AS given(n, low, high)),
ranked AS (
    SELECT bucket, value, ROW_NUMBER() OVER (PARTITION BY bucket ORDER BY value NULLS LAST) AS place,
        COUNT(*) OVER (PARTITION BY bucket) AS n
    FROM {sample.units} WHERE counted
)
SELECT ranked.bucket, MIN(ranked.value) AS low, MAX(ranked.value) AS high
FROM ranked JOIN ranks ON ranks.n = ranked.n AND (ranked.place = ranks.low OR ranked.place = ranks.high)
GROUP BY ranked.bucket
""")  # noqa: S608 - whole numbers and a relation of our own
    return {bucket: (low, high) for bucket, low, high in rows}


def _by_size(sizes: Mapping[str, int], ranks: Mapping[str, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    return {sizes[bucket]: found for bucket, found in ranks.items()}


def aggregated(sample: Sample, columns: str) -> dict[Cell, tuple[float | None, ...]]:
    """``columns`` over the counted units of every (bucket, service) and of every bucket as a whole."""
    rows = sample.reader.rows(f"""
SELECT bucket, service, GROUPING(service) AS is_pooled, {columns}
FROM {sample.units} WHERE counted
GROUP BY GROUPING SETS ((bucket, service), (bucket))
""")  # noqa: S608 - column lists of our own
    return {
        (bucket, POOLED if is_pooled else service): tuple(numbers)
        for bucket, service, is_pooled, *numbers in rows
        if is_pooled or service is not None
    }


@dataclass(frozen=True)
class Duration:
    """Median of durations in seconds, with p75 and p90, and its order-statistic interval."""

    name: str = "p50"

    def columns(self) -> str:
        """``n``, the median as ``value``, ``p75`` and ``p90``."""
        return (
            "COUNT(*) AS n, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY value) AS value, "
            "PERCENTILE_CONT(0.75) WITHIN GROUP (ORDER BY value) AS p75, "
            "PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY value) AS p90"
        )

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """Percentiles per cell; bounds for the pooled cells."""
        found = aggregated(sample, self.columns())
        sizes = {bucket: int(row[0] or 0) for (bucket, service), row in found.items() if service is POOLED}
        bounds = order_bounds(sample, sizes, 0.5)
        return {
            cell: self._measure(row, bounds.get(cell[0]) if cell[1] is POOLED else None) for cell, row in found.items()
        }

    @staticmethod
    def _measure(row: tuple[float | None, ...], bounds: tuple[float, float] | None) -> Measure:
        n, p50, p75, p90 = row
        low, high = bounds or (None, None)
        percentiles = {"p50": p50, "p75": p75, "p90": p90}
        return Measure(int(n or 0), p50, low, high, "order_statistics" if bounds else None, percentiles)


@dataclass(frozen=True)
class Proportion:
    """Share of units whose value is 1, with Wilson's interval."""

    name: str = "share"

    def columns(self) -> str:
        """``n``, the share as ``value``, and ``hits``."""
        return "COUNT(*) AS n, AVG(value) AS value, SUM(value) AS hits"

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The share and its interval per cell."""
        found = aggregated(sample, self.columns())
        return {cell: self._measure(int(n or 0), share, hits or 0.0) for cell, (n, share, hits) in found.items()}

    @staticmethod
    def _measure(n: int, share: float | None, hits: float) -> Measure:
        low, high = wilson(hits, n)
        return Measure(n, share, low, high, "wilson")
