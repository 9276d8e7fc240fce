"""Jenkins' builds as runs, their stages as jobs, input steps as gates."""

from typing import Any

import pytest

from ci_servers import RECORDINGS, SHA, digest, needs_recordings, reasons, recorded_lines, told
from collectors.ci.deployments import Deploying
from collectors.jenkins.parse import Build, Context, JenkinsJob, checkouts, has_ended, parse_build, paused, repeats
from deliveries import recorded

CONTEXT = Context("jenkins:ci.example.org/x", "https://ci.example.org", deploying=Deploying(jobs=("deploy*",)))
NIGHTLY = JenkinsJob("shop/nightly", "shop/nightly", 31)
CHANGE = JenkinsJob("checkout/PR-12", "checkout", 4)


def freestyle(**changes: Any) -> Build:
    return Build({**recorded("jenkins/builds.json")["freestyle"], **changes}, None, {}, 31, 1)


def pipeline(**changes: Any) -> Build:
    found = recorded("jenkins/builds.json")
    return Build({**found["pipeline"], **changes}, found["stages"], found["waits"], 4, 1)


def events(kind: str, build: Build, job: JenkinsJob, context: Context = CONTEXT) -> list[dict[str, Any]]:
    return [each for each in told(parse_build(build, job, context).events) if each["type"] == kind]


def caused(kind: str, **more: Any) -> list[Any]:
    return [{"causes": [{"_class": kind, **more}]}, *recorded("jenkins/builds.json")["freestyle"]["actions"][1:]]


def test_a_build_is_a_run_that_was_queued_before_it_began() -> None:
    assert events("run", freestyle(), NIGHTLY) == [{
        "type": "run", "id": "shop/nightly/builds/31", "repository": "acme/checkout", "workflow": "shop/nightly",
        "run": "shop/nightly/31", "attempt": 1, "sha": SHA, "branch": "main", "event": "schedule",
        "actor_kind": "machine", "created_at": "2026-01-05T08:59:50Z", "started_at": "2026-01-05T09:00:00Z",
        "completed_at": "2026-01-05T09:01:00Z", "conclusion": "success",
        "url": "https://ci.example.org/job/shop/job/nightly/31/",
    }]  # fmt: skip


def test_a_build_without_stages_is_one_job() -> None:
    assert events("job", freestyle(), NIGHTLY) == [{
        "type": "job", "id": "shop/nightly/builds/31/build", "run": {"id": "shop/nightly/builds/31"}, "attempt": 1,
        "name": "shop/nightly", "runner": "linux-2", "queued_at": "2026-01-05T08:59:50Z",
        "started_at": "2026-01-05T09:00:00Z", "completed_at": "2026-01-05T09:01:00Z", "conclusion": "success",
    }]  # fmt: skip


def test_a_branch_of_a_multibranch_project_is_a_run_of_the_project_and_of_its_pull_request() -> None:
    [run] = events("run", pipeline(), CHANGE)
    assert run == {
        "type": "run", "id": "checkout/PR-12/builds/4", "repository": "acme/checkout", "workflow": "checkout",
        "run": "checkout/PR-12/4", "attempt": 1, "sha": SHA, "branch": "PR-12", "event": "pull_request",
        "actor_kind": "human", "change": {"source": "github:acme/checkout", "id": "acme/checkout#12"},
        "created_at": "2026-01-05T09:00:00Z", "started_at": "2026-01-05T09:00:05Z",
        "completed_at": "2026-01-05T09:21:00Z", "conclusion": "failure",
        "url": "https://ci.example.org/job/checkout/job/PR-12/4/",
    }  # fmt: skip
    [branch] = events("run", pipeline(), JenkinsJob("checkout/feature%2Flogin", "checkout", 4))
    assert (branch["branch"], branch["event"], "change" in branch) == ("feature/login", "push", False)


def test_stages_are_jobs_of_which_the_first_waited_with_its_build() -> None:
    test, approve, deploy, smoke = events("job", pipeline(), CHANGE)
    assert test == {
        "type": "job", "id": "checkout/PR-12/builds/4/stages/6", "run": {"id": "checkout/PR-12/builds/4"}, "attempt": 1,
        "name": "Test", "queued_at": "2026-01-05T09:00:00Z", "started_at": "2026-01-05T09:00:06Z",
        "completed_at": "2026-01-05T09:02:06Z", "conclusion": "success",
    }  # fmt: skip
    assert "queued_at" not in approve
    assert deploy["conclusion"] == "failure"
    assert (smoke["conclusion"], smoke.keys() & {"started_at", "completed_at"}) == ("skipped", set())


def test_an_input_step_is_a_gate_from_when_it_was_reached_until_it_was_answered() -> None:
    assert list(paused(pipeline().stages)) == ["10"]
    assert events("gate", pipeline(), CHANGE) == [{
        "type": "gate", "id": "checkout/PR-12/builds/4/inputs/11", "run": {"id": "checkout/PR-12/builds/4"},
        "kind": "human", "requested_at": "2026-01-05T09:02:06.100000Z", "decided_at": "2026-01-05T09:12:06.100000Z",
        "decision": "approved",
    }]  # fmt: skip


@pytest.mark.parametrize(
    ("node", "gate"),
    [
        ({"status": "PAUSED_PENDING_INPUT", "pauseDurationMillis": 5}, (None, None)),
        ({"status": "ABORTED"}, ("2026-01-05T09:12:06.100000Z", "rejected")),
        ({"name": "Wait for a lock"}, None),
    ],
)
def test_an_input_step_may_be_open_or_rejected_and_a_lock_is_none(node: dict[str, Any], gate: Any) -> None:
    waits = pipeline().waits["10"]["stageFlowNodes"]
    build = Build(pipeline().raw, pipeline().stages, {"10": {"stageFlowNodes": [{**waits[0], **node}]}}, 4, 1)
    found = [(each.get("decided_at"), each.get("decision")) for each in events("gate", build, CHANGE)]
    assert found == ([gate] if gate else [])


def test_a_stage_that_deploys_is_a_deployment_and_so_is_a_job_that_deploys_as_a_whole() -> None:
    [stage] = events("deployment", pipeline(), CHANGE)
    assert (stage["id"], stage["status"], stage["service"]) == (
        "checkout/PR-12/builds/4/stages/14", "failure", "acme/checkout",
    )  # fmt: skip
    [whole] = events("deployment", freestyle(), JenkinsJob("deploy/shop", "deploy/shop", 31))
    assert whole == {
        "type": "deployment", "id": "deploy/shop/builds/31", "service": "acme/checkout", "environment": "production",
        "sha": SHA, "created_at": "2026-01-05T08:59:50Z", "started_at": "2026-01-05T09:00:00Z",
        "finished_at": "2026-01-05T09:01:00Z", "status": "success", "run": {"id": "deploy/shop/builds/31"},
        "url": "https://ci.example.org/job/shop/job/nightly/31/",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("result", "building", "conclusion"),
    [("SUCCESS", False, "success"), ("UNSTABLE", False, "failure"), ("FAILURE", False, "failure"),
     ("ABORTED", False, "cancelled"), ("NOT_BUILT", False, "skipped"), ("ODD", False, "odd"),
     ("SUCCESS", True, None), (None, False, None)],
)  # fmt: skip
def test_a_result_becomes_a_conclusion_once_the_build_has_ended(
    result: str | None,
    building: bool,  # noqa: FBT001 - a case of the table above
    conclusion: str | None,
) -> None:
    build = freestyle(result=result, building=building)
    [run] = events("run", build, NIGHTLY)
    assert run.get("conclusion") == conclusion
    assert ("completed_at" in run) == has_ended(build.raw) == (conclusion is not None)


@pytest.mark.parametrize(
    ("cause", "event", "actor"),
    [
        ("hudson.model.Cause$UserIdCause", "workflow_dispatch", "human"),
        ("hudson.triggers.SCMTrigger$SCMTriggerCause", "push", "human"),
        ("hudson.model.Cause$UpstreamCause", "upstream", "machine"),
        ("jenkins.branch.BranchIndexingCause", "indexing", "machine"),
        ("hudson.model.Cause$RemoteCause", "api", "machine"),
        ("org.example.OddCause", None, None),
    ],
)
def test_the_class_of_the_cause_tells_what_set_a_build_off(cause: str, event: str | None, actor: str | None) -> None:
    [run] = events("run", freestyle(actions=caused(cause)), NIGHTLY)
    assert (run.get("event"), run.get("actor_kind")) == (event, actor)


@pytest.mark.parametrize(
    ("cause", "of"),
    [
        ({"_class": "org.jenkinsci.plugins.workflow.cps.replay.ReplayCause", "shortDescription": "Replayed #3"}, 3),
        ({"_class": "com.sonyericsson.rebuild.RebuildCause", "upstreamBuild": 4}, 4),
        ({"_class": "hudson.model.Cause$UpstreamCause", "upstreamBuild": 5}, None),
    ],
)
def test_a_replay_names_the_build_it_repeats(cause: dict[str, Any], of: int | None) -> None:
    assert repeats({"actions": [{"causes": [cause]}]}) == of


def test_of_several_checkouts_the_first_counts_unless_the_settings_name_another() -> None:
    assert [each.repository for each in checkouts(freestyle().raw)] == ["acme/checkout", "acme/build-library"]
    named = Context("jenkins:x", "https://x.org", repositories={"shop/*": "acme/build-library"})
    [run] = events("run", freestyle(), NIGHTLY, named)
    assert (run["repository"], run["sha"][:4], "branch" in run) == ("acme/build-library", "9999", False)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"number": None}, "a build has a number and a git revision"),
        ({"actions": []}, "a build has a number and a git revision"),
        ({"timestamp": "yesterday"}, "created_at: Field required"),
        ({"actions": [{"lastBuiltRevision": {"SHA1": SHA}}]}, "shop/nightly names no repository"),
    ],
)
def test_what_is_no_run_is_rejected_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    parsed = parse_build(freestyle(**changes), NIGHTLY, CONTEXT)
    assert parsed.events == []
    assert reason in reasons(parsed)[0]


@needs_recordings
def test_recorded_builds_of_a_real_server_mean_what_was_checked_by_eye() -> None:
    assert RECORDINGS
    builds = recorded_lines("jenkins/builds.jsonl")
    versioned = [each for each in builds if checkouts(each)]
    assert (len(builds), [each["number"] for each in versioned]) == (14, [31, 21, 11])
    assert [has_ended(each) for each in builds].count(False) == 3
    job = JenkinsJob("dir/devlake", "dir/devlake", 31)
    found = [told(parse_build(Build(each, None, {}, each["number"], 1), job, CONTEXT).events) for each in versioned]
    assert found[0] == [
        {
            "type": "run", "id": "dir/devlake/builds/31", "repository": "merico-dev/lake", "workflow": "dir/devlake",
            "run": "dir/devlake/31", "attempt": 1, "sha": "0f886c74949c3ee7e489188911c7dc0c1d547418", "branch": "main",
            "event": "workflow_dispatch", "actor_kind": "human", "created_at": "2022-04-15T12:00:49.161000Z",
            "started_at": "2022-04-15T12:00:49.161000Z", "completed_at": "2022-04-15T12:00:50.748000Z",
            "conclusion": "success",
        },
        {
            "type": "job", "id": "dir/devlake/builds/31/build", "run": {"id": "dir/devlake/builds/31"}, "attempt": 1,
            "name": "dir/devlake", "started_at": "2022-04-15T12:00:49.161000Z",
            "completed_at": "2022-04-15T12:00:50.748000Z", "conclusion": "success",
        },
    ]  # fmt: skip
    assert [each[0]["sha"][:7] for each in found] == ["0f886c7", "0f886c7", "ceeffdf"]
    assert digest([event for each in found for event in each]) == "5abae11d04424f1b"
    unversioned = parse_build(Build(builds[4], None, {}, 47, 1), job, CONTEXT)
    assert (unversioned.events, reasons(unversioned)) == ([], ["a build has a number and a git revision"])
