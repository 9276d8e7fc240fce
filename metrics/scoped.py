"""The same question of every team, or of every service, answered in one go: what each would be told by itself.

A scope of a large store costs nearly as much as everything: facts are made for all of it, and cut last. Here they are
made once, and cut by all scopes at the same time; every answer is the one that `metrics.compute` gives of that scope.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from metrics.computation import compute, data_as_of, findings, prepared, workspace_of
from metrics.definition import PERIODS
from metrics.judgement import Findings, Judge
from metrics.result import BucketLabel
from metrics.sample import Sample
from metrics.workspace import BUCKETS, CUTTERS
from tribometer.clock import naive_utc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.query import Query
    from metrics.result import MetricResult
    from metrics.workspace import Workspace
    from tribometer.clock import Bucket
    from tribometer.settings import Rules
    from tribometer.store import Reader

Level = Literal["team", "service"]
TABLE = "metric_scopes"
SCHEMA = BUCKETS.append(pa.field("member", pa.string()))
BETWEEN = "\x1f"
"""Stands between the names of a scope and of a period: no event can hold it."""


@dataclass(frozen=True)
class ScopedSample(Sample):
    """A sample whose buckets are the periods of every scope."""

    level: Level = "team"

    def _join(self, by_time: str | None) -> str:
        member = "u.service" if self.level == "service" else "t.bucket"
        paths = "" if self.level == "service" else "JOIN team_paths AS t ON t.team = u.team "
        return f"{paths}{super()._join(by_time)} AND b.member = {member}"


def fits(query: Query, level: Level) -> bool:
    """Whether a query of everything can be answered for every scope at once."""
    metric = query.definition
    if metric.people is not None or level not in metric.by:
        return False
    if metric.compose is not None:
        # without a window each of its parts has one of its own, but not where it is cut
        return query.by is None and query.start is not None
    return query.by is None or query.by in PERIODS


def of_scope(query: Query, level: Level, name: str) -> Query:
    """The query of one team, or service."""
    return replace(query, team=name) if level == "team" else replace(query, service=name)


def scoped(reader: Reader, query: Query, rules: Rules, level: Level) -> Mapping[str, MetricResult]:
    """Answer a query of everything for every team, or service, by its name; with the series that the query asks for."""
    if query.definition.compose is not None:
        return _composed(reader, query, rules, level)
    workspace = workspace_of(reader, replace(query, by=level), rules)
    observed = prepared(workspace)
    whole = workspace.series()
    as_of = data_as_of(reader, query.definition)
    judges = {name: Judge(of_scope(query, level, name), observed, as_of, None) for name in whole.buckets}
    found = findings(whole, query.definition) if observed.observable else Findings()
    told = {
        name: judge.result(whole, found, name).model_copy(update={"bucket": None}) for name, judge in judges.items()
    }
    if query.by is None or not told:
        return told
    series = _series(workspace, query, level, whole.services)
    found = findings(series, query.definition) if observed.observable else Findings()
    return {
        name: result.model_copy(update={"series": _buckets(judges[name], series, found, name)})
        for name, result in told.items()
    }


def _composed(reader: Reader, query: Query, rules: Rules, level: Level) -> Mapping[str, MetricResult]:
    cut = compute(reader, replace(query, by=level), rules).series
    return {
        each.bucket.label: each.model_copy(
            update={"bucket": None, "scope": of_scope(query, level, each.bucket.label).scope}
        )
        for each in cut
        if each.bucket is not None
    }


def _series(workspace: Workspace, query: Query, level: Level, services: Mapping[str, tuple[str, ...]]) -> ScopedSample:
    """The periods of every scope; ``services`` are those of each scope in the whole window."""
    periods = CUTTERS[str(query.by)](*query.window)
    places = {_key(name, each): (name, each) for name in services for each in periods}
    rows = [
        {
            "bucket": key,
            "period": naive_utc(each.period),
            "starts_at": naive_utc(each.starts_at),
            "ends_at": naive_utc(each.ends_at),
            "member": name,
        }
        for key, (name, each) in places.items()
    ]
    workspace.reader.define(TABLE, pa.Table.from_pylist(rows, schema=SCHEMA))
    return ScopedSample(
        workspace.reader, query, query.by, TABLE,
        {key: each for key, (_, each) in places.items()},
        {key: services[name] for key, (name, _) in places.items()},
        level,
    )  # fmt: skip


def _key(name: str, period: Bucket) -> str:
    return f"{name}{BETWEEN}{period.label}"


def _buckets(judge: Judge, series: ScopedSample, found: Findings, name: str) -> list[MetricResult]:
    periods = CUTTERS[str(series.by)](*series.query.window)
    return [
        judge.result(series, found, _key(name, each)).model_copy(
            update={"bucket": BucketLabel(label=each.label, partial=each.partial)}
        )
        for each in periods
    ]
