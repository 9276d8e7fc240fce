"""What to ask instead, when a question finds nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tribometer.errors import TribometerError
from tribometer.store.connection import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from metrics import Query
    from metrics.result import MetricResult
    from tribometer.service.instance import Instance

DEMO_SUFFIX = "-demo"
"""Of the folder that `up --demo` makes beside the real one."""
LAST_BEFORE = """
SELECT max(finished_at) FROM production_deployments
WHERE role = 'shipped' AND finished_at < $start AND ($service IS NULL OR service = $service)
  AND ($team IS NULL OR service IN (SELECT service FROM ownerships WHERE team = $team))
"""
OWNED = "SELECT DISTINCT service FROM ownerships WHERE team = $team AND service IS NOT NULL"
CUT = """
SELECT min(finished_at) FROM production_deployments
WHERE role = 'shipped' AND ($service IS NULL OR service = $service)
  AND ($team IS NULL OR service IN (SELECT service FROM ownerships WHERE team = $team))
  AND EXISTS (SELECT 1 FROM commits WHERE history_cut)
"""


def hints(instance: Instance, query: Query, result: MetricResult) -> Iterator[str]:
    """Yield sentences for the person who asked: no data, a scope never heard of, a window that is empty or cut."""
    folder = instance.settings.data
    if not (folder / FILE_NAME).exists():
        yield _nothing_in(folder)
    if result.hint:
        yield result.hint
    if not result.n:
        yield from _not_read_yet(instance, query)
        yield from _whose(instance, query)
    first = _first_of_cut(instance, query) if result.n else None
    if first is not None and query.window[0] < first:
        yield (
            f"a history that was collected is cut (tribometer doctor says where): no deployment before "
            f"{first:%Y-%m-%d} is known, and this window begins earlier"
        )
    if result.n == 0 and query.start is None and query.end is None:
        last = _last_before(instance, query)
        if last is not None and (start := _telling_start(instance, query, last)):
            needs_one = "deployment" in query.definition.needs
            known = f"last production deployment {last:%Y-%m-%d}" if needs_one else "there is none in this window"
            yield f"{known}: try --from {start:%Y-%m-%d}"


def _nothing_in(folder: Path) -> str:
    demo = folder.with_name(f"{folder.absolute().name}{DEMO_SUFFIX}")
    beside = f"; of the demo: --data {demo}" if (demo / FILE_NAME).exists() else ""
    return f"nothing was collected in {folder} yet: tribometer up does that{beside}"


def _not_read_yet(instance: Instance, query: Query) -> Iterator[str]:
    """What may yet be told of, so that nobody looks for what is wrong with it."""
    unread = instance.numbers.unread()
    if not unread:
        return
    from dashboards.unread import not_read_yet  # noqa: PLC0415 - a number does not wait for the pages

    if waited := not_read_yet(query.definition.reads, unread):
        yield f"{waited}; tribometer doctor and the Data health page say more"


def _whose(instance: Instance, query: Query) -> Iterator[str]:
    """Repositories whose deployments may be this scope's, and do not say so."""
    if query.team is None and query.service is None:
        return
    from tribometer.service.shared_repositories import of_shared, shared  # noqa: PLC0415 - as above

    with instance.store.reader() as reader:
        owned = {query.service, *(name for (name,) in reader.rows(OWNED, team=query.team))}
    meant = [each for each in shared(instance) if not owned.isdisjoint(each.services)]
    yield from (f"{found.what}\n  -> {found.do}" for found in of_shared(meant))


def _first_of_cut(instance: Instance, query: Query) -> datetime | None:
    with instance.store.reader() as reader:
        [(first,)] = reader.rows(CUT, service=query.service, team=query.team)
    return first.replace(tzinfo=UTC) if first else None


def _last_before(instance: Instance, query: Query) -> datetime | None:
    start, _ = query.window
    with instance.store.reader() as reader:
        scope = {"service": query.service, "team": query.team}
        [(last,)] = reader.rows(LAST_BEFORE, start=start.astimezone(UTC).replace(tzinfo=None), **scope)
    return last.replace(tzinfo=UTC) if last else None


def _telling_start(instance: Instance, query: Query, last: datetime) -> datetime | None:
    """Return a first of a month from which there is an answer; None when the metric has none there either."""
    length = timedelta(days=query.definition.window_days)
    start = (last - length).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    try:
        return start if instance.numbers.compute(replace(query, start=start)).n else None
    except TribometerError:
        return None  # no answer fails for want of a hint
