"""Seals of a series' buckets: a digest of all that the result of a bucket is made from.

A result is a function of the units, the coverage rows and the observed spans of its bucket, of its services, of what
the metric reads beside them (its ``context`` and given tables), of what the store's sources could have told, and of
options, rules and code. Two results with the same seal are the same, whatever has landed between them.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from metrics.closed_basis import made_with
from metrics.workspace import UNIT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.definition import Observability
    from metrics.sample import Sample
    from tribometer.settings import Rules

SPAN = ("service", "team", "calendar", "GREATEST(starts_at, bucket_from)", "LEAST(ends_at, bucket_to)")
DATES = ("calendar", "day", "starts_at", "ends_at", "opens_at", "closes_at", "is_open")
OPENING = """
(SELECT DISTINCT b.bucket, {columns} FROM calendar_dates AS c
JOIN {table} AS b ON c.opens_at >= b.starts_at AND c.opens_at < b.ends_at) AS opening
"""
DIGEST = """
SELECT bucket, COUNT(*) AS n, SUM(CAST(hash({columns}) AS HUGEINT)) AS one, SUM(CAST(hash({turned}) AS HUGEINT)) AS two
FROM {relation} GROUP BY bucket
"""


def seals(sample: Sample, observed: Observability, rules: Rules) -> dict[str, str]:
    """The seal of every bucket of a sample that is cut by time."""
    parts = [_digests(sample, relation, columns) for relation, columns in _relations(sample)]
    context = sample.query.definition.context
    beside = context(sample) if context is not None else {}
    shared, begin = [repr(observed), sample.query.definition.version], made_with(rules)
    return {
        bucket: _seal(
            begin, [*shared, sample.services[bucket], beside.get(bucket), *(each.get(bucket) for each in parts)]
        )
        for bucket in sample.buckets
    }


def slots(sample: Sample) -> dict[str, str]:
    """Where the result of every bucket is kept: metric, scope, options, and the period."""
    query, metric = sample.query, sample.query.definition
    options = [query.clock or metric.clock, query.unit, query.blame, query.bots or metric.bots, query.owners]
    return {
        bucket: json.dumps([metric.name, metric.version, query.service, query.team, *options, sample.by, bucket])
        for bucket in sample.buckets
    }


def _relations(sample: Sample) -> list[tuple[str, Sequence[str]]]:
    metric = sample.query.definition
    found: list[tuple[str, Sequence[str]]] = [
        (sample.units, (*UNIT_COLUMNS, *metric.keeps, "team", "template")),
        (sample.observed, SPAN),
    ]
    for relation, coverage in ((sample.coverage, metric.coverage), (sample.gate, metric.gate)):
        if coverage is not None:
            found.append((relation, ("service", "at", "covered", *coverage.counts, "team", "template")))
    if "calendar_dates" in metric.given:
        columns = ", ".join(f"c.{name}" for name in DATES)
        found.append((OPENING.format(columns=columns, table=sample.table), DATES))
    return found


def _digests(sample: Sample, relation: str, columns: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
    """Number and digest of each bucket's rows in any order; in both directions, so that no collision is one in both."""
    # a column's name may be a word of SQL, like `at`
    named = [f'"{each}"' if each.isidentifier() else each for each in columns]
    one, two = ", ".join(named), ", ".join(reversed(named))
    rows = sample.reader.rows(DIGEST.format(columns=one, turned=two, relation=relation))
    return {bucket: tuple(numbers) for bucket, *numbers in rows}


def _seal(begin: str, parts: Sequence[object]) -> str:
    return f"{begin}:{sha256(repr(parts).encode()).hexdigest()}"
