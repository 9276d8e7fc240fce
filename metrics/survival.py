"""Durations of which some are still open: the median by Kaplan-Meier, never by leaving the open ones out (E24).

Source: Kaplan & Meier (1958); the interval inverts log-log bands (Brookmeyer & Crowley 1982). Estimate and bands are
scipy's, imported only where something is open: importing scipy.stats takes a second.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from metrics.definition import POOLED, Cell, Measure
from metrics.statistics import Duration, aggregated, order_bounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.sample import Sample

METHOD = "kaplan_meier"
LEVEL = 0.95
QUANTILES = {"p50": 0.5, "p75": 0.75, "p90": 0.9}
ROUNDING = 1e-12
HOUR, DAY = 3600.0, 86_400.0


@dataclass(frozen=True)
class Curve:
    """Share of durations that last longer than each of ``times`` (seconds, ascending), with its 95 % band."""

    times: Sequence[float]
    shares: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]

    def quantile(self, q: float) -> float | None:
        """The time in seconds by which a share ``q`` is over; None where the curve does not get there."""
        return _first_below(self.times, self.shares, 1 - q)

    def over_by(self, time: float) -> float | None:
        """The share that is over within ``time`` seconds; None where nobody was observed so long and some go on."""
        passed = [share for at, share in zip(self.times, self.shares, strict=True) if at <= time]
        left = passed[-1] if passed else 1.0
        return None if left > 0 and time > self.times[-1] else 1 - left

    def interval(self, q: float) -> tuple[float, float] | None:
        """The 95 % interval of that time; None where a band does not get there."""
        low = _first_below(self.times, self.lows, 1 - q)
        high = _first_below(self.times, self.highs, 1 - q)
        return None if low is None or high is None else (low, high)


def kaplan_meier(ended: Sequence[float], ongoing: Sequence[float]) -> Curve:
    """Estimate the curve from durations in seconds that ended and others that have lasted so long and go on."""
    from scipy.stats import CensoredData, ecdf  # noqa: PLC0415 - see the module's docstring

    estimate = ecdf(CensoredData(uncensored=list(ended), right=list(ongoing))).sf
    with warnings.catch_warnings():
        # where nothing or everything is over the band has no width to speak of
        warnings.simplefilter("ignore", RuntimeWarning)
        # typed as numbers by the stubs, while each band is a curve
        bands: Any = estimate.confidence_interval(confidence_level=LEVEL, method="log-log")
    return Curve(
        [float(time) for time in estimate.quantiles],
        [float(share) for share in estimate.probabilities],
        [float(share) for share in bands.low.probabilities],
        [float(share) for share in bands.high.probabilities],
    )


def log_rank(one: tuple[Sequence[float], Sequence[float]], other: tuple[Sequence[float], Sequence[float]]) -> float:
    """The p-value of no difference between two groups, each (ended, ongoing) durations (Mantel 1966), two-sided."""
    from scipy.stats import CensoredData, logrank  # noqa: PLC0415 - see the module's docstring

    first: Any = CensoredData(uncensored=list(one[0]), right=list(one[1]))
    second: Any = CensoredData(uncensored=list(other[0]), right=list(other[1]))
    return float(logrank(first, second).pvalue)


def _first_below(times: Sequence[float], shares: Sequence[float], limit: float) -> float | None:
    reached = (time for time, share in zip(times, shares, strict=True) if share <= limit + ROUNDING)
    return next(reached, None)


@dataclass(frozen=True)
class Survival(Duration):
    """Median of durations of which some may be open: a unit that is ``censored`` has lasted its value and goes on.

    Cells without an open unit are measured by order statistics. ``within`` names further fields of the result: the
    share that was over in less than so many seconds, among those of which that is known. ``further`` adds percentiles.
    """

    within: tuple[tuple[str, float], ...] = ()
    further: tuple[tuple[str, float], ...] = ()

    def columns(self) -> str:
        """What `Duration` aggregates, how many are open, then the share for each of ``within`` and ``further``."""
        shares = (
            f"AVG(CASE WHEN value >= {limit} THEN 0.0 WHEN NOT censored THEN 1.0 END) AS {name}"
            for name, limit in self.within
        )
        further = (f"PERCENTILE_CONT({q}) WITHIN GROUP (ORDER BY value) AS {name}" for name, q in self.further)
        ongoing = "SUM(CASE WHEN censored THEN 1 ELSE 0 END) AS ongoing"
        return ", ".join((super().columns(), ongoing, *shares, *further))

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """Percentiles per cell, by Kaplan-Meier where anything is open; bounds for the pooled cells."""
        found = aggregated(sample, self.columns())
        pooled = {bucket: row for (bucket, service), row in found.items() if service is POOLED}
        bounds = order_bounds(sample, {bucket: int(row[0] or 0) for bucket, row in pooled.items() if not row[4]}, 0.5)
        curves = _curves(sample, [bucket for bucket, row in pooled.items() if row[4]])
        return {cell: self._cell(cell, row, bounds, curves) for cell, row in found.items()}

    def _cell(
        self,
        cell: Cell,
        row: tuple[float | None, ...],
        bounds: Mapping[str, tuple[float, float]],
        curves: Mapping[Cell, Curve],
    ) -> Measure:
        more = 5 + len(self.within)
        shares = {name: share for (name, _), share in zip(self.within, row[5:more], strict=True)}
        extra = {"censored": int(row[4] or 0), **{k: None if v is None else float(v) for k, v in shares.items()}}
        if not row[4]:
            order = bounds.get(cell[0]) if cell[1] is POOLED else None
            measured = self._measure(row[:4], order)
            further = {name: at for (name, _), at in zip(self.further, row[more:], strict=True)}
            return replace(measured, extra=extra, percentiles={**measured.percentiles, **further})
        return _estimated(int(row[0] or 0), curves[cell], extra, {**QUANTILES, **dict(self.further)})


def _estimated(
    n: int, curve: Curve, extra: Mapping[str, float | int | None], quantiles: Mapping[str, float]
) -> Measure:
    low, high = curve.interval(0.5) or (None, None)
    percentiles = {name: curve.quantile(q) for name, q in quantiles.items()}
    value = percentiles["p50"]
    return Measure(
        n,
        value,
        low,
        high,
        METHOD if low is not None else None,
        percentiles,
        {"method": METHOD, **extra},
        # while most are open nobody can say how long half of them take
        "too_few" if value is None else None,
    )


def _curves(sample: Sample, buckets: Sequence[str]) -> dict[Cell, Curve]:
    """The curve of every cell of the given buckets that has an open unit."""
    if not buckets:
        return {}
    rows = sample.reader.rows(f"SELECT bucket, service, value, censored FROM {sample.units} WHERE counted")  # noqa: S608
    cells: dict[Cell, tuple[list[float], list[float]]] = {}
    for bucket, service, value, censored in rows:
        for cell in {(bucket, service), (bucket, POOLED)}:
            cells.setdefault(cell, ([], []))[bool(censored)].append(value)
    return {cell: kaplan_meier(*durations) for cell, durations in cells.items() if durations[1]}
