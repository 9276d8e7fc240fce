from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from service_places import clock, clone
from tribometer.service.first_collection import FirstCollection, is_due
from tribometer.service.instance import Instance, opened
from tribometer.settings import Settings

PATIENCE = 60


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    """A new data folder inside a small clone."""
    monkeypatch.chdir(clone(tmp_path / "shop"))
    with opened(Settings(data=tmp_path / "data"), clock) as held:
        yield held


def test_it_is_due_until_something_was_collected(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    done = Event()
    assert is_due(instance)
    FirstCollection(instance, done.set).start()
    assert done.wait(PATIENCE)
    assert not is_due(instance)
    assert capsys.readouterr().err.startswith("git:acme/shop: ")


def test_it_is_not_due_where_there_is_nothing_to_collect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with opened(Settings(data=tmp_path / "data"), clock) as held:
        assert not is_due(held)


def test_what_goes_wrong_is_said_and_the_service_goes_on(
    instance: Instance, capsys: pytest.CaptureFixture[str]
) -> None:
    done = Event()
    instance.store.close()
    FirstCollection(instance, done.set).start()
    assert done.wait(PATIENCE)
    assert capsys.readouterr().err.startswith("tribometer: ")


def test_a_service_that_ends_ends_its_first_collection(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    done = Event()
    collection = FirstCollection(instance, done.set)
    with instance.source_lock("git:acme/shop"):
        collection.start()
        collection.stop(patience=0)
    collection.stop(PATIENCE)
    assert not done.is_set()
    assert capsys.readouterr().err == ""
    assert is_due(instance)


def test_nobody_is_kept_waiting_for_the_end_of_a_long_one(
    instance: Instance, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    told = Event()

    def heard() -> None:
        done.append("done")
        told.set()

    with instance.source_lock("git:acme/shop"):
        collection = FirstCollection(instance, heard, long=0.1)
        collection.start()
        assert told.wait(PATIENCE)
    while is_due(instance):
        Event().wait(0.05)
    collection.stop(PATIENCE)
    assert done == ["done"]
    assert "The first collection goes on; the Data health page shows how far it is." in capsys.readouterr().err
