"""From what was measured to the result object: status, coverage, rollup over services, benchmark."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from statistics import median
from typing import TYPE_CHECKING, Any

from metrics import benchmark
from metrics.definition import POOLED, Cell, Coverage, Measure, Metric, Observability
from metrics.result import (
    Benchmark,
    BucketLabel,
    CoverageShare,
    Interval,
    MetricResult,
    Pooled,
    Services,
    Window,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from metrics.query import Query
    from metrics.sample import Sample

BEST_FIRST = ("ok", "too_few", "low_coverage", "no_data", "not_observable")


NOTHING = {
    "status": "suppressed",
    "value": None,
    "n": None,
    "coverage": None,
    "exclusions": None,
    "parts": (),
}
"""What is told where fewer than five people are behind a number."""


@dataclass(frozen=True)
class Findings:
    """What was measured on one sample, by cell and by bucket; of ``suppressed`` buckets nothing is told (privacy)."""

    measures: Mapping[Cell, Measure] = field(default_factory=dict)
    exclusions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    coverage: Mapping[Cell, CoverageShare] = field(default_factory=dict)
    parts: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    suppressed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Judge:
    """Turns findings into result objects; what all results of one query share stands in its fields."""

    query: Query
    observed: Observability
    data_as_of: datetime | None
    hint: str | None

    @property
    def metric(self) -> Metric:
        """The metric asked for."""
        return self.query.definition

    def status(self, measure: Measure, coverage: CoverageShare | None) -> str:
        """Status of one service, or of all units pooled."""
        if not self.observed.observable:
            return "not_observable"
        if coverage is not None and hides(coverage):
            return "low_coverage"
        if measure.status is not None:
            return measure.status
        if measure.n == 0:
            return "no_data"
        return "too_few" if measure.n < self.metric.minimum_n else "ok"

    def result(self, sample: Sample, findings: Findings, bucket: str) -> MetricResult:
        """The result object of one bucket."""
        members = sample.services[bucket]
        pooled = findings.measures.get((bucket, POOLED), Measure(0))
        facts = self._shared(sample, findings, bucket, pooled)
        if bucket in findings.suppressed:
            return MetricResult(**{**facts, **NOTHING, "statistic": _statistic(self.metric)})
        if len(members) > 1 and self.metric.over == "services":
            rollup = self._rollup(findings, bucket, members, pooled)
            if rollup["status"] != "no_data" or pooled.n == 0:
                return MetricResult(**{**facts, **rollup})
            # what belongs to no service alone, as in a monorepo (E12), is all there is to tell
            facts["services"] = rollup["services"]
        own = findings.measures.get((bucket, members[0]), pooled) if members and pooled.n == 0 else pooled
        return MetricResult(**{**facts, **self._single(own, findings.coverage.get((bucket, POOLED)))})

    def _shared(self, sample: Sample, findings: Findings, bucket: str, pooled: Measure) -> dict[str, Any]:
        metric, place = self.metric, sample.buckets[bucket]
        observable = self.observed.observable
        return {
            "metric": metric.name,
            "version": metric.version,
            "unit": metric.unit,
            "better": metric.better,
            "scope": self.query.scope,
            "window": Window(**{"from": place.starts_at.astimezone(UTC), "to": place.ends_at.astimezone(UTC)}),
            "bucket": BucketLabel(label=bucket, partial=place.partial) if sample.by else None,
            "n": pooled.n,
            "coverage": self._coverage(findings.coverage.get((bucket, POOLED))) if observable else None,
            "exclusions": findings.exclusions.get(bucket, {}),
            "clock": self.query.clock or metric.clock,
            "parts": findings.parts.get(bucket, ()),
            "data_as_of": self.data_as_of,
            "computed_at": self.query.now.astimezone(UTC),
            "hint": self.hint if observable else self.observed.hint or self.hint,
        }

    def _coverage(self, known: CoverageShare | None) -> CoverageShare | None:
        if self.metric.coverage is None:
            return None
        told = known or nothing_of(self.metric.coverage)
        return told.model_copy(update={"of": self.observed.of}) if self.observed.of is not None else told

    def _single(self, measure: Measure, coverage: CoverageShare | None) -> dict[str, Any]:
        status = self.status(measure, coverage)
        told: dict[str, Any] = {"status": status, "statistic": _statistic(self.metric)}
        if status not in {"ok", "too_few"}:
            return {**told, "value": None, "parts": ()} if status == "low_coverage" else {**told, "value": None}
        interval = None if status == "too_few" else _interval(measure)
        return {
            **told,
            "value": measure.value,
            "interval": interval,
            "percentiles": measure.percentiles,
            "benchmark": self._benchmark(measure, interval) if status == "ok" else None,
            "extra": measure.extra,
        }

    def _benchmark(self, measure: Measure, interval: Interval | None) -> Benchmark | None:
        metric = self.metric
        if metric.benchmark is None or not self.observed.scored:
            return None
        if metric.benchmark_input is not None:
            given = measure.extra.get(metric.benchmark_input)
            return benchmark.place(metric.benchmark, given) if given is not None else None
        if measure.value is None or interval is None:
            return None
        return benchmark.place(metric.benchmark, measure.value, (interval.low, interval.high))

    def _rollup(self, findings: Findings, bucket: str, members: Sequence[str], pooled: Measure) -> dict[str, Any]:
        own = {name: findings.measures.get((bucket, name), Measure(0)) for name in members}
        statuses = {name: self.status(own[name], findings.coverage.get((bucket, name))) for name in members}
        status = min(statuses.values(), key=BEST_FIRST.index)
        shown = status in {"ok", "too_few"}
        best = [own[name] for name in members if statuses[name] == status] if shown else []
        values = sorted(each.value for each in best if each.value is not None)
        fine = values if status == "ok" else []
        value = median(values) if values else None
        told = {
            "status": status,
            "statistic": "p50_of_services",
            "value": value,
            "services": Services(n=len(members), ok=len(fine), **quartiles(fine)),
            "pooled": _pooled(pooled) if shown else None,
            "extra": middle_extras(best, pooled),
        }
        together = findings.coverage.get((bucket, POOLED))
        if shown and together is not None and hides(together):
            told["hint"] = thin_coverage(together, sum(each == status for each in statuses.values()), len(members))
        return told if shown else {**told, "parts": ()}


def _statistic(metric: Metric) -> str:
    return metric.statistic.name if metric.statistic is not None else metric.name


def _pooled(measure: Measure) -> Pooled:
    return Pooled(value=measure.value, interval=_interval(measure), percentiles=measure.percentiles)


def _interval(measure: Measure) -> Interval | None:
    if measure.low is None or measure.high is None or measure.method is None:
        return None
    return Interval(low=measure.low, high=measure.high, method=measure.method)


def quantile(ordered: Sequence[float], q: float) -> float | None:
    """Quantile of sorted values, interpolated as ``percentile_cont`` does; None without values."""
    if not ordered:
        return None
    place = q * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def quartiles(ordered: Sequence[float]) -> dict[str, float | None]:
    """The quartiles of sorted values as the result's fields."""
    return {f"p{percent}": quantile(ordered, percent / 100) for percent in (25, 50, 75)}


def middle_extras(best: Sequence[Measure], pooled: Measure) -> dict[str, Any]:
    """Further fields of a rollup: of numbers the median over its services, else what holds for all units."""
    told: dict[str, Any] = {}
    for name in dict.fromkeys(name for each in (*best, pooled) for name in each.extra) if best else ():
        values = [each.extra.get(name) for each in best]
        numbers = sorted(value for value in values if isinstance(value, int | float))
        told[name] = pooled.extra[name] if name in pooled.extra else quantile(numbers, 0.5)
    return told


def thin_coverage(together: CoverageShare, shown: int, members: int) -> str:
    """A sentence for a rollup whose services taken together could not be judged, though some by themselves could."""
    return (
        f"The value is that of {shown} of {members} services; of {together.of}, all services together have "
        f"{together.share:.0%}, under the floor of {together.floor:.0%}: `--by service` tells which lack it."
    )


def nothing_of(coverage: Coverage) -> CoverageShare:
    """The coverage of an empty population, 0 of 0."""
    counts = dict.fromkeys(coverage.counts, 0)
    return CoverageShare(share=None, floor=coverage.floor, of=coverage.of, **counts)


def hides(coverage: CoverageShare) -> bool:
    """Whether too little could be judged to show a value (E26)."""
    return coverage.share is not None and coverage.floor is not None and coverage.share < coverage.floor
