"""What GitHub's objects mean as events; REST, webhooks and GraphQL alike."""

import json
from pathlib import Path
from typing import Any

import pytest

from collectors.forge.facts import Place
from collectors.github.events import family
from collectors.github.nodes import parse_pull_request_node
from collectors.github.parse import (
    parse_commit,
    parse_deployment,
    parse_issue_incident,
    parse_job,
    parse_pull_request,
    parse_release,
    parse_repository,
    parse_review,
    parse_run,
    parse_workflow_deployment,
)
from collectors.parsed import Parsed, merged
from tribometer.events import Job
from tribometer.privacy import Pseudonyms

FOLDER = Path(__file__).parent / "recordings" / "github"
REST: dict[str, Any] = json.loads((FOLDER / "rest.json").read_text())
NODE: dict[str, Any] = json.loads((FOLDER / "pull_request_node.json").read_text())
PLACE = Place("github", "acme/checkout")
HEAD, MERGE = REST["commit"]["sha"], REST["deployment"]["sha"]
TREE = REST["commit"]["commit"]["tree"]["sha"]
STATUSES: list[dict[str, Any]] = REST["statuses"]


def told(parsed: Parsed) -> dict[str, Any]:
    """The fields of the one event, as JSON."""
    assert parsed.rejected == []
    (event,) = parsed.events
    assert event.source == "github:acme/checkout"
    return {"type": event.type, **event.model_dump(mode="json", exclude_unset=True, exclude={"source"})}


def tells_nothing(parsed: Parsed) -> bool:
    """Whether there is neither an event nor a rejection."""
    return not parsed.events and not parsed.rejected


def test_a_repository_says_where_it_is_and_when_it_began() -> None:
    assert told(parse_repository(REST["repository"])) == {
        "type": "repository", "id": "acme/checkout", "name": "acme/checkout", "default_branch": "main",
        "url": "https://github.com/acme/checkout", "created_at": "2024-05-06T07:08:09Z", "archived": False,
        "fork": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.github.com", "github:"),
        ("https://github.com/acme/checkout", "github:"),
        ("https://ghe.example.com/api/v3", "github:ghe.example.com/"),
        ("https://api.acme.ghe.com", "github:acme.ghe.com/"),
        ("http://127.0.0.1:8080", "github:"),
        ("", "github:"),
    ],
)
def test_sources_of_other_servers_than_the_cloud_carry_their_host(url: str, expected: str) -> None:
    assert family(url) == expected


def test_a_pull_request_of_a_delivery_tells_nothing_that_it_cannot_know() -> None:
    assert told(parse_pull_request(REST["pull_request"], PLACE)) == {
        "type": "change", "id": "acme/checkout#12", "version": "2026-01-06T10:00:05Z", "repository": "acme/checkout",
        "number": 12, "author": "ann", "title": "Round up the total", "base": "main",
        "head": "round-up", "created_at": "2026-01-05T09:00:00Z", "labels": ["bug"], "additions": 10, "deletions": 2,
        "files": 3, "merged_at": "2026-01-06T10:00:00Z", "closed_at": "2026-01-06T10:00:00Z", "merge_sha": MERGE,
    }  # fmt: skip


def test_whether_a_persons_account_is_a_machines_is_for_the_configured_patterns_to_say() -> None:
    raw = {**REST["pull_request"], "user": {"login": "acme-release", "type": "User"}}
    (change,) = parse_pull_request(raw, PLACE).events
    assert "author_kind" not in change.carried
    assert Pseudonyms(b"k" * 32, ["acme-*"]).key_event(change).model_dump()["author_kind"] == "bot"


def test_an_open_pull_request_of_an_app_that_reverts_another_has_no_merge_yet() -> None:
    event = told(parse_pull_request(REST["reverting_pull_request"], PLACE, ready_at="2026-01-06T09:30:00Z"))
    assert (event["reverts"], event["author"], event["author_kind"]) == (12, "dependabot[bot]", "bot")
    assert (event["merged_at"], event["closed_at"], event["merge_sha"]) == (None, None, None)
    assert event["ready_at"] == "2026-01-06T09:30:00Z"


@pytest.mark.parametrize(
    ("body", "branch", "expected"),
    [
        ("Reverts acme/checkout#12", "undo", 12),
        ("Reverts #12\r\n\r\nIt broke.", "undo", 12),
        ("Reverts ACME/Checkout#12", "undo", 12),
        ("Reverts acme/other#12", "undo", None),
        ("Reverts acme/other#12", "revert-12-work", None),
        ("It reverts #12 in spirit", "undo", None),
        ("", "revert-12-work", 12),
        (None, "revert-the-thing", None),
    ],
)
def test_a_revert_is_known_by_githubs_own_words_or_branch(body: str | None, branch: str, expected: int | None) -> None:
    raw = {**REST["pull_request"], "body": body, "head": {"ref": branch}}
    assert told(parse_pull_request(raw, PLACE)).get("reverts") == expected


def test_a_submitted_review_is_an_event_and_one_being_written_is_none() -> None:
    assert told(parse_review(REST["review"], 12, PLACE)) == {
        "type": "review", "id": "acme/checkout#12/reviews/501", "change": {"id": "acme/checkout#12"},
        "reviewer": "bob", "state": "approved", "submitted_at": "2026-01-05T15:00:00Z",
    }  # fmt: skip
    assert tells_nothing(parse_review(REST["pending_review"], 12, PLACE))


def test_a_commit_goes_by_its_authors_login_and_tells_what_it_undoes() -> None:
    assert told(parse_commit(REST["commit"], PLACE)) == {
        "type": "commit", "id": HEAD, "repository": "acme/checkout", "sha": HEAD, "tree_sha": TREE,
        "parents": [REST["commit"]["parents"][0]["sha"]], "author": "ann",
        "authored_at": "2026-01-05T08:00:00Z", "committed_at": "2026-01-05T08:30:00Z",
        "reverts": REST["commit"]["parents"][0]["sha"],
    }  # fmt: skip


def test_a_commit_of_an_unknown_address_goes_by_the_address_and_a_bots_by_its_look() -> None:
    raw = {**REST["commit"], "author": None}
    assert told(parse_commit(raw, PLACE))["author"] == "someone@example.org"
    assert "author_kind" not in told(parse_commit(raw, PLACE))
    written = {
        **raw["commit"],
        "author": {"email": "1+renovate[bot]@users.noreply.github.com", "date": "2026-01-05T08:00:00Z"},
    }
    assert told(parse_commit({**raw, "commit": written}, PLACE))["author_kind"] == "bot"


def test_a_run_is_one_attempt_and_goes_by_its_workflows_file() -> None:
    assert told(parse_run(REST["run"], PLACE)) == {
        "type": "run", "id": "acme/checkout/runs/700/2", "version": "2026-01-05T11:09:00Z",
        "repository": "acme/checkout", "workflow": ".github/workflows/ci.yml", "run": "700", "attempt": 2, "sha": HEAD,
        "tree_sha": TREE,
        "branch": "round-up", "event": "pull_request", "actor_kind": "human", "change": {"id": "acme/checkout#12"},
        "created_at": "2026-01-05T09:00:10Z", "started_at": "2026-01-05T11:00:00Z",
        "completed_at": "2026-01-05T11:09:00Z", "conclusion": "failure",
        "url": "https://github.com/acme/checkout/actions/runs/700",
    }  # fmt: skip


def test_a_run_ends_with_its_last_job_where_the_jobs_are_known() -> None:
    (job,) = parse_job(REST["job"], PLACE).events
    assert isinstance(job, Job)
    assert told(parse_run(REST["run"], PLACE, [job]))["completed_at"] == "2026-01-05T11:08:40Z"


def test_a_run_by_the_clock_is_a_machines_and_one_that_goes_on_has_no_end() -> None:
    event = told(parse_run(REST["running_run"], PLACE))
    assert event["actor_kind"] == "machine"
    assert not {"completed_at", "conclusion", "tree_sha", "change"} & event.keys()


def test_a_job_waits_until_it_has_begun_whatever_github_says_of_its_start() -> None:
    assert told(parse_job(REST["job"], PLACE)) == {
        "type": "job", "id": "acme/checkout/jobs/801", "run": {"id": "acme/checkout/runs/700/2"}, "attempt": 2,
        "name": "test (3.11)", "runner": "self-hosted, linux", "queued_at": "2026-01-05T11:00:01Z",
        "started_at": "2026-01-05T11:00:40Z", "completed_at": "2026-01-05T11:08:40Z", "conclusion": "failure",
    }  # fmt: skip
    assert not {"started_at", "completed_at", "conclusion"} & told(parse_job(REST["queued_job"], PLACE)).keys()


def test_a_deployment_ends_when_its_outcome_was_first_said_and_inactive_takes_nothing_back() -> None:
    assert told(parse_deployment(REST["deployment"], STATUSES, PLACE, run="acme/checkout/runs/703/1")) == {
        "type": "deployment", "id": "acme/checkout/deployments/900", "version": "2026-01-07T08:00:00Z",
        "service": "acme/checkout", "environment": "production", "sha": MERGE, "created_at": "2026-01-06T10:01:00Z",
        "started_at": "2026-01-06T10:02:00Z", "finished_at": "2026-01-06T10:05:00Z", "status": "success",
        "run": {"id": "acme/checkout/runs/703/1"}, "url": "https://github.com/acme/checkout/actions/runs/703/job/8030",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("states", "state", "status", "finished"),
    [
        ([], None, "queued", False),
        ([], "ACTIVE", "success", False),
        ([], "INACTIVE", "success", False),
        ([], "ABANDONED", "cancelled", False),
        (["waiting"], None, "queued", False),
        (["queued", "in_progress"], None, "running", False),
        (["in_progress", "failure"], None, "failure", True),
        (["in_progress", "ERROR"], None, "failure", True),
        (["in_progress", "failure", "in_progress", "success"], None, "success", True),
        (["inactive"], None, "success", False),
        (["failure", "inactive"], None, "failure", True),
        (["something new"], None, "queued", False),
    ],
)
def test_the_status_of_a_deployment_is_its_last_real_state(
    states: list[str], state: str | None, status: str, *, finished: bool
) -> None:
    raw = {**REST["deployment"], "state": state}
    statuses = [{"state": each, "created_at": f"2026-01-06T10:0{at}:00Z"} for at, each in enumerate(states)]
    event = told(parse_deployment(raw, statuses, PLACE))
    assert event["status"] == status
    assert ("finished_at" in event) == finished


def test_of_statuses_made_within_one_second_the_outcome_comes_last_in_any_order() -> None:
    states = ["success", "in_progress", "queued"]
    for order in (states, states[::-1]):
        statuses = [{"state": state, "created_at": "2026-01-06T10:02:00Z"} for state in order]
        event = told(parse_deployment(REST["deployment"], statuses, PLACE))
        assert (event["status"], event["started_at"]) == ("success", event["finished_at"])


def test_one_status_of_a_delivery_tells_only_what_it_knows() -> None:
    success = told(parse_deployment(REST["deployment"], [STATUSES[1]], PLACE))
    assert success["finished_at"] == "2026-01-06T10:06:00Z"
    assert "started_at" not in success


@pytest.mark.parametrize(
    ("conclusion", "status"),
    [("success", "success"), ("failure", "failure"), ("timed_out", "failure"), ("startup_failure", "failure"),
     ("cancelled", "cancelled"), ("action_required", "cancelled"), (None, "running")],
)  # fmt: skip
def test_a_run_of_the_workflow_that_deploys_is_a_deployment(conclusion: str | None, status: str) -> None:
    raw = {**REST["run"], "conclusion": conclusion, "status": "completed" if conclusion else "in_progress"}
    event = told(parse_workflow_deployment(raw, PLACE, "production"))
    assert (event["id"], event["status"]) == ("acme/checkout/runs/700/2/deployment", status)
    assert (event["sha"], event["environment"], event["run"]) == (
        HEAD,
        "production",
        {"id": "acme/checkout/runs/700/2"},
    )
    assert ("finished_at" in event) == bool(conclusion)


def test_a_skipped_run_of_the_workflow_that_deploys_has_deployed_nothing() -> None:
    assert tells_nothing(parse_workflow_deployment({**REST["run"], "conclusion": "skipped"}, PLACE, "production"))


def test_a_published_release_is_a_production_deployment_and_its_commit_is_never_guessed() -> None:
    assert told(parse_release(REST["release"], PLACE, inferred=True)) == {
        "type": "deployment", "id": "acme/checkout/releases/1000", "version": "2026-01-06T12:00:01Z",
        "service": "acme/checkout", "environment": "production", "tier": "production", "status": "success",
        "finished_at": "2026-01-06T12:00:00Z", "inferred_from": "annotated_tag",
        "url": "https://github.com/acme/checkout/releases/tag/v1.4.0",
    }  # fmt: skip
    assert told(parse_release(REST["release"], PLACE, sha=MERGE))["sha"] == MERGE


@pytest.mark.parametrize(
    "change", [{"draft": True}, {"prerelease": True}, {"published_at": None}, {"tag_name": "nightly"}]
)
def test_drafts_pre_releases_and_other_tags_deploy_nothing(change: dict[str, Any]) -> None:
    assert tells_nothing(parse_release({**REST["release"], **change}, PLACE))


def test_an_issue_with_the_label_is_an_incident_from_opened_to_closed() -> None:
    assert told(parse_issue_incident(REST["issue"], PLACE, frozenset({"incident"}))) == {
        "type": "incident", "id": "acme/checkout#15", "version": "2026-01-06T11:40:00Z", "service": "acme/checkout",
        "title": "Checkout is down", "detected_at": "2026-01-06T11:00:00Z", "resolved_at": "2026-01-06T11:40:00Z",
        "url": "https://github.com/acme/checkout/issues/15", "change_caused": "unknown",
    }  # fmt: skip
    blamed = {**REST["issue"], "labels": [{"name": "incident"}, {"name": "change-caused"}]}
    assert told(parse_issue_incident(blamed, PLACE, frozenset({"incident"})))["change_caused"] == "yes"
    assert tells_nothing(parse_issue_incident(REST["issue"], PLACE, frozenset({"outage"})))
    assert tells_nothing(parse_issue_incident({**REST["issue"], "pull_request": {}}, PLACE, frozenset({"incident"})))


def test_graphqls_pull_request_says_the_same_as_rests_and_more() -> None:
    parsed = parse_pull_request_node(NODE, PLACE)
    assert parsed.rejected == []
    found = parsed.events
    rest = told(parse_pull_request(REST["pull_request"], PLACE))
    change = told(Parsed([found[0]]))
    shas = [each["commit"]["oid"] for each in NODE["commits"]["nodes"]]
    assert change == rest | {
        "ready_at": "2026-01-05T12:00:00Z",
        # the merge of main is older, and adds no code
        "first_commit_at": "2026-01-04T08:00:00Z",
        "commits": shas,
        "head_shas": ["cccc000000000000000000000000000000000003", shas[1], HEAD],
    }
    assert [event.id for event in found if event.type == "commit"] == shas
    reviews = [told(Parsed([event])) for event in found if event.type == "review"]
    assert reviews[0] == told(parse_review(REST["review"], 12, PLACE)) | {"version": "2026-01-05T15:00:00Z"}
    assert (reviews[1]["reviewer"], reviews[1]["reviewer_kind"], len(reviews)) == ("linter[bot]", "bot", 2)
    assert [told(Parsed([event])) for event in found if event.type == "review_request"] == [
        {"type": "review_request", "id": "acme/checkout#12/requests/RRE_1", "change": {"id": "acme/checkout#12"},
         "reviewer": "bob", "requested_at": "2026-01-05T12:00:01Z"},
        {"type": "review_request", "id": "acme/checkout#12/requests/RRE_2", "change": {"id": "acme/checkout#12"},
         "team": "payments", "requested_at": "2026-01-05T12:00:02Z"},
    ]  # fmt: skip


def test_a_draft_is_not_ready_although_it_was_once() -> None:
    (change, *_) = parse_pull_request_node({**NODE, "isDraft": True}, PLACE).events
    assert told(Parsed([change]))["ready_at"] is None


ODD: tuple[dict[str, Any], ...] = (
    {}, {"number": "twelve"}, {"id": [], "number": {}, "labels": "none", "user": 3, "head": []},
    {"id": 1, "number": 1, "created_at": "yesterday", "updated_at": 5, "run_attempt": "second", "parents": [None, 3]},
)  # fmt: skip


@pytest.mark.parametrize("raw", ODD)
def test_odd_objects_are_rejected_with_a_reason_and_never_raise(raw: dict[str, Any]) -> None:
    parsed = merged([
        parse_repository(raw), parse_pull_request(raw, PLACE), parse_review(raw, 1, PLACE), parse_commit(raw, PLACE),
        parse_run(raw, PLACE), parse_job(raw, PLACE), parse_deployment(raw, [{}], PLACE),
        parse_workflow_deployment(raw, PLACE, "production"), parse_pull_request_node(raw, PLACE),
    ])  # fmt: skip
    assert len(parsed.rejected) == 9
    assert all(each.reason for each in parsed.rejected)


def test_a_rejection_repeats_no_handle() -> None:
    (refused,) = parse_pull_request({**REST["pull_request"], "created_at": "yesterday"}, PLACE).rejected
    assert refused.content == "change acme/checkout#12"
    assert "ann" not in refused.reason
    assert refused.reason.startswith("created_at: ")
