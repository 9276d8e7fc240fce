"""Buildbot's builds as events, and their collection: oldest first, again, late, retried, and cut off anywhere."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from ci_servers import SHA, Played, cut_anywhere, reasons, recorded_and_replayed, told, whole
from collectors.buildbot.parse import Build, Context, parse_build
from collectors.ci.deployments import Deploying
from deliveries import recorded

CONTEXT = Context("buildbot:ci", "https://ci.example.org", {1: "main"}, deploying=Deploying(jobs=("make",)))
TABLE = {"kind": "buildbot", "url": "https://ci.example.org"}
BEGAN = 1_767_603_600


def made(**changes: Any) -> Build:
    found = recorded("buildbot/build.json")
    parts = {name: {**found[name], **changes.pop(name, {})} for name in ("request", "buildset")}
    return Build({**found["build"], **changes}, parts["request"], parts["buildset"], found["steps"], 7, 1)


def test_a_build_is_a_run_from_when_it_was_asked_for() -> None:
    run, *_ = told(parse_build(made(), CONTEXT).events)
    assert run == {
        "type": "run", "id": "main/builds/2", "repository": "acme/checkout", "workflow": "main", "run": "7",
        "attempt": 1, "sha": SHA, "branch": "main", "event": "push", "actor_kind": "human",
        "created_at": "2026-01-05T09:00:00Z", "started_at": "2026-01-05T09:00:10Z",
        "completed_at": "2026-01-05T09:01:40Z", "conclusion": "failure",
        "url": "https://ci.example.org/#/builders/1/builds/2",
    }  # fmt: skip


def test_steps_are_jobs_the_first_waited_with_its_build_and_others_only_for_locks() -> None:
    found = told(parse_build(made(), CONTEXT).events)
    first, git, make = [each for each in found if each["type"] == "job"]
    assert first == {
        "type": "job", "id": "main/builds/2/steps/0", "run": {"id": "main/builds/2"}, "attempt": 1,
        "name": "worker_preparation", "runner": "linux-1", "queued_at": "2026-01-05T09:00:00Z",
        "started_at": "2026-01-05T09:00:10Z", "completed_at": "2026-01-05T09:00:11Z", "conclusion": "success",
    }  # fmt: skip
    assert (git["queued_at"], git["started_at"]) == ("2026-01-05T09:00:11Z", "2026-01-05T09:00:20Z")
    assert (make["conclusion"], make["failure_class"], "queued_at" in make) == ("failure", "infrastructure", False)
    [deployment] = [each for each in found if each["type"] == "deployment"]
    assert (deployment["id"], deployment["status"]) == ("main/builds/2/steps/2", "failure")


@pytest.mark.parametrize(
    ("changes", "event", "actor"),
    [
        ({"buildset": {"reason": "A build was forced by 'Ann': try"}}, "workflow_dispatch", "human"),
        ({"buildset": {"reason": "The Nightly scheduler named 'night' triggered this build"}}, "schedule", "machine"),
        ({"buildset": {"parent_buildid": 3}}, "upstream", "machine"),
        ({"buildset": {"reason": "rebuild"}}, None, None),
        ({"properties": {"github.number": [12, "change"], "got_revision": [SHA, "Git"]}}, "pull_request", "human"),
    ],
)
def test_the_reason_tells_what_set_a_build_off(changes: dict[str, Any], event: str | None, actor: str | None) -> None:
    run, *_ = told(parse_build(made(**changes), CONTEXT).events)
    assert (run.get("event"), run.get("actor_kind")) == (event, actor)
    assert ("change" in run) == (event == "pull_request")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"builderid": 9}, "a build has a number, and a builder that is there"),
        ({"number": None}, "a build has a number, and a builder that is there"),
        ({"buildset": {"sourcestamps": []}}, "builder main names no repository"),
        ({"started_at": None, "request": {"submitted_at": None}}, "created_at: Field required"),
    ],
)
def test_what_is_no_run_is_rejected_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    parsed = parse_build(made(**changes), CONTEXT)
    assert parsed.events == []
    assert reason in reasons(parsed)[0]


@dataclass
class Master:
    """Builds of a master, each with a request and a set of its own unless told otherwise."""

    builds: dict[int, dict[str, Any]] = field(default_factory=dict)
    sets: dict[int, dict[str, Any]] = field(default_factory=dict)
    steps: bool = True

    def add(self, id_: int, results: int | None = 0, request: int | None = None, **more: Any) -> None:
        """Add a build, or replace it."""
        asked = request or id_
        self.builds[id_] = {
            "buildid": id_, "number": id_, "builderid": 1, "buildrequestid": asked, "complete": results is not None,
            "results": results, "started_at": BEGAN + id_, "properties": {"got_revision": [SHA, "Git"]},
            "complete_at": None if results is None else BEGAN + id_ + 60, **more,
        }  # fmt: skip
        stamp = {"codebase": "", "repository": "https://github.com/acme/checkout", "revision": None}
        self.sets.setdefault(asked, {"bsid": asked, "sourcestamps": [stamp], "rebuilt_buildid": None})

    def answer(self, request: httpx.Request) -> Any:
        """Answer as Buildbot does."""
        what, *rest = request.url.path.removeprefix("/api/v2/").split("/")
        if what == "builders":
            return {"builders": [{"builderid": 1, "name": "main"}], "meta": {"total": 1}}
        if rest[1:] == ["steps"]:
            return {"steps": [{"number": 0, "name": "make"}]} if self.steps else httpx.Response(403, json={})
        if rest:
            found = self.builds.get(int(rest[0]))
            return {"builds": [found]} if found else None
        things: dict[str, list[dict[str, Any]]] = {
            "builds": [each for _, each in sorted(self.builds.items())],
            "buildrequests": [{"buildrequestid": n, "buildsetid": n, "submitted_at": BEGAN} for n in sorted(self.sets)],
            "buildsets": [each for _, each in sorted(self.sets.items())],
        }  # fmt: skip
        return {what: self._filtered(things[what], request.url.params)}

    @staticmethod
    def _filtered(things: list[dict[str, Any]], params: httpx.QueryParams) -> list[dict[str, Any]]:
        tests = {"gt": int.__gt__, "ge": int.__ge__, "le": int.__le__}
        for key, value in params.items():
            name, _, test = key.partition("__")
            if test:
                things = [each for each in things if tests[test](each[name], int(value))]
        start = int(params.get("offset", 0))
        return things[start : start + int(params["limit"])]


def runs(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["id"]: each.get("conclusion") for each in found if each["type"] == "run"}


def test_a_hundred_builds_cost_three_requests_and_one_for_the_steps_of_each() -> None:
    master = Master()
    for number in range(1, 251):
        master.add(number)
    source = Played(TABLE, master.answer)
    assert len(runs(source.events())) == 250
    # the builders, three pages of builds, requests and sets (which go on behind a full page), the steps
    assert len(source.asked) == 1 + 3 * 3 + 4 + 250
    source.asked.clear()
    assert source.events() == []
    assert len(source.asked) == 2


def test_a_collection_that_is_killed_behind_any_page_goes_on_with_less_than_a_page_repeated() -> None:
    master = Master()
    for number in range(1, 251):
        master.add(number, None if number == 120 else 0)
    undisturbed = Played(TABLE, master.answer)
    expected = whole(undisturbed)
    cuts = cut_anywhere(lambda: Played(TABLE, master.answer))
    assert len(cuts) == 2
    assert all(landed == expected for landed, _ in cuts)
    assert max(requests for _, requests in cuts) <= len(undisturbed.asked) + 5


def test_a_build_that_runs_lands_when_it_ends_and_one_that_is_gone_is_forgotten() -> None:
    master = Master()
    master.add(1, None)
    master.add(2, None)
    source = Played(TABLE, master.answer)
    assert runs(source.events()) == {"main/builds/1": None, "main/builds/2": None}
    master.add(1, 6)
    del master.builds[2]
    assert runs(source.events()) == {"main/builds/1": "cancelled"}
    assert source.cursors["buildbot:ci.example.org"] == {"seen": 2, "open": []}


def test_a_build_that_lost_its_worker_is_tried_again_as_an_attempt() -> None:
    master = Master()
    master.add(1, 5)
    source = Played(TABLE, master.answer)
    source.collect()
    master.add(2, 0, request=1)
    master.sets[3] = {**master.sets[1], "bsid": 3, "rebuilt_buildid": 1}
    master.add(3)
    found = {each["id"]: (each["run"], each["attempt"]) for each in source.events() if each["type"] == "run"}
    assert found == {"main/builds/2": ("1", 2), "main/builds/3": ("1", 3)}


def test_steps_that_may_not_be_read_lose_no_run() -> None:
    master = Master(steps=False)
    master.add(1)
    pages = Played(TABLE, master.answer).collect()
    assert [event.type for page in pages for event in page.events] == ["run"]
    [remark] = [remark for page in pages for remark in page.remarks]
    assert remark.what.startswith("steps of builds of main could not be read (/api/v2/builds/1/steps is forbidden")
    assert pages[-1].unread == {"job"}


def test_steps_that_may_not_be_read_are_remarked_on_until_they_may() -> None:
    master = Master(steps=False)
    master.add(1)
    source = Played(TABLE, master.answer)
    first, later = (source.collect()[-1] for _ in range(2))
    assert (later.remarks, later.unread) == (first.remarks, {"job"})
    master.steps = True
    master.add(2)
    assert [remark for page in source.collect() for remark in page.remarks] == []


def test_builds_without_a_revision_are_remarked_on() -> None:
    master = Master()
    master.add(1, properties={})
    master.add(2, 6, properties={})
    pages = Played(TABLE, master.answer).collect()
    assert [remark.what for page in pages for remark in page.remarks] == [
        "builds of main name no git revision, so nothing is told of them"
    ]


def test_a_collection_since_a_time_reads_what_came_later() -> None:
    master = Master()
    for number in range(1, 11):
        master.add(number, started_at=BEGAN + number * 3600)
    source = Played(TABLE, master.answer)
    source.cursors["buildbot:ci.example.org"] = {"since": "2026-01-05T18:00:00+00:00"}
    assert runs(source.events()).keys() == {"main/builds/9", "main/builds/10"}


def test_a_collection_since_a_time_asks_for_what_was_open_and_passes_over_nothing() -> None:
    master = Master()
    for number in range(1, 11):
        master.add(number, None if number in {2, 10} else 0, started_at=BEGAN + number * 3600)
    source = Played(TABLE, master.answer)
    source.collect()
    source.since = datetime(2026, 1, 5, 18, tzinfo=UTC)
    master.add(2, started_at=BEGAN + 2 * 3600)
    assert runs(source.events()) == {"main/builds/2": "success", "main/builds/9": "success", "main/builds/10": None}
    assert source.cursors["buildbot:ci.example.org"]["open"] == [10]


@pytest.mark.parametrize(("user", "sent"), [({"user": "ann"}, "Basic YW5uOnNlY3JldA=="), ({}, "Bearer secret")])
def test_a_token_is_sent_as_the_settings_say(user: dict[str, str], sent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDBOT_TOKEN", "secret")
    source = Played({**TABLE, **user, "token": {"env": "BUILDBOT_TOKEN"}}, Master().answer)
    source.collect()
    assert {request.headers["authorization"] for request in source.asked} == {sent}
    secrets = source.collector().server.credentials[0].secrets
    assert sent.partition(" ")[2] in secrets
    source.answering = lambda _: httpx.Response(403, json={"error": "denied"})
    [permission] = source.collector().check()
    assert not permission.granted


def test_a_replay_lands_the_same_and_the_recording_names_nobody(tmp_path: Path) -> None:
    master = Master()
    master.add(1, properties={"got_revision": [SHA, "Git"], "owner": ["Ann <someone@example.org>", "Force Build Form"]})
    live, again, text = recorded_and_replayed(Played(TABLE, master.answer), tmp_path)
    assert [each[1] for each in live] == ["run", "job"]
    assert live == again
    assert "Ann" not in text
