"""How often and how fast: deployment frequency, change lead time and its stages (D1, D2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from plain_clock import Span, seconds
from plain_deployments import Deployment
from plain_events import Options, Scope, observed_spans
from plain_history import History
from plain_lead_time import LeadUnit, lead_seconds, lead_units
from plain_population import coverage, deployment_rule, in_scope
from plain_result import Result, Row, count_rules, duration_result, is_low
from plain_stages import STAGES, boundaries, clamped, stage_seconds
from plain_statistics import percentile

DAY = 86400.0
WEEKEND = 5
LEAD_FLOOR = 0.80
COMMITS_KNOWN = "shipped deployments whose commits are known"


def working_days(spans: Sequence[Span]) -> set[datetime]:
    """Give the weekdays (UTC midnights) that any of the spans touches."""
    found = set()
    for start, end in spans:
        day = start.replace(hour=0, minute=0, second=0, microsecond=0)
        while day < end:
            if day.weekday() < WEEKEND:
                found.add(day)
            day += timedelta(days=1)
    return found


def midnight(time: datetime) -> datetime:
    """Give the UTC midnight at or before a time."""
    return time.replace(hour=0, minute=0, second=0, microsecond=0)


def deployment_frequency(past: History, scope: Scope, options: Options) -> Result:
    """D1: shipped deployments per calendar day of the window and the service's life."""
    if not past.world.of("deployment"):
        return Result("not_observable", 0)
    rows = []
    for each in in_scope(past, scope):
        rule = deployment_rule(past, each, options, ("shipped",))
        rows.append(Row("deployment", each.id, rule is None, 1.0 if rule is None else None, rule))
    counted = {row.id for row in rows if row.counted}
    shipped = [each for each in in_scope(past, scope) if each.id in counted]
    spans = observed_spans(scope, past.service)
    days = sum(map(seconds, spans)) / DAY
    lived = any(each.finished < scope.start for each in past.ran)
    known = days > 0 and (shipped or lived)
    return Result(
        status="ok" if known else "no_data",
        n=len(shipped),
        value=len(shipped) / days if known else None,
        statistic="rate",
        exclusions=count_rules(rows),
        extra=frequency_extra(past, scope, shipped, spans) if known else {},
        rows=rows,
        pieces=failed_attempts(past, scope),
    )


def failed_attempts(past: History, scope: Scope) -> list[Deployment]:
    """List the attempts that failed or were cancelled (E6)."""
    return [each for each in in_scope(past, scope) if each.role == "failed_attempt"]


def frequency_extra(
    past: History, scope: Scope, shipped: Sequence[Deployment], spans: Sequence[Span]
) -> dict[str, float | None]:
    """Give what stands beside the rate: working days, gaps, and attempts that succeeded."""
    workdays = working_days(spans)
    active = {midnight(each.finished) for each in shipped} & workdays
    ends = sorted(each.finished for each in shipped)
    gaps = [(late - early).total_seconds() for early, late in pairwise(ends)]
    attempts = len(shipped) + len(failed_attempts(past, scope))
    return {
        "per_working_day": len(shipped) / len(workdays) if workdays else None,
        "deploy_day_share": len(active) / len(workdays) if workdays else None,
        "median_gap_seconds": percentile(gaps, 0.5),
        "attempts": attempts,
        "attempt_success": len(shipped) / attempts if attempts else None,
    }


def lead_rule(unit: LeadUnit, options: Options) -> str | None:
    """Give the rule that keeps a unit out of lead time, or None; bots are out by default (E14)."""
    return unit.rule or ("E14" if unit.bot and options.bots != "include" else None)


def lead_population(past: History, scope: Scope, options: Options) -> list[LeadUnit]:
    """List the units whose deployment finished within the scope."""
    units = lead_units(past, options.unit)
    return [each for each in units if scope.holds(past.service, each.deployment.finished)]


def rows_without(past: History, scope: Scope) -> list[Row]:
    """Give the rows of shipped deployments without lead times: the first (E5), and those a cut leaves open (E26)."""
    without = [each for each in past.shipped if each == past.first or each.id in past.uncertain]
    return [
        Row("deployment", each.id, counted=False, rule="E5" if each == past.first else "E26")
        for each in without
        if scope.holds(past.service, each.finished)
    ]


def commit_coverage(past: History, scope: Scope) -> dict[str, Any]:
    """Count shipped deployments whose commits and predecessor's commits were collected up to no cut (E26)."""
    later = [d for d in in_scope(past, scope) if d.role == "shipped" and d != past.first]
    covered = 0
    for each in later:
        before = [d for d in past.ran if d.order < each.order]
        both = (each.stated("sha"), before[-1].stated("sha"))
        covered += all(sha in past.graph for sha in both) and each.id not in past.uncertain
    return coverage(covered, len(later), LEAD_FLOOR, COMMITS_KNOWN)


def tells_lead_time(past: History) -> bool:
    """Tell whether any source could have told of lead times: of deployments and of commits."""
    return bool(past.world.of("deployment") and past.world.of("commit"))


def change_lead_time(past: History, scope: Scope, options: Options) -> Result:
    """D2: from the first commit to the end of the deployment that shipped it."""
    if not tells_lead_time(past):
        return Result("not_observable", 0)
    rows, negative = rows_without(past, scope), 0
    for unit in lead_population(past, scope, options):
        rule = lead_rule(unit, options)
        value = lead_seconds(unit, options.clock) if rule is None else None
        negative += rule is None and unit.deployment.finished < unit.start
        rows.append(Row(unit.unit, unit.id, rule is None, value, rule, unit.flags))
    known = commit_coverage(past, scope)
    return duration_result(
        rows,
        hidden=is_low(known),
        coverage=known,
        exclusions=count_rules(rows, E3=negative),
    )


def lead_time_stages(past: History, scope: Scope, options: Options) -> Result:
    """D2a-f: the same lead time per change, cut into stages that add up to it."""
    if not tells_lead_time(past):
        return Result("not_observable", 0)
    rows, clamps, stages = rows_without(past, scope), 0, []
    for unit in lead_population(past, scope, replace(options, unit="change")):
        rule = lead_rule(unit, options)
        rows.append(Row(unit.unit, unit.id, rule is None, None, rule, unit.flags))
        if rule is None:
            parts = stage_seconds(past, unit, options.clock)
            rows[-1] = replace(rows[-1], value=sum(parts.values()))
            clamps += clamped(boundaries(past, unit))[1]
            stages.append(parts)
    known = commit_coverage(past, scope)
    hidden = is_low(known)
    return duration_result(
        rows,
        hidden=hidden,
        coverage=known,
        exclusions=count_rules(rows, E3=clamps),
        parts=[] if hidden else stage_parts(stages),
        pieces=stages,
    )


def stage_parts(units: Sequence[Mapping[str, float]]) -> list[dict[str, Any]]:
    """Give each stage's median and its mean share; the shares add up to one."""
    whole = [unit for unit in units if sum(unit.values()) > 0]
    parts = []
    for stage in STAGES:
        values = [unit[stage] for unit in units if stage in unit]
        shares = [unit.get(stage, 0.0) / sum(unit.values()) for unit in whole]
        mean = sum(shares) / len(shares) if shares else None
        value = percentile(values, 0.5)
        parts.append({"stage": stage, "value": value, "share": mean, "n": len(values)})
    return parts
