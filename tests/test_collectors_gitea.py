"""Gitea and Forgejo collected: old servers and new ones, again, late, while lists move, and cut off anywhere."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from ci_servers import NOON, cut_anywhere, whole
from forge_servers import MORNING, carried, sha
from gitea_server import Gitea, played, text
from tribometer.errors import ConfigurationError, SourceGone

MINUTE = timedelta(minutes=1)


@pytest.fixture
def gitea(monkeypatch: pytest.MonkeyPatch) -> Gitea:
    monkeypatch.setenv("GITEA_TOKEN", "secret")
    return Gitea()


def filled(gitea: Gitea, count: int = 70) -> Gitea:
    """So many of most things, and more commits than a page holds."""
    for number in range(1, count + 1):
        gitea.pull(number, MORNING + number * MINUTE)
        gitea.run(number, MORNING + number * MINUTE)
        gitea.more[f"actions/runs/{number}/jobs"] = [
            {"id": number, "run_id": number, "run_attempt": 1, "name": "test", "status": "completed",
             "conclusion": "success", "created_at": text(MORNING), "started_at": text(MORNING),
             "completed_at": text(NOON), "labels": ["linux"]}
        ]  # fmt: skip
        name = f"v1.{number}"
        gitea.releases.insert(0, {"id": number, "tag_name": name, "published_at": text(MORNING + number * MINUTE)})
        gitea.tags.insert(0, {"name": name, "commit": {"sha": sha(number), "created": text(MORNING)}})
    gitea.commits = list(range(1, 121))
    gitea.files = {".gitea/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n",
                   "CODEOWNERS": ".* @acme/payments\n"}  # fmt: skip
    return gitea


def test_everything_of_a_repository_comes_and_the_second_time_little_is_asked(gitea: Gitea) -> None:
    source = played(filled(gitea))
    kinds = [each["type"] for each in source.events()]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "change": 70, "commit": 120, "deployment": 70, "job": 70, "ownership": 1, "pipeline_definition": 1,
        "repository": 1, "run": 70,
    }  # fmt: skip
    # who asks, settings, list, branch; pull requests, commits, runs, releases with tags, files; where the list of runs
    # ends with a short page, one question finds that out
    assert len(source.asked) == 4 + (2 + 70 * 3) + 3 + (3 + 70) + (1 + 3 + 2) + (2 + 1 + 1)
    source.asked.clear()
    assert source.events() == []
    assert [path.partition("?")[0].removeprefix("/api/v1") for path in source.paths()] == [
        "/user", "/settings/api", "/orgs/acme/repos", "/repos/acme/shop/branches/main", "/repos/acme/shop/pulls",
        *["/repos/acme/shop/actions/runs"] * 3, "/repos/acme/shop/releases",
    ]  # fmt: skip


def test_a_pull_request_carries_its_commits_heads_reviews_and_requests(gitea: Gitea) -> None:
    gitea.pull(7, NOON, merged_at=text(NOON), merge_commit_sha=sha(99), additions=5, deletions=2, changed_files=1)
    gitea.more["pulls/7/commits"] = [
        {"sha": sha(2), "parents": [{}], "commit": {"author": {"date": "2026-01-04T12:00:00+02:00"}}},
        {"sha": sha(1), "parents": [{}], "commit": {"author": {"date": "2026-01-04T09:00:00Z"}}},
    ]
    gitea.more["pulls/7/reviews"] = [
        {"id": 1, "user": {"login": "bob"}, "state": "APPROVED", "submitted_at": text(NOON), "dismissed": True},
        {"id": 2, "user": {"login": "bob"}, "state": "REQUEST_CHANGES", "submitted_at": text(NOON)},
        {"id": 3, "user": {"login": "ann"}, "state": "COMMENT", "submitted_at": text(NOON)},
        {"id": 4, "user": {"login": "eve"}, "state": "REQUEST_REVIEW", "submitted_at": text(NOON)},
        {"id": 5, "user": {"login": "eve"}, "state": "PENDING", "submitted_at": text(NOON)},
    ]
    gitea.more["issues/7/timeline"] = [
        {"id": 30, "type": "review_request", "assignee": {"login": "bob"}, "created_at": text(MORNING)},
        {"id": 31, "type": "review_request", "assignee_team": {"name": "payments"}, "created_at": text(MORNING)},
        {"id": 32, "type": "review_request", "assignee": {"login": "kim"}, "removed_assignee": True,
         "created_at": text(MORNING)},
        {"id": 33, "type": "pull_push", "body": f'{{"is_force_push":true,"commit_ids":["{sha(4)}","{sha(5)}"]}}'},
        {"id": 34, "type": "pull_push", "body": f'{{"is_force_push":false,"commit_ids":["{sha(6)}","{sha(8)}"]}}'},
        {"id": 35, "type": "change_title", "old_title": "WIP: pay", "new_title": "Pay", "created_at": text(MORNING)},
    ]  # fmt: skip
    found = played(gitea).events()
    [change] = [each for each in found if each["type"] == "change"]
    assert change == {
        "type": "change", "id": "acme/shop#7", "version": "2026-01-05T12:00:00Z", "repository": "acme/shop",
        "number": 7, "author": "gitea:ann", "title": "Change 7", "base": "main", "head": "topic",
        "created_at": "2026-01-05T12:00:00Z", "ready_at": "2026-01-05T00:00:00Z",
        "first_commit_at": "2026-01-04T09:00:00Z", "merged_at": "2026-01-05T12:00:00Z", "closed_at": None,
        "merge_sha": sha(99), "commits": [sha(1), sha(2)], "head_shas": [sha(4), sha(5), sha(8), sha(7)],
        "labels": [], "additions": 5, "deletions": 2, "files": 1,
    }  # fmt: skip
    assert carried(found, "review", "reviewer", "state") == {
        "acme/shop#7/reviews/1": ("gitea:bob", "dismissed"),
        "acme/shop#7/reviews/2": ("gitea:bob", "changes_requested"),
    }
    assert carried(found, "review_request", "reviewer", "team") == {
        "acme/shop#7/timeline/30": ("gitea:bob", None),
        "acme/shop#7/timeline/31": (None, "payments"),
    }


def test_a_server_without_timelines_tells_the_requests_that_are_still_open(gitea: Gitea) -> None:
    gitea.old = True
    gitea.pull(7, NOON)
    gitea.more["pulls/7/reviews"] = [
        {"id": 4, "user": {"login": "eve"}, "state": "REQUEST_REVIEW", "submitted_at": text(NOON)}
    ]
    pages = played(gitea).collect()
    [asked] = [event for page in pages for event in page.events if event.type == "review_request"]
    assert asked.id == "acme/shop#7/timeline/review-4"
    assert [remark.what.partition(",")[0] for remark in pages[-1].remarks] == [
        "this server tells no timeline of pull requests", "this server tells nothing of runs of Actions",
    ]  # fmt: skip


def test_a_run_that_ends_after_three_syncs_is_asked_for_until_then(gitea: Gitea) -> None:
    gitea.run(1, MORNING, None)
    source = played(gitea)
    conclusions = [carried(source.events(), "run", "conclusion")]
    # newer ones have pushed it out of what is listed again
    for number in (2, 3):
        gitea.run(number, MORNING + number * timedelta(days=2))
        conclusions.append(carried(source.events(), "run", "conclusion"))
    gitea.run(1, MORNING, "failure")
    conclusions.append(carried(source.events(), "run", "conclusion"))
    assert [each.get("acme/shop/runs/1/1", "not told") for each in conclusions][0::3] == [None, "failure"]
    source.asked.clear()
    assert source.events() == []
    assert not any("/actions/runs/1" in path for path in source.paths())


def test_a_collection_since_a_time_asks_for_runs_that_were_open_before_it(gitea: Gitea) -> None:
    gitea.run(1, MORNING, None)
    source = played(gitea)
    source.collect()
    source.since = NOON + timedelta(days=5)
    gitea.run(2, NOON + timedelta(days=6))
    gitea.run(1, MORNING, "failure")
    assert carried(source.events(), "run", "conclusion")["acme/shop/runs/1/1"] == "failure"


def test_a_run_that_is_run_again_is_a_second_attempt(gitea: Gitea) -> None:
    gitea.run(1, MORNING, "failure")
    source = played(gitea)
    source.events()
    gitea.run(1, NOON, "success", run_attempt=2, started_at=text(NOON))
    assert carried(source.events(), "run", "attempt", "conclusion", "branch", "workflow") == {
        "acme/shop/runs/1/2": (2, "success", "main", "ci.yml"),
    }


def test_all_jobs_of_a_run_come_although_a_page_holds_fifty(gitea: Gitea) -> None:
    gitea.run(1, MORNING)
    gitea.more["actions/runs/1/jobs"] = [
        {"id": number, "run_id": 1, "name": f"test {number}", "status": "completed", "conclusion": "success"}
        for number in range(1, 121)
    ]
    assert len(carried(played(gitea).events(), "job", "conclusion")) == 120


def task(number: int, run: int, name: str, status: str, at: Any) -> dict[str, Any]:
    return {
        "id": number, "name": name, "run_number": run, "status": status, "workflow_id": "ci.yml", "event": "push",
        "head_branch": "main", "head_sha": sha(run), "created_at": text(at), "run_started_at": text(at + MINUTE),
        "updated_at": text(at + 2 * MINUTE), "url": f"https://git.example.org/acme/shop/actions/runs/{run}",
    }  # fmt: skip


def test_older_servers_tell_runs_by_their_tasks(gitea: Gitea) -> None:
    gitea.tasks = [
        task(1, 1, "test", "failure", MORNING), task(2, 1, "lint", "success", MORNING),
        task(3, 2, "test", "running", MORNING), task(4, 1, "test", "success", NOON),
    ]  # fmt: skip
    source = played(gitea)
    found = source.events()
    assert carried(found, "run", "attempt", "conclusion", "completed_at") == {
        "acme/shop/runs/number-1/1": (1, "failure", "2026-01-05T00:02:00Z"),
        "acme/shop/runs/number-1/2": (2, "success", "2026-01-05T12:02:00Z"),
        "acme/shop/runs/number-2/1": (1, None, None),
    }
    assert carried(found, "job", "attempt", "name", "conclusion")["acme/shop/jobs/4"] == (2, "test", "success")
    # of the second run a task is older than what is read again: it is left as it was told
    gitea.tasks += [
        task(5, 3, "test", "success", NOON + timedelta(days=9)),
        task(6, 2, "test", "success", NOON + timedelta(days=9)),
    ]
    source.events()
    assert set(carried(source.events(), "run", "conclusion")) == {"acme/shop/runs/number-3/1"}


def meanwhile(gitea: Gitea, happens: dict[int, Callable[[], object]]) -> None:
    """A hundred and twenty pull requests, and what happens before the list is asked for the n-th time."""
    for number in range(1, 121):
        gitea.pull(number, MORNING + number * MINUTE)
    asked = []

    def before(request: httpx.Request) -> None:
        if request.url.path.endswith("/pulls"):
            asked.append(request)
            happens.get(len(asked), list)()

    gitea.before = before


def test_a_list_that_shrinks_while_it_is_read_loses_nothing(gitea: Gitea) -> None:
    def take_out(*numbers: int) -> None:
        for number in numbers:
            del gitea.pulls[number]

    meanwhile(gitea, {2: lambda: take_out(110, 111), 3: lambda: take_out(112)})
    found = carried(played(gitea, commits=False).events(), "change", "title")
    assert found.keys() >= {f"acme/shop#{number}" for number in range(1, 121)} - {
        "acme/shop#110",
        "acme/shop#111",
        "acme/shop#112",
    }


def test_a_pull_request_that_changes_while_others_are_read_is_not_missed(gitea: Gitea) -> None:
    meanwhile(gitea, {2: lambda: gitea.pull(5, NOON, title="changed")})
    source = played(gitea, commits=False)
    first = carried(source.events(), "change", "title")
    assert len(first) == 119
    assert carried(source.events(), "change", "title") == {"acme/shop#5": "changed"}


@pytest.mark.parametrize("old", [False, True])
def test_commits_are_read_to_the_old_head_by_old_servers_too(gitea: Gitea, old: bool) -> None:  # noqa: FBT001
    gitea.old, gitea.commits = old, list(range(1, 121))
    source = played(gitea)
    assert len(carried(source.events(), "commit", "sha")) == 120
    for count in (121, 123):
        gitea.commits = list(range(1, count + 1))
        source.asked.clear()
        found = carried(source.events(), "commit", "parents", "author")
        assert found[sha(count)] == ([sha(count - 1)], "ann@example.org")
        assert len([path for path in source.paths() if "shop/commits?" in path]) == 1
    gitea.commits = [*range(1, 101), 500]
    assert len(carried(source.events(), "commit", "sha")) == 101


def test_commits_of_an_old_branch_that_was_merged_are_found_on_old_servers(gitea: Gitea) -> None:
    gitea.old, gitea.commits = True, list(range(1, 121))
    source = played(gitea)
    source.events()
    # one more than what stands before the old head: somewhere below it is another new one
    gitea.commits.append(121)
    gitea.merged = 999
    assert sha(999) in carried(source.events(), "commit", "sha")


def test_releases_carry_their_tags_commit_and_one_that_is_gone_is_taken_back(gitea: Gitea) -> None:
    gitea.releases = [
        {"id": 2, "tag_name": "v1.1", "published_at": "1970-01-01T00:00:00Z", "created_at": "1970-01-01T00:00:00Z"},
        {"id": 1, "tag_name": "v1.0", "published_at": text(NOON)},
        {"id": 3, "tag_name": "v2.0", "draft": True}, {"id": 4, "tag_name": "v2.1", "prerelease": True},
    ]  # fmt: skip
    gitea.tags = [
        {"name": "v1.0", "commit": {"sha": sha(1), "created": text(MORNING)}},
        {"name": "v1.1", "commit": {"sha": sha(2), "created": text(MORNING)}},
    ]
    source = played(gitea)
    assert carried(source.events(), "deployment", "sha", "finished_at", "inferred_from") == {
        "acme/shop/releases/v1.0": (sha(1), "2026-01-05T12:00:00Z", "annotated_tag"),
        "acme/shop/releases/v1.1": (sha(2), "2026-01-05T00:00:00Z", "lightweight_tag"),
    }
    del gitea.releases[0]
    found = carried(source.events(), "deployment", "status")
    assert found == {"acme/shop/releases/v1.0": "success", "acme/shop/releases/v1.1": "cancelled"}


def test_labelled_issues_are_incidents(gitea: Gitea) -> None:
    def issue(number: int, label: str, **more: Any) -> None:
        gitea.issues[number] = {
            "id": number, "number": number, "title": "Down", "labels": [{"name": label}], "created_at": text(MORNING),
            "updated_at": text(MORNING), "closed_at": None, "pull_request": None, **more,
        }  # fmt: skip

    issue(1, "outage")
    issue(2, "outage", pull_request={"merged": False})
    issue(3, "bug")
    source = played(gitea, incidents={"labels": ["outage"]})
    assert carried(source.events(), "incident", "detected_at", "resolved_at") == {
        "acme/shop#1": ("2026-01-05T00:00:00Z", None)
    }
    assert "incident" not in played(gitea).collector().reads


def test_a_collection_that_is_killed_goes_on_there_and_lands_the_same(gitea: Gitea) -> None:
    filled(gitea)
    undisturbed = played(gitea)
    expected = whole(undisturbed)
    for landed, requests in cut_anywhere(lambda: played(gitea)):
        assert landed == expected
        # the lists that are behind, and no more than the single questions of one page of a few
        assert requests <= len(undisturbed.asked) + 20 + 3 * 20


def test_an_empty_repository_is_collected_without_its_commits(gitea: Gitea) -> None:
    gitea.repository = {"empty": True}
    source = played(gitea)
    assert [each["type"] for each in source.events()] == ["repository"]
    assert not any(path.endswith(("/commits", "/main")) for path in source.paths())


def test_a_wrong_token_is_told_although_public_repositories_are_shown_to_anybody(gitea: Gitea) -> None:
    gitea.token = "another"  # noqa: S105 - of nobody
    with pytest.raises(SourceGone, match="refuses the credential"):
        played(gitea).collect()
    found = played(gitea).collector().check()
    assert {each.what: each.granted for each in found}["token"] is False


def test_a_token_is_tried_for_each_thing_that_is_read(gitea: Gitea) -> None:
    gitea.forbidden = {"/user", "/pulls"}
    gitea.commits = [1]
    found = {each.what: each.granted for each in played(gitea).collector().check()}
    assert (found["token"], found["pull requests"], found["releases"]) == (True, False, True)


def test_a_user_owns_repositories_as_an_organisation_does(gitea: Gitea) -> None:
    answer = gitea.answer

    def of_user(request: httpx.Request) -> Any:
        if "/orgs/" in request.url.path:
            return None
        request.url = request.url.copy_with(path=request.url.path.replace("/users/acme", "/orgs/acme"))
        return answer(request)

    source = played(gitea, kind="forgejo")
    source.answering = of_user
    assert [name for name, _ in source.pages()][:2] == ["gitea:acme", "gitea:acme/shop"]
    assert source.collector().kind == "forgejo"


def test_repositories_are_chosen_by_name_and_glob_and_archived_ones_by_name_only(gitea: Gitea) -> None:
    def names(*chosen: str) -> list[str]:
        [page] = [page for _, page in played(gitea, repositories=list(chosen)).pages() if page.members is not None]
        return [member.name for member in page.members or ()]

    assert (names(), names("sh*")) == (["gitea:acme/shop"], ["gitea:acme/shop"])
    gitea.repository = {"archived": True}
    assert (names(), names("shop")) == ([], ["gitea:acme/shop"])
    with pytest.raises(SourceGone, match=r"fits sh\*"):
        names("sh*")


def test_a_pattern_that_selects_nothing_is_named_with_what_to_do(gitea: Gitea) -> None:
    def remarks(*chosen: str) -> list[tuple[str, bool]]:
        [page] = [page for _, page in played(gitea, repositories=list(chosen)).pages() if page.members is not None]
        return [(each.what, "`repositories`" in each.do) for each in page.remarks]

    with pytest.raises(SourceGone, match=r"no repository of acme fits nosuch\*\. Correct or remove"):
        remarks("nosuch*")
    assert remarks("shop", "nosuch*", "missing") == [("no repository of acme fits nosuch*, missing", True)]
    assert (remarks("sh*"), remarks()) == ([], [])
    gitea.repository = {"archived": True}
    assert remarks() == [("acme has no repository to collect", True)]


def test_a_table_needs_a_server_and_an_owner(gitea: Gitea) -> None:
    for keys in ({"url": "http://git.example.org"}, {"owner": "a/b"}):
        with pytest.raises(ConfigurationError):
            played(gitea, **keys).collector()
