"""The CI metrics a second time in plain Python; here success, cost and attempts (C4, C9, C10), and all by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from plain_ci import Attempt, attempts, jobs_by_attempt
from plain_ci_branch import breakage, breakage_units
from plain_ci_times import (
    durations,
    execution_time,
    execution_units,
    feedback_units,
    queue_time,
    queue_units,
    time_to_feedback,
)
from plain_ci_trees import failure_class, failure_units, flake_rate, flake_units, rerun_waste, waste_units
from plain_ci_units import aggregated, counted, told, unit_of, with_extra
from plain_events import Options, World, key_of, owner, reference, service_names
from plain_flow import merged
from plain_history import history
from plain_result import Result, Row, share_result
from plain_units import PlainMetric, Unit, home_of


def finals(world: World) -> list[tuple[Attempt, list[Attempt]]]:
    """List every run's last attempt, with all of its attempts in order."""
    runs: dict[tuple[str, str, str], list[Attempt]] = {}
    for each in sorted(attempts(world), key=lambda attempt: attempt.number):
        runs.setdefault(each.run, []).append(each)
    return [(all_of[-1], all_of) for all_of in runs.values()]


def passed_first(world: World, last: Attempt) -> float | None:
    """Tell whether the first attempt of a run passed; None where it was not decided."""
    if last.number == 1:
        return {"success": 1.0, "failure": 0.0}.get(last.outcome)
    runs = [each for each in world.of("run") if (each["source"], each["repository"], str(each["run"])) == last.run]
    conclusion = next((each.get("conclusion") for each in runs if each["attempt"] == 1), None)
    conclusion = conclusion or last.event["conclusion"]
    return 1.0 if conclusion == "success" else 0.0 if conclusion in ("failure", "timed_out") else None


def success_units(world: World, _: Options) -> list[Unit]:
    """C4: runs by their last attempt."""
    return [
        unit_of("run", last, float(last.outcome == "success"), last.rule, {"first": passed_first(world, last)})
        for last, _ in finals(world)
    ]


def success_rate(units: Sequence[Unit], _: Options) -> Result:
    """C4: the share, and how many were green at once."""
    first = told(units, "first")
    result = share_result([each.row for each in units])
    return with_extra(result, {"passed_first_share": sum(first) / len(first) if first else None})


def cost_units(world: World, options: Options) -> list[Unit]:
    """C9: attempts with their machine time, merged changes, and shipped deployments."""
    ran, found = jobs_by_attempt(world), []
    for each in attempts(world):
        jobs = ran.get(each.key)
        spent = sum(job.seconds for job in jobs or ())
        found.append(unit_of("attempt", each, spent, None if jobs else "no_jobs", "attempt"))
    for change, when, rule in merged(world, replace(options, bots=options.bots or "include")):
        row = Row("change", str(change["id"]), rule is None, 0.0 if rule is None else None, rule)
        found.append(Unit(*home_of(world, change["repository"], when), when, row, "change"))
    for name in service_names(world):
        for shipped in history(world, name).shipped:
            row = Row("deployment", shipped.id, counted=True, value=0.0)
            found.append(Unit(name, owner(world, name, shipped.finished), shipped.finished, row, "deployment"))
    return found


def machine_cost(units: Sequence[Unit], _: Options) -> Result:
    """C9: machine time per merged change."""
    kinds = [each.more for each in counted(units)]
    ran, changes, deployments = (kinds.count(kind) for kind in ("attempt", "change", "deployment"))
    machine = sum(each.row.value or 0.0 for each in counted(units))
    if not ran or not changes:
        return Result("no_data", ran)
    extra = {
        "machine": machine,
        "per_deployment": machine / deployments if deployments else None,
        "per_run": machine / ran,
        "changes": changes,
        "deployments": deployments,
    }
    return aggregated(units, machine / changes, extra, ran)


def attempt_units(world: World, _: Options) -> list[Unit]:
    """C10: runs, and how often they were attempted."""
    merged = {key_of(each) for each in world.of("change") if each.get("merged_at")}
    found = []
    for last, _attempts in finals(world):
        change = reference(last.event, "change")
        more = {"change": change if change in merged else None}
        found.append(unit_of("run", last, float(last.number), last.rule, more))
    return found


def attempts_per_run(units: Sequence[Unit], _: Options) -> Result:
    """C10: the mean, and what needed a re-run."""
    values = [each.row.value or 0.0 for each in counted(units)]
    merges = {each.more["change"] for each in counted(units)} - {None}
    again = {each.more["change"] for each in counted(units) if (each.row.value or 0.0) > 1} - {None}
    extra = {
        "rerun_share": sum(value > 1 for value in values) / len(values) if values else None,
        "merge_rerun_share": len(again) / len(merges) if merges else None,
    }
    return aggregated(units, sum(values) / len(values) if values else None, extra)


RUN, JOB = ("run",), ("job",)
METRICS: Mapping[str, PlainMetric] = {
    "ci_queue_time": PlainMetric(queue_units, queue_time, JOB, "p50"),
    "ci_execution_time": PlainMetric(execution_units, execution_time, RUN, "p50"),
    "ci_time_to_feedback": PlainMetric(feedback_units, time_to_feedback, RUN, "p50"),
    "ci_success_rate": PlainMetric(success_units, success_rate, RUN, "share"),
    "ci_failure_class": PlainMetric(failure_units, failure_class, RUN, "share"),
    "ci_flake_rate": PlainMetric(flake_units, flake_rate, RUN, "share"),
    "ci_rerun_waste": PlainMetric(waste_units, rerun_waste, JOB, "sum", over_services=False),
    "default_branch_breakage": PlainMetric(breakage_units, durations, RUN, "rate", within=breakage),
    "ci_machine_minutes": PlainMetric(cost_units, machine_cost, JOB, "mean"),
    "ci_attempts_per_run": PlainMetric(attempt_units, attempts_per_run, RUN, "mean"),
}
