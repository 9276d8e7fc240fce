"""Buildkite's builds collected: in pages that are asked for by time, again, late, and cut off anywhere."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ci_servers import NOON, SHA, Played, cut_anywhere, recorded_and_replayed, whole
from deliveries import recorded
from tribometer.errors import SourceForbidden

MORNING = NOON - timedelta(hours=12)


def text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Organization:
    """Builds of an organization, and the list of them as Buildkite gives it."""

    builds: dict[int, dict[str, Any]] = field(default_factory=dict)
    size: int = 100
    forbidden: set[int] = field(default_factory=set)

    def add(self, number: int, at: datetime, state: str = "passed", **more: Any) -> None:
        """Add a build, or replace it."""
        ended = {"finished_at": text(at + timedelta(minutes=5))} if state == "passed" else {}
        self.builds[number] = {
            "number": number, "state": state, "commit": SHA, "created_at": text(at), "source": "webhook", **ended,
            "pipeline": {"slug": "checkout", "repository": "https://github.com/acme/checkout"}, "jobs": [], **more,
        }  # fmt: skip

    def answer(self, request: httpx.Request) -> Any:
        """Answer as Buildkite does."""
        assert request.headers["authorization"] == "Bearer secret"
        if "/pipelines/" in request.url.path:
            number = int(request.url.path.rpartition("/")[2])
            return httpx.Response(403, json={}) if number in self.forbidden else self.builds.get(number)
        params = request.url.params
        if params["per_page"] == "1":
            return []
        assert params["include_retried_jobs"] == "true"
        found = [
            each for each in sorted(self.builds.values(), key=lambda each: each["created_at"], reverse=True)
            if params.get("created_from", "") <= each["created_at"] < params.get("created_to", "z")
            and ("finished_from" not in params or params["finished_from"] <= each.get("finished_at", ""))
        ]  # fmt: skip
        start = (int(params["page"]) - 1) * self.size
        assert start < 300, "Listing builds this deep is not supported"
        return found[start : start + self.size]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Organization:
    monkeypatch.setenv("BUILDKITE_TOKEN", "secret")
    return Organization()


def played(account: Organization, **keys: Any) -> Played:
    table = {"kind": "buildkite", "organization": "acme", "token": {"env": "BUILDKITE_TOKEN"}, **keys}
    return Played(table, account.answer)


def many(account: Organization, count: int) -> None:
    for number in range(1, count + 1):
        account.add(number, MORNING + timedelta(minutes=number))


def runs(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["id"]: each.get("conclusion") for each in found if each["type"] == "run"}


def test_all_builds_come_a_hundred_a_request_and_the_second_time_nothing(account: Organization) -> None:
    many(account, 450)
    source = played(account)
    assert len(runs(source.events())) == 450
    assert len(source.asked) == 5
    source.asked.clear()
    source.now += timedelta(minutes=15)
    again = source.events()
    assert len(source.asked) == 2
    # the overlap of an hour shows 61 builds again, and 5 that ended within it
    assert len(again) == 66


def test_more_builds_within_a_moment_than_a_page_holds_come_all(account: Organization) -> None:
    for number in range(1, 251):
        account.add(number, MORNING)
    assert len(runs(played(account).events())) == 250


def test_a_collection_that_is_killed_behind_any_page_goes_on_with_less_than_a_page_repeated(
    account: Organization,
) -> None:
    many(account, 450)
    undisturbed = played(account)
    expected = whole(undisturbed)
    cuts = cut_anywhere(lambda: played(account))
    assert len(cuts) == 4
    assert all(landed == expected for landed, _ in cuts)
    assert {requests for _, requests in cuts} == {len(undisturbed.asked)}


def test_a_build_that_runs_is_told_and_lands_when_it_ends_however_late(account: Organization) -> None:
    account.add(1, MORNING, "running")
    source = played(account)
    assert runs(source.events()) == {"checkout/builds/1": None}
    account.add(2, NOON)
    source.now += timedelta(days=3)
    source.collect()
    account.add(3, NOON + timedelta(days=2))
    source.collect()
    account.add(1, MORNING, finished_at=text(NOON + timedelta(days=3)))
    assert runs(source.events())["checkout/builds/1"] == "success"
    source.asked.clear()
    source.collect()
    assert len(source.asked) == 2


def test_a_build_whose_job_is_retried_after_its_end_is_read_once_more(account: Organization) -> None:
    account.add(1, MORNING, state="failed", finished_at=text(MORNING))
    account.add(2, NOON)
    source = played(account)
    source.collect()
    account.add(1, MORNING, finished_at=text(NOON + timedelta(hours=5)))
    assert runs(source.events())["checkout/builds/1"] == "success"


def test_an_unfinished_build_that_is_gone_is_forgotten_and_one_that_is_forbidden_is_not(account: Organization) -> None:
    account.add(1, MORNING, "running")
    account.add(2, MORNING, "running")
    account.add(3, NOON)
    source = played(account)
    source.collect()
    del account.builds[1]
    account.forbidden.add(2)
    pages = source.collect()
    assert source.cursors["buildkite:acme"]["open"] == [["checkout", 2]]
    [remark] = [remark for page in pages for remark in page.remarks]
    assert remark.what.startswith("unfinished builds of checkout could not be read")
    assert "run" in pages[-1].unread


def test_a_build_waits_for_its_commit_and_one_that_ends_without_is_remarked_on(account: Organization) -> None:
    account.add(1, NOON, "scheduled", commit="HEAD")
    source = played(account)
    assert source.events() == []
    account.add(1, NOON)
    assert runs(source.events()) == {"checkout/builds/1": "success"}
    account.add(2, NOON, commit="HEAD")
    pages = source.collect()
    assert [remark.what for page in pages for remark in page.remarks] == [
        "builds of checkout name no git revision, so nothing is told of them"
    ]


def test_only_the_pipelines_that_are_wanted_are_kept(account: Organization) -> None:
    account.add(1, NOON)
    assert played(account, pipelines=["till*"]).events() == []


def test_rebuilds_are_attempts_of_the_build_they_began_with(account: Organization) -> None:
    account.add(1, MORNING)
    account.add(2, NOON, rebuilt_from={"number": 1})
    source = played(account)
    source.collect()
    account.add(3, NOON + timedelta(hours=1), rebuilt_from={"number": 2})
    found = {each["id"]: (each["run"], each["attempt"]) for each in source.events()}
    assert found["checkout/builds/3"] == ("checkout/1", 3)
    assert found["checkout/builds/2"] == ("checkout/1", 2)


def test_a_collection_since_a_time_reads_what_came_later(account: Organization) -> None:
    for number in range(1, 11):
        account.add(number, MORNING + timedelta(hours=number))
    source = played(account)
    source.cursors["buildkite:acme"] = source.collector().starting(MORNING + timedelta(hours=10))
    assert runs(source.events()).keys() == {"checkout/builds/9", "checkout/builds/10"}


def test_a_collection_since_a_time_asks_for_what_was_open_before_it(account: Organization) -> None:
    account.add(1, MORNING, "running")
    account.add(2, MORNING, "running")
    source = played(account)
    source.collect()
    source.since = NOON
    account.add(1, MORNING)
    assert runs(source.events())["checkout/builds/1"] == "success"
    assert source.cursors["buildkite:acme"]["open"] == [["checkout", 2]]


def test_what_the_token_may_not_read_is_told_with_the_scope_it_lacks(account: Organization) -> None:
    source = played(account)
    assert [each.granted for each in source.collector().check()] == [True]
    source.answering = lambda _: httpx.Response(403, json={"message": "Forbidden"})
    [permission] = source.collector().check()
    assert not permission.granted
    assert "read_builds" in permission.fix
    with pytest.raises(SourceForbidden):
        source.collect()


def test_a_replay_lands_the_same_and_the_recording_names_nobody(account: Organization, tmp_path: Path) -> None:
    for each in recorded("buildkite/builds.json"):
        pipeline = {**each["pipeline"], "repository": "https://github.com/acme/checkout.git"}
        account.builds[each["number"]] = {**each, "pipeline": pipeline}
    live, again, text = recorded_and_replayed(played(account, deployments={"jobs": ["deploy*"]}), tmp_path)
    assert {each[1] for each in live} == {"run", "job", "gate", "deployment"}
    assert live == again
    assert "Ann" not in text
    assert "someone@" not in text
