"""The whole weeks of teams, or of services, beside each other: what a verdict is reached on. Never of people.

All of them are measured in one go, each by itself: a team's value is that of all its units together. A team that has
teams below it is no unit, so that no work is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from metrics.computation import coverages, prepared, workspace_of
from metrics.definition import POOLED, Measure
from metrics.judgement import Judge
from metrics.sample import Sample
from metrics.verdicts.panel import Panel, Unit
from metrics.workspace import BUCKETS
from tribometer.clock import naive_utc, utc_midnight, weeks
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from metrics.definition import Metric
    from metrics.query import Query
    from metrics.verdicts.panel import Scale
    from metrics.workspace import Workspace
    from tribometer.clock import Bucket
    from tribometer.settings import Rules
    from tribometer.store import Reader

Level = Literal["team", "service"]
TABLE = "metric_panel"
PANEL = BUCKETS.append(pa.field("member", pa.string()))
SHOWN = frozenset({"ok", "too_few"})
AMOUNTS = frozenset(
    {"seconds", "lines", "rounds", "attempts", "per_day", "per_week", "hours_per_week", "hours_per_month"}
)
"""Units of which twice as much is as far as half as much."""
WEEK = timedelta(days=7)
WEEKS_BEFORE, WEEKS_AFTER = 52, 30


@dataclass(frozen=True)
class Weekly:
    """The ISO weeks of a window, ascending, and of each member its value in each of them and the units behind it.

    A value is None where nothing can be told of that week.
    """

    weeks: tuple[str, ...]
    members: Mapping[str, tuple[tuple[float | None, int], ...]]


@dataclass(frozen=True)
class PanelSample(Sample):
    """A sample whose buckets are the weeks of every member; ``column`` says whose a unit is."""

    column: str = "team"

    def _join(self, by_time: str | None) -> str:
        return f"{super()._join(by_time)} AND b.member = u.{self.column}"


def check(metric: Metric, level: Level, known: Sequence[Metric]) -> None:
    """Raise `UsageError` for a metric that is not told of weeks and teams, or services; ``known`` has others."""
    if not _fits(metric, level):
        others = ", ".join(sorted(each.name for each in known if _fits(each, level)))
        raise UsageError(f"{metric.name} is not measured week by week for one {level}; choose one of: {others}.")


def _fits(metric: Metric, level: Level) -> bool:
    return metric.statistic is not None and metric.people is None and {"week", level} <= set(metric.by)


def window(first: date, last: date, now: datetime) -> tuple[datetime, datetime]:
    """The whole weeks around the first and the last release: a year before, and what a verdict needs behind.

    It never reaches beyond the week that now is.
    """
    this_week = utc_midnight(now) - timedelta(days=now.weekday())
    begins, ends = (this_week + (each - timedelta(days=each.weekday()) - this_week.date()) for each in (first, last))
    return min(begins, this_week) - WEEKS_BEFORE * WEEK, min(ends + WEEKS_AFTER * WEEK, this_week)


def leaves(above: Mapping[str, str | None]) -> list[str]:
    """The teams that have no team below them, sorted."""
    return sorted(above.keys() - set(above.values()))


def weekly(reader: Reader, query: Query, rules: Rules, level: Level) -> Weekly:
    """Measure a query of whole weeks for every team that has none below it, or for every service."""
    check(query.definition, level, (query.definition,))
    workspace = workspace_of(reader, query, rules)
    judge = Judge(query, prepared(workspace), None, None)
    every = weeks(*query.window)
    members = leaves(workspace.above) if level == "team" else list(workspace.services)
    if not judge.observed.observable or not members:
        return Weekly(tuple(each.label for each in every), {name: ((None, 0),) * len(every) for name in members})
    sample = _sample(workspace, level, members, every)
    told = _told(judge, sample)
    return Weekly(
        tuple(each.label for each in every),
        {name: tuple(told[_bucket(name, each)] for each in every) for name in members},
    )


def _bucket(member: str, week: Bucket) -> str:
    return f"{week.label} {member}"


def _sample(workspace: Workspace, level: Level, members: Sequence[str], every: Sequence[Bucket]) -> PanelSample:
    places = {_bucket(name, each): (name, each) for name in members for each in every}
    rows = [
        {
            "bucket": label,
            "period": naive_utc(each.period),
            "starts_at": naive_utc(each.starts_at),
            "ends_at": naive_utc(each.ends_at),
            "member": name,
        }
        for label, (name, each) in places.items()
    ]
    workspace.reader.define(TABLE, pa.Table.from_pylist(rows, schema=PANEL))
    buckets = {label: each for label, (_, each) in places.items()}
    return PanelSample(workspace.reader, workspace.query, "week", TABLE, buckets, dict.fromkeys(buckets, ()), level)


def _told(judge: Judge, sample: Sample) -> dict[str, tuple[float | None, int]]:
    """The value and the number of units of every bucket: of all units together, whatever service they belong to."""
    statistic = judge.metric.statistic
    measures = {} if statistic is None else statistic.measure(sample)
    coverage = coverages(sample, judge.metric)
    told = {}
    for bucket in sample.buckets:
        measure = measures.get((bucket, POOLED), Measure(0))
        shown = judge.status(measure, coverage.get((bucket, POOLED))) in SHOWN
        told[bucket] = (measure.value if shown else None, measure.n)
    return told


def panel(found: Weekly, start: datetime, released: Mapping[str, date | None], unit: str) -> Panel:
    """The panel of a verdict: members that were measured in any week, from the Monday ``start`` on.

    ``released`` gives the day on which it reached a member, None for a control; ``unit`` is the metric's, by which its
    scale is chosen.
    """
    scale = scale_of(unit)
    mondays = tuple(start.date() + number * WEEK for number in range(len(found.weeks)))
    units = tuple(
        _unit(name, series, _week(released[name], start.date()), scale)
        for name, series in found.members.items()
        if any(value is not None for value, _ in series)
    )
    return Panel(mondays, units, scale)


def scale_of(unit: str) -> Scale:
    """Shares are compared by their log odds, what is an amount by its logarithm, scores as they are."""
    return "logit" if unit == "share" else "log" if unit in AMOUNTS else "plain"


def _unit(name: str, series: Sequence[tuple[float | None, int]], released: int | None, scale: Scale) -> Unit:
    # no deployment in a week is a frequency of 0, not a missing one: only a share of nothing is no value
    least = 0 if scale == "logit" else 1
    return Unit(
        name,
        tuple(value for value, _ in series),
        tuple(n if value is None else max(n, least) for value, n in series),
        released,
    )


def _week(released: date | None, start: date) -> int | None:
    return None if released is None else (released - start) // WEEK
