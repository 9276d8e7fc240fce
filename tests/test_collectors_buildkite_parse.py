"""Buildkite's builds as runs, jobs, gates and deployments."""

from typing import Any

import pytest

from ci_servers import RECORDINGS, SHA, needs_recordings, reasons, recorded_lines, told
from collectors.buildkite.parse import parse_build
from collectors.ci.context import CIContext
from collectors.ci.deployments import Deploying
from deliveries import recorded

CONTEXT = CIContext("buildkite:acme", deploying=Deploying(jobs=("deploy*",)))


def build(place: int = 0, /, **changes: Any) -> dict[str, Any]:
    return {**recorded("buildkite/builds.json")[place], **changes}


def events(raw: object, kind: str, first: int = 12, attempt: int = 1) -> list[dict[str, Any]]:
    return [each for each in told(parse_build(raw, CONTEXT, first, attempt).events) if each["type"] == kind]


def test_a_build_is_a_run_of_the_change_it_was_for() -> None:
    assert events(build(), "run") == [{
        "type": "run", "id": "checkout/builds/12", "repository": "acme/checkout", "workflow": "checkout",
        "run": "checkout/12", "attempt": 1, "sha": SHA, "branch": "faster", "event": "pull_request",
        "actor_kind": "human", "change": {"source": "github:acme/checkout", "id": "acme/checkout#7"},
        "created_at": "2026-01-05T09:00:00Z", "started_at": "2026-01-05T09:00:20Z",
        "completed_at": "2026-01-05T09:30:00Z", "conclusion": "success",
        "url": "https://buildkite.com/acme/checkout/builds/12",
    }]  # fmt: skip


def test_a_retried_job_and_its_retry_are_two_tries_and_a_lost_agent_is_no_verdict() -> None:
    lost, again, lint, deploy = events(build(), "job")
    assert lost == {
        "type": "job", "id": "checkout/builds/12/jobs/j1", "run": {"id": "checkout/builds/12"}, "attempt": 1,
        "name": "Test", "runner": "queue=linux", "queued_at": "2026-01-05T09:00:01Z",
        "started_at": "2026-01-05T09:00:20Z", "completed_at": "2026-01-05T09:04:00Z", "conclusion": "failure",
        "failure_class": "infrastructure",
    }  # fmt: skip
    assert (again["attempt"], again["conclusion"], "failure_class" in again) == (2, "success", False)
    assert (lint["name"], lint["required"], lint["conclusion"]) == ("Lint 1/2", False, "failure")
    assert "runner" not in deploy


def test_a_block_step_waits_from_the_end_of_the_jobs_before_it_until_it_is_unblocked() -> None:
    assert events(build(), "gate") == [{
        "type": "gate", "id": "checkout/builds/12/gates/j5", "run": {"id": "checkout/builds/12"}, "kind": "human",
        "requested_at": "2026-01-05T09:08:00Z", "decided_at": "2026-01-05T09:28:00Z", "decision": "approved",
    }]  # fmt: skip


def test_a_blocked_build_has_its_result_and_a_gate_that_is_open() -> None:
    [run] = events(build(1), "run", 12, 2)
    assert (run["conclusion"], run["event"], run["run"], run["attempt"]) == (
        "success",
        "workflow_dispatch",
        "checkout/12",
        2,
    )
    assert events(build(1), "gate") == [{
        "type": "gate", "id": "checkout/builds/13/gates/j8", "run": {"id": "checkout/builds/13"}, "kind": "human",
        "requested_at": "2026-01-05T10:05:00Z",
    }]  # fmt: skip


@pytest.mark.parametrize(("before", "decision"), [("passed", "cancelled"), ("failed", None)])
def test_a_cancelled_build_takes_back_the_gate_it_had_come_to_and_no_other(before: str, decision: str | None) -> None:
    jobs = [{**job, "state": {"script": before, "manual": "canceled"}[job["type"]]} for job in build(1)["jobs"][:2]]
    gates = events(build(1, jobs=jobs, state="canceled"), "gate")
    assert [each["decision"] for each in gates] == ([decision] if decision else [])


def test_the_jobs_that_deploy_are_deployments_of_the_repository() -> None:
    assert events(build(), "deployment") == [{
        "type": "deployment", "id": "checkout/builds/12/jobs/j6", "service": "acme/checkout",
        "environment": "production", "sha": SHA, "created_at": "2026-01-05T09:28:01Z",
        "started_at": "2026-01-05T09:28:05Z", "finished_at": "2026-01-05T09:30:00Z", "status": "success",
        "run": {"id": "checkout/builds/12"}, "url": "https://buildkite.com/acme/checkout/builds/12",
    }]  # fmt: skip


def test_a_pipeline_that_deploys_is_one_deployment_and_its_jobs_are_none() -> None:
    raw = build(pipeline={"slug": "deploy-shop", "repository": "git@github.com:acme/checkout.git"}, state="running")
    [deployment] = events(raw, "deployment")
    assert (deployment["id"], deployment["status"]) == ("deploy-shop/builds/12", "running")


@pytest.mark.parametrize(
    ("state", "conclusion"),
    [("passed", "success"), ("failed", "failure"), ("canceled", "cancelled"), ("skipped", "skipped"),
     ("not_run", "skipped"), ("running", None), ("failing", None), ("canceling", None)],
)  # fmt: skip
def test_a_state_becomes_a_conclusion_once_it_is_final(state: str, conclusion: str | None) -> None:
    [run] = events(build(state=state), "run")
    assert run.get("conclusion") == conclusion


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("text", "a build has a number and a pipeline"),
        (build(number=None), "a build has a number and a pipeline"),
        (build(pipeline={"slug": "x", "repository": "/srv/x"}), "pipeline x names no repository"),
        (build(created_at=None), "created_at: Field required"),
        (build(created_at="2026-01-05T09:00:00"), "no offset"),
    ],
)
def test_what_is_no_build_is_rejected_with_the_reason(raw: object, reason: str) -> None:
    parsed = parse_build(raw, CONTEXT, 1, 1)
    assert parsed.events == []
    assert reason in reasons(parsed)[0]


def test_odd_jobs_are_rejected_and_the_others_stay() -> None:
    parsed = parse_build(
        build(jobs=[{"type": "script", "id": "x"}, "text", None, *build()["jobs"][1:2]]), CONTEXT, 1, 1
    )
    assert reasons(parsed) == ["name: Field required"]
    assert [each["id"] for each in told(parsed.events)] == ["checkout/builds/12", "checkout/builds/12/jobs/j2"]


def test_a_chain_of_retries_that_bites_its_tail_ends() -> None:
    jobs = [{**build()["jobs"][0], "id": one, "retried_in_job_id": two} for one, two in (("a", "b"), ("b", "a"))]
    assert [each["attempt"] for each in events(build(jobs=jobs), "job")] == [2, 2]


def test_a_change_of_a_forge_of_ones_own_needs_the_forge_to_be_named() -> None:
    raw = build(pipeline={"slug": "checkout", "repository": "git@git.acme.example:acme/checkout.git"})
    assert "change" not in events(raw, "run")[0]
    named = CIContext("buildkite:acme", forge="gitlab", repositories={"check*": "acme/till"})
    [run, *_] = told(parse_build(raw, named, 12, 1).events)
    assert (run["repository"], run["change"]) == ("acme/till", {"source": "gitlab:acme/till", "id": "acme/till!7"})


@needs_recordings
@pytest.mark.parametrize("name", ["builds.json", "builds_input.json"])
def test_recorded_builds_of_the_other_api_are_no_builds_of_this_one(name: str) -> None:
    assert RECORDINGS
    for raw in recorded_lines(f"buildkite/faros/{name}"):
        parsed = parse_build(raw, CONTEXT, 1, 1)
        assert (parsed.events, len(parsed.rejected)) == ([], 1)
