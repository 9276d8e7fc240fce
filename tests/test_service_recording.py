"""What the service puts on record: runs of collections and imports, what people had it do, and what was interrupted."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service_places import NOON, clock, clone, deployments, lines
from tribometer.errors import ConfigurationError
from tribometer.service.collecting import collect
from tribometer.service.importing import discard, import_files
from tribometer.service.instance import Instance, blank, opened
from tribometer.service.recording import LateRecords
from tribometer.settings import Records, Secret, Settings
from tribometer.store.records.location import FILE_NAME


def tell(_message: object) -> None:
    """Progress is not looked at here."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    sources = (
        {"kind": "git", "path": str(clone(tmp_path / "shop")), "name": "shop"},
        {"kind": "git", "path": str(tmp_path / "gone"), "name": "gone"},
    )
    return Settings(data=tmp_path / "data", sources=sources)


@pytest.fixture
def instance(settings: Settings) -> Iterator[Instance]:
    with opened(settings, clock) as held:
        yield held


def test_each_collection_is_on_record_under_the_name_of_its_source(instance: Instance) -> None:
    reports = {each["source"]: each for each in collect(instance, {}, tell)["sources"]}
    runs = instance.records.runs.newest_each("collection")
    assert {name: run.status for name, run in runs.items()} == {"git:shop": "succeeded", "git:gone": "failed"}
    assert runs["git:shop"].counts["new"] > 0
    for name, run in runs.items():
        assert (run.started_at, run.ended_at) == (NOON, NOON)
        assert run.counts == {count: reports[name][count] for count in run.counts}
        assert run.error == reports[name]["error"]


def test_an_import_is_on_record_with_its_counts_and_in_the_audit_log(instance: Instance, tmp_path: Path) -> None:
    file = lines(tmp_path / "events.jsonl", [*deployments(2), "no event"])
    import_files(instance, {"files": [str(file)]}, tell)
    [run] = instance.records.runs.newest(kind="import")
    [entry] = instance.records.audit.newest()
    assert (run.name, run.status) == (str(file), "succeeded")
    assert run.counts == {"new": 2, "updated": 0, "unchanged": 0, "rejected": 1}
    assert (entry.action, entry.subject, entry.details) == ("events.import", str(file), run.counts)


def test_an_import_of_a_file_that_is_not_there_failed(instance: Instance, tmp_path: Path) -> None:
    import_files(instance, {"files": [str(tmp_path / "none.jsonl")]}, tell)
    [run] = instance.records.runs.newest()
    assert run.status == "failed"
    assert "none.jsonl" in str(run.error)


def test_sending_again_and_discarding_what_was_rejected_stand_in_the_audit_log(
    instance: Instance, tmp_path: Path
) -> None:
    import_files(instance, {"files": [str(lines(tmp_path / "events.jsonl", ["no event", "nor this"]))]}, tell)
    import_files(instance, {"resend": True}, tell)
    number = instance.store.rejected()[0].number
    discard(instance, {"numbers": [number]}, tell)
    actions = [(entry.action, entry.subject) for entry in instance.records.audit.newest()]
    assert actions[:2] == [("events.discard", "rejected events"), ("events.resend", "rejected events")]
    assert instance.records.audit.newest()[0].details == {"numbers": [number]}
    assert [run.kind for run in instance.records.runs.newest()] == ["resend", "import"]


def test_what_a_killed_process_left_running_is_interrupted_when_the_folder_is_opened(settings: Settings) -> None:
    with opened(settings, clock) as killed:
        left = killed.records.runs.recorded("collection", "git:shop")
        left.__enter__()
    with opened(settings, clock) as instance:
        [run] = instance.records.runs.newest()
    assert (run.status, run.ended_at) == ("interrupted", None)


def test_who_does_not_hold_the_folder_leaves_running_what_runs(settings: Settings) -> None:
    with opened(settings, clock) as instance:
        left = instance.records.runs.recorded("collection", "git:shop")
        left.__enter__()
        beside = LateRecords(settings, settings.data, clock, held=False)
        [run] = beside.get().runs.newest()
        beside.close()
    assert run.status == "running"


def test_runs_stay_as_long_as_the_settings_say(settings: Settings) -> None:
    now = NOON
    kept = settings.model_copy(update={"records": Records(keep_runs_days=1)})
    with opened(kept, lambda: now) as instance:
        for now in (NOON, NOON + timedelta(days=2)):  # noqa: B007 - the clock reads it
            with instance.records.runs.recorded("collection", "a"):
                pass
        assert [run.started_at for run in instance.records.runs.newest()] == [NOON + timedelta(days=2)]


def test_records_lie_where_the_secret_says(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere" / "records.sqlite"
    monkeypatch.setenv("RECORDS", f"sqlite:///{elsewhere}")
    there = settings.model_copy(update={"records": Records(url=Secret(env="RECORDS"))})
    with opened(there, clock) as instance:
        instance.audit("a", "b")
    assert elsewhere.exists()
    assert not (settings.data / FILE_NAME).exists()


def test_a_missing_secret_is_said_when_the_records_are_needed(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"records": Records(url=Secret(env="NOT_SET_ANYWHERE"))})
    with opened(nowhere, clock) as instance, pytest.raises(ConfigurationError, match=r"NOT_SET_ANYWHERE: records\.url"):
        instance.records.audit.newest()


def test_an_empty_instance_leaves_no_records_behind(settings: Settings) -> None:
    with blank(settings, clock) as instance:
        assert instance.records.tokens.all() == []
    assert not settings.data.exists()


@pytest.mark.parametrize("command", ["metric", "metric change_lead_time", "doctor"])
def test_who_only_reads_numbers_opens_no_records(tmp_path: Path, command: str) -> None:
    script = (
        "import sys\nfrom tribometer.service.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(*({'sqlalchemy', 'alembic'} & set(sys.modules)), file=sys.stderr)\n"
    )
    with opened(Settings(data=tmp_path / "data"), clock):
        pass
    ran = subprocess.run(
        [sys.executable, "-c", script, "--data", "data", *command.split()],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout
    assert "sqlalchemy" not in ran.stderr.split()
    assert not (tmp_path / "data" / FILE_NAME).exists()
