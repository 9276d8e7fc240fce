"""Queue, execution and feedback (C1-C3) a second time in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from plain_ci import Attempt, Job, attempts, gated_seconds, jobs_by_attempt
from plain_ci_units import counted, told, unit_of, with_extra
from plain_clock import seconds
from plain_events import Options, World
from plain_result import Result, duration_result
from plain_statistics import percentile
from plain_units import Unit


def queue_units(world: World, _: Options) -> list[Unit]:
    """C1: jobs that ran."""
    ran = jobs_by_attempt(world)
    found = []
    for attempt in attempts(world):
        units = [queue_unit(attempt, job) for job in ran.get(attempt.key, [])]
        told = [each for each in units if each.row.counted]
        if told:
            told[0].more["stalled"] = stalled([job for job in ran[attempt.key] if job.required])
        found += units
    return found


def stalled(jobs: Sequence[Job]) -> float:
    """C1: give how long any of the jobs was queued while none ran, moment by moment."""
    queues = [(datetime.fromisoformat(j.event["queued_at"]), j.started) for j in jobs if j.event.get("queued_at")]
    works = [(job.started, job.ended or job.started) for job in jobs]
    times = sorted({time for span in (*queues, *works) for time in span})
    return sum(
        seconds((one, two))
        for one, two in pairwise(times)
        if any(a <= one and two <= b for a, b in queues) and not any(a <= one and two <= b for a, b in works)
    )


def queue_time(units: Sequence[Unit], options: Options) -> Result:
    """C1: the median, and how long runs stood still."""
    told = [each.more["stalled"] for each in counted(units) if "stalled" in each.more]
    extra = {f"stalled_p{percent}": percentile(told, percent / 100) for percent in (50, 90)}
    return with_extra(durations(units, options), extra)


def queue_unit(attempt: Attempt, job: Job) -> Unit:
    """C1: one job and its wait."""
    queued = job.event.get("queued_at")
    rule = "optional" if not job.required else None if queued else "undated"
    asked = datetime.fromisoformat(queued) if queued else job.started
    flag = {"E3": 1} if rule is None and job.started < asked else {}
    return unit_of("job", attempt, seconds((asked, job.started)), rule, flag)


def durations(units: Sequence[Unit], _: Options) -> Result:
    """Give the median, and how many were negative."""
    rules = [each.row.rule for each in units if each.row.rule]
    counts = {rule: rules.count(rule) for rule in rules}
    negative = sum((each.more or {}).get("E3", 0) for each in counted(units))
    if negative:
        counts["E3"] = negative
    return duration_result([each.row for each in units], hidden=False, exclusions=dict(sorted(counts.items())))


def execution_units(world: World, _: Options) -> list[Unit]:
    """C2: attempts, with what people and machines spent."""
    ran = jobs_by_attempt(world)
    return [execution_unit(world, attempt, ran.get(attempt.key, [])) for attempt in attempts(world)]


def execution_unit(world: World, attempt: Attempt, jobs: Sequence[Job]) -> Unit:
    """C2: one attempt."""
    started = attempt.event.get("started_at")
    begins = min((job.started for job in jobs), default=datetime.fromisoformat(started) if started else None)
    rule = attempt.rule or ("undated" if begins is None else None)
    if begins is None or rule:
        return unit_of("attempt", attempt, None, rule)
    ends = max((job.ended for job in jobs if job.required and job.ended), default=None)
    more = {
        "dev_wait": worked(world, attempt, begins, ends) if jobs and ends else None,
        "machine": sum(job.seconds for job in jobs) if jobs else None,
        "E3": int(attempt.ended < begins),
    }
    return unit_of("attempt", attempt, worked(world, attempt, begins, attempt.ended), None, more)


def worked(world: World, attempt: Attempt, begins: datetime, ends: datetime) -> float:
    """Give a span without its gates."""
    return max(0.0, seconds((begins, ends)) - gated_seconds(world, attempt.key, (begins, ends)))


def execution_time(units: Sequence[Unit], options: Options) -> Result:
    """C2: the median, with what people waited and machines worked."""
    extra = {
        f"{name}_p{percent}": percentile(told(units, name), percent / 100)
        for name in ("dev_wait", "machine")
        for percent in (50, 90)
    }
    return with_extra(durations(units, options), extra)


def feedback_units(world: World, _: Options) -> list[Unit]:
    """C3: attempts of pull requests' runs."""
    ran = jobs_by_attempt(world)
    return [
        feedback_unit(world, attempt, ran.get(attempt.key, []))
        for attempt in attempts(world)
        if attempt.branch == "pull_request"
    ]


def feedback_unit(world: World, attempt: Attempt, jobs: Sequence[Job]) -> Unit:
    """C3: one attempt and its answer."""
    required = [job for job in jobs if job.required and job.ended]
    answer = min((job.ended for job in required if job.failed and job.ended), default=None)
    if answer is None and attempt.rule is None:
        answer = max((job.ended for job in required if job.ended), default=None) if jobs else attempt.ended
    rule = (attempt.rule or "optional") if answer is None else None
    rule = "E18" if attempt.number > 1 else "machine" if attempt.trigger == "machine" else rule
    if rule or answer is None:
        return unit_of("attempt", attempt, None, rule)
    more = {"E3": int(answer < attempt.created)}
    return unit_of("attempt", attempt, worked(world, attempt, attempt.created, answer), None, more)


def time_to_feedback(units: Sequence[Unit], options: Options) -> Result:
    """C3: the median, and how far p90 is from it."""
    result = durations(units, options)
    middle, high = result.percentiles.get("p50"), result.percentiles.get("p90")
    return with_extra(result, {"predictability": high / middle if middle and high is not None else None})
