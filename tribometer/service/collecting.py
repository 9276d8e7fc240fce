"""One collection run over some sources: they are collected side by side, and what one meets never stops the others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from threading import Semaphore
from typing import TYPE_CHECKING, Any

from collectors.http.waiting import heard
from collectors.sync import run
from tribometer.errors import Ended, SourceError, UsageError
from tribometer.service import asked, collection_report, taping
from tribometer.service.configured import chosen, wanted
from tribometer.service.leaving import SOURCE_THREADS, Interrupted
from tribometer.service.recording import COLLECTION
from tribometer.service.underway import ServiceEnds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from collectors.base import Collector
    from collectors.summary import Standing, SyncSummary
    from tribometer.service.configured import Source
    from tribometer.service.instance import Instance
    from tribometer.service.operations import Tell
    from tribometer.service.taping import Taped

MOST_AT_ONCE = 64
LOCAL_AT_ONCE = Semaphore(4)
"""For git and files, which keep this machine busy; what asks a server mostly waits for it."""
GRACE_SECONDS = 3
LONG_WAIT = timedelta(seconds=10)
"""Shorter waits only let a server that stumbled come back."""


@dataclass(frozen=True)
class How:
    """How sources are collected: from where, with which part of a family alone, told to whom, over which tape."""

    full: bool = False
    since: datetime | None = None
    part: str | None = None
    tell: Tell | None = None
    taped: Taped = taping.live


ALL_NEW = How()


def collect(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Collect ``sources`` (none: all); ``full`` from the beginning, ``since`` from a day on.

    ``record`` writes what their servers answer to a folder, ``replay`` takes the answers from one. Raises `UsageError`
    when there is nothing to collect, a name is not configured, or the ways do not go together.
    """
    how = _how(arguments, tell)
    named = wanted(instance, arguments.get("sources") or (), replayed=bool(arguments.get("replay")))
    found = taping.fitting(named, arguments, tell)
    pool = ThreadPoolExecutor(min(len(found), MOST_AT_ONCE), thread_name_prefix=SOURCE_THREADS)
    try:
        with heard(partial(_tell_wait, instance, tell, {each.collector.name for each in found if each.collector})):
            reports = list(pool.map(partial(_report, instance, how), found))
    except KeyboardInterrupt:
        going = instance.underway.now()
        instance.end_collections()
        instance.underway.wait(GRACE_SECONDS)
        raise Interrupted(collection_report.interrupted(going)) from None
    finally:
        # whoever ends this does not wait for a server that keeps silent
        pool.shutdown(wait=False, cancel_futures=True)
    for report in reports:
        for hint in collection_report.hints(report):
            tell({"hint": hint})
    return {"sources": reports}


def collect_one(instance: Instance, collector: Collector, how: How = ALL_NEW) -> SyncSummary:
    """Collect one source, after whoever is collecting it already; its own errors stand in the summary.

    Raises `ServiceEnds` when the process ends before it does, and `SourceMissing` when it has no such part.
    """
    name, part = collector.name, how.part

    def told(standing: Standing) -> None:
        far = instance.underway.told(name, standing)
        if how.tell is not None:
            how.tell({"progress": collection_report.progress(far)})

    try:
        with instance.source_lock(name), _turn(collector), instance.underway.noted(name, instance.clock()):
            with how.taped(instance, collector) as asking, chosen(asking, part) as one:
                summary = _recorded(instance, one, how, told)
            instance.changed()
    except Ended:
        raise ServiceEnds from None
    return summary


def _tell_wait(instance: Instance, tell: Tell, sources: Collection[str], source: str, until: datetime) -> None:
    if source in sources and until - instance.clock() > LONG_WAIT:
        tell({"hint": f"{source}: waiting until {until:%H:%M:%S} UTC for its server's quota of requests"})


def _turn(collector: Collector) -> AbstractContextManager[object]:
    return nullcontext() if hasattr(collector, "server") else LOCAL_AT_ONCE


def _recorded(instance: Instance, collector: Collector, how: How, told: Callable[[Standing], None]) -> SyncSummary:
    with instance.records.runs.recorded(COLLECTION, collector.name) as outcome:
        summary = run(collector, instance.store, full=how.full, since=how.since, progress=told)
        outcome.counts = {count: getattr(summary, count) for count in collection_report.COUNTS}
        outcome.error = str(summary.error) if summary.error else None
    return summary


def _how(arguments: Mapping[str, Any], tell: Tell) -> How:
    since = asked.instant(arguments["since"], "--since") if arguments.get("since") else None
    if since is not None and arguments.get("full"):
        raise UsageError("--since and --full: give one of the two.")
    taped = taping.way(arguments)
    return How(full=bool(arguments.get("full")) or taped is not taping.live, since=since, tell=tell, taped=taped)


def _report(instance: Instance, how: How, source: Source) -> dict[str, Any]:
    if source.collector is None:
        assert source.problem is not None  # noqa: S101 - one of the two is there
        return collection_report.not_collected(source.name, source.problem)
    if source.collector.name in instance.collecting() and how.tell:
        how.tell({"hint": f"{source.collector.name} is being collected already: this waits for the end of that"})
    try:
        summary = collect_one(instance, source.collector, replace(how, part=source.part))
    except SourceError as error:
        return collection_report.not_collected(source.name, error)
    finally:
        if how.tell:
            how.tell({"ended": source.collector.name})
    return collection_report.reported(source.collector, summary)
