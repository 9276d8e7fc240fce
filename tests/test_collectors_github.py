"""An owner of repositories: which are collected, what one that may not be read costs, and what `doctor` is told."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from collectors import build
from collectors.github.collector import GitHubCollector
from collectors.github.repository import GitHubRepository
from collectors.sync import run as run_sync
from github_forge import Forge, Json, collect, commit, deployment, job, pull_request, run
from tribometer.errors import ConfigurationError, SourceForbidden, SourceGone, SourceMissing
from tribometer.store import EventStore


def names(collector: GitHubCollector) -> list[str]:
    return [member.name for page in collector.collect(None) for member in page.members or ()]


def refusing(*parts: str, status: int = 403) -> Any:
    """A server that refuses what stands below some paths."""

    def trouble(request: httpx.Request, body: Json) -> httpx.Response | None:
        asked = f"{request.url.path} {body.get('query', '')[:30]}"
        return (
            httpx.Response(status, json={"message": "Resource not accessible"})
            if any(p in asked for p in parts)
            else None
        )

    return trouble


def test_all_repositories_that_are_not_archived_are_members() -> None:
    forge = Forge()
    forge.add("checkout")
    forge.add("attic", archived=True)
    forge.add("payments")
    assert names(forge.collector()) == ["github:acme/checkout", "github:acme/payments"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["pay*"], ["payments", "payouts"]),
        (["checkout", "payo*"], ["checkout", "payouts"]),
        (["attic"], ["attic"]),
        (["a*", "checkout"], ["checkout"]),
    ],
)
def test_repositories_are_chosen_by_name_or_glob_and_archived_ones_by_name_only(
    wanted: list[str], expected: list[str]
) -> None:
    forge = Forge()
    for name in ("checkout", "payments", "payouts"):
        forge.add(name)
    forge.add("attic", archived=True)
    assert names(forge.collector(repositories=wanted)) == [f"github:acme/{name}" for name in expected]


def test_an_owner_may_be_a_person() -> None:
    forge = Forge(owners="users")
    forge.add()
    found = collect(forge.collector())
    assert list(found.of("repository")) == ["acme/checkout"]
    forge.asked.clear()
    collect(forge.collector(), found)
    assert forge.asked[0] == "GET /users/acme/repos 304"


def test_many_repositories_are_listed_page_by_page_and_an_unchanged_list_costs_nothing() -> None:
    forge = Forge()
    for number in range(230):
        forge.add(f"service-{number:03}")
    collector = forge.collector()
    pages = list(collector.collect(None))
    assert len(pages[0].members or ()) == 230
    forge.asked.clear()
    again = list(collector.collect(pages[0].cursor, pages[0].etags))
    assert len(again[0].members or ()) == 230
    assert forge.asked == ["GET /orgs/acme/repos 304"] * 3


def test_an_owner_that_is_not_there_says_so() -> None:
    with pytest.raises(SourceMissing, match="github:nobody"):
        list(Forge().collector(owner="nobody").collect(None))


def test_a_table_that_names_only_what_is_not_there_fails_and_says_all_of_it() -> None:
    forge = Forge()
    forge.add()
    with pytest.raises(SourceGone, match=r"acme/missing cannot be read: .*; no repository of acme fits missing, pay\*"):
        collect(forge.collector(repositories=["missing", "pay*"]))


def test_what_the_token_may_not_read_is_remarked_on_and_the_rest_is_told() -> None:
    forge = Forge(trouble=refusing("/actions/", "query Deployments"))
    forge.add(pull_requests=[pull_request(1, 1)], deployments=[deployment(1, 1, "SUCCESS")], runs=[run(1, 1)])
    found = collect(forge.collector())
    assert len(found.of("change")) == 1
    assert [remark.what.partition(":")[0] for remark in found.remarks] == [
        "workflow runs cannot be read",
        "deployments cannot be read",
    ]
    assert found.remarks[0].do == (
        "Give the token `Actions: read` (a classic token: `repo`), or switch this on in the repository; "
        "the rest is read all the same"
    )


@pytest.mark.parametrize(("status", "error"), [(403, SourceForbidden), (404, SourceMissing)])
def test_a_repository_of_which_nothing_may_be_read_has_failed(status: int, error: type[Exception]) -> None:
    forge = Forge(trouble=refusing("/repos/acme/checkout/", "query History", "query Files", status=status))
    forge.add(commits=[commit(1, 1)])
    with pytest.raises(error, match="github:acme"):
        collect(forge.collector())


def test_files_and_commits_that_may_not_be_read_are_one_remark_on_their_permission() -> None:
    forge = Forge(trouble=refusing("/branches/main"))
    forge.add(pull_requests=[pull_request(1, 1)], commits=[commit(1, 1)])
    found = collect(forge.collector())
    [remark] = found.remarks
    assert remark.what.startswith("commits and files cannot be read: ")
    assert "`Contents: read`" in remark.do
    assert len(found.of("change")) == 1


def test_a_repository_that_was_renamed_is_followed_within_the_server() -> None:
    forge = Forge()
    forge.add(pull_requests=[pull_request(1, 1)], runs=[run(1, 1)], jobs={1: [job(1, 1, 1)]}, commits=[commit(1, 1)])

    def moved(request: httpx.Request, body: Json) -> httpx.Response | None:
        here, there = "/repos/acme/checkout/", "/repositories/7/"
        if request.url.path.startswith(here):
            return httpx.Response(301, headers={"location": str(request.url).replace(here, there)})
        if not request.url.path.startswith(there):
            return None
        return forge.answered(
            httpx.Request("GET", str(request.url).replace(there, here), headers=request.headers), body
        )

    forge.trouble = moved
    found = collect(forge.collector())
    assert found.remarks == []
    assert {event.type for event in found.events} == {"repository", "change", "commit", "run", "job"}
    assert {event.source for event in found.events} == {"github:acme/checkout"}
    forge.asked.clear()
    assert collect(forge.collector(), found).events == []
    assert {question.split()[-1] for question in forge.asked} == {"301", "304"}


def test_an_enterprise_server_is_asked_below_its_api_and_names_its_host() -> None:
    settings = {"kind": "github", "owner": "acme", "url": "https://ghe.example.com/api/v3"}
    collector = build(settings, origin="a.toml", data=Path())
    assert isinstance(collector, GitHubCollector)
    assert (collector.name, collector.server.url, collector.prefix) == (
        "github:ghe.example.com/acme", "https://ghe.example.com/api", "/v3"
    )  # fmt: skip
    forge = Forge()
    forge.add()
    asked = []

    def trouble(request: httpx.Request, _body: Json) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(404, json={})

    forge.trouble = trouble
    with pytest.raises(SourceMissing):
        list(forge.attached(collector).collect(None))
    assert asked[0].startswith("https://ghe.example.com/api/v3/orgs/acme/repos?")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({}, "owner"),
        ({"owner": "acme", "deployments": {"from": "tags"}}, "deployments"),
        ({"owner": "acme", "deployments": {"from": "workflow"}}, "name"),
        ({"owner": "acme", "deployments": {"from": "environments", "name": "x"}}, "name"),
        ({"owner": "acme", "incidents": {"labels": []}}, "labels"),
        ({"owner": "acme", "url": "http://ghe.example.com"}, "https only"),
        ({"owner": "acme/checkout"}, "owner"),
        ({"owner": "acme", "releases": "("}, "releases"),
        (
            {"owner": "acme", "token": {"env": "A"}, "app": {"id": 1, "key": {"env": "B"}, "installation": 2}},
            "not both",
        ),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused_with_their_key(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        build({"kind": "github", **settings}, origin="a.toml", data=Path())


def test_the_check_tries_everything_on_one_repository_and_names_what_is_missing() -> None:
    forge = Forge(trouble=refusing("/actions/"))
    forge.add(other={"branches": []})
    permissions = forge.collector().check()
    assert [(each.what, each.granted) for each in permissions] == [
        ("metadata", True), ("contents", True), ("pull requests", True), ("actions", False), ("deployments", True),
        ("issues", True), ("members", False),
    ]  # fmt: skip
    assert permissions[3].fix == "Give the token `Actions: read`; a classic token needs the scope `repo`"
    assert permissions[6].fix.endswith("a classic token needs the scope `read:org`")


def test_a_person_has_no_members_to_try() -> None:
    forge = Forge(owners="users")
    forge.add(other={"branches": []})
    assert {(each.what, each.granted) for each in forge.collector().check()} == {
        (what, True) for what in ("metadata", "contents", "pull requests", "actions", "deployments", "issues")
    }


def test_a_collection_lands_in_the_store_with_a_cursor_for_each_repository(tmp_path: Path) -> None:
    forge = Forge()
    for name in ("checkout", "payments"):
        forge.add(
            name, pull_requests=[pull_request(1, 1)], runs=[run(1, 1)], jobs={1: [job(1, 1, 1)]}, commits=[commit(1, 1)]
        )
    with EventStore.open(tmp_path / "data") as store:
        first = run_sync(forge.collector(), store)
        assert (first.error, first.new, first.rejected) == (None, 10, 0)
        assert first.requests == len(forge.asked)
        forge.asked.clear()
        again = run_sync(forge.collector(), store)
        assert (again.new, again.updated, again.unchanged) == (0, 0, 0)
        assert {question.split()[-1] for question in forge.asked} == {"304"}


def test_a_position_says_how_far_a_repository_is() -> None:
    forge = Forge()
    forge.add(pull_requests=[pull_request(n, n / 10) for n in range(1, 201)])
    members = [member for page in forge.collector().collect(None) for member in page.members or ()]
    (member,) = members
    assert isinstance(member, GitHubRepository)
    assert member.position({}) == "0 of 5 parts"
    assert member.position({"pull requests": {"since": "x"}, "commits": {"walking": {}}}) == "1 of 5 parts"


def test_a_pattern_that_selects_nothing_beside_others_that_do_is_named_with_what_to_do() -> None:
    forge = Forge()
    forge.add()
    [remark] = collect(forge.collector(repositories=["check*", "nosuch*"])).remarks
    assert remark.what == "no repository of acme fits nosuch*"
    assert "`repositories`" in remark.do


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://github.com/acme", "https://api.github.com"),
        ("https://ghe.example.com", "https://ghe.example.com/api/v3"),
        ("https://ghe.example.com:8443/api", "https://ghe.example.com:8443/api/v3"),
        ("https://ghe.example.com/api/graphql", "https://ghe.example.com/api/v3"),
    ],
)
def test_an_address_that_is_not_the_apis_says_what_to_write_instead(url: str, written: str, tmp_path: Path) -> None:
    table = {"kind": "github", "owner": "acme", "url": url}
    with pytest.raises(ConfigurationError, match=rf"sources\.url: .*; write {written}\. "):
        build(table, origin="tribometer.toml", data=tmp_path)
    assert build({**table, "url": written}, origin="tribometer.toml", data=tmp_path).name.startswith("github:")


@pytest.mark.parametrize(
    "url", ["https://api.github.com", "https://api.acme.ghe.com", "https://gate.example.com/github"]
)
def test_the_addresses_of_other_apis_are_taken_as_they_are(url: str, tmp_path: Path) -> None:
    collector = build({"kind": "github", "owner": "acme", "url": url}, origin="tribometer.toml", data=tmp_path)
    assert isinstance(collector, GitHubCollector)
    assert collector.server.url == url


def test_what_is_switched_off_or_told_by_something_else_is_not_vouched_for() -> None:
    everything = {"repository", "change", "commit", "review", "review_request", "run", "job", "deployment", "gate",
                  "ownership", "pipeline_definition"}  # fmt: skip
    forge = Forge()
    assert forge.collector().reads == everything
    assert forge.collector(jobs=False, commits=False).reads == everything - {"job"}
    assert forge.collector(incidents={"labels": ["outage"]}).reads == everything | {"incident"}
    for told in ({"from": "workflow", "name": "deploy*"}, {"from": "releases"}):
        assert forge.collector(deployments=told).reads == everything - {"gate"}
