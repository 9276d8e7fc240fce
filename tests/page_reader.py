"""A reader for pages that answers from what a test writes down, without a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboards.data import CommitsKnown, SourceState
from dashboards.unread import Unread
from metrics import CATALOGUE
from metrics.history import Times
from metrics.query import Query
from metrics.result import BucketLabel, CoverageShare, Interval, MetricResult, Window
from metrics.rows import StillOpen
from metrics.verdicts.weekly import Level, Weekly

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


def result(name: str, **given: Any) -> MetricResult:
    """A result of a metric in the catalogue: ok with value 1.0 and n 12 unless told otherwise."""
    metric = CATALOGUE[name]
    told: dict[str, Any] = {
        "metric": name,
        "version": metric.version,
        "unit": metric.unit,
        "better": metric.better,
        "scope": {},
        "window": Window(from_=NOW - timedelta(days=28), to=NOW),
        "status": "ok",
        "statistic": "p50",
        "value": 1.0,
        "n": 12,
        "clock": "calendar",
        "data_as_of": NOW,
        "computed_at": NOW,
    }
    return MetricResult(**{**told, **given})


def weekly(name: str, values: Sequence[float | None]) -> MetricResult:
    """A result whose series has one bucket a value; None is a week without data."""
    buckets = [
        result(
            name,
            value=value,
            n=0 if value is None else 9,
            status="no_data" if value is None else "ok",
            interval=None if value is None else Interval(low=value / 2, high=value * 2, method="order_statistics"),
            bucket=BucketLabel(label=f"2026-W{number:02d}", partial=number == 1),
        )
        for number, value in enumerate(values, start=1)
    ]
    return result(name, series=buckets)


@dataclass
class Explained:
    """Just what the page shows of an explanation."""

    sql: str = "SELECT 1"


@dataclass
class WrittenReader:
    """Answers every question from ``results``, by metric; the deployments finished so many ``days_ago``."""

    results: Mapping[str, MetricResult] = field(default_factory=dict)
    days_ago: tuple[float, ...] = (900, 5, 5, 4, 3, 2, 1)
    services_known: tuple[str, ...] = ("shop",)
    sources_known: tuple[SourceState, ...] = (SourceState("git:acme/shop", "git", NOW, None),)
    unread_known: tuple[Unread, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    demo: bool = False
    asked: list[Query] = field(default_factory=list)

    def now(self) -> datetime:
        """The clock of the page."""
        return NOW

    def compute(self, query: Query) -> MetricResult:
        """The written result; every question is kept."""
        self.asked.append(query)
        known = self.results.get(query.metric)
        return known if known is not None else result(query.metric)

    def prepare(self, query: Query) -> MetricResult:
        """The written result."""
        return self.compute(query)

    def weekly(self, _query: Query, _level: Level) -> Weekly:
        """Of no team."""
        return Weekly((), {})

    @contextmanager
    def together(self) -> Iterator[Callable[[Query], MetricResult]]:
        """Each as if it were alone."""
        yield self.compute

    def behind(self) -> int:
        """None: what is written is the newest."""
        return 0

    def explain(self, query: Query) -> Explained:
        """An explanation that names its metric."""
        return Explained(f"SELECT '{query.metric}'")

    def unit_rows(self, query: Query, limit: int) -> list[dict[str, Any]]:
        """The written rows of the metric."""
        return [row for row in self.rows if row["metric"] == query.metric][:limit]

    def still_open(self, query: Query, most: int) -> StillOpen:
        """The written rows of the metric that wait."""
        found = [row for row in self.rows if row["metric"] == query.metric and row["evidence"].get("censored")]
        return StillOpen(tuple(sorted(found, key=lambda row: str(row["at"]))[:most]), len(found))

    def services(self) -> tuple[str, ...]:
        """The written services."""
        return self.services_known

    def teams(self) -> tuple[str, ...]:
        """None."""
        return ()

    def sources(self) -> tuple[SourceState, ...]:
        """The written sources."""
        return self.sources_known

    def unread(self) -> tuple[Unread, ...]:
        """The written ones."""
        return self.unread_known

    def times(self, _query: Query, newest: int) -> Times:
        """The same for every scope."""
        at = sorted((NOW - timedelta(days=days) for days in self.days_ago), reverse=True)
        return Times(at[-1] if at else None, tuple(at[:newest]))

    def commits(self) -> CommitsKnown:
        """Seven commits of the last month."""
        return CommitsKnown(7, NOW - timedelta(days=30), NOW)


def hidden(name: str, share: float) -> MetricResult:
    """A result that is hidden for its coverage."""
    coverage = CoverageShare(share=share, floor=0.8, of="shipped deployments whose commits are known")
    return result(name, status="low_coverage", value=None, coverage=coverage)
