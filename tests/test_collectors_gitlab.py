"""GitLab collected: in a few requests, again, late, half forbidden, while its lists move, and cut off anywhere."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from ci_servers import NOON, cut_anywhere, reasons, whole
from collectors.sync import run
from forge_servers import MORNING, carried, sha
from gitlab_server import MINUTE, GitLab, filled, played, text
from tribometer.errors import ConfigurationError, SourceGone
from tribometer.store import EventStore


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> GitLab:
    monkeypatch.setenv("GITLAB_TOKEN", "secret")
    return GitLab()


def test_everything_of_a_project_comes_and_the_second_time_nothing_is_asked_but_what_is_new(gitlab: GitLab) -> None:
    source = played(filled(gitlab))
    found = source.events()
    kinds = [each["type"] for each in found]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "change": 130, "commit": 250, "deployment": 130, "job": 130, "ownership": 1, "pipeline_definition": 1,
        "repository": 1, "run": 130,
    }  # fmt: skip
    # each list in 2 pages or 3, 7 GraphQL questions for 20 each, and what only single questions give
    assert len(source.asked) == 2 + (2 + 7 + 130 * 3) + 3 + (2 + 130 * 2) + 1 + (2 + 2) + 2
    source.asked.clear()
    assert source.events() == []
    assert [path.partition("?")[0].rpartition("/")[2] for path in source.paths()] == [
        "projects", "main", "merge_requests", "pipelines", "pipelines", "deployments",
    ]  # fmt: skip


def test_a_thousand_merge_requests_and_runs_cost_what_only_single_questions_give(gitlab: GitLab) -> None:
    for number in range(1, 1001):
        gitlab.merge_request(number, MORNING + number * MINUTE / 2)
    source = played(gitlab, commits=False)
    source.events()
    asked = [path for path in source.paths() if "merge_requests" in path or "graphql" in path]
    assert len(asked) == 11 + 3000 + 51


def test_a_merge_request_carries_its_commits_heads_times_and_size(gitlab: GitLab) -> None:
    gitlab.merge_request(
        12, MORNING, state="merged", merged_at=text(NOON), merge_commit_sha=sha(99), squash_commit_sha=sha(98),
        labels=["bug"], description="This reverts merge request !11",
    )  # fmt: skip
    gitlab.more["merge_requests/12/commits"] = [
        {"id": sha(2), "authored_date": "2026-01-04T12:00:00.000+02:00"},
        {"id": sha(1), "authored_date": "2026-01-04T09:00:00.000Z"},
    ]
    gitlab.more["merge_requests/12/versions"] = [{"head_commit_sha": sha(2)}, {"head_commit_sha": sha(1)}]
    gitlab.more["merge_requests/12/notes"] = [
        {"id": 5, "system": True, "body": "marked this merge request as **ready**", "created_at": text(MORNING)},
        {"id": 6, "system": True, "body": "requested review from @bob", "created_at": text(MORNING)},
    ]
    found = played(gitlab).events()
    [change] = [each for each in found if each["type"] == "change"]
    assert change == {
        "type": "change", "id": "acme/checkout!12", "version": "2026-01-05T00:00:00Z", "repository": "acme/checkout",
        "number": 12, "author": "gitlab:ann", "title": "Change 12", "base": "main", "head": "topic",
        "created_at": "2026-01-05T00:00:00Z", "ready_at": "2026-01-05T00:00:00Z",
        "first_commit_at": "2026-01-04T09:00:00Z", "merged_at": "2026-01-05T12:00:00Z", "closed_at": None,
        "merge_sha": sha(98), "commits": [sha(1), sha(2)], "head_shas": [sha(1), sha(2)], "labels": ["bug"],
        "additions": 12, "deletions": 2, "files": 3, "reverts": 11,
    }  # fmt: skip
    assert carried(found, "review_request", "reviewer") == {"acme/checkout!12/notes/6/1": "gitlab:bob"}


def test_a_merge_request_whose_head_stands_is_asked_for_its_notes_only(gitlab: GitLab) -> None:
    gitlab.merge_request(12, MORNING)
    gitlab.more["merge_requests/12/commits"] = [{"id": sha(1), "authored_date": text(MORNING)}]
    source = played(gitlab)
    assert carried(source.events(), "change", "commits", "additions") == {"acme/checkout!12": ([sha(1)], 12)}

    def asked(at: Any, **more: Any) -> list[str]:
        gitlab.merge_request(12, at, **more)
        source.asked.clear()
        assert carried(source.events(), "change", "labels") == {"acme/checkout!12": ["bug"]}
        return [path.partition("?")[0].rpartition("/")[2] for path in source.paths() if "/12/" in path]

    assert asked(MORNING + MINUTE, labels=["bug"]) == ["notes"]
    assert asked(NOON, state="merged", merged_at=text(NOON)) == ["notes"]
    assert sorted(asked(NOON + MINUTE, sha=sha(2))) == ["commits", "notes", "versions"]


def test_a_pipeline_that_ends_after_three_syncs_is_asked_for_until_then(gitlab: GitLab) -> None:
    gitlab.pipeline(1, MORNING, "running")
    source = played(gitlab)
    conclusions = [carried(source.events(), "run", "conclusion")]
    # its time of change stands still, so the list does not show it again
    for number in (2, 3, 4):
        gitlab.pipeline(number, MORNING + number * 10 * MINUTE)
        conclusions.append(carried(source.events(), "run", "conclusion"))
    gitlab.pipelines[1] |= {"status": "failed", "finished_at": text(NOON)}
    conclusions.append(carried(source.events(), "run", "conclusion", "completed_at"))
    assert conclusions == [
        {"acme/checkout/runs/1/1": None},
        {"acme/checkout/runs/2/1": "success"},
        {"acme/checkout/runs/3/1": "success"},
        {"acme/checkout/runs/4/1": "success"},
        {"acme/checkout/runs/1/1": ("failure", "2026-01-05T12:00:00Z")},
    ]
    source.asked.clear()
    assert source.events() == []
    assert not any("/pipelines/1" in path for path in source.paths())


def test_a_collection_since_a_time_asks_for_what_was_open_before_it(gitlab: GitLab) -> None:
    gitlab.pipeline(1, MORNING, status="running")
    gitlab.deployment(1, MORNING, status="running")
    source = played(gitlab)
    source.collect()
    source.since = NOON
    gitlab.pipeline(1, MORNING)
    gitlab.deployment(1, MORNING)
    found = source.events()
    assert list(carried(found, "run", "conclusion").values()) == ["success"]
    assert list(carried(found, "deployment", "status").values()) == ["success"]


def test_what_is_open_is_remembered_however_much_is_read_behind_it(gitlab: GitLab) -> None:
    filled(gitlab, 60)
    for number in (1, 41):
        gitlab.pipelines[number] |= {"status": "running", "finished_at": None}
        gitlab.deployments[number] |= {"status": "running"}
    source = played(gitlab)
    source.events()
    for number in (1, 41):
        gitlab.pipelines[number] |= {"status": "failed", "finished_at": text(NOON)}
        gitlab.deployments[number] |= {"status": "failed"}
    found = source.events()
    assert carried(found, "run", "conclusion") == {f"acme/checkout/runs/{each}/1": "failure" for each in (1, 41)}
    assert carried(found, "deployment", "status") == {
        f"acme/checkout/deployments/{each}": "failure" for each in (1, 41)
    }


def test_a_job_that_is_retried_makes_a_second_attempt_of_the_same_run(gitlab: GitLab) -> None:
    gitlab.pipeline(1, MORNING, "failed")
    gitlab.job(1, 10, "test", MORNING, "failed")
    gitlab.job(1, 11, "lint", MORNING)
    source = played(gitlab)
    assert carried(source.events(), "run", "conclusion") == {"acme/checkout/runs/1/1": "failure"}
    gitlab.pipeline(1, NOON, finished_at=text(NOON + 3 * MINUTE))
    gitlab.job(1, 12, "test", NOON)
    found = source.events()
    assert carried(found, "run", "run", "attempt", "conclusion", "started_at", "completed_at") == {
        "acme/checkout/runs/1/1": ("1", 1, "failure", "2026-01-05T00:00:00Z", "2026-01-05T00:03:00Z"),
        "acme/checkout/runs/1/2": ("1", 2, "success", "2026-01-05T12:02:00Z", "2026-01-05T12:03:00Z"),
    }
    assert carried(found, "job", "attempt", "conclusion") == {
        "acme/checkout/jobs/10": (1, "failure"),
        "acme/checkout/jobs/11": (1, "success"),
        "acme/checkout/jobs/12": (2, "success"),
    }


def test_a_child_pipeline_is_a_run_of_its_own_and_says_what_set_it_off(gitlab: GitLab) -> None:
    gitlab.pipeline(1, MORNING, sha=sha(5))
    gitlab.pipeline(2, MORNING, sha=sha(5), source="parent_pipeline")
    gitlab.more["pipelines/1/bridges"] = [{"name": "deploy", "downstream_pipeline": {"id": 2}}]
    found = played(gitlab).events()
    assert carried(found, "run", "workflow", "parent") == {
        "acme/checkout/runs/1/1": (".gitlab-ci.yml", None),
        "acme/checkout/runs/2/1": (".gitlab-ci.yml:deploy", "acme/checkout/runs/1/1"),
    }


def test_a_list_that_shrinks_while_it_is_read_loses_nothing(gitlab: GitLab) -> None:
    for number in range(1, 251):
        gitlab.merge_request(number, MORNING + number * MINUTE)
    moved = iter(range(1, 61))

    def move_some(request: httpx.Request) -> None:
        # whoever is changed moves to the end, and all behind it a place up
        if request.url.path.endswith("/merge_requests"):
            for _ in range(20):
                if (number := next(moved, None)) is not None:
                    gitlab.merge_request(number, NOON + number * MINUTE, title="changed")

    gitlab.before = move_some
    found = carried(played(gitlab, commits=False).events(), "change", "title")
    assert found.keys() == {f"acme/checkout!{number}" for number in range(1, 251)}
    assert [found[f"acme/checkout!{number}"] for number in (1, 60, 61)] == ["changed", "changed", "Change 61"]


def test_more_changes_at_one_moment_than_a_page_holds_all_come(gitlab: GitLab) -> None:
    for number in range(1, 251):
        gitlab.merge_request(number, MORNING)
    found = carried(played(gitlab, commits=False).events(), "change", "title")
    assert len(found) == 250


def test_a_server_whose_pages_never_end_is_left(gitlab: GitLab) -> None:
    gitlab.merge_request(1, MORNING)
    gitlab.commits = [1]

    def endless(request: httpx.Request) -> Any:
        first = httpx.Request(
            request.method, request.url.copy_remove_param("page"), headers=request.headers, content=request.content
        )
        answer = gitlab.answer(first)
        if isinstance(answer, httpx.Response):
            answer.headers["link"] = '<https://elsewhere.example.org/next?page=2>; rel="next"'
        return answer

    source = played(gitlab)
    source.answering = endless
    assert carried(source.events(), "change", "title") == {"acme/checkout!1": "Change 1"}
    assert len(source.asked) < 60


def test_a_collection_that_is_killed_goes_on_there_and_lands_the_same(gitlab: GitLab) -> None:
    filled(gitlab, 45)
    gitlab.pipeline(500, NOON, "running")
    gitlab.deployment(500, NOON, "running")
    undisturbed = played(gitlab)
    expected = whole(undisturbed)
    for landed, requests in cut_anywhere(lambda: played(gitlab)):
        assert landed == expected
        # the lists that are behind, and no more than the single questions of one page of a few
        assert requests <= len(undisturbed.asked) + 20 + 3 * 20


def test_deployments_carry_tier_run_and_the_gate_they_waited_at(gitlab: GitLab) -> None:
    gitlab.environments = [{"name": "eu-1", "tier": "production"}]
    gitlab.deployment(1, MORNING, "blocked", pending_approval_count=1, approvals=[])
    gitlab.deployment(2, MORNING, deployable={"pipeline": {"id": 3}, "finished_at": text(NOON)})
    gitlab.deployment(3, MORNING, "created")
    source = played(gitlab)
    found = source.events()
    assert carried(found, "deployment", "status", "tier", "run", "finished_at") == {
        "acme/checkout/deployments/1": ("queued", "production", None, None),
        "acme/checkout/deployments/2": (
            "success", "production", {"id": "acme/checkout/runs/3/1"}, "2026-01-05T12:00:00Z",
        ),
        "acme/checkout/deployments/3": ("queued", "production", None, None),
    }  # fmt: skip
    gate = "acme/checkout/deployments/1/approval"
    assert carried(found, "gate", "requested_at", "decided_at") == {gate: ("2026-01-05T00:00:00Z", None)}
    # the approval changes no time of the deployment
    approved = {"status": "approved", "created_at": text(NOON)}
    gitlab.deployments[1] |= {"pending_approval_count": 0, "approvals": [approved]}
    found = source.events()
    told = ("human", "2026-01-05T12:00:00Z", "approved")
    assert carried(found, "gate", "kind", "decided_at", "decision") == {gate: told}


def test_approvals_of_a_protected_environment_come_although_the_list_leaves_them_out(gitlab: GitLab) -> None:
    gitlab.protected = [{"name": "eu-1", "required_approval_count": 1}]
    rejected = [{"status": "rejected", "created_at": text(NOON)}]
    gitlab.deployment(1, MORNING, "failed", pending_approval_count=1, approvals=rejected)
    found = played(gitlab).events()
    assert carried(found, "gate", "decision") == {"acme/checkout/deployments/1/approval": "rejected"}


def test_releases_are_deployments_only_where_there_are_no_others(gitlab: GitLab) -> None:
    def release(tag: str, **more: Any) -> dict[str, Any]:
        return {"tag_name": tag, "released_at": text(MORNING), "commit": {"id": sha(1)}, **more}

    gitlab.releases = [release("v1.0"), release("v1.1-rc1"), release("v2.0", upcoming_release=True), release("v1.2")]
    source = played(gitlab)
    assert carried(source.events(), "deployment", "inferred_from", "status") == {
        "acme/checkout/releases/v1.0": ("annotated_tag", "success"),
        "acme/checkout/releases/v1.2": ("annotated_tag", "success"),
    }
    del gitlab.releases[-1]
    assert carried(source.events(), "deployment", "status") == {
        "acme/checkout/releases/v1.0": "success",
        "acme/checkout/releases/v1.2": "cancelled",
    }
    gitlab.deployment(1, NOON)
    gitlab.releases.append(release("v1.3"))
    assert carried(source.events(), "deployment", "status") == {"acme/checkout/deployments/1": "success"}


def test_incidents_are_those_of_gitlabs_type_and_those_with_a_label(gitlab: GitLab) -> None:
    def issue(number: int, kind: str, *labels: str, closed_at: str | None = None) -> None:
        gitlab.issues[number] = {
            "id": number, "iid": number, "title": f"Trouble {number}", "issue_type": kind, "labels": list(labels),
            "severity": "HIGH" if kind == "incident" else "UNKNOWN", "created_at": text(MORNING),
            "updated_at": closed_at or text(MORNING), "closed_at": closed_at,
        }  # fmt: skip

    issue(1, "incident")
    issue(2, "issue", "Outage")
    issue(3, "issue", "bug")
    source = played(gitlab, incidents={"labels": ["Outage"]})
    assert "incident" in source.collector().reads
    assert carried(source.events(), "incident", "severity", "resolved_at") == {
        "acme/checkout#1": ("high", None),
        "acme/checkout#2": (None, None),
    }
    issue(2, "issue", "Outage", closed_at=text(NOON))
    assert carried(source.events(), "incident", "resolved_at") == {"acme/checkout#2": "2026-01-05T12:00:00Z"}
    without = played(gitlab)
    assert "incident" not in without.collector().reads
    assert carried(without.events(), "incident", "title") == {}


def test_commits_are_read_to_the_old_head_and_all_of_them_after_a_forced_push(gitlab: GitLab) -> None:
    gitlab.commits = list(range(1, 151))
    source = played(gitlab)
    assert len(source.events()) == 151
    gitlab.commits += [151, 152]
    source.asked.clear()
    found = source.events()
    assert carried(found, "commit", "parents", "additions", "author") == {
        sha(151): ([sha(150)], 151, "ann@example.org"),
        sha(152): ([sha(151)], 152, "ann@example.org"),
    }
    [asked] = [path for path in source.paths() if "/repository/commits?" in path]
    assert f"ref_name={sha(150)}..{sha(152)}" in asked
    gitlab.commits = [*range(1, 101), 500]
    assert len(carried(source.events(), "commit", "sha")) == 101


def test_files_tell_owners_and_the_pipeline_and_are_read_when_the_branch_moves(gitlab: GitLab) -> None:
    gitlab.commits = [1]
    gitlab.files = {"ci/main.yml": "include:\n  - project: acme/ci\n    ref: v2\n    file: /go.yml\n",
                    "docs/CODEOWNERS": "* @acme/payments @ann\n"}  # fmt: skip
    gitlab.project = {"ci_config_path": "ci/main.yml"}
    source = played(gitlab)
    found = source.events()
    assert carried(found, "ownership", "team", "repository") == {
        "acme/checkout/CODEOWNERS/payments": ("payments", "acme/checkout")
    }
    [definition] = [each for each in found if each["type"] == "pipeline_definition"]
    assert (definition["path"], definition["uses"], definition["sha"]) == ("ci/main.yml", ["acme/ci/go.yml@v2"], sha(1))
    source.asked.clear()
    assert source.events() == []
    assert not any("/files/" in path for path in source.paths())
    gitlab.commits.append(2)
    gitlab.files["docs/CODEOWNERS"] = "* @acme/shop\n"
    assert carried(source.events(), "ownership", "team") == {
        "acme/checkout/CODEOWNERS/payments": "payments",
        "acme/checkout/CODEOWNERS/shop@2026-01-05T12:00:00+00:00": "shop",
    }


def test_an_empty_project_is_collected_without_its_branch(gitlab: GitLab) -> None:
    gitlab.project = {"default_branch": None}
    source = played(gitlab)
    assert [each["type"] for each in source.events()] == ["repository"]
    assert not any("/repository/" in path for path in source.paths())


def test_projects_are_chosen_by_path_and_glob_and_archived_ones_by_name_only(gitlab: GitLab) -> None:
    def names(**keys: Any) -> list[str]:
        [page] = [page for name, page in played(gitlab, **keys).pages() if page.members is not None]
        return [member.name for member in page.members or ()]

    assert names() == ["gitlab:acme/checkout"]
    assert names(projects=["check*"]) == ["gitlab:acme/checkout"]
    with pytest.raises(SourceGone, match=r"fits acme/pay\*"):
        names(projects=["acme/pay*"])
    assert names(group=None, projects=["acme/checkout"]) == ["gitlab:acme/checkout"]
    assert names(group="ACME", projects=["check*", "elsewhere/gone"]) == ["gitlab:acme/checkout"]
    gitlab.project = {"archived": True}
    assert names() == []
    assert names(projects=["checkout"]) == ["gitlab:acme/checkout"]


def test_a_table_needs_a_group_or_whole_paths(gitlab: GitLab) -> None:
    for keys, message in (({"group": None}, "needs `group`"), ({"group": None, "projects": ["a*"]}, "no whole path")):
        with pytest.raises(ConfigurationError, match=message):
            played(gitlab, **keys).collector()


def test_a_token_is_tried_for_each_thing_that_is_read(gitlab: GitLab) -> None:
    gitlab.commits = [1]
    gitlab.forbidden = {"/deployments"}
    found = played(gitlab).collector().check()
    assert {each.what: each.granted for each in found} == {
        "scope read_api": True, "merge requests": True, "repository": False, "pipelines": True, "deployments": False,
        "issues": True,
    }  # fmt: skip
    assert "Reporter" in next(each.fix for each in found if each.what == "deployments")


def test_what_the_server_says_wrong_is_rejected_with_its_reason_and_costs_nothing_else(gitlab: GitLab) -> None:
    gitlab.merge_request(1, MORNING, created_at="yesterday")
    gitlab.merge_request(2, MORNING)
    pages = played(gitlab).collect()
    assert [reason for page in pages for reason in reasons(page)] == ["created_at: Field required"]
    assert len([event for page in pages for event in page.events if event.type == "change"]) == 1


def validating(gitlab: GitLab, answered: list[tuple[str, int]]) -> Callable[[httpx.Request], httpx.Response]:
    """The same server with validators, which notes what it answered."""

    def answer(request: httpx.Request) -> httpx.Response:
        found = gitlab.answer(request)
        response = found if isinstance(found, httpx.Response) else httpx.Response(200 if found else 404, json=found)
        etag = f'W/"{sha256(response.content).hexdigest()}"'
        response.headers["etag"] = etag
        given = httpx.Response(304) if request.headers.get("if-none-match") == etag else response
        answered.append((request.url.path.rpartition("/")[2], given.status_code))
        return given

    return answer


def test_what_has_not_changed_is_not_sent_again(gitlab: GitLab, tmp_path: Path) -> None:
    gitlab.commits = [1]
    gitlab.releases = [{"tag_name": "v1.0", "released_at": text(MORNING), "commit": {"id": sha(1)}}]
    gitlab.merge_request(1, MORNING)
    source, answered = played(gitlab), list[tuple[str, int]]()
    source.answering = validating(gitlab, answered)
    with EventStore.open(tmp_path / "data") as store:
        first = run(source.collector(), store)
        answered.clear()
        second = run(source.collector(), store)
    assert (first.error, second.error) == (None, None)
    assert (first.new, second.new, second.updated) == (4, 0, 0)
    assert [each.source for each in second.members] == ["gitlab:acme/checkout"]
    assert {name for name, status in answered if status == 304} == {"main", "releases"}
    assert second.requests == len(answered)


def test_tiers_are_kept_while_the_environments_stay_as_they_were(gitlab: GitLab, tmp_path: Path) -> None:
    gitlab.environments = [{"name": "eu-1", "tier": "production"}]
    gitlab.deployment(1, MORNING)
    source, answered = played(gitlab), list[tuple[str, int]]()
    source.answering = validating(gitlab, answered)
    with EventStore.open(tmp_path / "data") as store:
        run(source.collector(), store)
        gitlab.deployment(2, NOON)
        run(source.collector(), store)
        with store.reader() as reader:
            assert reader.rows("SELECT id, tier FROM deployments ORDER BY id") == [
                ("acme/checkout/deployments/1", "production"),
                ("acme/checkout/deployments/2", "production"),
            ]
    assert ("environments", 304) in answered
