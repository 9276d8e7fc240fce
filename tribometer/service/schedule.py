"""When sources are collected while the service runs: one job per source, never two of the same at once.

What is due next is stored in the records, so that a restart neither repeats what ran nor forgets what was missed. A
stored job holds words only; what it runs is looked up among the jobs of the service that is running.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from tribometer.errors import TribometerError
from tribometer.service.underway import ServiceEnds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tribometer.service.timing import Schedule
    from tribometer.store.records import RecordStore

LOG = logging.getLogger(__name__)
MOST_JITTER = timedelta(minutes=1)
LEAST_THREADS, MOST_THREADS = 4, 64
"""One for every source within these, so that a source that waits for its server holds up no other."""


@dataclass(frozen=True)
class Job:
    """One source and when it is collected.

    ``due``: it runs when it is next due, and at once if it never ran. Otherwise it was collected just now, and runs
    when its schedule says so next.
    """

    source: str
    schedule: Schedule
    run: Callable[[], object]
    due: bool = True


_services: dict[str, Mapping[str, Job]] = {}
"""The jobs of the services that run in this process, by the place of their records."""


def started(jobs: Iterable[Job], records: RecordStore) -> BackgroundScheduler:
    """Start a scheduler whose first runs do not hold up the caller.

    Jobs that are stored but not among ``jobs`` belong to sources that are no longer configured: they are dropped.
    """
    owner = str(records.database.location)
    known = {job.source: job for job in jobs}
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(min(max(len(known), LEAST_THREADS), MOST_THREADS))},
        jobstores={"default": records.job_store()},
        # however long the service was down: what was missed is made up for, once
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    _services[owner] = known
    scheduler.add_listener(lambda _: _services.pop(owner, None), EVENT_SCHEDULER_SHUTDOWN)
    scheduler.start(paused=True)
    try:
        _replace(scheduler, owner, known)
    except TribometerError:
        scheduler.shutdown(wait=False)
        raise
    scheduler.resume()
    return scheduler


def collect_due(owner: str, source: str) -> None:
    """Run a stored job; what goes wrong is said in one line, and stands in the source's state for pages and doctor."""
    job = _services.get(owner, {}).get(source)
    if job is None:
        return  # the service ended while this waited for a thread
    try:
        job.run()
    except ServiceEnds as ends:
        LOG.info("%s: %s", source, ends)
    except TribometerError as error:
        LOG.warning("%s", error)


def _replace(scheduler: BackgroundScheduler, owner: str, jobs: Mapping[str, Job]) -> None:
    stored = {job.id: job.next_run_time for job in scheduler.get_jobs()}
    for source in stored.keys() - jobs.keys():
        scheduler.remove_job(source)
    for job in jobs.values():
        _add(scheduler, owner, job, stored.get(job.source))


def _add(scheduler: BackgroundScheduler, owner: str, job: Job, stored: datetime | None) -> None:
    trigger = _trigger(job.schedule)
    scheduler.add_job(
        f"{__name__}:{collect_due.__name__}",
        trigger,
        args=[owner, job.source],
        id=job.source,
        name=job.source,
        next_run_time=_next_run(job, trigger, stored, datetime.now(UTC)),
        replace_existing=True,
    )


def _trigger(schedule: Schedule) -> IntervalTrigger | CronTrigger:
    jitter = min(schedule.every / 10, MOST_JITTER).total_seconds()
    if schedule.at is None:
        return IntervalTrigger(seconds=int(schedule.every.total_seconds()), jitter=jitter, timezone=UTC)
    at = schedule.at
    return CronTrigger(hour=at.hour, minute=at.minute, jitter=jitter, timezone=ZoneInfo(schedule.zone))


def _next_run(job: Job, trigger: IntervalTrigger | CronTrigger, stored: datetime | None, now: datetime) -> datetime:
    """Keep to what was planned, unless the source was just collected or its schedule says sooner."""
    following: datetime = now + job.schedule.every if job.schedule.at is None else trigger.get_next_fire_time(None, now)
    return min(stored or now, following) if job.due else following
