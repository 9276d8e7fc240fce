"""Pull requests, the default branch, labelled issues and files, as they come page by page."""

from typing import Any

import httpx
import pytest

from collectors.workflow_file import uses
from github_forge import Collected, Forge, Json, collect, commit, pull_request, sha, time


def commits_of(found: Collected) -> set[str]:
    return {event.sha for event in found.of("commit").values()}


def test_a_pull_request_with_more_than_a_page_of_anything_is_read_whole() -> None:
    forge = Forge()
    own = [{"commit": commit(f"own {n}", n / 100, n)} for n in range(130)]
    reviews = [
        {
            "fullDatabaseId": str(n),
            "state": "COMMENTED",
            "submittedAt": time(2, n),
            "updatedAt": time(2, n),
            "author": None,
        }
        for n in range(210)
    ]
    asked = [
        {"__typename": "ReviewRequestedEvent", "id": f"RRE_{n}", "createdAt": time(2, n),
         "requestedReviewer": {"__typename": "Team", "slug": "payments"}}
        for n in range(101)
    ]  # fmt: skip
    forge.add(pull_requests=[pull_request(1, 5, commits=own, reviews=reviews, timelineItems=asked), pull_request(2, 6)])
    found = collect(forge.collector())
    (change,) = [each for each in found.of("change").values() if each.number == 1]
    assert (len(change.commits), len(found.of("commit"))) == (130, 130)
    assert (len(found.of("review")), len(found.of("review_request"))) == (210, 101)
    # 105 commits in 2, 110 reviews in 2, 1 request in 1
    assert sum("More" in question for question in forge.asked) == 5


def test_an_update_costs_the_page_it_stands_on() -> None:
    forge = Forge()
    repository = forge.add(pull_requests=[pull_request(n, n / 10) for n in range(1, 301)])
    collector = forge.collector()
    found = collect(collector)
    repository.pull_requests[4] = pull_request(5, 40, title="Again")
    forge.asked.clear()
    found = collect(collector, found)
    # the newest of before stands within the overlap and is told again
    assert {event.number for event in found.of("change").values()} == {5, 300}
    assert sum("PullRequests" in question for question in forge.asked) == 1


def test_a_place_in_the_list_that_the_server_has_forgotten_is_read_anew() -> None:
    forge = Forge()
    forge.add(pull_requests=[pull_request(n, n / 10) for n in range(1, 301)])
    collector = forge.collector()
    first = collect(collector, stop_after=3)
    assert 0 < len(first.of("change")) < 300

    def forgetful(_request: httpx.Request, body: Json) -> httpx.Response | None:
        if not body.get("variables", {}).get("after"):
            return None
        forge.trouble = lambda *_: None
        stale = {"type": "INVALID_CURSOR_ARGUMENTS", "message": "`x` does not appear to be a valid cursor."}
        return httpx.Response(200, json={"data": {"repository": None}, "errors": [stale]})

    forge.trouble = forgetful
    rest = collect(collector, first)
    assert len({**first.of("change"), **rest.of("change")}) == 300


def test_the_default_branchs_commits_can_be_left_to_a_git_source_which_has_none_of_a_squash() -> None:
    forge = Forge()
    forge.add(pull_requests=[pull_request(1, 1, commits=[{"commit": commit(1, 1)}])], commits=[commit(2, 2)])
    found = collect(forge.collector(commits=False))
    assert (len(found.of("change")), set(found.of("commit"))) == (1, {sha(1)})
    assert found.of("change")["acme/checkout#1"].commits == [sha(1)]


def test_a_merge_has_no_lines_of_its_own() -> None:
    forge = Forge()
    forge.add(commits=[commit("merge", 3, "b", "a"), commit("b", 2, "a"), commit("a", 1)])
    found = collect(forge.collector()).of("commit")
    assert (found[sha("merge")].additions, found[sha("b")].additions) == (None, 1)


def test_a_push_costs_its_own_commits_and_those_of_a_day() -> None:
    forge = Forge()
    repository = forge.add(commits=[commit(n, n / 10, n - 1) for n in range(500, 0, -1)])
    collector = forge.collector()
    found = collect(collector)
    repository.commits.insert(0, commit(501, 50.1, 500))
    forge.asked.clear()
    found = collect(collector, found)
    assert sha(501) in commits_of(found)
    assert len(commits_of(found)) == 12
    assert [each for each in forge.asked if "History" in each or "compare" in each] == ["POST History 200"]


def test_a_side_branch_that_is_merged_weeks_later_is_read_by_comparison() -> None:
    forge = Forge()
    old = [commit(n, n, n - 1) for n in range(40, 0, -1)]
    repository = forge.add(commits=old)
    collector = forge.collector()
    found = collect(collector)
    side = [commit("side 2", 6, "side 1"), commit("side 1", 5, 4)]
    merge = commit("merge", 41, 40, "side 2")
    repository.commits = [merge, *old[:35], *side, *old[35:]]
    rest = [
        {"sha": each["oid"], "parents": [{"sha": parent["oid"]} for parent in each["parents"]["nodes"]], "author": None,
         "commit": {"author": {"email": "someone@example.org", "date": each["authoredDate"]}, "message": "",
                    "committer": {"date": each["committedDate"]}, "tree": {"sha": each["tree"]["oid"]}}}
        for each in (*reversed(side), merge)
    ]  # fmt: skip
    repository.other[f"compare/{sha(40)}...{sha('merge')}"] = {"total_commits": 3, "commits": rest}
    found = collect(collector, found)
    assert {sha("merge"), sha("side 1"), sha("side 2")} <= commits_of(found)


def test_a_rewritten_branch_is_read_as_it_stands_now() -> None:
    forge = Forge()
    repository = forge.add(commits=[commit(n, n, n - 1) for n in range(40, 0, -1)])
    collector = forge.collector()
    found = collect(collector)
    repository.commits = [commit("new 2", 42, "new 1"), commit("new 1", 41, 1, 2), commit(1, 1)]
    found = collect(collector, found)
    assert {sha("new 2"), sha("new 1")} <= commits_of(found)
    assert found.rejected == []


def test_an_empty_repository_is_read_without_a_word() -> None:
    forge = Forge()
    forge.add()
    found = collect(forge.collector())
    assert [event.type for event in found.events] == ["repository"]
    assert found.remarks == []


def test_labelled_issues_are_incidents_that_end_when_they_are_closed() -> None:
    forge = Forge()
    opened = {"number": 9, "title": "Down", "created_at": time(1), "updated_at": time(1), "closed_at": None,
              "labels": [{"name": "incident"}]}  # fmt: skip
    repository = forge.add(issues=[opened, {**opened, "number": 10, "pull_request": {}}])
    collector = forge.collector(incidents={"labels": ["incident"]})
    found = collect(collector)
    assert list(found.of("incident")) == ["acme/checkout#9"]
    assert found.of("incident")["acme/checkout#9"].resolved_at is None
    repository.issues[0] = {**opened, "updated_at": time(20), "closed_at": time(20)}
    found = collect(collector, found)
    assert found.of("incident")["acme/checkout#9"].resolved_at.isoformat().startswith("2026-01-21")


WORKFLOW = """\
name: ci
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4   # the code
      - name: "uses: nothing"
        uses: 'actions/setup-python@0b93645e9fea7318ecaed2b359559ac225c90a2b'
      - run: |
          echo 'uses: in/a-script@v1'
          uses: in/a-script@v2
        env: {}
      - "uses": actions/cache@v4
      # - uses: commented/out@v1
  deploy:
    uses: acme/platform/.github/workflows/deploy.yml@main
"""
USED = [
    "actions/checkout@v4",
    "actions/setup-python@0b93645e9fea7318ecaed2b359559ac225c90a2b",
    "actions/cache@v4",
    "acme/platform/.github/workflows/deploy.yml@main",
]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (WORKFLOW, USED),
        (WORKFLOW.replace("\n", "\r\n"), USED),
        ("steps:\n- run: >-\n    uses: a/b@v1\n- uses: ./.github/actions/own\n", ["./.github/actions/own"]),
        ("steps:\n  - uses: docker://alpine:3\n  - uses: docker://alpine:3\n", ["docker://alpine:3"]),
        ("", []),
        ("not: [yaml", []),
    ],
)
def test_what_a_workflow_takes_by_reference_is_found_with_its_pin(content: str, expected: list[str]) -> None:
    assert uses(content) == expected


def entry(path: str, blob: str, content: str | None, *, cut: bool = False) -> dict[str, Any]:
    return {"path": path, "type": "blob", "object": {"oid": sha(blob), "text": content, "isTruncated": cut}}


def test_files_are_read_when_the_branch_has_moved_and_told_when_they_are_others() -> None:
    forge = Forge()
    repository = forge.add(commits=[commit(1, 1)])
    ci = ".github/workflows/ci.yml"
    repository.files = {
        "workflows": {"entries": [entry(ci, "one", WORKFLOW), entry(".github/workflows/README.md", "r", "")]},
        "root": {"oid": sha("owners"), "text": "* @acme/payments\n!broken @acme/x\n", "isTruncated": False},
        "docs": {"oid": sha("other"), "text": "* @acme/nobody\n", "isTruncated": False},
    }
    collector = forge.collector()
    found = collect(collector)
    (definition,) = found.of("pipeline_definition").values()
    assert (definition.id, definition.path) == (f"acme/checkout/{ci}@{sha('one')}", ci)
    assert (definition.sha, definition.content, definition.uses) == (sha(1), WORKFLOW, USED)
    assert definition.observed_at == forge.now
    (owner,) = found.of("ownership").values()
    assert (owner.team, owner.repository, owner.valid_from) == ("payments", "acme/checkout", None)
    assert [(each.file, each.line, each.reason) for each in found.rejected] == [
        ("CODEOWNERS", 2, "GitHub takes no pattern that begins with !")
    ]
    assert found.whole == ["CODEOWNERS"]

    forge.asked.clear()
    found = collect(collector, found)
    assert not any("Files" in question for question in forge.asked)

    repository.commits.insert(0, commit(2, 2, 1))
    long = ".github/workflows/long.yaml"
    repository.files["workflows"] = {"entries": [entry(ci, "one", WORKFLOW), entry(long, "long", "name: ", cut=True)]}
    repository.files["root"] = {"oid": sha("owners 2"), "text": "* @acme/shop\n", "isTruncated": False}
    found = collect(collector, found)
    (definition,) = found.of("pipeline_definition").values()
    assert (definition.path, definition.content, definition.uses) == (long, None, None)
    assert {(each.team, each.valid_from, each.valid_to) for each in found.of("ownership").values()} == {
        ("payments", None, forge.now),
        ("shop", forge.now, None),
    }


def test_a_file_that_gives_a_repository_to_persons_is_remarked_on_until_it_changes() -> None:
    forge = Forge()
    repository = forge.add(commits=[commit(1, 1)], files={"docs": {"oid": sha(1), "text": "* @ann\n"}})
    collector = forge.collector()
    found = collect(collector)
    for _ in range(2):
        assert [remark.what.partition(" of ")[0] for remark in found.remarks] == ["CODEOWNERS"]
        found = collect(collector, found)
    repository.commits.insert(0, commit(2, 2, 1))
    repository.files = {}
    assert collect(collector, found).remarks == []


def test_a_head_that_is_gone_while_its_history_is_read_is_left_for_the_one_that_stands_now() -> None:
    forge = Forge()
    repository = forge.add(commits=[commit(n, n / 100, n - 1) for n in range(300, 0, -1)])
    collector = forge.collector()
    first = collect(collector, stop_after=4)
    assert "walking" in first.cursors["github:acme/checkout"]["commits"]
    repository.commits = [commit("new", 42, 1), commit(1, 0.01)]
    rest = collect(collector, first)
    assert rest.remarks == []
    assert sha("new") in commits_of(rest)
