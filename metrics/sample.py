"""The units of one query, cut into buckets: what a statistic measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.definition import PERIODS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.query import Query
    from tribometer.clock import Bucket
    from tribometer.store import Reader

WHOLE = ""
"""The bucket that is the whole window."""
NAMES = {
    "service": "JOIN {table} AS b ON b.bucket = u.service",
    "template": "JOIN {table} AS b ON b.bucket = u.template",
    "team": "JOIN team_paths AS t ON t.team = u.team JOIN {table} AS b ON b.bucket = t.bucket",
}


@dataclass(frozen=True)
class Sample:
    """Units of the scope and window, each with its bucket.

    ``buckets`` describes each bucket by its label, ``services`` names the services that belong to it; ``table`` holds
    the buckets on the engine. ``by`` is None for the sample whose one bucket is the whole window.
    """

    reader: Reader
    query: Query
    by: str | None
    table: str
    buckets: Mapping[str, Bucket]
    services: Mapping[str, tuple[str, ...]]

    @property
    def units(self) -> str:
        """Relation (bucket, and the columns of a unit with team, template and the metric's ``keeps``)."""
        return self.cut("metric_units")

    @property
    def coverage(self) -> str:
        """Relation (bucket, service, at, covered, and what the coverage counts)."""
        return self.cut("metric_coverage")

    @property
    def gate(self) -> str:
        """As ``coverage``, of the metric's gate."""
        return self.cut("metric_gate")

    @property
    def observed(self) -> str:
        """Relation (bucket, service, team, calendar, starts_at, ends_at, bucket_from, bucket_to) of spans.

        A span is when a service lived and was owned by the scope; where it lies outside the bucket is for the reader to
        cut. A unit stands in several buckets where teams nest, and so does a span.
        """
        overlap = "JOIN {table} AS b ON u.starts_at < b.ends_at AND u.ends_at > b.starts_at"
        join = self._join(overlap if self.by in PERIODS else None)
        columns = "b.bucket, u.service, u.team, u.calendar, u.starts_at, u.ends_at, b.starts_at AS bucket_from, "
        return f"(SELECT {columns}b.ends_at AS bucket_to FROM metric_observed AS u {join}) AS observed"  # noqa: S608

    def cut(self, relation: str) -> str:
        """A relation with the columns service, team, template and ``at``, with the bucket of every row."""
        by_time = f"JOIN {{table}} AS b ON b.period = DATE_TRUNC('{self.by}', u.at)"
        join = self._join(by_time if self.by in PERIODS else None)
        return f"(SELECT b.bucket, u.* FROM {relation} AS u {join}) AS sample"  # noqa: S608

    def _join(self, by_time: str | None) -> str:
        own = self.query.definition.cuts.get(self.by or "")
        by_name = f"JOIN {{table}} AS b ON b.bucket = u.{own}" if own else NAMES.get(self.by or "")
        return (by_time or by_name or "CROSS JOIN {table} AS b").format(table=self.table)
