"""CircleCI's workflows as runs, their jobs, approvals and deployments."""

from typing import Any

import pytest

from ci_servers import SHA, digest, needs_recordings, reasons, recorded_lines, told
from collectors.ci.deployments import Deploying
from collectors.circleci.parse import Context, Pipeline, parse_pipeline
from deliveries import recorded

CONTEXT = Context("circleci:gh/acme/checkout", "gh/acme/checkout", deploying=Deploying(jobs=("deploy*",)))


def pipeline(**changes: Any) -> Pipeline:
    found = recorded("circleci/pipeline.json")
    return Pipeline({**found["pipeline"], **changes}, found["workflows"], found["jobs"])


def events(kind: str, of: Pipeline | None = None, context: Context = CONTEXT) -> dict[str, dict[str, Any]]:
    parsed = parse_pipeline(of or pipeline(), context)
    return {each["id"]: each for each in told(parsed.events) if each["type"] == kind}


def test_a_workflow_is_a_run_and_one_of_the_same_name_is_its_next_attempt() -> None:
    runs = events("run")
    assert runs["9/w-1"] == {
        "type": "run", "id": "9/w-1", "repository": "acme/checkout", "workflow": "build", "run": "9/build",
        "attempt": 1, "sha": SHA, "branch": "faster", "event": "pull_request", "actor_kind": "human",
        "change": {"source": "github:acme/checkout", "id": "acme/checkout#7"}, "created_at": "2026-01-05T09:00:01Z",
        "started_at": "2026-01-05T09:00:05Z", "completed_at": "2026-01-05T09:05:00Z", "conclusion": "failure",
    }  # fmt: skip
    again = runs["9/w-2"]
    assert (again["attempt"], again["run"], again["conclusion"]) == (2, "9/build", "success")
    assert (again["created_at"], again["started_at"]) == ("2026-01-05T09:00:01Z", "2026-01-05T10:00:00Z")
    held = runs["9/w-3"]
    assert (held["run"], held["attempt"], held.keys() & {"conclusion", "completed_at"}) == ("9/nightly", 1, set())


def test_jobs_of_a_rerun_that_were_carried_over_keep_their_times() -> None:
    jobs = events("job")
    assert jobs["9/w-1/jobs/j-2"] == {
        "type": "job", "id": "9/w-1/jobs/j-2", "run": {"id": "9/w-1"}, "attempt": 1, "name": "test",
        "started_at": "2026-01-05T09:00:06Z", "completed_at": "2026-01-05T09:05:00Z", "conclusion": "failure",
        "failure_class": "infrastructure",
    }  # fmt: skip
    carried, anew = jobs["9/w-2/jobs/j-1"], jobs["9/w-2/jobs/j-4"]
    assert (carried["attempt"], carried["started_at"]) == (2, "2026-01-05T09:00:05Z")
    assert (anew["queued_at"], anew["runner"]) == ("2026-01-05T10:00:01Z", "medium")
    assert len(jobs) == 5


def test_an_approval_waits_from_the_end_of_what_it_depends_on_until_what_depends_on_it_begins() -> None:
    assert events("gate") == {
        "9/w-2/gates/j-5": {
            "type": "gate", "id": "9/w-2/gates/j-5", "run": {"id": "9/w-2"}, "kind": "human",
            "requested_at": "2026-01-05T10:06:00Z", "decided_at": "2026-01-05T10:18:00Z", "decision": "approved",
        },
        "9/w-3/gates/j-7": {
            "type": "gate", "id": "9/w-3/gates/j-7", "run": {"id": "9/w-3"}, "kind": "human",
            "requested_at": "2026-01-05T09:00:01Z",
        },
    }  # fmt: skip


def test_an_approval_that_tells_its_times_is_believed() -> None:
    approval = {
        "id": "j-7", "name": "hold", "type": "approval", "status": "canceled", "dependencies": [],
        "started_at": "2026-01-05T09:30:00Z", "stopped_at": "2026-01-05T09:40:00Z",
    }  # fmt: skip
    of = pipeline()
    [gate] = events("gate", Pipeline(of.raw, of.workflows, {"w-3": [approval]})).values()
    told_times = gate["requested_at"], gate["decided_at"], gate["decision"]
    assert told_times == ("2026-01-05T09:30:00Z", "2026-01-05T09:40:00Z", "cancelled")


def test_a_job_that_deploys_is_a_deployment() -> None:
    [deployment] = events("deployment").values()
    assert deployment == {
        "type": "deployment", "id": "9/w-2/jobs/j-6", "service": "acme/checkout", "environment": "production",
        "sha": SHA, "started_at": "2026-01-05T10:18:00Z", "finished_at": "2026-01-05T10:20:00Z", "status": "success",
        "run": {"id": "9/w-2"},
    }  # fmt: skip


def test_only_workflows_whose_jobs_were_read_are_told_and_keep_their_number() -> None:
    of = pipeline()
    runs = events("run", Pipeline(of.raw, of.workflows, {"w-2": of.jobs["w-2"]}))
    assert {id_: run["attempt"] for id_, run in runs.items()} == {"9/w-2": 2}


@pytest.mark.parametrize(
    ("changes", "run"),
    [
        (
            {"trigger": {"type": "scheduled_pipeline"}, "vcs": {"revision": SHA}},
            ("schedule", "machine", "acme/checkout"),
        ),
        ({"trigger": {"type": "api"}, "vcs": {"revision": SHA}}, ("api", None, "acme/checkout")),
        ({"trigger": {}, "vcs": {"revision": SHA}}, (None, None, "acme/checkout")),
        (
            {"vcs": None, "trigger_parameters": {"git": {"checkout_sha": SHA, "repo_url": "https://x.org/a/b"}}},
            ("push", "human", "a/b"),
        ),
    ],
)
def test_the_trigger_and_the_repository_come_from_what_the_pipeline_says(
    changes: dict[str, Any], run: tuple[str | None, ...]
) -> None:
    found = events("run", pipeline(**changes))["9/w-1"]
    assert (found.get("event"), found.get("actor_kind"), found["repository"]) == run


def test_a_project_that_names_no_repository_needs_one_to_be_said() -> None:
    nameless = pipeline(vcs={"revision": SHA})
    context = Context("circleci:x", "circleci/Abc/Def")
    assert "names no repository" in reasons(parse_pipeline(nameless, context))[0]
    said = Context("circleci:x", "circleci/Abc/Def", repositories={"circleci/*": "acme/till"})
    assert events("run", nameless, said)["9/w-1"]["repository"] == "acme/till"


def test_odd_workflows_and_jobs_are_rejected_and_the_others_stay() -> None:
    workflows = ["text", {"id": "w-4", "name": "odd", "created_at": ""}, *pipeline().workflows]
    jobs = {"w-4": [], "w-1": ["text", {"id": "j-9", "name": "x", "started_at": "yesterday"}]}
    parsed = parse_pipeline(Pipeline(pipeline().raw, workflows, jobs), CONTEXT)
    assert [each["id"] for each in told(parsed.events)] == ["9/w-1"]
    odd_run, no_job, odd_time = sorted(reasons(parsed))
    assert "created_at" in odd_run
    assert odd_time.startswith("started_at")
    assert "name" in no_job


@needs_recordings
def test_recorded_pipelines_of_a_real_project_mean_what_was_checked_by_eye() -> None:
    workflows = recorded_lines("circleci/workflows.jsonl")
    context = Context("circleci:x", "gh/coldgust/coldgust.github.io")
    told_runs, refused = [], []
    for raw in recorded_lines("circleci/pipelines.jsonl"):
        its = [each for each in workflows if each["pipeline_id"] == raw["id"]]
        parsed = parse_pipeline(Pipeline(raw, its, {each["id"]: [] for each in its}), context)
        told_runs += told(parsed.events)
        refused += reasons(parsed)
    assert refused == []
    assert digest(told_runs) == "f2445df8f9b275ad"
    keys = ("id", "workflow", "attempt", "sha", "branch", "event", "conclusion", "completed_at")
    found = sorted(tuple(str(run.get(key))[:20] for key in keys) for run in told_runs)
    assert found[0] == (
        "1/8fe60291-68f7-40e2", "say-hello-workflow", "1", "9fcceda0e9749bc63e63", "circleci-project-set", "api",
        "success", "2023-03-25T17:12:22Z",
    )  # fmt: skip
    assert [(run[0][:2], run[6]) for run in found] == [
        ("1/", "success"), ("2/", "success"), ("3/", "success"), ("4/", "failure"), ("5/", "failure"),
        ("6/", "failure"), ("7/", "failure"), ("8/", "failure"), ("9/", "success"),
    ]  # fmt: skip


@needs_recordings
def test_recorded_jobs_of_a_real_project_mean_what_was_checked_by_eye() -> None:
    jobs = recorded_lines("circleci/jobs.jsonl")
    of = pipeline()
    parsed = parse_pipeline(Pipeline(of.raw, of.workflows, {"w-1": jobs}), CONTEXT)
    assert reasons(parsed) == []
    assert digest(told(parsed.events)) == "caba91b446d5a98a"
    assert [
        (job["name"], job["conclusion"], job["started_at"][11:19], job["completed_at"][11:19])
        for job in told(parsed.events) if job["type"] == "job"
    ] == [
        ("say-hello", "success", "17:12:20", "17:12:23"), ("build", "failure", "17:52:20", "17:52:23"),
        ("build", "failure", "17:56:27", "17:56:43"), ("say-hello", "success", "17:39:25", "17:39:28"),
        ("build", "success", "18:13:25", "18:13:38"), ("build", "failure", "17:54:11", "17:54:23"),
        ("build", "failure", "17:50:22", "17:50:25"), ("say-hello", "success", "17:12:20", "17:12:22"),
        ("build", "failure", "18:06:15", "18:06:28"),
    ]  # fmt: skip


@needs_recordings
@pytest.mark.parametrize(
    ("name", "count"), [("pipelines.json", 4), ("pipelines_input.json", 4), ("pipeline_input.json", 1)]
)
def test_recorded_streams_of_other_projects_mean_what_was_checked_by_eye(name: str, count: int) -> None:
    pipelines = recorded_lines(f"circleci/faros/{name}")
    [workflow] = recorded_lines("circleci/faros/workflows_input.json")
    jobs = recorded_lines("circleci/faros/jobs_input.json")
    runs = []
    for raw in pipelines:
        parsed = parse_pipeline(Pipeline(raw, [workflow], {workflow["id"]: jobs}), CONTEXT)
        assert reasons(parsed) == []
        runs += [each for each in told(parsed.events) if each["type"] == "run"]
    assert len(runs) == count
    assert runs[0]["repository"] == ("CircleCI-Public/api-preview-docs" if count == 1 else "huongtn/sample-test")
    assert runs[0].get("change") == (
        {"source": "github:CircleCI-Public/api-preview-docs", "id": "CircleCI-Public/api-preview-docs#123"}
        if count == 1 else None
    )  # fmt: skip
    assert {run["event"] for run in runs} == {"schedule" if count == 1 else "api"}
