"""What single objects of GitLab's API mean: each recording was checked by eye once."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ci_servers import reasons, told
from collectors.forge.facts import Place, when
from collectors.gitlab.ci import parse_deployment, parse_pipeline
from collectors.gitlab.delivery import parse_delivery
from collectors.gitlab.files import GitLabLayout
from collectors.gitlab.notes import parse_notes, ready_at
from collectors.gitlab.parse import (
    commits_of,
    heads_of,
    parse_commit,
    parse_issue,
    parse_merge_request,
    parse_project,
    parse_release,
)
from forge_servers import odd_objects

PLACE = Place("gitlab", "acme/checkout")
ONE, TWO = "1" * 40, "2" * 40


def recorded(name: str) -> Any:
    return json.loads((Path(__file__).parent / "recordings/gitlab" / f"{name}.json").read_text())


def test_a_merge_request_that_was_merged() -> None:
    facts = parse_merge_request(recorded("merge_request"), PLACE)
    assert told(facts.events) == [
        {
            "type": "change", "id": "acme/checkout!12", "version": "2026-01-06T10:00:01.500000Z",
            "repository": "acme/checkout", "number": 12, "author": "gitlab:ann", "title": "Pay by card",
            "base": "main", "head": "card", "created_at": "2026-01-05T08:00:00Z", "merged_at": "2026-01-06T10:00:00Z",
            "closed_at": None, "merge_sha": TWO, "labels": ["payments", "hotfix"], "reverts": 9,
        }
    ]  # fmt: skip
    assert facts.events[0].source == "gitlab:acme/checkout"


@pytest.mark.parametrize(
    ("keys", "merge_sha"),
    [
        ({"squash_commit_sha": "3" * 40}, "3" * 40),
        ({"merge_commit_sha": None}, ONE),
        ({"state": "opened"}, None),
        ({"state": "closed"}, None),
    ],
)
def test_what_a_merge_request_became_is_its_squash_its_merge_or_its_head(
    keys: dict[str, Any], merge_sha: str | None
) -> None:
    [change] = told(parse_merge_request(recorded("merge_request") | keys, PLACE).events)
    assert change["merge_sha"] == merge_sha


def test_the_first_commit_is_the_one_written_first_and_all_heads_are_known() -> None:
    commits = [
        {"id": TWO, "authored_date": "2026-01-05T10:00:00.000+02:00"},
        {"id": ONE, "authored_date": "2026-01-05T08:30:00.000Z"},
    ]
    assert commits_of(commits) == {"commits": [ONE, TWO], "first_commit_at": datetime(2026, 1, 5, 8, tzinfo=UTC)}
    assert commits_of([]) == {}
    assert heads_of([{"head_commit_sha": TWO}, {"head_commit_sha": ONE}, {"head_commit_sha": ONE}]) == [ONE, TWO]
    assert heads_of([]) is None


def test_notes_tell_who_was_asked_and_who_answered_what_when() -> None:
    request = recorded("merge_request")
    facts = parse_notes(recorded("notes"), request, PLACE)
    assert facts.rejected == []
    found = told(facts.events)
    asked = {each["id"]: (each["reviewer"], each["requested_at"][11:16]) for each in found if "requested_at" in each}
    assert asked == {
        "acme/checkout!12/notes/1/1": ("gitlab:bob", "09:00"),
        "acme/checkout!12/notes/1/2": ("gitlab:kim.lee", "09:00"),
        "acme/checkout!12/notes/1/3": ("gitlab:eve", "09:00"),
        "acme/checkout!12/notes/11/1": ("gitlab:bob", "14:00"),
    }
    answered = [
        (each["reviewer"], each["state"], each["submitted_at"][8:16], each.get("reviewer_kind"))
        for each in found
        if each["type"] == "review"
    ]
    assert answered == [
        ("gitlab:bob", "commented", "05T10:00", None),
        ("gitlab:bob", "dismissed", "05T11:00", None),
        ("gitlab:eve", "dismissed", "05T11:30", None),
        ("gitlab:kim.lee", "changes_requested", "05T12:30", None),
        ("gitlab:bob", "approved", "06T09:00", None),
        ("gitlab:project_7_bot_1f2e", "commented", "06T09:20", "bot"),
    ]
    assert all(each["change"] == {"id": "acme/checkout!12"} for each in found)


def test_a_merge_request_is_ready_when_it_left_draft_for_the_last_time() -> None:
    request, notes = recorded("merge_request"), recorded("notes")
    assert ready_at(notes, request) == datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    assert ready_at(notes, request | {"draft": True}) is None
    assert ready_at([], request) is None


def test_a_review_asked_for_again_takes_the_approval_back() -> None:
    notes = [
        {"id": 1, "system": True, "body": "approved this merge request", "created_at": "2026-01-05T09:00:00Z",
         "author": {"username": "bob"}},
        {"id": 2, "system": True, "body": "requested review from @bob and removed approval",
         "created_at": "2026-01-05T10:00:00Z", "author": {"username": "ann"}},
    ]  # fmt: skip
    found = told(parse_notes(notes, recorded("merge_request"), PLACE).events)
    assert [each.get("state") for each in found] == ["dismissed", None]
    assert found[1]["reviewer"] == "gitlab:bob"


def test_a_retried_job_makes_two_attempts_of_one_pipeline() -> None:
    facts = parse_pipeline(recorded("pipeline"), PLACE, recorded("jobs"))
    assert facts.rejected == []
    runs, jobs = told(facts.events)[:2], told(facts.events)[2:]
    assert runs[0] == {
        "type": "run", "id": "acme/checkout/runs/31/1", "version": "2026-01-05T09:26:00Z",
        "repository": "acme/checkout", "workflow": ".gitlab-ci.yml:merge_request_event", "run": "31", "attempt": 1,
        "sha": ONE, "event": "merge_request_event", "actor_kind": "human", "change": {"id": "acme/checkout!12"},
        "created_at": "2026-01-05T08:00:10Z", "started_at": "2026-01-05T08:00:20Z",
        "completed_at": "2026-01-05T08:10:20Z", "conclusion": "failure",
        "url": "https://gitlab.example.org/acme/checkout/-/pipelines/31",
    }  # fmt: skip
    assert runs[1] == runs[0] | {
        "id": "acme/checkout/runs/31/2", "attempt": 2, "started_at": "2026-01-05T09:10:10Z",
        "completed_at": "2026-01-05T09:25:30Z", "conclusion": "success",
    }  # fmt: skip
    assert jobs[0] == {
        "type": "job", "id": "acme/checkout/jobs/401", "version": "2026-01-05T08:10:20Z",
        "run": {"id": "acme/checkout/runs/31/1"}, "attempt": 1, "name": "test", "required": True,
        "runner": "linux, docker", "queued_at": "2026-01-05T08:00:14.500000Z", "started_at": "2026-01-05T08:00:20Z",
        "completed_at": "2026-01-05T08:10:20Z", "conclusion": "failure", "failure_class": "infrastructure",
    }  # fmt: skip
    keys = ("name", "attempt", "required", "runner", "conclusion")
    # a job that nobody started is none
    assert [tuple(each.get(key) for key in keys) for each in jobs[1:]] == [
        ("lint", 1, False, "runner-1", "failure"),
        ("test", 2, True, "linux, docker", "success"),
        ("deploy", 1, True, "linux, docker", "success"),
        ("cleanup", 1, True, "linux, docker", "skipped"),
    ]


def test_an_attempt_whose_failed_job_may_fail_is_a_success_until_it_was_tried_again() -> None:
    jobs = [job for job in recorded("jobs") if job["name"] == "lint"]
    again = {**jobs[0], "id": 500, "created_at": "2026-01-05T09:00:00.000Z"}
    runs = told(parse_pipeline(recorded("pipeline"), PLACE, [*jobs, again]).events)[:2]
    assert [(run["attempt"], run["conclusion"]) for run in runs] == [(1, "success"), (2, "success")]


@pytest.mark.parametrize(
    ("keys", "field", "value"),
    [
        ({"source": "push", "ref": "main"}, "workflow", ".gitlab-ci.yml"),
        ({"source": "push", "ref": "main"}, "branch", "main"),
        ({"source": "push", "ref": "v1.0", "tag": True}, "branch", None),
        ({"source": "schedule", "ref": "main"}, "actor_kind", "machine"),
        ({"source": "api", "ref": "main"}, "actor_kind", None),
        ({"source": "push", "ref": "main", "user": {"username": "project_7_bot"}}, "actor_kind", "machine"),
        ({"status": "running", "finished_at": None}, "conclusion", None),
        ({"status": "running", "finished_at": None}, "completed_at", None),
        ({"status": "manual", "finished_at": None}, "conclusion", "action_required"),
        ({"status": "canceled"}, "conclusion", "cancelled"),
    ],
)
def test_a_pipeline_is_told_by_what_set_it_off_and_how_it_stands(
    keys: dict[str, Any], field: str, value: object
) -> None:
    [run] = told(parse_pipeline(recorded("pipeline") | keys, PLACE).events)
    assert run.get(field) == value


def test_a_deployment_with_its_approval() -> None:
    facts = parse_deployment(recorded("deployment"), PLACE, {"eu/production": "production"})
    assert told(facts.events) == [
        {
            "type": "deployment", "id": "acme/checkout/deployments/77", "version": "2026-01-06T10:20:01Z",
            "service": "acme/checkout", "environment": "eu/production", "tier": "production", "sha": TWO,
            "created_at": "2026-01-06T10:00:05Z", "started_at": "2026-01-06T10:15:00Z",
            "finished_at": "2026-01-06T10:20:00Z", "status": "success", "run": {"id": "acme/checkout/runs/32/1"},
            "url": "https://gitlab.example.org/acme/checkout/-/jobs/501",
        },
        {
            "type": "gate", "id": "acme/checkout/deployments/77/approval", "version": "2026-01-06T10:20:01Z",
            "deployment": {"id": "acme/checkout/deployments/77"}, "kind": "human",
            "requested_at": "2026-01-06T10:00:05Z", "decided_at": "2026-01-06T10:14:00Z", "decision": "approved",
        },
    ]  # fmt: skip


def test_a_status_that_is_not_known_is_no_deployment() -> None:
    assert reasons(parse_deployment(recorded("deployment") | {"status": "done"}, PLACE)) == ["status: Field required"]


def test_a_delivery_says_the_same_of_the_same_thing_and_only_what_it_knows() -> None:
    payload = recorded("hook_merge_request")
    found = parse_delivery(payload)
    assert told(found.events) == [
        {
            "type": "change", "id": "acme/checkout!12", "version": "2026-01-06T10:00:01Z",
            "repository": "acme/checkout", "number": 12, "title": "Pay by card", "base": "main", "head": "card",
            "created_at": "2026-01-05T08:00:00Z", "merged_at": "2026-01-06T10:00:01Z", "merge_sha": TWO,
        }
    ]  # fmt: skip
    assert found.events[0].source == "gitlab:acme/checkout"
    payload["object_attributes"]["action"] = "update"
    [change] = told(parse_delivery(payload).events)
    assert "merged_at" not in change
    payload["object_attributes"]["action"] = "reopen"
    [change] = told(parse_delivery(payload).events)
    assert change["closed_at"] is None


def test_a_delivery_about_leaving_draft_says_when() -> None:
    payload = recorded("hook_merge_request")
    payload["changes"] = {"draft": {"previous": True, "current": False}}
    [change] = told(parse_delivery(payload).events)
    assert change["ready_at"] == "2026-01-06T10:00:01Z"


def test_a_merge_request_that_is_a_draft_again_takes_back_that_it_was_ready() -> None:
    payload = recorded("hook_merge_request")
    payload["object_attributes"]["draft"] = True
    [pushed] = told(parse_delivery(payload).events)
    [pulled] = told(parse_merge_request(recorded("merge_request") | {"draft": True}, PLACE).events)
    assert (pushed["ready_at"], pulled["ready_at"]) == (None, None)
    assert "ready_at" not in told(parse_merge_request(recorded("merge_request"), PLACE).events)[0]


def hooked(pipeline: dict[str, Any], jobs: list[dict[str, Any]]) -> dict[str, Any]:
    """A delivery about a pipeline: times without fractions, and the last job of each name only."""

    def ruby(value: object) -> object:
        return value.replace("T", " ").replace(".000Z", " UTC") if isinstance(value, str) else value

    attributes = {key: ruby(value) for key, value in pipeline.items() if key not in {"started_at", "updated_at"}}
    last = {
        job["name"]: {key: ruby(value) for key, value in job.items()} for job in sorted(jobs, key=lambda job: job["id"])
    }
    project = {"id": 7, "path_with_namespace": "acme/checkout"}
    request = {"iid": 12, "target_project_id": 7}
    return {
        "object_kind": "pipeline", "object_attributes": attributes | {"ref": "card"}, "builds": list(last.values()),
        "project": project, "user": pipeline["user"], "merge_request": request,
    }  # fmt: skip


def test_a_delivery_about_a_pipeline_gives_the_ids_that_a_collection_gives() -> None:
    pipeline, jobs = recorded("pipeline"), [job for job in recorded("jobs") if job["id"] != 403]
    pulled, pushed = parse_pipeline(pipeline, PLACE, jobs), parse_delivery(hooked(pipeline, jobs))
    assert [(each.type, each.id) for each in pushed.events] == [(each.type, each.id) for each in pulled.events]
    run, before = told(pushed.events)[0], told(pulled.events)[0]
    same = ("conclusion", "completed_at", "created_at", "change", "workflow", "sha")
    assert [run[key] for key in same] == [before[key] for key in same]
    # it does not say when the pipeline was changed, so it is never newer than what a collection says
    assert run["version"] < before["version"]


def test_a_delivery_about_a_pipeline_with_a_retried_job_is_left_to_the_collection() -> None:
    payload = hooked(recorded("pipeline"), recorded("jobs"))
    found = parse_delivery(payload)
    assert (found.events, found.rejected, found.ignored) == ([], [], ["pipeline"])
    payload["object_attributes"]["source"] = "parent_pipeline"
    assert parse_delivery(payload).ignored == ["pipeline"]


def test_a_delivery_about_a_job_says_which_attempt_it_was() -> None:
    payload = {
        "object_kind": "build", "build_id": 403, "build_name": "test", "build_status": "success", "pipeline_id": 31,
        "build_created_at": "2026-01-05 09:10:00 UTC", "build_started_at": "2026-01-05 10:10:10 +0100",
        "build_finished_at": "2026-01-05 09:20:00 UTC", "build_queued_duration": 5.5, "build_allow_failure": False,
        "retries_count": 1, "runner": {"description": "runner-1", "tags": ["linux", "docker"]},
        "repository": {"homepage": "https://gitlab.example.org/acme/checkout"},
    }  # fmt: skip
    [job] = told(parse_delivery(payload).events)
    pulled = told(parse_pipeline(recorded("pipeline"), PLACE, recorded("jobs")).events)
    assert job == next(each for each in pulled if each["id"] == "acme/checkout/jobs/403")
    del payload["retries_count"]
    assert parse_delivery(payload).ignored == ["build"]


@pytest.mark.parametrize("payload", [None, [], "text", {}, {"object_kind": "wiki_page"}, {"object_kind": "pipeline"}])
def test_a_delivery_of_another_kind_is_passed_over(payload: object) -> None:
    found = parse_delivery(payload)
    assert found.events == []
    assert bool(found.rejected) != bool(found.ignored)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2021-04-28 21:50:00 +0200", "2021-04-28T19:50:00+00:00"),
        ("2021-04-28 21:50:00 UTC", "2021-04-28T21:50:00+00:00"),
        ("2021-04-28T21:50:00.123-05:30", "2021-04-29T03:20:00.123000+00:00"),
        ("2021-04-28T21:50:00Z", "2021-04-28T21:50:00+00:00"),
        ("2021-04-28 21:50:00", None),
        ("2021-04-28", None),
        ("2021-04-28 21:50:00 CEST", None),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("2021-13-28T21:50:00Z", None),
        (1619646600, None),
    ],
)
def test_a_time_is_read_with_its_offset_or_not_at_all(written: object, meant: str | None) -> None:
    found = when(written)
    assert (found.isoformat() if found else None) == meant


def test_releases_issues_commits_and_projects() -> None:
    release = {"tag_name": "v1.2", "released_at": "2026-01-06T10:00:00Z", "commit": {"id": TWO}}
    assert [each.id for each in parse_release(release, PLACE).events] == ["acme/checkout/releases/v1.2"]
    assert parse_release(release | {"tag_name": "v1.2-rc1"}, PLACE).events == []
    issue = {"iid": 3, "title": "Down", "labels": ["Outage"], "created_at": "2026-01-06T10:00:00Z"}
    assert [each.id for each in parse_issue(issue, PLACE, frozenset({"outage"})).events] == ["acme/checkout#3"]
    assert parse_issue(issue, PLACE, frozenset({"bug"})).events == []
    commit = {"id": TWO, "parent_ids": [ONE], "author_email": "renovate@example.org",
              "message": f"This reverts commit {ONE}.",
              "authored_date": "2026-01-05T10:00:00+02:00", "committed_date": "2026-01-06T10:00:00Z"}  # fmt: skip
    [event] = told(parse_commit(commit, PLACE).events)
    assert (event["authored_at"], event["author_kind"], event["reverts"]) == ("2026-01-05T08:00:00Z", "bot", ONE)
    project = {"id": 7, "path_with_namespace": "acme/checkout", "created_at": "2025-01-01T00:00:00Z", "archived": False}
    [repository] = told(parse_project(project).events)
    assert (repository["fork"], repository["archived"]) == (False, False)


def test_what_a_pipeline_includes_stands_with_its_pin() -> None:
    content = """
stages: [build]
include:
  - component: $CI_SERVER_FQDN/acme/ci/go@1.0
  - project: acme/ci   # ours
    ref: v2
    file:
      - /templates/go.yml
      - /templates/more.yml
  - template: Jobs/Build.gitlab-ci.yml
  # - remote: https://example.org/old.yml
  - local: /mine.yml
  - 'https://example.org/x.yml'
build:
  script:
    - project: none
"""
    uses = GitLabLayout().uses
    assert uses(content) == [
        "$CI_SERVER_FQDN/acme/ci/go@1.0", "acme/ci/templates/go.yml@v2", "Jobs/Build.gitlab-ci.yml",
        "https://example.org/x.yml",
    ]  # fmt: skip
    assert uses("include: 'https://example.org/z.yml'\n") == ["https://example.org/z.yml"]
    assert uses("build:\n  script: make\n") == []


ODD = odd_objects(
    "id", "iid", "name", "status", "sha", "source", "ref", "user", "author", "username", "created_at", "updated_at",
    "finished_at", "started_at", "queued_duration", "environment", "deployable", "pipeline", "labels", "title",
    "approvals", "object_kind", "object_attributes", "project", "path_with_namespace", "builds", "retries_count",
)  # fmt: skip


@settings(max_examples=150)
@given(ODD, st.sampled_from(["pipeline", "build", "merge_request", "deployment"]))
def test_odd_objects_raise_nothing(raw: dict[str, Any], kind: str) -> None:
    for parse in (parse_merge_request, parse_commit, parse_deployment, parse_pipeline, parse_release):
        parse(raw, PLACE)
    parse_pipeline(raw, PLACE, [raw])
    parse_notes([raw, {**raw, "system": True}], raw, PLACE)
    parse_delivery({**raw, "object_kind": kind, "project": {"path_with_namespace": "acme/checkout"}})
