"""Incident load (R2): incidents of any cause per service and week, and the time to mitigate them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metrics.definition import POOLED, Cell, Measure, Metric
from metrics.statistics import aggregated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.sample import Sample

WEEKS = """
SELECT bucket, service,
    SUM(seconds_between(GREATEST(starts_at, bucket_from), LEAST(ends_at, bucket_to))) / 604800.0 AS weeks
FROM {observed} GROUP BY bucket, service
"""
CLASSES = """
SELECT bucket, breakdown, class, COUNT(*) AS n
FROM (
    SELECT bucket, 1 AS place, 'severity' AS breakdown, severity AS class FROM {units}
    UNION ALL
    SELECT bucket, 2 AS place, 'change_caused' AS breakdown, change_caused AS class FROM {units}
) AS classes
GROUP BY bucket, place, breakdown, class
ORDER BY bucket NULLS LAST, place NULLS LAST, class NULLS LAST
"""


@dataclass(frozen=True)
class Load:
    """Incidents per service-week; no interval, since incidents come in clusters.

    Further field: ``time_to_mitigate`` with p50, p90 (seconds) and n, of incidents that are over.
    """

    name: str = "rate"

    def columns(self) -> str:
        """``n``, then percentiles and number of the times to mitigate."""
        return (
            "COUNT(*) AS n, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY mitigated_in) AS p50, "
            "PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY mitigated_in) AS p90, COUNT(mitigated_in) AS mitigated"
        )

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The rate of every service that lived in a bucket, and of all of them together; 0 is a finding."""
        counts = aggregated(sample, self.columns())
        return {cell: _rate(counts.get(cell, (0, None, None, 0)), weeks) for cell, weeks in _weeks(sample).items()}


def _weeks(sample: Sample) -> dict[Cell, float]:
    """Weeks in which each service was observed; pooled, their sum."""
    found: dict[Cell, float] = {(bucket, POOLED): 0.0 for bucket in sample.buckets}
    for bucket, service, weeks in sample.reader.rows(WEEKS.format(observed=sample.observed)):
        found[bucket, service] = weeks
        found[bucket, POOLED] += weeks
    return found


def _rate(row: Sequence[float | None], weeks: float) -> Measure:
    n = int(row[0] or 0)
    if weeks <= 0:
        return Measure(n, status="no_data")
    spread = {"p50": row[1], "p90": row[2], "n": int(row[3] or 0)}
    return Measure(n, n / weeks, extra={"time_to_mitigate": spread}, status="ok")


def parts(sample: Sample) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The weekly load by severity and by cause, each a breakdown of its own, for every bucket."""
    weeks = _weeks(sample)
    rows = sample.reader.rows(CLASSES.format(units=sample.units))
    totals: dict[tuple[str, str], int] = {}
    for bucket, breakdown, _, n in rows:
        totals[bucket, breakdown] = totals.get((bucket, breakdown), 0) + n
    found: dict[str, list[Mapping[str, Any]]] = {}
    for bucket, breakdown, name, n in rows:
        lived = weeks[bucket, POOLED]
        found.setdefault(bucket, []).append(
            {
                "class": f"{breakdown}:{name}",
                "value": n / lived if lived > 0 else None,
                "share": n / totals[bucket, breakdown],
                "n": n,
            }
        )
    return found


METRIC = Metric(
    name="incident_load",
    version=1,
    title="Incident load",
    unit="per_week",
    better="lower",
    group="Operations",
    question="How many incidents does a service bear in a week, and how long until they are mitigated?",
    source="Incidents of all causes; recovery from failed deployments is a metric of its own.",
    formula="Incidents of all causes, divided by the weeks in which the service was there; a rate per service-week.",
    caveats=(
        "Declaring fewer incidents lowers it: a team that writes down more is not worse.",
        "Severities are the source's own words and mean different things in different tools.",
    ),
    not_comparable=(
        "Failed deployment recovery time, which counts failures caused by changes only.",
        "Teams that declare incidents by other standards: who writes down more is not worse.",
    ),
    rules=("E23",),
    reads=frozenset({"incident"}),
    needs=frozenset({"incident"}),
    statistic=Load(),
    window_days=90,
    keeps=("severity", "change_caused", "mitigated_in"),
    parts=parts,
)
