"""What the numbers say of collected data."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import metrics
from collectors.sync import run
from github_forge import Forge, commit, deployment, sha
from metrics.query import Query
from tribometer.settings import Rules
from tribometer.store import EventStore

JANUARY, FEBRUARY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore.open(tmp_path / "data") as opened:
        yield opened


def status(store: EventStore, name: str) -> str:
    query = Query(name, now=datetime(2026, 6, 1, tzinfo=UTC), start=JANUARY, end=FEBRUARY)
    with store.reader() as reader:
        return metrics.compute(reader, query, Rules()).status


def forge() -> Forge:
    made = Forge()
    made.add(commits=[commit("base", 1)], deployments=[deployment(1, 2, "SUCCESS", commitOid=sha("base"))])
    return made


def test_a_source_that_reads_no_incidents_does_not_vouch_for_there_being_none(store: EventStore) -> None:
    assert run(forge().collector(), store).error is None
    assert status(store, "change_fail_rate") == "not_observable"


def test_a_source_that_reads_incidents_and_finds_none_vouches_for_that(store: EventStore) -> None:
    assert run(forge().collector(incidents={"labels": ["incident"]}), store).error is None
    assert status(store, "change_fail_rate") == "ok"
