"""Where the pages get their numbers: one reader object, given by the process that serves them.

Streamlit runs the page script afresh in a thread of the same process for every click, so the reader cannot be an
argument of the script: the service calls `provide` once before it serves, the script calls `reader`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from metrics.wording import DAY, HOUR, MINUTE, interval_text, part_share_text, status_text, unit_of, value_text
from tribometer.errors import TribometerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from dashboards.unread import Unread
    from metrics.explanation import Explanation
    from metrics.history import Times
    from metrics.query import Query
    from metrics.result import MetricResult
    from metrics.rows import StillOpen
    from metrics.verdicts.weekly import Level, Weekly
    from tribometer.store import Remark


@dataclass(frozen=True)
class SourceState:
    """Where one source stands; times are aware UTC, None where it never happened.

    ``remarks`` are what its last collection found that calls for something, e.g. that no tag is a release. ``family``
    is the source that it is a part of; ``left``: it is not any more. ``quota_left``: the requests it still allowed.
    ``collected``: not only sent. ``passing``: what fails ``failing_since`` a time mends itself, for the source is
    ``unreachable``, or ``limited`` and that ``limited_until`` a time. ``reads`` are the event types it tells of.
    """

    name: str
    kind: str
    last_success_at: datetime | None
    last_error: str | None
    collecting: bool = False
    remarks: tuple[Remark, ...] = ()
    family: str | None = None
    left: bool = False
    quota_left: int | None = None
    collected: bool = False
    passing: str | None = None
    failing_since: datetime | None = None
    limited_until: datetime | None = None
    reads: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CommitsKnown:
    """How many commits were collected; the committer times of the first and the last, aware UTC, None without any."""

    count: int
    first_at: datetime | None
    last_at: datetime | None


class DataSource(Protocol):
    """Everything a page may ask. Safe to call from several threads."""

    @property
    def demo(self) -> bool:
        """Whether the data is a generated organisation; every page says so."""

    def now(self) -> datetime:
        """The reader's clock, aware UTC."""

    def compute(self, query: Query) -> MetricResult:
        """The contract's result object."""

    def prepare(self, query: Query) -> MetricResult:
        """As ``compute`` of everything; afterwards every team and service is answered at once too."""

    def weekly(self, query: Query, level: Level) -> Weekly:
        """The whole weeks of every team that has none below it, or service, beside each other."""

    def together(self) -> AbstractContextManager[Callable[[Query], MetricResult]]:
        """A `compute` for several queries, which share what they are made from."""

    def behind(self) -> int:
        """How many numbers were shown as of before the newest data, and are being worked out anew."""

    def explain(self, query: Query) -> Explanation:
        """Definition, the SQL that ran, counted and excluded rows by rule."""

    def unit_rows(self, query: Query, limit: int) -> list[dict[str, Any]]:
        """The units looked at, as ``explain --rows`` prints them, at most ``limit``, newest first."""

    def still_open(self, query: Query, most: int) -> StillOpen:
        """The units that began and are not over, at most so many, those that began first."""

    def services(self) -> Sequence[str]:
        """Names of all services, sorted."""

    def teams(self) -> Sequence[str]:
        """Ids of all teams, sorted."""

    def sources(self) -> Sequence[SourceState]:
        """All sources known, sorted by name."""

    def unread(self) -> Sequence[Unread]:
        """The configured sources whose first collection has not come to its end."""

    def times(self, query: Query, newest: int) -> Times:
        """When counted units happened: the first and the ``newest`` last, newest first."""

    def commits(self) -> CommitsKnown:
        """What is known of code, for a page that has no deployment to show."""


class NoReader(TribometerError):
    """The page script was started without the service around it."""

    def __init__(self) -> None:
        """Say how the pages are meant to be started."""
        super().__init__("The pages are served by `tribometer up`; they have no data of their own when started alone.")


_provided: list[DataSource] = []


def provide(source: DataSource) -> None:
    """Give the pages their reader; the last one given counts."""
    _provided[:] = [source]


def reader() -> DataSource:
    """Return the reader that `provide` gave; raise `NoReader` when there is none."""
    if not _provided:
        raise NoReader
    return _provided[0]


Record = dict[str, Any]
STAGES = {
    "coding": ("Coding", "#0072B2"),
    "pickup": ("Waiting for review", "#E69F00"),
    "review": ("Review", "#56B4E9"),
    "merge_wait": ("Waiting to merge", "#CC79A7"),
    "gate_wait": ("Waiting for approval", "#D55E00"),
    "release_wait": ("Waiting for release", "#F0E442"),
    "deploy": ("Deploying", "#009E73"),
}
"""Stage -> its words and its colour (Okabe and Ito's palette)."""
TOLD_BY = {
    "`change` events (pull or merge requests)": ("coding", "merge_wait"),
    "`review` events": ("pickup", "review"),
    "`gate` events": ("gate_wait",),
    "`deployment` events with `started_at`": ("deploy",),
}
"""What tells of a stage; the wait for a release follows from any release."""


def axis_unit(unit: str, values: Sequence[float | None]) -> tuple[float, str]:
    """Choose the divisor and the axis title that make the largest value readable."""
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    if unit == "seconds":
        for size, name in ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
            if largest >= 2 * size:
                return size, name
        return 1.0, "seconds"
    if unit == "share":
        return 0.01, "percent"
    if unit == "per_day":
        return (1.0, "per day") if largest >= 1 else (1 / 7, "per week")
    return 1.0, unit.replace("_", " ")


def bucket_records(result: MetricResult) -> list[Record]:
    """Flatten a series to one record a bucket: label, value, whole, low, high, n, status, words, partial.

    ``whole`` is the value again, None where the window cuts the bucket.
    """
    divisor, _ = axis_unit(result.unit, [bucket.value for bucket in result.series])
    return [_bucket_record(bucket, divisor) for bucket in result.series]


def _bucket_record(bucket: MetricResult, divisor: float) -> Record:
    interval = bucket.interval
    label = bucket.bucket.label if bucket.bucket else ""
    value = None if bucket.value is None else bucket.value / divisor
    partial = bool(bucket.bucket and bucket.bucket.partial)
    return {
        "label": label,
        "value": value,
        "whole": None if partial else value,
        "low": interval.low / divisor if interval and interval.low is not None else None,
        "high": interval.high / divisor if interval and interval.high is not None else None,
        "n": bucket.n,
        "status": bucket.status.replace("_", " "),
        "words": value_text(unit_of(bucket), bucket.value),
        "partial": partial,
    }


def stage_records(result: MetricResult) -> list[Record]:
    """Lay the known stages end to end: stage, share, median in words, n, start, end, middle (0..1)."""
    records: list[Record] = []
    start = 0.0
    parts = {str(part["stage"]): part for part in result.parts}
    for stage, (name, _) in STAGES.items():
        part = parts.get(stage)
        if part is None or not part["n"]:
            continue
        end = start + (part["share"] or 0.0)
        records.append({
            "stage": name, "share": end - start, "words": part_share_text(part),
            "median": value_text("seconds", part["value"]), "n": part["n"],
            "start": start, "end": end, "middle": (start + end) / 2,
        })  # fmt: skip
        start = end
    return records


def stage_legend(result: MetricResult) -> str:
    """The known stages and their colours as an HTML list, which wraps where a chart's own legend would be cut."""
    told = {record["stage"] for record in stage_records(result)}
    entries = [
        f'<li><i style="background:{colour}"></i>{name}</li>' for name, colour in STAGES.values() if name in told
    ]
    return f'<ul class="stages">{"".join(entries)}</ul>'


def untold_stages(result: MetricResult) -> dict[str, list[str]]:
    """The stages that no unit went through: what would tell of them -> their words."""
    told = {str(part["stage"]) for part in result.parts if part["n"]}
    missing = {by: [STAGES[stage][0] for stage in stages if stage not in told] for by, stages in TOLD_BY.items()}
    return {by: names for by, names in missing.items() if names}


def series_table(result: MetricResult) -> pd.DataFrame:
    """One row a bucket: period, value in words, interval in words, n, status."""
    return pd.DataFrame([
        {
            "Period": bucket.bucket.label if bucket.bucket else "",
            "Value": value_text(unit_of(bucket), bucket.value),
            "Interval": interval_text(bucket) or "",
            "n": bucket.n,
            "Status": status_text(bucket) or "ok",
        }
        for bucket in result.series
    ])  # fmt: skip


def stage_table(result: MetricResult) -> pd.DataFrame:
    """One row a stage: mean share, median in words, n."""
    return pd.DataFrame([
        {
            "Stage": record["stage"],
            "Mean share": record["words"],
            "Median": record["median"],
            "n": record["n"],
        }
        for record in stage_records(result)
    ])  # fmt: skip


def row_table(rows: list[dict[str, object]], unit: str) -> pd.DataFrame:
    """One row a unit: id, whether counted, value in words, rule, then its evidence as columns."""
    records = []
    for row in rows:
        value, evidence = row["value"], row["evidence"]
        words = value_text(unit, value) if isinstance(value, float) and unit == "seconds" else value
        record = {"unit": row["unit"], "id": row["id"], "counted": row["counted"], "value": words, "rule": row["rule"]}
        records.append(record | (evidence if isinstance(evidence, dict) else {}))
    return pd.DataFrame(records)
