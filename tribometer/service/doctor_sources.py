"""How fresh every source is: what it last told, when it is asked next, and how its last collection ended."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from dashboards.health_sources import Run, SourceHealth
from tribometer.errors import ConfigurationError, StoreError
from tribometer.service.configured import every_table
from tribometer.service.recording import COLLECTION
from tribometer.service.unconfigured import is_unconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from dashboards.data import SourceState
    from dashboards.health import Records
    from tribometer.service.configured import Source
    from tribometer.service.instance import Instance
    from tribometer.store.records import JobRun

MISSED = 3
"""After how many intervals without a success a source is stale: one may fail, and one may be running."""


def freshness(instance: Instance, records: Records) -> tuple[SourceHealth, ...]:
    """Return every source that is configured or was ever heard of, by name; a part is due with its family."""
    tables = every_table(instance)
    intervals = _intervals(tables)
    served = {each.name for each in tables if hasattr(each.collector, "server")}
    known = {state.name: state for state in instance.numbers.sources()}
    runs, planned = _on_record(instance) if records.answers else ({}, {})
    unusable = {each.name: _unusable(each) for each in tables if isinstance(each.problem, ConfigurationError)}
    for name in (intervals.keys() | unusable.keys()) - known.keys():
        known[name] = _never_heard_of(name, collecting_now=name in instance.collecting())
    now, found = instance.clock(), []
    for name, state in sorted(known.items()):
        every = None if state.left else intervals.get(state.family or name)
        health = _health(state, every, planned.get(name), runs.get(name), now)
        family = state.family or name
        found.append(
            replace(
                health,
                unconfigured=is_unconfigured(state, tables),
                has_server=family in served,
                unusable=None if state.left else unusable.get(family),
            )
        )
    return tuple(found)


def _unusable(source: Source) -> str:
    return "its table is wrong" if source.is_wrong else "its secret is missing"


def _never_heard_of(name: str, *, collecting_now: bool) -> SourceState:
    from dashboards.data import SourceState  # noqa: PLC0415 - pages need pandas, commands do not

    return SourceState(name, re.split(r"[: ]", name)[0], None, None, collecting_now)


def _intervals(tables: Sequence[Source]) -> dict[str, timedelta]:
    """How often each source in force is collected; a table that is wrong is a finding of the configuration."""
    return {each.name: each.schedule.every for each in tables if not isinstance(each.problem, ConfigurationError)}


def _on_record(instance: Instance) -> tuple[Mapping[str, JobRun], Mapping[str, datetime]]:
    try:
        return instance.records.runs.newest_each(COLLECTION), instance.records.planned()
    except StoreError:
        return {}, {}  # it went away since it was asked: the next visit says so


def _health(
    state: SourceState, every: timedelta | None, planned: datetime | None, run: JobRun | None, now: datetime
) -> SourceHealth:
    age = now - state.last_success_at if state.last_success_at else None
    return SourceHealth(
        name=state.name,
        kind=state.kind,
        last_success_at=state.last_success_at,
        age_seconds=None if age is None else age.total_seconds(),
        last_error=state.last_error,
        remarks=state.remarks,
        collecting=state.collecting,
        every_seconds=every.total_seconds() if every else None,
        next_run_at=planned if every else None,
        stale=age is not None and every is not None and age > MISSED * every,
        last_run=_run(run) if run else None,
        family=state.family,
        left=state.left,
        quota_left=state.quota_left,
        passing=state.passing,
        failing_since=state.failing_since,
        limited_until=state.limited_until,
    )


def _run(run: JobRun) -> Run:
    seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else None
    return Run(run.status, run.started_at, seconds, run.counts, run.error)
