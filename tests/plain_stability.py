"""How safely: change fail rate, recovery time and rework rate (D3-D5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from plain_events import Event, Options, Scope, World, service_names
from plain_failures import (
    FAILURE_WINDOW,
    countable,
    failed_deployments,
    incident_detections,
    is_change_caused,
    late_failures,
    misplaced,
    named_deployment,
    remedies_ever_seen,
)
from plain_history import History, history
from plain_population import coverage, deployment_rule, in_scope, service_incidents
from plain_recovery import Episode, episodes, rework, rework_population
from plain_result import Result, Row, count_rules, duration_result, is_low, share_result, survival_result

INCIDENT_FLOOR = 0.60
VISIBLE_ONLY = "failures visible without an incident source"
CLASSIFIED = "incidents classified as change-caused or not"
MEASURED = "failed deployments with a measured start"


def classified(past: History, scope: Scope) -> dict[str, Any]:
    """Count the incidents somebody classified; tell of those that no deployment answers for."""
    incidents = service_incidents(past, scope)
    told = sum(1 for each in incidents if each.get("change_caused") in ("yes", "no"))
    linked = [found.incident for found in incident_detections(past)]
    caused = [each for each in incidents if is_change_caused(each) and each not in linked]
    alone = sum(1 for each in caused if not names_any_deployment(past.world, each))
    known = coverage(told, len(incidents), INCIDENT_FLOOR, CLASSIFIED)
    return {**known, "unattributed": alone}


def names_any_deployment(world: World, incident: Event) -> bool:
    """Tell whether an incident names a deployment of any service, which then answers for it."""
    if incident.get("deployment") is None:
        return False
    return any(named_deployment(history(world, name), incident) is not None for name in service_names(world))


def failures_observable(world: World) -> bool:
    """Tell whether any source in the store could have told of a failure (D3)."""
    if world.of("incident"):
        return True
    return remedies_ever_seen(world, [history(world, name) for name in service_names(world)])


def failure_coverage(past: History, known: dict[str, Any]) -> dict[str, Any]:
    """Say so where failures are only those visible without an incident source (D3)."""
    return known if past.world.of("incident") else {**known, "of": VISIBLE_ONLY}


def change_fail_rate(past: History, scope: Scope, options: Options) -> Result:
    """D3: failed of shipped deployments, once seven days have passed since they finished."""
    if not failures_observable(past.world):
        return Result("not_observable", 0)
    failed = failed_deployments(past, options.blame)
    denominator = countable(past)
    rows = []
    for each in in_scope(past, scope):
        rule = deployment_rule(past, each, options, ("shipped",))
        rule = None if rule == "E6" and each in denominator else rule
        if rule is None and past.world.now - each.finished <= FAILURE_WINDOW:
            rule = "immature"
        value = None if rule else float(each in failed)
        rows.append(Row("deployment", each.id, rule is None, value, rule))
    known = classified(past, scope)
    counted = {row.id for row in rows if row.counted}
    late = sum(1 for each in late_failures(past, options.blame) if each.id in counted)
    odd = sum(1 for d in misplaced(past, options.blame) if scope.holds(past.service, d.finished))
    return share_result(
        rows,
        hidden=is_low(known),
        coverage=failure_coverage(past, known),
        exclusions=count_rules(rows, late_failure=late, E9=odd),
    )


@dataclass
class Recoveries:
    """What was found while timing failures: rows, open durations, and counts for the footnotes."""

    rows: list[Row] = field(default_factory=list)
    censored: list[float] = field(default_factory=list)
    measured: int = 0
    negative: int = 0

    def add(self, episode: Episode, rule: str | None, now: datetime) -> None:
        """Take one failure in: repaired, still open, or kept out by a rule."""
        end = episode.end or now
        value = max(0.0, (end - episode.start).total_seconds())
        repaired = rule is None and episode.end is not None
        shown = value if repaired else None
        self.rows.append(Row("deployment", episode.deployment.id, rule is None, shown, rule, episode.flags))
        if rule is None:
            self.measured += episode.measured
            self.negative += end < episode.start
            self.censored += [] if repaired else [value]


def failed_deployment_recovery_time(past: History, scope: Scope, options: Options) -> Result:
    """D4: from the start of each failure to its repair; open ones by Kaplan-Meier."""
    if not failures_observable(past.world):
        return Result("not_observable", 0)
    kept, covered = episodes(past, options.blame)
    found = Recoveries()
    for each in kept:
        rule = deployment_rule(past, each.deployment, options, ("shipped", "failed_attempt"))
        if scope.holds(past.service, each.start):
            found.add(each, rule, past.world.now)
    for each in covered:
        if scope.holds(past.service, each.start):
            found.add(each, "E23", past.world.now)
    return recovery_result(past, scope, found)


def recovery_result(past: History, scope: Scope, found: Recoveries) -> Result:
    """Choose the median or its survival estimate, and the coverage that matters (D4, E26)."""
    gate = classified(past, scope)
    total = sum(1 for row in found.rows if row.counted)
    told = failure_coverage(past, coverage(found.measured, total, None, MEASURED))
    rules = count_rules(found.rows, E3=found.negative)
    if found.censored and not is_low(gate):
        return survival_result(found.rows, found.censored, coverage=told, gate=gate, exclusions=rules)
    result = duration_result(found.rows, hidden=is_low(gate), coverage=told, gate=gate, exclusions=rules)
    extra = {"censored": 0} if result.value is not None else {}
    return replace(result, n=total, censored=found.censored, extra=extra)


def deployment_rework_rate(past: History, scope: Scope, options: Options) -> Result:
    """D5: unplanned remedies of all production deployments, rollbacks included."""
    if not failures_observable(past.world):
        return Result("not_observable", 0)
    remedies = rework(past, options.blame)
    population = rework_population(past)
    rows = []
    for each in in_scope(past, scope):
        rule = deployment_rule(past, each, options, ("shipped", "rollback"))
        if rule is None and each not in population:
            rule = "E6"
        value = None if rule else float(each.id in remedies)
        rows.append(Row("deployment", each.id, rule is None, value, rule))
    return share_result(rows, exclusions=count_rules(rows))
