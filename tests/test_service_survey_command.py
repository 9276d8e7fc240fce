"""``tribometer survey`` as a person and a script see it."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from survey_mailing import MONDAY, Clock, wave_of
from tribometer.service import cli, command_survey
from tribometer.service.address import Address
from tribometer.service.instance import opened
from tribometer.service.surveys import operations
from tribometer.settings import Settings

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the data folder, and give what it wrote."""
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: str) -> str:
        with pytest.raises(SystemExit) as end:
            cli.main(["--data", "data", "survey", *arguments])
        written = capsys.readouterr()
        assert end.value.code == 0, written.err
        return written.out

    return ran


@pytest.fixture
def interrupted(tmp_path: Path) -> None:
    """A wave of three: the first was written to, a mail was on its way at a crash, and one has bounced."""
    clock = Clock()
    with opened(Settings(data=tmp_path / "data"), clock) as instance:
        surveys = instance.records.surveys
        wave_of(surveys, 3)
        first, _, last = surveys.claim(3)
        surveys.sent(first)
        surveys.not_sent(last, "the mail server refuses this recipient (550)", again_at=None, bounced=True)
        clock.now = MONDAY + timedelta(minutes=11)
        surveys.unsure(before=clock.now - timedelta(minutes=10))


@pytest.mark.usefixtures("interrupted")
def test_the_status_names_whom_a_message_has_not_reached_or_may_have_missed(run: Run) -> None:
    told = json.loads(run("status", "w1", "--json"))
    assert told["messages"] == {"sent": 1, "unsure": 1, "failed": 1}
    assert [(each["channel"], each["state"]) for each in told["trouble"]] == [("email", "unsure"), ("email", "bounced")]

    words = " ".join(run("status", "w1").split())
    perhaps, certainly = (each["address"] for each in told["trouble"])
    assert f"perhaps not reached by email: {perhaps}: the service ended while this was being sent" in words
    assert f" not reached by email: {certainly}: the mail server refuses this recipient (550)" in words


@pytest.mark.parametrize(
    "arguments",
    [
        ("open", "pulse", "--people", "people.csv"),
        ("invite", "w1", "--people", "people.csv"),
        ("links", "w1", "--to", "links.csv"),
    ],
)
def test_a_file_is_named_so_that_a_service_that_runs_elsewhere_finds_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    asked: list[Any] = []

    def performed(_context: object, _operation: str, given: dict[str, Any], **_options: object) -> dict[str, Any]:
        asked.append(given)
        return {"wave": "w1", "state": "open", "closes_at": "2026-02-12", "invited": 0, "links": 0}

    monkeypatch.setattr(command_survey, "performed", performed)
    run(*arguments)
    *_, option, file = arguments
    assert asked[0][option.removeprefix("--")] == str(tmp_path / file)


def test_links_in_a_file_begin_with_where_the_service_answers(tmp_path: Path) -> None:
    with opened(Settings(data=tmp_path / "data"), Clock()) as instance:
        wave_of(instance.records.surveys, 1, channel="links")
        Address("http://127.0.0.1:9123").write(tmp_path / "data")
        operations.links(instance, {"wave": "w1", "to": str(tmp_path / "links.csv")}, lambda _: None)
    assert ",http://127.0.0.1:9123/s/" in (tmp_path / "links.csv").read_text(encoding="utf-8")
