"""Metrics of people: never told of fewer than five, nor so that two answers differ by fewer than five.

They are told of the whole organisation only. Time is cut once, by when people began: into hiring quarters, each joined
with those that follow until it has five. An answer is about whole cohorts, so what two answers do not share is whole
cohorts too. Of a cohort those who can be judged count together or, where they are fewer than five, in no answer; so do
those whom one rule leaves out. Shifts are cut likewise, by `metrics.rotations`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from metrics import compose
from tribometer.clock import naive_utc, quarters
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from metrics.definition import Metric
    from metrics.query import Query
    from metrics.sample import Sample
    from tribometer.store import Reader

FEWEST = 5
FEW = "few_people"
"""The rule of units that count in no answer because fewer than five people are behind them; never told."""
COHORT = "cohort"
QUARTER_AND_MORE = timedelta(days=100)
BEGINNINGS = """
SELECT DATE_TRUNC('quarter', started_at) AS quarter, COUNT(*) AS n FROM person_starts
WHERE started_at <= $now GROUP BY DATE_TRUNC('quarter', started_at)
"""
BEHIND = """
SELECT bucket, COUNT(*) AS units, COUNT(DISTINCT {key}) AS people,
    SUM(CASE WHEN counted THEN 1 ELSE 0 END) AS counted_units,
    COUNT(DISTINCT CASE WHEN counted THEN {key} END) AS counted_people,
    SUM(CASE WHEN rule = '{few}' THEN 1 ELSE 0 END) AS few
FROM {units} GROUP BY bucket
"""


@dataclass(frozen=True)
class Cohort:
    """People who began from ``starts_at`` to ``ends_at`` (aware UTC, exclusive): quarters with five people at least.

    The last one may have fewer; it is joined with the quarters to come.
    """

    label: str
    starts_at: datetime
    ends_at: datetime


def cohorts(beginners: Mapping[datetime, int], now: datetime) -> list[Cohort]:
    """Cut time up to ``now`` by how many people began in each quarter; ``beginners`` by the quarter's first moment."""
    if not beginners:
        return []
    every = quarters(min(beginners), now + QUARTER_AND_MORE)
    found: list[Cohort] = []
    first, people = every[0], 0
    for quarter, following in pairwise(every):
        people += beginners.get(quarter.period, 0)
        is_last = following.period > now
        if people >= FEWEST or is_last:
            label = first.label if first == quarter else f"{first.label} to {quarter.label}"
            found.append(Cohort(label, first.period, following.period))
            first, people = following, 0
        if is_last:
            break
    return found


def hiring_cohorts(reader: Reader, now: datetime) -> list[Cohort]:
    """The cohorts of everybody whose first day is known, ascending."""
    text = compose.statement(compose.chain(["person_starts"]), BEGINNINGS)
    return cohorts({quarter.replace(tzinfo=UTC): n for quarter, n in reader.rows(text, now=naive_utc(now))}, now)


def cohort_table(found: Sequence[Cohort]) -> pa.Table:
    """Rows (cohort, starts_at, ends_at) for the metrics' SQL."""
    import pyarrow as pa  # noqa: PLC0415 - the catalogue, which reads this module, does without

    time = pa.timestamp("us")
    rows = [
        {"cohort": each.label, "starts_at": naive_utc(each.starts_at), "ends_at": naive_utc(each.ends_at)}
        for each in found
    ]
    return pa.Table.from_pylist(
        rows, schema=pa.schema([("cohort", pa.string()), ("starts_at", time), ("ends_at", time)])
    )


def of_whole_cohorts(reader: Reader, query: Query) -> Query:
    """The query with its window widened to whole cohorts, where its metric has such."""
    if query.definition.people is None or COHORT not in query.definition.cuts:
        return query
    start, end = query.window
    touched = [each for each in hiring_cohorts(reader, query.now) if each.starts_at < end and start < each.ends_at]
    if not touched:
        return query
    return replace(query, start=min(start, touched[0].starts_at), end=max(end, touched[-1].ends_at))


def widening(asked: Query, answered: Query) -> str | None:
    """A sentence for who asked about a part of a cohort."""
    if asked.window == answered.window:
        return None
    start, end = answered.window
    return (
        f"The window was widened to whole cohorts of at least {FEWEST} people, {start:%Y-%m-%d} to {end:%Y-%m-%d}: "
        "no two answers may differ by fewer people than that."
    )


def suppressed(sample: Sample) -> frozenset[str]:
    """The buckets with fewer than five people behind all units, or behind the counted ones; nothing is told of them.

    A unit without a person is nobody's: it adds none.
    """
    key = sample.query.definition.people
    if key is None:
        return frozenset()
    rows = sample.reader.rows(BEHIND.format(key=key, few=FEW, units=sample.units))
    return frozenset(
        bucket
        for bucket, units, people, counted_units, counted_people, few in rows
        if (units and people < FEWEST) or (counted_units and counted_people < FEWEST) or (few and not counted_units)
    )


def refuse_units(metric: Metric) -> None:
    """Raise `UsageError` where a unit of a metric is a person, or tells of one."""
    if metric.people is not None:
        raise UsageError(
            f"{metric.name} has no rows to show: behind each of them is a person, and no person is ever singled out. "
            f"Ask for the number, or for `--by {' or '.join(metric.cuts)}`."
        )
