"""Deployment frequency (D1): shipped deployments per calendar day of a service's life."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metrics.definition import POOLED, Cell, Measure, Metric
from metrics.statistics import aggregated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.sample import Sample

DAYS = """
SELECT bucket, service,
    SUM(seconds_between(GREATEST(starts_at, bucket_from), LEAST(ends_at, bucket_to))) / 86400.0 AS days
FROM {observed} GROUP BY bucket, service
"""
WORKING_DAYS = """
WITH working AS (
    SELECT DISTINCT o.bucket, o.service, c.day, c.starts_at, c.ends_at
    FROM (SELECT * FROM {observed}) AS o
    JOIN calendar_dates AS c ON c.calendar = o.calendar AND c.is_open
        AND c.opens_at >= o.bucket_from AND c.opens_at < o.bucket_to
        AND c.starts_at < o.ends_at AND c.ends_at > o.starts_at
),
active AS (
    SELECT DISTINCT w.bucket, w.service, w.day
    FROM working AS w
    JOIN (SELECT * FROM {units} WHERE counted) AS u
        ON u.bucket = w.bucket AND u.service = w.service AND u.at >= w.starts_at AND u.at < w.ends_at
)
SELECT w.bucket, w.service, COUNT(*) AS working_days, COUNT(a.day) AS active_days
FROM working AS w
LEFT JOIN active AS a ON a.bucket = w.bucket AND a.service = w.service AND a.day = w.day
GROUP BY w.bucket, w.service
"""
GAPS = """
SELECT bucket, service, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY gap) AS median_gap
FROM (
    SELECT u.bucket, u.service,
        seconds_between(LAG(u.at) OVER (PARTITION BY u.bucket, u.service ORDER BY u.at NULLS LAST), u.at) AS gap
    FROM (SELECT * FROM {units} WHERE counted) AS u
) AS gaps WHERE gap IS NOT NULL GROUP BY bucket, service
"""
FAILED_ATTEMPTS = """
SELECT bucket, service, COUNT(*) AS attempts FROM {units} WHERE rule = 'E6' GROUP BY bucket, service
"""
EARLIER = """
SELECT DISTINCT b.bucket, e.service
FROM {table} AS b
JOIN (
    SELECT d.service, s.last_success_at, MIN(d.finished_at) AS finished_at
    FROM production_deployments AS d
    JOIN source_states AS s ON s.source = d.source
    WHERE d.role IN ('shipped', 'redeploy', 'rollback')
    GROUP BY d.service, s.last_success_at
) AS e ON e.finished_at < b.starts_at AND e.last_success_at >= b.starts_at
"""


@dataclass(frozen=True)
class Exposure:
    """What a service had in a bucket: days, working days, and what stands beside the count."""

    days: float = 0.0
    working_days: int = 0
    active_days: int = 0
    median_gap: float | None = None
    failed_attempts: int = 0
    deployed_earlier: bool = False

    def measure(self, n: int) -> Measure:
        """The rate of ``n`` shipped deployments; 0 only where silence means none (D1)."""
        known = self.days > 0 and (n > 0 or self.deployed_earlier)
        if not known:
            return Measure(n, status="no_data")
        return Measure(n, n / self.days, status="ok", extra=self._extra(n))

    def _extra(self, n: int) -> dict[str, Any]:
        attempts = n + self.failed_attempts
        return {
            "per_working_day": n / self.working_days if self.working_days else None,
            "deploy_day_share": self.active_days / self.working_days if self.working_days else None,
            "median_gap_seconds": self.median_gap,
            "attempts": attempts,
            "attempt_success": n / attempts if attempts else None,
        }


@dataclass(frozen=True)
class Frequency:
    """Shipped deployments per calendar day; no interval, since deployments come in clusters."""

    name: str = "rate"

    def columns(self) -> str:
        """``n``; the days it is divided by are no units."""
        return "COUNT(*) AS n"

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The rate of every service; pooled, of all deployments per day in which any service was there."""
        counts = aggregated(sample, self.columns())
        exposures = self._exposures(sample)
        found: dict[Cell, Measure] = {
            cell: exposure.measure(int(counts.get(cell, (0,))[0] or 0)) for cell, exposure in exposures.items()
        }
        together: dict[str, list[Exposure]] = {bucket: [] for bucket in sample.buckets}
        for (bucket, _), exposure in exposures.items():
            together[bucket].append(exposure)
        for bucket, mine in together.items():
            found[bucket, POOLED] = pooled(int(counts.get((bucket, POOLED), (0,))[0] or 0), mine)
        return found

    def _exposures(self, sample: Sample) -> dict[Cell, Exposure]:
        texts = {"observed": sample.observed, "units": sample.units, "table": sample.table}
        rows = {
            name: {(bucket, service): numbers for bucket, service, *numbers in sample.reader.rows(text.format(**texts))}
            for name, text in QUERIES.items()
        }
        return {cell: _exposure(days, cell, rows) for cell, (days,) in rows["days"].items()}


def _exposure(days: float, cell: Cell, rows: Mapping[str, Mapping[Cell, Sequence[Any]]]) -> Exposure:
    working_days, active_days = rows["working"].get(cell, (0, 0))
    (median_gap,) = rows["gaps"].get(cell, (None,))
    (failed_attempts,) = rows["failed"].get(cell, (0,))
    return Exposure(days, working_days, active_days, median_gap, failed_attempts, cell in rows["earlier"])


QUERIES = {"days": DAYS, "working": WORKING_DAYS, "gaps": GAPS, "failed": FAILED_ATTEMPTS, "earlier": EARLIER}


def pooled(n: int, exposures: list[Exposure]) -> Measure:
    """All deployments of all services per day, over the longest time that any of them was there."""
    if len(exposures) == 1:
        return exposures[0].measure(n)
    days = max((each.days for each in exposures), default=0.0)
    attempts = n + sum(each.failed_attempts for each in exposures)
    success = {"attempts": attempts, "attempt_success": n / attempts if attempts else None}
    known = days > 0 and (n > 0 or any(each.deployed_earlier for each in exposures))
    if not known:
        return Measure(n, status="no_data")
    return Measure(n, n / days, status="ok", extra=success)


def deployed_earlier(sample: Sample) -> Mapping[str, Sequence[str]]:
    """The services of which an earlier deployment is known, by bucket, sorted."""
    found: dict[str, list[str]] = {}
    for bucket, service in sorted(sample.reader.rows(EARLIER.format(table=sample.table))):
        found.setdefault(bucket, []).append(service)
    return found


METRIC = Metric(
    name="deployment_frequency",
    version=1,
    title="Deployment frequency",
    unit="per_day",
    better="higher",
    group="Delivery, the five DORA keys",
    question="How often does a service ship to production?",
    source="DORA Quick Check; counted per calendar day, boundaries per working day are ours.",
    formula="Shipped deployments, divided by the calendar days in which the service was there; a rate per day.",
    caveats=(
        "Splitting a deployment in two, or deploying nothing, raises it without helping anybody.",
        "'On demand' is a capability: telemetry cannot tell category 5 from 6, so more than one a day is scored 6.",
        "One pipeline of a monorepo may deploy many services: each is counted for itself.",
    ),
    not_comparable=(
        "Counts of merges, of pipeline runs or of the deployments of a repository: they count other things.",
        "Services of other kinds: what can be released often is not the better service.",
    ),
    rules=("E5", "E6", "E7", "E8", "E10", "E11", "E12", "E13", "E14"),
    reads=frozenset({"deployment"}),
    needs=frozenset({"deployment"}),
    statistic=Frequency(),
    given=("calendar_dates",),
    context=deployed_earlier,
    benchmark="deployment_frequency",
    benchmark_input="per_working_day",
)
