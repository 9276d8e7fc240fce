"""Friction cost: the hours that people lose by waiting, of every kind together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.definition import Cell, Measure, Metric, Observability
from metrics.friction.kinds import KINDS
from metrics.statistics import aggregated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.query import Query
    from metrics.sample import Sample
    from tribometer.clock import Bucket
    from tribometer.store import Reader

HOUR, MONTH = 3600.0, 30.4375 * 86_400
"""Seconds; a month is a twelfth of a year."""


@dataclass(frozen=True)
class HoursLost:
    """Hours lost in a month; ``n`` waits. The friction board tells its interval, over teams.

    Further fields: ``lost_seconds`` in the whole bucket, and ``full_days``: waits on days of a person that were full at
    8 hours.
    """

    name: str = "rate"

    def columns(self) -> str:
        """``n`` waits, the seconds of all of them, and those on days that were full."""
        return (
            "COUNT(DISTINCT CONCAT(kind, ' ', subject, ' ', CAST(span_from AS STRING))) AS n, "
            "SUM(value) AS lost_seconds, SUM(CASE WHEN flag = 'day_is_full' THEN 1 ELSE 0 END) AS full_days"
        )

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The rate of every cell in which anybody waited."""
        return {
            cell: Measure(
                int(n or 0),
                float(lost or 0.0) / HOUR / months(sample, sample.buckets[cell[0]]),
                extra={"lost_seconds": float(lost or 0.0), "full_days": int(full or 0)},
            )
            for cell, (n, lost, full) in aggregated(sample, self.columns()).items()
        }


def months(sample: Sample, bucket: Bucket) -> float:
    """How many months a bucket has lasted until now; at least an hour's worth."""
    lasted = (min(bucket.ends_at, sample.query.now) - bucket.starts_at).total_seconds()
    return max(lasted, HOUR) / MONTH


def observe(reader: Reader, query: Query) -> Observability:
    """Whether any kind could be told of."""
    from metrics.computation import could_tell  # noqa: PLC0415 - that module reads the catalogue, which reads this one

    del query
    return Observability(any(all(could_tell(reader, need) for need in kind.needs) for kind in KINDS if kind.needs))


METRIC = Metric(
    name="friction_cost",
    version=1,
    title="Friction cost",
    unit="hours_per_month",
    better="lower",
    group="Friction",
    question="How many hours a month do people lose by waiting, and on what?",
    source="Business hours waited x people held up x attention, per month; the factors stand in the settings.",
    formula="Business hours of every wait, times the people it holds up and the attention it takes, of one person and "
    "day at most 8 hours, divided by the months looked at; hours per month.",
    caveats=(
        "An hour lost is an estimate: the wait is measured, how much of it costs anybody anything is an assumption.",
        "What is not collected costs nothing here; `tribometer friction` says which kinds cannot be seen.",
        "Of a wait only the first days count, by kind: what lies for weeks is not waited for any more.",
        "Picking work up again after an interruption is not in it.",
    ),
    not_comparable=(
        "Hours that people say they lost: they count what no tool records, and forget what they have got used to.",
        "Other organisations with other factors, other sources or another size.",
    ),
    rules=("E14", "E18", "E19", "E20", "E24"),
    reads=frozenset().union(*(kind.reads for kind in KINDS)),
    statistic=HoursLost(),
    window_days=84,
    bots="exclude",
    clock="business",
    keeps=("kind", "pipeline", "subject", "span_from"),
    beside={"lost_seconds": "hours", "full_days": "count"},
    given=("calendar_dates",),
    cuts={"kind": "kind", "pipeline": "pipeline"},
    placed="unit",
    over="units",
    observe=observe,
)
