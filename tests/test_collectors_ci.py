"""What collectors of CI servers share: names, changes, attempts, and families that land through the sync loop."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ci_servers import SHA, Played
from collectors import build
from collectors.ci.deployments import Deploying, add_deployments
from collectors.ci.facts import Facts, change_reference, fits, host_of, repository_of, revision
from collectors.ci.reruns import MOST_KEPT, Reruns
from collectors.sync import run
from tribometer.errors import ConfigurationError
from tribometer.events import Deployment
from tribometer.store import EventStore

BEGAN = 1_767_603_600_000


@pytest.mark.parametrize(
    ("url", "host", "name"),
    [
        ("https://github.com/acme/checkout.git", "github.com", "acme/checkout"),
        ("git@GitHub.com:acme/checkout.git", "github.com", "acme/checkout"),
        ("ssh://git@gitlab.com:2222/group/sub/project", "gitlab.com", "group/sub/project"),
        ("/srv/git/checkout", None, None),
    ],
)
def test_a_clones_url_tells_the_host_and_the_repository(url: str, host: str | None, name: str | None) -> None:
    assert (host_of(url), repository_of(url)) == (host, name)


@pytest.mark.parametrize(
    ("forge", "url", "number", "id_"),
    [
        (None, "https://github.com/a/b", 7, "github:a/b a/b#7"),
        (None, "https://gitlab.com/a/b", "7", "gitlab:a/b a/b!7"),
        ("gitea", "https://git.acme.example/a/b", 7, "gitea:a/b a/b#7"),
        (None, "https://git.acme.example/a/b", 7, None),
        (None, None, 7, None),
        ("github", None, "false", None),
        ("github", None, None, None),
    ],
)
def test_a_change_is_referred_to_where_its_forge_is_known(forge: Any, url: Any, number: Any, id_: str | None) -> None:
    found = change_reference(forge, url, "a/b", number)
    assert (found and " ".join(found.values())) == id_


@pytest.mark.parametrize(
    ("text", "is_one"), [(SHA, True), ("0f886c7", True), ("HEAD", False), ("main", False), (7, False)]
)
def test_a_revision_is_a_sha_and_no_name(text: object, is_one: bool) -> None:  # noqa: FBT001 - a case of the table
    assert (revision(text) == text) is is_one


def test_patterns_take_no_notice_of_letter_case() -> None:
    assert fits("Deploy to Production", ["deploy*"])
    assert not fits("deploy", ["deploy?*", "test"])


def test_attempts_are_counted_from_the_build_that_began_the_run_and_outlive_a_cursor() -> None:
    reruns = Reruns()
    assert [reruns.attempt(build, of) for build, of in ((1, None), (2, 1), (3, 2), (4, 1), (5, None))] == [
        (1, 1), (1, 2), (1, 3), (1, 4), (5, 1),
    ]  # fmt: skip
    again = Reruns(reruns.cursor())
    assert [again.attempt(build, of) for build, of in ((3, 2), (6, 3), (7, 9))] == [(1, 3), (1, 5), (7, 1)]
    for build_ in range(100, 100 + 2 * MOST_KEPT):
        again.attempt(build_, 99)
    assert len(again.cursor()) == MOST_KEPT


@pytest.mark.parametrize(
    ("conclusion", "status"),
    [
        ("success", "success"),
        ("timed_out", "failure"),
        ("cancelled", "cancelled"),
        ("skipped", None),
        ("neutral", None),
    ],
)
def test_a_job_that_did_not_run_deployed_nothing(conclusion: str, status: str | None) -> None:
    facts = Facts(source="x:y")
    known: dict[str, Any] = {"repository": "a/b", "workflow": "main", "run": "1", "attempt": 1, "sha": SHA}
    facts.say("run", {}, id="r", created_at="2026-01-05T09:00:00Z", **known)
    facts.say("job", {}, id="j", run="r", attempt=1, name="Deploy", conclusion=conclusion)
    facts.say("job", {}, id="k", run="other", attempt=1, name="Deploy", conclusion="success")
    add_deployments(facts, Deploying(jobs=("deploy",), environment="staging"))
    found = [(each.environment, each.status) for each in facts.events if isinstance(each, Deployment)]
    assert found == ([("staging", status)] if status else [])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"deployments": {"jobs": []}}, "at least 1"),
        ({"deployments": {"jobs": ["x"], "tier": "x"}}, "unknown key"),
        ({"forge": "svn"}, "'github', 'gitlab' or 'gitea'"),
        ({"url": "http://ci.example.org"}, "https only"),
    ],
)
def test_a_wrong_table_of_a_ci_server_names_the_key(table: dict[str, Any], message: str, tmp_path: Path) -> None:
    wrong = {"kind": "buildbot", "url": "https://ci.example.org", **table}
    with pytest.raises(ConfigurationError, match=message):
        build(wrong, origin="test.toml", data=tmp_path)


@pytest.mark.parametrize(
    ("table", "name", "cursor", "words"),
    [
        (
            {"kind": "jenkins", "url": "https://ci.example.org/x/"}, "jenkins:ci.example.org/x", {"projects": 2},
            "2 projects",
        ),
        ({"kind": "circleci", "organization": "gh/acme"}, "circleci:gh/acme", {"projects": ["a"]}, "1 projects"),
        (
            {"kind": "buildkite", "organization": "acme"}, "buildkite:acme",
            {"walk": {"to": "2026-01-05"}, "open": [["a", 1]]}, "2026-01-05, 1 unfinished",
        ),
        ({"kind": "buildbot", "url": "https://ci.example.org"}, "buildbot:ci.example.org", {"seen": 5},
         "build 5, 0 unfinished"),
        ({"kind": "argocd", "url": "https://cd.example.org", "name": "eu"}, "argocd:eu", {}, "0 applications"),
    ],
)  # fmt: skip
def test_a_source_is_named_by_its_settings_and_says_how_far_it_is(
    table: dict[str, Any], name: str, cursor: dict[str, Any], words: str, tmp_path: Path
) -> None:
    source = build(table, origin="test.toml", data=tmp_path)
    assert (source.name, source.kind, source.position(cursor)) == (name, table["kind"], words)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore.open(tmp_path / "data") as opened:
        yield opened


def test_the_projects_of_a_family_land_side_by_side_and_every_request_is_counted(store: EventStore) -> None:
    actions = [{"lastBuiltRevision": {"SHA1": SHA}, "remoteUrls": ["https://github.com/acme/checkout"]}]

    def answering(request: Any) -> Any:
        if request.url.path == "/api/json":
            return {"jobs": [{"fullName": f"job-{n}", "lastBuild": {"number": 3}} for n in range(20)]}
        return {"allBuilds": [
            {"number": n, "result": "SUCCESS", "timestamp": BEGAN, "duration": 5, "actions": actions} for n in (3, 2, 1)
        ]}  # fmt: skip

    source = Played({"kind": "jenkins", "url": "https://ci.example.org"}, answering)
    summary = run(source.collector(), store)
    assert (summary.error, summary.new, summary.rejected, len(summary.members)) == (None, 120, 0, 20)
    assert summary.requests == len(source.asked) == 21
    source.asked.clear()
    again = run(source.collector(), store)
    assert (again.new, again.updated, again.unchanged, again.requests) == (0, 0, 0, 1)
    assert len(source.asked) == 1
