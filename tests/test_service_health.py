"""What the doctor reports of sources, stores and environments, and what the Data health page has done about it."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from dashboards.health import AWAY, BROKEN, NOTE, WAITING, NothingLanded, Visitor
from dashboards.health_words import state
from metrics import Query
from service_places import NOON, clock, clone, deployments, lines
from tribometer.errors import UsageError
from tribometer.service import doctor
from tribometer.service.access import Access
from tribometer.service.collecting import collect
from tribometer.service.doctor import examine, report
from tribometer.service.doctor_text import write_report
from tribometer.service.findings import findings
from tribometer.service.importing import import_files
from tribometer.service.instance import Instance, blank, opened
from tribometer.service.keeping import Keeping
from tribometer.settings import Catalog, Records, Rules, Secret, Settings
from tribometer.store import UNREACHABLE, Passing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE = Visitor(None, {"Host": "localhost:8501", "Origin": "http://localhost:8501"})
QUARTER_HOUR = 900.0


def tell(_message: object) -> None:
    """Progress is not looked at here."""


@pytest.fixture(autouse=True)
def _without_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    """What every metric covers takes most of a report's time, and has tests of its own."""
    monkeypatch.setattr(doctor, "coverage", lambda *_: ())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data", sources=({"kind": "git", "path": str(clone(tmp_path / "acme")), "name": "shop"},)
    )


@pytest.fixture
def instance(settings: Settings) -> Iterator[Instance]:
    with opened(settings, clock) as held:
        yield held


@pytest.fixture
def keeper(instance: Instance) -> Keeping:
    return Keeping(instance, Access("local"))


def import_events(instance: Instance, tmp_path: Path, events: list[Any]) -> None:
    import_files(instance, {"files": [str(lines(tmp_path / "events.jsonl", events))]}, tell)


def told(instance: Instance, about: str) -> list[tuple[str, str]]:
    return [(each.level, each.what) for each in report(instance, tell).findings if each.about == about]


def shipped(instance: Instance, service: str) -> int | None:
    query = Query(metric="deployment_frequency", service=service, start=NOON - timedelta(days=28), end=NOON, now=NOON)
    return instance.numbers.compute(query).n


def test_a_source_is_reported_with_its_schedule_its_last_run_and_when_it_was_last_fresh(instance: Instance) -> None:
    collect(instance, {}, tell)
    [source] = report(instance, tell).sources
    assert (source.name, source.kind, source.last_success_at, source.age_seconds) == ("git:shop", "git", NOON, 0.0)
    assert (source.every_seconds, source.stale, source.next_run_at) == (QUARTER_HOUR, False, None)
    assert source.last_run is not None
    assert (source.last_run.status, source.last_run.seconds) == ("succeeded", 0.0)
    assert source.last_run.counts["new"] > 0


def test_a_source_that_was_never_collected_is_listed_and_noted(instance: Instance) -> None:
    [source] = report(instance, tell).sources
    assert (source.last_success_at, source.last_run) == (None, None)
    assert told(instance, "sources") == [(NOTE, "git:shop: it was never collected")]


@pytest.mark.parametrize(("intervals", "stale"), [(2.9, False), (3.1, True)])
def test_a_source_is_stale_when_three_collections_in_a_row_are_missing(
    settings: Settings, intervals: float, *, stale: bool
) -> None:
    with opened(settings, clock) as instance:
        collect(instance, {}, tell)
    with opened(settings, lambda: NOON + timedelta(seconds=QUARTER_HOUR * intervals)) as later:
        [source] = report(later, tell).sources
        assert source.stale is stale
        assert any("nothing new was collected" in what for _, what in told(later, "sources")) is stale


def test_what_nobody_collects_is_never_stale(settings: Settings, tmp_path: Path) -> None:
    with opened(settings, clock) as instance:
        import_events(instance, tmp_path, deployments(2))
    with opened(settings, lambda: NOON + timedelta(days=400)) as later:
        [ci] = [each for each in report(later, tell).sources if each.name == "ci"]
        assert (ci.every_seconds, ci.stale) == (None, False)


def test_a_run_that_was_cut_off_is_noted(settings: Settings) -> None:
    with opened(settings, clock) as instance, pytest.raises(KeyboardInterrupt):
        _interrupt(instance)
    with opened(settings, clock) as instance:
        assert told(instance, "sources") == [(NOTE, "git:shop: its last collection was cut off")]


def _interrupt(instance: Instance) -> None:
    with instance.records.runs.recorded("collection", "git:shop"):
        raise KeyboardInterrupt


def test_an_error_that_begins_with_its_sources_name_says_it_once(tmp_path: Path) -> None:
    gone = Settings(data=tmp_path / "data", sources=({"kind": "git", "path": str(tmp_path / "gone"), "name": "gone"},))
    with opened(gone, clock) as instance:
        collect(instance, {}, tell)
        [(level, what)] = told(instance, "sources")
    assert level == BROKEN
    assert what.count("git:gone") == 1


def test_a_server_that_cannot_be_reached_and_a_file_that_is_not_there_are_failures_before_anything_is_collected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge = {"kind": "github", "owner": "acme", "url": "http://127.0.0.1:1"}
    for wrong in ({"sources": (forge,)}, {"catalog": Catalog(file=tmp_path / "gone.csv")}):
        with opened(Settings(data=tmp_path / "data", **wrong), clock) as instance:
            found = examine(instance, {}, tell)
            write_report(found)
        assert found["ok"] is False
    out = capsys.readouterr().out
    assert "unreachable: github:acme: no answer\n  -> http://127.0.0.1:1/" in out
    assert "broken: catalog:gone.csv: " in out
    assert out.count("gone.csv is not there") == 1


def test_an_outage_that_ended_a_collection_fails_the_doctor_and_is_said_once(tmp_path: Path) -> None:
    forge = {"kind": "github", "owner": "acme", "url": "http://127.0.0.1:1"}
    with opened(Settings(data=tmp_path / "data", sources=(forge,)), clock) as instance:
        instance.store.sources.started("github:acme", "github")
        instance.store.sources.failed("github:acme", "github", "github:acme: no connection. Wait", Passing(UNREACHABLE))
        found = examine(instance, {}, tell)
    about = [(each["level"], each["what"]) for each in found["findings"] if each["about"] in {"sources", "credentials"}]
    [source] = found["sources"]
    assert about == [(AWAY, "github:acme: no answer since 01 Feb 12:00 UTC")]
    assert (found["ok"], source["state"]) == (False, "no answer since 01 Feb 12:00 UTC")


def test_a_source_that_was_never_right_is_forgotten_when_the_configuration_names_it_no_more(
    settings: Settings, tmp_path: Path
) -> None:
    typo = {"kind": "git", "path": str(tmp_path / "gone"), "name": "typo"}
    with opened(settings.model_copy(update={"sources": (*settings.sources, typo)}), clock) as instance:
        collect(instance, {}, tell)
        assert [each.name for each in report(instance, tell).sources] == ["git:shop", "git:typo"]
    with opened(settings, clock) as mended:
        assert [each.name for each in report(mended, tell).sources] == ["git:shop"]
        assert [each.name for each in mended.numbers.sources()] == ["git:shop"]


def test_a_source_that_told_something_stays_as_no_longer_configured_without_what_failed_of_it(
    settings: Settings, tmp_path: Path
) -> None:
    with opened(settings, clock) as instance:
        collect(instance, {}, tell)
        (tmp_path / "acme").rename(tmp_path / "away")
        collect(instance, {}, tell)
        import_events(instance, tmp_path, deployments(1))
    elsewhere = settings.model_copy(update={"sources": ({"kind": "git", "path": str(tmp_path / "away"), "name": "b"},)})
    with opened(elsewhere, clock) as moved:
        found = {each.name: each for each in report(moved, tell).sources}
        assert (state(found["git:shop"]), found["git:shop"].last_error) == ("no longer configured", None)
        assert (state(found["ci"]), found["git:b"].unconfigured) == ("heard of", False)
        assert told(moved, "sources") == [(NOTE, "git:b: it was never collected")]


def test_nothing_is_forgotten_while_a_table_is_wrong(settings: Settings, tmp_path: Path) -> None:
    gone = {"kind": "git", "path": str(tmp_path / "gone"), "name": "gone"}
    with opened(settings.model_copy(update={"sources": (gone,)}), clock) as instance:
        collect(instance, {}, tell)
    with opened(settings.model_copy(update={"sources": ({"kind": "gti"},)}), clock) as wrong:
        found = {each.name: each for each in report(wrong, tell).sources}
    assert [(name, each.unconfigured) for name, each in found.items()] == [
        ("git:gone", False), ("gti (sources[0])", False),
    ]  # fmt: skip
    assert state(found["gti (sources[0])"]) == "cannot be collected: its table is wrong"


def test_a_first_collection_that_goes_on_is_told_and_a_later_one_is_not(instance: Instance) -> None:
    with instance.source_lock("git:shop"):
        assert told(instance, "sources") == [(WAITING, "git:shop: the first collection is under way")]
    collect(instance, {}, tell)
    with instance.source_lock("git:shop"):
        assert told(instance, "sources") == []


def test_the_stores_the_disk_and_the_key_are_reported(instance: Instance) -> None:
    instance.audit("test", "test")
    found = report(instance, tell)
    assert (found.data_folder.mode, found.data_folder.key_file_mode) == ("0700", "0600")
    assert found.data_folder.free_bytes > 0
    assert found.data_folder.memory_limit == instance.store.memory
    assert (found.records.kind, found.records.answers, found.records.schema) == ("SQLite", True, "0003")
    assert found.records.place.endswith("records.sqlite")


def test_looking_makes_no_record_store(instance: Instance) -> None:
    assert report(instance, tell).records.answers is None
    assert not list(instance.settings.data.glob("records*"))


def test_a_record_store_that_does_not_answer_is_broken_and_its_password_told_nowhere(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORDS_URL", "postgresql://ann:hunter2@127.0.0.1:1/records")
    elsewhere = settings.model_copy(update={"records": Records(url=Secret(env="RECORDS_URL"))})
    with opened(elsewhere, clock) as instance:
        found = examine(instance, {}, tell)
    assert found["ok"] is False
    assert (found["records"]["kind"], found["records"]["answers"]) == ("PostgreSQL", False)
    assert [each["level"] for each in found["findings"] if each["about"] == "records"] == [BROKEN]
    assert "hunter2" not in json.dumps(found)


def test_a_disk_that_is_nearly_full_is_noted(instance: Instance) -> None:
    found = report(instance, tell)
    full = replace(found, data_folder=replace(found.data_folder, free_bytes=2**20))
    assert any("GiB are free" in each.what for each in findings(full))


def test_a_report_before_anything_is_stored_has_every_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with blank(Settings(data=tmp_path / "data"), clock) as instance:
        found = examine(instance, {}, tell)
        write_report(found)
    assert found["records"]["answers"] is None
    assert "none yet" in capsys.readouterr().out
    assert json.loads(json.dumps(found)) == found


def test_tags_put_aside_are_counted_and_explained(instance: Instance, tmp_path: Path) -> None:
    collect(instance, {}, tell)
    [tags] = report(instance, tell).origins
    assert (tags.counts, tags.aside, tags.why) == ("tags", 0, None)
    import_events(instance, tmp_path, deployments(2, service="shop"))
    [origin] = report(instance, tell).origins
    assert (origin.service, origin.counts, origin.deployments, origin.aside) == (
        "shop",
        "explicit",
        2,
        tags.deployments,
    )
    assert origin.why is not None


def test_a_click_maps_an_environment_at_once_and_can_be_taken_back(
    instance: Instance, keeper: Keeping, tmp_path: Path
) -> None:
    import_events(instance, tmp_path, deployments(3, environment="Blue"))
    [unmapped] = keeper.health().unmapped_environments
    assert (unmapped.environment, unmapped.deployments, unmapped.services) == ("Blue", 3, 1)
    assert shipped(instance, "shop") == 0
    keeper.map_environment("Blue", "production")
    found = keeper.health()
    assert shipped(instance, "shop") == 3
    assert (found.unmapped_environments, [each.tier for each in found.mapped_environments]) == ((), ["production"])
    assert found.mapped_environments[0].line == unmapped.line
    keeper.map_environment("Blue", None)
    assert shipped(instance, "shop") == 0
    assert keeper.health().unmapped_environments == (unmapped,)
    audited = [(each.action, each.subject, each.details) for each in instance.records.audit.newest(2)]
    assert audited == [("environment.map", "Blue", {"tier": tier}) for tier in (None, "production")]


def test_a_mapping_outlives_the_service_and_the_settings_go_first(settings: Settings, tmp_path: Path) -> None:
    with opened(settings, clock) as instance:
        import_events(instance, tmp_path, deployments(3, environment="blue"))
        Keeping(instance, Access("local")).map_environment("blue", "production")
    with opened(settings, clock) as again:
        assert shipped(again, "shop") == 3
    overruling = settings.model_copy(update={"environments": {"test": ("blue",)}})
    with opened(overruling, clock) as overruled:
        assert shipped(overruled, "shop") == 0
        assert any("but the settings say test, which counts" in what for _, what in told(overruled, "environments"))
        with pytest.raises(UsageError, match="settings say that 'blue' is test"):
            Keeping(overruled, Access("local")).map_environment("blue", "production")


def test_the_line_for_the_settings_means_the_environment_itself_whatever_its_name(
    instance: Instance, tmp_path: Path
) -> None:
    import_events(instance, tmp_path, deployments(1, environment="eu[1]*"))
    [unmapped] = report(instance, tell).unmapped_environments
    patterns = tomllib.loads(unmapped.line)["production"]
    assert Rules(environments={"production": patterns}).tier("eu[1]*") == "production"
    assert Rules(environments={"production": patterns}).tier("eu[1]x") is None


def test_only_a_tier_of_the_settings_can_be_given(keeper: Keeping) -> None:
    with pytest.raises(UsageError, match=r"'nowhere' is no tier\. There are: production, staging"):
        keeper.map_environment("blue", "nowhere")


def test_many_unmapped_environments_are_one_finding_beyond_the_first(instance: Instance, tmp_path: Path) -> None:
    import_events(instance, tmp_path, [each for n in range(25) for each in deployments(1, environment=f"pr-{n}")])
    found = told(instance, "environments")
    assert len(found) == 21
    assert found[-1][1].startswith("5 more environments have no tier")


def catalogued(*names: str) -> list[dict[str, str]]:
    """Catalog entries of services of one repository."""
    told = {"type": "service", "source": "catalog", "repository": "acme/mono"}
    return [{**told, "id": name, "name": name} for name in names]


def test_deployments_of_a_repository_that_do_not_say_of_which_service_they_are_are_a_finding(
    instance: Instance, tmp_path: Path
) -> None:
    events = [*deployments(3, "acme/mono"), *deployments(2, "acme/mono", "live-shop"), *deployments(1, "shop")]
    import_events(instance, tmp_path, [*events, *catalogued("shop")])
    assert told(instance, "services") == []
    import_events(instance, tmp_path, catalogued("cart"))
    [(level, what)] = told(instance, "services")
    assert level == NOTE
    assert what.startswith("repository 'acme/mono' is of several services (cart, shop), and 3 of its deployments")


def test_chosen_rejected_events_are_sent_again_and_the_others_stay(
    instance: Instance, keeper: Keeping, tmp_path: Path
) -> None:
    import_events(instance, tmp_path, [{"type": "team", "id": "1"}, {"type": "team", "id": "2"}, "{broken"])
    assert keeper.health().rejected.count == 3
    numbers = [each.number for each in keeper.rejected(None, 100)]
    with pytest.raises(NothingLanded, match=r"^Sent again: 0 new, 0 updated, 0 unchanged\. 1 were rejected again: "):
        keeper.resend(numbers[:1])
    assert instance.records.runs.newest("resend")[0].counts["rejected"] == 1
    assert "Dropped 2 rejected events; 1 are" in keeper.discard(numbers[:2])
    assert [each.number for each in keeper.health().rejected.newest] == numbers[2:]


def test_rejected_events_are_listed_by_reason_with_only_the_beginning_of_each(
    instance: Instance, keeper: Keeping, tmp_path: Path
) -> None:
    import_events(instance, tmp_path, [{"type": "team", "id": "1", "note": "x" * 5000}, "{broken", "{broken too"])
    counted = {each.reason: each.count for each in keeper.health().rejected.reasons}
    assert sum(counted.values()) == 3
    for reason, count in counted.items():
        assert len(keeper.rejected(reason, 100)) == count
    assert max(len(each.content) for each in keeper.rejected(None, 100)) == 300


def test_people_in_rejected_events_are_shown_under_their_pseudonyms(
    instance: Instance, keeper: Keeping, tmp_path: Path
) -> None:
    import_events(instance, tmp_path, [{"type": "team", "id": "1", "lead": "ann@example.org"}])
    [kept] = keeper.rejected(None, 100)
    assert "ann@example.org" not in kept.content
    assert "p_" in kept.content


def test_a_report_is_kept_for_a_moment_until_something_lands(
    instance: Instance, keeper: Keeping, tmp_path: Path
) -> None:
    first = keeper.health()
    assert keeper.health() is first
    import_events(instance, tmp_path, deployments(1))
    assert keeper.health() is not first


def test_a_source_is_collected_in_the_background(instance: Instance, keeper: Keeping) -> None:
    assert "is being collected" in keeper.collect("git:shop")
    _until_collected(instance)
    assert keeper.health().sources[0].last_success_at == NOON
    with pytest.raises(UsageError, match="git:other cannot be collected"):
        keeper.collect("git:other")
    with instance.source_lock("git:shop"):
        assert "already" in keeper.collect("git:shop")


def _until_collected(instance: Instance) -> None:
    for _ in range(600):
        run = instance.records.runs.newest_each("collection").get("git:shop")
        if run is not None and run.ended_at is not None and not instance.collecting():
            return
        Event().wait(0.05)
    pytest.fail("the collection did not end")


@pytest.mark.parametrize(
    ("visitor", "may"),
    [
        (HERE, True),
        (Visitor("127.0.0.2", dict(HERE.headers)), True),
        (Visitor("192.0.2.7", dict(HERE.headers)), False),
        (Visitor(None, {"Host": "evil.example", "Origin": "http://evil.example"}), False),
        (Visitor(None, {"Host": "localhost:8501", "Origin": "http://evil.example"}), False),
        (Visitor(None, {**HERE.headers, "X-Forwarded-For": "192.0.2.7"}), False),
        (Visitor(None, {}), False),
    ],
)
def test_who_may_act_is_who_may_write_through_the_api_without_a_token(
    instance: Instance, visitor: Visitor, *, may: bool
) -> None:
    for access in (Access("local"), Access("local", open=True)):
        assert (Keeping(instance, access).forbids(visitor) is None) is may


def test_nobody_acts_in_a_demo_nor_is_told_to_configure_sources(settings: Settings) -> None:
    with opened(settings, clock) as instance, instance.store.generating("a test"):
        pass
    with opened(settings, clock) as instance:
        forbidden = Keeping(instance, Access("local")).forbids(HERE)
        assert told(instance, "configuration") == []
    assert forbidden is not None
    assert "demo" in forbidden
