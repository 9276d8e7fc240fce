"""The result object of the contract, section 3: one number with everything needed to judge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["ok", "too_few", "no_data", "not_observable", "low_coverage", "suppressed"]


class Part(BaseModel):
    """Base of the result's parts: frozen, and written under the contract's names."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Window(Part):
    """From when (inclusive) to when (exclusive), UTC."""

    from_: datetime = Field(alias="from")
    to: datetime


class Interval(Part):
    """An interval in the metric's unit; ``level`` 0.95."""

    low: float
    high: float
    level: float = 0.95
    method: str


class CoverageShare(Part):
    """How much of a population could be judged, 0..1; None for 0 of 0, which hides nothing (E26).

    Further fields are counts of the population, e.g. ``unattributed``.
    """

    model_config = ConfigDict(extra="allow")

    share: float | None
    floor: float | None
    of: str


class Benchmark(Part):
    """Where a value lies in a published survey: category 1-6 and score 0-10, with the survey's mean and deviation."""

    edition: str
    category: int | None
    score: float
    mean: float | None
    sd: float | None


class Services(Part):
    """The distribution over services: how many, how many with status ok, and quartiles over those."""

    n: int
    ok: int
    p25: float | None
    p50: float | None
    p75: float | None


class Pooled(Part):
    """One value over all units of all services, the second line of a rollup."""

    value: float | None
    interval: Interval | None
    percentiles: Mapping[str, float | None] = Field(default_factory=dict)


class BucketLabel(Part):
    """Which part of a series this is; ``partial``: the window cuts the period."""

    label: str
    partial: bool


class MetricResult(Part):
    """One metric for one scope and window. Durations in seconds, shares 0..1, times UTC; nothing missing is 0.

    ``extra`` holds the metric's own further fields; ``hint`` is a sentence for the reader. Neither is a field of the
    object: the one is laid out beside the others, the other is left out.
    """

    metric: str
    version: int
    unit: str
    better: str
    scope: Mapping[str, str]
    window: Window
    bucket: BucketLabel | None = None
    status: Status
    statistic: str
    value: float | None
    n: int | None
    interval: Interval | None = None
    percentiles: Mapping[str, float | None] = Field(default_factory=dict)
    coverage: CoverageShare | None = None
    exclusions: Mapping[str, int] | None = Field(default_factory=dict)
    clock: str
    benchmark: Benchmark | None = None
    services: Services | None = None
    pooled: Pooled | None = None
    parts: Sequence[Mapping[str, Any]] = ()
    series: Sequence[MetricResult] = ()
    data_as_of: datetime | None
    computed_at: datetime
    extra: Mapping[str, Any] = Field(default_factory=dict, exclude=True)
    hint: str | None = Field(default=None, exclude=True)

    def to_dict(self) -> dict[str, Any]:
        """The contract's object, ready for JSON."""
        told = self.model_dump(mode="json", by_alias=True, exclude={"series", "bucket"})
        if self.bucket is not None:
            told["bucket"] = self.bucket.model_dump()
        return {**told, **self.extra, "series": [each.to_dict() for each in self.series]}
