"""Failure classes, flakes and re-run waste (C5-C7) a second time in plain Python: what is told by the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from plain_ci import Attempt, Job, attempts, jobs_by_attempt
from plain_ci_units import aggregated, told, unit_of, with_extra
from plain_clock import elapsed
from plain_events import Options, World
from plain_result import Result, Row, share_result
from plain_units import Unit, home_of

TWO_WEEKS = timedelta(days=14)
DAILY_CAP = 8 * 3600.0
Pair = tuple[str, str, str]


def pairs(these: Sequence[Attempt]) -> dict[Pair, list[Attempt]]:
    """Give attempts by repository, workflow and tree, in order of their end."""
    found: dict[Pair, list[Attempt]] = {}
    for each in sorted(these, key=lambda attempt: attempt.ended):
        found.setdefault(each.pair, []).append(each)
    return found


def decided(these: Sequence[Attempt]) -> list[Attempt]:
    """List those that are green or red."""
    return [each for each in these if each.rule is None]


def horizon(these: Sequence[Attempt]) -> datetime:
    """Give until when a success speaks of the same pair."""
    return (decided(these) or these)[0].ended + TWO_WEEKS


def recovery(these: Sequence[Attempt], failed: Attempt) -> datetime | None:
    """Give when a failed attempt's pair turned green."""
    greens = [each.ended for each in these if each.outcome == "success" and failed.ended < each.ended <= horizon(these)]
    return min(greens, default=None) if failed.outcome == "failure" else None


def tree_unit(world: World, first: Attempt, row: Row, more: Any) -> Unit:
    """Make a unit of a pair, in the period in which an attempt ended."""
    return Unit(*home_of(world, first.event["repository"], first.ended), first.ended, row, more)


def flake_units(world: World, _: Options) -> list[Unit]:
    """C6: pairs of tree and workflow."""
    found = []
    for these in pairs(attempts(world)).values():
        failures = [each for each in these if each.outcome == "failure"]
        flaky = [each for each in failures if recovery(these, each)]
        first = (decided(these) or these)[0]
        judged = bool(decided(these))
        row = Row("tree", str(first.pair), judged, float(bool(flaky)) if judged else None, None if judged else "E19")
        found.append(tree_unit(world, first, row, {"failures": len(failures), "flaky": len(flaky)}))
    return found


def flake_rate(units: Sequence[Unit], _: Options) -> Result:
    """C6: the share, and the flakes' share of failures."""
    failures, flaky = sum(told(units, "failures")), sum(told(units, "flaky"))
    result = share_result([each.row for each in units])
    return with_extra(result, {"flaky_failure_share": flaky / failures if failures else None})


def class_of(jobs: Sequence[Job], *, turned_green: bool) -> str:
    """C5: why an attempt failed."""
    for required in (True, False):
        named = {job.event.get("failure_class") for job in jobs if job.failed and job.required is required}
        for name in ("change", "infrastructure", "flake"):
            if name in named:
                return name
    return "flake" if turned_green else "unknown"


def failure_units(world: World, _: Options) -> list[Unit]:
    """C5: failed attempts."""
    ran, found = jobs_by_attempt(world), []
    for these in pairs(attempts(world)).values():
        for each in these:
            if each.outcome == "failure":
                name = class_of(ran.get(each.key, []), turned_green=recovery(these, each) is not None)
                found.append(unit_of("attempt", each, float(name in ("flake", "infrastructure")), None, name))
    return found


def failure_class(units: Sequence[Unit], _: Options) -> Result:
    """C5: the share, and every class."""
    result = share_result([each.row for each in units])
    names = [each.more for each in units]
    parts = [
        {"class": name, "value": names.count(name) / len(names), "share": names.count(name) / len(names),
         "n": names.count(name)}
        for name in ("change", "flake", "infrastructure", "unknown")
        if names
    ]  # fmt: skip
    return replace(result, parts=parts)


def waste_units(world: World, options: Options) -> list[Unit]:
    """C7: pairs, with machine time in vain and the wait for the second answer."""
    ran, found = jobs_by_attempt(world), []
    for these in pairs(attempts(world)).values():
        spent = {"failed": 0.0, "repeated": 0.0, "superseded": 0.0, None: 0.0}
        jobs = [(each, job) for each in these for job in ran.get(each.key, [])]
        for each, job in jobs:
            spent[waste_of(each, job, [other for _, other in jobs], horizon(these))] += job.seconds
        kinds = {name: seconds for name, seconds in spent.items() if name}
        more = {**kinds, "machine": sum(spent.values()), "dev_wait": waited(these, options)}
        rule = None if jobs else "no_jobs"
        row = Row("tree", str(these[0].pair), bool(jobs), sum(kinds.values()) if jobs else None, rule)
        found.append(tree_unit(world, these[0], row, more))
    return found


def waste_of(attempt: Attempt, job: Job, all_jobs: Sequence[Job], until: datetime) -> str | None:
    """C7: why a job was in vain, if it was."""
    if attempt.outcome == "superseded":
        return "superseded"
    greens = [
        other.ended
        for other in all_jobs
        if other.event["name"] == job.event["name"] and other.event.get("conclusion") == "success" and other.ended
    ]
    if job.failed and job.ended and any(job.ended < green <= until for green in greens):
        return "failed"
    return "repeated" if job.is_repeat else None


def waited(these: Sequence[Attempt], options: Options) -> float | None:
    """C7: the span from the first failure that turned green to that success, at most eight hours."""
    spans = sorted((each.ended, green) for each in these if (green := recovery(these, each)))
    return min(elapsed(*spans[0], options.clock), DAILY_CAP) if spans else None


def rerun_waste(units: Sequence[Unit], _: Options) -> Result:
    """C7: the sum, its share, and its kinds."""
    wasted, machine = (sum(told(units, "failed") + told(units, "repeated") + told(units, "superseded")),
                       sum(told(units, "machine")))  # fmt: skip
    kinds = {name: sum(told(units, name)) for name in ("failed", "repeated", "superseded", "dev_wait")}
    return aggregated(units, wasted, {**kinds, "waste_share": wasted / machine if machine else None})
