import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from service_places import clone, deployments, lines
from tribometer.service import cli, command_numbers, terminal

JANUARY = ("--from", "2026-01-01", "--to", "2026-02-01")


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in an empty working folder."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("TRIBOMETER_"):
            monkeypatch.delenv(name)

    def ran(*arguments: str) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main(list(arguments))
        written = capsys.readouterr()
        return Ran(int(end.value.code or 0), written.out, written.err)

    return ran


def test_a_metric_of_an_empty_folder_is_one_json_document_and_makes_nothing(run: Run, tmp_path: Path) -> None:
    ran = run("metric", "change_lead_time", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["status"] in {"no_data", "not_observable"}
    assert ran.err == "nothing was collected in .tribometer yet: tribometer up does that\n"
    assert not list(tmp_path.iterdir())


def test_a_service_never_heard_of_gets_a_hint_beside_its_result(run: Run) -> None:
    ran = run("metric", "change_lead_time", "--service", "nobody", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["value"] is None
    assert "nobody" in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("metric", "change_leadtime"), "change_lead_time"),
        (("metric", "change_lead_time", "--by", "person"), "no person is ever ranked"),
        (("metric", "change_lead_time", "--by", "moon"), "week"),
        (("metric", "change_lead_time", "--from", "2026-02-01", "--to", "2026-01-01"), "empty"),
        (("metric", "change_lead_time", "--moon"), "--moon"),
        (("metric", "change_lead_time", "--clock", "lunar"), "business"),
        (("metric", "change_lead_time", "--service", "a", "--team", "b"), "not both"),
        (("explain",), "NAME"),
        (("metric", "--by", "person"), "--by: of which metric?"),
        (("metric", "--service", "shop", "--json"), "--service: of which metric?"),
        (("import",), "--resend"),
        (("import", "--schema", "--resend"), "--resend and --schema do not go together"),
        (("import", "file", "--resend"), "FILE and --resend do not go together"),
        (("import", "--schema", "--type", "commit"), "imports nothing"),
        (("import", "--discard", "some"), "numbers"),
        (("import", "--discard", "all", "1"), "not both"),
        (("import", "--discard", "7"), "no rejected event has the number 7"),
        (("import", "--discard", "7", "--resend"), "--resend and --discard do not go together"),
        (("import", "missing.jsonl"), "missing.jsonl"),
        (("import", "--type", "nothing", "file"), "nothing"),
        (("collect",), "tribometer.toml"),
        (("up",), "tribometer.toml"),
        (("nothing",), "nothing"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_would_be_right(run: Run, arguments: tuple[str, ...], told: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert told.lower() in ran.err.lower()
    assert ran.out == ""
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", [(), ("metric",), ("explain",), ("import",), ("collect",), ("doctor",), ("up",)])
def test_every_command_explains_itself(run: Run, command: tuple[str, ...]) -> None:
    ran = run(*command, "--help")
    assert ran.code == 0
    assert "Usage: tribometer" in ran.out


def test_without_a_name_the_catalogue_is_listed_in_groups(run: Run) -> None:
    assert "Delivery, the five DORA keys\n  deployment_frequency " in run("metric").out
    assert "change_lead_time" in [each["name"] for each in json.loads(run("metric", "--json").out)["metrics"]]


def test_a_wrong_setting_ends_every_command_with_2(run: Run) -> None:
    Path("own.toml").write_text('timezon = "UTC"')
    ran = run("--config", "own.toml", "metric", "change_lead_time")
    assert ran.code == 2
    assert "own.toml: timezon: unknown key. Did you mean timezone?" in ran.err


def test_good_events_land_and_bad_ones_are_kept_with_exit_3(run: Run) -> None:
    lines(Path("events.jsonl"), [*deployments(8), "broken", '{"type": "deploymnt"}'])
    ran = run("import", "events.jsonl", "missing.jsonl")
    assert ran.code == 2
    assert "missing.jsonl" in ran.err
    ran = run("import", "events.jsonl")
    assert ran.code == 3
    assert ran.out.split() == ["new", "updated", "unchanged", "rejected", "0", "0", "8", "2"]
    assert json.loads(run("doctor", "--json").out)["rejected"]["count"] == 2
    assert run("import", "--resend").code == 3


def test_rejected_events_are_dropped_by_number_or_all_at_once(run: Run) -> None:
    lines(Path("events.jsonl"), ["one", "two", "three", "four"])
    run("import", "events.jsonl")
    numbers = [str(each["number"]) for each in json.loads(run("doctor", "--json").out)["rejected"]["newest"]]
    wrong = run("import", "--discard", numbers[0], "999")
    assert wrong.code == 2
    assert "999" in wrong.err
    assert run("import", "--discard", *numbers[:2]).out == "2 discarded, 2 still kept\n"
    assert json.loads(run("import", "--discard", "all", "--json").out) == {"discarded": 2, "kept": 0}
    assert json.loads(run("doctor", "--json").out)["rejected"]["count"] == 0


def test_dropping_rejected_events_of_nothing_makes_no_data_folder(run: Run, tmp_path: Path) -> None:
    assert run("import", "--discard", "all").code == 0
    assert not list(tmp_path.iterdir())


def test_what_an_import_did_is_one_json_document_on_demand(run: Run) -> None:
    lines(Path("events.jsonl"), [*deployments(2), "broken"])
    ran = run("import", "events.jsonl", "--json")
    assert ran.code == 3
    assert json.loads(ran.out) == {"new": 2, "updated": 0, "unchanged": 0, "rejected": 1, "errors": []}


@pytest.mark.parametrize("command", ["metric", "explain"])
def test_a_headline_window_after_the_last_deployment_gets_a_command_that_finds_it(
    run: Run, tmp_path: Path, command: str
) -> None:
    clone(tmp_path)
    run("collect")
    ran = run(command, "change_lead_time", "--json")
    assert "last production deployment 2026-01-28: try --from 2025-12-01" in ran.err
    found = json.loads(run("metric", "change_lead_time", "--from", "2025-12-01", "--json").out)
    assert found["n"] == 5


@pytest.mark.parametrize("arguments", [("--from", "2024-01-01", "--to", "2024-02-01"), ("--service", "nobody")])
def test_a_window_or_scope_that_was_chosen_gets_no_other_window_proposed(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    clone(tmp_path)
    run("collect")
    assert "last production deployment" not in run("metric", "change_lead_time", *arguments).err


def test_events_come_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"{json.dumps(event)}\n" for event in deployments(2))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    ran = run("import", "-")
    assert ran.code == 0
    assert ran.out.split()[4:] == ["2", "0", "0", "0"]


def test_the_schema_of_all_events_is_one_json_document(run: Run) -> None:
    assert "deployment" in json.loads(run("import", "--schema").out)["$defs"]


def test_a_clone_is_collected_without_configuration(run: Run, tmp_path: Path) -> None:
    clone(tmp_path)
    ran = run("collect")
    assert ran.code == 0
    assert ran.out.splitlines()[1].startswith("git:acme/shop")
    result = json.loads(run("metric", "change_lead_time", *JANUARY, "--json").out)
    assert (result["value"], result["n"]) == (5 * 3600.0, 5)


def test_a_source_that_is_gone_is_named_and_the_others_go_on(run: Run, tmp_path: Path) -> None:
    clone(tmp_path / "shop")
    gone = '[[sources]]\nkind = "git"\npath = "gone"\nname = "acme/gone"\n'
    Path("tribometer.toml").write_text(gone + '[[sources]]\nkind = "git"\npath = "shop"\n')
    ran = run("collect")
    assert ran.code == 1
    assert "acme/gone" in ran.err
    assert "git:acme/shop" in ran.out
    doctor = run("doctor")
    assert doctor.code == 1
    assert "acme/gone" in doctor.out


def test_a_source_that_is_not_configured_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    clone(tmp_path)
    ran = run("collect", "git:acme/other")
    assert ran.code == 2
    assert "git:acme/shop" in ran.err


def test_a_person_reads_units_in_words_and_a_series_with_bars(run: Run, tmp_path: Path) -> None:
    clone(tmp_path)
    run("collect")
    out = run("metric", "change_lead_time", *JANUARY, "--by", "week").out
    assert "5 h 0 min" in out
    assert "too few to judge" in out
    assert "2026-W04" in out
    assert "█" in out


def test_an_explanation_has_the_definition_the_sql_and_the_units(run: Run, tmp_path: Path) -> None:
    clone(tmp_path)
    run("collect")
    told = json.loads(run("explain", "change_lead_time", *JANUARY, "--json").out)
    assert told["counted"] == 5
    assert "SELECT" in told["sql"]
    assert "units counted" in run("explain", "change_lead_time", *JANUARY).out
    rows = [
        json.loads(line) for line in run("explain", "change_lead_time", *JANUARY, "--rows", "--json").out.splitlines()
    ]
    assert sum(row["counted"] for row in rows) == 5
    assert {row["rule"] for row in rows if not row["counted"]} <= {"E4", "E5", "E14"}
    assert len(run("explain", "change_lead_time", *JANUARY, "--rows").out.splitlines()) == len(rows) + 1


def test_the_doctor_offers_the_line_that_maps_an_environment(run: Run) -> None:
    lines(Path("events.jsonl"), deployments(2, environment="blue"))
    run("import", "events.jsonl")
    ran = run("doctor")
    assert ran.code == 0
    assert '"blue"]' in ran.out
    [found] = json.loads(run("doctor", "--json").out)["unmapped_environments"]
    assert (found["environment"], found["deployments"]) == ("blue", 2)


def test_the_doctor_says_which_deployments_of_a_service_count(run: Run, tmp_path: Path) -> None:
    clone(tmp_path)
    run("collect")
    lines(Path("events.jsonl"), deployments(2, service="cart"))
    run("import", "events.jsonl")
    origins = {each["service"]: each["counts"] for each in json.loads(run("doctor", "--json").out)["origins"]}
    assert origins == {"acme/shop": "tags", "cart": "explicit"}


def test_a_secret_without_a_value_is_a_finding(run: Run) -> None:
    Path("tribometer.toml").write_text('[[sources]]\nkind = "git"\npath = "."\ntoken = {env = "NOBODY_SETS_THIS"}\n')
    ran = run("doctor")
    assert ran.code == 1
    assert "NOBODY_SETS_THIS" in ran.out


def test_a_folder_that_others_may_read_is_a_finding(run: Run, tmp_path: Path) -> None:
    lines(Path("events.jsonl"), deployments(1))
    run("import", "events.jsonl")
    (tmp_path / ".tribometer").chmod(0o755)
    ran = run("doctor")
    assert ran.code == 1
    assert "chmod 700" in ran.out


def test_a_defect_is_one_line_and_its_traceback_a_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setattr(terminal, "write", broken)
    monkeypatch.setattr(command_numbers, "write_json", broken)
    ran = run("--data", str(data), "metric", "change_lead_time", "--json")
    assert ran.code == 1
    assert [line.partition(" ")[0] for line in ran.err.splitlines()] == ["nothing", "tribometer:"]
    assert "ZeroDivisionError" in (data / "errors.log").read_text()


def test_an_interruption_ends_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command_numbers, "session", interrupted)
    assert run("metric", "change_lead_time").code == 130


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").out.startswith("tribometer 0.")
