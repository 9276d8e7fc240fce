"""Collecting through the service: families and their parts, recordings, sources side by side, and how it is told."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

import collectors
from dashboards.health import BROKEN
from dashboards.health_sources import COLLECTING
from scripted_forge import forge
from service_places import clock, clone
from tribometer.errors import ConfigurationError, SecretMissing, UsageError
from tribometer.service.collecting import collect
from tribometer.service.doctor import examine, report
from tribometer.service.doctor_credentials import tried
from tribometer.service.instance import Instance, opened
from tribometer.service.serving import jobs
from tribometer.service.underway import ServiceEnds
from tribometer.settings import Secret, Settings

PATIENCE = 60
REPOSITORIES = ["a", "b", "c"]
QUOTA = {"x-ratelimit-remaining": "41", "x-ratelimit-limit": "60"}
ACME: Mapping[str, Any] = {
    "/repos": (200, QUOTA, REPOSITORIES),
    "/log": [],
    **{f"/repos/{name}/teams": (200, QUOTA, [f"{name}-1", f"{name}-2"]) for name in REPOSITORIES},
}
DENIED: Any = (403, {}, {"message": "no access"})


@pytest.fixture(autouse=True)
def known_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue has the forge of these tests."""
    monkeypatch.setitem(collectors.COLLECTORS, "forge", "scripted_forge")


def silent(_message: object) -> None:
    """Nothing told is looked at."""


def settings(data: Path, url: str, **more: Any) -> Settings:
    return Settings(data=data / "data", sources=({"kind": "forge", "owner": "acme", "url": url, **more},))


def teams(instance: Instance) -> list[tuple[str, str]]:
    with instance.store.reader() as reader:
        return [(source, name) for source, name in reader.rows("SELECT source, id FROM teams ORDER BY source, id")]


def awaited(found: Callable[[], Any]) -> Any:
    for _ in range(PATIENCE * 20):
        answer = found()
        if answer:
            return answer
        Event().wait(0.05)
    pytest.fail("it did not come")


@pytest.fixture
def acme() -> Iterator[str]:
    with forge(ACME) as url:
        yield url


def test_a_family_is_one_report_with_its_totals_and_its_parts(tmp_path: Path, acme: str) -> None:
    with opened(settings(tmp_path, acme), clock) as instance:
        [told] = collect(instance, {}, silent)["sources"]
    assert (told["source"], told["new"], told["requests"], told["position"]) == ("forge:acme", 6, 4, "3 repositories")
    assert told["quota"] == {"left": 41, "limit": 60, "resets_at": None}
    assert {each["source"]: each["new"] for each in told["members"]} == dict.fromkeys(
        ("forge:acme/a", "forge:acme/b", "forge:acme/c"), 2
    )
    assert json.loads(json.dumps(told)) == told


def test_parts_that_could_not_be_read_are_told_with_their_reasons(tmp_path: Path) -> None:
    hints: list[Any] = []
    with forge({**ACME, "/repos/b/teams": DENIED}) as url, opened(settings(tmp_path, url), clock) as instance:
        [told] = collect(instance, {}, hints.append)["sources"]
        found = report(instance, silent)
    assert (told["new"], told["error"]) == (4, None)
    words = next(each["hint"] for each in hints if "hint" in each)
    assert words.startswith("forge:acme/b: could not be read: /repos/b/teams is forbidden (no access)\n  -> Give")
    assert [(each.level, each.what) for each in found.findings if each.about == "sources"] == [
        (BROKEN, words.split("\n")[0])
    ]
    assert "doctor" not in words


def test_naming_a_part_collects_that_part_only(tmp_path: Path) -> None:
    asked: list[str] = []
    with forge(ACME, asked) as url, opened(settings(tmp_path, url), clock) as instance:
        [told] = collect(instance, {"sources": ["forge:acme/b"]}, silent)["sources"]
        assert (told["source"], told["new"]) == ("forge:acme/b", 2)
        assert teams(instance) == [("forge:acme/b", "b-1"), ("forge:acme/b", "b-2")]
        assert asked == ["/repos", "/repos/b/teams"]
        [again] = collect(instance, {"sources": ["acme/b"]}, silent)["sources"]
        assert (again["source"], again["unchanged"]) == ("forge:acme/b", 2)
        [missing] = collect(instance, {"sources": ["forge:acme/z"]}, silent)["sources"]
        assert "has no such part" in missing["error"]
        with pytest.raises(UsageError, match=r"'forge:other/b' is no configured source\. There are: forge:acme"):
            collect(instance, {"sources": ["forge:other/b"]}, silent)


def test_naming_a_kind_collects_all_sources_of_that_kind(tmp_path: Path, acme: str) -> None:
    whole = settings(tmp_path, acme)
    for name in ("office", "guests"):
        (tmp_path / f"{name}.csv").write_text(f"email\n{name}@example.org\n")
    files = [{"kind": "people", "file": str(tmp_path / f"{name}.csv"), "name": name} for name in ("office", "guests")]
    with opened(whole.model_copy(update={"sources": (*whole.sources, *files)}), clock) as instance:
        told = collect(instance, {"sources": ["people", "people:guests"]}, silent)["sources"]
        [forge] = collect(instance, {"sources": ["forge"]}, silent)["sources"]
    assert [(each["source"], each["new"]) for each in told] == [("people:office", 1), ("people:guests", 1)]
    assert (forge["source"], forge["new"]) == ("forge:acme", 6)


def test_how_far_a_collection_is_can_be_seen_without_asking_the_store(tmp_path: Path) -> None:
    go = Event()

    def late() -> list[str]:
        go.wait(PATIENCE)
        return ["c-1"]

    with (
        forge({**ACME, "/repos/c/teams": late}) as url,
        opened(settings(tmp_path, url), clock) as instance,
    ):
        thread = Thread(target=collect, args=(instance, {}, silent))
        thread.start()
        far = awaited(lambda: [each for each in instance.underway.now() if each.parts == 2])[0]
        go.set()
        thread.join(PATIENCE)
        assert instance.underway.now() == ()
    assert (far.source, far.events, far.requests, far.quota_left) == ("forge:acme", 4, 3, 41)
    assert far.part in {"forge:acme/a", "forge:acme/b"}
    assert far.since == clock()


def test_a_source_that_waits_for_its_server_holds_up_no_other_and_says_until_when(tmp_path: Path) -> None:
    asked: list[str] = []
    busy = {"/repos": (429, {"retry-after": "3600"}, {"message": "slow down"})}
    with forge(busy, asked) as url, forge(ACME) as other:
        both = Settings(
            data=tmp_path / "data",
            sources=tuple({"kind": "forge", "owner": name, "url": at} for name, at in (("busy", url), ("acme", other))),
        )
        with opened(both, clock) as instance:
            outcome: list[Any] = []
            thread = Thread(target=lambda: outcome.append(_ended(instance)))
            thread.start()
            awaited(lambda: len(teams(instance)) == 6)
            awaited(lambda: [each for each in instance.underway.now() if each.waiting_until])
            instance.underway.end()
            thread.join(0.2)
            assert [each.source for each in instance.underway.now()] == ["forge:busy"]
            assert asked == ["/repos"]


def _ended(instance: Instance) -> bool:
    with pytest.raises(ServiceEnds):
        collect(instance, {}, silent)
    return True


def test_a_collection_that_the_end_of_the_service_cuts_off_is_no_failure(tmp_path: Path, acme: str) -> None:
    with opened(settings(tmp_path, acme), clock) as instance:
        instance.underway.end()
        with pytest.raises(ServiceEnds, match="the next collection goes on there"):
            collect(instance, {}, silent)
        assert [each.last_error for each in report(instance, silent).sources] == [None]


def test_a_tick_leaves_a_source_alone_that_is_being_collected(tmp_path: Path) -> None:
    asked: list[str] = []
    with forge(ACME, asked) as url, opened(settings(tmp_path, url), clock) as instance:
        [job] = jobs(instance, due=True)
        with instance.source_lock("forge:acme"):
            job.run()
        assert asked == []
        job.run()
        assert asked.count("/repos") == 1


def test_whoever_asks_for_a_source_that_is_being_collected_is_told_and_has_its_turn(tmp_path: Path, acme: str) -> None:
    hints: list[Any] = []
    with opened(settings(tmp_path, acme), clock) as instance:
        with instance.source_lock("forge:acme"):
            thread = Thread(target=collect, args=(instance, {}, hints.append))
            thread.start()
            awaited(lambda: [each for each in hints if "is being collected already" in each.get("hint", "")])
        thread.join(PATIENCE)
        assert len(teams(instance)) == 6


def test_a_recorded_collection_can_be_replayed_without_its_server(tmp_path: Path, acme: str) -> None:
    tape = tmp_path / "tape"
    with opened(settings(tmp_path / "live", acme), clock) as live:
        [told] = collect(live, {"record": str(tape)}, silent)["sources"]
        landed = teams(live)
    assert [path.name for path in tape.iterdir()] == ["forge_acme.jsonl"]
    nowhere = settings(tmp_path / "replayed", "http://127.0.0.1:9")
    with opened(nowhere, clock) as replayed:
        [again] = collect(replayed, {"replay": str(tape)}, silent)["sources"]
        assert teams(replayed) == landed
    assert (again["new"], again["next_cursor"], again["error"]) == (told["new"], told["next_cursor"], None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"record": "r", "replay": "r"}, "--record and --replay: give one of the two"),
        ({"record": "r", "since": "2026-01-01"}, "--record and --since: a recording is of a whole collection"),
        ({"replay": "r", "since": "2026-01-01"}, "--replay and --since: a recording is of a whole collection"),
        ({"replay": "nowhere"}, "--replay nowhere: there is no such folder"),
        ({"record": "r", "sources": ["forge:acme/a"]}, "forge:acme/a is a part of a source"),
        ({"since": "2026-01-01", "full": True}, "--since and --full: give one of the two"),
    ],
)
def test_ways_of_collecting_that_do_not_go_together_are_refused(
    tmp_path: Path, acme: str, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r").mkdir(exist_ok=True)
    with opened(settings(tmp_path, acme), clock) as instance, pytest.raises(UsageError, match=words):
        collect(instance, arguments, silent)


def test_what_asks_no_server_is_left_out_of_a_recording_and_refused_by_name(tmp_path: Path, acme: str) -> None:
    hints: list[Any] = []
    served = settings(tmp_path, acme)
    git = {"kind": "git", "path": str(clone(tmp_path / "shop")), "name": "shop"}
    both = served.model_copy(update={"sources": (*served.sources, git)})
    with opened(both, clock) as instance:
        told = collect(instance, {"record": str(tmp_path / "tape")}, hints.append)["sources"]
        with pytest.raises(UsageError, match="git:shop asks no server"):
            collect(instance, {"record": str(tmp_path / "other"), "sources": ["git:shop"]}, silent)
    assert [each["source"] for each in told] == ["forge:acme"]
    assert {"hint": "git:shop is left out: it asks no server"} in hints
    with (
        opened(both.model_copy(update={"sources": (git,)}), clock) as instance,
        pytest.raises(UsageError, match="nothing to record"),
    ):
        collect(instance, {"record": str(tmp_path / "third")}, silent)


def test_a_source_without_its_secret_stops_no_other_and_is_refused_by_name(tmp_path: Path, acme: str) -> None:
    whole = settings(tmp_path, acme)
    bare = {"kind": "forge", "owner": "bare", "url": acme, "token": [{"env": "NO_SUCH_TOKEN"}, {"env": "NOR_THIS"}]}
    with opened(whole.model_copy(update={"sources": (*whole.sources, bare)}), clock) as instance:
        good, bad = collect(instance, {}, silent)["sources"]
        assert [job.source for job in jobs(instance, due=True)] == ["forge:acme"]
        with pytest.raises(SecretMissing, match="NO_SUCH_TOKEN"):
            collect(instance, {"sources": ["forge:bare"]}, silent)
        found = examine(instance, {"offline": True}, silent)
    assert (good["new"], good["error"]) == (6, None)
    assert bad["source"] == "forge:bare"
    assert "NO_SUCH_TOKEN" in bad["error"]
    assert [each["key"] for each in found["configuration"]["secrets"]] == ["sources[1].token[0]", "sources[1].token[1]"]
    missing = [each["what"] for each in found["findings"] if each["about"] == "configuration"]
    assert missing == ["sources[1].token[0] has no value", "sources[1].token[1] has no value"]


def test_a_table_that_is_wrong_and_alone_is_refused(tmp_path: Path, acme: str) -> None:
    with (
        opened(settings(tmp_path, acme, onwer="acme"), clock) as instance,
        pytest.raises(ConfigurationError, match=r"sources\[0\]\.onwer: unknown key\. Did you mean 'owner'"),
    ):
        collect(instance, {}, silent)


def test_a_credential_is_tried_and_each_missing_permission_is_named_with_its_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORGE_TOKEN", "s3cret")
    with (
        forge({**ACME, "/log": DENIED}) as url,
        opened(settings(tmp_path, url, token=Secret(env="FORGE_TOKEN")), clock) as instance,
    ):
        found = examine(instance, {}, silent)
        assert examine(instance, {"offline": True}, silent)["credentials"] is None
    [credential] = found["credentials"]
    assert [(each["what"], each["granted"]) for each in credential["permissions"]] == [
        ("repositories", True),
        ("the log", False),
    ]
    [finding] = [each for each in found["findings"] if each["about"] == "credentials"]
    assert (finding["what"], finding["do"]) == ("forge:acme: no permission for the log", "Grant `log:read`")
    assert "s3cret" not in json.dumps(found)


def test_a_server_that_keeps_silent_or_limits_holds_up_no_other_check(tmp_path: Path, acme: str) -> None:
    go = Event()

    def silence() -> list[str]:
        go.wait(PATIENCE)
        return []

    busy: Any = {"/repos": (429, {"retry-after": "3600"}, {})}
    with forge({"/repos": silence}) as quiet, forge(busy) as limiting:
        tables = ({"owner": "quiet", "url": quiet}, {"owner": "busy", "url": limiting}, {"owner": "acme", "url": acme})
        three = Settings(data=tmp_path / "data", sources=tuple({"kind": "forge", **table} for table in tables))
        with opened(three, clock) as instance:
            quiet_one, busy_one, good = tried(instance, seconds=1.0)
            go.set()
    assert quiet_one.problem is not None
    assert busy_one.problem is not None
    assert "asks for fewer requests" in busy_one.problem
    assert good.problem is None


def test_many_parts_that_say_the_same_are_one_finding(tmp_path: Path, acme: str) -> None:
    from tribometer.service.findings_sources import of_sources  # noqa: PLC0415 - beside its only use
    from tribometer.store import Remark  # noqa: PLC0415 - as above

    with opened(settings(tmp_path, acme), clock) as instance:
        collect(instance, {}, silent)
        found = report(instance, silent).sources
    assert [(each.name, each.family) for each in found][:2] == [("forge:acme", None), ("forge:acme/a", "forge:acme")]
    tagless = [replace(each, remarks=(Remark("it has no tags", "Tag it"),)) for each in found]
    assert [each.what for each in of_sources(tagless, (), running=True)] == [
        "forge:acme: it has no tags",
        "forge:acme: in 3 of 3 parts (acme/a, acme/b, acme/c): it has no tags",
    ]
    assert list(of_sources([replace(each, left=True) for each in tagless if each.family], (), running=True)) == []


def test_a_source_that_answers_its_collection_is_not_out_of_reach_when_a_trial_gets_no_answer(tmp_path: Path) -> None:
    go, slow = Event(), Event()

    def late() -> list[str]:
        slow.set()
        go.wait(PATIENCE)
        return ["c-1"]

    def list_of_repositories() -> list[str]:
        if slow.is_set():
            go.wait(PATIENCE)
        return ["c"]

    answers = {"/repos": list_of_repositories, "/repos/c/teams": late}
    with forge(answers) as url, opened(settings(tmp_path, url), clock) as instance:
        thread = Thread(target=collect, args=(instance, {}, silent))
        thread.start()
        assert slow.wait(PATIENCE)
        [health] = tried(instance, seconds=0.5)
        go.set()
        thread.join()
    assert health.passing == COLLECTING
    assert "answers the collection" in str(health.problem)
