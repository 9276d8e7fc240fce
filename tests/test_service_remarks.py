"""What a source remarks reaches whoever collects it and whoever asks the doctor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from service_places import NOON, clock, clone, git, lines
from tribometer.service.collecting import collect
from tribometer.service.doctor import examine
from tribometer.service.doctor_text import write_report
from tribometer.service.importing import import_files
from tribometer.service.instance import opened
from tribometer.settings import Settings
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tribometer.service.instance import Instance


def of(folder: Path, data: Path) -> Settings:
    return Settings(data=data, sources=({"kind": "git", "path": str(folder)},))


@pytest.fixture
def shallow(tmp_path: Path) -> Iterator[Instance]:
    whole = clone(tmp_path / "whole")
    git(tmp_path, "clone", "-q", "--depth", "2", "--no-tags", f"file://{whole}", "shallow")
    with opened(of(tmp_path / "shallow", tmp_path / "data"), clock=clock) as instance:
        yield instance


def hints(instance: Instance) -> list[str]:
    told: list[Any] = []
    collect(instance, {}, told.append)
    return [message["hint"] for message in told if "hint" in message]


def notes(instance: Instance) -> list[str]:
    return [each["what"] for each in examine(instance, {}, print)["findings"] if each["level"] == "note"]


def test_whoever_collects_is_told_what_there_is_to_do(shallow: Instance, tmp_path: Path) -> None:
    cut, untagged = hints(shallow)
    assert cut.startswith("git:shallow: this is a shallow clone")
    assert cut.endswith(f"\n  -> Run: git -C {tmp_path}/shallow fetch --unshallow, then: tribometer collect")
    assert "there is no tag" in untagged


def test_the_doctor_notes_remarks_until_they_are_done(shallow: Instance, tmp_path: Path) -> None:
    hints(shallow)
    assert [note for note in notes(shallow) if "shallow clone" in note or "no tag" in note] == notes(shallow)[:2]
    [state] = shallow.numbers.sources()
    assert all(isinstance(each, Remark) for each in state.remarks)
    git(tmp_path / "shallow", "fetch", "-q", "--unshallow", "--tags")
    assert hints(shallow) == []
    assert notes(shallow) == []


def test_a_report_has_the_cursor_and_says_in_words_where_it_stands(shallow: Instance, tmp_path: Path) -> None:
    git(tmp_path / "shallow", "fetch", "-q", "--tags")
    [report] = collect(shallow, {}, lambda _: None)["sources"]
    assert report["position"] == "8 refs, 6 releases"
    assert set(report["next_cursor"]) == {"tips", "releases", "ends", "about"}
    assert json.loads(json.dumps(report)) == report


def test_a_collection_that_got_nowhere_has_no_position(tmp_path: Path) -> None:
    with opened(of(tmp_path / "gone", tmp_path / "data"), clock=clock) as instance:
        [report] = collect(instance, {}, lambda _: None)["sources"]
    assert (report["position"], report["next_cursor"], report["remarks"]) == ("", None, [])
    assert report["error"]


def test_the_doctor_says_how_many_more_events_were_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = lines(tmp_path / "bad.jsonl", [{"type": "team", "id": str(number)} for number in range(23)])
    with opened(Settings(data=tmp_path / "data"), clock=lambda: NOON) as instance:
        import_files(instance, {"files": [str(bad)]}, lambda _: None)
        write_report(examine(instance, {}, print))
    assert "\nand 3 more\n" in capsys.readouterr().out
