"""When sources are collected while the service runs: one job per source, never two of the same at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from tribometer.errors import TribometerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LOG = logging.getLogger(__name__)
MOST_JITTER = timedelta(minutes=1)
AT_ONCE = 4


@dataclass(frozen=True)
class Job:
    """One source and how often it is collected; ``due`` says whether it runs at once or after one interval."""

    source: str
    every: timedelta
    run: Callable[[], object]
    due: bool = True


def started(jobs: Iterable[Job]) -> BackgroundScheduler:
    """Start a scheduler whose first runs do not hold up the caller."""
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(AT_ONCE)},
        job_defaults={"coalesce": True, "max_instances": 1},
    )
    for job in jobs:
        _add(scheduler, job)
    scheduler.start()
    return scheduler


def _add(scheduler: BackgroundScheduler, job: Job) -> None:
    jitter = min(job.every / 10, MOST_JITTER)
    scheduler.add_job(
        _quietly,
        "interval",
        args=[job],
        id=job.source,
        seconds=job.every.total_seconds(),
        jitter=jitter.total_seconds(),
        misfire_grace_time=int(job.every.total_seconds()),
        next_run_time=datetime.now(UTC) + (timedelta(0) if job.due else job.every),
    )


def _quietly(job: Job) -> None:
    """Run it; what goes wrong is said in one line, and stands in the source's state for pages and doctor."""
    try:
        job.run()
    except TribometerError as error:
        LOG.warning("%s", error)
