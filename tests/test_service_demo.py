import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo_columns import NOW
from service_places import clone, deployments, lines
from tribometer.errors import UsageError
from tribometer.events import parse_event
from tribometer.service import demo, serving, sources
from tribometer.service.address import Address
from tribometer.service.instance import Instance, opened
from tribometer.service.operations import DEMO, land_events
from tribometer.service.session import Direct
from tribometer.settings import Records, Settings
from tribometer.store import EventStore
from tribometer.store.importing import import_files

PATIENCE = 240


def clock() -> datetime:
    return NOW


class Maker:
    """Fills a store with one deployment, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.made = 0
        self.breaks = False

    def __call__(self, store: EventStore, folder: Path, now: datetime, tell: Any) -> None:
        """Land as many deployments as it was asked times, and then break off if it is to."""
        del folder, now, tell
        self.made += 1
        store.land([parse_event(each) for each in deployments(self.made)])
        if self.breaks:
            raise KeyboardInterrupt


def heard(_message: Mapping[str, Any]) -> None:
    """Take what is told and keep nothing of it."""


def count(settings: Settings) -> int:
    with EventStore.open(settings.data) as store, store.reader() as reader:
        [(found,)] = reader.rows("SELECT count(*) FROM deployments")
    return int(found)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return demo.settings_of(Settings(data=tmp_path / ".tribometer", sources=({"kind": "git", "path": "."},)))


@pytest.fixture
def instance(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    """A demo that stands in a git clone and is configured with a source."""
    demo.ensure(settings, heard, clock, Maker())
    monkeypatch.chdir(clone(tmp_path / "shop"))
    configured = settings.model_copy(update={"sources": ({"kind": "git", "path": "."},)})
    with opened(configured, clock) as held:
        yield held


def test_the_demo_has_a_folder_of_its_own_and_no_sources(settings: Settings, tmp_path: Path) -> None:
    assert settings.data == tmp_path / ".tribometer-demo"
    assert settings.sources == ()
    assert demo.settings_of(settings) == settings


def test_a_demo_is_made_once_a_day(settings: Settings) -> None:
    maker = Maker()
    for now in (NOW, NOW + timedelta(hours=5), NOW + timedelta(days=1)):
        demo.ensure(settings, heard, lambda now=now: now, maker)  # type: ignore[misc]
    assert maker.made == 2
    assert count(settings) == 2


def test_a_demo_that_was_cut_off_is_made_again(settings: Settings) -> None:
    maker = Maker()
    maker.breaks = True
    with pytest.raises(KeyboardInterrupt):
        demo.ensure(settings, heard, clock, maker)
    maker.breaks = False
    demo.ensure(settings, heard, clock, maker)
    demo.ensure(settings, heard, clock, maker)
    assert maker.made == 2
    assert count(settings) == 2


def test_a_demo_is_never_made_among_real_data(settings: Settings) -> None:
    with EventStore.open(settings.data) as store:
        store.land([parse_event(each) for each in deployments(3)])
    maker = Maker()
    with pytest.raises(UsageError, match="real data"):
        demo.ensure(settings, heard, clock, maker)
    assert maker.made == 0
    assert count(settings) == 3


def test_nothing_real_lands_in_a_demo(instance: Instance, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="demo organisation"):
        land_events(instance, list(deployments(2, "shop")))
    file = lines(tmp_path / "events.jsonl", deployments(2, "shop"))
    (error,) = import_files(instance.store, [file]).errors
    assert "demo organisation" in str(error)
    with pytest.raises(UsageError, match="demo organisation"):
        Direct(instance).perform("collect", {}, heard)
    with instance.store.reader() as reader:
        assert reader.rows("SELECT count(*) FROM deployments") == [(1,)]


def test_a_demo_collects_neither_what_is_configured_nor_the_clone_around_it(instance: Instance) -> None:
    assert list(sources.tables(instance.settings, instance.folder)) == []
    assert list(serving.jobs(instance, due=True)) == []


def test_every_answer_of_a_demo_comes_with_the_word_that_it_is_one(instance: Instance) -> None:
    told: list[Mapping[str, Any]] = []
    for name, arguments in (("metric", {"name": "deployment_frequency"}), ("explain", {"name": "change_fail_rate"})):
        Direct(instance).perform(name, arguments, told.append)
    assert [each["hint"] for each in told].count(DEMO) == 2
    assert instance.numbers.demo


def test_real_data_is_not_called_a_demo(tmp_path: Path) -> None:
    told: list[Mapping[str, Any]] = []
    with opened(Settings(data=tmp_path / "data"), clock) as held:
        Direct(held).perform("metric", {"name": "deployment_frequency"}, told.append)
        assert not held.numbers.demo
    assert "Demo" not in json.dumps(told)


@pytest.mark.slow
def test_up_shows_the_whole_demo_and_leaves_the_clone_around_it_alone(tmp_path: Path) -> None:
    place = clone(tmp_path / "shop")
    known = {name: value for name, value in os.environ.items() if not name.startswith("TRIBOMETER_")}
    program = [sys.executable, "-m", "tribometer"]
    begin = [*program, "up", "--demo", "--port", "0", "--no-browser"]
    with subprocess.Popen(begin, cwd=place, env=known, stderr=subprocess.PIPE, text=True) as process:
        try:
            until = time.monotonic() + PATIENCE
            while Address.read(place / ".tribometer-demo") is None and process.poll() is None:
                assert time.monotonic() < until
                time.sleep(0.2)
            ask = [*program, "--data", ".tribometer-demo", "metric", "deployment_frequency", "--json"]
            asked = subprocess.run(ask, cwd=place, env=known, capture_output=True, text=True, check=True)
            process.send_signal(signal.SIGTERM)
            _, messages = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert json.loads(asked.stdout)["n"] > 500
    assert asked.stderr.splitlines() == [DEMO]
    assert messages.splitlines()[0] == demo.MAKING
    assert not (place / ".tribometer").exists()


def test_a_demo_keeps_its_records_beside_it_wherever_the_real_ones_are(tmp_path: Path) -> None:
    elsewhere = Records(url="postgresql://nobody@127.0.0.1:9/nothing")
    with opened(Settings(data=tmp_path / "data-demo", records=elsewhere), clock) as held:
        held.records.tokens.add("somebody", ["read"])

        assert [each.name for each in held.records.tokens.all()] == ["somebody"]
