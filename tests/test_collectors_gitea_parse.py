"""What single objects of Gitea's and Forgejo's API and webhooks mean."""

from typing import Any

import pytest
from hypothesis import given, settings

from ci_servers import reasons, told
from collectors.forge.facts import Place
from collectors.gitea.actions import parse_job, parse_run, parse_tasks
from collectors.gitea.delivery import parse_delivery
from collectors.gitea.parse import (
    is_draft,
    parse_commit,
    parse_issue,
    parse_pull_request,
    parse_release,
    parse_requests,
    parse_review,
)
from collectors.gitea.timeline import history_of
from forge_servers import odd_objects

PLACE = Place("gitea", "acme/shop")
SHA = "1" * 40
PULL = {
    "number": 12, "title": "Pay", "user": {"id": 1, "login": "ann"}, "created_at": "2026-01-05T08:00:00Z",
    "updated_at": "2026-01-05T09:00:00Z", "merged_at": None, "closed_at": None, "merge_commit_sha": None,
}  # fmt: skip
RUN = {
    "id": 7, "run_number": 3, "run_attempt": 2, "path": ".gitea/workflows/ci.yml@refs/heads/main", "event": "push",
    "head_sha": SHA, "head_branch": "main", "status": "completed", "conclusion": "failure",
    "started_at": "2026-01-05T08:00:00Z", "completed_at": "2026-01-05T08:10:00Z", "actor": {"id": 1, "login": "ann"},
}  # fmt: skip
FORGEJO_RUN = {
    "id": 7, "index_in_repo": 3, "workflow_id": "ci.yml", "trigger_event": "push", "commit_sha": SHA,
    "prettyref": "main", "status": "success", "created": "2026-01-05T08:00:00Z", "started": "2026-01-05T08:01:00Z",
    "stopped": "2026-01-05T08:10:00Z", "updated": "2026-01-05T08:10:01Z", "trigger_user": {"id": 1, "login": "ann"},
}  # fmt: skip
REPOSITORY = {"full_name": "acme/shop", "html_url": "https://git.example.org/acme/shop", "default_branch": "main"}


def test_a_run_of_gitea_is_told_by_attempt() -> None:
    assert told(parse_run(RUN, PLACE).events) == [
        {
            "type": "run", "id": "acme/shop/runs/7/2", "version": "2026-01-05T08:10:00Z", "repository": "acme/shop",
            "workflow": ".gitea/workflows/ci.yml", "run": "7", "attempt": 2, "sha": SHA, "branch": "main",
            "event": "push", "actor_kind": "human", "created_at": "2026-01-05T08:00:00Z",
            "started_at": "2026-01-05T08:00:00Z", "completed_at": "2026-01-05T08:10:00Z", "conclusion": "failure",
        }
    ]  # fmt: skip


def test_a_run_of_forgejo_says_the_same_in_other_words() -> None:
    [run] = told(parse_run(FORGEJO_RUN, PLACE).events)
    assert run == {
        "type": "run", "id": "acme/shop/runs/7/1", "version": "2026-01-05T08:10:01Z", "repository": "acme/shop",
        "workflow": "ci.yml", "run": "7", "attempt": 1, "sha": SHA, "branch": "main", "event": "push",
        "actor_kind": "human", "created_at": "2026-01-05T08:00:00Z", "started_at": "2026-01-05T08:01:00Z",
        "completed_at": "2026-01-05T08:10:00Z", "conclusion": "success",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "field", "value"),
    [
        ({"status": "in_progress", "conclusion": ""}, "conclusion", None),
        ({"status": "in_progress", "conclusion": ""}, "completed_at", None),
        ({"event": "schedule"}, "actor_kind", "machine"),
        ({"actor": {"id": -2, "login": "gitea-actions"}}, "actor_kind", "machine"),
        ({"actor": None}, "actor_kind", None),
        ({"event": "pull_request", "head_branch": "main"}, "branch", None),
        ({"event": "pull_request", "head_branch": "refs/pull/12/head"}, "change", {"id": "acme/shop#12"}),
        ({"prettyref": "#12", "head_branch": None}, "change", {"id": "acme/shop#12"}),
    ],
)
def test_a_run_is_told_by_what_set_it_off_and_how_it_stands(keys: dict[str, Any], field: str, value: object) -> None:
    [run] = told(parse_run({**RUN, **keys}, PLACE).events)
    assert run.get(field) == value


def test_a_run_is_as_bad_as_the_worst_of_its_tasks() -> None:
    def task(number: int, name: str, status: str) -> dict[str, Any]:
        return {"id": number, "name": name, "run_number": 3, "status": status, "workflow_id": "ci.yml",
                "head_sha": SHA,
                "created_at": "2026-01-05T08:00:00Z", "updated_at": "2026-01-05T08:10:00Z"}  # fmt: skip

    def conclusion(*statuses: str) -> object:
        tasks = [task(number, f"job {number}", status) for number, status in enumerate(statuses, 1)]
        return told(parse_tasks(tasks, PLACE).events)[0].get("conclusion")

    assert conclusion("success", "failure", "skipped") == "failure"
    assert conclusion("success", "cancelled") == "cancelled"
    assert conclusion("skipped", "success") == "success"
    assert conclusion("success", "waiting") is None
    assert reasons(parse_tasks([{**task(1, "test", "success"), "run_number": None}], PLACE))


def test_a_draft_is_told_by_its_title_where_a_server_does_not_say() -> None:
    assert [is_draft({"title": title}) for title in ("WIP: pay", "[wip] pay", "Pay", "Wipe")] == [
        True,
        True,
        False,
        False,
    ]
    assert is_draft({"title": "WIP: pay", "draft": False}) is False
    left = {"type": "change_title", "old_title": "WIP: pay", "new_title": "Pay", "created_at": "2026-01-05T08:30:00Z"}
    assert history_of([left], PULL)["ready_at"].isoformat() == "2026-01-05T08:30:00+00:00"
    assert "ready_at" not in history_of([left], {**PULL, "title": "WIP: pay"})
    [again] = told(parse_pull_request({**PULL, "title": "WIP: pay"}, PLACE).events)
    assert again["ready_at"] is None
    assert history_of([{"type": "pull_push", "body": "no json"}], PULL) == {}


def test_a_pull_request_says_what_it_undoes() -> None:
    [change] = told(parse_pull_request({**PULL, "body": "Reverts #11\n"}, PLACE).events)
    assert change["reverts"] == 11
    [change] = told(parse_pull_request(PULL, PLACE).events)
    assert "reverts" not in change


def test_a_commit_goes_by_its_login_and_an_older_server_repeats_its_sha_as_its_tree() -> None:
    commit = {
        "author": {"name": "Ann", "email": "ann@example.org", "date": "2026-01-05T10:00:00+02:00"},
        "committer": {"date": "2026-01-05T09:00:00Z"}, "tree": {"sha": SHA}, "message": f"This reverts commit {SHA}.",
    }  # fmt: skip
    raw = {"sha": SHA, "parents": [], "commit": commit, "author": {"id": 1, "login": "ann"}}
    [event] = told(parse_commit(raw, PLACE).events)
    assert (event["author"], event["authored_at"], event["reverts"]) == ("gitea:ann", "2026-01-05T08:00:00Z", SHA)
    assert "tree_sha" not in event
    [event] = told(parse_commit({**raw, "commit": {**commit, "tree": {"sha": "2" * 40}}, "author": None}, PLACE).events)
    assert (event["author"], event["tree_sha"]) == ("ann@example.org", "2" * 40)


@pytest.mark.parametrize(
    ("event", "payload", "ids"),
    [
        ("pull_request", {"pull_request": PULL}, ["acme/shop#12"]),
        ("pull_request_approved", {"pull_request": PULL, "review": {"type": "approved"}}, ["acme/shop#12"]),
        ("pull_request_sync", {"pull_request": PULL}, ["acme/shop#12"]),
        ("workflow_run", {"workflow_run": RUN}, ["acme/shop/runs/7/2"]),
        (
            "workflow_job",
            {"workflow_job": {"id": 9, "run_id": 7, "run_attempt": 2, "name": "test"}},
            ["acme/shop/jobs/9"],
        ),
        (
            "release",
            {"release": {"tag_name": "v1.0", "published_at": "2026-01-05T08:00:00Z"}},
            ["acme/shop/releases/v1.0"],
        ),
        ("release", {"action": "deleted", "release": {"tag_name": "v1.0"}}, []),
        ("issues", {"issue": {"number": 3, "labels": [{"name": "Outage"}], "title": "Down"}}, ["acme/shop#3"]),
        ("issue_comment", {"issue": {"number": 3, "labels": [{"name": "bug"}]}}, []),
        ("push", {"commits": []}, ["acme/shop"]),
        ("repository", {"action": "deleted"}, []),
        ("star", {}, []),
    ],
)
def test_a_delivery_gives_the_ids_that_a_collection_gives(event: str, payload: dict[str, Any], ids: list[str]) -> None:
    found = parse_delivery(event, {**payload, "repository": REPOSITORY}, labels=frozenset({"outage"}))
    assert [each.id for each in found.events] == ids
    assert found.rejected == []
    assert all(each.source == "gitea:acme/shop" for each in found.events)
    assert found.ignored == ([] if ids else [event])


def test_a_delivered_job_says_the_same_as_an_answered_one() -> None:
    raw = {"id": 9, "run_id": 7, "run_attempt": 2, "name": "test", "status": "completed", "conclusion": "success",
           "labels": ["linux"], "created_at": "2026-01-05T08:00:00Z", "started_at": "2026-01-05T08:01:00Z",
           "completed_at": "2026-01-05T08:02:00Z"}  # fmt: skip
    found = parse_delivery("workflow_job", {"workflow_job": raw, "repository": REPOSITORY})
    assert found.events == parse_job(raw, PLACE).events
    assert told(found.events) == [
        {
            "type": "job", "id": "acme/shop/jobs/9", "version": "2026-01-05T08:02:00Z",
            "run": {"id": "acme/shop/runs/7/2"}, "attempt": 2, "name": "test", "runner": "linux",
            "queued_at": "2026-01-05T08:00:00Z", "started_at": "2026-01-05T08:01:00Z",
            "completed_at": "2026-01-05T08:02:00Z", "conclusion": "success",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("payload", [None, [], "text", {}, {"repository": {}}])
def test_what_is_no_delivery_is_refused_or_passed_over(payload: object) -> None:
    found = parse_delivery("push", payload)
    assert found.events == []
    assert bool(found.rejected) != bool(found.ignored)


ODD = odd_objects(
    "id", "number", "name", "status", "conclusion", "sha", "head_sha", "event", "user", "author", "login", "labels",
    "created_at", "updated_at", "started_at", "run_number", "run_id", "run_attempt", "head_branch", "path", "actor",
    "title", "body", "state", "type", "tag_name", "commit", "parents", "files", "pull_request", "repository",
)  # fmt: skip


@settings(max_examples=150)
@given(ODD)
def test_odd_objects_raise_nothing(raw: dict[str, Any]) -> None:
    for parse in (parse_pull_request, parse_commit, parse_release, parse_run, parse_job):
        parse(raw, PLACE)
    parse_review(raw, raw.get("number"), PLACE)
    parse_issue(raw, PLACE, frozenset({"outage"}))
    parse_tasks([raw, raw], PLACE)
    timeline = [raw, {**raw, "type": "review_request"}, {**raw, "type": "pull_push"}, {**raw, "type": "change_title"}]
    parse_requests(timeline, 1, PLACE)
    history_of(timeline, raw)
    for event in ("pull_request", "workflow_run", "workflow_job", "release", "issues", "push"):
        parse_delivery(event, {**raw, event: raw, "repository": REPOSITORY})
