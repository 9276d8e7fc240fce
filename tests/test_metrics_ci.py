"""What a CI metric says when it is cut, and of what no source could tell."""

from __future__ import annotations

from typing import Any

import pytest

import factories as make
from factories import Event, day, sha_of
from metric_answers import answer, landed, query, rows
from metrics import CATALOGUE, compute
from tribometer.settings import Machines, Rules

WEEK = {"start": day(0), "end": day(7)}
API = make.service("api", repository="acme/api")


def run(name: str, minutes: float, conclusion: str = "success", /, **fields: Any) -> Event:
    """Make a person's run for a pull request on Monday at ten, over after some minutes."""
    known = {
        "repository": "acme/api", "workflow": "ci", "run": name, "attempt": 1, "sha": sha_of(name),
        "event": "pull_request", "actor_kind": "human", "created_at": day(0, 10), "started_at": day(0, 10),
        "completed_at": day(0, 10 + minutes / 60), "conclusion": conclusion,
    }  # fmt: skip
    return make.event("run", name, **{**known, **fields})


def job(of: str, name: str, minutes: float, /, **fields: Any) -> Event:
    """Make a job of a run that began on Monday at ten."""
    ends = day(0, 10 + minutes / 60)
    known = {"run": of, "attempt": 1, "name": name, "queued_at": day(0, 10), "started_at": day(0, 10)}
    return make.event("job", f"{of}/{name}", **{**known, "completed_at": ends, "conclusion": "success", **fields})


def on_main(name: str, minutes: float, conclusion: str, /, **fields: Any) -> Event:
    """Make a run of the default branch."""
    return run(name, minutes, conclusion, **{"event": "push", "branch": "main", **fields})


def by(metric: str, cut: str, events: list[Event], **options: Any) -> dict[str, Any]:
    """Give the buckets of a series by their label."""
    result = answer(metric, events, by=cut, **{**WEEK, **options})
    return {each["bucket"]["label"]: each for each in result["series"]}


def test_what_people_and_what_timers_started_are_series_of_their_own() -> None:
    events = [API, run("a", 10), run("b", 40, actor_kind="machine"), run("c", 60, actor_kind=None, event="schedule")]

    series = by("ci_execution_time", "trigger", events)

    assert {name: (each["value"], each["n"]) for name, each in series.items()} == {
        "human": (600.0, 1),
        "machine": (3000.0, 2),
    }


def test_pull_requests_and_the_default_branch_are_told_apart() -> None:
    events = [API, run("a", 10, "failure"), on_main("b", 10, "success"), run("c", 10, event="push", branch="work")]

    series = by("ci_success_rate", "branch", events)

    assert {name: each["value"] for name, each in series.items()} == {"default": 1.0, "other": 1.0, "pull_request": 0.0}


def test_a_flaky_workflow_shows_among_steady_ones() -> None:
    steady = [run(f"s{n}", 10) for n in range(3)]
    tree = sha_of("tree")
    flaky = [
        run("f1", 10, "failure", workflow="browser", tree_sha=tree),
        run("f2", 20, workflow="browser", tree_sha=tree),
    ]

    series = by("ci_flake_rate", "workflow", [API, *steady, *flaky])

    assert {name: each["value"] for name, each in series.items()} == {"browser": 1.0, "ci": 0.0}


def test_the_flaky_pipeline_shows_among_its_namesakes() -> None:
    other = make.service("web", repository="acme/web")
    flaky = [run("f1", 10, "failure", sha=sha_of("tree")), run("f2", 20, sha=sha_of("tree"))]

    series = by("ci_flake_rate", "pipeline", [API, other, *flaky, run("w", 10, repository="acme/web")])

    assert {name: each["value"] for name, each in series.items()} == {"acme/api/ci": 1.0, "acme/web/ci": 0.0}


def test_queues_are_cut_by_runner_and_by_hour() -> None:
    waits = {"small": 1, "large": 6}
    jobs = [job("a", name, 20, runner=name, started_at=day(0, 10 + wait / 60)) for name, wait in waits.items()]
    events = [API, run("a", 20), *jobs]

    runners = by("ci_queue_time", "runner", events)

    assert {name: each["value"] for name, each in runners.items()} == {"large": 360.0, "small": 60.0}
    assert list(by("ci_queue_time", "hour", events)) == ["10"]


def test_a_run_stands_still_while_jobs_are_queued_and_none_works() -> None:
    jobs = [
        job("a", "build", 5, started_at=day(0, 10 + 2 / 60), completed_at=day(0, 10 + 10 / 60)),
        # waits eight minutes beside a job that works, and then one that costs the run time
        job("a", "test", 20, queued_at=day(0, 10 + 2 / 60), started_at=day(0, 10 + 11 / 60)),
        # asked for once nothing was left to do: the run waits, and not for a runner
        job("a", "report", 30, queued_at=day(0, 10 + 25 / 60), started_at=day(0, 10 + 29 / 60)),
        job("a", "docs", 40, started_at=day(0, 10 + 35 / 60), required=False),
    ]
    required = [{**each, "required": each.get("required", True)} for each in jobs]

    result = answer("ci_queue_time", [API, run("a", 40), *required], **WEEK)

    assert (result["n"], result["stalled_p50"], result["exclusions"]) == (3, (2 + 1 + 4) * 60.0, {"optional": 1})
    assert {row["id"]: row["evidence"]["stalled"] for row in rows("ci_queue_time", [API, run("a", 40), *required])} == {
        "a/build": None, "a/test": None, "a/report": 420.0, "a/docs": None,
    }  # fmt: skip


@pytest.mark.parametrize("metric", sorted(name for name, each in CATALOGUE.items() if "workflow" in each.cuts))
def test_namesakes_in_two_repositories_are_one_workflow_and_two_pipelines(metric: str) -> None:
    events = [API, make.service("web", repository="acme/web")]
    for name, repository in (("a", "acme/api"), ("b", "acme/web")):
        fields = {"repository": repository, "event": "push", "branch": "main", "change": f"{repository}#1"}
        if metric == "ci_time_to_feedback":
            fields["event"] = "pull_request"
        runs = [run(f"{name}{n}", 10, "failure" if n == 1 else "success", **fields) for n in (1, 2)]
        events += [*runs, *(job(each["id"], "test", 10) for each in runs)]
        events.append(make.change(repository, 1, day(0), merged_at=day(1)))

    workflows, pipelines = by(metric, "workflow", events), by(metric, "pipeline", events)

    assert (list(workflows), list(pipelines)) == (["ci"], ["acme/api/ci", "acme/web/ci"])
    assert workflows["ci"]["n"] == sum(each["n"] for each in pipelines.values()) > 0


def test_machine_minutes_cost_money_where_a_minute_has_a_price() -> None:
    changes = [make.change("acme/api", n, day(0), merged_at=day(1)) for n in (1, 2)]
    shipped = [make.deployment("d", "api", day(2), sha=sha_of("d"))]
    jobs = [job("a", "test", 60, runner="linux"), job("a", "app", 30, runner="MacOS-14"), job("a", "plain", 10)]
    events = [API, *changes, *shipped, run("a", 60), *jobs]
    prices = {"default": 0.01, "macos-*": 0.10}
    rules = Rules(ci=Machines(cost_per_minute=prices, currency="EUR"))

    with landed(events) as reader:
        asked = query("ci_machine_minutes", **WEEK)
        free, paid = (compute(reader, asked, each).to_dict() for each in (Rules(), rules))

    assert "cost" not in free
    assert (paid["value"], paid["per_deployment"]) == (3000.0, 6000.0)
    assert {name: round(each, 6) for name, each in paid["cost"].items() if name != "currency"} == {
        "total": 3.7, "per_change": 1.85, "per_deployment": 3.7,
    }  # fmt: skip
    assert paid["cost"]["currency"] == "EUR"


def test_prices_without_one_for_any_other_runner_are_refused() -> None:
    with pytest.raises(ValueError, match="what any other runner costs"):
        Machines(cost_per_minute={"macos-*": 0.08})


def test_machine_time_of_a_workflow_is_divided_by_all_merged_changes() -> None:
    changes = [make.change("acme/api", n, day(0), merged_at=day(1)) for n in (1, 2)]
    runs = [run("a", 20), job("a", "test", 20), run("b", 10, workflow="lint"), job("b", "lint", 10)]

    series = by("ci_machine_minutes", "workflow", [API, *changes, *runs])

    assert {name: each["value"] for name, each in series.items()} == {"ci": 600.0, "lint": 300.0}


def test_a_workflow_is_broken_as_long_as_it_is_red_whoever_else_is() -> None:
    events = [
        API, on_main("a", 0, "failure"), on_main("b", 60, "success"),
        on_main("c", 30, "failure", workflow="e2e"), on_main("d", 60, "success", workflow="e2e"),
    ]  # fmt: skip

    series = by("default_branch_breakage", "workflow", events)

    assert {name: each["broken_seconds"] for name, each in series.items()} == {"ci": 3600.0, "e2e": 1800.0}
    assert answer("default_branch_breakage", events, **WEEK)["broken_seconds"] == 3600.0


def test_a_night_is_no_time_that_a_branch_is_broken_unless_asked() -> None:
    events = [
        API,
        on_main("a", 0, "failure", completed_at=day(0, 18)),
        on_main("b", 0, "success", completed_at=day(1, 8)),
    ]

    business = answer("default_branch_breakage", events, **WEEK)
    calendar = answer("default_branch_breakage", events, clock="calendar", **WEEK)

    assert (business["value"], calendar["value"]) == (2.0, 14.0)


def test_a_failure_of_a_job_that_nobody_needs_breaks_no_branch() -> None:
    optional = job("a", "docs", 5, required=False, conclusion="failure")
    events = [
        API,
        on_main("a", 10, "failure"),
        optional,
        job("a", "test", 10, required=True),
        on_main("b", 60, "success"),
    ]

    result = answer("default_branch_breakage", events, **WEEK)

    assert (result["status"], result["value"], result["breaks"]) == ("ok", 0.0, 0)


def test_a_branch_that_nobody_checked_has_no_breakage_rather_than_none() -> None:
    result = answer("default_branch_breakage", [API, run("a", 10)], **WEEK)

    assert (result["status"], result["value"]) == ("no_data", None)


@pytest.mark.parametrize("metric", ["ci_queue_time", "ci_rerun_waste", "ci_machine_minutes"])
def test_what_only_jobs_tell_is_not_observable_without_them(metric: str) -> None:
    result = answer(metric, [API, run("a", 10)], **WEEK)

    assert (result["status"], result["value"]) == ("not_observable", None)


def test_an_attempt_without_jobs_runs_from_its_own_start() -> None:
    [row] = rows("ci_execution_time", [API, run("a", 15, created_at=day(0, 9))], **WEEK)

    assert (row["value"], row["evidence"]["gate_seconds"]) == (900.0, None)


def test_an_attempt_that_nothing_dates_is_left_out() -> None:
    result = answer("ci_execution_time", [API, run("a", 15, started_at=None)], **WEEK)

    assert (result["status"], result["exclusions"]) == ("no_data", {"undated": 1})


def test_a_gate_of_a_deployment_is_one_of_the_run_that_made_it() -> None:
    gate = make.gate("g", day(0, 10.25), deployment="d", decided_at=day(0, 10.5))
    events = [API, run("a", 60), job("a", "deploy", 60), make.deployment("d", "api", day(0, 11), run="a"), gate]

    assert answer("ci_execution_time", events, **WEEK)["value"] == 2700.0


def test_an_author_knows_as_soon_as_the_first_required_job_fails() -> None:
    jobs = [
        job("a", "lint", 2, required=False, conclusion="failure"),
        job("a", "test", 12, required=True, conclusion="failure"),
        job("a", "build", 30, required=True),
    ]

    assert answer("ci_time_to_feedback", [API, run("a", 30, "failure"), *jobs], **WEEK)["value"] == 720.0


def test_a_rerun_belongs_to_the_period_of_its_last_attempt() -> None:
    again = run("a/2", 0, run="a", sha=sha_of("a"), attempt=2, completed_at=day(3, 10))
    result = answer("ci_attempts_per_run", [API, run("a", 10, "failure"), again], start=day(3), end=day(4))

    assert (result["value"], result["n"]) == (2.0, 1)


def test_merges_that_needed_a_rerun_are_a_share_of_merges_with_a_run() -> None:
    changes = [make.change("acme/api", n, day(0), merged_at=day(1)) for n in (1, 2, 3)]
    first = [run(f"r{n}", 10, change=f"acme/api#{n}") for n in (1, 2)]
    again = run("r1/2", 20, run="r1", attempt=2, change="acme/api#1")

    result = answer("ci_attempts_per_run", [API, *changes, *first, again], **WEEK)

    assert (result["merge_rerun_share"], result["rerun_share"], result["value"]) == (0.5, 0.5, 1.5)
